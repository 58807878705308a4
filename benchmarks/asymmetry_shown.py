"""How much of an asymmetry the landmarks show, in two simulations that know what they put there.

A landmarker has learned from healthy faces and draws what it finds towards them. Every picture is
made twice, with a lesion and without; compared is the change of each asymmetry, as it was put into
the landmarks and as it is found in the pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks import simulation_people
from benchmarks.photographs import started
from benchmarks.record import Benchmark, Results, table
from benchmarks.rendered_heads import MOVEMENTS, PEOPLE
from facialis.errors import NoFaceError
from facialis.evaluation.intervals import bootstrap
from facialis.face.search import find_faces
from facialis.measures.features import asymmetries
from facialis.measures.symmetry import FEATURES
from facialis.media.frame import Frame
from facialis.simulation.drawn_heads import DrawnHead, drawn_unevenness, drawn_view
from facialis.simulation.ict_head import read_head
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.palsy import acted
from facialis.simulation.performance import Performance, performed

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from facialis.clinical.anatomy import Side
    from facialis.simulation.ict_head import Head
    from facialis.simulation.people import Person

GRADES: Final = (2, 4, 6)
SHOWN: Final = {
    "brow_middle": "brow, height over the eye",
    "fissure": "opening of the eye",
    "commissure_height": "commissure, height",
    "commissure_reach": "commissure, distance from the midline",
    "upper_lip": "upper lip, height",
    "lower_lip": "lower lip, height",
    "cheek_height": "cheek beside the fold, height",
}
_PLACES: Final = [list(FEATURES).index(name) for name in SHOWN]


def measure(faces: Path | None) -> Results:
    """Make all pairs of both simulations, find the landmarks, and compare."""
    assert faces is not None
    photographs = simulation_people.found_of_each(faces, of_person, "simulation_asymmetry")
    head = read_head(faces.parent / "models" / "ict_facekit" / "ict_facekit_light_f16.npz")
    started()
    heads = [row for person in range(PEOPLE) for row in _of_head(head, person)]
    return {"photographs": summary(photographs), "rendered heads": summary(heads)}


def of_person(person: Person, side: Side) -> list[dict[str, Any]]:
    """Return one row for each pair made of a person's photographs."""
    rng = np.random.default_rng([11, *person.name.encode()])
    sitter = simulation_people.studio_for(person).sitter
    rows = []
    for grade in GRADES:
        lesion = drawn_lesion(rng, grade=grade, side=side)
        for movement in MOVEMENTS:
            whole, weak = (
                performed(sitter, Performance(movement=movement, lesion=each))
                for each in (None, lesion)
            )
            found = _change((whole.pixels, weak.pixels), (whole.points, weak.points))
            rows.append({"person": person.name} | found)
    return rows


def _of_head(head: Head, number: int) -> list[dict[str, Any]]:
    rng = np.random.default_rng([11, number])
    subject, own = DrawnHead.drawn(rng), drawn_unevenness(rng)
    rows = []
    for grade in GRADES:
        lesion = drawn_lesion(rng, grade=grade)
        for movement in MOVEMENTS:
            view = drawn_view(rng)
            whole, weak = (
                subject.shown(head, acted(movement, 1.0, each), each, own, view)
                for each in (None, lesion)
            )
            found = _change((whole.pixels, weak.pixels), (whole.points, weak.points))
            rows.append({"person": str(number)} | found)
    return rows


def _change(
    pictures: tuple[NDArray[np.uint8], NDArray[np.uint8]],
    points: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> dict[str, Any]:
    """Return what a lesion changes, put and found, of a picture without it and one with it."""
    before, after = (asymmetries(each)[_PLACES] for each in points)
    put = dict(zip(SHOWN, (after - before).tolist(), strict=True))
    try:
        seen = [find_faces(Frame.from_array(each))[0].points for each in pictures]
    except NoFaceError:
        return {"put": put, "found": None}
    before, after = (asymmetries(each)[_PLACES] for each in seen)
    return {"put": put, "found": dict(zip(SHOWN, (after - before).tolist(), strict=True))}


def summary(rows: list[dict[str, Any]]) -> Results:
    """Return for each asymmetry the share that is found, its interval over people, and r."""
    seen = [row for row in rows if row["found"] is not None]
    people = [row["person"] for row in seen]
    parts = {}
    for name in SHOWN:
        put, found = (np.array([row[key][name] for row in seen]) for key in ("put", "found"))
        interval = bootstrap(_share, people, put, found, seed=0)
        parts[name] = {
            "share": [_share(put, found), interval.low, interval.high],
            "r": float(np.corrcoef(put, found)[0, 1]),
            "spread": float(np.sqrt(np.mean(put**2))),
        }
    return {"people": len(set(people)), "pairs": len(rows), "found": len(seen), "parts": parts}


def _share(put: NDArray[np.float64], found: NDArray[np.float64]) -> float:
    """Return the slope, through no change at all, of what was found on what was put."""
    return float((put * found).sum() / (put * put).sum())


def tables(results: Results) -> str:
    """Return the table of the page."""
    heads = results["rendered heads"]
    photographs = results["photographs"]
    rows = [
        (title, *(_cell(each["parts"][name]) for each in (photographs, heads)))
        for name, title in SHOWN.items()
    ]
    text = (
        f"**Simulated** lesions of grades II, IV and VI in {len(MOVEMENTS)} movements, each "
        f"picture beside the same one without lesion: {photographs['found']} of "
        f"{photographs['pairs']} pairs of warped photographs of {photographs['people']} people, "
        f"and {heads['found']} of {heads['pairs']} pairs of {heads['people']} heads rendered from "
        "geometry (ICT-FaceKit). Share of the asymmetry put there that the landmarks show: slope "
        "through zero with its 95 % interval over people, then the correlation, then the root mean "
        "square of what was put, % of the interocular distance."
    )
    return f"{text}\n\n{table(('asymmetry', 'photographs', 'rendered heads'), rows)}"


def _cell(part: Results) -> str:
    share = "{:.2f} ({:.2f} to {:.2f})".format(*part["share"])
    return f"{share}; {part['r']:.2f}; {100 * part['spread']:.1f}"


if __name__ == "__main__":
    Benchmark("asymmetry_shown", "accuracy.md", measure, tables).run()

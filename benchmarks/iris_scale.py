"""How good millimetres from the iris are: widths of the face against anthropometry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import intervals
from benchmarks.photographs import LONDON, Person, hand_points, london, members, started
from benchmarks.record import Benchmark, Results, table
from facialis.face.mesh import (
    LEFT_IRIS,
    LEFT_IRIS_CENTRE,
    LEFT_OUTER_CANTHUS,
    RIGHT_IRIS,
    RIGHT_IRIS_CENTRE,
    RIGHT_OUTER_CANTHUS,
)
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.measures.units import IRIS_MM, IRIS_MM_SD, millimetres
from facialis.media.photo import read_photo

if TYPE_CHECKING:
    from pathlib import Path

Points = NDArray[np.float64]

REFERENCES: Final = (
    (
        "outer canthi",
        "North American whites, 18 to 25 years",
        "about 91",
        "about 87 to 88",
        "Farkas 1994, Anthropometry of the Head and Face, as commonly quoted (not consulted)",
    ),
    (
        "outer canthi",
        "103 Chinese, 18 to 35 years, 3-D photographs",
        "93.0 ± 5.6",
        "88.4 ± 3.7",
        "Jayaratne et al. 2013, doi:10.1155/2013/821428",
    ),
    (
        "pupils",
        "US Army survey of 1988",
        "64.7 ± 3.7",
        "62.3 ± 3.6",
        "Dodgson 2004, doi:10.1117/12.529999, by sex as commonly quoted",
    ),
    (
        "pupils",
        "adults among 454 people",
        "65.9",
        "62.9",
        "Fledelius & Stubgaard 1986, Acta Ophthalmologica 64",
    ),
    (
        "iris, white to white",
        "390 whites, 10 to 80 years, Orbscan II",
        "11.77 ± 0.37",
        "11.64 ± 0.47",
        "Rüfer et al. 2005, doi:10.1097/01.ico.0000148312.01805.53",
    ),
)

PUPILS_MM: Final = {"male": 64.7, "female": 62.3}
"""Dodgson 2004, as above."""

# Points of the 189 around each iris; the first group is the patient's right.
HAND_IRISES: Final = (range(2, 10), range(10, 18))
HAND_CANTHI: Final = (18, 27)


def measure(faces: Path | None) -> Results:
    """Read the scale of every neutral photograph."""
    assert faces is not None
    started()
    people = london(faces)
    rows = [_one(person) for person in people]
    values = {key: np.array([row[key] for row in rows]) for key in rows[0]}
    return {
        "data": f"neutral photographs of {LONDON}",
        "iris_mm": IRIS_MM,
        "iris_mm_sd": IRIS_MM_SD,
        "by_sex": {
            sex: {key: _spread(values[key][at]) for key in ("outer_canthi_mm", "pupils_mm")}
            for sex, at in members(people, "sex").items()
        },
        "by_group": {
            group: _spread(values["outer_canthi_mm"][at])
            for group, at in members(people, "ethnic_group").items()
        },
        "stated_sd_mm": round(float(values["stated_sd_mm"].mean()), 2),
        "between_eyes_percent": _disagreement(values["between_eyes"]),
        "iris_against_hand": intervals.mean_of_people(values["iris_over_hand"]),
        "iris_against_hand_sd": round(float(values["iris_over_hand"].std(ddof=1)), 4),
        "hand_between_eyes_percent": _disagreement(values["hand_between_eyes"]),
        "hand_outer_canthi_mm": {
            sex: _spread(values["hand_canthi_mm"][at]) for sex, at in members(people, "sex").items()
        },
    }


def _one(person: Person) -> dict[str, float]:
    photograph = read_photo(person.neutral)
    points = find_faces(photograph)[0].points
    pose = head_pose(points)
    scale = millimetres(points, pose.scale, shrunk=photograph.scale)
    assert scale.mm_per_px is not None
    assert scale.mm_per_px_sd is not None
    mm, flat = scale.mm_per_px, points[:, :2]
    irises = np.array([_across(flat, iris[0], iris[2]) for iris in (RIGHT_IRIS, LEFT_IRIS)])
    hand = hand_points(person.neutral)
    by_hand = np.array([np.ptp(hand[list(around), 0]) for around in HAND_IRISES])
    hand_canthi = _across(hand, *HAND_CANTHI)
    canthi = _across(flat, RIGHT_OUTER_CANTHUS, LEFT_OUTER_CANTHUS) * mm
    return {
        "outer_canthi_mm": canthi,
        "pupils_mm": _across(flat, RIGHT_IRIS_CENTRE, LEFT_IRIS_CENTRE) * mm,
        "stated_sd_mm": canthi * scale.mm_per_px_sd / mm,
        "between_eyes": 100 * abs(irises[0] - irises[1]) / irises.mean(),
        "iris_over_hand": float(irises.mean() / by_hand.mean()),
        "hand_between_eyes": 100 * abs(by_hand[0] - by_hand[1]) / by_hand.mean(),
        "hand_canthi_mm": hand_canthi * IRIS_MM / by_hand.mean(),
    }


def _across(points: Points, a: int, b: int) -> float:
    return float(np.linalg.norm(points[a] - points[b]))


def _spread(values: Points) -> Results:
    return intervals.mean_of_people(values) | {
        "sd": round(float(values.std(ddof=1)), 2) if len(values) > 1 else None
    }


def _disagreement(percent: Points) -> Results:
    return {
        "median": round(float(np.median(percent)), 2),
        "95th_percentile": round(float(np.percentile(percent, 95)), 2),
    }


def tables(results: Results) -> str:
    """Return the tables of the page."""
    ratio = results["iris_against_hand"]
    return "\n\n".join(
        (
            f"Data: {results['data']}. The iris is taken to be {results['iris_mm']} mm wide. There "
            "is no ruler in these photographs: the widths below are checked against other people "
            "measured elsewhere, not against the same people. Mean, in mm, 95 % interval of the "
            "mean, SD between people.",
            _width_table(results),
            "References:",
            table(
                ("width, mm", "people", "men", "women", "source"),
                REFERENCES,
                numbers=False,
            ),
            _bias(results["by_sex"]),
            f"The standard uncertainty that Facialis states for the outer canthal width is "
            f"{results['stated_sd_mm']:.1f} mm on average. The two irises of one face differ by "
            f"{results['between_eyes_percent']['median']} % (median; 95 % of faces below "
            f"{results['between_eyes_percent']['95th_percentile']} %); the hand-placed outlines of "
            f"the same irises differ by {results['hand_between_eyes_percent']['median']} % "
            f"(95 % below {results['hand_between_eyes_percent']['95th_percentile']} %). "
            f"The iris of the landmarks is {ratio['mean']:.3f} times as wide as the one placed by "
            f"hand ({ratio['low']:.3f} to {ratio['high']:.3f}; SD between people "
            f"{results['iris_against_hand_sd']:.3f}).",
            "Outer canthal width by ethnic group, as people reported it:",
            table(
                ("people", "number", "mm"),
                (
                    (g.replace("_", " "), v["people"], intervals.shown(v, 1))
                    for g, v in results["by_group"].items()
                ),
            ),
        )
    )


def _bias(by_sex: Results) -> str:
    said = []
    for sex, expected in PUPILS_MM.items():
        off = 100 * (by_sex[sex]["pupils_mm"]["mean"] / expected - 1)
        said.append(f"{off:+.1f} % in {'men' if sex == 'male' else 'women'}")
    return (
        f"Against the US Army survey the distance of the pupils is off by {' and '.join(said)}. "
        "About 1 % too little is expected, because eyes that look at a camera converge."
    )


def _width_table(results: Results) -> str:
    rows = []
    for sex, widths in results["by_sex"].items():
        by_hand = results["hand_outer_canthi_mm"][sex]
        cells = (widths["outer_canthi_mm"], widths["pupils_mm"], by_hand)
        rows.append(
            (sex, by_hand["people"], *(f"{intervals.shown(c, 1)}, SD {c['sd']:.1f}" for c in cells))
        )
    return table(
        ("people", "number", "outer canthi", "pupils", "outer canthi, all points by hand"), rows
    )


if __name__ == "__main__":
    Benchmark("iris_scale", "accuracy.md", measure, tables).run()

"""Where landmarks fail on photographs made worse on purpose, and what the quality gate says."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

import facialis
from benchmarks.degraded import COVERS, FAULTS, Photograph
from benchmarks.photographs import LONDON, london, pixels_of, started
from benchmarks.quality_reasons import reasons_table
from benchmarks.record import Benchmark, Results, table
from facialis.errors import NoFaceError
from facialis.face import quality
from facialis.face.pose import head_pose
from facialis.face.search import MINIMUM_INTEROCULAR_PX, find_faces
from facialis.measures.static import measure_sides
from facialis.media.photo import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from facialis.report.model import Assessment

Points = NDArray[np.float64]

MESH: Final = 468
LENGTHS: Final = (
    "brow_height",
    "mrd1",
    "mrd2",
    "fissure_height",
    "commissure_position",
    "commissure_height",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one degraded photograph; errors in percent of the interocular distance.

    Attributes:
        landmark_error: Mean distance of the landmarks from those of the untouched photograph, both
            in the frontal frame.
        asymmetry_error: Mean absolute change of left less right over six measures.
        refused: Whether the gate said that it is not usable.
        cautions: Codes that spoke without refusing.
        reasons: Codes that refused, or left a region out.
        covered: Regions that were left out because something covers them.
        called: Whether the verdict was palsy.
    """

    landmark_error: float
    asymmetry_error: float
    refused: bool
    cautions: frozenset[str]
    reasons: frozenset[str]
    covered: frozenset[str]
    called: bool


def measure(faces: Path | None) -> Results:
    """Degrade every neutral photograph and assess it."""
    assert faces is not None
    started()
    photographs = []
    for person in london(faces):
        pixels = pixels_of(person.neutral)
        photographs.append(Photograph(pixels, find_faces(Frame.from_array(pixels))[0]))
    untouched = [_assessed(p, p.pixels) for p in photographs]
    faults = {}
    for name, (unit, make, amounts) in FAULTS.items():
        levels = {
            f"{a:g}": _summary(_assessed(p, make(p, a)) for p in photographs) for a in amounts
        }
        faults[name] = {"unit": unit, "levels": levels}
    return {
        "data": f"neutral photographs of {LONDON}, one fault at a time, made by computer",
        "untouched": _summary(untouched),
        "faults": faults,
        "covers": {
            name: _covering(str(region), [_assessed(p, make(p, colour)) for p in photographs])
            for name, (region, make, colour) in COVERS.items()
        },
    }


def _assessed(photograph: Photograph, pixels: NDArray[np.uint8]) -> Reading | None:
    """Assess degraded pixels; None if no face is found."""
    try:
        assessment = facialis.assess(Frame.from_array(pixels))
    except NoFaceError:
        return None
    points = np.array(assessment.face.landmarks)
    there, here = _frontal(photograph.face.points), _frontal(points)
    codes = assessment.quality.reasons
    gap = [_gaps(here)[name] - _gaps(there)[name] for name in LENGTHS]
    return Reading(
        100 * float(np.linalg.norm((here - there)[:MESH, :2], axis=1).mean()),
        100 * float(np.abs(gap).mean()),
        not assessment.quality.usable,
        frozenset(r.code.value for r in codes if not r.blocks),
        frozenset(r.code.value for r in codes if r.blocks),
        frozenset(str(r.region) for r in codes if r.code is quality.ReasonCode.OCCLUDED),
        _called(assessment),
    )


def _called(assessment: Assessment) -> bool:
    return assessment.verdict is not None and assessment.verdict.palsy_probability > 0.5


def _frontal(points: Points) -> Points:
    pose = head_pose(points)
    return pose.to_frontal(points) / pose.scale


def _gaps(face: Points) -> dict[str, float]:
    return {name: s.left - s.right for name, s in measure_sides(face).items()}


def _summary(readings: Iterable[Reading | None]) -> Results:
    everything = list(readings)
    found = [r for r in everything if r is not None]
    usable = [r for r in found if not r.refused]
    return {
        "photographs": len(everything),
        "no_face": len(everything) - len(found),
        "refused": sum(r.refused for r in found),
        "called": sum(r.called for r in found),
        "landmark_error": _middle_and_worst([r.landmark_error for r in found]),
        "asymmetry_error": _middle_and_worst([r.asymmetry_error for r in found]),
        "landmark_error_of_accepted": _middle_and_worst([r.landmark_error for r in usable]),
        "reasons": dict(Counter(code for r in found for code in sorted(r.reasons))),
        "cautions": dict(Counter(code for r in found for code in sorted(r.cautions))),
    }


def _covering(region: str, readings: list[Reading | None]) -> Results:
    found = [r for r in readings if r is not None]
    return {
        "region": region,
        "photographs": len(readings),
        "no_face": len(readings) - len(found),
        "seen": sum(region in r.covered for r in found),
        "others": dict(Counter(c for r in found for c in sorted(r.covered - {region}))),
        "refused": sum(r.refused for r in found),
        "called": sum(r.called for r in found),
    }


def _middle_and_worst(values: list[float]) -> list[float] | None:
    """Median and 95th percentile."""
    if not values:
        return None
    return [round(float(v), 2) for v in np.percentile(values, [50, 95])]


def tables(results: Results) -> str:
    """Return the tables of the page."""
    parts = [
        "### What it says, and what to do",
        reasons_table(),
        "A face with less than "
        f"{MINIMUM_INTEROCULAR_PX} pixels between the outer corners of the eyes is not looked for.",
        f"Data: {results['data']} ({results['untouched']['photographs']} at each level). Error of "
        "the landmarks: mean distance from those of the untouched photograph in the frontal frame, "
        "percent of the interocular distance, median of the photographs and, behind it, the value "
        "that 95 % stay under. Error of asymmetry: mean absolute change of left less right over "
        f"{len(LENGTHS)} measures. `Called` are healthy faces called palsy by the shipped table, "
        "which was made from these people.",
    ]
    for name, fault in results["faults"].items():
        rows = [_row("untouched", results["untouched"])]
        rows += [_row(amount, level) for amount, level in fault["levels"].items()]
        head = (
            fault["unit"],
            "error of landmarks",
            "error of asymmetry",
            "no face",
            "refused",
            "called",
            "the gate says (cautions in brackets)",
        )
        parts += [f"### {name.capitalize()}", table(head, rows)]
    parts += ["### Covers", _cover_table(results["covers"])]
    return "\n\n".join(parts)


def _row(amount: str, level: Results) -> tuple[object, ...]:
    return (
        amount,
        _shown(level["landmark_error"]),
        _shown(level["asymmetry_error"]),
        level["no_face"],
        level["refused"],
        level["called"],
        _said(level),
    )


def _cover_table(covers: Results) -> str:
    head = (
        "painted over the face",
        "photographs",
        "no face",
        "its region left out",
        "other regions left out",
        "refused",
        "called",
    )
    rows = [
        (
            f"{name} ({cover['region']})",
            cover["photographs"],
            cover["no_face"],
            cover["seen"],
            ", ".join(f"{r} {n}" for r, n in cover["others"].items()) or "none",
            cover["refused"],
            cover["called"],
        )
        for name, cover in covers.items()
    ]
    return table(head, rows)


def _shown(values: list[float] | None) -> str:
    return "–" if values is None else f"{values[0]:.1f}, {values[1]:.1f}"


def _said(level: Results) -> str:
    said = [f"{code} {n}" for code, n in sorted(level["reasons"].items(), key=lambda i: -i[1])]
    said += [f"({code} {n})" for code, n in sorted(level["cautions"].items(), key=lambda i: -i[1])]
    return ", ".join(said).replace("_", " ") or "nothing"


if __name__ == "__main__":
    Benchmark("quality_limits", "quality.md", measure, tables).run()

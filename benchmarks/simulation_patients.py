"""Symmetry ratios of simulated lesions beside those published of real patients (MEEI)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import simulation_people
from benchmarks.record import Benchmark, Results, table
from facialis.clinical.anatomy import Movement, Side
from facialis.errors import NoFaceError
from facialis.face import mesh
from facialis.face.search import find_faces
from facialis.media.photo import Frame
from facialis.simulation.lesion import Form
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.performance import Performance, performed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from facialis.simulation.people import Person

Points = NDArray[np.float64]

SOURCE: Final = (
    "Means of the MEEI standard set computed on MediaPipe landmarks, as published with a Ghent "
    "University thesis (2022): five patients a category and 10 to 12 healthy people"
)
MOVEMENTS: Final = (
    Movement.REST,
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.EYE_CLOSE_TIGHT,
    Movement.SMILE_CLOSED,
    Movement.SMILE,
    Movement.PUCKER,
    Movement.LOWER_TEETH,
)
MEASURES: Final = ("brow-eye distance", "eye area", "commissure distance", "mouth triangle")
POOLS: Final = {"mild": (2, 3), "severe": (5, 6)}
GROUPS: Final = ("normal", "flaccid mild", "flaccid severe", "synkinetic mild", "synkinetic severe")
EFFORT: Final = (0.7, 1.0)

_REAL: Final = """
0.94 0.95 0.90 0.93 0.84 0.92 0.95 0.92 0.92 0.97 0.93
0.95 0.96 0.89 0.88 0.73 0.81 0.94 0.90 0.84 0.88 0.77
0.96 0.92 0.81 0.89 0.82 0.80 0.98 0.89 0.89 0.94 0.87
0.93 0.91 0.92 0.85 0.81 0.93 0.88 0.80 0.75 0.88 0.76
0.94 0.95 0.88 0.92 0.89 0.94 0.94 0.91 0.96 0.93 0.89
0.95 0.95 0.90 0.94 0.92 0.95 0.91 0.91 0.88 0.91 0.91
0.93 0.97 0.89 0.92 0.88 0.92 0.93 0.89 0.93 0.90 0.86
0.94 0.96 0.92 0.92 0.87 0.93 0.92 0.87 0.91 0.94 0.85
0.88 0.93 0.89 0.89 0.90 0.88 0.88 0.89 0.94 0.87 0.83
0.91 0.85 0.92 0.90 0.85 0.88 0.87 0.87 0.82 0.68 0.68
0.79 0.72 0.75 0.53 0.57 0.62 0.77 0.66 0.62 0.76 0.82
0.69 0.82 0.67 0.60 0.45 0.60 0.63 0.37 0.63 0.70 0.45
0.87 0.87 0.87 0.74 0.85 0.65 0.77 0.88 0.79 0.61 0.54
0.84 0.83 0.92 0.64 0.86 0.67 0.88 0.82 0.67 0.47 0.53
0.93 0.85 0.90 0.86 0.89 0.87 0.85 0.79 0.70 0.45 0.49
0.88 0.86 0.92 0.72 0.86 0.83 0.89 0.90 0.81 0.51 0.51
0.96 0.89 0.88 0.79 0.81 0.83 0.93 0.87 0.91 0.88 0.86
0.94 0.93 0.86 0.82 0.78 0.84 0.91 0.90 0.85 0.80 0.74
0.95 0.91 0.94 0.83 0.78 0.82 0.90 0.89 0.87 0.84 0.79
0.93 0.94 0.90 0.76 0.87 0.77 0.88 0.92 0.79 0.65 0.66
0.95 0.89 0.89 0.73 0.75 0.57 0.94 0.90 0.92 0.80 0.85
0.94 0.88 0.87 0.71 0.66 0.58 0.95 0.87 0.94 0.96 0.87
0.94 0.93 0.79 0.81 0.82 0.78 0.96 0.90 0.80 0.88 0.82
0.93 0.89 0.90 0.64 0.63 0.68 0.90 0.82 0.94 0.92 0.85
0.81 0.63 0.68 0.57 0.52 0.62 0.59 0.76 0.64 0.63 0.66
0.81 0.51 0.60 0.58 0.61 0.60 0.68 0.72 0.68 0.51 0.52
0.75 0.50 0.64 0.30 0.36 0.33 0.64 0.79 0.48 0.69 0.54
0.75 0.68 0.65 0.60 0.53 0.22 0.59 0.56 0.56 0.65 0.54
0.84 0.86 0.75 0.64 0.29 0.11 0.84 0.82 0.90 0.74 0.58
0.92 0.88 0.88 0.65 0.40 0.24 0.86 0.85 0.70 0.82 0.56
0.81 0.63 0.63 0.72 0.68 0.55 0.72 0.64 0.61 0.55 0.44
0.92 0.84 0.89 0.65 0.67 0.51 0.82 0.77 0.75 0.78 0.70
"""
"""A line a movement, measure after measure; normal, five severities flaccid, five synkinetic."""


def patients() -> dict[tuple[str, str, str], float]:
    """Return the published mean by measure, movement and group, severities pooled by two."""
    values = np.array([line.split() for line in _REAL.split("\n") if line], float)
    lines = iter(values)
    found = {}
    for measure in MEASURES:
        for movement in MOVEMENTS:
            normal, *severities = next(lines)
            pools = [severities[k : k + 2] for k in (0, 3, 5, 8)]
            means = [normal, *(float(np.mean(pool)) for pool in pools)]
            for group, mean in zip(GROUPS, means, strict=True):
                found[measure, movement.value, group] = round(float(mean), 3)
    return found


@dataclass(frozen=True, slots=True)
class _Axes:
    across: Points
    down: Points
    middle: Points


def ratios(points: Points) -> tuple[float, ...]:
    """Return the four symmetry ratios of a face, smaller side by larger.

    Args:
        points: (478, 3) landmarks, pixels. The midline runs between the centres of the irises.
    """
    flat = points[:, :2]
    right, left = flat[mesh.RIGHT_IRIS_CENTRE], flat[mesh.LEFT_IRIS_CENTRE]
    across = (left - right) / np.linalg.norm(left - right)
    axes = _Axes(across, np.array([-across[1], across[0]]), (left + right) / 2)
    halves = (flat, right), (flat[mesh.MIRROR], left)
    each = [_half(half, iris, flat, axes) for half, iris in halves]
    return tuple(min(a, b) / max(a, b, 1e-9) for a, b in zip(*each, strict=True))


def _half(half: Points, iris: Points, whole: Points, axes: _Axes) -> tuple[float, ...]:
    """Return the four measures of the side whose points stand where the right ones do."""
    brow = np.linalg.norm(half[list(mesh.RIGHT_BROW_UPPER)].mean(axis=0) - iris)
    rim = half[[*mesh.RIGHT_UPPER_LID, *mesh.RIGHT_LOWER_LID[-2:0:-1]]]
    x, y = rim.T
    area = abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    corner = half[mesh.RIGHT_COMMISSURE]
    commissure = np.linalg.norm(whole[0] - corner)
    wide = abs(float((corner - axes.middle) @ axes.across))
    tall = abs(float((whole[17] - corner) @ axes.down))
    return float(brow), area, float(commissure), wide * tall / 2


def measure(faces: Path | None) -> Results:
    """Draw lesions of every grade and form for every person, and read both kinds of landmarks."""
    assert faces is not None
    rows = simulation_people.found_of_each(faces, of_person, "simulation_patients")
    real = patients()
    cells = []
    for (name, movement, group), mean in real.items():
        own = [r for r in rows if r["movement"] == movement and r["group"] == group]
        index = MEASURES.index(name)
        found = [r["found"][index] for r in own if r["found"]]
        asked = [r["asked"][index] for r in own]
        cells.append(
            {"measure": name, "movement": movement, "group": group, "patients": mean}
            | {"pictures": len(own), "found": _mean(found), "asked": _mean(asked)}
            | {"sd": round(float(np.std(found)), 3)}
        )
    return {"pictures": len(rows), "unread": sum(not r["found"] for r in rows), "cells": cells}


def of_person(person: Person, side: Side) -> list[dict[str, Any]]:
    """Return one row for each movement and group of a person."""
    sitter = simulation_people.studio_for(person).sitter
    rng = np.random.default_rng([5, *person.name.encode()])
    rows = []
    for movement in MOVEMENTS:
        for group in GROUPS:
            lesion = None
            if group != GROUPS[0]:
                form, pool = group.split()
                lesion = _lesion(rng, Form(form), int(rng.choice(POOLS[pool])), side)
            effort = dict.fromkeys(Side, float(rng.uniform(*EFFORT)))
            made = performed(sitter, Performance(movement=movement, lesion=lesion, effort=effort))
            try:
                found = ratios(find_faces(Frame.from_array(made.pixels))[0].points)
            except NoFaceError:
                found = ()
            rows.append(
                {"person": person.name, "movement": movement.value, "group": group}
                | {"found": found, "asked": ratios(made.points)}
            )
    return rows


def _lesion(rng: np.random.Generator, form: Form, grade: int, side: Side) -> Any:
    """Draw until a peripheral lesion of the form comes; total palsy regrown has contracture."""
    while True:
        lesion = drawn_lesion(rng, grade=grade, side=side)
        regrown = bool(lesion.couplings) or lesion.contracture > 0
        if regrown == (form is Form.SYNKINETIC) and not lesion.central:
            return lesion


def _mean(values: Sequence[float]) -> float:
    return round(float(np.mean(values)), 3)


def tables(results: Results) -> str:
    """Return the tables of the page."""
    cells = {(c["measure"], c["movement"], c["group"]): c for c in results["cells"]}
    apart = np.array([c["found"] - c["patients"] for c in results["cells"]])
    parts = [
        f"{SOURCE}; mild = near normal and mild, severe = severe and complete, pooled. Simulated: "
        "71 people, for each movement a lesion drawn of House-Brackmann II or III (mild) and V or "
        f"VI (severe), peripheral, the side in turn; {results['pictures']} pictures, "
        f"{results['unread']} without a face found. In each cell: patients, simulated on the "
        "landmarks that are found in the picture, simulated on those that were asked for. Ratio of "
        "the smaller side to the larger, 1 = symmetric. The table is a comparison; nothing was "
        "fitted to single cells of it.",
    ]
    for name in MEASURES:
        rows = [
            (
                movement.value.replace("_", " "),
                *(
                    f"{c['patients']:.2f} / {c['found']:.2f} / {c['asked']:.2f}"
                    for c in (cells[name, movement.value, group] for group in GROUPS)
                ),
            )
            for movement in MOVEMENTS
        ]
        parts += [
            f"**{name}**: patients / simulated, found / simulated, asked",
            table(("movement", *GROUPS), rows),
        ]
    parts.append(
        f"Simulated (found) less patients, all {len(apart)} cells: mean {apart.mean():+.3f}, mean "
        f"absolute {np.abs(apart).mean():.3f}, largest {np.abs(apart).max():.2f}. By group, mean "
        "and mean absolute:"
    )
    parts.append(table(("measure", *GROUPS), (_differences(cells, name) for name in MEASURES)))
    return "\n\n".join(parts)


def _differences(cells: dict[Any, Any], name: str) -> tuple[str, ...]:
    row = [name]
    for group in GROUPS:
        own = [cells[name, m.value, group] for m in MOVEMENTS]
        apart = np.array([c["found"] - c["patients"] for c in own])
        row.append(f"{apart.mean():+.2f} ({np.abs(apart).mean():.2f})")
    return tuple(row)


if __name__ == "__main__":
    Benchmark("simulation_patients", "simulation.md", measure, tables).run()

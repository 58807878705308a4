"""What simulated weakness does to a picture: distance, side, landmarks, folds, mirror image."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

import facialis
from benchmarks import simulation_people
from benchmarks.record import Benchmark, Results, table
from benchmarks.simulation_folds import (
    SkinLine,
    contrast_along,
    forehead_contrast,
    nasolabial_line,
)
from facialis.clinical.anatomy import Branch, Movement, Side
from facialis.face import mesh
from facialis.face.pose import head_pose
from facialis.simulation.compose import Composite, Sitter
from facialis.simulation.lesion import Lesion
from facialis.simulation.performance import Performance, performed
from facialis.simulation.portrait import Portrait

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from facialis.simulation.people import Person

Floats = NDArray[np.float64]

MOVEMENTS: Final = (
    Movement.REST,
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.SMILE,
    Movement.SNARL,
    Movement.PUCKER,
)
WEAKNESSES: Final = tuple(k / 10 for k in range(11))
CLEAR: Final = 0.4
MONOTONE: Final = 0.95
STANDS_OUT: Final = 0.02
TARGET_SIDE: Final = 0.98
TARGET_LANDMARKS: Final = 0.015
MIRRORED_PEOPLE: Final = 10
FOLDS: Final = {
    "nasolabial": (Movement.SMILE, "nasolabial fold, smiling"),
    "forehead": (Movement.BROW_RAISE, "forehead lines, brows raised"),
}
_HALF_LIPS: Final = (
    mesh.RIGHT_UPPER_LIP_OUTER,
    mesh.RIGHT_UPPER_LIP_INNER,
    mesh.RIGHT_LOWER_LIP_OUTER,
    mesh.RIGHT_LOWER_LIP_INNER,
)
_HALF_LIDS: Final = (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID)
_HALF_BROWS: Final = (mesh.RIGHT_BROW_UPPER, mesh.RIGHT_BROW_LOWER)


def _both(halves: Sequence[tuple[int, ...]]) -> list[int]:
    own = [point for half in halves for point in half]
    return sorted({*own, *mesh.mirrored(tuple(own))})


PLACES: Final = {
    "face": list(range(468)),
    "lips": _both(_HALF_LIPS),
    "lids": _both(_HALF_LIDS),
    "brows": _both(_HALF_BROWS),
}


def measure(faces: Path | None) -> Results:
    """Simulate and assess every person, movement and weakness."""
    assert faces is not None
    rows = simulation_people.found_of_each(faces, of_person, "simulation_weakness")
    people = [p for p, _ in simulation_people.people_of(faces)]
    return summary(rows) | {"mirror": _mirror(people[:: len(people) // MIRRORED_PEOPLE][:10])}


@dataclass(frozen=True, slots=True)
class _Whole:
    """What a face shows in a movement without weakness."""

    asymmetry: Floats
    lines: Mapping[Side, SkinLine]

    @classmethod
    def of(cls, made: Composite, found: Floats) -> _Whole:
        lines = {side: nasolabial_line(made.pixels, made.points, side) for side in Side}
        return cls(_asymmetry(found), lines)

    def change(self, found: Floats) -> float:
        return float(np.sqrt(((_asymmetry(found) - self.asymmetry) ** 2).sum(axis=1).mean()))


def of_person(person: Person, side: Side) -> list[dict[str, Any]]:
    """Return one row for each picture of a person whose branches are all equally weak."""
    sitter = simulation_people.studio_for(person).sitter
    rows = []
    for movement in MOVEMENTS:
        whole: _Whole | None = None
        for weakness in WEAKNESSES:
            made = performed(sitter, Performance(movement=movement, lesion=_lesion(side, weakness)))
            row, found = _assessed(made, movement)
            whole = whole or _Whole.of(made, found)
            rows.append(
                {"person": person.name, "sex": person.sex, "side": side.value}
                | {"movement": movement.value, "weakness": weakness}
                | row
                | {"change": whole.change(found)}
                | _errors(made, found)
                | _folds(made, side, whole.lines)
            )
    return rows


def _asymmetry(points: Floats) -> Floats:
    """Return how uneven a face is, point by point (468, 2): frontal, interocular distances."""
    pose = head_pose(points)
    face = pose.to_frontal(points) / pose.scale
    return np.asarray((face - face[mesh.MIRROR] * [-1, 1, 1])[:468, :2] / 2)


def _lesion(side: Side, weakness: float) -> Lesion:
    return Lesion(side, dict.fromkeys(Branch, weakness), tone_loss=1.0)


def _assessed(made: Composite, movement: Movement) -> tuple[dict[str, Any], Floats]:
    """Return what the main job says, and the landmarks (478, 3) that it found."""
    row: dict[str, Any] = {"refused": []}
    seen = facialis.assess(made.pixels, movement=movement)
    if seen.verdict is None:
        messages = [r.message for r in seen.quality.reasons if r.blocks]
        row["refused"] = [re.sub(r", score [0-9.]+", "", message) for message in messages]
        seen = facialis.assess(made.pixels)
    if seen.verdict is not None:
        row |= {
            "distance": seen.verdict.distance,
            "called": seen.verdict.palsy_probability > 0.5,
            "seen_side": str(seen.verdict.side_computed),
        }
    return row, np.array(seen.face.landmarks)


def _errors(made: Composite, found: Floats) -> dict[str, float]:
    corners = made.points[[mesh.RIGHT_UPPER_LID[0], mesh.LEFT_UPPER_LID[0]]]
    interocular = np.linalg.norm(np.diff(corners[:, :2], axis=0))
    off = np.linalg.norm((found - made.points)[:, :2], axis=1) / interocular
    return {f"off_{name}": float(off[points].mean()) for name, points in PLACES.items()}


def _folds(made: Composite, side: Side, lines: Mapping[Side, SkinLine]) -> dict[str, float]:
    affected, healthy = (
        (
            contrast_along(lines[s], made.pixels, made.points),
            forehead_contrast(made.pixels, made.points, s),
        )
        for s in (side, side.opposite)
    )
    return {
        "nasolabial": affected[0],
        "nasolabial_healthy": healthy[0],
        "forehead": affected[1],
        "forehead_healthy": healthy[1],
    }


def summary(rows: Sequence[dict[str, Any]]) -> Results:
    """Return what all rows say."""
    return {
        "people": len({r["person"] for r in rows}),
        "pictures": len(rows),
        "movements": {
            m.value: _of_movement([r for r in rows if r["movement"] == m]) for m in MOVEMENTS
        },
        "folds": {name: _of_fold(rows, name) for name in FOLDS},
    }


def _of_movement(rows: Sequence[dict[str, Any]]) -> Results:
    judged = [r for r in rows if "distance" in r]
    clear = [r for r in judged if r["weakness"] >= CLEAR]
    called = [r for r in clear if r["called"]]
    whole = [r for r in judged if r["weakness"] == 0]
    return {
        "pictures": len(rows),
        "refused_as_movement": sum(bool(r["refused"]) for r in rows),
        "refused": len(rows) - len(judged),
        "reasons": sorted({message for r in rows for message in r["refused"]}),
        "trend": _trend(_trends(judged, "distance")),
        "trend_of_change": _trend(_trends(rows, "change")),
        "distance_by_weakness": [
            round(float(np.median([r["distance"] for r in judged if r["weakness"] == w])), 2)
            for w in WEAKNESSES
        ],
        "called_by_weakness": [
            round(float(np.mean([r["called"] for r in judged if r["weakness"] == w])), 3)
            for w in WEAKNESSES
        ],
        "clear": len(clear),
        "clear_called": len(called),
        "clear_right": sum(r["seen_side"] == r["side"] for r in clear),
        "clear_wrong": sum(r["seen_side"] == str(Side(r["side"]).opposite) for r in clear),
        "called_right": sum(r["seen_side"] == r["side"] for r in called),
        "whole": len(whole),
        "whole_called": sum(r["called"] for r in whole),
        "landmarks": {name: _spread([r[f"off_{name}"] for r in rows]) for name in PLACES},
        "landmarks_at_no_weakness": _spread([r["off_face"] for r in rows if r["weakness"] == 0]),
    }


def _of_fold(rows: Sequence[dict[str, Any]], name: str) -> Results:
    own = [r for r in rows if r["movement"] == FOLDS[name][0]]
    whole = {r["person"]: r for r in own if r["weakness"] == 0}

    def kept(row: dict[str, Any], value: str) -> float:
        return float(row[value] / whole[row["person"]][value])

    groups = {
        "all": own,
        "clear": [r for r in own if whole[r["person"]][name] >= STANDS_OUT],
        "female": [r for r in own if r["sex"] == "female"],
        "male": [r for r in own if r["sex"] == "male"],
    }
    return {
        "trend": {k: _trend([-t for t in _trends(v, name)]) for k, v in groups.items() if v},
        "kept_by_weakness": [
            round(float(np.median([kept(r, name) for r in own if r["weakness"] == w])), 3)
            for w in WEAKNESSES
        ],
        "healthy_side_kept": round(
            float(np.median([kept(r, f"{name}_healthy") for r in own if r["weakness"] == 1])), 3
        ),
    }


def _trends(rows: Sequence[dict[str, Any]], what: str) -> list[float]:
    """Return each person's rank correlation of something with weakness."""
    trends = []
    for person in sorted({r["person"] for r in rows}):
        own = [(r["weakness"], r[what]) for r in rows if r["person"] == person]
        if len(own) > 3:
            trends.append(float(spearmanr(*zip(*own, strict=True)).statistic))
    return trends


def _trend(trends: Sequence[float]) -> Results:
    return {
        "people": len(trends),
        "median": round(float(np.median(trends)), 4),
        "tenth": round(float(np.percentile(trends, 10)), 4),
        "share": round(float(np.mean(np.array(trends) >= MONOTONE - 1e-9)), 4),
    }


def _spread(values: Sequence[float]) -> Results:
    return {
        "median": round(float(np.median(values)), 5),
        "p95": round(float(np.percentile(values, 95)), 5),
    }


def _mirror(people: Sequence[Person]) -> Results:
    """Compare pictures of mirrored photographs with mirrored lesions."""
    pixels, points = [], []
    for person in people:
        sitter = simulation_people.studio_for(person).sitter
        reflected = mirrored_sitter(sitter)
        for movement in MOVEMENTS:
            one, other = (
                performed(s, Performance(movement=movement, lesion=_lesion(side, 0.7)))
                for s, side in ((sitter, Side.LEFT), (reflected, Side.RIGHT))
            )
            off = np.abs(one.pixels.astype(int) - other.pixels[:, ::-1].astype(int))
            pixels.append((int(off.max()), float(off.mean()), float((off > 2).mean())))
            points.append(
                float(np.abs(one.points - mirrored_points(other.points, off.shape[1])).max())
            )
    largest, mean, share = np.array(pixels).T
    return {
        "people": len(people),
        "pictures": len(pixels),
        "largest_level": int(largest.max()),
        "mean_level": round(float(mean.mean()), 5),
        "share_above_two_levels": round(float(share.max()), 6),
        "largest_landmark_px": float(f"{max(points):.2g}"),
    }


def mirrored_points(points: Floats, width: int) -> Floats:
    """Return the landmarks (478, 3) of the mirror image of a picture so wide."""
    reflected = points[mesh.MIRROR].copy()
    reflected[:, 0] = width - reflected[:, 0]
    return reflected


def mirrored_sitter(sitter: Sitter) -> Sitter:
    """Return the person in the mirror."""

    def portrait(shown: Portrait) -> Portrait:
        pixels = np.ascontiguousarray(shown.pixels[:, ::-1])
        points = mirrored_points(shown.points, pixels.shape[1])
        fine = shown.fine
        if fine is not None:
            # Its last column lies half a pixel beyond the middle of the last pixel.
            fine = np.concatenate((fine[:, -2::-1], fine[:, :1]), axis=1)
        return replace(Portrait.of(pixels, points), fine=fine)

    return Sitter(
        portrait(sitter.neutral), None if sitter.expressive is None else portrait(sitter.expressive)
    )


def tables(results: Results) -> str:
    """Return the tables of the page."""
    movements = results["movements"]
    return "\n\n".join(
        (
            f"{results['people']} people of the London set (their photographs are also what the "
            "table of healthy faces was built from, and the lesions by which the side is told "
            f"were fitted on other pictures of them), {results['pictures']} pictures of "
            f"{simulation_people.SIDE * 5 // 4} × {simulation_people.SIDE * 5 // 4} pixels: all "
            "branches equally weak, from 0 to 1 in steps of 0.1, tone lost with them; the sides "
            "in turn by person. Every picture was assessed as a photograph of its movement.",
            "Distance from healthy faces against weakness, by person: median rank correlation "
            f"(Spearman), and the share of people with at least {MONOTONE}. A face that is uneven "
            "by nature the other way becomes more even before it becomes less; `of the change` is "
            "therefore the same for how far the asymmetry of the landmarks that are found has "
            "moved from that of the same face without weakness. Side: of the pictures "
            f"with a weakness of {CLEAR} or more that were called palsy, how many name the right "
            f"side (target {TARGET_SIDE:.0%}); `not called` are those that were called healthy.",
            table(
                (
                    "movement",
                    "correlation",
                    f"people ≥ {MONOTONE}",
                    "of the change",
                    f"people ≥ {MONOTONE}",
                    "side right of called",
                    "not called",
                    "wrong side",
                    "called at weakness 0",
                    "refused",
                ),
                (_trend_row(name, m) for name, m in movements.items()),
            ),
            "Share of pictures called palsy by weakness:",
            table(
                ("movement", *(f"{w:.1f}" for w in WEAKNESSES)),
                (
                    (_words(n), *(f"{100 * c:.0f} %" for c in m["called_by_weakness"]))
                    for n, m in movements.items()
                ),
            ),
            "Where the landmarker finds the landmarks against where they were put, mean over the "
            "points, % of the distance between the outer canthi; median and, in brackets, 95th "
            f"percentile of the pictures (target {100 * TARGET_LANDMARKS:.1f} %). At weakness 0 at "
            "rest it is the landmarker's own error between two sizes of a photograph.",
            table(
                ("movement", *PLACES, "face at weakness 0"),
                (
                    (
                        _words(name),
                        *(_off(m["landmarks"][p]) for p in PLACES),
                        _off(m["landmarks_at_no_weakness"]),
                    )
                    for name, m in movements.items()
                ),
            ),
            "Contrast of folds on the affected side, measured in the pixels by code that does not "
            "know how the simulator draws lines: median share of the contrast at weakness 0 that "
            "is left, and the share of people whose contrast falls with weakness (Spearman at "
            f"most −{MONOTONE}). The nasolabial fold is looked for in the smile without weakness "
            "and followed on the skin; young cheeks may have none to lose, and beards hide it.",
            _fold_table(results["folds"]),
            _mirror_words(results["mirror"]),
        )
    )


def _trend_row(name: str, found: Results) -> tuple[object, ...]:
    trend, change = found["trend"], found["trend_of_change"]
    return (
        _words(name),
        f"{trend['median']:.3f}",
        f"{100 * trend['share']:.0f} %",
        f"{change['median']:.3f}",
        f"{100 * change['share']:.0f} %",
        f"{found['called_right']} of {found['clear_called']} "
        f"({100 * found['called_right'] / max(1, found['clear_called']):.1f} %)",
        f"{found['clear'] - found['clear_called']} of {found['clear']}",
        found["clear_wrong"],
        f"{found['whole_called']} of {found['whole']}",
        found["refused_as_movement"],
    )


def _fold_table(folds: Results) -> str:
    fallen = ("all people", f"fold ≥ {STANDS_OUT}", "women", "men")
    head = ("fold", *(f"{w:.1f}" for w in WEAKNESSES), *fallen, "other side at 1")
    rows = []
    for name, fold in folds.items():
        trend = fold["trend"]
        shares = (
            f"{100 * trend[g]['share']:.0f} % of {trend[g]['people']}" if g in trend else "–"
            for g in ("all", "clear", "female", "male")
        )
        kept = (f"{k:.2f}" for k in fold["kept_by_weakness"])
        rows.append((FOLDS[name][1], *kept, *shares, f"{fold['healthy_side_kept']:.2f}"))
    return table(head, rows)


def _mirror_words(mirror: Results) -> str:
    return (
        f"Mirrored photographs with the mirrored lesion, {mirror['people']} people, all six "
        f"movements: landmarks differ by at most {mirror['largest_landmark_px']:.0e} pixels; the "
        f"mirrored pictures by at most {mirror['largest_level']} of 255 levels, by more than two "
        f"in at most {100 * mirror['share_above_two_levels']:.3f} % of the values of a picture."
    )


def _off(spread: Results) -> str:
    return f"{100 * spread['median']:.2f} ({100 * spread['p95']:.2f})"


def _words(name: str) -> str:
    return name.replace("_", " ")


if __name__ == "__main__":
    Benchmark("simulation_weakness", "simulation.md", measure, tables).run()

"""Landmarks before and after refinement: where a simulation put them, and where people did.

``python -m benchmarks.landmark_refinement --nets DIR --data FRAMED --faces FACES`` reads finished
``facialis train landmarks --folds N`` and the framed cohort that it learned from. Everybody's
landmarks are refined by a network that has not learned from them; photographs with points that were
placed by hand are of the same people, healthy and at rest.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks import intervals
from benchmarks.landmark_agreement import MEASURES, HandFrame, hand_measures, picked
from benchmarks.photographs import LONDON, hand_points, london
from benchmarks.record import ROOT, where
from facialis.datasets.framed_source import FramedSource
from facialis.datasets.manifest_files import read_manifest
from facialis.datasets.refined import Refiners, read_refiners
from facialis.errors import FacialisError
from facialis.face import mesh
from facialis.face.search import find_faces
from facialis.measures.features import asymmetries
from facialis.measures.static import measure_sides
from facialis.measures.symmetry import FEATURES
from facialis.media.photo import read_photo
from facialis.regions.refinement import refined, refined_framed

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.datasets.manifest import Manifest

PARTS: Final = {
    "lids": mesh.LEFT_UPPER_LID + mesh.LEFT_LOWER_LID + mesh.RIGHT_UPPER_LID + mesh.RIGHT_LOWER_LID,
    "brows": mesh.LEFT_BROW_UPPER
    + mesh.LEFT_BROW_LOWER
    + mesh.RIGHT_BROW_UPPER
    + mesh.RIGHT_BROW_LOWER,
    "lips": mesh.LEFT_UPPER_LIP_OUTER
    + mesh.LEFT_UPPER_LIP_INNER
    + mesh.LEFT_LOWER_LIP_OUTER
    + mesh.LEFT_LOWER_LIP_INNER
    + mesh.RIGHT_UPPER_LIP_OUTER
    + mesh.RIGHT_UPPER_LIP_INNER
    + mesh.RIGHT_LOWER_LIP_OUTER
    + mesh.RIGHT_LOWER_LIP_INNER,
    "nose": (129, 98, 358, 327, 1, 4, 2, 164),
    "cheeks": (205, 206, 207, 216, 425, 426, 427, 436),
    "chin": (199, 152),
}
WAYS: Final = ("found", "refined")
TOLD: Final = (
    "brow_middle", "brow_inner", "upper_lid", "lower_lid", "fissure", "commissure_height",
    "commissure_reach", "upper_lip", "lower_lip", "ala_height", "ala_reach", "cheek_height",
    "cheek_reach", "philtrum_shift", "chin_shift",
)  # fmt: skip


def simulated(manifest: Manifest, refiners: Refiners) -> dict[str, Any]:
    """Return how far landmarks lie from where the simulation put them, and what they show of it."""
    people, away = [], []
    true, shown = [], []
    for row in manifest.rows:
        assert manifest.root is not None
        source = FramedSource(manifest.root, row)
        found, placed = source.found(), source.placed()
        assert found is not None
        assert placed is not None
        network = refiners.for_people(row.people)
        both = (found, refined_framed(source.picture(), found, network))
        try:
            numbers = [asymmetries(each) for each in (placed, *both)]
        except FacialisError:
            continue
        eyes = np.hypot(*(placed[mesh.LEFT_OUTER_CANTHUS] - placed[mesh.RIGHT_OUTER_CANTHUS])[:2])
        away.append([_away(each, placed) / eyes for each in both])
        people.append(row.subject)
        true.append(numbers[0])
        shown.append(numbers[1:])
    gaps, numbers_shown = 100 * np.array(away), np.array(shown)
    return {
        "pictures": len(people),
        "people": len(set(people)),
        "unit": "percent of the distance between the outer canthi",
        "distance": {
            part: {
                way: intervals.mean_of_people(_by_person(people, gaps[:, w, p]))
                for w, way in enumerate(WAYS)
            }
            for p, part in enumerate(PARTS)
        },
        "asymmetry": {
            name: {
                way: _shown(np.array(true)[:, i], numbers_shown[:, w, i])
                for w, way in enumerate(WAYS)
            }
            for i, name in enumerate(FEATURES)
            if name in TOLD
        },
    }


def _away(points: NDArray[np.float64], placed: NDArray[np.float64]) -> list[float]:
    gaps = np.hypot(*(points - placed)[:, :2].T)
    return [float(gaps[list(part)].mean()) for part in PARTS.values()]


def _shown(true: NDArray[Any], shown: NDArray[Any]) -> dict[str, float]:
    return {
        "correlation": round(float(np.corrcoef(true, shown)[0, 1]), 3),
        "slope": round(float(np.polyfit(true, shown, 1)[0]), 3),
    }


def _by_person(people: list[str], values: NDArray[Any]) -> NDArray[np.float64]:
    names = np.array(people)
    return np.array([values[names == name].mean() for name in sorted(set(people))])


def photographed(faces: Path, refiners: Refiners) -> dict[str, Any]:
    """Return how measures agree with points that were placed by hand on photographs at rest."""
    mirror = json.loads((faces / "frl189_template.json").read_text(encoding="utf-8"))["sym"]
    people = london(faces)
    by_hand, ours = [], []
    for person in people:
        photograph = read_photo(person.neutral)
        found = find_faces(photograph)[0].points
        network = refiners.for_people((f"london/{person.neutral.stem.partition('_')[0]}",))
        both = (found, refined(photograph.pixels, found, network))
        hand = hand_points(person.neutral)
        frame = HandFrame.of(hand, mirror)
        placed = frame.place(hand)
        left, right = hand_measures(placed), hand_measures(placed[mirror] * [-1, 1])
        by_hand.append([(right[name], left[name]) for name in MEASURES])
        ours.append([picked(measure_sides(frame.place(each))) for each in both])
    hand_placed, measured = np.array(by_hand), np.array(ours)
    return {
        "data": f"{LONDON}; 189 points placed by hand on each of {len(people)} neutral photographs",
        "unit": "percent of the distance between the outer canthi placed by hand",
        "absolute difference": {
            way: intervals.mean_of_people(
                100 * np.abs(measured[:, w] - hand_placed).mean(axis=(1, 2))
            )
            for w, way in enumerate(WAYS)
        },
        "left less right": {
            name: {
                way: _difference(hand_placed[:, i], measured[:, w, i]) for w, way in enumerate(WAYS)
            }
            for i, name in enumerate(MEASURES)
        },
    }


def _difference(by_hand: NDArray[np.float64], ours: NDArray[np.float64]) -> dict[str, Any]:
    hand, found = (np.diff(each, axis=1)[:, 0] for each in (by_hand, ours))
    return {
        "absolute difference": intervals.mean_of_people(100 * np.abs(found - hand)),
        "correlation": round(float(np.corrcoef(hand, found)[0, 1]), 2),
    }


def main() -> None:
    """Read the command line, measure, write the results and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.landmark_refinement")
    parser.add_argument("--nets", type=Path, required=True, help="of facialis train landmarks")
    parser.add_argument("--data", type=Path, required=True, help="framed cohort, with --placed")
    parser.add_argument("--faces", type=Path, required=True, help="folder that holds london/")
    options = parser.parse_args()
    refiners = read_refiners(options.nets)
    results = {
        "simulated": simulated(read_manifest(options.data), refiners),
        "photographed": photographed(options.faces, refiners),
    }
    record = where() | {"benchmark": "landmark_refinement", "results": results}
    out = ROOT / "benchmarks" / "results" / "landmark_refinement.json"
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()

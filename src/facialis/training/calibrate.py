"""Fit the rule that joins the fusion with the norms, and its cut-offs, on people not trained on.

The rule is logistic regression on two numbers. Its cut-offs are those of split conformal prediction
for each class by itself: the share of a class that its cut-off lets through is the stated coverage,
whatever the share of palsies. Everything that is measured comes from folds of people that neither
the network nor the rule has seen.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from facialis.clinical.anatomy import Movement
from facialis.datasets.framed_source import FramedSource
from facialis.errors import InputError, printable
from facialis.evaluation.intervals import bootstrap
from facialis.evaluation.metrics import roc_auc
from facialis.evaluation.predictions import Predictions
from facialis.face.pose import head_pose
from facialis.face.quality import CLOSED_BELOW
from facialis.grading.combined import Rule, log_distance, log_odds
from facialis.grading.photograph import Evidence, verdict
from facialis.measures.frames import frontal_frame
from facialis.measures.norms import View, default_norms
from facialis.measures.symmetry import asymmetry
from facialis.measures.units import eye_openings
from facialis.methods.multimodal_fusion.prepare import LEVELS
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from facialis.datasets.manifest import Manifest, Row

COVERAGE: Final = 0.9
FOLDS: Final = 5
SEED: Final = 0

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def calibrated(
    results: Path, manifest: Manifest, progress: Callable[[int, int], None] | None = None
) -> Rule:
    """Return the rule that fits the answers of an evaluation.

    Args:
        results: Its folder, with ``predictions/``.
        manifest: The data that was answered.
        progress: Called with pictures done and in all.

    Raises:
        InputError: There are no predictions of palsy and level, or they are of other data.
    """
    said = _read(results)
    rows = {row.name: row for row in manifest.rows}
    names = [name for each in said for name in each.names]
    if not set(names) <= set(rows):
        raise InputError(results, "answers pictures that the data lacks", "give the same --data")
    distance = np.empty(len(names))
    for number, name in enumerate(names):
        distance[number] = _over_limit(rows[name], manifest)
        if progress is not None:
            progress(number + 1, len(names))
    found = {
        key: np.concatenate([part.truth[key] for part in said]).astype(np.int64)
        for key in ("palsy", "level")
    }
    fusion = np.concatenate([part.answers["palsy_probability"][:, 1] for part in said])
    levels = np.concatenate([part.answers["level_probability"] for part in said])
    people = np.array([person for part in said for person in part.subjects])
    read = np.column_stack(
        ([log_odds(float(p)) for p in fusion], [log_distance(float(d)) for d in distance])
    )
    return _fitted(read, levels.astype(np.float64), found, people, manifest.title)


def write_rule(rule: Rule, file: Path) -> None:
    """Write a rule as JSON."""
    make_directory(file.parent)
    replace_file(file, (json.dumps(asdict(rule), indent=1) + "\n").encode())


def _read(results: Path) -> list[Predictions]:
    found = [Predictions.load(file) for file in sorted((results / "predictions").glob("*.npz"))]
    if not found or any("level" not in each.truth or "palsy" not in each.truth for each in found):
        raise InputError(
            printable(results),
            "holds no answers on palsy and level",
            "give a folder of 'facialis evaluate multimodal_fusion-light'",
        )
    return found


def _over_limit(row: Row, manifest: Manifest) -> float:
    """Return the distance of a picture from healthy faces in parts of the limit."""
    if manifest.root is None:
        raise InputError(manifest.title, "is in no folder", "name the folder of a manifest")
    points = FramedSource(manifest.root, row).landmarks()
    if points is None:
        raise InputError(row.name, "has no landmarks", "run `facialis data frame` on the data")
    pose = head_pose(points)
    closing = row.movement is not None and Movement(row.movement).closes_the_eyes
    closing = closing or min(eye_openings(points)) < CLOSED_BELOW
    evidence = Evidence(
        asymmetry=asymmetry(frontal_frame(points, pose) / pose.scale),
        view=View(pose.yaw, pose.pitch, pose.misfit),
        excluded={},
        movement=None,
        stated_side=None,
        age_in_range=None,
        closing=closing,
    )
    found = verdict(evidence, default_norms())
    return found.distance / found.threshold


def _fitted(
    read: Floats,
    levels: Floats,
    truth: dict[str, Integers],
    people: NDArray[np.str_],
    title: str,
) -> Rule:
    known = truth["palsy"] >= 0
    read, palsy, theirs = read[known], truth["palsy"][known], people[known]
    out_of_fold = np.empty(len(palsy))
    is_kept = np.empty(len(palsy), bool)
    for train, test in GroupKFold(FOLDS).split(read, palsy, theirs):
        odds = _odds(read[train], palsy[train])
        out_of_fold[test] = _probability(odds, read[test])
        low, high = _cuts(_probability(odds, read[train]), palsy[train])
        is_kept[test] = np.where(
            palsy[test] == 1, out_of_fold[test] >= low, out_of_fold[test] <= high
        )
    graded = truth["level"] >= 0
    level, level_people, shown = truth["level"][graded], people[graded], levels[graded]
    level_kept = np.empty(len(level), bool)
    size = np.empty(len(level))
    for train, test in GroupKFold(FOLDS).split(shown, level, level_people):
        cuts = _level_cuts(shown[train], level[train])
        kept = shown[test] >= cuts
        level_kept[test] = kept[np.arange(len(test)), level[test]]
        size[test] = kept.sum(axis=1)
    odds = _odds(read, palsy)
    low, high = _cuts(_probability(odds, read), palsy)
    measured = {
        "AUC, combined": _measured(roc_auc, theirs, palsy, out_of_fold),
        "AUC, fusion alone": _measured(roc_auc, theirs, palsy, read[:, 0]),
        "AUC, norms alone": _measured(roc_auc, theirs, palsy, read[:, 1]),
        "coverage, palsy": _share(is_kept[palsy == 1], theirs[palsy == 1]),
        "coverage, healthy": _share(is_kept[palsy == 0], theirs[palsy == 0]),
        "coverage, levels": _share(level_kept, level_people),
        "levels that are kept": _share(size, level_people),
    }
    return Rule(
        data=title,
        people=len(set(people.tolist())),
        pictures=len(palsy),
        coverage=COVERAGE,
        intercept=round(float(odds[0]), 4),
        fusion_weight=round(float(odds[1]), 4),
        distance_weight=round(float(odds[2]), 4),
        palsy_from=round(low, 4),
        healthy_to=round(high, 4),
        level_from=dict(zip(LEVELS, np.round(_level_cuts(shown, level), 4).tolist(), strict=True)),
        measured=measured,
    )


def _odds(read: Floats, palsy: Integers) -> Floats:
    """Return intercept and weights (3,) for as many palsies as healthy faces."""
    fit = LogisticRegression(C=np.inf, class_weight="balanced").fit(read, palsy)
    return np.concatenate((fit.intercept_, fit.coef_[0]))


def _probability(odds: Floats, read: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(odds[0] + read @ odds[1:]))))


def _cuts(probability: Floats, palsy: Integers) -> tuple[float, float]:
    """Return the least probability of nearly all palsies, the largest of nearly all others."""
    low = _least(probability[palsy == 1])
    return low, 1 - _least(1 - probability[palsy == 0])


def _level_cuts(shown: Floats, level: Integers) -> Floats:
    return np.array([_least(shown[level == each, each]) for each in range(shown.shape[1])])


def _least(scores: Floats) -> float:
    """Return the score that the stated share of n + 1 lies at or above, n of which are known."""
    rank = int(np.floor(round((len(scores) + 1) * (1 - COVERAGE), 6)))
    return float(np.sort(scores)[rank - 1]) if rank > 0 else 0.0


def _measured(
    metric: Callable[..., float], people: NDArray[np.str_], *arrays: NDArray[np.generic]
) -> tuple[float, float, float]:
    interval = bootstrap(metric, people.tolist(), *arrays, seed=SEED)
    value = float(metric(*arrays))
    return round(value, 4), round(interval.low, 4), round(interval.high, 4)


def _share(kept: NDArray[np.generic], people: NDArray[np.str_]) -> tuple[float, float, float]:
    return _measured(lambda each: float(np.mean(each)), people, kept)

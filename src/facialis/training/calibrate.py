"""Fit the rule that joins the fusion with the norms, and its cut-offs, on people not trained on.

The rule is logistic regression on two numbers. Its cut-offs are those of split conformal prediction
for each class by itself: the share of a class that its cut-off lets through is the stated coverage,
whatever the share of palsies. Everything that is measured comes from folds of people that neither
the network nor the rule has seen.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
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
from facialis.grading.combined import Cuts, Rule, log_distance, log_odds
from facialis.grading.photograph import Evidence, verdict
from facialis.measures.frames import frontal_frame
from facialis.measures.norms import View, default_norms
from facialis.measures.symmetry import asymmetry
from facialis.measures.units import eye_openings
from facialis.methods.multimodal_fusion.prepare import LEVELS
from facialis.methods.tasks import UNKNOWN_CLASS
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
    pictures = _Answered(
        read=np.column_stack(
            ([log_odds(float(p)) for p in fusion], [log_distance(float(d)) for d in distance])
        ),
        levels=np.concatenate([part.answers["level_probability"] for part in said]).astype(float),
        palsy=found["palsy"],
        level=found["level"],
        people=np.array([person for part in said for person in part.subjects]),
    )
    cases = np.array([rows[name].video for name in names])
    examinations = _by_case(pictures, cases, fusion)
    for label in (examinations.palsy, examinations.level):
        people = len(set(examinations.known(label).people.tolist()))
        if people < FOLDS:
            raise InputError(
                printable(results),
                f"answers whole cases of {people} people only",
                f"give data of at least {FOLDS} people whose pictures of a case share their label",
            )
    return _fitted(pictures, examinations, manifest.title)


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


@dataclass(frozen=True, slots=True, eq=False)
class _Answered:
    """Faces, or examinations, that were answered.

    Attributes:
        read: (n, k): what the probability of palsy is made from; if k is 1, the probability.
        levels: (n, 3) probabilities.
        palsy: (n,) 1, 0 or -1 if it is unknown.
        level: (n,) 0, 1, 2 or -1 if it is unknown.
        people: (n,)
    """

    read: Floats
    levels: Floats
    palsy: Integers
    level: Integers
    people: NDArray[np.str_]

    def known(self, label: Integers) -> _Answered:
        """Return those of which a label is known."""
        kept = label >= 0
        return _Answered(
            self.read[kept],
            self.levels[kept],
            self.palsy[kept],
            self.level[kept],
            self.people[kept],
        )


def _by_case(pictures: _Answered, cases: NDArray[np.str_], fusion: Floats) -> _Answered:
    """Return the means over each person's cases; a label on which pictures differ is unknown."""
    both = np.char.add(np.char.add(pictures.people, " "), cases)
    _, first, which = np.unique(both, return_index=True, return_inverse=True)
    counts = np.bincount(which)

    def agreed(label: Integers) -> Integers:
        same = np.bincount(which, label == label[first][which]) == counts
        return np.where(same, label[first], UNKNOWN_CLASS)

    def mean(values: Floats) -> Floats:
        return np.asarray(np.bincount(which, values) / counts)

    return _Answered(
        read=mean(fusion)[:, None],
        levels=np.column_stack([mean(each) for each in pictures.levels.T]),
        palsy=agreed(pictures.palsy),
        level=agreed(pictures.level),
        people=pictures.people[first],
    )


def _fitted(pictures: _Answered, cases: _Answered, title: str) -> Rule:
    palsied = pictures.known(pictures.palsy)
    odds = _odds(palsied)
    kept, out_of_fold = _out_of_fold(palsied, _odds)
    measured = {
        "AUC, combined": _measured(roc_auc, palsied.people, palsied.palsy, out_of_fold),
        "AUC, fusion alone": _measured(roc_auc, palsied.people, palsied.palsy, palsied.read[:, 0]),
        "AUC, norms alone": _measured(roc_auc, palsied.people, palsied.palsy, palsied.read[:, 1]),
        **_coverage("", palsied, kept),
        **_level_coverage("", pictures.known(pictures.level)),
    }
    whole = cases.known(cases.palsy)
    kept, means = _out_of_fold(whole, None)
    measured |= {
        "AUC, examinations": _measured(roc_auc, whole.people, whole.palsy, means),
        **_coverage(", examinations", whole, kept),
        **_level_coverage(", examinations", cases.known(cases.level)),
    }
    return Rule(
        data=title,
        people=len(set(pictures.people.tolist())),
        pictures=len(pictures.people),
        coverage=COVERAGE,
        intercept=round(float(odds[0]), 4),
        fusion_weight=round(float(odds[1]), 4),
        distance_weight=round(float(odds[2]), 4),
        photograph=_cuts(_probability(odds, palsied.read), palsied.palsy, pictures),
        examination=_cuts(means, whole.palsy, cases),
        measured=measured,
    )


def _out_of_fold(
    told: _Answered, fit: Callable[[_Answered], Floats] | None
) -> tuple[NDArray[np.bool_], Floats]:
    """Return whether the conclusion leaves the truth open, and the probability, of people unseen.

    Args:
        told: Of known palsy.
        fit: What fits the weights; None takes what was read for the probability.
    """
    kept = np.empty(len(told.palsy), bool)
    found = np.empty(len(told.palsy))
    for train, test in GroupKFold(FOLDS).split(told.read, told.palsy, told.people):
        if fit is None:
            learned, found[test] = told.read[train, 0], told.read[test, 0]
        else:
            odds = fit(_part(told, train))
            learned = _probability(odds, told.read[train])
            found[test] = _probability(odds, told.read[test])
        low, high = _palsy_cuts(learned, told.palsy[train])
        kept[test] = np.where(told.palsy[test] == 1, found[test] >= low, found[test] <= high)
    return kept, found


def _part(told: _Answered, rows: Integers) -> _Answered:
    return _Answered(*(getattr(told, name)[rows] for name in _Answered.__slots__))


def _coverage(
    of: str, told: _Answered, kept: NDArray[np.bool_]
) -> dict[str, tuple[float, float, float]]:
    return {
        f"coverage, palsy{of}": _share(kept[told.palsy == 1], told.people[told.palsy == 1]),
        f"coverage, healthy{of}": _share(kept[told.palsy == 0], told.people[told.palsy == 0]),
    }


def _level_coverage(of: str, told: _Answered) -> dict[str, tuple[float, float, float]]:
    kept = np.empty(len(told.level), bool)
    size = np.empty(len(told.level))
    for train, test in GroupKFold(FOLDS).split(told.levels, told.level, told.people):
        left = told.levels[test] >= _level_cuts(told.levels[train], told.level[train])
        kept[test] = left[np.arange(len(test)), told.level[test]]
        size[test] = left.sum(axis=1)
    return {
        f"coverage, levels{of}": _share(kept, told.people),
        f"levels that are kept{of}": _share(size, told.people),
    }


def _odds(told: _Answered) -> Floats:
    """Return intercept and weights (3,) for as many palsies as healthy faces."""
    fit = LogisticRegression(C=np.inf, class_weight="balanced").fit(told.read, told.palsy)
    return np.concatenate((fit.intercept_, fit.coef_[0]))


def _probability(odds: Floats, read: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(odds[0] + read @ odds[1:]))))


def _cuts(probability: Floats, palsy: Integers, told: _Answered) -> Cuts:
    low, high = _palsy_cuts(probability, palsy)
    graded = told.known(told.level)
    levels = _level_cuts(graded.levels, graded.level)
    return Cuts(
        palsy_from=round(low, 4),
        healthy_to=round(high, 4),
        level_from=dict(zip(LEVELS, np.round(levels, 4).tolist(), strict=True)),
    )


def _palsy_cuts(probability: Floats, palsy: Integers) -> tuple[float, float]:
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

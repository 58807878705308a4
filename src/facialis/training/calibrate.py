"""Fit the rule that joins the fusion with the norms, and cut-offs, on people not trained on.

The rule is logistic regression on the sum of two numbers. Its cut-offs are those of split conformal
prediction for each class by itself: the share of a class that its cut-off lets through is the
stated coverage, whatever the share of palsies. Everything that is measured comes from folds of
people that neither the network nor the rule has seen.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale
from facialis.datasets.framed_source import FramedSource
from facialis.datasets.targets import Target, class_of
from facialis.errors import InputError, printable
from facialis.evaluation.metrics import roc_auc
from facialis.evaluation.predictions import Predictions
from facialis.face.pose import head_pose
from facialis.face.quality import CLOSED_BELOW
from facialis.grading.combined import Rule, log_distance, log_odds
from facialis.grading.cuts import ClassCuts, Cuts, even_odds
from facialis.grading.method_answers import GRADES
from facialis.grading.photograph import Evidence, Verdict, verdict
from facialis.measures.frames import frontal_frame
from facialis.measures.norms import View, default_norms
from facialis.measures.symmetry import asymmetry
from facialis.measures.units import eye_openings
from facialis.methods.multimodal_fusion.prepare import LEVELS
from facialis.methods.tasks import UNKNOWN_CLASS
from facialis.report.files import make_directory, replace_file
from facialis.training.conformal import (
    COVERAGE,
    FOLDS,
    Floats,
    Integers,
    class_coverage,
    class_cuts,
    least,
    share,
)
from facialis.training.conformal import measured as measured_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from facialis.datasets.manifest import Manifest, Row
    from facialis.grading.cuts import Measured


_HALF: Final = 0.5
_OF_EVEN_LEVELS: Final = 2 / 3
"""Share of palsies that a loss expects in which the three levels weigh alike (D3-11)."""


def calibrated(
    results: Path, manifest: Manifest, progress: Callable[[int, int], None] | None = None
) -> Rule | ClassCuts:
    """Return what fits the answers of an evaluation: the rule, or cut-offs of grades or levels.

    Args:
        results: Its folder, with ``predictions/``.
        manifest: The data that was answered.
        progress: Called with pictures done and in all.

    Raises:
        InputError: There are no predictions of palsy and level, of grades, or of levels, or they
            are of other data.
    """
    said = _read(results)
    rows = {row.name: row for row in manifest.rows}
    names = [name for each in said for name in each.names]
    if not set(names) <= set(rows):
        raise InputError(results, "answers pictures that the data lacks", "give the same --data")
    if all("grade" in each.truth for each in said):
        return _grade_cuts(said, manifest)
    if not any("palsy" in each.truth for each in said):
        return _classes(said, "level", _OF_EVEN_LEVELS).cuts(manifest.title, LEVELS)
    distance = np.empty(len(names))
    for number, name in enumerate(names):
        distance[number] = over_limit(rows[name], manifest)
        if progress is not None:
            progress(number + 1, len(names))
    found = {
        key: np.concatenate([part.truth[key] for part in said]).astype(np.int64)
        for key in ("palsy", "level")
    }
    known = found["palsy"][found["palsy"] >= 0]
    palsy_share = round(float(known.mean()), 4)
    fusion = even_odds(_joined(said, "palsy_probability"), palsy_share)[:, 1]
    pictures = _Answered(
        read=np.column_stack(
            ([log_odds(float(p)) for p in fusion], [log_distance(float(d)) for d in distance])
        ),
        levels=even_odds(_joined(said, "level_probability"), palsy_share),
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
    return _fitted(pictures, examinations, palsy_share, manifest.title)


def write_rule(rule: Rule | ClassCuts, file: Path) -> None:
    """Write a rule as JSON."""
    make_directory(file.parent)
    replace_file(file, (json.dumps(asdict(rule), indent=1) + "\n").encode())


def _read(results: Path) -> list[Predictions]:
    found = [Predictions.load(file) for file in sorted((results / "predictions").glob("*.npz"))]
    asked = {tuple(sorted({"palsy", "level", "grade"} & set(each.truth))) for each in found}
    if asked not in ({("level", "palsy")}, {("grade",)}, {("level",)}):
        raise InputError(
            printable(results),
            "holds no answers on palsy and level, on the grade, or on the level",
            "give a folder of 'facialis evaluate' of a light form",
        )
    return found


def _joined(said: Sequence[Predictions], answer: str) -> Floats:
    return np.asarray(np.concatenate([part.answers[answer] for part in said]), np.float64)


def _learned_share(said: Sequence[Predictions], manifest: Manifest) -> float:
    """Return the share of palsies among the pictures that were not tested, or all if all were."""
    tested = {name for each in said for name in each.names}
    rows = [row for row in manifest.rows if row.name not in tested] or manifest.rows
    grades = [class_of(row, Target(Scale.HOUSE_BRACKMANN)) for row in rows]
    return round(float(np.mean([int(grade) > 1 for grade in grades if grade is not None])), 4)


def _grade_cuts(said: Sequence[Predictions], manifest: Manifest) -> ClassCuts:
    """Return cut-offs of grades, as they are answered if half of the faces have a palsy."""
    graded = _classes(said, "grade", _learned_share(said, manifest))
    within = np.abs(graded.probability.argmax(axis=1) - graded.truth) <= 1
    cuts = graded.cuts(manifest.title, GRADES)
    measured = cuts.measured | {"within one grade": share(within, graded.people)}
    return replace(cuts, measured=measured)


@dataclass(frozen=True, slots=True, eq=False)
class _Classes:
    """Answers in grades or levels, the first of which is health.

    Attributes:
        name: ``grade`` or ``level``.
        palsy_share: Of palsies that the network learned to expect.
        probability: (n, k) as if half of the faces had a palsy.
        truth: (n,) 0 to k - 1.
        people: (n,)
    """

    name: str
    palsy_share: float
    probability: Floats
    truth: Integers
    people: NDArray[np.str_]

    def cuts(self, title: str, names: Sequence[str]) -> ClassCuts:
        """Return the cut-off of each class by its name.

        Raises:
            InputError: They are of too few people to be tested on others.
        """
        count = len(set(self.people.tolist()))
        if count < FOLDS:
            problem = f"has fewer than {FOLDS} people with a {self.name}"
            raise InputError(title, problem, "evaluate more")
        least = np.round(class_cuts(self.probability, self.truth), 4)
        return ClassCuts(
            data=title,
            people=count,
            examples=len(self.truth),
            coverage=COVERAGE,
            palsy_share=self.palsy_share,
            least=dict(zip(names, least.tolist(), strict=True)),
            measured=self._measured(),
        )

    def _measured(self) -> dict[str, Measured]:
        """Return scores, those of the cut-offs on people that they were not fitted on."""
        covered, size = class_coverage(self.probability, self.truth, self.people)
        well, is_palsy = self.probability[:, 0], self.truth > 0
        called, people = well < _HALF, self.people
        right = self.probability.argmax(axis=1) == self.truth
        return {
            "AUC, palsy": measured_on(roc_auc, people, is_palsy.astype(np.int64), 1 - well),
            "sensitivity at one half": share(called[is_palsy], people[is_palsy]),
            "specificity at one half": share(~called[~is_palsy], people[~is_palsy]),
            f"{self.name} right": share(right, people),
            "coverage": covered,
            f"{self.name}s that are kept": size,
        }


def _classes(said: Sequence[Predictions], name: str, palsy_share: float) -> _Classes:
    truth = np.concatenate([part.truth[name] for part in said]).astype(np.int64)
    people = np.array([person for part in said for person in part.subjects])
    known = truth >= 0
    return _Classes(
        name=name,
        palsy_share=palsy_share,
        probability=even_odds(_joined(said, f"{name}_probability")[known], palsy_share),
        truth=truth[known],
        people=people[known],
    )


def over_limit(row: Row, manifest: Manifest) -> float:
    """Return the distance of a picture from healthy faces in parts of the limit."""
    found = compared(row, manifest)
    return found.distance / found.threshold


def compared(row: Row, manifest: Manifest) -> Verdict:
    """Compare a picture with healthy faces, as one of which no movement is stated.

    Raises:
        InputError: The manifest is in no folder, or the picture has no landmarks.
    """
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
    return verdict(evidence, default_norms())


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


def _fitted(pictures: _Answered, cases: _Answered, palsy_share: float, title: str) -> Rule:
    palsied = pictures.known(pictures.palsy)
    odds = _odds(palsied)
    kept, out_of_fold = _out_of_fold(palsied, _odds)
    measured = {
        "AUC, combined": measured_on(roc_auc, palsied.people, palsied.palsy, out_of_fold),
        "AUC, fusion alone": measured_on(
            roc_auc, palsied.people, palsied.palsy, palsied.read[:, 0]
        ),
        "AUC, norms alone": measured_on(roc_auc, palsied.people, palsied.palsy, palsied.read[:, 1]),
        **_coverage("", palsied, kept),
        **_level_coverage("", pictures.known(pictures.level)),
    }
    whole = cases.known(cases.palsy)
    kept, means = _out_of_fold(whole, None)
    measured |= {
        "AUC, examinations": measured_on(roc_auc, whole.people, whole.palsy, means),
        **_coverage(", examinations", whole, kept),
        **_level_coverage(", examinations", cases.known(cases.level)),
    }
    return Rule(
        data=title,
        people=len(set(pictures.people.tolist())),
        pictures=len(pictures.people),
        coverage=COVERAGE,
        palsy_share=palsy_share,
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


def _coverage(of: str, told: _Answered, kept: NDArray[np.bool_]) -> dict[str, Measured]:
    return {
        f"coverage, palsy{of}": share(kept[told.palsy == 1], told.people[told.palsy == 1]),
        f"coverage, healthy{of}": share(kept[told.palsy == 0], told.people[told.palsy == 0]),
    }


def _level_coverage(of: str, told: _Answered) -> dict[str, Measured]:
    covered, size = class_coverage(told.levels, told.level, told.people)
    return {f"coverage, levels{of}": covered, f"levels that are kept{of}": size}


def _odds(told: _Answered) -> Floats:
    """Return intercept and weights (3,) for as many palsies as healthy faces.

    Both weigh alike: left to itself the fit leans on the fusion, which has learned from this very
    simulation, while the norms have learned from healthy faces alone.
    """
    both = told.read.sum(axis=1, keepdims=True)
    fit = LogisticRegression(C=np.inf, class_weight="balanced").fit(both, told.palsy)
    return np.concatenate((fit.intercept_, np.repeat(fit.coef_[0], told.read.shape[1])))


def _probability(odds: Floats, read: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-(odds[0] + read @ odds[1:]))))


def _cuts(probability: Floats, palsy: Integers, told: _Answered) -> Cuts:
    low, high = _palsy_cuts(probability, palsy)
    graded = told.known(told.level)
    levels = class_cuts(graded.levels, graded.level)
    return Cuts(
        palsy_from=round(low, 4),
        healthy_to=round(high, 4),
        level_from=dict(zip(LEVELS, np.round(levels, 4).tolist(), strict=True)),
    )


def _palsy_cuts(probability: Floats, palsy: Integers) -> tuple[float, float]:
    """Return the least probability of nearly all palsies, the largest of nearly all others."""
    low = least(probability[palsy == 1])
    return low, 1 - least(1 - probability[palsy == 0])

"""Fit a rule that joins methods with the norms, and its cut-offs, and measure it on others.

A rule is logistic regression on the sum of two or three numbers. Its cut-offs are those of split
conformal prediction for each class by itself: the share of a class that its cut-off lets through is
the stated coverage, whatever the share of palsies. Everything that is measured comes from folds of
people that the rule has not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from facialis.clinical.scales import levels_of_grades
from facialis.errors import InputError
from facialis.evaluation.metrics import confusion_matrix, quadratic_weighted_kappa, roc_auc
from facialis.grading.combined import FUSION, GRADER, Rule
from facialis.grading.cuts import Cuts
from facialis.methods.multimodal_fusion.prepare import GRADES, LEVELS
from facialis.training.conformal import (
    COVERAGE,
    FOLDS,
    Floats,
    Integers,
    class_coverage,
    class_cuts,
    coverage,
    least,
    left_open,
    share,
)
from facialis.training.conformal import measured as measured_on

if TYPE_CHECKING:
    from collections.abc import Iterator

    from facialis.grading.cuts import Measured


class Shares(NamedTuple):
    """Of the faces that the fusion learned from.

    Attributes:
        palsy: Those with a palsy by paper 004's label.
        lesion: Those of level II or III.
    """

    palsy: float
    lesion: float


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Faces that were answered.

    Attributes:
        names: (n,) of the pictures.
        read: (n, k + 1): log odds of k methods, and the logarithm of the distance.
        fusion: (n,) its probability of palsy.
        levels: (n, 3) its probabilities of the levels.
        grades: (n, 6) those of the grades.
        palsy: (n,) 1 with a lesion, else 0, or -1 if it is unknown.
        level: (n,) 0, 1, 2 or -1 if it is unknown.
        grade: (n,) 0 to 5 or -1 likewise.
        people: (n,)
    """

    names: NDArray[np.str_]
    read: Floats
    fusion: Floats
    levels: Floats
    grades: Floats
    palsy: Integers
    level: Integers
    grade: Integers
    people: NDArray[np.str_]

    def known(self, label: Integers) -> Answered:
        """Return those of which a label is known."""
        kept = label >= 0
        return _part(self, np.flatnonzero(kept))


def fitted(pictures: Answered, shares: Shares, title: str) -> Rule:
    """Return the rule for pictures.

    Args:
        pictures: Read by the fusion, the grader if it joins, and the norms.
        shares: Of palsies, that the fusion learned to expect.
        title: Of the data.

    Raises:
        InputError: They are of too few people to be tested on others.
    """
    palsied = pictures.known(pictures.palsy)
    graded = pictures.known(pictures.grade)
    has_all_grades = len(np.unique(graded.grade)) == len(GRADES)
    levelled = graded if has_all_grades else pictures.known(pictures.level)
    for what, part in (("palsy", palsied), ("level", levelled)):
        if len(set(part.people.tolist())) < FOLDS:
            problem = f"has fewer than {FOLDS} tested people with a known {what}"
            raise InputError(title, problem, "evaluate more, as by the protocol kfold")
    methods = (FUSION, GRADER)[: palsied.read.shape[1] - 1]
    odds = _odds(palsied)
    kept, out_of_fold = _out_of_fold(palsied)
    scores = {"combined": out_of_fold, "fusion alone": palsied.read[:, 0]}
    if GRADER in methods:
        scores["grader alone"] = palsied.read[:, 1]
    scores["norms alone"] = palsied.read[:, -1]
    aucs = {
        f"AUC, {name}": measured_on(roc_auc, palsied.people, palsied.palsy, score)
        for name, score in scores.items()
    }
    return Rule(
        methods=methods,
        data=title,
        people=len(set(pictures.people.tolist())),
        pictures=len(pictures.people),
        coverage=COVERAGE,
        palsy_share=shares.palsy,
        lesion_share=shares.lesion,
        intercept=round(odds.intercept, 4),
        weight=round(odds.weight, 4),
        photograph=_cuts(
            odds.probability(palsied), palsied.palsy, levelled, by_grade=has_all_grades
        ),
        measured={
            **aucs,
            **_coverage(palsied, kept),
            **(_grades_measured(graded) if has_all_grades else {}),
            **_levels_measured(levelled, by_grade=has_all_grades),
        },
    )


@dataclass(frozen=True, slots=True)
class _Odds:
    """A logistic rule in which everything weighs alike."""

    intercept: float
    weight: float

    def probability(self, told: Answered) -> Floats:
        """Return the combined probability of palsy (n,)."""
        odds = self.intercept + self.weight * told.read.sum(axis=1)
        return np.asarray(1 / (1 + np.exp(-odds)))


def _out_of_fold(told: Answered) -> tuple[NDArray[np.bool_], Floats]:
    """Return whether the conclusion leaves the truth open, and the probability, of people unseen.

    Args:
        told: Pictures of known palsy.
    """
    kept = np.empty(len(told.palsy), bool)
    found = np.empty(len(told.palsy))
    for train, test in _folds(told):
        odds = _odds(_part(told, train))
        learned = odds.probability(_part(told, train))
        found[test] = odds.probability(_part(told, test))
        kept[test] = _left_open(learned, told.palsy[train], found[test], told.palsy[test])
    return kept, found


def _folds(told: Answered) -> Iterator[tuple[Integers, Integers]]:
    yield from GroupKFold(FOLDS).split(told.read, told.palsy, told.people)


def _left_open(
    learned: Floats, learned_palsy: Integers, found: Floats, palsy: Integers
) -> NDArray[np.bool_]:
    """Return whether cut-offs of learned probabilities leave the truth of others open."""
    low, high = palsy_cuts(learned, learned_palsy)
    return np.where(palsy == 1, found >= low, found <= high)


def _part(told: Answered, rows: Integers) -> Answered:
    return Answered(*(getattr(told, name)[rows] for name in Answered.__slots__))


def _coverage(told: Answered, kept: NDArray[np.bool_]) -> dict[str, Measured]:
    return {
        "coverage, palsy": share(kept[told.palsy == 1], told.people[told.palsy == 1]),
        "coverage, healthy": share(kept[told.palsy == 0], told.people[told.palsy == 0]),
    }


def _levels_measured(told: Answered, *, by_grade: bool) -> dict[str, Measured]:
    """Return scores of levels, of which the levels of grades that are left open are left open.

    Where not all grades were fitted on they have cut-offs of their own.
    """
    if by_grade:
        kept = levels_of_grades(left_open(told.grades, told.grade, told.people)) > 0
    else:
        kept = left_open(told.levels, told.level, told.people)
    held, size = coverage(kept, told.level, told.people)
    likeliest = told.levels.argmax(axis=1)
    return {
        "coverage, levels": held,
        "levels that are kept": size,
        "level right": share(likeliest == told.level, told.people),
        "quadratic kappa of levels": measured_on(
            partial(_kappa, of=len(LEVELS)), told.people, told.level, likeliest
        ),
    }


def _grades_measured(told: Answered) -> dict[str, Measured]:
    covered, size = class_coverage(told.grades, told.grade, told.people)
    likeliest = told.grades.argmax(axis=1)
    return {
        "coverage, grades": covered,
        "grades that are kept": size,
        "grade right": share(likeliest == told.grade, told.people),
        "within one grade": share(np.abs(likeliest - told.grade) <= 1, told.people),
        "quadratic kappa of grades": measured_on(
            partial(_kappa, of=len(GRADES)), told.people, told.grade, likeliest
        ),
    }


def _kappa(truth: Integers, found: Integers, *, of: int) -> float:
    return quadratic_weighted_kappa(confusion_matrix(truth, found, of))


def _odds(told: Answered) -> _Odds:
    """Return the rule for as many palsies as healthy faces.

    All weigh alike: left to itself the fit leans on the networks, which have learned from this very
    simulation, while the norms have learned from healthy faces alone.
    """
    joined = told.read.sum(axis=1, keepdims=True)
    fit = LogisticRegression(C=np.inf, class_weight="balanced").fit(joined, told.palsy)
    return _Odds(float(fit.intercept_[0]), float(fit.coef_[0, 0]))


def _cuts(probability: Floats, palsy: Integers, told: Answered, *, by_grade: bool) -> Cuts:
    low, high = palsy_cuts(probability, palsy)
    names, answers, truth = (
        (GRADES, told.grades, told.grade) if by_grade else (LEVELS, told.levels, told.level)
    )
    least_of_each = np.round(class_cuts(answers, truth), 4)
    return Cuts(
        palsy_from=round(low, 4),
        healthy_to=round(high, 4),
        least=dict(zip(names, least_of_each.tolist(), strict=True)),
    )


def palsy_cuts(probability: Floats, palsy: Integers) -> tuple[float, float]:
    """Return the least probability of nearly all palsies, the largest of nearly all others."""
    low = least(probability[palsy == 1])
    return low, 1 - least(1 - probability[palsy == 0])

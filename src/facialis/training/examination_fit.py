"""Fit what whole examinations leave open, by how many movements they have, and measure it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.model_selection import GroupKFold

from facialis.clinical.scales import levels_of_grades
from facialis.errors import InputError
from facialis.evaluation.metrics import confusion_matrix, quadratic_weighted_kappa, roc_auc
from facialis.grading.cuts import Cuts, ExaminationCuts, MovementCuts, even_odds
from facialis.methods.multimodal_fusion.examination_recipe import COUNT, OF_SOME
from facialis.methods.multimodal_fusion.prepare import GRADES, LEVELS
from facialis.training.class_fit import joined
from facialis.training.conformal import (
    COVERAGE,
    FOLDS,
    Floats,
    Integers,
    People,
    class_cuts,
    share,
)
from facialis.training.conformal import measured as measured_on
from facialis.training.rule_fit import palsy_cuts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.evaluation.predictions import Predictions
    from facialis.grading.cuts import Measured

_MEASURED: Final = (1, 2, 3, 4, 6, 8, 12)
_LEVEL_OF_GRADE: Final = levels_of_grades(np.eye(len(GRADES))).argmax(axis=1)


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """Examinations of some of their movements, each in several draws.

    Attributes:
        grades: (n, d, 6) probabilities as if half of the people had a palsy.
        grade: (n,) 0 to 5.
        people: (n,)
    """

    grades: Floats
    grade: Integers
    people: People

    @property
    def palsy(self) -> Floats:
        """Probabilities (n, d) of a palsy."""
        return np.asarray(1 - self.grades[..., 0])

    @property
    def levels(self) -> Floats:
        """Probabilities (n, d, 3) of the levels."""
        return levels_of_grades(self.grades)

    @property
    def level(self) -> Integers:
        """The level (n,), 0 to 2."""
        return np.asarray(_LEVEL_OF_GRADE[self.grade])

    def of(self, rows: Integers) -> _Told:
        """Return some of them."""
        return _Told(self.grades[rows], self.grade[rows], self.people[rows])

    def cuts(self) -> MovementCuts:
        """Return the cut-offs that leave open what is true of nearly all draws of each class."""
        draws = self.grades.shape[1]
        low, high = palsy_cuts(
            self.palsy.ravel(), np.repeat(self.grade > 0, draws).astype(np.int64)
        )
        levels, grades = (
            class_cuts(told.reshape(-1, told.shape[-1]), np.repeat(truth, draws))
            for told, truth in ((self.levels, self.level), (self.grades, self.grade))
        )
        return MovementCuts(
            palsy=Cuts(
                palsy_from=round(low, 4),
                healthy_to=round(high, 4),
                level_from=_named(LEVELS, levels),
            ),
            grade_from=_named(GRADES, grades),
        )


def examination_cuts(
    said: Sequence[Predictions], palsy_share: float, title: str
) -> ExaminationCuts:
    """Return the cut-offs of examinations of 1, 2 … 12 movements.

    They are fitted on examinations that have all of as many movements as the fullest ones, some of
    which are hidden in several draws.

    Args:
        said: The answers of `ExaminationLearner`, of all splits.
        palsy_share: Share of palsies that the network learned to expect.
        title: Of the data.

    Raises:
        InputError: They are of too few people to be tested on others.
    """
    grade = np.concatenate([part.truth["grade"] for part in said]).astype(np.int64)
    count = np.concatenate([part.answers[COUNT] for part in said])
    people = np.array([person for part in said for person in part.subjects])
    most = int(count[grade >= 0].max(initial=0))
    whole = (grade >= 0) & (count == most)
    some = even_odds(joined(said, OF_SOME)[whole], palsy_share)
    told = [_Told(some[:, k], grade[whole], people[whole]) for k in range(most)]
    known, grades = len(set(people[whole].tolist())), len(set(grade[whole].tolist()))
    if known < FOLDS or grades < len(GRADES):
        raise InputError(
            title,
            f"has whole examinations of {known} people, of {grades} grades",
            f"evaluate data of at least {FOLDS} people and of all six grades",
        )
    measured: dict[str, Measured] = {}
    for each in _MEASURED:
        if each <= most:
            found = _measured(told[each - 1])
            measured |= {f"{name}, of {each}": value for name, value in found.items()}
    return ExaminationCuts(
        data=title,
        people=known,
        examinations=int(whole.sum()),
        coverage=COVERAGE,
        palsy_share=palsy_share,
        by_movements=tuple(each.cuts() for each in told),
        measured=measured,
    )


def _measured(told: _Told) -> dict[str, Measured]:
    """Return scores, those of the cut-offs on people that they were not fitted on."""
    draws = told.grades.shape[1]
    people, grade = np.repeat(told.people, draws), np.repeat(told.grade, draws)
    grades = told.grades.reshape(-1, len(GRADES))
    palsy, level = (grade > 0).astype(np.int64), _LEVEL_OF_GRADE[grade]
    likeliest, likeliest_level = grades.argmax(axis=1), levels_of_grades(grades).argmax(axis=1)
    open_to = _left_open(told)
    return {
        "AUC": measured_on(roc_auc, people, palsy, 1 - grades[:, 0]),
        "coverage, palsy": share(open_to["palsy"][palsy == 1], people[palsy == 1]),
        "coverage, healthy": share(open_to["palsy"][palsy == 0], people[palsy == 0]),
        "coverage, levels": share(open_to["level"], people),
        "levels that are kept": share(open_to["levels"], people),
        "level right": share(likeliest_level == level, people),
        "quadratic kappa of levels": measured_on(
            lambda a, b: _kappa(a, b, len(LEVELS)), people, level, likeliest_level
        ),
        "coverage, grades": share(open_to["grade"], people),
        "grades that are kept": share(open_to["grades"], people),
        "grade right": share(likeliest == grade, people),
        "within one grade": share(np.abs(likeliest - grade) <= 1, people),
        "quadratic kappa of grades": measured_on(
            lambda a, b: _kappa(a, b, len(GRADES)), people, grade, likeliest
        ),
    }


def _left_open(told: _Told) -> dict[str, Floats]:
    """Return for each draw whether cut-offs of other people keep the truth, and how many they keep.

    Returns:
        Arrays (n * d,): whether the conclusion, the level and the grade do, and how many ``levels``
        and ``grades``.
    """
    shape = told.grades.shape[:2]
    found = {name: np.zeros(shape) for name in ("palsy", "level", "grade", "levels", "grades")}
    for train, test in GroupKFold(FOLDS).split(told.grade, told.grade, told.people):
        cuts, others = told.of(train).cuts(), told.of(test)
        ill = others.grade[:, None] > 0
        kept = np.where(
            ill, others.palsy >= cuts.palsy.palsy_from, others.palsy <= cuts.palsy.healthy_to
        )
        found["palsy"][test] = kept
        for name, least, probability, truth in (
            ("level", cuts.palsy.level_from, others.levels, others.level),
            ("grade", cuts.grade_from, others.grades, others.grade),
        ):
            left = probability >= np.array(list(least.values()))
            is_likeliest = probability == probability.max(axis=-1, keepdims=True)
            left |= is_likeliest & ~left.any(axis=-1, keepdims=True)
            found[name][test] = np.take_along_axis(left, truth[:, None, None], axis=-1)[..., 0]
            found[f"{name}s"][test] = left.sum(axis=-1)
    return {name: each.ravel() for name, each in found.items()}


def _named(names: Sequence[str], values: Floats) -> dict[str, float]:
    return dict(zip(names, np.round(values, 4).tolist(), strict=True))


def _kappa(truth: Integers, found: Integers, classes: int) -> float:
    return quadratic_weighted_kappa(confusion_matrix(truth, found, classes))

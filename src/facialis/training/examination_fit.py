"""Fit what whole examinations leave open, by how many movements they have, and measure it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from sklearn.model_selection import GroupKFold

from facialis.clinical.scales import levels_of_grades
from facialis.errors import InputError
from facialis.evaluation.metrics import confusion_matrix, quadratic_weighted_kappa, roc_auc
from facialis.grading.cuts import Cuts, ExaminationCuts, even_odds
from facialis.methods.multimodal_fusion.examination_recipe import (
    COUNT,
    HAS_REST,
    OF_SOME,
    WITH_REST,
    WITHOUT_REST,
)
from facialis.methods.multimodal_fusion.prepare import GRADES, LEVELS
from facialis.training.class_fit import joined
from facialis.training.conformal import (
    COVERAGE,
    FOLDS,
    Floats,
    Integers,
    People,
    cut_off_rank,
    share,
)
from facialis.training.conformal import measured as measured_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from facialis.evaluation.predictions import Predictions
    from facialis.grading.cuts import Measured

_WITH_REST: Final = (1, 2, 3, 4, 6, 8, 12)
_WITHOUT_REST: Final = (1, 3, 6)
"""Numbers of movements of which scores are told."""
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

    def of(self, rows: Integers) -> _Told:
        """Return some of them."""
        return _Told(self.grades[rows], self.grade[rows], self.people[rows])

    def cuts(self) -> Cuts:
        """Return the cut-offs that leave open what is true of nearly all draws of each class."""
        ill = self.grade > 0
        least = [_least(self.grades[self.grade == each, :, each]) for each in range(len(GRADES))]
        return Cuts(
            palsy_from=round(_least(self.palsy[ill]), 4),
            healthy_to=round(1 - _least(1 - self.palsy[~ill]), 4),
            least=dict(zip(GRADES, np.round(least, 4).tolist(), strict=True)),
        )


def _least(scores: Floats) -> float:
    """Return the score that nearly all draws of nearly all examinations (n, d) lie at or above.

    The draws of one examination count as one: the rank is that of n examinations, as in
    `conformal.least`.
    """
    rank = cut_off_rank(len(scores))
    return float(np.sort(scores, axis=None)[rank * scores.shape[1] - 1]) if rank > 0 else 0.0


def examination_cuts(
    said: Sequence[Predictions], palsy_share: float, title: str
) -> ExaminationCuts:
    """Return the cut-offs of examinations of 1, 2 … movements, with a picture at rest and without.

    They are fitted on the examinations that have the most movements, rest among them, some of which
    are hidden in several draws.

    Args:
        said: The answers of `ExaminationLearner`, of all splits.
        palsy_share: Share of palsies in these data, about that which the network learned to expect.
        title: Of the data.

    Raises:
        InputError: They are of too few people to be tested on others, or lack a grade.
    """
    grade = np.concatenate([part.truth["grade"] for part in said]).astype(np.int64)
    count = np.concatenate([part.answers[COUNT] for part in said])
    people = np.array([person for part in said for person in part.subjects])
    usable = (grade >= 0) & (np.concatenate([part.answers[HAS_REST] for part in said]) > 0)
    most = int(count[usable].max(initial=0))
    whole = usable & (count == most)
    some = even_odds(joined(said, OF_SOME)[whole], palsy_share)
    known, grades = len(set(people[whole].tolist())), len(set(grade[whole].tolist()))
    if known < FOLDS or grades < len(GRADES):
        raise InputError(
            title,
            f"has whole examinations with rest of {known} people, of {grades} grades",
            f"evaluate data of at least {FOLDS} people and of all six grades",
        )
    with_rest, without_rest = (
        [_Told(some[:, k, draws], grade[whole], people[whole]) for k in range(numbers)]
        for draws, numbers in ((WITH_REST, most), (WITHOUT_REST, max(1, most - 1)))
    )
    measured: dict[str, Measured] = {}
    for words, told, numbers in (
        ("with rest", with_rest, _WITH_REST),
        ("without rest", without_rest, _WITHOUT_REST),
    ):
        for number in (each for each in numbers if each <= len(told)):
            found = _measured(told[number - 1])
            measured |= {f"{name}, {number} {words}": value for name, value in found.items()}
    return ExaminationCuts(
        data=title,
        people=known,
        examinations=int(whole.sum()),
        coverage=COVERAGE,
        palsy_share=palsy_share,
        with_rest=tuple(each.cuts() for each in with_rest),
        without_rest=tuple(each.cuts() for each in without_rest),
        measured=measured,
    )


def _measured(told: _Told) -> dict[str, Measured]:
    """Return scores, those of the cut-offs on people that they were not fitted on."""
    draws = told.grades.shape[1]
    people, grade = np.repeat(told.people, draws), np.repeat(told.grade, draws)
    grades = told.grades.reshape(-1, len(GRADES))
    palsy, level = (grade > 0).astype(np.int64), _LEVEL_OF_GRADE[grade]
    likeliest, likeliest_level = grades.argmax(axis=1), levels_of_grades(grades).argmax(axis=1)
    kept, conclusion = _left_open(told)
    return {
        "AUC": measured_on(roc_auc, people, palsy, 1 - grades[:, 0]),
        "coverage, palsy": share(conclusion[palsy == 1], people[palsy == 1]),
        "coverage, healthy": share(conclusion[palsy == 0], people[palsy == 0]),
        "coverage, grades": share(kept[np.arange(len(grade)), grade], people),
        "grades that are kept": share(kept.sum(axis=1), people),
        "coverage, levels": share((kept & _of_one_level(level)).any(axis=1), people),
        "grade right": share(likeliest == grade, people),
        "within one grade": share(np.abs(likeliest - grade) <= 1, people),
        "quadratic kappa of grades": measured_on(
            lambda a, b: _kappa(a, b, len(GRADES)), people, grade, likeliest
        ),
        "level right": share(likeliest_level == level, people),
        "quadratic kappa of levels": measured_on(
            lambda a, b: _kappa(a, b, len(LEVELS)), people, level, likeliest_level
        ),
    }


def _left_open(told: _Told) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return what cut-offs of other people leave open of each draw.

    Returns:
        The grades (n * d, 6), and whether the conclusion does not rule the truth out (n * d,).
    """
    kept = np.zeros(told.grades.shape, np.bool_)
    conclusion = np.zeros(told.grades.shape[:2], np.bool_)
    for train, test in GroupKFold(FOLDS).split(told.grade, told.grade, told.people):
        cuts, others = told.of(train).cuts(), told.of(test)
        left = others.grades >= np.array([cuts.least[name] for name in GRADES])
        is_likeliest = others.grades == others.grades.max(axis=-1, keepdims=True)
        kept[test] = left | is_likeliest & ~left.any(axis=-1, keepdims=True)
        ruled_out = np.where(others.grade > 0, "no palsy", "palsy")
        said = np.vectorize(cuts.conclusion, otypes=[np.str_])(others.palsy)
        conclusion[test] = said != ruled_out[:, None]
    return kept.reshape(-1, len(GRADES)), conclusion.ravel()


def _of_one_level(level: Integers) -> NDArray[np.bool_]:
    """Return which grades (n, 6) belong to a level (n,)."""
    return np.asarray(_LEVEL_OF_GRADE[None] == level[:, None])


def _kappa(truth: Integers, found: Integers, classes: int) -> float:
    return quadratic_weighted_kappa(confusion_matrix(truth, found, classes))

"""Fit the cut-offs of grades, or of levels, and measure them on others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.evaluation.metrics import roc_auc
from facialis.grading.cuts import ClassCuts, even_odds
from facialis.training.conformal import (
    COVERAGE,
    FOLDS,
    Floats,
    Integers,
    class_coverage,
    class_cuts,
    share,
)
from facialis.training.conformal import measured as measured_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.evaluation.predictions import Predictions
    from facialis.grading.cuts import Measured

_HALF: Final = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class ClassAnswers:
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


def class_answers(said: Sequence[Predictions], name: str, palsy_share: float) -> ClassAnswers:
    """Return the answers whose truth is known, as if half of the faces had a palsy.

    Args:
        said: Of all splits.
        name: ``grade`` or ``level``.
        palsy_share: Of palsies that the network learned to expect.
    """
    truth = np.concatenate([part.truth[name] for part in said]).astype(np.int64)
    people = np.array([person for part in said for person in part.subjects])
    known = truth >= 0
    return ClassAnswers(
        name=name,
        palsy_share=palsy_share,
        probability=even_odds(joined(said, f"{name}_probability")[known], palsy_share),
        truth=truth[known],
        people=people[known],
    )


def joined(said: Sequence[Predictions], answer: str) -> Floats:
    """Return an answer (n, ...) to the pictures of all splits."""
    return np.asarray(np.concatenate([part.answers[answer] for part in said]), np.float64)

"""How far two evaluations of the same people are apart, person by person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from facialis.errors import InputError
from facialis.evaluation.intervals import Interval, bootstrap, signed_rank_p

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from facialis.evaluation.result import Result, TaskRecord


@dataclass(frozen=True, slots=True)
class Difference:
    """The first result's mean over people less the second's.

    Attributes:
        metric: Of which score.
        value: The difference.
        interval: Over people, both scored on the same resamples.
        chance: Two-sided p-value of the exact signed-rank test over people.
        people: How many.
    """

    metric: str
    value: float
    interval: Interval
    chance: float
    people: int


def are_paired(first: Result, second: Result) -> bool:
    """Whether two results are of the same rows, divided in the same way."""
    return (first.data.manifest, first.data.rows, first.splits.digest) == (
        second.data.manifest,
        second.data.rows,
        second.splits.digest,
    )


def paired_difference(
    first: TaskRecord, second: TaskRecord, metric: str, *, seed: int
) -> Difference:
    """Return how far the first is above the second in the mean over people.

    Args:
        first: Scores of a task.
        second: Scores of the same task and the same rows; see `are_paired`.
        metric: A score that each person has; undefined counts as 0 (D4-13).
        seed: Draws the interval.

    Raises:
        InputError: The two are not of the same people, or a person lacks the score.
    """
    if set(first.people) != set(second.people) or first.rows != second.rows:
        raise InputError(first.title, "was scored on other people", "evaluate both on the same")
    names = sorted(first.people)
    try:
        pairs = [(first.people[name][metric], second.people[name][metric]) for name in names]
    except KeyError as error:
        raise InputError(metric, "is no score of a person", "name another") from error
    gaps = np.array([(one or 0.0) - (other or 0.0) for one, other in pairs])
    return Difference(
        metric=metric,
        value=float(gaps.mean()),
        interval=bootstrap(_mean, names, gaps, seed=seed),
        chance=signed_rank_p(np.round(gaps, 12)),
        people=len(names),
    )


def _mean(values: ArrayLike) -> float:
    return float(np.asarray(values, dtype=np.float64).mean())

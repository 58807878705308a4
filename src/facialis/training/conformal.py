"""Cut-offs by split conformal prediction for each class by itself, and how well they cover."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from facialis.evaluation.intervals import bootstrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from facialis.grading.cuts import Measured

COVERAGE: Final = 0.9
FOLDS: Final = 5
SEED: Final = 0

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
People = NDArray[np.str_]


def cut_off_rank(count: int) -> int:
    """Return which of the scores in rising order is the cut-off, from 1; 0 if they are too few."""
    return int(np.floor(round((count + 1) * (1 - COVERAGE), 6)))


def least(scores: Floats) -> float:
    """Return the score that the stated share of n + 1 lies at or above, n of which are known."""
    rank = cut_off_rank(len(scores))
    return float(np.sort(scores)[rank - 1]) if rank > 0 else 0.0


def class_cuts(probability: Floats, truth: Integers) -> Floats:
    """Return for each class the least probability (k,) that nearly all of its faces get for it.

    Args:
        probability: (n, k).
        truth: (n,) the class of each.
    """
    classes = range(probability.shape[1])
    return np.array([least(probability[truth == each, each]) for each in classes])


def class_coverage(
    probability: Floats, truth: Integers, people: People
) -> tuple[Measured, Measured]:
    """Return how often the truth is kept, and how many classes are, of people not fitted on.

    Args:
        probability: (n, k).
        truth: (n,).
        people: (n,) who is shown; the cut-offs are fitted on others.
    """
    return coverage(left_open(probability, truth, people), truth, people)


def left_open(probability: Floats, truth: Integers, people: People) -> NDArray[np.bool_]:
    """Return which classes (n, k) are kept by cut-offs of others; args as `class_coverage`."""
    kept = np.empty(probability.shape, bool)
    for train, test in GroupKFold(FOLDS).split(probability, truth, people):
        kept[test] = probability[test] >= class_cuts(probability[train], truth[train])
    return kept


def coverage(kept: NDArray[np.bool_], truth: Integers, people: People) -> tuple[Measured, Measured]:
    """Return how often the truth (n,) is among the classes that are kept (n, k), and how many."""
    held = kept[np.arange(len(truth)), truth]
    return share(held, people), share(kept.sum(axis=1), people)


def measured(
    metric: Callable[..., float], people: People, *arrays: NDArray[np.generic]
) -> Measured:
    """Return a score of the arrays (n, ...) and its 95 % interval over people."""
    interval = bootstrap(metric, people.tolist(), *arrays, seed=SEED)
    value = float(metric(*arrays))
    return round(value, 4), round(interval.low, 4), round(interval.high, 4)


def share(kept: NDArray[np.generic], people: People) -> Measured:
    """Return the mean and its 95 % interval over people."""
    return measured(lambda each: float(np.mean(each)), people, kept)

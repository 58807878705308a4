"""Intervals over people from sums that each person adds to, without going back to the samples.

The people drawn are those that `intervals.bootstrap` draws with the same seed, so that both give
the same interval; here a resample costs one addition of matrices, whatever the number of pictures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.evaluation.intervals import DRAWS, LEVEL, Interval
from facialis.evaluation.metrics import Counts, Floats, Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Scores = Mapping[str, Score]
"""Scores by name."""

_AT_ONCE: Final = 100


def drawn(people: int, seed: int, draws: int = DRAWS) -> Counts:
    """Return how often each person is in each resample, (draws, people)."""
    chosen = np.random.default_rng(seed).integers(people, size=(draws, people))
    rows = np.arange(draws)[:, None] * people + chosen
    return np.bincount(rows.ravel(), minlength=draws * people).reshape(draws, people)


def intervals_of(values: Mapping[str, Floats]) -> dict[str, Interval]:
    """Return the percentile interval of each score, from its values (draws,) in the resamples."""
    return {name: _interval(each) for name, each in values.items()}


def resampled(
    matrices: Counts, scores: Callable[[Counts], Scores], times: Counts
) -> dict[str, Floats]:
    """Return each score in each resample of the people.

    Args:
        matrices: Confusion matrix of each person (S, K, K).
        scores: From a pooled matrix to scores; the same names for every matrix.
        times: How often each person is drawn (draws, S).

    Returns:
        By name, (draws,).
    """
    people, classes, _ = matrices.shape
    pooled = (times @ matrices.reshape(people, -1)).reshape(-1, classes, classes)
    found = [scores(matrix) for matrix in pooled]
    return {name: np.array([each[name].value for each in found]) for name in found[0]}


def resampled_means(values: Floats, times: Counts) -> Floats:
    """Return the mean over people in each resample (draws,); an undefined value counts as 0."""
    return np.asarray(times @ np.nan_to_num(values) / times.sum(axis=1))


def resampled_auc(
    positive: NDArray[np.bool_], scores: Floats, people: Sequence[int], times: Counts
) -> Floats:
    """Return the area under the ROC curve in each resample (draws,), ties counted half.

    Args:
        positive: Whether each sample (n,) is of the class.
        scores: How much it looks so (n,).
        people: Number of the person of each sample (n,).
        times: How often each person is drawn (draws, S).

    Returns:
        NaN where a resample lacks positive or negative samples.
    """
    order = np.argsort(scores, kind="stable")
    ranked = scores[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    is_positive, place = positive[order], np.asarray(people)[order]
    parts = [
        _areas(times[first : first + _AT_ONCE][:, place], is_positive, starts)
        for first in range(0, len(times), _AT_ONCE)
    ]
    return np.concatenate(parts)


def _areas(weights: Counts, positive: NDArray[np.bool_], starts: NDArray[np.intp]) -> Floats:
    above = np.add.reduceat(weights * positive, starts, axis=1).astype(np.float64)
    below = np.add.reduceat(weights * ~positive, starts, axis=1).astype(np.float64)
    wins = (above * (below.cumsum(axis=1) - below / 2)).sum(axis=1)
    pairs = above.sum(axis=1) * below.sum(axis=1)
    return np.divide(wins, pairs, out=np.full(len(wins), np.nan), where=pairs != 0)


def _interval(values: Floats) -> Interval:
    there = values[~np.isnan(values)]
    if not there.size:
        return Interval(math.nan, math.nan, LEVEL, len(values))
    low, high = np.quantile(there, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(float(low), float(high), LEVEL, len(values) - there.size)

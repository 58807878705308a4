"""Intervals over people from sums that each person adds to, without going back to the samples.

The people drawn are those that `intervals.bootstrap` draws with the same seed, so that both give
the same interval; here a resample costs one addition of matrices, whatever the number of pictures.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from facialis.evaluation.intervals import DRAWS, LEVEL, Interval
from facialis.evaluation.metrics import Counts, Floats, Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Scores = Mapping[str, Score]
"""Scores by name."""


def drawn(people: int, seed: int, draws: int = DRAWS) -> Counts:
    """Return how often each person is in each resample, (draws, people)."""
    chosen = np.random.default_rng(seed).integers(people, size=(draws, people))
    rows = np.arange(draws)[:, None] * people + chosen
    return np.bincount(rows.ravel(), minlength=draws * people).reshape(draws, people)


def intervals_of(values: Mapping[str, Floats]) -> dict[str, Interval]:
    """Return the percentile interval of each score, from its values (draws,) in the resamples."""
    return {name: _interval(each) for name, each in values.items()}


def resampled(
    matrices: Counts, scores: Callable[[Counts], dict[str, Floats]], times: Counts
) -> dict[str, Floats]:
    """Return each score in each resample of the people.

    Args:
        matrices: Confusion matrix of each person (S, K, K).
        scores: From pooled matrices (draws, K, K) to scores by name, each (draws,).
        times: How often each person is drawn (draws, S).

    Returns:
        By name, (draws,).
    """
    people, classes, _ = matrices.shape
    return scores((times @ matrices.reshape(people, -1)).reshape(-1, classes, classes))


def resampled_means(values: Floats, times: Counts) -> Floats:
    """Return the mean over people in each resample (draws,); an undefined value counts as 0."""
    return np.asarray(times @ np.nan_to_num(values) / times.sum(axis=1))


def resampled_auc(
    positive: NDArray[np.bool_], scores: Floats, people: Sequence[int], times: Counts
) -> Floats:
    """Return the area under the ROC curve in each resample (draws,), ties counted half.

    The area counts pairs of a positive and a negative sample, so the pairs of any two people are
    counted once, and a resample weighs them by how often the two are drawn.

    Args:
        positive: Whether each sample (n,) is of the class.
        scores: How much it looks so (n,).
        people: Number of the person of each sample (n,).
        times: How often each person is drawn (draws, S).

    Returns:
        NaN where a resample lacks positive or negative samples.
    """
    values, level = np.unique(scores, return_inverse=True)
    place = np.asarray(people, dtype=np.intp)
    above, below = (
        _by_level(level[each], place[each], (len(values), times.shape[1]))
        for each in (positive, ~positive)
    )
    wins = above.T @ (below.cumsum(axis=0) - below / 2)
    won = ((times @ wins) * times).sum(axis=1)
    pairs = (times @ above.sum(axis=0)) * (times @ below.sum(axis=0))
    return np.divide(won, pairs, out=np.full(len(won), np.nan), where=pairs != 0)


def _by_level(level: NDArray[np.intp], place: NDArray[np.intp], shape: tuple[int, int]) -> Floats:
    """Return how many samples of each person (U, S) have each of the scores, lowest first."""
    counts = np.bincount(level * shape[1] + place, minlength=shape[0] * shape[1])
    return counts.reshape(shape).astype(np.float64)


def _interval(values: Floats) -> Interval:
    there = values[~np.isnan(values)]
    if not there.size:
        return Interval(math.nan, math.nan, LEVEL, len(values))
    low, high = np.quantile(there, ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    return Interval(float(low), float(high), LEVEL, len(values) - there.size)

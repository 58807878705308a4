"""Intervals and tests that respect that frames of one patient are not independent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.errors import InputError
from facialis.evaluation.subjects import Metric, grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

LEVEL: Final = 0.95
"""Coverage of an interval."""

DRAWS: Final = 2000
"""Resamples of a bootstrap."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A range that a value lies in.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        level: Its nominal coverage, 0 to 1.
        undefined: Resamples in which the metric was undefined and which were left out.
    """

    low: float
    high: float
    level: float = LEVEL
    undefined: int = 0


def bootstrap(
    metric: Metric,
    subjects: Sequence[str],
    *arrays: ArrayLike,
    seed: int,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> Interval:
    """Return the percentile interval of a metric over patients drawn with replacement.

    A patient that is drawn brings all its samples, as often as it is drawn.

    Args:
        metric: Called with the arrays of the drawn samples.
        subjects: The patient of each sample (n,).
        arrays: What the metric takes, each with n entries or rows.
        seed: The same seed gives the same interval.
        draws: Resamples.
        level: Coverage.

    Returns:
        The interval; its ends are NaN if the metric was undefined in every resample.

    Raises:
        InputError: There are no samples, or an array has another number of them.
    """
    _, samples, data = grouped(subjects, arrays)
    rng = np.random.default_rng(seed)
    values = np.empty(draws)
    for draw, chosen in enumerate(rng.integers(len(samples), size=(draws, len(samples)))):
        rows = np.concatenate([samples[subject] for subject in chosen])
        values[draw] = metric(*(each[rows] for each in data))
    there = values[~np.isnan(values)]
    if not there.size:
        return Interval(math.nan, math.nan, level, draws)
    low, high = np.quantile(there, ((1 - level) / 2, (1 + level) / 2))
    return Interval(float(low), float(high), level, draws - there.size)


def wilson(right: int, samples: int, level: float = LEVEL) -> Interval:
    """Return Wilson's interval of a share; valid only for independent samples (METHODS 3.8).

    Args:
        right: Samples that were called right.
        samples: Samples in all.
        level: Coverage.

    Raises:
        InputError: There are no samples, or fewer than were right.
    """
    if not 0 <= right <= samples or not samples:
        raise InputError(f"{right} of {samples}", "is no share", "count again")
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = right / samples
    width = z * math.sqrt(share * (1 - share) / samples + (z / (2 * samples)) ** 2)
    scale = 1 + z**2 / samples
    middle = share + z**2 / (2 * samples)
    return Interval(max(0.0, (middle - width) / scale), min(1.0, (middle + width) / scale), level)


def signed_rank_p(differences: ArrayLike) -> float:
    """Return the two-sided p-value of Wilcoxon's signed-rank test, exact also with ties.

    Args:
        differences: (S,) score of one method less the other's, one a patient; zeros are left out.

    Returns:
        1 if no difference is left.
    """
    values = np.asarray(differences, dtype=np.float64)
    values = values[values != 0]
    if not values.size:
        return 1.0
    _, place, ties = np.unique(np.abs(values), return_inverse=True, return_counts=True)
    ranks = (2 * np.cumsum(ties) - ties + 1)[place]  # twice the mean rank, a whole number
    chances = np.ones(1)
    for rank in ranks:
        kept = np.concatenate((chances, np.zeros(rank)))
        moved = np.concatenate((np.zeros(rank), chances))
        chances = (kept + moved) / 2
    positive = int(ranks[values > 0].sum())
    fewer = min(positive, int(ranks.sum()) - positive)
    return float(min(1.0, 2 * chances[: fewer + 1].sum()))

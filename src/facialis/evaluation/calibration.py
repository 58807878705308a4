"""Whether answers given with a confidence are right that often."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.evaluation.scoring import ReliabilityBin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.evaluation.metrics import Counts, Floats

BINS: Final = 10
"""Bins of equal width (Guo et al. 2017 use 15, for far more samples)."""


def reliability(truth: Counts, probabilities: Floats) -> tuple[ReliabilityBin, ...]:
    """Return the bins (low, high] of the confidence of the likeliest class that hold an answer.

    Args:
        truth: Classes (n,).
        probabilities: Of each class (n, K).
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.clip(np.ceil(confidence * BINS).astype(np.int64) - 1, 0, BINS - 1)
    bins = []
    for number in range(BINS):
        here = place == number
        if here.any():
            shares = float(confidence[here].mean()), float(right[here].mean())
            low, high = number / BINS, (number + 1) / BINS
            bins.append(ReliabilityBin(low, high, int(here.sum()), *shares))
    return tuple(bins)


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float:
    """Return the mean distance of confidence from the share that is right (Guo et al. 2017)."""
    rows = sum(each.rows for each in bins)
    if not rows:
        return math.nan
    return sum(each.rows * abs(each.confidence - each.right) for each in bins) / rows

"""Whether answers given with a confidence are right that often."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.evaluation.scoring import ReliabilityBin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from facialis.evaluation.metrics import Counts, Floats

BINS: Final = 10
"""Bins of equal width (Guo et al. 2017 use 15, for far more samples)."""


def reliability(truth: Counts, probabilities: Floats) -> tuple[ReliabilityBin, ...]:
    """Return the bins (low, high] of the confidence of the likeliest class that hold an answer.

    Args:
        truth: Classes (n,).
        probabilities: Of each class (n, K).
    """
    confidence, right, place = _placed(truth, probabilities)
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


def resampled_calibration_error(
    truth: Counts, probabilities: Floats, people: NDArray[np.intp], times: Counts
) -> Floats:
    """Return the expected calibration error in each resample of the people (draws,).

    Args:
        truth: Classes (n,).
        probabilities: Of each class (n, K).
        people: Number of the person of each sample (n,).
        times: How often each person is drawn (draws, S).
    """
    confidence, right, place = _placed(truth, probabilities)
    gaps = np.zeros((times.shape[1], BINS))
    np.add.at(gaps, (people, place), confidence - right)
    samples = times @ np.bincount(people, minlength=times.shape[1])
    return np.asarray(np.abs(times @ gaps).sum(axis=1) / samples)


def _placed(
    truth: Counts, probabilities: Floats
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.intp]]:
    """Return confidence, whether it is right, and the number of the bin of each answer."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    return confidence, right, np.clip(np.ceil(confidence * BINS).astype(np.intp) - 1, 0, BINS - 1)

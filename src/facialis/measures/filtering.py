"""Courses on a regular grid, smoothed and differentiated without a shift in time.

Smoothing is by a polynomial fitted to the samples around each moment (Savitzky and Golay 1964): it
looks as far ahead as back, so that no event moves, and it gives the speed with the value.
"""

from __future__ import annotations

from functools import lru_cache
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_LEAST_SAMPLES: Final = 5
_SHORTEST_STEP: Final = 1 / 240
_ROUNDING: Final = 1e-6


def regular_times(seconds: Floats) -> Floats:
    """Return times (N,) at the median step of rising times (T,), from the first to the last."""
    if len(seconds) == 1:
        return seconds.copy()
    step = max(float(np.median(np.diff(seconds))), _SHORTEST_STEP)
    count = int(np.floor((seconds[-1] - seconds[0]) / step + 0.5)) + 1
    return np.asarray(seconds[0] + step * np.arange(count))


def resampled(at: Floats, seconds: Floats, values: Floats) -> Floats:
    """Return values (T, ...) given at rising times (T,) at other times (N, ...), linearly.

    Before the first and after the last time the value there holds.
    """
    if len(seconds) == 1:
        return np.repeat(values, len(at), axis=0)
    after = np.clip(np.searchsorted(seconds, at), 1, len(seconds) - 1)
    before = after - 1
    share = (at - seconds[before]) / (seconds[after] - seconds[before])
    share = np.clip(share, 0.0, 1.0).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(values[before] + share * (values[after] - values[before]))


def within_reach(at: Floats, seconds: Floats, longest_gap: float) -> Flags:
    """Return which times (N,) a given time (T,) meets, or lie in a gap that is short enough."""
    after = np.searchsorted(seconds, at - _ROUNDING)
    following = np.append(seconds, np.inf)[after]
    preceding = np.append(-np.inf, seconds)[after]
    met = np.abs(following - at) < 2 * _ROUNDING
    return np.asarray(met | (following - preceding <= longest_gap))


def window_samples(seconds: float, step: float, order: int) -> int:
    """Return the odd number of samples in a window of seconds, enough for the polynomial."""
    wide = 2 * int(seconds / step / 2 + _ROUNDING) + 1
    return max(wide, _LEAST_SAMPLES, order + 1 + order % 2)


def smoothed(
    values: Floats, step: float, window: float, *, order: int = 2, derivative: int = 0
) -> Floats:
    """Return a course smoothed by polynomials, or its derivative.

    Within half a window of an end the polynomial of the first or last whole window is read.

    Args:
        values: (N, ...) at regular times.
        step: Seconds between them.
        window: Seconds of the window; five samples at least, all of a shorter course.
        order: Of the polynomial.
        derivative: 0 for the value, 1 for the speed per second.
    """
    count = len(values)
    wide = min(window_samples(window, step, order), count - 1 + count % 2)
    order = min(order, wide - 1)
    if derivative > order:
        return np.zeros_like(values)
    half = wide // 2
    flat = values.reshape(count, -1)
    weights = _weights(wide, order, derivative) / step**derivative
    result = np.empty_like(flat)
    middle = weights[half]
    for column in range(flat.shape[1]):
        result[half : count - half, column] = np.convolve(flat[:, column], middle[::-1], "valid")
    result[:half] = weights[:half] @ flat[:wide]
    result[count - half :] = weights[half + 1 :] @ flat[count - wide :]
    return result.reshape(values.shape)


def noise_left(step: float, window: float, *, order: int = 2) -> float:
    """Return which part of independent noise (a standard deviation) is left after smoothing.

    Args and meaning as of `smoothed`, within a long course.
    """
    wide = window_samples(window, step, order)
    return float(np.linalg.norm(_weights(wide, order, 0)[wide // 2]))


@lru_cache(maxsize=32)
def _weights(wide: int, order: int, derivative: int) -> Floats:
    """Row k gives the derivative at sample k of the polynomial through a window (wide, wide)."""
    x = np.arange(wide, dtype=np.float64) - wide // 2
    fit = np.linalg.pinv(np.vander(x, order + 1, increasing=True))
    powers = np.arange(derivative, order + 1)
    factors = np.array([factorial(p) / factorial(p - derivative) for p in powers])
    at = x[:, None] ** (powers - derivative)
    return np.asarray((at * factors) @ fit[derivative:])


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Return the first index and the index after the last of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]

"""Courses are smoothed as SciPy smooths them, in true seconds, without a shift in time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import savgol_filter

from facialis.measures.filtering import (
    regular_times,
    resampled,
    runs,
    smoothed,
    window_samples,
    within_reach,
)


@pytest.mark.parametrize("derivative", [0, 1, 2])
@pytest.mark.parametrize(("window", "order", "samples"), [(0.28, 2, 7), (0.36, 3, 9)])
def test_smoothing_is_that_of_savitzky_and_golay(derivative, window, order, samples) -> None:
    values = np.random.default_rng(0).normal(size=(60, 2, 3))
    expected = savgol_filter(
        values, samples, order, deriv=derivative, delta=0.04, axis=0, mode="interp"
    )
    result = smoothed(values, 0.04, window, order=order, derivative=derivative)
    np.testing.assert_allclose(result, expected, atol=1e-9 / 0.04**derivative)


@pytest.mark.parametrize(
    ("window", "rate", "samples"),
    [(0.2, 100, 21), (0.2, 25, 5), (0.24, 25, 7), (0.2, 5, 5), (0.28, 25, 7)],
)
def test_a_window_lasts_as_long_at_every_rate_but_has_five_samples(window, rate, samples) -> None:
    assert window_samples(window, 1 / rate, 2) == samples


def test_smoothing_does_not_move_an_event() -> None:
    t = np.arange(0, 4, 0.04)
    bump = np.exp(-(((t - 2.0) / 0.3) ** 2))
    smooth = smoothed(bump, 0.04, 0.24)
    assert t[np.argmax(smooth)] == pytest.approx(2.0)
    centre = (smooth * t).sum() / smooth.sum()
    assert centre == pytest.approx(2.0, abs=1e-6)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_course_shorter_than_the_window_is_smoothed_with_what_there_is(count: int) -> None:
    values = np.arange(count, dtype=np.float64)
    np.testing.assert_allclose(smoothed(values, 1.0, 9.0), values, atol=1e-12)


def test_one_sample_has_no_speed() -> None:
    assert smoothed(np.array([3.0]), 0.04, 0.2, derivative=1).tolist() == [0.0]


def test_times_become_regular_at_the_median_step() -> None:
    seconds = np.array([1.0, 1.04, 1.08, 1.20, 1.24, 1.28])
    np.testing.assert_allclose(regular_times(seconds), np.arange(1.0, 1.29, 0.04))
    assert regular_times(np.array([2.5])).tolist() == [2.5]


def test_a_burst_of_frames_does_not_make_a_huge_grid() -> None:
    seconds = np.concatenate((np.arange(50) * 1e-6, [10.0]))
    assert len(regular_times(seconds)) <= 10 * 240 + 1


def test_resampling_is_linear_and_holds_the_ends() -> None:
    rng = np.random.default_rng(1)
    seconds = np.sort(rng.uniform(0, 5, 30))
    values = rng.normal(size=(30, 2))
    at = np.linspace(-1, 6, 50)
    expected = np.stack([np.interp(at, seconds, values[:, k]) for k in range(2)], axis=1)
    np.testing.assert_allclose(resampled(at, seconds, values), expected)
    single = resampled(at, seconds[:1], values[:1])
    assert (single == values[0]).all()
    assert single.shape == (50, 2)


def test_only_short_gaps_are_bridged() -> None:
    seconds = np.array([0.0, 0.1, 0.2, 0.9, 1.0])
    at = np.array([-0.05, 0.0, 0.05, 0.2, 0.5, 0.9, 0.95, 1.05])
    reached = [False, True, True, True, False, True, True, False]
    assert within_reach(at, seconds, 0.2).tolist() == reached


def test_runs_are_half_open() -> None:
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1], bool)) == [(0, 2), (3, 4), (6, 7)]
    assert runs(np.zeros(3, bool)) == []

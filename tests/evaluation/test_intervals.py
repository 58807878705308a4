"""Intervals over patients, against closed forms and scipy."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy import stats

from facialis.errors import InputError
from facialis.evaluation.intervals import bootstrap, signed_rank_p, wilson


def mean(values: Any) -> float:
    return float(np.mean(values))


def share_right(truth: Any, predicted: Any) -> float:
    return float(np.mean(truth == predicted))


@pytest.mark.parametrize(
    ("right", "low", "high"),
    [(983, 0.9855, 0.9966), (948, 0.943, 0.968), (922, 0.914, 0.945)],
)
def test_wilson_intervals_of_paper_002(right: int, low: float, high: float) -> None:
    interval = wilson(right, 990)
    places = 4 if right == 983 else 3
    assert (round(interval.low, places), round(interval.high, places)) == (low, high)


@pytest.mark.parametrize(("right", "samples"), [(0, 5), (5, 5), (3, 17)])
def test_wilson_is_that_of_scipy(right: int, samples: int) -> None:
    expected = stats.binomtest(right, samples).proportion_ci(0.9, method="wilson")
    interval = wilson(right, samples, level=0.9)
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("right", "samples"), [(1, 0), (-1, 3), (4, 3), (0, 0)])
def test_what_is_no_share_has_no_interval(right: int, samples: int) -> None:
    with pytest.raises(InputError, match="no share"):
        wilson(right, samples)


def test_the_bootstrap_interval_of_a_mean_is_that_of_the_central_limit() -> None:
    values = np.random.default_rng(0).normal(3, 1, 200)
    interval = bootstrap(mean, [str(i) for i in range(200)], values, seed=1)
    half = 1.96 * values.std() / math.sqrt(200)
    assert interval.low == pytest.approx(values.mean() - half, abs=0.02)
    assert interval.high == pytest.approx(values.mean() + half, abs=0.02)


def test_copies_of_a_patient_s_frames_do_not_narrow_the_interval() -> None:
    values = np.random.default_rng(0).normal(size=20)
    subjects = [f"s{i:02d}" for i in range(20)]
    once = bootstrap(mean, subjects, values, seed=3)
    often = bootstrap(mean, subjects * 50, np.tile(values, 50), seed=3)
    assert (often.low, often.high) == pytest.approx((once.low, once.high))
    as_if_independent = bootstrap(mean, [str(i) for i in range(1000)], np.tile(values, 50), seed=3)
    assert as_if_independent.high - as_if_independent.low < (once.high - once.low) / 4


def test_the_same_seed_gives_the_same_interval_bit_for_bit() -> None:
    values = np.random.default_rng(0).random(30)
    subjects = [str(i % 7) for i in range(30)]
    assert bootstrap(mean, subjects, values, seed=5) == bootstrap(mean, subjects, values, seed=5)
    assert bootstrap(mean, subjects, values, seed=5) != bootstrap(mean, subjects, values, seed=6)


def test_resamples_without_a_score_are_left_out_and_counted() -> None:
    def mean_of_positives(positive: Any, values: Any) -> float:
        return float(values[positive].mean()) if positive.any() else math.nan

    positive, values = np.array([True, False, False]), np.array([5.0, 1, 1])
    interval = bootstrap(mean_of_positives, ["a", "b", "c"], positive, values, seed=0)
    assert (interval.low, interval.high) == (5, 5)
    assert interval.undefined / 2000 == pytest.approx((2 / 3) ** 3, abs=0.04)
    nowhere = bootstrap(lambda _: math.nan, ["a"], [1], seed=0, draws=10)
    assert math.isnan(nowhere.low)
    assert nowhere.undefined == 10


@pytest.mark.parametrize("count", [3, 8, 21])
def test_the_signed_rank_test_is_the_exact_one_of_scipy(count: int) -> None:
    values = np.random.default_rng(count).normal(0.4, 1, count)
    assert signed_rank_p(values) == pytest.approx(stats.wilcoxon(values, method="exact").pvalue)


def test_the_signed_rank_test_is_exact_with_ties() -> None:
    values = np.array([1, 1, 2, 2, 2, -1, 3, -2, 4.0])
    ranks = stats.rankdata(np.abs(values))
    sums = np.array([np.dot(signs, ranks) for signs in product((0, 1), repeat=len(values))])
    observed = ranks[values > 0].sum()
    fewer = min(observed, ranks.sum() - observed)
    assert signed_rank_p(values) == pytest.approx(2 * np.mean(sums <= fewer))


def test_patients_without_a_difference_say_nothing() -> None:
    assert signed_rank_p([0, 0]) == 1
    assert signed_rank_p([0, 1, 2, 3, 4, 5, 6]) == signed_rank_p([1, 2, 3, 4, 5, 6]) == 2 / 2**6

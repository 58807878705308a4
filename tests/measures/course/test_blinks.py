"""Blinks are counted, their completeness is that of each eye, and shut eyes are no blinks."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.measures.blinks import closures, is_blink, without_blinks
from facialis.measures.dynamic import Blinks
from facialis.measures.moment import Site
from facialis.measures.motion import closed_share, motion_of
from facialis.measures.timeline import blinks_of, rest_of
from facialis.simulation.lesion import standard_lesion


def blinking(t, times, *, right=1.0, left=1.0, down=0.1, shut=0.04, up=0.2):
    depth = np.zeros(len(t))
    for at in times:
        depth = np.maximum(
            depth,
            np.interp(t, [at, at + down, at + down + shut, at + down + shut + up], [0, 1, 1, 0]),
        )
    return depth[:, None] * [right, left]


@pytest.mark.parametrize("rate", [25.0, 50.0])
def test_blinks_are_counted_and_measured_on_each_side(plotted, rate) -> None:
    t = np.arange(0, 12, 1 / rate)
    series = plotted(t, {}, shut=blinking(t, (2.0, 5.0, 9.0), left=0.5), noise=0.001)
    found = blinks_of(series, rest_of(series))
    assert found.count == 3
    assert found.right == pytest.approx(1.0, abs=0.02)
    opened = series.openings[:5].mean(axis=0)[1]
    assert found.left == pytest.approx(0.5 * opened / (opened - 0.06), abs=0.05)


def test_what_is_read_of_a_shut_eye_counts_as_shut() -> None:
    share = closed_share(np.array([[0.30, 0.06], [0.18, 0.02]]), np.array([0.30, 0.30]))
    np.testing.assert_allclose(share, [[0.0, 1.0], [0.5, 1.0]])


@pytest.mark.parametrize("side", list(Side))
def test_the_weak_eye_blinks_less_completely(film, side) -> None:
    made = film([Movement.REST] * 4, lesion=standard_lesion(5, side), seconds=3.0, seed=4)
    found = blinks_of(made.series, rest_of(made.series))
    assert found.count >= 2
    weak, healthy = (getattr(found, str(s)) for s in (side, side.opposite))
    assert healthy > 0.95
    assert weak < 0.7


def test_few_frames_a_second_count_blinks_without_measuring_them(plotted) -> None:
    t = np.arange(0, 6, 0.1)
    series = plotted(t, {}, shut=blinking(t, (2.0,)))
    assert blinks_of(series, rest_of(series)) == Blinks(1, None, None)


def test_eyes_that_stay_shut_and_single_misread_frames_are_no_blinks(plotted) -> None:
    t = np.arange(0, 10, 0.01)
    shut = blinking(t, (3.0,), shut=1.0)
    shut[700] = 1.0
    series = plotted(t, {}, shut=shut)
    rest = rest_of(series)
    long, single = closures(motion_of(series, rest))
    assert long.seconds == pytest.approx(1.15, abs=0.03)
    assert single.seconds < 0.03
    assert not is_blink(long)
    assert not is_blink(single)
    assert blinks_of(series, rest) == Blinks(0, None, None)


def test_a_blink_is_one_though_a_frame_of_it_is_misread(plotted) -> None:
    t = np.arange(0, 5, 0.02)
    shut = blinking(t, (2.0,), shut=0.12)
    shut[np.searchsorted(t, 2.16)] = 0.1
    series = plotted(t, {}, shut=shut)
    assert blinks_of(series, rest_of(series)).count == 1


def test_a_recording_that_begins_and_ends_with_a_blink(plotted) -> None:
    t = np.arange(0, 5, 0.04)
    series = plotted(t, {}, shut=blinking(t, (-0.11, 4.85)))
    assert blinks_of(series, rest_of(series)).count == 2


def test_narrowed_eyes_are_no_blink(plotted) -> None:
    t = np.arange(0, 5, 0.04)
    series = plotted(t, {}, shut=blinking(t, (2.0,), right=0.3, left=0.3))
    assert blinks_of(series, rest_of(series)).count == 0


def test_the_brow_is_led_straight_through_a_blink_unless_it_goes_somewhere(plotted) -> None:
    t = np.arange(0, 6, 0.04)
    shut = blinking(t, (1.0, 3.0))
    rising = np.clip((t - 3.0) / 0.3, 0, 1)
    up = -0.02 * shut[:, 0] - 0.07 * rising
    way = np.stack((np.zeros_like(t), up), axis=-1)[:, None].repeat(2, axis=1)
    series = plotted(t, {Site.BROW: way}, shut=shut)
    motion = motion_of(series, rest_of(series, (0.0, 0.8)))
    led = without_blinks(motion)
    at_first = motion.between(0.9, 1.5)
    assert np.abs(motion.way(Site.BROW)[at_first]).max() > 0.015
    assert np.abs(led.way(Site.BROW)[at_first]).max() < 1e-6
    later = motion.between(2.6, 3.6)
    np.testing.assert_array_equal(led.way(Site.BROW)[later], motion.way(Site.BROW)[later])

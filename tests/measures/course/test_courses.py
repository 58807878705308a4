"""The course of a movement is that of the minimum jerk it was made with."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.measures.courses import MAIN_SITE, dynamics_of
from facialis.measures.dynamic import Segment
from facialis.measures.moment import Site
from facialis.measures.timeline import chosen, find_segments, rest_of
from facialis.simulation.lesion import standard_lesion

RISE, HOLD, RELEASE = 0.6, 1.0, 0.8
TENTH, NINE_TENTHS = 0.2474, 0.7526
"""Share of the time in which minimum jerk makes a tenth and nine tenths of its way."""
SMILE = Segment(Movement.SMILE, 2.0, 3.0, 4.6)
OUT_AND_UP = np.array([0.8, -0.6])


def smiled(
    eased, t, *, right=0.08, left=0.08, late=0.0, rise=RISE, release=RELEASE, direction=OUT_AND_UP
):
    courses = [
        eased(t, 2.0, RISE, HOLD, RELEASE, right),
        eased(t, 2.0 + late, rise, HOLD - late, release, left),
    ]
    return {Site.COMMISSURE: np.stack(courses, axis=1)[..., None] * direction}


def measured(series, segment=SMILE):
    return dynamics_of(series, rest_of(series), segment)


def uneven(rate, seconds=7.0):
    steps = np.random.default_rng(0).uniform(0.5, 1.5, int(seconds * rate)) / rate
    return np.cumsum(steps)


TIMES = {
    "25 a second": np.arange(0, 7, 0.04),
    "50 a second": np.arange(0, 7, 0.02),
    "15 a second": np.arange(0, 7, 1 / 15),
    "30 a second, uneven": uneven(30),
}


@pytest.mark.parametrize("times", list(TIMES))
@pytest.mark.parametrize("noise", [0.0, 0.001])
def test_onset_rise_hold_release_and_speed_are_those_of_the_course(
    plotted, eased, times, noise
) -> None:
    t = TIMES[times]
    result = measured(plotted(t, smiled(eased, t, left=0.05), noise=noise))
    for side, height in ((result.right, 0.08), (result.left, 0.05)):
        assert side.excursion == pytest.approx(height, rel=0.03)
        assert side.excursion_mm == pytest.approx(88 * side.excursion)
        assert side.onset == pytest.approx(TENTH * RISE, abs=0.03)
        assert side.rise == pytest.approx((NINE_TENTHS - TENTH) * RISE, abs=0.06)
        assert side.hold == pytest.approx(HOLD + TENTH * (RISE + RELEASE), abs=0.12)
        assert side.release == pytest.approx((NINE_TENTHS - TENTH) * RELEASE, abs=0.06)
        # Five samples are the shortest window, long beside the rise at 15 frames a second.
        loss = 0.25 if times == "15 a second" else 0.12
        assert side.peak_velocity == pytest.approx(1.875 * height / RISE, rel=loss)
        assert side.peak_velocity_mm == pytest.approx(88 * side.peak_velocity)
    assert result.lag == pytest.approx(0, abs=0.03)
    assert result.noise == pytest.approx(noise, abs=0.0002)
    assert result.site is Site.COMMISSURE
    assert result.closure is None
    assert result.remarks == ()


@pytest.mark.parametrize("late", [-0.1, 0.06, 0.2])
def test_the_lag_is_that_of_the_left_side(plotted, eased, late) -> None:
    t = np.arange(0, 8, 0.04) - 0.5
    result = measured(plotted(t, smiled(eased, t, left=0.06, late=late), noise=0.001))
    assert result.lag == pytest.approx(late, abs=0.03)


@pytest.mark.parametrize("noise", [0.0005, 0.001, 0.002])
@pytest.mark.parametrize("rate", [25, 50])
def test_lags_spread_as_their_uncertainty_says(plotted, eased, noise, rate) -> None:
    t = np.arange(0, 7, 1 / rate)
    off = []
    for seed in range(24):
        ways = smiled(eased, t, left=0.06, late=0.2)
        rng = np.random.default_rng(seed)
        shaken = {site: way + rng.normal(0, noise, way.shape) for site, way in ways.items()}
        result = measured(plotted(t, shaken))
        off.append((result.lag - 0.2) / result.lag_sd)
    assert 0.7 < np.sqrt(np.mean(np.square(off))) < 1.3


def test_a_lag_that_the_noise_can_make_is_not_clear(plotted, eased) -> None:
    t = np.arange(0, 7, 0.04)
    result = measured(plotted(t, smiled(eased, t, left=0.06, late=0.2), noise=0.001))
    assert result.lag_is_clear
    assert not replace(result, lag_sd=0.15).lag_is_clear
    assert not replace(result, lag=0.09).lag_is_clear
    assert replace(result, lag_sd=None).lag_is_clear
    assert not replace(result, lag=None, lag_sd=None).lag_is_clear


@pytest.mark.parametrize("noise", [0.001, 0.002])
def test_lags_of_lids_spread_as_their_uncertainty_says(plotted, eased, noise) -> None:
    t = np.arange(0, 7, 0.04)
    closing = Segment(Movement.EYE_CLOSE_GENTLE, 2.0, 3.0, 4.6)
    shut = np.stack(
        [eased(t, 2.0 + late, RISE, HOLD - late, RELEASE, 0.9) for late in (0.0, 0.2)], axis=1
    )
    off = []
    for seed in range(24):
        rng = np.random.default_rng(seed)
        shaken = {
            site: rng.normal(0, noise, (len(t), 2, 2)) for site in (Site.UPPER_LID, Site.LOWER_LID)
        }
        result = measured(plotted(t, shaken, shut=shut), closing)
        off.append((result.lag - 0.2) / result.lag_sd)
    assert 0.5 < np.sqrt(np.mean(np.square(off))) < 1.5


def test_mirroring_swaps_the_sides_and_turns_the_lag_round(plotted, eased, mirror_image) -> None:
    t = np.arange(0, 7, 0.04)
    series = plotted(t, smiled(eased, t, left=0.05, late=0.12), noise=0.001)
    one, other = measured(series), measured(mirror_image(series))
    assert astuple(other.right) == pytest.approx(astuple(one.left))
    assert astuple(other.left) == pytest.approx(astuple(one.right))
    assert other.lag == pytest.approx(-one.lag)
    assert other.curve.right == pytest.approx(one.curve.left, abs=1e-5)


def test_a_side_that_stays_in_the_noise_has_no_course(plotted, eased) -> None:
    t = np.arange(0, 7, 0.04)
    result = measured(plotted(t, smiled(eased, t, left=0.004), noise=0.002))
    left = result.left
    assert abs(left.excursion) < 0.008
    assert (left.onset, left.rise, left.hold, left.release) == (None,) * 4
    assert result.lag is None
    assert result.right.onset is not None


def test_a_side_that_moves_little_beside_the_noise_is_measured_but_not_timed(
    plotted, eased
) -> None:
    t = np.arange(0, 7, 0.04)
    result = measured(plotted(t, smiled(eased, t, right=0.015), noise=0.003))
    assert result.right.excursion == pytest.approx(0.015, abs=0.004)
    assert result.right.onset is None
    assert result.lag is None
    assert any("right side moves too little" in r for r in result.remarks)


def test_a_side_that_is_drawn_the_other_way_has_a_negative_excursion(plotted, eased) -> None:
    t = np.arange(0, 7, 0.04)
    ways = smiled(eased, t, right=-0.03)
    result = measured(plotted(t, ways, noise=0.001))
    assert result.right.excursion == pytest.approx(-0.03, abs=0.003)
    assert result.left.excursion == pytest.approx(0.08, abs=0.003)
    assert result.right.onset is None


def test_without_a_scale_there_are_no_millimetres(plotted, eased) -> None:
    t = np.arange(0, 7, 0.04)
    result = measured(plotted(t, smiled(eased, t), mm=None))
    assert result.right.excursion_mm is None
    assert result.left.peak_velocity_mm is None


def test_few_frames_a_second_give_the_way_but_not_the_times(plotted, eased) -> None:
    t = np.arange(0, 7, 0.2)
    result = measured(plotted(t, smiled(eased, t, late=0.2), noise=0.001))
    assert result.right.excursion == pytest.approx(0.08, rel=0.06)
    assert (result.right.onset, result.right.rise, result.lag) == (None, None, None)
    assert "5 frames a second" in result.remarks[0]


@pytest.mark.parametrize(
    ("gone", "lacking", "there"),
    [((2.1, 2.5), ("onset", "rise"), "release"), ((3.1, 3.6), ("hold", "release"), "onset")],
)
def test_what_happens_while_the_face_is_lost_is_not_measured(
    plotted, eased, gone, lacking, there
) -> None:
    t = np.arange(0, 7, 0.04)
    usable = (t < gone[0]) | (t > gone[1])
    result = measured(plotted(t, smiled(eased, t), noise=0.001, usable=usable))
    assert all(getattr(result.left, name) is None for name in lacking)
    assert getattr(result.left, there) is not None
    assert any("lost" in r for r in result.remarks)


def test_the_end_of_the_recording_hides_the_release(plotted, eased) -> None:
    t = np.arange(0, 3.4, 0.04)
    result = measured(plotted(t, smiled(eased, t), noise=0.001), replace(SMILE, end=float(t[-1])))
    assert result.right.onset is not None
    assert result.right.release is None


def test_a_recording_that_begins_within_the_movement_says_so(plotted, eased) -> None:
    t = np.arange(2.5, 8, 0.04)
    segment = Segment(Movement.SMILE, 2.5, 3.0, 4.6)
    result = measured(plotted(t, smiled(eased, t), noise=0.001), segment)
    assert result.right.onset is None
    assert any("begins within" in r for r in result.remarks)


def test_a_stated_start_within_the_movement_hides_the_onset_and_nothing_else(
    plotted, eased
) -> None:
    t = TIMES["25 a second"]
    series = plotted(t, smiled(eased, t, late=0.4))
    stated = Segment(Movement.SMILE, 2.3, 3.0, 4.6, stated=True)
    found, late = measured(series), measured(series, stated)
    assert late.right.onset is None
    assert late.left.onset == pytest.approx(found.left.onset - 0.3, abs=0.05)
    assert late.right.rise == pytest.approx(found.right.rise, abs=0.02)
    assert late.lag == pytest.approx(found.lag, abs=0.02)
    (remark,) = [r for r in late.remarks if "onset" in r]
    assert remark.startswith("The right side was moving before the start")
    assert not any("onset" in r for r in found.remarks)


def test_sides_of_which_each_begins_first_by_one_reckoning_have_no_lag(plotted, eased) -> None:
    t = np.arange(0, 9, 0.04)
    ways = smiled(eased, t)
    creeping = np.interp(t, [1.2, 2.6, 2.7, 3.4, 4.2], [0, 0.2, 1, 1, 0])
    ways[Site.COMMISSURE][:, 1] = 0.08 * creeping[:, None] * OUT_AND_UP
    result = measured(plotted(t, ways, noise=0.0005), Segment(Movement.SMILE, 1.2, 3.0, 4.6))
    assert result.right.onset is not None
    assert result.left.onset is not None
    assert result.lag is None
    assert any("not clear" in r for r in result.remarks)


def test_closing_eyes_are_followed_by_their_lids(plotted, eased) -> None:
    t = np.arange(0, 7, 0.04)
    shut = np.stack([eased(t, 2.0, 0.4, 1.0, 0.4, 1.0), eased(t, 2.0, 0.4, 1.0, 0.4, 0.4)], axis=1)
    series = plotted(t, {}, shut=shut, noise=0.0005)
    result = measured(series, Segment(Movement.EYE_CLOSE_GENTLE, 2.0, 3.0, 3.8))
    assert result.site is Site.UPPER_LID
    assert result.closure == pytest.approx((0.0, 0.6), abs=0.03)
    assert result.left.excursion == pytest.approx(0.4 * result.right.excursion, rel=0.06)
    assert result.right.rise == pytest.approx((NINE_TENTHS - TENTH) * 0.4, abs=0.05)


def test_the_curve_shows_the_movement_in_at_most_400_samples(plotted, eased) -> None:
    t = np.arange(0, 40, 0.02)
    ways = {Site.COMMISSURE: (eased(t, 5, 1, 20, 1)[:, None] * [0.05, 0.0])[:, None].repeat(2, 1)}
    curve = measured(plotted(t, ways), Segment(Movement.SMILE, 5.0, 15.0, 27.0)).curve
    assert 200 < len(curve.seconds) <= 400
    assert len(curve.right) == len(curve.left) == len(curve.seconds)
    assert curve.seconds[0] == pytest.approx(4.5, abs=0.03)
    assert max(curve.right) == pytest.approx(0.05, abs=0.002)


def test_every_movement_has_a_site_that_it_is_judged_by() -> None:
    assert set(MAIN_SITE) == set(Movement) - {Movement.REST}
    assert MAIN_SITE[Movement.LOWER_TEETH] is Site.LOWER_LIP


def test_rest_has_no_course(plotted) -> None:
    with pytest.raises(InputError, match="no movement"):
        measured(plotted(np.arange(0, 3, 0.04), {}), Segment(Movement.REST, 0.0, 1.0, 2.0))


def test_a_segment_that_shows_no_face_is_refused(plotted, eased) -> None:
    t = np.arange(0, 7, 0.04)
    usable = (t < 1.9) | (t > 5.0)
    with pytest.raises(InputError, match="no face"):
        measured(
            plotted(t, smiled(eased, t), usable=usable), Segment(Movement.SMILE, 2.2, 3.0, 4.0)
        )


@pytest.mark.parametrize("side", list(Side))
def test_the_weak_side_of_a_simulated_patient_goes_less_far_and_begins_later(film, side) -> None:
    movements = [Movement.SMILE_CLOSED, Movement.SNARL, Movement.EYE_CLOSE_GENTLE]
    made = film(movements, lesion=standard_lesion(3, side), seconds=3.0, noise=0.001, seed=6)
    rest = rest_of(made.series)
    lags = []
    for segment in chosen(find_segments(made.series, rest)):
        result = dynamics_of(made.series, rest, segment)
        weak, healthy = (getattr(result, str(s)) for s in (side, side.opposite))
        assert weak.excursion < 0.85 * healthy.excursion
        assert weak.peak_velocity < healthy.peak_velocity
        assert result.lag is not None
        lags.append(result.lag if side is Side.LEFT else -result.lag)
    assert len(lags) == 3
    assert np.median(lags) > 0.01

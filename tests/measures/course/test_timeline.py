"""Rest is found where a face rests, and its noise is what was put in."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.measures.moment import Site
from facialis.measures.timeline import median_moment_times, rest_of
from facialis.simulation.lesion import Form, standard_lesion

SHOWY = (Movement.BROW_RAISE, Movement.SMILE, Movement.EYE_CLOSE_TIGHT, Movement.PUCKER)


@pytest.mark.parametrize(
    "lesion",
    [
        None,
        standard_lesion(3, Side.LEFT, Form.SYNKINETIC),
        standard_lesion(6, Side.RIGHT),
    ],
    ids=["healthy", "III", "VI"],
)
def test_a_face_rests_between_its_movements(film, lesion) -> None:
    made = film(SHOWY, lesion=lesion)
    rest = rest_of(made.series)
    assert rest.found
    assert not rest.notes
    assert (made.efforts[rest.frames] < 0.25).all()
    assert rest.frames[made.efforts == 0].mean() > 0.6
    for start, end in rest.intervals:
        assert end - start >= 0.25


def test_a_smile_that_is_held_longer_than_the_face_rests_is_not_rest(film) -> None:
    made = film([Movement.SMILE], seconds=8.0)
    rest = rest_of(made.series)
    assert rest.frames.sum() > 15
    assert made.efforts[rest.frames].max() < 0.25


def test_a_face_that_looks_more_expressive_at_rest_than_in_a_movement_still_rests(
    plotted, eased
) -> None:
    t = np.arange(0, 16, 0.04)
    smiles = sum(eased(t, begins, 0.5, 1.0, 0.5) for begins in (1.0, 9.0))
    raised = sum(eased(t, begins, 0.5, 1.2, 0.5) for begins in (4.0, 12.5))
    way = (smiles[:, None] * [0.06, -0.06])[:, None].repeat(2, axis=1)
    brow = (raised[:, None] * [0.0, -0.07])[:, None].repeat(2, axis=1)
    pout = {"mouthPucker": 0.7 - 0.7 * smiles, "browInnerUp": 0.7 * raised}
    series = plotted(t, {Site.COMMISSURE: way, Site.BROW: brow}, scores=pout, noise=0.001)
    rest = rest_of(series)
    assert (smiles[rest.frames] < 0.3).all()
    assert len(rest.intervals) >= 4
    assert rest.frames.mean() > 0.3


def test_shut_eyes_are_not_rest(film) -> None:
    made = film([Movement.EYE_CLOSE_GENTLE], seconds=6.0)
    rest = rest_of(made.series)
    assert rest.found
    assert made.efforts[rest.frames].max() < 0.4
    assert rest.openings == pytest.approx(made.series.openings[:5].mean(axis=0), rel=0.08)


def test_noise_is_what_a_coordinate_varies_by_at_rest_without_drift(plotted) -> None:
    t = np.arange(0, 24, 0.04)
    drift = np.repeat(0.006 * np.sin(2 * np.pi * t / 24)[:, None, None], 2, axis=1) * [[0, 1]]
    rest = rest_of(plotted(t, dict.fromkeys(Site, drift), noise=0.002))
    assert rest.found
    assert rest.frames.mean() > 0.9
    assert rest.noise == pytest.approx(0.002, rel=0.08)
    assert rest.noise_of(Site.COMMISSURE) == rest.noise[list(Site).index(Site.COMMISSURE)]
    assert (rest.wander > 0.0025).all()


def test_rest_is_followed_when_the_person_shifts(plotted) -> None:
    t = np.arange(0, 60, 0.04)
    shift = np.zeros((len(t), 2, 2))
    shift[:, :, 1] = 0.008 * (t > 30)[:, None]
    series = plotted(t, dict.fromkeys(Site, shift), noise=0.001)
    rest = rest_of(series)
    early, late = rest.places_at(np.array([5.0, 55.0]))
    assert late[..., 1] - early[..., 1] == pytest.approx(0.008, abs=0.001)
    assert rest.places[..., 1] - early[..., 1] == pytest.approx(0.004, abs=0.001)


def talking(t):
    opened = 0.03 * (1 + np.sin(2 * np.pi * 4 * t)) + 0.01 * np.sin(2 * np.pi * 1.7 * t)
    return np.stack((np.zeros_like(t), opened), axis=-1)[:, None].repeat(2, axis=1)


def test_one_who_talks_most_of_the_time_still_rests_in_the_pauses(plotted) -> None:
    t = np.arange(0, 20, 0.04)
    pause = ((t > 7) & (t < 7.6)) | (t > 19.4)
    way = talking(t) * ~pause[:, None, None]
    rest = rest_of(plotted(t, {Site.LOWER_LIP: way}, noise=0.001))
    assert rest.found
    assert pause[rest.frames].mean() > 0.9


def test_without_any_rest_the_quietest_frames_stand_for_it_and_it_says_so(plotted) -> None:
    t = np.arange(0, 6, 0.04)
    way = talking(t)
    rest = rest_of(plotted(t, {Site.LOWER_LIP: way}, noise=0.001))
    assert not rest.found
    assert "never rests" in rest.notes[0]
    assert 3 <= rest.frames.sum() < 0.4 * len(t)
    assert (rest.noise > 0).all()
    assert np.isfinite(rest.places).all()


def test_a_single_quiet_moment_too_short_to_time_noise_takes_it_from_the_whole(plotted) -> None:
    t = np.arange(0, 1.2, 0.2)
    rest = rest_of(plotted(t, {Site.LOWER_LIP: talking(t)}, noise=0.001))
    assert not rest.found
    assert rest.noise.shape == (7,)


def test_stated_rest_is_taken_with_open_eyes_only(plotted) -> None:
    t = np.arange(0, 10, 0.04)
    smile = np.zeros((len(t), 2, 2))
    smile[t < 8] = [0.05, -0.05]
    shut = np.zeros((len(t), 2))
    shut[(t > 9) & (t < 9.2)] = 1
    rest = rest_of(plotted(t, {Site.COMMISSURE: smile}, shut=shut), (9.8, 8.2))
    assert rest.intervals == ((8.2, 9.8),)
    assert not rest.frames[t < 8.1].any()
    assert not rest.frames[(t > 9.01) & (t < 9.19)].any()
    assert rest.frames.sum() > 30


def test_stated_rest_that_shows_no_face_is_looked_for(plotted) -> None:
    t = np.arange(0, 5, 0.04)
    usable = t > 1
    rest = rest_of(plotted(t, {}, noise=0.001, usable=usable), (0.0, 0.9))
    assert rest.found
    assert not rest.frames[t <= 1].any()


def test_a_recording_that_shows_no_face_is_refused(plotted) -> None:
    t = np.arange(0, 2, 0.04)
    usable = np.zeros(len(t), bool)
    usable[3:5] = True
    with pytest.raises(InputError, match="2 frames"):
        rest_of(plotted(t, {}, usable=usable))


def test_the_photographs_at_rest_are_spread_over_the_rest(film) -> None:
    made = film(SHOWY)
    rest = rest_of(made.series)
    times = median_moment_times(made.series, rest, 4)
    assert len(times) == 4
    assert list(times) == sorted(times)
    assert times[-1] - times[0] > 4
    assert all(rest.frames[np.searchsorted(made.series.seconds, t)] for t in times)


def test_no_more_photographs_than_frames_at_rest(plotted) -> None:
    t = np.arange(0, 2, 0.04)
    rest = rest_of(plotted(t, {}, noise=0.001), (0.0, 0.12))
    assert len(median_moment_times(plotted(t, {}), rest, 10)) == 4

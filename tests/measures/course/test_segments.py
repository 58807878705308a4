"""Movements are found, told apart and bounded, whatever side is weak; speech is none of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.measures.dynamic import Segment
from facialis.measures.moment import Site
from facialis.measures.recording import recorded
from facialis.measures.segments import LEAST_CONFIDENCE
from facialis.measures.timeline import chosen, find_segments, rest_of, stated_segments
from facialis.media.video import open_video
from facialis.simulation.lesion import Form, standard_lesion

FOUND = tuple(m for m in Movement if m not in (Movement.REST, Movement.CHEEK_PUFF))
"""All but puffed cheeks, which the landmarks do not show."""


def found_in(series):
    return find_segments(series, rest_of(series))


def labels(segments):
    return [s.movement for s in segments]


PATIENTS = {
    "healthy": None,
    "II left": standard_lesion(2, Side.LEFT),
    "III right": standard_lesion(3, Side.RIGHT, Form.SYNKINETIC),
    "IV left": standard_lesion(4, Side.LEFT, Form.SYNKINETIC),
    "V right": standard_lesion(5, Side.RIGHT),
    "VI left": standard_lesion(6, Side.LEFT),
    "central right": standard_lesion(5, Side.RIGHT, central=True),
}


@pytest.mark.parametrize("patient", list(PATIENTS))
def test_every_movement_of_an_examination_is_found_where_it_is(film, patient) -> None:
    made = film(FOUND, lesion=PATIENTS[patient], seconds=3.0, seed=len(patient))
    segments = found_in(made.series)
    assert labels(segments) == list(FOUND)
    for segment, act in zip(segments, made.acts, strict=True):
        assert LEAST_CONFIDENCE <= segment.confidence <= 1
        assert not segment.stated
        assert segment.start == pytest.approx(act.begins, abs=0.15)
        assert act.up - 0.15 <= segment.peak <= act.down + 0.15
        assert act.rests - 0.15 <= segment.end <= act.still + 0.2
        assert segment.start < segment.peak < segment.end
        assert segment.peak in made.series.seconds


@pytest.mark.parametrize(
    ("rate", "noise", "dropped"), [(12.0, 0.003, 0.0), (30.0, 0.003, 0.3), (25.0, 0.006, 0.0)]
)
def test_movements_are_found_at_other_rates_and_in_noise(film, rate, noise, dropped) -> None:
    lesion = standard_lesion(5, Side.LEFT)
    made = film(FOUND, lesion=lesion, seconds=3.0, rate=rate, noise=noise, dropped=dropped, seed=5)
    assert labels(found_in(made.series)) == list(FOUND)


def test_the_mirrored_recording_gives_the_same_segments(film, mirror_image) -> None:
    made = film(FOUND[3:8], lesion=standard_lesion(4, Side.LEFT))
    assert found_in(mirror_image(made.series)) == found_in(made.series)


def test_half_an_effort_is_still_a_movement(film) -> None:
    movements = [Movement.BROW_RAISE, Movement.PUCKER, Movement.SNARL]
    assert labels(found_in(film(movements, effort=0.5).series)) == movements


def test_a_face_at_rest_that_blinks_makes_no_movement(film) -> None:
    assert found_in(film([Movement.REST] * 3, seconds=3.0).series) == ()


def test_puffed_cheeks_are_not_taken_for_anything_else(film) -> None:
    assert (
        found_in(film([Movement.CHEEK_PUFF] * 2, lesion=standard_lesion(3, Side.LEFT)).series) == ()
    )


def spoken(t, seconds_of_speech):
    """Lips that part and close, and corners that spread and round, as people talk."""
    talks = (t > seconds_of_speech[0]) & (t < seconds_of_speech[1])
    parted = 0.03 * np.clip(np.sin(2 * np.pi * 3.7 * t) + np.sin(2 * np.pi * 2.3 * t + 1), 0, None)
    spread = 0.025 * np.sin(2 * np.pi * 1.9 * t)
    zero = np.zeros_like(t)

    def both(outward, down):
        return (np.stack((outward, down), axis=-1) * talks[:, None])[:, None].repeat(2, axis=1)

    return {
        Site.LOWER_LIP: both(0.5 * spread, 1.6 * parted),
        Site.COMMISSURE: both(spread, 0.5 * parted),
        Site.UPPER_LIP: both(zero, -0.2 * parted),
    }


def test_speech_is_no_examination(plotted) -> None:
    t = np.arange(0, 12, 0.04)
    assert found_in(plotted(t, spoken(t, (1.5, 10.5)), noise=0.001)) == ()


def test_vowels_that_are_held_between_words_stay_below_the_confidence(plotted) -> None:
    t = np.arange(0, 6, 0.04)
    ways = spoken(t, (1.0, 5.0))
    frozen = (t > 2.4) & (t < 2.9)
    for site, way in ways.items():
        way[frozen] = [0.0, 0.09] if site is Site.LOWER_LIP else [0.0, 0.03]
    assert found_in(plotted(t, ways, noise=0.001)) == ()


def test_repeats_are_kept_and_the_best_is_chosen(film) -> None:
    repeats = [Movement.SMILE, Movement.SMILE, Movement.PUCKER, Movement.SMILE]
    made = film(repeats, effort=[0.5, 1.0, 1.0, 0.6])
    segments = found_in(made.series)
    assert [m in (Movement.SMILE, Movement.SMILE_CLOSED) for m in labels(segments)] == [
        True,
        True,
        False,
        True,
    ]
    best = {s.movement: s for s in chosen(segments)}
    assert best[Movement.SMILE] == segments[1]
    assert list(chosen(segments)) == sorted(best.values(), key=lambda s: s.start)


def test_a_stated_segment_is_chosen_before_a_found_one_and_the_longer_of_equals() -> None:
    found = Segment(Movement.SMILE, 1.0, 2.0, 9.0)
    stated = Segment(Movement.SMILE, 11.0, 12.0, 13.0, stated=True)
    short = Segment(Movement.SNARL, 4.0, 4.5, 5.0, confidence=0.8)
    long = Segment(Movement.SNARL, 6.0, 7.0, 8.0, confidence=0.8)
    assert chosen([stated, found, short, long]) == (long, stated)


def test_one_movement_that_runs_into_the_next_is_two(plotted, eased) -> None:
    t = np.arange(0, 7, 0.04)
    smile, pucker = eased(t, 1.0, 0.5, 1.2, 0.5), eased(t, 2.7, 0.5, 1.2, 0.5)

    def both(of_smile, of_pucker):
        way = smile[:, None] * of_smile + pucker[:, None] * of_pucker
        return way[:, None].repeat(2, axis=1)

    ways = {
        Site.COMMISSURE: both([0.06, -0.06], [-0.07, 0.0]),
        Site.UPPER_LIP: both([0.04, -0.045], [-0.04, -0.008]),
        Site.LOWER_LIP: both([0.04, 0.01], [-0.04, 0.008]),
        Site.ALA: both([0.02, -0.02], [-0.008, 0.0]),
    }
    first, second = found_in(plotted(t, ways, noise=0.001))
    assert labels((first, second)) == [Movement.SMILE, Movement.PUCKER]
    assert first.end <= second.start + 0.3
    assert first.start == pytest.approx(1.0, abs=0.15)
    assert second.end == pytest.approx(4.9, abs=0.15)


def test_a_face_lost_for_a_moment_does_not_part_a_movement(film) -> None:
    made = film([Movement.SMILE_CLOSED], seconds=5.0)
    act = made.acts[0]
    middle = (act.up + act.down) / 2
    seconds = made.series.seconds
    usable = (seconds < middle - 0.25) | (seconds > middle + 0.25)
    (segment,) = found_in(replace(made.series, usable=usable))
    assert segment.start == pytest.approx(act.begins, abs=0.15)
    assert segment.end == pytest.approx(act.rests, abs=0.2)
    assert abs(segment.peak - middle) > 0.24


def test_a_cut_parts_a_movement(film) -> None:
    made = film([Movement.SMILE_CLOSED], seconds=6.0)
    middle = (made.acts[0].up + made.acts[0].down) / 2
    segments = found_in(replace(made.series, cuts=(middle,)))
    assert labels(segments) == [Movement.SMILE_CLOSED] * 2
    assert segments[0].end < middle < segments[1].start


def test_a_recording_that_begins_and_ends_within_movements_has_them_whole(plotted, eased) -> None:
    t = np.arange(0, 6, 0.04)
    up = eased(t, -1.0, 0.5, 1.5, 0.5) + eased(t, 4.5, 0.5, 3.0, 0.5)
    way = (up[:, None] * [0.0, -0.07])[:, None].repeat(2, axis=1)
    scores = {"browInnerUp": 0.7 * up, "browOuterUpLeft": 0.5 * up}
    first, second = found_in(plotted(t, {Site.BROW: way}, scores=scores, noise=0.001))
    assert labels((first, second)) == [Movement.BROW_RAISE] * 2
    assert first.start == 0.0
    assert second.end == pytest.approx(t[-1])


def test_stated_intervals_become_segments_in_order_of_time(film) -> None:
    made = film([Movement.SNARL, Movement.CHEEK_PUFF, Movement.EYE_CLOSE_GENTLE])
    rest = rest_of(made.series)
    snarl, _, shut = made.acts
    segments = stated_segments(
        made.series,
        rest,
        {
            Movement.EYE_CLOSE_GENTLE: (7.5, 5.0),
            Movement.REST: (0.0, 0.2),
            Movement.CHEEK_PUFF: (2.5, 5.0),
            Movement.SNARL: (0.1, 2.5),
        },
    )
    assert labels(segments) == [
        Movement.REST,
        Movement.SNARL,
        Movement.CHEEK_PUFF,
        Movement.EYE_CLOSE_GENTLE,
    ]
    assert all(s.stated and s.confidence == 1 and s.start <= s.peak <= s.end for s in segments)
    assert segments[3].start == 5.0
    assert segments[3].end == pytest.approx(made.series.seconds[-1])
    assert snarl.up - 0.15 <= segments[1].peak <= snarl.down + 0.15
    assert shut.up - 0.15 <= segments[3].peak <= shut.down + 0.15


def test_the_height_of_a_movement_is_not_taken_from_a_blink(plotted, eased) -> None:
    t = np.arange(0, 5, 0.04)
    way = (eased(t, 1.0, 0.5, 1.0, 0.5)[:, None] * [0.05, -0.05])[:, None].repeat(2, axis=1)
    blink = np.interp(t, [1.6, 1.75, 1.8, 2.0], [0, 1, 1, 0])
    series = plotted(t, {Site.COMMISSURE: way}, shut=np.stack((blink, blink), axis=1))
    (segment,) = stated_segments(series, rest_of(series), {Movement.SMILE_CLOSED: (0.8, 3.2)})
    assert 1.4 <= segment.peak <= 2.6
    assert not 1.62 < segment.peak < 1.98


@pytest.mark.parametrize("interval", [(8.0, 9.0), (-3.0, -1.0), (1.0, 1.0)])
def test_intervals_outside_the_recording_are_refused(film, interval) -> None:
    made = film([Movement.SMILE])
    with pytest.raises(InputError, match="interval of smile"):
        stated_segments(made.series, rest_of(made.series), {Movement.SMILE: interval})


@pytest.mark.parametrize("clip", ["bbaf2n", "brbk7n", "id2_vcd_swwp2s", "lbax4n", "lbbc2a"])
def test_people_who_talk_make_no_movement_of_an_examination(shared_data: Path, clip: str) -> None:
    series = recorded(open_video(shared_data / "video" / f"{clip}.mpg"))
    assert found_in(series) == ()

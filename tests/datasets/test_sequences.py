"""Runs of frames and lower rates."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.datasets.sample import Sample
from facialis.datasets.sequences import make_sequences, resampled, time_step, usual_step


def frames(numbers, *, subject="yfp/8", video="1", source="yfp"):
    return [
        Sample(path=Path(f"{n}.bmp"), subject=subject, source=source, video=video, frame=n)
        for n in numbers
    ]


def numbers(sequences):
    return [[each.frame for each in run] for run in sequences]


@pytest.mark.parametrize(("count", "sequences"), [(55, 13), (2664, 666), (3, 0), (4, 1)])
def test_a_recording_gives_as_many_runs_of_four_as_the_paper_s(count, sequences):
    found = make_sequences(frames(range(1, 5 * count, 5)))
    assert len(found) == sequences
    assert all(len(run) == 4 for run in found)


@given(st.integers(0, 60), st.integers(1, 7), st.integers(1, 7))
def test_an_unbroken_run_gives_the_printed_number_of_sequences(count, length, stride):
    found = make_sequences(frames(range(count)), length=length, stride=stride)
    assert len(found) == max(0, (count - length) // stride + 1)


def test_no_run_crosses_a_gap():
    steps_of_about_five = [1, 6, 10, 16, 21, 40, 45, 50, 55, 61]
    assert numbers(make_sequences(frames(steps_of_about_five))) == [
        [1, 6, 10, 16],
        [40, 45, 50, 55],
    ]


def test_no_run_crosses_recordings_people_or_collections():
    mixed = [
        *frames([1, 2]),
        *frames([3, 4], video="2"),
        *frames([3, 4], subject="yfp/9"),
        *frames([3, 4], source="own"),
    ]
    assert make_sequences(mixed) == []


def test_each_collection_has_its_own_step():
    both = frames([1, 6, 11, 16]) + frames([1, 2, 3, 4, 9, 10], source="ckplus", subject="c/1")
    assert numbers(make_sequences(both)) == [[1, 2, 3, 4], [1, 6, 11, 16]]


def test_order_of_the_frames_does_not_matter():
    shuffled = frames([16, 1, 11, 6])
    assert numbers(make_sequences(shuffled)) == [[1, 6, 11, 16]]


def test_frames_without_a_number_or_with_another_s_are_in_no_run():
    unsure = frames([1, 2, 3, 3, 4, 5, 6, 7]) + frames([None])
    assert numbers(make_sequences(unsure)) == [[4, 5, 6, 7]]


def test_a_run_of_no_frames_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        make_sequences([], length=0)


def test_the_usual_step_is_the_median():
    assert usual_step([[1, 6, 11, 400], [3]]) == 5
    assert usual_step([[4]]) == 1


@pytest.mark.parametrize(("rate", "kept"), [(6, 60), (3, 30), (30, 300), (60, 300)])
def test_ten_seconds_at_thirty_frames_give_as_many_frames_as_the_rate_says(rate, kept):
    assert len(resampled(range(300), 30, rate)) == kept


def test_frames_are_taken_at_equal_times():
    assert resampled(range(40), 30, 3) == [0, 10, 20, 30]
    assert resampled(range(12), 29.97, 6)[:3] == [0, 5, 10]


def test_gaps_stay_gaps_and_the_first_number_is_time_zero():
    assert resampled([7, 8, 9, 27, 28], 30, 3) == [0, 3]


def test_a_rate_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        resampled([1], 30, 0)


def test_steps_of_a_higher_rate_are_the_frames():
    assert [time_step(n, 6, 30) for n in range(3)] == [0, 1, 2]

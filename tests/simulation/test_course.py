"""Movements begin and end at rest, smoothly, and later on the weak side."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.simulation.course import Course, Phase, SideCourse, drawn_blink, drawn_course

STEADY = SideCourse(begins=1.0, onset=0.5, hold=1.0, release=0.8)


@pytest.mark.parametrize(
    ("t", "effort", "phase"),
    [
        (0.0, 0.0, Phase.REST),
        (1.0, 0.0, Phase.ONSET),
        (1.25, 0.5, Phase.ONSET),
        (1.5, 1.0, Phase.HOLD),
        (2.4, 1.0, Phase.HOLD),
        (2.9, 0.5, Phase.RELEASE),
        (3.3, 0.0, Phase.REST),
        (9.0, 0.0, Phase.REST),
    ],
)
def test_effort_and_phase_at_known_moments(t: float, effort: float, phase: Phase) -> None:
    assert STEADY.effort(t) == pytest.approx(effort)
    assert STEADY.phase(t) is phase


def test_the_rise_has_the_peak_speed_of_minimum_jerk() -> None:
    t = np.linspace(1.0, 1.5, 2001)
    speed = np.gradient([STEADY.effort(float(s)) for s in t], t)
    assert speed.max() == pytest.approx(1.875 / STEADY.onset, rel=1e-3)
    assert speed[[0, -1]] == pytest.approx(0, abs=0.01)
    assert (speed > -1e-9).all()


@pytest.mark.parametrize("movement", list(Movement))
@pytest.mark.parametrize("duration", [0.6, 2.0, 6.0])
def test_a_drawn_course_fills_its_recording_and_rests_at_both_ends(movement, duration) -> None:
    rng = np.random.default_rng(3)
    for _ in range(20):
        course = drawn_course(
            rng, movement, duration, weak_side=Side.LEFT, weakness=float(rng.random())
        )
        for t in (0.0, duration):
            assert course.efforts(t) == {Side.LEFT: 0, Side.RIGHT: 0}
        middle = course.sides[Side.RIGHT]
        at_peak = course.efforts(middle.begins + middle.onset + middle.hold)
        expected = 0.0 if movement is Movement.REST else 1.0
        assert all(e == pytest.approx(expected) for e in at_peak.values())
        assert all(s.ends <= duration + 1e-9 for s in course.sides.values())


def test_the_weak_side_lags_the_more_the_weaker_it_is() -> None:
    def half_way(course: Course, side: Side) -> float:
        t = np.linspace(0, 4, 4001)
        return float(t[np.argmax([course.sides[side].effort(float(s)) >= 0.5 for s in t])])

    lags = []
    for weakness in (0.0, 0.5, 1.0):
        rng = np.random.default_rng(8)
        course = drawn_course(rng, Movement.SMILE, 4.0, weak_side=Side.RIGHT, weakness=weakness)
        lags.append(half_way(course, Side.RIGHT) - half_way(course, Side.LEFT))
    assert lags[0] == 0
    assert 0 < lags[1] < lags[2] < 0.6


def test_without_a_weak_side_both_move_together() -> None:
    course = drawn_course(np.random.default_rng(1), Movement.SMILE, 3.0)
    assert course.sides[Side.LEFT] == course.sides[Side.RIGHT]


def test_phases_follow_one_another() -> None:
    course = drawn_course(np.random.default_rng(1), Movement.SMILE, 3.0, weak_side=Side.LEFT)
    assert course.leading is Side.RIGHT
    seen = [course.phase(float(t)) for t in np.linspace(0, 3, 301)]
    order = [p for i, p in enumerate(seen) if i == 0 or p is not seen[i - 1]]
    assert order == [Phase.REST, Phase.ONSET, Phase.HOLD, Phase.RELEASE, Phase.REST]


def test_a_blink_takes_as_long_as_people_blink() -> None:
    rng = np.random.default_rng(2)
    for _ in range(20):
        blink = drawn_blink(rng, 0.5).sides[Side.LEFT]
        assert 0.2 < blink.ends - blink.begins < 0.5
        assert blink.onset < blink.release
        assert blink.effort(0.5) == 0


def test_the_same_seed_draws_the_same_course() -> None:
    assert drawn_course(np.random.default_rng(5), Movement.SNARL, 3.0) == drawn_course(
        np.random.default_rng(5), Movement.SNARL, 3.0
    )


@pytest.mark.parametrize(
    "wrong", [{"begins": -1.0}, {"hold": -0.1}, {"onset": 0.0}, {"release": 0.0}, {"peak": 1.5}]
)
def test_courses_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    times = {"begins": 0.1, "onset": 0.2, "hold": 0.3, "release": 0.2, **wrong}
    with pytest.raises(InputError, match="time course"):
        SideCourse(**times)


def test_a_recording_shorter_than_a_movement_is_refused() -> None:
    with pytest.raises(InputError, match=r"0\.2 s"):
        drawn_course(np.random.default_rng(0), Movement.SMILE, 0.2)

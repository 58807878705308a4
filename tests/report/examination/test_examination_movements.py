from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.measures.excursions import clear_of_noise
from facialis.report.examination_figures import curve_figure, lag_text
from facialis.report.examination_movements import movement_sections


def sections(examination):
    return {s.movement: s for s in movement_sections(examination)}


def course_of(examination, movement):
    return next(d for d in examination.examination.dynamics if d.segment.movement is movement)


def test_movements_come_in_the_order_of_the_protocol(filmed):
    assert [s.name for s in movement_sections(filmed)] == [
        "Rest",
        "Brow raise",
        "Gentle eye closure",
        "Tight eye closure",
        "Open-mouth smile",
        "Snarl",
        "Lip pucker",
        "Lower teeth (“eee”)",
    ]


def test_a_bar_is_in_parts_of_the_longest_way_of_its_movement(filmed):
    commissure, lip = sections(filmed)[Movement.SMILE].ways
    assert commissure.label == "Commissure, mm"
    assert (commissure.right, commissure.left) == pytest.approx((1.0, 4.2 / 11.7))
    assert (lip.right, lip.left) == pytest.approx((5.0 / 11.7, 1.9 / 11.7))
    assert (commissure.right_text, commissure.left_text) == ("11.7", "4.2")
    assert commissure.ratio == "36 % of the healthy side"
    assert commissure.noise == pytest.approx(clear_of_noise(2) * 0.35 / 11.7)


def test_a_way_backwards_has_no_bar_but_its_number(filmed):
    ways = tuple(
        replace(e, left=-0.01, left_mm=-0.9) if e.movement is Movement.PUCKER else e
        for e in filmed.examination.excursions
    )
    record = filmed.examination.model_copy(update={"excursions": ways})
    (way,) = sections(filmed.model_copy(update={"examination": record}))[Movement.PUCKER].ways
    assert (way.left, way.left_text) == (0.0, "−0.9")


def test_without_a_scale_ways_are_in_interocular_units(sparse):
    way = sections(sparse)[Movement.SMILE].ways[0]
    assert way.label.startswith("Commissure, interocular units (each ± 0.0")
    assert (way.right_text, way.left_text) == ("0.127", "0.046")


def test_a_healthy_face_has_no_share_of_a_healthy_side(healthy):
    assert {w.ratio for s in movement_sections(healthy) for w in s.ways} == {""}


def test_what_was_not_measured_says_why(hindered):
    found = sections(hindered)
    assert found[Movement.SMILE].ways[1].not_measured == "hair covers it"
    assert "shows no face" in found[Movement.BROW_RAISE].problem


def test_rest_shows_the_sides_themselves(filmed):
    rest = sections(filmed)[Movement.REST]
    assert rest.ways == ()
    assert [b.label for b in rest.rest] == [
        "Brow height, mm",
        "Palpebral fissure height, mm",
        "Commissure position, mm",
        "Lower lip height, mm",
    ]


def test_a_filmed_movement_says_where_it_lies(filmed):
    source = sections(filmed)[Movement.BROW_RAISE].source
    assert source == "anna.mp4, 9.0 to 13.6 s (found, confidence 0.93); picture at 10.60 s"
    named = filmed.examination.movements[1].model_copy(
        update={"source": "clips/anna.mp4 at 10.60 s"}
    )
    record = filmed.examination.model_copy(update={"movements": (named,)})
    again = sections(filmed.model_copy(update={"examination": record}))
    assert again[Movement.BROW_RAISE].source == source
    stated = replace(course_of(filmed, Movement.SNARL).segment, stated=True)
    movement = next(
        m for m in filmed.examination.movements if m.movement is Movement.SNARL
    ).model_copy(update={"segment": stated})
    record = filmed.examination.model_copy(update={"movements": (movement,)})
    found = sections(filmed.model_copy(update={"examination": record}))
    assert "(as stated)" in found[Movement.SNARL].source


def test_times_and_speeds_are_listed_for_both_sides(filmed):
    times = {t.label: (t.right, t.left) for t in sections(filmed)[Movement.EYE_CLOSE_GENTLE].times}
    assert times["Onset"] == ("0.47 s", "0.72 s")
    assert times["Peak speed"] == ("22 mm/s", "9 mm/s")
    assert times["Lid gap still open"] == ("3 %", "41 %")
    still = {t.label: t.left for t in sections(filmed)[Movement.BROW_RAISE].times}
    assert still["Onset"] == "–"


def test_speeds_without_a_scale_are_in_interocular_units(filmed):
    def bare(side):
        return replace(side, excursion_mm=None, peak_velocity_mm=None)

    course = course_of(filmed, Movement.SMILE)
    course = replace(course, right=bare(course.right), left=bare(course.left))
    record = filmed.examination.model_copy(update={"dynamics": (course,)})
    section = sections(filmed.model_copy(update={"examination": record}))[Movement.SMILE]
    assert section.times[-1].label == "Peak speed, interocular units/s"
    assert section.figure.title == "Commissure over time, interocular units"


def test_the_later_side_is_named(filmed):
    course = course_of(filmed, Movement.SMILE)
    assert lag_text(course) == "The left side begins 0.24 s later"
    assert lag_text(replace(course, lag_sd=0.034)) == "The left side begins 0.24 ± 0.03 s later"
    unsure = replace(course, lag_sd=0.2)
    assert lag_text(unsure) == (
        "Which side begins first cannot be told (left later by 0.24 ± 0.20 s)"
    )
    assert lag_text(replace(course, lag=0.01, lag_sd=0.2)) == lag_text(replace(course, lag=0.01))
    assert lag_text(replace(course, lag=-0.1)) == "The right side begins 0.10 s later"
    assert lag_text(replace(course, lag=0.001)) == "Both sides begin together, within 0.10 s"
    still = replace(course, lag=None, left=replace(course.left, onset=None), remarks=())
    assert lag_text(still) == "No lag: a side does not move above the noise"
    assert lag_text(replace(still, remarks=("The face is lost.",))) == "No lag: see the remarks"


def test_a_curve_lies_in_its_frame_and_runs_forward(filmed):
    for course in filmed.examination.dynamics:
        figure = curve_figure(course)
        for line in (figure.right, figure.left):
            points = np.array(line)
            assert points.min() >= 0
            assert points.max() <= 1
            assert all(a < b for a, b in pairwise(points[:, 0]))


def test_the_axes_of_a_curve_say_what_its_points_are(filmed):
    course = course_of(filmed, Movement.SMILE)
    figure = curve_figure(course)
    at, way = zip(*((t.at, float(t.text)) for t in figure.ways), strict=True)
    mm = np.interp([y for _, y in figure.right], at, way)
    shown = np.array(course.curve.right) * 92.0
    inside = shown <= max(way)
    assert np.allclose(mm[inside & (shown >= 0)], shown[inside & (shown >= 0)], atol=0.02)
    at, seconds = zip(*((t.at, float(t.text.rstrip(" s"))) for t in figure.times), strict=True)
    slope = np.polyfit(at, seconds, 1)
    begin, end = course.curve.seconds[0], course.curve.seconds[-1]
    assert slope == pytest.approx([end - begin, begin], abs=1e-6)


def test_events_lie_on_the_curve_of_their_side(filmed):
    course = course_of(filmed, Movement.SMILE)
    figure = curve_figure(course)
    kinds = [(e.kind, e.side) for e in figure.events]
    assert kinds == [
        ("onset", Side.RIGHT),
        ("return", Side.RIGHT),
        ("onset", Side.LEFT),
        ("return", Side.LEFT),
        ("peak", None),
    ]
    begin, end = course.curve.seconds[0], course.curve.seconds[-1]
    for event, line in zip(figure.events[:4], [figure.right] * 2 + [figure.left] * 2, strict=True):
        x, y = np.array(line).T
        assert event.height == pytest.approx(np.interp(event.at, x, y))
    onset = course.segment.start + course.right.onset
    assert figure.events[0].at == pytest.approx((onset - begin) / (end - begin))


def test_a_side_that_does_not_move_has_no_events(filmed):
    figure = curve_figure(course_of(filmed, Movement.BROW_RAISE))
    assert {e.side for e in figure.events} == {Side.RIGHT, None}


def test_events_outside_the_curve_are_left_out(filmed):
    course = course_of(filmed, Movement.SMILE)
    cut = replace(
        course.curve,
        seconds=course.curve.seconds[:40],
        right=course.curve.right[:40],
        left=course.curve.left[:40],
    )
    kinds = {e.kind for e in curve_figure(replace(course, curve=cut)).events}
    assert kinds == {"onset"}
    unfinished = replace(course, right=replace(course.right, release=None))
    assert ("return", Side.RIGHT) not in [(e.kind, e.side) for e in curve_figure(unfinished).events]


def test_a_curve_of_one_point_is_not_drawn(filmed):
    course = course_of(filmed, Movement.SMILE)
    one = replace(course.curve, seconds=(1.0,), right=(0.0,), left=(0.0,))
    assert curve_figure(replace(course, curve=one)) is None


def test_the_figure_can_be_read_aloud(filmed):
    text = curve_figure(course_of(filmed, Movement.SMILE)).text
    assert (
        text
        == (
            "Commissure over time: right 11.7 mm at the peak, left 4.2 mm; peak at 22.60 s. "
            "The left side begins 0.24 s later."
        )
        or "peak at" in text
    )

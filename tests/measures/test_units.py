"""Millimetres from the visible iris."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facialis.face import mesh
from facialis.face.mesh import TEMPLATE
from facialis.measures.frames import mirrored_face
from facialis.measures.units import IRIS_MM, IRIS_MM_SD, IRIS_OUTLINED, eye_openings, millimetres

Points = NDArray[np.float64]

OUTLINED_MM = IRIS_MM * IRIS_OUTLINED


def face(
    *,
    right_iris: float = 12.0,
    left_iris: float = 12.0,
    opening: tuple[float, float] = (10.0, 10.0),
) -> Points:
    """A face 90 pixels wide between the eyes, with irises and lid gaps of given size."""
    points = 90 * TEMPLATE
    for iris, centre, size in (
        (mesh.RIGHT_IRIS, mesh.RIGHT_IRIS_CENTRE, right_iris),
        (mesh.LEFT_IRIS, mesh.LEFT_IRIS_CENTRE, left_iris),
    ):
        middle = points[centre, :2]
        for i, (dx, dy) in zip(iris, ((1, 0), (0, -1), (-1, 0), (0, 1)), strict=True):
            points[i, :2] = middle + np.array([dx, dy]) * size / 2
    for upper, lower, gap in (
        (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID, opening[0]),
        (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID, opening[1]),
    ):
        points[list(upper[1:-1]), :2] = points[list(lower[1:-1]), :2] - [0, gap]
    return points


@given(st.floats(4, 60))
def test_the_iris_sets_the_millimetres(size: float) -> None:
    scale = millimetres(face(right_iris=size, left_iris=size, opening=(size, size)), 90.0)
    assert scale.source == "iris"
    assert scale.mm_per_px == pytest.approx(OUTLINED_MM / size)
    assert scale.interocular_px == 90
    assert scale.interocular_mm == pytest.approx(90 * OUTLINED_MM / size)
    assert scale.mm_per_px_sd == pytest.approx(IRIS_OUTLINED * IRIS_MM_SD / size)


def test_disagreeing_irises_are_averaged_and_less_sure() -> None:
    scale = millimetres(face(right_iris=11, left_iris=13), 90.0)
    assert scale.mm_per_px == pytest.approx(OUTLINED_MM / 12)
    relative = math.hypot(IRIS_MM_SD / IRIS_MM, 2 / 24)
    assert scale.mm_per_px_sd == pytest.approx(OUTLINED_MM / 12 * relative)


def test_the_scale_is_meant_in_pixels_of_the_original() -> None:
    scale = millimetres(face(), 90.0, shrunk=0.5)
    assert scale.mm_per_px == pytest.approx(OUTLINED_MM / 24)
    assert scale.interocular_px == 180
    assert scale.interocular_mm == pytest.approx(90 * OUTLINED_MM / 12)


@pytest.mark.parametrize("opening", [(2.0, 10.0), (10.0, 2.0)])
def test_a_hidden_iris_is_not_used_and_one_alone_is_less_sure(
    opening: tuple[float, float],
) -> None:
    both = millimetres(face(), 90.0)
    one = millimetres(face(opening=opening), 90.0)
    assert one.mm_per_px == pytest.approx(both.mm_per_px)
    assert one.mm_per_px_sd is not None
    assert both.mm_per_px_sd is not None
    assert one.mm_per_px_sd > both.mm_per_px_sd
    assert "one iris" in one.note


def test_hidden_irises_give_no_millimetres_and_say_what_to_do() -> None:
    scale = millimetres(face(opening=(1, 1)), 90.0)
    assert (scale.mm_per_px, scale.mm_per_px_sd, scale.interocular_mm) == (None, None, None)
    assert scale.source == "none"
    assert scale.interocular_px == 90
    assert "--mm-per-px" in scale.note


@pytest.mark.parametrize("opening", [(10.0, 10.0), (1.0, 1.0)])
def test_what_the_user_gives_is_taken_as_it_is(opening: tuple[float, float]) -> None:
    scale = millimetres(face(opening=opening), 90.0, given=0.25, shrunk=0.5)
    assert (scale.mm_per_px, scale.source) == (0.25, "given")
    assert scale.interocular_mm == pytest.approx(180 * 0.25)
    assert scale.mm_per_px_sd == 0


def test_an_iris_under_something_is_not_measured() -> None:
    points = face(right_iris=11, left_iris=13)
    for covered, left in (((True, False), 13), ((False, True), 11)):
        scale = millimetres(points, 90.0, covered=covered)
        assert scale.mm_per_px == pytest.approx(IRIS_MM * IRIS_OUTLINED / left)
        assert "one iris" in scale.note
    assert millimetres(points, 90.0, covered=(True, True)).source == "none"


def test_a_stated_scale_far_from_that_of_the_irises_is_doubted() -> None:
    points = face(right_iris=12, left_iris=12)
    by_iris = millimetres(points, 90.0).mm_per_px or 0.0
    for factor, is_odd in ((1.0, False), (1.2, False), (1.3, True), (0.5, True)):
        scale = millimetres(points, 90.0, given=factor * by_iris)
        assert ("the irises say" in scale.note) is is_odd


def test_mirroring_changes_nothing() -> None:
    points = face(right_iris=11, left_iris=13, opening=(6, 9))
    assert millimetres(mirrored_face(points), 90.0) == millimetres(points, 90.0)


def test_openings_are_lid_gap_over_eye_width_right_then_left() -> None:
    points = face(opening=(3.0, 9.0))
    width = np.linalg.norm((points[33] - points[133])[:2])
    right, left = eye_openings(points)
    assert right == pytest.approx(3 / width)
    assert left == pytest.approx(9 / width)
    assert eye_openings(mirrored_face(points)) == pytest.approx((left, right))
    assert eye_openings(np.zeros((478, 3))) == (0, 0)

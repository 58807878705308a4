"""Places of the mean face carried to a picture, and drawing finer than pixels."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.mesh import CHIN, NOSE_TIP, TEMPLATE
from facialis.face.pose import rotation_from
from facialis.simulation.chart import FaceChart, Window, blended, sampled, shaded, shifted

TURNED = 60 * TEMPLATE @ rotation_from(20.0, -10.0).T + [200.0, 150.0, 0.0]


def test_landmarks_lie_where_their_places_on_the_chart_are_carried() -> None:
    chart = FaceChart(TURNED)
    chosen = [NOSE_TIP, CHIN, 10, 61, 291, 105, 334, 50, 280]
    np.testing.assert_allclose(
        chart.placed(TEMPLATE[chosen, :2]), TURNED[chosen], atol=0.02 * chart.unit
    )


def test_a_stretched_mean_face_stretches_every_place_within_it_and_beyond() -> None:
    matrix, shift = np.array([[70.0, 5.0], [-3.0, 90.0]]), np.array([150.0, 120.0])
    points = np.column_stack((TEMPLATE[:, :2] @ matrix.T + shift, 70 * TEMPLATE[:, 2]))
    places = np.random.default_rng(0).uniform((-0.9, -0.8), (0.9, 1.4), (300, 2))
    carried = FaceChart(points).placed(places)
    np.testing.assert_allclose(carried[:, :2], places @ matrix.T + shift, atol=1e-6)


def test_the_frontal_frame_and_the_picture_undo_each_other() -> None:
    chart = FaceChart(TURNED)
    np.testing.assert_allclose(chart.in_picture(chart.frontal), TURNED, atol=1e-8)
    np.testing.assert_allclose(chart.frontal, TEMPLATE, atol=1e-6)
    assert chart.unit == pytest.approx(60)


def test_strokes_cover_by_length_width_and_strength() -> None:
    def covered(length: float, width: float = 1.0, strength: float = 1.0) -> float:
        line = np.array([[[20.0, 22.0], [20 + 0.8 * length, 22 + 0.6 * length]]])
        window = Window.around(line, (90, 100, 3), margin=6, finest=0.5)
        return float(window.strokes(line, np.full((1, 1), strength), width).sum())

    assert covered(60) == pytest.approx(2 * covered(30), rel=0.07)
    assert covered(60, width=4) - covered(60, width=2) == pytest.approx(2 * 60, rel=0.15)
    assert covered(60, strength=0.4) == pytest.approx(0.4 * covered(60), rel=0.05)


def test_a_line_thinner_than_a_fine_pixel_is_fainter() -> None:
    line = np.array([[10.0, 12.0], [40.0, 12.0]])
    window = Window.around(line, (50, 60), margin=4, finest=0.3)
    sums = []
    for width in (0.25, 0.125):
        drawing = window.blank()
        window.line(drawing, line, width, closed=False)
        sums.append(float(window.coarse(drawing).sum()))
    assert sums[1] == pytest.approx(sums[0] / 2, rel=0.1)


def test_an_outline_encloses_its_area() -> None:
    square = np.array([[10.25, 8.0], [30.25, 8.0], [30.25, 28.0], [10.25, 28.0]])
    window = Window.around(square, (50, 60), margin=3, finest=0.25)
    inside = window.inside(square)
    assert inside.sum() == pytest.approx(400, rel=0.06)
    assert (window.left, window.top) == (7, 5)


def test_a_window_ends_at_the_picture_and_may_be_empty() -> None:
    places = np.array([[-20.0, -10.0], [15.0, 12.0]])
    window = Window.around(places, (40, 50), margin=2, finest=1.0)
    assert (window.left, window.top, window.width, window.height) == (0, 0, 17, 14)
    assert window.part == (slice(0, 14), slice(0, 17))
    assert Window.around(places + 200, (40, 50), margin=2, finest=1.0).is_empty


def test_small_words_for_pictures_mean_what_they_say() -> None:
    plane = np.zeros((5, 6), np.float32)
    plane[2, 3] = 1
    assert shifted(plane, 1, -2)[0, 4] == 1
    assert shifted(plane, 2, 0, beyond=7.0)[0, 0] == 7
    picture = np.full((5, 6, 3), 100, np.float32)
    np.testing.assert_allclose(
        blended(picture, np.array([0.0, 50, 200]), plane)[2, 3], [0, 50, 200]
    )
    dark = shaded(picture, 0.5 * plane)
    assert dark[2, 3, 0] > dark[2, 3, 2]
    assert (dark[0] == 100).all()
    np.testing.assert_array_equal(
        sampled(plane, np.array([[3.9, 2.1, 0.0], [99.0, -4.0, 0.0]])), [1, 0]
    )

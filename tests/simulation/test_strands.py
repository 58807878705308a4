"""Hairs far thinner than a pixel."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.simulation.chart import FaceChart, Window
from facialis.simulation.strands import brow_colour, cheek_colour, laid, light_on

WINDOW = Window(10, 20, 60, 50, 1)
LINE = np.array([[[20.0, 30.0], [35.0, 38.0], [50.0, 46.0]]])


def one(width: float, colour: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    return np.full((1, 3), width), np.tile(np.array(colour), (1, 3, 1))


def test_a_hair_covers_its_length_times_its_width() -> None:
    cover, _ = laid(WINDOW, LINE, *one(0.05, (1, 2, 3)), np.zeros(1))
    assert cover.sum() == pytest.approx(34 * 0.05, rel=0.03)


def test_a_hair_lies_along_its_course_in_its_colour() -> None:
    cover, colour = laid(WINDOW, LINE, *one(0.05, (10, 20, 30)), np.zeros(1))
    y, x = np.indices(cover.shape)
    middle = [(cover * (x + 10.5)).sum() / cover.sum(), (cover * (y + 20.5)).sum() / cover.sum()]
    np.testing.assert_allclose(middle, [35, 38], atol=0.3)
    np.testing.assert_allclose(
        colour[cover > 0.01], [[10, 20, 30]] * int((cover > 0.01).sum()), rtol=1e-4
    )


def test_the_hair_on_top_gives_the_colour_where_two_cross() -> None:
    crossing = np.concatenate((LINE, LINE[:, ::-1] * [1, -1] + [0, 76]))
    widths, colours = np.full((2, 3), 0.5), np.repeat([[[0.0] * 3], [[100.0] * 3]], 3, axis=1)
    _, colour = laid(WINDOW, crossing, widths, colours, np.array([0.0, 1.0]))
    assert colour[17, 24].mean() > 90
    _, colour = laid(WINDOW, crossing, widths, colours, np.array([1.0, 0.0]))
    assert colour[17, 24].mean() < 10


def test_hairs_outside_the_window_leave_it_bare() -> None:
    cover, _ = laid(WINDOW, LINE + 500, *one(1, (1, 2, 3)), np.zeros(1))
    assert not cover.any()
    half, _ = laid(WINDOW, LINE - [25, 0], *one(0.05, (1, 2, 3)), np.zeros(1))
    assert half.sum() == pytest.approx(17 * 0.05, rel=0.1)


def test_colours_are_read_from_brows_and_cheeks(painted_face) -> None:
    picture = painted_face.pixels.astype(np.float32)
    chart = FaceChart(painted_face.points)
    np.testing.assert_allclose(brow_colour(picture, chart), [52, 38, 30], atol=3)
    np.testing.assert_allclose(cheek_colour(picture, chart), [204, 160, 140], atol=1)


def test_light_is_about_one_and_higher_where_the_picture_is_brighter() -> None:
    ramp = np.tile(np.linspace(60, 180, 80, dtype=np.float32)[None, :, None], (40, 1, 3))
    light = light_on(ramp, 40.0)
    assert light.mean() == pytest.approx(1, abs=0.05)
    assert light[20, 5] < 0.75
    assert light[20, 75] > 1.2

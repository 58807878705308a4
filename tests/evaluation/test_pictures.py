"""Words on pictures stay on them."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.evaluation.canvas import wrapped
from facialis.evaluation.sheet import (
    CLASS_COLOURS,
    Case,
    _legend_lines,
    draw_sheet,
    in_a_grid,
)
from facialis.regions.classes import Attribute
from facialis.report.palette import WASH


@pytest.mark.parametrize("width", [2.0, 5.0, 9.0])
def test_a_title_is_broken_where_it_would_be_wider(width: float) -> None:
    title = "multimodal_fusion-light, light\npaper001: Masks in eleven classes and grades, lopo"
    lines = wrapped(title, width).split("\n")
    assert max(map(len, lines)) <= max(20, 13 * width)
    assert " ".join(lines) == title.replace("\n", " ")
    assert lines[0] == "multimodal_fusion-light, light" or width < 3


@pytest.mark.parametrize("width", [400, 1068])
def test_the_legend_names_every_class_within_the_sheet(width: int) -> None:
    names = tuple(each.name.lower() for each in Attribute)
    lines = _legend_lines(names, width)
    words = [word for line in lines for _, word, _ in line]
    assert words[1:] == [*names, "not labelled"]
    for line in lines:
        assert all(0 < x < width - 60 for x, _, _ in line)


def test_no_two_colours_of_classes_look_alike_nor_like_what_is_not_labelled() -> None:
    colours = np.array([*CLASS_COLOURS, WASH], np.int64)
    apart = np.abs(colours[:, None] - colours[None]).sum(axis=2)
    assert (apart + 1000 * np.eye(len(colours), dtype=np.int64)).min() > 60


def test_a_sheet_grows_with_its_legend() -> None:
    labels = np.zeros((8, 8), np.uint8)
    cases = [Case("a", ("a", "mean F1 0.1"), (labels, labels))]
    picture = np.zeros((8, 8, 3), np.uint8)
    short, long = (
        draw_sheet(cases, lambda _: picture, "worst", [f"part number {i}" for i in range(n)])
        for n in (3, 12)
    )
    heights = [int.from_bytes(each[20:24], "big") for each in (short, long)]
    assert heights[0] < heights[1]


def test_pictures_of_a_case_stand_side_by_side_in_their_order() -> None:
    pictures = [np.full((4, 4, 3), 10 * number, np.uint8) for number in range(5)]
    grid = in_a_grid(pictures)
    assert grid.shape == (8, 12, 3)
    assert [grid[y + 1, x + 1, 0] for y in (0, 4) for x in (0, 4, 8)] == [
        0,
        10,
        20,
        30,
        40,
        WASH[0],
    ]
    assert in_a_grid(pictures[:1]) is pictures[0]


def test_a_sheet_shows_larger_panels_where_they_are_asked_for() -> None:
    picture = np.zeros((8, 8, 3), np.uint8)
    cases = [Case("a", ("a", "is I", "called II (0.9)"))]
    small, large = (
        draw_sheet(cases, lambda _: picture, "worst", (), panel=panel) for panel in (168, 336)
    )
    widths, heights = (
        [int.from_bytes(each[place : place + 4], "big") for each in (small, large)]
        for place in (16, 20)
    )
    assert heights[1] == heights[0] + 168
    assert abs(widths[1] - widths[0]) < 100

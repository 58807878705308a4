"""Pictures in and out of the parser of paper 000."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.clinical.anatomy import Side
from facialis.errors import InputError
from facialis.methods.asymmetric_parsing import prepare
from facialis.regions.framing import square_around


def test_s0_23_an_overlay_is_coloured_exactly_on_the_parts() -> None:
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    labels = random.choice([0, 1, 2, 3, 4, 5, 6, 255], (30, 40)).astype(np.uint8)
    shown = prepare.overlay(picture, labels)
    coloured = shown.max(axis=2) != shown.min(axis=2)
    assert np.array_equal(coloured, (labels > 0) & (labels < 255))
    for part in range(1, 7):
        tint = shown[labels == part].astype(int)
        colour = np.array(prepare.COLOURS[part]) // 2
        assert (tint - colour == (tint - colour)[:, :1]).all()


def test_an_overlay_refuses_what_does_not_fit() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(InputError, match="size"):
        prepare.overlay(picture, np.zeros((5, 4), np.uint8))
    with pytest.raises(InputError, match="class 9"):
        prepare.overlay(picture, np.full((4, 4), 9, np.uint8))


def test_fpp_fraction_leaves_hair_and_background_out() -> None:
    labels = np.array([[0, 2, 2, 1], [1, 6, 4, 255]], np.uint8)
    assert prepare.fpp_fraction(labels) == 0.25
    assert prepare.fpp_fraction(np.zeros((3, 3), np.uint8)) == 0


def test_a_framed_picture_is_what_the_square_shows() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
    points = np.array([[20.0, 20.0], [40.0, 45.0]])
    found = prepare.framed(picture, points, 24)
    assert found.shape == (3, 24, 24)
    assert np.array_equal(found.transpose(1, 2, 0), square_around(points).cut(picture, 24))
    with pytest.raises(InputError, match="no face"):
        prepare.framed(picture, points[:0], 24)


def test_labels_are_never_mixed_and_a_heat_map_spans_dark_to_bright() -> None:
    labels = np.array([[0, 6], [255, 3]], np.uint8).repeat(4, 0).repeat(4, 1)
    assert set(np.unique(prepare.resized_labels(labels, 5))) <= {0, 3, 6, 255}
    shown = prepare.heat(np.array([[0.0, 1.0]]), 8).astype(int).sum(axis=2)
    assert shown[0, 0] < shown[0, -1]
    assert np.array_equal(prepare.heat(np.ones((2, 2)), 4), prepare.heat(np.zeros((2, 2)), 4))


def test_a_mask_is_parted_down_the_middle_of_the_face():
    points = np.zeros((478, 3))
    points[[168, 1, 2, 152], 0] = [29, 30, 31, 30]
    shown = np.ones((4, 50), bool)
    shown[0] = False
    found = prepare.by_side(shown, points)
    assert found[Side.RIGHT].sum(axis=1).tolist() == [0, 30, 30, 30]
    assert found[Side.LEFT].sum(axis=1).tolist() == [0, 20, 20, 20]
    assert found[Side.RIGHT][1, 29]
    assert found[Side.LEFT][1, 30]

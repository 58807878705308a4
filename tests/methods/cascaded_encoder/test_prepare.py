"""What the network reads and what its answers show."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.errors import InputError
from facialis.methods.cascaded_encoder import prepare


def test_the_input_is_channels_first_of_the_size():
    picture = np.zeros((50, 50, 3), np.uint8)
    picture[..., 0] = 200
    found = prepare.network_input(picture, 32)
    assert found.shape == (3, 32, 32)
    assert found.dtype == np.uint8
    assert (found[0] == 200).all()
    assert (found[1:] == 0).all()


def test_masks_never_mix_classes():
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 255
    assert set(np.unique(prepare.network_mask(mask, 40))) == {0, 255}


@pytest.mark.parametrize("cell", [(0, 0), (3, 5), (7, 7), (6, 1)])
def test_s1_21_the_heat_map_is_hottest_where_attention_peaks(cell):
    attention = np.full((8, 8), 0.01)
    attention[cell] = 0.4
    hot = prepare.heat(attention, 64, 64)
    row, column = np.unravel_index(hot.argmax(), hot.shape)
    assert abs(row // 8 - cell[0]) <= 1
    assert abs(column // 8 - cell[1]) <= 1
    painted = prepare.heat_map(np.zeros((64, 64, 3), np.uint8), attention).astype(int)
    warmth = painted[..., 0] - painted[..., 2]
    row, column = np.unravel_index(warmth.argmax(), warmth.shape)
    assert abs(row // 8 - cell[0]) <= 1
    assert abs(column // 8 - cell[1]) <= 1


def test_an_even_attention_is_cold_everywhere():
    assert (prepare.heat(np.full((4, 4), 1 / 16), 8, 8) == 0).all()


@pytest.mark.parametrize("attention", [np.zeros(4), np.full((2, 2), -1.0), np.full((2, 2), np.nan)])
def test_a_strange_attention_is_refused(attention):
    with pytest.raises(InputError, match="attention"):
        prepare.heat_map(np.zeros((8, 8, 3), np.uint8), attention)


def test_the_overlay_leaves_background_and_unlabelled_pixels():
    picture = np.full((2, 2, 3), 100, np.uint8)
    labels = np.array([[0, 255], [4, 10]], np.uint8)
    found = prepare.overlay(picture, labels)
    assert (found[0] == 100).all()
    expected = np.round(0.5 * 100 + 0.5 * np.array(prepare.COLOURS[4]))
    assert (found[1, 0] == expected).all()


@pytest.mark.parametrize("labels", [np.zeros((3, 3), np.uint8), np.full((2, 2), 11, np.uint8)])
def test_an_overlay_of_other_classes_or_size_is_refused(labels):
    with pytest.raises(InputError, match="labels"):
        prepare.overlay(np.zeros((2, 2, 3), np.uint8), labels)


def test_probabilities_become_a_grade_and_the_level_of_the_sums():
    found = prepare.probabilities(np.log([0.30, 0.25, 0.25, 0.10, 0.05, 0.05]))
    assert found.sum() == pytest.approx(1)
    assert prepare.grade(found) == 1
    assert prepare.level(found) == 2

"""Portraits: the frontal frame, and the square around a face."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.mesh import TEMPLATE
from facialis.face.pose import rotation_from
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.simulation.portrait import CROP_IN_INTEROCULARS, Portrait


def a_portrait(pixels, *, unit: float = 40.0, centre=(100.0, 90.0)) -> Portrait:
    return Portrait.of(pixels, unit * TEMPLATE + [*centre, 0.0])


def ramp(height: int, width: int) -> np.ndarray:
    """A picture whose red tells x and whose green tells y, in half pixels, edges counted."""
    y, x = np.mgrid[:height, :width]
    return np.stack((x, y, np.full_like(x, 9)), axis=-1).astype(np.uint8)


def test_the_face_of_the_mean_face_is_itself_however_large_turned_or_placed():
    turned = TEMPLATE @ rotation_from(12, -6, 20).T
    portrait = Portrait.of(np.zeros((9, 9, 3), np.uint8), 77 * turned + [300, 120, 4])
    np.testing.assert_allclose(portrait.face, TEMPLATE, atol=1e-9)


@pytest.mark.parametrize("side", [64, 131, 160, 400])
def test_a_crop_keeps_the_face_and_its_share_of_the_square(side):
    portrait = a_portrait(ramp(220, 210), centre=(103.3, 98.7))
    crop = portrait.cropped(side)
    assert crop.pixels.shape == (side, side, 3)
    assert crop.pixels.dtype == np.uint8
    np.testing.assert_allclose(crop.face, portrait.face, atol=1e-9)
    assert crop.pose.scale == pytest.approx(side / CROP_IN_INTEROCULARS)


@pytest.mark.parametrize("side", [64, 131, 160, 400])
def test_what_lies_under_the_landmarks_stays_under_them(side):
    portrait = a_portrait(ramp(220, 210), centre=(103.3, 98.7))
    crop = portrait.cropped(side)
    inside = crop.points[:, :2]
    x, y = (np.clip(inside, 0, side - 1)).astype(int).T
    there = (np.stack((x, y), axis=1) + 0.5 - inside) / (side / (CROP_IN_INTEROCULARS * 40))
    expected = portrait.points[:, :2] + there - 0.5
    found = crop.pixels[y, x, :2].astype(float)
    assert np.abs(found - expected).max() < 1.1
    assert np.abs((found - expected).mean(axis=0)).max() < 0.3


def test_beyond_the_photograph_the_edge_is_mirrored():
    pixels = np.random.default_rng(3).integers(0, 256, (140, 132, 3)).astype(np.uint8)
    # Here a pixel of the crop is a pixel of the photograph, and its left third lies beyond it.
    portrait = a_portrait(pixels, centre=(22.0, 64.0))
    crop = portrait.cropped(132).pixels
    np.testing.assert_array_equal(crop[20:100, 45:131], pixels[10 + 20 : 10 + 100, 1:87])
    np.testing.assert_array_equal(crop[20:100, 0:44], pixels[30:110, 44:0:-1])


def test_a_face_on_the_corner_of_a_tiny_photograph_still_fills_its_square():
    portrait = a_portrait(ramp(40, 30), unit=30.0, centre=(2.0, 3.0))
    assert portrait.cropped(64).pixels.shape == (64, 64, 3)


def test_fine_stripes_turn_grey_when_reduced():
    pixels = np.zeros((200, 200, 3), np.uint8)
    pixels[:, ::2] = 255
    crop = a_portrait(pixels, unit=55.0, centre=(100, 85)).cropped(64)
    assert crop.pixels[10:-10, 10:-10].std() < 8
    assert crop.pixels[10:-10, 10:-10].mean() == pytest.approx(127.5, abs=2)


def test_the_landmarker_finds_a_cropped_face_where_its_landmarks_are(photographed, smiling):
    (found,) = find_faces(Frame.from_array(smiling.pixels))
    off = np.linalg.norm(found.points[:, :2] - smiling.points[:, :2], axis=1)
    assert off.mean() < 0.015 * smiling.pose.scale


@pytest.mark.slow
def test_the_landmarker_finds_cropped_real_faces_where_their_landmarks_are(real_sitters):
    for sitter in real_sitters:
        for portrait in (sitter.neutral, sitter.expressive):
            (found,) = find_faces(Frame.from_array(portrait.pixels))
            off = np.linalg.norm(found.points[:, :2] - portrait.points[:, :2], axis=1)
            assert off.mean() < 0.015 * portrait.pose.scale

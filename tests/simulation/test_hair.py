"""Weak hair labels, on painted heads whose hair is known and on a real one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from facialis.face.mesh import TEMPLATE
from facialis.face.search import find_faces
from facialis.media.photo import Frame
from facialis.regions.hand_points import FACE, LEFT_EAR, NECK, RIGHT_EAR
from facialis.simulation.hair import hair_mask
from facialis.simulation.usual_outlines import usual_outlines

SKIN, WALL = (205, 160, 140), (196, 200, 204)
BROWN, BLOND = (70, 45, 30), (150, 110, 40)
UNIT = 100.0
POINTS = UNIT * TEMPLATE + [256, 230, 0]


def filled(pixels, places, colour):
    cv2.fillPoly(pixels, [np.round(places).astype(np.int32)], colour)


def head(hair, *, wall=WALL, skin=SKIN, seed=0):
    """A head with hair around it, and where the hair is (512, 512)."""
    pixels = np.full((512, 512, 3), wall, np.uint8)
    where = np.zeros((512, 512), np.uint8)
    placed = usual_outlines().at(POINTS)
    if hair is not None:
        cv2.ellipse(pixels, (256, 190), (115, 155), 0, 180, 360, hair, -1)
        cv2.ellipse(where, (256, 190), (115, 155), 0, 180, 360, 1, -1)
    for part in (NECK, RIGHT_EAR, LEFT_EAR, FACE):
        filled(pixels, placed[list(part)], skin)
        filled(where, placed[list(part)], 0)
    noise = np.random.default_rng(seed).normal(0, 4, pixels.shape)
    return np.clip(pixels + noise, 0, 255).astype(np.uint8), where > 0


def overlap(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.mark.parametrize("colour", [BROWN, BLOND])
def test_hair_is_found_where_it_was_painted(colour):
    pixels, where = head(colour)
    assert overlap(hair_mask(pixels, POINTS), where) > 0.93


def test_a_bald_head_has_no_hair():
    pixels, _ = head(None)
    assert not hair_mask(pixels, POINTS).any()


def test_hair_of_the_colour_of_the_wall_is_not_invented():
    pixels, _ = head(BROWN, wall=BROWN)
    assert not hair_mask(pixels, POINTS).any()


def test_a_speck_above_the_forehead_is_no_hair():
    pixels, _ = head(None)
    pixels[90:104, 250:264] = BROWN
    assert not hair_mask(pixels, POINTS).any()


def test_dark_things_away_from_the_head_are_no_hair():
    pixels, where = head(BROWN)
    pixels[420:500, 20:90] = BROWN
    found = hair_mask(pixels, POINTS)
    assert not found[420:500, 20:90].any()
    assert overlap(found, where) > 0.93


def test_long_hair_beside_the_cheek_is_found_though_the_ear_parts_it_from_the_rest():
    pixels, where = head(BROWN)
    ears = usual_outlines().at(POINTS)[list(LEFT_EAR)]
    x, y = int(ears[:, 0].max()) - 14, int(ears[:, 1].max()) + 2
    pixels[y : y + 70, x : x + 24] = BROWN
    assert hair_mask(pixels, POINTS)[y + 5 : y + 45, x + 4 : x + 20].mean() > 0.9
    assert overlap(hair_mask(pixels, POINTS)[:y], where[:y]) > 0.9


def test_the_mask_is_the_same_every_time_and_as_large_as_the_picture():
    pixels, _ = head(BROWN)
    first = hair_mask(pixels, POINTS)
    cv2.setRNGSeed(99)
    assert first.shape == pixels.shape[:2]
    assert first.dtype == np.bool_
    np.testing.assert_array_equal(first, hair_mask(pixels, POINTS))


def test_the_size_of_the_picture_changes_little():
    pixels, _ = head(BROWN)
    large = cv2.resize(pixels, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    found = hair_mask(large.astype(np.uint8), 2 * POINTS)[::2, ::2]
    assert overlap(found, hair_mask(pixels, POINTS)) > 0.96


def test_a_face_that_fills_the_picture_has_no_hair_to_find():
    pixels, _ = head(BROWN)
    crop = np.ascontiguousarray(pixels[215:330, 190:320])
    assert not hair_mask(crop, POINTS - [190, 215, 0]).any()


def test_the_hair_of_a_portrait_is_above_and_beside_the_face_and_not_on_it():
    pixels = np.asarray(data.astronaut(), np.uint8)
    points = find_faces(Frame.from_array(pixels, name="astronaut"))[0].points
    found = hair_mask(pixels, points)
    brown = [(20, 215), (60, 160), (80, 290), (130, 160), (140, 290)]
    assert np.mean([found[place] for place in brown]) >= 0.6
    for point in (4, 50, 280, 152, 168):
        x, y = points[point, :2].astype(int)
        assert not found[y, x]

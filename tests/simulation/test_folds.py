"""Lines of the skin: deeper with contraction, flatter without tone, and nowhere else."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np
import pytest

from facialis.clinical.anatomy import Side
from facialis.face.mesh import (
    LEFT_ALA,
    LEFT_BROW_UPPER,
    LEFT_COMMISSURE,
    RIGHT_BROW_UPPER,
    TEMPLATE,
    UPPER_LIP_TOP,
)
from facialis.simulation.folds import along, folded
from facialis.simulation.muscles import Crease

UNIT, CENTRE = 130.0, np.array([128.0, 120.0, 0.0])
POINTS = UNIT * TEMPLATE + CENTRE
SKIN = np.array([205.0, 160.0, 140.0])
EVERY = [(side, crease) for side in Side for crease in Crease]


def flat() -> np.ndarray:
    return np.full((300, 256, 3), SKIN)


def on_picture(key) -> np.ndarray:
    """Where the course of a line lies on this frontal mean face, (P, 2) pixels."""
    side, crease = key
    return np.concatenate(along(crease, side)) * UNIT + CENTRE[:2]


@lru_cache
def distance(key) -> np.ndarray:
    """Distance of each pixel from a course, interocular units."""
    away = np.full((300, 256), np.inf)
    y, x = np.mgrid[:300, :256] + 0.5
    for place in on_picture(key):
        away = np.minimum(away, (x - place[0]) ** 2 + (y - place[1]) ** 2)
    return np.sqrt(away) / UNIT


def near(key, reach: float) -> np.ndarray:
    return distance(key) < reach


def grooved(key, dark: float = 0.8) -> np.ndarray:
    """Skin with a dark line along a course, drawn by plain means, and fine grain."""
    pixels = flat()
    mask = np.ones((300, 256), np.float32)
    for line in along(key[1], key[0]):
        at = np.round(16 * (line * UNIT + CENTRE[:2] - 0.5)).astype(np.int32)
        cv2.polylines(mask, [at], False, dark, 3, cv2.LINE_AA, 4)
    mask = cv2.GaussianBlur(mask, (0, 0), 1.5)
    return pixels * mask[..., None]


def contrast(pixels, key) -> float:
    """How much darker the course is than the skin some way off to both sides."""
    light = pixels.mean(axis=2)
    on, off = near(key, 0.008), near(key, 0.09) & ~near(key, 0.055)
    return float(1 - light[on].mean() / light[off].mean())


@pytest.mark.parametrize("crease", Crease)
def test_lines_of_both_sides_mirror_each_other(crease):
    for right, left in zip(along(crease, Side.RIGHT), along(crease, Side.LEFT), strict=True):
        np.testing.assert_allclose(right * [-1, 1], left)
        assert left[:, 0].mean() > 0
        steps = np.linalg.norm(np.diff(left, axis=0), axis=1)
        assert steps.max() < 4 * steps.min() + 0.02


def test_lines_lie_where_anatomy_has_them():
    fold = along(Crease.NASOLABIAL_FOLD, Side.LEFT)[0]
    ala, commissure = TEMPLATE[LEFT_ALA, :2], TEMPLATE[LEFT_COMMISSURE, :2]
    lip = TEMPLATE[UPPER_LIP_TOP, 1]
    at_lip = np.interp(lip, fold[:, 1], fold[:, 0])
    assert np.linalg.norm(fold[0] - ala) < 0.15
    assert np.interp(commissure[1], fold[:, 1], fold[:, 0]) > commissure[0]
    assert at_lip > 0.6 * commissure[0]
    brows = TEMPLATE[[*RIGHT_BROW_UPPER, *LEFT_BROW_UPPER], 1]
    for line in along(Crease.FOREHEAD_LINES, Side.LEFT):
        assert line[:, 1].max() < brows.min() + 0.05
    for line in along(Crease.FROWN_LINES, Side.RIGHT):
        assert np.abs(line[:, 0]).max() < 0.1


def test_nothing_changes_without_depth():
    rng = np.random.default_rng(0)
    pixels = rng.uniform(0, 255, (300, 256, 3))
    before = pixels.copy()
    np.testing.assert_array_equal(folded(pixels, POINTS, {}), before)
    np.testing.assert_array_equal(folded(pixels, POINTS, dict.fromkeys(EVERY, 0.0)), before)
    folded(pixels, POINTS, dict.fromkeys(EVERY, 0.8))
    np.testing.assert_array_equal(pixels, before)


@pytest.mark.parametrize("key", EVERY, ids=lambda key: f"{key[0]} {key[1]}")
def test_a_deeper_line_has_more_contrast_and_changes_nothing_far_away(key):
    depths = (0.0, 0.25, 0.5, 0.75, 1.0)
    pictures = [folded(flat(), POINTS, {key: d}) for d in depths]
    seen = [contrast(p, key) for p in pictures]
    assert seen[0] == pytest.approx(0, abs=1e-9)
    assert all(b > a + 0.002 for a, b in pairwise(seen))
    far = ~near(key, 0.14)
    np.testing.assert_allclose(pictures[-1][far], np.broadcast_to(SKIN, (far.sum(), 3)), atol=2)


@pytest.mark.parametrize("key", EVERY, ids=lambda key: f"{key[0]} {key[1]}")
def test_a_line_that_loses_its_tone_fades_and_leaves_the_rest(key):
    photograph = grooved(key)
    depths = (0.0, -0.25, -0.5, -0.75, -1.0)
    pictures = [folded(photograph, POINTS, {key: d}) for d in depths]
    seen = [contrast(p, key) for p in pictures]
    assert seen[0] > 0.02
    assert all(b < a - 0.001 for a, b in pairwise(seen))
    assert seen[-1] < 0.8 * seen[0]
    far = ~near(key, 0.26)
    np.testing.assert_allclose(pictures[-1][far], photograph[far], atol=0.5)


def test_flattening_keeps_the_grain_of_the_skin():
    key = (Side.LEFT, Crease.NASOLABIAL_FOLD)
    grain = np.random.default_rng(1).normal(0, 6, (300, 256, 1))
    filled = folded(grooved(key) + grain, POINTS, {key: -1.0})
    fine = filled.mean(axis=2) - cv2.GaussianBlur(filled.mean(axis=2), (0, 0), 1.0)
    before = grain[..., 0] - cv2.GaussianBlur(grain[..., 0], (0, 0), 1.0)
    on = near(key, 0.02)
    assert fine[on].std() > 0.85 * before[on].std()


def test_flattening_never_darkens():
    rng = np.random.default_rng(2)
    pixels = cv2.GaussianBlur(rng.uniform(40, 220, (300, 256, 3)), (0, 0), 3)
    filled = folded(pixels, POINTS, dict.fromkeys(EVERY, -1.0))
    assert (filled - pixels).min() > -1e-3


@pytest.mark.parametrize("depth", [0.8, -0.8])
@pytest.mark.parametrize("crease", Crease)
def test_both_sides_are_treated_alike(crease, depth):
    pixels = grooved((Side.RIGHT, crease)) + grooved((Side.LEFT, crease)) - SKIN
    pixels = (pixels + pixels[:, ::-1]) / 2
    right = folded(pixels, POINTS, {(Side.RIGHT, crease): depth})
    left = folded(pixels, POINTS, {(Side.LEFT, crease): depth})
    assert np.abs(right - pixels).max() > 1
    gap = np.abs(right[:, ::-1] - left)
    assert gap.max() < 0.1 * np.abs(right - pixels).max() + 0.5


def test_deepened_and_flattened_lines_can_stand_side_by_side():
    left, right = (Side.LEFT, Crease.NASOLABIAL_FOLD), (Side.RIGHT, Crease.NASOLABIAL_FOLD)
    photograph = np.minimum(grooved(left), grooved(right))
    found = folded(photograph, POINTS, {left: 0.7, right: -0.7})
    assert contrast(found, left) > contrast(photograph, left) + 0.02
    assert contrast(found, right) < contrast(photograph, right) - 0.005


@pytest.mark.parametrize("depth", [1.0, -1.0])
def test_a_face_beyond_the_picture_changes_nothing(depth):
    away = POINTS + np.array([3000, 0, 0])
    pixels = grooved((Side.LEFT, Crease.NASOLABIAL_FOLD))
    np.testing.assert_allclose(folded(pixels, away, dict.fromkeys(EVERY, depth)), pixels, atol=1e-4)


def test_a_face_cut_by_the_border_is_lined_as_the_whole_one():
    key = (Side.LEFT, Crease.NASOLABIAL_FOLD)
    whole = folded(flat(), POINTS, {key: 1.0})[:, 150:]
    cut = folded(flat()[:, 150:], POINTS - np.array([150, 0, 0]), {key: 1.0})
    np.testing.assert_allclose(cut[:, 12:], whole[:, 12:], atol=1)

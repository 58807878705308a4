"""Close-ups altered by chance: pictures and landmarks stay together."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from facialis.regions.close_ups import MOUTH_MIRROR, MOUTH_POINTS, MOUTH_SIDE  # noqa: E402
from facialis.training.landmark_fit import _altered, _mirrored, _Shown  # noqa: E402

FACES = 12


def spots(points):
    """Pictures (n, S, S, 3) of a soft spot at the first of each face's landmarks (n, p, 2)."""
    middles = np.arange(MOUTH_SIDE) + 0.5
    x, y = (points[:, 0, axis, None] - middles for axis in (0, 1))
    spot = np.exp(-(y[:, :, None] ** 2 + x[:, None, :] ** 2) / (2 * 2.5**2))
    return np.repeat(np.round(255 * spot)[..., None], 3, axis=-1).astype(np.uint8)


def middle_of_spot(pictures):
    middles = np.arange(pictures.shape[1]) + 0.5
    weight = pictures.astype(float).sum(axis=-1)
    total = weight.sum(axis=(1, 2))
    x, y = (weight.sum(axis=axis) @ middles / total for axis in (1, 2))
    return np.column_stack((x, y))


@pytest.fixture
def shown():
    chance = np.random.default_rng(3)
    found = chance.uniform(25, MOUTH_SIDE - 25, (FACES, len(MOUTH_POINTS), 2)).astype(np.float32)
    return _Shown(spots(found), found, found + np.float32([1, -2]))


def test_landmarks_move_with_the_picture(shown):
    pictures, (found, placed) = _altered(shown, np.random.default_rng(0))
    seen = middle_of_spot(pictures.permute(0, 2, 3, 1).numpy())
    assert np.abs(seen - found[:, 0].numpy()).max() < 0.1
    assert np.abs(seen - shown.found[:, 0]).max() > 2, "something was altered"
    # What is left to move is turned and scaled, not shifted.
    left = (placed - found).norm(dim=-1).numpy()
    assert left == pytest.approx(np.broadcast_to(np.sqrt(5), left.shape), rel=0.2)
    assert left.std() > 0.01


def test_a_mirrored_mouth_keeps_its_landmarks(shown):
    turned = _mirrored(shown)
    (place,) = np.flatnonzero(np.array(MOUTH_MIRROR) == 0)
    seen = middle_of_spot(turned.pictures)
    assert np.abs(seen - turned.found[:, place]).max() < 0.05
    for back, was in zip(_mirrored(turned), shown, strict=True):
        np.testing.assert_allclose(back, was, atol=1e-4)

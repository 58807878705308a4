"""Beards."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.simulation.beard import Beard, bearded, drawn_beard
from facialis.simulation.chart import FaceChart

FULL = Beard(length=0.07, cheeks=1.0, moustache=1.0, chin=1.0)
CHIN = ((-0.2, 0.2), (1.0, 1.15))
LIP = ((-0.15, 0.15), (0.58, 0.64))
LIPS = ((-0.12, 0.12), (0.72, 0.82))
JAW = ((0.45, 0.6), (0.75, 0.9))
CHEEK = ((0.3, 0.5), (0.2, 0.4))
BROW = ((-0.3, 0.3), (-0.5, -0.3))


def grown(face, beard: Beard, seed: int = 1, skin: np.ndarray | None = None) -> np.ndarray:
    """How much darker each place became (H, W)."""
    picture = face.pixels.astype(np.float32)
    everywhere = np.ones((256, 256), np.float32) if skin is None else skin
    chart = FaceChart(face.points)
    after = bearded(picture, chart, beard, everywhere, np.random.default_rng(seed))
    return (picture - after).mean(axis=2)


@pytest.mark.parametrize(
    ("beard", "grows", "stays"),
    [
        (FULL, (CHIN, LIP, JAW), (LIPS, CHEEK, BROW)),
        (Beard(length=0.06, moustache=1.0), (LIP,), (CHIN, JAW, LIPS)),
        (Beard(length=0.06, moustache=1.0, chin=1.0), (LIP, CHIN), (JAW, CHEEK, LIPS)),
    ],
)
def test_hair_grows_where_that_beard_has_it(painted_face, beard, grows, stays) -> None:
    darker = grown(painted_face, beard)
    assert all(darker[painted_face.box(*region)].mean() > 12 for region in grows)
    assert all(abs(darker[painted_face.box(*region)].mean()) < 3 for region in stays)


def test_a_denser_beard_and_a_longer_one_are_darker(painted_face) -> None:
    chin = painted_face.box(*CHIN)
    by_density = [
        grown(painted_face, Beard(length=0.05, chin=d))[chin].mean() for d in (0.3, 0.6, 1.0)
    ]
    by_length = [
        grown(painted_face, Beard(length=length, chin=1.0))[chin].mean()
        for length in (0.015, 0.04, 0.09)
    ]
    assert by_density == sorted(by_density)
    assert by_length == sorted(by_length)


def test_skin_shows_through_stubble(painted_face) -> None:
    chin = painted_face.box(*CHIN)
    darker = grown(painted_face, Beard(length=0.015, chin=1.0, cheeks=1.0))[chin]
    assert 4 < darker.mean() < 45
    assert darker.std() > 3


def test_grey_hairs_are_lighter(painted_face) -> None:
    chin = painted_face.box(*CHIN)
    own = grown(painted_face, Beard(length=0.06, chin=1.0))[chin].mean()
    grey = grown(painted_face, Beard(length=0.06, chin=1.0, grey=0.9))[chin].mean()
    assert grey < 0.8 * own


def test_both_sides_grow_alike(painted_face) -> None:
    total = np.zeros((256, 256))
    for seed in range(8):
        total += grown(painted_face, FULL, seed)
    assert total[:, 128:].sum() == pytest.approx(total[:, :128].sum(), rel=0.05)


def test_nothing_grows_off_the_skin_or_off_the_picture(painted_face) -> None:
    bare = np.zeros((256, 256), np.float32)
    assert not grown(painted_face, FULL, skin=bare).any()
    away = FaceChart(painted_face.points + np.array([900.0, 0, 0]))
    picture = np.full((64, 64, 3), 150, np.float32)
    skin = np.ones((64, 64), np.float32)
    assert bearded(picture, away, FULL, skin, np.random.default_rng(0)) is picture


def test_every_kind_of_beard_is_drawn() -> None:
    rng = np.random.default_rng(4)
    beards = [drawn_beard(rng) for _ in range(400)]
    stubble = [b for b in beards if b.length < 0.03]
    assert len(stubble) / 400 == pytest.approx(0.48, abs=0.08)
    assert any(b.moustache and not b.chin for b in beards)
    assert any(b.chin and not b.cheeks for b in beards)
    assert any(b.cheeks and not b.moustache for b in beards)
    assert all(0 <= v <= 1 for b in beards for v in (b.cheeks, b.moustache, b.chin, b.grey))

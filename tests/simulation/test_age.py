"""Lines of age."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.simulation.age import AgeLines, aged, drawn_lines
from facialis.simulation.chart import FaceChart

REGIONS = {
    "forehead": ((-0.55, 0.55), (-0.65, -0.28)),
    "frown": ((-0.16, 0.16), (-0.34, -0.08)),
    "crows_feet": ((0.5, 0.8), (-0.25, 0.25)),
    "under_eye": ((0.1, 0.56), (0.04, 0.28)),
    "nasolabial": ((0.2, 0.48), (0.35, 0.82)),
    "marionette": ((0.26, 0.42), (0.74, 1.0)),
}


def darkening(face, lines: AgeLines, seed: int = 1, skin: np.ndarray | None = None) -> np.ndarray:
    picture = np.full((256, 256, 3), 150, np.float32)
    everywhere = np.ones((256, 256), np.float32)
    chart = FaceChart(face.points)
    drawn = aged(
        picture, chart, lines, everywhere if skin is None else skin, np.random.default_rng(seed)
    )
    return 150 - drawn.mean(axis=2)


@pytest.mark.parametrize("name", list(REGIONS))
def test_each_line_lies_in_its_own_region_on_both_sides(painted_face, name: str) -> None:
    dark = darkening(painted_face, AgeLines(**{name: 1.0}))
    (left, right), y = REGIONS[name]
    groove = np.zeros_like(dark)
    groove[painted_face.box((left, right), y)] = 1
    groove[painted_face.box((-right, -left), y)] = 1
    deep = np.where(dark > 6, dark, 0)
    assert deep.max() > 12
    assert (deep * groove).sum() > 0.93 * deep.sum()


def test_lines_darken_with_their_depth(painted_face) -> None:
    depths = [darkening(painted_face, AgeLines(nasolabial=d)).max() for d in (0.2, 0.5, 0.9)]
    assert depths == sorted(depths)
    assert depths[0] < 0.5 * depths[2]


def test_light_lies_beside_the_shade_so_that_skin_keeps_its_tone(painted_face) -> None:
    dark = darkening(painted_face, AgeLines(forehead=1.0))
    assert dark.min() < -1.5
    assert abs(dark[painted_face.box(*REGIONS["forehead"])].mean()) < 0.12 * dark.max()


def test_both_sides_are_as_old(painted_face) -> None:
    lines = AgeLines(crows_feet=0.8, under_eye=0.8, nasolabial=0.8, marionette=0.8)
    left, right = 0.0, 0.0
    for seed in range(12):
        deep = np.maximum(darkening(painted_face, lines, seed), 0)
        left, right = left + deep[:, 128:].sum(), right + deep[:, :128].sum()
    assert left / right == pytest.approx(1, abs=0.12)


def test_lines_are_drawn_on_skin_only(painted_face) -> None:
    skin = np.zeros((256, 256), np.float32)
    skin[:, :128] = 1
    dark = darkening(painted_face, AgeLines(nasolabial=1.0), skin=skin)
    assert not dark[:, 128:].any()
    assert dark[:, :128].max() > 10


def test_a_young_face_and_one_outside_the_picture_stay(painted_face) -> None:
    assert not darkening(painted_face, AgeLines()).any()
    away = FaceChart(painted_face.points + np.array([900.0, 0, 0]))
    picture = np.full((64, 64, 3), 150, np.float32)
    skin = np.ones((64, 64), np.float32)
    rng = np.random.default_rng(0)
    assert aged(picture, away, AgeLines(nasolabial=1.0), skin, rng) is picture


def test_the_kinds_of_line_grow_old_together() -> None:
    rng = np.random.default_rng(2)
    drawn = [drawn_lines(rng) for _ in range(500)]
    forehead = np.array([lines.forehead for lines in drawn])
    fold = np.array([lines.nasolabial for lines in drawn])
    assert np.corrcoef(forehead, fold)[0, 1] > 0.6
    assert 0 <= forehead.min() < 0.15
    assert 0.85 < forehead.max() <= 1
    assert np.mean([lines.frown > 0 for lines in drawn]) == pytest.approx(0.7, abs=0.08)

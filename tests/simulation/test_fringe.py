"""Hair over a brow."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.clinical.anatomy import Side
from facialis.face.mesh import LEFT_BROW_UPPER, RIGHT_BROW_UPPER
from facialis.simulation.chart import FaceChart, sampled
from facialis.simulation.fringe import Fringe, combed, drawn_fringe

CURTAIN = Fringe(side=Side.LEFT, amount=0.9, sweep=0.3, reach=0.2)
BROWS = {Side.LEFT: list(LEFT_BROW_UPPER), Side.RIGHT: list(RIGHT_BROW_UPPER)}


def hung(face, fringe: Fringe, seed: int = 1, hair: np.ndarray | None = None):
    picture = face.pixels.astype(np.float32)
    return combed(picture, FaceChart(face.points), fringe, np.random.default_rng(seed), hair)


@pytest.mark.parametrize("side", list(Side))
def test_it_hides_the_brow_of_its_side_and_not_the_other(painted_face, side: Side) -> None:
    fringe = Fringe(side=side, amount=0.9, sweep=0.3, reach=0.2)
    _, cover = hung(painted_face, fringe)
    assert sampled(cover, painted_face.points[BROWS[side]]).mean() > 0.5
    assert not sampled(cover, painted_face.points[BROWS[side.opposite]]).any()


def test_more_hair_covers_more(painted_face) -> None:
    covers = [
        hung(painted_face, Fringe(side=Side.LEFT, amount=a))[1].sum() for a in (0.05, 0.4, 1.0)
    ]
    assert covers == sorted(covers)
    assert covers[2] > 2 * covers[0]


def test_it_has_the_colour_of_the_hair_above_the_forehead(painted_face) -> None:
    after, cover = hung(painted_face, CURTAIN)
    colour = np.median(after[cover > 0.9], axis=0)
    np.testing.assert_allclose(colour, [52, 38, 30], atol=22)


def test_fair_hair_is_hard_to_tell_from_skin(painted_face) -> None:
    dark, cover = hung(painted_face, CURTAIN)
    fair, _ = hung(
        painted_face, Fringe(side=Side.LEFT, amount=0.9, sweep=0.3, reach=0.2, fairness=1)
    )
    skin = np.array([204, 160, 140])
    dense = cover > 0.9
    assert (
        np.abs(fair[dense].mean(axis=0) - skin).max()
        < 0.5 * np.abs(dark[dense].mean(axis=0) - skin).max()
    )


def test_it_starts_in_the_hair_where_the_mask_says_it_is(painted_face) -> None:
    hair = np.zeros((256, 256), bool)
    hair[: painted_face.at(0, -0.85)[0]] = True
    low = np.zeros((256, 256), bool)
    low[: painted_face.at(0, -0.65)[0]] = True
    tops = [
        np.argmax(hung(painted_face, CURTAIN, hair=h)[1].max(axis=1) > 0.2) for h in (hair, low)
    ]
    assert tops[0] < tops[1]


def test_a_bald_head_gets_the_colour_of_its_brows(painted_face) -> None:
    bald = painted_face.pixels.astype(np.float32).copy()
    bald[: painted_face.at(0, -0.35)[0]] = [204, 160, 140]
    after, cover = combed(
        bald, FaceChart(painted_face.points), CURTAIN, np.random.default_rng(1), None
    )
    np.testing.assert_allclose(np.median(after[cover > 0.9], axis=0), [52, 38, 30], atol=25)


def test_skin_below_it_lies_in_its_shadow(painted_face) -> None:
    after, cover = hung(painted_face, CURTAIN)
    darker = (painted_face.pixels.astype(np.float32) - after).mean(axis=2)
    assert (darker[cover == 0] > 3).sum() > 50
    far = painted_face.box((-0.6, -0.1), (0.2, 1.0))
    assert not darker[far].any()


def test_a_head_outside_the_picture_stays(painted_face) -> None:
    picture = np.full((64, 64, 3), 150, np.float32)
    away = FaceChart(painted_face.points + np.array([900.0, 0, 0]))
    after, cover = combed(picture, away, CURTAIN, np.random.default_rng(0), None)
    assert after is picture
    assert not cover.any()


def test_either_side_is_drawn_alike_and_mirrored_to_the_other() -> None:
    rng = np.random.default_rng(6)
    drawn = [drawn_fringe(rng) for _ in range(500)]
    assert np.mean([f.side is Side.LEFT for f in drawn]) == pytest.approx(0.5, abs=0.07)
    assert np.mean([f.fairness > 0 for f in drawn]) == pytest.approx(0.2, abs=0.06)
    assert drawn[0].mirrored().side is drawn[0].side.opposite
    assert drawn[0].mirrored().mirrored() == drawn[0]

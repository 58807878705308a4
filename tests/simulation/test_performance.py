"""Attempts at movements: what moves, what does not, and the signs that fade with weakness."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from facialis.clinical.anatomy import Branch, Movement, Side
from facialis.face import mesh
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.face.pose import head_pose
from facialis.simulation import eyes
from facialis.simulation.chart import FaceChart
from facialis.simulation.compose import Sitter
from facialis.simulation.folds import along
from facialis.simulation.lesion import Form, Lesion, standard_lesion
from facialis.simulation.muscles import Crease
from facialis.simulation.performance import Performance, performed
from facialis.simulation.portrait import Portrait

COMMISSURE = {Side.RIGHT: mesh.RIGHT_COMMISSURE, Side.LEFT: mesh.LEFT_COMMISSURE}
BROW = {Side.RIGHT: list(mesh.RIGHT_BROW_UPPER), Side.LEFT: list(mesh.LEFT_BROW_UPPER)}
WEAKNESSES = (0.0, 0.35, 0.7, 1.0)
UNIT, CENTRE, SIZE = 130.0, np.array([130.0, 130.0, 0.0]), (330, 260)


def even(side: Side, weakness: float, tone_loss: float = 0.0) -> Lesion:
    return Lesion(side, dict.fromkeys(Branch, weakness), tone_loss=tone_loss)


def difference(a, b) -> np.ndarray:
    return np.abs(a.astype(int) - b.astype(int)).max(axis=2)


def frontal(made):
    pose = head_pose(made.points)
    return pose.to_frontal(made.points) / pose.scale


def aside(portrait: Portrait, side: Side, beyond: float) -> np.ndarray:
    """Pixels of one half of the picture, away from the midline of the face."""
    pose = portrait.pose
    y, x = np.mgrid[: portrait.pixels.shape[0], : portrait.pixels.shape[1]] + 0.5
    axis = pose.rotation[:2, 0]
    across = ((x - pose.origin[0]) * axis[0] + (y - pose.origin[1]) * axis[1]) / pose.scale
    return across > beyond if side is Side.LEFT else across < -beyond


def test_rest_without_a_lesion_is_the_photograph(sitter):
    made = performed(sitter, Performance(movement=Movement.REST))
    gap = difference(made.pixels, sitter.neutral.pixels)
    assert gap.mean() < 1
    assert (gap > 12).mean() < 0.002


def test_a_healthy_smile_is_the_smiling_photograph(sitter):
    made = performed(sitter, Performance(movement=Movement.SMILE))
    gap = difference(made.pixels, sitter.expressive.pixels)
    assert gap.mean() < 1
    np.testing.assert_allclose(made.points, sitter.expressive.points, atol=0.01)


def test_a_smile_without_a_smiling_photograph_is_made_by_muscles(resting):
    made = performed(Sitter(resting), Performance(movement=Movement.SMILE))
    rise = frontal(made) - resting.face
    for side, sign in ((Side.RIGHT, -1), (Side.LEFT, 1)):
        assert sign * rise[COMMISSURE[side], 0] > 0.03
        assert rise[COMMISSURE[side], 1] < -0.03
    assert difference(made.pixels, resting.pixels).max() > 40


@pytest.mark.parametrize("side", Side)
def test_a_lesion_at_rest_leaves_the_healthy_half_alone_but_for_the_mouth_it_draws(sitter, side):
    rest = performed(sitter, Performance(movement=Movement.REST))
    lame = performed(sitter, Performance(movement=Movement.REST, lesion=even(side, 1.0, 1.0)))
    gap = difference(rest.pixels, lame.pixels)
    rows = np.arange(gap.shape[0])[:, None]
    above = rows < sitter.neutral.points[mesh.NOSE_TIP, 1]
    assert gap[above & aside(sitter.neutral, side.opposite, 0.2)].max() <= 12
    assert gap[above & aside(sitter.neutral, side, 0.12)].max() > 40
    assert gap[aside(sitter.neutral, side.opposite, 0.55)].max() <= 12
    unit = sitter.neutral.pose.scale
    way = sitter.neutral.pose.to_frontal(lame.points) - sitter.neutral.pose.to_frontal(rest.points)
    outward = TEMPLATE[:, 0] if side is Side.RIGHT else -TEMPLATE[:, 0]
    eye = (outward > 0.15) & (TEMPLATE[:, 1] < 0.25)
    assert np.abs(way[eye]).max() < 0.005 * unit
    # The unopposed muscles of the healthy side draw the lips over, never up or down.
    mouth = (outward > 0.15) & (TEMPLATE[:, 1] > 0.25)
    assert np.abs(way[mouth]).max() < 0.045 * unit
    assert np.abs(way[mouth, 1]).max() < 0.01 * unit


@pytest.mark.parametrize("movement", [*Movement])
def test_mirrored_people_with_mirrored_lesions_make_mirrored_pictures(sitter, mirrored, movement):
    other = Sitter(mirrored(sitter.neutral), mirrored(sitter.expressive))
    rng = np.random.default_rng(7)
    habit = 0.01 * rng.normal(size=(478, 1)) * [1.0, 1.0, 0.0]
    lesion = standard_lesion(4, Side.LEFT, Form.SYNKINETIC)
    one = Performance(
        movement=movement,
        effort={Side.RIGHT: 0.9, Side.LEFT: 0.8},
        lesion=lesion,
        habit=habit,
        quirk={Side.RIGHT: {"zygomaticus_major": 0.2}},
        yaw=3.0,
        pitch=-2.0,
    )
    two = replace(
        one,
        effort={Side.LEFT: 0.9, Side.RIGHT: 0.8},
        lesion=lesion.mirrored,
        habit=habit[MIRROR] * [-1.0, 1.0, 1.0],
        quirk={Side.LEFT: {"zygomaticus_major": 0.2}},
        yaw=-3.0,
    )
    left, right = performed(sitter, one), performed(other, two)
    points = right.points[MIRROR]
    points[:, 0] = sitter.neutral.pixels.shape[1] - points[:, 0]
    assert np.abs(points - left.points).max() < 0.002 * sitter.neutral.pose.scale
    gap = difference(left.pixels[:, ::-1], right.pixels)
    # Resampled pixels differ by a grey value or two, and at the edges of triangles by more.
    assert np.median(gap) <= 2
    assert (gap > 30).mean() < 0.005


@pytest.mark.parametrize("side", Side)
def test_a_totally_weak_side_does_not_move(sitter, side):
    lesion = even(side, 1.0)
    rest = frontal(performed(sitter, Performance(movement=Movement.REST, lesion=lesion)))
    raised = frontal(performed(sitter, Performance(movement=Movement.BROW_RAISE, lesion=lesion)))
    smile = frontal(performed(sitter, Performance(movement=Movement.SMILE, lesion=lesion)))
    well = side.opposite
    assert np.abs(raised - rest)[BROW[side], 1].max() < 0.015
    assert (raised - rest)[BROW[well], 1].mean() < -0.04
    corner = (smile - rest)[COMMISSURE[side]]
    towards_healthy = -corner[0] if side is Side.LEFT else corner[0]
    assert abs(corner[1]) < 0.01
    assert 0 < towards_healthy < 0.08
    assert (smile - rest)[COMMISSURE[well], 1] < -0.07


@pytest.mark.parametrize("movement", [Movement.SMILE, Movement.SMILE_CLOSED, Movement.BROW_RAISE])
@pytest.mark.parametrize("side", Side)
def test_corners_and_brows_rise_less_the_weaker_they_are(sitter, movement, side):
    rest = sitter.neutral.face
    moved = []
    for weakness in WEAKNESSES:
        act = Performance(movement=movement, lesion=even(side, weakness))
        way = frontal(performed(sitter, act)) - rest
        at = BROW[side] if movement is Movement.BROW_RAISE else [COMMISSURE[side]]
        moved.append(-float(way[at, 1].mean()))
    assert all(b < a for a, b in pairwise(moved)), moved
    assert moved[-1] < 0.25 * moved[0]


@pytest.mark.parametrize("side", Side)
def test_a_weak_eye_stays_open_and_the_healthy_one_closes(sitter, side):
    act = Performance(movement=Movement.EYE_CLOSE_GENTLE, lesion=even(side, 0.9, 0.8))
    made = performed(sitter, act)
    assert eyes.fissure(made.points, side) > 0.3 * eyes.fissure(sitter.neutral.points, side)
    assert eyes.fissure(made.points, side.opposite) < 0.01


def test_synkinesis_narrows_the_eye_when_the_mouth_smiles(sitter):
    lesion = standard_lesion(4, Side.LEFT, Form.SYNKINETIC)
    plain = replace(lesion, couplings=())
    for who in (sitter, Sitter(sitter.neutral)):
        with_, without = (
            performed(who, Performance(movement=Movement.SMILE, lesion=each))
            for each in (lesion, plain)
        )
        narrow, wide = (eyes.fissure(m.points, Side.LEFT) for m in (with_, without))
        assert narrow < 0.9 * wide
        right = [eyes.fissure(m.points, Side.RIGHT) for m in (with_, without)]
        assert right[0] == pytest.approx(right[1], rel=0.05)


@pytest.mark.parametrize("movement", [Movement.SMILE, Movement.REST])
def test_a_wink_closes_one_eye_of_a_healthy_face(sitter, movement):
    quirk = {Side.RIGHT: {"orbicularis_oculi_palpebral": 1.0}}
    made = performed(sitter, Performance(movement=movement, quirk=quirk))
    assert eyes.fissure(made.points, Side.RIGHT) < 0.01
    assert eyes.fissure(made.points, Side.LEFT) > 0.15


def test_each_side_makes_its_own_effort(sitter):
    act = Performance(movement=Movement.SMILE, effort={Side.RIGHT: 1.0, Side.LEFT: 0.3})
    way = frontal(performed(sitter, act)) - sitter.neutral.face
    full = sitter.expressive.face - sitter.neutral.face
    for side, share in ((Side.RIGHT, 1.0), (Side.LEFT, 0.3)):
        at = COMMISSURE[side]
        assert way[at, 1] == pytest.approx(share * full[at, 1], rel=0.1)


@pytest.mark.parametrize("movement", [Movement.REST, Movement.SMILE])
def test_a_habit_moves_the_landmarks_by_itself(sitter, movement):
    habit = np.zeros((478, 3))
    habit[BROW[Side.LEFT], 1] = -0.03
    plain = performed(sitter, Performance(movement=movement))
    uneven = performed(sitter, Performance(movement=movement, habit=habit))
    base = sitter.neutral if movement is Movement.REST else sitter.expressive
    moved = base.pose.to_frontal(uneven.points) - base.pose.to_frontal(plain.points)
    np.testing.assert_allclose(moved[BROW[Side.LEFT], 1], -0.03 * base.pose.scale, rtol=1e-6)
    assert np.abs(moved[BROW[Side.RIGHT]]).max() < 1e-6


def test_the_head_turns_and_the_expression_stays(sitter):
    for movement in (Movement.SMILE, Movement.BROW_RAISE):
        straight = performed(sitter, Performance(movement=movement))
        turned = performed(sitter, Performance(movement=movement, yaw=8.0, pitch=4.0))
        now, then = head_pose(turned.points), head_pose(straight.points)
        assert now.yaw - then.yaw == pytest.approx(8.0, abs=1.0)
        assert now.pitch - then.pitch == pytest.approx(4.0, abs=1.0)
        still = [i for i in range(468) if i not in eyes.HELD]
        np.testing.assert_allclose(frontal(turned)[still], frontal(straight)[still], atol=0.01)


# The contrast of a line is measured on skin without any other feature.


def lined() -> Sitter:
    """A face of nothing but skin with forehead lines and nasolabial folds."""
    points = UNIT * TEMPLATE + CENTRE
    dark = np.ones(SIZE, np.float32)
    for crease in (Crease.FOREHEAD_LINES, Crease.NASOLABIAL_FOLD):
        for side in Side:
            for line in along(crease, side):
                at = np.round(16 * (line * UNIT + CENTRE[:2] - 0.5)).astype(np.int32)
                cv2.polylines(dark, [at], False, 0.85, 3, cv2.LINE_AA, 4)
    dark = cv2.GaussianBlur(dark, (0, 0), 1.5)
    dark = (dark + dark[:, ::-1]) / 2
    pixels = np.array([205.0, 160.0, 140.0]) * dark[..., None]
    return Sitter(Portrait.of(np.round(pixels).astype(np.uint8), points))


def contrast(made, crease: Crease, side: Side) -> float:
    """How much darker a line is than the skin to both sides of it, where the face now has it."""
    grey = cv2.cvtColor(made.pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    chart, seen = FaceChart(made.points), []
    for line in along(crease, side):
        step = np.gradient(line, axis=0)
        across = np.stack((-step[:, 1], step[:, 0]), 1) / np.linalg.norm(step, axis=1)[:, None]
        inner = slice(6, -6)
        levels = []
        for far in (-0.045, -0.006, 0.0, 0.006, 0.045):
            at = (chart.placed((line + far * across)[inner])[:, :2] - 0.5).astype(np.float32)
            levels.append(cv2.remap(grey, at[:, :1], at[:, 1:], cv2.INTER_LINEAR).mean())
        seen.append(1 - min(levels[1:4]) / ((levels[0] + levels[4]) / 2))
    return float(np.mean(seen))


@pytest.mark.parametrize(
    ("crease", "movement"),
    [
        (Crease.FOREHEAD_LINES, Movement.BROW_RAISE),
        (Crease.FOREHEAD_LINES, Movement.REST),
        (Crease.NASOLABIAL_FOLD, Movement.SMILE_CLOSED),
        (Crease.NASOLABIAL_FOLD, Movement.SNARL),
        (Crease.NASOLABIAL_FOLD, Movement.REST),
    ],
)
def test_lines_of_the_weak_side_fade_with_weakness_and_alike_on_both_sides(crease, movement):
    sitter, faded = lined(), {}
    for side in Side:
        weak, well = [], []
        for weakness in WEAKNESSES:
            act = Performance(movement=movement, lesion=even(side, weakness, 0.8))
            made = performed(sitter, act)
            weak.append(contrast(made, crease, side))
            well.append(contrast(made, crease, side.opposite))
        assert all(b < a for a, b in pairwise(weak)), weak
        assert weak[0] == pytest.approx(well[0], rel=0.05)
        assert weak[-1] < 0.75 * well[-1]
        faded[side] = weak
    np.testing.assert_allclose(faded[Side.LEFT], faded[Side.RIGHT], rtol=0.05, atol=0.003)


@pytest.mark.slow
def test_real_faces_with_mirrored_lesions_mirror_each_other(real_sitters, mirrored):
    for sitter in real_sitters:
        other = Sitter(mirrored(sitter.neutral), mirrored(sitter.expressive))
        for movement in (Movement.SMILE, Movement.EYE_CLOSE_TIGHT):
            left = performed(
                sitter, Performance(movement=movement, lesion=standard_lesion(5, Side.LEFT))
            )
            right = performed(
                other, Performance(movement=movement, lesion=standard_lesion(5, Side.RIGHT))
            )
            gap = difference(left.pixels[:, ::-1], right.pixels)
            assert np.median(gap) <= 2
            assert (gap > 30).mean() < 0.005


@pytest.mark.slow
def test_folds_of_real_smiles_fade_on_the_weak_side(real_sitters):
    for sitter in real_sitters:
        for side in Side:
            seen = [
                contrast(
                    performed(
                        sitter,
                        Performance(movement=Movement.SMILE, lesion=even(side, weakness, 0.8)),
                    ),
                    Crease.NASOLABIAL_FOLD,
                    side,
                )
                for weakness in (0.0, 0.5, 1.0)
            ]
            assert seen[2] < seen[0]

"""Composed pictures: the photograph where nothing moves, no seams, landmarks where asked."""

from __future__ import annotations

from functools import partial

import cv2
import numpy as np
import pytest

from facialis.clinical.anatomy import Branch, Movement, Side
from facialis.face import mesh
from facialis.face.mesh import MIRROR, POINT_COUNT, TEMPLATE
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.simulation import eyes
from facialis.simulation.compose import Sitter, composed
from facialis.simulation.lesion import Lesion
from facialis.simulation.muscles import Crease, contracted
from facialis.simulation.palsy import acted, remaining
from facialis.simulation.portrait import Portrait

WHOLE = np.ones(POINT_COUNT)


def total(side: Side) -> Lesion:
    return Lesion(side, dict.fromkeys(Branch, 1.0))


def half_smiling(sitter: Sitter, side: Side):
    """A picture whose one side smiles and whose other side rests, as a total palsy has it."""
    share = remaining(total(side))
    target = sitter.neutral.face + share[:, None] * (sitter.expressive.face - sitter.neutral.face)
    return composed(sitter, target, share)


def difference(a, b) -> np.ndarray:
    return np.abs(a.astype(int) - b.astype(int)).max(axis=2)


def face_part(portrait: Portrait, reach: float) -> np.ndarray:
    """The face, less a rim on its outline."""
    mask = np.zeros(portrait.pixels.shape[:2], np.uint8)
    oval = portrait.points[list(mesh.FACE_OVAL), :2]
    cv2.fillPoly(mask, [np.round(oval).astype(np.int32)], 1)
    return cv2.erode(mask, np.ones(2 * (round(reach * portrait.pose.scale),))) > 0


def moved(sitter: Sitter, movement: Movement, effort: float = 1.0):
    face = sitter.neutral.face
    return composed(sitter, contracted(face, acted(movement, effort, None)))


def test_a_face_that_stays_where_it_is_is_the_photograph(smiling, resting):
    for portrait in (smiling, resting):
        made = composed(Sitter(portrait), portrait.face)
        gap = difference(made.pixels, portrait.pixels)
        assert gap.mean() < 1
        assert (gap > 12).mean() < 0.002
        np.testing.assert_allclose(made.points, portrait.points, atol=1e-6)
        assert made.pixels.dtype == np.uint8
        assert made.pixels.shape == portrait.pixels.shape


def test_a_whole_expression_is_the_expressive_photograph(sitter):
    made = composed(sitter, sitter.expressive.face, WHOLE)
    gap = difference(made.pixels, sitter.expressive.pixels)
    assert gap.mean() < 1
    assert (gap > 12).mean() < 0.002
    np.testing.assert_allclose(made.points, sitter.expressive.points, atol=1e-6)


def test_none_of_the_expression_is_the_neutral_face_in_the_surroundings_of_the_other(sitter):
    made = composed(sitter, sitter.neutral.face, 0 * WHOLE)
    inside = face_part(sitter.neutral, 0.12)
    assert difference(made.pixels, sitter.neutral.pixels)[inside].mean() < 3
    edge = np.s_[:20]
    assert difference(made.pixels, sitter.expressive.pixels)[edge].mean() < 1


def test_the_surroundings_are_those_of_the_photograph_that_was_asked_for(sitter):
    grey = Portrait.of(
        np.where(
            cv2.dilate(face_part(sitter.neutral, 0.0).astype(np.uint8), np.ones((25, 25)))[
                ..., None
            ]
            > 0,
            sitter.neutral.pixels,
            np.uint8(90),
        ),
        sitter.neutral.points,
    )
    in_grey = Sitter(grey, sitter.expressive)
    target, edge = sitter.expressive.face, np.s_[:20]
    with_smile = composed(in_grey, target, WHOLE)
    with_neutral = composed(in_grey, target, WHOLE, surroundings="neutral")
    assert difference(with_smile.pixels, sitter.expressive.pixels)[edge].mean() < 1
    assert np.abs(with_neutral.pixels[edge].astype(int) - 90).max() <= 2
    np.testing.assert_allclose(
        with_neutral.points - with_smile.points,
        np.broadcast_to(with_neutral.points[0] - with_smile.points[0], (478, 3)),
        atol=0.02 * sitter.neutral.pose.scale,
    )
    lips = composed(in_grey, target, WHOLE, surroundings="neutral").pixels
    inside = cv2.erode(face_part(sitter.neutral, 0.25).astype(np.uint8), np.ones((3, 3))) > 0
    assert difference(lips, sitter.expressive.pixels)[inside].mean() < 12


def test_a_share_counts_for_nothing_without_an_expressive_photograph(resting):
    plain = composed(Sitter(resting), resting.face)
    shared = composed(Sitter(resting), resting.face, 0.5 * WHOLE)
    np.testing.assert_array_equal(plain.pixels, shared.pixels)


def test_neither_photograph_nor_target_is_changed(sitter):
    before = [p.pixels.copy() for p in (sitter.neutral, sitter.expressive)]
    target = sitter.neutral.face.copy()
    asked = target.copy()
    composed(sitter, target, 0.5 * WHOLE, depths={(Side.LEFT, Crease.NASOLABIAL_FOLD): -0.5})
    np.testing.assert_array_equal(target, asked)
    for portrait, pixels in zip((sitter.neutral, sitter.expressive), before, strict=True):
        np.testing.assert_array_equal(portrait.pixels, pixels)


@pytest.mark.parametrize("side", Side)
def test_one_half_smiles_and_the_other_rests(sitter, side):
    made = half_smiling(sitter, side)
    face = (head_pose(made.points).to_frontal(made.points)) / made_scale(made)
    neutral, smile = sitter.neutral.face, sitter.expressive.face
    weak, strong = mesh.LEFT_COMMISSURE, mesh.RIGHT_COMMISSURE
    if side is Side.RIGHT:
        weak, strong = strong, weak
    assert np.linalg.norm(face[weak] - neutral[weak]) < 0.02
    assert np.linalg.norm(face[strong] - smile[strong]) < 0.02
    assert np.linalg.norm(smile[strong] - neutral[strong]) > 0.05


def made_scale(made) -> float:
    return head_pose(made.points).scale


def step_across_midline(pixels, points) -> float:
    """Mean step of light across the midline of the face, over a fiftieth of its width."""
    pose = head_pose(points)
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    grey = cv2.GaussianBlur(grey, (0, 0), 0.015 * pose.scale)
    face = pose.to_frontal(points) / pose.scale
    line = face[[10, 151, 9, 8, 168, 6, 197, 195, 4, 164, 200, 199, 175]]
    y = np.linspace(line[1, 1], line[-1, 1], 80)
    lip = face[[0, 17], 1]
    y = y[(y < lip[0] - 0.03) | (y > lip[1] + 0.05)]
    z = np.interp(y, line[:, 1], line[:, 2])
    steps = []
    for aside in (-0.02, 0.02):
        at = pose.to_picture(np.column_stack((np.full_like(y, aside), y, z)) * pose.scale)
        at = (at[:, :2] - 0.5).astype(np.float32)
        steps.append(cv2.remap(grey, at[:, :1], at[:, 1:], cv2.INTER_LINEAR)[:, 0])
    return float(np.abs(steps[1] - steps[0]).mean())


@pytest.mark.parametrize("side", Side)
def test_no_seam_shows_along_the_midline(sitter, side):
    made = half_smiling(sitter, side)
    own = [step_across_midline(p.pixels, p.points) for p in (sitter.neutral, sitter.expressive)]
    assert step_across_midline(made.pixels, made.points) < 1.15 * max(own) + 0.5


@pytest.mark.parametrize("side", Side)
def test_no_seam_shows_where_one_photograph_is_darker(sitter, side):
    dimmed = np.clip(0.8 * sitter.neutral.pixels, 0, 255).astype(np.uint8)
    uneven = Sitter(Portrait.of(dimmed, sitter.neutral.points), sitter.expressive)
    even, made = half_smiling(sitter, side), half_smiling(uneven, side)
    inside = face_part(sitter.neutral, 0.15)
    assert difference(even.pixels, made.pixels)[inside].mean() < 5
    seam = step_across_midline(made.pixels, made.points)
    assert seam < step_across_midline(even.pixels, even.points) + 1.5


def test_left_and_right_mirror_each_other(sitter, mirrored):
    other = Sitter(mirrored(sitter.neutral), mirrored(sitter.expressive))
    left = half_smiling(sitter, Side.LEFT)
    right = half_smiling(other, Side.RIGHT)
    gap = difference(left.pixels[:, ::-1], right.pixels)
    assert gap.mean() < 1
    assert (gap > 25).mean() < 0.005
    points = right.points[MIRROR]
    points[:, 0] = sitter.neutral.pixels.shape[1] - points[:, 0]
    assert np.abs(points - left.points).max() < 0.002 * sitter.neutral.pose.scale


MODEST = [
    (Movement.BROW_RAISE, 0.8),
    (Movement.SMILE, 0.4),
    (Movement.LOWER_TEETH, 0.5),
    (Movement.MOUTH_OPEN, 0.3),
]


@pytest.mark.parametrize(("movement", "effort"), MODEST)
def test_the_landmarker_finds_the_face_where_it_was_asked_to_be(smiling, movement, effort):
    made = moved(Sitter(smiling), movement, effort)
    (found,) = find_faces(Frame.from_array(made.pixels))
    off = np.linalg.norm(found.points[:, :2] - made.points[:, :2], axis=1) / smiling.pose.scale
    assert off.mean() < 0.02


@pytest.mark.parametrize(("movement", "effort"), MODEST)
def test_what_moves_is_found_to_move_as_asked(smiling, movement, effort):
    (before,) = find_faces(Frame.from_array(smiling.pixels))
    made = moved(Sitter(smiling), movement, effort)
    (after,) = find_faces(Frame.from_array(made.pixels))
    asked = (made.points - smiling.points)[:, :2] / smiling.pose.scale
    seen = (after.points - before.points)[:, :2] / smiling.pose.scale
    far = np.linalg.norm(asked, axis=1) > 0.6 * np.linalg.norm(asked, axis=1).max()
    along = (seen * asked)[far].sum() / (asked**2)[far].sum()
    assert 0.6 < along < 1.4


@pytest.mark.parametrize(
    ("yaw", "pitch"), [(8.0, 0.0), (-8.0, 0.0), (0.0, 6.0), (0.0, -6.0), (5.0, -3.0)]
)
def test_a_head_turns_by_as_much_as_asked(smiling, yaw, pitch):
    made = composed(Sitter(smiling), smiling.face, yaw=yaw, pitch=pitch)
    before, after = head_pose(smiling.points), head_pose(made.points)
    assert after.yaw - before.yaw == pytest.approx(yaw, abs=1.0)
    assert after.pitch - before.pitch == pytest.approx(pitch, abs=1.0)
    assert after.scale == pytest.approx(before.scale, rel=1e-6)
    edge = np.concatenate([difference(made.pixels, smiling.pixels)[e] for e in (0, -1)])
    assert np.median(edge) <= 8
    (found,) = find_faces(Frame.from_array(made.pixels))
    off = np.linalg.norm(found.points[:, :2] - made.points[:, :2], axis=1)
    assert off.mean() < 0.04 * before.scale


def test_irises_stay_with_the_eyeballs_when_lids_and_lips_move(smiling):
    for movement in (Movement.EYE_CLOSE_GENTLE, Movement.MOUTH_OPEN):
        made = moved(Sitter(smiling), movement)
        irises = [468, 469, 470, 471, 472, 473, 474, 475, 476, 477]
        assert np.abs(made.points - smiling.points)[irises, :2].max() < 0.02 * smiling.pose.scale


def test_the_eyeballs_come_from_a_photograph_that_shows_enough_of_them(sitter):
    squint = sitter.expressive.points.copy()
    for upper, lower in (
        (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID),
        (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID),
    ):
        above, below = list(upper[1:-1]), list(lower[1:-1])
        squint[above] = 0.3 * squint[above] + 0.7 * squint[below]
    squinting = Sitter(sitter.neutral, Portrait.of(sitter.expressive.pixels, squint))
    wide, narrow = sitter.neutral.points, squint
    assert squinting.eyeballs(wide) is squinting.neutral
    assert squinting.eyeballs(narrow) is squinting.expressive
    assert sitter.eyeballs(wide) is sitter.expressive
    assert Sitter(sitter.neutral).eyeballs(wide) is sitter.neutral


def test_irises_are_where_the_photograph_of_the_eyeballs_has_them(sitter):
    irises = {Side.RIGHT: [468, 469, 470, 471, 472], Side.LEFT: [473, 474, 475, 476, 477]}
    aside, squint = sitter.neutral.points.copy(), sitter.expressive.points.copy()
    for side, (upper, lower) in (
        (Side.RIGHT, (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID)),
        (Side.LEFT, (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID)),
    ):
        aside[irises[side], 0] += 4
        above, below = list(upper[1:-1]), list(lower[1:-1])
        squint[above] = 0.3 * squint[above] + 0.7 * squint[below]
    looking_aside = Sitter(
        Portrait.of(sitter.neutral.pixels, aside), Portrait.of(sitter.expressive.pixels, squint)
    )
    made = composed(looking_aside, looking_aside.neutral.face, WHOLE)
    for side in Side:
        expected = eyes.carried(aside[irises[side]], aside, made.points, side)
        np.testing.assert_allclose(made.points[irises[side], :2], expected, atol=1e-6)


def test_the_lids_of_each_side_are_those_of_the_photograph_that_shows_there(sitter):
    made = half_smiling(sitter, Side.LEFT)
    for side, portrait in ((Side.LEFT, sitter.neutral), (Side.RIGHT, sitter.expressive)):
        assert eyes.fissure(made.points, side) == pytest.approx(
            eyes.fissure(portrait.points, side), abs=0.01
        )


def test_teeth_are_those_of_a_photograph_that_shows_some(sitter, resting, smiling):
    assert sitter.teeth[0] is smiling
    assert Sitter(smiling, resting).teeth[0] is smiling
    assert Sitter(resting, resting).teeth[0] is resting
    assert Sitter(smiling).teeth[0] is smiling
    assert Sitter(resting).teeth[0] is resting
    assert sitter.teeth[1] is sitter.teeth[1]


def test_a_mask_of_the_photograph_is_carried_with_the_skin(resting):
    rows = np.arange(resting.pixels.shape[0])[:, None] + 0.5
    below = np.broadcast_to(rows > resting.points[mesh.CHIN, 1] - 8, resting.pixels.shape[:2])
    still = composed(Sitter(resting), resting.face).carried(below)
    np.testing.assert_array_equal(still, below)
    opened = moved(Sitter(resting), Movement.MOUTH_OPEN)
    dropped = opened.points[mesh.CHIN, 1] - resting.points[mesh.CHIN, 1]
    assert dropped > 5
    x = round(resting.points[mesh.CHIN, 0])
    first = np.flatnonzero(opened.carried(below)[:, x])[0]
    assert first - np.flatnonzero(below[:, x])[0] == pytest.approx(dropped, abs=2)
    assert opened.carried(below).dtype == np.bool_


def test_folds_are_drawn_on_the_face_that_has_moved(resting):
    face = partial(composed, Sitter(resting), resting.face)
    key = (Side.LEFT, Crease.NASOLABIAL_FOLD)
    gap = difference(face(depths={key: 1.0}).pixels, face().pixels)
    left = np.arange(gap.shape[1]) > resting.pose.origin[0]
    assert gap[:, left].max() > 10
    assert gap[:, ~left].max() <= 1


def test_a_tiny_picture_can_be_composed(photographed):
    small = photographed.cropped(64)
    for movement in Movement:
        made = moved(Sitter(small), movement)
        assert made.pixels.shape == (64, 64, 3)
        assert np.isfinite(made.points).all()


def test_the_mean_face_reaches_beyond_its_picture_and_is_composed_all_the_same():
    pixels = np.random.default_rng(0).integers(0, 256, (90, 80, 3)).astype(np.uint8)
    portrait = Portrait.of(pixels, 120 * TEMPLATE + [10.0, 20.0, 0.0])
    made = composed(Sitter(portrait, portrait), portrait.face, 0.5 * WHOLE)
    assert made.pixels.shape == (90, 80, 3)


@pytest.mark.slow
def test_real_faces_are_themselves_and_have_no_seam(real_sitters):
    for sitter in real_sitters:
        for portrait in (sitter.neutral, sitter.expressive):
            made = composed(Sitter(portrait), portrait.face)
            gap = difference(made.pixels, portrait.pixels)
            assert gap.mean() < 1
        photographs = (sitter.neutral, sitter.expressive)
        own = max(step_across_midline(p.pixels, p.points) for p in photographs)
        for side in Side:
            made = half_smiling(sitter, side)
            assert step_across_midline(made.pixels, made.points) < 1.15 * own + 0.5


@pytest.mark.slow
def test_real_faces_are_found_where_they_were_asked_to_be(real_sitters):
    off = []
    for sitter in real_sitters:
        for share in (0.4, 0.7, 1.0):
            way = sitter.expressive.face - sitter.neutral.face
            made = composed(sitter, sitter.neutral.face + share * way, share * WHOLE)
            (found,) = find_faces(Frame.from_array(made.pixels))
            gap = np.linalg.norm(found.points[:, :2] - made.points[:, :2], axis=1)
            off.append(gap.mean() / sitter.neutral.pose.scale)
    assert np.median(off) < 0.015
    assert max(off) < 0.025

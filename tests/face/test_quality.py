"""The quality gate: what stops a photograph, what only warns, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Region
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import LEFT_COMMISSURE, MIRROR, TEMPLATE
from facialis.face.occlusion import Cover, cover_of
from facialis.face.patch import face_patch
from facialis.face.pose import head_pose, rotation_from
from facialis.face.quality import (
    BLURRED_BELOW,
    BRIGHT_ABOVE,
    CLOSED_BELOW,
    DARK_BELOW,
    EXPRESSION_ABOVE,
    LARGEST_TURN,
    OPEN_ABOVE,
    SMALL_INTEROCULAR_PX,
    SMALLEST_INTEROCULAR_PX,
    UNSTABLE_ABOVE,
    Quality,
    Reason,
    ReasonCode,
    judge_quality,
)
from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Judge = Callable[..., Quality]

CALM = dict.fromkeys(EXPRESSION_NAMES, 0.05)


def judged(
    pixels: Pixels,
    face: FaceLandmarks,
    *,
    points_of_pose: Points | None = None,
    expressions: dict[str, float] | None = None,
    openings: tuple[float, float] = (0.3, 0.3),
    movement: Movement | None = None,
    scale: float = 1.0,
    cover: Cover | None = None,
) -> Quality:
    whole = Frame.from_array(np.ascontiguousarray(pixels))
    frame = replace(whole, scale=scale)
    pose = head_pose(face.points if points_of_pose is None else points_of_pose)
    patch = face_patch(frame.pixels, face.points)
    return judge_quality(
        frame,
        face,
        pose,
        expressions=CALM | (expressions or {}),
        patch=patch,
        cover=cover or cover_of(patch, tuple(each < CLOSED_BELOW for each in openings)),
        eye_openings=openings,
        movement=movement,
    )


def moved(
    face: FaceLandmarks, scale: float = 1.0, shift: tuple[float, float] = (0, 0)
) -> FaceLandmarks:
    points = face.points * scale + [*shift, 0]
    return FaceLandmarks(points, face.spread * scale, face.orientations)


def only(quality: Quality, code: ReasonCode) -> Reason:
    (reason,) = (r for r in quality.reasons if r.code is code)
    return reason


def test_nothing_is_said_against_a_good_portrait(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    quality = judged(large_astronaut, large_face, movement=Movement.REST)
    assert quality.usable
    assert quality.reasons == ()
    assert quality.excluded_regions == ()
    assert quality.interocular_px == pytest.approx(large_face.interocular)
    assert quality.landmark_disagreement == pytest.approx(100 * large_face.disagreement)


def test_the_portrait_at_its_own_size_is_usable(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    quality = judged(astronaut, astronaut_face)
    assert quality.usable
    assert not [r for r in quality.reasons if r.blocks]


def test_mirroring_changes_no_number(astronaut: Pixels, astronaut_face: FaceLandmarks) -> None:
    points = (astronaut_face.points * [-1, 1, 1] + [512, 0, 0])[MIRROR]
    mirrored = FaceLandmarks(points, astronaut_face.spread[MIRROR], 2)
    one, other = judged(astronaut, astronaut_face), judged(astronaut[:, ::-1], mirrored)
    assert other.sharpness == pytest.approx(one.sharpness, rel=1e-3)
    assert other.brightness == pytest.approx(one.brightness, rel=1e-3)
    assert other.side_light == pytest.approx(one.side_light, abs=1e-3)
    assert [r.code for r in other.reasons] == [r.code for r in one.reasons]


@pytest.mark.parametrize(
    ("size", "blocks"),
    [(SMALLEST_INTEROCULAR_PX - 2, True), (SMALL_INTEROCULAR_PX - 5, False)],
)
def test_a_small_face_is_named_with_its_pixels(
    large_astronaut: Pixels, large_face: FaceLandmarks, size: int, blocks: bool
) -> None:
    zoom = size / large_face.interocular
    small = cv2.resize(large_astronaut, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    reason = only(judged(small, moved(large_face, zoom)), ReasonCode.FACE_TOO_SMALL)
    assert reason.blocks is blocks
    assert f"{size} pixels" in reason.message
    limit = SMALLEST_INTEROCULAR_PX if blocks else SMALL_INTEROCULAR_PX
    assert str(limit) in reason.message


def test_the_size_is_counted_in_pixels_of_the_original(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    quality = judged(astronaut, astronaut_face, scale=0.5)
    assert quality.interocular_px == pytest.approx(2 * astronaut_face.interocular)


def test_blur_stops_a_photograph_and_softness_only_warns(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    sharp = judged(large_astronaut, large_face).sharpness
    blurred = cv2.GaussianBlur(large_astronaut, (0, 0), 0.13 * large_face.interocular)
    quality = judged(blurred, large_face)
    reason = only(quality, ReasonCode.BLURRED)
    assert reason.blocks
    assert not quality.usable
    assert f"{quality.sharpness:.2f}" in reason.message
    assert str(BLURRED_BELOW) in reason.message
    # What covers a face cannot be told in a blur, and need not be cleared.
    covered = Cover(mouth=True, brow=False, eyes=(True, False))
    quality = judged(blurred, large_face, cover=covered)
    assert {reason.code for reason in quality.reasons} == {ReasonCode.BLURRED}
    quality = judged(large_astronaut, large_face, cover=covered)
    assert {reason.code for reason in quality.reasons} == {ReasonCode.OCCLUDED}
    soft = cv2.GaussianBlur(large_astronaut, (0, 0), 0.03 * large_face.interocular)
    quality = judged(soft, large_face)
    assert BLURRED_BELOW < quality.sharpness < sharp
    assert not only(quality, ReasonCode.BLURRED).blocks
    assert quality.usable


@pytest.mark.parametrize(
    ("light", "code", "limit"),
    [
        (lambda p: p // 12, ReasonCode.UNDEREXPOSED, f"{DARK_BELOW:.0f}"),
        (
            lambda p: np.clip(p.astype(int) * 4 + 60, 0, 255).astype(np.uint8),
            ReasonCode.OVEREXPOSED,
            "white",
        ),
        (lambda p: 243 + p // 30, ReasonCode.OVEREXPOSED, "of 255"),
    ],
    ids=["dark", "burnt out", "pale"],
)
def test_wrong_exposure_stops_a_photograph(
    large_astronaut: Pixels,
    large_face: FaceLandmarks,
    light: Callable[[Pixels], Pixels],
    code: ReasonCode,
    limit: str,
) -> None:
    quality = judged(light(large_astronaut), large_face)
    reason = only(quality, code)
    assert reason.blocks
    assert not quality.usable
    assert f"{quality.brightness:.0f}" in reason.message
    assert limit in reason.message
    assert quality.brightness < DARK_BELOW or quality.brightness > BRIGHT_ABOVE - 60


@pytest.mark.parametrize("from_left", [False, True])
def test_hard_side_light_warns(
    large_astronaut: Pixels, large_face: FaceLandmarks, from_left: bool
) -> None:
    middle = large_face.points[:, 0].mean()
    ramp = 1 / (1 + np.exp(-(np.arange(large_astronaut.shape[1]) - middle) / 20))
    light = 0.25 + 0.75 * (ramp if from_left else 1 - ramp)
    lit = (large_astronaut * light[None, :, None]).astype(np.uint8)
    quality = judged(lit, large_face)
    reason = only(quality, ReasonCode.UNDEREXPOSED)
    assert not reason.blocks
    assert "one side" in reason.message
    assert f"{np.exp(quality.side_light):.1f} times" in reason.message
    assert quality.usable


@pytest.mark.parametrize("axis", ["yaw", "pitch"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_turned_head_warns_and_then_stops(
    large_astronaut: Pixels, large_face: FaceLandmarks, axis: str, sign: int
) -> None:
    for beyond, blocks in ((-6, False), (3, True)):
        angle = sign * (LARGEST_TURN[axis] + beyond)
        turn = rotation_from(angle, 0) if axis == "yaw" else rotation_from(0, angle)
        quality = judged(large_astronaut, large_face, points_of_pose=200 * TEMPLATE @ turn.T)
        reason = only(quality, ReasonCode.HEAD_TURNED)
        assert reason.blocks is blocks
        assert quality.usable is not blocks
        assert f"{abs(angle):.0f}°" in reason.message
        if blocks:
            assert f"{LARGEST_TURN[axis]:.0f}°" in reason.message


def test_unsteady_landmarks_warn_and_then_stop(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    for share, blocks in ((0.04, False), (0.07, True)):
        spread = np.full(478, share * large_face.interocular)
        quality = judged(large_astronaut, FaceLandmarks(large_face.points, spread, 2))
        reason = only(quality, ReasonCode.LANDMARKS_UNSTABLE)
        assert reason.blocks is blocks
        assert f"{share:.1%}" in reason.message
        if blocks:
            assert f"{UNSTABLE_ABOVE:.0%}" in reason.message


def test_a_face_found_in_one_orientation_only_warns(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    alone = FaceLandmarks(large_face.points, np.zeros(478), 1)
    reason = only(judged(large_astronaut, alone), ReasonCode.LANDMARKS_UNSTABLE)
    assert not reason.blocks
    assert "one orientation" in reason.message


def test_a_mouth_beyond_the_edge_is_left_out_and_the_rest_is_judged(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    below = int(large_face.points[LEFT_COMMISSURE, 1]) + 2
    quality = judged(large_astronaut[:below], large_face)
    cut = [r for r in quality.reasons if r.code is ReasonCode.CUT_OFF]
    assert [(r.region, r.blocks) for r in cut] == [(Region.MOUTH, True)]
    assert quality.excluded_regions == (Region.MOUTH,)
    assert quality.usable


@pytest.mark.parametrize("side", ["left", "right"])
def test_either_half_beyond_the_edge_leaves_every_region_out(
    large_astronaut: Pixels, large_face: FaceLandmarks, side: str
) -> None:
    middle = int(large_face.points[1, 0])
    if side == "left":
        quality = judged(large_astronaut[:, :middle], large_face)
    else:
        quality = judged(large_astronaut[:, middle:], moved(large_face, shift=(-middle, 0)))
    assert set(quality.excluded_regions) == set(Region)
    assert not quality.usable


@pytest.mark.parametrize(
    ("region", "point"),
    [(Region.EYE, p) for p in (145, 159, 374, 386)]
    + [(Region.MOUTH, p) for p in (61, 291, 37, 267, 84, 314)]
    + [(Region.BROW, p) for p in (105, 334)],
)
def test_any_point_of_a_region_beyond_the_edge_leaves_it_out_on_either_side(
    large_astronaut: Pixels, large_face: FaceLandmarks, region: Region, point: int
) -> None:
    points = large_face.points.copy()
    points[point, 1] = -5
    quality = judged(large_astronaut, FaceLandmarks(points, large_face.spread, 2))
    cut = [r.region for r in quality.reasons if r.code is ReasonCode.CUT_OFF]
    assert cut == [region]


def test_a_face_outside_the_picture_gives_no_number_and_no_crash(astronaut: Pixels) -> None:
    outside = FaceLandmarks(80 * TEMPLATE + [-4000, -4000, 0], np.zeros(478), 2)
    quality = judged(astronaut, outside)
    assert not quality.usable
    assert set(quality.excluded_regions) == set(Region)


def test_both_eyes_closed_at_rest_stop_a_photograph(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    openings = (CLOSED_BELOW - 0.01, 0.02)
    quality = judged(large_astronaut, large_face, openings=openings, movement=Movement.REST)
    assert only(quality, ReasonCode.EYES_CLOSED).blocks
    assert not quality.usable
    for movement in (None, Movement.EYE_CLOSE_GENTLE):
        assert judged(large_astronaut, large_face, openings=openings, movement=movement).usable


def test_eyes_that_are_hardly_open_at_rest_are_a_caution(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    closing = (CLOSED_BELOW + 0.01, 0.05)
    quality = judged(large_astronaut, large_face, openings=closing, movement=Movement.REST)
    assert not only(quality, ReasonCode.EYES_CLOSED).blocks
    assert quality.usable
    winking = (OPEN_ABOVE + 0.01, 0.05)
    for movement, openings in ((Movement.REST, winking), (None, closing)):
        quality = judged(large_astronaut, large_face, openings=openings, movement=movement)
        assert ReasonCode.EYES_CLOSED not in {reason.code for reason in quality.reasons}


def test_both_eyes_closed_in_a_movement_that_leaves_them_open_are_a_caution(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    closed = (CLOSED_BELOW - 0.01, 0.02)
    for movement in set(Movement) - {Movement.REST}:
        seen = judged(large_astronaut, large_face, openings=closed, movement=movement)
        assert seen.usable
        codes = {reason.code for reason in seen.reasons}
        assert (ReasonCode.EYES_CLOSED in codes) is not movement.closes_the_eyes
        winking = judged(large_astronaut, large_face, openings=(0.3, 0.02), movement=movement)
        assert ReasonCode.EYES_CLOSED not in {reason.code for reason in winking.reasons}


def test_open_eyes_where_a_closure_was_stated_are_a_caution_and_one_open_eye_is_none(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    for movement in (Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT):
        seen = judged(large_astronaut, large_face, openings=(0.3, 0.25), movement=movement)
        assert not only(seen, ReasonCode.EYES_OPEN).blocks
        assert seen.usable
    for movement, openings in (
        (Movement.EYE_CLOSE_TIGHT, (0.3, 0.05)),
        (Movement.SMILE, (0.3, 0.25)),
    ):
        seen = judged(large_astronaut, large_face, openings=openings, movement=movement)
        assert ReasonCode.EYES_OPEN not in {each.code for each in seen.reasons}


def test_one_closed_eye_at_rest_may_be_palsy_and_stops_nothing(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    quality = judged(large_astronaut, large_face, openings=(0.02, 0.3), movement=Movement.REST)
    assert quality.usable


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("smile", ("mouthSmileLeft", "mouthSmileRight")),
        ("open mouth", ("jawOpen",)),
        ("pucker", ("mouthPucker",)),
        ("raised brows", ("browOuterUpLeft", "browOuterUpRight")),
    ],
)
def test_an_expression_at_rest_is_named_with_its_score(
    large_astronaut: Pixels, large_face: FaceLandmarks, words: str, names: tuple[str, ...]
) -> None:
    shown = dict.fromkeys(names, EXPRESSION_ABOVE + 0.2)
    quality = judged(large_astronaut, large_face, expressions=shown, movement=Movement.REST)
    reason = only(quality, ReasonCode.NOT_AT_REST)
    assert words in reason.message
    assert f"{EXPRESSION_ABOVE + 0.2:.2f}" in reason.message
    assert reason.blocks == (words != "pucker"), "a mouth that palsy draws to one side looks so"
    assert judged(large_astronaut, large_face, expressions=shown).reasons == ()
    if len(names) == 2:
        one_sided = {names[0]: 0.7}
        assert judged(
            large_astronaut, large_face, expressions=one_sided, movement=Movement.REST
        ).usable


def test_what_blocks_comes_first(large_astronaut: Pixels, large_face: FaceLandmarks) -> None:
    turned = 200 * TEMPLATE @ rotation_from(25, 0).T
    quality = judged(large_astronaut // 12, large_face, points_of_pose=turned)
    assert [r.blocks for r in quality.reasons] == sorted(
        (r.blocks for r in quality.reasons), reverse=True
    )
    assert {True, False} == {r.blocks for r in quality.reasons}

"""Head pose: angles, their signs, and the frontal frame."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import (
    CHIN,
    FOREHEAD,
    LEFT_ALA,
    MIRROR,
    NOSE_TIP,
    RIGHT_ALA,
    RIGID,
    TEMPLATE,
)
from facialis.face.pose import angles, head_pose, rotation_from
from facialis.face.search import find_faces
from facialis.face.warp import turned
from facialis.media.photo import Frame

Points = NDArray[np.float64]

yaws = st.floats(-80, 80)
pitches = st.floats(-80, 80)
rolls = st.floats(-179, 179)
shifts = arrays(np.float64, 3, elements=st.floats(-1000, 1000))
scales = st.floats(10, 2000)


def mirrored_points(points: Points, width: float = 0.0) -> Points:
    return (points * [-1, 1, 1] + [width, 0, 0])[MIRROR]


@given(yaws, pitches, rolls)
def test_angles_are_the_inverse_of_the_rotation(yaw: float, pitch: float, roll: float) -> None:
    np.testing.assert_allclose(
        angles(rotation_from(yaw, pitch, roll)), (yaw, pitch, roll), atol=1e-6
    )


@given(yaws, pitches, rolls)
def test_rotations_agree_with_scipys(yaw: float, pitch: float, roll: float) -> None:
    reference = Rotation.from_euler("ZYX", [roll, -yaw, -pitch], degrees=True).as_matrix()
    np.testing.assert_allclose(rotation_from(yaw, pitch, roll), reference, atol=1e-12)


def test_a_turn_to_the_patients_left_moves_the_nose_to_the_viewers_right() -> None:
    assert (TEMPLATE @ rotation_from(20, 0).T)[NOSE_TIP, 0] > TEMPLATE[NOSE_TIP, 0] + 0.1


def test_chin_up_brings_the_chin_nearer_and_the_nose_higher() -> None:
    before, after = TEMPLATE, TEMPLATE @ rotation_from(0, 20).T
    assert after[CHIN, 2] < before[CHIN, 2]
    assert after[FOREHEAD, 2] > before[FOREHEAD, 2]
    assert after[NOSE_TIP, 1] < before[NOSE_TIP, 1]


def test_a_tilt_to_the_patients_left_shoulder_lowers_the_left_side() -> None:
    after = TEMPLATE @ rotation_from(0, 0, 20).T
    assert after[LEFT_ALA, 1] > after[RIGHT_ALA, 1]


@given(yaws, pitches, rolls, scales, shifts)
def test_the_pose_of_a_placed_mean_face_is_recovered(
    yaw: float, pitch: float, roll: float, scale: float, shift: Points
) -> None:
    pose = head_pose(scale * TEMPLATE @ rotation_from(yaw, pitch, roll).T + shift)
    np.testing.assert_allclose((pose.yaw, pose.pitch, pose.roll), (yaw, pitch, roll), atol=1e-6)
    assert pose.scale == pytest.approx(scale)
    np.testing.assert_allclose(pose.origin, shift, atol=1e-6 * scale)
    assert pose.misfit < 1e-9


@given(st.integers(0, 2**32 - 1), yaws, pitches, st.floats(-60, 60))
def test_a_mirrored_face_has_yaw_and_roll_negated_and_the_same_pitch(
    seed: int, yaw: float, pitch: float, roll: float
) -> None:
    noise = np.random.default_rng(seed).normal(0, 0.02, TEMPLATE.shape)
    points = 300 * (TEMPLATE + noise) @ rotation_from(yaw, pitch, roll).T + 400
    pose, other = head_pose(points), head_pose(mirrored_points(points, width=1000))
    assert other.yaw == pytest.approx(-pose.yaw, abs=1e-6)
    assert other.pitch == pytest.approx(pose.pitch, abs=1e-6)
    assert other.roll == pytest.approx(-pose.roll, abs=1e-6)
    assert other.scale == pytest.approx(pose.scale)
    assert other.misfit == pytest.approx(pose.misfit)
    np.testing.assert_allclose(
        other.to_frontal(mirrored_points(points, width=1000)),
        mirrored_points(pose.to_frontal(points)),
        atol=1e-6,
    )


@given(yaws, pitches, rolls, scales, shifts)
def test_the_frontal_frame_leads_back_to_the_picture(
    yaw: float, pitch: float, roll: float, scale: float, shift: Points
) -> None:
    points = scale * TEMPLATE @ rotation_from(yaw, pitch, roll).T + shift
    pose = head_pose(points)
    frontal = pose.to_frontal(points)
    np.testing.assert_allclose(frontal / scale, TEMPLATE, atol=1e-6)
    np.testing.assert_allclose(pose.to_picture(frontal), points, atol=1e-6 * scale)


def test_a_moved_mouth_and_brow_do_not_move_the_pose() -> None:
    points = 300 * TEMPLATE @ rotation_from(8, -5, 3).T
    moved = points.copy()
    soft = np.setdiff1d(np.arange(len(points)), RIGID)
    moved[soft] += 40
    assert head_pose(moved).rotation == pytest.approx(head_pose(points).rotation)


def test_the_misfit_tells_the_shape_that_no_turn_explains() -> None:
    points = 300 * TEMPLATE
    wider = points * [1.15, 1, 1]
    assert head_pose(wider).misfit > 0.02


def test_a_mirrored_reflection_is_never_fitted_as_a_rotation() -> None:
    rotation = head_pose(TEMPLATE * [1, 1, -1]).rotation
    assert np.linalg.det(rotation) == pytest.approx(1)


@pytest.mark.parametrize(("yaw", "pitch"), [(20, 0), (-20, 0), (0, 14), (0, -14), (12, 10)])
def test_a_photographed_head_that_is_turned_reads_as_turned(
    large_astronaut: NDArray[np.uint8], large_face: FaceLandmarks, yaw: float, pitch: float
) -> None:
    before = head_pose(large_face.points)
    picture = turned(large_astronaut, large_face.points, yaw=yaw, pitch=pitch)
    after = head_pose(find_faces(Frame.from_array(picture))[0].points)
    assert after.yaw - before.yaw == pytest.approx(yaw, abs=6)
    assert after.pitch - before.pitch == pytest.approx(pitch, abs=6)


def test_a_rotated_photograph_reads_as_a_tilted_head(
    astronaut: NDArray[np.uint8], astronaut_face: FaceLandmarks
) -> None:
    sideways = np.ascontiguousarray(np.rot90(astronaut, -1))
    after = head_pose(find_faces(Frame.from_array(sideways))[0].points)
    before = head_pose(astronaut_face.points)
    assert after.roll - before.roll == pytest.approx(90, abs=1.5)
    assert after.yaw == pytest.approx(before.yaw, abs=2)
    assert after.pitch == pytest.approx(before.pitch, abs=2)

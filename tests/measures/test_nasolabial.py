"""The nasolabial fold: found where a dark line runs, and nowhere else."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import LEFT_ALA, MIRROR, RIGHT_ALA, TEMPLATE
from facialis.face.patch import face_patch
from facialis.face.pose import head_pose, rotation_from
from facialis.measures.nasolabial import find_folds, fold_measure

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

EYES = 240


def smooth_face(roll: float = 0.0, noise: float = 1.0, eyes: float = EYES) -> tuple[Pixels, Points]:
    """Plain skin with the landmarks of the mean face."""
    points = eyes * TEMPLATE @ rotation_from(0, 0, roll).T + [300, 250, 0]
    grain = np.random.default_rng(0).normal(0, noise, (600, 600, 1))
    return np.clip(np.array([205, 165, 145]) + grain, 0, 255).astype(np.uint8), points


def with_fold(
    pixels: Pixels, points: Points, ala: int, degrees: float, *, depth: float = 0.25
) -> Pixels:
    """Draw a soft dark line from beside the ala, at an angle from the midline, outwards."""
    pose = head_pose(points)
    frontal = pose.to_frontal(points) / pose.scale
    outwards = np.sign(frontal[ala, 0])
    start = frontal[ala] + [0.04 * outwards, 0, 0]
    lean = np.radians(degrees)
    end = start + 0.42 * np.array([np.sin(lean) * outwards, np.cos(lean), 0])
    (x0, y0), (x1, y1) = (pose.to_picture(p[None] * pose.scale)[0, :2] for p in (start, end))
    line = np.zeros(pixels.shape[:2], np.float32)
    a, b = (int(x0), int(y0)), (int(x1), int(y1))
    cv2.line(line, a, b, 1.0, max(2, round(0.02 * pose.scale)), cv2.LINE_AA)
    line = cv2.GaussianBlur(line, (0, 0), 0.008 * pose.scale)
    return (pixels * (1 - depth * line[..., None])).astype(np.uint8)


def folds(pixels: Pixels, points: Points) -> list[float | None]:
    pose = head_pose(points)
    found = find_folds(face_patch(pixels, points), pose.to_frontal(points) / pose.scale)
    return [f.angle if f else None for f in found]


@pytest.mark.parametrize("degrees", [20, 28, 36, 44])
def test_a_drawn_fold_is_found_at_its_angle_on_its_own_side(degrees: float) -> None:
    pixels, points = smooth_face()
    on_left = with_fold(pixels, points, LEFT_ALA, degrees)
    right, left = folds(on_left, points)
    assert right is None
    assert left == pytest.approx(degrees, abs=5)
    right, left = folds(with_fold(pixels, points, RIGHT_ALA, degrees), points)
    assert left is None
    assert right == pytest.approx(degrees, abs=5)


def test_both_folds_make_the_row_of_the_table() -> None:
    pixels, points = smooth_face()
    picture = with_fold(with_fold(pixels, points, LEFT_ALA, 42), points, RIGHT_ALA, 26)
    row = fold_measure(face_patch(picture, points), points, head_pose(points))
    assert row.name == "nasolabial_fold_angle"
    assert row.not_measured is None
    assert row.degrees is not None
    assert row.degrees.right == pytest.approx(26, abs=5)
    assert row.degrees.left == pytest.approx(42, abs=5)
    assert row.degrees.difference == pytest.approx(16, abs=7)
    assert row.degrees.difference == abs(row.degrees.left - row.degrees.right)
    assert row.degrees.difference_sd > row.degrees.right_sd > 0


@pytest.mark.parametrize("roll", [-25, 15])
def test_the_angle_is_from_the_midline_of_a_tilted_face(roll: float) -> None:
    pixels, points = smooth_face(roll)
    _, left = folds(with_fold(pixels, points, LEFT_ALA, 32), points)
    assert left == pytest.approx(32, abs=5)


def test_smooth_skin_has_no_fold_and_the_row_says_so() -> None:
    pixels, points = smooth_face()
    row = fold_measure(face_patch(pixels, points), points, head_pose(points))
    assert row.degrees is None
    assert row.not_measured == "no fold stands out on the right and the left side"


def test_the_side_without_a_fold_is_named() -> None:
    pixels, points = smooth_face()
    picture = with_fold(pixels, points, LEFT_ALA, 32)
    row = fold_measure(face_patch(picture, points), points, head_pose(points))
    assert row.not_measured == "no fold stands out on the right side"


def test_a_shadow_without_an_edge_is_no_fold() -> None:
    pixels, points = smooth_face()
    ramp = np.linspace(1.0, 0.5, pixels.shape[1])[None, :, None]
    assert folds((pixels * ramp).astype(np.uint8), points) == [None, None]


def test_a_small_face_is_not_searched() -> None:
    pixels, points = smooth_face(eyes=50)
    row = fold_measure(face_patch(pixels, points), points, head_pose(points))
    assert row.not_measured == "the face is too small to show the fold"


def test_a_face_beyond_the_picture_has_no_fold() -> None:
    pixels, points = smooth_face()
    assert folds(pixels, points - [5000, 0, 0]) == [None, None]


def test_mirroring_swaps_the_folds() -> None:
    pixels, points = smooth_face()
    picture = with_fold(with_fold(pixels, points, LEFT_ALA, 42), points, RIGHT_ALA, 26)
    other = (points * [-1, 1, 1] + [600, 0, 0])[MIRROR]
    mirror_image = np.ascontiguousarray(picture[:, ::-1])
    assert folds(mirror_image, other) == folds(picture, points)[::-1]


def test_the_portrait_mirrors_too(astronaut: Pixels, astronaut_face: FaceLandmarks) -> None:
    width = astronaut.shape[1]
    other = (astronaut_face.points * [-1, 1, 1] + [width, 0, 0])[MIRROR]
    mirror_image = np.ascontiguousarray(astronaut[:, ::-1])
    assert folds(mirror_image, other) == folds(astronaut, astronaut_face.points)[::-1]

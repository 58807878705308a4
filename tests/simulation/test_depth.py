"""Depth: a plane is a plane, the nearer covers the farther, and the face bulges forward."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import LinearNDInterpolator

from facialis.face.mesh import FACE_OVAL, MIRROR, NOSE_TIP, TEMPLATE
from facialis.face.pose import head_pose, rotation_from
from facialis.simulation.depth import ROTATION_CENTRE, depth_map, interpolated, surface

SIZE = (256, 256)
PICTURE = 90 * TEMPLATE + [128, 100, 0]


def test_a_plane_is_drawn_exactly():
    corners = np.array([[10.0, 10], [90, 15], [85, 95], [12, 80]])
    plane = 0.3 * corners[:, 0] - 0.2 * corners[:, 1] + 5
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    drawn = interpolated(corners, plane, faces, (100, 110), -1.0)
    y, x = np.nonzero(drawn != -1)
    assert len(y) > 5000
    inside = (x > 14) & (x < 80) & (y > 18) & (y < 75)
    expected = 0.3 * (x + 0.5) - 0.2 * (y + 0.5) + 5
    np.testing.assert_allclose(drawn[y, x][inside], expected[inside], atol=1e-4)
    assert drawn[99, 109] == -1


def test_the_nearer_triangle_covers_the_farther():
    corners = np.array([[0.0, 0], [40, 0], [0, 40], [0, 0], [40, 0], [0, 40]])
    values = np.array([1.0, 1, 1, 2, 2, 2])
    for faces in ([[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]):
        assert interpolated(corners, values, np.array(faces), (40, 40), 0.0)[5, 5] == 2


def test_a_triangle_seen_edge_on_draws_nothing_beyond_its_values():
    corners = np.array([[5.0, 5], [20, 20], [35, 35]])
    drawn = interpolated(corners, np.array([1.0, 2, 3]), np.array([[0, 1, 2]]), (40, 40), 0.0)
    assert drawn.max() <= 3


def test_depth_agrees_with_scipys_interpolation_of_the_landmarks():
    found = depth_map(PICTURE, SIZE)
    centre = ROTATION_CENTRE[2]
    reference = LinearNDInterpolator(PICTURE[:468, :2], centre - TEMPLATE[:468, 2])
    y, x = np.nonzero(found)
    expected = np.maximum(0, reference(np.column_stack((x + 0.5, y + 0.5))))
    error = np.abs(found[y, x] - expected)
    assert np.nanmedian(error) < 0.005
    assert np.nanpercentile(error, 95) < 0.05


def test_the_nose_is_nearest_and_what_is_no_face_gets_the_background():
    found = depth_map(PICTURE, SIZE, background=-7.0)
    row, column = np.unravel_index(found.argmax(), SIZE)
    assert np.hypot(*(PICTURE[NOSE_TIP, :2] - [column, row])) < 6
    assert found[0, 0] == found[-1, -1] == -7
    assert found[found != -7].min() >= 0
    assert found.max() == pytest.approx(0.6 - TEMPLATE[:, 2].min(), abs=0.03)


def test_depth_is_in_interocular_units_whatever_the_size_of_the_picture():
    small, large = depth_map(PICTURE, SIZE), depth_map(2 * PICTURE, (512, 512))
    both = (small > 0) & (large[1::2, 1::2] > 0)
    error = np.abs(small[both] - large[1::2, 1::2][both])
    assert np.percentile(error, 99) < 0.04
    assert np.median(error) < 0.005


def test_a_mirrored_face_has_the_mirrored_depth():
    face = PICTURE + np.random.default_rng(0).normal(0, 0.5, PICTURE.shape)
    mirrored = (face * [-1, 1, 1] + [SIZE[1], 0, 0])[MIRROR]
    here, there = depth_map(face, SIZE), depth_map(mirrored, SIZE)[:, ::-1]
    both = (here > 0) & (there > 0)
    assert both.sum() > 0.98 * (here > 0).sum()
    assert np.percentile(np.abs(here - there)[both], 99) < 0.03


@pytest.mark.parametrize("yaw", [-25.0, 25.0])
def test_turning_the_head_brings_one_cheek_nearer(yaw):
    pose = head_pose(PICTURE)
    turned = pose.to_frontal(PICTURE) @ rotation_from(yaw, 0).T + pose.origin
    found = depth_map(turned, SIZE)
    sides = {}
    for name, point in (("right", 50), ("left", 280)):
        x, y = turned[point, :2].astype(int)
        sides[name] = found[y, x]
    assert (sides["right"] > sides["left"]) == (yaw > 0)


def test_every_point_of_the_outline_belongs_to_the_surface():
    assert set(FACE_OVAL) <= set(surface().ravel().tolist())

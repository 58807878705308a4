"""Warping a textured mesh: where pixels go, what covers what, and turning a head."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.metrics import structural_similarity
from skimage.transform import PiecewiseAffineTransform
from skimage.transform import warp as skimage_warp

from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import FACE_OVAL, NOSE_TIP, TEMPLATE, opening_triangles, triangles
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.face.warp import (
    origins,
    owners,
    ring_triangles,
    turned,
    warp,
    with_surroundings,
)
from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

SQUARE = np.array([[20.0, 20], [80, 20], [80, 80], [20, 80]])
HALVES = np.array([[0, 1, 2], [0, 2, 3]])


@pytest.fixture(scope="module")
def texture() -> Pixels:
    noise = np.random.default_rng(1).integers(0, 256, (100, 120, 3)).astype(np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), np.uint8)


def test_points_that_stay_leave_the_picture_as_it_is(texture: Pixels) -> None:
    np.testing.assert_array_equal(warp(texture, SQUARE, SQUARE, np.zeros(4), HALVES), texture)


def test_a_shift_by_whole_pixels_carries_the_texture_exactly(texture: Pixels) -> None:
    moved = warp(texture, SQUARE, SQUARE + np.array([15, -9]), np.zeros(4), HALVES)
    np.testing.assert_array_equal(moved[12:70, 36:94], texture[21:79, 21:79])


def test_what_no_triangle_covers_stays(texture: Pixels) -> None:
    moved = warp(texture, SQUARE, SQUARE + np.array([15, 0]), np.zeros(4), HALVES)
    np.testing.assert_array_equal(moved[:, :34], texture[:, :34])
    np.testing.assert_array_equal(moved[:19], texture[:19])


def test_affine_pieces_agree_with_scikit_image(texture: Pixels) -> None:
    target = SQUARE + np.array([[4.0, 3], [9, -6], [-7, 5], [2, 8]])
    moved = warp(texture, SQUARE, target, np.zeros(4), HALVES)
    reference = PiecewiseAffineTransform.from_estimate(target - 0.5, SQUARE - 0.5)
    expected = skimage_warp(texture, reference, order=1, preserve_range=True)
    inside = np.zeros(texture.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, np.round(target).astype(np.int32), 1)
    inside = cv2.erode(inside, np.ones((5, 5), np.uint8)).astype(bool)
    # The other triangulation of a skewed square differs beside its diagonal.
    off = np.abs(moved[inside].astype(float) - expected[inside])
    assert np.median(off) <= 1


@pytest.mark.parametrize("nearer", [0, 1])
@pytest.mark.parametrize("reverse", [False, True])
def test_nearer_triangles_cover_farther_ones_in_whatever_order_they_come(
    nearer: int, reverse: bool
) -> None:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[5:45, 5:45] = (255, 0, 0)
    picture[55:95, 55:95] = (0, 255, 0)
    corner = np.array([[8.0, 8], [42, 8], [8, 42]])
    source = np.concatenate((corner, corner + 50))
    target = np.tile([[10.0, 60], [40, 60], [10, 90]], (2, 1))
    depth = np.where(np.arange(6) // 3 == nearer, -1.0, 1.0)
    faces = np.array([[0, 1, 2], [3, 4, 5]])[:: -1 if reverse else 1]
    colour = warp(picture, source, target, depth, faces)[68, 16]
    np.testing.assert_array_equal(colour, [(255, 0, 0), (0, 255, 0)][nearer])


def test_a_triangle_flattened_to_a_line_does_no_harm(texture: Pixels) -> None:
    target = SQUARE.copy()
    target[3] = target[2]
    moved = warp(texture, SQUARE, target, np.zeros(4), HALVES)
    assert moved.shape == texture.shape
    assert moved.dtype == np.uint8


def test_a_pixel_belongs_to_the_triangle_that_holds_its_middle() -> None:
    points = np.random.default_rng(5).uniform(5, 95, (3, 2))
    owner = owners(points, np.zeros(3), np.array([[0, 1, 2]]), 100, 90)
    assert owner.shape == (90, 100)
    y, x = np.mgrid[:90, :100] + 0.5
    a, b, c = points
    turns = [
        (q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0]) for p, q in ((a, b), (b, c), (c, a))
    ]
    distance = np.min(
        [
            abs(t) / np.linalg.norm(q - p)
            for t, (p, q) in zip(turns, ((a, b), (b, c), (c, a)), strict=True)
        ],
        axis=0,
    )
    inside = (np.sign(turns[0]) == np.sign(turns[1])) & (np.sign(turns[1]) == np.sign(turns[2]))
    sure = distance > 1.0
    np.testing.assert_array_equal(owner[sure] == 0, inside[sure])
    assert set(np.unique(owner)) == {0, 1}


def test_no_pixel_belongs_to_a_triangle_beyond_the_picture() -> None:
    owner = owners(SQUARE + 500, np.zeros(4), HALVES, 120, 100)
    assert (owner == len(HALVES)).all()


def test_pixels_without_a_triangle_come_from_their_own_place() -> None:
    owner = np.full((20, 30), len(HALVES), np.int32)
    x, y = origins(owner, SQUARE, SQUARE + 7, HALVES)
    np.testing.assert_array_equal(x, np.broadcast_to(np.arange(30), (20, 30)))
    np.testing.assert_array_equal(y, np.broadcast_to(np.arange(20)[:, None], (20, 30)))


def test_pixels_of_a_triangle_come_from_where_its_affine_map_leads() -> None:
    target = SQUARE @ np.array([[0.8, 0.3], [-0.2, 1.1]]) + [12.0, -5.0]
    owner = owners(target, np.zeros(4), HALVES, 130, 120)
    x, y = origins(owner, SQUARE, target, HALVES)
    inside = owner < len(HALVES)
    rows, columns = np.nonzero(inside)
    back = (np.column_stack((columns, rows)) + 0.5 - [12.0, -5.0]) @ np.linalg.inv(
        np.array([[0.8, 0.3], [-0.2, 1.1]])
    )
    found = np.column_stack((x[inside], y[inside]))
    np.testing.assert_allclose(found, back - 0.5, atol=1e-3)


@pytest.mark.parametrize("size", [(200, 200), (300, 220), (150, 400)])
def test_rings_stand_around_the_face_and_on_the_edge_of_the_picture(size: tuple[int, int]) -> None:
    width, height = size
    points = 60 * TEMPLATE + [width / 2, height / 2, 0]
    vertices, fixed = with_surroundings(points, width, height, 60.0)
    count = len(FACE_OVAL)
    assert vertices.shape == (468 + 2 * count, 3)
    np.testing.assert_array_equal(vertices[:468], points[:468])
    assert fixed.sum() == count
    assert fixed[-count:].all()
    edge = vertices[fixed]
    at_side = np.isclose(edge[:, 0] % width, 0) | np.isclose(edge[:, 1] % height, 0)
    assert at_side.all()
    assert (edge[:, :2] >= -1e-9).all()
    assert (edge[:, :2] <= np.array([width, height]) + 1e-9).all()
    ring, oval = vertices[468:-count], points[list(FACE_OVAL)]
    middle = oval.mean(axis=0)
    away = np.linalg.norm((ring - middle)[:, :2], axis=1)
    assert (away > np.linalg.norm((oval - middle)[:, :2], axis=1)).all()
    assert (ring[:, 2] > oval[:, 2]).all()
    assert edge[:, 2].min() > ring[:, 2].max()


def test_mesh_and_rings_cover_the_picture_without_a_hole() -> None:
    width, height = 240, 260
    points = 60 * TEMPLATE + [120.0, 100.0, 0]
    vertices, _ = with_surroundings(points, width, height, 60.0)
    faces = np.concatenate((triangles(), opening_triangles(), ring_triangles()))
    assert faces.max() == len(vertices) - 1
    owner = owners(vertices[:, :2], vertices[:, 2], faces, width, height)
    free = owner == len(faces)
    # The frame has a vertex for each of the oval, none in the corners of the picture.
    free[:40, :40] = free[:40, -40:] = free[-40:, :40] = free[-40:, -40:] = False
    assert not free.any()


def test_every_point_of_the_outline_is_in_the_ring() -> None:
    ring = ring_triangles()
    assert set(FACE_OVAL) <= set(ring.ravel().tolist())
    assert all(len(set(t)) == 3 for t in ring.tolist())
    edges = np.sort(np.concatenate((ring[:, :2], ring[:, 1:], ring[:, ::2])), axis=1)
    _, shared = np.unique(edges, axis=0, return_counts=True)
    assert set(shared.tolist()) == {1, 2}


def test_a_head_that_is_not_turned_is_the_same_picture(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    picture = turned(astronaut, astronaut_face.points, yaw=0, pitch=0)
    assert picture.shape == astronaut.shape
    assert np.abs(picture.astype(int) - astronaut).max() <= 1


@pytest.mark.parametrize(("yaw", "pitch"), [(15, 0), (-15, 0), (0, 12), (0, -12)])
def test_vertices_land_where_the_rotation_puts_them(
    large_astronaut: Pixels, large_face: FaceLandmarks, yaw: float, pitch: float
) -> None:
    picture = turned(large_astronaut, large_face.points, yaw=yaw, pitch=pitch)
    (face,) = find_faces(Frame.from_array(picture))
    step = face.points[NOSE_TIP] - large_face.points[NOSE_TIP]
    along, sign = (0, np.sign(yaw)) if yaw else (1, -np.sign(pitch))
    assert sign * step[along] > 0.1 * large_face.interocular


def test_a_turn_and_its_opposite_give_the_face_back(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    there = turned(large_astronaut, large_face.points, yaw=12, pitch=0)
    (seen,) = find_faces(Frame.from_array(there))
    back = turned(there, seen.points, yaw=-12, pitch=0)
    low = large_face.points.min(axis=0).astype(int)
    high = large_face.points.max(axis=0).astype(int)
    part = np.s_[low[1] : high[1], low[0] : high[0]]
    grey = [cv2.cvtColor(p[part], cv2.COLOR_RGB2GRAY) for p in (back, large_astronaut)]
    assert structural_similarity(*grey) > 0.6


def test_the_border_of_the_picture_does_not_move(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    picture = turned(astronaut, astronaut_face.points, yaw=18, pitch=-10)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        assert np.median(np.abs(picture[edge].astype(int) - astronaut[edge])) <= 4


def test_a_near_camera_enlarges_what_comes_nearer(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    far = turned(large_astronaut, large_face.points, yaw=25, pitch=0)
    near = turned(large_astronaut, large_face.points, yaw=25, pitch=0, camera_distance=6.0)
    poses = [head_pose(find_faces(Frame.from_array(p))[0].points) for p in (far, near)]
    assert not np.array_equal(far, near)
    assert all(p.yaw > 10 for p in poses)


def test_another_shape_moves_the_landmarks_towards_it(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    reshaped = large_face.points.copy()
    weight = np.exp(-((reshaped[:, :2] - reshaped[291, :2]) ** 2).sum(axis=1) / 40**2)
    reshaped[:, 1] += 30 * weight
    picture = turned(large_astronaut, large_face.points, yaw=0, pitch=0, reshaped=reshaped)
    (face,) = find_faces(Frame.from_array(picture))
    drop = face.points[:, 1] - large_face.points[:, 1]
    assert drop[291] > 8
    assert abs(drop[61]) < 6


def test_every_point_of_the_face_is_carried_by_a_triangle(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    points = large_face.points[:468, :2]
    painted = np.zeros(large_astronaut.shape, np.uint8)
    for corner in points[triangles()]:
        cv2.fillConvexPoly(painted, np.round(corner - 0.5).astype(np.int32), (255, 255, 255))
    x, y = np.clip(np.floor(points).astype(int), 0, np.array(painted.shape[1::-1]) - 1).T
    assert painted[y, x].all()

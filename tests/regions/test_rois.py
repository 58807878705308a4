"""Regions of paper 003, on meshes and pictures of known geometry."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.regions import rois
from facialis.regions.rois import Box
from facialis.regions.viola_jones import viola_jones

MESH = TEMPLATE * 100 + np.array([150, 120, 0])


def test_s3_11_there_are_49_points_of_brows_eyes_nose_and_mouth():
    parts = (rois.BROWS, rois.EYES, rois.NOSE, rois.MOUTH)
    assert [len(range(*part.indices(49))) for part in parts] == [10, 12, 9, 18]
    assert len(set(rois.LANDMARKS_49)) == 49
    covered = np.concatenate([np.arange(49)[part] for part in parts])
    assert sorted(covered) == list(range(49))
    assert rois.landmarks49(MESH).shape == (49, 2)


def test_the_inner_corners_of_the_mouth_are_not_among_the_49():
    assert not {78, 308} & set(rois.LANDMARKS_49)
    assert {61, 291} <= set(rois.LANDMARKS_49)


def test_points_lie_where_their_names_say():
    points = rois.landmarks49(MESH)
    heights = [points[part][:, 1].mean() for part in (rois.BROWS, rois.EYES, rois.NOSE, rois.MOUTH)]
    assert heights == sorted(heights)
    right = points[:5, 0]
    assert (right < 150).all()  # the patient's right is on the left of an unmirrored picture
    assert (points[5:10, 0] > 150).all()


def test_mirroring_the_face_swaps_the_sides_of_the_49_points():
    swapped = MESH[MIRROR] * np.array([-1, 1, 1]) + np.array([300, 0, 0])
    partner = [rois.LANDMARKS_49.index(int(MIRROR[i])) for i in rois.LANDMARKS_49]
    moved = MESH.copy()
    moved[rois.RIGHT_BROW_49, 1] -= 10
    mirrored = moved[MIRROR] * np.array([-1, 1, 1]) + np.array([300, 0, 0])
    expected = rois.landmarks49(moved)[partner] * [-1, 1] + [300, 0]
    np.testing.assert_allclose(rois.landmarks49(mirrored), expected)
    raised = rois.landmarks49(swapped)[:, 1] - rois.landmarks49(mirrored)[:, 1]
    np.testing.assert_allclose(raised[5:10], 10)
    np.testing.assert_allclose(raised[:5], 0, atol=1e-9)


@pytest.mark.parametrize("count", [0, 49, 468])
def test_a_mesh_of_another_size_is_refused(count):
    with pytest.raises(ValueError, match="478"):
        rois.landmarks49(np.zeros((count, 3)))


def test_regions_are_their_points_boxes_enlarged_by_a_tenth():
    points = np.zeros((49, 2))
    points[rois.MOUTH] = [100, 100]
    points[31], points[32] = (80, 90), (140, 110)
    box = rois.mouth_box(points)
    assert (box.width, box.height) == (pytest.approx(66), pytest.approx(22))
    assert (box.left, box.top) == (pytest.approx(77), pytest.approx(89))


def test_the_upper_region_follows_brows_and_eyes_and_not_the_mouth():
    points = rois.landmarks49(MESH)
    before = rois.eye_brow_box(points)
    points[rois.MOUTH] += 50
    assert rois.eye_brow_box(points) == before
    points[rois.BROWS, 1] -= 20
    assert rois.eye_brow_box(points).top < before.top


def test_s3_12_crops_have_the_papers_sizes():
    picture = np.zeros((300, 300, 3), np.uint8)
    points = rois.landmarks49(MESH)
    assert rois.strip(picture, rois.eye_brow_box(points)).shape == (40, 120, 3)
    assert rois.strip(picture, rois.mouth_box(points)).shape == (40, 120, 3)
    assert rois.face_crop(picture, rois.face_box(MESH)).shape == (128, 128, 3)


def test_a_box_of_the_strips_own_size_is_copied():
    picture = np.random.default_rng(0).integers(0, 256, (100, 200, 3), dtype=np.uint8)
    np.testing.assert_array_equal(rois.strip(picture, Box(30, 20, 120, 40)), picture[20:60, 30:150])


def test_what_lies_beyond_the_picture_is_black():
    picture = np.full((100, 200, 3), 200, np.uint8)
    cut = rois.strip(picture, Box(-60, -20, 120, 40))
    assert (cut[20:, 60:] == 200).all()
    assert not cut[:20].any()
    assert not cut[:, :60].any()


@pytest.mark.parametrize(
    "box", [Box(500, 500, 30, 10), Box(-500, -500, 30, 10), Box(50, -90, 30, 10)]
)
def test_a_box_outside_the_picture_is_all_black(box):
    assert not rois.strip(np.full((100, 200, 3), 200, np.uint8), box).any()


def test_a_box_without_extent_shows_one_pixel():
    picture = np.random.default_rng(0).integers(0, 256, (100, 200, 3), dtype=np.uint8)
    assert (rois.strip(picture, Box(5, 7, 0, 0)) == picture[7, 5]).all()


def test_the_detector_finds_no_face_in_noise_or_nothing():
    assert viola_jones(np.zeros((128, 128, 3), np.uint8)) is None


def test_the_detector_finds_the_face_of_a_portrait(portrait):
    picture = cv2.cvtColor(cv2.imread(str(portrait)), cv2.COLOR_BGR2RGB)
    found = viola_jones(picture)
    assert found is not None
    assert found.left < 224 < found.left + found.width  # the nose of this portrait
    assert found.top < 110 < found.top + found.height
    assert rois.face_crop(picture, found).shape == (128, 128, 3)

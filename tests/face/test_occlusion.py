"""What lies on the face: masks, dark glasses, patches, hair; and what does not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import MIRROR, mirrored
from facialis.face.occlusion import cover_of
from facialis.face.patch import face_patch
from facialis.face.search import find_faces
from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Colour = tuple[int, int, int]

MASK = (
    234,
    93,
    132,
    58,
    172,
    136,
    150,
    149,
    176,
    148,
    152,
    377,
    400,
    378,
    379,
    365,
    397,
    288,
    361,
    323,
    454,
    195,
)
FRINGE = (70, 63, 105, 66, 107, 46, 55, 109, 67, 103, 54, 10)  # fmt: skip


def with_noise(picture: Pixels, mask: NDArray[np.bool_]) -> Pixels:
    noise = np.random.default_rng(0).normal(0, 4, picture.shape)
    noisy = np.where(mask[..., None], picture + noise, picture)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def painted(pixels: Pixels, points: Points, corners: tuple[int, ...], colour: Colour) -> Pixels:
    """Lay the convex hull of some landmarks over a picture."""
    mask = np.zeros(pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(mask, cv2.convexHull(points[list(corners), :2].astype(np.int32)), 1)
    picture = np.where(mask[..., None] == 1, np.array(colour, np.uint8), pixels)
    return with_noise(picture, mask == 1)


def over_eye(pixels: Pixels, points: Points, canthi: tuple[int, int], colour: Colour) -> Pixels:
    """Lay an ellipse over an eye, as a patch or a dark glass does."""
    eyes = np.linalg.norm(points[263] - points[33])
    x, y = points[list(canthi), :2].mean(axis=0).astype(int).tolist()
    mask = np.zeros(pixels.shape[:2], np.uint8)
    axes = (int(0.32 * eyes), int(0.26 * eyes))
    cv2.ellipse(mask, (x, y), axes, 0, 0, 360, 1, -1)
    picture = np.where(mask[..., None] == 1, np.array(colour, np.uint8), pixels)
    return with_noise(picture, mask == 1)


def covered(pixels: Pixels, points: Points) -> frozenset[Region]:
    return cover_of(face_patch(pixels, points)).regions


def test_nothing_covers_a_bare_face(
    astronaut: Pixels,
    astronaut_face: FaceLandmarks,
    large_astronaut: Pixels,
    large_face: FaceLandmarks,
) -> None:
    assert covered(astronaut, astronaut_face.points) == frozenset()
    assert covered(large_astronaut, large_face.points) == frozenset()


@pytest.mark.parametrize(
    "colour", [(90, 150, 200), (240, 240, 240), (15, 15, 15)], ids=["blue", "white", "black"]
)
def test_a_mask_covers_the_mouth_and_only_the_mouth(
    large_astronaut: Pixels, large_face: FaceLandmarks, colour: Colour
) -> None:
    picture = painted(large_astronaut, large_face.points, MASK, colour)
    assert covered(picture, large_face.points) == {Region.MOUTH}


@pytest.mark.parametrize("colour", [(12, 12, 14), (235, 230, 225)], ids=["black", "white"])
@pytest.mark.parametrize("canthi", [(33, 133), (362, 263)], ids=["right", "left"])
def test_a_patch_on_either_eye_covers_the_eye(
    large_astronaut: Pixels, large_face: FaceLandmarks, canthi: tuple[int, int], colour: Colour
) -> None:
    picture = over_eye(large_astronaut, large_face.points, canthi, colour)
    assert covered(picture, large_face.points) == {Region.EYE}


@pytest.mark.parametrize("canthi", [(33, 133), (362, 263)], ids=["right", "left"])
def test_a_smooth_closed_lid_is_no_cover_and_a_patch_on_it_is(
    large_astronaut: Pixels, large_face: FaceLandmarks, canthi: tuple[int, int]
) -> None:
    points = large_face.points
    x, y = points[50, :2].astype(int)
    lid = tuple(int(v) for v in large_astronaut[y, x])
    smooth = face_patch(over_eye(large_astronaut, points, canthi, lid), points)
    shut = (canthi[0] == 33, canthi[0] == 362)
    assert Region.EYE in cover_of(smooth).regions
    assert Region.EYE not in cover_of(smooth, shut).regions
    patch = face_patch(over_eye(large_astronaut, points, canthi, (12, 12, 14)), points)
    assert Region.EYE in cover_of(patch, shut).regions


@pytest.mark.parametrize(
    ("canthi", "sides"), [((33, 133), (True, False)), ((362, 263), (False, True))]
)
def test_the_covered_eye_is_known_by_its_side(
    large_astronaut: Pixels,
    large_face: FaceLandmarks,
    canthi: tuple[int, int],
    sides: tuple[bool, bool],
) -> None:
    points = large_face.points
    assert cover_of(face_patch(large_astronaut, points)).eyes == (False, False)
    picture = over_eye(large_astronaut, points, canthi, (12, 12, 14))
    assert cover_of(face_patch(picture, points)).eyes == sides


def test_dark_glasses_cover_the_eyes(large_astronaut: Pixels, large_face: FaceLandmarks) -> None:
    picture = over_eye(large_astronaut, large_face.points, (33, 133), (12, 12, 14))
    picture = over_eye(picture, large_face.points, (362, 263), (12, 12, 14))
    assert Region.EYE in covered(picture, large_face.points)
    assert Region.MOUTH not in covered(picture, large_face.points)


@pytest.mark.parametrize("half", [tuple, mirrored], ids=["right", "left"])
def test_hair_over_either_brow_covers_the_brow(
    large_astronaut: Pixels, large_face: FaceLandmarks, half: type
) -> None:
    picture = painted(large_astronaut, large_face.points, half(FRINGE), (40, 25, 15))
    assert covered(picture, large_face.points) == {Region.BROW}


def test_mirroring_changes_nothing(large_astronaut: Pixels, large_face: FaceLandmarks) -> None:
    width = large_astronaut.shape[1]
    points = (large_face.points * [-1, 1, 1] + [width, 0, 0])[MIRROR]
    for colour in ((90, 150, 200), (190, 130, 110), (150, 110, 100)):
        picture = painted(large_astronaut, large_face.points, FRINGE, colour)
        mirror_image = np.ascontiguousarray(picture[:, ::-1])
        assert covered(picture, large_face.points) == covered(mirror_image, points)


def test_light_from_the_side_is_no_cover(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    across = (np.arange(large_astronaut.shape[1]) - large_face.points[:, 0].mean()) / 150
    light = 0.8 * np.exp(0.45 * np.tanh(across))
    lit = np.clip(large_astronaut * light[None, :, None], 0, 255).astype(np.uint8)
    assert covered(lit, large_face.points) == frozenset()


def test_a_darker_skin_is_no_cover(large_astronaut: Pixels, large_face: FaceLandmarks) -> None:
    darker = (255 * (large_astronaut / 255) ** 1.8 * [0.9, 0.75, 0.65]).astype(np.uint8)
    assert covered(darker, large_face.points) == frozenset()


def test_a_small_face_is_cut_out_as_it_is(astronaut: Pixels, astronaut_face: FaceLandmarks) -> None:
    patch = face_patch(astronaut, astronaut_face.points)
    assert patch.interocular == pytest.approx(astronaut_face.interocular)
    x, y = np.round(astronaut_face.points[0, :2] - patch.places[0]).astype(int)
    height, width = patch.pixels.shape[:2]
    np.testing.assert_array_equal(patch.pixels, astronaut[y : y + height, x : x + width])
    assert patch.reduced(500) is patch


def test_a_large_face_is_reduced_and_its_landmarks_stay_on_the_same_skin(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    patch = face_patch(large_astronaut, large_face.points)
    zoom = patch.interocular / large_face.interocular
    assert 0.2 < zoom < 0.6
    apart = [np.linalg.norm(p[263] - p[33]) for p in (patch.places, large_face.points[:, :2])]
    assert apart[0] / apart[1] == pytest.approx(zoom)
    averaged = cv2.blur(large_astronaut, (round(1 / zoom), round(1 / zoom)))
    for point in (4, 50, 280, 152, 10, 61, 291):
        x, y = np.floor(patch.places[point]).astype(int)
        at_x, at_y = np.floor(large_face.points[point, :2]).astype(int)
        gap = patch.pixels[y, x].astype(int) - averaged[at_y, at_x]
        assert np.abs(gap).max() < 25, point


def test_a_face_beyond_the_picture_gives_an_empty_patch(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    patch = face_patch(astronaut, astronaut_face.points - [5000, 5000, 0])
    assert patch.pixels.size == 0
    assert patch.reduced(10) is patch


def test_few_real_faces_are_called_covered(london: tuple[Frame, ...]) -> None:
    bare = [covered(f.pixels, find_faces(f)[0].points) == frozenset() for f in london]
    assert np.mean(bare) >= 0.8

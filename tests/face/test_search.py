"""Finding faces: both orientations, every rotation, several faces, small and cut-off ones."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.errors import InputError, NoFaceError
from facialis.face.landmarks import FaceLandmarks, default_landmarker, in_plane_rotation
from facialis.face.mesh import MIRROR
from facialis.face.search import MINIMUM_INTEROCULAR_PX, find_faces, read_again
from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Rotate = Callable[[Pixels, float], tuple[Pixels, Callable[[Points], Points]]]


def found(pixels: Pixels) -> tuple[FaceLandmarks, ...]:
    return find_faces(Frame.from_array(np.ascontiguousarray(pixels), name="picture"))


def mirrored_points(points: Points, width: float) -> Points:
    return (points * [-1, 1, 1] + [width, 0, 0])[MIRROR]


def resized(pixels: Pixels, width: int, height: int) -> Pixels:
    smaller = width < pixels.shape[1]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=how), np.uint8)


def on_grey(width: int, height: int, *pieces: tuple[Pixels, int, int]) -> Pixels:
    canvas = np.full((height, width, 3), 120, np.uint8)
    for piece, x, y in pieces:
        part = piece[: height - y, : width - x]
        canvas[y : y + part.shape[0], x : x + part.shape[1]] = part
    return canvas


@pytest.fixture(scope="module")
def head(astronaut: Pixels) -> Pixels:
    return np.ascontiguousarray(astronaut[30:230, 130:330])


def zoomed(pixels: Pixels, zoom: float) -> Pixels:
    return resized(pixels, round(zoom * pixels.shape[1]), round(zoom * pixels.shape[0]))


@pytest.mark.parametrize(
    ("width", "height"),
    [(512, 512), (255, 257), (901, 900), (1301, 1300), (1733, 1999), (2563, 2561)],
)
def test_a_mirrored_photograph_gives_mirrored_landmarks(
    astronaut: Pixels, width: int, height: int
) -> None:
    picture = resized(astronaut, width, height)
    (face,), (other,) = found(picture), found(picture[:, ::-1])
    off = np.abs(mirrored_points(other.points, width) - face.points)
    assert off.max() < 1e-4 * face.interocular
    np.testing.assert_allclose(other.spread[MIRROR], face.spread, atol=1e-4 * face.interocular)
    assert other.orientations == face.orientations == 2


def test_a_larger_photograph_gives_the_same_landmarks_in_its_own_pixels(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    (face,) = found(resized(astronaut, 1733, 1999))
    expected = astronaut_face.points[:, :2] * [1733 / 512, 1999 / 512]
    off = np.linalg.norm(face.points[:, :2] - expected, axis=1) / face.interocular
    assert np.median(off) < 0.03


@pytest.mark.parametrize("degrees", range(30, 360, 30))
def test_a_face_is_found_however_the_photograph_lies(
    astronaut: Pixels, astronaut_face: FaceLandmarks, rotated: Rotate, degrees: int
) -> None:
    picture, back = rotated(astronaut, degrees)
    (face,) = found(picture)
    off = np.linalg.norm(back(face.points[:, :2]) - astronaut_face.points[:, :2], axis=1)
    assert np.mean(off) < 0.02 * astronaut_face.interocular
    assert face.orientations == 2
    turned_by = in_plane_rotation(face.points) - in_plane_rotation(astronaut_face.points)
    assert abs((turned_by - degrees + 180) % 360 - 180) < 2


def test_a_face_upside_down_is_not_taken_for_one_that_stands(astronaut: Pixels) -> None:
    (face,) = found(astronaut[::-1, ::-1])
    assert abs(in_plane_rotation(face.points)) > 170
    assert face.disagreement < 0.03


@pytest.mark.parametrize("degrees", [20, 50, 110, 185])
def test_a_tilted_face_mirrors_exactly_too(
    astronaut: Pixels, rotated: Rotate, degrees: int
) -> None:
    picture, _ = rotated(astronaut, degrees)
    (face,), (other,) = found(picture), found(picture[:, ::-1])
    off = np.abs(mirrored_points(other.points, picture.shape[1]) - face.points)
    assert off.max() < 1e-4 * face.interocular


@pytest.mark.parametrize("degrees", [0, 20])
def test_further_readings_of_a_face_mirror_exactly_and_stay_near_the_first(
    astronaut: Pixels, rotated: Rotate, degrees: int
) -> None:
    picture, _ = rotated(astronaut, degrees)
    one, other = (Frame.from_array(np.ascontiguousarray(p)) for p in (picture, picture[:, ::-1]))
    first = find_faces(one)[0]
    again, mirrored = read_again(one, first), read_again(other, find_faces(other)[0])
    off = np.abs(mirrored_points(mirrored.points, picture.shape[1]) - again.points)
    assert off.max() < 1e-4 * first.interocular
    apart = np.linalg.norm((again.points - first.points)[:, :2], axis=1)
    assert 0 < np.mean(apart) < 0.02 * first.interocular
    assert again.orientations == 2


def test_a_face_that_cannot_be_read_again_stays_as_it_was(astronaut_face: FaceLandmarks) -> None:
    blank = Frame.from_array(np.zeros((512, 512, 3), np.uint8))
    again = read_again(blank, astronaut_face)
    np.testing.assert_array_equal(again.points, astronaut_face.points)


def test_small_faces_beside_a_large_one_are_found_when_every_face_is_wanted(head: Pixels) -> None:
    picture = on_grey(1500, 800, (zoomed(head, 3), 30, 100), (zoomed(head, 0.7), 1100, 300))
    faces = find_faces(Frame.from_array(picture), every=True)
    assert [round(f.interocular / 60, 1) for f in faces] == [3.0, 0.7]
    np.testing.assert_array_equal(faces[0].points, found(picture)[0].points)


def test_a_tight_crop_that_the_detector_misses_is_found_with_a_border(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    crop = zoomed(np.ascontiguousarray(astronaut[85:160, 195:258]), 4)
    assert default_landmarker().in_both_orientations(crop) == ([], [])
    (face,) = found(crop)
    expected = (astronaut_face.points[:, :2] - [195, 85]) * 4
    off = np.linalg.norm(face.points[:, :2] - expected, axis=1)
    assert np.median(off) < 0.06 * face.interocular


def test_a_tight_crop_of_a_large_photograph_is_found_with_a_border(astronaut: Pixels) -> None:
    crop = zoomed(np.ascontiguousarray(astronaut[85:160, 195:258]), 24)
    (face,) = found(crop)
    assert face.interocular == pytest.approx(24 * 60, rel=0.1)


@pytest.mark.parametrize("zoom", [1.0, 0.7, 0.43])
def test_a_small_face_far_from_the_middle_is_found(
    head: Pixels, astronaut_face: FaceLandmarks, zoom: float
) -> None:
    (face,) = found(on_grey(800, 600, (zoomed(head, zoom), 600, 380)))
    assert face.interocular == pytest.approx(zoom * astronaut_face.interocular, rel=0.08)
    shift = np.array([600, 380]) - zoom * np.array([130, 30])
    expected = zoom * astronaut_face.points[:, :2] + shift
    off = np.linalg.norm(face.points[:, :2] - expected, axis=1)
    assert np.median(off) < 0.06 * face.interocular


def test_a_face_at_the_stated_minimum_is_found_in_a_large_photograph(head: Pixels) -> None:
    zoom = 1.08 * MINIMUM_INTEROCULAR_PX / 60
    (face,) = found(on_grey(1600, 1200, (zoomed(head, zoom), 1100, 700)))
    assert face.interocular == pytest.approx(1.08 * MINIMUM_INTEROCULAR_PX, rel=0.08)


def test_several_faces_come_largest_first(head: Pixels) -> None:
    group = on_grey(
        600, 600, (head, 220, 20), (zoomed(head, 1.3), 10, 100), (zoomed(head, 0.8), 420, 150)
    )
    faces = found(group)
    assert [round(f.interocular / 60, 1) for f in faces] == [1.3, 1.0, 0.8]
    middles = [f.points[:, 0].mean() for f in faces]
    np.testing.assert_allclose(middles, [132, 314, 495], atol=6)
    backwards = [600 - f.points[:, 0].mean() for f in found(group[:, ::-1])]
    np.testing.assert_allclose(backwards, middles, atol=0.1)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((300, 300, 3), 128, np.uint8),
        np.random.default_rng(0).integers(0, 256, (400, 500, 3)).astype(np.uint8),
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((2, 700, 3), np.uint8),
        np.zeros((1600, 3, 3), np.uint8),
    ],
    ids=["grey", "noise", "one-pixel", "a-line", "a-tall-line"],
)
def test_a_picture_without_a_face_says_so_with_its_name_and_the_minimum(pixels: Pixels) -> None:
    with pytest.raises(NoFaceError, match=r"^wall\.jpg: no face was found; .* 24 pixels") as error:
        find_faces(Frame.from_array(pixels, name="wall.jpg"))
    assert isinstance(error.value, InputError)


def test_a_face_below_the_minimum_is_not_reported(head: Pixels) -> None:
    with pytest.raises(NoFaceError):
        found(zoomed(head, 0.3))


def test_the_minimum_is_meant_in_pixels_of_the_original(astronaut: Pixels) -> None:
    small = resized(astronaut, 300, 300)
    frame = Frame.from_array(small)
    reduced = Frame(small, "reduced", frame.sha256, 3000, 3000, scale=0.1)
    assert find_faces(reduced)[0].interocular == pytest.approx(35, abs=2)


def test_threads_that_share_the_landmarker_get_their_own_faces(
    astronaut: Pixels, head: Pixels
) -> None:
    pictures = [astronaut, np.ascontiguousarray(astronaut[:, ::-1]), zoomed(head, 2), head] * 3
    alone = [found(p)[0].points for p in pictures]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda p: found(p)[0].points, pictures))
    for a, b in zip(alone, together, strict=True):
        np.testing.assert_array_equal(a, b)


def test_real_photographs_are_read_alike_from_both_sides(london: tuple[Frame, ...]) -> None:
    for frame in london:
        (face,) = find_faces(frame)
        (other,) = found(frame.pixels[:, ::-1])
        off = np.abs(mirrored_points(other.points, frame.width) - face.points)
        assert off.max() < 0.001 * face.interocular, frame.name


def test_real_photographs_are_found_in_every_quarter_turn(london: tuple[Frame, ...]) -> None:
    for frame in london[:3]:
        (face,) = find_faces(frame)
        for quarters in (1, 2, 3):
            (turned,) = found(np.rot90(frame.pixels, quarters))
            assert turned.interocular == pytest.approx(face.interocular, rel=0.03), frame.name

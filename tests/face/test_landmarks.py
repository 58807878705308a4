"""Landmarks as values, and the landmarker: both orientations, pairing, start-up."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from mediapipe.python.solutions.face_mesh import FaceMesh
from numpy.typing import NDArray

from facialis.errors import InstallationError, NoFaceError
from facialis.face.landmarks import (
    FaceLandmarks,
    MediaPipeLandmarker,
    default_landmarker,
    in_plane_rotation,
    interocular,
)
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.face.search import find_faces
from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]


def mirrored_points(points: Points, width: float) -> Points:
    return (points * [-1, 1, 1] + [width, 0, 0])[MIRROR]


def test_the_average_over_orientations_is_kept_with_their_disagreement(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    seen, back = default_landmarker().in_both_orientations(astronaut)
    other = mirrored_points(back[0], 512)
    np.testing.assert_allclose(astronaut_face.points, (seen[0] + other) / 2)
    apart = np.hypot(*(seen[0] - other)[:, :2].T)
    np.testing.assert_allclose(astronaut_face.spread, apart)
    assert astronaut_face.disagreement == pytest.approx(
        np.median(apart) / astronaut_face.interocular
    )
    assert 0 < astronaut_face.disagreement < 0.03


def test_landmarks_are_the_fields_of_mediapipes_message_in_pixels(astronaut: Pixels) -> None:
    wide = np.ascontiguousarray(astronaut[:400])
    graph = FaceMesh(static_image_mode=True, max_num_faces=12, refine_landmarks=True)
    (face,) = graph.process(wide).multi_face_landmarks
    expected = [(p.x * 512, p.y * 400, p.z * 512) for p in face.landmark]
    (seen,), _ = default_landmarker().in_both_orientations(wide)
    np.testing.assert_allclose(seen, expected, rtol=1e-6)


def test_distance_and_tilt_of_the_eyes_follow_geometry() -> None:
    points = 200 * TEMPLATE
    assert interocular(points) == pytest.approx(200, abs=0.1)
    cos, sin = np.cos(0.3), np.sin(0.3)
    clockwise = points @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    assert in_plane_rotation(clockwise) == pytest.approx(np.degrees(0.3))


class Scripted:
    """A landmarker that sees what the test says in the first picture, and then nothing more."""

    name = "scripted"

    def __init__(
        self, seen: list[Points], in_the_mirror: list[Points], *, detected: bool = True
    ) -> None:
        self.answer: tuple[list[Points], list[Points]] = seen, in_the_mirror
        self.detected = detected

    def in_both_orientations(self, pixels: Pixels) -> tuple[list[Points], list[Points]]:
        answer, self.answer = self.answer, ([], [])
        return answer

    def side_by_side(self, one: Pixels, other: Pixels) -> tuple[list[Points], list[Points]]:
        return self.in_both_orientations(one)

    def boxes(self, pixels: Pixels) -> list[Points]:
        height, width = pixels.shape[:2]
        return [np.array([0.0, 0.0, width, height])] if self.detected else []


def placed(x: float, y: float, size: float) -> Points:
    return size * TEMPLATE + [x, y, 0]


BLANK = Frame.from_array(np.zeros((400, 600, 3), np.uint8), name="blank")


@pytest.mark.parametrize("in_the_mirror", [False, True])
def test_a_face_seen_in_one_orientation_only_is_kept_if_a_detector_confirms_it(
    in_the_mirror: bool,
) -> None:
    face = placed(200, 150, 80)
    answer = ([], [mirrored_points(face, 600)]) if in_the_mirror else ([face], [])
    (kept,) = find_faces(BLANK, Scripted(*answer))
    assert kept.orientations == 1
    np.testing.assert_array_equal(kept.spread, 0)
    with pytest.raises(NoFaceError):
        find_faces(BLANK, Scripted(*answer, detected=False))


def test_a_face_that_the_orientations_see_apart_needs_a_detector_to_confirm_it() -> None:
    face = placed(200, 150, 80)
    apart = mirrored_points(face + np.array([5, 0, 0]), 600)
    (kept,) = find_faces(BLANK, Scripted([face], [apart]))
    assert kept.disagreement == pytest.approx(5 / 80, rel=1e-3)
    with pytest.raises(NoFaceError):
        find_faces(BLANK, Scripted([face], [apart], detected=False))


def test_a_phantom_beside_a_steady_face_is_left_out() -> None:
    steady, phantom = placed(150, 150, 80), placed(450, 200, 120)
    mirror_images = [mirrored_points(steady + 0.5, 600)]
    (kept,) = find_faces(BLANK, Scripted([phantom, steady], mirror_images, detected=False))
    np.testing.assert_allclose(kept.points, steady + 0.25)


def test_faces_of_the_two_orientations_are_paired_by_place() -> None:
    first, second = placed(150, 150, 80), placed(450, 200, 90)
    mirror_images = [mirrored_points(first + 1, 600), mirrored_points(second, 600)]
    faces = find_faces(BLANK, Scripted([first, second], mirror_images))
    assert [f.orientations for f in faces] == [2, 2]
    np.testing.assert_allclose(faces[0].points, second)
    np.testing.assert_allclose(faces[1].points, first + 0.5)
    np.testing.assert_allclose(faces[1].spread, np.sqrt(2))


def test_the_detector_of_small_faces_gives_boxes_in_pixels(
    astronaut: Pixels, astronaut_face: FaceLandmarks
) -> None:
    (box,) = default_landmarker().boxes(astronaut)
    middle = astronaut_face.points[:, :2].mean(axis=0)
    assert (box[:2] < middle).all()
    assert (box[2:] > middle).all()
    assert 1 < (box[2] - box[0]) / astronaut_face.interocular < 3


def test_one_landmarker_serves_the_process() -> None:
    assert default_landmarker() is default_landmarker()


def test_a_missing_system_library_is_named_with_its_packages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "mediapipe.python.solutions.face_mesh", None)
    with pytest.raises(InstallationError, match=r"apt-get install libgl1 libglib2\.0-0"):
        MediaPipeLandmarker()

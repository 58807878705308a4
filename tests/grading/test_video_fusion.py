"""What the method that reads refined landmarks says of a video."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import LEFT_BROW_UPPER, MIRROR, TEMPLATE
from facialis.face.search import find_faces
from facialis.face.tracking import Flaw, Sighting
from facialis.grading import video_fusion
from facialis.grading.method_answers import FUSION, answers
from facialis.grading.video_fusion import VideoFusion
from facialis.media.photo import read_photo

SIDE = 200


def sighting(seconds: float, *, brightness: int = 90, flaw: Flaw | None = None) -> Sighting:
    points = None if flaw is Flaw.NO_FACE else TEMPLATE * 60 + [SIDE / 2, SIDE / 2, 0]
    pixels = np.full((SIDE, SIDE, 3), brightness, np.uint8)
    return Sighting(seconds, points, None, None, flaw, 0, is_cut=False, turn=0, pixels=pixels)


@pytest.fixture
def asked(monkeypatch):
    """Frames that a network was shown, which answers level I for dark and III for bright ones."""
    shown = []

    def levels(face):
        shown.append(face)
        return np.float32([0.1, 0.1, 0.8] if face.picture.mean() > 128 else [0.8, 0.1, 0.1])

    monkeypatch.setattr(video_fusion.fusion, "levels", levels)
    monkeypatch.setattr(
        video_fusion,
        "read_close_up",
        lambda _, points: FaceLandmarks(points, np.zeros(len(points)), 2),
    )
    return shown


def seen(*sightings: Sighting) -> VideoFusion:
    video = VideoFusion()
    for each in sightings:
        video.see(each)
    return video


def test_ten_frames_a_second_are_answered_and_two_share_a_step(asked):
    video = seen(*(sighting(n / 30, brightness=60 if n < 30 else 200) for n in range(60)))
    course = video.course("clip.mp4")
    assert len(asked) == 20
    assert course.seconds == pytest.approx(np.arange(10) * 0.2 + 0.1)
    severe = course.level_probability["III"]
    assert max(severe[:5]) < 0.2
    assert min(severe[5:]) > 0.6


def test_a_slow_video_is_answered_frame_by_frame(asked):
    assert seen(*(sighting(n * 0.1) for n in range(7))).course("clip.mp4") is not None
    assert len(asked) == 7


def test_frames_that_cannot_be_measured_are_left_out(asked):
    assert seen(sighting(0, flaw=Flaw.NO_FACE), sighting(1, flaw=Flaw.TURNED)).course("c") is None
    assert not asked


def test_a_frame_is_read_as_a_photograph_is_and_its_mirror_image_alike(portrait):
    photograph = read_photo(portrait)
    height, width = photograph.pixels.shape[:2]
    points = find_faces(photograph)[0].points
    mirrored = points[MIRROR] * [-1, 1, 1] + [width, 0, 0]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 20, 1.0)
    turned = points.copy()
    turned[:, :2] = points[:, :2] @ turn[:, :2].T + turn[:, 2]
    frames = {
        "as it is": (photograph.pixels, points),
        "mirrored": (np.ascontiguousarray(photograph.pixels[:, ::-1]), mirrored),
        "turned": (cv2.warpAffine(photograph.pixels, turn, (width, height)), turned),
    }
    told = {}
    for name, (pixels, followed) in frames.items():
        # What follows a face may see it a little beside where it is, and less even.
        near = followed + np.array([2.0, -1.0, 0.0])
        near[list(LEFT_BROW_UPPER), 1] -= 8
        frame = Sighting(0.0, near, None, None, None, 0, is_cut=False, turn=0, pixels=pixels)
        course = seen(frame).course("clip.mp4")
        told[name] = [column[0] for column in course.level_probability.values()]
    assert told["mirrored"] == pytest.approx(told["as it is"], abs=0.01)
    assert told["turned"] == pytest.approx(told["as it is"], abs=0.1)
    said = answers(photograph.pixels, points, (FUSION,)).answers[FUSION]
    assert told["as it is"] == pytest.approx(list(said.level_probability.values()), abs=0.1)


def test_a_frame_in_which_the_face_is_not_seen_again_is_left_out():
    assert seen(sighting(0.0)).course("clip.mp4") is None

"""What the method that reads refined landmarks says of a video."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.mesh import TEMPLATE
from facialis.face.tracking import Flaw, Sighting
from facialis.grading import video_fusion
from facialis.grading.video_fusion import VideoFusion

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

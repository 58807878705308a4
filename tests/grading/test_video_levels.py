"""What the method that looks at sequences says of a video."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.face.tracking import Flaw, Sighting
from facialis.grading import video_levels
from facialis.grading.video_levels import VideoLevels
from facialis.methods.phcnn_lstm import answer as sequences

SIDE = 200


def sighting(seconds: float, *, shows_face: bool = True, brightness: int = 90) -> Sighting:
    points = TEMPLATE * 60 + [SIDE / 2, SIDE / 2, 0]
    flaw = None if shows_face else Flaw.NO_FACE
    pixels = np.full((SIDE, SIDE, 3), brightness, np.uint8)
    return Sighting(
        seconds, points if shows_face else None, None, None, flaw, 0, is_cut=False, turn=0,
        pixels=pixels,
    )  # fmt: skip


@pytest.fixture
def asked(monkeypatch):
    """A network that answers level I for dark frames and III for bright ones; what it was shown."""
    shown = []

    def answer(frames):
        shown.append(frames)
        bright = frames[0].picture.mean() > 128
        return np.array([0.02, 0.18, 0.8] if bright else [0.5, 0.25, 0.25])

    monkeypatch.setattr(video_levels.sequences, "answer", answer)
    monkeypatch.setattr(
        video_levels,
        "read_close_up",
        lambda _, points: FaceLandmarks(points + np.array([0, 1, 0]), np.zeros(len(points)), 2),
    )
    return shown


def seen(*sightings: Sighting) -> VideoLevels:
    levels = VideoLevels()
    for each in sightings:
        levels.see(each)
    return levels


def test_every_run_of_four_frames_has_a_level_at_its_middle(asked):
    video = [sighting(n / 6, brightness=60 if n < 4 else 200) for n in range(9)]
    course = seen(*video).course("clip.mp4")
    assert len(asked) == 2
    assert all(len(frames) == 4 for frames in asked)
    assert course.seconds == pytest.approx((0.25, 0.25 + 4 / 6))
    assert course.step == pytest.approx(4 / 6)
    assert set(course.level_probability) == {"I", "II", "III"}
    total = np.sum(list(course.level_probability.values()), axis=0)
    assert total == pytest.approx([1, 1])
    assert course.level_probability["III"][1] > 0.7


def test_answers_are_given_as_if_half_of_the_faces_had_a_palsy(asked):
    """One third of what it learned from is healthy: odds of health double."""
    course = seen(*(sighting(n / 6, brightness=60) for n in range(4))).course("clip.mp4")
    assert course.level_probability["I"] == pytest.approx((1.0 / 1.5,))


def test_a_movement_has_the_mean_of_the_runs_in_it(asked):
    levels = seen(*(sighting(n / 6, brightness=60 if n < 4 else 200) for n in range(12)))
    found = levels.within(0.6, 2.0)
    assert found.level_probability["III"] > 0.7
    assert found.palsy_probability == pytest.approx(1 - found.level_probability["I"])
    both = levels.within(0.0, 1.0)
    assert both.level_probability["III"] < found.level_probability["III"]
    assert "III" in found.levels
    assert "I" not in found.levels
    assert "I" in levels.within(0.0, 0.5).levels
    assert levels.within(5.0, 6.0) is None
    rest = levels.outside([(0.6, 2.0)])
    assert rest.level_probability["III"] < found.level_probability["III"]
    assert levels.outside([]).level_probability == pytest.approx(
        levels.within(0.0, 2.0).level_probability
    )
    assert levels.outside([(0.0, 2.0)]) is None


def test_a_video_without_a_run_has_no_level(asked):
    gaps = [sighting(n / 6, shows_face=n % 3 != 0) for n in range(12)]
    levels = seen(*gaps)
    assert levels.course("clip.mp4") is None
    assert levels.within(0, 2) is None
    assert not asked


def test_the_network_gives_a_run_and_its_mirror_image_one_answer():
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    points = TEMPLATE * 60 + [SIDE / 2, SIDE / 2, 0]
    points[:200, 1] += rng.normal(0, 2, 200)
    face = video_levels.Face(picture, points)
    assert np.allclose(face.mirror_image().points, points[MIRROR] * [-1, 1, 1] + [SIDE, 0, 0])
    found = sequences.answer([face] * 4)
    assert found.shape == (3,)
    assert found.sum() == pytest.approx(1, abs=1e-5)
    assert sequences.answer([face.mirror_image()] * 4) == pytest.approx(found, abs=1e-5)


def test_the_network_reads_landmarks_that_were_refined(monkeypatch):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    face = video_levels.Face(picture, TEMPLATE * 60 + [SIDE / 2, SIDE / 2, 0])
    monkeypatch.setattr(sequences, "refined_both_ways", lambda _, points: points)
    as_found = sequences.answer([face] * 4)
    moved = face.points.copy()
    moved[[61, 291], 1] += [-4, 4]
    monkeypatch.setattr(sequences, "refined_both_ways", lambda *_: moved)
    assert sequences.answer([face] * 4) == pytest.approx(
        sequences.answer([face._replace(points=moved)] * 4)
    )
    assert np.abs(sequences.answer([face] * 4) - as_found).max() > 0.02


def test_frames_of_a_run_are_landmarked_as_photographs_are(asked, monkeypatch):
    seen(*(sighting(n / 6) for n in range(4)))
    followed = TEMPLATE * 60 + [SIDE / 2, SIDE / 2, 0]
    (run,) = asked
    for face in run:
        gaps = face.points - followed
        assert np.ptp(gaps, axis=0) == pytest.approx(0, abs=1e-9)
        assert gaps[0, 1] % 1 == pytest.approx(0, abs=1e-9)
    asked.clear()
    monkeypatch.setattr(video_levels, "read_close_up", lambda *_: None)
    assert seen(*(sighting(n / 6) for n in range(4))).course("clip.mp4") is None
    assert not asked

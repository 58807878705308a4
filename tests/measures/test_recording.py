"""A recording made of one portrait, to a series and the sentences about it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from facialis.errors import InputError, NoFaceError
from facialis.face.expressions import EXPRESSION_NAMES, expression_scores
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.face.tracking import Sighting
from facialis.face.warp import turned
from facialis.measures import recording
from facialis.measures.moment import places
from facialis.measures.recording import recorded
from facialis.measures.recording_notes import Findings, Spans, notes
from facialis.measures.series import Series
from facialis.measures.units import IRIS_MM, IRIS_MM_SD, eye_openings, millimetres
from facialis.media.frame import Frame
from facialis.media.video import open_video
from facialis.simulation.recording import write_video

Pixels = NDArray[np.uint8]
WALL = (90, 110, 130)


@pytest.fixture(scope="module")
def face() -> Pixels:
    """(400, 400, 3): the head of the portrait, twice as large."""
    return np.asarray(cv2.resize(data.astronaut()[:200, 120:320], None, fx=2, fy=2), np.uint8)


def film(path: Path, pictures: Iterable[Pixels], rate: float = 25) -> Path:
    write_video(path, pictures, rate)
    return path


def measured(path: Path, pictures: Iterable[Pixels], rate: float = 25) -> Series:
    return recorded(open_video(film(path, pictures, rate)))


@pytest.fixture(scope="module")
def still(face: Pixels, tmp_path_factory: pytest.TempPathFactory) -> Series:
    return measured(tmp_path_factory.mktemp("still") / "still.mp4", [face] * 20)


def test_a_still_face_measures_as_in_a_photograph(still: Series, face: Pixels) -> None:
    points = find_faces(Frame.from_array(face))[0].points
    pose = head_pose(points)
    expected = places(pose.to_frontal(points) / pose.scale)
    assert still.places.shape == (20, 7, 2, 2)
    assert still.places.dtype == np.float32
    np.testing.assert_allclose(still.places, np.broadcast_to(expected, (20, 7, 2, 2)), atol=0.025)
    np.testing.assert_allclose(
        still.openings, np.broadcast_to(eye_openings(points), (20, 2)), atol=0.04
    )
    scores = expression_scores(points)
    assert still.expressions.shape == (20, 52)
    smile = EXPRESSION_NAMES.index("mouthSmileLeft")
    np.testing.assert_allclose(still.expressions[:, smile], scores["mouthSmileLeft"], atol=0.1)
    np.testing.assert_allclose(still.yaw, pose.yaw, atol=1.5)
    np.testing.assert_allclose(still.pitch, pose.pitch, atol=1.5)
    scale = millimetres(points, pose.scale)
    assert scale.interocular_mm is not None
    assert still.mm == pytest.approx(scale.interocular_mm, rel=0.04)
    assert still.mm_sd is not None
    assert still.mm_sd / still.mm >= IRIS_MM_SD / IRIS_MM


def test_a_still_face_is_usable_throughout_and_nothing_is_noted(still: Series) -> None:
    np.testing.assert_allclose(still.seconds, np.arange(20) / 25, atol=1e-6)
    assert still.rate == pytest.approx(25)
    assert still.usable.all()
    assert still.usable.dtype == np.bool_
    assert (still.cuts, still.notes) == ((), ())


def test_the_patients_right_stands_first_and_left_is_positive(still: Series) -> None:
    assert (still.places[:, :, 0, 0] < 0).all()
    assert (still.places[:, :, 1, 0] > 0).all()


def test_the_same_video_gives_the_same_numbers(tmp_path: Path, face: Pixels) -> None:
    clip = open_video(film(tmp_path / "a.mp4", [face] * 12))
    one, other = recorded(clip), recorded(clip)
    np.testing.assert_array_equal(one.places, other.places)
    np.testing.assert_array_equal(one.expressions, other.expressions)
    assert one.mm == other.mm


def test_stated_millimetres_are_taken_at_full_resolution(tmp_path: Path, face: Pixels) -> None:
    clip = open_video(film(tmp_path / "large.mp4", [cv2.resize(face, (1600, 1600))] * 4))
    assert clip.scale == 0.8
    series = recorded(clip, mm_per_px=0.1)
    pose = head_pose(find_faces(clip.frame_at(0))[0].points)
    assert series.mm == pytest.approx(0.1 * pose.scale, rel=0.02)
    assert series.mm_sd == 0


def test_a_face_that_is_lost_leaves_a_gap_and_a_note(tmp_path: Path, face: Pixels) -> None:
    covered = face.copy()
    covered[90:380, 90:330] = WALL
    series = measured(tmp_path / "a.mp4", [face] * 10 + [covered] * 15 + [face] * 10)
    assert np.isnan(series.places[12:24]).all()
    assert np.isnan(series.openings[12:24]).all()
    assert not series.usable[12:24].any()
    assert series.usable[:10].all()
    assert series.usable[-8:].all()
    assert "The face was lost from 0.4 to 1.0 s." in series.notes


def test_another_shot_is_a_cut_with_a_note(tmp_path: Path, face: Pixels) -> None:
    other = np.full_like(face, 20)
    other[20:320, 60:360] = cv2.resize(face, (300, 300))
    other[340:] = (220, 210, 60)
    series = measured(tmp_path / "a.mp4", [face] * 15 + [other] * 15)
    assert series.cuts == pytest.approx([0.6])
    assert "Another shot or another person begins at 0.6 s." in series.notes


def test_a_second_person_is_noted(tmp_path: Path, face: Pixels) -> None:
    both = np.concatenate((face, cv2.resize(face, (300, 400))), axis=1)
    series = measured(tmp_path / "a.mp4", [both] * 10, rate=10)
    assert (
        "Somebody else is in the picture from 0.0 to 1.0 s; one face was followed." in series.notes
    )
    assert series.usable.all()


def test_five_frames_a_second_are_measured_with_a_note(tmp_path: Path, face: Pixels) -> None:
    series = measured(tmp_path / "a.mp4", [face] * 8, rate=5)
    assert series.usable.all()
    assert series.rate == pytest.approx(5)
    (note,) = series.notes
    assert note.startswith("The recording has only 5 frames a second:")


def test_a_face_on_its_side_measures_as_an_upright_one(
    tmp_path: Path, face: Pixels, still: Series
) -> None:
    lying = np.ascontiguousarray(np.rot90(face))
    series = measured(tmp_path / "a.mp4", [lying] * 8)
    np.testing.assert_allclose(series.places, still.places[:8], atol=0.02)
    np.testing.assert_allclose(series.yaw, still.yaw[:8], atol=1)
    assert series.notes == (
        "The face lies on its side (turned by a quarter clockwise to be read) from 0.0 s on.",
    )


def test_a_turned_head_is_measured_but_marked(tmp_path: Path, face: Pixels) -> None:
    aside = turned(face, find_faces(Frame.from_array(face))[0].points, yaw=50, pitch=0)
    series = measured(tmp_path / "a.mp4", [aside] * 12)
    assert not series.usable.any()
    assert np.isfinite(series.places).all()
    assert series.yaw.min() > 35
    assert series.mm is None
    assert any(
        n.startswith("The head was turned too far to be measured from") for n in series.notes
    )


def test_a_mirrored_recording_swaps_the_sides_and_little_else(tmp_path: Path, face: Pixels) -> None:
    aside = turned(face, find_faces(Frame.from_array(face))[0].points, yaw=18, pitch=0)
    path = film(tmp_path / "a.mp4", [aside] * 6)
    one, other = recorded(open_video(path)), recorded(open_video(path, mirrored=True))
    swapped = other.places[:, :, ::-1] * np.array([-1, 1], np.float32)
    np.testing.assert_allclose(one.places, swapped, atol=0.05)
    np.testing.assert_allclose(one.openings, other.openings[:, ::-1], atol=0.05)
    assert one.yaw.min() > 12
    np.testing.assert_allclose(one.yaw, -other.yaw, atol=2)


def test_without_a_face_there_is_no_series(tmp_path: Path) -> None:
    ramp = np.tile(np.linspace(0, 255, 128).astype(np.uint8)[None, :, None], (96, 1, 3))
    with pytest.raises(NoFaceError, match="no face was found in any frame; use a video"):
        measured(tmp_path / "a.mp4", [np.roll(ramp, k, axis=1) for k in range(10)])


def test_of_a_broken_file_is_measured_what_is_there(tmp_path: Path, face: Pixels) -> None:
    rng = np.random.default_rng(1)
    noisy = [(face * 0.9 + rng.integers(0, 20, face.shape)).astype(np.uint8) for _ in range(60)]
    whole = film(tmp_path / "a.mp4", noisy)
    content = bytearray(whole.read_bytes())
    at = int(0.6 * len(content))
    content[at : at + len(content) // 10] = bytes(len(content) // 10)
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    series = recorded(open_video(path))
    assert 10 < len(series.seconds) < 60
    assert any(note.startswith("The file is damaged: ") for note in series.notes)
    assert (np.diff(series.seconds) > 0).all()


def test_progress_is_told_up_to_the_end(tmp_path: Path, face: Pixels) -> None:
    told: list[tuple[int, int]] = []
    clip = open_video(film(tmp_path / "a.mp4", [face] * 25))
    recorded(clip, progress=lambda done, of: told.append((done, of)))
    assert told == [(10, 25), (20, 25), (25, 25)]


def test_chunks_join_without_a_seam(
    tmp_path: Path, face: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_CHUNK", 7)
    seen: list[Sighting] = []
    series = recorded(open_video(film(tmp_path / "a.mp4", [face] * 20)), witness=seen.append)
    expected = [places(s.pose.to_frontal(s.points) / s.pose.scale) for s in seen]
    assert len(seen) == 20
    np.testing.assert_allclose(series.places, expected, rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(series.seconds, [s.seconds for s in seen])


def test_no_thread_is_left_behind_by_an_error_or_an_interruption(
    tmp_path: Path, face: Pixels
) -> None:
    clip = open_video(film(tmp_path / "a.mp4", [face] * 40))

    def interrupt(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        recorded(clip, progress=interrupt)
    clip.path.unlink()
    with pytest.raises(InputError, match="is no longer there"):
        recorded(clip)
    assert not any(t.name == "facialis-read-ahead" for t in threading.enumerate())


def test_spans_join_what_is_near_and_leave_out_what_is_short() -> None:
    spans = Spans()
    for seconds in (1.0, 1.04, 1.2, 1.4, 5.0, 8.0, 8.2, 8.4):
        spans.add(seconds)
    assert spans.ends == [(1.0, 1.4), (5.0, 5.0), (8.0, 8.4)]
    assert spans.said(0.04) == "from 1.0 to 1.4 s and from 8.0 to 8.4 s"
    assert Spans().said(0.04) is None


def test_many_cuts_and_gaps_are_summed_up() -> None:
    seconds = np.concatenate([np.arange(10) / 25 + 3 * k for k in range(8)])
    findings = Findings(usable=[True] * 80, cuts=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    assert list(notes(findings, seconds, 25, damaged=2)) == [
        "The file is damaged: 2 pieces were left out that could not be decoded.",
        "The recording has no frames from 0.4 to 3.0 s, from 3.4 to 6.0 s, from 6.4 to 9.0 s, "
        "from 9.4 to 12.0 s and 3 more times.",
        "Another shot or another person begins at 1.0 s, at 2.0 s, at 3.0 s, at 4.0 s and "
        "2 more times.",
    ]


def test_real_clips_are_measured_in_every_frame(shared_data: Path) -> None:
    for path in sorted((shared_data / "video").glob("*.mpg")):
        series = recorded(open_video(path))
        assert series.usable.all()
        assert (series.cuts, series.notes) == ((), ())
        assert len(series.seconds) == 75
        assert series.mm == pytest.approx(90, abs=8)
        assert np.abs(np.diff(series.places, axis=0)).max() < 0.15

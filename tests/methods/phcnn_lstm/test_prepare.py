"""What paper 003's networks see, and levels over the time of a video."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.mesh import MIRROR, NOSE_TIP
from facialis.methods.phcnn_lstm import prepare
from facialis.methods.phcnn_lstm.prepare import Runs, crops_of
from facialis.regions.rois import Box


def test_s3_12_three_regions_of_four_frames(frame):
    frames = [frame(seed=n) for n in range(4)]
    found = crops_of([each.picture() for each in frames], [each.landmarks() for each in frames])
    assert found.face.shape == (4, 3, 128, 128)
    assert found.eyes.shape == found.mouth.shape == (4, 3, 40, 120)
    assert found.face.dtype == found.eyes.dtype == found.mouth.dtype == np.uint8


def test_s3_12_one_strip_shows_eyes_and_brows_and_the_other_the_mouth(frame):
    points = frame().landmarks()
    x, y = points[NOSE_TIP, :2].astype(int)
    picture = np.zeros_like(frame().picture())
    picture[:y, :x], picture[:y, x:] = (200, 0, 0), (0, 200, 0)
    picture[y:, :x], picture[y:, x:] = (0, 0, 200), (200, 200, 0)
    found = crops_of([picture], [points])
    for crop, (left, right) in (
        (found.eyes[0], ((200, 0, 0), (0, 200, 0))),
        (found.mouth[0], ((0, 0, 200), (200, 200, 0))),
    ):
        assert (crop[:, :, :58].transpose(1, 2, 0) == left).all()
        assert (crop[:, :, 62:].transpose(1, 2, 0) == right).all()
    corners = found.face[0, :, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [[200, 0, 0], [0, 200, 0], [0, 0, 200], [200, 200, 0]]


def test_a_mirrored_picture_gives_mirrored_crops(frame):
    picture, points = frame().picture(), frame().landmarks()
    given = crops_of([picture], [points])
    width = picture.shape[1]
    swapped = points[MIRROR] * [-1, 1, 1] + [width, 0, 0]
    mirrored = crops_of([picture[:, ::-1]], [swapped])
    for one, other in ((given.face, mirrored.face), (given.mouth, mirrored.mouth)):
        smooth = np.abs(one[..., ::-1].astype(int) - other.astype(int))
        assert np.median(smooth) <= 1


def test_the_papers_detector_says_where_the_face_is_and_misses_are_counted(frame, monkeypatch):
    answers = iter([Box(10, 20, 128, 128), None])
    monkeypatch.setattr(prepare, "viola_jones", lambda _picture: next(answers))
    picture, points = frame().picture(), frame().landmarks()
    found = crops_of([picture, picture], [points, points], "viola_jones")
    np.testing.assert_array_equal(found.face[0].transpose(1, 2, 0), picture[20:148, 10:138])
    np.testing.assert_array_equal(found.face[1], crops_of([picture], [points]).face[0])
    assert found.faceless == 1


def test_bad_frames_are_refused(frame):
    with pytest.raises(ValueError, match="no frames"):
        crops_of([], [])
    with pytest.raises(ValueError, match="zip"):
        crops_of([frame().picture()], [])
    with pytest.raises(ValueError, match="478"):
        crops_of([frame().picture()], [np.zeros((68, 2))])


def runs(times, usable=None) -> list[list[int]]:
    """Numbers of the frames of each run."""
    gathered = Runs()
    usable = np.ones(len(times), bool) if usable is None else usable
    found = [gathered.add(t, n if usable[n] else None) for n, t in enumerate(times)]
    return [[n for _, n in run] for run in found if run is not None]


def test_runs_of_a_video_at_the_papers_rate_do_not_overlap():
    assert runs(np.arange(10) / 6) == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_runs_know_the_times_of_their_frames():
    gathered = Runs()
    found = [gathered.add(7 + n / 6, n) for n in range(4)][-1]
    assert [t for t, _ in found] == pytest.approx([7, 7 + 1 / 6, 7 + 2 / 6, 7.5])


def test_a_faster_video_is_thinned_out():
    expected = [[0, 5, 10, 15], [20, 25, 30, 35], [40, 45, 50, 55]]
    assert runs(np.arange(60) / 30) == expected
    assert len(runs(np.arange(100) / 25)) == 6


def test_a_frame_without_a_face_and_a_gap_end_a_run():
    usable = np.ones(12, bool)
    usable[2] = False
    assert runs(np.arange(12) / 6, usable) == [[3, 4, 5, 6], [7, 8, 9, 10]]
    times = np.arange(12) / 6
    times[3:] += 1
    assert runs(times) == [[3, 4, 5, 6], [7, 8, 9, 10]]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_short_video_has_no_run(count):
    assert runs(np.arange(count) / 6) == []


def test_a_video_of_fewer_than_four_frames_a_second_has_no_run():
    assert len(runs(np.arange(12) / 4)) == 3
    assert runs(np.arange(12) / 3.9) == []

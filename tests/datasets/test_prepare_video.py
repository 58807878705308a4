"""Frames of recordings."""

from __future__ import annotations

import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from facialis.datasets import prepare_video
from facialis.datasets.prepare_video import as_jpeg, extracted_frames, frame_rate
from facialis.datasets.sample import Sample
from facialis.errors import InputError, OutputError

CLOCKWISE = {90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}


@pytest.fixture
def recording(tmp_path):
    """Two seconds at 30 frames a second: a red quarter at the top left, brighter every frame."""
    path = tmp_path / "film.mp4"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (96, 64))
    for number in range(60):
        frame = np.full((64, 96, 3), 4 * number, np.uint8)
        frame[:32, :48] = (0, 0, 255)
        writer.write(frame)
    writer.release()
    return Sample(path=path, subject="meei/1", source="meei", video="film")


def turn_display(path, degrees):
    """Tell players to turn the picture clockwise, as telephones do (ISO 14496-12)."""
    octets = bytearray(path.read_bytes())
    start = octets.index(b"tkhd") + 4 + 40
    a, b, c, d = (value << 16 for value in CLOCKWISE[degrees])
    octets[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    path.write_bytes(octets)


def test_frames_are_taken_at_the_wanted_rate_and_keep_their_numbers(recording, tmp_path):
    found = extracted_frames(recording, tmp_path / "frames", 3)
    assert [each.frame for each in found] == [0, 10, 20, 30, 40, 50]
    assert {(each.subject, each.video, each.rate) for each in found} == {("meei/1", "film", 30.0)}
    for each in found:
        pixels = np.asarray(Image.open(each.path))
        assert abs(int(pixels[-8:, -8:].mean()) - 4 * each.frame) <= 6
        red, green, blue = pixels[8, 8].tolist()
        assert red > 200
        assert max(green, blue) < 60


@pytest.mark.parametrize(("degrees", "corner"), [(90, (0, -1)), (180, (-1, -1)), (270, (-1, 0))])
def test_frames_are_upright_whatever_way_the_camera_was_held(recording, tmp_path, degrees, corner):
    turn_display(recording.path, degrees)
    first = extracted_frames(recording, tmp_path / "frames", 3)[0]
    pixels = np.asarray(Image.open(first.path)).astype(int)
    assert pixels.shape[:2] == ((64, 96) if degrees == 180 else (96, 64))
    quarters = {
        (row, column): pixels[8 if row == 0 else -8, 8 if column == 0 else -8]
        for row in (0, -1)
        for column in (0, -1)
    }
    assert max(quarters, key=lambda place: quarters[place][0] - quarters[place][2]) == corner


def test_frames_that_are_there_are_not_made_again(recording, tmp_path, monkeypatch):
    first = extracted_frames(recording, tmp_path / "frames", 3)
    monkeypatch.setattr(prepare_video, "_extract", None)
    assert extracted_frames(recording, tmp_path / "frames", 3) == first


def test_a_folder_is_there_only_when_all_its_frames_are(recording, tmp_path, monkeypatch):
    written = []

    def interrupted(path, data):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        path.write_bytes(data)

    monkeypatch.setattr(prepare_video, "replace_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        extracted_frames(recording, tmp_path / "frames", 3)
    assert not (tmp_path / "frames").exists()
    monkeypatch.undo()
    assert len(extracted_frames(recording, tmp_path / "frames", 3)) == 6


def test_what_is_no_recording_is_named(tmp_path):
    path = tmp_path / "film.mp4"
    path.write_text("no film")
    with pytest.raises(InputError, match="cannot be decoded as a recording"):
        frame_rate(path)


def test_a_recording_without_frames_is_refused_and_leaves_nothing(recording, tmp_path, monkeypatch):
    monkeypatch.setattr(prepare_video, "_wanted", lambda *_: iter(()))
    with pytest.raises(InputError, match="has no frames that can be decoded"):
        extracted_frames(recording, tmp_path / "out" / "frames", 3)
    assert list((tmp_path / "out").iterdir()) == []


def test_a_recording_that_does_not_say_how_fast_it_is_is_refused(recording, monkeypatch):
    class Silent:
        def get(self, _):
            return 0.0

        def release(self):
            pass

    monkeypatch.setattr(prepare_video, "_opened", lambda _: Silent())
    with pytest.raises(InputError, match="does not say how fast"):
        frame_rate(recording.path)


def test_a_file_in_the_way_of_the_frames_is_told(recording, tmp_path):
    (tmp_path / "frames").write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        extracted_frames(recording, tmp_path / "frames", 3)
    assert (tmp_path / "frames").read_text() == "mine"


def test_jpeg_keeps_colours(tmp_path):
    red = np.zeros((32, 32, 3), np.uint8)
    red[:, :, 0] = 250
    (tmp_path / "red.jpg").write_bytes(as_jpeg(red))
    assert np.asarray(Image.open(tmp_path / "red.jpg"))[16, 16] == pytest.approx([250, 0, 0], abs=6)

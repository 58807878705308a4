"""`facialis record`: a file stands for the camera."""

from __future__ import annotations

import av
import numpy as np
import pytest
from PIL import Image

from facialis.media.camera import camera_frames
from facialis.simulation.recording import write_video


@pytest.fixture
def camera(tmp_path, portrait):
    """A video of the astronaut, two seconds long."""
    with Image.open(portrait) as picture:
        pixels = np.asarray(picture.convert("RGB").resize((128, 128)))
    write_video(tmp_path / "camera.mp4", [np.roll(pixels, k, axis=1) for k in range(20)], 10)
    return tmp_path / "camera.mp4"


def test_what_a_camera_sees_is_written(call, tmp_path, camera):
    out = tmp_path / "new" / "clip.mp4"
    result = call("record", "--camera", camera, "--seconds", 1, "-o", out)
    assert result.status == 0, result.err
    assert "facialis assess" in result.out
    with av.open(str(out)) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 10
    assert len(list(camera_frames(camera))) == 20


def test_ctrl_c_keeps_what_was_seen(call, tmp_path, camera, monkeypatch):
    from facialis.media import camera as module

    def interrupted(source, path, seconds, *, watch):
        path.write_bytes(b"some of it")
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "record", interrupted)
    out = tmp_path / "clip.mp4"
    result = call("record", "--camera", camera, "-o", out)
    assert result.status == 0
    assert "keeps what was seen" in result.out
    assert out.read_bytes() == b"some of it"


def test_an_interruption_before_the_first_picture_is_one(call, tmp_path, camera, monkeypatch):
    from facialis.media import camera as module

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "record", interrupted)
    assert call("record", "--camera", camera, "-o", tmp_path / "clip.mp4").status == 130


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-o", "clip.avi"), ".mp4"),
        (("-o", "clip.mp4", "--seconds", "0"), "--seconds"),
        (("-o", "clip.mp4", "--camera", "97"), "camera 97"),
    ],
)
def test_what_cannot_be_recorded_is_one_sentence(call, tmp_path, monkeypatch, words, told):
    monkeypatch.chdir(tmp_path)
    result = call("record", *words)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert told in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_there_is_kept(call, tmp_path, camera):
    result = call("record", "--camera", camera, "-o", camera)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "exists already" in result.err

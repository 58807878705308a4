"""A camera, which a file stands for, recorded to a file."""

from __future__ import annotations

import time
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.errors import InputError, OutputError
from facialis.media.camera import camera_frames, record
from facialis.media.video import TimedFrame, open_video

Pixels = NDArray[np.uint8]
SIZE = (96, 64)


def shade(k: int) -> Pixels:
    """Grey that grows lighter from frame to frame, with a red patch at the top left."""
    pixels = np.full((SIZE[1], SIZE[0], 3), 20 + 4 * k, np.uint8)
    pixels[:16, :16] = (210, 20, 20)
    return pixels


def shade_of(pixels: Pixels) -> float:
    return (float(pixels[32:, 32:].mean()) - 20) / 4


@pytest.fixture
def device(tmp_path: Path) -> Path:
    """A file that stands for a camera: 40 frames, 20 a second."""
    path = tmp_path / "device.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=20, options={"crf": "5"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        for k in range(40):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shade(k), format="rgb24")))
        container.mux(stream.encode(None))
    return path


class Live:
    """OpenCV's view of a live camera that gives some frames and then breaks off."""

    def __init__(self, count: int, size: tuple[int, int] = SIZE) -> None:
        self.left, self.size, self.asked, self.released = count, size, {}, False
        self.now = 1000.0

    def __call__(self, source: int | str) -> Live:
        self.source = source
        return self

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, what: int, value: float) -> None:
        self.asked[what] = value

    def read(self) -> tuple[bool, Pixels | None]:
        if self.left == 0:
            return False, None
        self.left -= 1
        self.now += 0.02
        return True, np.full((self.size[1], self.size[0], 3), (250, 120, 10), np.uint8)

    def release(self) -> None:
        self.released = True


def test_a_recording_holds_what_the_camera_saw_and_when(tmp_path: Path, device: Path) -> None:
    watched: list[TimedFrame] = []
    clip = record(device, tmp_path / "out.mp4", 1.5, watch=watched.append)
    frames = list(clip.frames())
    assert len(frames) == len(watched) == 30
    np.testing.assert_allclose([f.seconds for f in frames], np.arange(30) / 20, atol=1e-3)
    np.testing.assert_allclose([shade_of(f.pixels) for f in frames], np.arange(30), atol=0.6)
    np.testing.assert_allclose(
        frames[9].pixels[4:12, 4:12].mean(axis=(0, 1)), (210, 20, 20), atol=9
    )
    assert (clip.width, clip.height) == SIZE


def test_a_live_camera_is_timed_by_the_clock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(1000)
    monkeypatch.setattr(cv2, "VideoCapture", live)
    monkeypatch.setattr(time, "monotonic", lambda: live.now)
    clip = record(0, tmp_path / "out.mp4", 0.29, size=(640, 480))
    assert live.released
    assert live.asked == {cv2.CAP_PROP_FRAME_WIDTH: 640, cv2.CAP_PROP_FRAME_HEIGHT: 480}
    frames = list(clip.frames())
    np.testing.assert_allclose([f.seconds for f in frames], np.arange(15) / 50, atol=1e-4)
    np.testing.assert_allclose(frames[0].pixels.mean(axis=(0, 1)), (10, 120, 250), atol=4)


def test_odd_sizes_lose_a_row_or_a_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    live = Live(1000, (97, 65))
    monkeypatch.setattr(cv2, "VideoCapture", live)
    monkeypatch.setattr(time, "monotonic", lambda: live.now)
    clip = record(0, tmp_path / "out.mp4", 0.1)
    assert (clip.width, clip.height) == (96, 64)


def test_what_was_seen_before_the_camera_failed_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = Live(12)
    monkeypatch.setattr(cv2, "VideoCapture", live)
    monkeypatch.setattr(time, "monotonic", lambda: live.now)
    with pytest.raises(InputError, match="camera 3: stopped giving pictures; plug it in again"):
        record(3, tmp_path / "out.mp4", 60)
    assert open_video(tmp_path / "out.mp4").count == 12


def test_what_was_seen_before_an_interruption_is_kept(tmp_path: Path, device: Path) -> None:
    def interrupt(frame: TimedFrame) -> None:
        if frame.seconds >= 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(device, tmp_path / "out.mp4", 60, watch=interrupt)
    assert open_video(tmp_path / "out.mp4").count == 21


def test_a_recording_can_be_read_after_a_power_cut(tmp_path: Path, device: Path) -> None:
    whole = record(device, tmp_path / "out.mp4", 60).path.read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: int(0.95 * len(whole))])
    assert len(list(open_video(cut).frames())) >= 25


def test_a_camera_that_is_not_there_is_told_without_noise(
    capfd: pytest.CaptureFixture[str],
) -> None:
    level = cv2.getLogLevel()
    for camera in (99, "/nowhere/video7"):
        with pytest.raises(InputError, match="cannot be opened; "):
            next(camera_frames(camera))
    assert capfd.readouterr() == ("", "")
    assert cv2.getLogLevel() == level


def test_a_camera_without_a_picture_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", Live(0))
    with pytest.raises(InputError, match="camera 0: gives no picture; plug it in"):
        record(0, tmp_path / "out.mp4", 5)
    assert not (tmp_path / "out.mp4").exists()


def test_a_recording_is_never_written_over(tmp_path: Path, device: Path) -> None:
    (tmp_path / "out.mp4").write_bytes(b"yesterday's patient")
    with pytest.raises(OutputError, match="exists already; choose another name"):
        record(device, tmp_path / "out.mp4", 1)
    assert (tmp_path / "out.mp4").read_bytes() == b"yesterday's patient"
    with pytest.raises(OutputError, match=r"cannot be written \(No such file or directory\)"):
        record(device, tmp_path / "nowhere" / "out.mp4", 1)

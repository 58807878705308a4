"""A live camera, recorded to a file first: what is assessed is kept, and read like any video.

A camera gives its picture unmirrored; only the preview of a selfie camera is mirrored.
"""

from __future__ import annotations

import sys
import time
from contextlib import closing, contextmanager
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import av
import cv2
import numpy as np

from facialis.errors import InputError, OutputError, printable
from facialis.media.video import Clip, TimedFrame, open_video

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from types import TracebackType

DEFAULT_SIZE: Final = (1280, 720)
"""Width and height that a camera is asked for; it may give another."""

_TICKS: Final = 90_000
_USUAL_RATE: Final = 30
_QUALITY: Final = "18"
_BT_709, _LIMITED_RANGE = 1, 1
# What was recorded before a crash or a power cut can be read up to the last of such pieces.
_IN_PIECES: Final = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
_ACCESS: Final = {
    "darwin": "allow the terminal to use the camera in the system settings",
    "win32": "allow desktop programs to use the camera in the privacy settings",
}
_PLUG_IN: Final = "plug it in, close other programs that use it, and check that you may use it"


def camera_frames(
    camera: int | str | Path = 0, *, size: tuple[int, int] = DEFAULT_SIZE
) -> Generator[TimedFrame]:
    """Yield what a camera sees, as it sees it, until the iterator is closed.

    Args:
        camera: Number of the camera, 0 for the first; or a video file that stands for one, which
            ends and whose own times are taken.
        size: Width and height to ask for.

    Raises:
        InputError: There is no such camera, it gives no picture, or it stops doing so.
    """
    name = f"camera {camera}" if isinstance(camera, int) else printable(camera)
    is_live = isinstance(camera, int) or not Path(camera).is_file()
    with _opened(camera, name, size) as capture:
        begun: float | None = None
        while True:
            is_there, bgr = capture.read()
            now = time.monotonic() if is_live else capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            if not is_there:
                break
            begun = now if begun is None else begun
            pixels = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
            pixels.flags.writeable = False
            yield TimedFrame(pixels, now - begun)
    if begun is None:
        raise InputError(name, "gives no picture", _PLUG_IN)
    if is_live:
        raise InputError(name, "stopped giving pictures", "plug it in again and record once more")


def record(
    camera: int | str | Path,
    path: str | Path,
    seconds: float,
    *,
    size: tuple[int, int] = DEFAULT_SIZE,
    watch: Callable[[TimedFrame], object] | None = None,
) -> Clip:
    """Record a camera to an MP4 file (H.264), every frame with the time at which it came.

    What was seen before an interruption or an error stays in the file.

    Args:
        camera: Number of the camera, 0 for the first; or a video file that stands for one.
        path: The file, which must not exist.
        seconds: How long.
        size: Width and height to ask for.
        watch: Called with every frame, for a preview.

    Raises:
        InputError: There is no such camera, it gives no picture, or it stops doing so.
        OutputError: The file exists or cannot be written.
    """
    path = Path(path)
    with closing(camera_frames(camera, size=size)) as frames:
        first = next(frames)
        with _Mp4(path, first) as file:
            for frame in chain((first,), frames):
                if frame.seconds >= seconds:
                    break
                file.write(frame)
                if watch is not None:
                    watch(frame)
    return open_video(path)


class _Mp4:
    """A file that frames are written to."""

    def __init__(self, path: Path, first: TimedFrame) -> None:
        try:
            path.open("xb").close()
        except FileExistsError as error:
            raise OutputError(f"{printable(path)}: exists already; choose another name.") from error
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "the name is not valid"
            raise OutputError(
                f"{printable(path)}: cannot be written ({reason}); choose another folder."
            ) from error
        height, width = (length - length % 2 for length in first.pixels.shape[:2])
        self._container = av.open(str(path.absolute()), "w", format="mp4", options=_IN_PIECES)
        options = {"crf": _QUALITY, "preset": "veryfast", "g": str(_USUAL_RATE)}
        self._stream = self._container.add_stream("libx264", rate=_USUAL_RATE, options=options)
        self._stream.width, self._stream.height = width, height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, _TICKS)
        self._stream.codec_context.colorspace = _BT_709
        self._stream.codec_context.color_range = _LIMITED_RANGE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._container:
            self._container.mux(self._stream.encode(None))

    def write(self, frame: TimedFrame) -> None:
        height, width = self._stream.height, self._stream.width
        pixels = np.ascontiguousarray(frame.pixels[:height, :width])
        picture = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(
            format="yuv420p", dst_colorspace="ITU709"
        )
        picture.pts, picture.time_base = round(frame.seconds * _TICKS), Fraction(1, _TICKS)
        self._container.mux(self._stream.encode(picture))


@contextmanager
def _opened(
    camera: int | str | Path, name: str, size: tuple[int, int]
) -> Iterator[cv2.VideoCapture]:
    with _quiet_opencv():
        capture = cv2.VideoCapture(camera if isinstance(camera, int) else str(camera))
    try:
        if not capture.isOpened():
            raise InputError(name, "cannot be opened", _ACCESS.get(sys.platform, _PLUG_IN))
        for what, value in zip(
            (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT), size, strict=True
        ):
            capture.set(what, value)
        yield capture
    finally:
        capture.release()


@contextmanager
def _quiet_opencv() -> Iterator[None]:
    """Keep OpenCV from telling the terminal about every way in which there is no camera."""
    level = cv2.getLogLevel()
    cv2.setLogLevel(0)
    try:
        yield
    finally:
        cv2.setLogLevel(level)

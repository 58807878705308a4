"""A video file to upright, unmirrored RGB frames with their true times, one at a time.

MP4, MOV, MKV, WebM, MPEG and AVI, in whatever format FFmpeg decodes: H.264, H.265, VP8, VP9, MPEG-1
and MPEG-2 among them. Times are those stored with each frame, so that a variable frame rate is
read as it is; they count from the beginning of the file, as players show them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError, printable
from facialis.media.container import Timing, check_file, opened, read_timing
from facialis.media.decoding import SAME_TIME, Decoder
from facialis.media.frame import Frame
from facialis.media.upright_video import Attitude, attitude, shown_size, upright_rgb

if TYPE_CHECKING:
    from types import TracebackType

    from av.video.frame import VideoFrame

LONGEST_SIDE: Final = 1280
"""Frames of a video are reduced to this many pixels on the longer side; `Clip.frame_at` is not."""

LONGEST_SIDE_OF_A_STILL: Final = 4096
"""A single frame of a video is reduced to this many pixels on the longer side."""


@dataclass(frozen=True, slots=True, eq=False)
class TimedFrame:
    """A frame of a video.

    Attributes:
        pixels: (H, W, 3) uint8 RGB, upright, unmirrored, read-only; at most `LONGEST_SIDE` long.
        seconds: When it is shown, from the beginning of the file.
    """

    pixels: NDArray[np.uint8]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A video whose file can be read; its frames are decoded when they are asked for.

    Attributes:
        path: The file.
        name: It as the user named it, as one printable line.
        sha256: Digest of the file.
        width: Of the upright picture at full resolution, in square pixels.
        height: Likewise.
        scale: Pixels of a `TimedFrame` per pixel of the full resolution; below 1 if reduced.
        seconds: From the first frame to the end of the last.
        rate: Median frames per second.
        count: How many frames the file holds.
        rotation: Degrees by which stored frames are turned counter-clockwise to stand upright.
        mirrored: Whether the user said that it is selfie-mirrored; frames no longer are.
        codec: FFmpeg's name of the format of the pictures.
        notes: Sentences on what is wrong with the file.
    """

    path: Path
    name: str
    sha256: str
    width: int
    height: int
    scale: float
    seconds: float
    rate: float
    count: int
    rotation: int
    mirrored: bool
    codec: str
    notes: tuple[str, ...]
    _timing: Timing = field(repr=False)
    _attitude: Attitude = field(repr=False)
    _pixel_shape: Fraction | None = field(repr=False)

    def frames(
        self,
        *,
        start: float | None = None,
        end: float | None = None,
        every: float | None = None,
    ) -> Frames:
        """Return the frames one after another, decoded as they are taken.

        Each call reads the file anew, so several may run at a time.

        Args:
            start: Leave out what is shown before, seconds.
            end: Leave out what is shown after, seconds.
            every: Take frames that are at least so many seconds apart.
        """
        return Frames(self, start=start, end=end, every=every)

    def frame_at(self, seconds: float) -> Frame:
        """Return the frame that is on the screen at some time, in full resolution.

        Args:
            seconds: From the beginning of the file, as `TimedFrame.seconds`.

        Raises:
            InputError: If the video does not last so long, or nothing can be decoded there.
        """
        ends_at = self._timing.last + 1 / self.rate
        if not min(0, self._timing.first) - SAME_TIME <= seconds <= ends_at + SAME_TIME:
            raise InputError(
                self.name,
                f"has no frame at {seconds:.2f} s: it ends at {ends_at:.2f} s",
                "give a time within it",
            )
        for find in (Decoder.sought, Decoder.last_until):
            with opened(self.path, self.name) as (container, stream):
                shown = find(Decoder(container, stream, self._timing), seconds)
                if shown is not None:
                    return self._still(*shown)
        raise InputError(
            self.name,
            f"cannot be decoded at {seconds:.2f} s",
            "choose another moment, or copy the file again",
        )

    def _still(self, frame: VideoFrame, seconds: float) -> Frame:
        pixels = self._upright(frame, LONGEST_SIDE_OF_A_STILL)
        still = Frame.from_array(pixels, name=f"{self.name} at {seconds:.2f} s")
        return replace(
            still,
            width=self.width,
            height=self.height,
            scale=still.width / self.width,
            mirrored=self.mirrored,
        )

    def _upright(self, frame: VideoFrame, longest: int) -> NDArray[np.uint8]:
        return upright_rgb(frame, self._attitude, pixel_shape=self._pixel_shape, longest=longest)


class Frames(Iterator[TimedFrame]):
    """The frames of a clip, one at a time; the file is open until the last one or `close`.

    Attributes:
        damaged: How many pieces of the file could not be decoded so far.
    """

    def __init__(
        self, clip: Clip, *, start: float | None, end: float | None, every: float | None
    ) -> None:
        """Open nothing yet."""
        self._clip = clip
        self._start, self._end, self._every = start, end, every
        self._decoder: Decoder | None = None
        self._frames = self._wanted()

    @property
    def damaged(self) -> int:
        """How many pieces of the file could not be decoded so far."""
        return 0 if self._decoder is None else self._decoder.damaged

    def __next__(self) -> TimedFrame:
        """Return the next frame.

        Raises:
            InputError: If the file can no longer be read.
        """
        return next(self._frames)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file; there are no more frames."""
        self._frames.close()

    def _wanted(self) -> Generator[TimedFrame]:
        clip = self._clip
        with opened(clip.path, clip.name) as (container, stream):
            self._decoder = Decoder(container, stream, clip._timing)
            due = -np.inf if self._start is None else self._start
            for frame, seconds in self._decoder.frames():
                if self._end is not None and seconds > self._end + SAME_TIME:
                    return
                if seconds < due - SAME_TIME:
                    continue
                if self._every is not None:
                    due = seconds + self._every
                yield TimedFrame(clip._upright(frame, LONGEST_SIDE), seconds)


def open_video(path: str | Path, *, mirrored: bool = False) -> Clip:
    """Read what a video file holds, without decoding more than its first frame.

    The picture is turned as the file tells players to turn it, mirroring included.

    Args:
        path: The file.
        mirrored: Whether the video, as players show it, is selfie-mirrored; the frames are not.

    Raises:
        InputError: If the file is missing, unreadable, damaged, encrypted, no video, or holds only
            sound or a single picture.
    """
    name, path = printable(path), Path(path)
    sha256, head = check_file(path, name)
    with opened(path, name, head) as (container, stream):
        timing = read_timing(container, stream)
    if timing.count == 1:
        raise InputError(name, "holds a single picture", "pass it as a photograph")
    if timing.is_encrypted:
        raise InputError(name, "is encrypted", "export it anew without copy protection")
    with opened(path, name, head) as (container, stream):
        decoder = Decoder(container, stream, timing)
        frame = next((frame for frame, _ in decoder.frames()), None)
        if frame is None:
            raise InputError(
                name, "none of its pictures can be decoded", "export it anew as MP4 with H.264"
            )
        turn = attitude(frame)
        pixel_shape = stream.sample_aspect_ratio
        width, height = shown_size(frame, pixel_shape)
        codec = stream.codec_context.name
        notes = tuple(_notes(timing, turn, frame))
    if turn.transposed:
        width, height = height, width
    return Clip(
        path=path,
        name=name,
        sha256=sha256,
        width=width,
        height=height,
        scale=min(1.0, LONGEST_SIDE / max(width, height)),
        seconds=timing.seconds,
        rate=timing.rate,
        count=timing.count,
        rotation=turn.degrees,
        mirrored=mirrored,
        codec=codec,
        notes=notes,
        _timing=timing,
        _attitude=turn.mirrored() if mirrored else turn,
        _pixel_shape=pixel_shape,
    )


def _notes(timing: Timing, turn: Attitude, frame: VideoFrame) -> Iterator[str]:
    if timing.cut_short_at is not None:
        yield (
            f"The file breaks off at {timing.cut_short_at:.1f} s although it says that it is "
            "longer; what is there was read."
        )
    if not timing.is_timed:
        yield (
            f"The file does not say when its frames are shown: {timing.rate:g} a second are taken "
            "for granted."
        )
    if turn.is_mirrored:
        yield (
            "The file tells players to show it mirrored, as selfie cameras do, and it was read so; "
            "if the patient appears as in a mirror, say that it is mirrored."
        )
    if frame.interlaced_frame:
        yield "The recording is interlaced: fast movement leaves combed edges."

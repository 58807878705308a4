"""Decode a video: frames in the order of their true times, what is damaged left out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from facialis.media.container import CLOCK_RESTARTS_AFTER, Timing, packets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from av.packet import Packet

Shown = tuple[VideoFrame, float]
"""A decoded frame, and the seconds from the beginning of the file at which it is shown."""

SAME_TIME: Final = 5e-4
"""Times that differ by fewer seconds are the same."""

_RUN_UPS: Final = (0.0, 4.0, 20.0)
_LEAST_RUN_UP: Final = 0.5


@dataclass(slots=True)
class Decoder:
    """An open video.

    Attributes:
        container: The file, which whoever opened it closes.
        stream: Its pictures.
        timing: When they are shown.
        damaged: How many pieces could not be decoded so far.
    """

    container: InputContainer
    stream: VideoStream
    timing: Timing
    damaged: int = 0
    _clock: _Clock = field(init=False)

    def __post_init__(self) -> None:
        """Start the clock."""
        self._clock = _Clock(self.timing)

    def frames(self) -> Iterator[Shown]:
        """Yield frames with the seconds at which they are shown, rising, from where the file is."""
        for packet in packets(self.container, self.stream):
            for frame in self._decoded(packet):
                seconds = None if frame.is_corrupt else self._clock.time(frame)
                if seconds is None:
                    self.damaged += 1
                else:
                    yield frame, seconds

    def _decoded(self, packet: Packet[VideoStream]) -> list[VideoFrame]:
        try:
            return self.stream.decode(packet)
        except FFmpegError:
            self.damaged += 1
            return []

    def last_until(self, seconds: float) -> Shown | None:
        """Return the last frame that is shown by some time; the first one if there is none.

        It is decoded from where the file is, exactly if that is the beginning.

        Args:
            seconds: From the beginning of the file.
        """
        return self._first_and_last(seconds)[1]

    def sought(self, seconds: float) -> Shown | None:
        """Return the same without decoding all that lies before; None where that is not exact.

        Decoding begins at a frame that needs no other, and so long before that it has recovered.

        Args:
            seconds: From the beginning of the file.
        """
        if self.timing.is_steady:
            for run_up in _RUN_UPS:
                shown = self._from(seconds, seconds - run_up)
                if shown is not None:
                    return shown
        return None

    def _from(self, seconds: float, begin: float) -> Shown | None:
        """Return the frame on screen, if decoding from `begin` on starts early enough for it."""
        if begin <= self.timing.first or not self._go_to(begin):
            return None
        first, shown = self._first_and_last(seconds)
        # MPEG streams are cut anywhere: their first frames may lack what they refer to.
        is_indexed = "mpeg" not in self.container.format.name
        return shown if first <= seconds - (0 if is_indexed else _LEAST_RUN_UP) else None

    def _go_to(self, seconds: float) -> bool:
        self._clock = _Clock(self.timing)
        at = int((seconds + self.timing.origin) / (self.stream.time_base or 1))
        try:
            self.container.seek(at, stream=self.stream, backward=True)
        except FFmpegError:
            return False
        return True

    def _first_and_last(self, seconds: float) -> tuple[float, Shown | None]:
        """Return when the first decoded frame is shown, and the last frame shown by some time."""
        first, shown = float("inf"), None
        for frame, at in self.frames():
            first = min(first, at)
            if shown is not None and at > seconds + SAME_TIME:
                break
            shown = frame, at
        return first, shown


class _Clock:
    """The time of each frame, whatever the file says or does not say about it."""

    def __init__(self, timing: Timing) -> None:
        self._timing = timing
        self._shift = -timing.origin
        self._last: float | None = None

    def time(self, frame: VideoFrame) -> float | None:
        """Return the time of the next frame; None if it is not after that of the one before."""
        step, last = 1 / self._timing.rate, self._last
        own: float | None = frame.time
        if own is None:
            at = self._timing.first if last is None else last + step
        else:
            at = own + self._shift
            if last is not None and at < last - CLOCK_RESTARTS_AFTER:
                self._shift += last + step - at
                at = last + step
        if last is not None and at <= last:
            return None
        self._last = at
        return at

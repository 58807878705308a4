"""A video file as FFmpeg sees it: opened safely, its times read, each failure as one sentence."""

from __future__ import annotations

import hashlib
import stat
from array import array
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import av
import numpy as np
from av.codec.context import ThreadType
from av.error import FFmpegError

from facialis.errors import InputError
from facialis.media.signatures import HEAD_BYTES, describe, picture_format

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from av.container import InputContainer
    from av.packet import Packet
    from av.video.stream import VideoStream

READABLE_VIDEOS: Final = "MP4, MOV, MKV, WebM or MPEG"

# Play lists and the like name other files and servers, which a video from anyone could misuse.
_FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpeg,mpegts,mpegvideo,avi,asf,flv,ogg,h264,hevc,m4v,mxf,dv,"
    "mp3,wav,flac,aac"
)
_PASS_A_VIDEO: Final = f"pass a video ({READABLE_VIDEOS})"
_AGAIN: Final = "copy it again from the camera or export it anew"
_CUT_SHORT_BY: Final = (0.5, 0.02)
_USUAL_RATE: Final = 25.0
CLOCK_RESTARTS_AFTER: Final = 1.0
"""A step back of more seconds than that is a clock that began anew, not the order of storage."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When the frames of a video are shown, read without decoding them.

    Attributes:
        count: How many frames the file holds.
        seconds: From the first frame to the end of the last.
        rate: Median frames per second.
        first: When the first frame is shown, from the beginning of the file.
        last: When the last frame is shown.
        origin: The file's own time at its beginning.
        is_timed: Whether every frame has a time.
        is_steady: Whether every frame has a time, and the clock never begins anew.
        is_encrypted: Whether it is protected against being copied.
        cut_short_at: Where the file ends although it says that it is longer; None if it does not.
    """

    count: int
    seconds: float
    rate: float
    first: float
    last: float
    origin: float
    is_timed: bool
    is_steady: bool
    is_encrypted: bool
    cut_short_at: float | None


def check_file(path: Path, name: str) -> tuple[str, bytes]:
    """Return the sha256 and the first bytes of a file that may be a video.

    Args:
        path: The file.
        name: It as the user named it.

    Raises:
        InputError: If it is missing, unreadable, empty, no ordinary file, or a still picture.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(name, "is a folder, not a video", "name a file in it")
        if not stat.S_ISREG(mode):
            raise InputError(
                name, "is a pipe, a socket or a device", "save the video as an ordinary file"
            )
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
            file.seek(0)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise InputError(name, "no such file", "check the name and the folder") from error
    except PermissionError as error:
        raise InputError(
            name, "you may not read this file", "ask for access or copy it to your own folder"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not valid"
        raise InputError(
            name, f"cannot be opened ({reason})", "check the name and the drive"
        ) from error
    if not head:
        raise InputError(name, "the file is empty", _AGAIN)
    kind = picture_format(head)
    if kind is not None:
        raise InputError(
            name, f"is a still picture ({kind}), not a video", "pass it as a photograph"
        )
    return digest, head


@contextmanager
def opened(
    path: Path, name: str, head: bytes = b""
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a video and its main picture stream for the duration of the block.

    Args:
        path: The file.
        name: It as the user named it.
        head: Its first bytes, which tell what it is if it is no video.

    Raises:
        InputError: If it is no video, is damaged, has no picture, or cannot be decoded here.
    """
    try:
        container = av.open(
            str(path.absolute()),
            "r",
            container_options={"format_whitelist": _FORMATS, "protocol_whitelist": "file"},
            metadata_errors="replace",
        )
    except FileNotFoundError as error:
        raise InputError(name, "is no longer there", "leave it in its place") from error
    except (FFmpegError, OSError, ValueError) as error:
        raise _unreadable(name, head) from error
    with container:
        yield container, _pictures(container, name)


def _unreadable(name: str, head: bytes) -> InputError:
    problem, _ = describe(head)
    if problem == "is a video":
        return InputError(name, "the video is cut short or damaged: its index is missing", _AGAIN)
    if "picture in a format" in problem:
        problem = "is not a video in a format that can be read"
    return InputError(name, problem, _PASS_A_VIDEO)


def _pictures(container: InputContainer, name: str) -> VideoStream:
    """Return the stream of moving pictures; the cover of a sound file is none."""
    streams = [s for s in container.streams.video if not s.disposition & s.disposition.attached_pic]
    if not streams:
        problem = "holds sound but no picture" if container.streams.audio else "holds no picture"
        raise InputError(name, problem, _PASS_A_VIDEO)
    known = [s for s in streams if getattr(s, "codec_context", None) is not None]
    if not known:
        raise InputError(
            name,
            "its pictures are encrypted or in a format that cannot be decoded here",
            "convert it to MP4 with H.264",
        )
    stream = max(known, key=lambda s: s.width * s.height)
    stream.thread_type = ThreadType.AUTO
    return stream


def packets(container: InputContainer, *streams: VideoStream) -> Iterator[Packet[Any]]:
    """Yield the packets of streams, of all if none is named, until the file ends or breaks off."""
    try:
        yield from container.demux(*streams)
    except FFmpegError:
        return


def read_timing(container: InputContainer, stream: VideoStream) -> Timing:
    """Read a whole file without decoding it, and tell when its frames are shown."""
    stated = 1 / float(stream.guessed_rate or stream.average_rate or _USUAL_RATE)
    origin = _begins_at(container)
    stamps, ends_at = _Stamps(stated), 0.0
    for packet in packets(container):
        if not packet.size or packet.time_base is None:
            continue
        stamps.are_encrypted |= packet.has_sidedata("encryption_info")
        stamp = packet.pts if packet.pts is not None else packet.dts
        seconds = None if stamp is None else float(stamp * packet.time_base)
        if seconds is not None:
            length = float((packet.duration or 0) * packet.time_base)
            ends_at = max(ends_at, seconds + length - origin)
        if packet.stream.index == stream.index:
            stamps.add(seconds)
    return stamps.timing(origin, _cut_short(container, stream, ends_at))


def _begins_at(container: InputContainer) -> float:
    """Return when the first of the streams begins."""
    begins = [
        float(stream.start_time * stream.time_base)
        for stream in container.streams
        if stream.start_time is not None and stream.time_base is not None
    ]
    return min(begins, default=(container.start_time or 0) / av.time_base)


class _Stamps:
    """The times of frames in the order of storage."""

    def __init__(self, stated: float) -> None:
        self._stated = stated
        self._times = array("d")
        self._untimed, self._restarts = 0, 0
        self._last, self._shift = -np.inf, 0.0
        self.are_encrypted = False

    def add(self, seconds: float | None) -> None:
        if seconds is None:
            self._untimed += 1
            return
        if seconds + self._shift < self._last - CLOCK_RESTARTS_AFTER:
            self._restarts += 1
            self._shift = self._last + self._stated - seconds
        self._last = seconds + self._shift
        self._times.append(self._last)

    def timing(self, origin: float, cut_short_at: float | None) -> Timing:
        count = len(self._times) + self._untimed
        is_timed = count > 0 and self._untimed == 0
        shown = np.sort(np.frombuffer(self._times)) if is_timed else self._stated * np.arange(count)
        shown = shown - origin if is_timed else shown
        steps = np.diff(shown)
        steps = steps[steps > 0]
        step = float(np.median(steps)) if len(steps) else self._stated
        first, last = (float(shown[0]), float(shown[-1])) if count else (0.0, 0.0)
        return Timing(
            count=count,
            seconds=last - first + step if count else 0.0,
            rate=round(1 / step, 3),
            first=first,
            last=last,
            origin=origin,
            is_timed=is_timed,
            is_steady=is_timed and self._restarts == 0,
            is_encrypted=self.are_encrypted,
            cut_short_at=cut_short_at,
        )


def _cut_short(container: InputContainer, stream: VideoStream, ends_at: float) -> float | None:
    """Return the time at which the packets end, if the file says that they go on."""
    stated = (container.duration or 0) / av.time_base
    if stream.duration is not None and stream.time_base is not None:
        stated = max(stated, float(stream.duration * stream.time_base))
    least, share = _CUT_SHORT_BY
    return ends_at if stated - ends_at > max(least, share * stated) else None

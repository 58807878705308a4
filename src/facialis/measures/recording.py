"""A recording to a series: what is measured of the face in every frame, and what was wrong."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import NoFaceError
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.face.tracking import Sighting, tracked
from facialis.measures.moment import Site, places
from facialis.measures.recording_notes import Findings, notes
from facialis.measures.series import Series
from facialis.measures.units import eye_openings, millimetres
from facialis.media.ahead import ReadAhead

if TYPE_CHECKING:
    from collections.abc import Callable

    from facialis.face.pose import HeadPose
    from facialis.media.video import Clip

Points = NDArray[np.float64]

_DECODED_AHEAD: Final = 8
_CHUNK: Final = 512
_PROGRESS_EVERY: Final = 10

_WIDTHS: Final = {
    "places": len(Site) * 2 * 2,
    "openings": 2,
    "expressions": len(EXPRESSION_NAMES),
    "yaw": 1,
    "pitch": 1,
    "mm": 1,
    "mm_sd": 1,
}
_ENDS: Final = dict(zip(_WIDTHS, accumulate(_WIDTHS.values()), strict=True))
_COLUMNS: Final = {name: slice(_ENDS[name] - width, _ENDS[name]) for name, width in _WIDTHS.items()}
_ROW: Final = sum(_WIDTHS.values())


def recorded(
    clip: Clip,
    *,
    mm_per_px: float | None = None,
    progress: Callable[[int, int], object] | None = None,
    witness: Callable[[Sighting], object] | None = None,
) -> Series:
    """Return what is measured of one face in every frame of a video.

    Frames are decoded in one thread and landmarked in another, and none is kept: memory grows by
    less than 700 bytes a frame. Landmarks come from one orientation (see `face.tracking`).

    Args:
        clip: The video.
        mm_per_px: Millimetres per pixel of the video at full resolution, if the user knows them.
        progress: Called now and then with how many frames are done, and of how many.
        witness: Called with what is seen in each frame, in order.

    Raises:
        NoFaceError: No frame shows a face.
        InputError: The file can no longer be read.
        InstallationError: The landmarker cannot start.
    """
    rows, findings = _Rows(), Findings()
    stream = clip.frames()
    with stream, ReadAhead(stream, _DECODED_AHEAD) as frames:
        for sighting in tracked(frames):
            rows.add(sighting.seconds, _row(sighting, mm_per_px, clip.scale))
            findings.add(sighting)
            if witness is not None:
                witness(sighting)
            if progress is not None and rows.count % _PROGRESS_EVERY == 0:
                progress(min(rows.count, clip.count), clip.count)
        damaged = stream.damaged
    if progress is not None:
        progress(clip.count, clip.count)
    if not findings.shows_a_face:
        raise NoFaceError(
            clip.name,
            "no face was found in any frame",
            "use a video that shows the whole face from the front",
        )
    return _series(clip, rows, findings, damaged)


class _Rows:
    """Numbers of a frame, a row each, in chunks so that they never have to be moved."""

    def __init__(self) -> None:
        self.count = 0
        self._seconds: list[NDArray[np.float64]] = []
        self._chunks: list[NDArray[np.float32]] = []

    def add(self, seconds: float, row: NDArray[np.float32]) -> None:
        place = self.count % _CHUNK
        if place == 0:
            self._seconds.append(np.empty(_CHUNK))
            self._chunks.append(np.empty((_CHUNK, _ROW), np.float32))
        self._seconds[-1][place] = seconds
        self._chunks[-1][place] = row
        self.count += 1

    def seconds(self) -> NDArray[np.float64]:
        return np.concatenate(self._seconds)[: self.count]

    def column(self, name: str) -> NDArray[np.float32]:
        """Return (T, width) of a column, (T,) of one that is a single number."""
        values = np.concatenate([c[:, _COLUMNS[name]] for c in self._chunks])[: self.count]
        return np.asarray(values[:, 0] if _WIDTHS[name] == 1 else values, np.float32)


def _row(sighting: Sighting, mm_per_px: float | None, reduced: float) -> NDArray[np.float32]:
    row = np.full(_ROW, np.nan, np.float32)
    points, pose = sighting.points, sighting.pose
    if points is None or pose is None:
        return row
    face = pose.to_frontal(points) / pose.scale
    row[_COLUMNS["places"]] = places(face).ravel()
    row[_COLUMNS["openings"]] = eye_openings(points)
    row[_COLUMNS["expressions"]] = sighting.expressions
    row[_COLUMNS["yaw"]], row[_COLUMNS["pitch"]] = pose.yaw, pose.pitch
    if sighting.usable:
        row[_COLUMNS["mm"]], row[_COLUMNS["mm_sd"]] = _unit(points, pose, mm_per_px, reduced)
    return row


def _unit(
    points: Points, pose: HeadPose, mm_per_px: float | None, reduced: float
) -> tuple[float, float]:
    """Return the millimetres in one interocular unit and their uncertainty, NaN if unknown."""
    scale = millimetres(points, pose.scale, given=mm_per_px, shrunk=reduced)
    if scale.mm_per_px is None or scale.mm_per_px_sd is None:
        return np.nan, np.nan
    return scale.mm_per_px * scale.interocular_px, scale.mm_per_px_sd * scale.interocular_px


def _series(clip: Clip, rows: _Rows, findings: Findings, damaged: int) -> Series:
    seconds, mm = rows.seconds(), rows.column("mm")
    steps = np.diff(seconds)
    rate = 1 / float(np.median(steps)) if len(steps) else clip.rate
    known = np.isfinite(mm)
    return Series(
        seconds=seconds,
        places=rows.column("places").reshape(-1, len(Site), 2, 2),
        openings=rows.column("openings"),
        expressions=rows.column("expressions"),
        yaw=rows.column("yaw"),
        pitch=rows.column("pitch"),
        usable=np.array(findings.usable, np.bool_),
        cuts=tuple(findings.cuts),
        mm=float(np.median(mm[known])) if known.any() else None,
        mm_sd=float(np.median(rows.column("mm_sd")[known])) if known.any() else None,
        rate=rate,
        notes=(*clip.notes, *notes(findings, seconds, rate, damaged)),
    )

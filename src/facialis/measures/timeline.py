"""A recording from end to end: rest, movements, their course in time, blinks.

series ─► rest_of ─► find_segments or stated_segments ─► chosen ─► dynamics_of
             └─► median_moment_times, blinks_of
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facialis.measures.blinks import blinks_of
from facialis.measures.courses import dynamics_of
from facialis.measures.rest import Rest, rest_of
from facialis.measures.segments import chosen, find_segments, stated_segments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.measures.series import Series

__all__ = [
    "Rest",
    "blinks_of",
    "chosen",
    "dynamics_of",
    "find_segments",
    "median_moment_times",
    "rest_of",
    "stated_segments",
]


def median_moment_times(series: Series, rest: Rest, count: int) -> tuple[float, ...]:
    """Return times of frames in which the face looks most as it usually does at rest.

    They are spread over all of the rest: one from each of so many equal parts of it.

    Args:
        series: The recording.
        rest: When its face rests.
        count: How many; fewer are returned if the face rests in fewer frames.
    """
    frames = np.flatnonzero(rest.frames)
    usual = np.median(series.places[frames].astype(np.float64), axis=0)
    parts = np.array_split(frames, min(count, len(frames)))
    return tuple(float(series.seconds[_nearest(series, part, usual)]) for part in parts)


def _nearest(series: Series, frames: NDArray[np.intp], usual: NDArray[np.float64]) -> int:
    apart = np.linalg.norm(series.places[frames] - usual, axis=-1).mean(axis=(1, 2))
    return int(frames[np.argmin(apart)])

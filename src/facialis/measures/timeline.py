"""A recording from end to end: rest, movements, their course in time, blinks.

    series ─► rest ─► segments ─► the best of each movement ─► dynamics

Each step can be had alone; `timeline_of` takes them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from facialis.clinical.anatomy import Movement
from facialis.errors import InputError
from facialis.measures.blinks import blinks_of
from facialis.measures.courses import dynamics_of
from facialis.measures.dynamic import Blinks, Dynamics, Segment
from facialis.measures.rest import Rest, rest_of
from facialis.measures.segments import chosen, find_segments, stated_segments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from facialis.measures.series import Series

__all__ = [
    "Rest",
    "Timeline",
    "blinks_of",
    "chosen",
    "dynamics_of",
    "find_segments",
    "median_moment_times",
    "rest_of",
    "stated_segments",
    "timeline_of",
]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """What a recording shows, in time.

    Attributes:
        rest: When the face rests.
        segments: Every movement, repeats among them, in order of time.
        dynamics: Of the best segment of each movement, in order of time.
        blinks: Spontaneous ones.
        notes: Sentences on what the user should know.
    """

    rest: Rest
    segments: tuple[Segment, ...]
    dynamics: tuple[Dynamics, ...]
    blinks: Blinks
    notes: tuple[str, ...]

    @property
    def best(self) -> dict[Movement, Segment]:
        """The best segment of each movement."""
        return {dynamics.segment.movement: dynamics.segment for dynamics in self.dynamics}


def timeline_of(
    series: Series, stated: Mapping[Movement, tuple[float, float]] | None = None
) -> Timeline:
    """Work out when a face rests and moves in a recording, and how.

    Args:
        series: The recording.
        stated: Start and end of each movement in seconds, if somebody says so, rest among them if
            stated; nothing is looked for then. Movements are found otherwise.

    Raises:
        InputError: The face can be measured in fewer than three frames, or a stated interval lies
            outside the recording.
    """
    intervals = dict(stated or {})
    rest = rest_of(series, intervals.pop(Movement.REST, None))
    segments = stated_segments(series, rest, intervals) if stated else find_segments(series, rest)
    dynamics, notes = [], list(rest.notes)
    for segment in sorted(chosen(segments).values(), key=lambda s: s.start):
        try:
            dynamics.append(dynamics_of(series, rest, segment))
        except InputError as error:
            notes.append(str(error))
    if not segments:
        notes.append(
            "No movement of an examination was found: hold each for a second, with rest between "
            "them, or state when they are made."
        )
    return Timeline(rest, segments, tuple(dynamics), blinks_of(series, rest), tuple(notes))


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

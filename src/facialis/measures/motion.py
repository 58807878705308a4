"""How far every site is from rest, at regular times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.measures.filtering import regular_times, resampled, smoothed, within_reach
from facialis.measures.moment import Site
from facialis.measures.rest import LONGEST_GAP, measurable

if TYPE_CHECKING:
    from facialis.measures.rest import Rest
    from facialis.measures.series import Series

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

CLOSED_OPENING: Final = 0.06
"""What the landmarker still reads as the opening (lid gap over eye width) of an eye that is shut:
0.03 to 0.07 in the blinks of talking people."""

_SITES: Final = list(Site)
_OUTWARD: Final = np.array([[-1.0, 1.0], [1.0, 1.0]])


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """Ways from rest over time.

    Attributes:
        seconds: (N,) regular times.
        step: Seconds between them.
        ways: (N, 7, 2, 2) of the sites from rest, right and left side, outward (away from the
            midline) and down, interocular units; not smoothed.
        closure: (N, 2) how far the right and the left eye have closed: 0 as at rest, 1 shut.
        openings: (N, 2) opening of the right and the left eye over its opening at rest.
        gap: (N, 2) by how much the lids have come together, interocular units.
        scores: (N, 52) expression scores less those at rest.
        known: (N,) whether the face was measured there or shortly before and after.
        frames: (T,) times of the frames in which it was measured.
        cuts: Times at which another shot begins.
    """

    seconds: Floats
    step: float
    ways: Floats
    closure: Floats
    openings: Floats
    gap: Floats
    scores: Floats
    known: Flags
    frames: Floats
    cuts: tuple[float, ...]

    def way(self, site: Site) -> Floats:
        """Return the way (N, 2, 2) of one site: right and left side, outward and down."""
        return np.asarray(self.ways[:, _SITES.index(site)])

    def smooth(self, values: Floats, window: float) -> Floats:
        """Return values (N, ...) smoothed over a window of seconds."""
        return smoothed(values, self.step, window)

    def frame_near(self, seconds: float) -> float:
        """Return the time of the measured frame that is nearest to a time."""
        return float(self.frames[np.argmin(np.abs(self.frames - seconds))])

    def between(self, start: float, end: float) -> slice:
        """Return the samples between two times."""
        first, last = np.searchsorted(self.seconds, (start - 1e-6, end + 1e-6))
        return slice(int(first), int(last))


def motion_of(series: Series, rest: Rest) -> Motion:
    """Return how far every site is from where it rests at that time."""
    usable = measurable(series)
    times = series.seconds[usable]
    at = regular_times(times)
    step = float(at[1] - at[0]) if len(at) > 1 else 1.0
    places = resampled(at, times, series.places[usable].astype(np.float64))
    upper, lower = _SITES.index(Site.UPPER_LID), _SITES.index(Site.LOWER_LID)
    apart = np.linalg.norm(places[:, lower] - places[:, upper], axis=-1)
    at_rest = np.linalg.norm(rest.places[lower] - rest.places[upper], axis=-1)
    openings = resampled(at, times, series.openings[usable].astype(np.float64))
    scores = resampled(at, times, series.expressions[usable].astype(np.float64))
    return Motion(
        at,
        step,
        (places - rest.places_at(at)) * _OUTWARD,
        closed_share(openings, rest.openings),
        openings / rest.openings,
        at_rest - apart,
        scores - rest.expressions,
        within_reach(at, times, max(LONGEST_GAP, 1.5 * step)) & ~_near(at, series.cuts, step),
        times,
        series.cuts,
    )


def _near(seconds: Floats, cuts: tuple[float, ...], step: float) -> Flags:
    """Return the times (N,) that smoothing would mix with another shot."""
    near = np.zeros(len(seconds), bool)
    for cut in cuts:
        near |= np.abs(seconds - cut) <= 2 * step
    return near


def closed_share(openings: Floats, at_rest: Floats) -> Floats:
    """Return how far eyes have closed, 0 as at rest and 1 shut.

    What the landmarker reads for a shut eye counts as shut.

    Args:
        openings: (N, 2) of the right and the left eye.
        at_rest: (2,) the same at rest.
    """
    reach = np.maximum(at_rest - CLOSED_OPENING, CLOSED_OPENING)
    return np.asarray(np.minimum((at_rest - openings) / reach, 1.0))

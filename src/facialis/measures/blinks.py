"""Closures of the eyes: blinks, and eyes that are kept shut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.measures.dynamic import Blinks
from facialis.measures.filtering import runs
from facialis.measures.moment import Site
from facialis.measures.motion import Motion, motion_of

if TYPE_CHECKING:
    from facialis.measures.rest import Rest
    from facialis.measures.series import Series

Floats = NDArray[np.float64]

LONGEST_BLINK: Final = 0.5
"""Seconds between the half-closed moments of a blink; eyes that stay shut longer are kept shut."""

SHORTEST_BLINK: Final = 0.05
"""Seconds; what is shorter is one misread frame."""

FEWEST_FRAMES_A_SECOND: Final = 15.0
"""Below this a blink falls between the frames and its completeness is not measured."""

_BEGUN: Final = 0.25
_DEEP: Final = 0.45
_BRIDGED: Final = 0.12
_BROW_STAYS: Final = 0.006


@dataclass(frozen=True, slots=True)
class Closure:
    """A time at which the eyes are closing, closed or opening.

    Attributes:
        start: When the eye that closes further has closed by half of its way, seconds.
        end: When it has opened by half.
        right: How far the right eye closes, 0 to 1.
        left: How far the left eye closes.
    """

    start: float
    end: float
    right: float
    left: float

    @property
    def seconds(self) -> float:
        """How long the eyes are more than half shut."""
        return self.end - self.start


def closures(motion: Motion) -> tuple[Closure, ...]:
    """Return the times at which an eye closes by about half or more, in order."""
    deepest = motion.closure.max(axis=1)
    found = []
    for a, b in _bridged(runs((deepest > _BEGUN) & motion.known), motion.step):
        depth = float(deepest[a:b].max())
        if depth < _DEEP:
            continue
        deep = np.flatnonzero(deepest[a:b] > depth / 2) + a
        right, left = motion.closure[a:b].max(axis=0)
        start = _crossing(motion, deepest, int(deep[0]), -1, depth / 2)
        end = _crossing(motion, deepest, int(deep[-1]), 1, depth / 2)
        found.append(Closure(start, end, float(max(0.0, right)), float(max(0.0, left))))
    return tuple(found)


def is_blink(closure: Closure) -> bool:
    """Return whether the eyes only blink."""
    return SHORTEST_BLINK <= closure.seconds <= LONGEST_BLINK


def blinks_of(series: Series, rest: Rest) -> Blinks:
    """Count the blinks of a recording and measure how far each eye closes in them.

    An eye that reads what the landmarker reads of a shut eye has closed fully. Below 15 frames a
    second blinks fall between the frames: those seen are counted, without a completeness.
    """
    found = [c for c in closures(motion_of(series, rest)) if is_blink(c)]
    if not found or series.rate < FEWEST_FRAMES_A_SECOND:
        return Blinks(len(found), None, None)
    right, left = np.median([(c.right, c.left) for c in found], axis=0)
    return Blinks(len(found), float(right), float(left))


def without_blinks(motion: Motion) -> Motion:
    """Return the motion with the brows led straight through blinks.

    The landmarker reads the brow of a blinking eye 0.01 to 0.03 interocular units higher. Where the
    brow itself goes somewhere during the blink, it is left as it is.
    """
    brow = motion.way(Site.BROW).copy()
    for closure in filter(is_blink, closures(motion)):
        span = motion.between(closure.start - _BRIDGED, closure.end + _BRIDGED)
        first, last = span.start, min(span.stop, len(brow)) - 1
        if np.abs(brow[last] - brow[first]).max() < _BROW_STAYS:
            share = np.linspace(0, 1, last - first + 1)[:, None, None]
            brow[first : last + 1] = (1 - share) * brow[first] + share * brow[last]
    ways = motion.ways.copy()
    ways[:, list(Site).index(Site.BROW)] = brow
    return replace(motion, ways=ways)


def _bridged(found: list[tuple[int, int]], step: float) -> list[tuple[int, int]]:
    """Join runs that a moment of misreading parts."""
    joined: list[tuple[int, int]] = []
    for a, b in found:
        if joined and (a - joined[-1][1]) * step < _BRIDGED / 2:
            joined[-1] = (joined[-1][0], b)
        else:
            joined.append((a, b))
    return joined


def _crossing(motion: Motion, course: Floats, inside: int, towards: int, level: float) -> float:
    """Return when a course passes a level between a sample and the next outside."""
    outside = inside + towards
    if not 0 <= outside < len(course):
        return float(motion.seconds[inside])
    fall = course[inside] - course[outside]
    share = 0.0 if fall <= 0 else (course[inside] - level) / fall
    return float(motion.seconds[inside] + towards * min(1.0, share) * motion.step)

"""How much a face is doing from moment to moment, and how steadily."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement
from facialis.measures.blinks import Closure, closures, is_blink, without_blinks
from facialis.measures.filtering import smoothed
from facialis.measures.moment import Site
from facialis.measures.motion import Motion
from facialis.measures.patterns import PATTERNS, SITES_OF_PATTERNS, projected

if TYPE_CHECKING:
    from facialis.measures.rest import Rest

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_SITES: Final = list(Site)
_MOVING: Final = [_SITES.index(s) for s in SITES_OF_PATTERNS]
_LEAST_WAY: Final = np.array([0.008, 0.02, 0.02, 0.02, 0.025])
_WANDERS: Final = np.array([2.0, 3.0, 3.0, 3.0, 3.0])
_NOISES: Final = 3.0
_WINDOW: Final = 0.24
_SHORT_WINDOW: Final = 0.12
_HELD_SPEED: Final = 0.08
_NEAR_THE_PEAK: Final = 0.9
_BLINKING: Final = 0.1
_SPOKEN: Final = 0.012


@dataclass(frozen=True)
class Activity:
    """What the movements of a recording are recognised by.

    Attributes:
        motion: The ways from rest.
        ways: (N, 5, 2, 2) of brow, ala, upper lip, commissure and lower lip, smoothed.
        speed: (N,) of the fastest of them, interocular units a second.
        strength: (N, 2) of the brow and of the mouth: way of the site that goes furthest over the
            least way that counts.
        steady: (N,) whether the face holds what it does.
        shut: (N,) how far the eye that closes further has closed.
        closures: Blinks and longer closures.
        resting: (N,) whether the face rests.
        wander: Standard deviation of a coordinate of the moving sites between stretches of rest.
    """

    motion: Motion
    ways: Floats
    speed: Floats
    strength: Floats
    steady: Flags
    shut: Floats
    closures: tuple[Closure, ...]
    resting: Flags
    wander: float

    @classmethod
    def of(cls, motion: Motion, rest: Rest) -> Activity:
        """Work it out from ways from rest and the noise at rest."""
        motion = without_blinks(motion)
        raw = motion.ways[:, _MOVING]
        ways = motion.smooth(raw, _WINDOW)
        moved = smoothed(raw, motion.step, _WINDOW, derivative=1)
        speed = np.linalg.norm(moved, axis=-1).max(axis=(1, 2))
        noise, wander = rest.noise[_MOVING], rest.wander[_MOVING]
        least = np.maximum(_LEAST_WAY, np.maximum(_NOISES * noise, _WANDERS * wander))
        relative = np.linalg.norm(ways, axis=-1).max(axis=2) / least
        limit = _HELD_SPEED + _NOISES * float(np.median(noise)) / _WINDOW
        return cls(
            motion,
            ways,
            speed,
            np.stack((relative[:, 0], relative[:, 1:].max(axis=1)), axis=1),
            (speed < limit) & motion.known,
            motion.smooth(motion.closure, _SHORT_WINDOW).max(axis=1),
            closures(motion),
            rest.at(motion.seconds),
            float(np.median(wander)),
        )

    @cached_property
    def turns(self) -> Floats:
        """Times (K,) at which the lips turn from parting to closing or back, as in speech."""
        parting = self.motion.smooth(np.asarray(self._raw_parting.mean(axis=1)), _SHORT_WINDOW)
        return np.asarray(self.motion.seconds[_turning_points(parting, _SPOKEN)])

    @property
    def _raw_parting(self) -> Floats:
        lower = self.motion.way(Site.LOWER_LIP)
        return np.asarray(lower[..., 1] - self.motion.way(Site.UPPER_LIP)[..., 1])

    @cached_property
    def blinking(self) -> Flags:
        """Whether the eyes blink (N,), a little before and after included."""
        seconds = self.motion.seconds
        found = np.zeros(len(seconds), bool)
        for closure in filter(is_blink, self.closures):
            found |= (seconds > closure.start - _BLINKING) & (seconds < closure.end + _BLINKING)
        return found

    def course(self, movement: Movement) -> Floats:
        """Return how far a movement has gone (N,), on the side on which it goes further."""
        if movement.closes_the_eyes:
            return self.shut
        if movement in PATTERNS:
            per_side = np.moveaxis(self.ways, 2, 1)
            return np.asarray(projected(per_side, movement).max(axis=1))
        return np.asarray(np.linalg.norm(self.ways[:, 1:], axis=-1).max(axis=(1, 2)))

    def peak(self, movement: Movement, span: slice) -> float:
        """Return the time of the steadiest frame near the height of a movement.

        Frames in which the eyes blink are passed over, if there are others.
        """
        if movement is Movement.REST:
            course = np.ones(span.stop - span.start)
        else:
            course = self.course(movement)[span]
        near = course >= course.max() - (1 - _NEAR_THE_PEAK) * abs(course.max())
        shown = self.motion.known[span]
        for wanted in (shown, shown & (movement.closes_the_eyes | ~self.blinking[span])):
            if (near & wanted).any():
                near &= wanted
        at = np.flatnonzero(near)
        best = at[np.argmin(self.speed[span][at])]
        return self.motion.frame_near(float(self.motion.seconds[span][best]))


def _turning_points(course: Floats, least: float) -> list[int]:
    """Return where a course turns after it has gone at least so far, and goes as far back."""
    turns: list[int] = []
    extreme, rising = 0, 0
    for k in range(1, len(course)):
        gone = course[k] - course[extreme]
        if rising * gone >= 0 and rising != 0:
            extreme = k
        elif abs(gone) >= least:
            if rising != 0:
                turns.append(extreme)
            rising, extreme = (1 if gone > 0 else -1), k
    return turns

"""When a face moves: rest, onset, hold and release of each side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Self

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError

if TYPE_CHECKING:
    import numpy as np


class Phase(StrEnum):
    """Where in a movement a moment lies."""

    REST = "rest"
    ONSET = "onset"
    HOLD = "hold"
    RELEASE = "release"

    @classmethod
    def of_photograph(cls, movement: Movement) -> Self:
        """Return the phase in which a movement is photographed."""
        return cls.REST if movement is Movement.REST else cls.HOLD


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCourse:
    """One side's movement in time, seconds.

    Attributes:
        begins: When the onset begins.
        onset: How long it takes to the peak.
        hold: How long the peak is held.
        release: How long it takes back to rest.
        peak: Effort at the peak, 0 to 1.

    Raises:
        InputError: A time is negative, the onset or the release takes none, or the peak is outside
            0 to 1.
    """

    begins: float
    onset: float
    hold: float
    release: float
    peak: float = 1.0

    def __post_init__(self) -> None:
        """Check times and peak."""
        if min(self.begins, self.hold) < 0 or min(self.onset, self.release) <= 0:
            raise InputError(
                "time course", "has times that cannot be", "give seconds, onset and release above 0"
            )
        if not 0 <= self.peak <= 1:
            raise InputError("time course", f"has peak {self.peak}", "give a number from 0 to 1")

    @property
    def ends(self) -> float:
        """When the side rests again, seconds."""
        return self.begins + self.onset + self.hold + self.release

    def effort(self, t: float) -> float:
        """Return the effort, 0 to `peak`, at a moment in seconds.

        Rise and fall are of minimum jerk (Flash and Hogan 1985): smooth to the second derivative.
        """
        risen = _minimum_jerk((t - self.begins) / self.onset)
        fallen = _minimum_jerk((t - self.begins - self.onset - self.hold) / self.release)
        return self.peak * (risen - fallen)

    def phase(self, t: float) -> Phase:
        """Return the phase at a moment in seconds."""
        since = t - self.begins
        if since < 0 or t >= self.ends:
            return Phase.REST
        if since < self.onset:
            return Phase.ONSET
        return Phase.HOLD if since < self.onset + self.hold else Phase.RELEASE


def _minimum_jerk(share: float) -> float:
    s = min(1.0, max(0.0, share))
    return s**3 * (10 - 15 * s + 6 * s * s)


@dataclass(frozen=True, slots=True)
class Course:
    """A movement in time.

    Attributes:
        sides: The course of each side.
        leading: The side whose phase names the moment: the healthy one.
    """

    sides: Mapping[Side, SideCourse]
    leading: Side = Side.RIGHT

    def efforts(self, t: float) -> Mapping[Side, float]:
        """Return the effort of each side, 0 to 1, at a moment in seconds."""
        return {side: course.effort(t) for side, course in self.sides.items()}

    def phase(self, t: float) -> Phase:
        """Return the phase of the leading side at a moment in seconds."""
        return self.sides[self.leading].phase(t)


_REST_SHARE: Final = (0.1, 0.2)
_ONSET_SECONDS: Final = (0.35, 0.9)
_RELEASE_SECONDS: Final = (0.5, 1.1)
_LARGEST_ONSET_SHARE: Final = 0.25
_LAG_SECONDS: Final = (0.02, 0.12)
_SLOWER: Final = (0.1, 0.6)
_QUICK: Final = 0.6
_LEAST_DURATION: Final = 0.5
_BLINK_DOWN: Final = (0.08, 0.12)
_BLINK_SHUT: Final = (0.02, 0.06)
_BLINK_UP: Final = (0.15, 0.25)


def drawn_course(
    rng: np.random.Generator,
    movement: Movement,
    duration: float,
    *,
    weak_side: Side | None = None,
    weakness: float = 0.0,
) -> Course:
    """Draw the course of a movement that fills a recording.

    The weak side begins later and rises more slowly, the more so the weaker it is; how far it gets
    is the lesion's affair, not the effort's. Eyes close more quickly than mouths smile.

    Args:
        rng: Where chance comes from.
        movement: What is done; at rest nothing is.
        duration: Seconds; at rest at both ends.
        weak_side: The affected side, if there is one.
        weakness: 0 to 1.

    Raises:
        InputError: The recording is shorter than half a second.
    """
    if duration < _LEAST_DURATION:
        raise InputError("time course", f"lasts {duration} s", f"give {_LEAST_DURATION} s or more")
    peak = 0.0 if movement is Movement.REST else 1.0
    before, after = duration * rng.uniform(*_REST_SHARE, size=2)
    pace = _QUICK if movement.closes_the_eyes else 1.0
    longest = _LARGEST_ONSET_SHARE * duration
    onset = min(longest, pace * rng.uniform(*_ONSET_SECONDS))
    release = min(longest, pace * rng.uniform(*_RELEASE_SECONDS))
    hold = duration - before - after - onset - release
    healthy = SideCourse(begins=before, onset=onset, hold=hold, release=release, peak=peak)
    lag = rng.uniform(*_LAG_SECONDS) * weakness
    slower = 1 + rng.uniform(*_SLOWER) * weakness
    if weak_side is None:
        return Course(dict.fromkeys(Side, healthy))
    late = min(hold, lag + onset * (slower - 1))
    weak = SideCourse(
        begins=before + min(lag, late),
        onset=onset + late - min(lag, late),
        hold=hold - late,
        release=min(release * slower, release + after),
        peak=peak,
    )
    return Course({weak_side: weak, weak_side.opposite: healthy}, weak_side.opposite)


def drawn_blink(rng: np.random.Generator, begins: float) -> Course:
    """Draw a blink: down in a tenth of a second, up in a fifth; effort 1 is gentle closure.

    Args:
        rng: Where chance comes from.
        begins: When the lids start to fall, seconds.
    """
    blink = SideCourse(
        begins=begins,
        onset=rng.uniform(*_BLINK_DOWN),
        hold=rng.uniform(*_BLINK_SHUT),
        release=rng.uniform(*_BLINK_UP),
    )
    return Course(dict.fromkeys(Side, blink))

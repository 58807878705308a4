"""How a movement runs in time, on each side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facialis.clinical.anatomy import Movement
from facialis.measures.moment import Site

TOGETHER: Final = 0.1
"""Seconds, two and a half frames at 25 a second: sides that begin nearer count as at once."""

_CLEARLY: Final = 2.0
"""Standard uncertainties that a lag must pass."""


@dataclass(frozen=True, slots=True)
class Segment:
    """Where in a recording a movement lies.

    Attributes:
        movement: Which movement.
        start: When it begins, seconds.
        peak: When it is largest.
        end: When the face rests again, or the recording ends.
        stated: Whether somebody said so; otherwise it was found in the course of the measures.
        confidence: How clearly it was found, 0 to 1; 1 if stated.
    """

    movement: Movement
    start: float
    peak: float
    end: float
    stated: bool = False
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SideDynamics:
    """The course of a movement on one side.

    Attributes:
        excursion: From rest to the peak, interocular units.
        excursion_mm: The same in mm, None without a scale.
        onset: Seconds from the start of the movement until a tenth of the excursion; None if the
            side does not move above its noise.
        rise: Seconds from a tenth to nine tenths of the excursion.
        peak_velocity: Largest speed, interocular units a second.
        peak_velocity_mm: The same in mm a second.
        hold: Seconds above nine tenths.
        release: Seconds from nine tenths back to a tenth; None if the recording ends before.
    """

    excursion: float
    excursion_mm: float | None
    onset: float | None
    rise: float | None
    peak_velocity: float
    peak_velocity_mm: float | None
    hold: float | None
    release: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """A site's way from rest over time, for both sides.

    Attributes:
        site: Which site.
        seconds: Times of the samples (at most 400 of them).
        right: Way from rest on the patient's right, along the direction that the movement takes;
            below 0 is the other way. Interocular units.
        left: On the left.
    """

    site: Site
    seconds: tuple[float, ...]
    right: tuple[float, ...]
    left: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Dynamics:
    """A movement in time.

    Attributes:
        segment: Where it lies.
        site: The site that the movement is judged by.
        right: The patient's right side.
        left: The left side.
        lag: Seconds by which the left side begins later than the right; None if one does not move.
        noise: Standard deviation of the site's place while the face rests, interocular units.
        curve: For the report.
        closure: Smallest opening of right and left eye over their opening at rest, for movements
            that close the eyes; None otherwise.
        remarks: What to know (few frames a second, the face was lost, ...).
        lag_sd: Standard uncertainty of the lag, seconds: noise and drift at rest over the speed
            with which each side begins. None without a lag.
    """

    segment: Segment
    site: Site
    right: SideDynamics
    left: SideDynamics
    lag: float | None
    noise: float
    curve: Curve
    closure: tuple[float, float] | None = None
    remarks: tuple[str, ...] = ()
    lag_sd: float | None = None

    @property
    def lag_is_clear(self) -> bool:
        """Whether one side can be said to begin later than the other."""
        if self.lag is None:
            return False
        return abs(self.lag) >= max(TOGETHER, _CLEARLY * (self.lag_sd or 0.0))


@dataclass(frozen=True, slots=True)
class Blinks:
    """The blinks of a recording.

    Attributes:
        count: How many were found.
        right: Median completeness on the patient's right: 1 closes fully; None without blinks.
        left: On the left.
    """

    count: int
    right: float | None
    left: float | None

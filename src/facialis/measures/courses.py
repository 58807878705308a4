"""The course of a movement in time, side by side: onset, rise, speed, hold, release, lag."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.measures.blinks import without_blinks
from facialis.measures.dynamic import Curve, Dynamics, Segment, SideDynamics
from facialis.measures.excursions import JUDGED_BY
from facialis.measures.filtering import noise_left, smoothed
from facialis.measures.moment import Site
from facialis.measures.motion import Motion, motion_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.measures.rest import Rest
    from facialis.measures.series import Series

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MAIN_SITE: Final[Mapping[Movement, Site]] = MappingProxyType(
    {movement: sites[0] for movement, sites in JUDGED_BY.items()}
)
"""The site that each movement is known by."""

FEWEST_FRAMES_A_SECOND: Final = 12.0
"""Below this onset, rise and lag are not measured."""

LEAST_EXCURSION: Final = 0.008
"""Interocular units (about 0.7 mm) below which a side counts as not moving, whatever the noise."""

_NOISES: Final = 3.0
_TIMED_NOISES: Final = 8.0
_WANDERS: Final = 2.0
_PLATEAU: Final = 0.85
_TENTH: Final = 0.1
_NINE_TENTHS: Final = 0.9
_AROUND: Final = 1.0
_SHOWN_AROUND: Final = 0.5
_MOST_SAMPLES: Final = 400
_WINDOW: Final = 0.2
_LID_WINDOW: Final = 0.12
_OPENING_WINDOW: Final = 0.12
_ENOUGH_REST: Final = 0.2
_BEFORE: Final = 0.08
"""Seconds, two frames of most cameras, by which a stated start may be late."""
_LONGEST_LAG: Final = 0.6
_DISAGREEING: Final = 0.1
_BOTH: Final = 2
_ORDER: Final = 3


def dynamics_of(series: Series, rest: Rest, segment: Segment) -> Dynamics:
    """Measure how a movement runs in time on each side.

    The way of the movement's main site is counted along the direction in which the two sides,
    mirrored onto one another, move most; for closing eyes it is the way of the lids towards one
    another. A side that is drawn the other way has a negative excursion.

    What too few frames, a lost face or the end of the recording hide is None, and `remarks` say so.

    Raises:
        InputError: The segment is one of rest, or no frame in it shows the face.
    """
    if segment.movement not in MAIN_SITE:
        raise InputError(
            f"{segment.movement} at {segment.start:g} s", "is no movement", "leave it out"
        )
    motion = without_blinks(motion_of(series, rest))
    inside = motion.between(segment.start, segment.end)
    if not motion.known[inside].any():
        raise InputError(
            f"{segment.movement} at {segment.start:g} s",
            "shows no face that can be measured",
            "record it again with the whole face in view",
        )
    site = MAIN_SITE[segment.movement]
    ways = _ways(motion, rest, segment, site)
    noise = rest.noise_of(site)
    wander = float(rest.wander[list(Site).index(site)])
    limits = max(LEAST_EXCURSION, _NOISES * noise, _WANDERS * wander), _TIMED_NOISES * noise
    timed = [_timed(motion, ways.curve[:, side], inside, limits) for side in range(_BOTH)]
    seen = _Seen.of(series, motion, segment)
    sides = [
        _side(series, segment, times, float(speed), seen)
        for times, speed in zip(timed, ways.speed[inside].max(axis=0), strict=True)
    ]
    level_sd = ways.places**0.5 * float(np.hypot(ways.noise_left * noise, wander))
    lag, lag_sd, doubt = _lag(motion, ways, timed, level_sd) if seen.onset else (None, None, ())
    return Dynamics(
        segment=segment,
        site=site,
        right=sides[0],
        left=sides[1],
        lag=lag,
        noise=noise,
        curve=_curve(motion, ways.curve, segment, site),
        closure=_closure(motion, inside) if segment.movement.closes_the_eyes else None,
        remarks=seen.remarks
        + (_begun_before(segment, timed) if seen.onset else ())
        + _too_small(timed)
        + doubt,
        lag_sd=lag_sd,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Smoothed way (N, 2) of both sides along the main direction, and its speed away from rest.

    Attributes:
        curve: The way.
        speed: Away from rest.
        noise_left: Part of the noise that smoothing leaves.
        places: How many sites each way is made of: the two lids, or one.
    """

    curve: Floats
    speed: Floats
    noise_left: float
    places: int


def _ways(motion: Motion, rest: Rest, segment: Segment, site: Site) -> _Ways:
    inside = motion.between(segment.start, segment.end)
    if segment.movement.closes_the_eyes:
        raw, window, places = motion.gap, _LID_WINDOW, 2
    else:
        way = motion.way(site)
        window, places = _WINDOW, 1
        raw = way @ _main_direction(motion.smooth(way, window)[inside])
    raw = raw - _level_at_rest(motion, rest, segment, raw)
    return _Ways(
        smoothed(raw, motion.step, window, order=_ORDER),
        smoothed(raw, motion.step, window, derivative=1),
        noise_left(motion.step, window, order=_ORDER),
        places,
    )


def _main_direction(ways: Floats) -> Floats:
    """Return the unit vector (2,), outward and down, along which both sides move most (N, 2, 2)."""
    both = ways.reshape(-1, 2)
    direction = np.linalg.svd(both, full_matrices=False)[2][0]
    along = ways @ direction
    leading = along.ravel()[np.argmax(np.abs(along))]
    return np.asarray(direction if leading >= 0 else -direction)


def _level_at_rest(motion: Motion, rest: Rest, segment: Segment, raw: Floats) -> Floats:
    """Return the level (2,) of the curves in the rest just before and after, 0 without it."""
    near = motion.between(segment.start - _AROUND, segment.end + _AROUND)
    resting = rest.at(motion.seconds)[near]
    seconds = motion.seconds[near]
    resting &= (seconds <= segment.start) | (seconds >= segment.end)
    if resting.sum() * motion.step < _ENOUGH_REST:
        return np.zeros(_BOTH)
    return np.asarray(np.median(raw[near][resting], axis=0))


@dataclass(frozen=True, slots=True)
class _Times:
    """When one side passes a tenth and nine tenths of its excursion, up and down again, seconds."""

    excursion: float
    moves: bool
    tenth_up: float | None = None
    most_up: float | None = None
    most_down: float | None = None
    tenth_down: float | None = None


def _timed(motion: Motion, curve: Floats, inside: slice, limits: tuple[float, float]) -> _Times:
    here = np.where(motion.known, curve, -np.inf)[inside]
    top = int(np.argmax(here)) + inside.start
    height = float(curve[top])
    limit, timed_from = limits
    if height < limit:
        lowest = float(curve[inside][motion.known[inside]].min())
        return _Times(lowest if -lowest > max(height, limit) else height, moves=False)
    height = float(np.median(here[here >= _PLATEAU * height]))
    if height < timed_from:
        return _Times(height, moves=True)
    tenth_up = _passing(motion, curve, top, -1, _TENTH * height)
    tenth_down = _passing(motion, curve, top, 1, _TENTH * height)
    first = 0 if tenth_up is None else int(np.searchsorted(motion.seconds, tenth_up))
    last = len(curve) - 1
    if tenth_down is not None:
        last = int(np.searchsorted(motion.seconds, tenth_down)) - 1
    return _Times(
        height,
        moves=True,
        tenth_up=tenth_up,
        most_up=_entry(motion, curve, range(first, top + 1), _NINE_TENTHS * height),
        most_down=_entry(motion, curve, range(last, top - 1, -1), _NINE_TENTHS * height),
        tenth_down=tenth_down,
    )


def _is_before(segment: Segment, tenth_up: float | None) -> bool:
    """Whether a side was on its way before the start that somebody stated."""
    return segment.stated and tenth_up is not None and tenth_up < segment.start - _BEFORE


def _begun_before(segment: Segment, timed: list[_Times]) -> tuple[str, ...]:
    return tuple(
        f"The {side} side was moving before the start that was stated; its onset is not measured."
        for side, times in zip(Side, timed, strict=True)
        if _is_before(segment, times.tenth_up)
    )


def _too_small(timed: list[_Times]) -> tuple[str, ...]:
    return tuple(
        f"The {side} side moves too little beside the noise to be timed."
        for side, times in zip(Side, timed, strict=True)
        if times.moves and times.excursion > 0 and times.tenth_up is times.tenth_down is None
    )


def _passing(motion: Motion, curve: Floats, top: int, towards: int, level: float) -> float | None:
    """Return when a curve, followed from its top, falls to a level; None if it never does."""
    path = np.arange(top, len(curve) if towards > 0 else -1, towards)
    below = np.flatnonzero(curve[path] <= level)
    if not len(below):
        return None
    return _between(motion, curve, int(path[below[0]]), int(path[below[0] - 1]), level)


def _entry(motion: Motion, curve: Floats, path: range, level: float) -> float | None:
    """Return when a curve, followed from outside to its top, first reaches a level."""
    samples = np.array(path)
    above = np.flatnonzero(curve[samples] >= level)
    if not len(above) or samples[above[0]] in (0, len(curve) - 1):
        return None
    k = int(samples[above[0]])
    return _between(motion, curve, k - path.step, k, level)


def _between(motion: Motion, curve: Floats, low: int, high: int, level: float) -> float:
    share = (level - curve[low]) / max(curve[high] - curve[low], 1e-12)
    apart = motion.seconds[high] - motion.seconds[low]
    return float(motion.seconds[low] + np.clip(share, 0, 1) * apart)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What of a movement the recording shows."""

    onset: bool
    rest_of_it: bool
    remarks: tuple[str, ...]

    @classmethod
    def of(cls, series: Series, motion: Motion, segment: Segment) -> _Seen:
        remarks = []
        fast = 1 / motion.step >= FEWEST_FRAMES_A_SECOND
        if not fast:
            remarks.append(
                f"{1 / motion.step:.0f} frames a second are too few to time the onset, the rise "
                f"and the lag, and the peak velocity is a lower bound; record "
                f"{2 * FEWEST_FRAMES_A_SECOND:.0f} or more."
            )
        before = motion.known[motion.between(segment.start - motion.step, segment.peak)]
        after = motion.known[motion.between(segment.peak, segment.end + motion.step)]
        if not (before.all() and after.all()):
            lost = "rises" if after.all() else "is held or released"
            remarks.append(
                f"The face is lost or the shot changes while the movement {lost}; what falls into "
                "that time is not measured."
            )
        if segment.start <= series.seconds[0] + motion.step:
            remarks.append("The recording begins within the movement.")
        return cls(fast and bool(before.all()), bool(after.all()), tuple(remarks))


def _side(
    series: Series, segment: Segment, times: _Times, speed: float, seen: _Seen
) -> SideDynamics:
    mm = series.mm
    up, most = times.tenth_up, times.most_up
    down, most_down = times.tenth_down, times.most_down
    onset = None
    if seen.onset and up is not None and not _is_before(segment, up):
        onset = max(0.0, up - segment.start)
    return SideDynamics(
        excursion=times.excursion,
        excursion_mm=None if mm is None else times.excursion * mm,
        onset=onset,
        rise=most - up if seen.onset and up is not None and most is not None else None,
        peak_velocity=max(0.0, speed),
        peak_velocity_mm=None if mm is None else max(0.0, speed) * mm,
        hold=most_down - most
        if seen.rest_of_it and most is not None and most_down is not None
        else None,
        release=down - most_down
        if seen.rest_of_it and down is not None and most_down is not None
        else None,
    )


def _lag(
    motion: Motion, ways: _Ways, timed: list[_Times], level_sd: float
) -> tuple[float | None, float | None, tuple[str, ...]]:
    """Return by how much the left side begins later, and its standard uncertainty.

    It is checked against the whole rise.

    Args:
        motion: Of the recording.
        ways: Of both sides.
        timed: When each side passes what.
        level_sd: Standard uncertainty of a way.
    """
    right, left = timed
    if right.tenth_up is None or left.tenth_up is None:
        return None, None, ()
    begun = [right.tenth_up, left.tenth_up]
    speeds = [float(np.interp(at, motion.seconds, ways.speed[:, k])) for k, at in enumerate(begun)]
    if min(speeds) <= 0:
        return None, None, ("A side begins too slowly to say which one begins first.",)
    lag_sd = level_sd * float(np.hypot(*(1 / np.array(speeds))))
    lag = left.tenth_up - right.tenth_up
    ends = [t.most_up for t in timed if t.most_up is not None]
    if len(ends) < _BOTH:
        return lag, lag_sd, ()
    shares = ways.curve / [right.excursion, left.excursion]
    whole = _best_shift(motion, shares, timed, max(ends))
    if lag * whole < 0 and abs(lag - whole) > _DISAGREEING:
        return (
            None,
            None,
            (
                f"Which side begins first is not clear: by onset {_first(lag)}, by the whole rise "
                f"{_first(whole)}.",
            ),
        )
    return lag, lag_sd, ()


def _first(lag: float) -> str:
    return f"the {'right' if lag > 0 else 'left'} side by {abs(lag):.2f} s"


def _best_shift(motion: Motion, shares: Floats, timed: list[_Times], end: float) -> float:
    """Return the shift in time that lays the rise of the left side best on that of the right."""
    start = min(t.tenth_up for t in timed if t.tenth_up is not None)
    at = np.arange(start - _TENTH, end + _TENTH, motion.step / 2)
    right = np.interp(at, motion.seconds, shares[:, 0])
    shifts = np.arange(-_LONGEST_LAG, _LONGEST_LAG + 1e-9, motion.step / 2)
    misfit = [
        float(((np.interp(at + s, motion.seconds, shares[:, 1]) - right) ** 2).sum())
        for s in shifts
    ]
    return float(shifts[int(np.argmin(misfit))])


def _closure(motion: Motion, inside: slice) -> tuple[float, float]:
    openings = motion.smooth(motion.openings, _OPENING_WINDOW)[inside][motion.known[inside]]
    right, left = np.maximum(openings.min(axis=0), 0.0)
    return float(right), float(left)


def _curve(motion: Motion, curve: Floats, segment: Segment, site: Site) -> Curve:
    shown = motion.between(segment.start - _SHOWN_AROUND, segment.end + _SHOWN_AROUND)
    every = -(-(shown.stop - shown.start) // _MOST_SAMPLES)
    seconds, values = motion.seconds[shown][::every], curve[shown][::every]
    return Curve(
        site,
        tuple(round(float(t), 4) for t in seconds),
        tuple(round(float(v), 6) for v in values[:, 0]),
        tuple(round(float(v), 6) for v in values[:, 1]),
    )

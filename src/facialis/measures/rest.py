"""When a face rests in a recording, where its sites are then, and how far they wander.

Everything else is measured from this rest. A held smile is as quiet as a resting face, and a
palsied face at rest may look as if it pouted; rest is the quiet posture that is commonest, that the
face comes back to, and that shows little expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.measures.filtering import (
    regular_times,
    resampled,
    runs,
    smoothed,
    within_reach,
)
from facialis.measures.moment import Site

if TYPE_CHECKING:
    from collections.abc import Iterable

    from facialis.measures.series import Series

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LONGEST_GAP: Final = 0.2
"""Seconds without a measured face that are bridged."""

EYES_OPEN: Final = 0.7
"""Share of the usual opening above which an eye counts as open."""

SHORTEST_REST: Final = 0.3
"""Seconds that a face has to be quiet to be at rest."""

_POSTURE: Final = [
    list(Site).index(s)
    for s in (Site.BROW, Site.ALA, Site.UPPER_LIP, Site.COMMISSURE, Site.LOWER_LIP)
]
_ACTIVE: Final = [
    i
    for i, name in enumerate(EXPRESSION_NAMES)
    if name != "_neutral" and not name.startswith(("eyeLook", "eyeBlink", "eyeWide"))
]
_WINDOW: Final = 0.24
_QUIET_SPEED: Final = 0.03
_NOISES: Final = 3.0
_USUAL_OPENING: Final = 80
_AROUND_A_BLINK: Final = 0.12
_PIECE: Final = 1.0
_MOST_PIECES: Final = 500
_ALIKE: Final = np.array([0.01, 0.02, 0.02, 0.02, 0.02])
_ALIKE_A_DEGREE: Final = 0.004
_ACTIVITY_UNIT: Final = 0.5
_AWAY: Final = 1.0
_ACTIVITY_SPREAD: Final = 0.4
_QUIETEST_SHARE: Final = 0.15
_LEAST_FRAMES: Final = 3
_LEAST_FOR_NOISE: Final = 5
_DRIFT_SECONDS: Final = 3.0
_EVER: Final = 0.002


@dataclass(frozen=True, slots=True, eq=False)
class Rest:
    """A face at rest.

    Attributes:
        places: (7, 2, 2) mean places of the sites, as `moment.places` gives them.
        openings: (2,) median opening of the right and of the left eye.
        expressions: (52,) median expression scores.
        noise: (7,) standard deviation of a coordinate of each site from frame to frame, slow drift
            removed, interocular units.
        wander: (7,) standard deviation of a coordinate between stretches of rest: drift and
            imperfect return.
        intervals: Stretches of rest, seconds, in order.
        frames: (T,) which frames of the series are at rest.
        found: False if the face never rested, and its quietest frames stand for rest.
        anchors: (A,) times of pieces of rest.
        anchor_places: (A, 7, 2, 2) mean places in each of them.
        anchor_frames: (A,) how many frames each has.
        notes: Sentences on what the user should know.
    """

    places: Floats
    openings: Floats
    expressions: Floats
    noise: Floats
    wander: Floats
    intervals: tuple[tuple[float, float], ...]
    frames: Flags
    found: bool
    anchors: Floats
    anchor_places: Floats
    anchor_frames: Floats
    notes: tuple[str, ...] = ()

    def noise_of(self, site: Site) -> float:
        """Return the standard deviation of a site's place from frame to frame."""
        return float(self.noise[list(Site).index(site)])

    def at(self, seconds: Floats) -> Flags:
        """Return whether the face rests at given times (N,)."""
        return _within(seconds, self.intervals)

    def places_at(self, seconds: Floats) -> Floats:
        """Return where the sites would rest at given times (N,) as (N, 7, 2, 2).

        The head turns and the person shifts in the course of minutes: rest nearby counts most, and
        where there is none, all of it.
        """
        apart = (seconds[:, None] - self.anchors[None]) / _DRIFT_SECONDS
        weights = (np.exp(-(apart**2) / 2) + _EVER) * self.anchor_frames
        weights /= weights.sum(axis=1, keepdims=True)
        flat = self.anchor_places.reshape(len(self.anchors), -1)
        return np.asarray((weights @ flat).reshape(-1, *self.places.shape))


def rest_of(series: Series, stated: tuple[float, float] | None = None) -> Rest:
    """Find when a face rests and what it measures then.

    If it never rests, the quietest frames stand for rest, and `Rest.notes` says so.

    Args:
        series: The recording.
        stated: Start and end of the rest in seconds, if somebody says so; frames in which the eyes
            are open count.

    Raises:
        InputError: There are not three frames in which the face can be measured.
    """
    usable = measurable(series)
    if usable.sum() < _LEAST_FRAMES:
        raise InputError(
            "recording",
            f"shows a face that can be measured in {int(usable.sum())} frames",
            "film the whole face from the front, in even light, for some seconds",
        )
    if stated is not None:
        chosen = (min(stated), max(stated))
        frames = _within(series.seconds, [chosen]) & usable & _open(series, usable)
        if frames.sum() >= _LEAST_FRAMES:
            return _measured(series, usable, frames, [chosen], found=True)
    track = _Track.of(series, usable)
    pieces = track.pieces()
    resting = track.resting(pieces) if pieces else np.zeros(len(track.seconds), bool)
    intervals = [
        (float(track.seconds[a]), float(track.seconds[b - 1]))
        for a, b in runs(resting)
        if track.seconds[b - 1] - track.seconds[a] >= SHORTEST_REST - track.step / 2
    ]
    frames = _within(series.seconds, intervals) & usable & _open(series, usable)
    if frames.sum() >= _LEAST_FRAMES:
        return _measured(series, usable, frames, intervals, found=True)
    frames = track.quietest(series.seconds) & usable
    stretches = [(float(series.seconds[a]), float(series.seconds[b - 1])) for a, b in runs(frames)]
    return _measured(series, usable, frames, stretches, found=False)


def measurable(series: Series) -> Flags:
    """Return the frames (T,) in which a face was found and can be measured."""
    finite = np.isfinite(series.places).all(axis=(1, 2, 3)) & np.isfinite(series.openings).all(
        axis=1
    )
    return np.asarray(series.usable & finite)


def _open(series: Series, usable: Flags) -> Flags:
    usual = np.percentile(series.openings[usable], _USUAL_OPENING, axis=0)
    return np.asarray((np.nan_to_num(series.openings) > EYES_OPEN * usual).all(axis=1))


def _within(seconds: Floats, intervals: Iterable[tuple[float, float]]) -> Flags:
    inside = np.zeros(len(seconds), bool)
    for start, end in intervals:
        inside |= (seconds >= start - 1e-6) & (seconds <= end + 1e-6)
    return inside


@dataclass(frozen=True, slots=True, eq=False)
class _Track:
    """What tells rest from movement, at regular times."""

    seconds: Floats
    step: float
    posture: Floats
    speed: Floats
    activity: Floats
    pose: Floats
    quiet: Flags
    usable: Flags
    tolerance: Floats

    @classmethod
    def of(cls, series: Series, usable: Flags) -> _Track:
        times = series.seconds[usable]
        at = regular_times(times)
        step = float(at[1] - at[0])
        raw = resampled(at, times, series.places[usable][:, _POSTURE].astype(np.float64))
        noise = jitter(raw)
        posture = smoothed(raw, step, _WINDOW)
        moved = smoothed(raw, step, _WINDOW, derivative=1)
        speed = np.linalg.norm(moved, axis=-1).max(axis=(1, 2))
        scores = series.expressions[usable][:, _ACTIVE].astype(np.float64).sum(axis=1)
        activity = smoothed(resampled(at, times, scores), step, _WINDOW)
        angles = np.stack((series.yaw[usable], series.pitch[usable]), axis=1).astype(np.float64)
        shut = ~_open(series, usable)
        shut_times = series.seconds[usable & shut]
        near_blink = np.zeros(len(at), bool)
        if len(shut_times):
            near_blink = _distance(at, shut_times) < _AROUND_A_BLINK
        known = within_reach(at, times, max(LONGEST_GAP, 1.5 * step))
        limit = _QUIET_SPEED + _NOISES * noise / max(step, _WINDOW / 4) / 2
        quiet = (speed < limit) & ~near_blink & known
        return cls(
            at,
            step,
            posture,
            speed,
            activity,
            smoothed(resampled(at, times, angles), step, _WINDOW),
            quiet,
            known & ~near_blink,
            _ALIKE + _NOISES * noise / 2,
        )

    def pieces(self) -> list[tuple[int, int]]:
        """Quiet stretches, cut into pieces of at most a second."""
        least = max(2, int(np.ceil(SHORTEST_REST / self.step - 1e-6)))
        most = max(least, round(_PIECE / self.step))
        found = [
            (a + k, min(a + k + most, b))
            for a, b in runs(self.quiet)
            if b - a >= least
            for k in range(0, b - a, most)
        ]
        return found[:: len(found) // _MOST_PIECES + 1]

    def resting(self, pieces: list[tuple[int, int]]) -> Flags:
        """Quiet moments that look like the commonest of the quiet and expressionless postures."""
        postures = np.stack([self.posture[a:b].mean(axis=0) for a, b in pieces])
        poses = np.stack([self.pose[a:b].mean(axis=0) for a, b in pieces])
        activity = np.array([self.activity[a:b].mean() for a, b in pieces])
        lengths = np.array([b - a for a, b in pieces], np.float64)
        merits = []
        for k in range(len(pieces)):
            alike = self._alike(postures, poses, postures[k], poses[k])
            often = np.log(lengths[alike].sum()) + np.log(self._visits(pieces, alike))
            merits.append(often - activity[k] / _ACTIVITY_UNIT)
        best = int(np.argmax(merits))
        alike = self._alike(postures, poses, postures[best], poses[best])
        alike &= activity < activity[best] + _ACTIVITY_SPREAD
        posture = np.average(postures[alike], axis=0, weights=lengths[alike])
        pose = np.average(poses[alike], axis=0, weights=lengths[alike])
        near = self._alike(self.posture, self.pose, posture, pose)
        calm = self.activity < activity[best] + _ACTIVITY_SPREAD
        return np.asarray(near & self.quiet & calm)

    def _visits(self, pieces: list[tuple[int, int]], alike: Flags) -> int:
        """How often a posture is come back to: rest is, between one movement and the next."""
        chosen = [piece for piece, yes in zip(pieces, alike, strict=True) if yes]
        apart = [(b[0] - a[1]) * self.step for a, b in pairwise(chosen)]
        return 1 + sum(gap > _AWAY for gap in apart)

    def _alike(self, postures: Floats, poses: Floats, posture: Floats, pose: Floats) -> Flags:
        """Whether postures differ by no more than noise and turns of the head explain."""
        apart = np.linalg.norm(postures - posture, axis=-1).max(axis=2)
        turned = np.abs(poses - pose).max(axis=1, keepdims=True)
        return np.asarray((apart < self.tolerance + _ALIKE_A_DEGREE * turned).all(axis=1))

    def quietest(self, seconds: Floats) -> Flags:
        """Frames among the quietest and least expressive, with open eyes if they ever are."""
        open_eyes = self.usable if self.usable.sum() >= _LEAST_FRAMES else np.ones_like(self.usable)
        merit = self.speed / _QUIET_SPEED + self.activity / _ACTIVITY_UNIT
        merit = np.where(open_eyes, merit, np.inf)
        count = max(_LEAST_FRAMES, round(_QUIETEST_SHARE * int(open_eyes.sum())))
        chosen = self.seconds[np.argsort(merit, kind="stable")[:count]]
        return np.asarray(_distance(seconds, np.sort(chosen)) <= self.step)


def jitter(values: Floats) -> float:
    """Return the standard deviation of a coordinate from frame to frame, whatever the movement.

    From second differences, which a smooth movement hardly changes: the noise's own multiply its
    variance by 6.

    Args:
        values: (N, ...) coordinates over time.
    """
    if len(values) < _LEAST_FOR_NOISE:
        return 0.0
    return float(1.4826 * np.median(np.abs(np.diff(values, 2, axis=0))) / np.sqrt(6))


def _distance(at: Floats, seconds: Floats) -> Floats:
    """Distance in time of times (N,) from the nearest of rising times (T,)."""
    after = np.clip(np.searchsorted(seconds, at), 0, len(seconds) - 1)
    before = np.maximum(after - 1, 0)
    return np.asarray(np.minimum(np.abs(seconds[after] - at), np.abs(at - seconds[before])))


def _measured(
    series: Series,
    usable: Flags,
    frames: Flags,
    intervals: list[tuple[float, float]],
    *,
    found: bool,
) -> Rest:
    at_rest = series.places.astype(np.float64)
    anchors, middles, sizes, spreads, freedoms = [], [], [], [], []
    for a, b in _cut(series.seconds, frames):
        chosen = np.arange(a, b)[frames[a:b]]
        times, here = series.seconds[chosen], at_rest[chosen]
        anchors.append(times.mean())
        middles.append(here.mean(axis=0))
        sizes.append(len(chosen))
        if len(chosen) >= _LEAST_FOR_NOISE:
            spreads.append(_off_a_line(times, here))
            freedoms.append(len(chosen) - 2)
    weights = np.array(sizes, np.float64)
    mean = np.average(middles, axis=0, weights=weights)
    if freedoms:
        noise = np.sqrt(np.sum(spreads, axis=0) / sum(freedoms))
    else:
        noise = np.array([jitter(at_rest[usable][:, k]) for k in range(len(Site))])
    apart = np.average((np.array(middles) - mean) ** 2, axis=0, weights=weights)
    wander = np.sqrt(apart.mean(axis=(1, 2)))
    notes = (
        ()
        if found
        else (
            "The face never rests in this recording; its quietest frames stand for rest, so that "
            "movements are measured from them.",
        )
    )
    return Rest(
        places=mean,
        openings=np.median(series.openings[frames].astype(np.float64), axis=0),
        expressions=np.median(series.expressions[frames].astype(np.float64), axis=0),
        noise=noise,
        wander=wander,
        intervals=tuple(intervals),
        frames=frames,
        found=found,
        anchors=np.array(anchors),
        anchor_places=np.array(middles),
        anchor_frames=weights,
        notes=notes,
    )


def _cut(seconds: Floats, frames: Flags) -> list[tuple[int, int]]:
    """Stretches of frames at rest, cut where a second is full."""
    found = []
    for a, b in runs(frames):
        start = a
        for k in range(a, b):
            if seconds[k] - seconds[start] >= _PIECE:
                found.append((start, k))
                start = k
        found.append((start, b))
    return found


def _off_a_line(seconds: Floats, places: Floats) -> Floats:
    """Sum over frames of the squared distance from a straight line, mean coordinate of a site."""
    terms = np.stack((np.ones_like(seconds), seconds - seconds.mean()), axis=1)
    flat = places.reshape(len(seconds), -1)
    left = flat - terms @ np.linalg.lstsq(terms, flat, rcond=None)[0]
    return np.asarray((left**2).sum(axis=0).reshape(places.shape[1:]).mean(axis=(1, 2)))

"""Where in a recording the movements of an examination lie, found from the course of the measures.

A movement is a posture that leaves rest and is held. What it is tells the side that moves more, so
that a weak side does not blur it. Speech leaves rest as well, and holds nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement
from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.measures.activity import Activity
from facialis.measures.blinks import LONGEST_BLINK
from facialis.measures.dynamic import Segment
from facialis.measures.filtering import runs
from facialis.measures.motion import motion_of
from facialis.measures.patterns import CLEAR_WAY, likeness, recognised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from facialis.measures.motion import Motion
    from facialis.measures.rest import Rest
    from facialis.measures.series import Series

Floats = NDArray[np.float64]

LEAST_CONFIDENCE: Final = 0.3
"""Episodes less sure than this are left out."""

SHORTEST_HOLD: Final = 0.24
"""Seconds that a posture has to be kept to be a movement of an examination."""

_HELD_SHARE: Final = 0.7
_CLOSED: Final = 0.65
_SURELY_CLOSED: Final = 0.9
_SQUEEZED: Final = 0.014
_SQUEEZE_UNIT: Final = 0.006
_SCORE_OF_BROW: Final = 0.03
_MOVES_THE_MOUTH: Final = 3.0
_STAYS: Final = 0.5
_TENTH: Final = 0.1
_WANDERS: Final = 2.0
_SOON: Final = 1.5
_HALF: Final = 0.5
_LONGEST_LOST: Final = 1.0
_CLEAR_HOLD: Final = 0.4
_AROUND: Final = 0.6
_SPEECH_TURNS: Final = 1.6
_SPOKEN_CONFIDENCE: Final = 0.4
_BROW_DOWN: Final = [i for i, n in enumerate(EXPRESSION_NAMES) if n.startswith("browDown")]
_BROW_MOVEMENTS: Final = (Movement.BROW_RAISE, Movement.FROWN)


def find_segments(series: Series, rest: Rest) -> tuple[Segment, ...]:
    """Find the movements of an examination in a recording, in order of time.

    Puffed cheeks hardly move the landmarks; they are found only where they are stated
    (`stated_segments`).

    Args:
        series: The recording.
        rest: When its face rests.

    Returns:
        Every movement that is held and recognised with a confidence of at least
        `LEAST_CONFIDENCE`, repeats among them; those that go less far than the furthest have lost
        some of it.
    """
    activity = Activity.of(motion_of(series, rest), rest)
    shut = _kept_shut(activity)
    holds = sorted(shut + _kept_up(activity, shut), key=lambda h: h.first)
    sure = [hold for hold in holds if hold.confidence >= LEAST_CONFIDENCE]
    return tuple(_bounded(activity, _compared(activity, _joined(activity, sure))))


def chosen(segments: Iterable[Segment]) -> tuple[Segment, ...]:
    """Return one segment of each movement, in order of time: the one stated, or the clearest.

    A repeat that goes less far is less clear (`find_segments`); among those as clear the longest is
    chosen.
    """
    best: dict[Movement, Segment] = {}
    for segment in segments:
        other = best.get(segment.movement)
        if other is None or _rank(segment) > _rank(other):
            best[segment.movement] = segment
    return tuple(sorted(best.values(), key=lambda s: s.start))


def _rank(segment: Segment) -> tuple[bool, float, float]:
    return segment.stated, round(segment.confidence, 2), segment.end - segment.start


def stated_segments(
    series: Series, rest: Rest, intervals: Mapping[Movement, tuple[float, float]]
) -> tuple[Segment, ...]:
    """Return the movements that somebody says lie in a recording, in order of time.

    Only the height of each is looked for.

    Args:
        series: The recording.
        rest: When its face rests.
        intervals: Start and end of each movement, seconds; in either order.

    Raises:
        InputError: An interval lies outside the recording, or has no length.
    """
    activity = Activity.of(motion_of(series, rest), rest)
    first, last = float(series.seconds[0]), float(series.seconds[-1])
    found = []
    for movement, stated in intervals.items():
        start, end = max(min(stated), first), min(max(stated), last)
        if end - start <= 0:
            raise InputError(
                f"interval of {movement}",
                f"is {stated[0]:g} to {stated[1]:g} s, the recording {first:g} to {last:g} s",
                "give start and end in seconds within the recording",
            )
        span = activity.motion.between(start, end)
        peak = start if span.stop <= span.start else activity.peak(movement, span)
        found.append(Segment(movement, start, min(max(peak, start), end), end, stated=True))
    return tuple(sorted(found, key=lambda s: s.start))


@dataclass(frozen=True, slots=True)
class _Hold:
    """A posture that is held: samples `first` to before `after`."""

    movement: Movement
    first: int
    after: int
    confidence: float


def _kept_shut(activity: Activity) -> list[_Hold]:
    """Return the times at which the eyes are kept shut, and whether they are squeezed."""
    step = activity.motion.step
    found = []
    for a, b in runs((activity.shut > _CLOSED) & activity.motion.known):
        mouth = np.median(activity.strength[a:b, 1])
        if (b - a) * step < LONGEST_BLINK or mouth > _MOVES_THE_MOUTH:
            continue
        clear = float(np.median(activity.shut[a:b])) / _SURELY_CLOSED
        squeeze = (_squeeze(activity, a, b) - _SQUEEZED) / _SQUEEZE_UNIT
        tight = 1 / (1 + np.exp(-squeeze))
        movement = Movement.EYE_CLOSE_TIGHT if tight > 1 / 2 else Movement.EYE_CLOSE_GENTLE
        found.append(_Hold(movement, a, b, min(1.0, clear) * max(tight, 1 - tight)))
    return found


def _squeeze(activity: Activity, first: int, after: int) -> float:
    """Return by how much the brow comes down and the wing of the nose up, interocular units."""
    ways = np.median(activity.ways[first:after], axis=0)
    scores = np.median(activity.motion.scores[first:after][:, _BROW_DOWN], axis=0)
    brow_down, ala_up = float(ways[0, :, 1].max()), float(-ways[1, :, 1].min())
    return brow_down + ala_up / 2 + _SCORE_OF_BROW * float(scores.max())


def _kept_up(activity: Activity, shut: list[_Hold]) -> list[_Hold]:
    """Return the postures of brow and mouth that are held while the eyes are not kept shut."""
    step = activity.motion.step
    moves = (activity.strength > 1).any(axis=1) & activity.steady
    for closing in shut:
        moves[closing.first : closing.after] = False
    least = max(SHORTEST_HOLD, 2 * step)
    found = []
    for a, b in runs(moves):
        if (b - a) * step < least - step / 2:
            continue
        strength = activity.strength[a:b].max(axis=1)
        full = np.flatnonzero(strength >= _HELD_SHARE * strength.max()) + a
        movement, clear = _told(activity, full)
        height = float(np.median(activity.course(movement)[full])) / CLEAR_WAY[movement]
        long = len(full) * step / _CLEAR_HOLD
        confidence = clear * min(1.0, height) * min(1.0, long) * _not_spoken(activity, full)
        found.append(_Hold(movement, int(full[0]), int(full[-1]) + 1, confidence))
    return found


def _not_spoken(activity: Activity, samples: NDArray[np.intp]) -> float:
    """Return 1 for lips that move once, less for lips that open and close as in speech."""
    first, last = activity.motion.seconds[samples[[0, -1]]]
    turns = (activity.turns > first - _AROUND) & (activity.turns < last + _AROUND)
    often = int(turns.sum()) / (last - first + 2 * _AROUND)
    return 1.0 if often < _SPEECH_TURNS else _SPOKEN_CONFIDENCE


def _told(activity: Activity, samples: NDArray[np.intp]) -> tuple[Movement, float]:
    """Return what a held posture is, by the side of the brow and of the mouth that moves more."""
    ways = np.median(activity.ways[samples], axis=0)
    brow, mouth = ways[0], ways[1:]
    brow_side = int(np.argmax(np.linalg.norm(brow, axis=1)))
    mouth_side = int(np.argmax(np.linalg.norm(mouth, axis=(0, 2))))
    leading = np.concatenate((brow[None, brow_side], mouth[:, mouth_side]))
    scores = np.median(activity.motion.scores[samples], axis=0)
    alike = likeness(leading, scores)
    strong = np.median(activity.strength[samples], axis=0) > 1
    return recognised(
        {m: v if strong[int(m not in _BROW_MOVEMENTS)] else 0.0 for m, v in alike.items()}
    )


def _joined(activity: Activity, holds: list[_Hold]) -> list[_Hold]:
    """Join holds of one movement between which the face does not go half way back."""
    joined: list[_Hold] = []
    for hold in holds:
        if joined and joined[-1].movement is hold.movement and _stays(activity, joined[-1], hold):
            surest = max(joined[-1].confidence, hold.confidence)
            joined[-1] = replace(joined[-1], after=hold.after, confidence=surest)
        else:
            joined.append(hold)
    return joined


def _compared(activity: Activity, holds: list[_Hold]) -> list[_Hold]:
    """Take confidence off repeats that go less far than the one that goes furthest."""
    heights = [float(np.median(activity.course(h.movement)[h.first : h.after])) for h in holds]
    furthest: dict[Movement, float] = {}
    for hold, height in zip(holds, heights, strict=True):
        furthest[hold.movement] = max(height, furthest.get(hold.movement, height))
    return [
        replace(hold, confidence=hold.confidence * (height / furthest[hold.movement]) ** 0.5)
        for hold, height in zip(holds, heights, strict=True)
    ]


def _stays(activity: Activity, one: _Hold, other: _Hold) -> bool:
    course = activity.course(one.movement)
    heights = [float(np.median(course[h.first : h.after])) for h in (one, other)]
    between = slice(one.first, other.after)
    stays = course[between].min() > _STAYS * min(heights)
    return bool(stays and _seen_through(activity.motion, between))


def _seen_through(motion: Motion, span: slice) -> bool:
    """Whether the face is not lost for long, and the shot does not change."""
    start, end = motion.seconds[[span.start, span.stop - 1]]
    lost = [b - a for a, b in runs(~motion.known[span])]
    return max(lost, default=0) * motion.step <= _LONGEST_LOST and not any(
        start <= cut <= end for cut in motion.cuts
    )


def _bounded(activity: Activity, holds: list[_Hold]) -> list[Segment]:
    """Return the segments around holds: back to rest, or to where the next movement takes over."""
    motion, found = activity.motion, []
    for k, hold in enumerate(holds):
        course = activity.course(hold.movement)
        height = float(np.median(course[hold.first : hold.after]))
        earliest = holds[k - 1].after if k else 0
        latest = holds[k + 1].first if k + 1 < len(holds) else len(course)
        before = _to_rest(activity, course, range(hold.first, earliest - 1, -1), height)
        behind = _to_rest(activity, course, range(hold.after - 1, latest), height)
        found.append(
            Segment(
                hold.movement,
                float(motion.seconds[hold.first] - before * motion.step),
                activity.peak(hold.movement, slice(hold.first, hold.after)),
                float(motion.seconds[hold.after - 1] + behind * motion.step),
                confidence=round(hold.confidence, 3),
            )
        )
    return found


def _to_rest(activity: Activity, course: Floats, way: range, height: float) -> float:
    """Return how many samples on its way out of a hold a course is back at rest.

    The end of a smooth movement is lost in noise. One of minimum jerk takes as long from a half to
    a tenth of its height as from a tenth to nothing.
    """
    out = np.array(way)
    soon = out[: round(_SOON / activity.motion.step)]
    resting = soon[activity.resting[soon]]
    floor = float(np.median(course[resting])) if len(resting) else 0.0
    share = (course[out] - floor) / max(height - floor, 1e-9)
    level = float(np.clip(_WANDERS * activity.wander / height, _TENTH, _HALF / 2))
    low = _first_below(share, level)
    if low is None:
        return float(np.argmin(share))
    half = _first_below(share, _HALF) or 0.0
    return min(2 * low - half, len(share) - 1.0)


def _first_below(course: Floats, level: float) -> float | None:
    below = np.flatnonzero(course <= level)
    if not len(below):
        return None
    k = int(below[0])
    if k == 0:
        return 0.0
    return k - float((level - course[k]) / (course[k - 1] - course[k]))

"""The geometry of an examination's charts, in parts of their frames: one source for SVG and PDF."""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Final, Literal

from facialis.clinical.anatomy import Side
from facialis.measures.dynamic import TOGETHER
from facialis.measures.excursions import clear_of_noise, numbers_of
from facialis.report.examination_words import SITE_NAMES, number
from facialis.report.rows import decimals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.measures.dynamic import Dynamics, SideDynamics

EventKind = Literal["onset", "peak", "return"]

_MOST_TICKS: Final = 5
_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: its place, 0 to 1 from the origin, and its text."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens on one side, or on both.

    Attributes:
        at: Its time, 0 to 1 of the frame.
        height: Its place on the curve of its side, 0 to 1 from below; None for both sides.
        kind: What it is.
        side: Whose it is; None for both.
    """

    at: float
    height: float | None
    kind: EventKind
    side: Side | None


@dataclass(frozen=True, slots=True)
class CurveFigure:
    """A movement's course on both sides.

    Attributes:
        title: What is drawn, with its unit.
        times: Ticks of the time axis.
        ways: Ticks of the other axis.
        right: Points (x, y) of the patient's right, 0 to 1, y upwards.
        left: Of the left.
        noise: Height up to which a way cannot be told from none.
        zero: Height of rest.
        events: Onset and return of each side, and the peak.
        text: The figure in a sentence, for those who cannot see it.
    """

    title: str
    times: tuple[Tick, ...]
    ways: tuple[Tick, ...]
    right: tuple[tuple[float, float], ...]
    left: tuple[tuple[float, float], ...]
    noise: float
    zero: float
    events: tuple[Event, ...]
    text: str


KEY: Final = (
    "Solid: right. Dashed: left. Circle: onset, a tenth of the way. Line: peak. Square: back to a "
    "tenth. Grey: no movement that can be told from none. Bars and scales are read from the one "
    "picture that is shown, curves and times from all frames: the two can differ."
)


def curve_figure(course: Dynamics) -> CurveFigure | None:
    """Return the chart of a movement's course, or None if there is nothing to draw."""
    curve = course.curve
    if len(curve.seconds) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    unit, factor = _unit(course)
    right = [factor * v for v in curve.right]
    left = [factor * v for v in curve.left]
    limit = clear_of_noise(numbers_of(curve.site)) * course.noise * factor
    low, high = min(0.0, *right, *left), max(limit, *right, *left)
    high += 0.06 * (high - low)
    begin, end = curve.seconds[0], curve.seconds[-1]

    def x(t: float) -> float:
        return (t - begin) / (end - begin)

    def y(way: float) -> float:
        return (way - low) / (high - low)

    def line(ways: Sequence[float]) -> tuple[tuple[float, float], ...]:
        return tuple((x(t), y(w)) for t, w in zip(curve.seconds, ways, strict=True))

    lines = {Side.RIGHT: line(right), Side.LEFT: line(left)}
    return CurveFigure(
        title=f"{SITE_NAMES[curve.site]} over time, {unit}",
        times=tuple(Tick(x(t), text) for t, text in ticks(begin, end, " s")),
        ways=tuple(Tick(y(w), text) for w, text in ticks(low, high, "")),
        right=lines[Side.RIGHT],
        left=lines[Side.LEFT],
        noise=y(limit),
        zero=y(0.0),
        events=_events(course, lines, begin, end),
        text=_text(course, unit, factor),
    )


def millimetres_of(course: Dynamics) -> float | None:
    """Return the millimetres in one interocular unit, as the movement's own ways have them."""
    for side in (course.right, course.left):
        if side.excursion_mm is not None and side.excursion:
            return side.excursion_mm / side.excursion
    return None


def _unit(course: Dynamics) -> tuple[str, float]:
    mm = millimetres_of(course)
    return ("interocular units", 1.0) if mm is None else ("mm", mm)


def ticks(low: float, high: float, unit: str) -> list[tuple[float, str]]:
    """Return round numbers within an interval, and their texts."""
    raw = (high - low) / _MOST_TICKS
    power = 10.0 ** floor(log10(raw))
    step = next(s * power for s in _STEPS if s * power >= raw)
    places = max(0, -floor(log10(step) + 1e-9) + (step / power == _STEPS[2]))
    first, last = -floor(-low / step), floor(high / step)
    return [
        (n * step, f"{decimals(n * step, places)}{unit if n == last else ''}")
        for n in range(first, last + 1)
    ]


def _events(
    course: Dynamics,
    lines: dict[Side, tuple[tuple[float, float], ...]],
    begin: float,
    end: float,
) -> tuple[Event, ...]:
    found = []
    for side, each in ((Side.RIGHT, course.right), (Side.LEFT, course.left)):
        for kind, seconds in _side_events(course, each):
            if seconds is None or not begin <= seconds <= end:
                continue
            at = (seconds - begin) / (end - begin)
            found.append(Event(at, _height(lines[side], at), kind, side))
    if begin <= course.segment.peak <= end:
        found.append(Event((course.segment.peak - begin) / (end - begin), None, "peak", None))
    return tuple(found)


def _side_events(
    course: Dynamics, side: SideDynamics
) -> tuple[tuple[EventKind, float | None], ...]:
    return ("onset", _onset(course, side)), ("return", _return(course, side))


def _onset(course: Dynamics, side: SideDynamics) -> float | None:
    return None if side.onset is None else course.segment.start + side.onset


def _return(course: Dynamics, side: SideDynamics) -> float | None:
    onset = _onset(course, side)
    if onset is None or side.rise is None or side.hold is None or side.release is None:
        return None
    return onset + side.rise + side.hold + side.release


def _height(line: tuple[tuple[float, float], ...], at: float) -> float:
    """Return the height of a line at a place."""
    before = max((p for p in line if p[0] <= at), default=line[0])
    after = min((p for p in line if p[0] >= at), default=line[-1])
    if after[0] == before[0]:
        return before[1]
    share = (at - before[0]) / (after[0] - before[0])
    return before[1] + share * (after[1] - before[1])


def _text(course: Dynamics, unit: str, factor: float) -> str:
    places = 1 if unit == "mm" else 3
    return (
        f"{SITE_NAMES[course.site]} over time: right "
        f"{number(factor * course.right.excursion, places)} {unit} at the peak, left "
        f"{number(factor * course.left.excursion, places)} {unit}; peak at "
        f"{decimals(course.segment.peak, 2)} s. {lag_text(course)}."
    )


def lag_text(course: Dynamics) -> str:
    """Return which side begins later, and by how much."""
    if course.lag is None:
        why = "see the remarks" if course.remarks else "a side does not move above the noise"
        return f"No lag: {why}"
    later = Side.LEFT if course.lag > 0 else Side.RIGHT
    spread = "" if course.lag_sd is None else f" ± {decimals(max(course.lag_sd, 0.01), 2)}"
    seconds = f"{decimals(abs(course.lag), 2)}{spread} s"
    if course.lag_is_clear:
        return f"The {later} side begins {seconds} later"
    if abs(course.lag) < TOGETHER:
        return f"Both sides begin together, within {decimals(TOGETHER, 2)} s"
    return f"Which side begins first cannot be told ({later} later by {seconds})"

"""What to know about a recording, as sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.face.quality import LARGEST_TURN, SMALLEST_INTEROCULAR_PX
from facialis.face.tracking import Flaw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from facialis.face.tracking import Sighting

SLOW_BELOW: Final = 20.0
"""With fewer frames a second the dynamics are coarse: a blink lasts a third of a second."""

_WORTH_SAYING: Final = 0.3
_JOINED_WITHIN: Final = 0.25
_NAMED: Final = 4
_GAP: Final = (0.25, 4.0)
_SENTENCES: Final = {
    Flaw.NO_FACE: "The face was lost {}.",
    Flaw.TURNED: (
        "The head was turned too far to be measured {} (more than "
        f"{LARGEST_TURN['yaw']:.0f}° to the side or {LARGEST_TURN['pitch']:.0f}° up or down)."
    ),
    Flaw.SMALL: (
        "The face was too small to be measured {} (fewer than "
        f"{SMALLEST_INTEROCULAR_PX} pixels between the outer corners of the eyes)."
    ),
    Flaw.CUT_OFF: "The face was cut off by the edge of the picture {}.",
    Flaw.UNSTEADY: "The landmarks were not steady {}.",
}
_ON_ITS_SIDE: Final = {
    90: "lies on its side (turned by a quarter clockwise to be read)",
    180: "stands upside down (turned by half to be read)",
    270: "lies on its side (turned by a quarter counter-clockwise to be read)",
}


@dataclass(slots=True)
class Spans:
    """Stretches of time.

    Attributes:
        ends: First and last moment of each, in order.
    """

    ends: list[tuple[float, float]] = field(default_factory=list)

    def add(self, seconds: float) -> None:
        """Add a moment after those that are in."""
        if self.ends and seconds - self.ends[-1][1] <= _JOINED_WITHIN:
            self.ends[-1] = (self.ends[-1][0], seconds)
        else:
            self.ends.append((seconds, seconds))

    def said(self, step: float) -> str | None:
        """Return the longer ones in words, None if there are none.

        Args:
            step: How long a frame is shown, seconds.
        """
        long = [(a, b + step) for a, b in self.ends if b + step - a >= _WORTH_SAYING]
        if not long:
            return None
        return _listed([f"from {a:.1f} to {b:.1f} s" for a, b in long])


@dataclass(slots=True)
class Findings:
    """What was found in the frames so far.

    Attributes:
        usable: Whether each frame can be measured.
        cuts: When another shot or person begins.
        flaws: When a frame cannot be measured, by the reason.
        others: When somebody else is in the picture.
        turns: Degrees clockwise by which frames had to be turned.
        shows_a_face: Whether any frame shows one.
    """

    usable: list[bool] = field(default_factory=list)
    cuts: list[float] = field(default_factory=list)
    flaws: dict[Flaw, Spans] = field(default_factory=dict)
    others: Spans = field(default_factory=Spans)
    turns: dict[int, float] = field(default_factory=dict)
    shows_a_face: bool = False

    def add(self, sighting: Sighting) -> None:
        """Take in the next frame."""
        self.usable.append(sighting.usable)
        if sighting.is_cut:
            self.cuts.append(sighting.seconds)
        if sighting.flaw is not None:
            self.flaws.setdefault(sighting.flaw, Spans()).add(sighting.seconds)
        if sighting.others:
            self.others.add(sighting.seconds)
        if sighting.points is not None:
            self.shows_a_face = True
            self.turns.setdefault(sighting.turn, sighting.seconds)


def notes(
    findings: Findings, seconds: NDArray[np.float64], rate: float, damaged: int
) -> Iterator[str]:
    """Yield a sentence for everything that a reader of the measures should know.

    Args:
        findings: What was found.
        seconds: (T,) times of the frames.
        rate: Median frames per second.
        damaged: How many pieces of the file could not be decoded.
    """
    if damaged:
        pieces = "1 piece was" if damaged == 1 else f"{damaged} pieces were"
        yield f"The file is damaged: {pieces} left out that could not be decoded."
    if rate < SLOW_BELOW:
        yield (
            f"The recording has only {rate:.3g} frames a second: times and velocities are coarse, "
            "and blinks may be missed."
        )
    yield from _gaps(seconds, rate)
    for turn, since in findings.turns.items():
        if turn:
            yield f"The face {_ON_ITS_SIDE[turn]} from {since:.1f} s on."
    if findings.cuts:
        begins = _listed([f"at {t:.1f} s" for t in findings.cuts])
        yield f"Another shot or another person begins {begins}."
    others = findings.others.said(1 / rate)
    if others is not None:
        yield f"Somebody else is in the picture {others}; one face was followed."
    for flaw, spans in sorted(findings.flaws.items()):
        said = spans.said(1 / rate)
        if said is not None:
            yield _SENTENCES[flaw].format(said)


def _gaps(seconds: NDArray[np.float64], rate: float) -> Iterator[str]:
    least, frames = _GAP
    steps = np.diff(seconds)
    long = np.flatnonzero(steps > max(least, frames / rate))
    gaps = Spans([(float(seconds[i]), float(seconds[i + 1])) for i in long])
    said = gaps.said(0.0)
    if said is not None:
        yield f"The recording has no frames {said}."


def _listed(parts: list[str]) -> str:
    """Join the first few parts, and say how many more there are."""
    left = len(parts) - _NAMED
    if left > 1:
        parts = [*parts[:_NAMED], f"{left} more times"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

"""Runs of consecutive frames, and frames taken at a lower rate."""

from __future__ import annotations

import statistics
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LENGTH: Final = 4
"""Frames of a sequence ([003] section on sequences)."""

STRIDE: Final = 4
"""Frames from one sequence to the next: they do not overlap (D3-14)."""

_LARGEST_STEP: Final = 1.5


class Numbered(Protocol):
    """What knows its place in a recording: a `Sample` or a `Row` of a manifest."""

    @property
    def source(self) -> str:
        """The collection."""

    @property
    def subject(self) -> str:
        """The person."""

    @property
    def video(self) -> str:
        """The recording, unique within the person."""

    @property
    def frame(self) -> int | None:
        """Number in the recording; None if unknown."""


Frame = TypeVar("Frame", bound=Numbered)


def make_sequences(
    frames: Iterable[Frame], *, length: int = LENGTH, stride: int = STRIDE
) -> list[tuple[Frame, ...]]:
    """Return runs of consecutive frames that never cross a gap, a recording or a person.

    An unbroken run of n frames gives floor((n - length) / stride) + 1 sequences. Frames are
    consecutive while their numbers grow by no more than one and a half of their collection's usual
    step (`usual_step`): collections number the frames they kept by those of the original recording,
    YFP in steps of about 5. Frames without a number, and those that share a number with another
    frame of their recording, are in no sequence and part the frames around them.

    Args:
        frames: Of any recordings, people and collections, in any order.
        length: Frames of a sequence, at least 1.
        stride: Frames from the start of one sequence to the next, at least 1.

    Returns:
        Sequences in the order of collection, person, recording and frame.
    """
    if min(length, stride) < 1:
        raise ValueError(f"length {length} and stride {stride} must be at least 1")
    return [
        run[start : start + length]
        for run in unbroken_runs(frames)
        for start in range(0, len(run) - length + 1, stride)
    ]


def unbroken_runs(frames: Iterable[Frame]) -> list[tuple[Frame, ...]]:
    """Return the longest runs of consecutive frames, as `make_sequences` understands them."""
    recordings: dict[tuple[str, str, str], dict[int, list[Frame]]] = {}
    for frame in frames:
        if frame.frame is not None:
            key = (frame.source, frame.subject, frame.video)
            recordings.setdefault(key, {}).setdefault(frame.frame, []).append(frame)
    steps = {
        source: usual_step(list(numbers) for key, numbers in recordings.items() if key[0] == source)
        for source in {key[0] for key in recordings}
    }
    runs: list[tuple[Frame, ...]] = []
    for key in sorted(recordings):
        runs.extend(_runs(recordings[key], steps[key[0]]))
    return runs


def usual_step(recordings: Iterable[Sequence[int]]) -> float:
    """Return the median difference between neighbouring frame numbers; 1 if there is none.

    Args:
        recordings: The frame numbers of each recording, in any order.
    """
    steps = [b - a for numbers in recordings for a, b in pairwise(sorted(set(numbers)))]
    return statistics.median(steps) if steps else 1.0


def resampled(numbers: Sequence[int], from_rate: float, to_rate: float) -> list[int]:
    """Return which frames to keep of a recording to have it at a lower rate.

    Time is cut into steps of 1 / `to_rate` from the first frame on, and the first frame of each is
    kept; a gap stays a gap. A recording that is slower already is kept whole.

    Args:
        numbers: Frame numbers, ascending, counted at `from_rate`.
        from_rate: Frames per second that the numbers count, above 0.
        to_rate: Frames per second that are wanted, above 0.

    Returns:
        Positions in `numbers`, ascending.
    """
    if min(from_rate, to_rate) <= 0:
        raise ValueError(f"rates {from_rate} and {to_rate} must be above 0")
    kept: dict[int, int] = {}
    for position, number in enumerate(numbers):
        kept.setdefault(time_step(number - numbers[0], from_rate, to_rate), position)
    return list(kept.values())


def time_step(number: int, from_rate: float, to_rate: float) -> int:
    """Return in which step of 1 / `to_rate` a frame lies that is counted at `from_rate`, from 0.

    Where `to_rate` is the higher one, every frame has a step of its own.
    """
    return int(number * min(to_rate / from_rate, 1.0) + _ROUNDING)


_ROUNDING: Final = 1e-6


def _runs(numbers: dict[int, list[Frame]], step: float) -> list[tuple[Frame, ...]]:
    runs: list[list[Frame]] = [[]]
    before: int | None = None
    for number in sorted(numbers):
        is_clear = len(numbers[number]) == 1
        if not is_clear or before is None or number - before > _LARGEST_STEP * step:
            runs.append([])
        if is_clear:
            runs[-1].append(numbers[number][0])
        before = number if is_clear else None
    return [tuple(run) for run in runs if run]

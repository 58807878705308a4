"""Recordings: a person who makes one movement after another, and the truth of each frame."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import av
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Branch, Movement
from facialis.simulation.appearance import Appearance
from facialis.simulation.course import Course, drawn_blink, drawn_course
from facialis.simulation.lesion import Lesion
from facialis.simulation.nature import together
from facialis.simulation.palsy import acted
from facialis.simulation.performance import Performance, performed
from facialis.simulation.plan import Placement, Scene

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from facialis.simulation.compose import Composite, Sitter
    from facialis.simulation.muscles import Contractions

Pixels = NDArray[np.uint8]

_SWAY_DEGREES: Final = 0.8
_SWAYS_EVERY: Final = 4.1
_BLINK_EVERY: Final = (2.5, 5.0)
_QUALITY: Final = "18"


@dataclass(frozen=True, slots=True)
class Script:
    """What is recorded.

    Attributes:
        movements: One after the other.
        seconds: That each of them takes, rest before and after included.
        rate: Frames per second.
        lesion: None for a healthy person.
        grade: House-Brackmann grade of the lesion.
        seed: Of the courses, the blinks and the sway of the head.
    """

    movements: Sequence[Movement]
    seconds: float = 3.0
    rate: float = 25.0
    lesion: Lesion | None = None
    grade: int = 1
    seed: int = 0

    @property
    def frames(self) -> int:
        """How many frames it takes."""
        return len(self.movements) * round(self.seconds * self.rate)

    def scenes(self, subject: str) -> Iterator[Scene]:
        """Yield the frames in order; blinks are among the quirks."""
        rng = np.random.default_rng(self.seed)
        lesion = self.lesion
        weakness = 0.0 if lesion is None else lesion.weakness_of(Branch.BUCCAL)
        side = None if lesion is None else lesion.side
        blinks = _blinks(rng, len(self.movements) * self.seconds)
        begins = rng.uniform(0, 2 * np.pi, 2)
        each = round(self.seconds * self.rate)
        for number, movement in enumerate(self.movements):
            course = drawn_course(rng, movement, self.seconds, weak_side=side, weakness=weakness)
            for k in range(each):
                index = number * each + k
                t = index / self.rate
                sway = _SWAY_DEGREES * np.sin(2 * np.pi * t / _SWAYS_EVERY + begins)
                blinking = None if movement.closes_the_eyes else _blink(blinks, t, lesion)
                yield Scene(
                    name=f"{subject}_{index:05d}",
                    subject=subject,
                    case=0,
                    grade=self.grade,
                    lesion=lesion,
                    movement=movement,
                    phase=course.phase(k / self.rate),
                    effort=course.efforts(k / self.rate),
                    habit_seed=(),
                    quirk=blinking,
                    yaw=float(sway[0]),
                    pitch=float(sway[1]),
                    placement=Placement(),
                    appearance=Appearance(),
                    sequence=subject,
                    frame=index,
                    seconds=round(t, 5),
                )


def recorded(sitter: Sitter, scene: Scene) -> Composite:
    """Return one frame."""
    return performed(
        sitter,
        Performance(
            movement=scene.movement,
            effort=scene.effort,
            lesion=scene.lesion,
            quirk=scene.quirk,
            yaw=scene.yaw,
            pitch=scene.pitch,
            surroundings="neutral" if scene.sequence else "smile",
        ),
    )


def write_video(path: Path, frames: Iterable[Pixels], rate: float) -> None:
    """Write frames (H, W, 3), of even height and width, as H.264 in MP4.

    Args:
        path: The file; replaced only when it is complete.
        frames: RGB.
        rate: Frames per second.
    """
    partial = path.with_name(f"{path.stem}.partial{path.suffix}")
    try:
        _encode(partial, frames, rate)
        partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


def _encode(path: Path, frames: Iterable[Pixels], rate: float) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        container.metadata["comment"] = "Simulated palsy; no patient was recorded."
        stream = container.add_stream("libx264", rate=round(rate), options={"crf": _QUALITY})
        stream.pix_fmt = "yuv420p"
        started = False
        for pixels in frames:
            if not started:
                stream.height, stream.width = pixels.shape[:2]
                started = True
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def _blinks(rng: np.random.Generator, seconds: float) -> list[Course]:
    found, at = [], float(rng.uniform(*_BLINK_EVERY)) / 2
    while at < seconds:
        found.append(drawn_blink(rng, at))
        at += float(rng.uniform(*_BLINK_EVERY))
    return found


def _blink(blinks: Iterable[Course], t: float, lesion: Lesion | None) -> Contractions | None:
    merged: Contractions | None = None
    for course in blinks:
        effort = course.efforts(t)
        if max(effort.values()) > 0:
            merged = together(acted(Movement.EYE_CLOSE_GENTLE, effort, lesion), merged)
    return merged

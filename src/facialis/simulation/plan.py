"""What each picture of a cohort shows, drawn by chance from a seed.

Every draw depends only on the seed, the person's name and the number of the picture, so that the
order of work, the number of processes and the other people in the folder change nothing of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from facialis.clinical.anatomy import Branch, Movement, Side
from facialis.simulation.appearance import Appearance, drawn_appearance
from facialis.simulation.course import Phase, drawn_course
from facialis.simulation.lesion import Lesion
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.muscles import Contractions
from facialis.simulation.nature import drawn_quirk

GRADES: Final = (1, 4, 2, 6, 1, 3, 5)
"""House-Brackmann grades of a person's cases in turn; each person starts at another place."""

MOVEMENTS_OF_A_CASE: Final = tuple(Movement)

_YAW_SD, _MOST_YAW = 4.0, 10.0
_PITCH_SD, _MOST_PITCH = 3.0, 7.0
_ROLL_SD, _MOST_ROLL = 3.0, 8.0
_ZOOM: Final = (0.92, 1.08)
_SHIFT_SD: Final = 0.015
_EFFORT: Final = (0.7, 1.0)
_CLOSING_EFFORT: Final = (0.95, 1.0)
_EFFORT_SD: Final = 0.04
_UNDERWAY_SHARE: Final = 0.15
_UNDERWAY: Final = (0.3, 0.7)
_BEFORE_AND_AFTER: Final = 1.6


@dataclass(frozen=True, slots=True)
class Placement:
    """How the face lies in the picture.

    Attributes:
        roll: Clockwise on screen, degrees.
        zoom: Of the usual size.
        shift: To the right and down, in sides of the picture.
    """

    roll: float = 0.0
    zoom: float = 1.0
    shift: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One picture of the plan.

    Attributes:
        name: Unique in the cohort.
        subject: The person.
        case: The person's lesion, counted from 0.
        grade: House-Brackmann grade of the case.
        lesion: None for a healthy person.
        movement: What is attempted.
        phase: Where in the movement the moment lies.
        effort: Of each side as if healthy, 0 to 1.
        habit_seed: Draws the asymmetry of the face; the same for a whole case.
        quirk: Contractions on purpose of one side.
        yaw: Degrees towards the patient's left.
        pitch: Degrees, chin up.
        placement: In the picture.
        appearance: What is drawn onto it.
        sequence: The run of frames that it belongs to, else empty.
        frame: Its number in the run; None for a photograph.
        seconds: Since the recording began; None for a photograph.
    """

    name: str
    subject: str
    case: int
    grade: int
    lesion: Lesion | None
    movement: Movement
    phase: Phase
    effort: Mapping[Side, float]
    habit_seed: tuple[int, ...] = ()
    quirk: Contractions | None = None
    yaw: float = 0.0
    pitch: float = 0.0
    placement: Placement = field(default_factory=Placement)
    appearance: Appearance = field(default_factory=Appearance)
    sequence: str = ""
    frame: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a cohort is drawn.

    Attributes:
        per_subject: Photographs (or runs of frames) of each person.
        seed: Of every draw.
        frames: Frames of a run; 1 for photographs.
        rate: Frames per second of a run.
    """

    per_subject: int
    seed: int = 0
    frames: int = 1
    rate: float = 6.0

    def scenes(self, subject: str, *, grows_beard: bool = True) -> Iterator[Scene]:
        """Yield the pictures of one person, in order."""
        own = number_of(subject)
        first = own % len(GRADES)
        for number in range(self.per_subject):
            case, at = divmod(number, len(MOVEMENTS_OF_A_CASE))
            grade = GRADES[(first + case) % len(GRADES)]
            case_rng = np.random.default_rng([self.seed, own, case, 0])
            worn = drawn_appearance(case_rng, grows_beard=grows_beard)
            lesion = None if grade == 1 else drawn_lesion(case_rng, grade=grade)
            rng = np.random.default_rng([self.seed, own, case, at + 1])
            still = _Still(
                subject, case, grade, lesion, worn, (self.seed, own, case, 10_000), grows_beard
            )
            movement = MOVEMENTS_OF_A_CASE[at]
            if self.frames == 1:
                yield still.photograph(movement, f"{subject}_{number:03d}_{movement}", rng)
            else:
                name = f"{subject}_{number:03d}_{movement}"
                yield from still.run(movement, name, rng, self.frames, self.rate)


@dataclass(frozen=True, slots=True)
class _Still:
    """What all pictures of a case share."""

    subject: str
    case: int
    grade: int
    lesion: Lesion | None
    worn: Appearance
    habit_seed: tuple[int, ...]
    grows_beard: bool

    def photograph(self, movement: Movement, name: str, rng: np.random.Generator) -> Scene:
        underway = rng.random() < _UNDERWAY_SHARE and movement is not Movement.REST
        usual = _CLOSING_EFFORT if movement.closes_the_eyes else _EFFORT
        overall = rng.uniform(*(_UNDERWAY if underway else usual))
        effort = {s: float(np.clip(overall + rng.normal(0, _EFFORT_SD), 0, 1)) for s in Side}
        phase = Phase.ONSET if underway else Phase.HOLD
        scene = self._scene(movement, name, rng)
        return replace(
            scene, effort=effort, phase=Phase.REST if movement is Movement.REST else phase
        )

    def run(
        self, movement: Movement, name: str, rng: np.random.Generator, frames: int, rate: float
    ) -> Iterator[Scene]:
        scene = self._scene(movement, name, rng)
        seconds = frames / rate + _BEFORE_AND_AFTER
        weakness = 0.0 if self.lesion is None else self.lesion.weakness_of(Branch.BUCCAL)
        side = None if self.lesion is None else self.lesion.side
        course = drawn_course(rng, movement, seconds, weak_side=side, weakness=weakness)
        begins = min(c.begins for c in course.sides.values())
        start = max(0.0, begins - rng.uniform(0, 1.5 / rate))
        sway = rng.normal(0, 0.6, 2)
        for k in range(frames):
            t = start + k / rate
            turned = sway * np.sin(2 * np.pi * t / seconds)
            yield replace(
                scene,
                name=f"{name}_{k:02d}",
                sequence=name,
                frame=k,
                seconds=round(t, 4),
                effort=course.efforts(t),
                phase=Phase.REST if movement is Movement.REST else course.phase(t),
                yaw=scene.yaw + float(turned[0]),
                pitch=scene.pitch + float(turned[1]),
            )

    def _scene(self, movement: Movement, name: str, rng: np.random.Generator) -> Scene:
        yaw = float(np.clip(rng.normal(0, _YAW_SD), -_MOST_YAW, _MOST_YAW))
        pitch = float(np.clip(rng.normal(0, _PITCH_SD), -_MOST_PITCH, _MOST_PITCH))
        roll = float(np.clip(rng.normal(0, _ROLL_SD), -_MOST_ROLL, _MOST_ROLL))
        x, y = rng.normal(0, _SHIFT_SD, 2).tolist()
        quirk = drawn_quirk(rng)
        taken = drawn_appearance(rng, grows_beard=self.grows_beard)
        look = replace(
            taken, glasses=self.worn.glasses, beard=self.worn.beard, lines=self.worn.lines
        )
        return Scene(
            name=name,
            subject=self.subject,
            case=self.case,
            grade=self.grade,
            lesion=self.lesion,
            movement=movement,
            phase=Phase.REST,
            effort=dict.fromkeys(Side, 0.0),
            habit_seed=self.habit_seed,
            quirk=quirk,
            yaw=yaw,
            pitch=pitch,
            placement=Placement(roll, float(rng.uniform(*_ZOOM)), (x, y)),
            appearance=look,
        )


def number_of(subject: str) -> int:
    """Return a number that only this person's name gives, for seeds."""
    return int.from_bytes(hashlib.sha256(subject.encode()).digest()[:6], "big")

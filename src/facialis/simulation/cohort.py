"""A cohort on disk: many people, every picture with its truth, and a manifest of all of it.

The folder is that of `facialis.simulation.cohort_files`, with a manifest, a contact sheet and a
data card.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import facialis
from facialis.datasets.manifest import TOGETHER, Manifest
from facialis.datasets.manifest_files import file_digest, write_manifest
from facialis.datasets.spawned import attempted, or_raised, workers
from facialis.errors import check_within
from facialis.simulation.cohort_files import (
    PLAN_NAME,
    claim,
    finished_rows,
    make_missing,
    write,
    write_picture,
    write_rows,
)
from facialis.simulation.crossing import Cross, cross_studio, drawn_crosses
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.people import Person, Sighting, find_people, sighted, studio_of
from facialis.simulation.plan import Plan
from facialis.simulation.sheet import write_card, write_sheet

if TYPE_CHECKING:
    from concurrent.futures import Future

    from facialis.datasets.spawned import Refusal

Progress = Callable[[int, int], None]

_FEWEST_FOR_ASYMMETRY: Final = 3
_SMALLEST, _LARGEST = 64, 1024


@dataclass(frozen=True, slots=True)
class Cohort:
    """What a cohort is made of.

    Attributes:
        faces: Folder of photographs; see `people.find_people`.
        plan: What is drawn.
        side: Of the pictures, pixels.
        crosses: Invented people for each person, who are shown instead; 0 shows the people.
    """

    faces: Path
    plan: Plan
    side: int = 256
    crosses: int = 0

    def __post_init__(self) -> None:
        """Check the numbers.

        Raises:
            InputError: One is out of range.
        """
        for name, value, least, most in (
            ("the side", self.side, _SMALLEST, _LARGEST),
            ("pictures per subject", self.plan.per_subject, 1, 10_000),
            ("frames", self.plan.frames, 1, 1000),
            ("crosses", self.crosses, 0, 1000),
        ):
            check_within(name, value, least, most)


def build_cohort(
    cohort: Cohort, out: Path, *, jobs: int = 2, progress: Progress | None = None
) -> Manifest:
    """Simulate a cohort into a folder.

    The bytes depend on the photographs, the plan and the side, not on `jobs`.

    Args:
        cohort: What to simulate.
        out: A folder that is new, empty, or holds the unfinished same cohort.
        jobs: Processes.
        progress: Called with people done and people in all.

    Raises:
        InputError: The photographs cannot be used, or the folder holds something else.
        OutputError: The folder cannot be written.
    """
    people = find_people(cohort.faces)
    shown = _shown(cohort, people)
    asked = _asked(cohort, people, shown)
    claim(out, asked)
    names = [each.name for each in shown]
    report = progress or (lambda _done, _of: None)
    with workers(jobs) as pool:
        seen = pool.map(partial(attempted, sighted), people)
        sightings = dict(zip(people, map(or_raised, seen), strict=True))

        def seen_of(each: Person | Cross) -> tuple[Sighting, ...]:
            whose = (each.skin, each.shape) if isinstance(each, Cross) else (each,)
            return tuple(sightings[person] for person in whose)

        write(out / PLAN_NAME, asked)
        asymmetry = None
        if len(people) >= _FEWEST_FOR_ASYMMETRY:
            asymmetry = NaturalAsymmetry.of([s.face for s in sightings.values()])

        def started(number: int) -> Future[Refusal | None]:
            each = shown[number]
            return pool.submit(attempted, _make_person, cohort, each, seen_of(each), asymmetry, out)

        make_missing(out, names, started, report)
    rows = finished_rows(out, names)
    title = "Simulated palsy of invented people" if cohort.crosses else "Simulated palsy"
    manifest = Manifest(title, rows, _made(cohort, people, shown))
    write_manifest(manifest, out)
    write_sheet(manifest, out)
    write_card(manifest, shown, out, invented_from=len(people) if cohort.crosses else None)
    return manifest


def _shown(cohort: Cohort, people: list[Person]) -> Sequence[Person | Cross]:
    if not cohort.crosses:
        return people
    return drawn_crosses(people, cohort.crosses, cohort.plan.seed)


def _made(cohort: Cohort, people: list[Person], shown: Sequence[Person | Cross]) -> dict[str, Any]:
    made = {
        "simulated": True,
        "facialis": facialis.__version__,
        "plan": asdict(cohort.plan),
        "side": cohort.side,
        "people": len(people),
        "without_smile": [p.name for p in people if p.smile is None],
        "without_hand_points": [p.name for p in people if p.hand_points is None],
    }
    return made | {"invented": len(shown)} if cohort.crosses else made


def _asked(cohort: Cohort, people: list[Person], shown: Sequence[Person | Cross]) -> bytes:
    """Return the text that tells this cohort from any other."""
    photographs = {
        path.name: file_digest(path)
        for person in people
        for path in (person.neutral, person.smile, person.hand_points)
        if path is not None
    }
    sexes = {person.name: person.sex for person in people}
    told = _made(cohort, people, shown) | {"photographs": photographs, "sexes": sexes}
    return json.dumps(told, indent=1).encode()


def _make_person(
    cohort: Cohort,
    person: Person | Cross,
    seen: tuple[Sighting, ...],
    asymmetry: NaturalAsymmetry | None,
    out: Path,
) -> None:
    folder = cohort.faces.resolve().name
    if isinstance(person, Cross):
        studio = cross_studio(person, (seen[0], seen[1]), cohort.side, asymmetry)
        subject = f"{folder}/{person.skin.name}{TOGETHER}{folder}/{person.shape.name}"
    else:
        studio = studio_of(person, seen[0], cohort.side, asymmetry)
        subject = f"{folder}/{person.name}"
    rows = []
    grows_beard = person.sex != "female"
    for scene in cohort.plan.scenes(person.name, grows_beard=grows_beard):
        picture = studio.rendered(scene)
        rows.append(write_picture(scene, picture, subject, out, rate=cohort.plan.rate))
    write_rows(out, person.name, rows)

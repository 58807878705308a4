"""Make pictures for a reader who does not know which are simulated.

``python -m benchmarks.simulation_blind PICTURES KEY`` writes numbered pictures into one folder and
the key into another; both must lie outside the repository, for they show people.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from benchmarks import simulation_people
from benchmarks.record import ROOT
from facialis.clinical.anatomy import Movement, Side
from facialis.simulation.appearance import Appearance
from facialis.simulation.course import Phase
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.people import Person, sighted, studio_of
from facialis.simulation.plan import Plan, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PICTURES: Final = 40
SIDE: Final = 384
SEED: Final = 20
GRADES: Final = (1, 2, 3, 4, 5, 6)
SHOWN: Final = (Movement.REST, Movement.SMILE)


def scenes(people: Sequence[Person], rng: np.random.Generator) -> Iterator[tuple[Scene, bool]]:
    """Yield scenes of as many people, each with whether it is to be simulated.

    Half are, of every grade in turn; rest and smile in turn in both halves; nothing is drawn in
    front of the faces.
    """
    for number, person in enumerate(people):
        simulated, movement = number % 2 == 0, SHOWN[number // 2 % 2]
        plan = Plan(per_subject=len(Movement), seed=SEED)
        drawn = next(s for s in plan.scenes(person.name) if s.movement is movement)
        grade = GRADES[number // 4 % len(GRADES)]
        smiles = movement is Movement.SMILE
        overall = float(rng.uniform(0.75, 1.0))
        yield (
            replace(
                drawn,
                grade=grade,
                lesion=None if grade == 1 else drawn_lesion(rng, grade=grade),
                quirk=None,
                effort=dict.fromkeys(Side, overall if smiles else 0.0),
                phase=Phase.HOLD if smiles else Phase.REST,
                appearance=Appearance(camera=drawn.appearance.camera, seed=number),
            ),
            simulated,
        )


def write(faces: Path, pictures: Path, key: Path) -> None:
    """Write the pictures and the key."""
    for folder in (pictures, key):
        if folder.resolve().is_relative_to(ROOT):
            raise SystemExit(f"{folder} lies in the repository, which shows nobody's face.")
        folder.mkdir(parents=True, exist_ok=True)
    everyone = [person for person, _ in simulation_people.people_of(faces)]
    sightings = {person: sighted(person) for person in everyone}
    asymmetry = NaturalAsymmetry.of([s.face for s in sightings.values()])
    rng = np.random.default_rng(SEED)
    people = [everyone[k] for k in rng.choice(len(everyone), PICTURES, replace=False)]
    chosen = list(scenes(people, rng))
    rows = []
    for place, number in enumerate(rng.permutation(PICTURES), 1):
        scene, simulated = chosen[number]
        studio = studio_of(people[number], sightings[people[number]], SIDE, asymmetry)
        shown = studio.rendered(scene) if simulated else studio.untouched(scene)
        name = f"{place:02d}.png"
        cv2.imwrite(str(pictures / name), shown.pixels[..., ::-1])
        lesion = scene.lesion if simulated else None
        rows.append(
            (
                name,
                "simulated" if simulated else "untouched",
                scene.subject,
                scene.movement.value,
                scene.grade if simulated else "",
                "" if lesion is None else lesion.side.value,
            )
        )
    with (key / "key.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("picture", "kind", "subject", "movement", "grade", "side"))
        table.writerows(rows)


if __name__ == "__main__":
    import os

    write(Path(os.environ["FACIALIS_DATA"]) / "faces", Path(sys.argv[1]), Path(sys.argv[2]))

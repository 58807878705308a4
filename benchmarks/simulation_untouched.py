"""Whether a small classifier tells faces without weakness from untouched photographs."""

from __future__ import annotations

import os
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks import simulation_people
from benchmarks.record import Benchmark, Results, table
from benchmarks.simulation_detectors import (
    auc_with_interval,
    fit_network,
    fit_statistics,
    held_out_scores,
    noise_statistics,
)
from facialis.clinical.anatomy import Movement, Side
from facialis.simulation.appearance import Appearance
from facialis.simulation.course import Phase
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.people import Person, sighted, studio_of
from facialis.simulation.plan import Plan, Scene

if TYPE_CHECKING:
    from collections.abc import Iterator

Pixels = NDArray[np.uint8]

TARGET: Final = 0.6
DRAWS: Final = 4
EFFORT: Final = (0.7, 1.0)
STATISTICS, NETWORK = "logistic regression on noise statistics", "convolutional network"
SHOWN: Final = (Movement.REST, Movement.SMILE)
TAKEN: Final = {
    "as in a cohort": "turned, and with glasses, fringe, beard, lines, light and camera drawn",
    "not turned": "the same without the turn, which the studio's photographs do not have",
    "bare": "turned, and nothing drawn onto either",
}


def measure(faces: Path | None) -> Results:
    """Make pairs of pictures, and let both classifiers learn to tell them apart."""
    assert faces is not None
    people = [person for person, _ in simulation_people.people_of(faces)]
    sightings = [sighted(person) for person in people]
    asymmetry = NaturalAsymmetry.of([s.face for s in sightings])
    cores = len(os.sched_getaffinity(0))
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(cores, mp_context=get_context("spawn")) as pool,
    ):
        files = [Path(folder) / f"{person.name}.npz" for person in people]
        counts = pool.map(write_pairs, people, sightings, [asymmetry] * len(people), files)
        pictures = sum(counts)
        loaded = [dict(np.load(file)) for file in files]
    parts = {key: np.concatenate([found[key] for found in loaded]) for key in loaded[0]}
    who = np.repeat(np.arange(len(people)), pictures // len(people))
    results: Results = {"people": len(people), "pairs": {}, "classifiers": {}}
    for taken in TAKEN:
        chosen = parts["taken"] == taken
        results["pairs"][taken] = int(chosen.sum())
        results["classifiers"][taken] = _told_apart(
            parts["untouched"][chosen], parts["simulated"][chosen], parts["movement"][chosen],
            who[chosen], with_network=taken != "not turned",
        )  # fmt: skip
    return results


def write_pairs(person: Person, sighting: Any, asymmetry: NaturalAsymmetry, file: Path) -> int:
    """Write pairs of pictures of a person, untouched and simulated; return how many."""
    studio = studio_of(person, sighting, simulation_people.SIDE, asymmetry)
    pairs = [
        (studio.untouched(s).pixels, studio.rendered(s).pixels, s.movement.value, taken)
        for taken in TAKEN
        for s in scenes(person, taken)
    ]
    untouched, simulated, movement, taken = (np.array(each) for each in zip(*pairs, strict=True))
    np.savez(file, untouched=untouched, simulated=simulated, movement=movement, taken=taken)
    return len(pairs)


def scenes(person: Person, taken: str) -> Iterator[Scene]:
    """Yield healthy scenes at rest and smiling, nothing done on purpose with one side."""
    bare = taken == "bare"
    turned = float(taken != "not turned")
    for number in range(DRAWS // 2 if bare else DRAWS):
        plan = Plan(per_subject=len(Movement), seed=1000 + number)
        for scene in plan.scenes(person.name, grows_beard=person.sex != "female"):
            if scene.movement in SHOWN:
                rng = np.random.default_rng([number, *scene.name.encode()])
                effort = {side: float(rng.uniform(*EFFORT)) for side in Side}
                smiles = scene.movement is Movement.SMILE
                yield replace(
                    scene,
                    grade=1,
                    lesion=None,
                    quirk=None,
                    effort=effort if smiles else dict.fromkeys(Side, 0.0),
                    phase=Phase.HOLD if smiles else Phase.REST,
                    yaw=turned * scene.yaw,
                    pitch=turned * scene.pitch,
                    appearance=Appearance() if bare else scene.appearance,
                )


def _told_apart(
    untouched: Pixels,
    simulated: Pixels,
    movement: NDArray[np.str_],
    who: NDArray[np.int64],
    *,
    with_network: bool,
) -> Results:
    pictures = np.concatenate((untouched, simulated))
    labels = np.repeat([0, 1], len(untouched))
    people, shown = np.tile(who, 2), np.tile(movement, 2)
    statistics = np.stack([noise_statistics(picture) for picture in pictures])
    scores = {STATISTICS: held_out_scores(statistics, labels, people, fit_statistics)}
    if with_network:
        scores[NETWORK] = held_out_scores(pictures, labels, people, fit_network)
    return {
        name: {"all": auc_with_interval(values, labels, people)}
        | {
            m.value: auc_with_interval(*(a[shown == m.value] for a in (values, labels, people)))
            for m in SHOWN
        }
        for name, values in scores.items()
    }


def tables(results: Results) -> str:
    """Return the tables of the page."""
    rows = []
    for taken, found in results["classifiers"].items():
        for name, by_movement in found.items():
            rows.append(
                (
                    f"{taken}, {name}",
                    *(
                        f"{a['auc']:.3f} ({a['low']:.3f} to {a['high']:.3f})"
                        for a in by_movement.values()
                    ),
                )
            )
    pairs = " and ".join(f"{n} pairs {taken}" for taken, n in results["pairs"].items())
    worst = max(a["all"]["auc"] for a in results["classifiers"]["as in a cohort"].values())
    kinds = "; ".join(f"{taken}: {words}" for taken, words in TAKEN.items())
    return "\n\n".join(
        (
            f"{results['people']} people, {pairs}, {simulation_people.SIDE} × "
            f"{simulation_people.SIDE} pixels. Each pair is one photograph at rest or smiling: "
            "untouched, only placed in the picture, and through the compositor with a drawn "
            "asymmetry, a turn of the head and an effort of 0.7 to 1 but no weakness. Both "
            f"get the same placement and appearance ({kinds}). Area under the ROC curve of "
            "classifiers in five folds of people, with a 95 % bootstrap interval of people.",
            table(("pictures and classifier", "all", "rest", "smile"), rows),
            f"Target: at most {TARGET:.2f} for pictures as in a cohort, for either classifier: "
            f"{'met' if worst <= TARGET else '**missed**'} ({worst:.3f}).",
        )
    )


if __name__ == "__main__":
    Benchmark("simulation_untouched", "simulation.md", measure, tables).run()

"""How long a cohort takes: 71 people, 60 pictures each, 256 × 256 pixels, two processes."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import cv2

from benchmarks import simulation_people
from benchmarks.record import Benchmark, Results, table
from facialis.simulation import cohort as making
from facialis.simulation import studio
from facialis.simulation.cohort import Cohort, build_cohort
from facialis.simulation.nature import NaturalAsymmetry
from facialis.simulation.people import sighted, studio_of
from facialis.simulation.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Callable

PER_SUBJECT: Final = 60
JOBS: Final = 2
TARGET_MINUTES: Final = 6.0
TIMED_PEOPLE: Final = 6
STAGES: Final = {
    "composing": ((studio, "performed"),),
    "masks, attributes and depth": (
        (studio, "part_map"),
        (studio, "attribute_map"),
        (studio, "depth_map"),
    ),
    "appearance": ((studio, "applied"),),
    "files, fingerprint and rows": ((making, "_row"),),
}


def measure(faces: Path | None) -> Results:
    """Time the stages on some people in one process, then a whole cohort in two."""
    assert faces is not None
    with tempfile.TemporaryDirectory() as folder:
        stages = _stages(faces, Path(folder) / "stages")
        began = time.perf_counter()
        manifest = build_cohort(_cohort(faces), Path(folder) / "whole", jobs=JOBS)
        seconds = time.perf_counter() - began
        files = [f for f in (Path(folder) / "whole").rglob("*") if f.is_file()]
        size = sum(f.stat().st_size for f in files)
    return stages | {
        "pictures": len(manifest.rows),
        "jobs": JOBS,
        "minutes": round(seconds / 60, 2),
        "files": len(files),
        "gigabytes": round(size / 1e9, 2),
    }


def _cohort(faces: Path) -> Cohort:
    return Cohort(faces / "london", Plan(per_subject=PER_SUBJECT), simulation_people.SIDE)


def _stages(faces: Path, out: Path) -> Results:
    """Return processor milliseconds a picture of each stage, one process."""
    everyone = [person for person, _ in simulation_people.people_of(faces)]
    people = everyone[:: len(everyone) // TIMED_PEOPLE][:TIMED_PEOPLE]
    began = time.process_time()
    sightings = [sighted(person) for person in people]
    found = time.process_time() - began
    asymmetry = NaturalAsymmetry.of([s.face for s in sightings])
    out.joinpath("people").mkdir(parents=True)
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    # What is computed once a process (meshes, distances on the skin) is computed before.
    warm = studio_of(people[0], sightings[0], simulation_people.SIDE, asymmetry)
    for scene in Plan(per_subject=12).scenes(people[0].name):
        warm.rendered(scene)
    spent = dict.fromkeys(STAGES, 0.0)
    with ExitStack() as stack:
        for name, functions in STAGES.items():
            for module, function in functions:
                timed = _timed(getattr(module, function), spent, name)
                stack.enter_context(patch.object(module, function, timed))
        began = time.process_time()
        for person, sighting in zip(people, sightings, strict=True):
            making._make_person(_cohort(faces), person, (sighting,), asymmetry, out)
        total = time.process_time() - began
    cv2.setNumThreads(threads)
    pictures = PER_SUBJECT * len(people)
    spent["photographs, hair, hand points and placing"] = total - sum(spent.values())
    return {
        "timed_people": len(people),
        "milliseconds": {name: round(1000 * s / pictures, 2) for name, s in spent.items()},
        "milliseconds_in_all": round(1000 * total / pictures, 2),
        "milliseconds_finding_faces_of_a_person": round(1000 * found / len(people), 1),
    }


def _timed(function: Callable[..., Any], spent: dict[str, float], name: str) -> Callable[..., Any]:
    def timed(*values: Any, **named: Any) -> Any:
        began = time.process_time()
        try:
            return function(*values, **named)
        finally:
            spent[name] += time.process_time() - began

    return timed


def tables(results: Results) -> str:
    """Return the tables of the page."""
    minutes = results["minutes"]
    return "\n\n".join(
        (
            f"A cohort of {results['pictures']} pictures ({simulation_people.SIDE} × "
            f"{simulation_people.SIDE} pixels, with masks, attributes, depth, landmarks and truth: "
            f"{results['files']} files, {results['gigabytes']:.1f} GB) in {results['jobs']} "
            f"processes took {minutes:.1f} minutes (target at most {TARGET_MINUTES:.0f}: "
            f"{'met' if minutes <= TARGET_MINUTES else '**missed**'}).",
            f"Processor time a picture, one process, {results['timed_people']} people:",
            table(
                ("stage", "ms"),
                (
                    *((name, f"{ms:.1f}") for name, ms in results["milliseconds"].items()),
                    ("in all", f"{results['milliseconds_in_all']:.1f}"),
                ),
            ),
            "Before that the faces are found in the photographs, "
            f"{results['milliseconds_finding_faces_of_a_person']:.0f} ms a person.",
        )
    )


if __name__ == "__main__":
    Benchmark("simulation_cohort", "simulation.md", measure, tables).run()

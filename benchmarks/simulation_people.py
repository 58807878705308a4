"""The people whose pictures the simulator is checked on, and work on them in several processes."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2

from benchmarks.photographs import started
from benchmarks.record import ROOT
from facialis.clinical.anatomy import Side
from facialis.simulation.people import Person, find_people, sighted, studio_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from facialis.simulation.nature import NaturalAsymmetry
    from facialis.simulation.studio import Studio

SIDE: Final = 256
"""Side of the pictures of a cohort, pixels; the faces are composed 1.25 times as large."""

Found = list[dict[str, Any]]


def people_of(faces: Path) -> list[tuple[Person, Side]]:
    """Return the people of the London set, each with the side that a lesion is put on in turn."""
    people = find_people(faces / "london")
    return [(person, list(Side)[i % 2]) for i, person in enumerate(people)]


def studio_for(person: Person, asymmetry: NaturalAsymmetry | None = None) -> Studio:
    """Return a person's photographs, ready to be made into pictures."""
    return studio_of(person, sighted(person), SIDE, asymmetry)


def found_of_each(faces: Path, of_one: Callable[[Person, Side], Found], name: str) -> Found:
    """Return what a function finds of every person, computed in as many processes as cores.

    What was found of each person is kept until all are done, so that a measurement that was
    stopped goes on; a change of the code starts it anew.
    """
    folder = Path(tempfile.gettempdir()) / f"facialis-{name}-{_code()}"
    folder.mkdir(parents=True, exist_ok=True)
    people = people_of(faces)
    files = {person: folder / f"{person.name}.json" for person, _ in people}
    context = multiprocessing.get_context("spawn")
    cores = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(cores, mp_context=context, initializer=_begun) as pool:
        waiting = {
            pool.submit(of_one, person, side): files[person]
            for person, side in people
            if not files[person].is_file()
        }
        for number, done in enumerate(as_completed(waiting), 1):
            waiting[done].write_text(json.dumps(done.result()), encoding="utf-8")
            print(f"\r{name}: {number} of {len(waiting)} people", end="", file=sys.stderr)
    print(file=sys.stderr)
    rows = [row for file in files.values() for row in json.loads(file.read_text(encoding="utf-8"))]
    for file in files.values():
        file.unlink()
    folder.rmdir()
    return rows


def _begun() -> None:
    cv2.setNumThreads(1)
    started()


def _code() -> str:
    """Return a digest of the code that decides what is found."""
    digest = hashlib.sha256()
    folders = ("clinical", "face", "measures", "grading", "simulation")
    files = [f for name in folders for f in sorted((ROOT / "src/facialis" / name).rglob("*.py"))]
    for file in [*files, *sorted((ROOT / "benchmarks").glob("simulation_*.py"))]:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]

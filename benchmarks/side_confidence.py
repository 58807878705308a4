"""Whether the confidence in the side is honest: how often it is right, by what is claimed.

``python -m benchmarks.side_confidence --data FRAMED`` reads a simulated cohort that ``facialis data
frame`` framed, all movements, and judges every palsy that the norms call one: with its movement
stated, by lesions of other people, and without. Who the people are stands in the folder that
``FACIALIS_DATA`` names.
"""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.model_selection import GroupKFold

from benchmarks.answer_groups import described, groups
from benchmarks.record import ROOT, Results, where
from facialis.clinical.anatomy import AffectedSide, Region
from facialis.datasets.manifest_files import read_manifest
from facialis.grading.photograph import Verdict, verdict
from facialis.measures.norms import default_norms
from facialis.training.conformal import FOLDS, share
from facialis.training.healthy_distance import evidence_of
from facialis.training.side_fit import learned_table, lesioned

if TYPE_CHECKING:
    from facialis.datasets.manifest import Manifest, Row

_EDGES: Final = (0.5, 0.65, 0.75, 0.85, 0.95, 1.0001)
_HALF: Final = 0.5


def measure(data: Path, subjects: Path) -> Results:
    """Judge every palsied picture of a cohort.

    Args:
        data: The cohort.
        subjects: Table of sex, age and ethnic group of its people.
    """
    manifest = read_manifest(data)
    who = groups(described(subjects, {row.subject.rsplit("/", 1)[-1] for row in manifest.rows}))
    rows = [row for row in manifest.rows if row.side is not None and row.movement is not None]
    stated, unstated = _judged(rows, manifest)
    return {
        "manifest": manifest.digest,
        "palsies": len(rows),
        "movement stated": _counted(stated, who),
        "movement not stated": _counted(unstated, who),
    }


Judged = list[tuple["Row", "Verdict"]]


def _judged(rows: list[Row], manifest: Manifest) -> tuple[Judged, Judged]:
    """Return the verdicts on pictures by lesions of other people, movement stated and not."""
    pictures = lesioned(manifest)
    stated: dict[str, Verdict] = {}
    unstated: dict[str, Verdict] = {}
    for train, test in GroupKFold(FOLDS).split(rows, groups=pictures.people):
        table = learned_table(pictures.part(train))
        for row in (rows[number] for number in test):
            evidence = evidence_of(row, manifest)
            stated[row.name] = verdict(evidence, default_norms(), table)
            unknown = replace(evidence, movement=None)
            unstated[row.name] = verdict(unknown, default_norms(), table)
    return [(row, stated[row.name]) for row in rows], [(row, unstated[row.name]) for row in rows]


def _counted(judged: list[tuple[Row, Verdict]], who: dict[str, set[str]]) -> Results:
    called = [(row, found) for row, found in judged if found.palsy_probability >= _HALF]
    named = [
        (found.side_confidence, found.side_computed.value == str(row.side))
        for row, found in called
        if found.side_computed is not AffectedSide.UNCERTAIN
    ]
    bins: list[dict[str, Any]] = []
    for low, high in pairwise(_EDGES):
        inside = [(c, right) for c, right in named if low <= c < high]
        if inside:
            confidence, right = np.array(inside, float).mean(axis=0).tolist()
            bins.append(
                {
                    "from": low,
                    "pictures": len(inside),
                    "confidence": round(confidence, 3),
                    "right": round(right, 3),
                }
            )
    people = np.array([row.subject for row, found in called])
    marks = np.array([found.side_computed.value == str(row.side) for row, found in called])
    return {
        "called": len(called),
        "uncertain": len(called) - len(named),
        "right": sum(right for _, right in named),
        "wrong": sum(not right for _, right in named),
        "right, of called": share(marks, people),
        "regions": {region.value: _region(called, region) for region in Region},
        "groups": {
            group: {"people": len(names)} | _of_group(called, names) for group, names in who.items()
        },
        "by confidence": bins,
    }


def _of_group(called: list[tuple[Row, Verdict]], names: set[str]) -> Results:
    """Return how often the side is right where it is named, with its interval over people."""
    people = {row.subject: row.subject.rsplit("/", 1)[-1] for row, _ in called}
    named = [
        (people[row.subject], found.side_computed.value == str(row.side))
        for row, found in called
        if people[row.subject] in names and found.side_computed is not AffectedSide.UNCERTAIN
    ]
    right = np.array([each for _, each in named])
    return {"named": len(named), "right": share(right, np.array([name for name, _ in named]))}


def _region(called: list[tuple[Row, Verdict]], region: Region) -> dict[str, int]:
    """Return how often the weaker side of a region is that of the lesion."""
    told = [(str(row.side), getattr(found.regions, region).weaker_side) for row, found in called]
    sides = (AffectedSide.LEFT, AffectedSide.RIGHT)
    return {
        "right": sum(side == found.value for side, found in told if found in sides),
        "wrong": sum(side != found.value for side, found in told if found in sides),
        "uncertain": sum(found is AffectedSide.UNCERTAIN for _, found in told),
    }


def main() -> None:
    """Read the command line, measure, write the results and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.side_confidence")
    parser.add_argument("--data", type=Path, required=True, help="a framed simulated cohort")
    options = parser.parse_args()
    file = Path(os.environ.get("FACIALIS_DATA", ""), "faces", "london", "subjects.csv")
    record = where() | {"benchmark": "side_confidence"}
    record["results"] = measure(options.data, file)
    out = ROOT / "benchmarks" / "results" / "side_confidence.json"
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record["results"], indent=1))


if __name__ == "__main__":
    main()

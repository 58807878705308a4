"""How well the shipped parser of paper 000 tells the parts of simulated faces, paralysed or not.

``python -m benchmarks.plain_parts --data FRAMED --whole FILE`` answers the people that are tested
by the protocol 'fixed' with seed 1, by sex, age and ethnic group, and compares the weights in half
precision with an export of the same run in single precision.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.answer_groups import groups
from benchmarks.record import ROOT, table, where
from facialis.datasets.framed_source import FramedSource
from facialis.datasets.manifest_files import read_manifest
from facialis.evaluation.intervals import bootstrap
from facialis.evaluation.splits import Protocol
from facialis.methods.asymmetric_parsing.answer import NAME
from facialis.methods.asymmetric_parsing.prepare import resized_labels, resized_picture
from facialis.regions.classes import PART_OF, UNKNOWN, Attribute, Part
from facialis.training.evaluate import Division
from facialis.training.settings import Variant
from facialis.weights import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

PARTS: Final = (Part.SKIN, Part.EYEBROW, Part.EYE, Part.MOUTH, Part.HAIR)
AT_ONCE: Final = 20


def measured(data: Path, whole: Path, subjects: dict[str, dict[str, str]]) -> dict[str, Any]:
    """Return F1 of each part and group, and the share of pixels that half precision changes."""
    manifest = read_manifest(data)
    division = Division(protocol=Protocol.FIXED, seed=1)
    test = set(division.of(manifest, Variant("", NAME).learner()).splits[0].test)
    rows = [row for row in manifest.rows if row.name in test]
    half, single = session.loaded(NAME), session.open_session(whole)
    size = half.side("image")
    counts = np.zeros((len(rows), len(Part), 3), np.int64)
    changed: dict[str, list[float]] = {"labels": [], "plain_labels": []}
    for start in range(0, len(rows), AT_ONCE):
        sources = [FramedSource(data, row) for row in rows[start : start + AT_ONCE]]
        images = np.stack([resized_picture(each.picture(), size) for each in sources])
        found, exact = (net.run({"image": images}) for net in (half, single))
        for name, shares in changed.items():
            place = half.outputs.index(name)
            shares.append(float(np.mean(found[place] != exact[place])))
        plain = found[half.outputs.index("plain_labels")]
        for place, (source, labels) in enumerate(zip(sources, plain, strict=True), start):
            counts[place] = _counts(_truth(source, size), labels)
    people = np.array([row.subject.rsplit("/", 1)[-1] for row in rows])
    tested = {name: each for name, each in subjects.items() if name in set(people)}
    return {
        "pictures": len(rows),
        "changed by half precision": {n: float(np.mean(v)) for n, v in changed.items()},
        "groups": {
            group: {"people": len(names)}
            | {
                part.name.lower(): _scored(counts[np.isin(people, sorted(names)), part], people[
                    np.isin(people, sorted(names))
                ])
                for part in PARTS
            }
            for group, names in groups(tested).items()
        },
    }  # fmt: skip


def _truth(source: FramedSource, size: int) -> NDArray[np.uint8]:
    """Return the part of each pixel, as if nothing were paralysed."""
    parts = np.full(UNKNOWN + 1, UNKNOWN, np.uint8)
    parts[: len(Attribute)] = [PART_OF[each] for each in Attribute]
    return parts[resized_labels(source.attributes(), size)]


def _counts(truth: NDArray[np.uint8], found: NDArray[np.generic]) -> NDArray[np.int64]:
    """Return right, wrongly found and missed pixels (7, 3) of each part."""
    known = truth != UNKNOWN
    pairs = [((found == part) & known, truth == part) for part in Part]
    return np.array([[(f & t).sum(), (f & ~t).sum(), (~f & t & known).sum()] for f, t in pairs])


def _scored(counts: NDArray[np.int64], people: NDArray[np.str_]) -> list[float]:
    interval = bootstrap(_f1, people.tolist(), counts, seed=0)
    return [_f1(counts), interval.low, interval.high]


def _f1(counts: NDArray[np.int64]) -> float:
    right, extra, missed = counts.sum(axis=0)
    return float(2 * right / max(1, 2 * right + extra + missed))


def tables(results: dict[str, Any]) -> str:
    """Return the table of the card."""
    names = [part.name.lower() for part in PARTS]
    rows = [
        (group, each["people"], *("{:.3f} ({:.3f} to {:.3f})".format(*each[n]) for n in names))
        for group, each in results["groups"].items()
    ]
    return table(("group", "people", *names), rows)


def main() -> None:
    """Read the command line, measure, write the results and print the table."""
    faces = os.environ.get("FACIALIS_DATA", "")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plain_parts")
    parser.add_argument("--data", type=Path, required=True, help="framed data of the training")
    parser.add_argument("--whole", type=Path, required=True, help="export in single precision")
    options = parser.parse_args()
    file = Path(faces, "faces", "london", "subjects.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        subjects = {row["subject"]: row for row in csv.DictReader(lines)}
    results = measured(options.data, options.whole, subjects)
    record = where() | {"benchmark": "plain_parts", "results": results}
    out = ROOT / "benchmarks" / "results" / "plain_parts.json"
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(tables(results))
    print(results["changed by half precision"])


if __name__ == "__main__":
    main()

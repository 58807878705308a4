"""Whether the confidence in the side is honest: how often it is right, by what is claimed.

``python -m benchmarks.side_confidence --data FRAMED`` reads a simulated cohort that ``facialis data
frame`` framed, all movements, and judges every palsy that the norms call one.
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.record import ROOT, Results, where
from facialis.clinical.anatomy import AffectedSide
from facialis.datasets.manifest_files import read_manifest
from facialis.training.healthy_distance import compared

_EDGES: Final = (0.5, 0.65, 0.75, 0.85, 0.95, 1.0001)
_HALF: Final = 0.5


def measure(data: Path) -> Results:
    """Judge every palsied picture of a cohort."""
    manifest = read_manifest(data)
    rows = [row for row in manifest.rows if row.side is not None]
    judged = [(row, compared(row, manifest)) for row in rows]
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
    return {
        "manifest": manifest.digest,
        "palsies": len(rows),
        "called": len(called),
        "uncertain": len(called) - len(named),
        "right": sum(right for _, right in named),
        "wrong": sum(not right for _, right in named),
        "by confidence": bins,
    }


def main() -> None:
    """Read the command line, measure, write the results and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.side_confidence")
    parser.add_argument("--data", type=Path, required=True, help="a framed simulated cohort")
    record = where() | {"benchmark": "side_confidence"}
    record["results"] = measure(parser.parse_args().data)
    out = ROOT / "benchmarks" / "results" / "side_confidence.json"
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(record["results"], indent=1))


if __name__ == "__main__":
    main()

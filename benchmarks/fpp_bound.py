"""Where the parser of paper 000 goes wrong about FPP, and how right it is where reports show it.

``python -m benchmarks.fpp_bound --parser PARSER --fusion FOLDS --data FRAMED`` reads finished
``facialis evaluate asymmetric_parsing`` and ``multimodal_fusion-light`` of the same data, the
second by the protocol kfold, so that it answers for people that it had not seen. A report shows FPP
on the side of a palsy that the comparison with healthy faces calls; the lesions by which it tells
the side are learned from people who are not tested, the healthy faces are of all people.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.record import ROOT, where
from facialis.datasets.framed_source import FramedSource
from facialis.datasets.manifest_files import read_manifest
from facialis.errors import InputError
from facialis.evaluation.predictions import Predictions, prediction_files
from facialis.evaluation.result import FILE_NAME, read_result
from facialis.grading.photograph import verdict as judged
from facialis.measures.norms import default_norms
from facialis.methods.asymmetric_parsing.prepare import by_side
from facialis.regions.classes import UNKNOWN, Part
from facialis.report.method_views import called_side
from facialis.training.healthy_distance import evidence_of
from facialis.training.side_fit import learned_table, lesioned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from facialis.datasets.manifest import Manifest, Row

LEAST_OVERLAP: Final = 0.2
"""Share of the true FPP of a picture that must be found for it to count as found in its place."""
THRESHOLDS: Final = np.arange(0.05, 1, 0.05)


def measured(parser: Path, fusion: Path) -> dict[str, Any]:
    """Return F1 of FPP over all pixels of the tested pictures, taken apart.

    Raises:
        InputError: The two evaluations are of different data.
    """
    digests = {read_result(folder / FILE_NAME).data.manifest for folder in (parser, fusion)}
    if len(digests) > 1:
        raise InputError(fusion, "is of other data than the parser's", "evaluate both on the same")
    said = [Predictions.load(file) for file in prediction_files(parser)]
    tested = [name for each in said for name in each.names]
    mask = np.concatenate([each.truth["mask"] for each in said])
    labels = np.concatenate([each.answers["labels"] for each in said])
    true, found = mask == Part.FPP, (labels == Part.FPP) & (mask != UNKNOWN)
    area, hit = (each.sum(axis=(1, 2)) for each in (true, true & found))
    given = found.sum(axis=(1, 2))
    in_place = (area > 0) & (hit > LEAST_OVERLAP * area)
    movements = np.array([name.split("_", 2)[2] for name in tested])
    lesion = _lesion_told(fusion, tested)
    return {
        "pictures": len(area),
        "people": len({person for each in said for person in each.subjects}),
        "F1": _f1(area, given, hit),
        "by movement": {
            name: _f1(*(each[movements == name] for each in (area, given, hit)))
            for name in sorted(set(movements.tolist()))
        },
        "pictures with FPP": int((area > 0).sum()),
        "found in its place": int(in_place.sum()),
        "F1 where it is found in its place": _f1(area[in_place], given[in_place], hit[in_place]),
        "pictures without FPP": int((area == 0).sum()),
        "FPP found where there is none": int(((area == 0) & (given > 0)).sum()),
        "F1 of perfect outlines where the fusion tells a lesion, at the best threshold": max(
            _perfect(area, lesion > threshold) for threshold in THRESHOLDS
        ),
    }


def as_shown(parser: Path, manifest: Manifest) -> dict[str, Any]:
    """Return how right FPP is in the pictures in which a report shows any."""
    rows = {row.name: row for row in manifest.rows}
    said = [Predictions.load(file) for file in prediction_files(parser)]
    tested = {person for each in said for person in each.subjects}
    lesions = lesioned(manifest)
    table = learned_table(lesions.part(np.flatnonzero(~np.isin(lesions.people, sorted(tested)))))
    counts = Counter[str]()
    true, found, both = [], [], []
    for each in said:
        truth = each.truth["mask"]
        labels = each.answers["labels"] == Part.FPP
        for name, mask, known, label in zip(
            each.names, truth == Part.FPP, truth != UNKNOWN, labels, strict=True
        ):
            verdict = judged(evidence_of(rows[name], manifest), default_norms(), table)
            side = called_side(verdict)
            counts["pictures"] += 1
            if side is None:
                continue
            shown = by_side(label & known, _landmarks(rows[name], manifest, len(label)))[side]
            counts["called"] += 1
            if not shown.any():
                continue
            counts["shown"] += 1
            counts["shown where there is none"] += not mask.any()
            in_place = (mask & shown).sum() > LEAST_OVERLAP * mask.sum()
            counts["shown in its place"] += bool(mask.any() and in_place)
            true.append(mask.sum())
            found.append(shown.sum())
            both.append((mask & shown).sum())
    return {**counts, "F1 where any is shown": _f1(*map(np.array, (true, found, both)))}


def _landmarks(row: Row, manifest: Manifest, size: int) -> NDArray[np.float64]:
    """Return the landmarks of a framed picture in the pixels of a mask of it."""
    assert manifest.root is not None
    source = FramedSource(manifest.root, row)
    points = source.landmarks()
    assert points is not None
    return np.asarray(points * (size / source.picture().shape[1]))


def _f1(true: NDArray[Any], found: NDArray[Any], both: NDArray[Any]) -> float:
    return float(2 * both.sum() / (true.sum() + found.sum()))


def _lesion_told(fusion: Path, names: Sequence[str]) -> NDArray[np.float64]:
    """Return the fusion's probability (n,) that a level is above I."""
    told: dict[str, float] = {}
    for each in map(Predictions.load, prediction_files(fusion)):
        above = 1 - each.answers["level_probability"][:, 0]
        told |= dict(zip(each.names, above.tolist(), strict=True))
    return np.array([told[name] for name in names])


def _perfect(area: NDArray[Any], shown: NDArray[np.bool_]) -> float:
    """Return F1 if FPP is drawn on the right side and to the pixel, wherever it is shown.

    Where there is none, what is drawn has the mean size of others'.
    """
    right = area[shown].sum()
    extra = area[area > 0].mean() * (shown & (area == 0)).sum()
    return float(2 * right / (right + extra + area.sum()))


def main() -> None:
    """Read the command line, measure, write the results and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fpp_bound")
    parser.add_argument("--parser", type=Path, required=True, help="of asymmetric_parsing")
    parser.add_argument("--fusion", type=Path, required=True, help="of multimodal_fusion-light")
    parser.add_argument("--data", type=Path, required=True, help="manifest of both")
    options = parser.parse_args()
    results = measured(options.parser, options.fusion)
    results["as reports show it"] = as_shown(options.parser, read_manifest(options.data))
    record = where() | {"benchmark": "fpp_bound", "results": results}
    out = ROOT / "benchmarks" / "results" / "fpp_bound.json"
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()

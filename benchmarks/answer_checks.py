"""What the docs and cards say of the shipped methods beyond the scores of an evaluation.

``python -m benchmarks.answer_checks --folds KFOLD --fixed FIXED --test GRADER --data FRAMED`` reads
finished ``facialis evaluate multimodal_fusion-light`` by the protocols kfold and fixed, one of
``fp_vggface-light``, the data of all three, and the photographs of ``FACIALIS_DATA``.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

import facialis
from benchmarks.record import ROOT, where
from facialis.clinical.anatomy import Intensity
from facialis.clinical.scales import Scale, levels_of_grades
from facialis.datasets.manifest_files import read_manifest
from facialis.evaluation.metrics import confusion_matrix, quadratic_weighted_kappa, roc_auc
from facialis.evaluation.predictions import Predictions
from facialis.grading.combined import FUSION, log_distance, log_odds, shipped_rule
from facialis.grading.cuts import even_odds
from facialis.training.calibrate import over_limit

if TYPE_CHECKING:
    from facialis.datasets.manifest import Manifest

MOVEMENTS: Final = (1, 3, 4, 6, 8, 12)
_HALF: Final = 0.5
_TINY: Final = 1e-6
_LEVELS: Final = (0, 1, 1, 1, 2, 2)
"""Level of each grade, counted from 0."""


def fewer_movements(folds: list[Predictions], manifest: Manifest) -> dict[str, Any]:
    """Return how often the cut-offs of examinations hold the truth, by movements, of each case."""
    rows = {row.name: row for row in manifest.rows}
    rule, random = shipped_rule(), np.random.default_rng(0)
    case = np.array(
        [f"{p} {rows[n].video}" for f in folds for p, n in zip(f.subjects, f.names, strict=True)]
    )
    joined = {name: np.concatenate([f.truth[name] for f in folds]) for name in ("palsy", "level")}
    palsy = _even(folds, "palsy_probability", rule.palsy_share)[:, 1]
    levels = _even(folds, "level_probability", rule.palsy_share)
    least = np.array(list(rule.examination.level_from.values()))
    found: dict[str, Any] = {}
    for count in MOVEMENTS:
        kept: dict[str, list[bool]] = {"palsy": [], "healthy": [], "level": []}
        for each in np.unique(case):
            members = np.flatnonzero(case == each)
            truth = {name: set(values[members].tolist()) for name, values in joined.items()}
            chosen = random.permutation(members)[:count]
            if len(truth["palsy"]) == 1:
                mean = palsy[chosen].mean()
                if truth["palsy"] == {1}:
                    kept["palsy"].append(bool(mean >= rule.examination.palsy_from))
                elif truth["palsy"] == {0}:
                    kept["healthy"].append(bool(mean <= rule.examination.healthy_to))
            if len(truth["level"]) == 1:
                (level,) = truth["level"]
                kept["level"].append(bool(levels[chosen].mean(axis=0)[level] >= least[level]))
        found[str(count)] = {name: round(float(np.mean(each)), 3) for name, each in kept.items()}
    return found


def _even(folds: list[Predictions], answer: str, share: float) -> Any:
    return even_odds(np.concatenate([f.answers[answer] for f in folds]), share)


def with_the_grader(
    folds: list[Predictions], test: list[Predictions], manifest: Manifest
) -> dict[str, float]:
    """Return the AUC of palsy with and without the grader beside fusion and norms, out of fold."""
    rows = {row.name: row for row in manifest.rows}
    fusion = {
        n: (float(p), int(t))
        for f in folds
        for n, p, t in zip(
            f.names, f.answers["palsy_probability"][:, 1], f.truth["palsy"], strict=True
        )
    }
    names = [n for each in test for n in each.names if fusion[n][1] >= 0]
    whose = {n: p for each in test for n, p in zip(each.names, each.subjects, strict=True)}
    people = [whose[name] for name in names]
    healthy = {
        n: float(grades[0])
        for each in test
        for n, grades in zip(each.names, each.answers["grade_probability"], strict=True)
    }
    read = np.array(
        [
            [
                log_odds(fusion[name][0]),
                log_distance(over_limit(rows[name], manifest)),
                log_odds(1 - healthy[name]),
            ]
            for name in names
        ]
    )
    palsy = np.array([fusion[name][1] for name in names])
    found = {}
    for title, columns in (("fusion and norms", [0, 1]), ("with the grader", [0, 1, 2])):
        odds = np.empty(len(palsy))
        for train, held in GroupKFold(5).split(read, palsy, people):
            fit = LogisticRegression(C=np.inf).fit(read[train][:, columns], palsy[train])
            odds[held] = fit.decision_function(read[held][:, columns])
        found[title] = round(float(roc_auc(palsy, odds)), 3)
    return found


def by_intensity(folds: list[Predictions], manifest: Manifest) -> dict[str, float]:
    """Return the AUC of pictures with strong, or at most slight, eyes or mouth against none."""
    zones = {
        row.name: {
            e.zone: Intensity(str(e.value)) for e in row.labels if e.scale is Scale.INTENSITY
        }
        for row in manifest.rows
    }
    names = [name for each in folds for name in each.names]
    said = np.concatenate([each.answers["palsy_probability"][:, 1] for each in folds])
    order = list(Intensity)
    worst = np.array([max(order.index(zones[n][z]) for z in ("eyes", "mouth")) for n in names])
    free = np.array([set(zones[n].values()) == {Intensity.NONE} for n in names])
    found = {}
    for intensity in (Intensity.STRONG, Intensity.SLIGHT):
        shown = worst == order.index(intensity)
        kept = shown | free
        found[str(intensity)] = round(float(roc_auc(shown[kept].astype(np.int64), said[kept])), 3)
    return found


def levels_together(folds: list[Predictions], test: list[Predictions]) -> dict[str, float]:
    """Return the quadratic kappa of levels of fusion and grader, and of their geometric mean."""
    fusion = {
        name: levels
        for f in folds
        for name, levels in zip(f.names, f.answers["level_probability"], strict=True)
    }
    names = [name for each in test for name in each.names]
    grade = np.concatenate([each.truth["grade"] for each in test])
    by_grader = levels_of_grades(np.concatenate([e.answers["grade_probability"] for e in test]))
    by_fusion = np.array([fusion[name] for name in names])
    truth = np.array(_LEVELS)[grade]
    answers = {
        "fusion": by_fusion,
        "grader": by_grader,
        "geometric mean": np.sqrt(np.maximum(by_fusion, _TINY) * np.maximum(by_grader, _TINY)),
    }
    return {
        title: round(quadratic_weighted_kappa(confusion_matrix(truth, found.argmax(axis=1), 3)), 3)
        for title, found in answers.items()
    }


def real_and_healthy(faces: Path, tested: set[str]) -> dict[str, Any]:
    """Return how many real photographs of healthy people the fusion and the rule call palsied."""
    london = [f for f in (faces / "london").glob("*.jpg") if f.stem.split("_")[0] in tested]
    sets = {
        "people of the test": london,
        "composites": _pictures(faces / "composite"),
        "one person, several positions": _pictures(faces / "positions"),
    }
    found = {}
    for title, files in sets.items():
        judged = [facialis.assess(file) for file in sorted(files)]
        said = [a.methods[FUSION].palsy_probability for a in judged]
        fusion = [p for p in said if p is not None]
        rule = [a.combined.palsy_probability for a in judged if a.combined is not None]
        found[title] = {
            "photographs": len(files),
            "fusion above half": sum(p > _HALF for p in fusion),
            "fusion, largest": round(max(fusion), 3),
            "combined above half": sum(p > _HALF for p in rule),
            "combined, largest": round(max(rule), 3),
        }
    return found


def _pictures(folder: Path) -> list[Path]:
    return [f for f in folder.rglob("*") if f.suffix.lower() in (".jpg", ".jpeg", ".png")]


def main() -> None:
    """Read the command line, measure, write the results and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer_checks")
    parser.add_argument("--folds", type=Path, required=True, help="of multimodal_fusion-light")
    parser.add_argument("--fixed", type=Path, required=True, help="of the shipped fusion's split")
    parser.add_argument("--test", type=Path, required=True, help="of fp_vggface-light")
    parser.add_argument("--data", type=Path, required=True, help="manifest of all three")
    options = parser.parse_args()
    manifest = read_manifest(options.data)
    folds, test, fixed = (
        [Predictions.load(file) for file in sorted((folder / "predictions").glob("*.npz"))]
        for folder in (options.folds, options.test, options.fixed)
    )
    tested = {person.rsplit("/", 1)[-1] for each in fixed for person in each.subjects}
    results = {
        "coverage by movements of an examination": fewer_movements(folds, manifest),
        "AUC": with_the_grader(folds, test, manifest),
        "AUC of the fusion by intensity": by_intensity(folds, manifest),
        "quadratic kappa of levels": levels_together(folds, test),
        "real photographs of healthy people": real_and_healthy(
            Path(os.environ["FACIALIS_DATA"], "faces"), tested
        ),
    }
    record = where() | {"benchmark": "answer_checks", "results": results}
    out = ROOT / "benchmarks" / "results" / "answer_checks.json"
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()

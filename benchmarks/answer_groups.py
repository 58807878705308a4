"""How a light form answers for women and men, by age and by ethnic group, on simulated palsy.

``python -m benchmarks.answer_groups ANSWERS`` reads the folder of a finished ``facialis evaluate``
of a form that answers palsy, level and grade (before version 4.0.0 of the fusion palsy and level),
level alone, or grades, and prints the table of its card.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.record import ROOT, table, where
from facialis.clinical.scales import levels_of_grades, palsy_of_grades
from facialis.evaluation.intervals import bootstrap
from facialis.evaluation.metrics import roc_auc
from facialis.evaluation.predictions import Predictions, prediction_files

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from numpy.typing import NDArray

_AGES: Final = ((18, 24), (25, 34), (35, 54))
_HALF: Final = 0.5
_FEWEST: Final = 2
_LEVELS: Final = (0, 1, 1, 1, 2, 2)
"""Level of each grade, counted from 0."""

Arrays = dict[str, Any]


def read(answers: Path) -> Arrays:
    """Return people, what is true and what was answered of each tested picture or sequence."""
    found = [Predictions.load(file) for file in prediction_files(answers)]
    if not found:
        raise SystemExit(f"{answers}: holds no predictions; name the folder of an evaluation.")
    people = np.array([p.rsplit("/", 1)[-1] for each in found for p in each.subjects])
    if any("palsy" in each.truth for each in found):
        arrays = {
            "people": people,
            "palsy": np.concatenate([each.truth["palsy"] for each in found]),
            "level": np.concatenate([each.truth["level"] for each in found]),
            "p": np.concatenate([each.answers["palsy_probability"][:, 1] for each in found]),
            "levels": np.concatenate([each.answers["level_probability"] for each in found]),
        }
        if all("grade" in each.truth for each in found):
            arrays["grade"] = np.concatenate([each.truth["grade"] for each in found])
            arrays["grades"] = np.concatenate([e.answers["grade_probability"] for e in found])
    elif all("grade" in each.truth for each in found):
        grade = np.concatenate([each.truth["grade"] for each in found])
        grades = np.concatenate([each.answers["grade_probability"] for each in found])
        arrays = {
            "people": people,
            "palsy": np.where(grade < 0, grade, grade > 0),
            "level": np.where(grade < 0, grade, np.array(_LEVELS)[grade]),
            "p": palsy_of_grades(grades),
            "levels": levels_of_grades(grades),
            "grade": grade,
            "grades": grades,
        }
    else:
        level = np.concatenate([each.truth["level"] for each in found])
        levels = np.concatenate([each.answers["level_probability"] for each in found])
        arrays = {
            "people": people,
            "palsy": np.where(level < 0, level, level > 0),
            "level": level,
            "p": 1 - levels[:, 0],
            "levels": levels,
        }
    known = (arrays["palsy"] >= 0) & (arrays["level"] >= 0)
    return {name: each[known] for name, each in arrays.items()}


def described(file: Path, people: Collection[str]) -> dict[str, dict[str, str]]:
    """Return what a CSV of subject, age, sex and ethnic_group says of some people."""
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["subject"]: row for row in csv.DictReader(lines) if row["subject"] in people}


def groups(subjects: Mapping[str, Mapping[str, str]]) -> dict[str, set[str]]:
    """Return the people of each group, by what the data says of them."""
    found = {"everybody": set(subjects)}
    for sex in ("female", "male"):
        found[sex] = {name for name, each in subjects.items() if each["sex"] == sex}
    for low, high in _AGES:
        found[f"{low} to {high} years"] = {
            name for name, each in subjects.items() if _is_aged(each["age"], low, high)
        }
    for ethnic in sorted({each["ethnic_group"] for each in subjects.values()}):
        found[ethnic.replace("_", " ")] = {
            name for name, each in subjects.items() if each["ethnic_group"] == ethnic
        }
    return {name: people for name, people in found.items() if len(people) >= _FEWEST}


def _is_aged(age: str, low: int, high: int) -> bool:
    return age.isdecimal() and low <= int(age) <= high


def measured(arrays: Arrays, people: set[str]) -> dict[str, Any]:
    """Return the scores of some people, each with its interval over people."""
    chosen = np.isin(arrays["people"], sorted(people))
    mine = {name: each[chosen] for name, each in arrays.items()}
    right = (mine["p"] >= _HALF) == (mine["palsy"] == 1)
    graded = mine["levels"].argmax(axis=1) == mine["level"]
    healthy, ill = mine["palsy"] == 0, mine["palsy"] == 1
    near = {}
    if "grades" in mine:
        off = np.abs(mine["grades"].argmax(axis=1) - mine["grade"])
        near = {"within a grade": _score(_mean, mine["people"], off <= 1)}
    return {
        "people": len(people & set(mine["people"].tolist())),
        "pictures": int(chosen.sum()),
        "AUC": _score(roc_auc, mine["people"], ill, mine["p"]),
        "accuracy": _score(_mean, mine["people"], right),
        "sensitivity": _score(_mean, mine["people"][ill], right[ill]),
        "specificity": _score(_mean, mine["people"][healthy], right[healthy]),
        "level": _score(_mean, mine["people"], graded),
        **near,
    }


def _mean(values: NDArray[np.float64]) -> float:
    return float(np.mean(values))


def _score(metric: Any, people: NDArray[np.str_], *arrays: NDArray[np.generic]) -> list[float]:
    interval = bootstrap(metric, people.tolist(), *arrays, seed=0)
    return [float(metric(*arrays)), interval.low, interval.high]


def tables(results: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the table of the card."""
    scores = ["AUC", "accuracy", "sensitivity", "specificity", "level"]
    scores += [name for name in ("within a grade",) if all(name in r for r in results.values())]
    rows = [
        (
            name,
            f"{each['people']} / {each['pictures']}",
            *("{:.2f} ({:.2f} to {:.2f})".format(*each[score]) for score in scores),
        )
        for name, each in results.items()
    ]
    titles = ["level right" if score == "level" else score for score in scores]
    return table(("group", "people / pictures", *titles), rows)


def main() -> None:
    """Read the command line, measure, write the results and print the table."""
    data = os.environ.get("FACIALIS_DATA", "")
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer_groups")
    parser.add_argument("answers", type=Path, help="folder of a finished evaluation")
    parser.add_argument(
        "--subjects",
        type=Path,
        default=Path(data, "faces", "london", "subjects.csv"),
        help="CSV of subject, age, sex, ethnic_group",
    )
    options = parser.parse_args()
    arrays = read(options.answers)
    tested = described(options.subjects, set(arrays["people"].tolist()))
    results = {name: measured(arrays, people) for name, people in groups(tested).items()}
    method = json.loads((options.answers / "result.json").read_text("utf-8"))["method"]
    record = where() | {"benchmark": "answer_groups", "method": method, "results": results}
    out = ROOT / "benchmarks" / "results" / f"answer_groups-{method}.json"
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(tables(results))


if __name__ == "__main__":
    main()

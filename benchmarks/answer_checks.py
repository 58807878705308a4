"""What the docs and cards say of the shipped methods beyond the scores of an evaluation.

``python -m benchmarks.answer_checks --folds KFOLD --with GRADER --examined EXAMINATIONS --fixed
FIXED --data FRAMED`` reads finished ``facialis evaluate multimodal_fusion-light`` by the protocols
kfold and fixed, one of ``fp_vggface-light`` and one of ``multimodal_fusion-examination`` by kfold,
the data of all four, and the photographs of ``FACIALIS_DATA``.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

import facialis
from benchmarks.answer_groups import described, groups, measured, tables
from benchmarks.examination_grades import NEW_TO_THE_NET
from benchmarks.record import ROOT, where
from facialis.clinical.anatomy import Intensity, Movement
from facialis.clinical.scales import Scale, levels_of_grades
from facialis.datasets.manifest_files import read_manifest
from facialis.datasets.targets import Target, class_of
from facialis.evaluation.metrics import confusion_matrix, quadratic_weighted_kappa, roc_auc
from facialis.evaluation.predictions import Predictions, prediction_files
from facialis.grading.combined import FUSION, GRADER, shipped_rule
from facialis.grading.cuts import even_odds, shipped_examination_cuts
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.methods.multimodal_fusion.examination_recipe import COUNT
from facialis.methods.multimodal_fusion.light_recipe import UNSTATED
from facialis.training.calibrate import answered_pictures
from facialis.training.conformal import measured as measured_on

if TYPE_CHECKING:
    from collections.abc import Callable

    from facialis.datasets.manifest import Manifest
    from facialis.training.rule_fit import Answered

_HALF: Final = 0.5
_TINY: Final = 1e-6
_TASKS: Final = ("palsy", "level", "grade")


def _cases_of(pictures: Answered, manifest: Manifest) -> Any:
    videos = {row.name: row.video for row in manifest.rows}
    return np.array([videos[name] for name in pictures.names.tolist()])


def by_grade(pictures: Answered, told: Any, manifest: Manifest) -> dict[str, Any]:
    """Return by true grade what the rule of both methods concludes of pictures.

    The networks had not seen the people; rule and cut-offs were fitted on these answers.
    """
    rule = shipped_rule((FUSION, GRADER), stated=True)
    grade, over = _grades(pictures, manifest), pictures.read[:, -1]
    found = _concluded(rule.photograph.conclusion, grade, told)
    for each in range(1, 7):
        norms = round(float(np.mean(over[grade == each] > 0)), 3)
        found[str(each)]["norms above their limit"] = norms
    return found


def examined_by_grade(examined: list[Predictions]) -> dict[str, Any]:
    """Return the same of examinations, by the method that reads all movements together."""
    cuts = shipped_examination_cuts(TOGETHER)
    answers = np.concatenate([part.answers["grade_probability"] for part in examined])
    count = np.concatenate([part.answers[COUNT] for part in examined])
    grade = np.concatenate([part.truth["grade"] for part in examined]) + 1
    whole = count == count.max()
    palsy = 1 - even_odds(answers, cuts.palsy_share)[:, 0]
    conclusion = cuts.of(int(count.max()), has_rest=True).conclusion
    return _concluded(conclusion, grade[whole], palsy[whole])


def _before(out: Path) -> dict[str, Any]:
    """Return what an earlier run said of examinations, and of which commit it was."""
    record = json.loads(out.read_text(encoding="utf-8"))
    said: dict[str, Any] = record["results"]["conclusions by grade"]
    of = said.get("examinations of", {key: record[key] for key in ("date", "commit")})
    return {"examinations": said["examinations"], "examinations of": of}


def _concluded(
    conclusion: Callable[[float], str], grade: Any, told: Any
) -> dict[str, dict[str, Any]]:
    said = np.array([conclusion(float(each)) for each in told])
    return {
        str(each): {
            "count": int((grade == each).sum()),
            **{
                word: round(float(np.mean(said[grade == each] == word)), 3)
                for word in ("palsy", "uncertain", "no palsy")
            },
            "above half": round(float(np.mean(told[grade == each] > _HALF)), 3),
            **(
                {"AUC against I": round(float(_against_healthy(grade, told, each)), 3)}
                if each > 1
                else {}
            ),
        }
        for each in range(1, 7)
    }


def _against_healthy(grade: Any, told: Any, each: int) -> float:
    both = (grade == 1) | (grade == each)
    return float(roc_auc((grade[both] == each).astype(np.int64), told[both]))


def by_what_shows(
    folds: list[Predictions], pictures: Answered, told: Any, manifest: Manifest
) -> dict[str, Any]:
    """Return the AUC by paper 004's label, of what shows in the picture, of rule and fusion.

    And how many pictures of each grade are a palsy by it, and cases whose pictures have one label.
    """
    shown = {n: t for f in folds for n, t in zip(f.names, f.truth["palsy"].tolist(), strict=True)}
    truth = np.array([shown[name] for name in pictures.names.tolist()], np.int64)
    grade = _grades(pictures, manifest)
    keys = np.char.add(np.char.add(pictures.people, " "), _cases_of(pictures, manifest))
    mixed = [
        int(grade[keys == each][0])
        for each in np.unique(keys)
        if len(set(truth[keys == each].tolist())) > 1
    ]
    return {
        "combined": measured_on(roc_auc, pictures.people, truth, told),
        "fusion": measured_on(roc_auc, pictures.people, truth, pictures.fusion),
        "share of palsies by grade": {
            str(each): round(float(truth[grade == each].mean()), 3) for each in range(1, 7)
        },
        "cases of mixed labels, by grade": {
            str(each): mixed.count(each) for each in sorted(set(mixed))
        },
    }


def _grades(answered: Answered, manifest: Manifest) -> Any:
    grades = {row.name: class_of(row, Target(Scale.HOUSE_BRACKMANN)) for row in manifest.rows}
    return np.array([grades[name] for name in answered.names.tolist()])


def levels_together(folds: list[Predictions], graded: list[Predictions]) -> dict[str, float]:
    """Return the quadratic kappa of levels of fusion and grader, and of their geometric mean."""
    names, level = _known(folds, "level")
    by_grader = levels_of_grades(_answers(graded, "grade_probability", names))
    return _joined(level, _answers(folds, "level_probability", names), by_grader, _kappa)


def grades_together(folds: list[Predictions], graded: list[Predictions]) -> dict[str, float]:
    """Return the same of grades."""
    names, grade = _known(folds, "grade")
    fusion, grader = (_answers(said, "grade_probability", names) for said in (folds, graded))
    return _joined(grade, fusion, grader, _kappa_of_grades)


def _known(said: list[Predictions], what: str) -> tuple[list[str], Any]:
    """Return the pictures whose level or grade is known, and it."""
    truth = {n: t for part in said for n, t in zip(part.names, part.truth[what], strict=True)}
    names = [name for name, each in truth.items() if each >= 0]
    return names, np.array([truth[name] for name in names])


def _answers(said: list[Predictions], answer: str, names: list[str]) -> Any:
    by_name = _by_name(said, answer)
    return np.array([by_name[name] for name in names])


def _joined(
    truth: Any, fusion: Any, grader: Any, kappa: Callable[[Any, Any], float]
) -> dict[str, float]:
    joined = np.sqrt(np.maximum(fusion, _TINY) * np.maximum(grader, _TINY))
    answers = {"fusion": fusion, "grader": grader, "geometric mean": joined}
    return {title: round(kappa(truth, each.argmax(axis=1)), 3) for title, each in answers.items()}


def with_movement_and_without(said: list[Predictions]) -> dict[str, Any]:
    """Return what the fusion tells with the movement and without, and the difference."""
    people = np.array([person for part in said for person in part.subjects])
    palsy, level, grade = (np.concatenate([part.truth[key] for part in said]) for key in _TASKS)
    told, alone = (
        [
            np.concatenate([part.answers[f"{task}_probability{end}"] for part in said])
            for task in _TASKS
        ]
        for end in ("", UNSTATED)
    )
    scores: dict[str, tuple[Callable[..., float], Any, Any, Any]] = {
        "AUC": (roc_auc, palsy, told[0][:, 1], alone[0][:, 1]),
        "level right": (_right, level, told[1].argmax(axis=1), alone[1].argmax(axis=1)),
        "quadratic kappa of levels": (
            _kappa, level, told[1].argmax(axis=1), alone[1].argmax(axis=1),
        ),
        "grade right": (_right, grade, told[2].argmax(axis=1), alone[2].argmax(axis=1)),
        "within one grade": (_near, grade, told[2].argmax(axis=1), alone[2].argmax(axis=1)),
        "quadratic kappa of grades": (
            _kappa_of_grades, grade, told[2].argmax(axis=1), alone[2].argmax(axis=1),
        ),
    }  # fmt: skip

    def gain(score: Callable[..., float]) -> Callable[..., float]:
        return lambda truth, first, second: score(truth, first) - score(truth, second)

    return {
        title: {
            "stated": measured_on(score, people, truth, first),
            "not stated": measured_on(score, people, truth, second),
            "gain": measured_on(gain(score), people, truth, first, second),
        }
        for title, (score, truth, first, second) in scores.items()
    }


def _right(truth: Any, found: Any) -> float:
    return float(np.mean(truth == found))


def _near(truth: Any, found: Any) -> float:
    return float(np.mean(np.abs(truth - found) <= 1))


def _kappa(truth: Any, found: Any) -> float:
    return quadratic_weighted_kappa(confusion_matrix(truth, found, 3))


def _kappa_of_grades(truth: Any, found: Any) -> float:
    return quadratic_weighted_kappa(confusion_matrix(truth, found, 6))


def _by_name(said: list[Predictions], answer: str) -> dict[str, Any]:
    return {
        name: each
        for part in said
        for name, each in zip(part.names, part.answers[answer], strict=True)
    }


def by_intensity(pictures: Answered, told: Any, manifest: Manifest) -> dict[str, float]:
    """Return the AUC of pictures with strong, or at most slight, eyes or mouth against none.

    Args:
        pictures: As answered.
        told: Their probabilities of palsy (n,).
        manifest: Theirs.
    """
    zones = {
        row.name: {
            e.zone: Intensity(str(e.value)) for e in row.labels if e.scale is Scale.INTENSITY
        }
        for row in manifest.rows
    }
    names = pictures.names.tolist()
    order = list(Intensity)
    worst = np.array([max(order.index(zones[n][z]) for z in ("eyes", "mouth")) for n in names])
    free = np.array([set(zones[n].values()) == {Intensity.NONE} for n in names])
    found = {}
    for intensity in (Intensity.STRONG, Intensity.SLIGHT):
        shown = worst == order.index(intensity)
        kept = shown | free
        found[str(intensity)] = round(float(roc_auc(shown[kept].astype(np.int64), told[kept])), 3)
    return found


def by_group(pictures: Answered, told: Any, subjects: Path) -> dict[str, dict[str, Any]]:
    """Return what norms and methods say together of women and men, by age and ethnic group."""
    people = np.array([each.rsplit("/", 1)[-1] for each in pictures.people.tolist()])
    arrays = {
        "people": people,
        "palsy": pictures.palsy,
        "level": pictures.level,
        "p": told,
        "levels": pictures.levels,
    }
    known = (pictures.palsy >= 0) & (pictures.level >= 0)
    arrays = {name: each[known] for name, each in arrays.items()}
    shown = described(subjects, set(people.tolist()))
    return {name: measured(arrays, members) for name, members in groups(shown).items()}


def real_and_healthy(faces: Path, tested: set[str]) -> dict[str, Any]:
    """Return how many real photographs of healthy people the fusion and the rule call palsied."""
    london = [f for f in (faces / "london").glob("*.jpg") if f.stem.split("_")[0] in tested]
    sets = {
        "people of the test": (london, False),
        "people of the test, movement stated": (london, True),
        "composites": (_pictures(faces / "composite"), False),
        "one person, several positions": (_pictures(faces / "positions"), False),
    }
    found = {}
    for title, (files, stated) in sets.items():
        judged = [
            facialis.assess(file, movement=_movement(file) if stated else None)
            for file in sorted(files)
        ]
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


def examined_and_healthy(faces: Path) -> dict[str, Any]:
    """Return what is said of real photographs of healthy people at rest and smiling, as a whole.

    Of people of whom the net of examinations has not learned.
    """
    london = faces / "london"
    answers = [
        facialis.assess_examination(
            {
                "rest": london / f"{person}_neutral.jpg",
                "smile": london / f"{person}_smile.jpg",
            },
            methods=(TOGETHER,),
        ).methods[TOGETHER]
        for person in NEW_TO_THE_NET
    ]
    said = [each.conclusion for each in answers]
    return {
        "people": len(answers),
        **{str(word): said.count(word) for word in ("palsy", "uncertain", "no palsy")},
        "largest": round(max(each.palsy_probability for each in answers), 3),
    }


def _movement(photograph: Path) -> Movement:
    return Movement.SMILE if photograph.stem.endswith("_smile") else Movement.REST


def _pictures(folder: Path) -> list[Path]:
    return [f for f in folder.rglob("*") if f.suffix.lower() in (".jpg", ".jpeg", ".png")]


def main() -> None:
    """Read the command line, measure, write the results and print them."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.answer_checks")
    parser.add_argument("--folds", type=Path, required=True, help="of multimodal_fusion-light")
    parser.add_argument("--with", type=Path, required=True, dest="graded", help="the grader's")
    parser.add_argument("--fixed", type=Path, required=True, help="of the shipped fusion's split")
    parser.add_argument(
        "--examined", type=Path, help="of whole examinations; without it those of before stay"
    )
    parser.add_argument("--data", type=Path, required=True, help="manifest of what is answered")
    options = parser.parse_args()
    manifest = read_manifest(options.data)
    faces = Path(os.environ["FACIALIS_DATA"], "faces")
    out = ROOT / "benchmarks" / "results" / "answer_checks.json"
    folds, graded, fixed = (
        [Predictions.load(file) for file in prediction_files(folder)]
        for folder in (options.folds, options.graded, options.fixed)
    )
    concluded = _before(out)
    if options.examined is not None:
        examined = [Predictions.load(file) for file in prediction_files(options.examined)]
        concluded = {"examinations": examined_by_grade(examined)}
    pictures, _ = answered_pictures(options.folds, manifest, graded=options.graded)
    rule = shipped_rule((FUSION, GRADER), stated=True)
    together = 1 / (1 + np.exp(-(rule.intercept + rule.weight * pictures.read.sum(axis=1))))
    tested = {person.rsplit("/", 1)[-1] for each in fixed for person in each.subjects}
    results = {
        "conclusions by grade": {"pictures": by_grade(pictures, together, manifest), **concluded},
        "AUC by what shows in the picture": by_what_shows(folds, pictures, together, manifest),
        "AUC by intensity, fusion": by_intensity(pictures, pictures.fusion, manifest),
        "AUC by intensity, together": by_intensity(pictures, together, manifest),
        "quadratic kappa of levels": levels_together(folds, graded),
        "quadratic kappa of grades": grades_together(folds, graded),
        "movement stated or not": {
            "folds": with_movement_and_without(folds),
            "shipped file": with_movement_and_without(fixed),
        },
        "together, by group": by_group(pictures, together, faces / "london" / "subjects.csv"),
        "real photographs of healthy people": real_and_healthy(faces, tested),
        "real healthy people at rest and smiling": examined_and_healthy(faces),
    }
    record = where() | {"benchmark": "answer_checks", "results": results}
    out.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=1))
    print(tables(results["together, by group"]))


if __name__ == "__main__":
    main()

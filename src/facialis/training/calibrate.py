"""Fit what `facialis assess` makes of the methods' answers, from evaluations of them.

An evaluation's answers are of people that the network had not seen: so are those that a rule or
cut-offs are fitted on. A palsy is a level above I, whether or not the picture shows it; paper 004's
label, which the fusion learns, counts only where the level is unknown.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from facialis.clinical.scales import Scale
from facialis.datasets.refined import is_refined
from facialis.datasets.targets import Target, class_of
from facialis.errors import InputError, printable
from facialis.evaluation.predictions import Predictions, prediction_files
from facialis.evaluation.result import FILE_NAME, read_result
from facialis.grading.combined import GRADER, Rule, log_distance, log_odds
from facialis.grading.cuts import ClassCuts, ExaminationCuts, even_odds
from facialis.methods.multimodal_fusion.examination_recipe import OF_SOME
from facialis.methods.multimodal_fusion.light_recipe import UNSTATED
from facialis.methods.multimodal_fusion.prepare import GRADES, LEVELS
from facialis.methods.tasks import UNKNOWN_CLASS
from facialis.report.files import make_directory, replace_file
from facialis.training.class_fit import class_answers, joined
from facialis.training.conformal import Floats, share
from facialis.training.examination_fit import examination_cuts
from facialis.training.healthy_distance import over_limit
from facialis.training.rule_fit import Answered, Shares, fitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from facialis.datasets.manifest import Manifest

_NUMBERS: Final = re.compile(r"\[[\s\d.,e+-]+\]")
_OF_EVEN_LEVELS: Final = 2 / 3
"""Share of palsies that a loss expects in which the three levels weigh alike (D3-11)."""


def calibrated(
    results: Path,
    manifest: Manifest,
    progress: Callable[[int, int], None] | None = None,
    *,
    graded: Path | None = None,
    stated: bool = True,
) -> Rule | ClassCuts | ExaminationCuts:
    """Return what fits the answers of an evaluation: a rule, or cut-offs.

    Cut-offs are of grades, of levels, or of examinations by how many movements they have.

    Args:
        results: Its folder, with ``predictions/``.
        manifest: The data that was answered.
        progress: Called with pictures done and in all.
        graded: Folder of an evaluation of the grader, which the rule joins as well: its answers to
            the same pictures, of people whom it had not seen.
        stated: Whether the rule is for pictures whose movement is known to the fusion.

    Raises:
        InputError: The evaluation is not finished, of other data, or leaky, it holds no predictions
            of palsy, level and grade, of grades, or of levels, or the grader answered other
            pictures; or the method does not answer without the movement.
    """
    said = _told(results, manifest, stated=stated)
    if any("palsy" in each.truth for each in said):
        pictures, shares = _pictures(said, manifest, progress, graded, stated=stated)
        return fitted(pictures, shares, manifest.title)
    if graded is not None:
        raise InputError(
            printable(results),
            "is of no method that a grader can be joined with",
            "give a folder of 'facialis evaluate multimodal_fusion-light'",
        )
    if all(OF_SOME in each.answers for each in said):
        return examination_cuts(said, _learned_share(said, manifest), manifest.title)
    if all("grade" in each.truth for each in said):
        return _grade_cuts(said, manifest)
    return class_answers(said, "level", _OF_EVEN_LEVELS).cuts(manifest.title, LEVELS)


def answered_pictures(
    results: Path,
    manifest: Manifest,
    progress: Callable[[int, int], None] | None = None,
    *,
    graded: Path | None = None,
    stated: bool = True,
) -> tuple[Answered, Shares]:
    """Return what a rule reads of pictures, and how many palsies the fusion learned from.

    Args and errors as of `calibrated`; the results are the fusion's.
    """
    said = _told(results, manifest, stated=stated)
    return _pictures(said, manifest, progress, graded, stated=stated)


def _told(results: Path, manifest: Manifest, *, stated: bool) -> list[Predictions]:
    """Return an evaluation's answers, or those that were given without the movement."""
    said = _read(results, manifest)
    if stated:
        return said
    if not all(any(key.endswith(UNSTATED) for key in each.answers) for each in said):
        raise InputError(
            printable(results),
            "holds no answers that were given without the movement",
            "give a folder of 'facialis evaluate multimodal_fusion-light'",
        )
    return [
        replace(
            each,
            answers={
                key.removesuffix(UNSTATED): given
                for key, given in each.answers.items()
                if key.endswith(UNSTATED)
            },
        )
        for each in said
    ]


def _pictures(
    said: Sequence[Predictions],
    manifest: Manifest,
    progress: Callable[[int, int], None] | None,
    graded: Path | None,
    *,
    stated: bool,
) -> tuple[Answered, Shares]:
    names = [name for each in said for name in each.names]
    palsy, level, grade = (
        np.concatenate([part.truth[key] for part in said]).astype(np.int64)
        for key in ("palsy", "level", "grade")
    )
    shares = Shares(
        palsy=round(float((palsy[palsy >= 0] > 0).mean()), 4),
        lesion=round(float((level[level >= 0] > 0).mean()), 4),
    )
    told = [even_odds(joined(said, "palsy_probability"), shares.palsy)[:, 1]]
    if graded is not None:
        told.append(1 - _grades_of(graded, names, manifest)[:, 0])
    read = [[log_odds(p) for p in each.tolist()] for each in told]
    read.append([log_distance(d) for d in _distances(names, manifest, progress, stated=stated)])
    found = Answered(
        names=np.array(names),
        read=np.column_stack(read),
        fusion=told[0],
        levels=even_odds(joined(said, "level_probability"), shares.lesion),
        grades=even_odds(joined(said, "grade_probability"), shares.lesion),
        palsy=np.where(level == UNKNOWN_CLASS, palsy, level > 0).astype(np.int64),
        level=level,
        grade=grade,
        people=np.array([person for part in said for person in part.subjects]),
    )
    return found, shares


def _distances(
    names: Sequence[str],
    manifest: Manifest,
    progress: Callable[[int, int], None] | None,
    *,
    stated: bool,
) -> Iterator[float]:
    rows = {row.name: row for row in manifest.rows}
    for number, name in enumerate(names, start=1):
        yield over_limit(rows[name], manifest, stated=stated)
        if progress is not None:
            progress(number, len(names))


def _grades_of(results: Path, names: Sequence[str], manifest: Manifest) -> Floats:
    """Return the grader's answers (n, 6) to pictures, as if half of the faces had a palsy.

    Raises:
        InputError: It did not answer them all, or gives no grades.
    """
    said = _read(results, manifest, found=True)
    if not all("grade" in each.truth for each in said):
        raise InputError(printable(results), "holds no grades", "give an evaluation of a grader")
    if any("palsy" in each.truth for each in said):
        raise InputError(
            printable(results), "is of the fusion itself", f"give an evaluation of {GRADER}"
        )
    if any(OF_SOME in each.answers for each in said):
        raise InputError(
            printable(results),
            "grades whole examinations and no pictures",
            f"give an evaluation of {GRADER}",
        )
    order = {name: place for place, name in enumerate(n for each in said for n in each.names)}
    missing = [name for name in names if name not in order]
    if missing:
        raise InputError(
            printable(results),
            f"does not answer {len(missing)} of the pictures, {missing[0]} for one",
            "evaluate the grader by the same protocol on the same data",
        )
    given = joined(said, "grade_probability")[[order[name] for name in names]]
    return even_odds(given, _learned_share(said, manifest))


def write_table(table: Mapping[str, Any], file: Path) -> None:
    """Write what was fitted as JSON, each list of numbers on a line."""
    make_directory(file.parent)
    text = _NUMBERS.sub(lambda found: " ".join(found[0].split()), json.dumps(table, indent=1))
    replace_file(file, (text + "\n").encode())


def _read(results: Path, manifest: Manifest, *, found: bool = False) -> list[Predictions]:
    """Return an evaluation's answers to the data, and not those to data of ``--also``.

    Args:
        results: Its folder.
        manifest: The data.
        found: Whether they may also be of the data before its landmarks were refined, which a
            method that looks at pictures does not read.
    """
    file = results / FILE_NAME
    if not file.is_file():
        raise InputError(
            printable(results),
            "holds no finished evaluation",
            "give a folder of 'facialis evaluate', and let that end",
        )
    result = read_result(file)
    before = manifest.made.get("parent") if found and is_refined(manifest) else None
    if result.data.manifest not in {manifest.digest, before}:
        raise InputError(
            printable(results),
            f"answers {result.data.title} (manifest {result.data.manifest[:12]}), and the data is "
            f"{manifest.title} ({manifest.digest[:12]})",
            "give the same --data",
        )
    if result.is_leaky:
        raise InputError(
            printable(results),
            "is LEAKY: its network had seen the people whom it answers",
            "evaluate by another protocol",
        )
    said = [Predictions.load(file) for file in prediction_files(results)]
    asked = {tuple(sorted({"palsy", "level", "grade"} & set(each.truth))) for each in said}
    if asked not in ({("grade", "level", "palsy")}, {("grade",)}, {("level",)}):
        raise InputError(
            printable(results),
            "holds no answers on palsy, level and grade, on the grade, or on the level",
            "give a folder of 'facialis evaluate' of a light form",
        )
    return said


def _learned_share(said: Sequence[Predictions], manifest: Manifest) -> float:
    """Return the share of palsies among the pictures that were not tested, or all if all were."""
    tested = {person for each in said for person in each.subjects}
    rows = [row for row in manifest.rows if row.subject not in tested] or manifest.rows
    grades = [class_of(row, Target(Scale.HOUSE_BRACKMANN)) for row in rows]
    return round(float(np.mean([int(grade) > 1 for grade in grades if grade is not None])), 4)


def _grade_cuts(said: Sequence[Predictions], manifest: Manifest) -> ClassCuts:
    """Return cut-offs of grades, as they are answered if half of the faces have a palsy."""
    graded = class_answers(said, "grade", _learned_share(said, manifest))
    within = np.abs(graded.probability.argmax(axis=1) - graded.truth) <= 1
    cuts = graded.cuts(manifest.title, GRADES)
    measured = cuts.measured | {"within one grade": share(within, graded.people)}
    return replace(cuts, measured=measured)

"""Write an evaluation: the result, its tables and its pictures."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from facialis.evaluation.plots import calibration, confusion, people, roc, titled
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.result import FILE_NAME
from facialis.evaluation.scoring_classes import answered, readings
from facialis.evaluation.sheet import draw_sheet, worst_answers, worst_parts
from facialis.evaluation.tables import people_csv, protocol_words, result_csv, result_markdown
from facialis.methods.tasks import Segmentation
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from facialis.evaluation.result import Result, TaskRecord
    from facialis.evaluation.scoring_classes import Answered
    from facialis.evaluation.sheet import PictureOf
    from facialis.methods.tasks import Classification, Task


def write_evaluation(
    out: Path,
    result: Result,
    predictions: Sequence[Path],
    tasks: Sequence[Task],
    picture: PictureOf,
) -> None:
    """Write tables and pictures, and then ``result.json``; files that are there are replaced.

    Args:
        out: The folder.
        result: Of the predictions.
        predictions: One file a split.
        tasks: What the method answers.
        picture: Gives the picture (H, W, 3) RGB of a row.

    Raises:
        OutputError: A file cannot be written.
        InputError: A file of predictions is damaged.
    """
    make_directory(out)
    replace_file(out / "table.md", result_markdown(result).encode())
    replace_file(out / "table.csv", result_csv(result))
    replace_file(out / "people.csv", people_csv(result))
    for task in tasks:
        for name, data in _pictures(result, predictions, task, picture):
            replace_file(out / f"{name}.png", data)
    result.save(out / FILE_NAME)


def file_word(title: str) -> str:
    """Return a title as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _pictures(
    result: Result, files: Sequence[Path], task: Task, picture: PictureOf
) -> Iterator[tuple[str, bytes]]:
    if isinstance(task, Segmentation):
        scored = result.task(task.name)
        if scored is not None and scored.rows:
            yield from _common(result, scored, "mean F1")
            cases = worst_parts(task, map(Predictions.load, files))
            title = f"{_first(result, scored)}: worst cases"
            sheet = draw_sheet(cases, picture, title, task.classes)
            yield f"worst-{file_word(task.name)}", sheet
    else:
        yield from _class_pictures(result, files, task, picture)


def _class_pictures(
    result: Result, files: Sequence[Path], task: Classification, picture: PictureOf
) -> Iterator[tuple[str, bytes]]:
    for given in readings(answered(task, map(Predictions.load, files))):
        scored = result.task(task.name, given.reading)
        if scored is None or not scored.rows:
            continue
        yield from _common(result, scored, "accuracy")
        yield from _of_probabilities(result, scored, given)
        if not given.reading:
            title = f"{_first(result, scored)}: worst cases"
            sheet = draw_sheet(worst_answers(given), picture, title, ())
            yield f"worst-{file_word(task.name)}", sheet


def _common(result: Result, scored: TaskRecord, metric: str) -> Iterator[tuple[str, bytes]]:
    word, title = file_word(scored.title), _title(result, scored)
    yield f"confusion-{word}", confusion(scored, title)
    if scored.reading != "vote":
        yield f"people-{word}", people(scored, metric, title)


def _of_probabilities(
    result: Result, scored: TaskRecord, given: Answered
) -> Iterator[tuple[str, bytes]]:
    word, title = file_word(scored.title), _title(result, scored)
    yield f"roc-{word}", roc(given, scored, title)
    yield f"calibration-{word}", calibration(scored, title)


def _first(result: Result, scored: TaskRecord) -> str:
    return f"{result.title}: {scored.title}"


def _title(result: Result, scored: TaskRecord) -> str:
    data = f"{result.data.title}, {protocol_words(result).partition(' (')[0]}"
    return titled((_first(result, scored), data))

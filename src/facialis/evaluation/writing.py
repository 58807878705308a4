"""Write an evaluation: the result, its tables and its pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from facialis.evaluation.canvas import titled
from facialis.evaluation.overlays import overlays
from facialis.evaluation.plots import (
    calibration,
    confusion,
    people,
    precision_recall,
    roc,
)
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.result import FILE_NAME
from facialis.evaluation.scoring_classes import answered, readings
from facialis.evaluation.sheet import PANEL, PictureOf, WorstParts, draw_sheet, worst_answers
from facialis.evaluation.tables import people_csv, protocol_words, result_csv, result_markdown
from facialis.methods.tasks import Classification, Segmentation
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from facialis.evaluation.result import Result, TaskRecord
    from facialis.evaluation.scoring_classes import Answered
    from facialis.methods.tasks import Task


@dataclass(frozen=True, slots=True)
class Shown:
    """The data that an evaluation was tested on, as far as its pictures show them.

    Attributes:
        picture: Gives the picture (H, W, 3) RGB of a row.
        recordings: The recording or case that each row is of, for votes.
        panel: Width and height of a picture among the worst cases, pixels.
    """

    picture: PictureOf
    recordings: Mapping[str, str]
    panel: int = PANEL


def write_evaluation(
    out: Path,
    result: Result,
    predictions: Sequence[Path],
    tasks: Sequence[Task],
    shown: Shown,
) -> None:
    """Write tables and pictures, and then ``result.json``; files that are there are replaced.

    Args:
        out: The folder.
        result: Of the predictions.
        predictions: One file a split.
        tasks: What the method answers.
        shown: What was tested on.

    Raises:
        OutputError: A file cannot be written.
        InputError: A file of predictions is damaged.
    """
    make_directory(out)
    replace_file(out / "table.md", result_markdown(result).encode())
    replace_file(out / "table.csv", result_csv(result))
    replace_file(out / "people.csv", people_csv(result))
    for name, data in _pictures(result, predictions, tasks, shown):
        file = out / f"{name}.png"
        make_directory(file.parent)
        replace_file(file, data)
    result.save(out / FILE_NAME)


def file_word(title: str) -> str:
    """Return a title as part of a file name."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _pictures(
    result: Result, files: Sequence[Path], tasks: Sequence[Task], shown: Shown
) -> Iterator[tuple[str, bytes]]:
    named = [each for each in tasks if isinstance(each, Classification)]
    worst = [WorstParts(each) for each in tasks if isinstance(each, Segmentation)]
    answers, first = [], 1
    for given in map(Predictions.load, files):
        answers.append(given.of(named))
        for parts in worst:
            parts.add(given)
            painted = overlays(given, parts.task, shown.picture)
            for number, (name, data) in enumerate(painted, start=first):
                yield f"overlays/{parts.task.name}/{number:05d}-{file_word(name)}", data
        first += len(given.names)
    for parts in worst:
        yield from _part_pictures(result, parts, shown)
    for task in named:
        every = answered(task, answers, shown.recordings)
        yield from _class_pictures(result, every, shown)


def _part_pictures(result: Result, worst: WorstParts, shown: Shown) -> Iterator[tuple[str, bytes]]:
    scored = result.task(worst.task.name)
    if scored is not None:
        word, title = file_word(scored.title), _title(result, scored)
        yield f"confusion-{word}", confusion(scored, title)
        yield f"people-{word}", people(scored, "mean F1", title)
        heading = f"{_first(result, scored)}: worst cases"
        yield f"worst-{word}", draw_sheet(worst.cases, shown.picture, heading, scored.classes)


def _class_pictures(result: Result, every: Answered, shown: Shown) -> Iterator[tuple[str, bytes]]:
    for given in readings(every):
        scored = result.task(given.task.name, given.reading)
        if scored is None:
            continue
        word, title = file_word(scored.title), _title(result, scored)
        yield f"confusion-{word}", confusion(scored, title)
        yield f"roc-{word}", roc(given, scored, title)
        if len(scored.classes) == len(("no", "yes")) and 1 in given.truth:
            yield f"precision-{word}", precision_recall(given, scored, title)
        if not given.reading:
            yield f"people-{word}", people(scored, "accuracy", title)
            yield f"calibration-{word}", calibration(scored, title)
            heading = f"{_first(result, scored)}: worst cases"
            cases = worst_answers(given)
            sheet = draw_sheet(cases, shown.picture, heading, (), panel=shown.panel)
            yield f"worst-{word}", sheet


def _first(result: Result, scored: TaskRecord) -> str:
    return f"{result.title}: {scored.title}"


def _title(result: Result, scored: TaskRecord) -> str:
    data = f"{result.data.title}, {protocol_words(result).partition(' (')[0]}"
    return titled((_first(result, scored), data))

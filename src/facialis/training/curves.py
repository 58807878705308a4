"""Draw how loss and accuracy went, from the logs of a run."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from facialis.evaluation.plots import learning_curves
from facialis.report.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Curves = dict[str, list[tuple[int, float]]]
"""For each logged name its values by epoch, counted from 1."""


def draw_curves(folder: Path, title: str = "") -> Path | None:
    """Write ``curves.png`` into the folder of a run.

    Args:
        folder: Of a run, with a folder for each stage.
        title: Above the curves.

    Returns:
        The picture; None if nothing was logged.
    """
    stages = {
        stage.name.partition("-")[2]: read_curves(stage)
        for stage in sorted(folder.iterdir())
        if stage.is_dir()
    }
    there = {name: curves for name, curves in stages.items() if curves}
    if not there:
        return None
    file = folder / "curves.png"
    replace_file(file, learning_curves(there, title))
    return file


def read_curves(stage: Path) -> Curves:
    """Return what was logged in a stage; where an epoch ran twice, the later attempt counts."""
    found: dict[str, dict[int, float]] = {}
    for attempt in sorted(stage.glob("attempt-*"), key=lambda each: int(each.name[8:])):
        for row in _rows(attempt / "metrics.csv"):
            epoch = int(row["epoch"]) + 1
            for name, value in row.items():
                if value and name not in ("epoch", "step"):
                    found.setdefault(name, {})[epoch] = float(value)
    return {name: sorted(values.items()) for name, values in found.items()}


def _rows(file: Path) -> Iterator[Mapping[str, str]]:
    if file.is_file():
        with file.open(newline="", encoding="utf-8") as stream:
            yield from csv.DictReader(stream)

"""From the answers of all splits to scores, each with an interval over people.

A number is pooled over the tested rows of all splits, and given again as the mean over people
(SX-16). Rows without a label are left out and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.evaluation.intervals import Interval
from facialis.evaluation.metrics import Counts
from facialis.evaluation.resampling import intervals_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.evaluation.metrics import Floats
    from facialis.evaluation.resampling import Scores

OF_PEOPLE: Final = "mean over people: "
"""Starts the name of a score that weighs every person alike."""

OF_SPLITS: Final = "mean over splits: "
"""Starts the name of a score that weighs every split alike, as paper 003's five folds."""

WITH_WEAK: Final = "mean F1 with weak classes"
"""Mean F1 over all foreground classes, as paper 000 has it, where some have weak labels."""

ALL_IOU: Final = "mean IoU with background and weak classes"
"""Mean IoU over all classes ([000] eq. 10), where some have weak labels."""

VOTE: Final = "vote of a case"
"""Reading that takes the mean answer over the rows of one person and one recording or case."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A score with its interval.

    Attributes:
        value: The score; NaN if there was nothing to score.
        interval: Over people; None where none was drawn.
        undefined: Members of an average that were undefined and count as 0 (D4-13), or, in
            segmentation, that are nowhere and were left out.
    """

    value: float
    interval: Interval | None = None
    undefined: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """All scores of one task, or of one way to read it.

    Attributes:
        task: Name of the task.
        reading: How it was read: empty as answered, else ``level``, ``palsy`` or `VOTE`.
        classes: Names of the classes.
        rows: Rows (or, of a vote, cases) that were scored.
        unlabelled: Rows left out because nobody labelled them; cases whose rows disagree.
        figures: By name.
        matrix: Confusion matrix (K, K), true class in rows; pixels in segmentation.
        people: By person, scores of its rows; NaN where undefined.
        weak: Classes with weak labels.
        reliability: Bins of the calibration, if the answer was a probability.
    """

    task: str
    reading: str
    classes: tuple[str, ...]
    rows: int
    unlabelled: int
    figures: Mapping[str, Figure]
    matrix: Counts
    people: Mapping[str, Mapping[str, float]]
    weak: tuple[str, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = field(default=())

    @property
    def title(self) -> str:
        """Task and reading in a few words."""
        return f"{self.task} as {self.reading}" if self.reading else self.task


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Answers of about one confidence.

    Attributes:
        low: Least confidence, exclusive but for 0.
        high: Most confidence, inclusive.
        rows: How many answers.
        confidence: Their mean confidence.
        right: Share of them that was right.
    """

    low: float
    high: float
    rows: int
    confidence: float
    right: float


def figures_of(scores: Scores, drawn: Mapping[str, Floats]) -> dict[str, Figure]:
    """Return scores with the intervals of their resamples."""
    found = intervals_of(drawn)
    return {
        name: Figure(each.value, _there(found.get(name)), each.undefined)
        for name, each in scores.items()
    }


def numbered(subjects: Iterable[str]) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """Return the people in alphabetical order, and the number of the person of each row."""
    names, place = np.unique(np.asarray(list(subjects), dtype=np.str_), return_inverse=True)
    return tuple(str(name) for name in names), place


def _there(interval: Interval | None) -> Interval | None:
    return None if interval is None or math.isnan(interval.low) else interval

"""Scores of all tasks of a method, from one look at the answers to each split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facialis.evaluation.scoring_classes import answered, readings, score_answers
from facialis.evaluation.scoring_parts import PixelCounts
from facialis.methods.tasks import Classification, Segmentation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from facialis.evaluation.divided import Divided
    from facialis.evaluation.predictions import Predictions
    from facialis.evaluation.scoring import Scored
    from facialis.methods.tasks import Task


class TaskScores:
    """Gathers the answers to splits one by one; no label map is kept."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        """Begin without an answer."""
        self._tasks = tasks
        self._named = [each for each in tasks if isinstance(each, Classification)]
        self._pixels = {each: PixelCounts(each) for each in tasks if isinstance(each, Segmentation)}
        self._answers: list[Predictions] = []

    def add(self, given: Predictions) -> None:
        """Add the answers to one split."""
        for counts in self._pixels.values():
            counts.add(given)
        self._answers.append(given.of(self._named))

    def scored(
        self, recordings: Mapping[str, str], learned: Divided, *, seed: int
    ) -> Iterator[tuple[Task, Scored]]:
        """Yield each task with its scores, in every reading that has a labelled row.

        Args:
            recordings: The recording or case that each row of the manifest is of.
            learned: What was learned from.
            seed: Draws the intervals.
        """
        for task in self._tasks:
            if isinstance(task, Segmentation):
                found = [self._pixels[task].scored(seed=seed)]
            else:
                read = readings(answered(task, self._answers, recordings))
                found = [
                    score_answers(each, learned.training_classes(each.task), seed=seed)
                    for each in read
                    if each.labelled.names
                ]
            yield from ((task, each) for each in found if each.rows)

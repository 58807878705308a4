"""Scores of a segmentation, from pixels counted for each person."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from facialis.evaluation.metrics import Counts, Score, class_recall
from facialis.evaluation.resampling import drawn, resampled, resampled_means
from facialis.evaluation.scoring import ALL_IOU, OF_PEOPLE, WITH_WEAK, Scored, figures_of
from facialis.evaluation.segmentation import (
    class_dice,
    class_iou,
    mean_class_accuracy,
    mean_f1,
    mean_iou,
    pixel_accuracy,
    pixel_confusion,
    pixel_error,
)
from facialis.evaluation.stacks import stacked_parts_scores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.evaluation.metrics import Floats
    from facialis.evaluation.predictions import Predictions
    from facialis.methods.tasks import Segmentation

_OF_A_PERSON = ("mean F1", "mean IoU", "pixel accuracy")


class PixelCounts:
    """Pixels of a segmentation counted for each person, split by split."""

    def __init__(self, task: Segmentation) -> None:
        """Begin with no pixel."""
        self._task = task
        self._people: dict[str, Counts] = {}
        self._rows = self._unlabelled = 0

    def add(self, given: Predictions) -> None:
        """Count the pixels of one split's answers."""
        count = len(self._task.classes)
        maps = given.truth[self._task.truth], given.answers[self._task.predicted]
        for subject, true, called in zip(given.subjects, *maps, strict=True):
            matrix = pixel_confusion(true, called, count)
            self._rows += bool(matrix.any())
            self._unlabelled += not matrix.any()
            self._people[subject] = self._people.get(subject, np.zeros_like(matrix)) + matrix

    def scored(self, *, seed: int) -> Scored:
        """Return the scores of all that was counted.

        Args:
            seed: Draws the intervals.
        """
        task, count = self._task, len(self._task.classes)
        names = sorted(name for name, matrix in self._people.items() if matrix.any())
        empty = np.zeros((0, count, count), dtype=np.int64)
        matrices = np.stack([self._people[name] for name in names]) if names else empty
        pooled = np.asarray(matrices.sum(axis=0))
        scores = {name: parts_scores(matrices[i], task) for i, name in enumerate(names)}
        means = _means(scores)
        return Scored(
            task=task.name,
            reading="",
            classes=task.classes,
            rows=self._rows,
            unlabelled=self._unlabelled,
            figures=figures_of(
                parts_scores(pooled, task) | {name: score for name, (score, _) in means.items()},
                _drawn(matrices, task, {name: values for name, (_, values) in means.items()}, seed),
            ),
            matrix=pooled,
            people={
                name: {metric: score.value for metric, score in each.items()}
                for name, each in scores.items()
            },
            weak=task.weak,
        )


def parts_scores(matrix: Counts, task: Segmentation) -> dict[str, Score]:
    """Return every score of a confusion matrix of pixels by name.

    Means are over the classes that have no weak labels; those ``with weak classes`` are over all,
    `ALL_IOU` over background as well, which is [000] eq. 10 (D0-17).
    """
    kept = np.array([name not in task.weak for name in task.classes])
    dice, iou, found = class_dice(matrix), class_iou(matrix), class_recall(matrix)
    scores = {
        "mean F1": _mean(dice[1:][kept[1:]]),
        "mean IoU": _mean(iou[1:][kept[1:]]),
        "mean IoU with background": _mean(iou[kept]),
        "pixel accuracy": Score(pixel_accuracy(matrix)),
        "mean class accuracy": _mean(found[kept]),
        "pixel error": Score(pixel_error(matrix)),
    }
    if task.weak:
        scores[WITH_WEAK] = mean_f1(matrix)
        scores["mean IoU with weak classes"] = mean_iou(matrix, background=False)
        scores[ALL_IOU] = mean_iou(matrix)
        scores["mean class accuracy with weak classes"] = mean_class_accuracy(matrix)
    for title, values in (("F1", dice), ("IoU", iou)):
        scores |= {
            f"{title} {name}": Score(float(value))
            for name, value in zip(task.classes, values, strict=True)
        }
    return scores


def _mean(values: Floats) -> Score:
    there = values[~np.isnan(values)]
    value = float(there.mean()) if there.size else float("nan")
    return Score(value, int(values.size - there.size))


def _means(people: Mapping[str, Mapping[str, Score]]) -> dict[str, tuple[Score, Floats]]:
    """Return the mean over people of some scores, with the values it is of."""
    values: dict[str, list[float]] = defaultdict(list)
    for each in people.values():
        for name in _OF_A_PERSON:
            values[OF_PEOPLE + name].append(each[name].value)
    return {
        name: (Score(float(np.nan_to_num(each).mean()), int(np.isnan(each).sum())), np.array(each))
        for name, each in values.items()
    }


def _drawn(
    matrices: Counts, task: Segmentation, means: Mapping[str, Floats], seed: int
) -> dict[str, Floats]:
    if not len(matrices):
        return {}
    times = drawn(len(matrices), seed)
    found = resampled(matrices, lambda pooled: stacked_parts_scores(pooled, task), times)
    return found | {name: resampled_means(values, times) for name, values in means.items()}

"""Scores of a classification: as answered, as the coarser scales, and as a vote of each person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from facialis.clinical.scales import (
    GRADES,
    LEVELS,
    Scale,
    converted,
    levels_of_grades,
    palsy_of_grades,
)
from facialis.errors import InputError
from facialis.evaluation.calibration import expected_calibration_error, reliability
from facialis.evaluation.metrics import (
    Counts,
    Floats,
    Score,
    all_scores,
    always_positive_f1,
    class_f1,
    class_precision,
    class_recall,
    confusion_matrix,
    majority_baseline,
    one_vs_rest_auc,
)
from facialis.evaluation.resampling import drawn, resampled, resampled_auc, resampled_means
from facialis.evaluation.scoring import OF_PEOPLE, Scored, figures_of, numbered
from facialis.evaluation.subjects import grouped
from facialis.methods.tasks import UNKNOWN_CLASS, Classification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from facialis.evaluation.predictions import Predictions

CALIBRATION_ERROR: Final = "expected calibration error"

_GRADED: Final = (Scale.HOUSE_BRACKMANN, Scale.EFACE_WORD)
_WORDS: Final = {
    Scale.LEVEL: ("level I", "level II", "level III"),
    Scale.PALSY: ("no palsy", "palsy"),
}
_TWO: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Probabilities of rows, with what is true of them.

    Attributes:
        task: What was answered; `classes` and `scale` are those of this reading.
        reading: As in `Scored`.
        names: Rows (n).
        subjects: The person of each (n).
        truth: Class of each (n,); `UNKNOWN_CLASS` where it is unknown.
        probabilities: Of each class (n, K).
    """

    task: Classification
    reading: str
    names: tuple[str, ...]
    subjects: tuple[str, ...]
    truth: Counts
    probabilities: Floats

    @property
    def labelled(self) -> Answered:
        """The rows whose class is known."""
        known = np.flatnonzero(self.truth != UNKNOWN_CLASS)
        return replace(
            self,
            names=tuple(self.names[i] for i in known),
            subjects=tuple(self.subjects[i] for i in known),
            truth=self.truth[known],
            probabilities=self.probabilities[known],
        )


def answered(task: Classification, splits: Iterable[Predictions]) -> Answered:
    """Return the answers of all splits in one.

    Raises:
        InputError: They are no probabilities of the task's classes, or a truth is no class.
    """
    parts = [
        (each.names, each.subjects, each.truth[task.truth], each.answers[task.predicted])
        for each in splits
    ]
    truth = np.concatenate([np.asarray(part[2]) for part in parts]).astype(np.int64)
    probabilities = np.concatenate([np.asarray(part[3]) for part in parts]).astype(np.float64)
    classes = len(task.classes)
    if probabilities.shape != (len(truth), classes) or truth.ndim != 1:
        problem = f"of shape {probabilities.shape} do not fit {classes} classes"
        raise InputError(f"answers to {task.name}", problem, "give one probability a class")
    if truth.size and not UNKNOWN_CLASS <= truth.min() <= truth.max() < classes:
        problem = f"holds the classes {truth.min()} to {truth.max()}"
        remedy = f"use 0 to {classes - 1}, or {UNKNOWN_CLASS} where the class is unknown"
        raise InputError(f"truth of {task.name}", problem, remedy)
    names = tuple(name for part in parts for name in part[0])
    subjects = tuple(subject for part in parts for subject in part[1])
    return Answered(task, "", names, subjects, truth, probabilities)


def readings(whole: Answered) -> Iterator[Answered]:
    """Yield the answers as given, as levels and palsy where a map leads there, and as votes.

    Probabilities of a coarser class are the sums of its members' (D8-3). A person's vote is the
    mean probability of its labelled rows; people whose rows have different classes have no vote.
    """
    yield whole
    yield from _coarser(whole)
    vote = _vote(whole.labelled)
    if vote is not None:
        yield vote


def score_answers(given: Answered, *, seed: int) -> Scored:
    """Return the scores of one reading.

    Args:
        given: The answers.
        seed: Draws the intervals.
    """
    known = given.labelled
    people, place = numbered(known.subjects)
    classes = given.task.classes
    predicted = known.probabilities.argmax(axis=1) if len(known.names) else known.truth
    matrices = np.zeros((len(people), len(classes), len(classes)), dtype=np.int64)
    np.add.at(matrices, (place, known.truth, predicted), 1)
    pooled = confusion_matrix(known.truth, predicted, len(classes))
    bins = reliability(known.truth, known.probabilities)
    by_person = [person_scores(matrix) for matrix in matrices]
    means = _means(by_person)
    scores = class_scores(pooled, classes) | _areas(known)
    scores |= _baselines(pooled) | {name: score for name, (score, _) in means.items()}
    scores[CALIBRATION_ERROR] = Score(expected_calibration_error(bins))
    draws: dict[str, Floats] = {}
    if people:
        times = drawn(len(people), seed)
        draws = resampled(matrices, lambda matrix: class_scores(matrix, classes), times)
        draws |= {name: resampled_means(values, times) for name, (_, values) in means.items()}
        draws |= _drawn_areas(known, place, times)
    return Scored(
        task=given.task.name,
        reading=given.reading,
        classes=classes,
        rows=len(known.names),
        unlabelled=len(given.names) - len(known.names),
        figures=figures_of(scores, draws),
        matrix=pooled,
        people=dict(zip(people, by_person, strict=True)),
        reliability=bins,
    )


def class_scores(matrix: Counts, classes: tuple[str, ...]) -> dict[str, Score]:
    """Return every score of a confusion matrix, and F1, precision and recall of each class."""
    scores = all_scores(matrix)
    for title, values in (
        ("F1", class_f1(matrix)),
        ("precision", class_precision(matrix)),
        ("recall", class_recall(matrix)),
    ):
        scores |= {
            f"{title} {name}": Score(float(value))
            for name, value in zip(classes, values, strict=True)
        }
    return scores


def person_scores(matrix: Counts) -> dict[str, float]:
    """Return the scores that a person is listed with; of two classes, those of the second."""
    rows = int(matrix.sum())
    found = {
        "rows": float(rows),
        "accuracy": float(np.trace(matrix)) / rows,
        "mean absolute error": all_scores(matrix)["mean absolute error"].value,
    }
    if len(matrix) == _TWO:
        found["F1"] = float(class_f1(matrix)[1])
        found["precision"] = float(class_precision(matrix)[1])
        found["recall"] = float(class_recall(matrix)[1])
        found["prevalence"] = float(matrix[1].sum()) / rows
    return found


def _coarser(whole: Answered) -> Iterator[Answered]:
    scale, known = whole.task.scale, whole.truth != UNKNOWN_CLASS
    if scale in _GRADED and whole.probabilities.shape[1] == len(GRADES):
        levels = levels_of_grades(whole.probabilities)
        yield _read(whole, Scale.LEVEL, _converted(whole.truth, known, scale, Scale.LEVEL), levels)
        palsy = palsy_of_grades(whole.probabilities)
    elif scale is Scale.LEVEL and whole.probabilities.shape[1] == len(LEVELS):
        palsy = whole.probabilities[:, 1:].sum(axis=1)
    else:
        return
    two = np.stack((whole.probabilities.sum(axis=1) - palsy, palsy), axis=1)
    yield _read(whole, Scale.PALSY, _converted(whole.truth, known, scale, Scale.PALSY), two)


def _converted(truth: Counts, known: NDArray[np.bool_], scale: Scale, to: Scale) -> Counts:
    first = 1 if to is Scale.LEVEL else 0
    return np.array(
        [
            converted(int(value) + 1, scale, to) - first if there else UNKNOWN_CLASS
            for value, there in zip(truth, known, strict=True)
        ],
        dtype=np.int64,
    )


def _read(whole: Answered, scale: Scale, truth: Counts, probabilities: NDArray[Any]) -> Answered:
    task = replace(whole.task, scale=scale, classes=_WORDS[scale])
    return replace(whole, task=task, reading=scale.value, truth=truth, probabilities=probabilities)


def _vote(known: Answered) -> Answered | None:
    if not known.names:
        return None
    people, samples, (truth, probabilities) = grouped(
        known.subjects, (known.truth, known.probabilities)
    )
    agreed = [np.unique(truth[rows]).size == 1 for rows in samples]
    return replace(
        known,
        reading="vote",
        names=people,
        subjects=people,
        truth=np.array(
            [
                truth[rows[0]] if same else UNKNOWN_CLASS
                for rows, same in zip(samples, agreed, strict=True)
            ],
            dtype=np.int64,
        ),
        probabilities=np.stack([probabilities[rows].mean(axis=0) for rows in samples]),
    )


def _areas(known: Answered) -> dict[str, Score]:
    areas = one_vs_rest_auc(known.truth, known.probabilities)
    there = areas[~np.isnan(areas)]
    mean = Score(float(there.mean()) if there.size else float("nan"), int(np.isnan(areas).sum()))
    named = zip(known.task.classes, areas, strict=True)
    return {"mean AUC": mean} | {f"AUC {name}": Score(float(area)) for name, area in named}


def _drawn_areas(known: Answered, place: NDArray[np.intp], times: Counts) -> dict[str, Floats]:
    found = {
        f"AUC {name}": resampled_auc(
            known.truth == number, known.probabilities[:, number], place.tolist(), times
        )
        for number, name in enumerate(known.task.classes)
    }
    stacked = np.stack(list(found.values()))
    there = (~np.isnan(stacked)).sum(axis=0)
    sums = np.nan_to_num(stacked).sum(axis=0)
    mean = np.divide(sums, there, out=np.full(len(there), np.nan), where=there != 0)
    return found | {"mean AUC": mean}


def _baselines(matrix: Counts) -> dict[str, Score]:
    counts = matrix.sum(axis=1)
    found = {"always the commonest class, accuracy": Score(majority_baseline(counts, counts))}
    if len(matrix) == _TWO and counts.sum():
        prevalence = float(counts[1] / counts.sum())
        found["prevalence"] = Score(prevalence)
        found["always positive, F1"] = Score(always_positive_f1(prevalence))
    return found


def _means(people: list[dict[str, float]]) -> dict[str, tuple[Score, Floats]]:
    names = [name for name in (people[0] if people else ()) if name not in ("rows", "prevalence")]
    values = {name: np.array([each[name] for each in people]) for name in names}
    return {
        OF_PEOPLE + name: (
            Score(float(np.nan_to_num(each).mean()), int(np.isnan(each).sum())),
            each,
        )
        for name, each in values.items()
    }

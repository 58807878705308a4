"""Scores of a classification: as answered, as the coarser scales, and as a vote of each case."""

from __future__ import annotations

from collections import defaultdict
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
from facialis.evaluation.calibration import (
    expected_calibration_error,
    reliability,
    resampled_calibration_error,
)
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
    mean_absolute_error,
    one_vs_rest_auc,
)
from facialis.evaluation.resampling import drawn, resampled, resampled_auc, resampled_means
from facialis.evaluation.scoring import (
    OF_PEOPLE,
    OF_SPLITS,
    VOTE,
    Scored,
    figures_of,
    numbered,
)
from facialis.evaluation.scoring_sources import accuracy_by_source
from facialis.evaluation.stacks import defined_means, stacked_class_scores
from facialis.methods.tasks import UNKNOWN_CLASS, Classification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import NDArray

    from facialis.evaluation.predictions import Predictions

CALIBRATION_ERROR: Final = "expected calibration error"

_GRADED: Final = (Scale.HOUSE_BRACKMANN, Scale.EFACE_WORD, Scale.SEVERITY)
_WORDS: Final = {
    Scale.LEVEL: ("level I", "level II", "level III"),
    Scale.PALSY: ("no palsy", "palsy"),
}
_TWO: Final = 2
_MOST_SPLITS: Final = 10
"""Of more splits (one person left out at a time) the means over people are told alone."""
_OF_A_SPLIT: Final = ("accuracy", "weighted precision", "weighted recall", "weighted F1")


@dataclass(frozen=True, slots=True, eq=False)
class Answered:
    """Probabilities of rows, with what is true of them.

    Attributes:
        task: What was answered; `classes` and `scale` are those of this reading.
        reading: As in `Scored`.
        names: Rows (n); of a vote, cases.
        subjects: The person of each (n).
        sources: The collection of each (n).
        recordings: The recording or case of the person that each is of (n).
        splits: The split that tested each (n).
        truth: Class of each (n,); `UNKNOWN_CLASS` where it is unknown.
        probabilities: Of each class (n, K).
    """

    task: Classification
    reading: str
    names: tuple[str, ...]
    subjects: tuple[str, ...]
    sources: tuple[str, ...]
    recordings: tuple[str, ...]
    splits: tuple[str, ...]
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
            sources=tuple(self.sources[i] for i in known),
            recordings=tuple(self.recordings[i] for i in known),
            splits=tuple(self.splits[i] for i in known),
            truth=self.truth[known],
            probabilities=self.probabilities[known],
        )


def answered(
    task: Classification,
    splits: Iterable[Predictions],
    recordings: Mapping[str, str],
) -> Answered:
    """Return the answers of all splits in one.

    Args:
        task: What was answered.
        splits: Answers to each split's test.
        recordings: The recording or case that each row is of, empty or missing where a person has
            but one.

    Raises:
        InputError: They are no probabilities of the task's classes, or a truth is no class.
    """
    parts = [
        (each, np.asarray(each.truth[task.truth]), np.asarray(each.answers[task.predicted]))
        for each in splits
    ]
    truth = np.concatenate([part[1] for part in parts]).astype(np.int64)
    probabilities = np.concatenate([part[2] for part in parts]).astype(np.float64)
    classes = len(task.classes)
    if probabilities.shape != (len(truth), classes) or truth.ndim != 1:
        problem = f"of shape {probabilities.shape} do not fit {classes} classes"
        raise InputError(f"answers to {task.name}", problem, "give one probability a class")
    if truth.size and not UNKNOWN_CLASS <= truth.min() <= truth.max() < classes:
        problem = f"holds the classes {truth.min()} to {truth.max()}"
        remedy = f"use 0 to {classes - 1}, or {UNKNOWN_CLASS} where the class is unknown"
        raise InputError(f"truth of {task.name}", problem, remedy)
    names = tuple(name for each, *_ in parts for name in each.names)
    return Answered(
        task=task,
        reading="",
        names=names,
        subjects=tuple(subject for each, *_ in parts for subject in each.subjects),
        sources=tuple(source for each, *_ in parts for source in each.sources),
        recordings=tuple(recordings.get(name, "") for name in names),
        splits=tuple(each.split for each, *_ in parts for _ in each.names),
        truth=truth,
        probabilities=probabilities,
    )


def readings(whole: Answered) -> Iterator[Answered]:
    """Yield the answers as given, as levels and palsy where a map leads there, and as votes.

    Probabilities of a coarser class are the sums of its members' (D8-3). A vote is the mean
    probability over the labelled rows of one person and one recording or case; a case whose rows
    have different classes has none. A person with one recording has the usual vote of a person.
    Where every case has one row there is nothing to vote.
    """
    yield whole
    yield from _coarser(whole)
    vote = _vote(whole.labelled)
    if vote is not None:
        yield vote


def score_answers(given: Answered, learned: Mapping[str, Counts], *, seed: int) -> Scored:
    """Return the scores of one reading.

    Args:
        given: The answers.
        learned: By split, training rows (K,) of each class; without all of them there is no
            baseline of the commonest class.
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
    scores |= _baselines(known, learned) | {name: score for name, (score, _) in means.items()}
    scores |= _by_split(known, predicted)
    scores[CALIBRATION_ERROR] = Score(expected_calibration_error(bins))
    draws: dict[str, Floats] = {}
    if people:
        times = drawn(len(people), seed)
        draws = resampled(matrices, lambda each: stacked_class_scores(each, classes), times)
        draws |= {name: resampled_means(values, times) for name, (_, values) in means.items()}
        draws |= _drawn_areas(known, place, times)
        on_each, drawn_on_each = accuracy_by_source(
            known.sources, predicted == known.truth, place, times
        )
        scores |= on_each
        draws |= drawn_on_each
        draws[CALIBRATION_ERROR] = resampled_calibration_error(
            known.truth, known.probabilities, place, times
        )
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
        "mean absolute error": mean_absolute_error(matrix),
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
    members: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row, case in enumerate(zip(known.subjects, known.recordings, strict=True)):
        members[case].append(row)
    if len(members) == len(known.names):
        return None
    cases = sorted(members)
    truths = [set(known.truth[members[case]].tolist()) for case in cases]
    return replace(
        known,
        reading=VOTE,
        names=tuple(" ".join(filter(None, case)) for case in cases),
        subjects=tuple(subject for subject, _ in cases),
        sources=tuple(known.sources[members[case][0]] for case in cases),
        recordings=tuple(recording for _, recording in cases),
        splits=tuple(known.splits[members[case][0]] for case in cases),
        truth=np.array(
            [each.pop() if len(each) == 1 else UNKNOWN_CLASS for each in truths], dtype=np.int64
        ),
        probabilities=np.stack([known.probabilities[members[case]].mean(axis=0) for case in cases]),
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
    return found | {"mean AUC": defined_means(np.stack(list(found.values()), axis=1))}


def _baselines(known: Answered, learned: Mapping[str, Counts]) -> dict[str, Score]:
    """Return the baselines; each split answers with the commonest class it has learned."""
    classes, rows = len(known.task.classes), len(known.names)
    found: dict[str, Score] = {}
    splits = np.array(known.splits, dtype=np.str_)
    tested = {name: known.truth[splits == name] for name in dict.fromkeys(known.splits)}
    if rows and all(name in learned and learned[name].any() for name in tested):
        right = sum(
            len(truth) * majority_baseline(np.bincount(truth, minlength=classes), learned[name])
            for name, truth in tested.items()
        )
        found["always the commonest class, accuracy"] = Score(right / rows)
    if classes == _TWO and rows:
        prevalence = float(known.truth.mean())
        found["prevalence"] = Score(prevalence)
        found["always positive, F1"] = Score(always_positive_f1(prevalence))
    return found


def _by_split(known: Answered, predicted: Counts) -> dict[str, Score]:
    """Return the accuracy of each split, numbered as they were tested, and means over splits."""
    order = dict.fromkeys(known.splits)
    if not 1 < len(order) <= _MOST_SPLITS:
        return {}
    splits, count = np.array(known.splits, dtype=np.str_), len(known.task.classes)
    of_each = [
        all_scores(confusion_matrix(known.truth[splits == name], predicted[splits == name], count))
        for name in order
    ]
    found = {
        f"accuracy, split {number}": each["accuracy"] for number, each in enumerate(of_each, 1)
    }
    return found | {
        OF_SPLITS + name: Score(float(np.mean([each[name].value for each in of_each])))
        for name in _OF_A_SPLIT
    }


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

"""Scores of each patient beside the pooled one.

Frames of one video are near copies; what varies is the patient. A pooled score weighs a patient by
the number of frames, the mean over patients weighs each alike, and both are reported (SX-16).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from facialis.errors import InputError

Metric = Callable[..., float]
"""A score of arrays that have one entry (or row) a sample; NaN where it is undefined."""


@dataclass(frozen=True, slots=True, eq=False)
class BySubject:
    """One metric of each patient and of all samples together.

    Attributes:
        subjects: The patients, in alphabetical order.
        values: Score (S,) of each; NaN where it is undefined.
        pooled: Score of all samples as if they were one patient's.
    """

    subjects: tuple[str, ...]
    values: NDArray[np.float64]
    pooled: float

    @property
    def undefined(self) -> int:
        """How many patients have no score, because they lack positives or negatives, say."""
        return int(np.isnan(self.values).sum())

    @property
    def mean(self) -> float:
        """Mean over patients; an undefined score counts as 0 (D4-13)."""
        return float(np.nan_to_num(self.values).mean())


def by_subject(metric: Metric, subjects: Sequence[str], *arrays: ArrayLike) -> BySubject:
    """Return a metric for each patient and pooled.

    Args:
        metric: Called with the arrays, or the part of them that is one patient's.
        subjects: The patient of each sample (n,).
        arrays: What the metric takes, each with n entries or rows.

    Raises:
        InputError: There are no samples, or an array has another number of them.
    """
    names, samples, data = grouped(subjects, arrays)
    values = [metric(*(each[rows] for each in data)) for rows in samples]
    return BySubject(names, np.array(values, dtype=np.float64), float(metric(*data)))


def subject_means(
    values: ArrayLike, subjects: Sequence[str]
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return the patients and the mean over each one's samples: the vote of its frames.

    Args:
        values: Probabilities (n, ...), or any numbers, of the samples.
        subjects: The patient of each sample (n,).

    Returns:
        The patients (S) in alphabetical order, and their means (S, ...).

    Raises:
        InputError: There are no samples, or the two differ in number.
    """
    names, samples, (data,) = grouped(subjects, (values,))
    return names, np.stack([data[rows].mean(axis=0) for rows in samples]).astype(np.float64)


def grouped(
    subjects: Sequence[str], arrays: Sequence[ArrayLike]
) -> tuple[tuple[str, ...], list[NDArray[np.intp]], list[NDArray[Any]]]:
    """Return the patients in alphabetical order, the samples of each, and the arrays, checked.

    Raises:
        InputError: There are no samples, or an array has another number of them.
    """
    data = [np.asarray(each) for each in arrays]
    lengths = {len(subjects), *(len(each) for each in data)}
    if len(lengths) > 1 or 0 in lengths:
        raise InputError(
            "samples",
            f"are {' or '.join(map(str, sorted(lengths)))} in number",
            "give one subject and one value of each kind for every sample, and at least one",
        )
    names, place = np.unique(np.asarray(subjects, dtype=np.str_), return_inverse=True)
    order = np.argsort(place, kind="stable")
    samples = np.split(order, np.cumsum(np.bincount(place))[:-1])
    return tuple(str(name) for name in names), samples, data

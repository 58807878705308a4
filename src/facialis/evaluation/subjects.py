"""Samples grouped by patient: frames of one video are near copies; what varies is the patient."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from facialis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Metric = Callable[..., float]
"""A score of arrays that have one entry (or row) a sample; NaN where it is undefined."""


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

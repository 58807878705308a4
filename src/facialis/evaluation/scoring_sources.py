"""Accuracy on each collection, where answers are of several (METHODS 3.8, 4.8).

A network that tells collections apart can look good on all of them together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.evaluation.metrics import Counts, Floats, Score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ACCURACY_ON: Final = "accuracy on "
"""Starts the name of the score; the collection's name ends it."""


def accuracy_by_source(
    sources: Sequence[str], right: NDArray[np.bool_], place: NDArray[np.intp], times: Counts
) -> tuple[dict[str, Score], dict[str, Floats]]:
    """Return the accuracy on each collection; nothing if there is only one.

    Args:
        sources: The collection of each answer (n).
        right: Whether it was right (n,).
        place: Number of its person (n,).
        times: How often each person is drawn (draws, S).

    Returns:
        Scores by name, and each of them in each resample (draws,); NaN where a resample has nobody
        of the collection.
    """
    names = np.asarray(sources, dtype=np.str_)
    found = np.unique(names)
    if len(found) < 2:  # noqa: PLR2004 - one collection is the whole
        return {}, {}
    scores: dict[str, Score] = {}
    draws: dict[str, Floats] = {}
    people = times.shape[1]
    for source in found:
        there = names == source
        hits = times @ np.bincount(place[there], weights=right[there], minlength=people)
        rows = times @ np.bincount(place[there], minlength=people)
        name = f"{ACCURACY_ON}{source}"
        scores[name] = Score(float(right[there].mean()))
        draws[name] = np.divide(hits, rows, out=np.full(len(rows), np.nan), where=rows != 0)
    return scores, draws

"""What the collection of a picture gives away: a control for data that mix collections.

Where healthy faces come from one collection and patients from another, a network can tell them by
camera, light and background, and nobody sees it in its accuracy ([002], METHODS 3.8; [003]). Here a
grader that knows nothing of faces, the nearest of all small pictures of other people, tells the
collection; and labels are told by the collection alone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.datasets.targets import class_of
from facialis.errors import InputError
from facialis.evaluation.intervals import Interval, bootstrap

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from facialis.datasets.manifest import Row
    from facialis.datasets.targets import Target

SIDE: Final = 16
"""Width and height of the small pictures."""
FOLDS: Final = 5
_TWO: Final = 2
_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True)
class Told:
    """How often something is told right.

    Attributes:
        right: Share of the pictures, 0 to 1.
        interval: Of it, over people.
        commonest: Share that is right if the commonest is always told.
    """

    right: float
    interval: Interval
    commonest: float


@dataclass(frozen=True, slots=True)
class Control:
    """What pictures tell of their collection, and collections of the label.

    Attributes:
        collections: Names, with how many people each has.
        pictures: How many there are.
        collection: Told from small pictures of people that are not among those learned from.
        label: Told from the collection alone, likewise; None if fewer than two classes occur.
        labelled: Pictures with a label.
    """

    collections: dict[str, int]
    pictures: int
    collection: Told
    label: Told | None
    labelled: int


def collection_control(
    rows: Sequence[Row],
    picture: Callable[[Row], NDArray[np.uint8]],
    target: Target,
    *,
    name: object = "manifest",
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Control:
    """Return what collections give away.

    Args:
        rows: Of one manifest.
        picture: Reads a picture (H, W, 3), RGB.
        target: The label.
        name: How errors call the rows.
        seed: Of the folds of people.
        progress: Called with pictures done and in all.

    Raises:
        InputError: There is one collection only, or one of fewer than two people.
    """
    people: dict[str, set[str]] = {}
    for row in rows:
        people.setdefault(row.source, set()).add(row.subject)
    lone = [source for source, names in people.items() if len(names) < _TWO]
    if len(people) < _TWO or lone:
        problem = f"has one person in {', '.join(lone)}" if lone else "holds one collection"
        raise InputError(name, problem, "give collections of several people each")
    fold = _folds(rows, people, seed)
    small = np.empty((len(rows), SIDE * SIDE * 3), np.float32)
    for number, row in enumerate(rows):
        shrunk = cv2.resize(picture(row), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        small[number] = shrunk.ravel()
        if progress is not None:
            progress(number + 1, len(rows))
    sources = np.array([row.source for row in rows])
    subjects = [row.subject for row in rows]
    labels = np.array([str(class_of(row, target)) for row in rows])
    known = labels != str(None)
    return Control(
        collections={source: len(names) for source, names in sorted(people.items())},
        pictures=len(rows),
        collection=_told(sources, _nearest(small, sources, fold), subjects, seed),
        label=(
            _told(
                labels[known],
                _commonest_of(sources[known], labels[known], fold[known]),
                [subject for subject, is_known in zip(subjects, known, strict=True) if is_known],
                seed,
            )
            if len(set(labels[known])) >= _TWO
            else None
        ),
        labelled=int(known.sum()),
    )


def _folds(rows: Sequence[Row], people: dict[str, set[str]], seed: int) -> NDArray[np.int64]:
    """Return the fold of each row; every collection's people are dealt to all folds."""
    rng = np.random.default_rng(seed)
    fold = {}
    for source in sorted(people):
        names = sorted(people[source])
        for place, person in enumerate(rng.permutation(len(names))):
            fold[source, names[person]] = place % min(FOLDS, len(names))
    return np.array([fold[row.source, row.subject] for row in rows])


def _nearest(
    small: NDArray[np.float32], classes: NDArray[np.str_], fold: NDArray[np.int64]
) -> NDArray[np.str_]:
    """Return the class of the nearest small picture of the other folds."""
    found = classes.copy()
    for number in np.unique(fold):
        learned = small[fold != number]
        mean, spread = learned.mean(axis=0), learned.std(axis=0) + 1
        known, asked = (learned - mean) / spread, (small[fold == number] - mean) / spread
        lengths = (known**2).sum(axis=1)
        nearest = np.concatenate(
            [
                (lengths - 2 * asked[start : start + _AT_ONCE] @ known.T).argmin(axis=1)
                for start in range(0, len(asked), _AT_ONCE)
            ]
        )
        found[fold == number] = classes[fold != number][nearest]
    return found


def _commonest_of(
    sources: NDArray[np.str_], labels: NDArray[np.str_], fold: NDArray[np.int64]
) -> NDArray[np.str_]:
    """Return the commonest label of each row's collection in the other folds."""
    found = labels.copy()
    for number in np.unique(fold):
        learned = fold != number
        overall = _commonest(labels[learned])
        for source in np.unique(sources):
            there = labels[learned & (sources == source)]
            found[~learned & (sources == source)] = _commonest(there) if len(there) else overall
    return found


def _commonest(labels: NDArray[np.str_]) -> str:
    counts: Counter[str] = Counter(labels.tolist())
    return min(counts, key=lambda label: (-counts[label], label))


def _told(
    truth: NDArray[np.str_], told: NDArray[np.str_], subjects: Sequence[str], seed: int
) -> Told:
    right = truth == told
    return Told(
        right=float(right.mean()),
        interval=bootstrap(lambda drawn: float(np.mean(drawn)), subjects, right, seed=seed),
        commonest=float((truth == _commonest(truth)).mean()),
    )

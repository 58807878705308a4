"""The examples of a data set in memory: what a method makes of each of its pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.datasets.framed_source import FramedSource
from facialis.datasets.sequences import make_sequences
from facialis.datasets.whole_cases import whole_cases
from facialis.errors import InputError
from facialis.networks.learner import CASE

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from pathlib import Path

    from facialis.datasets.manifest import Manifest, Row
    from facialis.networks.learner import Learner

Arrays = dict[str, NDArray[Any]]


READERS: Final = 8
"""Threads that read pictures; decoding does not hold Python's lock."""


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """All examples of a data set, one row of every array each.

    Attributes:
        names: Name of the (first) row of the manifest that each is made of (n,).
        subjects: Person of each (n,).
        sources: Collection of each (n,).
        arrays: What the method reads, by name (n, ...).
        left_out: Why pictures are in no example, with counts.
    """

    names: tuple[str, ...]
    subjects: tuple[str, ...]
    sources: tuple[str, ...]
    arrays: Arrays
    left_out: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.names)

    def of(self, rows: Collection[str]) -> NDArray[np.intp]:
        """Return the numbers of the examples that are made of given rows, in order."""
        wanted = set(rows)
        return np.array([i for i, name in enumerate(self.names) if name in wanted], dtype=np.intp)


def read_examples(
    manifest: Manifest, learner: Learner, progress: Callable[[int, int], None] | None = None
) -> Examples:
    """Read every picture of a manifest as a method's examples.

    Args:
        manifest: The data set, read from its folder.
        learner: Says what an example is, and of how many frames.
        progress: Called with examples done and examples in all.

    Raises:
        InputError: There is no example, or a picture cannot be read.
    """
    root, groups = _groups(manifest, learner)
    report = progress or (lambda _done, _of: None)
    arrays: Arrays = {}

    def made(group: Sequence[Row]) -> Arrays:
        return learner.example([FramedSource(root, row) for row in group])

    with ThreadPoolExecutor(READERS, "facialis-examples") as pool:
        for number, example in enumerate(pool.map(made, groups)):
            for key, value in example.items():
                given = np.asarray(value)
                if number == 0:
                    arrays[key] = np.empty((len(groups), *given.shape), given.dtype)
                arrays[key][number] = given
            report(number + 1, len(groups))
    first = [group[0] for group in groups]
    used = sum(map(len, groups))
    reason = (
        "pictures that are no case's first of a movement"
        if learner.frames == CASE
        else "frames in no run"
    )
    left_out = Counter({reason: len(manifest.rows) - used})
    return Examples(
        tuple(row.name for row in first),
        tuple(row.subject for row in first),
        tuple(row.source for row in first),
        arrays,
        {why: count for why, count in left_out.items() if count},
    )


def joined(sets: Sequence[Examples]) -> Examples:
    """Return the examples of several data sets, in which no two have one name, as one."""
    if len(sets) == 1:
        return sets[0]
    left_out = Counter[str]()
    for each in sets:
        left_out.update(each.left_out)
    return Examples(
        tuple(name for each in sets for name in each.names),
        tuple(subject for each in sets for subject in each.subjects),
        tuple(source for each in sets for source in each.sources),
        {key: np.concatenate([each.arrays[key] for each in sets]) for key in sets[0].arrays},
        dict(left_out),
    )


def first_example(manifest: Manifest, learner: Learner) -> Arrays:
    """Return what a method makes of the first picture or run; errors as `read_examples`."""
    root, groups = _groups(manifest, learner)
    return learner.example([FramedSource(root, row) for row in groups[0]])


def _groups(manifest: Manifest, learner: Learner) -> tuple[Path, list[tuple[Row, ...]]]:
    if manifest.root is None:
        raise InputError(manifest.title, "was never written to disk", "read it from its folder")
    groups = example_rows(manifest.rows, learner.frames)
    if not groups and learner.frames == CASE:
        raise InputError(
            manifest.title, "names no movements", "use examinations, or a simulated cohort"
        )
    if not groups:
        raise InputError(
            manifest.title,
            f"has no run of {learner.frames} consecutive frames",
            "use recordings, or a cohort simulated with --frames",
        )
    return manifest.root, groups


def example_rows(rows: Sequence[Row], frames: int) -> list[tuple[Row, ...]]:
    """Return the rows of each example: every row alone, runs of consecutive frames, or cases.

    Runs do not overlap and cross no gap, no recording and no person ([003], D3-14).

    Args:
        rows: Of a manifest.
        frames: As of `Learner`.
    """
    if frames == CASE:
        return whole_cases(rows)
    if frames == 1:
        return [(row,) for row in rows]
    return make_sequences(rows, length=frames, stride=frames)

"""Faces with the teacher's scores, made in pieces that survive an interruption."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.training.teacher import Teacher, logits

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from facialis.training.face_sampler import FaceSampler

Floats = NDArray[np.float32]

PIECE: Final = 20_000
"""Faces in one file."""


def label(
    sampler: FaceSampler,
    teacher: Teacher,
    folder: Path,
    *,
    count: int,
    seed: int,
    piece: int = PIECE,
) -> Iterator[int]:
    """Make faces and their labels, a file a piece; pieces that are there are kept.

    Args:
        sampler: Source of faces.
        teacher: Source of scores.
        folder: Where the files go.
        count: Faces in all, rounded up to whole pieces.
        seed: Every piece depends only on the seed and its number.
        piece: Faces in one file.

    Yields:
        The number of faces that are ready, after each piece.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(-(-count // piece)):
        file = folder / f"{number:03d}.npz"
        if not file.exists():
            points = sampler.sample(np.random.default_rng([seed, number]), piece)
            unfinished = file.with_suffix(".unfinished")
            with unfinished.open("wb") as stream:
                np.savez(stream, X=points, Y=logits(teacher(points)))
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(file)
        yield (number + 1) * piece


def read_labelled(folder: Path, *, count: int, piece: int = PIECE) -> tuple[Floats, Floats]:
    """Return points (n, 146, 2) and the teacher's logits (n, 52) that `label` made."""
    points, labels = [], []
    for number in range(-(-count // piece)):
        with np.load(folder / f"{number:03d}.npz") as archive:
            points.append(archive["X"])
            labels.append(archive["Y"])
    return np.concatenate(points), np.concatenate(labels)

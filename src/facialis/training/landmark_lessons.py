"""Close-ups to learn landmarks from: pictures whose landmarks are known and were looked for."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.datasets.framed_source import FramedSource
from facialis.errors import InputError
from facialis.face.mesh import POINT_COUNT
from facialis.regions.close_ups import CloseUps, Sights
from facialis.regions.refinement import FRAMED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from facialis.datasets.manifest import Manifest, Row

_READERS: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Lessons:
    """Close-ups of n faces, where landmarks were found in them, and where they are.

    Attributes:
        people: For each face everybody whose photographs it is made of.
        eyes: (n, 2, E, E, 3) uint8, the left eye, and the right one mirrored.
        eyes_found: (n, 2, 26, 2) float32, pixels of the close-up.
        eyes_placed: (n, 2, 26, 2) float32.
        mouths: (n, M, M, 3) uint8.
        mouths_found: (n, 58, 2) float32.
        mouths_placed: (n, 58, 2) float32.
    """

    people: tuple[tuple[str, ...], ...]
    eyes: NDArray[np.uint8]
    eyes_found: NDArray[np.float32]
    eyes_placed: NDArray[np.float32]
    mouths: NDArray[np.uint8]
    mouths_found: NDArray[np.float32]
    mouths_placed: NDArray[np.float32]

    @property
    def digest(self) -> str:
        """SHA-256 of all landmarks."""
        found = hashlib.sha256()
        for each in (
            self.eyes_found,
            self.eyes_placed,
            self.mouths_found,
            self.mouths_placed,
        ):
            found.update(each.tobytes())
        return found.hexdigest()

    def __len__(self) -> int:
        """How many faces."""
        return len(self.people)


def read_lessons(
    manifests: Sequence[Manifest], progress: Callable[[int, int], None] | None = None
) -> Lessons:
    """Read all faces of framed manifests that keep where the landmarks were put.

    Args:
        manifests: Read from their folders.
        progress: Called with faces done and faces in all.

    Raises:
        InputError: A manifest keeps no such landmarks, or a picture cannot be read.
    """
    rows = [(_root(each), row) for each in manifests for row in _taught(each)]
    report = progress or (lambda _done, _of: None)
    found: list[tuple[CloseUps, NDArray[np.float32], NDArray[np.float32]]] = []
    with ThreadPoolExecutor(_READERS, "facialis-lessons") as pool:
        for lesson in pool.map(_lesson, rows):
            found.append(lesson)
            report(len(found), len(rows))
    return Lessons(
        people=tuple(row.people for _, row in rows),
        eyes=np.stack([seen.eyes for seen, _, _ in found]),
        eyes_found=np.stack([seen.eye_points for seen, _, _ in found]),
        eyes_placed=np.stack([eyes for _, eyes, _ in found]),
        mouths=np.stack([seen.mouths[0] for seen, _, _ in found]),
        mouths_found=np.stack([seen.mouth_points[0] for seen, _, _ in found]),
        mouths_placed=np.stack([mouths[0] for _, _, mouths in found]),
    )


def _root(manifest: Manifest) -> Path:
    if manifest.root is None:
        raise InputError(manifest.title, "was never written to disk", "read it from its folder")
    return manifest.root


def _taught(manifest: Manifest) -> list[Row]:
    rows = [row for row in manifest.rows if {"landmarks", "placed"} <= row.annotations.keys()]
    if not rows:
        raise InputError(
            manifest.title,
            "does not keep where landmarks were put",
            "frame a simulated cohort with 'facialis data frame --placed'",
        )
    return rows


def _lesson(
    given: tuple[Path, Row],
) -> tuple[CloseUps, NDArray[np.float32], NDArray[np.float32]]:
    source = FramedSource(*given)
    found, placed, picture = source.found(), source.placed(), source.picture()
    if found is None or placed is None or not len(found) == len(placed) == POINT_COUNT:
        raise InputError(source.row.name, "has no 478 landmarks", "frame the cohort again")
    if picture.shape[:2] != (FRAMED, FRAMED):
        raise InputError(
            source.row.name,
            f"is {picture.shape[1]} pixels wide",
            f"frame the cohort with faces of {FRAMED} pixels",
        )
    sights = Sights(found, picture.shape[1])
    seen = sights.of(picture, found)
    return seen, sights.eye_points(placed), sights.mouth_points(placed)

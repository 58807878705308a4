"""The photographs that benchmarks read: the London set with its hand-placed points."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("GLOG_minloglevel", "2")

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks.record import ROOT
from facialis.face.quiet import native_stderr_silenced
from facialis.face.search import find_faces
from facialis.measures.norms_checks import GROUPS
from facialis.measures.norms_faces import Subject, find_subjects
from facialis.media.photo import Frame, read_photo

if TYPE_CHECKING:
    from collections.abc import Mapping

Points = NDArray[np.float64]
Pixels = NDArray[np.uint8]

ASTRONAUT: Final = ROOT / "examples" / "astronaut.jpg"
LONDON: Final = (
    "71 people of the Face Research Lab London Set (DeBruine & Jones 2017, "
    "doi:10.6084/m9.figshare.5047666, CC BY 4.0), 1024 × 1024 pixels"
)


@dataclass(frozen=True, slots=True)
class Person:
    """One person of the London set.

    Attributes:
        subject: Age, sex and ethnic group as they reported them.
        neutral: Photograph at rest.
        smile: Photograph smiling.
    """

    subject: Subject
    neutral: Path
    smile: Path

    def group(self, kind: str) -> str:
        """Return the person's sex or ethnic group."""
        return GROUPS[kind](self.subject)


def london(faces: Path) -> list[Person]:
    """Return the people of the London set."""
    people, photographs = find_subjects(faces / "london")
    paths = {key: path for path, key in photographs.items()}
    return [Person(p, paths[n, "rest"], paths[n, "smile"]) for n, p in sorted(people.items())]


def pixels_of(path: Path) -> Pixels:
    """Return the decoded photograph (H, W, 3) RGB."""
    return read_photo(path).pixels


def hand_points(photograph: Path) -> Points:
    """Return the 189 hand-placed points (189, 2) beside a neutral photograph, pixels."""
    lines = photograph.with_suffix(".tem").read_text(encoding="utf-8").split("\n")
    count = int(lines[0])
    return np.array([[float(v) for v in line.split()] for line in lines[1 : count + 1]])


def members(people: list[Person], kind: str) -> Mapping[str, NDArray[np.intp]]:
    """Return the indices of the people of each group of one kind, the largest group first."""
    values = np.array([p.group(kind) for p in people])
    names, counts = np.unique(values, return_counts=True)
    return {str(n): np.flatnonzero(values == n) for n in names[np.argsort(-counts)]}


def enlarged(pixels: Pixels, width: int, height: int) -> Pixels:
    """Return a photograph at a camera's size, its edges drawn out where the shape differs."""
    zoom = min(width / pixels.shape[1], height / pixels.shape[0])
    size = (round(pixels.shape[1] * zoom), round(pixels.shape[0] * zoom))
    large: Any = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    edges = (top, height - size[1] - top, left, width - size[0] - left)
    return np.asarray(cv2.copyMakeBorder(large, *edges, cv2.BORDER_REPLICATE), np.uint8)


def started() -> None:
    """Start the landmarker, and keep what it writes to the terminal away from the tables."""
    with native_stderr_silenced():
        find_faces(Frame.from_array(pixels_of(ASTRONAUT)))

"""A painted face whose landmarks are known by construction, and a real one at rest and smiling."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.face.mesh import (
    FACE_OVAL,
    LEFT_BROW_LOWER,
    LEFT_BROW_UPPER,
    LEFT_LOWER_LIP_INNER,
    LEFT_LOWER_LIP_OUTER,
    LEFT_UPPER_LIP_INNER,
    LEFT_UPPER_LIP_OUTER,
    MIRROR,
    RIGHT_BROW_LOWER,
    RIGHT_BROW_UPPER,
    RIGHT_LOWER_LIP_INNER,
    RIGHT_LOWER_LIP_OUTER,
    RIGHT_UPPER_LIP_INNER,
    RIGHT_UPPER_LIP_OUTER,
    TEMPLATE,
)
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.simulation.compose import Sitter, composed
from facialis.simulation.portrait import Portrait
from facialis.simulation.skin import around

SKIN, HAIR, WALL, LIPS = (205, 160, 140), (52, 38, 30), (196, 200, 204), (176, 92, 92)


@dataclass(frozen=True)
class PaintedFace:
    """A mean face painted in flat colours, symmetric about the middle of the picture.

    `pixels` (256, 256, 3), `points` (478, 3), `unit` pixels in one interocular distance.
    """

    pixels: NDArray[np.uint8]
    points: NDArray[np.float64]
    unit: float

    def at(self, x: float, y: float) -> tuple[int, int]:
        """Row and column of a place in the frontal frame."""
        column, row = np.floor(np.array([128.0, 120.0]) + self.unit * np.array([x, y]))
        return int(row), int(column)

    def box(self, x: tuple[float, float], y: tuple[float, float]) -> tuple[slice, slice]:
        """Rows and columns of a rectangle of the frontal frame."""
        (top, left), (bottom, right) = self.at(x[0], y[0]), self.at(x[1], y[1])
        return slice(top, bottom), slice(left, right)


def painted(unit: float = 80.0) -> PaintedFace:
    points = unit * TEMPLATE + [128.0, 120.0, 0.0]
    flat = points[:, :2]
    pixels = np.full((256, 256, 3), WALL, np.uint8)

    def fill(places: NDArray[np.float64], colour: tuple[int, int, int]) -> None:
        cv2.fillPoly(pixels, [np.round(16 * (places - 0.5)).astype(np.int32)], colour, 16, 4)

    oval = flat[list(FACE_OVAL)]
    fill((oval - oval.mean(axis=0)) * (1.15, 1.25) + oval.mean(axis=0) - (0, 0.2 * unit), HAIR)
    cap = oval.copy()
    cap[:, 1] = np.where(cap[:, 1] < 120, 120 + 1.3 * (cap[:, 1] - 120), cap[:, 1])
    fill(cap, SKIN)
    for upper, lower in (
        (RIGHT_BROW_UPPER, RIGHT_BROW_LOWER),
        (LEFT_BROW_UPPER, LEFT_BROW_LOWER),
    ):
        fill(flat[list(upper + lower[::-1])], HAIR)
    above = RIGHT_UPPER_LIP_OUTER + LEFT_UPPER_LIP_OUTER[-2::-1]
    fill(flat[list(above + LEFT_LOWER_LIP_OUTER[1:] + RIGHT_LOWER_LIP_OUTER[-2:0:-1])], LIPS)
    return PaintedFace((pixels // 2 + pixels[:, ::-1] // 2), points, unit)


@pytest.fixture(scope="session")
def painted_face() -> PaintedFace:
    """A painted face, 80 pixels between the outer corners of the eyes."""
    face = painted()
    face.pixels.flags.writeable = False
    return face


@pytest.fixture(scope="session")
def photographed(portrait: Path) -> Portrait:
    """A real face, smiling: 57 pixels between the outer corners of the eyes."""
    frame = read_photo(portrait)
    return Portrait.of(frame.pixels, find_faces(frame)[0].points)


@pytest.fixture(scope="session")
def smiling(photographed: Portrait) -> Portrait:
    """The same, cropped: 97 pixels between the outer corners of the eyes."""
    return photographed.cropped(320)


@pytest.fixture(scope="session")
def resting(smiling: Portrait) -> Portrait:
    """The same person with closed lips of the mean face."""
    share = np.minimum(1, 1.3 * around((0, 17, 61, 291, 13, 14, 78, 308), 0.22))[:, None]
    face = smiling.face + share * (TEMPLATE - smiling.face)
    upper = [*RIGHT_UPPER_LIP_INNER[1:], *LEFT_UPPER_LIP_INNER[1:-1]]
    lower = [*RIGHT_LOWER_LIP_INNER[1:], *LEFT_LOWER_LIP_INNER[1:-1]]
    face[upper] = face[lower] = (face[upper] + face[lower]) / 2
    made = composed(Sitter(smiling), face)
    return Portrait.of(made.pixels, made.points)


@pytest.fixture(scope="session")
def sitter(resting: Portrait, smiling: Portrait) -> Sitter:
    """A person at rest and smiling."""
    return Sitter(resting, smiling)


@pytest.fixture(scope="session")
def mirrored() -> Callable[[Portrait], Portrait]:
    """Mirror a photograph and its landmarks."""

    def mirror(portrait: Portrait) -> Portrait:
        points = portrait.points[MIRROR]
        points[:, 0] = portrait.pixels.shape[1] - points[:, 0]
        return Portrait.of(np.ascontiguousarray(portrait.pixels[:, ::-1]), points)

    return mirror


@pytest.fixture(scope="session")
def real_sitters(shared_data: Path) -> tuple[Sitter, ...]:
    """A few people of the real photographs, 121 pixels between the outer corners of the eyes."""
    folder = shared_data / "faces" / "london"

    def seen(path: Path) -> Portrait:
        frame = read_photo(path)
        return Portrait.of(frame.pixels, find_faces(frame)[0].points).cropped(400)

    return tuple(
        Sitter(seen(path), seen(path.with_name(path.name.replace("neutral", "smile"))))
        for path in sorted(folder.glob("*_neutral.jpg"))[5::25]
    )


class Inline:
    """A pool of no processes; what goes in and out is pickled as between processes."""

    def submit(self, work, *arguments) -> Future:
        done: Future = Future()
        work, arguments = pickle.loads(pickle.dumps((work, arguments)))  # noqa: S301
        done.set_result(pickle.loads(pickle.dumps(work(*arguments))))  # noqa: S301
        return done

    def map(self, work, values):
        return [self.submit(work, value).result() for value in values]


@pytest.fixture(scope="session")
def no_processes():
    """What stands for `facialis.datasets.spawned.workers` and starts no process."""

    @contextmanager
    def inline(_jobs):
        yield Inline()

    return inline

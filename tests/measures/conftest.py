"""Faces whose measures can be worked out by hand, and a real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from facialis.face import mesh
from facialis.face.landmarks import FaceLandmarks
from facialis.face.mesh import TEMPLATE
from facialis.face.search import find_faces
from facialis.measures.frames import mirrored_face
from facialis.measures.norms import NormTable, default_norms
from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Half:
    """The left half of a face drawn with straight lines; lengths in pixels, heights grow upwards.

    The eye spans x = 30 to 60 with canthi at y = 0; the lips meet at the commissure.
    """

    brow: float = 25.0
    upper_lid: float = 8.0
    lower_lid: float = 6.0
    commissure: tuple[float, float] = (40.0, 50.0)


UPPER_LIP, LOWER_LIP, INNER_UPPER, INNER_LOWER, CHIN = 40.0, 70.0, 46.0, 58.0, 110.0
INNER_CORNER = 4.0


def line(count: int, start: tuple[float, float], end: tuple[float, float]) -> Points:
    return np.column_stack(
        (np.linspace(start[0], end[0], count), np.linspace(start[1], end[1], count))
    )


def drawn(half: Half) -> Points:
    face = 100 * TEMPLATE
    flat = face[:, :2]
    flat[list(mesh.LEFT_UPPER_LID)] = line(9, (60, -half.upper_lid), (30, -half.upper_lid))
    flat[list(mesh.LEFT_LOWER_LID)] = line(9, (60, half.lower_lid), (30, half.lower_lid))
    flat[[mesh.LEFT_OUTER_CANTHUS, mesh.LEFT_INNER_CANTHUS], 1] = 0
    flat[mesh.LEFT_IRIS_CENTRE] = (45, 0)
    flat[list(mesh.LEFT_BROW_UPPER)] = line(5, (70, -half.brow), (20, -half.brow))
    x, y = half.commissure
    flat[list(mesh.LEFT_UPPER_LIP_OUTER)] = line(6, (x, y), (0, UPPER_LIP))
    flat[list(mesh.LEFT_LOWER_LIP_OUTER)] = line(6, (x, y), (0, LOWER_LIP))
    flat[list(mesh.LEFT_UPPER_LIP_INNER)] = line(6, (x - INNER_CORNER, y), (0, INNER_UPPER))
    flat[list(mesh.LEFT_LOWER_LIP_INNER)] = line(6, (x - INNER_CORNER, y), (0, INNER_LOWER))
    flat[list(mesh.LEFT_JAW)] = line(11, (100, 80), (0, CHIN))
    return face


@pytest.fixture(scope="session")
def half() -> type[Half]:
    """The dimensions of one half of a hand-drawn face."""
    return Half


@pytest.fixture(scope="session")
def draw() -> Callable[[Half, Half], Points]:
    """Draw a face (478, 3) in pixels from its right and its left half; see `Half`."""

    def face(right: Half, left: Half) -> Points:
        whole, other = drawn(left), mirrored_face(drawn(right))
        return np.where(whole[:, :1] < 0, other, whole)

    return face


@pytest.fixture(scope="session")
def astronaut() -> Pixels:
    """The head of the portrait, 200 pixels between the outer corners of the eyes."""
    head = np.ascontiguousarray(data.astronaut()[:300, 70:380])
    return np.asarray(
        cv2.resize(head, None, fx=10 / 3, fy=10 / 3, interpolation=cv2.INTER_CUBIC), np.uint8
    )


@pytest.fixture(scope="session")
def astronaut_face(astronaut: Pixels) -> FaceLandmarks:
    """Its landmarks."""
    return find_faces(Frame.from_array(astronaut, name="astronaut"))[0]


@pytest.fixture(scope="session")
def norms() -> NormTable:
    """The table that is shipped."""
    return default_norms()


@pytest.fixture(scope="session")
def london(shared_data: Path) -> Path:
    """The folder of real photographs."""
    return shared_data / "faces" / "london"

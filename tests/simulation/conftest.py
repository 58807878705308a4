"""A painted face whose landmarks are known by construction."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.face.mesh import (
    FACE_OVAL,
    LEFT_BROW_LOWER,
    LEFT_BROW_UPPER,
    LEFT_LOWER_LIP_OUTER,
    LEFT_UPPER_LIP_OUTER,
    RIGHT_BROW_LOWER,
    RIGHT_BROW_UPPER,
    RIGHT_LOWER_LIP_OUTER,
    RIGHT_UPPER_LIP_OUTER,
    TEMPLATE,
)

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

"""A real face that may be shown to anyone, its landmarks, and ways to change the picture of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

from facialis.face.landmarks import FaceLandmarks
from facialis.face.search import find_faces
from facialis.media.photo import Frame, read_photo

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
GREY = (128, 128, 128)


@pytest.fixture(scope="session")
def astronaut() -> Pixels:
    """(512, 512, 3) RGB; the face is 60 pixels wide between the outer corners of the eyes."""
    pixels = data.astronaut()
    pixels.flags.writeable = False
    return pixels


@pytest.fixture(scope="session")
def astronaut_face(astronaut: Pixels) -> FaceLandmarks:
    """The landmarks of the portrait as it is."""
    return find_faces(Frame.from_array(astronaut, name="astronaut"))[0]


@pytest.fixture(scope="session")
def large_astronaut(astronaut: Pixels) -> Pixels:
    """The head of the portrait, enlarged: 200 pixels between the outer corners of the eyes."""
    head = np.ascontiguousarray(astronaut[:300, 70:380])
    return cv2.resize(head, None, fx=10 / 3, fy=10 / 3, interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="session")
def large_face(large_astronaut: Pixels) -> FaceLandmarks:
    """The landmarks of the enlarged head."""
    return find_faces(Frame.from_array(large_astronaut, name="large"))[0]


@pytest.fixture(scope="session")
def rotated() -> Callable[[Pixels, float], tuple[Pixels, Callable[[Points], Points]]]:
    """Turn a picture clockwise in its plane; also gives the way back for points (N, 2)."""

    def turn(pixels: Pixels, degrees: float) -> tuple[Pixels, Callable[[Points], Points]]:
        height, width = pixels.shape[:2]
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        size = np.ceil(
            [
                height * abs(sin) + width * abs(cos) - 1e-6,
                height * abs(cos) + width * abs(sin) - 1e-6,
            ]
        )
        rotation = np.array([[cos, -sin], [sin, cos]])
        shift = size / 2 - rotation @ [width / 2, height / 2]
        between_centres = shift + rotation @ [0.5, 0.5] - 0.5
        picture = cv2.warpAffine(
            pixels,
            np.column_stack((rotation, between_centres)),
            (int(size[0]), int(size[1])),
            borderValue=GREY,
        )
        return picture, lambda points: (points - shift) @ rotation

    return turn


@pytest.fixture(scope="session")
def london(shared_data: Path) -> tuple[Frame, ...]:
    """A few of the real photographs, at rest and smiling."""
    folder = shared_data / "faces" / "london"
    photographs = (
        sorted(folder.glob("*_neutral.jpg"))[::24] + sorted(folder.glob("*_smile.jpg"))[::24]
    )
    return tuple(read_photo(path) for path in photographs)

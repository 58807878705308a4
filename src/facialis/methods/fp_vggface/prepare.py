"""What the networks read and what their answers mean: arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.clinical.scales import WORDS
from facialis.errors import InputError
from facialis.regions.framing import CLOSE_MARGIN, square_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES: Final = WORDS["002"]
"""Names of House-Brackmann I to VI in paper 002."""


def network_input(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a framed picture (H, W, 3), RGB, as the network reads it: (3, size, size) uint8."""
    method = cv2.INTER_AREA if picture.shape[0] > size else cv2.INTER_LINEAR
    resized = cv2.resize(picture, (size, size), interpolation=method)
    return np.ascontiguousarray(resized.transpose(2, 0, 1), dtype=np.uint8)


def close_cut(
    picture: NDArray[np.uint8], points: NDArray[np.float64] | None, size: int
) -> tuple[NDArray[np.uint8], NDArray[np.float64] | None]:
    """Return the face as the networks read it (3, size, size) uint8, and its landmarks there.

    Args:
        picture: (H, W, 3), RGB.
        points: (478, 2 or 3) landmarks, pixels of the picture; None takes all of the picture.
        size: Width and height of the result, pixels.
    """
    if points is None:
        return network_input(picture, size), None
    square = square_around(points, CLOSE_MARGIN)
    cut = square.cut(picture, size)
    return np.ascontiguousarray(cut.transpose(2, 0, 1), np.uint8), square.moved(points, size)


def grade(probability: NDArray[np.floating[Any]]) -> int:
    """Return the likeliest House-Brackmann grade, 1 to 6, of probabilities (6,).

    Raises:
        InputError: They are not six finite numbers.
    """
    if probability.shape != (len(CLASSES),) or not np.isfinite(probability).all():
        raise InputError("probability", "is not six finite numbers", "give one network's answer")
    return int(np.argmax(probability)) + 1


def word(probability: NDArray[np.floating[Any]]) -> str:
    """Return the paper's word for the likeliest grade of probabilities (6,).

    Raises:
        InputError: They are not six finite numbers.
    """
    return CLASSES[grade(probability) - 1]

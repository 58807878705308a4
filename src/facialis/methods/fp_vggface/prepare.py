"""What the networks read and what their answers mean: arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.clinical.scales import WORDS
from facialis.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray

CLASSES: Final = WORDS["002"]
"""Names of House-Brackmann I to VI in paper 002."""


def network_input(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a framed picture (H, W, 3), RGB, as the network reads it: (3, size, size) uint8."""
    method = cv2.INTER_AREA if picture.shape[0] > size else cv2.INTER_LINEAR
    resized = cv2.resize(picture, (size, size), interpolation=method)
    return np.ascontiguousarray(resized.transpose(2, 0, 1), dtype=np.uint8)


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

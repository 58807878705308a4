"""Make pictures smaller in a way that commutes exactly with mirroring them."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]


def odd_factor(wanted: float) -> int:
    """Return the smallest odd number that is at least `wanted`, 1 or more."""
    factor = max(1, math.ceil(wanted))
    return factor + 1 - factor % 2


def shrunk(pixels: Pixels, factor: int) -> tuple[Pixels, Points]:
    """Average blocks of `factor` by `factor` pixels, an odd number.

    What does not fill a block is cut off equally on both sides, which an odd factor allows, so that
    shrinking commutes exactly with mirroring. A picture of fewer than two blocks stays as it is.

    Returns:
        The smaller picture, and the map (2, 3) from its coordinates to those of `pixels`.
    """
    height, width = pixels.shape[:2]
    if factor == 1 or min(height, width) < 2 * factor:
        return pixels, np.eye(2, 3)
    x, y = _margin(width, factor), _margin(height, factor)
    part = pixels[y : height - y, x : width - x]
    size = (part.shape[1] // factor, part.shape[0] // factor)
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    to_whole = np.array([[factor, 0, x], [0, factor, y]], np.float64)
    return small.astype(np.uint8, copy=False), to_whole


def _margin(length: int, factor: int) -> int:
    over = length % factor
    return (over if over % 2 == 0 else over + factor) // 2

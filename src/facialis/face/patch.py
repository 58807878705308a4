"""A small copy of a face, large enough for skin and folds, that several checks look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.landmarks import interocular
from facialis.face.shrinking import odd_factor, shrunk

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

PATCH_INTEROCULAR_PX: Final = 64
_MARGIN: Final = 0.05


@dataclass(frozen=True, slots=True)
class FacePatch:
    """A face cut out of a photograph and reduced, never enlarged.

    Attributes:
        pixels: (h, w, 3) RGB; empty if the face lies outside the photograph.
        places: (478, 2) the landmarks in it, pixel edges counted.
        interocular: Distance of the outer corners of the eyes in its pixels.
    """

    pixels: Pixels
    places: Points
    interocular: float

    def reduced(self, interocular_px: float) -> FacePatch:
        """Return a copy in which the eyes are at most so far apart."""
        zoom = interocular_px / self.interocular
        if zoom >= 1 or self.pixels.size == 0:
            return self
        height, width = self.pixels.shape[:2]
        size = (max(3, round(width * zoom)), max(3, round(height * zoom)))
        small = cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
        places = self.places * (size[0] / width, size[1] / height)
        return FacePatch(small.astype(np.uint8, copy=False), places, self.interocular * zoom)


def face_patch(pixels: Pixels, points: Points) -> FacePatch:
    """Cut a face out of a photograph, reduced so far that the eyes keep `PATCH_INTEROCULAR_PX`.

    Args:
        pixels: (H, W, 3) RGB.
        points: (478, 3) landmarks in pixels.
    """
    eyes = interocular(points)
    flat = points[:, :2]
    low = np.floor(flat.min(axis=0) - _MARGIN * eyes).astype(int)
    high = np.ceil(flat.max(axis=0) + _MARGIN * eyes).astype(int)
    low = np.clip(low, 0, None)
    part = pixels[low[1] : max(high[1], 0), low[0] : max(high[0], 0)]
    small, to_part = shrunk(part, max(1, odd_factor(eyes / PATCH_INTEROCULAR_PX - 1)))
    factor, margin = to_part[0, 0], to_part[:, 2]
    return FacePatch(small, (flat - low - margin) / factor, eyes / factor)

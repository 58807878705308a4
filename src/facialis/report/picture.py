"""The part of the photograph that reports draw on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_MARGIN = 0.5
_LONGEST = 2000


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A crop of the upright, unmirrored photograph around one face.

    Convention: the point (x, y) of the photograph lies at ((x - x0) * scale, (y - y0) * scale) in
    the crop, where (0, 0) is the upper left corner of the first pixel.

    Attributes:
        pixels: (h, w, 3) uint8 RGB.
        x0: Left edge of the crop in pixels of the photograph.
        y0: Upper edge of the crop in pixels of the photograph.
        scale: Pixels of the crop in one pixel of the photograph, at most 1.
    """

    pixels: NDArray[np.uint8]
    x0: float
    y0: float
    scale: float

    def __eq__(self, other: object) -> bool:
        """Return whether both show the same pixels at the same place."""
        return (
            isinstance(other, Picture)
            and (self.x0, self.y0, self.scale) == (other.x0, other.y0, other.scale)
            and np.array_equal(self.pixels, other.pixels)
        )

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True, eq=False)
class MethodView:
    """What a method saw of the face.

    Attributes:
        title: Which method, and what is shown.
        pixels: (h, w, 3) uint8 RGB.
    """

    title: str
    pixels: NDArray[np.uint8]


def crop_around(photograph: NDArray[np.uint8], box: tuple[float, float, float, float]) -> Picture:
    """Return the part of a photograph that shows a face, its hair and some of the background.

    The crop is a copy, so that it does not keep a large photograph in memory.

    Args:
        photograph: (H, W, 3) uint8 RGB, upright and unmirrored.
        box: x0, y0, x1, y1 of the face in pixels; it may reach beyond the photograph.
    """
    height, width = photograph.shape[:2]
    pad = _MARGIN * max(box[2] - box[0], box[3] - box[1])
    x0, x1 = (int(np.clip(v, 0, width)) for v in (box[0] - pad, box[2] + pad + 1))
    y0, y1 = (int(np.clip(v, 0, height)) for v in (box[1] - pad, box[3] + pad + 1))
    crop = photograph[y0:y1, x0:x1]
    longest = max(crop.shape[:2])
    if longest <= _LONGEST:
        return Picture(crop.copy(), float(x0), float(y0), 1.0)
    scale = _LONGEST / longest
    size = (round(crop.shape[1] * scale), round(crop.shape[0] * scale))
    small = cv2.resize(crop, size, interpolation=cv2.INTER_AREA)
    return Picture(np.asarray(small, dtype=np.uint8), float(x0), float(y0), scale)

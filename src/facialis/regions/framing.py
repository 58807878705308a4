"""Cut a face out of a picture as a square that is the same for training and for use.

The square is centred on the bounding box of the face's landmarks and as wide as the longer side of
the box, enlarged by a margin on each side; beyond the picture it is black. Convention: coordinates
are pixels, x right, y down, the middle of the first pixel at 0.5; a framed face is not turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACE_MARGIN: Final = 0.3
"""Margin on each side, in parts of the longer side of the landmarks' box: hair and chin are in."""

CLOSE_MARGIN: Final = 0.1
"""Margin of a closer cut, for networks that read small pictures."""


@dataclass(frozen=True, slots=True)
class Square:
    """A square window of a picture.

    Attributes:
        left: x of its left edge, pixels.
        top: y of its upper edge, pixels.
        side: Its width and height, pixels.
    """

    left: float
    top: float
    side: float

    def cut(
        self, picture: NDArray[Any], size: int, *, blend: bool = True, beyond: int = 0
    ) -> NDArray[Any]:
        """Return what the square shows.

        Args:
            picture: (H, W) or (H, W, C).
            size: Width and height of the result, pixels.
            blend: Whether neighbouring values may be mixed; labels must not be.
            beyond: Value of what lies beyond the picture.

        Returns:
            (size, size) or (size, size, C) of the picture's type.
        """
        scale = size / self.side
        matrix = np.array([[scale, 0, -self.left * scale], [0, scale, -self.top * scale]])
        matrix[:, 2] += 0.5 * scale - 0.5  # OpenCV counts from the middles of pixels
        if blend and scale < 1:
            return self._shrunk(picture, size, beyond)
        flags = cv2.INTER_LINEAR if blend else cv2.INTER_NEAREST
        return cv2.warpAffine(
            picture, matrix, (size, size), flags=flags,
            borderMode=cv2.BORDER_CONSTANT, borderValue=(beyond,) * 4,
        )  # fmt: skip

    def moved(self, points: NDArray[np.float64], size: int) -> NDArray[np.float64]:
        """Return points (n, 2 or 3) of the picture in the pixels of the cut; z is scaled alike."""
        found = points * (size / self.side)
        found[:, :2] -= np.array([self.left, self.top]) * (size / self.side)
        return found

    def _shrunk(self, picture: NDArray[Any], size: int, beyond: int) -> NDArray[Any]:
        """Cut at whole pixels, then average over areas, so that fine detail does not alias."""
        height, width = picture.shape[:2]
        x, y, side = round(self.left), round(self.top), max(1, round(self.side))
        edges = (max(0, -y), max(0, y + side - height), max(0, -x), max(0, x + side - width))
        inside = picture[max(0, y) : max(0, y + side), max(0, x) : max(0, x + side)]
        whole = cv2.copyMakeBorder(
            inside, *edges, borderType=cv2.BORDER_CONSTANT, value=(beyond,) * 4
        )
        return cv2.resize(whole, (size, size), interpolation=cv2.INTER_AREA)


def square_around(points: NDArray[np.float64], margin: float = FACE_MARGIN) -> Square:
    """Return the square around points (n, 2 or more), enlarged by a margin on each side.

    It lies at whole pixels, so that picture, labels and points are cut at the same place.
    """
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = max(1, round(float((high - low).max()) * (1 + 2 * margin)))
    left, top = (low + high) / 2 - side / 2
    return Square(float(round(left)), float(round(top)), float(side))

"""A photographed face, ready to be reshaped: pixels, landmarks and the pose of the head."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.pose import HeadPose, head_pose

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Map = NDArray[np.float32]

CROP_IN_INTEROCULARS: Final = 3.3
"""Side of the square around a face, in interocular distances: face, hair and neck."""

_CENTRE_BELOW_CANTHI: Final = 0.3
_ANTIALIASING_SD: Final = 0.4
_FINER: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One photograph of a person.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        points: (478, 3) landmarks in its pixels.
        pose: The pose of the head.
        fine: The same picture, float32, at every half of a pixel from the middle of the first, with
            no more in it: what is sampled from it between the pixels loses nothing. None if there
            is none.
    """

    pixels: Pixels
    points: Points
    pose: HeadPose
    fine: Map | None = None

    @classmethod
    def of(cls, pixels: Pixels, points: Points) -> Self:
        """Build a portrait from a photograph and its landmarks (478, 3)."""
        return cls(pixels, points, head_pose(points))

    @property
    def face(self) -> Points:
        """Landmarks (478, 3) in the frontal frame, interocular units."""
        return self.pose.to_frontal(self.points) / self.pose.scale

    def sampled(self, x: Map, y: Map) -> NDArray[np.float64]:
        """Return the colours (..., 3) at places, each 0 at the middle of the first pixel.

        Beyond the picture its edge goes on.
        """
        grid, finer = (self.pixels, 1) if self.fine is None else (self.fine, _FINER)
        moved = cv2.remap(
            grid,
            np.float32(finer) * x,
            np.float32(finer) * y,
            cv2.INTER_LANCZOS4,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return moved.astype(np.float64)

    def cropped(self, side: int) -> Portrait:
        """Return the square around the face, with hair and neck, at `side` × `side` pixels.

        Where the square reaches beyond the photograph, the edge is mirrored.
        """
        reach = CROP_IN_INTEROCULARS * self.pose.scale
        middle = self.pose.to_picture(np.array([[0, _CENTRE_BELOW_CANTHI, 0]]) * self.pose.scale)
        corner = middle[0, :2] - reach / 2
        zoom = side / reach
        edge = int(np.ceil(max(0.0, *-corner, *(corner + reach - self.pixels.shape[1::-1])))) + 2
        x, y = np.floor(corner).astype(int)
        whole = int(np.ceil(reach)) + 1
        part = cv2.copyMakeBorder(self.pixels, edge, edge, edge, edge, cv2.BORDER_REFLECT_101)
        part = part[y + edge : y + edge + whole, x + edge : x + edge + whole]
        light = part.astype(np.float32)
        if zoom < 1:
            light = np.asarray(cv2.GaussianBlur(light, (0, 0), _ANTIALIASING_SD / zoom), np.float32)
        first = zoom * (np.array([x, y]) - corner + 0.5) - 0.5
        crop, fine = (_carried(light, zoom, first, side, grid) for grid in (1, _FINER))
        pixels = np.clip(np.round(crop), 0, 255).astype(np.uint8)
        return replace(Portrait.of(pixels, (self.points - [*corner, 0]) * zoom), fine=fine)


def _carried(part: Map, zoom: float, first: Points, side: int, grid: int) -> Map:
    """Return a square of a picture, zoomed, its first pixel at `first` (2,), on a finer grid."""
    onto = grid * np.array([[zoom, 0, first[0]], [0, zoom, first[1]]])
    size = (grid * side, grid * side)
    moved = cv2.warpAffine(
        part, onto, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(moved, np.float32)

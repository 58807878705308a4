"""A photographed face, ready to be reshaped: pixels, landmarks and the pose of the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.pose import HeadPose, head_pose

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

CROP_IN_INTEROCULARS: Final = 3.3
"""Side of the square around a face, in interocular distances: face, hair and neck."""

_CENTRE_BELOW_CANTHI: Final = 0.3
_ANTIALIASING_SD: Final = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """One photograph of a person.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        points: (478, 3) landmarks in its pixels.
        pose: The pose of the head.
    """

    pixels: Pixels
    points: Points
    pose: HeadPose

    @classmethod
    def of(cls, pixels: Pixels, points: Points) -> Self:
        """Build a portrait from a photograph and its landmarks (478, 3)."""
        return cls(pixels, points, head_pose(points))

    @property
    def face(self) -> Points:
        """Landmarks (478, 3) in the frontal frame, interocular units."""
        return self.pose.to_frontal(self.points) / self.pose.scale

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
        if zoom < 1:
            part = cv2.GaussianBlur(part, (0, 0), _ANTIALIASING_SD / zoom)
        shift = zoom * (np.array([x, y]) - corner + 0.5) - 0.5
        onto = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
        crop = cv2.warpAffine(
            part, onto, (side, side), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
        )
        points = (self.points - [*corner, 0]) * zoom
        return Portrait.of(crop.astype(np.uint8, copy=False), points)

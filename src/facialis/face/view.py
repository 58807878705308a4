"""The part of a frame that faces are tracked in: upright, and so close that they can be found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.landmarks import in_plane_rotation, interocular

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

_WHOLE_FROM: Final = 0.11
_SIDE_IN_INTEROCULARS: Final = 8.0
_LARGEST_DRIFT: Final = 1.7
_LEAST_SIDE: Final = 5.0
_QUARTERS: Final = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


@dataclass(frozen=True, slots=True)
class View:
    """A part of a frame, turned upright.

    The landmarker's detector reduces what it sees to 128 pixels and finds no face whose outer eye
    corners are nearer than about 8 % of that, so a small face is looked at in a square around it.

    Attributes:
        turn: Degrees by which the frame is turned clockwise first: 0, 90, 180 or 270.
        left: First column of the part in the frame as it is, pixels.
        top: First row.
        side: Width and height of the part; 0 for the whole frame.
    """

    turn: int = 0
    left: int = 0
    top: int = 0
    side: int = 0

    @classmethod
    def of(cls, face: Points, width: int, height: int) -> View:
        """Return the view that suits a face in a frame of some size.

        Args:
            face: (478, 3) landmarks, pixels of the frame.
            width: Of the frame.
            height: Of the frame.
        """
        turn = round(-in_plane_rotation(face) / 90) * 90 % 360
        eyes = interocular(face)
        if eyes >= _WHOLE_FROM * max(width, height):
            return cls(turn)
        side = min(round(_SIDE_IN_INTEROCULARS * eyes), width, height)
        middle = middle_of(face)
        left, top = np.clip(np.round(middle - side / 2), 0, (width - side, height - side))
        return cls(turn, int(left), int(top), side)

    def seen(self, pixels: Pixels) -> Pixels:
        """Return the part (h, w, 3) of a frame (H, W, 3)."""
        if self.side:
            part = pixels[self.top : self.top + self.side, self.left : self.left + self.side]
            pixels = np.ascontiguousarray(part)
        return np.asarray(
            cv2.rotate(pixels, _QUARTERS[self.turn]) if self.turn else pixels, np.uint8
        )

    def to_frame(self, points: Points, width: int, height: int) -> Points:
        """Return points (N, 3) of the view in pixels of a frame of some size."""
        across, down = (self.side, self.side) if self.side else (width, height)
        middle = np.array((across, down)) / 2
        middle_of_view = np.abs(self._rotation() @ middle)
        flat = (points[:, :2] - middle_of_view) @ self._rotation() + middle
        return np.column_stack((flat + np.array((self.left, self.top)), points[:, 2]))

    def upright(self, points: Points) -> Points:
        """Return points (N, 3) of the frame turned upright about its corner."""
        return np.column_stack((points[:, :2] @ self._rotation().T, points[:, 2]))

    def _rotation(self) -> Points:
        """Return the clockwise rotation (2, 2) of the frame."""
        cos, sin = np.round((np.cos(np.radians(self.turn)), np.sin(np.radians(self.turn))))
        return np.array([[cos, -sin], [sin, cos]])

    def suits(self, face: Points) -> bool:
        """Whether a face (478, 3), in pixels of the frame, is well within the part."""
        eyes = interocular(face)
        away = np.abs(middle_of(face) - (self.left + self.side / 2, self.top + self.side / 2))
        near = float(away.max()) <= _LARGEST_DRIFT * eyes
        return self.side == 0 or (near and self.side >= _LEAST_SIDE * eyes)


def middle_of(points: Points) -> Points:
    """Return the middle (2,) of the box around points (N, 3)."""
    flat = points[:, :2]
    return np.asarray((flat.min(axis=0) + flat.max(axis=0)) / 2)

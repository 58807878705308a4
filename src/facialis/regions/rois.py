"""Cut the face, the eye-brow region and the mouth out of a picture, as paper 003 does.

Convention: coordinates are pixels, x right, y down; left and right of the face are the patient's
own, left and right of a `Box` are the picture's. Crops are cut at whole pixels, resized without
keeping their aspect, and black beyond the picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.face.mesh import POINT_COUNT

if TYPE_CHECKING:
    from numpy.typing import NDArray

RIGHT_BROW_49: Final = (70, 63, 105, 66, 107)
LEFT_BROW_49: Final = (336, 296, 334, 293, 300)
NOSE_49: Final = (168, 6, 195, 4, 98, 97, 2, 326, 327)
RIGHT_EYE_49: Final = (33, 160, 158, 133, 153, 144)
LEFT_EYE_49: Final = (362, 385, 387, 263, 373, 380)
OUTER_LIPS_49: Final = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181)
INNER_LIPS_49: Final = (81, 13, 311, 402, 14, 178)

LANDMARKS_49: Final = (
    *RIGHT_BROW_49, *LEFT_BROW_49, *NOSE_49, *RIGHT_EYE_49, *LEFT_EYE_49, *OUTER_LIPS_49,
    *INNER_LIPS_49,
)  # fmt: skip
"""Points of MediaPipe's mesh nearest to IntraFace's 49: the usual 68 without the 17 of the jaw and
the two inner corners of the mouth, in their order ([003] section IV-C, fig. 4, D3-1)."""

BROWS: Final = slice(0, 10)
NOSE: Final = slice(10, 19)
EYES: Final = slice(19, 31)
MOUTH: Final = slice(31, 49)

STRIP: Final = (40, 120)
"""Height and width of the two regions, pixels ([003] section III-B)."""
FACE_SIZE: Final = 128
"""Height and width of the face, pixels ([003] section III-A)."""
ENLARGED: Final = 1.1
"""Width and height of a region in parts of those of its points' bounding box (D3-2)."""
FACE_ENLARGED: Final = 1.1
"""Side of the face's square in parts of the longer side of its landmarks' bounding box."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of a picture, pixels.

    Attributes:
        left: x of its edge on the left of the picture.
        top: y of its upper edge.
        width: At least 0.
        height: At least 0.
    """

    left: float
    top: float
    width: float
    height: float


def landmarks49(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the 49 points (49, 2) of [003] out of the mesh's (478, 2 or 3), pixels.

    Order: 10 of the brows, 9 of the nose, 12 of the eyes, 18 of the mouth; brows and eyes begin
    with the patient's right one.

    Raises:
        ValueError: There are not 478 points.
    """
    if len(points) != POINT_COUNT:
        raise ValueError(f"{len(points)} points instead of the mesh's {POINT_COUNT}")
    return np.asarray(points[list(LANDMARKS_49), :2], np.float64)


def eye_brow_box(points: NDArray[np.float64]) -> Box:
    """Return the region of both eyes and brows, from the 49 points (49, 2) (D3-2)."""
    return _box(np.concatenate((points[BROWS], points[EYES])))


def mouth_box(points: NDArray[np.float64]) -> Box:
    """Return the region of the mouth, from the 49 points (49, 2) (D3-2)."""
    return _box(points[MOUTH])


def face_box(points: NDArray[np.float64]) -> Box:
    """Return the square about a face, from all its landmarks (n, 2 or more)."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = float((high - low).max()) * FACE_ENLARGED
    left, top = (low + high) / 2 - side / 2
    return Box(float(left), float(top), side, side)


def strip(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return a region of a picture (H, W, 3) as (40, 120, 3)."""
    return _cut(picture, box, STRIP)


def face_crop(picture: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    """Return the face of a picture (H, W, 3) as (128, 128, 3)."""
    return _cut(picture, box, (FACE_SIZE, FACE_SIZE))


def _box(points: NDArray[np.float64]) -> Box:
    low, high = points.min(axis=0), points.max(axis=0)
    width, height = (high - low) * ENLARGED
    left, top = (low + high) / 2 - np.array([width, height]) / 2
    return Box(float(left), float(top), float(width), float(height))


def _cut(picture: NDArray[np.uint8], box: Box, shape: tuple[int, int]) -> NDArray[np.uint8]:
    rows, before, after = _span(box.top, box.height, picture.shape[0])
    columns, ahead, behind = _span(box.left, box.width, picture.shape[1])
    inside = picture[rows, columns]
    if min(inside.shape[:2]) == 0:
        return np.zeros((*shape, 3), np.uint8)
    whole = np.pad(inside, ((before, after), (ahead, behind), (0, 0)))
    shrinks = whole.shape[0] * whole.shape[1] > shape[0] * shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(whole, shape[::-1], interpolation=way), np.uint8)


def _span(start: float, length: float, available: int) -> tuple[slice, int, int]:
    """Return the pixels of a span that a picture has, and how many it lacks before and after."""
    first = round(start)
    last = max(first + 1, round(start + length))
    inside = slice(min(max(first, 0), available), min(max(last, 0), available))
    return inside, max(0, min(-first, last - first)), max(0, min(last - available, last - first))

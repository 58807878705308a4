"""Draw the contours of a face in white on black ([004], modality 4, D4-4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.errors import InputError
from facialis.face import mesh

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHITE: Final = 255
_STEPS: Final = 4
"""Binary places of a pixel that OpenCV reads, so that contours do not jump from pixel to pixel."""

OVAL: Final = (*mesh.FACE_OVAL, mesh.FACE_OVAL[0])
"""A contour is the landmarks it runs through; a closed one ends where it began."""
BROWS: Final = (
    mesh.RIGHT_BROW_UPPER,
    mesh.RIGHT_BROW_LOWER,
    mesh.LEFT_BROW_UPPER,
    mesh.LEFT_BROW_LOWER,
)
EYES: Final = (
    mesh.RIGHT_UPPER_LID,
    mesh.RIGHT_LOWER_LID,
    mesh.LEFT_UPPER_LID,
    mesh.LEFT_LOWER_LID,
)
LIPS: Final = (
    mesh.RIGHT_UPPER_LIP_OUTER,
    mesh.LEFT_UPPER_LIP_OUTER,
    mesh.RIGHT_LOWER_LIP_OUTER,
    mesh.LEFT_LOWER_LIP_OUTER,
    mesh.RIGHT_UPPER_LIP_INNER,
    mesh.LEFT_UPPER_LIP_INNER,
    mesh.RIGHT_LOWER_LIP_INNER,
    mesh.LEFT_LOWER_LIP_INNER,
)


def line_drawing(
    points: NDArray[np.float64], size: int = 224, *, draw_lips: bool = True, width: int = 1
) -> NDArray[np.uint8]:
    """Return the face's outline, brows, eyes and lips as a picture (size, size) of 0 and 255.

    Args:
        points: (478, 2 or 3) landmarks in pixels of the drawing, x right, y down, the middle of the
            first pixel at 0.5.
        size: Width and height of the drawing, pixels.
        draw_lips: Whether the mouth is drawn; [004] names only face, brows and eyes.
        width: Of the lines, pixels.

    Raises:
        InputError: There are not 478 finite points.
    """
    if points.shape[:1] != (mesh.POINT_COUNT,) or not np.isfinite(points[:, :2]).all():
        raise InputError(
            "landmarks", f"are not {mesh.POINT_COUNT} finite points", "give one face's landmarks"
        )
    drawing = np.zeros((size, size), np.uint8)
    steps = np.round((points[:, :2] - 0.5) * 2**_STEPS).astype(np.int32)
    contours = (OVAL, *BROWS, *EYES, *(LIPS if draw_lips else ()))
    cv2.polylines(
        drawing, [steps[list(each)] for each in contours], isClosed=False, color=(WHITE,),
        thickness=width, lineType=cv2.LINE_8, shift=_STEPS,
    )  # fmt: skip
    return drawing

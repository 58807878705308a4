"""From picture to what the parser reads, and from its answers to pictures and a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.clinical.anatomy import Side
from facialis.errors import InputError
from facialis.regions.classes import UNKNOWN, Part
from facialis.regions.framing import square_around

if TYPE_CHECKING:
    from numpy.typing import NDArray

FACE: Final = (Part.SKIN, Part.EYEBROW, Part.EYE, Part.MOUTH, Part.FPP)
"""Parts whose area is the face of D0-3; hair is none of it."""

_MIDLINE: Final = (168, 1, 2, 152)
"""Landmarks down the middle of the face: root, tip and foot of the nose, and chin."""
COLOURS: Final[tuple[tuple[int, int, int], ...]] = (
    (0, 0, 0),
    (238, 201, 161),
    (125, 81, 45),
    (86, 180, 233),
    (0, 158, 115),
    (204, 121, 167),
    (213, 43, 30),
)
"""Colour of each `Part`, RGB; the background keeps the picture's, in grey."""


def framed(
    picture: NDArray[np.uint8], landmarks: NDArray[np.float64], size: int
) -> NDArray[np.uint8]:
    """Return the network's input (3, size, size) uint8, the face cut out as in training.

    Args:
        picture: (H, W, 3) RGB.
        landmarks: (n, 2 or 3) of the face, pixels.
        size: Width and height, pixels.

    Raises:
        InputError: There is no landmark.
    """
    if not len(landmarks):
        raise InputError("picture", "shows no face", "give a photograph of one face")
    cut = square_around(landmarks).cut(picture, size).astype(np.uint8)
    return np.ascontiguousarray(cut.transpose(2, 0, 1))


def resized_picture(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """Return a framed picture (H, W, 3) as the network's input (3, size, size)."""
    is_smaller = size < picture.shape[0]
    how = cv2.INTER_AREA if is_smaller else cv2.INTER_LINEAR
    resized = cv2.resize(picture, (size, size), interpolation=how)
    return np.ascontiguousarray(resized.transpose(2, 0, 1)).astype(np.uint8)


def resized_labels(labels: NDArray[np.uint8] | None, size: int) -> NDArray[np.uint8]:
    """Return a label map (size, size); all 255 without one."""
    if labels is None:
        return np.full((size, size), UNKNOWN, np.uint8)
    resized = cv2.resize(labels, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    return resized.astype(np.uint8)


def resized_depth(depth: NDArray[np.float32] | None, size: int) -> NDArray[np.float16]:
    """Return depth (size, size), 0 where unknown; all 0 without any."""
    if depth is None:
        return np.zeros((size, size), np.float16)
    resized = cv2.resize(depth, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    return resized.astype(np.float16)


def fpp_fraction(labels: NDArray[np.uint8]) -> float:
    """Return |FPP| / |face| of a label map (H, W), 0 where there is no face (D0-3)."""
    face = int(np.isin(labels, FACE).sum())
    return float((labels == Part.FPP).sum() / face) if face else 0.0


def by_side(
    shown: NDArray[np.bool_], landmarks: NDArray[np.float64]
) -> dict[Side, NDArray[np.bool_]]:
    """Return what of a mask (H, W) lies on the patient's right side of a level face, and left.

    Args:
        shown: The mask.
        landmarks: (478, 2 or 3) of the face, pixels of the mask.
    """
    middle = float(landmarks[list(_MIDLINE), 0].mean())
    is_right = np.arange(shown.shape[1]) + 0.5 < middle
    return {Side.RIGHT: shown & is_right, Side.LEFT: shown & ~is_right}


def overlay(picture: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a grey picture with the parts tinted; it is coloured exactly where there is a part.

    Args:
        picture: (H, W, 3) RGB.
        labels: (H, W) of `Part`; 255 stays grey as the background does.

    Returns:
        (H, W, 3) RGB.

    Raises:
        InputError: The two are not of one size, or a label is no part.
    """
    if picture.shape[:2] != labels.shape:
        raise InputError("labels", "have another size than the picture", "resize one of them")
    plain = np.where(labels == UNKNOWN, Part.BACKGROUND, labels)
    if plain.max(initial=0) >= len(COLOURS):
        raise InputError("labels", f"have the class {plain.max()}", "use the numbers of Part")
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)[..., None]
    tinted = (grey // 2 + np.array(COLOURS, np.uint8)[plain] // 2).astype(np.uint8)
    shown = plain[..., None] != Part.BACKGROUND
    return np.where(shown, tinted, grey).astype(np.uint8)


def heat(values: NDArray[np.floating[Any]], size: int) -> NDArray[np.uint8]:
    """Return a map such as depth or one part's attention as a picture (size, size, 3) RGB.

    Args:
        values: (h, w); the least is dark, the greatest bright.
        size: Width and height, pixels.
    """
    low, high = float(values.min()), float(values.max())
    level = (values.astype(np.float32) - low) / max(high - low, 1e-12)
    resized = cv2.resize(level, (size, size), interpolation=cv2.INTER_LINEAR)
    tones = cv2.applyColorMap(np.rint(resized * 255).astype(np.uint8), cv2.COLORMAP_VIRIDIS)
    return np.ascontiguousarray(tones[..., ::-1], np.uint8)

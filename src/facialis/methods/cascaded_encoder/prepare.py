"""What the network reads and what its answers show: arrays in, arrays out.

The network itself turns uint8 pictures into standardised ones (`IMAGENET_MEAN`, `IMAGENET_STD`);
nothing else may scale them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.clinical.scales import levels_of_grades
from facialis.errors import InputError
from facialis.regions.classes import Attribute

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.regions.framing import Square

IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
"""Of red, green and blue, 0 to 1, taken off by the network, D1-3."""
IMAGENET_STD: Final = (0.229, 0.224, 0.225)
"""Of red, green and blue, 0 to 1, divided by in the network."""
COLOURS: Final = (
    (0, 0, 0),
    (233, 196, 168),
    (60, 140, 220),
    (220, 90, 60),
    (80, 200, 240),
    (250, 160, 40),
    (110, 190, 110),
    (200, 60, 110),
    (90, 20, 60),
    (240, 120, 170),
    (110, 90, 160),
)
"""RGB of each `Attribute`; the background is never painted."""
_UNLABELLED: Final = 255


def network_input(
    picture: NDArray[np.uint8], size: int, square: Square | None = None
) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3), RGB, as the network reads it: (3, size, size) uint8.

    Args:
        picture: Framed, if there is no square.
        size: Width and height of the result, pixels.
        square: What is cut out of the picture; None takes all of it.
    """
    if square is not None:
        cut = square.cut(picture, size)
        return np.ascontiguousarray(cut.transpose(2, 0, 1), dtype=np.uint8)
    shrinks = picture.shape[0] > size
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(picture, (size, size), interpolation=method)
    return np.ascontiguousarray(resized.transpose(2, 0, 1), dtype=np.uint8)


def network_mask(
    mask: NDArray[np.uint8], size: int, square: Square | None = None
) -> NDArray[np.uint8]:
    """Return a label map (H, W) as the network learns it: (size, size), classes never mixed.

    Args:
        mask: Of the picture that `network_input` has.
        size: As there.
        square: As there; beyond the picture it is unlabelled, 255.
    """
    if square is not None:
        cut = square.cut(mask, size, blend=False, beyond=_UNLABELLED)
        return np.ascontiguousarray(cut, dtype=np.uint8)
    found = cv2.resize(mask, (size, size), interpolation=cv2.INTER_NEAREST_EXACT)
    return np.ascontiguousarray(found, dtype=np.uint8)


def probabilities(logits: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return the softmax (..., K) of logits (..., K)."""
    shifted = np.exp(np.float64(logits) - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True))


def grade(found: NDArray[np.floating[Any]]) -> int:
    """Return the likeliest House-Brackmann grade, 1 to 6, of probabilities (6,), D1-1."""
    return int(np.argmax(found)) + 1


def level(found: NDArray[np.floating[Any]]) -> int:
    """Return the likeliest level, 1 to 3, by summed probabilities (6,) of the grades, D8-3."""
    return int(np.argmax(levels_of_grades(found))) + 1


def heat_map(picture: NDArray[np.uint8], attention: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Return a picture with the attention over it, blue (least) to red (most) ([001] Fig. 5).

    Args:
        picture: (H, W, 3), RGB.
        attention: (h, w), not negative; only its shape over the picture matters.

    Raises:
        InputError: The attention is no map, or negative or not finite.
    """
    if attention.ndim != len("hw") or not np.isfinite(attention).all() or attention.min() < 0:
        raise InputError("attention", "is not a map of finite weights", "give the network's (h, w)")
    strength = heat(attention, picture.shape[0], picture.shape[1])
    painted = cv2.applyColorMap((255 * strength).round().astype(np.uint8), cv2.COLORMAP_JET)
    return np.asarray(cv2.addWeighted(picture, 0.5, painted[..., ::-1].copy(), 0.5, 0), np.uint8)


def heat(attention: NDArray[np.floating[Any]], height: int, width: int) -> NDArray[np.float32]:
    """Return an attention map (h, w) at the size of a picture, 0 (least) to 1 (most).

    A map that is the same everywhere is 0 everywhere.
    """
    raised = (attention - attention.min()).astype(np.float32)
    most = float(raised.max())
    scaled = raised / most if most > 0 else raised
    return np.asarray(cv2.resize(scaled, (width, height), interpolation=cv2.INTER_LINEAR))


def overlay(picture: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture (H, W, 3) with the classes (H, W) of its pixels painted over it.

    The background and pixels that nobody labelled (255) stay as they are.

    Raises:
        InputError: Picture and labels differ in size, or a class does not exist.
    """
    known = labels < len(Attribute)
    if labels.shape != picture.shape[:2] or not (known | (labels == 255)).all():  # noqa: PLR2004
        raise InputError(
            "labels", "are not classes of the picture's pixels", "give (H, W), 0 to 10 or 255"
        )
    painted = picture.copy()
    shown = known & (labels != Attribute.BACKGROUND)
    colours = np.array(COLOURS, dtype=np.float64)[labels[shown]]
    painted[shown] = (0.5 * picture[shown] + 0.5 * colours).round().astype(np.uint8)
    return painted

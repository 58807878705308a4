"""What the networks read, and what is drawn of their reasons: arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import ROMAN, level_of_grade
from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.face.mesh import LEFT_OUTER_CANTHUS, MIRROR, RIGHT_OUTER_CANTHUS
from facialis.measures.features import asymmetries, expressions
from facialis.regions.framing import square_around
from facialis.regions.line_drawing import line_drawing
from facialis.regions.points125 import POINTS_125

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CLASSES: Final = ("no palsy", "palsy")
"""In the order of the two sigmoid units, D4-10."""
GRADES: Final = ROMAN
"""Of House and Brackmann."""
LEVELS: Final = ("I", "II", "III")
"""Of paper 003, answered by the light form."""
MARGIN: Final = 0.2
"""Of the cut face on each side, in parts of the landmarks' box, D4-5."""
TOWARDS: Final = (220, 60, 60)
"""RGB of what speaks for palsy."""
AGAINST: Final = (60, 120, 220)
"""RGB of what speaks against it."""
_CHANNELS: Final = 3


def numbers_of(points: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what our nets of numbers read of a face: asymmetry (29,) and expression scores (52,).

    The scores are the mean of the face's and its mirror image's.

    Args:
        points: (478, 3) landmarks, pixels.

    Raises:
        FacialisError: They are not the landmarks of a face.
    """
    here, there = expressions(points), expressions(points[MIRROR] * [-1, 1, 1])
    return asymmetries(points), (here + there[MIRRORED_EXPRESSIONS]) / 2


def movement_read(movement: Movement | None) -> NDArray[np.float32]:
    """Return a movement as the network reads it (12,): 1 at its place, all 0 for None."""
    found = np.zeros(len(Movement), np.float32)
    if movement is not None:
        found[list(Movement).index(movement)] = 1
    return found


def levels_among(grades: Sequence[str]) -> tuple[str, ...]:
    """Return the levels that some grades belong to, in order."""
    found = {level_of_grade(1 + GRADES.index(each)) for each in grades}
    return tuple(level for place, level in enumerate(LEVELS, 1) if place in found)


def coordinates(
    points: NDArray[np.float64], width: int, height: int, *, eye_frame: bool = False
) -> NDArray[np.float32]:
    """Return x and y of the 125 landmarks (250,): x, y of the first, then of the second, ...

    Args:
        points: (478, 2 or 3) landmarks, pixels.
        width: Of the picture, pixels.
        height: Of the picture, pixels.
        eye_frame: Measure from the middle between the outer corners of the eyes, in their distance,
            instead of 0 to 1 across the picture (D4-2).

    Raises:
        InputError: The corners of the eyes lie in one place and cannot be a measure.
    """
    chosen = points[list(POINTS_125), :2]
    if not eye_frame:
        return np.asarray(chosen / (width, height), np.float32).ravel()
    right, left = points[RIGHT_OUTER_CANTHUS, :2], points[LEFT_OUTER_CANTHUS, :2]
    distance = float(np.hypot(*(left - right)))
    if not distance > 0:
        raise InputError("landmarks", "have both eyes in one place", "give one face's landmarks")
    return np.asarray((chosen - (left + right) / 2) / distance, np.float32).ravel()


def line_image(
    points: NDArray[np.float64],
    size: int,
    *,
    draw_lips: bool = True,
    whole: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Return the line drawing of a face, repeated to (3, size, size) (D4-4, D4-5).

    Args:
        points: (478, 2 or 3) landmarks, pixels of the picture.
        size: Width and height, pixels.
        draw_lips: Whether the mouth is drawn.
        whole: Width and height of the picture, to draw all of it; None cuts the face.

    Raises:
        InputError: They are not 478 finite points.
    """
    if whole is None:
        placed = square_around(points, MARGIN).moved(points, size)
    else:
        placed = points[:, :2] * (np.array([size, size]) / whole)
    drawing = line_drawing(placed, size, draw_lips=draw_lips)
    return np.repeat(drawing[None], _CHANNELS, axis=0)


def rgb_image(
    picture: NDArray[np.uint8], points: NDArray[np.float64], size: int, *, whole: bool = False
) -> NDArray[np.uint8]:
    """Return the cut face (3, size, size) of a picture (H, W, 3), or all of the picture.

    Args:
        picture: RGB.
        points: (478, 2 or 3) landmarks, pixels of the picture.
        size: Width and height, pixels.
        whole: Whether nothing is cut (D4-5).
    """
    if whole:
        method = cv2.INTER_AREA if picture.shape[0] > size else cv2.INTER_LINEAR
        cut = cv2.resize(picture, (size, size), interpolation=method)
    else:
        cut = np.asarray(square_around(points, MARGIN).cut(picture, size))
    return np.ascontiguousarray(cut.transpose(2, 0, 1), dtype=np.uint8)


def probabilities(units: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return two sigmoid units (..., 2) divided by their sum, D4-10; the larger stays the larger.

    Raises:
        InputError: They are not between 0 and 1.
    """
    if units.shape[-1:] != (2,) or not ((units >= 0) & (units <= 1)).all():
        raise InputError("units", "are not two numbers of 0 to 1", "give the sigmoid units")
    kept = np.maximum(np.float64(units), np.finfo(np.float64).tiny)
    return np.asarray(kept / kept.sum(axis=-1, keepdims=True))


def strongest_expressions(
    attribution: NDArray[np.floating[Any]], count: int = 5
) -> tuple[tuple[str, float], ...]:
    """Return the scores that moved the answer most, by name, the strongest first.

    Args:
        attribution: (52,), above 0 speaks for palsy.
        count: How many.

    Raises:
        InputError: They are not 52 numbers.
    """
    if attribution.shape != (len(EXPRESSION_NAMES),):
        raise InputError("attribution", "is not of 52 scores", "give that of one picture")
    order = np.argsort(-np.abs(attribution), kind="stable")[:count]
    return tuple((EXPRESSION_NAMES[i], float(attribution[i])) for i in order)


def landmark_overlay(
    picture: NDArray[np.uint8], points: NDArray[np.float64], attribution: NDArray[np.floating[Any]]
) -> NDArray[np.uint8]:
    """Return a picture with the landmarks on it that moved the answer, larger for more.

    Args:
        picture: (H, W, 3), RGB.
        points: (478, 2 or 3) landmarks, pixels.
        attribution: (125,), above 0 speaks for palsy (red), below 0 against it (blue).

    Raises:
        InputError: They are not 125 finite numbers.
    """
    if attribution.shape != (len(POINTS_125),) or not np.isfinite(attribution).all():
        raise InputError("attribution", "is not of 125 landmarks", "give that of one picture")
    painted = picture.copy()
    most = float(np.abs(attribution).max()) or 1.0
    largest = picture.shape[1] / 50
    for number in np.argsort(np.abs(attribution), kind="stable"):
        place, value = points[POINTS_125[number], :2], float(attribution[number])
        if value == 0:
            continue
        radius = max(1, round(largest * abs(value) / most))
        middle = (round(float(place[0] - 0.5)), round(float(place[1] - 0.5)))
        colour = TOWARDS if value > 0 else AGAINST
        cv2.circle(painted, middle, radius, colour, cv2.FILLED, cv2.LINE_AA)
    return painted


def pixel_overlay(picture: NDArray[np.uint8], heat: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Return a cut picture (S, S, 3) with what its pixels did for the answer in red over it.

    Args:
        picture: RGB; the line drawing or the cut face that the network read.
        heat: (h, w), not negative, larger moved the answer more.

    Raises:
        InputError: The heat is no finite map, or negative.
    """
    if heat.ndim != len("hw") or not np.isfinite(heat).all() or heat.min() < 0:
        raise InputError("heat", "is not a map of finite weights", "give that of one picture")
    height, width = picture.shape[:2]
    most = float(heat.max()) or 1.0
    strength = cv2.resize(
        np.asarray(heat / most, np.float32), (width, height), interpolation=cv2.INTER_LINEAR
    )
    share = 0.6 * strength[..., None]
    painted = (1 - share) * picture + share * np.array(TOWARDS)
    return np.asarray(painted.round(), np.uint8)

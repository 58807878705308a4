"""Fifty-two expression scores from the landmarks, by a small network distilled from MediaPipe's.

Convention: ``Left`` and ``Right`` in a score's name are the patient's own. The network reads only
x and y; it does not depend on where the face lies in the picture or how large it is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.errors import FacialisError
from facialis.face.mesh import LEFT_OUTER_CANTHUS, MIRROR, POINT_COUNT, RIGHT_OUTER_CANTHUS
from facialis.weights import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.weights.session import Session

WEIGHTS_NAME: Final = "expressions"

EXPRESSION_NAMES: Final[tuple[str, ...]] = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft",
    "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft",
    "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight",
    "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft",
    "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen",
    "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip
"""Names of the scores in the network's order."""

EXPRESSION_POINTS: Final[tuple[int, ...]] = (
    0, 1, 4, 5, 6, 7, 8, 10, 13, 14, 17, 21, 33, 37, 39, 40, 46, 52, 53, 54, 55, 58, 61, 63, 65,
    66, 67, 70, 78, 80, 81, 82, 84, 87, 88, 91, 93, 95, 103, 105, 107, 109, 127, 132, 133, 136,
    144, 145, 146, 148, 149, 150, 152, 153, 154, 155, 157, 158, 159, 160, 161, 162, 163, 168,
    172, 173, 176, 178, 181, 185, 191, 195, 197, 234, 246, 249, 251, 263, 267, 269, 270, 276,
    282, 283, 284, 285, 288, 291, 293, 295, 296, 297, 300, 308, 310, 311, 312, 314, 317, 318,
    321, 323, 324, 332, 334, 336, 338, 356, 361, 362, 365, 373, 374, 375, 377, 378, 379, 380,
    381, 382, 384, 385, 386, 387, 388, 389, 390, 397, 398, 400, 402, 405, 409, 415, 454, 466,
    468, 469, 470, 471, 472, 473, 474, 475, 476, 477,
)  # fmt: skip
"""The 146 of the 478 landmarks that the network reads, in its order."""

LARGEST_ROLL_DEG: Final = 45.0
"""A face that lies tilted further in the picture is levelled to this angle first."""

LARGEST_SIDE_ERROR: Final = 2e-5
"""By how much a score may depend on the orientation of the picture. It keeps the order of scores
that are all but zero everywhere (nose sneer), where the teacher does not know the sides."""


def _swapped(name: str) -> str:
    return name.replace("Left", "\0").replace("Right", "Left").replace("\0", "Right")


MIRRORED_EXPRESSIONS: Final = np.array(
    [EXPRESSION_NAMES.index(_swapped(n)) for n in EXPRESSION_NAMES]
)
"""For each score the index of its counterpart on the other side (52,)."""


def expression_scores(points: NDArray[np.generic]) -> dict[str, float]:
    """Return how strongly each of the 52 expressions shows, from 0 to 1.

    The network reads the face and its mirror image and the two are averaged on the logit scale, so
    that mirroring the points swaps the left and right scores and changes nothing else by more than
    twice `LARGEST_SIDE_ERROR`.

    Args:
        points: (478, 2) or (478, 3) landmarks in pixels, x right, y down; z is not read.

    Returns:
        The scores by the names in `EXPRESSION_NAMES`, in that order.

    Raises:
        FacialisError: The landmarks have another shape, are not finite or all in one place.
        WeightsError: The network is missing or damaged.
    """
    level = _without_excess_roll(_checked(points))
    chosen = np.array(EXPRESSION_POINTS)
    mirrored = level[MIRROR] * [-1.0, 1.0]
    feed = np.stack([level[chosen], mirrored[chosen]]).astype(np.float32)
    (logits,) = expression_session().run({"points": feed})
    as_it_is = logits[0].astype(np.float64)
    alone = 1 / (1 + np.exp(-as_it_is))
    both = 1 / (1 + np.exp(-(as_it_is + logits[1][MIRRORED_EXPRESSIONS]) / 2))
    scores = both + LARGEST_SIDE_ERROR * np.tanh((alone - both) / LARGEST_SIDE_ERROR)
    return {name: float(score) for name, score in zip(EXPRESSION_NAMES, scores, strict=True)}


@lru_cache(maxsize=1)
def expression_session() -> Session:
    """Return the loaded network of this process, opened and verified at its first use.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    return session.load(WEIGHTS_NAME, threads=1)


def _checked(points: NDArray[np.generic]) -> NDArray[np.float64]:
    if points.shape not in ((POINT_COUNT, 2), (POINT_COUNT, 3)):
        raise FacialisError(
            f"Expression scores need landmarks of shape ({POINT_COUNT}, 2) or ({POINT_COUNT}, 3), "
            f"not {points.shape}."
        )
    flat = points[:, :2].astype(np.float64)
    if not np.isfinite(flat).all() or np.ptp(flat, axis=0).max() <= 0:
        raise FacialisError(
            "Expression scores need finite landmarks that do not all lie in one place."
        )
    centred: NDArray[np.float64] = flat - flat.mean(axis=0)
    return centred


def _without_excess_roll(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a face that is tilted by more than `LARGEST_ROLL_DEG` back to that angle."""
    dx, dy = points[LEFT_OUTER_CANTHUS] - points[RIGHT_OUTER_CANTHUS]
    roll = np.degrees(np.arctan2(dy, dx))
    excess = np.radians(roll - np.clip(roll, -LARGEST_ROLL_DEG, LARGEST_ROLL_DEG))
    if excess == 0:
        return points
    cos, sin = np.cos(excess), np.sin(excess)
    turned: NDArray[np.float64] = points @ np.array([[cos, -sin], [sin, cos]])
    return turned

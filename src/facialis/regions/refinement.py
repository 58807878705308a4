"""Landmarks put right by a second look at the eyes and the lower face.

MediaPipe expects faces to be much alike on both sides: on simulated palsies its landmarks show
about two thirds of the asymmetry that is there. A small network, trained on simulated faces whose
landmarks are known, looks at close-ups and moves the landmarks of lids, brows, lips, nose, cheeks
and chin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.errors import InputError
from facialis.face.mesh import LEFT_OUTER_CANTHUS, MIRROR, POINT_COUNT, RIGHT_OUTER_CANTHUS
from facialis.regions.close_ups import EYE_SIDE, MOUTH_SIDE, Sights
from facialis.regions.framing import square_around
from facialis.weights import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.weights.session import Session

NAME: Final = "landmark_refinement"
FOLDS_NAME: Final = "folds.json"
"""In a folder of networks: whom each of them has learned from."""
ALL: Final = "all"
"""Of these, the network for strangers: it leaves out nobody but whom `--without` names."""
FRAMED: Final = 256
"""Width and height of the framed face that close-ups are cut from, pixels."""
FARTHEST: Final = 0.1
"""A landmark is moved by no more along either axis, parts of the close-up's width."""


def refined(
    picture: NDArray[np.uint8], points: NDArray[np.float64], network: Session | None = None
) -> NDArray[np.float64]:
    """Return the landmarks (478, 3) of a face, those of eyes, brows and the lower face moved.

    Args:
        picture: (H, W, 3), RGB.
        points: (478, 3) landmarks that were found, pixels of the picture.
        network: Another network than the one that comes with Facialis.

    Raises:
        InputError: They are not the landmarks of a face.
        WeightsError: The network is missing or damaged.
    """
    _check(points)
    square = square_around(points)
    cut = np.asarray(square.cut(picture, FRAMED), np.uint8)
    moved = refined_framed(cut, square.moved(points, FRAMED), network)
    found = points.copy()
    found[:, :2] = moved[:, :2] * (square.side / FRAMED) + [square.left, square.top]
    return found


def refined_both_ways(
    picture: NDArray[np.uint8], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the mean of what a picture and its mirror image give: exactly alike for both.

    Faces are cut at whole pixels, which by itself is not. Arguments and errors as of `refined`.
    """
    width = picture.shape[1]
    turned = np.asarray(cv2.flip(picture, 1), np.uint8)
    there = refined(turned, points[MIRROR] * [-1, 1, 1] + [width, 0, 0])
    return (refined(picture, points) + (there[MIRROR] * [-1, 1, 1] + [width, 0, 0])) / 2


def refined_framed(
    picture: NDArray[np.uint8], points: NDArray[np.float64], network: Session | None = None
) -> NDArray[np.float64]:
    """Return the landmarks (478, 3) of a picture that was framed already; as `refined`."""
    _check(points)
    sights = Sights(points, picture.shape[1])
    seen = sights.of(picture, points)
    network = network or session.loaded(NAME)
    eyes, mouths = network.run(seen._asdict())
    return sights.moved(
        points, _bounded(eyes, EYE_SIDE * FARTHEST), _bounded(mouths, MOUTH_SIDE * FARTHEST)
    )


def _bounded(offsets: NDArray[np.floating[Any]], farthest: float) -> NDArray[np.floating[Any]]:
    return np.clip(offsets, -farthest, farthest)


def _check(points: NDArray[np.float64]) -> None:
    if points.shape != (POINT_COUNT, 3) or not np.isfinite(points).all():
        raise InputError(
            "landmarks", "are not those of a face", f"give x, y and z of {POINT_COUNT} points"
        )
    if not (points[LEFT_OUTER_CANTHUS, :2] - points[RIGHT_OUTER_CANTHUS, :2]).any():
        raise InputError("landmarks", "have both eyes in one place", "give one face's landmarks")

"""What the net of whole examinations answers, from the weights that come with Facialis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Movement
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.face.mesh import LEFT_OUTER_CANTHUS, RIGHT_OUTER_CANTHUS
from facialis.measures.symmetry import FEATURES
from facialis.methods.multimodal_fusion.prepare import numbers_of
from facialis.weights import session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.methods.answers import Floats

NAME: Final = "multimodal_fusion-examination"


def answer(faces: Mapping[Movement, Floats]) -> Floats:
    """Return probabilities (6,) of House-Brackmann I to VI.

    Args:
        faces: By movement, refined landmarks (478, 3) of a face that shows it, pixels; at
            least one.

    Raises:
        FacialisError: They are not the landmarks of faces.
        WeightsError: The network is missing or damaged.
    """
    places = list(Movement)
    asymmetry = np.zeros((1, len(places), len(FEATURES)), np.float32)
    scores = np.zeros((1, len(places), len(EXPRESSION_NAMES)), np.float32)
    shown = np.zeros((1, len(places)), np.float32)
    for movement, points in faces.items():
        place = places.index(movement)
        asymmetry[0, place], scores[0, place] = numbers_of(_levelled(points))
        shown[0, place] = 1
    feeds = {"asymmetry": asymmetry, "expressions": scores, "shown": shown}
    (grades,) = session.loaded(NAME).run(feeds)
    return np.asarray(grades[0], np.float64)


def _levelled(points: Floats) -> Floats:
    """Return landmarks turned so that the eyes lie level, as in the pictures that were learned."""
    dx, dy, _ = points[LEFT_OUTER_CANTHUS] - points[RIGHT_OUTER_CANTHUS]
    cos, sin = np.array([dx, dy]) / np.hypot(dx, dy)
    turned = points.copy()
    turned[:, :2] = points[:, :2] @ [[cos, -sin], [sin, cos]]
    return turned

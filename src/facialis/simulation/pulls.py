"""How far each point of the face follows the pull of one muscle.

Convention: the patient's right half, on the mean face, interocular units (about 90 mm).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face.mesh import TEMPLATE
from facialis.simulation.muscle import Kind, Lip, Muscle
from facialis.simulation.skin import around, below_the_mouth, give, half, rise

Points = NDArray[np.float64]

_FAR: Final = 2.5
_OTHER_LIP: Final = 0.35
_JAW_DROP: Final = (0.0, 0.28, 0.14)
_JAW_POINTS: Final = (14, 17, 18, 200, 199, 175, 152, 87, 84, 83, 201, 208, 171, 148, 176)
_JAW_REACH: Final = 0.21
_CHIN_BELOW: Final = 0.9
_CHIN_BLEND: Final = 0.3
_CHIN_LAGS: Final = 0.35
_CHEEKS: Final = (207, 187, 214, 192, 205, 216, 212)
_PUFF: Final = (0.04, -0.01, -0.1)
_PUFF_REACH: Final = 0.17
_CROSSING: Final = 0.12
_STRIP: Final = (0, 13, 14, 17, 39, 269, 181, 405, 61, 291)
_STRIP_REACH: Final = 0.13
_MOUTH_HALF_WIDTH: Final = 0.27
_CORNER_LEADS: Final = 1.4
_NEAR_THE_CENTRE: Final = 0.12


@lru_cache(maxsize=32)
def influence(muscle: Muscle) -> Points:
    """Return how much a muscle of the right half draws each point (478,), 0 to 1."""
    weight = (1 - muscle.far) * around(muscle.insertion, muscle.reach)
    weight += muscle.far * around(muscle.insertion, _FAR * muscle.reach)
    below = below_the_mouth()
    own = {Lip.UPPER: 1 - below, Lip.LOWER: below, Lip.BOTH: np.ones_like(below)}[muscle.lip]
    dragged = 0.0 if muscle.kind is Kind.SPHINCTER else _OTHER_LIP
    return np.asarray(
        weight * (dragged + (1 - dragged) * own) * half(Side.RIGHT, muscle.crossing) * give()
    )


def drawn_by(muscle: Muscle) -> Points:
    """Return the way (478, 3) of each point at full contraction of a muscle of the right half.

    Nothing for the palpebral part of the orbicularis oculi: the way of the lids depends on the
    opening of the eye.
    """
    if muscle.kind is Kind.VECTOR:
        direction = np.array(muscle.pull) / np.linalg.norm(muscle.pull) * [-1, 1, 1]
    else:
        direction = _to_the_centre(muscle)
    return np.asarray(muscle.excursion * influence(muscle)[:, None] * direction)


def _to_the_centre(muscle: Muscle) -> Points:
    if muscle.name == "orbicularis_oculi_palpebral":
        return np.zeros_like(TEMPLATE)
    if muscle.name == "orbicularis_oculi_orbital":
        way = (TEMPLATE[list(muscle.origin)].mean(axis=0) - TEMPLATE) * muscle.pull
        length = np.linalg.norm(way, axis=1, keepdims=True)
        return np.asarray(way / np.maximum(_NEAR_THE_CENTRE, length))
    across = np.clip(-TEMPLATE[:, 0] / _MOUTH_HALF_WIDTH, -1, 1)
    inward = np.sign(across) * np.abs(across) ** _CORNER_LEADS
    medial, down, back = muscle.pull
    central = 1 - np.abs(inward)
    return np.stack((medial * inward, down * central, back * (0.6 + 0.4 * central)), axis=1)


def jaw_drop() -> Points:
    """Return the way (478, 3) of each point of the right half when the mouth opens fully."""
    # The mandible turns: the chin goes back where the teeth go down.
    lag = 1 - _CHIN_LAGS * rise((TEMPLATE[:, 1] - _CHIN_BELOW) / _CHIN_BLEND)
    own = _OTHER_LIP + (1 - _OTHER_LIP) * below_the_mouth()
    weight = around(_JAW_POINTS, _JAW_REACH) * own * half(Side.RIGHT, _CROSSING) * lag
    return np.asarray(weight[:, None] * np.array(_JAW_DROP))


def puffed_cheek() -> Points:
    """Return the way (478, 3) of each point of the right half when the cheek is blown up."""
    weight = around(_CHEEKS, _PUFF_REACH) * half(Side.RIGHT, _CROSSING)
    return np.asarray(weight[:, None] * np.array(_PUFF) * [-1, 1, 1])


@lru_cache(maxsize=1)
def lip_strip() -> Points:
    """Return how far each point (478,) follows when the mouth is drawn to one side, 0 to 1.

    The lips are one strip between two modioli: what draws one end draws the whole.
    """
    return np.asarray(around(_STRIP, _STRIP_REACH) * give())

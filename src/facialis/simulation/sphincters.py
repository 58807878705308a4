"""Eyes that close and lips that meet, whatever the opening of the face at hand."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face.mesh import (
    LEFT_LOWER_LIP_INNER,
    LEFT_UPPER_LIP_INNER,
    MIRROR,
    RIGHT_LOWER_LID,
    RIGHT_LOWER_LIP_INNER,
    RIGHT_UPPER_LID,
    RIGHT_UPPER_LIP_INNER,
)
from facialis.simulation.skin import RIGHT_LOWER_FOLD, RIGHT_UPPER_FOLD, half

Points = NDArray[np.float64]

FULL_CLOSURE: Final = 0.5
"""Contraction of the palpebral part that closes the eye; what is above is reserve."""

# Shares of the opening, and of the way of the lid, as MediaPipe sees in filmed blinks.
_LOWER_LID_RISE: Final = 0.17
_SQUEEZED_RISE: Final = 0.28
_UPPER_FOLD_FOLLOWS: Final = np.array([0, 0.2, 0.24, 0.26, 0.26, 0.24, 0.2, 0.1, 0])
_LOWER_FOLD_FOLLOWS: Final = np.array([0, 0.5, 0.7, 0.75, 0.75, 0.75, 0.7, 0.4, 0])
_SEAL_GAIN: Final = 6.0

_UPPER_LIP: Final = list(RIGHT_UPPER_LIP_INNER + LEFT_UPPER_LIP_INNER[-2::-1])
_LOWER_LIP: Final = list(RIGHT_LOWER_LIP_INNER + LEFT_LOWER_LIP_INNER[-2::-1])


def closed_eyes(face: Points, closure: Points, squeeze: Points) -> Points:
    """Bring the lids of each eye together, the upper by most of the way.

    Args:
        face: (478, 3) frontal frame, interocular units.
        closure: (2,) contraction of the palpebral part, right and left; closed at `FULL_CLOSURE`.
        squeeze: (2,) contraction of the orbital part, which lifts the line where the lids meet.

    Returns:
        (478, 3); the irises stay.
    """
    moved = face.copy()
    for i, side in enumerate((Side.RIGHT, Side.LEFT)):
        shut = min(1.0, float(closure[i]) / FULL_CLOSURE)
        tight = min(1.0, float(squeeze[i]))
        upper, lower, above, below = (
            _of(side, group)
            for group in (
                RIGHT_UPPER_LID,
                RIGHT_LOWER_LID,
                RIGHT_UPPER_FOLD,
                RIGHT_LOWER_FOLD,
            )
        )
        opening = face[lower] - face[upper]
        lift = _LOWER_LID_RISE + (_SQUEEZED_RISE - _LOWER_LID_RISE) * tight
        fall = shut * (1 - lift) * opening
        climb = -(shut * lift + 0.5 * (1 - shut) * lift * tight) * opening
        moved[upper] += fall
        moved[lower] += climb
        moved[above] += _UPPER_FOLD_FOLLOWS[:, None] * fall
        moved[below] += _LOWER_FOLD_FOLLOWS[:, None] * climb
    return moved


def _of(side: Side, right: tuple[int, ...]) -> list[int]:
    return list(right) if side is Side.RIGHT else MIRROR[list(right)].tolist()


def met_lips(before: Points, after: Points, seal: Points) -> Points:
    """Keep the lips from passing through each other, and together where they are pressed.

    Args:
        before: (478, 3) the face before the movement.
        after: (478, 3) the face after it.
        seal: (2,) contraction of the weaker of the two halves of the orbicularis oris, right and
            left.
    """
    gap = after[_LOWER_LIP, 1] - after[_UPPER_LIP, 1]
    gap_before = np.maximum(0.0, before[_LOWER_LIP, 1] - before[_UPPER_LIP, 1])
    pressed = np.clip(_SEAL_GAIN * seal, 0, 1)
    hold = sum(
        half(side, 0.15)[_UPPER_LIP] * pressed[i] for i, side in enumerate((Side.RIGHT, Side.LEFT))
    )
    wanted = np.where(gap > gap_before, gap_before + (gap - gap_before) * (1 - hold), gap)
    correction = (np.maximum(0.0, wanted) - gap) / 2
    met = after.copy()
    met[_UPPER_LIP, 1] -= correction
    met[_LOWER_LIP, 1] += correction
    return met

"""How the skin carries a pull: distances along the mesh, halves that overlap at the midline.

Convention: the frontal frame in interocular units, one unit being about 90 mm between the outer
canthi; x > 0 the patient's left, y down, z away from the viewer. Weights are made on the mean face
for the patient's right half and mirrored.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face.mesh import (
    LOWER_LIP_INNER,
    MIRROR,
    NOSE_TIP,
    POINT_COUNT,
    RIGHT_INNER_CANTHUS,
    RIGHT_LOWER_LID,
    RIGHT_OUTER_CANTHUS,
    RIGHT_UPPER_LID,
    SUBNASALE,
    TEMPLATE,
    UPPER_LIP_INNER,
    triangles,
)

Points = NDArray[np.float64]

RIGHT_UPPER_FOLD: Final = (130, 247, 30, 29, 27, 28, 56, 190, 243)
"""The skin just above the upper lid margin, point by point above `RIGHT_UPPER_LID`."""
RIGHT_LOWER_FOLD: Final = (130, 25, 110, 24, 23, 22, 26, 112, 243)
"""The skin just below the lower lid margin, point by point below `RIGHT_LOWER_LID`."""
RIGHT_ORBIT: Final = (226, 113, 225, 224, 223, 222, 221, 189, 31, 228, 229, 230, 231, 232, 233)
"""The skin over the rim of the orbit."""

_MARGIN_GIVES: Final = 0.12
_FOLD_GIVES: Final = 0.45
_ORBIT_GIVES: Final = 0.8
_NOSE_GIVES: Final = 0.4
_NOSE: Final = (NOSE_TIP, 1, SUBNASALE, 97, 326, 98, 327)
_NOSE_REACH: Final = 0.11
_LIPS_BLEND: Final = 0.1


@lru_cache(maxsize=1)
def distances() -> Points:
    """Return distances along the skin between all points of the mean face (478, 478).

    The openings of the eyes and the mouth are not skin: from the upper to the lower lip the way
    leads round the commissure. Irises are infinitely far from everything.
    """
    faces = triangles()
    near = np.full((POINT_COUNT, POINT_COUNT), np.inf)
    np.fill_diagonal(near, 0)
    across: dict[tuple[int, int], int] = {}
    for a, b, c in faces.tolist():
        for i, j, tip in ((a, b, c), (b, c, a), (a, c, b)):
            _join(near, i, j)
            # A way straight over the edge of two triangles shortens the zigzag along edges.
            other = across.setdefault((i, j), tip)
            if other != tip:
                _join(near, other, tip)
    for k in range(POINT_COUNT):
        np.minimum(near, near[:, k, None] + near[None, k], out=near)
    near = np.minimum(near, near[MIRROR][:, MIRROR])
    near.flags.writeable = False
    return near


def _join(near: Points, i: int, j: int) -> None:
    near[i, j] = near[j, i] = np.linalg.norm(TEMPLATE[i] - TEMPLATE[j])


def around(indices: tuple[int, ...], reach: float) -> Points:
    """Return weights (478,) that are 1 at the points and fall with the distance along the skin.

    Args:
        indices: Points of the mesh.
        reach: Distance at which the weight is 0.61 (one standard deviation), interocular units.
    """
    nearest = distances()[list(indices)].min(axis=0)
    return np.asarray(np.exp(-(nearest**2) / (2 * reach**2)))


def rise(x: Points) -> Points:
    """Return a smooth step (any shape) from 0 at x ≤ 0 to 1 at x ≥ 1."""
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3 - 2 * t))


def half(side: Side, crossing: float) -> Points:
    """Return weights (478,) of one half of the face: 0.5 on the midline, both halves sum to 1.

    Args:
        side: The patient's own.
        crossing: How far beyond the midline the half reaches, interocular units.
    """
    outward = TEMPLATE[:, 0] if side is Side.LEFT else -TEMPLATE[:, 0]
    return rise((outward + crossing) / (2 * crossing))


def mirrored_field(field: Points) -> Points:
    """Return the field (478, 3) of the right half carried over to the left, and the reverse."""
    return np.asarray(field[MIRROR] * [-1.0, 1.0, 1.0])


@lru_cache(maxsize=1)
def below_the_mouth() -> Points:
    """Return 0 above, 1 below the opening of the mouth (478,), 0.5 at the commissures."""
    to_upper, to_lower = distances()[UPPER_LIP_INNER], distances()[LOWER_LIP_INNER]
    far = ~np.isfinite(to_upper)
    gap = np.where(far, 0.0, to_upper) - np.where(far, 0.0, to_lower)
    return rise((gap + _LIPS_BLEND) / (2 * _LIPS_BLEND))


@lru_cache(maxsize=1)
def give() -> Points:
    """Return how far the skin follows a pull (478,): tendons hold the lids, cartilage the nose."""
    hold = np.ones(POINT_COUNT)
    for indices, share in (
        (RIGHT_ORBIT, _ORBIT_GIVES),
        (RIGHT_UPPER_FOLD + RIGHT_LOWER_FOLD, _FOLD_GIVES),
        (RIGHT_UPPER_LID + RIGHT_LOWER_LID, _MARGIN_GIVES),
        ((RIGHT_INNER_CANTHUS, RIGHT_OUTER_CANTHUS, 243, 130), _MARGIN_GIVES / 2),
    ):
        hold[list(indices)] = share
        hold[MIRROR[list(indices)]] = share
    hold *= 1 - (1 - _NOSE_GIVES) * around(_NOSE, _NOSE_REACH)
    hold.flags.writeable = False
    return hold

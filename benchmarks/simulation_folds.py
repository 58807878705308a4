"""How deep the lines of the skin look in a picture, read from nothing but its pixels.

Nothing here knows where or how the simulator draws lines: a patch of skin is taken between
landmarks, and the darkness of what is narrow in it is measured.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face.mesh import LEFT_COMMISSURE, MIRROR
from facialis.face.pose import head_pose

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

_LEFT_ALA: Final = 358
_LEFT_CHEEK: Final = 411
_LEFT_BROW: Final = (336, 296, 334, 293)
_LEFT_FOREHEAD: Final = (337, 299, 333, 298)
_ROWS, _COLUMNS = 48, 64
_FINE, _WIDE = 2.0, 7.0
_ALONG: Final = 5.0


def nasolabial_contrast(pixels: Pixels, points: Points, side: Side) -> float:
    """Return how much darker the fold beside the mouth is than the skin around it, as a share.

    Across the cheek, outward from the wing of the nose down to above the corner of the mouth, the
    darkest narrow dip of each of 48 rows is taken; the mean of the rows is the contrast.

    Args:
        pixels: (H, W, 3) RGB.
        points: (478, 3) landmarks, pixels.
        side: Of the patient.
    """
    unit = head_pose(points).scale
    ala, corner, cheek = (_of(side, points)[i] for i in (_LEFT_ALA, LEFT_COMMISSURE, _LEFT_CHEEK))
    down, out = corner - ala, cheek - (ala + corner) / 2
    out *= 0.34 * unit / np.linalg.norm(out)
    edge = np.stack((ala + 0.04 * out, ala + 0.65 * down + 0.04 * out))
    patch = cv2.GaussianBlur(_patch(pixels, edge, out), (0, 0), sigmaX=0.1, sigmaY=_ALONG)
    fine, wide = (cv2.GaussianBlur(patch, (0, 0), sd) for sd in (_FINE, _WIDE))
    dips = (wide - fine) / (wide + 1)
    return float(dips[2:-2, 4:-4].max(axis=1).mean())


def forehead_contrast(pixels: Pixels, points: Points, side: Side) -> float:
    """Return how strongly level lines furrow a half of the forehead, as a share of its light.

    The root mean square, down the forehead, of light averaged along the lines, without what is
    wider than a furrow.

    Args:
        pixels: (H, W, 3) RGB.
        points: (478, 3) landmarks, pixels.
        side: Of the patient.
    """
    own = _of(side, points)
    brow, above = own[list(_LEFT_BROW)], own[list(_LEFT_FOREHEAD)]
    up = (above - brow).mean(axis=0)
    up *= 0.32 * head_pose(points).scale / np.linalg.norm(up)
    near = brow[[0, -1]] + 0.3 * up
    patch = _patch(pixels, near, up).T
    level = cv2.GaussianBlur(patch, (0, 0), sigmaX=_ALONG, sigmaY=_FINE / 2)
    wide = cv2.GaussianBlur(level, (0, 0), sigmaX=0.1, sigmaY=_WIDE)
    inner = ((level - wide) / (wide + 1))[6:-6, 6:-6]
    return float(np.sqrt((inner**2).mean()))


def _of(side: Side, points: Points) -> Points:
    """Return landmarks (478, 2) with those of the asked side where the left ones are."""
    return points[:, :2] if side is Side.LEFT else points[MIRROR, :2]


def _patch(pixels: Pixels, edge: Points, way: Points) -> NDArray[np.float32]:
    """Return brightness (48, 64): rows along an edge (2, 2), columns along a way (2,) from it."""
    along = np.linspace(0, 1, _ROWS)[:, None, None]
    across = np.linspace(0, 1, _COLUMNS)[None, :, None]
    at = edge[0] + along * (edge[1] - edge[0]) + across * way - 0.5
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    x, y = (at[..., k].astype(np.float32) for k in (0, 1))
    return np.asarray(cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

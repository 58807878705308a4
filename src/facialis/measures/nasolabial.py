"""The angle of the nasolabial fold, which shows in the skin and not in the landmarks.

The fold is the dark line that runs from the wing of the nose past the corner of the mouth. It is
looked for on each cheek, turned to the front, as the straight line along which the skin is most
consistently darker than on both of its sides. Where no line stands out, as on most young faces at
rest, the angle is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.face.mesh import LEFT_ALA, MIRROR
from facialis.measures.frames import mirrored_face
from facialis.measures.values import Measure, SidedValue

if TYPE_CHECKING:
    from facialis.face.patch import FacePatch
    from facialis.face.pose import HeadPose

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

_CHEEK: Final = (
    358,
    327,
    291,
    287,
    410,
    322,
    391,
    423,
    425,
    427,
    436,
    432,
    434,
    416,
    273,
    411,
    426,
)
_PATCH_PER_INTEROCULAR: Final = 96
_WIDTH, _HEIGHT = 56, 48
_ABOVE_ALA: Final = 6
_MEDIAL_OF_ALA: Final = 14
_ANGLES: Final = np.arange(14.0, 58.0, 2.0)
_STARTS: Final = np.arange(0.0, 10.0)
_TOP, _BOTTOM, _STEPS = 4.0, 30.0, 27
_LINE_SD: Final = 1.8
_STANDS_OUT: Final = 0.018
_SMALLEST_INTEROCULAR_PX: Final = 60
_ANGLE_SD: Final = 5.0


@dataclass(frozen=True, slots=True)
class Fold:
    """A nasolabial fold.

    Attributes:
        angle: From the midline, degrees.
        prominence: How much darker the line is than the skin beside it, as a share of the skin's
            luminance.
    """

    angle: float
    prominence: float


def fold_measure(patch: FacePatch, points: Points, pose: HeadPose) -> Measure:
    """Return the row of the table for the angle of the nasolabial fold.

    Args:
        patch: A small copy of the face.
        points: (478, 3) landmarks in pixels of the photograph.
        pose: Their head pose.
    """
    name, label = "nasolabial_fold_angle", "Nasolabial fold angle"
    if patch.interocular < _SMALLEST_INTEROCULAR_PX:
        why = "the face is too small to show the fold"
        return Measure(name, label, Region.MOUTH, "angle", not_measured=why)
    right, left = find_folds(patch, pose.to_frontal(points) / pose.scale)
    if right is None or left is None:
        unseen = [s for s, fold in (("right", right), ("left", left)) if fold is None]
        why = f"no fold stands out on the {' and the '.join(unseen)} side"
        return Measure(name, label, Region.MOUTH, "angle", not_measured=why)
    gap = abs(left.angle - right.angle)
    value = SidedValue(right.angle, left.angle, gap, _ANGLE_SD, _ANGLE_SD, _ANGLE_SD * 2**0.5)
    return Measure(name, label, Region.MOUTH, "angle", degrees=value)


def find_folds(patch: FacePatch, frontal: Points) -> tuple[Fold | None, Fold | None]:
    """Return the right and the left nasolabial fold, None where none stands out.

    Args:
        patch: A small copy of the face.
        frontal: (478, 3) its landmarks in the frontal frame, interocular units.
    """
    if patch.pixels.size == 0:
        return None, None
    grey = cv2.cvtColor(patch.pixels, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    mirrored = mirrored_face(frontal)
    return _fold(grey, mirrored, patch.places[MIRROR]), _fold(grey, frontal, patch.places)


def _fold(grey: Pixels, face: Points, places: Points) -> Fold | None:
    """Find the fold of the half of `face` (478, 3) whose x is positive, seen at `places`."""
    cheek = list(_CHEEK)
    terms = np.column_stack((face[cheek, :2], np.ones(len(cheek))))
    to_picture = np.linalg.lstsq(terms, places[cheek], rcond=None)[0].T
    ala = face[LEFT_ALA, :2]
    to_face = np.array(
        [
            [1 / _PATCH_PER_INTEROCULAR, 0, ala[0] - _MEDIAL_OF_ALA / _PATCH_PER_INTEROCULAR],
            [0, 1 / _PATCH_PER_INTEROCULAR, ala[1] - _ABOVE_ALA / _PATCH_PER_INTEROCULAR],
            [0, 0, 1],
        ]
    )
    patch = _sampled(grey, to_picture @ to_face)
    return _best_line(patch)


def _sampled(grey: Pixels, to_picture: Points) -> NDArray[np.float32]:
    """Return the patch (48, 56) that a map (2, 3) leads to, interpolated in floating point.

    OpenCV interpolates at the nearest thirty-second of a pixel, and its rounding does not commute
    with mirroring.
    """
    column, row = np.meshgrid(np.arange(_WIDTH), np.arange(_HEIGHT))
    x, y = np.tensordot(to_picture, np.stack((column, row, np.ones_like(row))), axes=1) - 0.5
    height, width = grey.shape
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    across, down = x - left, y - top
    above = grey[top, left] * (1 - across) + grey[top, right] * across
    below = grey[bottom, left] * (1 - across) + grey[bottom, right] * across
    return np.asarray(above * (1 - down) + below * down, np.float32)


@lru_cache(maxsize=1)
def _lines() -> tuple[NDArray[np.intp], NDArray[np.intp], Points]:
    """Pixels (L, S) of every line that may be a fold, and its angle (L,)."""
    angle, start = (a.ravel() for a in np.meshgrid(_ANGLES, _STARTS))
    down = np.linspace(_TOP, _BOTTOM, _STEPS)
    x = _MEDIAL_OF_ALA + start[:, None] + np.tan(np.radians(angle))[:, None] * down
    inside = x[:, -1] < _WIDTH - 1
    y = np.broadcast_to(_ABOVE_ALA + down, x.shape)
    return np.round(x).astype(np.intp)[inside], np.round(y).astype(np.intp)[inside], angle[inside]


def _best_line(patch: NDArray[np.float32]) -> Fold | None:
    fine = cv2.GaussianBlur(patch, (0, 0), _LINE_SD)
    wide = cv2.GaussianBlur(patch, (0, 0), 2.5 * _LINE_SD)
    darker = np.clip(np.asarray((wide - fine) / (wide + 1.0)), -0.1, 0.1)
    x, y, angle = _lines()
    along = darker[y, x]
    score = along.mean(axis=1) - along.std(axis=1) / 2
    best = int(np.argmax(score))
    prominence = float(along[best].mean())
    at_limit = angle[best] in (_ANGLES[0], _ANGLES[-1])
    if at_limit or score[best] <= 0 or prominence < _STANDS_OUT:
        return None
    return Fold(float(angle[best]), prominence)

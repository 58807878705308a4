"""Whether pictures show one person the same way round, told from the skin.

What the skin of one half of a face has and that of the other half has not (moles, scars, creases,
the grain of a beard) stays through expressions, and changes sides where a picture is mirrored. One
photograph alone does not tell whether it is mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import TEMPLATE, triangles
from facialis.face.warp import origins, owners

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.face.patch import FacePatch

Floats = NDArray[np.float64]

MIRRORED_BELOW: Final = -0.2
"""Mean `SkinPattern.turning` against the other pictures below which one is called mirrored."""
STRANGE_BELOW: Final = 0.75
"""Median `SkinPattern.likeness` to the others below which a picture may show another person."""

_SIZE: Final = 128
_MESH_POINTS: Final = 468
_EDGE: Final = 7
_FINE: Final = 1.0
_COARSE: Final = 3.0
_NEIGHBOURHOOD: Final = 8.0
_MOST_CONTRAST: Final = 0.25
_LEAST_CONTRAST: Final = 0.01
_DARKEST: Final = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class SkinPattern:
    """Fine structure of the skin of a face, laid on the mean face.

    Attributes:
        even: (P,) what both halves have, of length 1.
        odd: (P,) what the patient's left half has beyond the right one, of length 1.
    """

    even: Floats
    odd: Floats

    def turning(self, other: SkinPattern) -> float:
        """Return how what differs between the halves agrees, -1 to 1.

        Around 0.6 for two pictures of a person, -0.6 if one is mirrored, 0.1 for two people.
        """
        return float(self.odd @ other.odd)

    def likeness(self, other: SkinPattern) -> float:
        """Return how alike two faces are, whichever way round, at most 2.

        Around 1.4 for two pictures of a person, 0.6 for two people.
        """
        return float(self.even @ other.even) + abs(self.turning(other))


def skin_pattern(patch: FacePatch) -> SkinPattern:
    """Return the pattern of a face.

    Args:
        patch: A small copy of the picture.
    """
    target, faces, owner, skin = _layout()
    at_x, at_y = origins(owner, patch.places[:_MESH_POINTS], target, faces)
    flat = cv2.remap(patch.pixels, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = np.log(cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float64) + _DARKEST)
    fine = _softened(light, _FINE) - _softened(light, _COARSE)
    fine = np.clip(fine, -_MOST_CONTRAST, _MOST_CONTRAST)
    fine /= np.sqrt(_softened(fine**2, _NEIGHBOURHOOD)) + _LEAST_CONTRAST
    return SkinPattern(_unit((fine + fine[:, ::-1])[skin]), _unit((fine - fine[:, ::-1])[skin]))


def turned_over(patterns: Sequence[SkinPattern]) -> tuple[frozenset[int], frozenset[int]]:
    """Return which pictures of one face are mirror images of the rest.

    Returns:
        The pictures of the smaller group, of which each is clearly turned over against the larger
        one, and those of the larger group; the first is empty where there is no sign of mirroring.
        Groups may be of the same size.
    """
    everybody = frozenset(range(len(patterns)))
    if len(patterns) <= 1:
        return frozenset(), everybody
    turning = np.array([[a.turning(b) for b in patterns] for a in patterns])
    np.fill_diagonal(turning, 0.0)
    way = _ways(turning)
    fewer = frozenset(np.flatnonzero(way < 0).tolist())
    more = everybody - fewer
    if len(fewer) > len(more):
        fewer, more = more, fewer
    against = {i for i in fewer if turning[i, list(more)].mean() < MIRRORED_BELOW}
    return frozenset(against), everybody - against


def strangers(patterns: Sequence[SkinPattern]) -> frozenset[int]:
    """Return which pictures look like none of the others; both of two that do not look alike."""
    if len(patterns) <= 1:
        return frozenset()
    alike = np.array([[a.likeness(b) for b in patterns] for a in patterns])
    np.fill_diagonal(alike, np.nan)
    return frozenset(np.flatnonzero(np.nanmedian(alike, axis=1) < STRANGE_BELOW).tolist())


def _ways(turning: Floats) -> Floats:
    """Return 1 or -1 for each picture, so that those of one sign agree best."""
    way = np.sign(turning[np.abs(turning).sum(axis=1).argmax()])
    way[way == 0] = 1
    for _ in range(len(turning)):
        better = np.sign(turning @ way)
        better[better == 0] = way[better == 0]
        if (better == way).all():
            break
        way = better
    return np.asarray(way, np.float64)


@cache
def _layout() -> tuple[Floats, NDArray[np.intp], NDArray[np.int32], NDArray[np.bool_]]:
    """Return the mean face in a square picture: places, triangles, which lies where, and the skin.

    Only the patient's right half counts as skin: the other one is its mirror image.
    """
    face = TEMPLATE[:_MESH_POINTS]
    low, high = face[:, 1].min(), face[:, 1].max()
    half = float(np.abs(face[:, 0]).max())
    target = np.stack(
        ((face[:, 0] / half + 1) * _SIZE / 2, (face[:, 1] - low) / (high - low) * _SIZE), axis=1
    )
    faces = triangles()
    owner = owners(target, face[:, 2], faces, _SIZE, _SIZE)
    inside = (owner < len(faces)).astype(np.uint8)
    inside = cv2.erode(inside, np.ones((_EDGE, _EDGE), np.uint8), borderValue=[0]).astype(bool)
    skin = inside & inside[:, ::-1]
    skin[:, _SIZE // 2 :] = False
    return target, faces, owner, skin


def _softened(picture: Floats, sigma: float) -> Floats:
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.float64)


def _unit(values: Floats) -> Floats:
    centred = values - values.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-12))

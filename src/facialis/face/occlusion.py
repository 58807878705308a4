"""Regions of the face that something covers: dark glasses, a mask, an eye patch, hair over a brow.

MediaPipe draws a plausible face under whatever lies on it, so occlusion is looked for in the
picture itself: a region counts as covered when its surroundings hardly look like this face's own
skin and the feature that should stand out there does not. Beards, dark skin, side light and clear
glasses must not count. A hand, which is skin, is not seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.face.mesh import mirrored

if TYPE_CHECKING:
    from facialis.face.patch import FacePatch

Points = NDArray[np.float64]
Sampler = Callable[[tuple[int, ...]], Points]
Half = Callable[[tuple[int, ...]], tuple[int, ...]]

_RIGHT_CHEEK: Final = (50, 101, 118, 205, 36, 187, 147, 123)
_BRIDGE: Final = (6, 197, 195, 5, 4, 51, 281)
_FOREHEAD: Final = (151, 9, 108, 337, 69, 299, 10)
_RIGHT_ABOVE_BROW: Final = (71, 68, 104, 69, 108)
_RIGHT_BROW: Final = (53, 52, 65, 63, 105, 66)
_RIGHT_EYE: Final = (159, 145, 158, 153, 160, 144, 468)
_RIGHT_AROUND_EYE: Final = (31, 228, 229, 230, 231, 110, 24, 23, 22)
_RIGHT_AROUND_MOUTH: Final = (57, 186, 92, 165, 43, 106, 182, 83, 194, 204, 202, 212)
_LIPS: Final = (37, 267, 0, 39, 269, 17, 84, 314, 181, 405)
_BESIDE_LIPS: Final = (164, 167, 393, 18, 83, 313, 186, 410, 57, 287)

_SAMPLED_INTEROCULAR_PX: Final = 40
_UNLIKE_SKIN: Final = 18.0
_MOSTLY: Final = 0.75
_NO_EYE: Final = 1.5
_FAINT_EYE: Final = 5.0
_NO_LIPS: Final = 1.2
_BLANK: Final = 2.0
_FAINT_LIPS: Final = 4.5
_NO_BROW: Final = 5.0
_COLOUR_WEIGHTS: Final = np.array([0.5, 1.0, 1.0])
_HALVES: Final[tuple[Half, Half]] = (tuple, mirrored)


@dataclass(frozen=True, slots=True)
class Cover:
    """What something lies on.

    Attributes:
        mouth: Whether it is the mouth.
        brow: Whether it is a brow.
        eyes: Whether it is the right eye, and the left one.
    """

    mouth: bool = False
    brow: bool = False
    eyes: tuple[bool, bool] = (False, False)

    @property
    def regions(self) -> frozenset[Region]:
        """The regions that something lies on, on either side."""
        covered = {Region.MOUTH: self.mouth, Region.BROW: self.brow, Region.EYE: any(self.eyes)}
        return frozenset(region for region, is_covered in covered.items() if is_covered)


def cover_of(patch: FacePatch, shut: tuple[bool, bool] = (False, False)) -> Cover:
    """Return what something lies on in a face.

    Args:
        patch: A small copy of the face.
        shut: Whether the right and the left eye are closed: smooth lids are no cover.
    """
    if patch.pixels.size == 0:
        return Cover()
    at = _sampler(patch)
    skin, mouth = _skin(at)
    brow = False
    eyes = []
    for half, is_shut in zip(_HALVES, shut, strict=True):
        eyes.append(_eye_is_covered(at, half, skin, is_shut=is_shut))
        above = at(half(_RIGHT_ABOVE_BROW))
        brow |= _mostly_unlike(above, skin) and _gap(above, at(half(_RIGHT_BROW))) < _NO_BROW
    return Cover(mouth, brow, (eyes[0], eyes[1]))


def _skin(at: Sampler) -> tuple[Points, bool]:
    """Return the colour of this face's skin, and whether something lies on the mouth."""
    upper = _middle(at(_BRIDGE + _FOREHEAD))
    mouth = at(_RIGHT_AROUND_MOUTH + mirrored(_RIGHT_AROUND_MOUTH))
    lips = _gap(at(_LIPS), at(_BESIDE_LIPS))
    is_blank = lips < _NO_LIPS and float(mouth[:, 0].std()) < _BLANK
    if is_blank or (lips < _FAINT_LIPS and _mostly_unlike(mouth, upper)):
        return upper, True
    return _middle(at(_RIGHT_CHEEK + mirrored(_RIGHT_CHEEK) + _BRIDGE)), False


def _sampler(patch: FacePatch) -> Sampler:
    """Return a function that gives the CIELAB colour (N, 3) at landmarks of a small copy."""
    small = patch.reduced(_SAMPLED_INTEROCULAR_PX)
    lab = cv2.cvtColor(small.pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    limit = np.array(lab.shape[1::-1]) - 1
    x, y = np.clip(np.floor(small.places).astype(int), 0, limit).T
    colours = lab[y, x].astype(np.float64)
    return lambda indices: colours[list(indices)]


def _middle(colours: Points) -> Points:
    return np.asarray(np.median(colours, axis=0))


def _mostly_unlike(colours: Points, skin: Points) -> bool:
    away = np.linalg.norm((colours - skin) * _COLOUR_WEIGHTS, axis=1)
    return float((away > _UNLIKE_SKIN).mean()) > _MOSTLY


def _gap(a: Points, b: Points) -> float:
    return float(np.linalg.norm((_middle(a) - _middle(b)) * _COLOUR_WEIGHTS))


def _eye_is_covered(
    at: Sampler,
    half: Half,
    skin: Points,
    *,
    is_shut: bool,
) -> bool:
    contrast = float(at(half(_RIGHT_EYE))[:, 0].std())
    if contrast < _NO_EYE and not is_shut:
        return True
    return contrast < _FAINT_EYE and _mostly_unlike(at(half(_RIGHT_AROUND_EYE)), skin)

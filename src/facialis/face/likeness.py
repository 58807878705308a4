"""Whether pictures show one person the same way round, told from the skin.

What the skin of one half of a face has and that of the other half has not (moles, scars, creases,
the grain of a beard) stays through expressions, and changes sides where a picture is mirrored. One
photograph alone does not tell whether it is mirrored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import TEMPLATE, triangles
from facialis.face.warp import origins, owners

if TYPE_CHECKING:
    from collections.abc import Callable

    from facialis.face.patch import FacePatch

Floats = NDArray[np.float64]

MIRRORED_BELOW: Final = -0.1
"""Mean `SkinPattern.turning` against the larger group below which one is called mirrored."""
STRANGE_BELOW: Final = 0.9
"""Median `SkinPattern.likeness` to the others below which a picture may show another person."""

MIRRORED_FROM: Final = 1.1
"""Mean likeness to the larger group from which a picture that is turned over is called mirrored,
and not another person's."""

_UNCLEAR_BELOW: Final = 0.05
_SIZE: Final = 128
_MESH_POINTS: Final = 468
_EDGE: Final = 7
_NEIGHBOURHOOD: Final = 8.0
_DARKEST: Final = 10.0
_NOTHING: Final = 1e-9


@dataclass(frozen=True, slots=True)
class _Band:
    """Which structure of a picture counts: between two widths, texels, up to a contrast."""

    fine: float
    coarse: float
    most: float
    least: float

    def of(self, picture: Floats) -> Floats:
        """Return the structure (H, W) of a picture (H, W), evened out over neighbourhoods."""
        found = _softened(picture, self.fine) - _softened(picture, self.coarse)
        found = np.clip(found, -self.most, self.most)
        even = np.sqrt(_softened(found**2, _NEIGHBOURHOOD)) + self.least
        return np.asarray(found / even)


_LIGHT: Final = _Band(1.0, 3.0, 0.25, 0.01)
_TONE: Final = _Band(1.5, 5.0, 0.1, 0.004)


@dataclass(frozen=True, slots=True, eq=False)
class SkinPattern:
    """Fine structure of the skin of a face, laid on the mean face; vectors of length 1, or 0.

    Attributes:
        even: (P,) brightness that both halves have.
        odd: (P,) brightness that the patient's right half has beyond the left one.
        tone: (P,) redness that the right half has beyond the left one, which light from one side
            does not change; 0 in a picture without colours.
    """

    even: Floats
    odd: Floats
    tone: Floats

    def turning(self, other: SkinPattern) -> float:
        """Return how what differs between the halves agrees, -1 to 1.

        The lesser of the agreements in brightness and in redness, and 0 where one of them is for
        and the other against: around 0.4 for two pictures of a person, -0.4 if one is mirrored.
        """
        bright, red = float(self.odd @ other.odd), float(self.tone @ other.tone)
        if bright * red <= 0:
            return 0.0
        return min(bright, red, key=abs)

    def likeness(self, other: SkinPattern) -> float:
        """Return how alike two faces are, whichever way round, at most 3.

        Around 1.9 for two pictures of a person, 0.7 for two people.
        """
        sides = abs(float(self.odd @ other.odd)) + abs(float(self.tone @ other.tone))
        return float(self.even @ other.even) + sides


def skin_pattern(patch: FacePatch) -> SkinPattern:
    """Return the pattern of a face.

    Args:
        patch: A small copy of the picture.
    """
    target, faces, owner, skin = _layout()
    at_x, at_y = origins(owner, patch.places[:_MESH_POINTS], target, faces)
    flat = cv2.remap(patch.pixels, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    grey = cv2.cvtColor(flat, cv2.COLOR_RGB2GRAY).astype(np.float64)
    red, green = (flat[..., channel].astype(np.float64) for channel in (0, 1))
    light = _LIGHT.of(np.log(grey + _DARKEST))
    tone = _TONE.of(np.log(red + _DARKEST) - np.log(green + _DARKEST))
    return SkinPattern(
        even=_unit((light + light[:, ::-1])[skin]),
        odd=_unit((light - light[:, ::-1])[skin]),
        tone=_unit((tone - tone[:, ::-1])[skin]),
    )


Pictures = Sequence[SkinPattern]
"""What shows one face one way round: a photograph, or frames of a video."""


def ways_round(sources: Sequence[Pictures]) -> tuple[int, ...]:
    """Return which way round each source shows one face.

    Returns:
        For each source 1 if it is of the larger group, -1 if it is mirrored against that (groups
        may be of one size), 0 if it is of neither clearly; all are 1 where there is no sign of
        mirroring.
    """
    turning = _between(sources, SkinPattern.turning)
    way = _ways(turning)
    if (way < 0).sum() > (way > 0).sum():
        way = -way
    alike = _between(sources, SkinPattern.likeness)
    larger = way > 0
    clear = [
        turning[i, larger].mean() < MIRRORED_BELOW and alike[i, larger].mean() >= MIRRORED_FROM
        for i in np.flatnonzero(way < 0)
    ]
    if not any(clear):
        return (1,) * len(sources)
    support = way * (turning @ way) / (len(way) - 1)
    return tuple(np.where(support < _UNCLEAR_BELOW, 0, way).astype(int).tolist())


def strangers(sources: Sequence[Pictures]) -> frozenset[int]:
    """Return which sources look like none of the others; both of two that do not look alike."""
    if len(sources) <= 1:
        return frozenset()
    alike = _between(sources, SkinPattern.likeness)
    turning = _between(sources, SkinPattern.turning)
    for each in (alike, turning):
        np.fill_diagonal(each, np.nan)
    middle = np.nanmedian(alike, axis=1)
    is_turned = np.nanmedian(turning, axis=1) < MIRRORED_BELOW
    strange = middle < np.where(is_turned, MIRRORED_FROM, STRANGE_BELOW)
    return frozenset(np.flatnonzero(strange).tolist())


def _between(
    sources: Sequence[Pictures], measure: Callable[[SkinPattern, SkinPattern], float]
) -> Floats:
    """Return the mean of a measure between all pictures of two sources; 0 on the diagonal."""
    found = np.zeros((len(sources), len(sources)))
    for i, one in enumerate(sources):
        for j, other in enumerate(sources[:i]):
            found[i, j] = found[j, i] = np.mean([measure(a, b) for a in one for b in other])
    return found


def _ways(turning: Floats) -> Floats:
    """Return 1 or -1 for each source, so that those of one sign agree best."""
    if not len(turning):
        return np.ones(0)
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
    length = float(np.linalg.norm(centred))
    return np.asarray(centred / length if length > _NOTHING else np.zeros_like(centred))

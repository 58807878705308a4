"""Perceptual fingerprints: pictures that look alike have fingerprints that are near.

The fingerprint is the signs of the low frequencies (discrete cosine transform) of the grey picture
squeezed into a small square. Mirroring a picture turns the sign of every odd horizontal frequency,
so that the distance to the mirror image can be told from the fingerprint alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

_SIDE: Final = 64
_FREQUENCIES: Final = 24
NEAR: Final = 38
"""Largest `distance` of two pictures that count as near-duplicates."""

_ROWS, _COLUMNS = np.indices((_FREQUENCIES, _FREQUENCIES))
_KEPT: Final = (_ROWS + _COLUMNS > 0) & (_ROWS + _COLUMNS < _FREQUENCIES)
_ODD: Final = (_COLUMNS % 2 == 1)[_KEPT]
_BLOCK: Final = 1024


def fingerprint(pixels: NDArray[np.uint8]) -> str:
    """Return the perceptual fingerprint of a picture, hexadecimal.

    Args:
        pixels: (H, W, 3) uint8 RGB.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(small)[:_FREQUENCIES, :_FREQUENCIES]
    return np.packbits(waves[_KEPT] > 0).tobytes().hex()


def distance(a: str, b: str) -> int:
    """Return in how many places two fingerprints differ, mirrored or not, whichever is less."""
    even, odd = _products(_signs([a]), _signs([b]))
    return int(_distances(even, odd)[0, 0])


def near_duplicates(fingerprints: Sequence[str]) -> list[tuple[int, int]]:
    """Return the pairs (i, j), i < j, of pictures that are near-duplicates.

    An empty fingerprint is near to none.

    Args:
        fingerprints: One a picture.
    """
    places = np.array([i for i, each in enumerate(fingerprints) if each], dtype=np.intp)
    signs = _signs([fingerprints[i] for i in places])
    found: list[tuple[int, int]] = []
    for start in range(0, len(signs), _BLOCK):
        even, odd = _products(signs[start : start + _BLOCK], signs[start:])
        near = np.triu(_distances(even, odd) <= NEAR, 1)
        for i, j in np.argwhere(near) + start:
            found.append((int(places[i]), int(places[j])))
    return sorted(found)


def _signs(fingerprints: Sequence[str]) -> NDArray[np.float32]:
    octets = np.frombuffer(bytes.fromhex("".join(fingerprints)), np.uint8)
    bits = np.unpackbits(octets.reshape(len(fingerprints), -1), axis=1, count=len(_ODD))
    return bits.astype(np.float32) * 2 - 1


def _products(
    a: NDArray[np.float32], b: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return a[:, ~_ODD] @ b[:, ~_ODD].T, a[:, _ODD] @ b[:, _ODD].T


def _distances(even: NDArray[np.float32], odd: NDArray[np.float32]) -> NDArray[np.float32]:
    return (len(_ODD) - (even + np.abs(odd))) / 2

"""Altered copies of pictures, as paper 002 makes them until every class has as many."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.datasets.prepare_video import as_jpeg
from facialis.media.photo import read_photo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.datasets.prepare_draft import Draft
    from facialis.datasets.sample import Sample

LARGEST_TURN: Final = 20.0
"""Degrees, either way ([002] Table 1, D2-12)."""
LARGEST_ZOOM: Final = 0.2
"""Scale is 1 ± this ([002] Table 1)."""
LARGEST_SHEAR: Final = 0.2
"""Radians, either way ([002] Table 1, D2-11)."""


@dataclass(frozen=True, slots=True)
class Alteration:
    """How a copy differs from its original.

    Attributes:
        turn: Degrees.
        zoom: Scale.
        shear: Radians.
        is_mirrored: Whether left and right are exchanged.
    """

    turn: float
    zoom: float
    shear: float
    is_mirrored: bool


def drawn_alteration(rng: np.random.Generator) -> Alteration:
    """Draw an alteration from the ranges of [002] Table 1."""
    return Alteration(
        turn=float(rng.uniform(-LARGEST_TURN, LARGEST_TURN)),
        zoom=float(rng.uniform(1 - LARGEST_ZOOM, 1 + LARGEST_ZOOM)),
        shear=float(rng.uniform(-LARGEST_SHEAR, LARGEST_SHEAR)),
        is_mirrored=bool(rng.integers(2)),
    )


def altered(pixels: NDArray[np.uint8], change: Alteration) -> NDArray[np.uint8]:
    """Return an altered picture of the same size; the border is carried outwards.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        change: What to do, about the middle of the picture.
    """
    height, width = pixels.shape[:2]
    angle = math.radians(change.turn)
    flip = -1.0 if change.is_mirrored else 1.0
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    shear = np.array([[1.0, -math.sin(change.shear)], [0.0, math.cos(change.shear)]])
    linear = change.zoom * turn @ shear @ np.diag([flip, 1.0])
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    place = np.column_stack((linear, middle - linear @ middle))
    return np.asarray(
        cv2.warpAffine(pixels, place, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def altered_copy(draft: Draft, original: Sample, number: int) -> Sample:
    """Write an altered copy of a picture below the draft's folder and return it as a sample.

    The alteration depends on the seed, the bytes of the original and the number, so that a second
    run makes the same copy whatever else it makes. A mirrored copy has its sides exchanged.

    Args:
        draft: The preparation.
        original: The picture.
        number: Which copy of this picture, from 0.

    Raises:
        InputError: If the original cannot be read.
        OutputError: If the copy cannot be written.
    """
    digest, _ = draft.digests.of(original.path)
    rng = np.random.default_rng([draft.seed, int(digest[:15], 16), number])
    change = drawn_alteration(rng)
    place = draft.place("copies", original)
    path = place.with_name(f"{place.name}-{digest[:12]}-{number}.jpg")
    draft.keep(path, as_jpeg(altered(read_photo(original.path).pixels, change)))
    side = original.side
    if side is not None and change.is_mirrored:
        side = side.opposite
    return replace(original, path=path, side=side, annotations={})

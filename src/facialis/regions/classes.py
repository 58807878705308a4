"""The classes of face parsing that the papers use.

Two lists: the seven of paper 000 (`Part`) and the eleven of paper 001 (`Attribute`). The finer one
turns into the coarser by `PART_OF`.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

UNKNOWN: Final = 255
"""Pixels of which the annotation does not say what they show."""


class Part(IntEnum):
    """The seven classes of [000], D0-1. FPP replaces eye and mouth where it holds, D0-2."""

    BACKGROUND = 0
    SKIN = 1
    HAIR = 2
    EYEBROW = 3
    EYE = 4
    MOUTH = 5
    FPP = 6


class Attribute(IntEnum):
    """The eleven classes of [001], D1-2. Left and right are the patient's."""

    BACKGROUND = 0
    SKIN = 1
    LEFT_BROW = 2
    RIGHT_BROW = 3
    LEFT_EYE = 4
    RIGHT_EYE = 5
    NOSE = 6
    UPPER_LIP = 7
    INNER_MOUTH = 8
    LOWER_LIP = 9
    HAIR = 10


PART_OF: Final[Mapping[Attribute, Part]] = {
    Attribute.BACKGROUND: Part.BACKGROUND,
    Attribute.SKIN: Part.SKIN,
    Attribute.LEFT_BROW: Part.EYEBROW,
    Attribute.RIGHT_BROW: Part.EYEBROW,
    Attribute.LEFT_EYE: Part.EYE,
    Attribute.RIGHT_EYE: Part.EYE,
    Attribute.NOSE: Part.SKIN,
    Attribute.UPPER_LIP: Part.MOUTH,
    Attribute.INNER_MOUTH: Part.MOUTH,
    Attribute.LOWER_LIP: Part.MOUTH,
    Attribute.HAIR: Part.HAIR,
}
"""Paper 000 knows six classes of the healthy face: the nose is skin, lips and opening are mouth."""

MIRRORED_ATTRIBUTES: Final = (0, 1, 3, 2, 5, 4, 6, 7, 8, 9, 10)
"""Class of each `Attribute` in the mirrored picture: the sides are swapped."""

"""Lines of the skin, and the muscles that deepen them."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Side

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.simulation.muscle import Contractions


class Crease(StrEnum):
    """Lines of the skin that contraction deepens."""

    FOREHEAD_LINES = "forehead_lines"
    FROWN_LINES = "frown_lines"
    CROWS_FEET = "crows_feet"
    NASAL_LINES = "nasal_lines"
    NASOLABIAL_FOLD = "nasolabial_fold"
    CHIN_DIMPLES = "chin_dimples"


CREASED_BY: Final[Mapping[Crease, Mapping[str, float]]] = MappingProxyType(
    {
        Crease.FOREHEAD_LINES: {"frontalis_medial": 0.5, "frontalis_lateral": 0.5},
        Crease.FROWN_LINES: {"corrugator": 0.8, "procerus": 0.2},
        Crease.CROWS_FEET: {"orbicularis_oculi_orbital": 1.0, "zygomaticus_major": 0.15},
        Crease.NASAL_LINES: {"levator_labii_alaeque_nasi": 0.8, "procerus": 0.2},
        Crease.NASOLABIAL_FOLD: {
            "zygomaticus_major": 0.7,
            "zygomaticus_minor": 0.3,
            "levator_labii_superioris": 0.3,
            "levator_labii_alaeque_nasi": 0.3,
            "levator_anguli_oris": 0.2,
            "risorius": 0.2,
        },
        Crease.CHIN_DIMPLES: {"mentalis": 1.0},
    }
)
"""Which muscles deepen a line, and by how much of its full contrast."""


def creases(contractions: Contractions) -> dict[tuple[Side, Crease], float]:
    """Return the contrast, 0 to 1, that contraction adds to each line of each side."""
    return {
        (side, crease): float(
            min(1.0, sum(share * contractions.get(side, {}).get(m, 0.0) for m, share in by.items()))
        )
        for side in Side
        for crease, by in CREASED_BY.items()
    }

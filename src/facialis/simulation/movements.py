"""Which muscles the standard movements use."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Movement
from facialis.simulation.sphincters import FULL_CLOSURE

if TYPE_CHECKING:
    from collections.abc import Mapping

MOVEMENTS: Final[Mapping[Movement, Mapping[str, float]]] = MappingProxyType(
    {
        Movement.REST: {},
        Movement.BROW_RAISE: {"frontalis_medial": 1.0, "frontalis_lateral": 1.0},
        Movement.FROWN: {"corrugator": 1.0, "procerus": 0.8, "orbicularis_oculi_orbital": 0.15},
        Movement.EYE_CLOSE_GENTLE: {"orbicularis_oculi_palpebral": 1.1 * FULL_CLOSURE},
        Movement.EYE_CLOSE_TIGHT: {
            "orbicularis_oculi_palpebral": 1.0,
            "orbicularis_oculi_orbital": 1.0,
            "corrugator": 0.3,
            "procerus": 0.3,
            "zygomaticus_minor": 0.25,
            "levator_labii_alaeque_nasi": 0.25,
        },
        Movement.SMILE_CLOSED: {
            "zygomaticus_major": 0.75,
            "levator_anguli_oris": 0.2,
            "risorius": 0.4,
            "buccinator": 0.2,
            "orbicularis_oris_upper": 0.17,
            "orbicularis_oris_lower": 0.17,
            "orbicularis_oculi_orbital": 0.2,
        },
        Movement.SMILE: {
            "zygomaticus_major": 1.0,
            "zygomaticus_minor": 0.5,
            "levator_labii_superioris": 0.3,
            "levator_anguli_oris": 0.2,
            "risorius": 0.4,
            "depressor_labii_inferioris": 0.15,
            "orbicularis_oculi_orbital": 0.3,
            "jaw": 0.1,
        },
        Movement.SNARL: {
            "levator_labii_alaeque_nasi": 1.0,
            "levator_labii_superioris": 1.0,
            "zygomaticus_minor": 0.4,
            "procerus": 0.4,
            "corrugator": 0.2,
            "orbicularis_oculi_orbital": 0.3,
        },
        Movement.PUCKER: {
            "orbicularis_oris_upper": 1.0,
            "orbicularis_oris_lower": 1.0,
            "mentalis": 0.3,
        },
        Movement.MOUTH_OPEN: {"jaw": 0.9, "depressor_labii_inferioris": 0.3, "platysma": 0.2},
        Movement.CHEEK_PUFF: {
            "air": 1.0,
            "orbicularis_oris_upper": 0.4,
            "orbicularis_oris_lower": 0.4,
        },
        Movement.LOWER_TEETH: {
            "depressor_labii_inferioris": 1.0,
            "depressor_anguli_oris": 0.25,
            "risorius": 0.8,
            "platysma": 0.8,
            "jaw": 0.08,
        },
    }
)
"""Contraction of each muscle and action on a healthy side at full effort."""

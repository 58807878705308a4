"""What the facial muscles do to the ICT head: its expressions, per side."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Branch, Side
from facialis.errors import InputError
from facialis.simulation.sphincters import FULL_CLOSURE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.simulation.lesion import Lesion
    from facialis.simulation.muscles import Contractions

EXPRESSIONS_OF_MUSCLES: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        "frontalis_medial": {"browInnerUp": 1.0},
        "frontalis_lateral": {"browOuterUp": 1.0},
        "corrugator": {"browDown": 0.8},
        "procerus": {"browDown": 0.3},
        "orbicularis_oculi_palpebral": {"eyeBlink": 1.0 / FULL_CLOSURE},
        "orbicularis_oculi_orbital": {"eyeSquint": 0.7, "cheekSquint": 0.7, "browDown": 0.2},
        "zygomaticus_major": {"mouthSmile": 1.0, "cheekSquint": 0.2},
        "zygomaticus_minor": {"mouthUpperUp": 0.3},
        "levator_labii_superioris": {"mouthUpperUp": 0.8},
        "levator_labii_alaeque_nasi": {"noseSneer": 1.0, "mouthUpperUp": 0.2},
        "levator_anguli_oris": {"mouthSmile": 0.3},
        "risorius": {"mouthStretch": 0.5},
        "buccinator": {"mouthDimple": 0.8},
        "orbicularis_oris_upper": {"mouthPucker": 0.5},
        "orbicularis_oris_lower": {"mouthPucker": 0.5},
        "depressor_anguli_oris": {"mouthFrown": 1.0},
        "depressor_labii_inferioris": {"mouthLowerDown": 1.0},
        "mentalis": {"mouthShrugLower": 0.7},
        "platysma": {"mouthStretch": 0.3},
        "jaw": {"jawOpen": 0.8},
        "air": {"cheekPuff": 1.0},
    }
)
"""Weight of each expression at full contraction of a muscle.

After the muscles that the action units name (Ekman and Friesen 1978) and ICT-FaceKit's own table
from action units to its expressions.
"""

_SLACK: Final[Mapping[Branch, Mapping[str, float]]] = MappingProxyType(
    {
        Branch.TEMPORAL: {"browDown": 0.5},
        Branch.ZYGOMATIC: {"eyeWide": 0.35},
        Branch.BUCCAL: {"mouthSmile": -0.15},
        Branch.MARGINAL_MANDIBULAR: {"mouthFrown": 0.4},
    }
)
"""What a slack muscle group looks like at rest: the brow sinks, the lids gape, the corner drops."""


def expression_weights(
    contractions: Contractions, lesion: Lesion | None = None
) -> dict[Side, dict[str, float]]:
    """Return the weight of each of the head's expressions on each side.

    Args:
        contractions: What the muscles do, as `facialis.simulation.palsy.acted` gives it.
        lesion: Whose loss of tone shows; None for none.

    Raises:
        InputError: There is no such muscle.
    """
    weights: dict[Side, dict[str, float]] = {side: {} for side in Side}
    for side, of_side in contractions.items():
        for muscle, contraction in of_side.items():
            if muscle not in EXPRESSIONS_OF_MUSCLES:
                known = ", ".join(EXPRESSIONS_OF_MUSCLES)
                raise InputError(muscle, "moves nothing of the head", f"use one of {known}")
            _add(weights[side], EXPRESSIONS_OF_MUSCLES[muscle], contraction)
    if lesion is not None:
        for branch, shown in _SLACK.items():
            _add(weights[lesion.side], shown, lesion.slackness(branch))
    # One jaw: both sides open alike.
    jaw = sum(weights[side].get("jawOpen", 0.0) for side in Side) / len(Side)
    for side in Side:
        weights[side] = {name: min(1.0, weight) for name, weight in weights[side].items()}
        if jaw > 0:
            weights[side]["jawOpen"] = min(1.0, jaw)
    return weights


def _add(weights: dict[str, float], shown: Mapping[str, float], share: float) -> None:
    for name, weight in shown.items():
        weights[name] = weights.get(name, 0.0) + share * weight

"""A lesion of one facial nerve: what it weakens, slackens and couples.

Truth about it (grade, Sunnybrook, intensities) is in `facialis.simulation.scoring`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Branch, Movement, Region, Side
from facialis.face.mesh import (
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    MIRROR,
    NOSE_TIP,
    RIGHT_BROW_LOWER,
    RIGHT_BROW_UPPER,
    RIGHT_COMMISSURE,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    SUBNASALE,
    TEMPLATE,
)
from facialis.simulation.lesion import (
    COUPLED,
    Coupling,
    Form,
    Lesion,
    standard_lesion,
)
from facialis.simulation.lesion_draws import drawn_lesion
from facialis.simulation.movements import MOVEMENTS
from facialis.simulation.muscles import (
    AIR,
    MUSCLES,
    Contractions,
    Crease,
    lip_strip,
)
from facialis.simulation.skin import (
    RIGHT_LOWER_FOLD,
    RIGHT_UPPER_FOLD,
    around,
    give,
    half,
    mirrored_field,
)
from facialis.simulation.sphincters import FULL_CLOSURE

__all__ = [
    "Coupling",
    "Form",
    "Lesion",
    "acted",
    "crease_tone",
    "drawn_lesion",
    "remaining",
    "slackened",
    "standard_lesion",
    "territories",
]

Points = NDArray[np.float64]

DRIVEN_BY: Final[Mapping[Region, tuple[str, ...]]] = {
    Region.BROW: ("frontalis_medial", "corrugator"),
    Region.EYE: ("orbicularis_oculi_palpebral",),
    Region.MOUTH: ("zygomaticus_major", "orbicularis_oris_upper", "levator_labii_superioris"),
}
"""The muscles whose drive excites the couplings of a region."""

_OVERPULL: Final = 0.08
_LEAK: Final = 0.6
_LID: Final = "orbicularis_oculi_palpebral"
_LID_FALLS: Final = 0.35


def acted(
    movement: Movement, effort: float | Mapping[Side, float], lesion: Lesion | None
) -> Contractions:
    """Return what the muscles do when a person with a lesion attempts a movement.

    A weak branch moves its muscles by what is left of it; couplings add what nobody asked for; the
    healthy side, unopposed, moves a little further. Breath held in the cheeks leaks through lips
    that do not seal.

    Args:
        movement: What the person is asked to do.
        effort: 0 to 1, of both sides or per side.
        lesion: None for a healthy person.
    """
    efforts = effort if isinstance(effort, Mapping) else dict.fromkeys(Side, effort)
    drive = {
        side: {m: c * efforts.get(side, 0.0) for m, c in MOVEMENTS[movement].items()}
        for side in Side
    }
    if lesion is None:
        return drive
    meant = drive[lesion.side]
    weak = {m: c * _left_of(m, lesion) for m, c in meant.items()}
    if movement.closes_the_eyes:
        weak[_LID] = _lid_let_fall(weak[_LID], efforts.get(lesion.side, 0.0))
    for coupling in lesion.couplings:
        source = max((meant.get(m, 0.0) for m in DRIVEN_BY[coupling.source]), default=0.0)
        if coupling.source is Region.EYE:
            source = min(1.0, 2 * source)
        added = coupling.strength * COUPLED[coupling.target] * source
        if added > 0:
            weak[coupling.target] = max(weak.get(coupling.target, 0.0), added)
    strong = {
        m: min(1.0, c * (1 + _OVERPULL * (1 - _left_of(m, lesion))))
        for m, c in drive[lesion.side.opposite].items()
    }
    if AIR in meant:
        held = 1 - _LEAK * lesion.weakness_of(Branch.BUCCAL)
        weak[AIR], strong[AIR] = held * weak[AIR], held * strong[AIR]
    return {lesion.side: weak, lesion.side.opposite: strong}


def _lid_let_fall(contraction: float, effort: float) -> float:
    """Return the contraction that closes an eye as far as it closes when its levator lets go.

    The levator of the lid is not of the facial nerve: it relaxes whatever the lesion, and the lid
    falls by a part of the way.
    """
    shut = min(1.0, contraction / FULL_CLOSURE)
    return contraction + FULL_CLOSURE * _LID_FALLS * effort * (1 - shut)


def _left_of(muscle: str, lesion: Lesion) -> float:
    found = MUSCLES.get(muscle)
    return 1.0 if found is None else 1 - lesion.weakness_of(found.branch)


# Displacements (lateral, down, back) of a whole loss of tone, interocular units of about 90 mm.
_SLACK: Final[tuple[tuple[Branch, tuple[int, ...], float, tuple[float, float, float]], ...]] = (
    (Branch.TEMPORAL, RIGHT_BROW_UPPER + RIGHT_BROW_LOWER, 0.11, (0.0, 0.07, 0.0)),
    (Branch.ZYGOMATIC, (118, 119, 101, 50), 0.12, (0.0, 0.02, 0.0)),
    (Branch.BUCCAL, (RIGHT_COMMISSURE, 57), 0.18, (-0.115, 0.036, -0.01)),
    (Branch.BUCCAL, (205, 206, 207, 216), 0.15, (-0.01, 0.035, 0.0)),
    (Branch.MARGINAL_MANDIBULAR, (91, 106, 181), 0.12, (0.0, 0.015, 0.0)),
)
_STRIP_SHIFT: Final = 0.04
_NOSE_SHIFT: Final = 0.018
_LID_RETRACTION: Final = 0.012
_LOWER_LID_SAG: Final = 0.024
_FOLD_FOLLOWS: Final = 0.6

# Displacements of a whole contracture.
_SHORT: Final[tuple[tuple[tuple[int, ...], float, tuple[float, float, float]], ...]] = (
    ((RIGHT_COMMISSURE, 57), 0.16, (0.02, -0.04, 0.01)),
    ((205, 206, 207, 216), 0.14, (0.01, -0.03, 0.0)),
    (RIGHT_BROW_UPPER + RIGHT_BROW_LOWER, 0.11, (0.0, 0.02, 0.0)),
)
_UPPER_LID_LOWERED: Final = 0.024
_LOWER_LID_RAISED: Final = 0.014
_LEAST_OPENING: Final = 0.35


def slackened(face: Points, lesion: Lesion) -> Points:
    """Return the face at rest: what hangs, what the healthy side draws over, what has shortened.

    Args:
        face: (478, 3) frontal frame, interocular units.
        lesion: What is slack, and what contracted.
    """
    way = np.zeros_like(face)
    for branch, points, reach, move in _SLACK:
        way += lesion.slackness(branch) * _pulled(points, reach, move)
    for points, reach, move in _SHORT:
        way += lesion.contracture * _pulled(points, reach, move)
    eye = lesion.slackness(Branch.ZYGOMATIC)
    way += eye * _lids(-_LID_RETRACTION, _LOWER_LID_SAG)
    way += lesion.contracture * _lids(_UPPER_LID_LOWERED, -_LOWER_LID_RAISED)
    towards = lesion.slackness(Branch.BUCCAL) - 0.3 * lesion.contracture
    nose = around((NOSE_TIP, SUBNASALE), 0.14)
    way[:, 0] += towards * (_STRIP_SHIFT * lip_strip() + _NOSE_SHIFT * nose)
    if lesion.side is Side.LEFT:
        way = mirrored_field(way)
    return _lids_apart(face, face + way)


def _pulled(points: tuple[int, ...], reach: float, move: tuple[float, float, float]) -> Points:
    """Field (478, 3) of the right half: `move` is lateral, down, back."""
    weight = around(points, reach) * half(Side.RIGHT, 0.2) * give()
    return np.asarray(weight[:, None] * np.array(move) * [-1, 1, 1])


@lru_cache(maxsize=8)
def _lids(upper: float, lower: float) -> Points:
    """Field (478, 3) that moves the lids of the right eye down by so much at their middle."""
    way = np.zeros_like(TEMPLATE)
    bow = np.sin(np.linspace(0, np.pi, len(RIGHT_UPPER_LID))) ** 0.7
    for lid, fold, move in (
        (RIGHT_UPPER_LID, RIGHT_UPPER_FOLD, upper),
        (RIGHT_LOWER_LID, RIGHT_LOWER_FOLD, lower),
    ):
        way[list(lid), 1] = move * bow
        way[list(fold), 1] = _FOLD_FOLLOWS * move * bow
    return way


def _lids_apart(before: Points, after: Points) -> Points:
    """Keep a part of the opening of each eye, however narrow the contracture makes it."""
    moved = after.copy()
    for upper, lower in (
        (RIGHT_UPPER_LID, RIGHT_LOWER_LID),
        (LEFT_UPPER_LID, LEFT_LOWER_LID),
    ):
        u, w = list(upper[1:-1]), list(lower[1:-1])
        least = _LEAST_OPENING * (before[w, 1] - before[u, 1])
        lacking = np.maximum(0.0, least - (moved[w, 1] - moved[u, 1]))
        moved[u, 1] -= lacking / 2
        moved[w, 1] += lacking / 2
    return moved


def crease_tone(lesion: Lesion) -> dict[tuple[Side, Crease], float]:
    """Return how much flatter (to -1, absent) or deeper (to 1) lines of the affected side rest."""
    temporal, buccal = lesion.slackness(Branch.TEMPORAL), lesion.slackness(Branch.BUCCAL)
    side, short = lesion.side, lesion.contracture
    return {
        (side, Crease.FOREHEAD_LINES): -temporal,
        (side, Crease.FROWN_LINES): -temporal,
        (side, Crease.CROWS_FEET): -lesion.slackness(Branch.ZYGOMATIC) + 0.2 * short,
        (side, Crease.NASOLABIAL_FOLD): float(np.clip(0.6 * short - buccal, -1, 1)),
        (side, Crease.CHIN_DIMPLES): -lesion.slackness(Branch.MARGINAL_MANDIBULAR) + 0.3 * short,
    }


_CROSSING: Final = 0.1


@lru_cache(maxsize=1)
def territories() -> Mapping[Branch, Points]:
    """Return the share (478,) of each branch in moving the skin of a half; shares sum to 1."""
    reached = {b: np.full(len(TEMPLATE), 1e-9) for b in Branch}
    for muscle in MUSCLES.values():
        strength = muscle.excursion * around(muscle.insertion, 1.6 * muscle.reach)
        reached[muscle.branch] = np.maximum(
            reached[muscle.branch], np.maximum(strength, strength[MIRROR])
        )
    total = sum(r**2 for r in reached.values())
    return {b: r**2 / total for b, r in reached.items()}


def remaining(lesion: Lesion | None) -> Points:
    """Return the share (478,) of voluntary movement that each point has left.

    1 on the healthy half; on the affected half 1 less the weakness of the branches that move the
    place; smooth across the midline.
    """
    if lesion is None:
        return np.ones(len(TEMPLATE))
    weak = sum(lesion.weakness_of(b) * share for b, share in territories().items())
    return np.asarray(1 - weak * half(lesion.side, _CROSSING))

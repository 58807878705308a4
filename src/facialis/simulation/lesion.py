"""What a lesion of one facial nerve is, and the standard ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from facialis.clinical.anatomy import Branch, Region, Side
from facialis.errors import InputError

COUPLED: Final[Mapping[str, float]] = {
    "orbicularis_oculi_palpebral": 0.32,
    "orbicularis_oculi_orbital": 0.35,
    "zygomaticus_major": 0.4,
    "mentalis": 0.9,
    "platysma": 1.0,
    "frontalis_lateral": 0.35,
}
"""Muscles that synkinesis moves, and their contraction by the strongest coupling."""


@dataclass(frozen=True, slots=True)
class Coupling:
    """Regrown fibres: moving one region also contracts a muscle elsewhere (synkinesis).

    Attributes:
        source: The region that the patient means to move.
        target: The muscle that comes along; one of `COUPLED`.
        strength: 0 to 1.
    """

    source: Region
    target: str
    strength: float

    def __post_init__(self) -> None:
        """Check the muscle and the strength."""
        if self.target not in COUPLED:
            raise InputError(
                f"coupling to {self.target}", "is not known", f"use one of {', '.join(COUPLED)}"
            )
        _check_share(self.strength, f"coupling to {self.target}")


@dataclass(frozen=True, slots=True)
class Lesion:
    """A lesion of the facial nerve of one side.

    Attributes:
        side: The affected side, the patient's own.
        weakness: For each branch 0 (healthy) to 1 (no movement); a missing branch is healthy.
        tone_loss: How slack the weak muscles are at rest, 0 to 1.
        couplings: Synkinesis.
        central: Whether it lies above the nucleus, which spares the forehead.
        contracture: How short the muscles have become at rest after regrowth, 0 to 1: a narrower
            fissure, a deeper fold, a higher commissure.

    Raises:
        InputError: A number is outside 0 to 1.
    """

    side: Side
    weakness: Mapping[Branch, float]
    tone_loss: float = 0.0
    couplings: tuple[Coupling, ...] = ()
    central: bool = False
    contracture: float = 0.0

    def __post_init__(self) -> None:
        """Check that every number is a share."""
        for branch, value in self.weakness.items():
            _check_share(value, f"weakness of the {branch} branch")
        _check_share(self.tone_loss, "tone loss")
        _check_share(self.contracture, "contracture")

    def weakness_of(self, branch: Branch) -> float:
        """Return the weakness of a branch, 0 to 1."""
        return self.weakness.get(branch, 0.0)

    def slackness(self, branch: Branch) -> float:
        """Return how slack the muscles of a branch are at rest, 0 to 1."""
        return self.tone_loss * self.weakness_of(branch)

    @property
    def mirrored(self) -> Lesion:
        """The same lesion of the other side."""
        return Lesion(
            self.side.opposite,
            self.weakness,
            self.tone_loss,
            self.couplings,
            self.central,
            self.contracture,
        )


def _check_share(value: float, what: str) -> None:
    if not 0 <= value <= 1:
        raise InputError(what, f"is {value}", "give a number from 0 to 1")


class Form(StrEnum):
    """The two faces of a lesion."""

    FLACCID = "flaccid"
    """Fresh or not regrown: weak and slack."""
    SYNKINETIC = "synkinetic"
    """Regrown astray: weak, shortened, and moving together what should move apart."""


@dataclass(frozen=True, slots=True)
class _Standard:
    """A grade's weakness of forehead, eye, mouth and lower lip, tone loss and synkinesis."""

    weakness: tuple[float, float, float, float]
    tone_loss: float
    synkinesis: float
    contracture: float


_STANDARD: Final = {
    2: _Standard((0.2, 0.15, 0.18, 0.18), 0.5, 0.2, 0.1),
    3: _Standard((0.5, 0.4, 0.42, 0.42), 0.55, 0.45, 0.2),
    4: _Standard((1.0, 0.58, 0.62, 0.62), 0.4, 0.75, 0.27),
    5: _Standard((1.0, 0.88, 0.85, 0.85), 0.7, 0.2, 0.5),
    6: _Standard((1.0, 1.0, 1.0, 1.0), 0.85, 0.0, 0.8),
}
_GRADES: Final = range(1, 7)
_CENTRAL_FOREHEAD: Final = 0.1
_CENTRAL_EYE: Final = 0.4


def couplings(strength: float) -> tuple[Coupling, ...]:
    """Return the couplings of a regrown nerve: ocular, midfacial, mentalis and platysma."""
    if strength <= 0:
        return ()
    return (
        Coupling(Region.MOUTH, "orbicularis_oculi_palpebral", strength),
        Coupling(Region.MOUTH, "orbicularis_oculi_orbital", 0.8 * strength),
        Coupling(Region.EYE, "zygomaticus_major", 0.9 * strength),
        Coupling(Region.BROW, "zygomaticus_major", 0.5 * strength),
        Coupling(Region.BROW, "orbicularis_oculi_palpebral", 0.6 * strength),
        Coupling(Region.MOUTH, "mentalis", 0.7 * strength),
        Coupling(Region.EYE, "mentalis", 0.5 * strength),
        Coupling(Region.MOUTH, "platysma", 0.8 * strength),
    )


def standard_lesion(
    grade: int, side: Side, form: Form = Form.FLACCID, *, central: bool = False
) -> Lesion:
    """Return the lesion that stands for a House-Brackmann grade.

    A central lesion spares the forehead and most of the eye, so that it looks milder than the
    grade of the peripheral lesion with the same weakness of the mouth.

    Args:
        grade: 1 (normal, no weakness) to 6 (total).
        side: The affected side, the patient's own.
        form: Slack, or regrown with synkinesis. Total palsy has none, only contracture.
        central: Above the nucleus: the forehead moves.

    Raises:
        InputError: There is no such grade.
    """
    if grade not in _GRADES:
        raise InputError(f"grade {grade}", "is no House-Brackmann grade", "give 1 to 6")
    if grade == 1:
        return Lesion(side, dict.fromkeys(Branch, 0.0))
    standard = _STANDARD[grade]
    lesion = lesion_of(side, standard.weakness, tone_loss=standard.tone_loss)
    if form is Form.SYNKINETIC:
        lesion = replace(
            lesion,
            tone_loss=0.0,
            couplings=couplings(standard.synkinesis),
            contracture=standard.contracture,
        )
    return sparing_the_forehead(lesion) if central else lesion


def lesion_of(
    side: Side, weakness: tuple[float, float, float, float], *, tone_loss: float
) -> Lesion:
    """Return a lesion from the weakness of forehead, eye, mouth and lower lip."""
    forehead, eye, mouth, lower_lip = weakness
    return Lesion(
        side,
        {
            Branch.TEMPORAL: forehead,
            Branch.ZYGOMATIC: eye,
            Branch.BUCCAL: mouth,
            Branch.MARGINAL_MANDIBULAR: lower_lip,
            Branch.CERVICAL: lower_lip,
        },
        tone_loss,
    )


def sparing_the_forehead(lesion: Lesion) -> Lesion:
    """Return the central counterpart: both hemispheres drive the forehead, and partly the lids."""
    weakness = dict(lesion.weakness)
    weakness[Branch.TEMPORAL] = _CENTRAL_FOREHEAD * lesion.weakness_of(Branch.TEMPORAL)
    weakness[Branch.ZYGOMATIC] = _CENTRAL_EYE * lesion.weakness_of(Branch.ZYGOMATIC)
    return replace(lesion, weakness=weakness, central=True)

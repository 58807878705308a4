"""Lesions as they vary among patients of one grade."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from facialis.clinical.anatomy import Side
from facialis.errors import InputError
from facialis.simulation.lesion import (
    Form,
    Lesion,
    couplings,
    lesion_of,
    sparing_the_forehead,
    standard_lesion,
)
from facialis.simulation.scoring import house_brackmann

_SYNKINETIC_SHARE: Final = 1 / 3
_CENTRAL_SHARE: Final = 0.1
_CENTRAL_MOUTH: Final = {2: (0.2, 0.55), 3: (0.6, 1.0)}
"""Weakness of the mouth in central lesions, by the grades that a spared forehead allows."""
_COMMON_SPREAD: Final = 0.1
_BRANCH_SPREAD: Final = 0.07
_UNSEEN: Final = 0.04
_AS_STRONG: Final = (0.65, 1.3)
_TOTAL: Final = 6
_TRIES: Final = 1000


def drawn_lesion(
    rng: np.random.Generator, *, grade: int | None = None, side: Side | None = None
) -> Lesion:
    """Draw a lesion whose branches differ, as they do among patients.

    One in three is synkinetic, one in ten central (of grades that a central lesion can have).

    Args:
        rng: Where chance comes from.
        grade: House-Brackmann grade, 1 to 6; each as likely if not given.
        side: The affected side; either if not given.

    Raises:
        InputError: There is no such grade.
    """
    grade = int(rng.integers(1, 7)) if grade is None else grade
    side = (Side.RIGHT, Side.LEFT)[int(rng.integers(2))] if side is None else side
    if grade == 1:
        return standard_lesion(grade, side)
    form = Form.SYNKINETIC if rng.random() < _SYNKINETIC_SHARE else Form.FLACCID
    central = bool(rng.random() < _CENTRAL_SHARE) and grade in _CENTRAL_MOUTH
    for _ in range(_TRIES):
        lesion = _central(rng, grade, side, form) if central else _near(rng, grade, side, form)
        if house_brackmann(lesion) == grade:
            return lesion
    raise InputError(f"grade {grade}", "could not be drawn", "give 1 to 6")


def _near(rng: np.random.Generator, grade: int, side: Side, form: Form) -> Lesion:
    """Vary the standard lesion: all branches together, and each for itself."""
    standard = standard_lesion(grade, side, form)
    if grade == _TOTAL:
        weakness = {b: float(1 - rng.uniform(0, _UNSEEN)) for b in standard.weakness}
    else:
        common = rng.uniform(-_COMMON_SPREAD, _COMMON_SPREAD)
        weakness = {
            b: float(np.clip(w + common + rng.normal(0, _BRANCH_SPREAD), 0, 1))
            for b, w in standard.weakness.items()
        }
    return _with_rest(rng, replace(standard, weakness=weakness))


def _central(rng: np.random.Generator, grade: int, side: Side, form: Form) -> Lesion:
    standard = standard_lesion(grade, side, form)
    mouth, lower_lip = rng.uniform(*_CENTRAL_MOUTH[grade], size=2)
    weakness = lesion_of(side, (mouth, mouth, mouth, lower_lip), tone_loss=0.0).weakness
    return sparing_the_forehead(_with_rest(rng, replace(standard, weakness=weakness)))


def _with_rest(rng: np.random.Generator, lesion: Lesion) -> Lesion:
    """Vary what does not follow from the weakness: tone, contracture, couplings."""
    tone, contracture, regrown = rng.uniform(*_AS_STRONG, size=3)
    strength = max((c.strength for c in lesion.couplings), default=0.0) * regrown
    each = [
        replace(c, strength=float(np.clip(c.strength * rng.uniform(*_AS_STRONG), 0, 1)))
        for c in couplings(min(1.0, strength))
    ]
    return replace(
        lesion,
        tone_loss=float(min(1.0, lesion.tone_loss * tone)),
        contracture=float(min(1.0, lesion.contracture * contracture)),
        couplings=tuple(each),
    )

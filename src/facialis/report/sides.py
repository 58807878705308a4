"""The affected side in words: as computed, as stated, and where the two differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from facialis.clinical.anatomy import AffectedSide
from facialis.grading.photograph import probability_text

PROBABILITY_LIMIT: Final = 0.5
"""Probability of palsy from which a face is beyond healthy ones."""
_SIDES: Final = (AffectedSide.RIGHT, AffectedSide.LEFT)
_LINES: Final = {
    AffectedSide.RIGHT: "RIGHT (the patient’s right)",
    AffectedSide.LEFT: "LEFT (the patient’s left)",
    AffectedSide.BOTH: "BOTH",
    AffectedSide.NONE: "none",
    AffectedSide.UNCERTAIN: "uncertain",
}


@dataclass(frozen=True, slots=True)
class SideWords:
    """What a report says of the affected side.

    Attributes:
        line: The side.
        detail: How it came about.
        conflict: A sentence if the stated and the computed side differ, or empty.
    """

    line: str
    detail: str
    conflict: str


def side_words(
    side: AffectedSide,
    computed: AffectedSide,
    confidence: float,
    stated: AffectedSide | None,
    *,
    source: str,
) -> SideWords:
    """Put the affected side into words.

    Args:
        side: The side that the report goes by.
        computed: As computed.
        confidence: Of the computed side, 0.5 to 1.
        stated: As stated by the clinician.
        source: What it was computed from, such as ``photograph``.
    """
    found = _computed(computed, confidence)
    detail = f"Computed from the {source}: {found}."
    if stated is None:
        return SideWords(_LINES[side], detail, "")
    return SideWords(
        f"{_LINES[side]}, as stated",
        f"Stated by the clinician: {stated.upper()}. {detail}",
        _conflict(stated, computed, found, source),
    )


def _computed(side: AffectedSide, confidence: float) -> str:
    if side in _SIDES:
        return f"{side.upper()} (confidence {probability_text(confidence)})"
    return side.value


def _conflict(stated: AffectedSide, computed: AffectedSide, found: str, source: str) -> str:
    if stated in (AffectedSide.BOTH, computed):
        return ""
    if stated in _SIDES and computed in _SIDES:
        return (
            f"The stated side and the computed side differ: stated {stated.upper()}, computed "
            f"{found}. Check that the {source} is not mirrored."
        )
    if computed is AffectedSide.NONE:
        return f"Stated: {stated.upper()}. The {source} itself shows no affected side."
    if stated is AffectedSide.NONE:
        shown = found if computed in _SIDES else "a palsy of an uncertain side"
        return f"No side is stated to be affected; the {source} itself shows {shown}. Look again."
    return f"Stated: {stated.upper()}. Computed from the {source}: {found}."

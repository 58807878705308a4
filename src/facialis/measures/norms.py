"""Deviations from healthy faces, as z-scores that know the head's pose."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NormComparison:
    """How one face compares with healthy faces.

    Attributes:
        name: Name of the norm table.
        sha256: Digest of the norm table.
        people: How many people it rests on.
        condition: The norm used: ``rest``, ``smile`` or ``any``; None if the movement has none.
        z: z-score of the signed asymmetry of each measure, positive when the patient's left side is
            the larger (or higher) one; empty if there is no norm for the movement.
        age_in_range: Whether the stated age lies within the norm's ages; None if no age was given.
        age_range: Youngest and oldest person in the norm, years.
        note: On whom and how the norm was made, in one sentence.
    """

    name: str
    sha256: str
    people: int
    condition: str | None
    z: dict[str, float]
    age_in_range: bool | None
    age_range: tuple[int, int]
    note: str

"""What is known of one muscle of facial expression."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from facialis.clinical.anatomy import Branch, Side

Contractions = Mapping[Side, Mapping[str, float]]
"""Contraction of each muscle of each side, 0 (slack) to 1 (full); what is missing is slack."""


class Kind(StrEnum):
    """How a muscle acts."""

    VECTOR = "vector"
    SPHINCTER = "sphincter"


class Lip(StrEnum):
    """Which lip a muscle draws."""

    UPPER = "upper"
    LOWER = "lower"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Muscle:
    """One half of a muscle.

    Attributes:
        name: As used in `Contractions`.
        latin: Name in the Terminologia Anatomica.
        branch: The branch of the facial nerve that moves it.
        kind: Vector or sphincter.
        origin: Points over the fixed end; for a sphincter, over the centre it draws to.
        insertion: Points of the skin that it draws.
        pull: Direction of the pull at the insertion: lateral, down, back. Any length. For a
            sphincter the share of each component of the way to its centre, forward as back < 0.
        reach: Distance along the skin at which its effect is 0.61, interocular units.
        excursion: Way of the insertion at full contraction, interocular units.
        crossing: How far beyond the midline it still draws, interocular units.
        far: Share of its pull that goes on 2.5 times as far: what draws the fat pad of the cheek.
        lip: The lip that it draws; the other is dragged along by the commissure, and less.
        note: What it does, and what it is known by.
    """

    name: str
    latin: str
    branch: Branch
    kind: Kind = Kind.VECTOR
    origin: tuple[int, ...]
    insertion: tuple[int, ...]
    pull: tuple[float, float, float]
    reach: float
    excursion: float
    crossing: float = 0.12
    far: float = 0.0
    lip: Lip = Lip.BOTH
    note: str

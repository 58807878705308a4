"""What a method says of one face, in its own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """What one method says.

    Attributes:
        palsy_probability: That the face shows palsy, 0 to 1.
        level_probability: Of the levels I, II and III of paper 003, which sum to 1.
        reasons: By how much each asymmetry raised the log odds of palsy: the log odds less what
            they would be if the two sides were alike in this one; the strongest first.
    """

    palsy_probability: float
    level_probability: Mapping[str, float]
    reasons: Mapping[str, float]

"""Whether there is a palsy, and on which side, from all movements together.

Each movement gives a piece of evidence in healthy standard deviations, positive if the left side is
the weak one: how much less the left side moves, how much less its eye closes, how much more its eye
narrows while the mouth moves, and on which side the single pictures saw the weakness. Healthy faces
are crooked this way in one movement and that way in another; a palsy is on the same side in all.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import AffectedSide, Movement, Region, Side
from facialis.grading.photograph import SURE_AT_MOST
from facialis.grading.signs import MOUTH_MOVEMENTS, closings, hidden_in
from facialis.measures.excursions import compared_way

if TYPE_CHECKING:
    from facialis.grading.photograph import Verdict
    from facialis.grading.rules import Rules
    from facialis.measures.moment import Moment

CALLED_FROM: Final = 0.5
"""Probability from which a palsy is called."""

_PICTURES: Final = "pictures"
"""Name of what the single pictures say, among the parts."""
_PROBABILITY_AT_MEDIAN: Final = 0.05
_LEAST_FOR_NARROWING: Final = 2
"""A blink narrows one eye sooner than the other; it does not do so in two pictures."""
_LARGEST_EXPONENT: Final = 700.0
_REGIONS: Final = (
    (Movement.BROW_RAISE,),
    (Movement.EYE_CLOSE_GENTLE,),
    (*MOUTH_MOVEMENTS, Movement.LOWER_TEETH),
)
_SIGNS: Final = {AffectedSide.LEFT: 1.0, AffectedSide.RIGHT: -1.0}


@dataclass(frozen=True, slots=True)
class Overall:
    """What all movements together say.

    Attributes:
        side: As computed.
        likelier: The side that is weaker, however little.
        side_confidence: Probability that `likelier` is right if there is a palsy, 0.5 to 0.99.
        palsy_probability: 0 to 1, prevalence one half.
        evidence: In healthy standard deviations, positive towards the left.
        parts: The pieces of evidence by name.
    """

    side: AffectedSide
    likelier: Side
    side_confidence: float
    palsy_probability: float
    evidence: float
    parts: Mapping[str, float]

    @property
    def is_told(self) -> bool:
        """Whether a movement could be measured, or a picture by itself calls a side.

        Otherwise nothing speaks for a palsy because nothing speaks at all.
        """
        return any(name != _PICTURES or value for name, value in self.parts.items())


def overall(
    moments: Mapping[Movement, Moment], verdicts: Mapping[Movement, Verdict], rules: Rules
) -> Overall:
    """Join the evidence of all movements.

    Args:
        moments: The face at rest and at the height of each movement; any of them may be missing.
        verdicts: What each picture by itself says.
        rules: How much healthy people vary.
    """
    side = rules.side
    parts = _parts(moments, verdicts, rules)
    joined = _joined(parts, rules)
    agreeing = (e for e in _of_regions(parts, rules) if e * joined > 0)
    evidence = max((joined, *agreeing), key=abs)
    probability = _probability(abs(evidence), rules)
    confidence = min(SURE_AT_MOST, _logistic(side.side_slope * abs(evidence)))
    likelier = Side.LEFT if evidence > 0 else Side.RIGHT
    computed = AffectedSide(likelier.value)
    if probability < CALLED_FROM:
        computed = AffectedSide.NONE
    elif confidence < side.side_certain_from:
        computed = AffectedSide.UNCERTAIN
    return Overall(computed, likelier, confidence, probability, evidence, parts)


def _joined(parts: Mapping[str, float], rules: Rules) -> float:
    """Return the evidence of all parts together, one of them counting only for so much."""
    side, count = rules.side, max(1, len(parts))
    total = sum(float(np.clip(z, -side.most_of_one, side.most_of_one)) for z in parts.values())
    return total / math.sqrt(side.unknown + count * (1 + (count - 1) * side.correlation))


def _of_regions(parts: Mapping[str, float], rules: Rules) -> Iterator[float]:
    """Yield what one region alone says: a palsy of one branch leaves the others as they are."""
    for movements in _REGIONS:
        found = [parts[m] for m in movements if m in parts]
        if found:
            yield float(np.mean(found)) * rules.side.limit / rules.side.one_region


def _probability(evidence: float, rules: Rules) -> float:
    """One half at the limit, one twentieth at the healthy median, as in a single photograph."""
    limit, median = rules.side.limit, rules.side.healthy_median
    slope = math.log(1 / _PROBABILITY_AT_MEDIAN - 1) / (limit - median)
    return _logistic(slope * (evidence - limit))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(min(_LARGEST_EXPONENT, -x)))


def _parts(
    moments: Mapping[Movement, Moment], verdicts: Mapping[Movement, Verdict], rules: Rules
) -> dict[str, float]:
    parts: dict[str, float] = {}
    rest = moments.get(Movement.REST)
    if rest is not None:
        for movement, moment in moments.items():
            value = _imbalance(rest, moment, rules)
            if value is not None:
                # A ratio of 1 - e is an imbalance of about e / 2.
                parts[movement] = value / (rules.response[movement].natural / 2)
        narrowed = _narrowing(rest, moments, rules)
        if narrowed is not None:
            parts["narrowing"] = narrowed
    if verdicts:
        pictures = [_picture(verdict) for verdict in verdicts.values()]
        parts[_PICTURES] = float(np.mean(pictures)) / rules.side.pictures
    return parts


def _imbalance(rest: Moment, moment: Moment, rules: Rules) -> float | None:
    """How much less the left side does, -1 to 1, below 0 if the right side does less; or None."""
    if moment.movement.closes_the_eyes:
        right, left = closings(rest, moment)
        if max(right, left) < rules.closure.healthy_closes:
            return None
        right, left = max(0.0, right), max(0.0, left)
        return (right - left) / (right + left)
    way = compared_way(rest, moment)
    return None if way is None else way.imbalance()


def _narrowing(rest: Moment, moments: Mapping[Movement, Moment], rules: Rules) -> float | None:
    """How much more the left eye narrows while the mouth moves, past what is mild.

    A little narrowing belongs to the smile and is less on a flaccid side; much is synkinesis.
    """
    shown = [moments[m] for m in MOUTH_MOVEMENTS if m in moments]
    seen = [each for each in shown if hidden_in(Region.EYE, rest, each) is None]
    gaps = [left - right for right, left in (closings(rest, each) for each in seen)]
    if len(gaps) < _LEAST_FOR_NARROWING:
        return None
    mean = float(np.mean(gaps))
    beyond = max(0.0, abs(mean) - rules.synkinesis.eye[0])
    return math.copysign(beyond, mean) / rules.side.narrowing if beyond else None


def _picture(verdict: Verdict) -> float:
    sign = _SIGNS.get(verdict.side_computed, 0.0)
    return sign * (2 * verdict.side_confidence - 1) * verdict.distance / verdict.threshold

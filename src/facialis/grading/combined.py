"""The methods beside the comparison with healthy faces, and what all of them say together.

The rule and its cut-offs were fitted on simulated palsy by ``facialis calibrate``; they are in
``data/combined.json`` with what was measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Literal

from pydantic import TypeAdapter

from facialis.methods import card
from facialis.methods.multimodal_fusion import answer as fusion

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from facialis.grading.photograph import Verdict

METHODS: Final = (fusion.NAME,)
"""Methods whose weights come with Facialis."""
_LEAST_PROBABILITY: Final = 1e-4
_NEAREST: Final = 0.05
_FARTHEST: Final = 20.0
_HALF: Final = 0.5

Conclusion = Literal["palsy", "no palsy", "uncertain"]


@dataclass(frozen=True, slots=True)
class MethodAnswer:
    """What one method says of a face.

    Attributes:
        title: The method in a few words.
        palsy_probability: 0 to 1; None if it did not answer.
        level_probability: Of the levels I (healthy), II and III of paper 003, which sum to 1.
        levels: The levels that cannot be ruled out at the stated coverage.
        reasons: By how much each asymmetry raised the log odds of palsy, the strongest first: the
            log odds less what they would be if the two sides were alike in this one.
        not_answered: Why it did not answer, or None.
    """

    title: str
    palsy_probability: float | None = None
    level_probability: dict[str, float] | None = None
    levels: tuple[str, ...] = ()
    reasons: dict[str, float] = field(default_factory=dict)
    not_answered: str | None = None


@dataclass(frozen=True, slots=True)
class Combined:
    """What the norms and the methods say together.

    Attributes:
        palsy_probability: 0 to 1, on the assumption that half of the people photographed have a
            palsy.
        conclusion: Palsy or no palsy if the other can be ruled out at the stated coverage,
            otherwise uncertain.
        agree: Whether the norms and every method that answered are on the same side of one half.
        coverage: Share of cases whose true answer the conclusion and the levels should not rule
            out.
        rule: How the probability was made, in words.
    """

    palsy_probability: float
    conclusion: Conclusion
    agree: bool
    coverage: float
    rule: str


@dataclass(frozen=True, slots=True)
class Cuts:
    """What a probability does not rule out at the stated coverage.

    Attributes:
        palsy_from: Least probability of nearly all palsies.
        healthy_to: Largest probability of nearly all healthy faces.
        level_from: Least probability that nearly all faces of a level get for it.
    """

    palsy_from: float
    healthy_to: float
    level_from: dict[str, float]

    def conclusion(self, probability: float) -> Conclusion:
        """Return what a probability of palsy does not rule out."""
        is_palsy, is_healthy = probability >= self.palsy_from, probability <= self.healthy_to
        if is_palsy == is_healthy:
            return "uncertain"
        return "palsy" if is_palsy else "no palsy"

    def levels(self, probability: Mapping[str, float]) -> tuple[str, ...]:
        """Return the levels that are not ruled out; at least the likeliest."""
        kept = tuple(name for name, p in probability.items() if p >= self.level_from[name])
        return kept or (max(probability, key=lambda name: probability[name]),)


@dataclass(frozen=True, slots=True)
class Rule:
    """The fitted rule.

    Attributes:
        data: What it was fitted on, in words.
        people: How many.
        pictures: How many.
        coverage: Of the cut-offs.
        intercept: Of the logistic rule, for as many palsies as healthy faces.
        fusion_weight: Of the log odds of the fusion of scores and asymmetry.
        distance_weight: Of the logarithm of the distance from healthy faces over its limit.
        photograph: Of the combined probability and the fusion's levels, of one photograph.
        examination: Of the fusion's means over the movements of an examination.
        measured: Scores on people that the rule was not fitted on, each with its interval.
    """

    data: str
    people: int
    pictures: int
    coverage: float
    intercept: float
    fusion_weight: float
    distance_weight: float
    photograph: Cuts
    examination: Cuts
    measured: dict[str, tuple[float, float, float]]

    def probability(self, fusion_probability: float, distance_over_limit: float) -> float:
        """Return the combined probability of palsy, 0 to 1.

        Args:
            fusion_probability: What the fusion answers, 0 to 1.
            distance_over_limit: Distance from healthy faces over the limit of the norms.
        """
        odds = self.intercept
        odds += self.fusion_weight * log_odds(fusion_probability)
        odds += self.distance_weight * log_distance(distance_over_limit)
        return 1 / (1 + math.exp(-odds))


def log_odds(probability: float) -> float:
    """Return the log odds of a probability that is kept from 0 and 1."""
    kept = min(max(probability, _LEAST_PROBABILITY), 1 - _LEAST_PROBABILITY)
    return math.log(kept / (1 - kept))


def log_distance(distance_over_limit: float) -> float:
    """Return the logarithm of a distance over its limit, between a twentieth and twenty."""
    return math.log(min(max(distance_over_limit, _NEAREST), _FARTHEST))


@lru_cache(maxsize=1)
def shipped_rule() -> Rule:
    """Return the rule that comes with Facialis."""
    text = files("facialis.grading").joinpath("data", "combined.json").read_bytes()
    return TypeAdapter(Rule).validate_json(text)


def answers(
    points: NDArray[np.float64], methods: tuple[str, ...], *, left_out: str = ""
) -> dict[str, MethodAnswer]:
    """Return what each of the methods says of a face.

    Args:
        points: (478, 3) landmarks, pixels.
        methods: Of `METHODS`.
        left_out: Why a part of the face cannot be judged; then no method answers.

    Raises:
        WeightsError: A network is missing or damaged.
    """
    found = {}
    for name in methods:
        title = card(name).title
        if left_out:
            found[name] = MethodAnswer(title, not_answered=left_out)
            continue
        said = fusion.answer(points)
        found[name] = MethodAnswer(
            title=title,
            palsy_probability=said.palsy_probability,
            level_probability=dict(said.level_probability),
            levels=shipped_rule().photograph.levels(said.level_probability),
            reasons=dict(said.reasons),
        )
    return found


def combine(verdict: Verdict, said: Mapping[str, MethodAnswer]) -> Combined | None:
    """Return what the norms and the methods say together; None if the fusion did not answer."""
    one = said.get(fusion.NAME)
    if one is None or one.palsy_probability is None:
        return None
    rule = shipped_rule()
    probability = rule.probability(one.palsy_probability, verdict.distance / verdict.threshold)
    beyond = {p >= _HALF for p in (verdict.palsy_probability, one.palsy_probability)}
    return Combined(
        palsy_probability=probability,
        conclusion=rule.photograph.conclusion(probability),
        agree=len(beyond) == 1,
        coverage=rule.coverage,
        rule=(
            f"A logistic rule of {fusion.NAME} and the distance from healthy faces, fitted on "
            f"{rule.data}: {rule.pictures:,} pictures of {rule.people} people. Not validated on "
            "patients."
        ),
    )

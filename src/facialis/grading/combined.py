"""What the comparison with healthy faces and the methods say together.

Two rules come with Facialis: one joins the fusion with the comparison, the other the grader as
well; each is fitted once for photographs whose movement was stated, which the fusion reads, and
once for others. They and their cut-offs were fitted on simulated palsy by ``facialis calibrate``;
they are in ``data/combined*.json`` with what was measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from pydantic import TypeAdapter

from facialis.grading.cuts import Conclusion, Cuts, Measured
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.methods.phcnn_lstm.answer import NAME as SEQUENCES
from facialis.regions.refinement import NAME as REFINEMENT
from facialis.weights.store import own_file

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from facialis.grading.method_answers import MethodAnswer
    from facialis.grading.photograph import Verdict

FUSION: Final = "multimodal_fusion-light"
"""The method that every rule joins with the norms."""
GRADER: Final = "fp_vggface-light"
"""The method that joins them where it answers."""
_FILES: Final = {
    ((FUSION,), True): "combined.json",
    ((FUSION, GRADER), True): "combined-with-grader.json",
    ((FUSION,), False): "combined-unstated.json",
    ((FUSION, GRADER), False): "combined-with-grader-unstated.json",
}
"""By what is joined, and whether the movement was stated."""
READ_BY: Final = {FUSION: (REFINEMENT,), SEQUENCES: (REFINEMENT,), TOGETHER: (REFINEMENT,)}
"""Other networks through which a method reads a face."""
_LEAST_PROBABILITY: Final = 1e-4
_NEAREST: Final = 0.05
_FARTHEST: Final = 20.0
_HALF: Final = 0.5


@dataclass(frozen=True, slots=True)
class Combined:
    """What the norms and the methods say together.

    Attributes:
        palsy_probability: 0 to 1, on the assumption that half of the people photographed have a
            palsy.
        conclusion: Palsy or no palsy if the other can be ruled out at the stated coverage,
            otherwise uncertain.
        agree: Whether the norms and every method that answered are on the same side of one half.
        coverage: Share of cases whose true answer the conclusion should not rule out.
        methods: Those that were joined with the norms.
        rule: How the probability was made, in words.
    """

    palsy_probability: float
    conclusion: Conclusion
    agree: bool
    coverage: float
    methods: tuple[str, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A fitted rule: logistic in log odds of methods and in the distance from healthy faces.

    All weigh alike.

    Attributes:
        methods: Those that are joined with the norms.
        data: What it was fitted on, in words.
        people: How many.
        pictures: How many.
        coverage: Of the cut-offs.
        palsy_share: Share of palsies among the pictures that the rule was fitted on, about that of
            what the fusion learned from, by paper 004's label, which its probability is of.
        lesion_share: Share of those with a lesion, levels II and III.
        intercept: Of the logistic rule, for as many palsies as healthy faces.
        weight: Of the log odds of each method, and of the logarithm of the distance from healthy
            faces over its limit.
        photograph: Of the combined probability and the fusion's grades, of one photograph; of its
            levels where it was not fitted on all six grades.
        measured: Scores on people that the rule was not fitted on, each with its interval.
    """

    methods: tuple[str, ...]
    data: str
    people: int
    pictures: int
    coverage: float
    palsy_share: float
    lesion_share: float
    intercept: float
    weight: float
    photograph: Cuts
    measured: dict[str, Measured]

    def probability(self, told: Collection[float], distance_over_limit: float) -> float:
        """Return the combined probability of palsy, 0 to 1.

        Args:
            told: What each method answers if half of the faces have a palsy, 0 to 1.
            distance_over_limit: Distance from healthy faces over the limit of the norms.
        """
        read = sum(map(log_odds, told)) + log_distance(distance_over_limit)
        return 1 / (1 + math.exp(-(self.intercept + self.weight * read)))


def log_odds(probability: float) -> float:
    """Return the log odds of a probability that is kept from 0 and 1."""
    kept = min(max(probability, _LEAST_PROBABILITY), 1 - _LEAST_PROBABILITY)
    return math.log(kept / (1 - kept))


def log_distance(distance_over_limit: float) -> float:
    """Return the logarithm of a distance over its limit, between a twentieth and twenty."""
    return math.log(min(max(distance_over_limit, _NEAREST), _FARTHEST))


@cache
def shipped_rule(methods: tuple[str, ...] = (FUSION,), *, stated: bool) -> Rule:
    """Return the rule that comes with Facialis and joins these methods with the norms.

    Args:
        methods: That answered.
        stated: Whether somebody said what movement the photograph shows.
    """
    text = files("facialis.grading").joinpath("data", _FILES[methods, stated]).read_bytes()
    return TypeAdapter(Rule).validate_json(text)


def is_own(method: str) -> bool:
    """Return whether a method answers by a network of the user's own.

    So is one that reads landmarks which a network of the user's own has refined.
    """
    return any(own_file(name) is not None for name in (method, *READ_BY.get(method, ())))


def combine(verdict: Verdict, said: Mapping[str, MethodAnswer], *, stated: bool) -> Combined | None:
    """Return what the norms and the methods say together.

    None if the fusion did not answer, or is a network of the user's own: the rules were fitted on
    the shipped ones. A grader of the user's own is left out.

    Args:
        verdict: Of the norms.
        said: By the methods.
        stated: Whether somebody said what movement the photograph shows.
    """
    shipped = [name for name in (FUSION, GRADER) if name in said and not is_own(name)]
    told = {name: said[name].palsy_probability for name in shipped}
    answered = {name: each for name, each in told.items() if each is not None}
    if FUSION not in answered:
        return None
    rule = shipped_rule(tuple(answered), stated=stated)
    probability = rule.probability(tuple(answered.values()), verdict.distance / verdict.threshold)
    all_told = (verdict.palsy_probability, *(each.palsy_probability for each in said.values()))
    return Combined(
        palsy_probability=probability,
        conclusion=rule.photograph.conclusion(probability),
        agree=len({p >= _HALF for p in all_told if p is not None}) == 1,
        coverage=rule.coverage,
        methods=rule.methods,
        rule=(
            f"A logistic rule of {', '.join(rule.methods)} and the distance from healthy faces, "
            f"fitted on simulated palsy ({rule.pictures:,} pictures of {rule.people} people, the "
            f"movement {'known' if stated else 'not known'}; “{rule.data}”). Not validated on "
            "patients."
        ),
    )

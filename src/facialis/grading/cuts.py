"""What a probability does not rule out at a stated coverage: split conformal cut-offs, by class.

Each class has its own cut-off, the least probability that the stated share of its faces get, so
that coverage does not depend on how many faces there are of each (Vovk 2013, label-conditional
conformal prediction). They were fitted by ``facialis calibrate``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from pydantic import TypeAdapter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Conclusion = Literal["palsy", "no palsy", "uncertain"]
Measured = tuple[float, float, float]
"""A score on people that nothing was fitted on, with the ends of its 95 % interval."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """What probabilities of palsy, and of the levels or grades, do not rule out.

    Attributes:
        palsy_from: Least probability of nearly all palsies.
        healthy_to: Largest probability of nearly all healthy people.
        least: By level or grade, the least probability that nearly all who have it get for it.
    """

    palsy_from: float
    healthy_to: float
    least: dict[str, float]

    def conclusion(self, probability: float) -> Conclusion:
        """Return what a probability of palsy does not rule out.

        Where health is ruled out and is still the likelier, nothing is concluded.
        """
        is_palsy, is_healthy = probability >= self.palsy_from, probability <= self.healthy_to
        if is_palsy == is_healthy or (is_palsy and probability < EVEN):
            return "uncertain"
        return "palsy" if is_palsy else "no palsy"

    def kept(self, probability: Mapping[str, float]) -> tuple[str, ...]:
        """Return the levels or grades that are not ruled out; at least the likeliest."""
        return not_ruled_out(probability, self.least)


@dataclass(frozen=True, slots=True)
class ClassCuts:
    """What probabilities of the six grades, or of the three levels, do not rule out.

    Attributes:
        data: What they were fitted on, in words.
        people: How many.
        examples: How many pictures, or sequences of frames.
        coverage: Share of the examples of a class for which it is not ruled out.
        palsy_share: Share of palsies in these data, about that which the network learned to expect.
        least: Least probability that nearly all examples of a class get for it.
        measured: Scores on people that neither network nor cut-offs have seen.
    """

    data: str
    people: int
    examples: int
    coverage: float
    palsy_share: float
    least: dict[str, float]
    measured: dict[str, Measured]

    def kept(self, probability: Mapping[str, float]) -> tuple[str, ...]:
        """Return the classes that are not ruled out; at least the likeliest."""
        return not_ruled_out(probability, self.least)


@dataclass(frozen=True, slots=True)
class ExaminationCuts:
    """What examinations do not rule out, by how many movements they have.

    Attributes:
        data: What they were fitted on, in words.
        people: How many.
        examinations: How many.
        coverage: Share of the examinations of a class for which it is not ruled out.
        palsy_share: Share of palsies in these data, about that which the network learned to expect.
        with_rest: Of 1, 2 … movements, one of which is rest.
        without_rest: Of 1, 2 … movements, none of which is.
        measured: Scores on people that neither network nor cut-offs have seen.
    """

    data: str
    people: int
    examinations: int
    coverage: float
    palsy_share: float
    with_rest: tuple[Cuts, ...]
    without_rest: tuple[Cuts, ...]
    measured: dict[str, Measured]

    def of(self, movements: int, *, has_rest: bool) -> Cuts:
        """Return the cut-offs of so many movements, or of the most there are cut-offs of."""
        fitted = self.with_rest if has_rest else self.without_rest
        return fitted[min(movements, len(fitted)) - 1]


def not_ruled_out(probability: Mapping[str, float], least: Mapping[str, float]) -> tuple[str, ...]:
    """Return the classes whose probability is no less than their cut-off, or the likeliest."""
    kept = tuple(name for name, p in probability.items() if p >= least[name])
    return kept or (max(probability, key=lambda name: probability[name]),)


EVEN: Final = 0.5
"""Share of palsies of which `even_odds` leaves probabilities as they are."""


def even_odds(probability: NDArray[np.floating[Any]], palsy_share: float) -> NDArray[np.float64]:
    """Return probabilities (..., k) as they would be if half of the faces had a palsy.

    Args:
        probability: The first class is health, all others are palsy.
        palsy_share: Of the faces that the network learned from, 0 to 1.
    """
    weighed = np.array(probability, np.float64)
    weighed[..., 0] *= palsy_share / (1 - palsy_share)
    return np.asarray(weighed / weighed.sum(axis=-1, keepdims=True))


@lru_cache(maxsize=4)
def shipped_cuts(method: str) -> ClassCuts:
    """Return the cut-offs that come with Facialis for a method that tells grades or levels."""
    return TypeAdapter(ClassCuts).validate_json(_table(method))


@lru_cache(maxsize=1)
def shipped_examination_cuts(method: str) -> ExaminationCuts:
    """Return the cut-offs that come with Facialis for a method that grades examinations."""
    return TypeAdapter(ExaminationCuts).validate_json(_table(method))


def _table(method: str) -> bytes:
    return files("facialis.grading").joinpath("data", f"{method}.json").read_bytes()

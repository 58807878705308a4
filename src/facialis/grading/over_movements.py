"""What a method says of an examination: of all its movements together, and over a video."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import levels_of_grades
from facialis.grading.combined import FUSION, is_own, shipped_rule
from facialis.grading.cuts import (
    EVEN,
    Conclusion,
    even_odds,
    shipped_examination_cuts,
)
from facialis.methods import card
from facialis.methods.multimodal_fusion import examination_answer as examination
from facialis.methods.multimodal_fusion.prepare import GRADES, LEVELS, levels_among

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from facialis.grading.method_answers import MethodAnswer

STEP: Final = 0.2
"""Seconds of a video that share an answer, unless it is too long."""
MOST_STEPS: Final = 600


@dataclass(frozen=True, slots=True)
class LevelCourse:
    """Level over the time of a video.

    Attributes:
        source: The video, as in the examination's sources.
        step: Seconds from one answer to the next; where no face could be measured there is none.
        seconds: Middle of each step that was answered.
        level_probability: For each level its probability at these times, the mean over the frames.
    """

    source: str
    step: float
    seconds: tuple[float, ...]
    level_probability: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class ExaminationAnswer:
    """What one method says of all movements together.

    Attributes:
        title: The method in a few words.
        movements: How many were answered, without rest, which is none.
        palsy_probability: 0 to 1; the mean over them, of methods that answer each by itself.
        level_probability: Of the levels I, II and III of paper 003; likewise a mean, or sums of
            `grade_probability`.
        over_time: One for each video.
        grade_probability: Of House-Brackmann I to VI, which sum to 1, of the method that answers
            all movements together; None of the others.
        conclusion: Palsy or no palsy if the other can be ruled out at the stated coverage; None
            of means, and of a network of the user's own, for which no cut-offs were fitted.
        levels: The levels of the grades that cannot be ruled out; none without a conclusion.
        grades: The grades that cannot be ruled out at the stated coverage; likewise.
        coverage: Share of simulated examinations of as many movements whose true answer each of
            conclusion and grades does not rule out; None without a conclusion.
    """

    title: str
    movements: int
    palsy_probability: float
    level_probability: dict[str, float]
    over_time: tuple[LevelCourse, ...] = ()
    grade_probability: dict[str, float] | None = None
    conclusion: Conclusion | None = None
    levels: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    coverage: float | None = None


def over_movements(
    name: str, answers: Mapping[Movement, MethodAnswer], over_time: tuple[LevelCourse, ...] = ()
) -> ExaminationAnswer | None:
    """Return the mean of what a method says of rest and each movement; None if it answered none.

    Args:
        name: The method's.
        answers: Its answer to each, by movement.
        over_time: Its course over each video.
    """
    given = {
        movement: (a.palsy_probability, a.level_probability)
        for movement, a in answers.items()
        if a.palsy_probability is not None and a.level_probability is not None
    }
    if not given:
        return None
    return ExaminationAnswer(
        title=card(name).title,
        movements=len(set(given) - {Movement.REST}),
        palsy_probability=float(np.mean([p for p, _ in given.values()])),
        level_probability={
            level: float(np.mean([each[level] for _, each in given.values()])) for level in LEVELS
        },
        over_time=over_time,
    )


def all_together(faces: Mapping[Movement, NDArray[np.float64]]) -> ExaminationAnswer | None:
    """Return what the method that reads all movements together says; None of rest alone.

    Args:
        faces: By movement, refined landmarks (478, 3) of a face that shows it, pixels.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    if set(faces) <= {Movement.REST}:
        return None
    name = examination.NAME
    fitted = None if is_own(name) else shipped_examination_cuts(name)
    share = EVEN if fitted is None else fitted.palsy_share
    even = even_odds(examination.answer(faces), share)
    palsy = float(1 - even[0])
    levels = dict(zip(LEVELS, levels_of_grades(even).tolist(), strict=True))
    grades = dict(zip(GRADES, even.tolist(), strict=True))
    answer = ExaminationAnswer(
        title=card(name).title,
        movements=len(set(faces) - {Movement.REST}),
        palsy_probability=palsy,
        level_probability=levels,
        grade_probability=grades,
    )
    if fitted is None:
        return answer
    cuts = fitted.of(len(faces), has_rest=Movement.REST in faces)
    kept = cuts.kept(grades)
    return replace(
        answer,
        conclusion=cuts.conclusion(palsy),
        levels=levels_among(kept),
        grades=kept,
        coverage=fitted.coverage,
    )


def level_course(
    source: str, seconds: NDArray[np.float64], levels: NDArray[np.floating[Any]]
) -> LevelCourse:
    """Return the level over the time of a video: the mean of the frames of each step.

    Args:
        source: The video's name.
        seconds: (n,) of the frames that were answered, in order; at least one.
        levels: (n, 3) probabilities of levels, with as many lesions as the network learned from.
    """
    step = max(STEP, float(np.ptp(seconds)) / MOST_STEPS)
    places = np.floor((seconds - seconds[0]) / step).astype(np.int64)
    share = EVEN if is_own(FUSION) else shipped_rule(stated=False).lesion_share
    taken, mean = _means(places, even_odds(levels, share))
    return LevelCourse(
        source=source,
        step=step,
        seconds=tuple((seconds[0] + (taken + 0.5) * step).tolist()),
        level_probability={
            level: tuple(mean[:, place].tolist()) for place, level in enumerate(LEVELS)
        },
    )


def _means(
    places: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the places that there are, and the mean of the values (n, k) at each."""
    taken, which, count = np.unique(places, return_inverse=True, return_counts=True)
    sums = np.zeros((len(taken), values.shape[1]))
    np.add.at(sums, which, values)
    return taken, sums / count[:, None]

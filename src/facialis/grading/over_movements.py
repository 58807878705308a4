"""What a method says of an examination: of all its movements together, and over a video."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.grading.combined import FUSION, shipped_rule
from facialis.grading.cuts import EVEN, Conclusion, even_odds
from facialis.methods import card
from facialis.methods.multimodal_fusion import answer as fusion
from facialis.methods.multimodal_fusion.prepare import LEVELS
from facialis.weights.store import own_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from facialis.grading.method_answers import MethodAnswer
    from facialis.measures.series import Series

STEP: Final = 0.2
"""Seconds of a video that share an answer, unless it is too long."""
MOST_STEPS: Final = 600
FEWEST_MOVEMENTS: Final = 6
"""With fewer, the cut-offs, which were fitted on twelve, cover less than they say."""


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
        movements: How many were answered.
        palsy_probability: Mean over them, 0 to 1.
        conclusion: Palsy or no palsy if the other can be ruled out at the stated coverage; None
            with fewer than `FEWEST_MOVEMENTS`, and of methods whose means have no cut-offs.
        level_probability: Mean over them, of the levels I, II and III of paper 003.
        levels: The levels that cannot be ruled out at the stated coverage; none without a
            conclusion.
        coverage: Share of simulated examinations of twelve movements whose true answer conclusion
            and levels do not rule out; None where nothing can be ruled out by cut-offs.
        over_time: One for each video.
    """

    title: str
    movements: int
    palsy_probability: float
    conclusion: Conclusion | None
    level_probability: dict[str, float]
    levels: tuple[str, ...]
    coverage: float | None
    over_time: tuple[LevelCourse, ...]


def over_movements(
    name: str, answers: Iterable[MethodAnswer], over_time: tuple[LevelCourse, ...] = ()
) -> ExaminationAnswer | None:
    """Return what a method says of all movements; None if it answered none.

    Args:
        name: The method's.
        answers: Its answer to each movement.
        over_time: Its course over each video.
    """
    given = [
        (a.palsy_probability, a.level_probability)
        for a in answers
        if a.palsy_probability is not None and a.level_probability is not None
    ]
    if not given:
        return None
    palsy = float(np.mean([p for p, _ in given]))
    levels = {level: float(np.mean([each[level] for _, each in given])) for level in LEVELS}
    rule = shipped_rule()
    is_fitted = name == FUSION and own_file(name) is None
    cuts = rule.examination if is_fitted and len(given) >= FEWEST_MOVEMENTS else None
    return ExaminationAnswer(
        title=card(name).title,
        movements=len(given),
        palsy_probability=palsy,
        conclusion=None if cuts is None else cuts.conclusion(palsy),
        level_probability=levels,
        levels=() if cuts is None else cuts.levels(levels),
        coverage=None if cuts is None else rule.coverage,
        over_time=over_time,
    )


def level_course(source: str, series: Series) -> LevelCourse | None:
    """Return the level over the time of a video; None if no frame can be measured.

    Args:
        source: The video's name.
        series: What was measured in it.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    used = series.usable & np.isfinite(series.asymmetry).all(axis=1)
    used &= np.isfinite(series.expressions).all(axis=1)
    if not used.any():
        return None
    _, levels = fusion.answers(series.asymmetry[used], series.expressions[used])
    seconds = series.seconds[used]
    step = max(STEP, float(np.ptp(series.seconds)) / MOST_STEPS)
    places = np.floor((seconds - series.seconds[0]) / step).astype(np.int64)
    share = EVEN if own_file(FUSION) is not None else shipped_rule().palsy_share
    taken, mean = _means(places, even_odds(levels, share))
    return LevelCourse(
        source=source,
        step=step,
        seconds=tuple((series.seconds[0] + (taken + 0.5) * step).tolist()),
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

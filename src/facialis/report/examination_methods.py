"""What the report of an examination says of the methods beside the scales."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from facialis.errors import counted
from facialis.grading.photograph import probability_text
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.report.examination_figures import Tick, ticks
from facialis.report.examination_words import file_name
from facialis.report.method_words import CONCLUSIONS, LEVELS_NOTE, either
from facialis.report.palette import ACCENT, ACCENT_LIGHT, POSSIBLE, Colour
from facialis.report.rows import decimals

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.grading.over_movements import ExaminationAnswer, LevelCourse
    from facialis.report.examination import Examination

METHODS_HEADING: Final = "Methods beside the scales"
LEVEL_COLOURS: Final[dict[str, Colour]] = {"I": POSSIBLE, "II": ACCENT_LIGHT, "III": ACCENT}
_LONGEST_GAP: Final = 1.5
"""Steps without an answer after which the figure has a gap."""
_FEWEST: Final = 2

Polygon = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Band:
    """The probability of one level over time.

    Attributes:
        label: The level.
        colour: Of its area.
        areas: Polygons (x, y), 0 to 1 from below, one for each stretch without a gap.
    """

    label: str
    colour: Colour
    areas: tuple[Polygon, ...]


@dataclass(frozen=True, slots=True)
class LevelFigure:
    """Probabilities of the levels over a video, piled up to 1.

    Attributes:
        title: What is drawn.
        times: Ticks of the time axis.
        bands: From below.
        text: The figure in a sentence, for those who cannot see it.
    """

    title: str
    times: tuple[Tick, ...]
    bands: tuple[Band, ...]
    text: str


@dataclass(frozen=True, slots=True)
class MethodsSection:
    """What the methods say.

    Attributes:
        answers: Pairs of name and text.
        notes: What must be known of them, as sentences.
        figures: One for each video.
    """

    answers: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    figures: tuple[LevelFigure, ...]


def methods_section(examination: Examination) -> MethodsSection | None:
    """Return what the methods say, or None if none answered."""
    answers = examination.methods
    if not answers:
        return None
    verdict = examination.verdict
    courses = [(name, course) for name, each in answers.items() for course in each.over_time]
    scales = (
        ()
        if verdict is None
        else (("scales", f"palsy {probability_text(verdict.palsy_probability)}"),)
    )
    return MethodsSection(
        answers=(*scales, *((name, _said(each)) for name, each in answers.items())),
        notes=(_note(answers),),
        figures=tuple(
            figure
            for name, course in courses
            for figure in (level_figure(name, course, _span(course.source, courses)),)
            if figure is not None
        ),
    )


def _note(answers: Mapping[str, ExaminationAnswer]) -> str:
    together = answers.get(TOGETHER)
    coverage = None if together is None else together.coverage
    sentences = []
    if together is not None:
        sentences.append(f"{TOGETHER} reads all movements together.")
    others = [answer for name, answer in answers.items() if name != TOGETHER]
    if others:
        tell = "The other methods tell" if together is not None else "The methods tell"
        moved = any(answer.movements for answer in others)
        what = "the mean over the movements" if moved else "what the face at rest shows"
        sentences.append(f"{tell} {what}. {LEVELS_NOTE}")
    sentences.append("Fitted on simulated palsy, not validated on patients.")
    if coverage is not None:
        sentences.append(
            f"Conclusion and grades each rule out the truth in about "
            f"{decimals(100 * (1 - coverage), 0)} in 100 examinations of the simulation that they "
            "were fitted on; in faces unlike those, in more."
        )
    return " ".join(sentences)


def _said(answer: ExaminationAnswer) -> str:
    where = f"in {counted(answer.movements, 'movement')}" if answer.movements else "at rest"
    palsy = f"palsy {probability_text(answer.palsy_probability)} {where}"
    if answer.grade_probability is None:
        return f"{palsy}; levels {_chances(answer.level_probability)}"
    grades = _chances(answer.grade_probability)
    if answer.conclusion is None:
        return f"{palsy}; grades, no cut-offs for this network ({grades})"
    return (
        f"{palsy}; conclusion: {CONCLUSIONS[answer.conclusion]}; grade "
        f"{either(answer.grades)} ({grades})"
    )


def _chances(probability: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {probability_text(p)}" for name, p in probability.items())


def _span(source: str, courses: list[tuple[str, LevelCourse]]) -> tuple[float, float]:
    """Return the first and the last second at which any method says something of a video."""
    seconds = [t for _, course in courses if course.source == source for t in course.seconds]
    return min(seconds, default=0.0), max(seconds, default=0.0)


def level_figure(method: str, course: LevelCourse, span: tuple[float, float]) -> LevelFigure | None:
    """Return the chart of a video's levels by a method, or None if there is nothing to draw.

    Args:
        method: Who says it.
        course: What it says over time.
        span: First and last second of the axis.
    """
    if len(course.seconds) < _FEWEST:
        return None
    begin, end = span
    across = [(t - begin) / (end - begin) for t in course.seconds]
    runs = _runs(course)
    below = [0.0] * len(across)
    bands = []
    for level, chances in course.level_probability.items():
        above = [low + p for low, p in zip(below, chances, strict=True)]
        areas = tuple(_area(across, below, above, run) for run in runs)
        bands.append(Band(level, LEVEL_COLOURS[level], areas))
        below = above
    return LevelFigure(
        title=f"{method}: level over time, {file_name(course.source)}",
        times=tuple(Tick((t - begin) / (end - begin), text) for t, text in ticks(begin, end, " s")),
        bands=tuple(bands),
        text=f"{method}: {_text(course)}",
    )


def _runs(course: LevelCourse) -> tuple[slice, ...]:
    """Return the stretches without a gap that are long enough to be seen."""
    gaps = [b - a > _LONGEST_GAP * course.step for a, b in pairwise(course.seconds)]
    cuts = [0, *(place for place, is_long in enumerate(gaps, start=1) if is_long)]
    ends = [*cuts[1:], len(course.seconds)]
    return tuple(slice(a, b) for a, b in zip(cuts, ends, strict=True) if b - a >= _FEWEST)


def _area(across: list[float], below: list[float], above: list[float], run: slice) -> Polygon:
    there = list(zip(across[run], above[run], strict=True))
    back = list(zip(across[run], below[run], strict=True))
    return (*there, *reversed(back))


def _text(course: LevelCourse) -> str:
    levels = list(course.level_probability)
    columns = list(zip(*course.level_probability.values(), strict=True))
    likeliest = [levels[max(range(len(levels)), key=row.__getitem__)] for row in columns]
    shares = ", ".join(
        f"{level} in {decimals(100 * likeliest.count(level) / len(likeliest), 0)} %"
        for level in levels
    )
    return f"level over time: the likeliest level is {shares} of the time that could be measured."

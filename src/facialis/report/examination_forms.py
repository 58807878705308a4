"""House-Brackmann and Sunnybrook as the forms that clinicians know, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from facialis.clinical.scales import HOUSE_BRACKMANN
from facialis.grading.house_brackmann import grade_of_points
from facialis.report.examination_words import DEGREES, reason, roman, roman_span, span
from facialis.report.method_words import either
from facialis.report.rows import NOTHING, decimals
from facialis.report.words import MOVEMENT_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.grading.examined import HouseBrackmann, Item, SunnybrookScore

SIGNS: Final = ("Forehead", "Eye", "Mouth", "Rest", "Synkinesis")
_CLOSES: Final = "complete, minimal effort"
_AT_MAXIMUM: Final = ("asymmetric at maximum", "asymmetric at maximum effort")
_AT_MOST_WEAK: Final = ("slightly weak at maximum", "slightly weak at maximum effort")
TABLE: Final[tuple[tuple[tuple[str, ...], ...], ...]] = (
    (("normal",), ("normal", _CLOSES), ("normal",), ("normal",), ("none",)),
    (("moderate to good",), (_CLOSES,), ("slight asymmetry",), ("normal",), ("slight",)),
    (
        ("slight to moderate",),
        ("complete with effort",),
        _AT_MOST_WEAK,
        ("normal",),
        ("noticeable",),
    ),
    (("none",), ("incomplete",), _AT_MAXIMUM, ("normal",), ("severe possible", "severe")),
    (
        ("none",),
        ("incomplete",),
        ("slight", "slight movement"),
        ("asymmetric",),
        ("usually absent", "none"),
    ),
    (
        ("none",),
        ("none",),
        ("none",),
        ("asymmetric, tone lost", "asymmetric"),
        ("none",),
    ),
)
"""Signs of the House-Brackmann grades, I first (House and Brackmann 1985).

A cell is what the table prints, and then the words of the rules that agree with it. The rules do
not tell an eye that does not move at all, as in VI, from an incomplete closure.
"""

RESTING: Final = "resting_"
VOLUNTARY: Final = "voluntary_"
SYNKINESIS: Final = "synkinesis_"
STRENGTHS: Final = ("no movement", "slight", "mild", "almost complete", "complete")
POINTS: Final = 8
_MOVEMENT_LABELS: Final = {movement.value: name for movement, name in MOVEMENT_NAMES.items()}


@dataclass(frozen=True, slots=True)
class SignCell:
    """A cell of the House-Brackmann table, and whether it applies."""

    text: str
    applies: bool


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A row of the House-Brackmann table.

    Attributes:
        grade: In Roman numerals.
        word: Its name.
        points: Points of 8.
        function: Function left.
        cells: The five signs.
        is_grade: Whether this is the grade given.
        is_possible: Whether it lies in the interval.
    """

    grade: str
    word: str
    points: str
    function: str
    cells: tuple[SignCell, ...]
    is_grade: bool
    is_possible: bool


@dataclass(frozen=True, slots=True)
class GradeTable:
    """House-Brackmann as its table.

    Attributes:
        rows: Grades I to VI.
        found: What was found of each sign, in the words of the rules.
        points: Points of 8, or None.
        points_text: The points and the grade that they mean.
        sentences: How the grade came about.
    """

    rows: tuple[GradeRow, ...]
    found: tuple[str, ...]
    points: int | None
    points_text: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a form.

    Attributes:
        value: The number in it.
        word: What it means.
        is_ticked: Whether it is the value given.
        is_possible: Whether the measures allow it.
    """

    value: int
    word: str
    is_ticked: bool
    is_possible: bool


@dataclass(frozen=True, slots=True)
class FormRow:
    """An item of a form: its boxes, or why it was not measured."""

    label: str
    boxes: tuple[Box, ...]
    not_measured: str


@dataclass(frozen=True, slots=True)
class SunnybrookForm:
    """The Sunnybrook form.

    Attributes:
        resting: Eye, cheek and mouth.
        voluntary: The five movements.
        synkinesis: The same.
        resting_text: The resting score and how it comes about.
        voluntary_text: The voluntary score.
        synkinesis_text: The synkinesis score.
        composite_text: The composite with its sum.
    """

    resting: tuple[FormRow, ...]
    voluntary: tuple[FormRow, ...]
    synkinesis: tuple[FormRow, ...]
    resting_text: str
    voluntary_text: str
    synkinesis_text: str
    composite_text: str


def word_of(item: Item) -> str:
    """Return an item's value in the words of the form, or an empty string."""
    if item.value is None or not item.choices:
        return ""
    place = round(item.value) - _first(item)
    return item.choices[place] if 0 <= place < len(item.choices) else ""


def grade_table(score: HouseBrackmann) -> GradeTable:
    """Return House-Brackmann as its table."""
    signs = [_sign(score.items, name) for name in SIGNS]
    found = tuple(_found(item) for item in signs)
    low, high = score.interval or (0, -1)
    rows = tuple(
        GradeRow(
            grade=roman(row.grade),
            word=row.word,
            points=span(*row.points),
            function=f"{row.function[0]}–{row.function[1]}"
            if row.function[0] != row.function[1]
            else str(row.function[0]),
            cells=tuple(
                SignCell(texts[0], word in texts)
                for texts, word in zip(TABLE[row.grade - 1], found, strict=True)
            ),
            is_grade=score.grade == row.grade,
            is_possible=low <= row.grade <= high,
        )
        for row in HOUSE_BRACKMANN
    )
    return GradeTable(rows, found, score.points, _points_text(score), _grade_sentences(score))


def sunnybrook_form(score: SunnybrookScore) -> SunnybrookForm:
    """Return the Sunnybrook form with its boxes ticked."""
    resting, voluntary, synkinesis = (
        tuple(_form_row(i, words) for i in score.items if i.name.startswith(prefix))
        for prefix, words in ((RESTING, ()), (VOLUNTARY, STRENGTHS), (SYNKINESIS, DEGREES))
    )
    parts = (score.voluntary, score.resting, score.synkinesis)
    shown = ["not measured" if part is None else decimals(part, 0) for part in parts]
    return SunnybrookForm(
        resting=resting,
        voluntary=voluntary,
        synkinesis=synkinesis,
        resting_text=f"Resting score, 5 × sum (0 to 20): {shown[1]}",
        voluntary_text=f"Voluntary score, 4 × sum (20 to 100): {shown[0]}",
        synkinesis_text=f"Synkinesis score, sum (0 to 15): {shown[2]}",
        composite_text=_composite_text(score, shown),
    )


def _composite_text(score: SunnybrookScore, shown: Sequence[str]) -> str:
    if score.composite is None:
        return "Composite not measured"
    between = "" if score.interval is None else f" ({span(*score.interval)})"
    return (
        f"Voluntary {shown[0]} − resting {shown[1]} − synkinesis {shown[2]} = composite "
        f"{decimals(score.composite, 0)}{between}"
    )


def _first(item: Item) -> int:
    """Return the lowest value of a form's item: movements count from 1, all else from 0."""
    return int(item.name.startswith(VOLUNTARY))


def _sign(items: Sequence[Item], name: str) -> Item | None:
    return next((i for i in items if i.name == name.lower()), None)


def _found(item: Item | None) -> str:
    if item is None or item.value is None:
        return NOTHING
    return word_of(item)


def _points_text(score: HouseBrackmann) -> str:
    if score.points is None:
        return "Measured method: not measured"
    grade = "" if score.measured is None else f": grade {roman(score.measured)}"
    if score.measured not in (None, grade_of_points(score.points)):
        grade += ", the most without an affected side"
    return f"Measured method: {score.points} of {POINTS} points{grade}"


def _grade_sentences(score: HouseBrackmann) -> tuple[str, ...]:
    lines = []
    if score.gross is not None:
        second = (
            ""
            if score.measured is None
            else "; the measured method, of brow and mouth alone, is a second reading"
        )
        lines.append(f"The grade given is {roman(score.gross)}, by the table of signs{second}.")
    if score.gross is not None and score.function_percent is not None:
        lines.append(
            "The mean function of forehead, eye and mouth is "
            f"{decimals(score.function_percent, 1)} %: {score.rule}. The bands in the table are "
            "the scale's own."
        )
    if score.interval is not None:
        lines.append(f"The measures allow {roman_span(*score.interval)}.")
    if score.conformal and score.coverage is not None:
        grades = either([roman(g) for g in score.conformal])
        lines.append(
            f"The mean function alone, without synkinesis, leaves open {grades} at "
            f"{decimals(100 * score.coverage, 0)} % coverage."
        )
    return tuple(lines)


def _form_row(item: Item, words: tuple[str, ...]) -> FormRow:
    label = _MOVEMENT_LABELS.get(item.name.partition("_")[2], item.label)
    if item.value is None:
        return FormRow(label, (), reason(item.not_measured))
    first, value = _first(item), round(item.value)
    low, high = item.interval or (value, value)
    return FormRow(
        label,
        tuple(
            Box(n, word, n == value, low <= n <= high)
            for n, word in enumerate(words or item.choices, start=first)
        ),
        "",
    )

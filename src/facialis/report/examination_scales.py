"""eFACE, synkinesis, and what every item of the scales rests on, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Region
from facialis.report.examination_forms import SYNKINESIS, word_of
from facialis.report.examination_words import DEGREES, MISSING, measures, number, reason, span
from facialis.report.rows import NOTHING, decimals
from facialis.report.words import MOVEMENT_NAMES, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable

    from facialis.clinical.anatomy import Movement
    from facialis.grading.examined import (
        Eface,
        HouseBrackmann,
        Item,
        SunnybrookScore,
        Synkinesis,
    )

_STATIC: Final = "static_"
_DYNAMIC: Final = "dynamic_"
_IN_WORDS: Final = ("forehead", "eye", "mouth", "rest", "synkinesis")
"""Items of House-Brackmann: their numbers are places in a list and would read as grades."""
_NO_RULE: Final = ("", "none")


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """An item on a scale.

    Attributes:
        label: What the form calls it.
        start: Where its bar begins, 0 to 1.
        end: Where it ends.
        at: The value, 0 to 1.
        low: Lowest value that the measures allow, 0 to 1.
        high: Highest.
        text: The value.
        not_measured: Why there is none, or empty.
    """

    label: str
    start: float
    end: float
    at: float
    low: float
    high: float
    text: str
    not_measured: str


@dataclass(frozen=True, slots=True)
class BarGroup:
    """Items of one kind, with what the ends of their scale mean."""

    title: str
    ends: tuple[str, str, str]
    bars: tuple[ScaleBar, ...]
    summary: str


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Whether a region that should be quiet moves along.

    Attributes:
        degree: 0 to 3; None if it was not measured or is meant to move.
        word: The degree in a word, or why there is none.
        amount: How far, as text.
    """

    degree: int | None
    word: str
    amount: str


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A movement of the synkinesis matrix, with a cell for brow, eye and mouth."""

    name: str
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What an item rests on.

    Attributes:
        label: What the form calls it.
        value: Its value, with the interval.
        inputs: The measures.
    """

    label: str
    value: str
    inputs: str


@dataclass(frozen=True, slots=True)
class ItemRun:
    """Items that follow one another and one rule; the rule is a sentence, or empty."""

    rule: str
    rows: tuple[ItemRow, ...]


@dataclass(frozen=True, slots=True)
class ItemGroup:
    """The items of a scale."""

    title: str
    runs: tuple[ItemRun, ...]


def eface_groups(score: Eface) -> tuple[BarGroup, ...]:
    """Return the eFACE-like items and those of auto-eFACE as bars."""
    static, dynamic, along = (
        tuple(i for i in score.items if i.name.startswith(prefix))
        for prefix in (_STATIC, _DYNAMIC, SYNKINESIS)
    )
    groups = (
        BarGroup(
            "Static",
            ("0", "100 balanced", "200"),
            tuple(_scale_bar(i, 200.0, 100.0) for i in static),
            _mean_of(static, "without direction", score.static),
        ),
        BarGroup(
            "Dynamic",
            ("0 none", "", "100 full"),
            tuple(_scale_bar(i, 100.0) for i in dynamic),
            _mean_of(dynamic, "", score.dynamic),
        ),
        BarGroup(
            "Synkinesis",
            ("0 severe", "", "100 none"),
            tuple(_scale_bar(i, 100.0) for i in along),
            _mean_of(along, "", score.synkinesis),
        ),
        BarGroup(
            "auto-eFACE, as published",
            ("0", "", "100"),
            tuple(_scale_bar(i, 100.0) for i in score.auto_items),
            _mean("Mean, auto-eFACE", score.auto),
        ),
    )
    return tuple(group for group in groups if group.bars)


def matrix_rows(found: Iterable[Synkinesis]) -> tuple[MatrixRow, ...]:
    """Return the synkinesis matrix, movement by region, of the movements that were examined."""
    by_movement: dict[Movement, dict[Region, Synkinesis]] = {}
    for each in found:
        if not (each.not_measured or "").endswith(MISSING):
            by_movement.setdefault(each.movement, {})[each.region] = each
    return tuple(
        MatrixRow(
            MOVEMENT_NAMES[movement],
            tuple(_matrix_cell(by_movement[movement].get(region)) for region in Region),
        )
        for movement in sorted(by_movement, key=ORDER.__getitem__)
    )


def item_groups(
    house_brackmann: HouseBrackmann, sunnybrook: SunnybrookScore, eface: Eface
) -> tuple[ItemGroup, ...]:
    """Return what every item of the scales rests on."""
    return tuple(
        ItemGroup(title, _runs(items))
        for title, items in (
            ("House-Brackmann", house_brackmann.items),
            ("Sunnybrook", sunnybrook.items),
            ("eFACE", eface.items),
            ("auto-eFACE", eface.auto_items),
        )
        if items
    )


def _runs(items: Iterable[Item]) -> tuple[ItemRun, ...]:
    return tuple(
        ItemRun(
            "" if rule in _NO_RULE else f"Rule: {rule}.", tuple(_item_row(item) for item in run)
        )
        for rule, run in groupby(items, key=attrgetter("rule"))
    )


def _scale_bar(item: Item, top: float, centre: float = 0.0) -> ScaleBar:
    if item.value is None:
        return ScaleBar(item.label, 0, 0, 0, 0, 0, "", reason(item.not_measured))
    value, low, high = (
        min(max(v / top, 0.0), 1.0)
        for v in (item.value, *(item.interval or (item.value, item.value)))
    )
    start, end = sorted((centre / top, value))
    return ScaleBar(item.label, start, end, value, low, high, decimals(item.value, 0), "")


def _mean(name: str, value: float | None) -> str:
    return f"{name}: {'not measured' if value is None else decimals(value, 0)}"


def _mean_of(items: tuple[Item, ...], how: str, value: float | None) -> str:
    """Return a mean with how many of the items it is of: some are not in the landmarks at all."""
    count = sum(item.value is not None for item in items)
    if value is None:
        return f"Mean: not measured, with {count} of {len(items)} items"
    return f"Mean {how}{' ' if how else ''}of {count} of {len(items)} items: {decimals(value, 0)}"


def _matrix_cell(found: Synkinesis | None) -> MatrixCell:
    if found is None:
        return MatrixCell(None, "may move", "")
    if found.degree is None:
        return MatrixCell(None, f"not measured: {reason(found.not_measured)}", "")
    if found.amount_mm is not None:
        amount = f"{decimals(found.amount_mm, 1)} mm"
    else:
        amount = number(found.amount, 3)
    return MatrixCell(found.degree, DEGREES[found.degree], amount)


def _item_row(item: Item) -> ItemRow:
    if item.value is None:
        value = f"not measured: {reason(item.not_measured)}"
    else:
        value = _item_value(item)
    inputs = measures(item.inputs)
    return ItemRow(item.label, value, inputs or NOTHING)


def _item_value(item: Item) -> str:
    """Return a value as its form has it: House-Brackmann in words, the others in numbers."""
    if item.name not in _IN_WORDS or not item.choices:
        word = word_of(item)
        return f"{decimals(item.value or 0.0, 0)}{_between(item)}{f', {word}' if word else ''}"
    value = item.value or 0.0
    low, high = item.interval or (value, value)
    others = [n for n in range(round(low), round(high) + 1) if n != round(value)]
    possible = "; ".join(word_of(replace(item, value=float(n))) for n in others)
    return f"{word_of(item)} (possible: {possible})" if possible else word_of(item)


def _between(item: Item) -> str:
    if item.interval is None:
        return ""
    text = span(*item.interval)
    return "" if text == decimals(item.value or 0.0, 0) else f" ({text})"

"""What every item of the scales rests on, as a table of the PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.report.examination_notes import FUNCTION_NOTE
from facialis.report.palette import ACCENT, INK, MUTED
from facialis.report.sheet import MARGIN, SMALL, Sheet, Type

if TYPE_CHECKING:
    from facialis.report.examination_scales import ItemGroup, ItemRow, ItemRun

_COLUMNS: Final = (42.0, 42.0, 90.0)
_HEADS: Final = ("Item", "Value (interval)", "Measures")
_CELL: Final = Type(8, leading=1.3)
_RULE: Final = Type(7.5, colour=MUTED, leading=1.35)
_GAP: Final = 3.0


def put_items(sheet: Sheet, groups: tuple[ItemGroup, ...]) -> None:
    """Write every item with its value, its measures and its rule."""
    sheet.add_page()
    sheet.heading("What each item rests on")
    sheet.put(FUNCTION_NOTE, MARGIN, sheet.epw, _RULE)
    sheet.y += 1.2
    _put_head(sheet)
    for group in groups:
        if sheet.need(24):
            _put_head(sheet)
        sheet.y += 2.2
        sheet.put(group.title, MARGIN, sheet.epw, Type(9.5, "bold", ACCENT))
        sheet.y += 0.6
        for run in group.runs:
            _put_run(sheet, run)


def _put_head(sheet: Sheet) -> None:
    top, x = sheet.y, MARGIN
    for head, width in zip(_HEADS, _COLUMNS, strict=True):
        sheet.y = top
        sheet.put(head, x, width, SMALL._replace(weight="semibold"))
        x += width
    sheet.y += 0.6
    sheet.rule(INK, 0.4)


def _put_run(sheet: Sheet, run: ItemRun) -> None:
    for row in run.rows:
        sheet.rule()
        if sheet.need(_height(sheet, row)):
            _put_head(sheet)
        _put_row(sheet, row)
    if run.rule:
        if sheet.need(sheet.height_of(run.rule, sheet.epw, _RULE) + 1.6):
            _put_head(sheet)
        sheet.put(run.rule, MARGIN, sheet.epw, _RULE)
    sheet.y += 1.6


def _height(sheet: Sheet, row: ItemRow) -> float:
    texts = (row.label, row.value, row.inputs)
    return 1.6 + max(
        sheet.height_of(text, width - _GAP, _CELL)
        for text, width in zip(texts, _COLUMNS, strict=True)
    )


def _put_row(sheet: Sheet, row: ItemRow) -> None:
    top, tall, x = sheet.y, _height(sheet, row), MARGIN
    for text, width in zip((row.label, row.value, row.inputs), _COLUMNS, strict=True):
        sheet.y = top + 0.8
        sheet.put(text, x, width - _GAP, _CELL)
        x += width
    sheet.y = top + tall

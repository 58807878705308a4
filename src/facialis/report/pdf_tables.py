"""The tables and bars of the PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Intensity
from facialis.report.palette import ACCENT, ACCENT_LIGHT, INK, INTENSITY_COLOURS, MUTED, TRACK
from facialis.report.sheet import HEADING_HEIGHT, MARGIN, SMALL, Sheet, Type

if TYPE_CHECKING:
    from facialis.report.content import Content
    from facialis.report.rows import Cell, Row

_COLUMNS: Final = (58.0, 28.0, 28.0, 28.0, 16.0, 16.0)
_HEADS: Final = ("Measure", "Right", "Left", "Difference", "%", "z")
_NUMBER: Final = Type(9.5, leading=1.25)
_NAME: Final = Type(9, leading=1.3)
_UNDER: Final = Type(7.2, colour=MUTED, leading=1.25)
_TERM_TEXT: Final = SMALL._replace(colour=INK)
_TERM_WIDTHS: Final = (28.0, 52.0)
_TERM_GAP: Final = 0.3
_BARS_NOTE: Final = Type(7.5, colour=MUTED, leading=1.35)
_BAR_HEIGHT: Final = 9.6
_WORTH_DIVIDING: Final = 0.45
"""A table is divided where this share of a page is left."""


Terms = tuple[tuple[str, str], ...]


def put_terms(sheet: Sheet, terms: Terms) -> None:
    """Write pairs of a term and its text."""
    label, text_width = _term_widths(sheet, terms)
    for term, text in terms:
        tall = _term_height(sheet, term, text, (label, text_width))
        sheet.need(tall)
        top = sheet.y
        sheet.put(term, MARGIN, label, SMALL)
        sheet.y = top
        sheet.put(text, sheet.w - MARGIN - text_width, text_width, _TERM_TEXT)
        sheet.y = top + tall + _TERM_GAP


def put_provenance(sheet: Sheet, terms: Terms) -> None:
    """Write how the numbers were made, on one page if it has room for all of it."""
    sheet.need(min(HEADING_HEIGHT + terms_height(sheet, terms), sheet.eph - 1))
    sheet.heading("How these numbers were made")
    put_terms(sheet, terms)


def terms_height(sheet: Sheet, terms: Terms) -> float:
    """Return how much room `put_terms` takes on one page."""
    widths = _term_widths(sheet, terms)
    return sum(_term_height(sheet, term, text, widths) + _TERM_GAP for term, text in terms)


def _term_widths(sheet: Sheet, terms: Terms) -> tuple[float, float]:
    widest = max((sheet.width_of(term, SMALL) for term, _ in terms), default=0.0)
    label = min(max(widest + 1, _TERM_WIDTHS[0]), _TERM_WIDTHS[1])
    return label, sheet.epw - label - 3


def _term_height(sheet: Sheet, term: str, text: str, widths: tuple[float, float]) -> float:
    label, text_width = widths
    return max(sheet.height_of(term, label, SMALL), sheet.height_of(text, text_width, _TERM_TEXT))


def put_measures(sheet: Sheet, told: Content) -> None:
    """Write the table of measures, divided only where much room is left; its head is repeated."""
    rows = [row for group in told.groups for row in group.rows]
    tall = 32 + 8 * len(told.groups) + sum(_row_height(sheet, row) for row in rows)
    if sheet.y > sheet.t_margin:
        sheet.need(min(tall, _WORTH_DIVIDING * sheet.eph))
    if sheet.y > sheet.t_margin:
        sheet.y += 5
    sheet.heading("Measures")
    sheet.put(told.measures_note, MARGIN, sheet.epw, SMALL)
    sheet.y += 3
    _put_head(sheet)
    for group in told.groups:
        if sheet.need(9 + 2 * _row_height(sheet, group.rows[0])):
            _put_head(sheet)
        sheet.y += 2.2
        sheet.put(group.title, MARGIN, sheet.epw, Type(9.5, "bold", ACCENT))
        sheet.y += 0.4
        for row in group.rows:
            sheet.rule()
            if sheet.need(_row_height(sheet, row)):
                _put_head(sheet)
            _put_row(sheet, row)
    sheet.rule()


def _put_head(sheet: Sheet) -> None:
    top, x = sheet.y, MARGIN
    for head, width in zip(_HEADS, _COLUMNS, strict=True):
        sheet.y = top
        sheet.put(
            head, x, width, SMALL._replace(weight="semibold"), align="L" if x == MARGIN else "R"
        )
        x += width
    sheet.y += 0.6
    sheet.rule(INK, 0.4)


def _row_height(sheet: Sheet, row: Row) -> float:
    label = sheet.height_of(_label(row), _COLUMNS[0], _NAME)
    if row.note:
        label += sheet.height_of(row.note, _COLUMNS[0], _UNDER)
    if row.not_measured:
        return max(label, sheet.height_of(_why(row), sum(_COLUMNS[1:]) - 4, SMALL)) + 2.4
    under = _UNDER.line if row.difference.interocular else 0.0
    return max(label, _NUMBER.line + under) + 2.4


def _put_row(sheet: Sheet, row: Row) -> None:
    top, tall = sheet.y, _row_height(sheet, row)
    sheet.y = top + 1.2
    sheet.put(_label(row), MARGIN, _COLUMNS[0], _NAME)
    if row.note:
        sheet.put(row.note, MARGIN, _COLUMNS[0], _UNDER)
    x = MARGIN + _COLUMNS[0]
    if row.not_measured:
        sheet.y = top + 1.3
        sheet.put(_why(row), x + 4, sum(_COLUMNS[1:]) - 4, SMALL)
        sheet.y = top + tall
        return
    for cell, width in zip((row.right, row.left, row.difference), _COLUMNS[1:4], strict=True):
        _put_cell(sheet, cell, x, width, top + 1.2)
        x += width
    strong = _NUMBER._replace(weight="bold", colour=INTENSITY_COLOURS[Intensity.STRONG])
    for text, look, width in (
        (row.percent, _NUMBER, _COLUMNS[4]),
        (row.z, strong if row.is_notable else _NUMBER, _COLUMNS[5]),
    ):
        sheet.y = top + 1.2
        sheet.put(text, x, width, look, align="R")
        x += width
    sheet.y = top + tall


def _put_cell(sheet: Sheet, cell: Cell, x: float, width: float, y: float) -> None:
    spread = f" {cell.uncertainty}" if cell.uncertainty else ""
    tail = sheet.width_of(spread, _UNDER)
    sheet.y = y
    sheet.put(cell.value, x, width - tail, _NUMBER, align="R")
    if spread:
        sheet.y = y + _NUMBER.line - _UNDER.line - 0.15
        sheet.put(spread, x + width - tail - 0.1, tail + 0.2, _UNDER, align="R")
    if cell.interocular:
        sheet.y = y + _NUMBER.line
        sheet.put(cell.interocular, x, width, _UNDER, align="R")


def _label(row: Row) -> str:
    return f"{row.label}, {row.unit}" if row.unit else row.label


def _why(row: Row) -> str:
    return f"not measured: {row.not_measured}"


def bars_height(sheet: Sheet, told: Content, width: float) -> float:
    """Return how much room `put_bars` takes, with the heading above it."""
    note = sheet.height_of(told.bars_note, width, _BARS_NOTE)
    return HEADING_HEIGHT + _BAR_HEIGHT * len(told.bars) + 8 + note


def put_bars(sheet: Sheet, told: Content, x: float, width: float) -> None:
    """Draw pairs of bars from the middle outwards, the patient's right on the left."""
    middle, side = x + width / 2, 13.0
    longest = width / 2 - side - 0.4
    top = sheet.y
    look = SMALL._replace(weight="semibold")
    sheet.put("Right", x + side, longest, look)
    sheet.y = top
    sheet.put("Left", middle, longest, look, align="R")
    for bar in told.bars:
        sheet.y += 1.2
        top = sheet.y
        sheet.put(bar.label, x, width - 14, Type(8.5, "semibold" if bar.is_notable else "regular"))
        sheet.y = top
        sheet.put(bar.percent, x, width, SMALL, align="R")
        y, colour = sheet.y + 0.4, ACCENT if bar.is_notable else ACCENT_LIGHT
        sheet.block(middle - longest - 0.4, y, longest, 3, TRACK)
        sheet.block(middle + 0.4, y, longest, 3, TRACK)
        sheet.block(middle - 0.4 - bar.right * longest, y, bar.right * longest, 3, colour)
        sheet.block(middle + 0.4, y, bar.left * longest, 3, colour)
        sheet.y = y - 0.55
        sheet.put(bar.right_text, x, side - 1.5, SMALL, align="R")
        sheet.y = y - 0.55
        sheet.put(bar.left_text, x + width - side + 1.5, side - 1.5, SMALL)
        sheet.y = y + 3.6
    sheet.y += 2
    sheet.put(told.bars_note, x, width, _BARS_NOTE)

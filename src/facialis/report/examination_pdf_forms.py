"""The forms of the three scales and the synkinesis matrix in the PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Region
from facialis.report.examination_forms import POINTS, SIGNS, STRENGTHS
from facialis.report.examination_notes import BOXES_NOTE, GRADE_NOTE, MATRIX_NOTE, SCALES_NOTE
from facialis.report.examination_words import DEGREES, REGION_NAMES
from facialis.report.palette import (
    ACCENT,
    ACCENT_LIGHT,
    DEGREE_COLOURS,
    INK,
    MUTED,
    PAPER,
    POSSIBLE,
    RULE,
    TRACK,
    Colour,
)
from facialis.report.pdf_blocks import Column
from facialis.report.sheet import MARGIN, Sheet, Type

if TYPE_CHECKING:
    from facialis.report.examination_content import ExaminationContent
    from facialis.report.examination_forms import (
        Box,
        FormRow,
        GradeRow,
        GradeTable,
        SunnybrookForm,
    )
    from facialis.report.examination_scales import BarGroup, MatrixCell, MatrixRow, ScaleBar

_GRADE_COLUMNS: Final = (10.0, 20.5, 11.5, 16.5, 22.0, 24.5, 24.5, 23.5, 21.0)
_GRADE_HEADS: Final = ("Grade", "", "Points", "Function, %", *SIGNS)
_HEAD: Final = Type(7.5, "semibold", MUTED, 1.25)
_CELL: Final = Type(8, leading=1.25)
_NOTE: Final = Type(7.2, colour=MUTED, leading=1.3)
_LABEL: Final = Type(8.5, leading=1.3)
_BOX: Final = 4.4
_FIRST_FORMS: Final = 210.0
"""Room for the House-Brackmann table and the Sunnybrook form, which stay together."""


def put_forms(sheet: Sheet, told: ExaminationContent) -> None:
    """Write the three scales as their forms, and the synkinesis matrix."""
    sheet.y += 6
    sheet.need(_FIRST_FORMS)
    _put_grades(sheet, told.house_brackmann)
    sheet.y += 6
    _put_sunnybrook(sheet, told.sunnybrook)
    sheet.add_page()
    _put_eface(sheet, told.eface)
    sheet.y += 6
    _put_matrix(sheet, told.matrix)


def _put_texts(
    sheet: Sheet, texts: tuple[str, ...], widths: tuple[float, ...], look: Type, inset: float = 1.2
) -> None:
    """Write texts side by side from the left margin; the height moves below the tallest."""
    top = bottom = sheet.y
    x = MARGIN
    for text, width in zip(texts, widths, strict=True):
        sheet.y = top
        sheet.put(text, x + inset, width - inset, look)
        bottom = max(bottom, sheet.y)
        x += width
    sheet.y = bottom


def _put_grades(sheet: Sheet, table: GradeTable) -> None:
    sheet.heading("House-Brackmann")
    _put_texts(sheet, _GRADE_HEADS, _GRADE_COLUMNS, _HEAD)
    sheet.y += 0.6
    sheet.rule(INK, 0.4)
    chosen = None
    for row in table.rows:
        top = sheet.y
        _put_grade(sheet, row)
        sheet.rule()
        if row.is_grade:
            chosen = (top, sheet.y)
    sheet.y += 0.8
    found = ("", "found", "", "", *table.found)
    _put_texts(sheet, found, _GRADE_COLUMNS, _CELL._replace(weight="semibold"))
    if chosen is not None:
        sheet.set_draw_color(*INK)
        sheet.set_line_width(0.6)
        sheet.rect(MARGIN, chosen[0], sheet.epw, chosen[1] - chosen[0])
    sheet.y += 3
    _put_points(sheet, table)
    sheet.put(" ".join(table.sentences), MARGIN, sheet.epw, _LABEL)
    sheet.y += 0.8
    sheet.put(GRADE_NOTE, MARGIN, sheet.epw, _NOTE)


def _put_grade(sheet: Sheet, row: GradeRow) -> None:
    bold = _CELL._replace(weight="bold")
    plain = (row.grade, row.word, row.points, row.function)
    looks = (*([bold if row.is_grade else _CELL] * 2), _CELL, _CELL)
    cells = [
        *((text, 1.2, look, False) for text, look in zip(plain, looks, strict=True)),
        *((c.text, 3.8, bold if c.applies else _CELL, c.applies) for c in row.cells),
    ]
    tall = 2.0 + max(
        sheet.height_of(text, width - indent - 0.8, look)
        for (text, indent, look, _), width in zip(cells, _GRADE_COLUMNS, strict=True)
    )
    top, x = sheet.y, MARGIN
    if row.is_possible:
        sheet.block(MARGIN - 2.2, top + 0.2, 1.4, tall - 0.4, ACCENT_LIGHT)
    for (text, indent, look, applies), width in zip(cells, _GRADE_COLUMNS, strict=True):
        if applies:
            sheet.block(x, top + 0.2, width - 0.4, tall - 0.4, POSSIBLE)
            sheet.set_fill_color(*INK)
            sheet.circle(x + 1.9, top + 2.6, 0.75, style="F")
        sheet.y = top + 1
        sheet.put(text, x + indent, width - indent - 0.8, look)
        x += width
    sheet.y = top + tall


def _put_points(sheet: Sheet, table: GradeTable) -> None:
    top = sheet.y
    for place in range(POINTS):
        is_filled = table.points is not None and place < table.points
        sheet.set_draw_color(*MUTED)
        sheet.set_line_width(0.25)
        sheet.set_fill_color(*(ACCENT if is_filled else PAPER))
        sheet.rect(MARGIN + place * 5.2, top, _BOX, _BOX, style="DF")
    sheet.y = top
    sheet.put(table.points_text, MARGIN + POINTS * 5.2 + 3, 110, _LABEL)
    sheet.y = top + _BOX + 2


def _put_sunnybrook(sheet: Sheet, form: SunnybrookForm) -> None:
    sheet.heading("Sunnybrook")
    label, third = 44.0, (sheet.epw - 44.0) / 3
    sheet.put("Resting symmetry", MARGIN, sheet.epw, Type(9.5, "bold"))
    for row in form.resting:
        sheet.rule()
        sheet.y += 1
        top = sheet.y
        sheet.put(row.label, MARGIN, label - 2, _LABEL)
        bottom = sheet.y
        for place, box in enumerate(row.boxes):
            sheet.y = top
            x = MARGIN + label + place * third
            _put_box(sheet, box, x, top)
            sheet.put(box.word, x + 10.5, third - 11.5, _CELL)
            bottom = max(bottom, sheet.y)
        _put_why(sheet, row, Column(MARGIN + label, sheet.epw - label), top)
        sheet.y = max(bottom, top + _BOX) + 1
    _put_total(sheet, form.resting_text)
    _put_moving(sheet, form)
    sheet.y += 2.2
    tall = 8.0
    sheet.block(MARGIN, sheet.y, sheet.epw, tall, POSSIBLE)
    top = sheet.y
    sheet.y += 1.5
    sheet.put(form.composite_text, MARGIN + 3, sheet.epw - 6, Type(10.5, "bold", leading=1.3))
    sheet.y = top + tall + 1.6
    sheet.put(BOXES_NOTE, MARGIN, sheet.epw, _NOTE)


def _put_moving(sheet: Sheet, form: SunnybrookForm) -> None:
    sheet.y += 3.4
    label, each, gap, few = 38.0, 16.2, 4.0, 12.7
    top = sheet.y
    sheet.put("Voluntary movement", MARGIN + label, 5 * each, Type(9.5, "bold"))
    sheet.y = top
    sheet.put("Synkinesis", MARGIN + label + 5 * each + gap, 4 * few, Type(9.5, "bold"))
    heads = [(MARGIN + label + n * each, each, w) for n, w in enumerate(STRENGTHS)]
    start = MARGIN + label + 5 * each + gap
    heads += [(start + n * few, few, w) for n, w in enumerate(DEGREES)]
    top = bottom = sheet.y
    for x, width, word in heads:
        sheet.y = top
        sheet.put(word, x, width - 0.5, _NOTE)
        bottom = max(bottom, sheet.y)
    sheet.y = bottom + 0.6
    for moved, along in zip(form.voluntary, form.synkinesis, strict=False):
        sheet.rule()
        top = sheet.y + 1
        sheet.y = top
        sheet.put(moved.label, MARGIN, label - 1, _LABEL)
        bottom = max(sheet.y, top + _BOX)
        for row, x, width in ((moved, MARGIN + label, each), (along, start, few)):
            for place, box in enumerate(row.boxes):
                _put_box(sheet, box, x + place * width, top)
            bottom = max(bottom, _put_why(sheet, row, Column(x, width * len(heads) / 2 - 4), top))
        sheet.y = bottom + 1
    top = sheet.y
    _put_total(sheet, form.voluntary_text)
    sheet.y = top
    _put_total(sheet, form.synkinesis_text, align="R")


def _put_why(sheet: Sheet, row: FormRow, column: Column, top: float) -> float:
    """Write why a row has no boxes; return where it ends."""
    if not row.not_measured:
        return top
    sheet.y = top
    sheet.put(f"not measured: {row.not_measured}", *column, _NOTE)
    return sheet.y


def _put_box(sheet: Sheet, box: Box, x: float, y: float) -> None:
    fill: Colour = ACCENT if box.is_ticked else POSSIBLE if box.is_possible else PAPER
    sheet.set_draw_color(*(INK if box.is_ticked else MUTED))
    sheet.set_line_width(0.5 if box.is_ticked else 0.2)
    sheet.set_fill_color(*fill)
    sheet.rect(x, y, _BOX, _BOX, style="DF")
    ink = PAPER if box.is_ticked else INK
    before = sheet.y
    sheet.y = y + 0.1
    look = Type(8.5, "bold" if box.is_ticked else "regular", ink, 1.38)
    sheet.put(str(box.value), x, _BOX, look, align="C")
    sheet.y = before
    if box.is_ticked:
        sheet.set_draw_color(*INK)
        sheet.set_line_width(0.6)
        sheet.polyline([(x + 5.3, y + 2.4), (x + 6.4, y + 3.7), (x + 8.8, y + 0.6)])


def _put_total(sheet: Sheet, text: str, *, align: str = "L") -> None:
    sheet.rule(MUTED)
    sheet.y += 0.8
    sheet.put(text, MARGIN, sheet.epw, Type(8.5, "semibold"), align=align)


def _put_eface(sheet: Sheet, groups: tuple[BarGroup, ...]) -> None:
    sheet.heading("eFACE items and auto-eFACE")
    width = (sheet.epw - 10) / 2
    columns = (Column(MARGIN, width), Column(MARGIN + width + 10, width))
    top = bottom = sheet.y
    for begin in range(0, len(groups), 2):
        for group, column in zip(groups[begin : begin + 2], columns, strict=False):
            sheet.y = top
            _put_group(sheet, group, column)
            bottom = max(bottom, sheet.y)
        top = bottom + 4
    sheet.y = bottom + 1
    sheet.put(SCALES_NOTE, MARGIN, sheet.epw, _NOTE)


def _put_group(sheet: Sheet, group: BarGroup, column: Column) -> None:
    label, value = 36.0, 9.0
    track = Column(column.x + label, column.width - label - value)
    sheet.put(group.title, *column, Type(9.5, "bold"))
    top = sheet.y
    for text, align in zip(group.ends, ("L", "C", "R"), strict=True):
        sheet.y = top
        sheet.put(text, *track, _NOTE, align=align)
    sheet.y = top + _NOTE.line + 0.4
    for bar in group.bars:
        _put_scale_bar(sheet, bar, column, track)
    sheet.put(group.summary, *column, Type(8.5, "semibold"))


def _put_scale_bar(sheet: Sheet, bar: ScaleBar, column: Column, track: Column) -> None:
    top = sheet.y
    sheet.put(bar.label, column.x, track.x - column.x - 2, _CELL)
    bottom = sheet.y
    if bar.not_measured:
        sheet.y = top
        text = f"not measured: {bar.not_measured}"
        sheet.put(text, track.x, column.x + column.width - track.x, _NOTE)
        sheet.y = max(bottom, sheet.y) + 1.1
        return
    y, tall = top + 0.5, 2.6
    sheet.block(track.x, y, track.width, tall, TRACK)
    sheet.block(
        track.x + bar.low * track.width, y, (bar.high - bar.low) * track.width, tall, ACCENT_LIGHT
    )
    start, length = bar.start * track.width, (bar.end - bar.start) * track.width
    sheet.block(track.x + start, y + 0.8, length, tall - 1.6, ACCENT)
    at = track.x + bar.at * track.width
    sheet.block(at - 0.4, y - 0.5, 0.8, tall + 1, INK)
    sheet.y = top
    sheet.put(bar.text, column.x, column.width, Type(8.5, "semibold"), align="R")
    sheet.y = max(bottom, sheet.y) + 1.1


def _put_matrix(sheet: Sheet, rows: tuple[MatrixRow, ...]) -> None:
    if not rows:
        return
    label = 44.0
    each = (sheet.epw - label) / len(Region)
    sheet.need(24 + 11 * len(rows))
    sheet.heading("Synkinesis")
    heads = ("While", *(REGION_NAMES[r] for r in Region))
    _put_texts(sheet, heads, (label, each, each, each), _HEAD)
    sheet.y += 0.6
    for row in rows:
        tall = max(9.5, *(_cell_height(sheet, cell, each) for cell in row.cells))
        top = sheet.y
        sheet.y = top + tall / 2 - 2.2
        sheet.put(row.name, MARGIN + 1.2, label - 2, _LABEL)
        for place, cell in enumerate(row.cells):
            _put_cell(sheet, cell, Column(MARGIN + label + place * each, each), top, tall)
        sheet.y = top + tall
    sheet.y += 1.6
    sheet.put(MATRIX_NOTE, MARGIN, sheet.epw, _NOTE)


def _cell_height(sheet: Sheet, cell: MatrixCell, width: float) -> float:
    return sheet.height_of(cell.word, width - 6, _CELL) + 3


def _put_cell(sheet: Sheet, cell: MatrixCell, column: Column, top: float, tall: float) -> None:
    degree = cell.degree
    sheet.set_draw_color(*RULE)
    sheet.set_line_width(0.3)
    sheet.set_fill_color(*(PAPER if degree is None else DEGREE_COLOURS[degree]))
    sheet.rect(column.x, top, column.width - 1, tall - 1, style="DF")
    is_dark = degree == len(DEGREES) - 1
    ink = PAPER if is_dark else INK
    if degree is None:
        look = _CELL._replace(colour=MUTED)
        sheet.y = top + (tall - 1 - sheet.height_of(cell.word, column.width - 6, look)) / 2
        sheet.put(cell.word, column.x + 2.4, column.width - 6, look)
        return
    sheet.y = top + 2.2
    sheet.put(cell.word, column.x + 2.4, 18, Type(9, "bold" if degree else "regular", ink))
    sheet.y = top + 2.4
    sheet.put(cell.amount, column.x, column.width - 3.4, Type(8, colour=ink), align="R")
    for place in range(len(DEGREES) - 1):
        sheet.set_draw_color(*ink)
        sheet.set_fill_color(*(ink if place < degree else DEGREE_COLOURS[degree]))
        sheet.circle(column.x + 20.6 + place * 2.5, top + 4.3, 0.85, style="DF")

"""The methods beside the scales of an examination in the PDF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.report.examination_methods import METHODS_HEADING
from facialis.report.palette import MUTED, WASH
from facialis.report.pdf_blocks import Column
from facialis.report.pdf_tables import put_terms, terms_height
from facialis.report.sheet import HEADING_HEIGHT, MARGIN, ROOM_OF_A_HEADING, SMALL, Sheet, Type

if TYPE_CHECKING:
    from facialis.report.examination_methods import LevelFigure, MethodsSection

_CHART: Final = 22.0
_AXIS: Final = 9.0
_KEY: Final = 11.0
_BEFORE: Final = 6.0
_NOTE_GAP: Final = 0.8
_LABEL: Final = Type(8.5)
_NOTE: Final = Type(7.2, colour=MUTED, leading=1.3)


def methods_fit(sheet: Sheet, section: MethodsSection) -> bool:
    """Whether what the methods say, without charts, fits on what is left of the page."""
    if section.figures:
        return False
    notes = sum(sheet.height_of(line, sheet.epw, SMALL) + _NOTE_GAP for line in section.notes)
    below = HEADING_HEIGHT + terms_height(sheet, section.answers) + notes
    return not sheet.will_page_break(_BEFORE + max(below, ROOM_OF_A_HEADING))


def put_methods(sheet: Sheet, section: MethodsSection) -> None:
    """Write what the methods say, with the levels over each video."""
    sheet.y += _BEFORE
    sheet.heading(METHODS_HEADING)
    put_terms(sheet, section.answers)
    for figure in section.figures:
        _put_levels(sheet, figure)
    for line in section.notes:
        sheet.y += _NOTE_GAP
        sheet.need(sheet.height_of(line, sheet.epw, SMALL))
        sheet.put(line, MARGIN, sheet.epw, SMALL)


def _put_levels(sheet: Sheet, figure: LevelFigure) -> None:
    sheet.need(_CHART + 16)
    sheet.y += 2.5
    top = sheet.y
    sheet.put(figure.title, MARGIN, sheet.epw - _KEY * len(figure.bands), _LABEL)
    bottom = sheet.y
    for place, band in enumerate(figure.bands):
        x = MARGIN + sheet.epw - _KEY * (len(figure.bands) - place)
        sheet.block(x, top + 0.9, 3.2, 2.6, band.colour)
        sheet.y = top
        sheet.put(band.label, x + 4.2, _KEY - 4.2, SMALL)
    frame, y0 = Column(MARGIN + _AXIS, sheet.epw - _AXIS - 2), bottom + 1.5
    sheet.block(frame.x, y0, frame.width, _CHART, WASH)
    for band in figure.bands:
        sheet.set_fill_color(*band.colour)
        for area in band.areas:
            points = [(frame.x + x * frame.width, y0 + (1 - y) * _CHART) for x, y in area]
            sheet.polygon(points, style="F")
    for at, text in ((0.0, "1"), (0.5, "0.5"), (1.0, "0")):
        sheet.y = y0 + at * _CHART - 1.6
        sheet.put(text, MARGIN, _AXIS - 1.4, _NOTE, align="R")
    sheet.set_draw_color(*MUTED)
    sheet.set_line_width(0.2)
    for tick in figure.times:
        x = frame.x + tick.at * frame.width
        sheet.line(x, y0 + _CHART, x, y0 + _CHART + 0.9)
        sheet.y = y0 + _CHART + 0.8
        sheet.put(tick.text, x - 8, 16, _NOTE, align="C")
    sheet.y = y0 + _CHART + 0.8 + _NOTE.line + 1.6

"""The movements of an examination in the PDF: picture, ways, course."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Side
from facialis.report.content import PICTURE_CAPTION
from facialis.report.examination_figures import KEY
from facialis.report.examination_movements import WAYS_NOTE
from facialis.report.palette import (
    ACCENT,
    ACCENT_LIGHT,
    INK,
    MUTED,
    NOISE,
    PAPER,
    RULE,
    SIDE_COLOURS,
    TRACK,
    WASH,
)
from facialis.report.pdf_blocks import Column
from facialis.report.sheet import MARGIN, SMALL, Sheet, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facialis.clinical.anatomy import Movement
    from facialis.report.examination_content import ExaminationContent
    from facialis.report.examination_figures import CurveFigure, Event
    from facialis.report.examination_movements import MovementSection, TimeRow, WayBars
    from facialis.report.examination_pictures import MovementPictures
    from facialis.report.rows import Bar

_PICTURE: Final = 60.0
_PICTURE_ALONE: Final = 48.0
_GAP: Final = 8.0
_SIDE: Final = 13.0
_BAR_ROW: Final = 8.6
_CHART: Final = 33.0
_BEFORE: Final = 6.0
_KEY_GAP: Final = 0.4
_BELOW_KEY: Final = 3.0
_NAME: Final = Type(12.5, "bold", ACCENT, 1.3)
_NOTE: Final = Type(7.2, colour=MUTED, leading=1.3)
_LABEL: Final = Type(8.5)
_TIME: Final = Type(8, leading=1.3)
_HEAD: Final = SMALL._replace(weight="semibold")


def put_movements(
    sheet: Sheet, told: ExaminationContent, pictures: Mapping[Movement, MovementPictures]
) -> None:
    """Write a block for each movement, as many on a page as fit."""
    if not told.movements:
        return
    first = told.movements[0]
    sheet.y += _BEFORE
    key = _key_of(told.movements, with_pictures=bool(pictures))
    sheet.need(
        _NAME.line
        + sum(sheet.height_of(line, sheet.epw, _NOTE) + _KEY_GAP for line in key)
        + _BELOW_KEY
        + _height(sheet, first, pictures.get(first.movement))
    )
    sheet.start_section("Movements")
    sheet.put("Movements", MARGIN, sheet.epw, _NAME)
    for line in key:
        sheet.put(line, MARGIN, sheet.epw, _NOTE)
        sheet.y += _KEY_GAP
    sheet.y += _BELOW_KEY
    for section in told.movements:
        tall = _height(sheet, section, pictures.get(section.movement))
        sheet.need(tall)
        _put_section(sheet, section, pictures.get(section.movement), told.sides)


def _key_of(sections: Sequence[MovementSection], *, with_pictures: bool) -> list[str]:
    """Return what explains every block once."""
    lines = [PICTURE_CAPTION] if with_pictures else []
    if any(s.ways for s in sections):
        lines.append(WAYS_NOTE)
    if any(s.figure for s in sections):
        lines.append(f"Curves. {KEY}")
    return lines


def _columns(sheet: Sheet, section: MovementSection) -> tuple[Column, Column]:
    """Return the columns of picture and charts; without a curve three blocks fit on a page."""
    width = _PICTURE_ALONE if section.figure is None else _PICTURE
    right = MARGIN + width + _GAP
    return Column(MARGIN, width), Column(right, sheet.w - MARGIN - right)


def _height(sheet: Sheet, section: MovementSection, shown: MovementPictures | None) -> float:
    left, right = _columns(sheet, section)
    tall = 0.0 if shown is None else left.width * shown.large.size[1] / shown.large.size[0]
    charts = 5.0 + _BAR_ROW * (len(section.ways) + len(section.rest))
    if section.figure is not None:
        charts += _CHART + 14
    charts += 4.2 * (len(section.times) + 1)
    texts = (*section.remarks, *section.cautions, section.problem)
    charts += sum(sheet.height_of(t, right.width, _TIME) + 0.6 for t in texts if t)
    return 14.5 + max(tall, charts) + 7


def _put_section(
    sheet: Sheet,
    section: MovementSection,
    shown: MovementPictures | None,
    sides: tuple[str, str],
) -> None:
    sheet.rule(INK, 0.4)
    sheet.y += 2
    top = sheet.y
    sheet.start_section(section.name, level=1)
    sheet.put(section.name, MARGIN, sheet.epw, _NAME)
    sheet.y = top + 1.2
    sheet.put(f"Asked: {section.asked}", MARGIN, sheet.epw, SMALL, align="R")
    sheet.y = top + _NAME.line
    source = sheet.shortened(section.source, sheet.epw, SMALL)
    sheet.put(source, MARGIN, sheet.epw, SMALL)
    sheet.y += 2
    top = sheet.y
    left, right = _columns(sheet, section)
    tall = 34.0
    if shown is not None:
        width, height = shown.large.size
        tall = left.width * height / width
        image = BytesIO(shown.large.jpeg)
        sheet.image(image, left.x, top, left.width, tall, alt_text=shown.large.alt)
    else:
        sheet.block(left.x, top, left.width, tall, WASH)
        sheet.y = top + tall / 2 - 2
        sheet.put("no picture", *left, SMALL, align="C")
    sheet.y = top
    _put_charts(sheet, section, sides, right)
    sheet.y = max(sheet.y, top + tall) + 7


def _put_charts(
    sheet: Sheet, section: MovementSection, sides: tuple[str, str], column: Column
) -> None:
    if section.problem:
        sheet.put(f"Not measured: {section.problem}", *column, Type(9, "semibold"))
    if section.ways or section.rest:
        _put_sides(sheet, sides, column)
    for bar in section.rest:
        _put_rest(sheet, bar, column)
    for way in section.ways:
        _put_way(sheet, way, column)
    if section.figure is not None:
        _put_curve(sheet, section.figure, column)
    _put_times(sheet, section.times, column)
    for text in (*section.remarks, *section.cautions):
        sheet.put(text, *column, _TIME)
        sheet.y += 0.6


def _put_sides(sheet: Sheet, sides: tuple[str, str], column: Column) -> None:
    top = sheet.y
    sheet.put(sides[0], column.x + _SIDE, column.width - 2 * _SIDE, _HEAD)
    sheet.y = top
    sheet.put(sides[1], column.x + _SIDE, column.width - 2 * _SIDE, _HEAD, align="R")
    sheet.y += 0.6


def _put_rest(sheet: Sheet, bar: Bar, column: Column) -> None:
    _put_label(sheet, bar.label, bar.percent, column)
    _put_pair(sheet, (bar.right, bar.left), (bar.right_text, bar.left_text), 0.0, column)


def _put_way(sheet: Sheet, way: WayBars, column: Column) -> None:
    _put_label(sheet, way.label, way.ratio, column)
    if way.not_measured:
        sheet.put(f"not measured: {way.not_measured}", *column, SMALL)
        sheet.y += 0.8
        return
    texts = (way.right_text, way.left_text)
    _put_pair(sheet, (way.right, way.left), texts, way.noise, column)


def _put_label(sheet: Sheet, label: str, end: str, column: Column) -> None:
    top = sheet.y
    sheet.put(label, *column, _LABEL)
    sheet.y = top
    sheet.put(end, *column, SMALL, align="R")
    sheet.y = top + _LABEL.line


def _put_pair(
    sheet: Sheet,
    parts: tuple[float, float],
    texts: tuple[str, str],
    noise: float,
    column: Column,
) -> None:
    """Draw a pair of bars from the middle outwards, the patient's right on the left."""
    middle = column.x + column.width / 2
    longest = column.width / 2 - _SIDE - 0.4
    y, tall = sheet.y + 0.5, 2.8
    for direction, part in zip((-1, 1), parts, strict=True):
        start = middle + direction * 0.4
        for length, high, colour in (
            (longest, tall, TRACK),
            (noise * longest, tall + 1.4, NOISE),
            (part * longest, tall - 0.6, ACCENT if part > noise else ACCENT_LIGHT),
        ):
            x = start if direction > 0 else start - length
            sheet.block(x, y + (tall - high) / 2, length, high, colour)
    for text, x, align in (
        (texts[0], column.x, "R"),
        (texts[1], column.x + column.width - _SIDE + 1.5, "L"),
    ):
        sheet.y = y - 0.65
        sheet.put(text, x, _SIDE - 1.5, SMALL, align=align)
    sheet.y = y + tall + 1.2


def _put_curve(sheet: Sheet, figure: CurveFigure, column: Column) -> None:
    sheet.y += 1.2
    top = sheet.y
    sheet.put(figure.title, *column, _LABEL)
    _put_legend(sheet, column, top)
    frame = Column(column.x + 9, column.width - 11)
    y0 = sheet.y + 3.4
    with sheet.local_context():
        _draw_frame(sheet, figure, frame, y0)
        for side, line in ((Side.LEFT, figure.left), (Side.RIGHT, figure.right)):
            _draw_line(sheet, line, side, frame, y0)
    for event in figure.events:
        _draw_event(sheet, event, frame, y0)
    sheet.y = y0 + _CHART + 0.6
    top = sheet.y
    for tick in figure.times:
        sheet.y = top
        x = frame.x + tick.at * frame.width
        sheet.put(tick.text, x - 8, 16, _NOTE, align="C")
    sheet.y = top + _NOTE.line + 1.6


def _put_legend(sheet: Sheet, column: Column, y: float) -> None:
    below, x = sheet.y, column.x + column.width - 35
    for side, at in ((Side.RIGHT, x), (Side.LEFT, x + 19)):
        with sheet.local_context():
            _pen(sheet, side)
            sheet.line(at, y + 2.1, at + 7, y + 2.1)
        sheet.y = y
        sheet.put(side.value.capitalize(), at + 8.4, 12, SMALL)
    sheet.y = below


def _pen(sheet: Sheet, side: Side) -> None:
    sheet.set_draw_color(*SIDE_COLOURS[side])
    sheet.set_line_width(0.55)
    if side is Side.LEFT:
        sheet.set_dash_pattern(1.6, 0.9)


def _draw_frame(sheet: Sheet, figure: CurveFigure, frame: Column, y0: float) -> None:
    bottom = y0 + _CHART
    zero, noise = bottom - figure.zero * _CHART, bottom - figure.noise * _CHART
    sheet.block(frame.x, noise, frame.width, zero - noise, TRACK)
    sheet.set_draw_color(*RULE)
    sheet.set_line_width(0.2)
    for tick in figure.ways:
        y = bottom - tick.at * _CHART
        sheet.line(frame.x, y, frame.x + frame.width, y)
        sheet.y = y - 1.6
        sheet.put(tick.text, frame.x - 10, 8.6, _NOTE, align="R")
    sheet.set_draw_color(*MUTED)
    sheet.line(frame.x, bottom, frame.x + frame.width, bottom)
    for tick in figure.times:
        x = frame.x + tick.at * frame.width
        sheet.line(x, bottom, x, bottom + 0.9)


def _draw_line(
    sheet: Sheet, line: Sequence[tuple[float, float]], side: Side, frame: Column, y0: float
) -> None:
    _pen(sheet, side)
    points = [(frame.x + x * frame.width, y0 + (1 - y) * _CHART) for x, y in line]
    sheet.polyline(points)
    sheet.set_dash_pattern()


def _draw_event(sheet: Sheet, event: Event, frame: Column, y0: float) -> None:
    x = frame.x + event.at * frame.width
    if event.height is None or event.side is None:
        sheet.set_draw_color(*INK)
        sheet.set_line_width(0.25)
        sheet.line(x, y0, x, y0 + _CHART)
        sheet.y = y0 - 3.2
        sheet.put(event.kind, x - 6, 12, _NOTE._replace(colour=INK), align="C")
        return
    y, colour = y0 + (1 - event.height) * _CHART, SIDE_COLOURS[event.side]
    sheet.set_draw_color(*colour)
    sheet.set_fill_color(*PAPER)
    sheet.set_line_width(0.45)
    if event.kind == "onset":
        sheet.circle(x, y, 1.0, style="DF")
    else:
        sheet.rect(x - 0.9, y - 0.9, 1.8, 1.8, style="DF")


def _put_times(sheet: Sheet, rows: tuple[TimeRow, ...], column: Column) -> None:
    if not rows:
        return
    label, each = column.width - 50, 25.0
    for texts, look in (
        (("", "Right", "Left"), _HEAD),
        *(((r.label, r.right, r.left), _TIME) for r in rows),
    ):
        top = sheet.y
        for text, x, width, align in (
            (texts[0], column.x, label, "L"),
            (texts[1], column.x + label, each, "R"),
            (texts[2], column.x + label + each, each, "R"),
        ):
            sheet.y = top
            sheet.put(text, x, width, look, align=align)
        sheet.y = top + 4.2
    sheet.y += 1.4

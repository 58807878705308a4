"""The parts that the PDFs are put together from."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from facialis.clinical.anatomy import Intensity
from facialis.report.palette import (
    ACCENT,
    INK,
    INTENSITY_COLOURS,
    MUTED,
    NOTICE,
    NOTICE_EDGE,
    TRACK,
    Colour,
)
from facialis.report.sheet import BODY, MARGIN, SMALL, TITLE, Sheet, Type

if TYPE_CHECKING:
    from facialis.report.content import Tone
    from facialis.report.pictures import Encoded


class Column(NamedTuple):
    """A column of text: left edge and width in mm."""

    x: float
    width: float


_TONES: Final[dict[Tone, Colour]] = {
    "beyond": INTENSITY_COLOURS[Intensity.STRONG],
    "within": ACCENT,
    "unusable": NOTICE_EDGE,
}


def put_head(
    sheet: Sheet, title: str, name: str, when: str, facts: tuple[tuple[str, str], ...]
) -> None:
    """Write what the report is, of what, when it was made, and what was stated."""
    sheet.block(MARGIN, sheet.y, sheet.epw, 1.4, ACCENT)
    sheet.y += 4.5
    sheet.put("FACIALIS", MARGIN, sheet.epw, Type(8, "semibold", ACCENT))
    sheet.start_section(title)
    sheet.put(title, MARGIN, sheet.epw, TITLE)
    sheet.y += 1
    sheet.put(name, MARGIN, sheet.epw, Type(10.5, "semibold"))
    sheet.put(f"Assessed {when}", MARGIN, sheet.epw, SMALL)
    sheet.y += 2
    sheet.rule()
    sheet.y += 1.8
    _put_facts(sheet, facts)
    sheet.y += 1.6
    sheet.rule()
    sheet.y += 6


def _put_facts(sheet: Sheet, facts: tuple[tuple[str, str], ...]) -> None:
    """Write terms over their texts, side by side, on as many lines as they need."""
    term_look, text_look = Type(7.5, colour=MUTED, leading=1.3), Type(9, leading=1.35)
    x, gap = MARGIN, 8.0
    top = bottom = sheet.y
    for term, text in facts:
        natural = max(sheet.width_of(text, text_look), sheet.width_of(term, term_look)) + 0.5
        width = min(natural, sheet.epw)
        if x > MARGIN and x + width > sheet.w - MARGIN:
            x, top = MARGIN, bottom + 1
        sheet.y = top
        sheet.put(term, x, width, term_look)
        sheet.put(text, x, width, text_look)
        bottom = max(bottom, sheet.y)
        x += width + gap
    sheet.y = bottom


def put_headline(sheet: Sheet, headline: str, tone: Tone, column: Column) -> None:
    """Write the verdict beside a bar in its colour."""
    look = Type(13.5, "bold", leading=1.22)
    tall = sheet.height_of(headline, column.width - 5, look)
    sheet.block(column.x, sheet.y + 0.4, 1.6, tall, _TONES[tone])
    sheet.put(headline, column.x + 5, column.width - 5, look)
    sheet.y += 4


def put_conflict(sheet: Sheet, text: str, column: Column) -> None:
    """Write what the reader must not miss into a frame."""
    sheet.y += 2
    look = Type(9, "semibold")
    tall = sheet.height_of(text, column.width - 7, look) + 4
    sheet.set_draw_color(*_TONES["beyond"])
    sheet.set_line_width(0.5)
    sheet.rect(column.x, sheet.y, column.width, tall)
    sheet.y += 2
    sheet.put(text, column.x + 3.5, column.width - 7, look)
    sheet.y += 2


CAPTION: Final = Type(7.5, colour=MUTED, leading=1.35)


def picture_height(sheet: Sheet, picture: Encoded, column: Column, caption: str) -> float:
    """Return how much room `put_picture` takes."""
    width, height = picture.size
    return column.width * height / width + 2 + sheet.height_of(caption, column.width, CAPTION)


def put_picture(sheet: Sheet, picture: Encoded, column: Column, caption: str) -> None:
    """Place a picture over its caption, as wide as a column."""
    width, height = picture.size
    tall = column.width * height / width
    sheet.image(BytesIO(picture.jpeg), column.x, sheet.y, column.width, tall, alt_text=picture.alt)
    sheet.y += tall + 2
    sheet.put(caption, *column, CAPTION)


def put_gauge_title(sheet: Sheet, name: str, value: str, column: Column) -> None:
    """Write what a gauge shows, and its value at the right."""
    top = sheet.y
    sheet.put(name, *column, BODY)
    sheet.y = top - 0.5
    sheet.put(value, *column, Type(11, "bold", leading=1.3), align="R")
    sheet.y += 1


def put_gauge(
    sheet: Sheet,
    filled: tuple[float, float],
    column: Column,
    colour: Colour,
    *,
    value: float | None = None,
    limit: float | None = None,
) -> None:
    """Draw a track of which a part, 0 to 1, is filled; a value and a limit stand out."""
    top, tall = sheet.y, 2.6
    sheet.block(column.x, top, column.width, tall, TRACK)
    start, end = (min(max(part, 0.0), 1.0) for part in filled)
    sheet.block(column.x + start * column.width, top, (end - start) * column.width, tall, colour)
    if value is not None:
        sheet.block(column.x + value * column.width - 0.5, top - 0.7, 1, tall + 1.4, INK)
    if limit is not None:
        sheet.block(column.x + limit * column.width - 0.15, top - 0.9, 0.3, tall + 1.8, INK)
    sheet.y = top + tall + 0.9


def put_ticks(sheet: Sheet, texts: tuple[str, str, str], column: Column) -> None:
    """Write under a gauge what its ends and its middle mean."""
    top = sheet.y
    for text, align in zip(texts, ("L", "C", "R"), strict=True):
        sheet.y = top
        sheet.put(text, *column, Type(7.5, colour=MUTED), align=align)


_NOTICE_HEAD: Final = Type(11, "bold")


def _notice_lines(lines: tuple[str, ...]) -> list[tuple[str, Type]]:
    """Return the disclaimers with their looks; the one on stroke stands out."""
    return [(text, Type(9.5, "semibold" if n == 1 else "regular")) for n, text in enumerate(lines)]


def notice_height(sheet: Sheet, lines: tuple[str, ...]) -> float:
    """Return the height that the disclaimers take."""
    width = sheet.epw - 11
    texts = (sheet.height_of(t, width, look) + 0.8 for t, look in _notice_lines(lines))
    return 6 + _NOTICE_HEAD.line + sum(texts)


def put_notice(sheet: Sheet, lines: tuple[str, ...]) -> None:
    """Write the disclaimers on a coloured ground."""
    inner = Column(MARGIN + 6, sheet.epw - 11)
    tall = notice_height(sheet, lines)
    sheet.need(tall)
    sheet.block(MARGIN, sheet.y, sheet.epw, tall, NOTICE)
    sheet.block(MARGIN, sheet.y, 1.6, tall, NOTICE_EDGE)
    sheet.y += 3
    sheet.put("Not a diagnosis", *inner, _NOTICE_HEAD)
    for text, look in _notice_lines(lines):
        sheet.put(text, *inner, look)
        sheet.y += 0.8
    sheet.y += 7

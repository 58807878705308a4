"""The report as a reproducible A4 PDF with its fonts inside."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

from facialis.clinical.anatomy import Intensity
from facialis.report import content
from facialis.report.palette import (
    ACCENT,
    ACCENT_LIGHT,
    INK,
    INTENSITY_COLOURS,
    INTENSITY_LEVELS,
    MUTED,
    NOTICE,
    NOTICE_EDGE,
    PAPER,
    RULE,
    TRACK,
    Colour,
)
from facialis.report.pdf_tables import put_bars, put_measures, put_terms
from facialis.report.sheet import BODY, HEADING, MARGIN, SMALL, TITLE, Sheet, Type

if TYPE_CHECKING:
    from datetime import datetime

    from facialis.report.content import Advice, Content, Finding, RegionCard, Tone
    from facialis.report.pictures import Encoded, Pictures

_GAP: Final = 8.0
_PICTURE_WIDTH: Final = 78.0
_TONES: Final[dict[Tone, Colour]] = {
    "beyond": INTENSITY_COLOURS[Intensity.STRONG],
    "within": ACCENT,
    "unusable": NOTICE_EDGE,
}


class Column(NamedTuple):
    """A column of text: left edge and width in mm."""

    x: float
    width: float


def render_pdf(told: Content, pictures: Pictures, created: datetime) -> bytes:
    """Return the report of one face as PDF; equal content gives equal bytes."""
    title, subject = f"{content.TITLE}: {told.file_name}", f"{told.file_name} · {told.date}"
    with Sheet(title, subject, created) as sheet:
        sheet.add_page()
        _put_head(sheet, told)
        _put_verdict(sheet, told, pictures.overlay)
        _put_notes(sheet, told)
        if told.groups:
            put_measures(sheet, told)
        if pictures.map is not None:
            _put_comparison(sheet, told, pictures.map)
        _put_quality(sheet, told)
        sheet.y += 5
        sheet.heading("How these numbers were made")
        put_terms(sheet, told.provenance)
        return bytes(sheet.output())


def _put_head(sheet: Sheet, told: Content) -> None:
    sheet.block(MARGIN, sheet.y, sheet.epw, 1.4, ACCENT)
    sheet.y += 4.5
    sheet.put("FACIALIS", MARGIN, sheet.epw, Type(8, "semibold", ACCENT))
    sheet.start_section(content.TITLE)
    sheet.put(content.TITLE, MARGIN, sheet.epw, TITLE)
    sheet.y += 1
    sheet.put(told.file_name, MARGIN, sheet.epw, Type(10.5, "semibold"))
    sheet.put(f"Assessed {told.date}", MARGIN, sheet.epw, SMALL)
    sheet.y += 2
    sheet.rule()
    sheet.y += 1.8
    _put_facts(sheet, told.facts)
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


def _put_verdict(sheet: Sheet, told: Content, overlay: Encoded) -> None:
    top = sheet.y
    right = Column(sheet.w - MARGIN - _PICTURE_WIDTH, _PICTURE_WIDTH)
    left = Column(MARGIN, sheet.epw - _PICTURE_WIDTH - _GAP)
    _put_picture(sheet, overlay, right, told.caption)
    below = sheet.y
    sheet.y = top
    _put_headline(sheet, told, left)
    if told.finding is None:
        sheet.put(content.NO_VERDICT, *left, BODY)
        _put_advice(sheet, "Why, and what to do", told.blocking, left)
    else:
        _put_finding(sheet, told.finding, left)
    sheet.y = max(sheet.y, below) + 4


def _put_notes(sheet: Sheet, told: Content) -> None:
    """Write the notice and the cautions; the notice stays on the first page."""
    across = Column(MARGIN, sheet.epw)
    if told.finding is not None:
        for remark in (*told.finding.remarks, content.NO_GRADE):
            sheet.put(remark, *across, SMALL)
            sheet.y += 0.6
        sheet.y += 3
    notes = [("Read with care", told.cautions)]
    if told.finding is not None:
        notes.insert(0, ("Left out", told.blocking))
    tall = sum(_advice_height(sheet, advice, across) for _, advice in notes)
    notice_first = sheet.will_page_break(tall + _notice_height(sheet, told.disclaimers) + 4)
    if notice_first:
        _put_notice(sheet, told.disclaimers)
    for heading, advice in notes:
        _put_advice(sheet, heading, advice, across)
    if not notice_first:
        sheet.y += 4 if tall else 0
        _put_notice(sheet, told.disclaimers)


def _put_picture(sheet: Sheet, picture: Encoded, column: Column, caption: str) -> None:
    width, height = picture.size
    tall = column.width * height / width
    sheet.image(BytesIO(picture.jpeg), column.x, sheet.y, column.width, tall, alt_text=picture.alt)
    sheet.y += tall + 2
    sheet.put(caption, *column, Type(7.5, colour=MUTED, leading=1.35))


def _put_headline(sheet: Sheet, told: Content, column: Column) -> None:
    look = Type(13.5, "bold", leading=1.22)
    tall = sheet.height_of(told.headline, column.width - 5, look)
    sheet.block(column.x, sheet.y + 0.4, 1.6, tall, _TONES[told.tone])
    sheet.put(told.headline, column.x + 5, column.width - 5, look)
    sheet.y += 4


def _put_finding(sheet: Sheet, finding: Finding, column: Column) -> None:
    sheet.put("Affected side", *column, SMALL)
    sheet.put(finding.side, *column, Type(13.5, "bold", leading=1.25))
    sheet.put(finding.side_detail, *column, SMALL)
    if finding.conflict:
        _put_conflict(sheet, finding.conflict, column)
    sheet.y += 3.5
    _put_gauge_title(sheet, "Probability of palsy", finding.probability_text, column)
    _put_gauge(sheet, (0, finding.probability), column, ACCENT, limit=0.5)
    _put_ticks(sheet, ("0", "0.5", "1"), column)
    sheet.put(f"{content.LIMIT_NOTE}.", *column, SMALL)
    sheet.y += 3.5
    for card in finding.regions:
        _put_region(sheet, card, column)
    sheet.y += 3.5
    value, low, high = (v / 100 for v in finding.severity)
    _put_gauge_title(sheet, "Severity (estimated)", finding.severity_text, column)
    _put_gauge(sheet, (low, high), column, ACCENT_LIGHT, value=value)
    _put_ticks(sheet, ("0 no loss", "", "100 total loss of function"), column)
    sheet.put(content.sentence(finding.severity_basis), *column, SMALL)


def _put_conflict(sheet: Sheet, text: str, column: Column) -> None:
    sheet.y += 2
    look = Type(9, "semibold")
    tall = sheet.height_of(text, column.width - 7, look) + 4
    sheet.set_draw_color(*_TONES["beyond"])
    sheet.set_line_width(0.5)
    sheet.rect(column.x, sheet.y, column.width, tall)
    sheet.y += 2
    sheet.put(text, column.x + 3.5, column.width - 7, look)
    sheet.y += 2


def _put_gauge_title(sheet: Sheet, name: str, value: str, column: Column) -> None:
    top = sheet.y
    sheet.put(name, *column, BODY)
    sheet.y = top - 0.5
    sheet.put(value, *column, Type(11, "bold", leading=1.3), align="R")
    sheet.y += 1


def _put_gauge(
    sheet: Sheet,
    filled: tuple[float, float],
    column: Column,
    colour: Colour,
    *,
    value: float | None = None,
    limit: float | None = None,
) -> None:
    top, tall = sheet.y, 2.6
    sheet.block(column.x, top, column.width, tall, TRACK)
    start, end = (min(max(part, 0.0), 1.0) for part in filled)
    sheet.block(column.x + start * column.width, top, (end - start) * column.width, tall, colour)
    if value is not None:
        sheet.block(column.x + value * column.width - 0.5, top - 0.7, 1, tall + 1.4, INK)
    if limit is not None:
        sheet.block(column.x + limit * column.width - 0.15, top - 0.9, 0.3, tall + 1.8, INK)
    sheet.y = top + tall + 0.9


def _put_ticks(sheet: Sheet, texts: tuple[str, str, str], column: Column) -> None:
    top = sheet.y
    for text, align in zip(texts, ("L", "C", "R"), strict=True):
        sheet.y = top
        sheet.put(text, *column, Type(7.5, colour=MUTED), align=align)


def _put_region(sheet: Sheet, card: RegionCard, column: Column) -> None:
    sheet.set_draw_color(*RULE)
    sheet.set_line_width(0.2)
    sheet.line(column.x, sheet.y, column.x + column.width, sheet.y)
    sheet.y += 1.6
    top = sheet.y
    sheet.put(card.name, column.x, 16, BODY)
    after = sheet.y
    sheet.y = top - 0.35
    sheet.put(card.word, column.x + 16, 22, Type(11, "bold", leading=1.3))
    _put_steps(sheet, card, column.x + 39, top + 1.2)
    sheet.y = top + 0.4
    sheet.put(card.detail, column.x + 53, column.width - 53, Type(8, colour=MUTED, leading=1.3))
    sheet.y = max(sheet.y, after) + 1.4


def _put_steps(sheet: Sheet, card: RegionCard, x: float, y: float) -> None:
    level = -1 if card.intensity is None else INTENSITY_LEVELS[card.intensity]
    sheet.set_line_width(0.2)
    for step in (1, 2):
        is_filled = card.intensity is not None and level >= step
        colour = INTENSITY_COLOURS[card.intensity] if is_filled and card.intensity else PAPER
        sheet.set_draw_color(*(colour if is_filled else MUTED))
        sheet.set_fill_color(*colour)
        if card.intensity is None:
            sheet.set_dash_pattern(0.6, 0.5)
        sheet.rect(x + (step - 1) * 5.6, y, 5, 2.2, style="DF")
        sheet.set_dash_pattern()


_ADVICE_HEAD: Final = Type(10.5, "semibold")
_ADVICE: Final = Type(9, "semibold")
_REMEDY: Final = Type(9)


def _advice_height(sheet: Sheet, advice: tuple[Advice, ...], column: Column) -> float:
    if not advice:
        return 0.0
    lines = sum(
        1
        + sheet.height_of(item.message, column.width, _ADVICE)
        + sheet.height_of(item.remedy, column.width, _REMEDY)
        for item in advice
    )
    return 2 + _ADVICE_HEAD.line + lines


def _put_advice(sheet: Sheet, heading: str, advice: tuple[Advice, ...], column: Column) -> None:
    if not advice:
        return
    sheet.y += 2
    sheet.put(heading, *column, _ADVICE_HEAD)
    for item in advice:
        sheet.y += 1
        sheet.need(
            sheet.height_of(item.message, column.width, _ADVICE)
            + sheet.height_of(item.remedy, column.width, _REMEDY)
        )
        sheet.put(item.message, *column, _ADVICE)
        sheet.put(item.remedy, *column, _REMEDY)


_NOTICE_HEAD: Final = Type(11, "bold")


def _notice_lines(lines: tuple[str, ...]) -> list[tuple[str, Type]]:
    """Return the disclaimers with their looks; the one on stroke stands out."""
    return [(text, Type(9.5, "semibold" if n == 1 else "regular")) for n, text in enumerate(lines)]


def _notice_height(sheet: Sheet, lines: tuple[str, ...]) -> float:
    width = sheet.epw - 11
    texts = (sheet.height_of(t, width, look) + 0.8 for t, look in _notice_lines(lines))
    return 6 + _NOTICE_HEAD.line + sum(texts)


def _put_notice(sheet: Sheet, lines: tuple[str, ...]) -> None:
    inner = Column(MARGIN + 6, sheet.epw - 11)
    tall = _notice_height(sheet, lines)
    sheet.need(tall)
    sheet.block(MARGIN, sheet.y, sheet.epw, tall, NOTICE)
    sheet.block(MARGIN, sheet.y, 1.6, tall, NOTICE_EDGE)
    sheet.y += 3
    sheet.put("Not a diagnosis", *inner, _NOTICE_HEAD)
    for text, look in _notice_lines(lines):
        sheet.put(text, *inner, look)
        sheet.y += 0.8
    sheet.y += 7


def _put_comparison(sheet: Sheet, told: Content, tinted: Encoded) -> None:
    sheet.add_page()
    top = sheet.y
    left = Column(MARGIN, _PICTURE_WIDTH)
    right = Column(MARGIN + _PICTURE_WIDTH + _GAP, sheet.epw - _PICTURE_WIDTH - _GAP)
    sheet.heading("Where the face departs")
    _put_picture(sheet, tinted, left, content.MAP_CAPTION)
    below = sheet.y
    sheet.y = top
    sheet.put("Right against left", *right, HEADING)
    sheet.y += 1.5
    put_bars(sheet, told.bars, right.x, right.width)
    sheet.y = max(sheet.y, below) + 6


def _put_quality(sheet: Sheet, told: Content) -> None:
    sheet.heading("Quality" if told.finding is None else "Quality and norms")
    sheet.put(f"Photograph: {told.quality}.", MARGIN, sheet.epw, SMALL)
    if told.finding is None:
        return
    for line in told.norms:
        sheet.y += 0.8
        sheet.put(line, MARGIN, sheet.epw, SMALL)

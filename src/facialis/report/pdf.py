"""The report as a reproducible A4 PDF with its fonts inside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.report import content
from facialis.report.palette import (
    ACCENT,
    ACCENT_LIGHT,
    INTENSITY_COLOURS,
    INTENSITY_LEVELS,
    MUTED,
    PAPER,
    RULE,
)
from facialis.report.pdf_blocks import (
    Column,
    notice_height,
    picture_height,
    put_conflict,
    put_gauge,
    put_gauge_title,
    put_head,
    put_headline,
    put_notice,
    put_picture,
    put_ticks,
)
from facialis.report.pdf_tables import (
    bars_height,
    put_bars,
    put_measures,
    put_provenance,
    put_terms,
)
from facialis.report.sheet import BODY, HEADING, HEADING_HEIGHT, MARGIN, SMALL, Sheet, Type

if TYPE_CHECKING:
    from datetime import datetime

    from facialis.report.content import Advice, Content, Finding, RegionCard
    from facialis.report.pictures import Encoded, Pictures

_GAP: Final = 8.0
_PICTURE_WIDTH: Final = 78.0
_VIEW_WIDTH: Final = 44.0


def render_pdf(told: Content, pictures: Pictures, created: datetime) -> bytes:
    """Return the report of one face as PDF; equal content gives equal bytes."""
    title, subject = f"{content.TITLE}: {told.file_name}", f"{told.file_name} · {told.date}"
    with Sheet(title, subject, created) as sheet:
        sheet.add_page()
        put_head(sheet, content.TITLE, told.file_name, told.date, told.facts)
        _put_verdict(sheet, told, pictures.overlay)
        _put_notes(sheet, told)
        if told.methods:
            _put_methods(sheet, told)
        if told.groups:
            put_measures(sheet, told)
        if pictures.map is not None:
            _put_comparison(sheet, told, pictures.map)
        if pictures.views:
            put_views(sheet, pictures.views)
        _put_quality(sheet, told)
        sheet.y += 5
        put_provenance(sheet, told.provenance)
        return bytes(sheet.output())


def _put_verdict(sheet: Sheet, told: Content, overlay: Encoded) -> None:
    top = sheet.y
    right = Column(sheet.w - MARGIN - _PICTURE_WIDTH, _PICTURE_WIDTH)
    left = Column(MARGIN, sheet.epw - _PICTURE_WIDTH - _GAP)
    put_picture(sheet, overlay, right, told.caption)
    below = sheet.y
    sheet.y = top
    put_headline(sheet, told.headline, told.tone, left)
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
    notice_first = sheet.will_page_break(tall + notice_height(sheet, told.disclaimers) + 4)
    if notice_first:
        put_notice(sheet, told.disclaimers)
    for heading, advice in notes:
        _put_advice(sheet, heading, advice, across)
    if not notice_first:
        sheet.y += 4 if tall else 0
        put_notice(sheet, told.disclaimers)


def _put_finding(sheet: Sheet, finding: Finding, column: Column) -> None:
    sheet.put("Affected side", *column, SMALL)
    sheet.put(finding.side, *column, Type(13.5, "bold", leading=1.25))
    sheet.put(finding.side_detail, *column, SMALL)
    if finding.conflict:
        put_conflict(sheet, finding.conflict, column)
    if finding.doubt:
        put_conflict(sheet, finding.doubt, column)
    sheet.y += 3.5
    put_gauge_title(sheet, "Probability of palsy", finding.probability_text, column)
    put_gauge(sheet, (0, finding.probability), column, ACCENT, limit=0.5)
    put_ticks(sheet, ("0", "0.5", "1"), column)
    sheet.put(f"{content.LIMIT_NOTE}.", *column, SMALL)
    sheet.y += 3.5
    for card in finding.regions:
        _put_region(sheet, card, column)
    sheet.y += 3.5
    value, low, high = (v / 100 for v in finding.severity)
    put_gauge_title(sheet, "Severity (estimated)", finding.severity_text, column)
    put_gauge(sheet, (low, high), column, ACCENT_LIGHT, value=value)
    put_ticks(sheet, ("0 no loss", "", "100 total loss of function"), column)
    sheet.put(content.sentence(finding.severity_basis), *column, SMALL)


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


def _put_methods(sheet: Sheet, told: Content) -> None:
    sheet.y += 1
    sheet.heading(content.METHODS_HEADING)
    put_terms(sheet, told.methods)
    for line in told.together:
        sheet.y += 0.8
        sheet.need(sheet.height_of(line, sheet.epw, SMALL))
        sheet.put(line, MARGIN, sheet.epw, SMALL)


def put_views(sheet: Sheet, views: tuple[Encoded, ...]) -> None:
    """Write what the methods saw, side by side on one page."""
    columns = [Column(MARGIN + k * (_VIEW_WIDTH + 4), _VIEW_WIDTH) for k in range(len(views))]
    tallest = max(
        picture_height(sheet, view, column, view.alt)
        for view, column in zip(views, columns, strict=True)
    )
    sheet.need(5 + HEADING_HEIGHT + tallest)
    sheet.y += 5
    sheet.heading(content.VIEWS_HEADING)
    top = bottom = sheet.y
    for view, column in zip(views, columns, strict=True):
        sheet.y = top
        put_picture(sheet, view, column, view.alt)
        bottom = max(bottom, sheet.y)
    sheet.y = bottom + 5


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


def _put_comparison(sheet: Sheet, told: Content, tinted: Encoded) -> None:
    left = Column(MARGIN, _PICTURE_WIDTH)
    right = Column(MARGIN + _PICTURE_WIDTH + _GAP, sheet.epw - _PICTURE_WIDTH - _GAP)
    pictured = picture_height(sheet, tinted, left, content.MAP_CAPTION)
    sheet.need(5 + HEADING_HEIGHT + max(pictured, bars_height(sheet, told, right.width)))
    if sheet.y > sheet.t_margin:
        sheet.y += 5
    top = sheet.y
    sheet.heading("Where the face departs")
    put_picture(sheet, tinted, left, content.MAP_CAPTION)
    below = sheet.y
    sheet.y = top
    sheet.put("Right against left", *right, HEADING)
    sheet.y += 1.5
    put_bars(sheet, told, right.x, right.width)
    sheet.y = max(sheet.y, below) + 6


def _put_quality(sheet: Sheet, told: Content) -> None:
    norms = () if told.finding is None else told.norms
    lines = (f"Photograph: {told.quality}.", *norms)
    sheet.need(
        HEADING_HEIGHT + sum(sheet.height_of(line, sheet.epw, SMALL) + 0.8 for line in lines)
    )
    sheet.heading("Quality" if told.finding is None else "Quality and norms")
    for line in lines:
        sheet.put(line, MARGIN, sheet.epw, SMALL)
        sheet.y += 0.8

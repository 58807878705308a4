"""The report of an examination as a reproducible A4 PDF with its fonts inside."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Final

from facialis.report import examination_words as words
from facialis.report.content import LIMIT_NOTE
from facialis.report.examination_pdf_forms import put_forms
from facialis.report.examination_pdf_items import put_items
from facialis.report.examination_pdf_methods import methods_fit, put_methods
from facialis.report.examination_pdf_movements import put_movements
from facialis.report.palette import ACCENT, ACCENT_LIGHT, MUTED, RULE, WASH
from facialis.report.pdf_blocks import (
    Column,
    notice_height,
    put_conflict,
    put_gauge,
    put_gauge_title,
    put_head,
    put_headline,
    put_notice,
    put_ticks,
)
from facialis.report.pdf_tables import put_provenance
from facialis.report.sheet import BODY, MARGIN, SMALL, Sheet, Type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from facialis.clinical.anatomy import Movement
    from facialis.report.examination_content import ExaminationContent, Overall, Score
    from facialis.report.examination_movements import MovementSection
    from facialis.report.examination_pictures import MovementPictures

_GAP: Final = 7.0
_THUMB: Final = 24.0
_THUMBS: Final = 8
_LEAST_THUMBS: Final = 6
_THUMB_GAP: Final = 2.4
_BULLET: Final = 4.0
_LIST: Final = Type(9)
_LIST_HEAD: Final = Type(10.5, "semibold")
_NAME: Final = Type(7.2, colour=MUTED, leading=1.25)


def render_examination_pdf(
    told: ExaminationContent, pictures: Mapping[Movement, MovementPictures], created: datetime
) -> bytes:
    """Return the report of one examination as PDF; equal content gives equal bytes."""
    title, subject = f"{words.TITLE}: {told.file_name}", f"{told.file_name} · {told.date}"
    with Sheet(title, subject, created) as sheet:
        sheet.add_page()
        put_head(sheet, words.TITLE, told.file_name, told.date, told.facts)
        _put_verdict(sheet, told)
        _put_scores(sheet, told.scores)
        _put_strip(sheet, told, pictures)
        _put_lists(sheet, told)
        on_first = sheet.page_no() == 1 or told.overall is None
        methods_first = told.methods is not None and on_first and methods_fit(sheet, told.methods)
        if told.methods is not None and methods_first:
            put_methods(sheet, told.methods)
        if told.overall is not None:
            put_forms(sheet, told)
        if told.methods is not None and not methods_first:
            put_methods(sheet, told.methods)
        put_movements(sheet, told, pictures)
        if told.overall is not None:
            put_items(sheet, told.items)
        sheet.y += 5
        put_provenance(sheet, told.provenance)
        return bytes(sheet.output())


def _put_verdict(sheet: Sheet, told: ExaminationContent) -> None:
    width = (sheet.epw - _GAP) / 2
    left, right = Column(MARGIN, width), Column(MARGIN + width + _GAP, width)
    put_headline(sheet, told.headline, told.tone, Column(MARGIN, sheet.epw))
    if told.overall is None:
        sheet.put(words.NO_VERDICT, MARGIN, sheet.epw, BODY)
        sheet.y += 4
        return
    top = sheet.y
    sheet.put("Affected side", *left, SMALL)
    sheet.put(told.overall.side.line, *left, Type(13.5, "bold", leading=1.25))
    sheet.put(told.overall.side.detail, *left, SMALL)
    if told.overall.side.conflict:
        put_conflict(sheet, told.overall.side.conflict, left)
    if told.overall.doubt:
        put_conflict(sheet, told.overall.doubt, left)
    bottom = sheet.y
    sheet.y = top
    _put_probability(sheet, told.overall, right)
    sheet.y = max(sheet.y, bottom) + 4


def _put_probability(sheet: Sheet, overall: Overall, column: Column) -> None:
    put_gauge_title(sheet, "Probability of palsy", overall.probability_text, column)
    put_gauge(sheet, (0, overall.probability), column, ACCENT, limit=0.5)
    put_ticks(sheet, ("0", "0.5", "1"), column)
    sheet.put(f"In the band “{overall.band}”. {LIMIT_NOTE}. {words.BAND_NOTE}.", *column, SMALL)


def _put_scores(sheet: Sheet, scores: tuple[Score, ...]) -> None:
    if not scores:
        return
    inset, width = 3.2, (sheet.epw - 2 * 4) / 3
    top = bottom = sheet.y
    for place, score in enumerate(scores):
        column = Column(MARGIN + place * (width + 4) + inset, width - 2 * inset)
        sheet.y = top + 2.4
        _put_score(sheet, score, column)
        bottom = max(bottom, sheet.y)
    sheet.set_draw_color(*RULE)
    sheet.set_line_width(0.3)
    for place in range(len(scores)):
        sheet.rect(MARGIN + place * (width + 4), top, width, bottom + 1.6 - top)
    sheet.y = bottom + 6.5


def _put_score(sheet: Sheet, score: Score, column: Column) -> None:
    sheet.put(score.name, *column, SMALL)
    if score.at is None:
        sheet.put(score.word, *column, Type(9))
        return
    top = sheet.y
    big = Type(20, "bold", leading=1.25)
    sheet.put(score.value, *column, big)
    after = sheet.y
    x = sheet.width_of(score.value, big) + 2
    sheet.y = top + 3.1
    sheet.put(score.word, column.x + x, column.width - x, Type(9.5))
    sheet.y = after + 0.8
    put_gauge(sheet, (score.low, score.high), column, ACCENT_LIGHT, value=score.at)
    put_ticks(sheet, (score.ends[0], "", score.ends[1]), column)
    sheet.put(score.between or words.NO_INTERVAL, *column, SMALL)


def _put_strip(
    sheet: Sheet,
    told: ExaminationContent,
    pictures: Mapping[Movement, MovementPictures],
) -> None:
    movements = told.movements
    if not movements:
        return
    rows = -(-len(movements) // _THUMBS)
    a_row = max(_LEAST_THUMBS, -(-len(movements) // rows))
    width = min(_THUMB, (sheet.epw - (a_row - 1) * _THUMB_GAP) / a_row)
    sizes = [p.small.size for p in pictures.values()]
    tall = width * max((h / w for w, h in sizes), default=1.2)
    for begin in range(0, len(movements), a_row):
        sheet.need(tall + 9)
        _put_strip_row(sheet, movements[begin : begin + a_row], pictures, width, tall)
    sheet.put(told.strip_caption, MARGIN, sheet.epw, _NAME)
    sheet.y += 4


def _put_strip_row(
    sheet: Sheet,
    movements: tuple[MovementSection, ...],
    pictures: Mapping[Movement, MovementPictures],
    width: float,
    tall: float,
) -> None:
    top = bottom = sheet.y
    for place, section in enumerate(movements):
        x = MARGIN + place * (width + _THUMB_GAP)
        if section.movement in pictures:
            small = pictures[section.movement].small
            high = width * small.size[1] / small.size[0]
            sheet.image(BytesIO(small.jpeg), x, top, width, high, alt_text=small.alt)
        else:
            sheet.block(x, top, width, tall, WASH)
            sheet.y = top + tall / 2 - 2
            sheet.put("no picture", x, width, _NAME, align="C")
        sheet.y = top + tall + 0.8
        sheet.put(section.name, x, width, _NAME, align="C")
        bottom = max(bottom, sheet.y)
    sheet.y = bottom + 1.6


def _put_lists(sheet: Sheet, told: ExaminationContent) -> None:
    """Write what was seen and what is missing; the notice stays on the first page.

    Lists that do not fit under one another stand side by side, if that keeps them on the page.
    """
    lists = (
        ("Observations", told.observations),
        ("What is missing", tuple(f"{scale}: {what}." for scale, what in told.lacking)),
        ("Read with care", told.notes),
    )
    shown = [(heading, lines) for heading, lines in lists if lines]
    whole = Column(MARGIN, sheet.epw)
    notice = notice_height(sheet, told.disclaimers) + 4
    tall = sum(_list_height(sheet, lines, whole) for _, lines in shown)
    if not sheet.will_page_break(tall + notice):
        for heading, lines in shown:
            _put_list(sheet, heading, lines, whole)
        sheet.y += 2 if tall else 0
        put_notice(sheet, told.disclaimers)
        return
    put_notice(sheet, told.disclaimers)
    width = (sheet.epw - _GAP) / 2
    columns = Column(MARGIN, width), Column(MARGIN + width + _GAP, width)
    beside = max(
        sum(_list_height(sheet, lines, column) for _, lines in part)
        for part, column in zip((shown[:1], shown[1:]), columns, strict=True)
    )
    if sheet.will_page_break(beside):
        for heading, lines in shown:
            _put_list(sheet, heading, lines, whole)
        return
    top = bottom = sheet.y
    for part, column in zip((shown[:1], shown[1:]), columns, strict=True):
        sheet.y = top
        for heading, lines in part:
            _put_list(sheet, heading, lines, column)
        bottom = max(bottom, sheet.y)
    sheet.y = bottom


def _list_height(sheet: Sheet, lines: tuple[str, ...], column: Column) -> float:
    texts = sum(sheet.height_of(line, column.width - _BULLET, _LIST) + 0.6 for line in lines)
    return _LIST_HEAD.line + texts + 3


def _put_list(sheet: Sheet, heading: str, lines: tuple[str, ...], column: Column) -> None:
    first = sheet.height_of(lines[0], column.width - _BULLET, _LIST)
    sheet.need(_LIST_HEAD.line + first + 2)
    sheet.put(heading, *column, _LIST_HEAD)
    for line in lines:
        sheet.need(sheet.height_of(line, column.width - _BULLET, _LIST))
        top = sheet.y
        sheet.put("•", column.x, _BULLET, _LIST)
        sheet.y = top
        sheet.put(line, column.x + _BULLET, column.width - _BULLET, _LIST)
        sheet.y += 0.6
    sheet.y += 2.4

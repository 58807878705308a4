"""An A4 sheet with the typeface of the reports, for text in columns and simple shapes."""

from __future__ import annotations

import logging
from bisect import bisect_left
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Self, cast

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, WrapMode, XPos, YPos
from fpdf.fonts import TTFFont

from facialis.report import fonts
from facialis.report.palette import ACCENT, INK, MUTED, RULE, Colour

if TYPE_CHECKING:
    from datetime import datetime

MARGIN: Final = 18.0
_MM_PER_POINT: Final = 25.4 / 72
_FOOT: Final = 17.0
ROOM_OF_A_HEADING: Final = 30.0
"""A heading with less below it goes to the next page."""

Weight = Literal["regular", "semibold", "bold"]


class Type(NamedTuple):
    """How text looks: size in points, weight, colour and line height in parts of the size."""

    size: float = 9.5
    weight: Weight = "regular"
    colour: Colour = INK
    leading: float = 1.42

    @property
    def line(self) -> float:
        """Height of a line in mm."""
        return self.size * self.leading * _MM_PER_POINT


BODY: Final = Type()
SMALL: Final = Type(8, colour=MUTED)
TITLE: Final = Type(19, "bold", leading=1.2)
HEADING: Final = Type(12.5, "bold", ACCENT, 1.3)
_BELOW_HEADING: Final = 1.5
HEADING_HEIGHT: Final = HEADING.line + _BELOW_HEADING
"""Room that a heading takes, mm."""


class Sheet(FPDF):
    """A4 pages with a footer; all lengths in mm from the upper left corner.

    A context manager, because fpdf2 keeps the files of its fonts open.
    """

    def __init__(self, title: str, subject: str, created: datetime) -> None:
        """Start an empty document.

        Args:
            title: Title of the document.
            subject: What it is about; stands in the footer of every page.
            created: Its date, so that equal content gives equal bytes.
        """
        super().__init__(format="A4")
        logging.getLogger("fontTools").setLevel(logging.WARNING)
        self.subject = subject
        self.set_margins(MARGIN, 15, MARGIN)
        self.set_auto_page_break(True, _FOOT + 3)
        self.c_margin = 0
        self.add_font("regular", fname=fonts.REGULAR)
        self.add_font("semibold", fname=fonts.SEMIBOLD)
        self.add_font("bold", fname=fonts.BOLD)
        self.set_font("regular", size=BODY.size)
        self.set_title(self.legible(title))
        self.set_subject(self.legible(subject))
        self.set_creator("Facialis")
        self.set_lang("en-GB")
        self.set_creation_date(created)

    def __enter__(self) -> Self:
        """Return the document."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the files of the fonts."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """Print the subject and the number of the page."""
        self.set_y(-_FOOT)
        self.rule(RULE)
        self.set_y(-_FOOT + 2.5)
        page = self.page_no()
        self.put(self.shortened(self.subject, 140, SMALL), MARGIN, 140, SMALL)
        self.set_y(-_FOOT + 2.5)
        # {nb} becomes the number of pages later, so its own width must not count.
        x = self.w - MARGIN - self.width_of(f"Page {page} of {page}", SMALL)
        self.put(f"Page {page} of {{nb}}", x, MARGIN + 20, SMALL)

    def put(
        self, text: str, x: float, width: float, look: Type = BODY, *, align: str = "L"
    ) -> None:
        """Write wrapped text from the current height down, in a column."""
        self._look(look)
        self.set_x(x)
        self.multi_cell(
            width,
            look.line,
            self.legible(text),
            align=align,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
            wrapmode=WrapMode.WORD,
        )

    def height_of(self, text: str, width: float, look: Type = BODY) -> float:
        """Return the height that text takes in a column."""
        self._look(look)
        height = self.multi_cell(
            width,
            look.line,
            self.legible(text),
            align="L",
            dry_run=True,
            output=MethodReturnValue.HEIGHT,
        )
        return float(cast("float", height))

    def width_of(self, text: str, look: Type = BODY) -> float:
        """Return the width of a line of text."""
        self._look(look)
        return float(self.get_string_width(self.legible(text)))

    def shortened(self, text: str, width: float, look: Type = BODY) -> str:
        """Return text that fits on one line, its middle left out if it is too long."""
        if self.width_of(text, look) <= width:
            return text

        def kept(ends: int) -> str:
            return f"{text[:ends]}…{text[-ends:]}"

        ends = range(1, len(text) // 2 + 1)
        too_long = bisect_left(ends, True, key=lambda n: self.width_of(kept(n), look) > width)
        return kept(max(1, too_long))

    def need(self, height: float) -> bool:
        """Start a new page unless that much room is left; return whether one was started."""
        if not self.will_page_break(height):
            return False
        self.add_page()
        return True

    def rule(self, colour: Colour = RULE, width: float = 0.2) -> None:
        """Draw a line across the text at the current height."""
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(MARGIN, self.y, self.w - MARGIN, self.y)

    def block(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """Fill a rectangle."""
        self.set_fill_color(*colour)
        self.rect(x, y, width, height, style="F")

    def heading(self, text: str) -> None:
        """Write a heading of the first level, with its entry in the outline."""
        self.need(ROOM_OF_A_HEADING)
        self.start_section(text)
        self.put(text, MARGIN, self.epw, HEADING)
        self.y += _BELOW_HEADING

    def legible(self, text: str) -> str:
        """Return text in which characters that no font has are written as escapes."""
        if all(self._has(c, "regular") for c in text):
            return text
        self._add_wide_font()
        return "".join(
            c if self._has(c, "regular") or self._has(c, "wide") else _escaped(c) for c in text
        )

    def _has(self, character: str, family: str) -> bool:
        font = self.fonts.get(family)
        return isinstance(font, TTFFont) and ord(character) in font.cmap

    def _add_wide_font(self) -> None:
        wide = fonts.wide_coverage()
        if wide is not None and "wide" not in self.fonts:
            self.add_font("wide", fname=wide)
            self.set_fallback_fonts(["wide"], exact_match=False)

    def _look(self, look: Type) -> None:
        self.set_font(look.weight, size=look.size)
        self.set_text_color(*look.colour)


def _escaped(character: str) -> str:
    return character.encode("ascii", "backslashreplace").decode()

"""What all pictures of an evaluation have in common: canvas, axes, words and legend."""

from __future__ import annotations

import io
import itertools
import textwrap
from typing import TYPE_CHECKING, Any, Final

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from facialis.report import fonts
from facialis.report.palette import INK, MUTED, RULE, css

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

DPI: Final = 150
PLAIN: Final = FontProperties(fname=str(fonts.REGULAR))
HEADING: Final = FontProperties(fname=str(fonts.SEMIBOLD), size=10.5)
BESIDE_TITLE: Final = 1.0
"""Inches of a picture that its title cannot use: the title begins where the axes do."""
_LETTERS_PER_INCH: Final = 13


def new(width: float, height: float) -> tuple[Figure, Axes]:
    """Return an empty figure of so many inches, and its axes."""
    figure = Figure(figsize=(width, height), dpi=DPI, layout="compressed")
    FigureCanvasAgg(figure)
    return figure, figure.subplots()


def unit_square() -> tuple[Figure, Axes]:
    """Return a canvas for a curve of two shares."""
    figure, axes = new(5.6, 5.8)
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.02)
    axes.set_aspect("equal")
    plain(axes)
    return figure, axes


def plain(axes: Axes) -> None:
    """Leave two sides of the frame, and faint lines behind what is drawn."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(css(RULE))
    axes.grid(axis="y", color=css(RULE), linewidth=0.6)
    axes.set_axisbelow(True)


def text(axes: Axes, x: float, y: float, words: str, **style: Any) -> None:
    """Write words at a place of the axes."""
    axes.text(x, y, words, fontproperties=PLAIN, **style)


def label(axes: Axes, title: str, below: str, beside: str) -> None:
    """Write a title, broken where it is too wide, and what the axes are."""
    if title:
        room = float(axes.figure.bbox.width) / DPI - BESIDE_TITLE
        axes.set_title(
            wrapped(title, room), loc="left", color=css(INK), pad=10, fontproperties=HEADING
        )
    for each, words in ((axes.xaxis.label, below), (axes.yaxis.label, beside)):
        each.set_text(words)
        each.set_fontproperties(PLAIN)
        each.set_fontsize(9.5)
        each.set_color(css(MUTED))
    use_fonts(axes)


def use_fonts(axes: Axes) -> None:
    """Write the ticks in the report's font."""
    axes.tick_params(colors=css(INK), width=0.6)
    for tick in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        tick.set_fontproperties(PLAIN)
        tick.set_fontsize(9)


def legend(axes: Axes, title: str, **place: Any) -> None:
    """Draw a legend, unless there is nothing to tell apart."""
    if not axes.get_legend_handles_labels()[0]:
        return
    small = PLAIN.copy()
    small.set_size(9)
    drawn = axes.legend(prop=small, title=title or None, title_fontproperties=small, **place)
    drawn.get_frame().set_edgecolor(css(RULE))


def png(figure: Figure) -> bytes:
    """Return a figure as PNG, the same bytes for the same figure."""
    stream = io.BytesIO()
    style: dict[str, Any] = {"facecolor": "white"}
    figure.savefig(stream, format="png", metadata={"Software": None}, **style)
    return stream.getvalue()


def wrapped(title: str, width: float) -> str:
    """Return a title with its lines broken where they would be wider.

    Args:
        title: Of one line or several.
        width: Inches.
    """
    most = max(20, int(width * _LETTERS_PER_INCH))
    broken = (textwrap.wrap(each, most, break_long_words=False) for each in title.split("\n"))
    return "\n".join(itertools.chain.from_iterable(broken))


def titled(parts: Sequence[str]) -> str:
    """Return the title of a picture from what it is of, on one line or two."""
    return "\n".join(each for each in parts if each)

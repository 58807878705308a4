"""The report as one HTML file that needs nothing from outside."""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from facialis.report import content, fonts
from facialis.report.palette import INTENSITY_COLOURS, INTENSITY_LEVELS, RULE, css

if TYPE_CHECKING:
    from facialis.report.content import Content, RegionCard
    from facialis.report.pictures import Pictures

_WEIGHTS: Final = ((400, fonts.REGULAR), (600, fonts.SEMIBOLD), (700, fonts.BOLD))


def render_html(told: Content, pictures: Pictures) -> str:
    """Return the report of one face as a self-contained HTML document."""
    template = environment().get_template("report.html.j2")
    return template.render(
        c=told,
        title=content.TITLE,
        no_grade=content.NO_GRADE,
        methods_heading=content.METHODS_HEADING,
        no_verdict=content.NO_VERDICT,
        limit_note=content.LIMIT_NOTE,
        map_caption=content.MAP_CAPTION,
        fonts=embedded_fonts(),
        css=stylesheet(),
        overlay=b64encode(pictures.overlay.jpeg).decode(),
        overlay_alt=pictures.overlay.alt,
        overlay_size=pictures.overlay.size,
        map=None if pictures.map is None else b64encode(pictures.map.jpeg).decode(),
        views=[
            {"data": b64encode(v.jpeg).decode(), "alt": v.alt, "size": v.size}
            for v in pictures.views
        ],
        map_alt="" if pictures.map is None else pictures.map.alt,
        map_size=(0, 0) if pictures.map is None else pictures.map.size,
        card_colour=_card_colour,
        level=_level,
        sentence=content.sentence,
    )


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Return the environment of the templates; what they are given is escaped."""
    return Environment(
        loader=PackageLoader("facialis.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=1)
def embedded_fonts() -> tuple[tuple[int, str], ...]:
    """Return the weights of the typeface, each with its file as base64."""
    return tuple((weight, b64encode(path.read_bytes()).decode()) for weight, path in _WEIGHTS)


@lru_cache(maxsize=2)
def stylesheet(name: str = "report.css") -> str:
    """Return one of the style sheets."""
    return files("facialis.report").joinpath("templates", name).read_text("utf-8")


def _card_colour(card: RegionCard) -> str:
    return css(RULE if card.intensity is None else INTENSITY_COLOURS[card.intensity])


def _level(card: RegionCard) -> int:
    return -1 if card.intensity is None else INTENSITY_LEVELS[card.intensity]

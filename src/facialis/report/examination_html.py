"""The report of an examination as one HTML file that needs nothing from outside."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from facialis.clinical.anatomy import Region, Side
from facialis.report import examination_words as words
from facialis.report.content import LIMIT_NOTE, PICTURE_CAPTION
from facialis.report.examination_figures import KEY
from facialis.report.examination_forms import POINTS, SIGNS, STRENGTHS
from facialis.report.examination_methods import METHODS_HEADING
from facialis.report.examination_movements import WAYS_NOTE
from facialis.report.examination_notes import (
    BOXES_NOTE,
    FUNCTION_NOTE,
    GRADE_NOTE,
    MATRIX_NOTE,
    SCALES_NOTE,
)
from facialis.report.html import embedded_fonts, environment, stylesheet
from facialis.report.palette import DEGREE_COLOURS, SIDE_COLOURS, css

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facialis.clinical.anatomy import Movement
    from facialis.report.examination_content import ExaminationContent
    from facialis.report.examination_pictures import MovementPictures
    from facialis.report.pictures import Encoded

_CHART: tuple[float, float] = (560.0, 190.0)
_LEVEL_CHART: tuple[float, float] = (960.0, 120.0)


def render_examination_html(
    told: ExaminationContent, pictures: Mapping[Movement, MovementPictures]
) -> str:
    """Return the report of one examination as a self-contained HTML document."""
    return (
        environment()
        .get_template("examination.html.j2")
        .render(
            c=told,
            title=words.TITLE,
            no_verdict=words.NO_VERDICT,
            no_interval=words.NO_INTERVAL,
            band_note=words.BAND_NOTE,
            limit_note=LIMIT_NOTE,
            picture_caption=PICTURE_CAPTION,
            ways_note=WAYS_NOTE,
            curve_note=f"Curves. {KEY}",
            grade_note=GRADE_NOTE,
            boxes_note=BOXES_NOTE,
            scales_note=SCALES_NOTE,
            matrix_note=MATRIX_NOTE,
            function_note=FUNCTION_NOTE,
            fonts=embedded_fonts(),
            css=f"{stylesheet()}\n{stylesheet('examination.css')}",
            pictures={
                m: {"large": _image(p.large), "small": _image(p.small)} for m, p in pictures.items()
            },
            signs=SIGNS,
            points=POINTS,
            strengths=STRENGTHS,
            degrees=words.DEGREES,
            degree_colours=[css(colour) for colour in DEGREE_COLOURS],
            regions=[words.REGION_NAMES[region] for region in Region],
            right_colour=css(SIDE_COLOURS[Side.RIGHT]),
            left_colour=css(SIDE_COLOURS[Side.LEFT]),
            side_colour=_side_colour,
            chart=_CHART,
            level_chart=_LEVEL_CHART,
            methods_heading=METHODS_HEADING,
            css_colour=css,
            line=_line,
        )
    )


def _image(picture: Encoded) -> dict[str, object]:
    width, height = picture.size
    return {
        "data": b64encode(picture.jpeg).decode(),
        "alt": picture.alt,
        "width": width,
        "height": height,
    }


def _side_colour(side: Side) -> str:
    return css(SIDE_COLOURS[side])


def _line(points: Sequence[tuple[float, float]], size: tuple[float, float] = _CHART) -> str:
    """Return a curve as the points of an SVG polyline."""
    width, height = size
    return " ".join(f"{x * width:.1f},{(1 - y) * height:.1f}" for x, y in points)

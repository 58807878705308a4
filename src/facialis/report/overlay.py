"""Pictures of the face: what was measured, and where it departs from healthy faces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw

from facialis.clinical.anatomy import AffectedSide, Region, Side
from facialis.face import mesh
from facialis.report import fonts
from facialis.report.canvas import Canvas, Label, Pixels, Points, levelled, typeface
from facialis.report.palette import (
    ACCENT,
    INK,
    INTENSITY_COLOURS,
    MUTED,
    PAPER,
    Colour,
)
from facialis.report.rows import decimals

if TYPE_CHECKING:
    from facialis.grading.photograph import RegionFinding
    from facialis.measures.values import Measure
    from facialis.report.model import Assessment

_CONTOUR: Final[Colour] = (255, 255, 255)
_MEASURE: Final[Colour] = (87, 224, 255)
_FISSURE: Final[Colour] = (255, 214, 90)
_LEFT_OUT: Final[Colour] = (120, 130, 138)
_LEGEND_HEIGHT: Final = 112
_STRIPE: Final = (18, 7)

_CURVES: Final = (
    *(mesh.RIGHT_BROW_UPPER, mesh.RIGHT_BROW_LOWER, mesh.LEFT_BROW_UPPER, mesh.LEFT_BROW_LOWER),
    *(mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID, mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID),
    mesh.RIGHT_UPPER_LIP_OUTER + mesh.LEFT_UPPER_LIP_OUTER[-2::-1],
    mesh.RIGHT_LOWER_LIP_OUTER + mesh.LEFT_LOWER_LIP_OUTER[-2::-1],
    mesh.RIGHT_UPPER_LIP_INNER + mesh.LEFT_UPPER_LIP_INNER[-2::-1],
    mesh.RIGHT_LOWER_LIP_INNER + mesh.LEFT_LOWER_LIP_INNER[-2::-1],
)
_OUTLINES: Final = {
    (Region.BROW, Side.RIGHT): mesh.RIGHT_BROW_UPPER + mesh.RIGHT_BROW_LOWER[::-1],
    (Region.BROW, Side.LEFT): mesh.LEFT_BROW_UPPER + mesh.LEFT_BROW_LOWER[::-1],
    (Region.EYE, Side.RIGHT): mesh.RIGHT_UPPER_LID + mesh.RIGHT_LOWER_LID[::-1],
    (Region.EYE, Side.LEFT): mesh.LEFT_UPPER_LID + mesh.LEFT_LOWER_LID[::-1],
    (Region.MOUTH, Side.RIGHT): mesh.RIGHT_UPPER_LIP_OUTER + mesh.RIGHT_LOWER_LIP_OUTER[::-1],
    (Region.MOUTH, Side.LEFT): mesh.LEFT_UPPER_LIP_OUTER + mesh.LEFT_LOWER_LIP_OUTER[::-1],
}
_IRIS_CENTRE: Final = {Side.RIGHT: mesh.RIGHT_IRIS_CENTRE, Side.LEFT: mesh.LEFT_IRIS_CENTRE}
_IRIS: Final = {Side.RIGHT: mesh.RIGHT_IRIS, Side.LEFT: mesh.LEFT_IRIS}
_CANTHUS: Final = {Side.RIGHT: mesh.RIGHT_OUTER_CANTHUS, Side.LEFT: mesh.LEFT_OUTER_CANTHUS}
_COMMISSURE: Final = {Side.RIGHT: mesh.RIGHT_COMMISSURE, Side.LEFT: mesh.LEFT_COMMISSURE}
_BROW: Final = {Side.RIGHT: mesh.RIGHT_BROW_UPPER, Side.LEFT: mesh.LEFT_BROW_UPPER}
_UPPER_LID: Final = {Side.RIGHT: mesh.RIGHT_UPPER_LID, Side.LEFT: mesh.LEFT_UPPER_LID}
_LOWER_LID: Final = {Side.RIGHT: mesh.RIGHT_LOWER_LID, Side.LEFT: mesh.LEFT_LOWER_LID}
_OUTWARD: Final = {Side.RIGHT: -1, Side.LEFT: 1}
_MIDLINE: Final = (10, 151, 9, 8, 168, 6)
_LOWER_LIP: Final = mesh.RIGHT_LOWER_LIP_OUTER + mesh.LEFT_LOWER_LIP_OUTER[:-1]


def draw_landmarks(assessment: Assessment) -> Pixels:
    """Draw contours, midline and the lines that were measured on the face.

    A photograph that cannot be judged gets its contours only.

    Returns:
        (h, w, 3) uint8 RGB, the face levelled, the patient's right on the viewer's left.
    """
    canvas = levelled(assessment)
    _draw_contours(canvas, oval=assessment.picture is None)
    labels = _side_letters(canvas)
    if assessment.quality.usable:
        _draw_midline(canvas)
        labels += _draw_measures(canvas, assessment)
        labels += _draw_ruler(canvas, assessment)
    canvas.write(labels)
    return canvas.pixels


def draw_region_map(assessment: Assessment) -> Pixels:
    """Tint brows, eyes and mouth by how far they depart from healthy faces, over a legend.

    The weaker side of a region has a full outline, the other a thin one; a region that was left
    out is hatched.

    Returns:
        (h, w, 3) uint8 RGB, the face levelled, the patient's right on the viewer's left.

    Raises:
        ValueError: The assessment has no verdict.
    """
    if assessment.verdict is None:
        raise ValueError("a photograph that cannot be judged has no deviations to draw")
    canvas = levelled(assessment)
    if assessment.picture is None:
        _draw_contours(canvas, oval=True)
    grey = cv2.cvtColor(canvas.pixels, cv2.COLOR_RGB2GRAY)
    canvas.blend(cv2.cvtColor(grey, cv2.COLOR_GRAY2RGB).astype(np.uint8), 0.75)
    labels = _side_letters(canvas)
    for region in Region:
        labels += _draw_region(canvas, region, getattr(assessment.verdict.regions, region))
    canvas.write(labels)
    return np.vstack([canvas.pixels, _legend(canvas.pixels.shape[1])])


def _draw_contours(canvas: Canvas, *, oval: bool) -> None:
    lined = Canvas(canvas.pixels.copy(), canvas.points, canvas.scale)
    colour = MUTED if oval else _CONTOUR
    for curve in _CURVES:
        lined.path(canvas.points[list(curve)], colour, 2)
    angles = np.linspace(0, 2 * np.pi, 48, endpoint=False)
    unit_circle = np.column_stack([np.cos(angles), np.sin(angles)])
    for side in Side:
        centre = canvas.points[_IRIS_CENTRE[side]]
        radius = np.linalg.norm(canvas.points[list(_IRIS[side])] - centre, axis=1).mean()
        lined.path(centre + radius * unit_circle, colour, 2, closed=True)
    if oval:
        lined.path(canvas.points[list(mesh.FACE_OVAL)], colour, 2, closed=True)
    canvas.blend(lined.pixels, 0.8)


def _side_letters(canvas: Canvas) -> list[Label]:
    width = canvas.pixels.shape[1]
    return [
        Label("R", (24, 48), "lm", 40, PAPER, ACCENT),
        Label("L", (width - 24, 48), "rm", 40, PAPER, ACCENT),
    ]


def _midline_x(canvas: Canvas) -> float:
    return float(canvas.points[list(_MIDLINE), 0].mean())


def _draw_midline(canvas: Canvas) -> None:
    x = _midline_x(canvas)
    top = canvas.points[:, 1].min() - 0.05 * canvas.unit
    bottom = canvas.points[mesh.CHIN, 1] + 0.06 * canvas.unit
    canvas.dashed(np.array([x, top]), np.array([x, bottom]), _CONTOUR, 2)


def _draw_measures(canvas: Canvas, assessment: Assessment) -> list[Label]:
    left_out = assessment.quality.excluded_regions
    values = {m.name: m for m in assessment.measures.items if m.region not in left_out}
    reach = canvas.unit * 0.13
    labels = []
    for side in Side:
        brow = _brow_height_line(canvas, side)
        lids = _fissure_line(canvas, side)
        mouth = _commissure_line(canvas, side)
        outer_x = canvas.points[_CANTHUS[side], 0] + _OUTWARD[side] * reach
        corner_x = mouth[1, 0] + _OUTWARD[side] * reach * 0.6
        for name, line, colour, at in (
            ("brow_height", brow, _MEASURE, (outer_x, brow[1, 1])),
            ("fissure_height", lids, _FISSURE, (outer_x, lids[:, 1].mean())),
            ("commissure_position", mouth, _MEASURE, (corner_x, mouth[1, 1])),
        ):
            text = _value_text(values.get(name), side)
            if text:
                _draw_measure_line(canvas, line, colour)
                labels.append(Label(text, at, "rm" if side is Side.RIGHT else "lm"))
    return labels


def _draw_measure_line(canvas: Canvas, line: Points, colour: Colour) -> None:
    along = line[1] - line[0]
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-6) * 9
    strokes = (line, *(np.array([end - across, end + across]) for end in line))
    for ink, width in ((INK, 7), (colour, 3)):
        for stroke in strokes:
            canvas.path(stroke, ink, width)


def _height_on(curve: Points, x: float) -> float:
    """Return y of a curve (n, 2) at x."""
    order = np.argsort(curve[:, 0])
    return float(np.interp(x, curve[order, 0], curve[order, 1]))


def _brow_height_line(canvas: Canvas, side: Side) -> Points:
    x, y = canvas.points[_IRIS_CENTRE[side]]
    return np.array([(x, y), (x, _height_on(canvas.points[list(_BROW[side])], x))])


def _fissure_line(canvas: Canvas, side: Side) -> Points:
    upper, lower = (canvas.points[list(lid[side])] for lid in (_UPPER_LID, _LOWER_LID))
    x = float(upper[[0, -1], 0].mean())
    return np.array([(x, _height_on(upper, x)), (x, _height_on(lower, x))])


def _commissure_line(canvas: Canvas, side: Side) -> Points:
    x = _midline_x(canvas)
    return np.array(
        [(x, _height_on(canvas.points[list(_LOWER_LIP)], x)), canvas.points[_COMMISSURE[side]]]
    )


def _value_text(measure: Measure | None, side: Side) -> str:
    if measure is None or measure.not_measured:
        return ""
    value = measure.mm or measure.interocular
    one = None if value is None else getattr(value, side)
    if one is None:
        return ""
    return f"{decimals(one, 1)} mm" if measure.mm else decimals(one, 3)


def _draw_ruler(canvas: Canvas, assessment: Assessment) -> list[Label]:
    mm_per_px = assessment.measures.scale.mm_per_px
    if mm_per_px is None:
        return []
    length = 10 / mm_per_px * canvas.scale
    height = canvas.pixels.shape[0]
    line = np.array([(30, height - 34), (30 + length, height - 34)])
    canvas.outlined_path(line, PAPER, 4)
    return [Label("10 mm", (30 + length + 14, height - 34), "lm", 28)]


def _draw_region(canvas: Canvas, region: Region, finding: RegionFinding) -> list[Label]:
    labels = []
    for side in Side:
        mask = _region_mask(canvas, region, side)
        outline, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if finding.intensity is None or finding.deviation is None:
            _hatch(canvas, mask)
            cv2.drawContours(canvas.pixels, outline, -1, _LEFT_OUT, 2, cv2.LINE_AA)
            continue
        colour = INTENSITY_COLOURS[finding.intensity]
        if finding.weaker_side not in (side.value, AffectedSide.BOTH):
            _tint(canvas, mask, colour, 0.38)
            cv2.drawContours(canvas.pixels, outline, -1, colour, 2, cv2.LINE_AA)
            continue
        _tint(canvas, mask, colour, 0.62)
        cv2.drawContours(canvas.pixels, outline, -1, INK, 8, cv2.LINE_AA)
        cv2.drawContours(canvas.pixels, outline, -1, PAPER, 4, cv2.LINE_AA)
        x, y, w, h = cv2.boundingRect(mask)
        beside = y + h + 34 if region is Region.EYE else y - 34
        text = f"weaker: {decimals(finding.deviation, 1)} SD"
        labels.append(Label(text, (x + w / 2, beside)))
    return labels


def _region_mask(canvas: Canvas, region: Region, side: Side) -> Pixels:
    mask = np.zeros(canvas.pixels.shape[:2], dtype=np.uint8)
    outline = np.round(canvas.points[list(_OUTLINES[region, side])]).astype(np.int32)
    reach = round(canvas.unit * (0.09 if region is Region.MOUTH else 0.07))
    cv2.fillPoly(mask, [outline], (255,))
    cv2.polylines(mask, [outline], True, (255,), reach)
    if region is Region.MOUTH:
        middle = round(float(canvas.points[[mesh.UPPER_LIP_TOP, mesh.LOWER_LIP_BOTTOM], 0].mean()))
        if side is Side.RIGHT:
            mask[:, middle - 3 :] = 0
        else:
            mask[:, : middle + 4] = 0
    return mask


def _tint(canvas: Canvas, mask: Pixels, colour: Colour, opacity: float) -> None:
    inside = mask > 0
    tinted = canvas.pixels[inside] * (1 - opacity) + np.array(colour) * opacity
    canvas.pixels[inside] = np.round(tinted).astype(np.uint8)


def _hatch(canvas: Canvas, mask: Pixels) -> None:
    rows, columns = np.nonzero(mask)
    stripe = (rows + columns) % _STRIPE[0] < _STRIPE[1]
    canvas.pixels[rows[stripe], columns[stripe]] = _LEFT_OUT


def _legend(width: int) -> Pixels:
    """Return the explanation of the colours (`_LEGEND_HEIGHT`, width, 3)."""
    image = Image.new("RGB", (width, _LEGEND_HEIGHT), PAPER)
    draw = ImageDraw.Draw(image)
    size = min(30, width // 27)
    font, bold = typeface(fonts.REGULAR, size), typeface(fonts.SEMIBOLD, size)
    upper, lower = (14, 44), (72, 102)
    draw.text((0, sum(upper) / 2), "Departure:", INK, bold, anchor="lm")
    for place, (intensity, colour) in zip(
        (0.2, 0.39, 0.59), INTENSITY_COLOURS.items(), strict=True
    ):
        x = round(place * width)
        draw.rectangle((x, upper[0], x + 44, upper[1]), fill=colour)
        draw.text((x + 58, sum(upper) / 2), intensity.value, INK, font, anchor="lm")
    x = round(0.2 * width)
    draw.rounded_rectangle((x, lower[0], x + 44, lower[1]), 8, fill=PAPER, outline=INK, width=8)
    draw.rounded_rectangle((x + 2, lower[0] + 2, x + 42, lower[1] - 2), 6, outline=PAPER, width=4)
    draw.text((x + 58, sum(lower) / 2), "weaker side", INK, font, anchor="lm")
    x = round(0.59 * width)
    _hatch_key(draw, (x, lower[0], x + 44, lower[1]))
    draw.text((x + 58, sum(lower) / 2), "left out", INK, font, anchor="lm")
    return np.array(image)


def _hatch_key(draw: ImageDraw.ImageDraw, box: tuple[int, int, int, int]) -> None:
    x0, y0, x1, y1 = box
    for y in range(y0, y1 + 1):
        for x in range(x0, x1 + 1):
            if (x + y) % _STRIPE[0] < _STRIPE[1]:
                draw.point((x, y), fill=_LEFT_OUT)
    draw.rectangle(box, outline=_LEFT_OUT, width=2)

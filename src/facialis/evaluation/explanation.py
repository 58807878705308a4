"""A sheet of what moved one answer: pictures, and expression scores as bars."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from facialis.evaluation.sheet import squared
from facialis.methods.multimodal_fusion.prepare import AGAINST, TOWARDS
from facialis.report import fonts
from facialis.report.palette import INK, MUTED, PAPER

if TYPE_CHECKING:
    from collections.abc import Sequence

_PANEL: Final = 320
_GAP: Final = 12
_LINE: Final = 22
_TOP: Final = 62
_STRONG: Final = ImageFont.truetype(str(fonts.SEMIBOLD), 17)
_PLAIN: Final = ImageFont.truetype(str(fonts.REGULAR), 14)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What moved one answer; above 0 speaks for palsy.

    Attributes:
        row: Name of the picture.
        truth: Its class by its label.
        palsy: Probability of palsy that the whole model gave.
        is_new: Whether the model has learned from nobody on it.
        scores: Expression scores by name, the strongest first; empty where the model reads none.
        landmarks: Numbers of mesh points, the strongest first; empty where it reads none.
        pictures: (H, W, 3) RGB with what moved the answer drawn on, each with its title.
    """

    row: str
    truth: str
    palsy: float
    is_new: bool
    scores: tuple[tuple[str, float], ...]
    landmarks: tuple[tuple[int, float], ...]
    pictures: tuple[tuple[str, NDArray[np.uint8]], ...] = field(repr=False)


def draw_explanation(found: Explanation) -> bytes:
    """Return the sheet as PNG."""
    panels = [("expression scores", _bars(found.scores))] if found.scores else []
    for title, picture in found.pictures:
        way = cv2.INTER_AREA if max(picture.shape) > _PANEL else cv2.INTER_LINEAR
        panels.append((title, squared(picture, _PANEL, way)))
    width = max(2, len(panels)) * (_PANEL + _GAP) + _GAP
    sheet = Image.new("RGB", (width, _TOP + _LINE + _PANEL + _GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    people = "nobody that it learned from" if found.is_new else "somebody that it learned from"
    draw.text((_GAP, 8), found.row, fill=INK, font=_STRONG)
    told = f"label: {found.truth}; answered palsy {found.palsy:.2f}; shows {people}"
    draw.text((_GAP, 32), told, fill=MUTED, font=_PLAIN)
    for place, (title, panel) in enumerate(panels):
        x = _GAP + place * (_PANEL + _GAP)
        draw.text((x, _TOP - 2), title, fill=INK, font=_PLAIN)
        sheet.paste(Image.fromarray(panel), (x, _TOP + _LINE))
    stream = io.BytesIO()
    sheet.save(stream, "PNG")
    return stream.getvalue()


def _bars(scores: Sequence[tuple[str, float]]) -> NDArray[np.uint8]:
    """Return scores as bars from the middle: red to the right for palsy, blue to the left."""
    panel = Image.new("RGB", (_PANEL, _PANEL), PAPER)
    draw = ImageDraw.Draw(panel)
    most = max((abs(value) for _, value in scores), default=0.0) or 1.0
    step = _PANEL / max(1, len(scores))
    left, right = 170, _PANEL - 8
    middle = (left + right) / 2
    for place, (name, value) in enumerate(scores):
        y = step * place
        draw.text((4, y + step / 2 - 9), f"{name} {value:+.2f}", fill=INK, font=_PLAIN)
        end = middle + value / most * (right - left) / 2
        box = (min(middle, end), y + 6, max(middle, end), y + step - 6)
        draw.rectangle(box, fill=TOWARDS if value > 0 else AGAINST)
    draw.line((middle, 0, middle, _PANEL), fill=MUTED)
    return np.asarray(panel)

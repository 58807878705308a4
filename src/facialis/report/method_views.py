"""What methods saw of the face, and where they looked, as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw

from facialis.clinical.anatomy import AffectedSide, Side
from facialis.methods.asymmetric_parsing.prepare import COLOURS as PART_COLOURS
from facialis.methods.asymmetric_parsing.prepare import overlay as parts_over
from facialis.methods.cascaded_encoder.prepare import COLOURS as ATTRIBUTE_COLOURS
from facialis.methods.cascaded_encoder.prepare import heat_map
from facialis.methods.cascaded_encoder.prepare import overlay as attributes_over
from facialis.regions.classes import Attribute, Part
from facialis.report import fonts
from facialis.report.canvas import Pixels, typeface
from facialis.report.palette import INK, PAPER, Colour
from facialis.report.picture import MethodView
from facialis.report.sides import PROBABILITY_LIMIT

if TYPE_CHECKING:
    from enum import IntEnum

    from facialis.grading.method_answers import Said
    from facialis.grading.photograph import Verdict

_REMARKS: Final = {"cascaded_encoder-light": " (brows and eyes are often missed)"}
_PARALYSED: Final = ", and what looks paralysed on the side named above"
_VIEW_SIDE: Final = 320
"""Width and height of what is shown, pixels; the key stands below."""
_KEY_COLUMNS: Final = 2
_KEY_LINE: Final = 26
_KEY_LETTERS: Final = 19
_INSET: Final = 8
_SWATCH: Final = (20, 16)
_JET: Final = np.arange(256, dtype=np.uint8)[None]


def method_views(said: Said, verdict: Verdict | None) -> tuple[MethodView, ...]:
    """Return the parts that methods saw, and where they looked, over the part that they cut out.

    Args:
        said: By the methods.
        verdict: Where it calls a palsy of one side, what a method takes for paralysed on that side
            is shown; by themselves methods are wrong about it too often.
    """
    side = None if verdict is None else called_side(verdict)
    views = []
    for name, seen in said.seen.items():
        cut = seen.square.cut(said.picture, _VIEW_SIDE)
        found, remark = seen.labels, _REMARKS.get(name, "")
        if side is not None and side in seen.paralysed and seen.paralysed[side].any():
            found = np.where(seen.paralysed[side], np.uint8(Part.FPP), found)
            remark = _PARALYSED
        labels = np.asarray(
            cv2.resize(found, (_VIEW_SIDE, _VIEW_SIDE), interpolation=cv2.INTER_NEAREST_EXACT),
            np.uint8,
        )
        over, classes, colours = (
            (parts_over, Part, PART_COLOURS)
            if seen.classes is Part
            else (attributes_over, Attribute, ATTRIBUTE_COLOURS)
        )
        title = f"{name}: parts of the face{remark}"
        key = _key_of_classes([c for c in classes if c and (labels == c).any()], colours)
        views.append(MethodView(title, np.vstack([over(cut, labels), key])))
        if seen.attention is not None:
            picture = np.vstack([heat_map(cut, seen.attention), _key_of_attention()])
            views.append(MethodView(f"{name}: attention: where its parsing looks", picture))
    return tuple(views)


def called_side(verdict: Verdict) -> Side | None:
    """Return the side of a palsy that the headline calls, if it is one side."""
    sides = {AffectedSide.RIGHT: Side.RIGHT, AffectedSide.LEFT: Side.LEFT}
    return sides.get(verdict.side) if verdict.palsy_probability >= PROBABILITY_LIMIT else None


def _key_of_classes(classes: list[IntEnum], colours: tuple[Colour, ...]) -> Pixels:
    """Return the colours of the classes (h, `_VIEW_SIDE`, 3)."""
    rows = -(-len(classes) // _KEY_COLUMNS)
    image = Image.new("RGB", (_VIEW_SIDE, rows * _KEY_LINE + 4), PAPER)
    draw, font = ImageDraw.Draw(image), typeface(fonts.REGULAR, _KEY_LETTERS)
    for place, each in enumerate(classes):
        x = _INSET + place % _KEY_COLUMNS * (_VIEW_SIDE // _KEY_COLUMNS)
        y = place // _KEY_COLUMNS * _KEY_LINE + 8
        draw.rectangle((x, y, x + _SWATCH[0], y + _SWATCH[1]), fill=colours[each])
        words = each.name.replace("_", " ")
        text = "paralysed" if each is Part.FPP else words.lower()
        draw.text((x + _SWATCH[0] + 9, y + _SWATCH[1] / 2), text, INK, font, anchor="lm")
    return np.array(image)


def _key_of_attention() -> Pixels:
    """Return the colours from least to most (h, `_VIEW_SIDE`, 3)."""
    image = Image.new("RGB", (_VIEW_SIDE, _KEY_LINE + 4), PAPER)
    draw, font = ImageDraw.Draw(image), typeface(fonts.REGULAR, _KEY_LETTERS)
    middle, edges = 8 + _SWATCH[1] / 2, (64, _VIEW_SIDE - 64)
    draw.text((_INSET, middle), "least", INK, font, anchor="lm")
    draw.text((_VIEW_SIDE - _INSET, middle), "most", INK, font, anchor="rm")
    ramp = cv2.resize(
        cv2.applyColorMap(_JET, cv2.COLORMAP_JET)[..., ::-1], (edges[1] - edges[0], _SWATCH[1])
    )
    image.paste(Image.fromarray(ramp), (edges[0], 8))
    return np.array(image)

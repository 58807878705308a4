"""A picture of what a network sees: the first examples of a training, as they were prepared."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from facialis.report import fonts
from facialis.report.palette import MUTED, PAPER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.training.examples import Arrays

SHOWN: Final = 4
"""Examples on the sheet."""
_HEIGHT: Final = 112
_GAP: Final = 8
_LINE: Final = 24
_PLAIN: Final = ImageFont.truetype(str(fonts.REGULAR), 14)


def inputs_sheet(arrays: Arrays) -> bytes | None:
    """Return a sheet (PNG) of pictures that examples consist of, such as paper 003's three crops.

    An example is a row; each of its pictures is shown, of a sequence frame by frame.

    Args:
        arrays: Of examples; those of shape (n, 3, H, W) or (n, T, 3, H, W) uint8 are pictures.

    Returns:
        The picture; None if nothing that the examples hold is one.
    """
    pictures = {name: each for name, each in arrays.items() if len(each) and _is_pictures(each)}
    if not pictures:
        return None
    columns = {name: [_strip(each) for each in shown[:SHOWN]] for name, shown in pictures.items()}
    widths = {name: strips[0].shape[1] for name, strips in columns.items()}
    rows = max(map(len, columns.values()))
    size = sum(widths.values()) + _GAP * (len(widths) + 1), _LINE + rows * (_HEIGHT + _GAP)
    sheet = Image.new("RGB", size, PAPER)
    draw = ImageDraw.Draw(sheet)
    x = _GAP
    for name, strips in columns.items():
        draw.text((x, 4), name, fill=MUTED, font=_PLAIN)
        for row, strip in enumerate(strips):
            sheet.paste(Image.fromarray(strip), (x, _LINE + row * (_HEIGHT + _GAP)))
        x += widths[name] + _GAP
    stream = io.BytesIO()
    sheet.save(stream, "png")
    return stream.getvalue()


def _is_pictures(array: NDArray[Any]) -> bool:
    return array.dtype == np.uint8 and array.ndim in (4, 5) and array.shape[-3] == 3  # noqa: PLR2004


def _strip(example: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the frames (T, 3, H, W) of an example, or its one picture, side by side."""
    frames = example.reshape(-1, *example.shape[-3:]).transpose(0, 2, 3, 1)
    width = round(_HEIGHT * frames.shape[2] / frames.shape[1])
    shrinks = frames.shape[1] > _HEIGHT
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    plain = (np.ascontiguousarray(each) for each in frames)
    shown = [cv2.resize(each, (width, _HEIGHT), interpolation=way) for each in plain]
    return np.asarray(np.concatenate(shown, axis=1), np.uint8)

"""The last step of reading: reduce, convert and turn a decoded picture, a few rows at a time.

Whole-picture steps would each hold another copy, and are slower: a band stays in the cache.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from facialis.media.colour import Conversion

_BAND_PIXELS = 1 << 19
_REDUCIBLE_MODES = frozenset({"RGB", "L", "CMYK"})

_Turn = Image.Transpose
_TURNS = {
    1: None,
    2: _Turn.FLIP_LEFT_RIGHT,
    3: _Turn.ROTATE_180,
    4: _Turn.FLIP_TOP_BOTTOM,
    5: _Turn.TRANSPOSE,
    6: _Turn.ROTATE_270,
    7: _Turn.TRANSVERSE,
    8: _Turn.ROTATE_90,
}
_FROM_THE_END = frozenset({3, 4, 6, 7})
ON_ITS_SIDE = frozenset({5, 6, 7, 8})
"""EXIF orientations of a picture whose rows are columns."""

MIRRORED = {1: 2, 2: 1, 3: 4, 4: 3, 5: 6, 6: 5, 7: 8, 8: 7}
"""The EXIF orientation that turns a picture upright and then swaps left and right."""


def upright_pixels(
    image: Image.Image,
    convert: Conversion,
    *,
    covered: tuple[float, float],
    size: tuple[int, int],
    orientation: int,
) -> NDArray[np.uint8]:
    """Return the pixels of a decoded picture, reduced, in sRGB and upright.

    Args:
        image: The picture as it is stored. It is closed if it has to be reduced, because two large
            pictures at a time may be more than the memory holds.
        convert: What turns its rows into sRGB.
        covered: The width and height of the picture in its own pixels; not whole numbers when a
            decoder has left part of a column or row over.
        size: The width and height to reduce it to.
        orientation: EXIF orientation, 1 to 8.

    Returns:
        (H, W, 3) uint8, C-contiguous, read-only; H and W are swapped for `ON_ITS_SIDE`.
    """
    if image.size == size:
        return _turned(image, convert, orientation)
    factor = max(1, min(image.width // size[0], image.height // size[1]))
    box = (0, 0, covered[0] / factor, covered[1] / factor)
    if image.mode in _REDUCIBLE_MODES and not image.has_transparency_data:
        small = image.reduce(factor)
    else:
        small = _reduced(image, convert, factor)
        convert = _unchanged
    image.close()
    small = small.resize(size, Image.Resampling.BICUBIC, box)
    return _turned(small, convert, orientation)


def _unchanged(band: Image.Image) -> Image.Image:
    return band


def _bands(image: Image.Image, multiple: int = 1) -> Iterator[tuple[int, Image.Image]]:
    width, height = image.size
    rows = max(1, _BAND_PIXELS // (width * multiple)) * multiple
    for top in range(0, height, rows):
        yield top, image.crop((0, top, width, min(top + rows, height)))


def _reduced(image: Image.Image, convert: Conversion, factor: int) -> Image.Image:
    width, height = image.size
    small = Image.new("RGB", (math.ceil(width / factor), math.ceil(height / factor)))
    for top, band in _bands(image, factor):
        small.paste(convert(band).reduce(factor), (0, top // factor))
    return small


def _turned(image: Image.Image, convert: Conversion, orientation: int) -> NDArray[np.uint8]:
    width, height = image.size
    sideways = orientation in ON_ITS_SIDE
    turn = _TURNS[orientation]
    pixels = np.empty((width, height, 3) if sideways else (height, width, 3), np.uint8)
    for top, band in _bands(image):
        rows = convert(band)
        start = height - top - band.height if orientation in _FROM_THE_END else top
        place = np.s_[start : start + band.height]
        target = pixels[:, place] if sideways else pixels[place]
        target[:] = np.asarray(rows if turn is None else rows.transpose(turn))
    pixels.flags.writeable = False
    return pixels

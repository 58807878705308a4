"""Pillow's decoders without its global switches, and their failures as one sentence each."""

from __future__ import annotations

import logging
import math
import struct
import threading
import warnings
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, BinaryIO

import numpy as np
from PIL import Image
from PIL.BmpImagePlugin import BmpImageFile
from PIL.ExifTags import Base as Tag
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from facialis.errors import InputError
from facialis.media.signatures import ANIMATED, HEAD_BYTES, RAW, describe, picture_format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL.ImageFile import ImageFile

logger = logging.getLogger(__name__)

MAX_PHOTO_PIXELS = 250_000_000
"""A larger photograph is refused before it is decoded."""

MIN_SIDE = 32
"""A photograph with a shorter side, in pixels, is refused: no face could be measured in it."""

_LARGE_WEBP_PIXELS = 1 << 26
_WEBP_BAND_ROWS = 64
_RAW_PREVIEW = 1
_ORIENTATIONS = range(1, 9)
_MANY_PICTURES_ALLOWED = frozenset({"HEIF", "TIFF"})
_AGAIN = "copy it again from the camera or export it anew"
_DECODER_ERRORS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_PILLOW_FILTERS = threading.Lock()


def open_picture(file: BinaryIO, name: str) -> ImageFile:
    """Read the header of a picture and check that it is worth decoding.

    Args:
        file: The file, at its start.
        name: The picture as the user named it.

    Raises:
        InputError: If it is not a still picture, is damaged, or is of an absurd size.
    """
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if not head:
        raise InputError(name, "the file is empty", _AGAIN)
    kind = picture_format(head)
    if kind is None:
        raise InputError(name, *describe(head))
    try:
        with _decoding(name), _quiet():
            image = _DECODERS[kind](file)
            animated = getattr(image, "is_animated", False)
    except ImportError as error:
        raise InputError(
            name,
            f"its format is {kind}, whose decoder cannot be loaded here",
            "reinstall pillow and pillow-heif, or save it as JPEG",
        ) from error
    if animated and kind not in _MANY_PICTURES_ALLOWED:
        raise InputError(name, *ANIMATED)
    if isinstance(image, TiffImageFile):
        _check_tiff(image, name)
    _check_size(image, name)
    return image


def decode(image: ImageFile, name: str, size: tuple[int, int]) -> tuple[Image.Image, int]:
    """Decode a picture; a JPEG at the smallest fraction that is not below a size.

    Args:
        image: The picture, whose file is still open.
        name: The picture as the user named it.
        size: Width and height that are enough.

    Returns:
        The decoded picture with its metadata, and how many pixels of the file went into one of the
        picture, each way: 1, 2, 4 or 8.

    Raises:
        InputError: If the picture is cut short or damaged.
    """
    fraction = 1
    with _decoding(name):
        large = image.width * image.height > _LARGE_WEBP_PIXELS
        if isinstance(image, WebPImageFile) and image.fp and large:
            return _half_webp(image, image.fp), 2
        if isinstance(image, JpegImageFile):
            width = image.width
            drafted = image.draft(None, size)
            fraction = round(width / drafted[1][2]) if drafted else 1
        if isinstance(image, TiffImageFile):
            with _quiet():
                image.load()
        else:
            image.load()
    return image, fraction


def _half_webp(image: WebPImageFile, file: IO[bytes]) -> Image.Image:
    """Decode a large WebP to half its size by OpenCV, as Pillow would take 16 bytes a pixel."""
    import cv2  # noqa: PLC0415 -- only a huge WebP pays for its import

    file.seek(0)
    encoded = np.frombuffer(file.read(), np.uint8)
    pixels = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise OSError("OpenCV cannot decode it")
    swap = cv2.COLOR_BGRA2RGBA if pixels.shape[2] == len("BGRA") else cv2.COLOR_BGR2RGB
    half = Image.new(image.mode, (math.ceil(image.width / 2), math.ceil(image.height / 2)))
    for top in range(0, image.height, _WEBP_BAND_ROWS):
        band = Image.fromarray(cv2.cvtColor(pixels[top : top + _WEBP_BAND_ROWS], swap))
        half.paste(band.reduce(2), (0, top // 2))
    half.info = image.info
    return half


def orientation(image: Image.Image, name: str) -> int:
    """Return the EXIF orientation that decoding has left to be applied, 1 if there is none.

    Args:
        image: A decoded picture. TIFF and HEIC come upright from their decoders.
        name: The picture as the user named it, for the log.
    """
    try:
        with _quiet():
            value = image.getexif().get(Tag.Orientation, 1)
    except _DECODER_ERRORS as error:
        logger.warning(
            "%s: the EXIF data is damaged and left out; the picture is taken as upright (%s)",
            name,
            error,
        )
        return 1
    return value if value in _ORIENTATIONS else 1


@contextmanager
def _decoding(name: str) -> Iterator[None]:
    """Turn whatever a decoder raises on a bad file into one sentence."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise _too_large(name) from error
    except MemoryError as error:
        raise InputError(
            name, "there is not enough memory to read it", "close other programs or reduce it"
        ) from error
    except _DECODER_ERRORS as error:
        raise InputError(name, "the picture is cut short or damaged", _AGAIN) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Pillow's warnings about odd metadata; the filters are global, hence the lock."""
    with _PILLOW_FILTERS, warnings.catch_warnings(action="ignore"):
        yield


def _too_large(name: str, size: str = "its size") -> InputError:
    return InputError(
        name,
        f"{size} is far beyond any photograph, so it is not decoded",
        "reduce it to 100 megapixels or fewer",
    )


def _heif(file: BinaryIO) -> ImageFile:
    from pillow_heif import HeifImageFile  # noqa: PLC0415 -- only HEIC pays for its import

    return HeifImageFile(file)  # type: ignore[no-untyped-call]


def _avif(file: BinaryIO) -> ImageFile:
    from PIL.AvifImagePlugin import AvifImageFile  # noqa: PLC0415 -- older Pillows have none

    return AvifImageFile(file)


# The classes are called directly: Image.open would need Pillow's size limit raised, and HEIC
# registered, for the whole host program.
_DECODERS: dict[str, Callable[[BinaryIO], ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WEBP": WebPImageFile,
    "TIFF": TiffImageFile,
    "BMP": BmpImageFile,
    "GIF": GifImageFile,
    "HEIF": _heif,
    "AVIF": _avif,
}


def _check_tiff(image: TiffImageFile, name: str) -> None:
    tags = image.tag_v2
    preview = tags.get(Tag.NewSubfileType) == _RAW_PREVIEW and Tag.SubIFDs in tags
    if Tag.DNGVersion in tags or preview:
        raise InputError(name, *RAW)
    if image.is_animated:
        logger.warning("%s: the file holds several pages; the first is read", name)


def _check_size(image: ImageFile, name: str) -> None:
    width, height = image.size
    if width * height > MAX_PHOTO_PIXELS:
        raise _too_large(name, f"{width} × {height} pixels")
    if min(width, height) < MIN_SIDE:
        raise InputError(
            name,
            f"the picture is only {width} × {height} pixels",
            f"pass a photograph of at least {MIN_SIDE} pixels each way",
        )

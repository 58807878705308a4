"""A photograph file to an upright, unmirrored sRGB frame.

Formats: JPEG, PNG, WebP, TIFF, BMP, HEIC, HEIF, AVIF and still GIF, told by the file's first bytes.
Of a file that holds several pictures the first (HEIC: the primary one) is read. 16-bit values are
scaled by their full range, colours are converted to sRGB, transparency is laid on white.
"""

from __future__ import annotations

import hashlib
import math
import stat
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PIL.ExifTags import Base as Tag
from PIL.TiffImagePlugin import TiffImageFile

from facialis.errors import InputError, printable
from facialis.media.colour import to_srgb
from facialis.media.decoders import MAX_PHOTO_PIXELS, MIN_SIDE, decode, open_picture, orientation
from facialis.media.frame import Frame
from facialis.media.upright import MIRRORED, ON_ITS_SIDE, upright_pixels

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from PIL import Image

    from facialis.media.colour import Conversion

__all__ = ["MAX_FRAME_PIXELS", "MAX_PHOTO_PIXELS", "MIN_SIDE", "Frame", "read_photo"]

MAX_FRAME_PIXELS = 1 << 24
"""A larger photograph is reduced to about this many pixels (16.8 million) when it is read."""


def read_photo(path: str | Path, *, mirrored: bool = False) -> Frame:
    """Read a photograph as the patient was seen.

    A photograph of more than `MAX_FRAME_PIXELS` is reduced, which `Frame.scale` tells.

    Args:
        path: The file.
        mirrored: Whether the photograph is selfie-mirrored; the frame is not.

    Raises:
        InputError: If the file is missing, unreadable, damaged, no photograph, or of an absurd
            size.
    """
    name = printable(path)
    with _opened(Path(path), name) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        header = open_picture(file, name)
        full = header.size
        image, fraction = decode(header, name, _frame_size(*full))
        if fraction == 1:
            full = image.size  # a HEIC header may have promised another size
        convert = _colours(image, name)
        turn = orientation(image, name)
    pixels = upright_pixels(
        image,
        convert,
        covered=(full[0] / fraction, full[1] / fraction),
        size=_frame_size(*full),
        orientation=MIRRORED[turn] if mirrored else turn,
    )
    width, height = reversed(full) if turn in ON_ITS_SIDE else full
    return Frame(
        pixels=pixels,
        name=name,
        sha256=digest,
        width=width,
        height=height,
        scale=pixels.shape[1] / width,
        mirrored=mirrored,
    )


@contextmanager
def _opened(path: Path, name: str) -> Iterator[io.BufferedReader]:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError(name, "is a folder, not a photograph", "name a file in it")
        if not stat.S_ISREG(mode):
            raise InputError(
                name, "is a pipe, a socket or a device", "save the photograph as an ordinary file"
            )
        file = path.open("rb")
    except FileNotFoundError as error:
        raise InputError(name, "no such file", "check the name and the folder") from error
    except PermissionError as error:
        raise InputError(
            name, "you may not read this file", "ask for access or copy it to your own folder"
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not valid"
        raise InputError(
            name, f"cannot be opened ({reason})", "check the name and the drive"
        ) from error
    with file:
        yield file


def _frame_size(width: int, height: int) -> tuple[int, int]:
    shrink = min(1.0, math.sqrt(MAX_FRAME_PIXELS / (width * height)))
    return max(1, round(width * shrink)), max(1, round(height * shrink))


def _colours(image: Image.Image, name: str) -> Conversion:
    if not isinstance(image, TiffImageFile):
        return to_srgb(image, name)
    bits = image.tag_v2.get(Tag.BitsPerSample, 16)
    return to_srgb(
        image,
        name,
        bits=bits[0] if isinstance(bits, tuple) else bits,
        inverted=image.tag_v2.get(Tag.PhotometricInterpretation) == 0,
    )

"""Any kind of pixel to 8-bit sRGB, a band of rows at a time."""

from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageCms

from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Conversion = Callable[[Image.Image], Image.Image]

logger = logging.getLogger(__name__)

_DEEP_MODES = frozenset({"I;16", "I;16B", "I;16L", "I;16N"})
_UNRANGED_MODES = frozenset({"I", "F"})
_GREY_MODES = frozenset({"1", "L", "LA", "La"})
_PLAIN_MODES = frozenset({"RGB", "L", "CMYK", "LAB"})
_SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab": "LAB"}
_PAPER = (255, 255, 255)
_PROBE_LEVELS = 9
_IMPERCEPTIBLE = 1


def to_srgb(image: Image.Image, name: str, *, bits: int = 16, inverted: bool = False) -> Conversion:
    """Return a function that turns rows of a picture, in its own mode, into sRGB.

    Transparent parts are laid on white, as paper and viewers show them. An embedded ICC profile is
    followed, with relative colorimetric intent and black point compensation; one that is damaged
    or belongs to another kind of pixel is left out with a logged warning. CMYK without a profile
    is taken as ideal inks.

    Args:
        image: The picture; only its mode and metadata are read.
        name: The picture as the user named it, for the log.
        bits: How many bits of a 16-bit grey value are used.
        inverted: Whether 0 is white in 16-bit grey.

    Raises:
        InputError: If the pixels are real or 32-bit numbers, whose black and white nobody knows.
    """
    if image.mode in _UNRANGED_MODES:
        raise InputError(
            name, "its pixels are 32-bit numbers without a known range", "save it with 8 or 16 bits"
        )
    base, mode = _to_base(image, bits, inverted)
    icc = image.info.get("icc_profile")
    if mode == "LAB" and not icc:
        icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    follow = _profile(icc, mode, name) if icc else None
    if follow is not None:
        return lambda band: follow(base(band))
    if mode == "RGB":
        return base
    return lambda band: base(band).convert("RGB")


def _to_base(image: Image.Image, bits: int, inverted: bool) -> tuple[Conversion, str]:
    """Return a conversion to 8 bits a channel without palette and alpha, and its result's mode."""
    if image.mode in _DEEP_MODES:
        table = _eight_bits(bits, inverted)
        return lambda band: Image.fromarray(table[np.asarray(band)]), "L"
    mode = "L" if image.mode in _GREY_MODES else "RGB"
    if image.has_transparency_data:
        return lambda band: _on_paper(band).convert(mode), mode
    if image.mode in _PLAIN_MODES:
        return lambda band: band, image.mode
    return lambda band: band.convert(mode), mode


def _eight_bits(bits: int, inverted: bool) -> NDArray[np.uint8]:
    """Return the nearest of 256 levels for every 16-bit value of which `bits` are used."""
    white = (1 << bits) - 1
    levels = np.arange(1 << 16).clip(max=white)
    scaled = (levels * 510 + white) // (2 * white)
    return (255 - scaled if inverted else scaled).astype(np.uint8)


def _on_paper(band: Image.Image) -> Image.Image:
    cut_out = (band.convert("LA") if band.mode == "La" else band).convert("RGBA")
    paper = Image.new("RGB", band.size, _PAPER)
    paper.paste(cut_out, mask=cut_out.getchannel("A"))
    return paper


def _profile(icc: bytes, mode: str, name: str) -> Conversion | None:
    """Return the conversion of an ICC profile to sRGB, or None if it is not needed or no use."""
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        source = _SPACES.get(profile.profile.xcolor_space.strip(), "")
        if source != mode and not (source == "RGB" and mode == "L"):
            logger.warning(
                "%s: the colour profile is for %s, not for %s pixels; it is left out",
                name,
                source or "another colour space",
                mode,
            )
            return None
        transform = ImageCms.buildTransform(
            profile,
            ImageCms.createProfile("sRGB"),
            source,
            "RGB",
            ImageCms.Intent.RELATIVE_COLORIMETRIC,
            ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError) as error:
        logger.warning(
            "%s: the colour profile is damaged and left out; the colours are taken as sRGB (%s)",
            name,
            error,
        )
        return None
    if source == "RGB" and _changes_nothing(transform):
        return None
    return lambda band: transform.apply(band.convert(source))


def _changes_nothing(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether a profile is sRGB in all but name, told by a grid of colours through all of RGB."""
    levels = np.linspace(0, 255, _PROBE_LEVELS).round().astype(np.uint8)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1)
    colours = grid.reshape(_PROBE_LEVELS, -1, 3)
    seen = np.asarray(transform.apply(Image.fromarray(colours)))
    return int(np.abs(seen.astype(int) - colours).max()) <= _IMPERCEPTIBLE

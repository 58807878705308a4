"""A decoded video frame to upright RGB of square pixels, as a player would show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

if TYPE_CHECKING:
    from fractions import Fraction

    from av.video.frame import VideoFrame
    from numpy.typing import NDArray

_MATRIX_BYTES: Final = 36
_OBLONG: Final = (0.2, 5.0)
_UNSPECIFIED_COLOURS: Final = 2
_HIGH_DEFINITION_ROWS: Final = 720


@dataclass(frozen=True, slots=True)
class Attitude:
    """How a stored frame is turned to stand upright: transposed first, then flipped.

    Attributes:
        transposed: Rows become columns.
        across: Left and right are swapped.
        upside: Top and bottom are swapped.
    """

    transposed: bool = False
    across: bool = False
    upside: bool = False

    @property
    def degrees(self) -> int:
        """Counter-clockwise turn, before which the frame is mirrored if `is_mirrored`."""
        if self.is_mirrored:
            return Attitude(self.transposed, not self.across, self.upside).degrees
        if self.transposed:
            return 270 if self.across else 90
        return 180 if self.across else 0

    @property
    def is_mirrored(self) -> bool:
        """Whether left and right are swapped in the upright frame."""
        return bool(self.transposed ^ self.across ^ self.upside)

    def applied(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return pixels (H, W, 3) so turned, C-contiguous."""
        turned: Any = cv2.transpose(pixels) if self.transposed else pixels
        if self.across or self.upside:
            turned = cv2.flip(turned, -1 if self.across and self.upside else int(self.across))
        return np.ascontiguousarray(turned, np.uint8)

    def mirrored(self) -> Attitude:
        """Return the attitude that swaps left and right in the end."""
        return Attitude(self.transposed, not self.across, self.upside)


def attitude(frame: VideoFrame) -> Attitude:
    """Return the attitude that a frame's display matrix asks for, to the nearest quarter turn.

    The matrix is read as a whole: the angle alone takes a mirrored frame for one upside down.
    """
    stored: Any = frame.side_data.get("DISPLAYMATRIX")
    octets = b"" if stored is None else bytes(stored)
    if len(octets) != _MATRIX_BYTES:
        return Attitude()
    a, b, _, c, d = (float(v) for v in np.frombuffer(octets, np.int32)[:5])
    if abs(b) + abs(c) > abs(a) + abs(d):
        return Attitude(transposed=True, across=c < 0, upside=b < 0)
    return Attitude(across=a < 0, upside=d < 0)


def shown_size(frame: VideoFrame, pixel_shape: Fraction | None) -> tuple[int, int]:
    """Return the width and height of a stored frame in square pixels; none is thrown away.

    Args:
        frame: The frame.
        pixel_shape: Width over height of its pixels.
    """
    oblong = float(pixel_shape or 1)
    least, most = _OBLONG
    if not least <= oblong <= most:
        return frame.width, frame.height
    return round(frame.width * max(1.0, oblong)), round(frame.height * max(1.0, 1 / oblong))


def upright_rgb(
    frame: VideoFrame,
    turn: Attitude,
    *,
    pixel_shape: Fraction | None,
    longest: int,
) -> NDArray[np.uint8]:
    """Return a frame as (H, W, 3) uint8 RGB, upright, of square pixels, read-only.

    Args:
        frame: As it was decoded.
        turn: How it is turned.
        pixel_shape: Width over height of its pixels.
        longest: The longest side it may have; a larger frame is reduced.
    """
    width, height = shown_size(frame, pixel_shape)
    shrink = min(1.0, longest / max(width, height))
    # Colours that the file does not name are those of television of its size.
    high = frame.colorspace == _UNSPECIFIED_COLOURS and frame.height >= _HIGH_DEFINITION_ROWS
    pixels = frame.to_ndarray(
        format="rgb24",
        width=max(1, round(width * shrink)),
        height=max(1, round(height * shrink)),
        interpolation="AREA" if shrink < 1 else "BILINEAR",
        src_colorspace="ITU709" if high else None,
    )
    upright = turn.applied(pixels.astype(np.uint8, copy=False))
    upright.flags.writeable = False
    return upright

"""One picture in memory, with its orientation and mirroring resolved.

Convention: the patient's right side is on the viewer's left, as in any frontal photograph that is
not mirrored. Coordinates are pixels, x right, y down.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError, printable

_CHANNELS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """An upright, unmirrored picture.

    Attributes:
        pixels: (H, W, 3) uint8 sRGB, C-contiguous, read-only.
        name: The picture as the user named it, as one printable line.
        sha256: Digest of the file's bytes, or of the pixels of a picture that came as an array.
        width: Width of the upright picture at full resolution, in pixels.
        height: Height of the upright picture at full resolution, in pixels.
        scale: Pixels of `pixels` per pixel of the full resolution; below 1 if it was reduced.
        mirrored: Whether the picture was mirrored, which `pixels` no longer is.
    """

    pixels: NDArray[np.uint8]
    name: str
    sha256: str
    width: int
    height: int
    scale: float = 1.0
    mirrored: bool = False

    @classmethod
    def from_array(cls, pixels: object, *, name: object = "array", mirrored: bool = False) -> Self:
        """Build a frame from pixels that are already decoded.

        A C-contiguous array is not copied, so it must not be written to afterwards.

        Args:
            pixels: (H, W, 3) uint8 RGB (not BGR), upright.
            name: How errors and reports call the picture.
            mirrored: Whether the picture is selfie-mirrored; the frame is not.

        Raises:
            InputError: If the array has another shape or type, or no pixels.
        """
        if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
            found = pixels.dtype if isinstance(pixels, np.ndarray) else type(pixels).__name__
            raise InputError(
                name,
                f"the pixels are {found}, not an array of uint8",
                "pass RGB values from 0 to 255 as a NumPy array of type uint8",
            )
        if pixels.ndim != _CHANNELS or pixels.shape[2] != _CHANNELS or 0 in pixels.shape:
            raise InputError(
                name,
                f"the array has the shape {pixels.shape}, not (height, width, 3)",
                "pass one colour picture in the order red, green, blue",
            )
        upright = np.ascontiguousarray(pixels[:, ::-1] if mirrored else pixels).view()
        upright.flags.writeable = False
        height, width = upright.shape[:2]
        return cls(
            pixels=upright,
            name=printable(name),
            sha256=hashlib.sha256(upright.data).hexdigest(),
            width=width,
            height=height,
            mirrored=mirrored,
        )

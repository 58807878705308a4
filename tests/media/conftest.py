"""A real face with marked corners, so that every turn and swap of it can be told."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage import data

if TYPE_CHECKING:
    from collections.abc import Callable

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def face() -> Pixels:
    """(512, 400, 3) RGB: red, green and blue patches mark three corners."""
    pixels = data.astronaut()[:, 40:440].copy()
    pixels[:48, :48] = (255, 0, 0)
    pixels[:48, -48:] = (0, 255, 0)
    pixels[-48:, :48] = (0, 0, 255)
    pixels.flags.writeable = False
    return pixels


@pytest.fixture(scope="session")
def large_face(face: Pixels) -> Pixels:
    """(1024, 800, 3) RGB: large enough to be read in several bands."""
    pixels = face.repeat(2, axis=0).repeat(2, axis=1)
    pixels.flags.writeable = False
    return pixels


@pytest.fixture(scope="session")
def tiff() -> Callable[..., bytes]:
    """Write a TIFF of one strip, tag by tag, for what no library writes."""

    def write(tags: dict[int, int | tuple[int, ...]], strip: bytes) -> bytes:
        entries = {**tags, 273: 8, 278: tags[257], 279: len(strip)}
        late = 8 + len(strip) + 2 + 12 * len(entries) + 4
        directory, extra = b"", b""
        for tag, value in sorted(entries.items()):
            values = value if isinstance(value, tuple) else (value,)
            packed = struct.pack(f"<{len(values)}I", *values)
            if len(values) > 1:
                extra, packed = extra + packed, struct.pack("<I", late + len(extra))
            directory += struct.pack("<HHI", tag, 4, len(values)) + packed
        head = struct.pack("<2sHI", b"II", 42, 8 + len(strip))
        return head + strip + struct.pack("<H", len(entries)) + directory + bytes(4) + extra

    return write

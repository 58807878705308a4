"""A picture of a manifest as methods ask for it, framed or not.

How annotations are written: ``mask`` (`Part`) and ``attributes`` (`Attribute`) are PNGs of one
number a pixel; ``depth`` is a PNG of 8 bits (`COARSE_DEPTH_UNIT`) or 16 bits (`FINE_DEPTH_UNIT`);
``landmarks`` is a numpy file of floating-point pixels, or of int16 (`LANDMARK_UNIT`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.datasets.manifest import Row
from facialis.datasets.targets import CLASSES, Target, class_of
from facialis.errors import InputError
from facialis.media.photo import read_photo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.clinical.anatomy import Movement, Side
    from facialis.clinical.scales import Scale

FINE_DEPTH_UNIT: Final = 1e-4
"""Interocular distances in one step of a 16-bit depth PNG."""

COARSE_DEPTH_UNIT: Final = 1e-2
"""Interocular distances in one step of an 8-bit depth PNG, which is smaller by `DEPTH_SHARE`."""

DEPTH_SHARE: Final = 4
"""Width and height of a framed picture in those of its depth."""

LANDMARK_UNIT: Final = 1 / 32
"""Pixels in one step of int16 landmarks: at most 1/64 px off, up to 1023 px either way."""

_REMEDY: Final = "make the data again"

_LOADING = Lock()
"""Numpy parses a file's header by `ast`, which can fail with a SystemError in two threads at once
before Python 3.11.8 and 3.12.2 (github.com/python/cpython/issues/106905)."""
_DIMENSIONS: Final = 2


@dataclass(frozen=True, slots=True)
class FramedSource:
    """A row of a manifest, read when it is asked for (`facialis.methods.source.Source`).

    Attributes:
        root: The folder that the paths of the row start from.
        row: The row, a picture.
    """

    root: Path
    row: Row

    @property
    def name(self) -> str:
        """Name of the row."""
        return self.row.name

    @property
    def subject(self) -> str:
        """The person."""
        return self.row.subject

    @property
    def side(self) -> Side | None:
        """The affected side, the patient's own, if known."""
        return self.row.side

    @property
    def movement(self) -> Movement | None:
        """The movement that is shown, if known."""
        return self.row.movement

    def picture(self) -> NDArray[np.uint8]:
        """Return the picture (H, W, 3), RGB.

        Raises:
            InputError: It cannot be read.
        """
        path = self.root / self.row.path
        if path.suffix != ".webp":
            return read_photo(path).pixels
        pixels = cv2.imdecode(_octets(path), cv2.IMREAD_COLOR)
        if pixels is None:
            raise InputError(path, "is no readable picture", _REMEDY)
        return np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)

    def parts(self) -> NDArray[np.uint8] | None:
        """Return the annotation ``mask`` (H, W), `Part`; 255 where nobody labelled."""
        return self._labels("mask")

    def attributes(self) -> NDArray[np.uint8] | None:
        """Return the annotation ``attributes`` (H, W), `Attribute`; 255 where unlabelled."""
        return self._labels("attributes")

    def depth(self) -> NDArray[np.float32] | None:
        """Return depth (H, W) in interocular distances, larger is nearer; 0 beyond the face.

        Framed depth is kept in a quarter of the picture's size and enlarged here, blockwise.
        """
        place = self.row.annotations.get("depth")
        if place is None:
            return None
        steps = read_numbers(self.root / place)
        depth = depth_of(steps)
        if steps.dtype != np.uint8:
            return depth
        return depth.repeat(DEPTH_SHARE, axis=0).repeat(DEPTH_SHARE, axis=1)

    def landmarks(self) -> NDArray[np.float64] | None:
        """Return the landmarks (N, 3), pixels: the 478 of a framed picture, found or refined."""
        place = self.row.annotations.get("landmarks")
        return None if place is None else read_landmarks(self.root / place)

    def found(self) -> NDArray[np.float64] | None:
        """Return the landmarks (478, 3) before they were refined; as `landmarks` if never."""
        place = self.row.annotations.get("found")
        return self.landmarks() if place is None else read_landmarks(self.root / place)

    def placed(self) -> NDArray[np.float64] | None:
        """Return where a simulation put the landmarks (478, 3), pixels; None if it is not kept."""
        place = self.row.annotations.get("placed")
        return None if place is None else read_landmarks(self.root / place)

    def label(self, scale: Scale) -> int | None:
        """Return the number of the row's class on a scale, from 0; None if unknown.

        Raises:
            InputError: The classes of the scale have no fixed order, or a label is not on it.
        """
        known = CLASSES.get(scale)
        if known is None:
            raise InputError(scale, "has no numbered classes", "use a scale that has")
        found = class_of(self.row, Target(scale))
        return None if found is None else known.index(found)

    def _labels(self, kind: str) -> NDArray[np.uint8] | None:
        place = self.row.annotations.get(kind)
        return None if place is None else read_numbers(self.root / place).astype(np.uint8)


def read_numbers(path: Path) -> NDArray[Any]:
    """Return a PNG of one number a pixel (H, W), uint8 or uint16.

    Raises:
        InputError: It cannot be read, or has colours.
    """
    numbers: NDArray[Any] | None = cv2.imdecode(_octets(path), cv2.IMREAD_UNCHANGED)
    if numbers is None or numbers.ndim != _DIMENSIONS:
        raise InputError(path, "is no picture of one number a pixel", _REMEDY)
    return np.asarray(numbers)


def depth_of(steps: NDArray[Any]) -> NDArray[np.float32]:
    """Return depth (H, W) in interocular distances from the steps of a depth PNG."""
    unit = COARSE_DEPTH_UNIT if steps.dtype == np.uint8 else FINE_DEPTH_UNIT
    return np.asarray(steps * np.float32(unit), np.float32)


def read_landmarks(path: Path) -> NDArray[np.float64]:
    """Return the landmarks (N, 2 or 3) of a numpy file, pixels; may be called by many threads.

    Raises:
        InputError: It cannot be read.
    """
    try:
        with _LOADING:
            points = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(path, "holds no landmarks", _REMEDY) from error
    unit = LANDMARK_UNIT if points.dtype == np.int16 else 1.0
    return np.asarray(points * unit, np.float64)


def _octets(path: Path) -> NDArray[np.uint8]:
    try:
        octets = np.fromfile(path, np.uint8)
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "check the name and the drive"
        ) from error
    if not len(octets):
        raise InputError(path, "is empty", _REMEDY)
    return octets

"""A levelled view of the face to draw on, large enough for anti-aliased lines and letters."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from facialis.face import mesh
from facialis.report import fonts
from facialis.report.palette import INK, PAPER, WASH, Colour

if TYPE_CHECKING:
    from pathlib import Path

    from facialis.report.model import Assessment
    from facialis.report.picture import Picture

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

LONG_SIDE: Final = 1200
_SHIFT: Final = 5
_PAD_SIDES, _PAD_TOP, _PAD_BOTTOM = 0.13, 0.20, 0.08


@dataclass(slots=True)
class Canvas:
    """Pixels to draw on, and the landmarks in them.

    Attributes:
        pixels: (h, w, 3) uint8 RGB, changed by drawing.
        points: (478, 2) landmarks in pixels of the canvas.
        scale: Pixels of the canvas in one pixel of the photograph.
    """

    pixels: Pixels
    points: Points
    scale: float

    @property
    def unit(self) -> float:
        """Distance of the outer corners of the eyes in pixels of the canvas."""
        right, left = self.points[[mesh.RIGHT_OUTER_CANTHUS, mesh.LEFT_OUTER_CANTHUS]]
        return float(np.linalg.norm(left - right))

    def path(self, points: Points, colour: Colour, width: int, *, closed: bool = False) -> None:
        """Draw an anti-aliased line through points (n, 2)."""
        fixed = np.round((points - 0.5) * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(self.pixels, [fixed], closed, colour, width, cv2.LINE_AA, _SHIFT)

    def outlined_path(self, points: Points, colour: Colour, width: int) -> None:
        """Draw a line with a dark edge, so that it shows on any skin."""
        self.path(points, INK, width + 4)
        self.path(points, colour, width)

    def dashed(self, start: Points, end: Points, colour: Colour, width: int) -> None:
        """Draw a dashed line with a dark edge from `start` (2,) to `end` (2,)."""
        length = float(np.linalg.norm(end - start))
        steps = np.linspace(0, 1, 2 * max(1, round(length / 36)))
        for a, b in list(pairwise(steps))[::2]:
            self.outlined_path(
                np.array([start + a * (end - start), start + b * (end - start)]), colour, width
            )

    def blend(self, layer: Pixels, opacity: float) -> None:
        """Mix a layer of the same shape over the pixels."""
        cv2.addWeighted(layer, opacity, self.pixels, 1 - opacity, 0, self.pixels)

    def write(self, labels: list[Label]) -> None:
        """Write letters, each on its own rounded plate."""
        image = Image.fromarray(self.pixels)
        draw = ImageDraw.Draw(image)
        for label in labels:
            label.draw_on(draw, image.size)
        self.pixels = np.array(image)


@dataclass(frozen=True, slots=True)
class Label:
    """Letters on a plate.

    Attributes:
        text: What to write.
        at: (x, y) in pixels of the canvas.
        anchor: Which point of the plate lies there: ``lm``, ``mm`` or ``rm``, as in Pillow.
        size: Height of the letters in pixels.
        ink: Colour of the letters.
        plate: Colour of the plate.
    """

    text: str
    at: tuple[float, float]
    anchor: str = "mm"
    size: int = 32
    ink: Colour = INK
    plate: Colour = PAPER

    def draw_on(self, draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
        """Draw the label, moved as far as needed to lie within a picture of that size."""
        font = typeface(fonts.SEMIBOLD, self.size)
        width = draw.textlength(self.text, font=font) + 0.8 * self.size
        height = 1.5 * self.size
        x0 = self.at[0] - {"l": 0.0, "m": 0.5, "r": 1.0}[self.anchor[0]] * width
        x0 = min(max(x0, 6.0), size[0] - width - 6.0)
        y0 = min(max(self.at[1] - height / 2, 6.0), size[1] - height - 6.0)
        plate = (x0, y0, x0 + width, y0 + height)
        draw.rounded_rectangle(plate, radius=0.35 * self.size, fill=self.plate)
        draw.text((x0 + width / 2, y0 + height / 2), self.text, self.ink, font, anchor="mm")


@lru_cache(maxsize=32)
def typeface(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """Return a font at a size in pixels."""
    return ImageFont.truetype(str(path), size)


def levelled(assessment: Assessment, long_side: int = LONG_SIDE) -> Canvas:
    """Return the face turned so that the outer corners of the eyes are level.

    Without a picture the canvas is plain.

    Args:
        assessment: Of the face.
        long_side: Pixels of the longer side.
    """
    landmarks = np.array(assessment.face.landmarks)[:, :2]
    across = landmarks[mesh.LEFT_OUTER_CANTHUS] - landmarks[mesh.RIGHT_OUTER_CANTHUS]
    cosine, sine = across / np.hypot(*across)
    turn = np.array([[cosine, sine], [-sine, cosine]])
    turned = landmarks @ turn.T
    low, high = turned.min(0), turned.max(0)
    width, height = high - low
    low -= np.array([_PAD_SIDES * width, _PAD_TOP * height])
    high += np.array([_PAD_SIDES * width, _PAD_BOTTOM * height])
    scale = long_side / float(max(high - low))
    size = np.ceil((high - low) * scale).astype(int)
    points = (turned - low) * scale
    pixels = _view(assessment.picture, turn * scale, -low * scale, (int(size[0]), int(size[1])))
    return Canvas(pixels, points, scale)


def _view(picture: Picture | None, turn: Points, shift: Points, size: tuple[int, int]) -> Pixels:
    """Return the picture seen through p → turn @ p + shift of the photograph's coordinates."""
    if picture is None:
        return np.full((size[1], size[0], 3), WASH, dtype=np.uint8)
    linear = turn / picture.scale
    offset = shift + turn @ (picture.x0, picture.y0)
    # OpenCV counts from the centre of a pixel, landmarks from its upper left corner.
    offset = offset + linear @ (0.5, 0.5) - 0.5
    matrix = np.column_stack([linear, offset])
    enlarges = np.hypot(*linear[:, 0]) > 1
    pixels = picture.pixels if enlarges else cv2.GaussianBlur(picture.pixels, (0, 0), _blur(linear))
    view = cv2.warpAffine(
        pixels,
        matrix,
        size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=WASH,
    )
    return np.asarray(view, dtype=np.uint8)


def _blur(linear: Points) -> float:
    return 0.4 / float(np.hypot(*linear[:, 0]))

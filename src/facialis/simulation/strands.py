"""Hairs laid over a picture one by one, each far thinner than a pixel.

Each hair covers the share of a pixel that its true width and length there would; where many cross,
the one that lies on top gives the colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.face.mesh import (
    LEFT_BROW_LOWER,
    LEFT_BROW_UPPER,
    RIGHT_BROW_LOWER,
    RIGHT_BROW_UPPER,
)
from facialis.simulation.chart import FaceChart, Plane, Points, Window, sampled, smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PER_PIXEL: Final = 1.1
_MOST_SAMPLES: Final = 260
_ON_TOP: Final = 3.5
_CHEEKS: Final = [50, 101, 118, 205, 280, 330, 347, 425]
_DARKER_PART: Final = 0.35


def laid(
    window: Window, curves: Points, widths: Points, colours: Points, heights: Points
) -> tuple[Plane, Plane]:
    """Lay hairs over a window.

    Args:
        window: Of the picture.
        curves: (S, P, 2 or more) their courses, pixels.
        widths: (S, P) pixels, usually far below one.
        colours: (S, P, 3) levels.
        heights: (S,) which lie on top, 0 to 1.

    Returns:
        The covered share (h, w) of each pixel, and the colour (h, w, 3) of what covers it.
    """
    at = curves[..., :2] - (window.left, window.top) - 0.5
    lengths = np.linalg.norm(np.diff(at, axis=1), axis=2).sum(axis=1)
    count = int(np.clip(np.ceil(_PER_PIXEL * np.quantile(lengths, 0.95)), 4, _MOST_SAMPLES))
    place = np.linspace(0, curves.shape[1] - 1, count)
    at, widths, colours = (_resampled(v, place) for v in (at, widths[..., None], colours))
    area = widths[..., 0] * (lengths / count)[:, None]
    rank = area * np.exp(_ON_TOP * heights)[:, None]
    corners, shares = _corners(at.reshape(-1, 2), window)
    size = (window.height + 2) * (window.width + 2)

    def gathered(values: Points) -> Points:
        spread = (shares * values.reshape(-1)[:, None]).reshape(-1)
        whole = np.bincount(corners.reshape(-1), spread, size)
        return np.asarray(whole.reshape(window.height + 2, window.width + 2)[1:-1, 1:-1])

    cover = 1 - np.exp(-gathered(area))
    total = np.maximum(gathered(rank), 1e-12)
    colour = np.stack([gathered(rank * colours[..., k]) / total for k in range(3)], axis=-1)
    return cover.astype(np.float32), colour.astype(np.float32)


def _resampled(values: Points, place: Points) -> Points:
    """Values (S, P, D) at fractional places along their second axis."""
    low = np.minimum(place.astype(int), values.shape[1] - 2)
    part = (place - low)[None, :, None]
    return np.asarray(values[:, low] * (1 - part) + values[:, low + 1] * part)


def _corners(at: Points, window: Window) -> tuple[NDArray[np.intp], Points]:
    """Return the four pixels (N, 4) around each place, in a window with a border, and shares."""
    limit = np.array([window.width, window.height])
    inside = np.clip(at, -1, limit - 1e-6)
    low = np.floor(inside).astype(np.intp)
    part = inside - low
    stray = ((at < -1) | (at >= limit)).any(axis=1)
    first = (low[:, 1] + 1) * (window.width + 2) + low[:, 0] + 1
    corners = first[:, None] + np.array([0, 1, window.width + 2, window.width + 3])
    right, down = part[:, :1], part[:, 1:]
    shares = np.concatenate(
        ((1 - right) * (1 - down), right * (1 - down), (1 - right) * down, right * down), axis=1
    )
    shares[stray] = 0
    return corners, shares


def brow_colour(picture: Plane, chart: FaceChart) -> Points:
    """Return the colour (3,) of the darker part of both brows, which is hair rather than skin."""
    upper = chart.points[list(RIGHT_BROW_UPPER + LEFT_BROW_UPPER)]
    lower = chart.points[list(RIGHT_BROW_LOWER + LEFT_BROW_LOWER)]
    shares = np.linspace(0.2, 0.8, 5)[:, None, None]
    colours = sampled(picture, (upper + shares * (lower - upper)).reshape(-1, 3))
    bright = colours.sum(axis=1)
    return np.asarray(colours[bright <= np.quantile(bright, _DARKER_PART)].mean(axis=0))


def cheek_colour(picture: Plane, chart: FaceChart) -> Points:
    """Return the colour (3,) of the skin of the cheeks."""
    return np.asarray(np.median(sampled(picture, chart.points[_CHEEKS]), axis=0))


def light_on(part: Plane, unit: float) -> Plane:
    """Return how light each place is against the rest (h, w), about 1: hair is lit as skin is."""
    grey = smoothed(part.mean(axis=2), 0.14 * unit)
    return np.asarray(np.clip(grey / max(1.0, float(np.median(grey))), 0.6, 1.3), np.float32)

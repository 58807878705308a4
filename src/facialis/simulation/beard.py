"""Beards, from a day's stubble to a full one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.face.mesh import (
    LEFT_LOWER_LIP_OUTER,
    LEFT_UPPER_LIP_OUTER,
    RIGHT_LOWER_LIP_OUTER,
    RIGHT_UPPER_LIP_OUTER,
    TEMPLATE,
)
from facialis.simulation.chance import between, happens
from facialis.simulation.chart import FaceChart, Plane, Points, Window, blended, sampled, smoothed
from facialis.simulation.strands import brow_colour, laid, light_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CELLS: Final = 100
_ORIGIN: Final = (1.0, 0.0)
_SIZE: Final = (200, 150)
_PER_AREA: Final = 5200.0
_WIDTH: Final = 0.0019
_ON_SKIN: Final = 0.4
_GREY: Final = np.array([172.0, 170.0, 168.0])

# One half (x to the patient's left) of where hair grows on the chart.
_CHEEKS: Final = (
    *((0.75, 0.1), (0.69, 0.12), (0.66, 0.36), (0.59, 0.6), (0.46, 0.76), (0.37, 0.82)),
    *((0.3, 0.93), (0.2, 1.0), (0.0, 1.02), (0.0, 1.34), (0.26, 1.27), (0.5, 1.07)),
    *((0.62, 0.88), (0.7, 0.7), (0.755, 0.4)),
)
_MOUSTACHE: Final = (
    *((0.0, 0.57), (0.08, 0.55), (0.17, 0.55), (0.27, 0.64), (0.36, 0.77), (0.36, 0.86)),
    *((0.31, 0.86), (0.28, 0.75), (0.12, 0.69), (0.0, 0.69)),
)
_CHIN: Final = (
    *((0.0, 0.9), (0.05, 0.9), (0.07, 0.96), (0.2, 0.95), (0.28, 0.86), (0.35, 0.86)),
    *((0.36, 1.0), (0.28, 1.16), (0.15, 1.26), (0.0, 1.29)),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beard:
    """A beard.

    Attributes:
        length: Of its hairs in interocular distances (0.015 stubble, 0.1 full).
        cheeks: Density of the hairs on cheeks and jaw, 0 to 1.
        moustache: Density above the upper lip, 0 to 1.
        chin: Density on the chin, 0 to 1.
        grey: Share of grey hairs, 0 to 1.
        warmth: How much redder than the brows it is, −1 to 1.
    """

    length: float
    cheeks: float = 0.0
    moustache: float = 0.0
    chin: float = 0.0
    grey: float = 0.0
    warmth: float = 0.0


def drawn_beard(rng: np.random.Generator) -> Beard:
    """Draw stubble, a moustache, a beard round the mouth, or a full beard."""
    kind = str(rng.choice(["stubble", "moustache", "circle", "full"], p=[0.48, 0.1, 0.16, 0.26]))
    grey = float(rng.beta(0.6, 2.5)) if happens(rng, 0.5) else 0.0
    warmth = between(rng, -0.1, 0.5)
    dense = between(rng, 0.6, 1.0)
    upper = float(happens(rng, 0.85))
    long, short = between(rng, 0.04, 0.1), between(rng, 0.01, 0.026)
    if kind == "stubble":
        dense = 1.5 * dense - 0.5
        return Beard(
            length=short, cheeks=dense, moustache=dense, chin=dense, grey=grey, warmth=warmth
        )
    if kind == "moustache":
        return Beard(length=long, moustache=dense, grey=grey, warmth=warmth)
    return Beard(
        length=long,
        cheeks=between(rng, 0.7, 1.0) * dense if kind == "full" else 0.0,
        moustache=upper * dense,
        chin=dense,
        grey=grey,
        warmth=warmth,
    )


def bearded(
    picture: Plane, chart: FaceChart, beard: Beard, skin: Plane, rng: np.random.Generator
) -> Plane:
    """Grow a beard.

    Args:
        picture: (H, W, 3), 0 to 255.
        chart: Of the face.
        beard: What grows.
        skin: (H, W) where it can, 0 to 1.
        rng: For the course of each hair.
    """
    unit = chart.unit
    roots, each = _roots(beard, unit, rng)
    curves = chart.placed(_grown(roots, beard, rng))
    grows = sampled(skin, curves[:, 0]) > _ON_SKIN
    window = Window.around(curves, picture.shape, margin=0.1 * unit, finest=1.0)
    if window.is_empty or not grows.any():
        return picture
    result = picture.copy()
    part = result[window.part]
    tones, heights = _tones(picture, chart, beard, len(curves), rng)
    along = np.linspace(0, 1, curves.shape[1])
    widths = _WIDTH * unit * each * (1.0 - 0.5 * along) * rng.uniform(0.7, 1.3, (len(curves), 1))
    colours = tones[:, None] * (0.72 + 0.4 * along)[None, :, None]
    kept = (curves[grows], widths[grows], colours[grows], heights[grows])
    cover, colour = laid(window, *kept)
    light = light_on(part, unit)[..., None]
    under = smoothed(cover, 0.014 * unit)
    # Short hairs shine through the skin from below; long ones keep the light from it.
    depth = np.clip((0.75 + 4 * beard.length) * under, 0, 0.8)
    part = blended(part, light * tones.mean(axis=0) * 0.75 + 0.25 * part, depth)
    result[window.part] = blended(part, light * colour, np.clip(1.25 * cover, 0, 0.95))
    return result


def _tones(
    picture: Plane, chart: FaceChart, beard: Beard, count: int, rng: np.random.Generator
) -> tuple[Points, Points]:
    """Return the colours (N, 3) of hairs and which of them lie on top (N,), the light ones."""
    base = brow_colour(picture, chart) * np.exp(beard.warmth * np.array([0.18, 0.02, -0.16]))
    heights = rng.uniform(0, 1, count)
    tones = base * (0.6 + 0.75 * heights**1.5)[:, None] + (14 * heights**3)[:, None]
    is_grey = rng.uniform(0, 1, count) < beard.grey
    tones[is_grey] += 0.8 * (_GREY - tones[is_grey]) * rng.uniform(0.5, 1, (int(is_grey.sum()), 1))
    return tones, heights


@lru_cache(maxsize=1)
def _growth() -> tuple[Plane, Plane, Plane]:
    """Where cheeks and jaw, moustache, and chin grow hair on the chart, 0 to 1 each."""
    upper = RIGHT_UPPER_LIP_OUTER + LEFT_UPPER_LIP_OUTER[-2::-1]
    lower = LEFT_LOWER_LIP_OUTER[1:] + RIGHT_LOWER_LIP_OUTER[-2:0:-1]
    lips = TEMPLATE[list(upper + lower), :2]
    bare = 1 - np.clip(1.2 * _filled(lips * (1.03, 1.0), 0.004), 0, 1)
    cheeks = _filled(np.array(_CHEEKS), 0.032)
    moustache = _filled(np.array(_MOUSTACHE), 0.018)
    return cheeks * bare, moustache * bare, _filled(np.array(_CHIN), 0.022) * bare


def _filled(outline: Points, soft: float) -> Plane:
    plane = np.zeros(_SIZE[::-1], np.uint8)
    for side in (-1, 1):
        at = (outline * (side, 1) + _ORIGIN) * _CELLS
        cv2.fillPoly(plane, [np.round(at).astype(np.int32)], (255,))
    return smoothed(plane.astype(np.float32) / 255, soft * _CELLS)


def _roots(beard: Beard, unit: float, rng: np.random.Generator) -> tuple[Points, float]:
    """Return roots (N, 2) on the chart, and how many real hairs each stands for."""
    cheeks, moustache, chin = _growth()
    densest = np.maximum(beard.cheeks * cheeks, beard.moustache * moustache)
    coarse = rng.uniform(0.5, 1.2, (12, 16))
    patches = cv2.resize(coarse, _SIZE, interpolation=cv2.INTER_CUBIC)
    density = np.maximum(densest, beard.chin * chin).astype(np.float64) * patches
    total = float(density.sum())
    hairs = total / _CELLS**2 * _PER_AREA
    count = max(1, int(min(hairs, 500 + 26 * unit)))
    cell = np.searchsorted(np.cumsum(density.ravel()), rng.uniform(0, total, count))
    row, column = np.divmod(np.minimum(cell, density.size - 1), _SIZE[0])
    at = np.column_stack((column, row)) + rng.uniform(0, 1, (count, 2))
    return at / _CELLS - _ORIGIN, hairs / count


def _grown(roots: Points, beard: Beard, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the courses (N, 4, 2) of hairs on the chart."""
    x, y = roots.T
    side = np.tanh(x / 0.05)
    above_lip = np.clip((0.78 - y) / 0.1, 0, 1) * np.clip((0.42 - np.abs(x)) / 0.06, 0, 1)
    lean = (0.1 + 0.95 * above_lip) * side
    angle = lean + rng.normal(0, 0.28, len(roots))
    bend = rng.normal(0, 0.35, len(roots)) - 0.35 * side * (1 - above_lip)
    length = beard.length * rng.uniform(0.5, 1.2, len(roots)) * (1 - 0.45 * above_lip)
    length *= 0.3 + 0.7 * np.clip((y - 0.35) / 0.6, 0, 1)
    points = [roots]
    for step in range(3):
        way = angle + bend * step / 3
        points.append(points[-1] + (length / 3)[:, None] * np.stack((np.sin(way), np.cos(way)), 1))
    return np.stack(points, axis=1)

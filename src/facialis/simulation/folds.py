"""Folds and lines of the skin that movement deepens and lost tone smooths out.

A deepened line is drawn as light and shade along its course on the face; a flattened one is filled
with the light of the skin around it, while the finer grain of the skin stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.simulation.chart import FaceChart, Window, smoothed
from facialis.simulation.muscles import Crease

Floats = NDArray[np.float64]
Depths = Mapping[tuple[Side, Crease], float]
"""For each line of each side: added contrast (above 0, to 1) or flattening (below 0, to -1)."""

_SAMPLES: Final = 24


@dataclass(frozen=True, slots=True)
class _Course:
    """Lines of one crease on the chart's left half, and how they look, interocular distances.

    Attributes:
        lines: Knots of each line, x to the patient's left, y down.
        width: Standard deviation of the groove.
        darkness: Light it takes away at full contrast.
        bulge: Light that the skin beside it gains.
        beside: Where that skin lies from the groove (x, y).
        runs_on: Whether the lines run on across the midline.
    """

    lines: tuple[tuple[tuple[float, float], ...], ...]
    width: float
    darkness: float
    bulge: float
    beside: tuple[float, float]
    runs_on: bool = False


_COURSES: Final[Mapping[Crease, _Course]] = MappingProxyType(
    {
        Crease.FOREHEAD_LINES: _Course(
            lines=(
                ((-0.03, -0.325), (0.1, -0.345), (0.26, -0.365), (0.43, -0.325)),
                ((-0.03, -0.415), (0.12, -0.43), (0.29, -0.45), (0.47, -0.4)),
                ((-0.03, -0.52), (0.12, -0.525), (0.28, -0.535), (0.42, -0.5)),
            ),
            width=0.01,
            darkness=0.13,
            bulge=0.06,
            beside=(0.0, -0.03),
            runs_on=True,
        ),
        Crease.FROWN_LINES: _Course(
            lines=(((0.085, -0.12), (0.065, -0.19), (0.07, -0.27)),),
            width=0.011,
            darkness=0.17,
            bulge=0.06,
            beside=(0.03, 0.0),
        ),
        Crease.CROWS_FEET: _Course(
            lines=(
                ((0.56, -0.02), (0.62, -0.05), (0.68, -0.1)),
                ((0.57, 0.02), (0.64, 0.015), (0.7, -0.005)),
                ((0.555, 0.06), (0.62, 0.085), (0.67, 0.1)),
                ((0.3, 0.13), (0.4, 0.15), (0.5, 0.12)),
            ),
            width=0.009,
            darkness=0.14,
            bulge=0.06,
            beside=(0.0, 0.022),
        ),
        Crease.NASAL_LINES: _Course(
            lines=(
                ((0.05, 0.05), (0.09, 0.09), (0.12, 0.15)),
                ((0.03, 0.1), (0.07, 0.14), (0.1, 0.2)),
                ((-0.01, -0.02), (0.03, -0.015), (0.06, 0.0)),
            ),
            width=0.01,
            darkness=0.11,
            bulge=0.04,
            beside=(0.02, 0.015),
        ),
        Crease.NASOLABIAL_FOLD: _Course(
            lines=(((0.225, 0.4), (0.28, 0.47), (0.335, 0.56), (0.375, 0.66), (0.385, 0.75)),),
            width=0.021,
            darkness=0.2,
            bulge=0.1,
            beside=(0.05, -0.035),
        ),
        Crease.CHIN_DIMPLES: _Course(
            lines=(
                ((-0.01, 0.98), (0.06, 0.975), (0.12, 0.99)),
                ((0.03, 1.03), (0.07, 1.06), (0.11, 1.05)),
                ((0.13, 1.03), (0.16, 1.06)),
                ((0.02, 1.1), (0.05, 1.12)),
            ),
            width=0.013,
            darkness=0.12,
            bulge=0.05,
            beside=(0.0, 0.03),
        ),
    }
)

_LEAST: Final = 0.02
_REGION_WIDTH: Final = 0.1
_REGION_SD: Final = 0.04
_FOLDS_FROM, _FOLDS_TO = 0.008, 0.05
_MOST_FILLED: Final = 0.25


def folded(pixels: Floats, points: Floats, depths: Depths) -> Floats:
    """Return a picture with lines deepened and flattened.

    Args:
        pixels: (H, W, 3), 0 to 255.
        points: (478, 3) landmarks, pixels.
        depths: For the lines to change.
    """
    chart = FaceChart(points)
    flattened = {k: -d for k, d in depths.items() if d < -_LEAST}
    deepened = {k: d for k, d in depths.items() if d > _LEAST}
    result = _flattened(pixels, chart, flattened) if flattened else pixels
    for key, depth in deepened.items():
        result = _deepened(result, chart, key, depth)
    return result


def along(crease: Crease, side: Side) -> list[Floats]:
    """Return the lines (P, 2) of a crease on the chart, x to the patient's left, y down."""
    sign = 1.0 if side is Side.LEFT else -1.0
    return [_smooth(np.array(line)) * (sign, 1.0) for line in _COURSES[crease].lines]


def _deepened(pixels: Floats, chart: FaceChart, key: tuple[Side, Crease], depth: float) -> Floats:
    side, crease = key
    course, unit = _COURSES[crease], chart.unit
    lines = along(crease, side)
    at = chart.placed(np.stack(lines))
    window = Window.around(at, pixels.shape, margin=0.12 * unit, finest=course.width * unit)
    if window.is_empty:
        return pixels
    groove = smoothed(
        window.strokes(at, _taper(len(lines), runs_on=course.runs_on), course.width * unit, 8),
        course.width * unit,
    )
    shift = np.array(course.beside) * (1 if side is Side.LEFT else -1, 1) * unit
    turned = chart.pose.rotation[:2, :2] @ shift
    onto = np.array([[1, 0, turned[0]], [0, 1, turned[1]]])
    wide = smoothed(groove, 1.5 * course.width * unit)
    ridge = cv2.warpAffine(wide, onto, (window.width, window.height))
    light = 1 - depth * (2 * course.darkness * groove - 2 * course.bulge * ridge)
    result = pixels.copy()
    result[window.part] *= light[..., None] ** [0.85, 1.0, 1.05]
    return result


def _flattened(
    pixels: Floats, chart: FaceChart, depths: Mapping[tuple[Side, Crease], float]
) -> Floats:
    unit = chart.unit
    share = np.zeros(pixels.shape[:2], np.float32)
    for (side, crease), depth in depths.items():
        at = chart.placed(np.stack(along(crease, side)))
        window = Window.around(at, pixels.shape, margin=0.25 * unit, finest=_REGION_WIDTH * unit)
        if window.is_empty:
            continue
        pieces = np.ones((len(at), at.shape[1] - 1))
        region = smoothed(window.strokes(at, pieces, _REGION_WIDTH * unit, 1), _REGION_SD * unit)
        part = share[window.part]
        np.maximum(part, depth * region, out=part)
    light = pixels.mean(axis=2).astype(np.float32)
    fine = cv2.GaussianBlur(light, (0, 0), _FOLDS_FROM * unit)
    wide = cv2.GaussianBlur(light, (0, 0), _FOLDS_TO * unit)
    filled = 1 + share * np.clip((wide - fine) / (fine + 1), 0, _MOST_FILLED)
    return np.asarray(pixels * filled[..., None])


def _taper(lines: int, *, runs_on: bool) -> Floats:
    t = (np.arange(_SAMPLES - 1) + 0.5) / (_SAMPLES - 1)
    end = np.clip(3.0 * (1 - t), 0, 1)
    start = np.clip((8.0 if runs_on else 5.0) * t, 0, 1)
    return np.asarray(np.tile(start * end, (lines, 1)))


def _smooth(knots: Floats) -> Floats:
    """Return a curve (P, 2) through knots (K, 2), evenly sampled along a quadratic spline."""
    t = np.linspace(0, 1, len(knots))
    degree = min(3, len(knots) - 1)
    fine = np.linspace(0, 1, _SAMPLES)
    return np.column_stack([np.polyval(np.polyfit(t, knots[:, k], degree), fine) for k in (0, 1)])

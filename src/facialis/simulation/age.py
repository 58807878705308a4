"""Lines of age: creases in the forehead, beside eyes and mouth, drawn as light and shade.

The same on both sides but for the chance of their course, whatever the face does: they belong to
the person, not to a lesion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.simulation.chance import happens, wave
from facialis.simulation.chart import FaceChart, Plane, Points, Window, shaded, shifted, smoothed

_SAMPLES: Final = 25
_FINE: Final = 0.008
_BROAD: Final = 0.03
_FINE_DEPTH: Final = 0.38
_BROAD_DEPTH: Final = 0.6
_RIDGE: Final = 0.75

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgeLines:
    """How deep each kind of line is, 0 (none) to 1 (very old).

    Attributes:
        forehead: Across the forehead.
        frown: Upright between the brows.
        crows_feet: Fanning out from the outer canthi.
        under_eye: Below the lower lids.
        nasolabial: From the wings of the nose past the mouth.
        marionette: From the commissures down.
    """

    forehead: float = 0.0
    frown: float = 0.0
    crows_feet: float = 0.0
    under_eye: float = 0.0
    nasolabial: float = 0.0
    marionette: float = 0.0


def drawn_lines(rng: np.random.Generator) -> AgeLines:
    """Draw lines that go together with one age, each a little on its own."""
    age = float(rng.beta(1.6, 1.8))
    depths = np.clip(age * rng.uniform(0.45, 1.3, 6), 0, 1)
    forehead, frown, crow, under, fold, marionette = depths.tolist()
    return AgeLines(
        forehead=forehead,
        frown=frown * float(happens(rng, 0.7)),
        crows_feet=crow,
        under_eye=under,
        nasolabial=fold,
        marionette=marionette * float(happens(rng, 0.7)),
    )


def aged(
    picture: Plane, chart: FaceChart, lines: AgeLines, skin: Plane, rng: np.random.Generator
) -> Plane:
    """Shade a picture (H, W, 3) by lines; `skin` (H, W) says where they can be, 0 to 1."""
    courses, depths = _courses(lines, rng)
    if not len(courses):
        return picture
    at = chart.placed(courses)
    unit = chart.unit
    window = Window.around(at, picture.shape, margin=0.15 * unit, finest=_FINE * unit)
    if window.is_empty:
        return picture
    groove = window.strokes(at, depths, _FINE * unit, levels=10)
    fine = 1.25 * smoothed(groove, 0.8 * _FINE * unit)
    broad = smoothed(groove, _BROAD * unit) * (_BROAD / _FINE)
    ridge = 2 * shifted(smoothed(groove, 0.016 * unit), 0.0, 0.022 * unit)
    shade = _FINE_DEPTH * fine + _BROAD_DEPTH * 0.25 * broad - _RIDGE * 0.25 * ridge
    shade = np.clip(shade, -0.12, 0.5) * skin[window.part]
    result = picture.copy()
    result[window.part] = shaded(result[window.part], shade)
    return result


def _courses(lines: AgeLines, rng: np.random.Generator) -> tuple[Points, Points]:
    """Return curves on the chart (L, P, 2) and the depth of their pieces (L, P - 1)."""
    plans: list[tuple[Curve, float]] = []
    plans += _forehead(lines.forehead, rng)
    for side in (-1.0, 1.0):
        for knots, depth in _beside(lines, rng):
            plans.append((knots * (side, 1.0), depth))
    if not plans:
        return np.zeros((0, _SAMPLES, 2)), np.zeros((0, _SAMPLES - 1))
    curves, depths = [], []
    for knots, depth in plans:
        curve = _curve(knots)
        wobble = wave(rng, _SAMPLES, 5) * 0.004
        along = np.gradient(curve, axis=0)
        across = along[:, ::-1] * (1, -1) / np.maximum(1e-6, np.linalg.norm(along, axis=1))[:, None]
        curves.append(curve + across * wobble[:, None])
        t = (np.arange(_SAMPLES - 1) + 0.5) / (_SAMPLES - 1)
        taper = np.clip(4.5 * t * (1 - t), 0, 1)
        depths.append(np.clip(depth * taper * (0.8 + 0.35 * wave(rng, _SAMPLES - 1, 4)), 0, 1))
    return np.stack(curves), np.stack(depths)


def _forehead(depth: float, rng: np.random.Generator) -> list[tuple[Curve, float]]:
    if depth <= 0:
        return []
    plans = []
    count = int(rng.integers(2, 5))
    heights = np.linspace(-0.335, -0.56, count) + rng.uniform(-0.02, 0.02, count)
    for height in heights.tolist():
        reach = rng.uniform(0.22, 0.46)
        shift = rng.uniform(-0.06, 0.06)
        x = np.linspace(-reach, reach, 7) + shift
        arch = 0.035 * np.cos(x / reach * np.pi) * rng.uniform(0.2, 1.0)
        y = height + arch + 0.004 * rng.normal(size=7)
        knots = np.column_stack((x, y))
        own = depth * rng.uniform(0.5, 1.0)
        if happens(rng, 0.4):
            gap = int(rng.integers(3, 5))
            plans += [(knots[: gap + 1], own), (knots[gap:] + np.array([0.03, -0.012]), own)]
        else:
            plans.append((knots, own))
    return plans


def _beside(lines: AgeLines, rng: np.random.Generator) -> list[tuple[Curve, float]]:
    """Return knots and depths for the left side of the chart (x above 0)."""
    plans: list[tuple[Curve, float]] = []
    if lines.frown > 0:
        x = rng.uniform(0.05, 0.09)
        knots = [(x + 0.02, -0.13), (x, -0.2), (x + 0.01, -0.28)]
        plans.append((_near(knots, rng), lines.frown * 0.8))
    if lines.crows_feet > 0:
        angles = np.linspace(-38, 42, int(rng.integers(3, 5)))
        plans += [(_ray(a + rng.uniform(-7, 7), rng), lines.crows_feet * 0.7) for a in angles]
    if lines.under_eye > 0:
        knots = [(0.17, 0.09), (0.23, 0.16), (0.33, 0.2), (0.43, 0.18)]
        plans.append((_near(knots, rng), lines.under_eye * 0.7))
        knots = [(0.26, 0.115), (0.36, 0.135), (0.46, 0.1)]
        plans.append((_near(knots, rng), lines.under_eye * 0.45))
    if lines.nasolabial > 0:
        knots = [(0.235, 0.4), (0.29, 0.48), (0.355, 0.57), (0.4, 0.67), (0.41, 0.77)]
        plans.append((_near(knots, rng), lines.nasolabial))
    if lines.marionette > 0:
        knots = [(0.3, 0.79), (0.335, 0.87), (0.345, 0.96)]
        plans.append((_near(knots, rng), lines.marionette * 0.8))
    return plans


def _near(knots: list[tuple[float, float]], rng: np.random.Generator) -> Curve:
    return np.asarray(np.array(knots) + rng.normal(0, 0.007, (len(knots), 2)))


def _ray(angle: float, rng: np.random.Generator) -> Curve:
    start, length = rng.uniform(0.05, 0.075), rng.uniform(0.09, 0.17)
    away = start + np.linspace(0, length, 4)
    bent = np.radians(angle + np.linspace(0, rng.uniform(-8, 14), 4))
    return np.column_stack((0.5 + away * np.cos(bent), 0.01 + away * np.sin(bent)))


def _curve(knots: Curve) -> Curve:
    """Return a smooth curve (P, 2) through knots (K, 2), evenly sampled (Catmull-Rom)."""
    ends = np.concatenate((2 * knots[:1] - knots[1:2], knots, 2 * knots[-1:] - knots[-2:-1]))
    t = np.linspace(0, len(knots) - 1, _SAMPLES)
    i = np.minimum(t.astype(int), len(knots) - 2)
    u = (t - i)[:, None]
    a, b, c, d = (ends[i + k] for k in range(4))
    return np.asarray(
        b
        + 0.5 * u * (c - a)
        + u**2 * (a - 2.5 * b + 2 * c - 0.5 * d)
        + u**3 * (1.5 * (b - c) + 0.5 * (d - a))
    )

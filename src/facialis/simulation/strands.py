"""Hair drawn strand by strand over a photographed face: beards, stubble, hair over a brow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face.mesh import (
    FACE_OVAL,
    LEFT_BROW_LOWER,
    LEFT_BROW_UPPER,
    LEFT_LOWER_LIP_OUTER,
    LEFT_UPPER_LIP_OUTER,
    RIGHT_BROW_LOWER,
    RIGHT_BROW_UPPER,
    RIGHT_LOWER_LIP_OUTER,
    RIGHT_UPPER_LIP_OUTER,
    TEMPLATE,
)
from facialis.simulation.chart import FaceChart, Plane, Points, Window, blended, smoothed

_MAP_CELLS: Final = 100
_MAP_ORIGIN: Final = (1.0, 0.0)
_MAP_SIZE: Final = (200, 150)
_FINEST: Final = 0.0075
_PER_AREA: Final = 4200.0
_TONES: Final = (0.55, 0.8, 1.0, 1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beard:
    """A beard, from a day's stubble to a full one.

    Attributes:
        length: Of its hairs in interocular distances (0.015 stubble, 0.12 full).
        density: Of the hairs on cheeks and jaw, 0 to 1.
        moustache: Density above the upper lip, 0 to 1.
        chin: Density on the chin, 0 to 1.
        grey: Share of grey hairs, 0 to 1.
        warmth: How much redder than the brows it is, −1 to 1.
    """

    length: float
    density: float = 0.0
    moustache: float = 0.0
    chin: float = 0.0
    grey: float = 0.0
    warmth: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fringe:
    """Hair that hangs over one brow.

    Attributes:
        side: The patient's own.
        amount: From a few strands (0) to a curtain (1).
        sweep: How far towards the temple it is combed, 0 (straight down) to 1.
        reach: How far below the brow its tips end, in interocular distances.
        fairness: From the person's own colour (0) to that of the skin (1).
        curl: How wavy it is, 0 to 1.
    """

    side: Side
    amount: float = 0.6
    sweep: float = 0.5
    reach: float = 0.08
    fairness: float = 0.0
    curl: float = 0.2

    def mirrored(self) -> Fringe:
        """Return the hair of the mirror image."""
        return replace(self, side=self.side.opposite)


def drawn_beard(rng: np.random.Generator) -> Beard:
    """Draw stubble, a moustache, a beard round the mouth, or a full beard."""
    kind = rng.choice(4, p=[0.45, 0.1, 0.17, 0.28])
    grey = float(rng.beta(0.6, 2.5)) if rng.random() < 0.5 else 0.0
    warmth = float(rng.uniform(-0.1, 0.5))
    full = float(rng.uniform(0.6, 1.0))
    if kind == 0:
        density = float(rng.uniform(0.35, 1.0))
        return Beard(
            length=float(rng.uniform(0.012, 0.03)),
            density=density,
            moustache=density * float(rng.uniform(0.8, 1.2)),
            chin=density * float(rng.uniform(0.9, 1.2)),
            grey=grey,
            warmth=warmth,
        )
    length = float(rng.uniform(0.04, 0.1))
    if kind == 1:
        return Beard(length=length, moustache=full, grey=grey, warmth=warmth)
    moustache = full if rng.random() < 0.85 else 0.0
    density = 0.0 if kind == 2 else full * float(rng.uniform(0.7, 1.0))
    return Beard(
        length=length, density=density, moustache=moustache, chin=full, grey=grey, warmth=warmth
    )


def drawn_fringe(rng: np.random.Generator) -> Fringe:
    """Draw hair over either brow, alike."""
    return Fringe(
        side=Side.LEFT if rng.random() < 0.5 else Side.RIGHT,
        amount=float(rng.uniform(0.1, 1.0)),
        sweep=float(rng.uniform(0.0, 1.0)),
        reach=float(rng.uniform(-0.04, 0.16)),
        fairness=float(rng.uniform(0.5, 1.0)) if rng.random() < 0.2 else 0.0,
        curl=float(rng.uniform(0.0, 0.6)),
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
    roots, share = _roots(beard, unit, rng)
    if not len(roots):
        return picture
    curves = chart.placed(_grown(roots, beard, rng))
    window = Window.around(curves, picture.shape, margin=0.15 * unit, finest=_FINEST * unit)
    if window.is_empty:
        return picture
    result = picture.copy()
    part = result[window.part]
    allowed = _rooted_in_skin(curves, skin)
    curves, tones = curves[allowed], rng.integers(0, len(_TONES), len(curves))[allowed]
    strength = np.tile(np.linspace(1, 0.55, curves.shape[1] - 1), (len(curves), 1)) * min(1, share)
    base = brow_colour(picture, chart) * np.exp(beard.warmth * np.array([0.18, 0.0, -0.18]))
    light = _local_light(part, unit)
    root_cover = window.strokes(curves[:, :2], strength[:, :1], _FINEST * unit)
    shadow = smoothed(root_cover, 0.02 * unit)
    depth = 0.55 + 2.2 * min(beard.length, 0.1)
    part = blended(part, light[..., None] * base, np.clip(depth * shadow, 0, 0.72))
    for index, tone in enumerate(_TONES):
        chosen = tones == index
        if not chosen.any():
            continue
        colour = base * tone + (16.0 * tone if tone > 1 else 0.0)
        if index >= len(_TONES) - 1 or rng.random() < 0:
            colour = colour + beard.grey * (np.array([168.0, 166, 164]) - colour)
        cover = window.strokes(curves[chosen], strength[chosen], _FINEST * unit)
        part = blended(part, light[..., None] * colour, np.clip(cover * 0.85, 0, 0.9))
    result[window.part] = part
    return result


def brow_colour(picture: Plane, chart: FaceChart) -> Points:
    """Return the colour (3,) of the darker part of both brows, which is hair rather than skin."""
    upper = chart.points[list(RIGHT_BROW_UPPER + LEFT_BROW_UPPER)]
    lower = chart.points[list(RIGHT_BROW_LOWER + LEFT_BROW_LOWER)]
    shares = np.linspace(0.2, 0.8, 5)[:, None, None]
    colours = _sampled(picture, (upper + shares * (lower - upper)).reshape(-1, 3))
    bright = colours.sum(axis=1)
    return np.asarray(colours[bright <= np.quantile(bright, 0.35)].mean(axis=0))


def _sampled(picture: Plane, places: Points) -> Points:
    """Colours (N, 3) at places (N, 2 or more)."""
    limit = np.array(picture.shape[1::-1]) - 1
    x, y = np.clip(np.floor(places[:, :2]).astype(int), 0, limit).T
    return picture[y, x].astype(np.float64)


def _rooted_in_skin(curves: Points, skin: Plane) -> NDArray[np.bool_]:
    limit = np.array(skin.shape[1::-1]) - 1
    x, y = np.clip(np.floor(curves[:, 0, :2]).astype(int), 0, limit).T
    return np.asarray(skin[y, x] > 0.4)


def _local_light(part: Plane, unit: float) -> Plane:
    """How light each place is against the rest (h, w), about 1: hair is lit as the skin is."""
    grey = smoothed(part.mean(axis=2), 0.14 * unit)
    return np.asarray(np.clip(grey / max(1.0, float(np.median(grey))), 0.55, 1.35), np.float32)


@lru_cache(maxsize=1)
def _growth() -> tuple[Plane, Plane, Plane]:
    """Where cheeks and jaw, moustache, and chin grow hair on the chart, 0 to 1 each."""

    def filled(outline: Points, soft: float) -> Plane:
        plane = np.zeros(_MAP_SIZE[::-1], np.uint8)
        for side in (-1, 1):
            at = (outline * (side, 1) + _MAP_ORIGIN) * _MAP_CELLS
            cv2.fillPoly(plane, [np.round(at).astype(np.int32)], 255)
        return smoothed(plane.astype(np.float32) / 255, soft * _MAP_CELLS)

    cheeks = [(0.77, 0.1), (0.7, 0.12), (0.66, 0.36), (0.58, 0.6), (0.44, 0.76), (0.37, 0.82)]
    cheeks += [(0.3, 0.93), (0.2, 1.0), (0.0, 1.02), (0.0, 1.4), (0.3, 1.3), (0.56, 1.14)]
    cheeks += [(0.7, 0.95), (0.78, 0.7), (0.81, 0.4)]
    moustache = [(0.0, 0.57), (0.08, 0.55), (0.17, 0.55), (0.27, 0.64), (0.36, 0.77), (0.36, 0.86)]
    moustache += [(0.31, 0.86), (0.28, 0.75), (0.12, 0.69), (0.0, 0.69)]
    chin = [(0.0, 0.9), (0.05, 0.9), (0.07, 0.96), (0.2, 0.95), (0.28, 0.86), (0.35, 0.86)]
    chin += [(0.36, 1.0), (0.28, 1.16), (0.15, 1.26), (0.0, 1.29)]
    lips = TEMPLATE[
        list(RIGHT_UPPER_LIP_OUTER + LEFT_UPPER_LIP_OUTER[-2::-1])
        + list(LEFT_LOWER_LIP_OUTER[1:] + RIGHT_LOWER_LIP_OUTER[-2:0:-1])
    ][:, :2]
    bare = 1 - np.clip(filled(lips * (1.03, 1.0) + (0, 0), 0.004) * 1.2, 0, 1)
    parts = filled(np.array(cheeks), 0.035), filled(np.array(moustache), 0.018)
    return parts[0] * bare, parts[1] * bare, filled(np.array(chin), 0.022) * bare


def _roots(beard: Beard, unit: float, rng: np.random.Generator) -> tuple[Points, float]:
    """Return roots (N, 2) on the chart, and the share of a real hair that each stands for."""
    cheeks, moustache, chin = _growth()
    density = np.maximum(beard.density * cheeks, beard.moustache * moustache)
    density = np.maximum(density, beard.chin * chin).astype(np.float64)
    patches = cv2.resize(
        rng.uniform(0.55, 1.25, (12, 16)).astype(np.float32),
        _MAP_SIZE,
        interpolation=cv2.INTER_CUBIC,
    )
    density *= patches
    total = float(density.sum())
    hairs = total / _MAP_CELLS**2 * _PER_AREA * (0.5 + 0.5 * min(1.0, beard.length / 0.06))
    count = int(min(hairs, 320 + 22 * unit))
    if count < 1:
        return np.zeros((0, 2)), 0.0
    cell = np.searchsorted(np.cumsum(density.ravel()), rng.uniform(0, total, count))
    row, column = np.divmod(np.minimum(cell, density.size - 1), _MAP_SIZE[0])
    at = np.column_stack((column, row)) + rng.uniform(0, 1, (count, 2))
    width = _FINEST * unit
    share = 0.75 * min(1.0, width) * min(2.0, (hairs / count) ** 0.5)
    return at / _MAP_CELLS - _MAP_ORIGIN, float(min(1.0, share + 0.3))


def _grown(roots: Points, beard: Beard, rng: np.random.Generator) -> Points:
    """Return the courses (N, 4, 2) of hairs on the chart."""
    x, y = roots.T
    side = np.tanh(x / 0.05)
    is_moustache = np.clip((0.78 - y) / 0.1, 0, 1) * np.clip((0.42 - np.abs(x)) / 0.06, 0, 1)
    lean = is_moustache * 0.85 * side + (1 - is_moustache) * (0.12 * side)
    angle = np.arctan2(lean, np.where(is_moustache > 0.5, 0.6, 1.0))
    angle += rng.normal(0, 0.3, len(roots))
    bend = rng.normal(0, 0.45, len(roots)) - 0.3 * side * (1 - is_moustache)
    length = beard.length * rng.uniform(0.5, 1.2, len(roots)) * (1 - 0.45 * is_moustache)
    length *= 0.45 + 0.55 * np.clip((y - 0.2) / 0.6, 0, 1)
    points = [roots]
    for step in range(3):
        turned = angle + bend * (step / 3)
        points.append(
            points[-1] + (length / 3)[:, None] * np.column_stack((np.sin(turned), np.cos(turned)))
        )
    return np.stack(points, axis=1)


def combed(
    picture: Plane,
    chart: FaceChart,
    fringe: Fringe,
    rng: np.random.Generator,
    hair: NDArray[np.bool_] | None,
) -> tuple[Plane, Plane]:
    """Let hair hang over one brow.

    Args:
        picture: (H, W, 3), 0 to 255.
        chart: Of the face.
        fringe: What hangs.
        rng: For the course of each strand.
        hair: (H, W) the person's hair, if known; else it is looked for above the forehead.

    Returns:
        The picture, and the share (H, W) of each pixel that the strands cover.
    """
    unit = chart.unit
    top, own = _hairline(picture, chart, fringe.side, hair)
    colour = own + fringe.fairness * (_skin_colour(picture, chart) * 0.95 - own)
    courses = _locks(fringe, top, chart, rng)
    curves = chart.in_picture(courses)
    window = Window.around(curves, picture.shape, margin=0.12 * unit, finest=_FINEST * unit)
    covered = np.zeros(picture.shape[:2], np.float32)
    if window.is_empty:
        return picture, covered
    result = picture.copy()
    part = result[window.part]
    pieces = curves.shape[1] - 1
    along = np.linspace(0, 1, pieces)
    taper = np.clip((1 - along) / 0.35, 0.12, 1) * np.clip((along + 0.02) / 0.06, 0, 1)
    tones = rng.choice(len(_TONES), len(curves), p=[0.3, 0.32, 0.26, 0.12])
    total = window.strokes(curves, np.tile(taper, (len(curves), 1)), 1.15 * _FINEST * unit)
    part = _under(part, total, unit)
    light = _local_light(part, unit)[..., None]
    sheen = 1 + 0.35 * np.exp(-(((along - rng.uniform(0.3, 0.5)) / 0.12) ** 2))
    del sheen
    for index, tone in enumerate(_TONES):
        chosen = tones == index
        if not chosen.any():
            continue
        strength = np.tile(taper, (int(chosen.sum()), 1))
        cover = window.strokes(curves[chosen], strength, 1.15 * _FINEST * unit)
        shade = colour * tone + (10.0 if tone > 1.2 else 0.0)
        part = blended(part, light * shade, np.clip(cover * 0.92, 0, 0.95))
    result[window.part] = part
    covered[window.part] = total
    return result, covered


def _under(part: Plane, cover: Plane, unit: float) -> Plane:
    """Darken the skin under and beside strands."""
    shift = np.float32([[1, 0, 0], [0, 1, 0.025 * unit]])
    shadow = cv2.warpAffine(smoothed(cover, 0.03 * unit), shift, cover.shape[::-1])
    return part * (1 - 0.38 * np.clip(shadow, 0, 1)[..., None] * np.float32([0.9, 1.0, 1.0]))


def _skin_colour(picture: Plane, chart: FaceChart) -> Points:
    cheeks = chart.points[[50, 101, 118, 205, 280, 330, 347, 425]]
    return np.asarray(np.median(_sampled(picture, cheeks), axis=0))


def _hairline(
    picture: Plane, chart: FaceChart, side: Side, hair: NDArray[np.bool_] | None
) -> tuple[float, Points]:
    """Return where the hair begins above the forehead (y of the frontal frame) and its colour."""
    sign = 1.0 if side is Side.LEFT else -1.0
    x = sign * np.array([-0.1, 0.05, 0.2, 0.35])
    y = np.linspace(-0.45, -1.25, 33)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    places = chart.in_picture(_on_head(grid))
    flat = _sampled(picture, places.reshape(-1, 3)).reshape(*grid.shape[:2], 3)
    if hair is not None:
        at = _sampled(hair[..., None].astype(np.float32), places.reshape(-1, 3))
        is_hair = at.reshape(grid.shape[:2]) > 0.5
    else:
        skin = flat[:4].reshape(-1, 3).mean(axis=0)
        is_hair = np.abs(flat - skin).max(axis=2) > 0.3 * skin.mean()
    rows = np.median(np.where(is_hair.any(axis=0), is_hair.argmax(axis=0), 18))
    first = int(min(rows, len(y) - 6))
    above = flat[first + 2 : first + 6].reshape(-1, 3)
    bright = above.sum(axis=1)
    colour = above[bright <= np.quantile(bright, 0.6)].mean(axis=0)
    if colour.mean() > 0.85 * flat[:4].mean():
        colour = brow_colour(picture, chart)
    return float(y[first]), colour


def _on_head(flat: Points) -> Points:
    """Give places (..., 2) on and above the forehead, frontal frame, the depth of the head."""
    x, y = flat[..., 0], flat[..., 1]
    depth = -0.25 + 0.9 * x**2 + 0.8 * np.maximum(0, -0.35 - y) ** 2
    return np.stack((x, y, depth), axis=-1)


def _locks(fringe: Fringe, top: float, chart: FaceChart, rng: np.random.Generator) -> Points:
    """Return strands (S, 12, 3) in the frontal frame, gathered in locks."""
    sign = 1.0 if fringe.side is Side.LEFT else -1.0
    brow = chart.frontal[list(LEFT_BROW_UPPER if sign > 0 else RIGHT_BROW_UPPER)]
    brow_x, brow_y = float(np.abs(brow[:, 0]).mean()), float(brow[:, 1].mean())
    locks = int(rng.integers(2, 4) + round(9 * fringe.amount))
    each = int(12 + 22 * fringe.amount)
    t = np.linspace(0, 1, 12)
    strands = []
    for _ in range(locks):
        spread = 0.08 + 0.3 * fringe.amount
        root_x = brow_x - 0.32 * fringe.sweep + rng.uniform(-spread, spread)
        tip_x = brow_x + 0.3 * fringe.sweep + rng.uniform(-0.5, 0.5) * spread * 1.4
        tip_y = brow_y + 0.08 + fringe.reach + rng.uniform(-0.1, 0.05)
        guide = _lock_course(root_x, tip_x, top - rng.uniform(0.06, 0.16), tip_y, fringe, t, rng)
        wide = rng.uniform(0.03, 0.07)
        offset = rng.normal(0, wide, (each, 1)) * (1 - 0.75 * t**1.5)[None]
        stray = rng.normal(0, 0.02, (each, 1)) * t[None] ** 2
        short = 1 - np.abs(rng.normal(0, 0.07, (each, 1)))
        along = np.clip(t[None] * short, 0, 1)
        x = np.interp(along, t, guide[:, 0]) + offset + stray
        y = np.interp(along, t, guide[:, 1]) + rng.normal(0, 0.02, (each, 1))
        strands.append(np.stack((x, y), axis=-1))
    flat = np.concatenate(strands)
    placed = _on_head(flat)
    placed[..., 2] -= 0.03
    placed[..., 0] *= sign
    return placed


def _lock_course(
    root_x: float,
    tip_x: float,
    root_y: float,
    tip_y: float,
    fringe: Fringe,
    t: Points,
    rng: np.random.Generator,
) -> Points:
    """Return the middle (12, 2) of a lock: down from its root, curving to its tip."""
    ease = t ** (1.2 + 0.8 * fringe.sweep)
    wave = 0.03 * fringe.curl * np.sin(2 * np.pi * (1.3 * t + rng.uniform())) * t
    x = root_x + (tip_x - root_x) * ease + wave
    y = root_y + (tip_y - root_y) * (t - 0.12 * fringe.sweep * np.sin(np.pi * t))
    return np.column_stack((x, y))


@lru_cache(maxsize=1)
def outline_indices() -> NDArray[np.intp]:
    """Return the outline of the face as an index array."""
    return np.array(FACE_OVAL, dtype=np.intp)

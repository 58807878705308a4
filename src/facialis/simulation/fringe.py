"""Hair that hangs over one brow, of the person's own colour or as fair as the skin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Side
from facialis.face.mesh import LEFT_BROW_UPPER, RIGHT_BROW_UPPER
from facialis.simulation.chance import between, happens
from facialis.simulation.chart import (
    FaceChart,
    Plane,
    Points,
    Window,
    blended,
    sampled,
    shaded,
    shifted,
    smoothed,
)
from facialis.simulation.strands import brow_colour, cheek_colour, laid, light_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDTH: Final = 0.0075
_DARKER_PART: Final = 0.7
_SAMPLES: Final = 16
_ONE_HAIR_PX: Final = 110.0
_HIGHEST: Final = -1.25
_DARKER: Final = 0.62
_OTHER_HUE: Final = 0.25
_SHINING: Final = 1.1
_LOWEST_ROW: Final = 7
_USUAL_ROW: Final = 17
_HALF: Final = 0.5
_TOO_FAIR: Final = 0.85


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
    reach: float = 0.1
    fairness: float = 0.0
    curl: float = 0.2

    def mirrored(self) -> Fringe:
        """Return the hair of the mirror image."""
        return replace(self, side=self.side.opposite)


def drawn_fringe(rng: np.random.Generator) -> Fringe:
    """Draw hair over either brow, alike."""
    return Fringe(
        side=Side.LEFT if happens(rng, 0.5) else Side.RIGHT,
        amount=between(rng, 0.05, 1.0),
        sweep=between(rng, 0.0, 1.0),
        reach=between(rng, 0.02, 0.24),
        fairness=between(rng, 0.5, 1.0) if happens(rng, 0.2) else 0.0,
        curl=between(rng, 0.0, 0.8),
    )


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
    top, shades = _hairline(picture, chart, fringe.side, hair)
    curves = chart.in_picture(_strands(fringe, top, chart, rng))
    window = Window.around(curves, picture.shape, margin=0.12 * unit, finest=1.0)
    covered = np.zeros(picture.shape[:2], np.float32)
    if window.is_empty:
        return picture, covered
    fair = fringe.fairness * (0.95 * cheek_colour(picture, chart) - shades.mean(axis=0))
    own = shades[rng.integers(0, len(shades), len(curves))] + fair
    own = own.mean(axis=0) + 0.75 * (own - own.mean(axis=0))
    along = np.linspace(0, 1, _SAMPLES)
    sheen = 0.85 + 0.3 * np.exp(-(((along - between(rng, 0.35, 0.6)) / 0.16) ** 2))
    heights = rng.uniform(0, 1, len(curves))
    tones = own[:, None] * sheen[None, :, None] * (0.6 + 0.6 * heights**2)[:, None, None]
    taper = np.clip((1 - along) / 0.4, 0.15, 1) * np.clip(along / 0.22, 0, 1)
    cover, colour = laid(
        window,
        curves,
        _WIDTH * unit / _finer(unit) * taper * rng.uniform(0.6, 1.3, (len(curves), 1)),
        tones,
        heights,
    )
    result = picture.copy()
    part = result[window.part]
    shadow = shifted(smoothed(cover, 0.03 * unit), 0.0, 0.03 * unit)
    light = light_on(part, unit)[..., None]
    part = shaded(part, 0.4 * shadow)
    result[window.part] = blended(part, light * colour, 0.97 * cover)
    covered[window.part] = cover
    return result, covered


def _hairline(
    picture: Plane, chart: FaceChart, side: Side, hair: NDArray[np.bool_] | None
) -> tuple[float, Points]:
    """Return where the hair begins above the forehead (y, frontal frame) and colours (N, 3) of it.

    Where there is none, or none that differs from the skin, the brows give the colour.
    """
    sign = 1.0 if side is Side.LEFT else -1.0
    y = np.linspace(-0.45, _HIGHEST, 33)
    grid = np.stack(np.meshgrid(sign * np.array([-0.1, 0.05, 0.2, 0.35]), y), axis=-1)
    places = chart.in_picture(_on_head(grid)).reshape(-1, 3)
    colours = sampled(picture, places).reshape(*grid.shape[:2], 3)
    skin = cheek_colour(picture, chart)
    if hair is not None:
        is_hair = sampled(hair.astype(np.float32), places).reshape(grid.shape[:2]) > _HALF
    else:
        # Foreheads shine, so that only what is darker or of another hue is taken for hair.
        light = colours.mean(axis=2) / skin.mean()
        hue = np.abs(colours / colours.mean(axis=2, keepdims=True) - skin / skin.mean())
        is_hair = (light < _DARKER) | ((hue.max(axis=2) > _OTHER_HUE) & (light < _SHINING))
    is_hair[:_LOWEST_ROW] = False
    is_hair[:-1] &= is_hair[1:]
    rows = np.where(is_hair.any(axis=0), is_hair.argmax(axis=0), _USUAL_ROW)
    first = int(min(np.median(rows), len(y) - 7))
    shades = colours[first + 2 : first + 7].reshape(-1, 3)
    bright = shades.sum(axis=1)
    shades = shades[bright <= np.quantile(bright, _DARKER_PART)]
    if float(np.median(shades)) > _TOO_FAIR * float(skin.mean()):
        shades = brow_colour(picture, chart) * np.linspace(0.75, 1.25, 9)[:, None]
    return float(y[first]), shades


def _on_head(flat: Points) -> Points:
    """Give places (..., 2) on and above the forehead, frontal frame, the depth of the head."""
    x, y = flat[..., 0], flat[..., 1]
    depth = -0.25 + 0.9 * x**2 + 0.8 * np.maximum(0, -0.35 - y) ** 2
    return np.stack((x, y, depth), axis=-1)


def _strands(fringe: Fringe, top: float, chart: FaceChart, rng: np.random.Generator) -> Points:
    """Return strands (S, P, 3) in the frontal frame, gathered in locks."""
    sign = 1.0 if fringe.side is Side.LEFT else -1.0
    brow = chart.frontal[list(LEFT_BROW_UPPER if sign > 0 else RIGHT_BROW_UPPER)]
    centre = np.array([float(np.abs(brow[:, 0]).mean()), float(brow[:, 1].mean())])
    locks = 2 + round(11 * fringe.amount)
    finer = _finer(chart.unit)
    each = round((16 + 14 * fringe.amount) * finer)
    strands = [_lock(fringe, top, centre, each, rng) for _ in range(locks)]
    stray = [_lock(fringe, top, centre, 1, rng) for _ in range(round((6 + 2 * locks) * finer))]
    placed = _on_head(np.concatenate(strands + stray))
    placed[..., 2] -= 0.03
    placed[..., 0] *= sign
    return placed


def _finer(unit: float) -> float:
    """How many hairs are drawn for each that a small picture needs."""
    return float(np.clip(unit / _ONE_HAIR_PX, 1.0, 4.0))


def _lock(fringe: Fringe, top: float, brow: Points, each: int, rng: np.random.Generator) -> Points:
    """Return the strands (each, P, 2) of a lock, from its roots in the hair to its tip."""
    sweep, spread = fringe.sweep, 0.06 + 0.22 * fringe.amount
    at = min(0.52, brow[0] - 0.08 - 0.34 * sweep + between(rng, -1.3, 1.3) * spread)
    # The hairline comes down towards the temples.
    root = np.array([at, top + 0.5 * max(0.0, at - 0.15) ** 2 - between(rng, 0.04, 0.15)])
    tip = np.array([brow[0] + 0.26 * sweep, brow[1] + 0.07 + fringe.reach])
    tip += (between(rng, -1.3, 1.3) * spread, between(rng, -0.16, 0.04))
    fall = tip[1] - root[1]
    first = root + np.array([0.12 * sweep + between(rng, 0.0, 0.12), 0.28 * fall])
    last = tip + np.array([between(rng, -0.12, 0.08) - 0.1 * sweep, -0.35 * fall])
    ends = np.stack([root, first, last, tip])[None] + np.zeros((each, 1, 1))
    wide = between(rng, 0.025, 0.06) * rng.normal(0, 1, (each, 1))
    ends[..., 0] += wide * np.array([1.0, 1.0, 0.85, 0.5])
    ends += rng.normal(0, 0.006, ends.shape)
    ends[:, 3] += rng.normal(0, 1, (each, 2)) * (0.014, 0.05)
    t = np.linspace(0, 1, _SAMPLES)[None, :, None]
    curve = (
        (1 - t) ** 3 * ends[:, None, 0]
        + 3 * t * (1 - t) ** 2 * ends[:, None, 1]
        + 3 * t**2 * (1 - t) * ends[:, None, 2]
        + t**3 * ends[:, None, 3]
    )
    turns = t[..., 0] * between(rng, 0.8, 1.8) + between(rng, 0, 1)
    curve[..., 0] += 0.035 * fringe.curl * np.sin(2 * np.pi * turns) * t[..., 0]
    return np.asarray(curve)

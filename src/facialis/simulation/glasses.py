"""Glasses that sit on the nose and the ears of a face, whatever its muscles do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.face.mesh import (
    LEFT_INNER_CANTHUS,
    LEFT_OUTER_CANTHUS,
    RIGHT_INNER_CANTHUS,
    RIGHT_OUTER_CANTHUS,
)
from facialis.simulation.chance import between, either, happens
from facialis.simulation.chart import (
    FaceChart,
    Pixels,
    Plane,
    Points,
    Window,
    blended,
    shaded,
    shifted,
    smoothed,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RIM_SAMPLES: Final = 72
_ARM_SAMPLES: Final = 24
_CANTHI: Final = [
    RIGHT_OUTER_CANTHUS,
    RIGHT_INNER_CANTHUS,
    LEFT_INNER_CANTHUS,
    LEFT_OUTER_CANTHUS,
]
_WRAP: Final = 0.28
_EAR: Final = (0.83, -0.04, 0.66)
_HINGE: Final = (0.73, 0.05)
_BEHIND: Final = 0.12
_OUTLINE_SHARE: Final = 0.02
_LAMP: Final = (-0.35, -0.8)


class Outline(StrEnum):
    """Shapes of a rim."""

    RECTANGLE = "rectangle"
    ROUND = "round"
    OVAL = "oval"
    DROP = "drop"


class Rim(StrEnum):
    """How much of a lens the rim goes round."""

    FULL = "full"
    UPPER = "upper"
    NONE = "none"


# Half width and half height in interocular distances, and the power of the superellipse.
_SHAPES: Final = {
    Outline.RECTANGLE: (0.285, 0.17, 4.2),
    Outline.ROUND: (0.245, 0.225, 2.1),
    Outline.OVAL: (0.275, 0.175, 2.4),
    Outline.DROP: (0.29, 0.225, 2.6),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Glasses:
    """A pair of glasses.

    Attributes:
        outline: Shape of the lenses.
        rim: How much of them it goes round.
        thickness: Of the rim, in interocular distances (0.012 metal, 0.04 heavy acetate).
        colour: Red, green, blue of the frame, 0 to 255.
        mottling: How unevenly coloured it is (tortoiseshell), 0 to 1.
        gloss: Brightness of its highlights, 0 to 1.
        size: Of the lenses against the usual.
        slip: How far it has slid down the nose, in interocular distances.
        tint: Share of the light that the lenses keep back, red, green, blue.
        reflection: Brightness of what the lenses reflect, 0 to 1.
    """

    outline: Outline = Outline.RECTANGLE
    rim: Rim = Rim.FULL
    thickness: float = 0.03
    colour: tuple[int, int, int] = (25, 22, 22)
    mottling: float = 0.0
    gloss: float = 0.5
    size: float = 1.0
    slip: float = 0.0
    tint: tuple[float, float, float] = (0.03, 0.02, 0.03)
    reflection: float = 0.0


_ACETATE: Final = (
    ((24, 22, 22), 0.0),
    ((34, 26, 22), 0.0),
    ((88, 52, 26), 0.8),
    ((70, 40, 24), 0.5),
    ((28, 34, 58), 0.0),
    ((86, 24, 28), 0.0),
    ((120, 112, 104), 0.0),
)
_METAL: Final = ((150, 150, 154), (92, 92, 96), (176, 142, 92), (44, 44, 46), (128, 98, 76))


def drawn_glasses(rng: np.random.Generator) -> Glasses:
    """Draw a pair of glasses for seeing."""
    outlines = list(Outline)
    is_metal = happens(rng, 0.45)
    if is_metal:
        colour, mottling = _METAL[int(rng.integers(len(_METAL)))], 0.0
        thickness = rng.uniform(0.011, 0.018)
        rim = [Rim.FULL, Rim.UPPER, Rim.NONE][int(rng.choice(3, p=[0.6, 0.25, 0.15]))]
    else:
        colour, mottling = _ACETATE[int(rng.integers(len(_ACETATE)))]
        thickness = rng.uniform(0.022, 0.044)
        rim = Rim.FULL if happens(rng, 0.88) else Rim.UPPER
    shade = rng.uniform(0.0, 0.05) if happens(rng, 0.8) else rng.uniform(0.08, 0.25)
    cast = shade + rng.uniform(-0.015, 0.015, 3)
    return Glasses(
        outline=outlines[int(rng.integers(len(outlines)))],
        rim=rim,
        thickness=float(thickness),
        colour=colour,
        mottling=mottling,
        gloss=float(rng.uniform(0.3, 0.9)),
        size=float(rng.uniform(0.9, 1.08)),
        slip=float(max(0.0, rng.normal(0.0, 0.03))),
        tint=tuple(np.clip(cast, 0, 1).tolist()),
        reflection=between(rng, 0.08, 0.35) if happens(rng, 0.5) else 0.0,
    )


@dataclass(frozen=True, slots=True)
class _Fitted:
    """Curves of one pair in the picture: rims (2, P, 3), bridge (P, 3), arms (2, P, 3), pixels."""

    rims: Points
    bridge: Points
    arms: Points


def worn(
    picture: Plane,
    chart: FaceChart,
    glasses: Glasses,
    rng: np.random.Generator,
    hair: NDArray[np.bool_] | None,
) -> Plane:
    """Put glasses on a face.

    Args:
        picture: (H, W, 3), 0 to 255.
        chart: Of the face.
        glasses: What is put on.
        rng: For mottling and reflections.
        hair: (H, W) where hair covers the arms, if known.
    """
    fitted = _fitted(chart, glasses)
    everything = np.concatenate([fitted.rims.reshape(-1, 3), fitted.arms.reshape(-1, 3)])
    unit = chart.unit
    finest = glasses.thickness * unit / 4
    window = Window.around(everything, picture.shape, margin=0.2 * unit, finest=finest)
    if window.is_empty:
        return picture
    result = picture.copy()
    part = result[window.part]
    frame = _frame(window, fitted, glasses, unit)
    arms = _arms(window, fitted, glasses, chart)
    if hair is not None:
        arms = arms * (1 - smoothed(hair[window.part].astype(np.float32), 0.01 * unit))
    part = _in_shadow(part, np.maximum(window.coarse(frame), arms), unit)
    part = _through_lenses(part, window, fitted, glasses, rng)
    part = blended(part, _material(arms, None, glasses, window, rng), np.minimum(arms, 1))
    colour = _material(window.coarse(frame), frame, glasses, window, rng)
    result[window.part] = blended(part, colour, window.coarse(frame))
    return result


def _fitted(chart: FaceChart, glasses: Glasses) -> _Fitted:
    eyes = chart.frontal[_CANTHI]
    middle = eyes[:, :2].mean(axis=0)
    half_width, half_height, power = _SHAPES[glasses.outline]
    half_width, half_height = half_width * glasses.size, half_height * glasses.size
    apart = float(np.clip(0.185 + 0.62 * half_width, 0.34, 0.4))
    centre_y = middle[1] + 0.04 + glasses.slip
    plane = float(chart.frontal[168, 2]) - 0.02 - 0.6 * glasses.slip
    turn = np.linspace(0, 2 * np.pi, _RIM_SAMPLES)
    cos, sin = np.cos(turn), np.sin(turn)
    x = half_width * np.sign(cos) * np.abs(cos) ** (2 / power)
    y = half_height * np.sign(sin) * np.abs(sin) ** (2 / power)
    x *= 1 - 0.06 * y / half_height
    if glasses.outline is Outline.DROP:
        y = np.where(y > 0, y * (1 + 0.25 * x / half_width), y * 0.85) + 0.03
    rims = []
    for side in (-1.0, 1.0):
        flat = np.column_stack((middle[0] + side * (apart + x), centre_y + y))
        rims.append(_bent(flat, plane))
    inner = apart - half_width
    t = np.linspace(-1, 1, _ARM_SAMPLES)
    high = -0.32 * half_height if glasses.outline is not Outline.DROP else -0.4 * half_height
    bridge = np.column_stack((middle[0] + inner * 1.04 * t, centre_y + high - 0.03 * (1 - t**2)))
    arms = []
    for side in (-1.0, 1.0):
        hinge = _bent(
            np.array([[middle[0] + side * (apart + 0.93 * half_width), centre_y + 1.9 * high]]),
            plane,
        )[0]
        corner = np.array(
            [middle[0] + side * max(_HINGE[0], abs(hinge[0]) + 0.03), hinge[1], plane]
        )
        corner[2] += _HINGE[1] + 0.5 * _WRAP * _HINGE[0] ** 2
        ear = np.array([middle[0] + side * _EAR[0], centre_y + _EAR[1], _EAR[2]])
        s = np.linspace(0, 1, _ARM_SAMPLES - 1)[:, None]
        arms.append(np.concatenate((hinge[None], corner + s * (ear - corner))))
    place = chart.in_picture
    return _Fitted(place(np.stack(rims)), place(_bent(bridge, plane)), place(np.stack(arms)))


def _bent(flat: Points, plane: float) -> Points:
    """Give places (N, 2) of the frontal frame the depth of a front that bends round the face."""
    depth = plane + _WRAP * flat[:, :1] ** 2
    return np.concatenate((flat, depth), axis=1)


def _frame(window: Window, fitted: _Fitted, glasses: Glasses, unit: float) -> Pixels:
    """Draw rims and bridge in fine pixels, 0 to 255."""
    drawing = window.blank()
    thick = glasses.thickness * unit
    fine = max(0.011 * unit, 0.45 * thick)
    for rim in fitted.rims:
        if glasses.rim is Rim.FULL:
            window.line(drawing, rim, thick, closed=True)
        else:
            window.line(drawing, rim, 0.006 * unit, closed=True, tone=0.6)
        if glasses.rim is Rim.UPPER:
            window.line(drawing, rim[_RIM_SAMPLES // 2 - 2 :], thick, closed=False)
    window.line(drawing, fitted.bridge, max(fine, 0.8 * thick), closed=False)
    return drawing


def _arms(window: Window, fitted: _Fitted, glasses: Glasses, chart: FaceChart) -> Plane:
    """Draw what is seen of the arms (h, w), 0 to 1: nothing behind the face."""
    unit = chart.unit
    width = max(0.014, 0.75 * glasses.thickness) * unit
    outline = cv2.convexHull(chart.points[:468, :2].astype(np.float32))
    drawn = []
    for arm in fitted.arms:
        deep = (arm[:, 2] - chart.pose.origin[2]) / unit
        inside = np.array(
            [
                cv2.pointPolygonTest(outline, (float(x), float(y)), True) / unit
                for x, y in arm[:, :2]
            ]
        )
        hidden = (inside > _OUTLINE_SHARE) & (deep > _cheek_depth(chart, arm))
        seen = np.cumprod(~hidden).astype(np.float64)
        fade = np.clip((1.0 - np.linspace(0, 1, _ARM_SAMPLES)) / 0.15, 0, 1)
        strength = np.minimum(seen[1:], seen[:-1]) * fade[:-1]
        drawn.append(window.strokes(arm[None], strength[None], width))
    return np.maximum(drawn[0], drawn[1])


def _cheek_depth(chart: FaceChart, arm: Points) -> Points:
    """Depth (P,) of the nearest landmarks to the places of an arm, in interocular distances."""
    rest = arm[:, None, :2] - chart.points[None, :468, :2]
    nearest = (rest**2).sum(axis=2).argmin(axis=1)
    depth = chart.points[nearest, 2]
    return np.asarray((depth - chart.pose.origin[2]) / chart.unit + _BEHIND)


def _in_shadow(part: Plane, cover: Plane, unit: float) -> Plane:
    """Let the frame cast a soft shadow on the skin below it."""
    shadow = shifted(smoothed(cover, 0.03 * unit), 0.0, 0.05 * unit)
    contact = smoothed(cover, 0.012 * unit)
    return shaded(part, np.clip(0.32 * shadow + 0.18 * contact, 0, 0.5))


def _through_lenses(
    part: Plane, window: Window, fitted: _Fitted, glasses: Glasses, rng: np.random.Generator
) -> Plane:
    """Darken what is seen through the lenses, and lay over it what they reflect."""
    where = 0.5 + either(rng) * between(rng, 0.22, 0.45)
    slant, broad = between(rng, -0.6, 0.6), between(rng, 0.1, 0.3)
    for side, rim in enumerate(fitted.rims):
        lens = window.inside(rim)
        part = part * (1 - lens[..., None] * np.array(glasses.tint, np.float32))
        if glasses.reflection > 0:
            gleam = _gleam(window, rim, where + 0.08 * side, slant, broad)
            share = glasses.reflection * gleam * lens
            part = blended(part, np.array([232.0, 238.0, 248.0]), share)
    return np.asarray(part, np.float32)


def _gleam(window: Window, rim: Points, where: float, slant: float, broad: float) -> Plane:
    """A soft band across a lens (h, w), brightest in its upper part, 0 to 1."""
    low, high = rim[:, :2].min(axis=0), rim[:, :2].max(axis=0)
    size = np.maximum(1e-6, high - low)
    x = ((np.arange(window.width) + 0.5 + window.left - low[0]) / size[0])[None]
    y = ((np.arange(window.height) + 0.5 + window.top - low[1]) / size[1])[:, None]
    across = (x - where + slant * (y - 0.5)) / broad
    band = 1 / (1 + np.exp(-np.clip(4 * (1 - np.abs(across)), -30, 30)))
    return np.asarray(band * np.clip(1.1 - 1.2 * y, 0, 1), np.float32)


def _material(
    cover: Plane,
    fine: Pixels | None,
    glasses: Glasses,
    window: Window,
    rng: np.random.Generator,
) -> Plane:
    """Colour of the frame (h, w, 3): mottled, and rounded by light from above."""
    colour = np.tile(np.array(glasses.colour, np.float32), (*cover.shape, 1))
    if glasses.mottling > 0:
        grain = rng.standard_normal((12, 40)).astype(np.float32)
        spots = cv2.resize(grain, cover.shape[::-1], interpolation=cv2.INTER_CUBIC)
        colour *= np.exp(glasses.mottling * np.clip(spots, -1.6, 1.4))[..., None]
    if fine is not None:
        height = smoothed(fine.astype(np.float32) / 255, 0.8 * window.finer)
        gx = cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3)
        gy = cv2.Sobel(height, cv2.CV_32F, 0, 1, ksize=3)
        slope = -(gx * _LAMP[0] + gy * _LAMP[1])
        slope = cv2.resize(slope, cover.shape[::-1], interpolation=cv2.INTER_AREA)
        colour = colour * (1 - 0.45 * np.clip(slope, -1, 1))[..., None]
        colour += 150 * glasses.gloss * (np.clip(-slope - 0.1, 0, 1) ** 1.5)[..., None]
    return np.asarray(np.clip(colour, 0, 255), np.float32)

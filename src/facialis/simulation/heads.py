"""Rendered heads: a second source of depth and of parsing masks, from geometry alone.

A software renderer of the ICT head: parallel projection, Lambert shading, plain colours. Parts are
painted on the triangles of the neutral head once, so that the mask is what the geometry shows, not
what landmarks say of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face.mesh import TEMPLATE
from facialis.face.pose import rotation_from
from facialis.regions.classes import Part
from facialis.simulation.depth import ROTATION_CENTRE
from facialis.simulation.ict_head import FACE_VERTICES
from facialis.simulation.masks import outlines_of
from facialis.simulation.rasteriser import rasterised

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.simulation.ict_head import Head
    from facialis.simulation.masks import Outlines, Palsied

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Colour = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Colours of a rendered head (linear RGB, 0 to 1) and where the light comes from.

    Attributes:
        skin: Face, ears, neck.
        lips: Both lips.
        brow: Eyebrows.
        hair: Hair of the head.
        iris: Irises.
        background: Behind the head.
        light: Direction towards the light: to the patient's left, down, away from the viewer.
        ambient: Share of the light that comes from everywhere, 0 to 1.
    """

    skin: Colour = (0.62, 0.40, 0.30)
    lips: Colour = (0.50, 0.20, 0.18)
    brow: Colour = (0.12, 0.08, 0.06)
    hair: Colour = (0.10, 0.06, 0.04)
    iris: Colour = (0.22, 0.14, 0.09)
    background: Colour = (0.65, 0.66, 0.68)
    light: tuple[float, float, float] = (0.3, -0.6, -1.0)
    ambient: float = 0.4


@dataclass(frozen=True, slots=True, eq=False)
class HeadRender:
    """A rendered head and its truth.

    Attributes:
        pixels: (H, W, 3) RGB.
        parts: (H, W) `Part` numbers.
        depth: (H, W) nearness as in `facialis.simulation.depth`; the whole head has it, ears, hair
            and neck too. What lies behind the rotation centre, and the background, is zero.
        points: (478, 3) landmarks, pixels, also of what is hidden.
    """

    pixels: Pixels
    parts: NDArray[np.uint8]
    depth: NDArray[np.float32]
    points: Floats


@dataclass(frozen=True, slots=True)
class View:
    """From where, and how large, a head is seen.

    Attributes:
        yaw: Degrees, towards the patient's left.
        pitch: Degrees, chin up.
        roll: Degrees, towards the patient's left shoulder.
        scale: Pixels in one interocular distance.
        middle: Where the point between the eyes would be seen from the front, pixels.
    """

    yaw: float
    pitch: float
    roll: float
    scale: float
    middle: tuple[float, float]


def rendered_head(
    head: Head,
    identity: Floats,
    weights: Mapping[Side, Mapping[str, float]],
    view: View,
    size: tuple[int, int],
    *,
    look: Look | None = None,
    palsy: Palsied | None = None,
) -> HeadRender:
    """Render the head of a person with an expression.

    Args:
        head: As `read_head` gives it.
        identity: Standard deviations of the first identity modes.
        weights: Weight of each expression on each side, as `Head.shaped` takes them.
        view: From where it is seen.
        size: Height and width of the picture.
        look: Colours and light; None for plain ones.
        palsy: Which parts are FPP; None for a healthy face. The mouth is parted where x is zero on
            the head itself.
    """
    shape = head.shaped(identity, weights)
    seen = _seen(shape, view)
    shown, surface = _shown(head)
    fine = size[0] * _FINE, size[1] * _FINE
    raster = rasterised(seen * _FINE, shown, fine)
    normals = _normals(seen, shown)
    light = _lambert(raster.interpolated(normals, shown), look or Look())
    colour = _palette(look or Look())[surface][raster.triangle]
    colour[raster.triangle < 0] = (look or Look()).background
    lit = np.where((raster.triangle >= 0)[..., None], colour * light, colour)
    smooth = cv2.resize(lit, size[::-1], interpolation=cv2.INTER_AREA)
    pixels = np.round(255 * np.clip(smooth, 0, 1) ** (1 / _GAMMA)).astype(np.uint8)
    # The middle of three fine pixels has the centre of the pixel itself.
    middle = np.s_[_FINE // 2 :: _FINE, _FINE // 2 :: _FINE]
    triangle = raster.triangle[middle]
    values = np.stack((shape[:, 0], -seen[:, 2] / view.scale), axis=1)
    across, near = np.moveaxis(raster.interpolated(values, shown)[middle], 2, 0)
    parts = np.where(triangle >= 0, _PART_OF_SURFACE[surface][triangle], Part.BACKGROUND)
    if palsy is not None:
        own = across > 0 if palsy.side is Side.LEFT else across <= 0
        affected = ((parts == Part.EYE) & palsy.eye) | ((parts == Part.MOUTH) & palsy.mouth)
        parts = np.where(affected & own, Part.FPP, parts)
    depth = np.where(triangle >= 0, np.maximum(0.0, near), 0.0).astype(np.float32)
    return HeadRender(pixels, parts.astype(np.uint8), depth, seen[head.landmarks])


_FINE: Final = 3
_GAMMA: Final = 2.2


def _seen(shape: Floats, view: View) -> Floats:
    """Vertices (V, 3) in the picture; z is zero at the rotation centre."""
    centre = np.array(ROTATION_CENTRE)
    turned = (shape - centre) @ rotation_from(view.yaw, view.pitch, view.roll).T
    turned[:, :2] += centre[:2]
    return np.asarray(turned * view.scale + [*view.middle, 0.0])


def _normals(vertices: Floats, faces: NDArray[np.intp]) -> Floats:
    """Unit normals (V, 3), weighted by the area of the triangles around a vertex."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    of_face = np.cross(b - a, c - a)
    corners = faces.ravel()
    spread = np.repeat(of_face, 3, axis=0)
    count = len(vertices)
    summed = np.stack([np.bincount(corners, spread[:, k], count) for k in range(3)], axis=1)
    return np.asarray(summed / np.maximum(1e-12, np.linalg.norm(summed, axis=1))[:, None])


def _lambert(normals: Floats, look: Look) -> Floats:
    """Light (H, W, 1) on each pixel; whatever is seen faces the viewer."""
    facing = np.where(normals[..., 2:] > 0, -normals, normals)
    towards = np.array(look.light) / np.linalg.norm(look.light)
    direct = np.clip(facing @ towards, 0, None)[..., None]
    return np.asarray(look.ambient + (1 - look.ambient) * direct)


class _Surface(IntEnum):
    """What a triangle is painted as."""

    SKIN = 0
    BODY = 1
    HAIR = 2
    BROW = 3
    LIP = 4
    SCLERA = 5
    IRIS = 6
    PUPIL = 7
    TEETH = 8
    GUMS = 9


_PART_OF_SURFACE: Final = np.array(
    [
        *(Part.SKIN, Part.BACKGROUND, Part.HAIR, Part.EYEBROW, Part.MOUTH),
        *(Part.EYE, Part.EYE, Part.EYE, Part.MOUTH, Part.MOUTH),
    ],
    np.uint8,
)

_SCLERA: Final = (0.75, 0.72, 0.70)
_PUPIL: Final = (0.01, 0.01, 0.01)
_TEETH: Final = (0.70, 0.66, 0.58)
_GUMS: Final = (0.12, 0.04, 0.04)


def _palette(look: Look) -> Floats:
    return np.array(
        [
            *(look.skin, look.skin, look.hair, look.brow, look.lips),
            *(_SCLERA, look.iris, _PUPIL, _TEETH, _GUMS),
        ]
    )


_SURFACE_OF_MATERIAL: Final = {
    "M_BackHead": _Surface.BODY,
    "M_Face": _Surface.BODY,
    "M_ScleraLeft": _Surface.SCLERA,
    "M_ScleraRight": _Surface.SCLERA,
    "M_Teeth": _Surface.TEETH,
    "M_GumsTongue": _Surface.GUMS,
}
"""What is not named (lashes, fluid, shadow meshes, the iris behind the ball) is left out."""

_MOUTH_SOCKET: Final = (11248, 13293)
_EYE_SOCKETS: Final = (13294, 14061)
_MEAN_FACE_SCALE: Final = 100.0
_MEAN_FACE_SIZE: Final = (400, 300)
_MEAN_FACE_ORIGIN: Final = (150.0, 170.0)
_THICKNESS: Final = 0.15
_HAIR_ABOVE: Final = -0.12
_PUPIL_SHARE: Final = 0.4
_NAPE: Final = (0.75, 0.5)


@lru_cache(maxsize=4)
def _shown(head: Head) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Triangles (T, 3) that are drawn, and the surface of each."""
    surface = np.full(len(head.faces), -1, np.intp)
    for material, painted in _SURFACE_OF_MATERIAL.items():
        surface[head.material == material] = painted
    last = head.faces.max(axis=1)
    skin = (surface == _Surface.BODY) & (last < _MOUTH_SOCKET[0])
    surface[_between(last, _MOUTH_SOCKET) & (surface >= 0)] = _Surface.GUMS
    surface[_between(last, _EYE_SOCKETS) & (surface >= 0)] = _Surface.SCLERA
    middle = head.neutral[head.faces].mean(axis=1)
    high = middle[:, 1] < _HAIR_ABOVE
    nape = (middle[:, 2] > _NAPE[0]) & (middle[:, 1] < _NAPE[1])
    surface[skin & (high | (nape & (last >= FACE_VERTICES)))] = _Surface.HAIR
    for iris in ("M_IrisRight", "M_IrisLeft"):
        places = head.neutral[np.unique(head.faces[head.material == iris])]
        away = middle - places.mean(axis=0)
        radius = np.linalg.norm(places - places.mean(axis=0), axis=1).max()
        # The ball of the eye is closed in front of the iris, which is painted on it.
        front = (surface == _Surface.SCLERA) & (away[:, 2] < 0)
        off_axis = np.linalg.norm(away[:, :2], axis=1) / radius
        surface[front & (off_axis < 1)] = _Surface.IRIS
        surface[front & (off_axis < _PUPIL_SHARE)] = _Surface.PUPIL
    face = np.nonzero(last < FACE_VERTICES)[0]
    painted_face = _painted(head.on_mean_face, head.faces[face])
    surface[face] = np.where(painted_face < 0, surface[face], painted_face)
    kept = surface >= 0
    return head.faces[kept], surface[kept]


def _between(values: NDArray[np.intp], ends: tuple[int, int]) -> NDArray[np.bool_]:
    return (values >= ends[0]) & (values <= ends[1])


def _painted(placed: Floats, faces: NDArray[np.intp]) -> NDArray[np.intp]:
    """Surface of each triangle that the usual outlines enclose on the mean face, -1 elsewhere."""
    picture = placed * _MEAN_FACE_SCALE + [*_MEAN_FACE_ORIGIN, 0.0]
    front = rasterised(picture, faces, _MEAN_FACE_SIZE)
    nearest = front.interpolated(placed[:, 2:], faces)[..., 0]
    middle = placed[faces].mean(axis=1)
    column, row = (middle[:, :2] * _MEAN_FACE_SCALE + _MEAN_FACE_ORIGIN).astype(np.intp).T
    low, right = _MEAN_FACE_SIZE[0] - 1, _MEAN_FACE_SIZE[1] - 1
    near = nearest[np.clip(row, 0, low), np.clip(column, 0, right)]
    in_front = middle[:, 2] < near + _THICKNESS
    outline = outlines_of(TEMPLATE, None)
    surface = np.full(len(faces), -1, np.intp)
    # The nostrils lie deep.
    surface[_enclosed(middle[:, :2], outline.nose)] = _Surface.SKIN
    for painted, closed in _regions(outline):
        surface[_enclosed(middle[:, :2], closed) & in_front] = painted
    return surface


def _regions(outline: Outlines) -> tuple[tuple[_Surface, Floats], ...]:
    return (
        (_Surface.SKIN, outline.face),
        (_Surface.BROW, outline.brows[Side.RIGHT]),
        (_Surface.BROW, outline.brows[Side.LEFT]),
        (_Surface.LIP, outline.mouth),
    )


def _enclosed(places: Floats, outline: Floats) -> NDArray[np.bool_]:
    """Return which places (N, 2) lie within an outline, by the crossings of a ray."""
    start, end = outline, np.roll(outline, -1, axis=0)
    y = places[:, 1:]
    crosses = (start[:, 1] <= y) != (end[:, 1] <= y)
    rise = np.where(end[:, 1] == start[:, 1], 1.0, end[:, 1] - start[:, 1])
    at = start[:, 0] + (y - start[:, 1]) / rise * (end[:, 0] - start[:, 0])
    return np.asarray((crosses & (at > places[:, :1])).sum(axis=1) % 2 == 1)

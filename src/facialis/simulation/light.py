"""Light from one side: the face shaded by its own mesh, with the shadows that it casts on itself.

Everything happens in linear light and at a small size, because light on a face is smooth; only its
ratio to the light that the photograph has already reaches the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.face.warp import origins, owners
from facialis.simulation.chance import either, happens
from facialis.simulation.chart import FaceChart, Plane, Points, covering, shifted, smoothed

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MESH_POINTS: Final = 468
_SMALL_UNIT: Final = 36.0
_GAMMA: Final = 1 / 2.2
_STEPS: Final = 20
_REACH: Final = 0.75
_BIAS: Final = 0.03
_WALL_SHARE: Final = 0.007
_PLAIN_SD: Final = 12.0
_LIKE_WALL: Final = 22.0
_SEAM: Final = 0.16


@dataclass(frozen=True, slots=True, kw_only=True)
class SideLight:
    """A lamp.

    Attributes:
        azimuth: Degrees from the camera towards the right of the picture.
        elevation: Degrees above the camera.
        strength: Share of the light that comes from it, 0 to 1.
        shadow: How dark the shadows are that the nose and brows cast, 0 (none) to 1.
        softness: Of the edges of these shadows, in interocular distances.
    """

    azimuth: float
    elevation: float = 20.0
    strength: float = 0.5
    shadow: float = 0.0
    softness: float = 0.06

    def mirrored(self) -> SideLight:
        """Return the lamp of the mirror image."""
        return replace(self, azimuth=-self.azimuth)

    @property
    def direction(self) -> Points:
        """(3,) unit vector towards the lamp: x right, y down, z away from the camera."""
        azimuth, elevation = np.radians(self.azimuth), np.radians(self.elevation)
        return np.array(
            [
                np.sin(azimuth) * np.cos(elevation),
                -np.sin(elevation),
                -np.cos(azimuth) * np.cos(elevation),
            ]
        )


def drawn_light(rng: np.random.Generator) -> SideLight:
    """Draw a lamp on either side, alike."""
    side, casts = either(rng), happens(rng, 0.5)
    return SideLight(
        azimuth=side * float(rng.uniform(25, 80)),
        elevation=float(rng.uniform(-5, 45)),
        strength=float(rng.uniform(0.3, 0.85)),
        shadow=float(rng.uniform(0.4, 1.0)) if casts else 0.0,
        softness=float(rng.uniform(0.015, 0.1)),
    )


def lit(picture: Plane, chart: FaceChart, light: SideLight) -> Plane:
    """Light a picture (H, W, 3) of a face from one side, its surroundings with it."""
    height, width = picture.shape[:2]
    shrink = min(1.0, _SMALL_UNIT / chart.unit)
    size = (max(8, round(width * shrink)), max(8, round(height * shrink)))
    mesh = chart.points[:_MESH_POINTS] * (size[0] / width, size[1] / height, shrink)
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
    ratio = _ratio(mesh, _backdrop(small), chart.unit * shrink, light)
    gain = cv2.resize(ratio**_GAMMA, (width, height), interpolation=cv2.INTER_LINEAR)
    return _shouldered(picture * gain[..., None])


def _backdrop(small: Plane) -> Plane:
    """Where a small picture (h, w, 3) looks like its upper corners (h, w), 0 to 1.

    A plain wall behind the head is recognised by it; of a cluttered room nothing is.
    """
    height, width = small.shape[:2]
    top, side = max(1, height // 8), max(1, width // 8)
    likeness = np.zeros((height, width), np.float32)
    for corner in (small[:top, :side], small[:top, -side:]):
        colours = corner.reshape(-1, 3)
        off = np.abs(small - np.median(colours, axis=0)).max(axis=2)
        if float(colours.std(axis=0).max()) < _PLAIN_SD:
            likeness = np.maximum(likeness, np.clip(2 - off / _LIKE_WALL, 0, 1))
    return smoothed(cv2.dilate(likeness, np.ones((5, 5), np.uint8)).astype(np.float32), 0.8)


def _ratio(mesh: Points, backdrop: Plane, unit: float, light: SideLight) -> Plane:
    """Light at each pixel of a small picture (h, w), as a share of the light before.

    Args:
        mesh: (468, 3) landmarks in the small picture.
        backdrop: (h, w) what is wall behind the head, 0 to 1.
        unit: Interocular distance in its pixels.
        light: The lamp.
    """
    faces = covering()
    normals = _normals(mesh, faces)
    facing = np.clip(normals @ light.direction, 0, 1)
    owner = owners(mesh[:, :2], mesh[:, 2], faces, *backdrop.shape[::-1])
    depth, lambert = _spread(np.column_stack((mesh[:, 2], facing)), owner, mesh[:, :2], faces)
    on_face = (owner < len(faces)).astype(np.float32)
    depth = np.where(on_face > 0, depth, np.float32(mesh[:, 2].max()))
    lambert = smoothed(np.where(on_face > 0, lambert, np.float32(0)), 0.02 * unit)
    if light.shadow > 0:
        shadow = _cast(depth.astype(np.float32), unit, light)
        lambert = lambert * (1 - light.shadow * shadow)
    surrounding = _continued(lambert, on_face, backdrop, unit, light)
    inside = cv2.distanceTransform(on_face.astype(np.uint8), cv2.DIST_L2, 3) / (_SEAM * unit)
    lambert = surrounding + (lambert - surrounding) * np.clip(inside, 0, 1)
    mean = float((lambert * on_face).sum() / max(1.0, on_face.sum()))
    share = light.strength
    return np.asarray(1 - share + share * lambert / max(0.25, 1.25 * mean), np.float32)


def _spread(
    values: Points, owner: NDArray[np.int32], places: Points, faces: NDArray[np.intp]
) -> tuple[Plane, Plane]:
    """Spread two values (N, 2) of the vertices over the triangles that pixels belong to."""
    first, second = origins(owner, values, places, faces)
    low, high = values.min(axis=0), values.max(axis=0)
    half = np.float32(0.5)  # `origins` speaks of places in pixels, whose middles lie there.
    return (
        np.clip(first + half, low[0], high[0]).astype(np.float32),
        np.clip(second + half, low[1], high[1]).astype(np.float32),
    )


def _normals(mesh: Points, faces: NDArray[np.intp]) -> Points:
    """Return unit normals (N, 3) towards the viewer."""
    a, b, c = (mesh[faces[:, i]] for i in range(3))
    across = np.cross(b - a, c - a)
    across *= -np.sign(across[:, 2:])
    total = np.zeros_like(mesh)
    for i in range(3):
        np.add.at(total, faces[:, i], across)
    return np.asarray(total / np.maximum(1e-9, np.linalg.norm(total, axis=1, keepdims=True)))


def _cast(depth: Plane, unit: float, light: SideLight) -> Plane:
    """Where the face stands in its own light (H, W), 0 to 1: the way to the lamp is walked."""
    towards = light.direction
    sideways = float(np.hypot(towards[0], towards[1]))
    excess = np.full_like(depth, -np.inf)
    far = float(depth.max())
    for step in np.linspace(0.04, _REACH, _STEPS) * unit / max(0.2, sideways):
        ahead = shifted(depth, -step * towards[0], -step * towards[1], beyond=far)
        excess = np.maximum(excess, depth + np.float32(step * towards[2]) - ahead)
    soft = max(0.01, light.softness) * unit
    shadow = np.clip((excess - _BIAS * unit) / soft + 0.0, 0, 1)
    return smoothed((shadow * shadow * (3 - 2 * shadow)).astype(np.float32), 0.6 * soft)


def _continued(
    lambert: Plane, on_face: Plane, backdrop: Plane, unit: float, light: SideLight
) -> Plane:
    """Carry the light of the face over to hair, neck and clothes, and fade into the backdrop."""
    height, width = lambert.shape
    mean = float((lambert * on_face).sum() / max(1.0, on_face.sum()))
    x = (np.arange(width, dtype=np.float32) - width / 2) / max(1.0, unit)
    slope = 0.12 * float(light.direction[0])
    wall = mean * np.clip(1 + slope * x, 0.5, 1.6)[None] * np.ones((height, 1), np.float32)
    total = _WALL_SHARE * wall
    weight = np.full_like(lambert, _WALL_SHARE)
    for sigma, trust in ((0.12, 1.0), (0.3, 0.06)):
        total = total + trust * smoothed(lambert * on_face, sigma * unit)
        weight = weight + trust * smoothed(on_face, sigma * unit)
    body = total / weight
    return np.asarray(body + (wall - body) * backdrop * (on_face == 0), np.float32)


def _shouldered(picture: Plane) -> Plane:
    """Roll levels above 230 off towards 255 instead of clipping them."""
    knee, room = np.float32(225), np.float32(30)
    over = np.maximum(picture - knee, 0)
    return np.asarray(np.minimum(picture, knee) + room * (1 - np.exp(-over / room)), np.float32)

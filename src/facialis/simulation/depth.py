"""Depth of a face in a picture, from the landmark mesh."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import opening_triangles, triangles
from facialis.face.pose import head_pose
from facialis.face.warp import owners

Points = NDArray[np.float64]
Indices = NDArray[np.intp]

ROTATION_CENTRE: Final = (0.0, 0.3, 0.6)
"""What a head turns about, in the frontal frame, interocular units: behind the root of the nose."""

_FLAT: Final = 1e-9


def depth_map(
    points: Points, size: tuple[int, int], *, background: float = 0.0
) -> NDArray[np.float32]:
    """Return how near each pixel of a face is to the viewer.

    Convention: larger is nearer; in interocular units, zero at the distance of the head's rotation
    centre (`ROTATION_CENTRE`) and behind it. The tip of the nose of a face from the front is about
    1.1, the outline in front of the ears about 0. The triangles of the mesh are interpolated; where
    they overlap the nearer counts.

    Args:
        points: (478, 3) landmarks in the picture, pixels.
        size: Height and width of the picture.
        background: What a pixel beyond the mesh gets.

    Returns:
        (H, W) depth.
    """
    pose = head_pose(points)
    centre = pose.to_picture(np.array([ROTATION_CENTRE]) * pose.scale)[0, 2]
    nearness = np.maximum(0.0, (centre - points[:, 2]) / pose.scale)
    return interpolated(points[:, :2], nearness, surface(), size, background)


def interpolated(
    places: Points,
    nearness: Points,
    faces: Indices,
    size: tuple[int, int],
    background: float,
) -> NDArray[np.float32]:
    """Return a value of vertices, linear over each triangle, the nearer triangle over the farther.

    Args:
        places: (N, 2) vertices in the picture, pixels.
        nearness: (N,) their value; larger is nearer.
        faces: (T, 3) triangles.
        size: Height and width of the picture.
        background: What no triangle covers.

    Returns:
        (H, W) values.
    """
    height, width = size
    owner = owners(places, -nearness, faces, width, height)
    out = np.full(size, background, np.float32)
    rows, columns = np.nonzero(owner < len(faces))
    planes = _planes(places[faces], nearness[faces]).astype(np.float32)[owner[rows, columns]]
    lowest, highest = nearness[faces].min(axis=1), nearness[faces].max(axis=1)
    mine = owner[rows, columns]
    x, y = columns.astype(np.float32) + 0.5, rows.astype(np.float32) + 0.5
    values = planes[:, 0] * x + planes[:, 1] * y + planes[:, 2]
    out[rows, columns] = np.clip(values, lowest[mine], highest[mine])
    return out


@lru_cache(maxsize=1)
def surface() -> Indices:
    """Return the triangles (T, 3) of the whole mesh, its openings closed."""
    return np.concatenate((triangles(), opening_triangles()))


def _planes(corners: Points, values: Points) -> Points:
    """Coefficients (T, 3) of x, y and 1 of the planes through triangles (T, 3, 2)."""
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    du, dv = values[:, 1] - values[:, 0], values[:, 2] - values[:, 0]
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    flat = np.abs(area) < _FLAT
    area = np.where(flat, 1.0, area)
    by_x = np.where(flat, 0.0, (du * v[:, 1] - dv * u[:, 1]) / area)
    by_y = np.where(flat, 0.0, (dv * u[:, 0] - du * v[:, 0]) / area)
    rest = values[:, 0] - by_x * corners[:, 0, 0] - by_y * corners[:, 0, 1]
    return np.stack((by_x, by_y, rest), axis=1)

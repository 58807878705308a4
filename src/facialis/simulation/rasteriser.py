"""Which triangle each pixel shows: a z-buffer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class Raster:
    """The visible triangles of a picture.

    Attributes:
        triangle: (H, W) the nearest triangle at the centre of each pixel, -1 for none.
        shares: (H, W, 3) barycentric coordinates there.
    """

    triangle: Indices
    shares: Floats

    def interpolated(self, values: Floats, faces: Indices) -> Floats:
        """Return vertex values (V, C) at each pixel (H, W, C); zero where there is no triangle."""
        corners = values[faces[self.triangle]]
        found = np.einsum("hwk,hwkc->hwc", self.shares, corners)
        return np.where((self.triangle >= 0)[..., None], found, 0.0)


def rasterised(vertices: Floats, faces: Indices, size: tuple[int, int]) -> Raster:
    """Find the nearest triangle at the centre of each pixel.

    Args:
        vertices: (V, 3) x right, y down in pixels (edges counted), z away from the viewer.
        faces: (T, 3) triangles.
        size: Height and width of the picture.
    """
    height, width = size
    corners = vertices[faces]
    owner, x, y = _candidates(corners[..., :2], size)
    shares = _barycentric(x + 0.5, y + 0.5, owner, corners)
    inside = np.nonzero((shares >= 0).all(axis=1))[0]
    owner, shares = owner[inside], shares[inside]
    pixel = (y * width + x)[inside]
    depth = np.einsum("nk,nk->n", shares, corners[owner, :, 2])
    # Where a pixel is written several times the last one stays: the nearest.
    order = np.argsort(-depth, kind="stable")
    triangle = np.full(height * width, -1, np.intp)
    triangle[pixel[order]] = owner[order]
    found = np.zeros((height * width, 3))
    found[pixel[order]] = shares[order]
    return Raster(triangle.reshape(size), found.reshape(height, width, 3))


def _candidates(corners: Floats, size: tuple[int, int]) -> tuple[Indices, Indices, Indices]:
    """Triangles and the pixels (x, y) whose centres lie in their bounding boxes."""
    limit = np.array([size[1], size[0]])
    low = np.clip(np.ceil(corners.min(axis=1) - 0.5), 0, limit).astype(np.intp)
    high = np.clip(np.floor(corners.max(axis=1) - 0.5) + 1, 0, limit).astype(np.intp)
    across, down = np.maximum(0, high - low).T
    count = across * down
    owner = np.repeat(np.arange(len(corners)), count)
    rank = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    row, column = np.divmod(rank, np.maximum(1, across)[owner])
    return owner, low[owner, 0] + column, low[owner, 1] + row


def _barycentric(x: Floats, y: Floats, owner: Indices, corners: Floats) -> Floats:
    """Barycentric coordinates (N, 3) of places, each in a triangle of its own (T, 3, 3)."""
    a = corners[:, 0]
    u, v = corners[:, 1] - a, corners[:, 2] - a
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    flat = np.abs(area) < _FLAT
    area = np.where(flat, np.nan, area)
    terms = np.stack((v[:, 1], -v[:, 0], -u[:, 1], u[:, 0]), axis=1) / area[:, None]
    across, down = x - a[owner, 0], y - a[owner, 1]
    at_b = terms[owner, 0] * across + terms[owner, 1] * down
    at_c = terms[owner, 2] * across + terms[owner, 3] * down
    return np.stack((1 - at_b - at_c, at_b, at_c), axis=1)

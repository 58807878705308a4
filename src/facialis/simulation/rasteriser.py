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
    chosen = corners[owner]
    places = np.stack((x, y), axis=1) + 0.5
    shares = _barycentric(places, chosen[..., :2])
    inside = (shares >= 0).all(axis=1)
    owner, shares = owner[inside], shares[inside]
    pixel = (y * width + x)[inside]
    depth = np.einsum("nk,nk->n", shares, chosen[inside][..., 2])
    # The first of each pixel in this order is the nearest; of equals, the first triangle.
    order = np.lexsort((owner, depth, pixel))
    pixel, first = np.unique(pixel[order], return_index=True)
    nearest = order[first]
    triangle = np.full(height * width, -1, np.intp)
    triangle[pixel] = owner[nearest]
    found = np.zeros((height * width, 3))
    found[pixel] = shares[nearest]
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


def _barycentric(places: Floats, corners: Floats) -> Floats:
    """Barycentric coordinates (N, 3) of places (N, 2), each in a triangle of its own (N, 3, 2)."""
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    w = places - corners[:, 0]
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    flat = np.abs(area) < _FLAT
    area = np.where(flat, 1.0, area)
    at_b = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / area
    at_c = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / area
    shares = np.stack((1 - at_b - at_c, at_b, at_c), axis=1)
    shares[flat] = -1.0
    return np.asarray(shares)

"""How deep the lines of the skin look in a picture, read from nothing but its pixels.

Nothing here knows where or how the simulator draws lines: a patch of skin is taken between
landmarks, and the darkness of what is narrow in it is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face import mesh
from facialis.face.pose import head_pose

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

_LEFT_ALA: Final = 358
_LEFT_BROW: Final = (336, 296, 334, 293)
_LEFT_FOREHEAD: Final = (337, 299, 333, 298)
_ROWS, _COLUMNS = 48, 64
_FINE, _WIDE = 2.0, 7.0
_ALONG: Final = 5.0
_MARGIN: Final = 6
_ACROSS: Final = np.linspace(-0.15, 0.15, _COLUMNS)
_NEAR: Final = 0.03


@dataclass(frozen=True, slots=True)
class SkinLine:
    """A line on the skin, wherever the skin moves.

    Attributes:
        corners: (N, 3) landmarks of the triangle that each point of the line lies in.
        shares: (N, 3) of the corners.
        side: Of the patient.
    """

    corners: NDArray[np.intp]
    shares: Points
    side: Side

    def at(self, points: Points) -> Points:
        """Return where the line lies (N, 2) in a picture with these landmarks (478, 3)."""
        return np.asarray(np.einsum("nk,nkc->nc", self.shares, points[self.corners, :2]))


def nasolabial_line(pixels: Pixels, points: Points, side: Side) -> SkinLine:
    """Find the fold beside the mouth in a picture that shows it: the darkest narrow dip.

    On a patch of cheek that hangs from the wing of the nose, straight with the head, the darkest
    narrow dip of each of 48 rows is taken, near that of its neighbours.

    Args:
        pixels: (H, W, 3) RGB.
        points: (478, 3) landmarks, pixels.
        side: Of the patient.
    """
    out, down = _axes(points, side)
    first = _of(side, points)[_LEFT_ALA] + 0.05 * out
    edge = np.stack((first, first + 0.2 * down))
    dips = _dips(_patch(pixels, edge, 0.3 * out))
    column = _connected(dips[:, _MARGIN:-_MARGIN]) + _MARGIN
    along, across = np.arange(_ROWS) / (_ROWS - 1), column / (_COLUMNS - 1)
    places = edge[0] + along[:, None] * (edge[1] - edge[0]) + across[:, None] * 0.3 * out
    return _on_skin(places, points, side)


def contrast_along(line: SkinLine, pixels: Pixels, points: Points) -> float:
    """Return how much darker a line of the skin is than the skin beside it, as a share.

    Args:
        line: Where to look; the darkest place within 0.03 interocular distances counts.
        pixels: (H, W, 3) RGB.
        points: (478, 3) landmarks, pixels.
    """
    out, _ = _axes(points, line.side)
    dips = _dips(_sampled(pixels, line.at(points)[:, None] + _ACROSS[None, :, None] * out))
    middle = np.abs(_ACROSS) <= _NEAR
    return float(dips[:, middle].max(axis=1).mean())


def _axes(points: Points, side: Side) -> tuple[Points, Points]:
    """Return one interocular distance outward and one down the head (2,), pixels."""
    pose = head_pose(points)
    out, down = (pose.scale * pose.rotation[:2, k] for k in (0, 1))
    return (out if side is Side.LEFT else -out), down


def _dips(patch: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much darker than its surroundings each place is, rows taken together."""
    smooth = cv2.GaussianBlur(patch, (0, 0), sigmaX=0.1, sigmaY=_ALONG)
    fine, wide = (cv2.GaussianBlur(smooth, (0, 0), sigmaX=sd, sigmaY=0.1) for sd in (_FINE, _WIDE))
    return np.asarray((wide - fine) / (wide + 1), np.float32)


def _connected(dips: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the column of each row on the darkest line that moves by at most two a row."""
    best, came = dips[0].astype(np.float64), []
    for row in dips[1:]:
        shifted = np.stack([np.roll(best, k) for k in range(-2, 3)])
        for k in range(-2, 3):
            if k:
                shifted[k + 2, slice(0, k) if k > 0 else slice(k, None)] = -np.inf
        came.append(shifted.argmax(axis=0) - 2)
        best = row + shifted.max(axis=0)
    column = [int(best.argmax())]
    for step in came[::-1]:
        column.append(column[-1] - int(step[column[-1]]))
    return np.array(column[::-1])


def _on_skin(places: Points, points: Points, side: Side) -> SkinLine:
    triangles = mesh.triangles()
    corners = np.concatenate((points[triangles, :2], np.ones((len(triangles), 3, 1))), axis=2)
    corners[np.abs(np.linalg.det(corners)) < 1e-9] = np.eye(3)
    flat = np.concatenate((places, np.ones((len(places), 1))), axis=1)
    shares = np.einsum("nj,tji->nti", flat, np.linalg.inv(corners))
    owner = shares.min(axis=2).argmax(axis=1)
    return SkinLine(triangles[owner], shares[np.arange(len(places)), owner], side)


def forehead_contrast(pixels: Pixels, points: Points, side: Side) -> float:
    """Return how strongly level lines furrow a half of the forehead, as a share of its light.

    The root mean square, down the forehead, of light averaged along the lines, without what is
    wider than a furrow.

    Args:
        pixels: (H, W, 3) RGB.
        points: (478, 3) landmarks, pixels.
        side: Of the patient.
    """
    own = _of(side, points)
    brow, above = own[list(_LEFT_BROW)], own[list(_LEFT_FOREHEAD)]
    up = (above - brow).mean(axis=0)
    up *= 0.32 * head_pose(points).scale / np.linalg.norm(up)
    near = brow[[0, -1]] + 0.3 * up
    patch = _patch(pixels, near, up).T
    level = cv2.GaussianBlur(patch, (0, 0), sigmaX=_ALONG, sigmaY=_FINE / 2)
    wide = cv2.GaussianBlur(level, (0, 0), sigmaX=0.1, sigmaY=_WIDE)
    inner = ((level - wide) / (wide + 1))[6:-6, 6:-6]
    return float(np.sqrt((inner**2).mean()))


def _of(side: Side, points: Points) -> Points:
    """Return landmarks (478, 2) with those of the asked side where the left ones are."""
    return points[:, :2] if side is Side.LEFT else points[mesh.MIRROR, :2]


def _patch(pixels: Pixels, edge: Points, way: Points) -> NDArray[np.float32]:
    """Return brightness (48, 64): rows along an edge (2, 2), columns along a way (2,) from it."""
    along = np.linspace(0, 1, _ROWS)[:, None, None]
    across = np.linspace(0, 1, _COLUMNS)[None, :, None]
    return _sampled(pixels, edge[0] + along * (edge[1] - edge[0]) + across * way)


def _sampled(pixels: Pixels, places: Points) -> NDArray[np.float32]:
    """Return the brightness at places (..., 2) of a picture."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    x, y = (places[..., k].astype(np.float32) - np.float32(0.5) for k in (0, 1))
    return np.asarray(cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

"""Lids that open and close over an eyeball that stays where it is.

A triangle mesh would stretch the iris with the lids. Here the lids slide: above and below the
opening the skin is stretched or compressed between the lid margin, which keeps its lashes, and the
brow or the cheek; inside the opening the eyeball shows as it was photographed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face import mesh

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats = NDArray[np.float64]

_MARGINS: Final = {
    Side.RIGHT: (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID),
    Side.LEFT: (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID),
}
_RIGHT_PLATES: Final = (
    (247, 30, 29, 27, 28, 56, 190),
    (25, 110, 24, 23, 22, 26, 112),
)
"""The mesh's first rings above and below the right lid margins."""

_PLATES: Final = tuple(i for p in _RIGHT_PLATES for i in (*p, *mesh.mirrored(p)))
HELD: Final = tuple(i for s in _MARGINS for m in _MARGINS[s] for i in m[1:-1]) + _PLATES
"""Points that move with the lids and that the mesh warp therefore leaves as photographed."""

# Widths of an eye.
_LASHES: Final = 0.08
_BROW_REACH: Final = 0.75
_LEAST_REACH: Final = 0.25
_CHEEK_REACH: Final = 0.55
_SHADOW: Final = 0.35
_SHADOW_REACH: Final = 0.06
_INSET: Final = 0.04
_TRIM: Final = 0.06
_TRIMMED_FROM: Final = 0.15
_HALF: Final = 0.5
_LASHES_MEET_BELOW: Final = 0.3
_LASH_LINE: Final = 0.55
_LASH_LINE_SD: Final = 0.022
_LEAST_GAP_PX: Final = 0.5
_ROI: Final = (0.25, 1.3, 0.9)


@dataclass(frozen=True, slots=True)
class _Eye:
    """The frame of an eye's canthi in a picture, in widths of the eye: u to the left, v down."""

    origin: Floats
    axes: Floats

    @classmethod
    def of(cls, points: Floats, side: Side) -> _Eye:
        upper, _ = _MARGINS[side]
        ends = points[[upper[0], upper[-1]], :2]
        start, end = ends if side is Side.RIGHT else ends[::-1]
        along = end - start
        return cls(start, np.stack((along, [-along[1], along[0]])))

    def coordinates(self, points: Floats) -> Floats:
        gap = points[..., :2] - self.origin
        return np.asarray(gap @ self.axes.T / (self.axes[0] @ self.axes[0]))

    def picture(self, at: Floats) -> Floats:
        return np.asarray(self.origin + at @ self.axes)


@dataclass(frozen=True, slots=True)
class _Lid:
    """One lid at places along the eye; heights are counted away from the opening."""

    asked: Floats
    held: Floats
    fixed: Floats
    way: float

    def unslid(self, v: Floats) -> Floats:
        """Return where in the held picture skin comes from that shall lie at v, outside."""
        d = np.maximum(self.way * v - self.asked, 0)
        held = self.held + self.trim
        stiff = np.minimum(d, _LASHES)
        stretch = (self.fixed - held - _LASHES) / (self.fixed - self.asked - _LASHES)
        at = held + stiff + (d - stiff) * stretch
        return np.asarray(self.way * np.where(self.way * v < self.fixed, at, self.way * v))

    @property
    def trim(self) -> Floats:
        """How much of a closing lid's edge is left out, so that no eyeball is carried with it."""
        return np.asarray(_TRIM * np.clip((self.held - self.asked) / _TRIMMED_FROM, 0, 1))

    def slid(self, v: Floats) -> Floats:
        """Return where skin that lies at v in the held picture comes to lie."""
        e = self.way * v - self.held
        stiff = np.minimum(e, _LASHES)
        stretch = (self.fixed - self.asked - _LASHES) / (self.fixed - self.held - _LASHES)
        at = self.asked + stiff + (e - stiff) * stretch
        moves = (e >= 0) & (self.way * v < self.fixed)
        return np.asarray(self.way * np.where(moves, at, self.way * v))


def _margin(eye: _Eye, points: Floats, indices: tuple[int, ...], u: Floats) -> Floats:
    at = eye.coordinates(points[list(indices)])
    order = np.argsort(at[:, 0])
    return np.asarray(np.interp(u, at[order, 0], at[order, 1]))


def _lids(eye: _Eye, side: Side, target: Floats, held: Floats, u: Floats) -> tuple[_Lid, _Lid]:
    upper, lower = _MARGINS[side]
    brow = mesh.RIGHT_BROW_LOWER if side is Side.RIGHT else mesh.LEFT_BROW_LOWER
    asked, was = -_margin(eye, target, upper, u), -_margin(eye, held, upper, u)
    highest = np.maximum(asked, was)
    to_brow = -_margin(eye, target, brow, u) - highest
    top = _Lid(asked, was, highest + np.maximum(_BROW_REACH * to_brow, _LEAST_REACH), -1.0)
    asked = np.maximum(_margin(eye, target, lower, u), -top.asked)
    was = np.maximum(_margin(eye, held, lower, u), -top.held)
    return top, _Lid(asked, was, np.maximum(asked, was) + _CHEEK_REACH, 1.0)


def fissure(points: Floats, side: Side) -> float:
    """Return the mean gap between the lids in widths of the eye, 0 if they are closed."""
    eye, u = _Eye.of(points, side), np.linspace(0.2, 0.8, 13)
    upper, lower = (_margin(eye, points, m, u) for m in _MARGINS[side])
    return float(np.clip(lower - upper, 0, None).mean())


def held_open(target: Floats, photographed: Mapping[Side, Floats]) -> Floats:
    """Return the target with the lids of each side as they were photographed.

    Args:
        target: (478, 3) where the landmarks shall be, pixels of the finished picture.
        photographed: For each side the landmarks (478, 3) of a photograph, in its own pixels.
    """
    held = target.copy()
    for side, points in photographed.items():
        own = [i for i in HELD if (mesh.TEMPLATE[i, 0] > 0) == (side is Side.LEFT)]
        at = _Eye.of(points, side).coordinates(points[own])
        held[own, :2] = _Eye.of(target, side).picture(at)
    return held


def with_plates(target: Floats, held: Floats) -> Floats:
    """Return the target with the rings around the lids where sliding lids carry them."""
    moved = target.copy()
    for side in _MARGINS:
        eye = _Eye.of(target, side)
        own = [i for i in _PLATES if (mesh.TEMPLATE[i, 0] > 0) == (side is Side.LEFT)]
        at = eye.coordinates(held[own])
        top, bottom = _lids(eye, side, target, held, at[:, 0])
        at[:, 1] = np.where(at[:, 1] < -top.held, top.slid(at[:, 1]), bottom.slid(at[:, 1]))
        moved[own, :2] = eye.picture(at)
    return moved


@dataclass(frozen=True, slots=True)
class Opening:
    """A part of the finished picture that holds an eye.

    Attributes:
        rows: Of the picture.
        columns: Of the picture.
        skin: (h, w, 2) where the skin of each pixel lies in the held picture, pixels.
        eyeball: (h, w, 2) where the eyeball of each pixel lies in the photograph that shows it.
        open: (h, w) how much of each pixel lies between the lids, 0 to 1.
        shade: (h, w) share of the light that the upper lid leaves on the eyeball.
        lashes: (h, w) share of the light that the lashes of a closed eye leave.
    """

    rows: slice
    columns: slice
    skin: Floats
    eyeball: Floats
    open: Floats
    shade: Floats
    lashes: Floats


def opening(
    side: Side, target: Floats, held: Floats, eyeball: Floats, size: tuple[int, int]
) -> Opening:
    """Find where the pixels around an eye come from.

    Args:
        side: Which eye.
        target: (478, 3) landmarks of the finished picture, pixels.
        held: (478, 3) the same with the lids as the mesh warp left them.
        eyeball: (478, 3) landmarks of the photograph that shows the eyeball, in its pixels.
        size: Height and width of the picture.
    """
    eye, there = _Eye.of(target, side), _Eye.of(eyeball, side)
    beside, above, below = _ROI
    box = eye.picture(np.array([(u, v) for u in (-beside, 1 + beside) for v in (-above, below)]))
    x0, y0 = np.clip(np.floor(box.min(axis=0)).astype(int), 0, [size[1] - 1, size[0] - 1])
    x1, y1 = np.clip(np.ceil(box.max(axis=0)).astype(int), [x0 + 1, y0 + 1], [size[1], size[0]])
    y, x = np.mgrid[y0:y1, x0:x1] + 0.5
    at = eye.coordinates(np.stack((x, y), axis=-1))
    u, v = at[..., 0], at[..., 1]
    top, bottom = _lids(eye, side, target, held, u)
    upper, lower = -top.asked, bottom.asked
    skin_v = np.where(v < (upper + lower) / 2, top.unslid(v), bottom.unslid(v))
    beyond = (u < 0) | (u > 1)
    skin_v = np.where(beyond, v, skin_v)
    pixel = float(np.linalg.norm(eye.axes[0]))
    inside: Floats = np.clip((v - upper) * pixel + 0.5, 0, 1)
    inside = inside * np.clip((lower - v) * pixel + 0.5, 0, 1)
    parted = (lower - upper) * pixel >= _LEAST_GAP_PX
    inside[~parted | beyond] = 0
    shut = np.clip(top.held - top.asked, 0, _SHADOW_REACH) / _SHADOW_REACH
    shade = 1 - _SHADOW * shut * np.exp(-np.maximum(v - upper, 0) / _SHADOW_REACH)
    margins = [_margin(there, eyeball, m, u) for m in _MARGINS[side]]
    eyeball_v = _within(v, upper, lower, margins[0], margins[1])
    return Opening(
        slice(y0, y1),
        slice(x0, x1),
        eye.picture(np.stack((u, skin_v), axis=-1)),
        there.picture(np.stack((u, eyeball_v), axis=-1)),
        inside,
        shade,
        _lash_line(
            u, v - (upper + lower) / 2, (lower - upper) / np.maximum(bottom.held + top.held, _TRIM)
        ),
    )


def _lash_line(u: Floats, v: Floats, openness: Floats) -> Floats:
    """Return the light that lashes leave at (u, v) from the line where the lids meet."""
    shut = np.clip(1 - openness / _LASHES_MEET_BELOW, 0, 1)
    along = np.clip(1 - (2 * u - 1) ** 2, 0, 1) ** _HALF
    return np.asarray(1 - _LASH_LINE * shut * along * np.exp(-((v / _LASH_LINE_SD) ** 2) / 2))


def _within(v: Floats, upper: Floats, lower: Floats, top: Floats, bottom: Floats) -> Floats:
    """Return v itself where the photograph shows eyeball there, else the nearest stretched to fit.

    Args:
        v: Heights in the finished picture.
        upper: Margin of the upper lid in the finished picture.
        lower: Margin of the lower lid there.
        top: Margin of the upper lid in the photograph.
        bottom: Margin of the lower lid there.
    """
    inset = np.minimum(_INSET, (bottom - top) / 4)
    first, last = top + inset, bottom - inset
    above = first - (first - v) * inset / np.maximum(first - np.minimum(upper, top), 1e-6)
    below = last + (v - last) * inset / np.maximum(np.maximum(lower, bottom) - last, 1e-6)
    return np.asarray(np.where(v < first, above, np.where(v > last, below, v)))


def carried(points: Floats, photographed: Floats, target: Floats, side: Side) -> Floats:
    """Return where points (N, 2) of an eyeball lie in the finished picture (N, 2).

    Args:
        points: In the photograph, pixels.
        photographed: (478, 3) landmarks of the photograph.
        target: (478, 3) landmarks of the finished picture.
        side: Which eye.
    """
    return _Eye.of(target, side).picture(_Eye.of(photographed, side).coordinates(points))

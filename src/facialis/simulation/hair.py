"""Where a photograph shows hair of the head: a weak label, cut out by colour.

No collection here has hand-made hair masks. The colours of hair are learned from a band above the
hairline, those of everything else from the face and the border of the picture; GrabCut (Rother,
Kolmogorov and Blake 2004) then cuts along edges. Shaven heads and hair of the colour of the skin or
of the background come out wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face.pose import head_pose
from facialis.regions.outlines import filled
from facialis.simulation.masks import Outlines, outlines_of

if TYPE_CHECKING:
    from facialis.regions.hand_points import HandPoints

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

WORKING_SCALE: Final = 60.0
"""Pixels in one interocular distance while cutting out."""

_ROUNDS: Final = 4
_COLOURS: Final = 3
_COLOUR_NOISE: Final = 9.0
_UNLIKE: Final = 3.0
_SURELY_UNLIKE: Final = 4.5
_FAR: Final = 1e3
_FEW: Final = 12
_SHADOW: Final = 10.0
_LEAST_SEEDS: Final = 0.08
_SEED: Final = 1

# Distances in interocular units.
_BAND: Final = (0.03, 0.3)
_CORE: Final = 0.08
_REACH: Final = 2.3
_BORDER_FROM: Final = 0.9
_WITHIN: Final = 0.12
_TOUCHING: Final = 0.1
_LEAST_LOCK: Final = 0.02
_LEAST_HAIR: Final = 0.15


def hair_mask(pixels: Pixels, points: Points, *, outlines: HandPoints | None = None) -> Mask:
    """Return where a photograph shows hair of the head, (H, W).

    Computed on a small copy of the picture (`WORKING_SCALE`) and enlarged. Empty where the band
    above the hairline shows little unlike skin and background (a bald head).

    Args:
        pixels: (H, W, 3) RGB.
        points: (478, 3) landmarks of the face, pixels; the head upright or nearly so.
        outlines: Hand-placed points of this person; None takes the usual outlines.
    """
    height, width = pixels.shape[:2]
    share = min(1.0, WORKING_SCALE / head_pose(points).scale)
    size = max(1, round(height * share)), max(1, round(width * share))
    small = cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA).astype(np.uint8)
    factors = np.array([size[1] / width, size[0] / height, share])
    head = _Head.of(points * factors, size, outlines)
    # Both k-means and GrabCut draw from OpenCV's own generator.
    cv2.setRNGSeed(_SEED)
    found = _locks(_cut_out(small, head), head).astype(np.float32)
    large = cv2.resize(found, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large >= 0.5)  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class _Head:
    """Regions (H, W) of a small picture.

    Attributes:
        scale: Pixels in one interocular distance.
        band: Just above the hairline, where hair is if there is any.
        core: The part of the band that is well clear of the face.
        border: Edge of the picture above the chin, away from the head.
        cheeks: Bare skin of cheeks and nose.
        forehead: Skin above the brows, unless hair falls on it.
        bare: What is never hair: face below the brows, ears, neck and what is below it.
        outside: Distance from the face, pixels.
        hold: Close around face and ears, above the chin, where locks of hair come out.
    """

    scale: float
    band: Mask
    core: Mask
    border: Mask
    cheeks: Mask
    forehead: Mask
    bare: Mask
    outside: NDArray[np.float32]
    hold: Mask

    @classmethod
    def of(cls, points: Points, size: tuple[int, int], hand: HandPoints | None) -> _Head:
        outline = outlines_of(points, hand)
        scale = head_pose(points).scale
        face = filled(outline.face, size)
        ears = filled(outline.ears[Side.RIGHT], size) | filled(outline.ears[Side.LEFT], size)
        neck = filled(outline.neck, size)
        outside, within = _distance(~face), _distance(face)
        y, x = np.mgrid[: size[0], : size[1]]
        brows = min(outline.brows[side][:, 1].min() for side in Side)
        chin = outline.face[:, 1].max()
        above = y < brows
        band = (outside > _BAND[0] * scale) & (outside < _BAND[1] * scale) & above & ~ears
        skin = (within > _WITHIN * scale) & ~_features(outline, size)
        lids = max(outline.eyes[side][:, 1].max() for side in Side)
        cheeks = skin & (y > lids + 0.1 * scale)
        cheeks &= y < outline.mouth[:, 1].min() - 0.15 * scale
        below = (y > chin) & (x >= outline.neck[:, 0].min()) & (x <= outline.neck[:, 0].max())
        covered = (within > 0.1 * scale) & (y > brows - 0.15 * scale)
        edge = np.ones(size, np.bool_)
        thick = max(2, size[0] // 40)
        edge[thick:, thick:-thick] = False
        return cls(
            scale=scale,
            band=band,
            core=band & (outside > _CORE * scale),
            border=edge & (y < chin) & (outside > _BORDER_FROM * scale),
            cheeks=cheeks,
            forehead=skin & above,
            bare=covered | ears | neck | below,
            outside=outside,
            hold=_widened(face | ears, _TOUCHING * scale) & (y < chin),
        )


def _cut_out(pixels: Pixels, head: _Head) -> Mask:
    colours = cv2.cvtColor(pixels.astype(np.float32) / 255, cv2.COLOR_RGB2LAB).astype(np.float64)
    skin = _unlikeness(colours, _lit(colours, head))
    wall_pixels = _prevailing(colours, head.border)
    wall = _unlikeness(colours, wall_pixels)
    seeds = head.band & (skin > _UNLIKE) & (wall > _UNLIKE)
    if seeds.sum() <= _LEAST_SEEDS * head.band.sum():
        return np.zeros_like(seeds)
    hair = _unlikeness(colours, seeds)
    reach = head.outside < _REACH * head.scale
    likely = (hair < skin) & (hair < wall) & reach
    trimap = np.full(seeds.shape, cv2.GC_PR_BGD, np.uint8)
    trimap[likely | seeds] = cv2.GC_PR_FGD
    surely = (skin > _SURELY_UNLIKE) & (wall > _SURELY_UNLIKE)
    trimap[seeds & head.core & surely] = cv2.GC_FGD
    trimap[(wall_pixels & ~likely) | head.bare | ~reach] = cv2.GC_BGD
    if not np.isin(trimap, (cv2.GC_BGD, cv2.GC_PR_BGD)).any():
        return np.zeros_like(seeds)
    other, hairy = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(pixels, trimap, (0, 0, 1, 1), other, hairy, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(trimap, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _locks(found: Mask, head: _Head) -> Mask:
    """Return the connected pieces of hair that are large enough and come from the head."""
    unit = head.scale**2
    _, label, numbers, _ = cv2.connectedComponentsWithStats(found.astype(np.uint8))
    large = numbers[:, cv2.CC_STAT_AREA] >= _LEAST_LOCK * unit
    from_head = np.zeros_like(large)
    from_head[label[found & (head.band | head.hold)]] = True
    kept = (large & from_head)[label] & found
    return np.asarray(kept & (kept.sum() >= _LEAST_HAIR * unit))


def _lit(colours: Floats, head: _Head) -> Mask:
    """Return bare skin without the darkest tenth, so that shadows do not pass for its colour."""
    if not head.cheeks.any():
        return head.cheeks
    darkest = float(np.percentile(colours[head.cheeks][:, 0], _SHADOW))
    return np.asarray((head.cheeks | head.forehead) & (colours[..., 0] >= darkest))


def _prevailing(colours: Floats, border: Mask) -> Mask:
    """Return the border without what strays from its usual colour, such as hair that reaches it."""
    if not border.any():
        return border
    seen = colours[border]
    usual = np.median(seen, axis=0)
    spread = 1.5 * np.median(np.abs(seen - usual), axis=0) + 4.0
    kept = border.copy()
    kept[border] = (np.abs(seen - usual) / spread).max(axis=1) < 4.0  # noqa: PLR2004
    return kept


def _unlikeness(colours: Floats, sample: Mask) -> Floats:
    """Return how far each colour (H, W, 3) is from those of a sample, in standard deviations."""
    seen = colours[sample].astype(np.float32)
    if len(seen) < _FEW:
        return np.full(sample.shape, _FAR)
    stop = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 15, 1.0)
    start = np.zeros((len(seen), 1), np.int32)
    _, label, _ = cv2.kmeans(seen, _COLOURS, start, stop, 1, cv2.KMEANS_PP_CENTERS)
    distances = [np.full(sample.shape, _FAR**2)]
    for k in range(_COLOURS):
        cluster = seen[label.ravel() == k].astype(np.float64)
        if len(cluster) > _COLOURS:
            spread = np.linalg.inv(np.cov(cluster.T) + _COLOUR_NOISE * np.eye(3))
            away = colours - cluster.mean(axis=0)
            distances.append(np.einsum("...i,ij,...j->...", away, spread, away))
    return np.asarray(np.sqrt(np.min(distances, axis=0)))


def _features(outline: Outlines, size: tuple[int, int]) -> Mask:
    """Return brows, eyes and mouth, a little widened."""
    found = filled(outline.mouth, size)
    for side in Side:
        found |= filled(outline.brows[side], size) | filled(outline.eyes[side], size)
    return _widened(found, 2.0)


def _widened(mask: Mask, reach: float) -> Mask:
    return np.asarray(_distance(~mask) <= reach)


def _distance(mask: Mask) -> NDArray[np.float32]:
    """Return how deep within a mask each pixel lies."""
    return cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5).astype(np.float32)

"""Pictures of a face that does something else: one or two photographs carried to new landmarks.

*Composition*: a person's neutral and expressive photographs are both warped to one set of
landmarks and mixed, part by part: where a share of the expression remains, that share of the
expressive photograph shows. *Muscle warp*: without an expressive photograph the neutral one is
carried to the landmarks alone. In both, lids slide over eyeballs that stay, lips part over teeth
that stay with the skull, and the folds of the skin are deepened or flattened.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face import mesh
from facialis.face.pose import head_pose, rotation_from
from facialis.face.warp import origins, owners, ring_triangles, with_surroundings
from facialis.simulation import eyes, mouth
from facialis.simulation.folds import Depths, folded
from facialis.simulation.portrait import Portrait

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]
Map = NDArray[np.float32]

_MESH_POINTS: Final = 468
_CENTRE_SET_BACK: Final = np.array([[0.0, 0.3, 0.6]])
_EYE_POINTS: Final = {Side.RIGHT: (33, 133, 159, 145), Side.LEFT: (263, 362, 386, 374)}
_SHARE_SD: Final = 0.05
_EDGE_SD: Final = 0.05
_LIGHT_SD: Final = 0.25
_MOST_OF_LIGHT: Final = (0.75, 1.33)
_TEETH_BEHIND_LIPS: Final = 0.06
_NEWLY_PARTED: Final = 0.03
_ENOUGH: Final = 0.9
_HALF: Final = 0.5
_GRAIN_SD: Final = 0.012
_MOTTLE_SD: Final = 0.04
_GRAIN_STEEPER: Final = 4
_TORN: Final = 0.025
_EDGE_BLUR: Final = 0.8
_IRISES: Final = {
    Side.RIGHT: (mesh.RIGHT_IRIS_CENTRE, *mesh.RIGHT_IRIS),
    Side.LEFT: (mesh.LEFT_IRIS_CENTRE, *mesh.LEFT_IRIS),
}


@dataclass(frozen=True)
class Sitter:
    """The photographs of one person.

    Attributes:
        neutral: At rest, eyes open.
        expressive: The same person smiling, or None.
    """

    neutral: Portrait
    expressive: Portrait | None = None

    @cached_property
    def teeth(self) -> tuple[Portrait, Pixels]:
        """The portrait that shows the teeth, and what shows between its lips; see `mouth`."""
        shown = self.expressive if self.expressive is not None else self.neutral
        if not mouth.shows_teeth(shown) and mouth.shows_teeth(self.neutral):
            shown = self.neutral
        return shown, mouth.plate(shown)

    def eyeballs(self, target: Floats) -> Portrait:
        """Return the portrait that shows enough of both eyeballs for target landmarks."""
        if self.expressive is None:
            return self.neutral
        lacking = any(
            eyes.fissure(self.expressive.points, side) < _ENOUGH * eyes.fissure(target, side)
            for side in Side
        )
        return self.neutral if lacking else self.expressive


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """A finished picture.

    Attributes:
        pixels: (H, W, 3) uint8 RGB.
        points: (478, 3) where the landmarks are, pixels.
        base_x: (H, W) x in the base photograph that each pixel's surroundings come from.
        base_y: (H, W) y there.
    """

    pixels: Pixels
    points: Floats
    base_x: Map
    base_y: Map

    def carried(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Carry a mask (H, W) of the base photograph to the finished picture."""
        moved = cv2.remap(
            mask.astype(np.float32),
            self.base_x,
            self.base_y,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        return np.asarray(moved > _HALF)


def composed(
    sitter: Sitter,
    target: Floats,
    share: Floats | None = None,
    *,
    depths: Depths | None = None,
    surroundings: Literal["smile", "neutral"] = "smile",
    yaw: float = 0.0,
    pitch: float = 0.0,
) -> Composite:
    """Return a picture of a person whose landmarks are where they are asked to be.

    Without a share only the neutral photograph shows.

    Args:
        sitter: The photographs.
        target: (478, 3) landmarks in the frontal frame, interocular units.
        share: (478,) how much of the expressive photograph shows at each landmark, 0 to 1.
        depths: Folds of the skin to deepen or flatten.
        surroundings: Which photograph shows the hair and whatever is behind the face, if a share
            is given.
        yaw: Turn of the head towards the patient's left, degrees.
        pitch: Chin up, degrees.
    """
    other = None if share is None else sitter.expressive
    base = sitter.neutral
    if other is not None and surroundings == "smile":
        base, other = other, base
    goal = base.pose.to_picture(target * base.pose.scale)
    vertices, fixed = _surrounded(base)
    vertices = vertices.copy()
    vertices[:_MESH_POINTS] = goal[:_MESH_POINTS]
    turn = _Turn.of(base, yaw, pitch)
    vertices[~fixed] = turn.applied(vertices[~fixed])
    goal = turn.applied(goal)
    shown = _shown_lids(sitter, None if other is None else share)
    eyeballs = sitter.eyeballs(goal)
    goal = _with_irises(goal, eyeballs)
    held = eyes.held_open(goal, {side: p.points for side, p in shown.items()})
    goal = eyes.with_plates(goal, held)
    vertices[:_MESH_POINTS] = held[:_MESH_POINTS]
    height, width = base.pixels.shape[:2]
    owner = owners(vertices[:, :2], vertices[:, 2], _faces(), width, height)
    openings = [eyes.opening(side, goal, held, eyeballs.points, (height, width)) for side in Side]
    layer = _Layer(owner, vertices[:, :2], openings)
    at = layer.places(_surrounded(base)[0][:, :2])
    pixels = base.sampled(*at)
    if other is not None and share is not None:
        shows = share if other is sitter.expressive else 1 - share
        pixels = _mixed(pixels, other, layer, shows, base.pose.scale)
    pixels = _smooth_where_torn(pixels, at, openings, base.pose.scale)
    if depths:
        pixels = folded(pixels, goal, depths)
    _put_eyeballs(pixels, eyeballs, openings)
    _put_teeth(pixels, sitter, base, Portrait(base.pixels, goal, head_pose(goal)))
    return Composite(np.clip(np.round(pixels), 0, 255).astype(np.uint8), goal, *at)


def _mixed(pixels: Floats, other: Portrait, layer: _Layer, shows: Floats, scale: float) -> Floats:
    """Return a picture with a share (478,) of another photograph of the same face in it."""
    amounts = np.zeros(len(layer.vertices))
    amounts[:_MESH_POINTS] = shows[:_MESH_POINTS]
    amount = layer.field(amounts, _SHARE_SD * scale) * layer.within_face(_EDGE_SD * scale)
    warped = other.sampled(*layer.places(_surrounded(other)[0][:, :2]))
    apart = _lit_alike(warped, pixels, scale) - pixels
    light = apart.mean(axis=2)
    broad_light = cv2.GaussianBlur(light, (0, 0), _GRAIN_SD * scale)[..., None]
    broad = broad_light + cv2.GaussianBlur(apart - light[..., None], (0, 0), _MOTTLE_SD * scale)
    # Grain and mottle are of one photograph or the other: the mean of both would be smoother.
    grainy = np.clip(_GRAIN_STEEPER * (amount - _HALF) + _HALF, 0, 1)
    return np.asarray(pixels + amount[..., None] * broad + grainy[..., None] * (apart - broad))


def _smooth_where_torn(
    pixels: Floats, at: tuple[Map, Map], openings: list[eyes.Opening], scale: float
) -> Floats:
    """Return a picture whose edges, where a nearer part hides a farther one, are not jagged."""
    torn = np.zeros(pixels.shape[:2], np.float32)
    for places in at:
        for axis in (0, 1):
            jumps = np.abs(np.diff(places, axis=axis)) > _TORN * scale
            if jumps.any():
                before, after = (torn[:-1], torn[1:]) if axis == 0 else (torn[:, :-1], torn[:, 1:])
                before[jumps] = after[jumps] = 1
    for part in openings:
        torn[part.rows, part.columns] = 0
    if not torn.any():
        return pixels
    near = np.clip(1.5 * cv2.GaussianBlur(torn, (0, 0), _EDGE_BLUR), 0, 1)[..., None]
    return np.asarray(pixels + near * (cv2.GaussianBlur(pixels, (0, 0), _EDGE_BLUR) - pixels))


@dataclass(frozen=True, slots=True)
class _Turn:
    matrix: Floats
    centre: Floats

    @classmethod
    def of(cls, base: Portrait, yaw: float, pitch: float) -> _Turn:
        centre = base.pose.to_picture(_CENTRE_SET_BACK * base.pose.scale)[0]
        attitude = base.pose.rotation
        return cls(attitude @ rotation_from(yaw, pitch) @ attitude.T, centre)

    def applied(self, points: Floats) -> Floats:
        return np.asarray((points - self.centre) @ self.matrix.T + self.centre)


@dataclass(frozen=True, slots=True)
class _Layer:
    """Which triangle shows at each pixel, and what slides at the eyes."""

    owner: NDArray[np.int32]
    vertices: Floats
    openings: list[eyes.Opening]

    def places(self, source: Floats) -> tuple[Map, Map]:
        """Return where in a photograph with these vertices (N, 2) each pixel comes from."""
        x, y = origins(self.owner, source, self.vertices, _faces())
        # Where one part of the head hides another, single pixels between their triangles differ.
        x, y = (_single(cv2.medianBlur(each, 3)) for each in (x, y))
        return self._slid(x), self._slid(y)

    def field(self, values: Floats, sd: float) -> Map:
        """Return values given at the vertices (N,) at every pixel, smoothed."""
        source = np.column_stack((values, np.zeros_like(values)))
        spread, _ = origins(self.owner, source, self.vertices, _faces())
        smooth = _single(cv2.GaussianBlur(spread + np.float32(0.5), (0, 0), sd))
        return _single(np.clip(self._slid(smooth), 0, 1))

    def within_face(self, sd: float) -> Map:
        """Return 1 inside the outline of the face, 0 outside, and a soft edge inside it."""
        inside = (self.owner < len(_face_triangles())).astype(np.float32)
        return _single(np.clip(2 * _single(cv2.GaussianBlur(inside, (0, 0), sd)) - 1, 0, 1))

    def _slid(self, spread: Map) -> Map:
        slid = spread.copy()
        for part in self.openings:
            slid[part.rows, part.columns] = cv2.remap(
                spread,
                (part.skin[..., 0] - 0.5).astype(np.float32),
                (part.skin[..., 1] - 0.5).astype(np.float32),
                cv2.INTER_LINEAR,
                borderMode=cv2.BORDER_REPLICATE,
            )
        return slid


def _single(values: NDArray[Any]) -> Map:
    return np.asarray(values, np.float32)


@lru_cache(maxsize=1)
def _faces() -> NDArray[np.intp]:
    return np.concatenate((_face_triangles(), ring_triangles()))


@lru_cache(maxsize=1)
def _face_triangles() -> NDArray[np.intp]:
    return np.concatenate((mesh.triangles(), mesh.opening_triangles()))


def _surrounded(portrait: Portrait) -> tuple[Floats, NDArray[np.bool_]]:
    height, width = portrait.pixels.shape[:2]
    return with_surroundings(portrait.points, width, height, portrait.pose.scale)


def _shown_lids(sitter: Sitter, share: Floats | None) -> dict[Side, Portrait]:
    if share is None or sitter.expressive is None:
        return dict.fromkeys(Side, sitter.neutral)
    return {
        side: sitter.expressive if share[list(points)].mean() > _HALF else sitter.neutral
        for side, points in _EYE_POINTS.items()
    }


def _with_irises(goal: Floats, eyeballs: Portrait) -> Floats:
    placed = goal.copy()
    for side, iris in _IRISES.items():
        placed[list(iris), :2] = eyes.carried(
            eyeballs.points[list(iris)], eyeballs.points, goal, side
        )
    return placed


def _lit_alike(pixels: Floats, like: Floats, scale: float) -> Floats:
    """Return a picture with the slow changes of light of another of the same face."""
    share = 1 / 4
    small = [
        cv2.GaussianBlur(
            cv2.resize(p, None, fx=share, fy=share, interpolation=cv2.INTER_AREA),
            (0, 0),
            _LIGHT_SD * scale * share,
        )
        for p in (pixels, like)
    ]
    gain = np.clip((small[1] + 1) / (small[0] + 1), *_MOST_OF_LIGHT)
    wide = cv2.resize(gain, pixels.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(pixels * wide)


def _put_eyeballs(pixels: Floats, eyeballs: Portrait, openings: list[eyes.Opening]) -> None:
    for part in openings:
        ball = eyeballs.sampled(
            (part.eyeball[..., 0] - 0.5).astype(np.float32),
            (part.eyeball[..., 1] - 0.5).astype(np.float32),
        )
        under = pixels[part.rows, part.columns]
        amount = part.open[..., None]
        under += amount * (ball * part.shade[..., None] - under)
        under *= part.lashes[..., None]


def _put_teeth(pixels: Floats, sitter: Sitter, base: Portrait, finished: Portrait) -> None:
    shown, plate = sitter.teeth
    between = mouth.rim_mask(finished.points, (pixels.shape[0], pixels.shape[1]))
    if base is not shown or not mouth.shows_teeth(shown):
        # Lips that stay closed keep the line between them, wherever the landmarks see a gap.
        between *= np.clip((mouth.gap(finished) - mouth.gap(base)) / _NEWLY_PARTED, 0, 1)
    if not between.any():
        return
    onto = mouth.to_photograph(finished, shown, mouth.lip_line(shown)[2] + _TEETH_BEHIND_LIPS)
    onto[:, 2] += onto[:, :2].sum(axis=1) / 2 - 0.5
    inside = cv2.warpAffine(
        plate,
        onto,
        pixels.shape[1::-1],
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    behind = mouth.with_tongue(inside.astype(np.float64), finished.points)
    if not mouth.shows_teeth(shown):
        dropped = float((finished.face - shown.face)[mesh.CHIN, 1])
        behind = mouth.drawn_teeth(
            behind, mouth.lip_line(shown), finished.pose, upper=False, lowered=max(0.0, dropped)
        )
    pixels += between[..., None] * (behind - pixels)

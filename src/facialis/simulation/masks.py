"""Parsing masks of a finished picture: which part of the face each pixel shows.

Outlines are hand-placed points of the person, or the mean of such points of other people; either
is attached to the landmark mesh. What lips enclose comes from the mesh itself.
The skin is the face up to the hairline, without ears and neck. An eye is the opening between the
margins of the lids: a closed eye has no pixels. The mouth is both lips and what they enclose.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face import mesh
from facialis.face.mesh import triangles
from facialis.face.pose import head_pose
from facialis.face.warp import owners
from facialis.regions import hand_points
from facialis.regions.classes import Attribute, Part
from facialis.regions.outlines import filled
from facialis.simulation.usual_outlines import usual_outlines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.regions.hand_points import HandPoints

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]
PartMap = NDArray[np.uint8]

FPP_WEAKNESS: Final = 0.25
"""From this weakness of the responsible branch on, a part of the affected side is FPP."""


@dataclass(frozen=True, slots=True)
class Palsied:
    """Which parts of the affected side show palsy.

    Attributes:
        side: The affected side.
        eye: Whether its eye does.
        mouth: Whether its half of the mouth does.
    """

    side: Side
    eye: bool
    mouth: bool


def part_map(
    points: Points,
    size: tuple[int, int],
    *,
    outlines: HandPoints | None = None,
    hair: Mask | None = None,
    palsy: Palsied | None = None,
) -> PartMap:
    """Return the parts of a face as `Part` numbers.

    The eye of the affected side, and the part of the mouth on the affected side of the facial
    midline, become FPP. The midline is that of the head in its attitude, not that of a mouth which
    is drawn to one side.

    Args:
        points: (478, 3) landmarks in the finished picture, pixels.
        size: Height and width of the picture.
        outlines: Hand-placed points of this person; None takes the usual outlines.
        hair: (H, W) hair in the finished picture; it covers skin, and nothing else of the face.
        palsy: Which parts are FPP; None for a healthy face.

    Returns:
        (H, W) part numbers.
    """
    outline = outlines_of(points, outlines)
    parts = np.zeros(size, np.uint8)
    parts[_skin(points, outline, hair, size)] = Part.SKIN
    if hair is not None:
        parts[hair] = Part.HAIR
    mouth = filled(outline.mouth, size) | filled(outline.opening, size)
    eyes = {side: filled(outline.eyes[side], size) for side in Side}
    for side in Side:
        parts[filled(outline.brows[side], size)] = Part.EYEBROW
    for side in Side:
        parts[eyes[side]] = Part.EYE
    parts[mouth] = Part.MOUTH
    if palsy is not None and palsy.eye:
        parts[eyes[palsy.side]] = Part.FPP
    if palsy is not None and palsy.mouth:
        parts[mouth & beyond_midline(points, size, palsy.side)] = Part.FPP
    return parts


def attribute_map(
    points: Points,
    size: tuple[int, int],
    *,
    outlines: HandPoints | None = None,
    hair: Mask | None = None,
) -> PartMap:
    """Return the parts of a face as `Attribute` numbers; arguments as `part_map`."""
    outline = outlines_of(points, outlines)
    parts = np.zeros(size, np.uint8)
    parts[_skin(points, outline, hair, size)] = Attribute.SKIN
    parts[filled(outline.nose, size)] = Attribute.NOSE
    if hair is not None:
        parts[hair] = Attribute.HAIR
    parts[filled(outline.brows[Side.RIGHT], size)] = Attribute.RIGHT_BROW
    parts[filled(outline.brows[Side.LEFT], size)] = Attribute.LEFT_BROW
    parts[filled(outline.eyes[Side.RIGHT], size)] = Attribute.RIGHT_EYE
    parts[filled(outline.eyes[Side.LEFT], size)] = Attribute.LEFT_EYE
    mouth = filled(outline.mouth, size) | filled(outline.opening, size)
    parts[mouth] = Attribute.LOWER_LIP
    parts[mouth & filled(outline.above_lower_lip, size)] = Attribute.UPPER_LIP
    parts[mouth & filled(outline.opening, size)] = Attribute.INNER_MOUTH
    return parts


@dataclass(frozen=True, slots=True)
class Outlines:
    """Closed outlines (N, 2) of the parts of a face, pixels.

    Attributes:
        face: The face up to the hairline.
        brows: The brow of each side.
        eyes: The opening between the lids of each side.
        mouth: Lips and what they enclose.
        opening: What the lips enclose.
        above_lower_lip: A region that holds all of the mouth above the lower lip.
        nose: The nose.
        ears: The ear of each side; at least as long as the head looks at the viewer.
        neck: The neck, as far as the points go.
    """

    face: Points
    brows: dict[Side, Points]
    eyes: dict[Side, Points]
    mouth: Points
    opening: Points
    above_lower_lip: Points
    nose: Points
    ears: dict[Side, Points]
    neck: Points


def _around(*pieces: tuple[int, ...]) -> tuple[int, ...]:
    """Join curves of the mesh into one closed outline, each vertex once."""
    return tuple(dict.fromkeys(i for piece in pieces for i in piece))


_BROWS: Final[Mapping[Side, tuple[int, ...]]] = {
    Side.RIGHT: hand_points.RIGHT_BROW,
    Side.LEFT: hand_points.LEFT_BROW,
}
_EYES: Final[Mapping[Side, tuple[int, ...]]] = {
    Side.RIGHT: hand_points.RIGHT_EYE,
    Side.LEFT: hand_points.LEFT_EYE,
}
_EARS: Final[Mapping[Side, tuple[int, ...]]] = {
    Side.RIGHT: hand_points.RIGHT_EAR,
    Side.LEFT: hand_points.LEFT_EAR,
}
_UPPER_OF_OPENING: Final = _around(mesh.RIGHT_UPPER_LIP_INNER, mesh.LEFT_UPPER_LIP_INNER[::-1])
_LOWER_OF_OPENING: Final = _around(mesh.RIGHT_LOWER_LIP_INNER, mesh.LEFT_LOWER_LIP_INNER[::-1])
_OPENING: Final = _around(_UPPER_OF_OPENING, _LOWER_OF_OPENING[::-1])
_UPPER_LIP: Final = _around(mesh.RIGHT_UPPER_LIP_OUTER, mesh.LEFT_UPPER_LIP_OUTER[::-1])
_LOWER_LIP: Final = _around(mesh.RIGHT_LOWER_LIP_OUTER, mesh.LEFT_LOWER_LIP_OUTER[::-1])


def outlines_of(points: Points, hand: HandPoints | None) -> Outlines:
    """Return the outlines of the parts of a face in a picture.

    Args:
        points: (478, 3) landmarks in the picture, pixels.
        hand: Hand-placed points of this person; None takes the usual outlines.
    """
    placed = (hand or usual_outlines()).at(points)
    return Outlines(
        face=placed[list(hand_points.FACE)],
        brows={side: placed[list(_BROWS[side])] for side in Side},
        eyes={side: placed[list(_EYES[side])] for side in Side},
        mouth=placed[list(hand_points.MOUTH)],
        opening=points[list(_OPENING), :2],
        above_lower_lip=_above(points),
        nose=placed[list(hand_points.NOSE)],
        ears={side: placed[list(_EARS[side])] for side in Side},
        neck=placed[list(hand_points.NECK)],
    )


_HAIRLINE_GAP: Final = 0.07
_FOREHEAD_ABOVE: Final = -0.15


@lru_cache(maxsize=1)
def _inner_triangles() -> NDArray[np.intp]:
    """Triangles (T, 3) of the mesh that do not reach its outline."""
    faces = triangles()
    return np.asarray(faces[~np.isin(faces, mesh.FACE_OVAL).any(axis=1)], np.intp)


def _skin(points: Points, outline: Outlines, hair: Mask | None, size: tuple[int, int]) -> Mask:
    """Return the face (H, W), hair that hangs over it included.

    When the head is turned, brow and cheek of the far side stand out beyond the outline that was
    drawn from the front. A narrow gap that is left between forehead and hair is forehead.
    """
    inner = _inner_triangles()
    owner = owners(points[:, :2], points[:, 2], inner, size[1], size[0])
    skin = filled(outline.face, size) | (owner < len(inner))
    if hair is None or not hair.any():
        return skin
    pose = head_pose(points)
    reach = 2 * max(1, round(_HAIRLINE_GAP / 2 * pose.scale)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach))
    closed = cv2.morphologyEx((skin | hair).astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    y, x = np.ogrid[: size[0], : size[1]]
    down = pose.rotation[:2, 1]
    height = (x + 0.5 - pose.origin[0]) * down[0] + (y + 0.5 - pose.origin[1]) * down[1]
    return np.asarray(skin | ((closed > 0) & (height < _FOREHEAD_ABOVE * pose.scale)))


def _above(points: Points) -> Points:
    """Outline (N, 2) of what lies above the upper edge of the lower lip, out to both sides."""
    pose = head_pose(points)
    edge = points[list(_LOWER_OF_OPENING)]
    aside = pose.to_picture(np.array([[-1.0, 0, 0], [1.0, 0, 0]]) * pose.scale) - pose.origin
    up = pose.to_picture(np.array([[0, -1.0, 0]]) * pose.scale)[0] - pose.origin
    ends = edge[0] + aside[0], edge[-1] + aside[1]
    ring = np.concatenate((ends[:1], edge, ends[1:], [ends[1] + up], [ends[0] + up]))
    return np.asarray(ring[:, :2])


def beyond_midline(points: Points, size: tuple[int, int], side: Side) -> Mask:
    """Return the pixels (H, W) near the mouth that lie on one side of the facial midline.

    The midline is x = 0 of the frontal frame, drawn in the picture through where it crosses the
    upper and the lower lip, at the depth that the lips have there.

    Args:
        points: (478, 3) landmarks in the picture, pixels.
        size: Height and width of the picture.
        side: Which side, the patient's.
    """
    pose = head_pose(points)
    face = pose.to_frontal(points)
    crossing = []
    for lip in (_UPPER_LIP, _LOWER_LIP):
        curve = face[list(lip)]
        curve = curve[np.argsort(curve[:, 0])]
        crossing.append([0.0, *(np.interp(0.0, curve[:, 0], curve[:, k]) for k in (1, 2))])
    (top_x, top_y, _), (low_x, low_y, _) = pose.to_picture(np.array(crossing))
    y, x = np.ogrid[: size[0], : size[1]]
    across = (x + 0.5 - top_x) * (low_y - top_y) - (y + 0.5 - top_y) * (low_x - top_x)
    return np.asarray(across > 0 if side is Side.LEFT else across <= 0)

"""Hand-placed outlines of a person's face, carried to any other picture of the same person.

The 189 points of the Face Research Lab London Set lie on one photograph at rest. They are attached
to the landmark mesh of that photograph and then follow the mesh to other expressions, poses and
sizes.

Index lists are facts of the set's point template (FRL, DeBruine and Jones 2017, CC BY 4.0;
definition in webmorphR ``tem_defs/FRL.csv``). ``RIGHT_*`` is the patient's right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.face.mesh import (
    FACE_OVAL,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    opening_triangles,
    triangles,
)
from facialis.face.pose import HeadPose, head_pose

if TYPE_CHECKING:
    from pathlib import Path

Points = NDArray[np.float64]
Indices = NDArray[np.intp]

HAND_POINT_COUNT: Final = 189

FACE: Final = (
    *(111, 186, 110, 185, 109, 134, 135, 136, 137, 138, 139, 140, 141, 142, 143, 144),
    *(112, 187, 113, 188, 114, 133, 132, 131, 130, 129, 128, 127, 126, 125),
)
"""From the right ear lobe up the right ear, along the hairline, down the left, round the chin."""

RIGHT_EYE: Final = (18, 19, 20, 21, 22, 30, 29, 28)
LEFT_EYE: Final = (27, 26, 25, 24, 23, 31, 32, 33)
"""Outer canthus, upper lid, inner canthus, lower lid; paired with `RIGHT_EYE`."""

RIGHT_BROW: Final = (71, 72, 73, 74, 75, 76, 84, 83)
LEFT_BROW: Final = (82, 81, 80, 79, 78, 77, 85, 86)
MOUTH: Final = (87, 88, 89, 90, 91, 92, 93, 108, 107, 106, 105, 104)
UPPER_LIP: Final = (87, 88, 89, 90, 91, 92, 93, 98, 97, 96, 95, 94)
LOWER_LIP: Final = (93, 108, 107, 106, 105, 104, 87, 99, 100, 101, 102, 103)
OPENING: Final = (87, 94, 95, 96, 97, 98, 93, 103, 102, 101, 100, 99)
"""What the lips enclose, as it was drawn at rest."""

NOSE: Final = (50, 61, 62, 63, 64, 180, 55, 181, 69, 68, 67, 66, 56)
RIGHT_EAR: Final = (111, 119, 118, 117, 116, 115, 109, 185, 110, 186)
LEFT_EAR: Final = (114, 124, 123, 122, 121, 120, 112, 187, 113, 188)
NECK: Final = (132, 157, 184, 183, 145, 126, 127, 128, 129, 130, 131)

_UPPER: Final = (1, 2, 3)
_LOWER: Final = (5, 6, 7)
_CANTHI: Final = (0, 4)
_MESH_POINTS: Final = 468
_RING_REACH: Final = 1.45
_RING_SET_BACK: Final = 0.5
_WIDEST_OPENING: Final = 1.6
_FLAT: Final = 1e-9
_AWAY: Final = 1e9


def read_hand_points(file: Path) -> Points:
    """Read the hand-placed points (189, 2) of a ``.tem`` file, pixels of the photograph beside it.

    A ``.tem`` file is text: the number of points, one point ``x<TAB>y`` a line, then lines that
    connect points, which are not read.

    Raises:
        InputError: The file is missing, is not such text, or has another number of points.
    """
    remedy = f"give a .tem file of the {HAND_POINT_COUNT}-point template"
    try:
        lines = file.read_text(encoding="ascii").splitlines()
        count = int(lines[0])
        rows = [[float(v) for v in line.split()] for line in lines[1 : 1 + count]]
    except (OSError, UnicodeDecodeError, ValueError, IndexError) as error:
        raise InputError(file, "cannot be read as hand-placed points", remedy) from error
    if count != HAND_POINT_COUNT:
        raise InputError(file, f"has {count} points instead of {HAND_POINT_COUNT}", remedy)
    if len(rows) != count or any(len(row) != 2 for row in rows):  # noqa: PLR2004
        raise InputError(
            file, "has fewer points than it announces, or not two numbers each", remedy
        )
    points = np.array(rows)
    if not np.isfinite(points).all():
        raise InputError(file, "has points that are not finite numbers", remedy)
    return points


@dataclass(frozen=True, slots=True)
class _Lid:
    """Hand points along one lid, told from the landmarks of that lid.

    Attributes:
        points: Which of the 189 points.
        lid: Landmarks of the lid, outer to inner canthus.
        segment: (n,) stretch of the lid that each point lies at.
        along: (n,) how far along it, 0 to 1.
        offset: (n, 3) from there to the point, frontal frame, interocular units.
    """

    points: tuple[int, ...]
    lid: tuple[int, ...]
    segment: Indices
    along: Points
    offset: Points

    def at(self, face: Points, opening: float) -> Points:
        """Return the points (n, 3) on a face in the frontal frame, the offset times `opening`."""
        curve = face[list(self.lid)]
        start, end = curve[self.segment], curve[self.segment + 1]
        return np.asarray(start + self.along[:, None] * (end - start) + opening * self.offset)


@dataclass(frozen=True, slots=True)
class HandPoints:
    """Hand-placed points of one person, attached to the landmark mesh.

    Attributes:
        corners: (189, 3) vertices of the mesh and its surroundings that hold each point.
        shares: (189, 3) barycentric coordinates among them; outside 0 to 1 beyond the surroundings.
        lids: How the points of the lids follow the landmarks of the lids.
        openings: Opening of the right and the left eye on the photograph, interocular units.
    """

    corners: Indices
    shares: Points
    lids: tuple[tuple[_Lid, _Lid, _Lid], ...]
    openings: tuple[float, float]

    def at(self, points: Points) -> Points:
        """Return where the hand points (189, 2) lie on another picture of the same person.

        Points of a lid keep their distance from the lid's landmarks in proportion to the opening of
        the eye, so that upper and lower lid meet where the landmarks meet.

        Args:
            points: (478, 3) landmarks of that picture, pixels.
        """
        pose = head_pose(points)
        vertices = _with_ring(points, pose)[:, :2]
        placed = np.einsum("nk,nkd->nd", self.shares, vertices[self.corners])
        face = pose.to_frontal(points) / pose.scale
        for lids, before, contours in zip(self.lids, self.openings, _EYES, strict=True):
            now = _opening(face, *contours)
            ratio = float(np.clip(now / max(before, _FLAT), 0.0, _WIDEST_OPENING))
            for lid, share in zip(lids, (ratio, ratio, 1.0), strict=True):
                placed[list(lid.points)] = pose.to_picture(lid.at(face, share) * pose.scale)[:, :2]
        return np.asarray(placed)


_EYES: Final = ((RIGHT_UPPER_LID, RIGHT_LOWER_LID), (LEFT_UPPER_LID, LEFT_LOWER_LID))


def attached(hand: Points, points: Points) -> HandPoints:
    """Attach hand-placed points to the landmarks of the same photograph.

    A point within the mesh is held by the triangle that shows it. Beyond the outline of the face
    the mesh is continued by a ring around the head; beyond that the nearest triangle is continued.

    Args:
        hand: (189, 2) as `read_hand_points` gives them, pixels.
        points: (478, 3) landmarks of the photograph, pixels.
    """
    pose = head_pose(points)
    vertices = _with_ring(points, pose)
    faces = _faces()
    shares = _barycentric(hand, vertices[faces][..., :2])
    least = shares.min(axis=2)
    distance = vertices[faces][..., 2].mean(axis=1)
    inside = least >= -_FLAT
    shown = np.where(inside, distance, _AWAY).argmin(axis=1)
    best = np.where(inside.any(axis=1), shown, least.argmax(axis=1))
    face = pose.to_frontal(points) / pose.scale
    lids = tuple(
        (
            _follow(hand, tuple(eye[i] for i in _UPPER), upper, points, pose),
            _follow(hand, tuple(eye[i] for i in _LOWER), lower, points, pose),
            _follow(hand, tuple(eye[i] for i in _CANTHI), upper, points, pose),
        )
        for eye, (upper, lower) in zip((RIGHT_EYE, LEFT_EYE), _EYES, strict=True)
    )
    openings = (_opening(face, *_EYES[0]), _opening(face, *_EYES[1]))
    return HandPoints(faces[best], shares[np.arange(len(hand)), best], lids, openings)


def _with_ring(points: Points, pose: HeadPose) -> Points:
    """Vertices (504, 3) of the mesh and of a ring around the head, in the picture."""
    oval = pose.to_frontal(points[list(FACE_OVAL)])
    middle = oval.mean(axis=0)
    ring = middle + _RING_REACH * (oval - middle)
    ring[:, 2] = oval[:, 2] + _RING_SET_BACK * pose.scale
    return np.concatenate((points[:_MESH_POINTS], pose.to_picture(ring)))


@lru_cache(maxsize=1)
def _faces() -> Indices:
    inner = np.array(FACE_OVAL)
    ring = _MESH_POINTS + np.arange(len(FACE_OVAL))
    after_inner, after_ring = np.roll(inner, -1), np.roll(ring, -1)
    band = (
        np.stack((inner, after_inner, ring), axis=1),
        np.stack((after_inner, after_ring, ring), axis=1),
    )
    return np.concatenate((triangles(), opening_triangles(), *band))


def _barycentric(places: Points, corners: Points) -> Points:
    """Barycentric coordinates (N, T, 3) of places (N, 2) in triangles (T, 3, 2)."""
    a, b, c = corners.transpose(1, 0, 2)
    u, v, w = b - a, c - a, places[:, None] - a
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    flat = np.abs(area) < _FLAT
    area = np.where(flat, 1.0, area)
    at_b = (w[..., 0] * v[:, 1] - w[..., 1] * v[:, 0]) / area
    at_c = (u[:, 0] * w[..., 1] - u[:, 1] * w[..., 0]) / area
    shares = np.stack((1 - at_b - at_c, at_b, at_c), axis=2)
    shares[:, flat] = -_AWAY
    return np.asarray(shares)


def _follow(
    hand: Points, chosen: tuple[int, ...], lid: tuple[int, ...], points: Points, pose: HeadPose
) -> _Lid:
    """Tell hand points from the nearest places on a lid of the same photograph."""
    curve = points[list(lid), :2]
    start, step = curve[:-1], np.diff(curve, axis=0)
    away = hand[list(chosen)][:, None] - start
    along = np.clip((away * step).sum(axis=2) / np.maximum((step**2).sum(axis=1), _FLAT), 0, 1)
    rest = away - along[..., None] * step
    segment = np.linalg.norm(rest, axis=2).argmin(axis=1)
    each = np.arange(len(chosen))
    flat = np.linalg.solve(pose.rotation[:2, :2], rest[each, segment].T).T / pose.scale
    offset = np.column_stack((flat, np.zeros(len(chosen))))
    return _Lid(chosen, lid, segment, along[each, segment], offset)


def _opening(face: Points, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
    """Mean distance of the lids of an eye between the canthi."""
    gap = face[list(upper[1:-1])] - face[list(lower[1:-1])]
    return float(np.linalg.norm(gap, axis=1).mean())

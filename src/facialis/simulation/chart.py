"""The mean face as a flat chart, and how a place on it lies on the face of a picture.

What is drawn on a face (hairs, lines of age) is laid out on the chart and carried to the picture by
the triangles of the mesh, so that it follows the person's own shape, the movement and the pose.

Convention: chart coordinates are x and y of `facialis.face.mesh.TEMPLATE` in interocular
distances, x to the patient's left, y down. Pixels count edges: the middle of the first is 0.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import TEMPLATE, opening_triangles, triangles
from facialis.face.pose import HeadPose, head_pose
from facialis.face.warp import owners

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
Plane = NDArray[np.float32]

_CELLS: Final = 160
_LEFT, _TOP, _RIGHT, _BOTTOM = -1.0, -1.0, 1.0, 1.6
_FLAT: Final = 1e-9
_NO_BLUR: Final = 0.2
_SKIN_SHADE: Final = np.array([0.85, 1.0, 1.03], np.float32)


@lru_cache(maxsize=1)
def covering() -> NDArray[np.intp]:
    """Return the triangles (T, 3) of the mesh with those that close eyes and mouth."""
    return np.concatenate((triangles(), opening_triangles()))


@dataclass(frozen=True)
class FaceChart:
    """The chart of one face in a picture.

    Attributes:
        points: (478, 3) landmarks, pixels.
    """

    points: Points

    @cached_property
    def pose(self) -> HeadPose:
        """Where the head points."""
        return head_pose(self.points)

    @cached_property
    def frontal(self) -> Points:
        """(478, 3) the landmarks in the frontal frame, interocular distances."""
        return self.pose.to_frontal(self.points) / self.pose.scale

    @property
    def unit(self) -> float:
        """Pixels in one interocular distance of the mean face."""
        return self.pose.scale

    def placed(self, places: Points) -> Points:
        """Carry places (..., 2) of the chart to the picture (..., 3), pixels.

        Beyond the outline of the face the nearest triangle is continued.
        """
        flat = places.reshape(-1, 2)
        cells = ((flat - (_LEFT, _TOP)) * _CELLS).astype(np.intp)
        lookup, weights = _lookup()
        row = np.clip(cells[:, 1], 0, lookup.shape[0] - 1)
        column = np.clip(cells[:, 0], 0, lookup.shape[1] - 1)
        owner = lookup[row, column]
        homogeneous = np.concatenate((flat, np.ones((len(flat), 1))), axis=1)
        shares = np.einsum("nij,nj->ni", weights[owner], homogeneous)
        corners = self.points[covering()[owner]]
        return np.asarray(np.einsum("ni,nij->nj", shares, corners)).reshape(*places.shape[:-1], 3)

    def in_picture(self, frontal: Points) -> Points:
        """Carry points (..., 3) of the frontal frame, interocular distances, to the picture."""
        flat = self.pose.to_picture(frontal.reshape(-1, 3) * self.pose.scale)
        return flat.reshape(frontal.shape)


@lru_cache(maxsize=1)
def _lookup() -> tuple[NDArray[np.int32], Points]:
    """Triangles by cell of the chart, and matrices (T, 3, 3) from places to shares of corners."""
    faces = covering()
    width, height = round((_RIGHT - _LEFT) * _CELLS), round((_BOTTOM - _TOP) * _CELLS)
    at = (TEMPLATE[:, :2] - (_LEFT, _TOP)) * _CELLS
    owner = owners(at, TEMPLATE[:, 2], faces, width, height)
    outside = (owner == len(faces)).astype(np.uint8)
    _, labels = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    inside = outside == 0
    nearest = np.zeros(int(labels.max()) + 1, np.int32)
    nearest[labels[inside]] = owner[inside]
    corners = TEMPLATE[faces][..., :2]
    homogeneous = np.concatenate((corners, np.ones((*corners.shape[:2], 1))), axis=2)
    homogeneous[np.abs(np.linalg.det(homogeneous)) < _FLAT] = np.eye(3)
    return nearest[labels], np.linalg.inv(homogeneous).transpose(0, 2, 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A rectangle of a picture that fine things are drawn on, each pixel divided further.

    Attributes:
        left: First column.
        top: First row.
        width: In pixels; may be 0 where nothing of it lies in the picture.
        height: In pixels.
        finer: Parts of a pixel's side.
    """

    left: int
    top: int
    width: int
    height: int
    finer: int

    @classmethod
    def around(
        cls, places: Points, shape: tuple[int, ...], *, margin: float, finest: float
    ) -> Window:
        """Enclose places.

        Args:
            places: (..., 2 or more) pixels.
            shape: Of the picture, rows first.
            margin: Pixels beyond them.
            finest: Width in pixels of the thinnest thing that is drawn.
        """
        flat = places.reshape(-1, places.shape[-1])[:, :2]
        low = np.floor(flat.min(axis=0) - margin)
        high = np.ceil(flat.max(axis=0) + margin)
        low = np.clip(low, 0, shape[1::-1]).astype(int)
        high = np.clip(high, 0, shape[1::-1]).astype(int)
        width, height = np.maximum(0, high - low)
        finer = int(np.clip(round(1.0 / max(finest, 0.01)), 1, 4))
        return cls(int(low[0]), int(low[1]), int(width), int(height), finer)

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it lies in the picture."""
        return self.width == 0 or self.height == 0

    @property
    def part(self) -> tuple[slice, slice]:
        """Its rows and columns in the picture."""
        return (
            slice(self.top, self.top + self.height),
            slice(self.left, self.left + self.width),
        )

    def blank(self) -> Pixels:
        """Return an empty drawing of it, in fine pixels."""
        return np.zeros((self.height * self.finer, self.width * self.finer), np.uint8)

    def fine(self, places: Points) -> NDArray[np.int32]:
        """Return places (..., 2 or more) as OpenCV draws them with four bits below the pixel."""
        local = (places[..., :2] - (self.left, self.top)) * self.finer - 0.5
        return np.asarray(np.round(local * 16), np.int32)

    def strokes(self, curves: Points, strengths: Points, width: float, levels: int = 5) -> Plane:
        """Draw curves whose strength changes along them.

        Args:
            curves: (S, P, 2 or more) pixels.
            strengths: (S, P - 1) of each piece, 0 to 1.
            width: Pixels.
            levels: Steps that the strengths are rounded to.

        Returns:
            (height, width) covered share of each pixel, 0 to 1.
        """
        drawing = self.blank()
        at = self.fine(curves)
        pieces = np.stack((at[:, :-1], at[:, 1:]), axis=2).reshape(-1, 2, 2)
        level = np.round(strengths.reshape(-1) * levels).astype(int)
        thickness = max(1, round(width * self.finer))
        for step in range(1, levels + 1):
            chosen = pieces[level == step]
            if len(chosen):
                tone = (255 * step / levels,)
                cv2.polylines(drawing, list(chosen), False, tone, thickness, cv2.LINE_AA, 4)
        return self.coarse(drawing)

    def line(
        self, drawing: Pixels, places: Points, width: float, *, closed: bool, tone: float = 1.0
    ) -> None:
        """Draw one line into a fine drawing; one thinner than a fine pixel is fainter instead.

        Args:
            drawing: What `blank` gave, drawn into.
            places: (P, 2 or more) pixels.
            width: Pixels.
            closed: Whether its end joins its start.
            tone: Covered share, 0 to 1.
        """
        fine = width * self.finer
        faint = (255 * tone * min(1.0, fine),)
        thickness = max(1, round(fine))
        cv2.polylines(drawing, [self.fine(places)], closed, faint, thickness, cv2.LINE_AA, 4)

    def inside(self, outline: Points) -> Plane:
        """Return what an outline (P, 2 or more) in pixels encloses (height, width), 0 to 1."""
        drawing = self.blank()
        cv2.fillPoly(drawing, [self.fine(outline)], (255,), cv2.LINE_AA, 4)
        return self.coarse(drawing)

    def coarse(self, drawing: Pixels) -> Plane:
        """Return a fine drawing at the picture's own pixels, 0 to 1."""
        small = cv2.resize(drawing, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return small.astype(np.float32) / 255


def smoothed(plane: Plane, sigma: float) -> Plane:
    """Blur a plane by a Gaussian of some standard deviation in pixels."""
    if sigma < _NO_BLUR:
        return plane
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma), np.float32)


def shifted(plane: Plane, right: float, down: float, beyond: float = 0.0) -> Plane:
    """Move a plane (H, W) by pixels; what comes in from beyond its edge has some value."""
    onto = np.array([[1, 0, right], [0, 1, down]], np.float64)
    height, width = plane.shape
    return np.asarray(
        cv2.warpAffine(plane, onto, (width, height), borderValue=(beyond,)), np.float32
    )


def shaded(picture: Plane, dark: Plane) -> Plane:
    """Take a share (H, W) of the light from a picture (H, W, 3), as skin does: least of the red."""
    return np.asarray(picture * (1 - dark[..., None] * _SKIN_SHADE), np.float32)


def blended(under: Plane, colour: Plane | Points, share: Plane) -> Plane:
    """Lay a colour (3,) or (H, W, 3) over a picture (H, W, 3) by a share (H, W)."""
    return np.asarray(under + (colour - under) * share[..., None], np.float32)


def sampled(picture: Plane, places: Points) -> Points:
    """Return the values (N, ...) of a picture (H, W, ...) at places (N, 2 or more), pixels."""
    limit = np.array(picture.shape[1::-1]) - 1
    x, y = np.clip(np.floor(places[:, :2]).astype(int), 0, limit).T
    return np.asarray(picture[y, x], np.float64)

"""The ICT head (ICT-FaceKit light, MIT), in our axes, with our landmarks.

Convention: the frontal frame: x to the patient's left, y down, z away from the viewer, interocular
units, origin midway between the outer canthi.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.errors import InputError
from facialis.face.mesh import (
    LEFT_LOWER_LID,
    LEFT_LOWER_LIP_INNER,
    LEFT_LOWER_LIP_OUTER,
    LEFT_UPPER_LID,
    LEFT_UPPER_LIP_INNER,
    LEFT_UPPER_LIP_OUTER,
    POINT_COUNT,
    RIGHT_LOWER_LID,
    RIGHT_LOWER_LIP_INNER,
    RIGHT_LOWER_LIP_OUTER,
    RIGHT_UPPER_LID,
    RIGHT_UPPER_LIP_INNER,
    RIGHT_UPPER_LIP_OUTER,
    TEMPLATE,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Words = NDArray[np.str_]

FACE_VERTICES: Final = 9409
"""The first vertices are the skin of the face."""

LANDMARK_VERTICES: Final[Mapping[int, int]] = {
    **dict(zip((70, 63, 105, 66, 107), (268, 493, 1914, 2044, 1401), strict=True)),
    **dict(zip((336, 296, 334, 293, 300), (3615, 4240, 4114, 2734, 2509), strict=True)),
    **dict(zip((168, 4, 2, 152), (978, 4857, 1147, 966), strict=True)),
    **dict(zip((33, 160, 158, 133, 153, 144), (1507, 1542, 1537, 1528, 1518, 1511), strict=True)),
    **dict(zip((362, 385, 387, 263, 373, 380), (3742, 3751, 3756, 3721, 3725, 3732), strict=True)),
    **dict(zip((61, 39, 37, 0, 267, 269), (5708, 5695, 2081, 0, 4275, 6200), strict=True)),
    **dict(zip((291, 405, 314, 17, 84, 181), (6213, 6346, 6461, 5518, 5957, 5841), strict=True)),
    **dict(zip((78, 82, 13, 312), (5702, 5711, 5533, 6216), strict=True)),
    **dict(zip((308, 317, 14, 87), (6207, 6470, 5517, 5966), strict=True)),
}
"""Points of MediaPipe's mesh and the vertices of the head's 68 landmarks that stand for them."""

_UPPER_LIDS: Final = set(RIGHT_UPPER_LID[1:-1]) | set(LEFT_UPPER_LID[1:-1])
_LOWER_LIDS: Final = set(RIGHT_LOWER_LID[1:-1]) | set(LEFT_LOWER_LID[1:-1])
_UPPER_LIPS: Final = {
    *(RIGHT_UPPER_LIP_OUTER[1:] + LEFT_UPPER_LIP_OUTER[1:]),
    *(RIGHT_UPPER_LIP_INNER[1:] + LEFT_UPPER_LIP_INNER[1:]),
}
_LOWER_LIPS: Final = {
    *(RIGHT_LOWER_LIP_OUTER[1:] + LEFT_LOWER_LIP_OUTER[1:]),
    *(RIGHT_LOWER_LIP_INNER[1:] + LEFT_LOWER_LIP_INNER[1:]),
}
_FIRST_IRIS_POINT: Final = 468
_AXES: Final = (1.0, -1.0, -1.0)
_SUFFIX: Final = {Side.LEFT: "_L", Side.RIGHT: "_R"}
_MIDLINE_WIDTH: Final = 0.08


@dataclass(frozen=True, slots=True, eq=False)
class HeadFile:
    """What the file holds, in our axes and its own unit.

    Attributes:
        neutral: (V, 3) vertices.
        identity: (I, V, 3) displacement of one standard deviation of each mode.
        expression: (E, V, 3) displacement of each full expression.
        expression_names: E names; ``_L`` is the patient's left.
    """

    neutral: Floats
    identity: Floats
    expression: Floats
    expression_names: tuple[str, ...]


_BROKEN: Final = (
    *(OSError, EOFError, LookupError, TypeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)
"""What reading another file, or half of one, raises."""


def read_head_file(file: Path, *, vertices: int | None = None) -> HeadFile:
    """Read the head.

    Args:
        file: NPZ with ``neutral``, ``identity``, ``expression`` and ``expression_names``.
        vertices: How many of the first vertices to read; None for all.

    Raises:
        InputError: The file is something else.
    """
    axes = np.array(_AXES)
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            return HeadFile(
                archive["neutral"][:vertices].astype(np.float64) * axes,
                archive["identity"][:, :vertices].astype(np.float64) * axes,
                archive["expression"][:, :vertices].astype(np.float64) * axes,
                tuple(str(n) for n in archive["expression_names"]),
            )
    except _BROKEN as error:
        raise _not_the_head(file) from error


def _not_the_head(file: Path) -> InputError:
    return InputError(file, "is not the ICT head as NPZ", "give the file ict_facekit_light_f16.npz")


@dataclass(frozen=True, slots=True, eq=False)
class Registration:
    """How the head lies on the mean face.

    Attributes:
        scale: Interocular distances in one unit of the file.
        rotation: (3, 3), applied as ``scale * vertices @ rotation + shift``.
        shift: (3,).
        placed: (9409, 3) skin of the neutral face after that and a thin-plate spline that leads
            48 shared landmarks onto the mean face.
    """

    scale: float
    rotation: Floats
    shift: Floats
    placed: Floats

    def nearest(self, points: Iterable[int], head: HeadFile) -> Indices:
        """Return the vertex that stands for each point of MediaPipe's mesh.

        Lids and lips choose among vertices of their own lid or lip, told apart by how a blink and
        an open jaw move them.
        """
        blink = _motion(head, "eyeBlink_L") + _motion(head, "eyeBlink_R")
        jaw = _motion(head, "jawOpen")
        allowed = (
            (_UPPER_LIDS, blink > 0.35 * blink.max()),
            (_LOWER_LIDS, blink < 0.25 * blink.max()),
            (_UPPER_LIPS, jaw < 0.25 * jaw.max()),
            (_LOWER_LIPS, jaw > 0.45 * jaw.max()),
        )
        chosen = []
        for point in points:
            if point in LANDMARK_VERTICES:
                chosen.append(LANDMARK_VERTICES[point])
                continue
            distance = np.linalg.norm(self.placed - TEMPLATE[point], axis=1)
            for group, mask in allowed:
                if point in group:
                    distance = np.where(mask, distance, np.inf)
            chosen.append(int(distance.argmin()))
        return np.array(chosen, np.intp)


def registered(head: HeadFile) -> Registration:
    """Lay the skin of the neutral head onto the mean face."""
    neutral = head.neutral[:FACE_VERTICES]
    anchors = TEMPLATE[list(LANDMARK_VERTICES)]
    landmarks = list(LANDMARK_VERTICES.values())
    scale, rotation, shift = _similarity(neutral[landmarks], anchors)
    placed = scale * neutral @ rotation + shift
    placed += _spline(placed[landmarks], anchors, placed)
    return Registration(scale, rotation, shift, placed)


def _similarity(source: Floats, target: Floats) -> tuple[float, Floats, Floats]:
    """Return scale, rotation and shift with ``target ≈ scale * source @ rotation + shift``."""
    a, b = source - source.mean(axis=0), target - target.mean(axis=0)
    u, s, vt = np.linalg.svd(a.T @ b)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation = (u * sign) @ vt
    scale = float((s * sign).sum() / (a**2).sum())
    return scale, rotation, target.mean(axis=0) - scale * source.mean(axis=0) @ rotation


def _spline(source: Floats, target: Floats, places: Floats) -> Floats:
    """Return the thin-plate displacement at `places` that leads `source` to `target`."""
    distance = np.linalg.norm(source[:, None] - source[None], axis=2)
    system = distance + 1e-3 * np.eye(len(source))
    weights = np.linalg.solve(system, target - source)
    moved: Floats = np.linalg.norm(places[:, None] - source[None], axis=2) @ weights
    return moved


def _motion(head: HeadFile, name: str) -> Floats:
    field = head.expression[head.expression_names.index(name), :FACE_VERTICES]
    moved: Floats = np.linalg.norm(field, axis=1)
    return moved


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """The whole head, ready to take a shape.

    Attributes:
        neutral: (V, 3) vertices of the mean person, interocular units.
        identity: (I, V, 3) displacement of one standard deviation of each mode.
        expression: Displacement (V, 3) of each full expression.
        faces: (T, 3) triangles.
        material: (T,) name of what each triangle is made of, as in the file.
        landmarks: (478,) vertex that stands for each point of MediaPipe's mesh.
        on_mean_face: (9409, 3) where each vertex of the skin lies on the mean face.
    """

    neutral: Floats
    identity: NDArray[np.float32]
    expression: Mapping[str, NDArray[np.float32]]
    faces: Indices
    material: Words
    landmarks: Indices
    on_mean_face: Floats

    def shaped(self, identity: Floats, weights: Mapping[Side, Mapping[str, float]]) -> Floats:
        """Return the vertices (V, 3) of a person with an expression.

        Args:
            identity: Standard deviations of the first modes, at most I.
            weights: For each side the weight, 0 to 1, of each expression, named without ``_L`` and
                ``_R``. An expression of the whole face is parted softly at the midline.

        Raises:
            InputError: There is no such expression, or there are too many modes.
        """
        if len(identity) > len(self.identity):
            raise InputError(
                f"{len(identity)} identity modes", "are too many", f"give {len(self.identity)}"
            )
        modes = np.asarray(identity, np.float32)
        vertices = self.neutral + np.tensordot(modes, self.identity[: len(identity)], axes=1)
        left = np.clip(0.5 + self.neutral[:, :1] / (2 * _MIDLINE_WIDTH), 0, 1)
        for side, of_side in weights.items():
            half = left if side is Side.LEFT else 1 - left
            for name, weight in of_side.items():
                own = self.expression.get(name + _SUFFIX[side])
                if own is None and name not in self.expression:
                    raise InputError(name, "is no expression of the head", "see its names")
                field = half * self.expression[name] if own is None else own
                vertices += weight * field
        return np.asarray(vertices)


def read_head(file: Path) -> Head:
    """Read the head, in interocular units on the mean face.

    Raises:
        InputError: The file is something else.
    """
    raw = read_head_file(file)
    try:
        return _head_of(raw, file)
    except _BROKEN as error:
        raise _not_the_head(file) from error


def _head_of(raw: HeadFile, file: Path) -> Head:
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
        polygons = archive["faces"].astype(np.intp)
        material = archive["material"]
    fit = registered(raw)
    quads = polygons[:, 3] >= 0
    faces = np.concatenate((polygons[:, :3], polygons[quads][:, [0, 2, 3]]))
    material = np.concatenate((material, material[quads]))
    neutral = fit.scale * raw.neutral @ fit.rotation + fit.shift
    fields = (fit.scale * raw.expression @ fit.rotation).astype(np.float32)
    return Head(
        neutral=neutral,
        identity=(fit.scale * raw.identity @ fit.rotation).astype(np.float32),
        expression=dict(zip(raw.expression_names, fields, strict=True)),
        faces=faces,
        material=material,
        landmarks=_landmarks(fit, raw, neutral, faces, material),
        on_mean_face=fit.placed,
    )


_IRISES: Final = ((468, "M_IrisRight"), (473, "M_IrisLeft"))


def _landmarks(
    fit: Registration, raw: HeadFile, neutral: Floats, faces: Indices, material: Words
) -> Indices:
    found = np.zeros(POINT_COUNT, np.intp)
    found[:_FIRST_IRIS_POINT] = fit.nearest(range(_FIRST_IRIS_POINT), raw)
    for first, name in _IRISES:
        iris = np.unique(faces[material == name])
        places = neutral[iris, :2] - neutral[iris, :2].mean(axis=0)
        # Centre and rim of the mean face's iris; the head's own goes on behind the white.
        rim = TEMPLATE[first : first + 5, :2] - TEMPLATE[first, :2]
        away = np.linalg.norm(places[:, None] - rim, axis=2)
        found[first : first + 5] = iris[away.argmin(axis=0)]
    return found

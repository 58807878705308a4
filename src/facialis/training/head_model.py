"""Expression and identity displacements of the ICT head, carried over to MediaPipe's points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_POINTS
from facialis.face.mesh import (
    LEFT_LOWER_LID,
    LEFT_LOWER_LIP_INNER,
    LEFT_LOWER_LIP_OUTER,
    LEFT_UPPER_LID,
    LEFT_UPPER_LIP_INNER,
    LEFT_UPPER_LIP_OUTER,
    RIGHT_LOWER_LID,
    RIGHT_LOWER_LIP_INNER,
    RIGHT_LOWER_LIP_OUTER,
    RIGHT_UPPER_LID,
    RIGHT_UPPER_LIP_INNER,
    RIGHT_UPPER_LIP_OUTER,
    TEMPLATE,
)

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float64]

_FACE_VERTICES: Final = 9409
_FIRST_IRIS_POINT: Final = 468
_VERTEX_OF_POINT: Final = {
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
"""The vertices of the ICT head's 68 landmarks and the points of MediaPipe's mesh they stand for."""

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


@dataclass(frozen=True, slots=True)
class HeadModel:
    """Displacements of the 146 points, x right, y down, z away, in interocular distances.

    Attributes:
        identity: (I, 146, 3), one field a standard deviation of an identity mode.
        expression: (E, 146, 3), one field a full expression.
        expression_names: E names; ``_L`` is the patient's left.
    """

    identity: Floats
    expression: Floats
    expression_names: tuple[str, ...]


def read_head_model(file: Path) -> HeadModel:
    """Read the ICT head and carry its fields over to the 146 points.

    The head's neutral face is laid onto the mean face by a similarity and a thin-plate spline
    through 48 shared landmarks; every other point then takes the field of the nearest vertex.
    Lids and lips choose among vertices of their own lid or lip, told apart by how a blink and an
    open jaw move them. Irises do not move.

    Args:
        file: NPZ with ``neutral``, ``identity``, ``expression`` and ``expression_names``.

    Raises:
        InputError: The file is something else.
    """
    try:
        with np.load(file, allow_pickle=False) as archive:
            axes = np.array([1.0, -1.0, -1.0])
            neutral = archive["neutral"][:_FACE_VERTICES].astype(np.float64) * axes
            identity = archive["identity"][:, :_FACE_VERTICES].astype(np.float64) * axes
            expression = archive["expression"][:, :_FACE_VERTICES].astype(np.float64) * axes
            names = tuple(str(n) for n in archive["expression_names"])
    except (OSError, KeyError, ValueError, EOFError) as error:
        raise InputError(
            file, "is not the ICT head as NPZ", "give the file ict_facekit_light_f16.npz"
        ) from error
    anchors = TEMPLATE[list(_VERTEX_OF_POINT)]
    landmarks = list(_VERTEX_OF_POINT.values())
    scale, rotation, shift = _similarity(neutral[landmarks], anchors)
    placed = scale * neutral @ rotation + shift
    placed += _spline(placed[landmarks], anchors, placed)
    vertices = _vertices(placed, expression, names)
    still = np.array(EXPRESSION_POINTS) >= _FIRST_IRIS_POINT
    fields = []
    for field in (identity, expression):
        carried = scale * field[:, vertices] @ rotation
        carried[:, still] = 0
        fields.append(carried)
    return HeadModel(fields[0], fields[1], names)


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


def _vertices(placed: Floats, expression: Floats, names: tuple[str, ...]) -> NDArray[np.intp]:
    blink = _motion(expression, names, "eyeBlink_L") + _motion(expression, names, "eyeBlink_R")
    jaw = _motion(expression, names, "jawOpen")
    allowed = (
        (_UPPER_LIDS, blink > 0.35 * blink.max()),
        (_LOWER_LIDS, blink < 0.25 * blink.max()),
        (_UPPER_LIPS, jaw < 0.25 * jaw.max()),
        (_LOWER_LIPS, jaw > 0.45 * jaw.max()),
    )
    chosen = []
    for point in EXPRESSION_POINTS:
        if point in _VERTEX_OF_POINT:
            chosen.append(_VERTEX_OF_POINT[point])
            continue
        distance = np.linalg.norm(placed - TEMPLATE[point], axis=1)
        for group, mask in allowed:
            if point in group:
                distance = np.where(mask, distance, np.inf)
        chosen.append(int(distance.argmin()))
    return np.array(chosen)


def _motion(expression: Floats, names: tuple[str, ...], name: str) -> Floats:
    moved: Floats = np.linalg.norm(expression[names.index(name)], axis=1)
    return moved

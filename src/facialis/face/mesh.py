"""MediaPipe's 478-point face mesh: named points, mirror map, triangles and a mean face.

Convention: index lists named ``RIGHT_*`` hold the patient's right side (the viewer's left in an
unmirrored photograph). Paired lists correspond element by element: ``LEFT_X[i]`` mirrors
``RIGHT_X[i]``. Curves run from the outer end to the inner end, contours of the lids and lips from
the outer corner to the inner corner (or to the midline).
"""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Indices = NDArray[np.intp]

POINT_COUNT: Final = 478


def _load_template() -> tuple[Points, Indices]:
    text = files("facialis.face").joinpath("data/mediapipe_template.csv").read_text("utf-8")
    rows = [r for r in csv.reader(text.splitlines()) if r and not r[0].startswith(("#", "index"))]
    table = np.array(rows, dtype=np.float64)
    return table[:, 2:5], table[:, 1].astype(np.intp)


TEMPLATE, MIRROR = _load_template()
"""The mean face and the mirror map.

`TEMPLATE`: mean healthy face (478, 3), symmetric about x = 0, x right, y down, z away from the
camera, in units of the interocular distance; its origin is midway between the outer corners of the
eyes.

`MIRROR`: for each point the index of its counterpart on the other side (478,).
"""


def mirrored(right: tuple[int, ...]) -> tuple[int, ...]:
    """Return the counterparts of points of one side."""
    return tuple(int(MIRROR[i]) for i in right)


RIGHT_IRIS_CENTRE, LEFT_IRIS_CENTRE = 468, 473
RIGHT_IRIS: Final = (469, 470, 471, 472)
LEFT_IRIS: Final = (476, 475, 474, 477)

RIGHT_OUTER_CANTHUS, LEFT_OUTER_CANTHUS = 33, 263
RIGHT_INNER_CANTHUS, LEFT_INNER_CANTHUS = 133, 362

RIGHT_UPPER_LID: Final = (33, 246, 161, 160, 159, 158, 157, 173, 133)
RIGHT_LOWER_LID: Final = (33, 7, 163, 144, 145, 153, 154, 155, 133)
LEFT_UPPER_LID: Final = mirrored(RIGHT_UPPER_LID)
LEFT_LOWER_LID: Final = mirrored(RIGHT_LOWER_LID)

RIGHT_BROW_UPPER: Final = (70, 63, 105, 66, 107)
RIGHT_BROW_LOWER: Final = (46, 53, 52, 65, 55)
LEFT_BROW_UPPER: Final = mirrored(RIGHT_BROW_UPPER)
LEFT_BROW_LOWER: Final = mirrored(RIGHT_BROW_LOWER)

RIGHT_COMMISSURE, LEFT_COMMISSURE = 61, 291
UPPER_LIP_TOP, UPPER_LIP_INNER = 0, 13
LOWER_LIP_BOTTOM, LOWER_LIP_INNER = 17, 14
RIGHT_UPPER_LIP_OUTER: Final = (61, 185, 40, 39, 37, 0)
RIGHT_UPPER_LIP_INNER: Final = (78, 191, 80, 81, 82, 13)
RIGHT_LOWER_LIP_OUTER: Final = (61, 146, 91, 181, 84, 17)
RIGHT_LOWER_LIP_INNER: Final = (78, 95, 88, 178, 87, 14)
LEFT_UPPER_LIP_OUTER: Final = mirrored(RIGHT_UPPER_LIP_OUTER)
LEFT_UPPER_LIP_INNER: Final = mirrored(RIGHT_UPPER_LIP_INNER)
LEFT_LOWER_LIP_OUTER: Final = mirrored(RIGHT_LOWER_LIP_OUTER)
LEFT_LOWER_LIP_INNER: Final = mirrored(RIGHT_LOWER_LIP_INNER)

RIGHT_ALA, LEFT_ALA = 129, 358
NOSE_TIP, SUBNASALE, NOSE_BRIDGE, CHIN, FOREHEAD = 4, 2, 168, 152, 10

RIGHT_JAW: Final = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152)
LEFT_JAW: Final = mirrored(RIGHT_JAW)
_RIGHT_OVAL = (109, 67, 103, 54, 21, 162, 127, *RIGHT_JAW[:-1])
FACE_OVAL: Final = (FOREHEAD, *_RIGHT_OVAL, CHIN, *mirrored(_RIGHT_OVAL)[::-1])
"""The outline of the face, from the forehead by the patient's right side round to the left."""

_RIGHT_RIGID = (109, 67, 103, 54, 21, 162, 127, 234, 33, 133, 122, 193)
RIGID: Final = (10, 151, 9, 8, 168, 6, 197, 195, *_RIGHT_RIGID, *mirrored(_RIGHT_RIGID))
"""Points that facial muscles hardly move: forehead, temples, bridge of the nose, canthi."""


def triangles() -> Indices:
    """Return the faces of the mesh (T, 3), irises left out.

    They are the triangles of MediaPipe's tessellation, found as the triples of points that it joins
    pairwise, without those that only enclose three smaller ones.
    """
    # MediaPipe takes half a second to import, and only warping needs its tessellation.
    from mediapipe.python.solutions.face_mesh_connections import (  # noqa: PLC0415
        FACEMESH_TESSELATION,
    )

    neighbours: dict[int, set[int]] = {}
    for a, b in FACEMESH_TESSELATION:
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    found = {
        tuple(sorted((a, b, c)))
        for a, b in FACEMESH_TESSELATION
        for c in neighbours[a] & neighbours[b]
        if {a, b, c} not in neighbours.values()
    }
    return np.array(sorted(found), dtype=np.intp)


def opening_triangles() -> Indices:
    """Return triangles (T, 3) that close what the tessellation leaves open: eyes and mouth."""
    lips = (
        RIGHT_UPPER_LIP_INNER + LEFT_UPPER_LIP_INNER[-2::-1],
        RIGHT_LOWER_LIP_INNER + LEFT_LOWER_LIP_INNER[-2::-1],
    )
    right, left = (RIGHT_UPPER_LID, RIGHT_LOWER_LID), (LEFT_UPPER_LID, LEFT_LOWER_LID)
    found = []
    for upper, lower in (right, left, lips):
        for i in range(len(upper) - 1):
            found.append((upper[i], upper[i + 1], lower[i]))
            found.append((upper[i + 1], lower[i + 1], lower[i]))
    return np.array([t for t in found if len(set(t)) == len(t)], dtype=np.intp)

"""Expression and identity displacements of the ICT head, carried over to MediaPipe's points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.face.expressions import EXPRESSION_POINTS
from facialis.simulation.ict_head import FACE_VERTICES, read_head_file, registered

if TYPE_CHECKING:
    from pathlib import Path

Floats = NDArray[np.float64]

_FIRST_IRIS_POINT: Final = 468


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

    The head's neutral face is laid onto the mean face (`facialis.simulation.ict_head.registered`);
    every point that is no landmark of the head takes the field of the nearest vertex. Irises do not
    move.

    Args:
        file: NPZ with ``neutral``, ``identity``, ``expression`` and ``expression_names``.

    Raises:
        InputError: The file is something else.
    """
    head = read_head_file(file, vertices=FACE_VERTICES)
    fit = registered(head)
    vertices = fit.nearest(EXPRESSION_POINTS, head)
    still = np.array(EXPRESSION_POINTS) >= _FIRST_IRIS_POINT
    fields = []
    for field in (head.identity, head.expression):
        carried = fit.scale * field[:, vertices] @ fit.rotation
        carried[:, still] = 0
        fields.append(carried)
    return HeadModel(fields[0], fields[1], head.expression_names)

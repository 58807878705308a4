"""The signed asymmetry of a face: what is compared with healthy faces.

Each feature is a quantity of the left half less the same quantity of the right half, in
interocular units. A mirrored face has the negated vector.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.face import mesh
from facialis.face.mesh import MIRROR

Points = NDArray[np.float64]

_EYE_AREA_WEIGHT: Final = 3.0

_HEIGHTS: Final[dict[str, tuple[Region, tuple[int, ...]]]] = {
    "brow_middle": (Region.BROW, (296, 334, 293)),
    "brow_inner": (Region.BROW, (336, 285)),
    "brow_outer": (Region.BROW, (300, 276)),
    "brow_whole": (Region.BROW, mesh.LEFT_BROW_UPPER + mesh.LEFT_BROW_LOWER),
    "upper_lid": (Region.EYE, (385, 386, 387)),
    "lower_lid": (Region.EYE, (380, 374, 373)),
    "cheekbone": (Region.EYE, (280, 352, 346, 347)),
    "commissure_height": (Region.MOUTH, (291, 308)),
    "upper_lip": (Region.MOUTH, (270, 269)),
    "lower_lip": (Region.MOUTH, (321, 405)),
    "upper_lip_inner": (Region.MOUTH, (311, 310)),
    "lower_lip_inner": (Region.MOUTH, (402, 318)),
    "ala_height": (Region.MOUTH, (358, 327)),
    "cheek_height": (Region.MOUTH, (425, 426, 427, 436)),
    "jaw_height": (Region.MOUTH, (397, 365, 379, 288)),
}
"""Mean height of a few points of the left half."""

_ABOVE_CANTHI: Final = ("brow_middle", "brow_inner", "brow_outer", "upper_lid", "lower_lid")
"""Of these, the ones measured from the middle between the canthi of the same eye."""

_WIDTHS: Final[dict[str, tuple[Region, tuple[int, ...]]]] = {
    "commissure_reach": (Region.MOUTH, (291, 308)),
    "ala_reach": (Region.MOUTH, (358, 327)),
    "cheek_reach": (Region.MOUTH, (425, 426, 427, 436)),
    "jaw_reach": (Region.MOUTH, (397, 365, 379, 288)),
    "lips_shift": (Region.MOUTH, (0, 13, 14, 17)),
    "philtrum_shift": (Region.MOUTH, (2, 164)),
    "chin_shift": (Region.MOUTH, (152, 199)),
    "nose_tip_shift": (Region.MOUTH, (1, 4)),
}
"""Mean distance from the midline; for points on it, their shift to the patient's left."""

FEATURES: Final[dict[str, Region]] = (
    {name: region for name, (region, _) in (_HEIGHTS | _WIDTHS).items()}
    | {"canthal_tilt": Region.EYE, "fissure": Region.EYE, "eye_area": Region.EYE}
    | {"commissure_to_lower_lip": Region.MOUTH, "commissure_to_upper_lip": Region.MOUTH}
    | {"lip_gap": Region.MOUTH}
)
"""Every feature and its region, in the order of the vector."""


def _weights() -> tuple[Points, Points]:
    """Averaging matrices (F, 478) that make the linear features from x and from y."""
    names = list(FEATURES)
    on_x, on_y = np.zeros((2, len(names), mesh.POINT_COUNT))
    for name, (_, indices) in _HEIGHTS.items():
        on_y[names.index(name), list(indices)] -= 1 / len(indices)
    for name in _ABOVE_CANTHI:
        on_y[names.index(name), [mesh.LEFT_OUTER_CANTHUS, mesh.LEFT_INNER_CANTHUS]] += 0.5
    for name, (_, indices) in _WIDTHS.items():
        on_x[names.index(name), list(indices)] += 1 / len(indices)
    on_y[names.index("canthal_tilt"), mesh.LEFT_OUTER_CANTHUS] += 1
    on_y[names.index("canthal_tilt"), mesh.LEFT_INNER_CANTHUS] -= 1
    for name, upper, lower in (
        ("fissure", (385, 386, 387), (380, 374, 373)),
        ("lip_gap", (311, 310), (402, 318)),
    ):
        on_y[names.index(name), list(lower)] += 1 / len(lower)
        on_y[names.index(name), list(upper)] -= 1 / len(upper)
    return on_x, on_y


_ON_X, _ON_Y = _weights()
_ROW: Final = {name: i for i, name in enumerate(FEATURES)}
_LIDS: Final = list(mesh.LEFT_UPPER_LID + mesh.LEFT_LOWER_LID[-2:0:-1])


def _left_half(faces: Points) -> Points:
    x, y = faces[..., 0], faces[..., 1]
    # Not a matrix product: for one face, waking the threads of the BLAS costs more than the sum.
    values = np.einsum("...p,fp->...f", x, _ON_X) + np.einsum("...p,fp->...f", y, _ON_Y)
    lid_x, lid_y = x[..., _LIDS], y[..., _LIDS]
    cross = lid_x * np.roll(lid_y, -1, axis=-1) - np.roll(lid_x, -1, axis=-1) * lid_y
    values[..., _ROW["eye_area"]] = np.abs(cross.sum(axis=-1)) / 2 * _EYE_AREA_WEIGHT
    for name, lip in (
        ("commissure_to_lower_lip", mesh.LOWER_LIP_BOTTOM),
        ("commissure_to_upper_lip", mesh.UPPER_LIP_TOP),
    ):
        values[..., _ROW[name]] = np.hypot(
            x[..., mesh.LEFT_COMMISSURE] - x[..., lip], y[..., mesh.LEFT_COMMISSURE] - y[..., lip]
        )
    return np.asarray(values)


def asymmetry(faces: Points) -> Points:
    """Return the asymmetry (..., F) of faces (..., 478, 3) in the frontal frame.

    Args:
        faces: In interocular units, the patient's left at positive x.
    """
    return _left_half(faces) - _left_half(faces[..., MIRROR, :] * [-1, 1, 1])

"""The features of a face that networks read: its asymmetry and its expression scores.

Convention: landmarks (478, 3) are pixels of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facialis.face.expressions import EXPRESSION_NAMES, expression_scores
from facialis.face.pose import head_pose
from facialis.measures.frames import frontal_frame
from facialis.measures.symmetry import asymmetry

if TYPE_CHECKING:
    from numpy.typing import NDArray


def asymmetries(points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the signed asymmetry (29,) of a face turned to the front, left less right.

    Returns:
        In the order of `facialis.measures.symmetry.FEATURES`, interocular distances.

    Raises:
        FacialisError: They are not the landmarks of a face.
    """
    pose = head_pose(points)
    return np.asarray(asymmetry(frontal_frame(points, pose) / pose.scale), np.float32)


def expressions(points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the 52 expression scores (52,), 0 to 1, in the order of `EXPRESSION_NAMES` (D4-3).

    Raises:
        FacialisError: They are not the landmarks of a face.
    """
    return np.fromiter(expression_scores(points).values(), np.float32, len(EXPRESSION_NAMES))

"""The two frames in which a face is measured.

Convention of both: x = 0 is the midline, x grows towards the patient's left, y grows downwards,
lengths are pixels of the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import LEFT_IRIS_CENTRE, MIRROR, RIGHT_IRIS_CENTRE

if TYPE_CHECKING:
    from facialis.face.pose import HeadPose

Points = NDArray[np.float64]


def frontal_frame(points: Points, pose: HeadPose) -> Points:
    """Return landmarks (478, 3) turned to face the viewer; see `HeadPose.to_frontal`."""
    return pose.to_frontal(points)


def emotrics_frame(points: Points) -> Points:
    """Return landmarks (478, 3) in Emotrics' frame, in the plane of the picture.

    The x axis runs through the centres of the irises; the midline stands upright on it, midway
    between them. Irises move with gaze and vanish when the eyes close, so the frame suits frontal
    photographs with open eyes.
    """
    right, left = points[RIGHT_IRIS_CENTRE], points[LEFT_IRIS_CENTRE]
    along = (left - right)[:2]
    along = along / np.linalg.norm(along)
    down = np.array([-along[1], along[0]])
    centred = points - (left + right) / 2
    return np.column_stack((centred[:, :2] @ along, centred[:, :2] @ down, centred[:, 2]))


def mirrored_face(points: Points) -> Points:
    """Return the mirror image (478, 3) of a face in one of these frames."""
    return points[MIRROR] * [-1, 1, 1]

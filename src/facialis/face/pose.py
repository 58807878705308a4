"""Head pose by a rigid fit, and the frontal frame that it gives.

Convention: yaw is positive when the patient turns to the patient's own left (the viewer's right),
pitch when the chin goes up, roll when the head tilts to the patient's own left shoulder; degrees.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import RIGID, TEMPLATE
from facialis.face.template import similarity

Points = NDArray[np.float64]

_RIGID = list(RIGID)
_RIGID_TEMPLATE = TEMPLATE[_RIGID]


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Where the head points, and the map between the mean face and the picture.

    Attributes:
        yaw: Degrees.
        pitch: Degrees.
        roll: Degrees.
        rotation: (3, 3), turns the mean face into the attitude of the head.
        scale: Pixels in one interocular distance of the mean face.
        origin: (3,) where the origin of the mean face lies, pixels.
        misfit: Root mean square distance of the rigid points from the fit, in interocular
            distances.
    """

    yaw: float
    pitch: float
    roll: float
    rotation: Points
    scale: float
    origin: Points
    misfit: float

    def to_frontal(self, points: Points) -> Points:
        """Turn points (N, 3) of the picture to face the viewer.

        Returns:
            (N, 3) in pixels of the same scale; x = 0 is the midline (the patient's left positive),
            y = 0 the line of the outer canthi of the mean face, y down, z away from the viewer.
        """
        return (points - self.origin) @ self.rotation

    def to_picture(self, points: Points) -> Points:
        """Turn points (N, 3) of the frontal frame back into the picture."""
        return points @ self.rotation.T + self.origin


def head_pose(points: Points) -> HeadPose:
    """Fit the mean face to the points that facial muscles hardly move.

    The mean face is symmetric, so the fit of a mirrored face is the mirrored fit.

    Args:
        points: (478, 3) landmarks in pixels.
    """
    rigid = points[_RIGID]
    scale, rotation, origin = similarity(_RIGID_TEMPLATE, rigid)
    rest = rigid - (scale * _RIGID_TEMPLATE @ rotation.T + origin)
    misfit = float(np.sqrt((rest**2).sum(axis=1).mean())) / scale
    yaw, pitch, roll = angles(rotation)
    return HeadPose(yaw, pitch, roll, rotation, scale, origin, misfit)


def angles(rotation: Points) -> tuple[float, float, float]:
    """Return yaw, pitch and roll in degrees of a rotation matrix."""
    roll = np.arctan2(rotation[1, 0], rotation[0, 0])
    cos, sin = np.cos(roll), np.sin(roll)
    forward = -rotation[:, 2]
    across = cos * forward[0] + sin * forward[1]
    down = -sin * forward[0] + cos * forward[1]
    yaw = np.arctan2(across, -forward[2])
    pitch = np.arcsin(np.clip(-down, -1.0, 1.0))
    return float(np.degrees(yaw)), float(np.degrees(pitch)), float(np.degrees(roll))


def rotation_from(yaw: float, pitch: float, roll: float = 0.0) -> Points:
    """Return the rotation matrix (3, 3) of yaw, pitch and roll in degrees."""
    y, p, r = np.radians([-yaw, -pitch, roll])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)

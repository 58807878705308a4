"""How a weak facial nerve moves the landmarks: simulated lesions on the mesh.

A coarse anatomical model, used for two things only: to know along which directions of asymmetry
palsy moves a face (and which side it is on), and to relate a distance from healthy faces to a loss
of function. A flaccid brow, lower lid and commissure sink, the mouth is drawn to the healthy side,
a smile stays behind; after synkinesis the eye narrows, most of all while smiling.

Convention: faces are in the frontal frame, interocular units, and the lesion is on the patient's
left; mirror the face for the right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.face import mesh
from facialis.face.mesh import TEMPLATE
from facialis.measures.frames import mirrored_face

Points = NDArray[np.float64]

_UPPER_FACE_ABOVE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Lesion:
    """A weak left facial nerve.

    Attributes:
        brow: Weakness of the temporal branch, 0 to 1.
        eye: Weakness of the zygomatic branch.
        mouth: Weakness of the buccal and marginal mandibular branches.
        synkinetic: Whether the nerve has regrown with synkinesis; flaccid otherwise.
    """

    brow: float
    eye: float
    mouth: float
    synkinetic: bool = False

    @property
    def loss(self) -> float:
        """Loss of function of the half face, 0 to 1: the mean of the three regions."""
        return (self.brow + self.eye + self.mouth) / 3


def _near(indices: tuple[int, ...], reach: float) -> Points:
    gap = TEMPLATE[:, None, :2] - TEMPLATE[None, list(indices), :2]
    return np.asarray(np.exp(-(gap**2).sum(axis=2) / (2 * reach**2)).max(axis=1))


def _only(indices: tuple[int, ...]) -> Points:
    weight = np.zeros(mesh.POINT_COUNT)
    weight[list(indices)] = 1
    return weight


_BROW: Final = _near(mesh.LEFT_BROW_UPPER + mesh.LEFT_BROW_LOWER, 0.12)
_UPPER_LID: Final = _only((*mesh.LEFT_UPPER_LID[1:-1], 257, 258, 259, 260, 286, 414))
_LOWER_LID: Final = _only(mesh.LEFT_LOWER_LID[1:-1])
_CORNER: Final = _near((mesh.LEFT_COMMISSURE,), 0.2)
_LIPS: Final = _near((0, 13, 14, 17), 0.2)
_CHEEK: Final = _near((425,), 0.25)
_NOSE: Final = _near((mesh.NOSE_TIP,), 0.2)
_ramp = np.clip((TEMPLATE[:, 0] + 0.08) / 0.23, 0, 1)
_LEFT_HALF: Final = _ramp**2 * (3 - 2 * _ramp)
_UPPER_FACE: Final = TEMPLATE[:, 1] <= _UPPER_FACE_ABOVE

# Displacements at full weakness, interocular units (one is about 90 mm). They were sized so that
# the landmarker, which reports only a part of what a picture shows, comes near the symmetry ratios
# that it gives for real patients (MEEI standard set).
_BROW_DROP: Final = 0.055
_LID_RETRACTION: Final = 0.015
_LOWER_LID_SAG: Final = 0.02
_CORNER_DROP: Final = 0.075
_CORNER_MEDIAL: Final = 0.08
_CHEEK_DROP: Final = 0.03
_LIPS_PULL: Final = 0.05
_SMILE_PULL: Final = 0.09
_NOSE_PULL: Final = 0.02
_SYNKINETIC_CLOSURE: Final = (0.025, 0.07)
_SYNKINETIC_LOWER_LID: Final = (0.015, 0.04)
_SYNKINETIC_MEDIAL: Final = 0.03
_SYNKINETIC_UNSIGNED: Final = 0.02


def displaced(
    face: Points, lesion: Lesion, *, smile: Points | None, rng: np.random.Generator
) -> Points:
    """Return a face (478, 3) with a lesion of its left side.

    Args:
        face: The healthy face, frontal frame, interocular units.
        lesion: What is weak, and how much.
        smile: Displacement (478, 3) of this person's smile if the face smiles, else None.
        rng: Draws how people differ: each displacement is scaled by 0.4 to 1.3.
    """

    def vary() -> float:
        return float(rng.uniform(0.4, 1.3))

    moved = face.copy()
    if smile is not None:
        weakness = np.where(_UPPER_FACE, lesion.eye, lesion.mouth)
        moved -= smile * (_LEFT_HALF * weakness)[:, None]
        moved[:, 0] -= lesion.mouth * vary() * (_SMILE_PULL * _LIPS + _NOSE_PULL * _NOSE)
    if lesion.synkinetic:
        moving = smile is not None
        moved[:, 1] += _SYNKINETIC_CLOSURE[moving] * lesion.eye * vary() * _UPPER_LID
        moved[:, 1] -= _SYNKINETIC_LOWER_LID[moving] * lesion.eye * vary() * _LOWER_LID
        moved[:, 1] += _SYNKINETIC_UNSIGNED * lesion.brow * rng.uniform(-0.5, 1) * _BROW
        moved[:, 1] -= _SYNKINETIC_UNSIGNED * lesion.mouth * rng.uniform(-1, 1) * _CORNER
        moved[:, 0] -= _SYNKINETIC_MEDIAL * lesion.mouth * vary() * _CORNER
        return moved
    moved[:, 1] += _BROW_DROP * lesion.brow * vary() * _BROW
    moved[:, 1] -= _LID_RETRACTION * lesion.eye * vary() * _UPPER_LID
    moved[:, 1] += _LOWER_LID_SAG * lesion.eye * vary() * _LOWER_LID
    moved[:, 1] += lesion.mouth * (_CORNER_DROP * vary() * _CORNER + _CHEEK_DROP * vary() * _CHEEK)
    moved[:, 0] -= lesion.mouth * (_CORNER_MEDIAL * vary() * _CORNER + _LIPS_PULL * vary() * _LIPS)
    return moved


def with_lesion(
    face: Points,
    lesion: Lesion,
    side: Side,
    *,
    smile: Points | None,
    rng: np.random.Generator,
) -> Points:
    """Return a face (478, 3) with a lesion of either side; arguments as `displaced`."""
    if side is Side.LEFT:
        return displaced(face, lesion, smile=smile, rng=rng)
    mirrored_smile = None if smile is None else mirrored_face(smile)
    return mirrored_face(displaced(mirrored_face(face), lesion, smile=mirrored_smile, rng=rng))


def drawn_lesion(rng: np.random.Generator) -> Lesion:
    """Draw a lesion: severity uniform on 0.15 to 1, branches differing, one in three synkinetic."""
    severity = rng.uniform(0.15, 1.0)
    brow, eye, mouth = np.clip(severity * rng.uniform(0.4, 1.3, 3), 0, 1)
    return Lesion(float(brow), float(eye), float(mouth), bool(rng.random() < 1 / 3))

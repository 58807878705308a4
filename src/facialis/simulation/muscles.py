"""The muscles of facial expression on the mesh, and what their contraction does to the skin.

`MUSCLES` reads as a table of anatomy. A vector muscle draws the skin at its insertion along its
pull (after Waters 1987); a sphincter draws a ring of skin together. What a pull reaches is measured
along the skin, so that the upper lip does not drag the lower. Eyes close, and lips meet, on the
very face that is given (`facialis.simulation.sphincters`).

Convention: points are those of the patient's right half and are mirrored for the left; faces are in
the frontal frame, interocular units (about 90 mm).
"""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Branch, Side
from facialis.errors import InputError
from facialis.simulation.creases import Crease, creases
from facialis.simulation.muscle import Contractions, Kind, Lip, Muscle
from facialis.simulation.pulls import drawn_by, jaw_drop, lip_strip, puffed_cheek
from facialis.simulation.skin import mirrored_field
from facialis.simulation.sphincters import closed_eyes, met_lips

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "ACTIONS",
    "AIR",
    "JAW",
    "MUSCLES",
    "Contractions",
    "Crease",
    "Kind",
    "Lip",
    "Muscle",
    "contracted",
    "creases",
    "lip_strip",
]

Points = NDArray[np.float64]


_TABLE: Final = (
    Muscle(
        name="frontalis_medial",
        latin="venter frontalis musculi occipitofrontalis, pars medialis",
        branch=Branch.TEMPORAL,
        origin=(109, 108),
        insertion=(107, 55, 66, 65),
        pull=(0.05, -1.0, 0.05),
        reach=0.15,
        excursion=0.07,
        note="Raises the inner brow and furrows the forehead.",
    ),
    Muscle(
        name="frontalis_lateral",
        latin="venter frontalis musculi occipitofrontalis, pars lateralis",
        branch=Branch.TEMPORAL,
        origin=(103, 104),
        insertion=(105, 63, 70, 53, 46),
        pull=(0.12, -1.0, 0.1),
        reach=0.14,
        excursion=0.06,
        note="Raises the middle and outer brow.",
    ),
    Muscle(
        name="corrugator",
        latin="musculus corrugator supercilii",
        branch=Branch.TEMPORAL,
        origin=(8, 55),
        insertion=(66, 65, 107, 55),
        pull=(-1.0, 0.5, -0.1),
        reach=0.14,
        excursion=0.052,
        crossing=0.06,
        note="Knits the brows: medial and down, upright lines between them.",
    ),
    Muscle(
        name="procerus",
        latin="musculus procerus",
        branch=Branch.TEMPORAL,
        origin=(168, 6),
        insertion=(9, 8, 55),
        pull=(0.0, 1.0, 0.0),
        reach=0.11,
        excursion=0.035,
        note="Lowers the skin between the brows; one muscle, half to each side.",
    ),
    Muscle(
        name="orbicularis_oculi_palpebral",
        latin="musculus orbicularis oculi, pars palpebralis",
        branch=Branch.ZYGOMATIC,
        kind=Kind.SPHINCTER,
        origin=(133, 33),
        insertion=(160, 159, 158, 144, 145, 153),
        pull=(0.0, 1.0, 0.0),
        reach=0.05,
        excursion=0.11,
        note="Closes the lids; half a contraction closes them, the rest is reserve.",
    ),
    Muscle(
        name="orbicularis_oculi_orbital",
        latin="musculus orbicularis oculi, pars orbitalis",
        branch=Branch.ZYGOMATIC,
        kind=Kind.SPHINCTER,
        origin=(159, 145),
        insertion=(46, 53, 52, 65, 143, 111, 117, 118, 119, 120),
        pull=(0.6, 1.0, 0.0),
        reach=0.13,
        excursion=0.05,
        crossing=0.06,
        note="Squeezes: brow down, cheek up, crow's feet.",
    ),
    Muscle(
        name="zygomaticus_major",
        latin="musculus zygomaticus major",
        branch=Branch.BUCCAL,
        origin=(116, 117),
        insertion=(61, 185),
        pull=(0.62, -0.72, 0.42),
        reach=0.12,
        excursion=0.115,
        crossing=0.3,
        far=0.55,
        note="Draws the commissure up and out: the smile. The zygomatic branch helps.",
    ),
    Muscle(
        name="zygomaticus_minor",
        latin="musculus zygomaticus minor",
        branch=Branch.BUCCAL,
        origin=(118, 117),
        insertion=(40, 92, 186),
        pull=(0.35, -0.9, 0.2),
        reach=0.15,
        excursion=0.045,
        crossing=0.2,
        lip=Lip.UPPER,
        note="Lifts the upper lip beside the fold.",
    ),
    Muscle(
        name="levator_labii_superioris",
        latin="musculus levator labii superioris",
        branch=Branch.BUCCAL,
        origin=(119, 120),
        insertion=(37, 39, 40, 165),
        pull=(0.12, -1.0, 0.05),
        reach=0.13,
        excursion=0.06,
        crossing=0.2,
        lip=Lip.UPPER,
        note="Lifts the upper lip and shows the teeth.",
    ),
    Muscle(
        name="levator_labii_alaeque_nasi",
        latin="musculus levator labii superioris alaeque nasi",
        branch=Branch.BUCCAL,
        origin=(193, 122),
        insertion=(129, 98, 203, 165),
        pull=(0.1, -1.0, 0.0),
        reach=0.13,
        excursion=0.045,
        crossing=0.12,
        lip=Lip.UPPER,
        note="Lifts the wing of the nose and the lip: the snarl, wrinkles on the nose.",
    ),
    Muscle(
        name="levator_anguli_oris",
        latin="musculus levator anguli oris",
        branch=Branch.BUCCAL,
        origin=(101, 36),
        insertion=(61, 185),
        pull=(0.0, -1.0, 0.1),
        reach=0.12,
        excursion=0.05,
        crossing=0.2,
        note="Lifts the commissure straight up.",
    ),
    Muscle(
        name="risorius",
        latin="musculus risorius",
        branch=Branch.BUCCAL,
        origin=(213, 192),
        insertion=(61, 57),
        pull=(1.0, 0.05, 0.4),
        reach=0.12,
        excursion=0.04,
        crossing=0.25,
        far=0.4,
        note="Draws the commissure sideways.",
    ),
    Muscle(
        name="buccinator",
        latin="musculus buccinator",
        branch=Branch.BUCCAL,
        origin=(192, 187),
        insertion=(57, 212, 216),
        pull=(0.7, 0.0, 0.7),
        reach=0.15,
        excursion=0.03,
        crossing=0.15,
        note="Presses the cheek against the teeth, a dimple beside the commissure.",
    ),
    Muscle(
        name="orbicularis_oris_upper",
        latin="musculus orbicularis oris, pars superior",
        branch=Branch.BUCCAL,
        kind=Kind.SPHINCTER,
        origin=(13,),
        insertion=(0, 37, 39, 40, 185, 61, 78),
        pull=(1.0, -0.4, -0.7),
        reach=0.17,
        excursion=0.08,
        crossing=0.2,
        lip=Lip.UPPER,
        note="Puckers the upper lip and seals the mouth.",
    ),
    Muscle(
        name="orbicularis_oris_lower",
        latin="musculus orbicularis oris, pars inferior",
        branch=Branch.MARGINAL_MANDIBULAR,
        kind=Kind.SPHINCTER,
        origin=(14,),
        insertion=(17, 84, 181, 91, 146, 61, 78),
        pull=(1.0, 0.25, -0.7),
        reach=0.17,
        excursion=0.08,
        crossing=0.2,
        lip=Lip.LOWER,
        note="Puckers the lower lip and seals the mouth.",
    ),
    Muscle(
        name="depressor_anguli_oris",
        latin="musculus depressor anguli oris",
        branch=Branch.MARGINAL_MANDIBULAR,
        origin=(169, 170),
        insertion=(61, 146, 43),
        pull=(0.25, 1.0, 0.1),
        reach=0.12,
        excursion=0.045,
        crossing=0.15,
        lip=Lip.LOWER,
        note="Lowers the commissure.",
    ),
    Muscle(
        name="depressor_labii_inferioris",
        latin="musculus depressor labii inferioris",
        branch=Branch.MARGINAL_MANDIBULAR,
        origin=(170, 140),
        insertion=(84, 181, 91, 182, 87, 178),
        pull=(0.3, 1.0, 0.05),
        reach=0.13,
        excursion=0.07,
        crossing=0.15,
        lip=Lip.LOWER,
        note="Lowers the lower lip and shows the teeth.",
    ),
    Muscle(
        name="mentalis",
        latin="musculus mentalis",
        branch=Branch.MARGINAL_MANDIBULAR,
        origin=(18, 83),
        insertion=(200, 201, 199, 208),
        pull=(0.0, -1.0, -0.15),
        reach=0.14,
        excursion=0.04,
        crossing=0.12,
        note="Raises the chin, dimples it, and pushes the lower lip up.",
    ),
    Muscle(
        name="platysma",
        latin="platysma",
        branch=Branch.CERVICAL,
        origin=(149, 150),
        insertion=(169, 210, 135),
        pull=(0.3, 1.0, 0.1),
        reach=0.16,
        excursion=0.025,
        crossing=0.15,
        note="Tenses the neck and draws the jaw line and the commissure down a little.",
    ),
)

MUSCLES: Final[Mapping[str, Muscle]] = MappingProxyType({m.name: m for m in _TABLE})
"""Every muscle of expression of one half of the face, from the forehead to the neck.

The levator palpebrae is not among them: the oculomotor nerve opens the eye, and a lesion of the
facial nerve leaves it open.
"""

JAW, AIR = "jaw", "air"
ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        JAW: "Opens the mouth: muscles of the trigeminal nerve. One bone, the mean of both sides.",
        AIR: "Puffs the cheek: breath held by the lips.",
    }
)
"""What also moves the face, and no lesion of the facial nerve weakens."""

_STRIP_SHARE: Final = 0.55
_STRIP_MUSCLES: Final = ("zygomaticus_major", "risorius", "buccinator", "depressor_anguli_oris")


@lru_cache(maxsize=1)
def _names() -> tuple[str, ...]:
    return (*MUSCLES, *ACTIONS)


@lru_cache(maxsize=1)
def _basis() -> Points:
    right = np.stack([*map(drawn_by, MUSCLES.values()), jaw_drop(), puffed_cheek()])
    left = np.stack([mirrored_field(f) for f in right])
    return np.asarray(np.concatenate((right, left)).reshape(2 * len(right), -1))


def _amounts(contractions: Contractions) -> Points:
    """Contractions (2, M): right and left, in the order of `_names`."""
    names = _names()
    unknown = {n for side in contractions.values() for n in side} - set(names)
    if unknown:
        raise InputError(
            ", ".join(sorted(unknown)), "is no facial muscle", f"use one of {', '.join(names)}"
        )
    amounts = np.array(
        [
            [contractions.get(side, {}).get(n, 0.0) for n in names]
            for side in (Side.RIGHT, Side.LEFT)
        ]
    )
    jaw = names.index(JAW)
    amounts[:, jaw] = amounts[:, jaw].mean()
    return amounts


def contracted(face: Points, contractions: Contractions) -> Points:
    """Return a face after contraction of its muscles.

    Args:
        face: (478, 3) frontal frame, interocular units, patient's left at positive x.
        contractions: Per side and muscle (or action), 0 to 1.

    Returns:
        (478, 3); the irises stay.

    Raises:
        InputError: A muscle is unknown.
    """
    names = _names()
    amounts = _amounts(contractions)
    way = np.einsum("m,mp->p", amounts.ravel(), _basis()).reshape(-1, 3)
    way[:, 0] += _STRIP_SHARE * _sideways(amounts) * lip_strip()
    moved = face + way
    column = {n: amounts[:, i] for i, n in enumerate(names)}
    moved = met_lips(
        face,
        moved,
        np.minimum(column["orbicularis_oris_upper"], column["orbicularis_oris_lower"]),
    )
    return closed_eyes(
        moved, column["orbicularis_oculi_palpebral"], column["orbicularis_oculi_orbital"]
    )


def _sideways(amounts: Points) -> float:
    """How far the stronger side draws the lips, interocular units, the patient's left positive."""
    pull = 0.0
    for name in _STRIP_MUSCLES:
        muscle = MUSCLES[name]
        lateral = muscle.pull[0] / float(np.linalg.norm(muscle.pull)) * muscle.excursion
        right, left = amounts[:, _names().index(name)]
        pull += lateral * float(left - right)
    return pull

"""What the methods whose weights come with Facialis say of one face, on the common scales.

Their probabilities are those of a population half of which has a palsy, as the comparison with
healthy faces has it, whatever share the networks learned from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.scales import levels_of_grades
from facialis.errors import InputError
from facialis.face.mesh import LEFT_OUTER_CANTHUS, RIGHT_OUTER_CANTHUS
from facialis.grading.combined import FUSION, GRADER, is_own, shipped_rule
from facialis.grading.cuts import EVEN, even_odds, shipped_cuts
from facialis.methods import card
from facialis.methods.answers import Answer, Face, Seen
from facialis.methods.asymmetric_parsing import answer as parser
from facialis.methods.cascaded_encoder import answer as cascade
from facialis.methods.fp_vggface import answer as grader
from facialis.methods.multimodal_fusion import answer as fusion
from facialis.methods.multimodal_fusion import examination_answer as examination
from facialis.methods.multimodal_fusion.prepare import GRADES, LEVELS, levels_among
from facialis.methods.phcnn_lstm import answer as sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from facialis.clinical.anatomy import Movement

LEVEL_WITHIN_DEG: Final = 3.0
"""A face that is rolled further is turned level for the methods that look at pictures."""
_AROUND: Final = 0.6
"""Margin of what is cut out, in parts of the longer side of the landmarks' box."""
_ANSWERED_BY: Final[Mapping[str, Callable[[Face, Face], Answer]]] = MappingProxyType(
    {
        FUSION: fusion.answer,
        cascade.NAME: cascade.answer,
        GRADER: grader.answer,
        parser.NAME: parser.answer,
    }
)
FACE_METHODS: Final = tuple(_ANSWERED_BY)
"""Methods that answer for a face and whose weights come with Facialis."""
_OTHERS: Final = {
    sequences.NAME: "looks at four consecutive frames and answers for videos only",
    examination.NAME: "looks at all movements together and answers for examinations only",
}
METHODS: Final = (*FACE_METHODS, *_OTHERS)
"""All methods whose weights come with Facialis; the last two answer for no single face."""


@dataclass(frozen=True, slots=True)
class MethodAnswer:
    """What one method says of a face.

    Attributes:
        title: The method in a few words.
        palsy_probability: 0 to 1; None if it did not answer.
        level_probability: Of the levels I (healthy), II and III of paper 003, which sum to 1;
            summed from the grades where the method grades.
        levels: The levels that cannot be ruled out at the stated coverage, by a method that tells
            levels; those of the grades where it grades, too; none of a network of the user's own,
            for which no cut-offs were fitted.
        grade_probability: Of House-Brackmann I to VI, which sum to 1; None if it does not grade.
        grades: The grades that cannot be ruled out at the stated coverage; likewise.
        reasons: By how much each asymmetry raised the log odds of palsy, the strongest first: the
            log odds less what they would be if the two sides were alike in this one.
        not_answered: Why it did not answer, or None.
    """

    title: str
    palsy_probability: float | None = None
    level_probability: dict[str, float] | None = None
    levels: tuple[str, ...] = ()
    grade_probability: dict[str, float] | None = None
    grades: tuple[str, ...] = ()
    reasons: dict[str, float] = field(default_factory=dict)
    not_answered: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What the methods say of a face.

    Attributes:
        answers: By the method's name.
        seen: By the method's name, of those that tell what they saw where.
        picture: (H, W, 3), RGB, what they saw it in: the part around the face, turned level.
    """

    answers: dict[str, MethodAnswer]
    seen: dict[str, Seen]
    picture: NDArray[np.uint8]


def answers(
    picture: NDArray[np.uint8],
    points: NDArray[np.float64],
    methods: Collection[str],
    *,
    movement: Movement | None = None,
    left_out: str = "",
) -> Said:
    """Return what each of the methods says of a face.

    Args:
        picture: (H, W, 3), RGB.
        points: (478, 3) landmarks, pixels of the picture.
        methods: Of `FACE_METHODS`.
        movement: What the patient was asked to do, which the fusion reads; None if nobody said.
        left_out: Why a part of the face cannot be judged; then no method answers.

    Raises:
        InputError: The landmarks are no numbers.
        WeightsError: A network is missing or damaged.
    """
    if left_out:
        silent = {name: MethodAnswer(card(name).title, not_answered=left_out) for name in methods}
        return Said(silent, {}, picture)
    if not np.isfinite(points).all():
        raise InputError("landmarks", "are not those of a face", "give finite numbers")
    face = levelled(Face(picture, points, movement))
    mirrored = face.mirror_image()
    given = {name: _ANSWERED_BY[name](face, mirrored) for name in methods}
    return Said(
        {
            name: _on_common_scales(name, each, stated=movement is not None)
            for name, each in given.items()
        },
        {name: each.seen for name, each in given.items() if each.seen is not None},
        face.picture,
    )


def chosen_methods(names: Collection[str]) -> tuple[str, ...]:
    """Return methods by name, each once.

    Raises:
        InputError: One of them comes without weights.
    """
    for name in names:
        if name not in METHODS:
            raise InputError(
                f"method {name!r}",
                "comes without weights, or is none",
                f"choose from {', '.join(METHODS)}",
            )
    return tuple(name for name in METHODS if name in names)


def chosen_face_methods(names: Collection[str]) -> tuple[str, ...]:
    """Return those of the methods that answer for a face.

    Raises:
        InputError: One of them comes without weights, or none answers for a face.
    """
    found = chosen_methods(names)
    faces = tuple(name for name in found if name in FACE_METHODS)
    if found and not faces:
        raise InputError(
            f"method {found[0]!r}",
            _OTHERS[found[0]],
            f"give one, or choose from {', '.join(FACE_METHODS)}",
        )
    return faces


def levelled(face: Face) -> Face:
    """Return the part of a picture around a face, turned so that the eyes lie level.

    A face that is all but level is cut out at whole pixels and not turned.
    """
    picture, points, movement = face
    across = points[LEFT_OUTER_CANTHUS, :2] - points[RIGHT_OUTER_CANTHUS, :2]
    roll = float(np.degrees(np.arctan2(across[1], across[0])))
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    side = 2 * ceil((0.5 + _AROUND) * float((high - low).max()))
    if abs(roll) <= LEVEL_WITHIN_DEG:
        left, top = np.maximum(0, np.floor((low + high - side) / 2)).astype(int).tolist()
        right, below = np.ceil((low + high + side) / 2).astype(int).tolist()
        return Face(picture[top:below, left:right], points - [left, top, 0], movement)
    angle = np.radians(roll)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    shift = side / 2 - turn @ ((low + high) / 2)
    # OpenCV counts from the middles of pixels, landmarks from their corners.
    by_middles = np.column_stack((turn, shift + turn @ [0.5, 0.5] - 0.5))
    turned = cv2.warpAffine(
        picture, by_middles, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    placed = points.copy()
    placed[:, :2] = points[:, :2] @ turn.T + shift
    return Face(np.asarray(turned, np.uint8), placed, movement)


def _on_common_scales(name: str, answer: Answer, *, stated: bool) -> MethodAnswer:
    if answer.palsy is None or answer.levels is None or answer.grades is None:
        return MethodAnswer(card(name).title, not_answered=answer.instead)
    # What was fitted on the shipped networks says nothing of one of the user's own.
    of_the_user = is_own(name)
    if name == FUSION:
        rule = shipped_rule(stated=stated)
        palsies, lesions = (EVEN, EVEN) if of_the_user else (rule.palsy_share, rule.lesion_share)
        levels = _named(LEVELS, even_odds(answer.levels, lesions))
        grades = _named(GRADES, even_odds(answer.grades, lesions))
        kept = () if of_the_user else rule.photograph.kept(grades)
        return MethodAnswer(
            title=card(name).title,
            palsy_probability=float(even_odds(answer.palsy, palsies)[1]),
            level_probability=levels,
            levels=levels_among(kept),
            grade_probability=grades,
            grades=kept,
            reasons=dict(answer.reasons),
        )
    cuts = shipped_cuts(name)
    even = even_odds(answer.grades, EVEN if of_the_user else cuts.palsy_share)
    grades = _named(GRADES, even)
    return MethodAnswer(
        title=card(name).title,
        palsy_probability=float(1 - even[0]),
        level_probability=_named(LEVELS, levels_of_grades(even)),
        grade_probability=grades,
        grades=() if of_the_user else cuts.kept(grades),
        reasons=dict(answer.reasons),
    )


def _named(names: tuple[str, ...], values: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(names, values.tolist(), strict=True))

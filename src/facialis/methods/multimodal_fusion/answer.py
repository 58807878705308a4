"""What the light form answers for a face, from the weights that come with Facialis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.measures.symmetry import FEATURES
from facialis.methods.answers import Answer, Face
from facialis.methods.multimodal_fusion.prepare import movement_read, numbers_of
from facialis.regions.refinement import refined_both_ways
from facialis.weights import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.clinical.anatomy import Movement

NAME: Final = "multimodal_fusion-light"
REASONS: Final = 5
"""How many are kept."""
_SMALLEST: Final = 0.05
_TINY: Final = 1e-30
_PAIRS: Final = [(i, int(j)) for i, j in enumerate(MIRRORED_EXPRESSIONS) if i < j]


def answer(face: Face, mirrored: Face) -> Answer:
    """Return what the network says of a face, and what that rests on.

    Args:
        face: The face, whose landmarks are refined and read, and its movement if it is known.
        mirrored: Its mirror image, which the face gives as well.

    Raises:
        FacialisError: They are not the landmarks of a face.
        WeightsError: A network is missing or damaged.
    """
    del mirrored
    points = refined_both_ways(face.picture, face.points)
    measures, scores = _with_one_made_alike(*numbers_of(points))
    palsy, levels, grades = session.loaded(NAME).run(_feeds(measures, scores, face.movement))
    odds = np.log(np.maximum(palsy[:, 1], _TINY) / np.maximum(palsy[:, 0], _TINY))
    rests_on = dict(zip(_NAMES, (odds[0] - odds[1:]).tolist(), strict=True))
    strongest = sorted(rests_on, key=lambda name: -abs(rests_on[name]))[:REASONS]
    return Answer(
        palsy=palsy[0].astype(np.float64),
        levels=levels[0].astype(np.float64),
        grades=grades[0].astype(np.float64),
        reasons={name: rests_on[name] for name in strongest if abs(rests_on[name]) >= _SMALLEST},
    )


def levels(face: Face) -> NDArray[np.float32]:
    """Return the probabilities of levels (3,) of a frame of a video.

    Raises:
        FacialisError: Its points are not the landmarks of a face.
        WeightsError: A network is missing or damaged.
    """
    measures, scores = numbers_of(refined_both_ways(face.picture, face.points))
    feeds = _feeds(measures[None], scores[None], face.movement)
    return np.asarray(session.loaded(NAME).run(feeds)[1][0])


def _feeds(
    measures: NDArray[np.float32], scores: NDArray[np.float32], movement: Movement | None
) -> dict[str, NDArray[np.float32]]:
    shown = np.tile(movement_read(movement), (len(measures), 1))
    return {"asymmetry": measures, "expressions": scores, "movement": shown}


_NAMES: Final = (*FEATURES, *(EXPRESSION_NAMES[i].removesuffix("Left") for i, _ in _PAIRS))


def _with_one_made_alike(
    measures: NDArray[np.float32], scores: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return what the network reads of the face, then of it with both sides alike in one thing."""
    count = 1 + len(_NAMES)
    many_measures = np.tile(measures, (count, 1))
    many_scores = np.tile(scores, (count, 1))
    for number in range(len(measures)):
        many_measures[1 + number, number] = 0
    for number, pair in enumerate(_PAIRS, 1 + len(measures)):
        many_scores[number, list(pair)] = scores[list(pair)].mean()
    return many_measures, many_scores

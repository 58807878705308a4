"""What the light form answers for a face, from the weights that come with Facialis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.measures.symmetry import FEATURES
from facialis.methods.answers import Answer, Face
from facialis.methods.multimodal_fusion.prepare import numbers_of
from facialis.weights import session

if TYPE_CHECKING:
    from numpy.typing import NDArray

NAME: Final = "multimodal_fusion-light"
REASONS: Final = 5
"""How many are kept."""
_SMALLEST: Final = 0.05
_TINY: Final = 1e-30
_PAIRS: Final = [(i, int(j)) for i, j in enumerate(MIRRORED_EXPRESSIONS) if i < j]


def answer(face: Face, mirrored: Face) -> Answer:
    """Return what the network says of a face, and what that rests on.

    Args:
        face: The face, of which only the landmarks are read.
        mirrored: Its mirror image, which the landmarks of the face give as well.

    Raises:
        FacialisError: They are not the landmarks of a face.
        WeightsError: The network is missing or damaged.
    """
    del mirrored
    measures, scores = _with_one_made_alike(*numbers_of(face.points))
    palsy, levels = session.loaded(NAME).run({"asymmetry": measures, "expressions": scores})
    odds = np.log(np.maximum(palsy[:, 1], _TINY) / np.maximum(palsy[:, 0], _TINY))
    rests_on = dict(zip(_NAMES, (odds[0] - odds[1:]).tolist(), strict=True))
    strongest = sorted(rests_on, key=lambda name: -abs(rests_on[name]))[:REASONS]
    return Answer(
        palsy=palsy[0].astype(np.float64),
        levels=levels[0].astype(np.float64),
        reasons={name: rests_on[name] for name in strongest if abs(rests_on[name]) >= _SMALLEST},
    )


def answers(
    asymmetry: NDArray[np.float32], expressions: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the probabilities of none and palsy (n, 2) and of levels (n, 3) of many faces.

    Args:
        asymmetry: (n, 29), as `measures.features.asymmetries` has it.
        expressions: (n, 52), as `measures.features.expressions` has it.

    Raises:
        WeightsError: The network is missing or damaged.
    """
    palsy, levels = session.loaded(NAME).run({"asymmetry": asymmetry, "expressions": expressions})
    return palsy, levels


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

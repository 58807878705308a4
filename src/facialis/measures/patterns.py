"""By what a movement is known: where the sites of the healthier side go, and which scores rise."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.measures.moment import Site

if TYPE_CHECKING:
    from collections.abc import Mapping

Floats = NDArray[np.float64]

SITES_OF_PATTERNS: Final = (
    Site.BROW,
    Site.ALA,
    Site.UPPER_LIP,
    Site.COMMISSURE,
    Site.LOWER_LIP,
)

PATTERNS: Final[Mapping[Movement, tuple[tuple[float, float], ...]]] = MappingProxyType(
    {
        #                      brow           ala          upper lip     commissure    lower lip
        Movement.BROW_RAISE: ((0.0, -7.0), (0.0, 1.5), (0.0, 1.5), (0.0, 1.5), (0.0, 1.5)),
        Movement.FROWN: ((-2.0, 1.5), (0.0, -0.5), (0.0, -0.4), (0.0, -0.3), (0.0, -0.2)),
        Movement.SMILE_CLOSED: ((-0.3, 0.5), (1.4, -1.5), (3.0, -3.8), (5.2, -5.8), (3.6, -3.2)),
        Movement.SMILE: ((-0.3, 0.5), (2.2, -2.1), (4.2, -4.6), (6.0, -5.6), (4.3, 1.0)),
        Movement.SNARL: ((-0.6, 1.2), (0.9, -3.0), (1.8, -8.0), (1.0, -4.2), (1.0, -1.0)),
        Movement.PUCKER: ((0.0, 0.0), (-0.8, 0.0), (-4.0, -0.8), (-7.0, 0.2), (-3.8, 0.8)),
        Movement.MOUTH_OPEN: ((0.0, 0.0), (0.0, 1.0), (0.4, 3.8), (0.0, 10.5), (0.5, 22.0)),
        Movement.LOWER_TEETH: ((0.0, 0.2), (0.4, 0.4), (2.6, 1.3), (4.0, 5.2), (3.8, 8.6)),
    }
)
"""Ways of the sites of a healthy side at full effort, outward and down, in hundredths of the
interocular distance: what the landmarker reads of simulated movements of people, and of real smiles
for the two smiles. Only their direction is used."""

_BROW_WEIGHT: Final = 1.5

_EVIDENCE: Final[Mapping[Movement, Mapping[str, float]]] = MappingProxyType(
    {
        Movement.BROW_RAISE: {"browInnerUp": 0.15, "browOuterUp": 0.15},
        Movement.FROWN: {"browDown": 0.3, "browInnerUp": -0.3, "browOuterUp": -0.3},
        Movement.SMILE_CLOSED: {"mouthSmile": 0.1, "jawOpen": -0.5, "mouthUpperUp": -0.2},
        Movement.SMILE: {"mouthSmile": 0.1, "jawOpen": 0.2},
        Movement.SNARL: {"mouthUpperUp": 0.2, "mouthSmile": -0.15},
        Movement.PUCKER: {"mouthPucker": 0.15},
        Movement.MOUTH_OPEN: {"jawOpen": 0.35},
        Movement.LOWER_TEETH: {"jawOpen": -0.3, "mouthLowerDown": 0.2, "mouthStretch": 0.1},
    }
)
"""What a rise of an expression score (of the side where it is larger) adds to the likeness."""

_HANDICAP: Final[Mapping[Movement, float]] = MappingProxyType({Movement.MOUTH_OPEN: 0.1})
"""Taken off the likeness: a lowered lip is an open mouth only if the jaw's score says so."""

CLEAR_WAY: Final[Mapping[Movement, float]] = MappingProxyType(
    {
        Movement.BROW_RAISE: 0.03,
        Movement.FROWN: 0.01,
        Movement.SMILE_CLOSED: 0.025,
        Movement.SMILE: 0.025,
        Movement.SNARL: 0.03,
        Movement.PUCKER: 0.04,
        Movement.MOUTH_OPEN: 0.12,
        Movement.LOWER_TEETH: 0.05,
    }
)
"""How far a posture has to go in the direction of the movement (`projected`) to be clearly meant,
interocular units: a quarter to a half of full effort. Parted lips are no open mouth."""

_SHARPNESS: Final = 12.0
_LEAST_LIKENESS: Final = 0.5
_SURE_LIKENESS: Final = 0.8


def likeness(ways: Floats, scores: Floats) -> dict[Movement, float]:
    """Return how much a held posture looks like each movement, about 1 for a perfect one.

    Args:
        ways: (5, 2) of the healthier side, in the order of `SITES_OF_PATTERNS`.
        scores: (52,) expression scores less those at rest.
    """
    return {
        movement: _cosine(ways, np.array(pattern))
        + _evidence(movement, scores)
        - _HANDICAP.get(movement, 0.0)
        for movement, pattern in PATTERNS.items()
    }


def recognised(likenesses: Mapping[Movement, float]) -> tuple[Movement, float]:
    """Return the likeliest movement, and from 0 to 1 how clearly it is that one and none other."""
    values = np.array(list(likenesses.values()))
    share = np.exp(_SHARPNESS * (values - values.max()))
    best = int(np.argmax(values))
    clear = (values[best] - _LEAST_LIKENESS) / (_SURE_LIKENESS - _LEAST_LIKENESS)
    return list(likenesses)[best], float(np.clip(clear, 0, 1) / share.sum())


def projected(ways: Floats, movement: Movement) -> Floats:
    """Return how far postures (..., 5, 2) have gone in the direction of a movement (...)."""
    pattern = np.array(PATTERNS[movement])
    return np.asarray((ways * pattern).sum(axis=(-2, -1)) / np.linalg.norm(pattern))


def _cosine(ways: Floats, pattern: Floats) -> float:
    weights = np.ones((len(SITES_OF_PATTERNS), 1))
    weights[0] = _BROW_WEIGHT
    a, b = (ways * weights).ravel(), (pattern * weights).ravel()
    return float(a @ b / max(float(np.linalg.norm(a) * np.linalg.norm(b)), 1e-9))


def _evidence(movement: Movement, scores: Floats) -> float:
    return sum(weight * _larger(name, scores) for name, weight in _EVIDENCE[movement].items())


def _larger(name: str, scores: Floats) -> float:
    """Return the rise of a score, of the side where it rises more if it has sides."""
    found = [scores[i] for i, n in enumerate(EXPRESSION_NAMES) if n.startswith(name)]
    return float(max(found))

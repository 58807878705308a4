"""Which side is weak: the evidence for left over right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Region
from facialis.errors import WeightsError
from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.measures.symmetry import FEATURES

if TYPE_CHECKING:
    from facialis.measures.norms import Norm

Points = NDArray[np.float64]

LESIONS_BY_MOVEMENT: Final = "data/lesions-by-movement.json"
LESIONS_FORMAT: Final = 2
LESIONS_SHARE: Final = 0.25
"""Share of the spread of faces with a lesion in the spread that evidence is weighed by; the rest is
that of healthy faces. A larger one fits its simulation better and others worse (docs/method.md)."""

ANY_MOVEMENT_SHARE: Final = 0.2
"""Weight of evidence that knows no movement beside that of a guessed one."""

_STRENGTHS: Final = np.array([0.5, 1.0, 2.0])


@dataclass(frozen=True, slots=True, eq=False)
class MovementLesions:
    """What lesions of the left side add to the asymmetry of a face in one movement.

    Attributes:
        mean: (F,), of residuals in parts of the healthy spread, interocular distances.
        covariance: (F, F) of faces with a lesion, so that the healthy spread is in it.
    """

    mean: Points
    covariance: Points


@dataclass(frozen=True, slots=True, eq=False)
class MovementGuess:
    """Which movement a palsied face shows, by its expression scores (multinomial regression).

    Attributes:
        movements: M movements.
        weights: (M, 52) of the mean of each score and of that of the other side.
        intercepts: (M,)
    """

    movements: tuple[Movement, ...]
    weights: Points
    intercepts: Points

    def log_probability(self, scores: Points) -> Points:
        """Return the log probability (M,) of each movement; a mirrored face has the same.

        Args:
            scores: (52,) in the order of `EXPRESSION_NAMES`.
        """
        logits = self.weights @ both_sides(scores) + self.intercepts
        return np.asarray(logits - np.logaddexp.reduce(logits))


def both_sides(scores: Points) -> Points:
    """Return the mean of expression scores (..., 52) and of those of the mirrored face."""
    return np.asarray((scores + scores[..., MIRRORED_EXPRESSIONS]) / 2)


@dataclass(frozen=True, slots=True, eq=False)
class LesionTable:
    """Lesions by movement, as `facialis calibrate-sides` writes them.

    Attributes:
        note: On which data it rests, in one sentence.
        temper: Factor that makes honest log odds of the evidence, where the movement is stated.
        movements: The lesions of each movement.
        guess: Which movement a face shows.
        temper_guessed: Factor that makes honest log odds of the evidence, where it is guessed.
    """

    note: str
    temper: float
    movements: Mapping[Movement, MovementLesions]
    guess: MovementGuess
    temper_guessed: float


@lru_cache(maxsize=1)
def default_lesions() -> LesionTable:
    """Return the lesions that come with the package."""
    return lesion_table(files("facialis.measures").joinpath(LESIONS_BY_MOVEMENT).read_bytes())


def lesion_table(data: bytes) -> LesionTable:
    """Return what `facialis calibrate-sides` wrote.

    Raises:
        WeightsError: It is damaged, or was made for other measures.
    """
    try:
        table = json.loads(data)
        if table["format"] != LESIONS_FORMAT or table["features"] != list(FEATURES):
            raise ValueError("made for another version")
        return LesionTable(
            note=table["note"],
            temper=table["temper"],
            movements={
                Movement(name): MovementLesions(
                    *(np.array(each[k]) for k in ("mean", "covariance"))
                )
                for name, each in table["movements"].items()
            },
            guess=_guess(table["guess"]),
            temper_guessed=table["temper_guessed"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{LESIONS_BY_MOVEMENT}: not a table of lesions of this version ({error}); "
            "install Facialis again."
        ) from error


def _guess(table: Mapping[str, Any]) -> MovementGuess:
    if table["scores"] != list(EXPRESSION_NAMES):
        raise ValueError("made for other expression scores")
    return MovementGuess(
        tuple(Movement(name) for name in table["movements"]),
        np.array(table["weights"]),
        np.array(table["intercepts"]),
    )


def movement_evidence(
    norm: Norm,
    lesions: MovementLesions,
    residual: Points,
    spread: float,
    regions: frozenset[Region] = frozenset(Region),
) -> float:
    """Return the log likelihood ratio of a left over a right lesion in a known movement.

    Either side has a normal distribution of asymmetry: the mean that lesions add in this movement,
    and the spread of healthy faces, widened by how lesions differ. It is linear, so mirroring
    negates it.

    Args:
        norm: The healthy asymmetry in this movement.
        lesions: Of this movement.
        residual: (F,) asymmetry that pose does not explain.
        spread: By what factor healthy faces spread in this view.
        regions: Regions that can be judged.
    """
    rows = [i for i, r in enumerate(FEATURES.values()) if r in regions]
    part = np.ix_(rows, rows)
    healthy, weak = norm.covariance[part], lesions.covariance[part]
    wide = (1 - LESIONS_SHARE) * healthy + LESIONS_SHARE * weak
    weights = np.linalg.solve(wide, lesions.mean[rows])
    return 2 * float(weights @ residual[rows]) / spread


def guessed_evidence(
    norm: Norm,
    known: LesionTable,
    log_probability: Points,
    residual: Points,
    spread: float,
    *,
    regions: frozenset[Region] = frozenset(Region),
) -> float:
    """Return the log odds of a left over a right lesion where the movement is only guessed.

    The odds under each movement are mixed by how probable it is. Mirroring negates the result.

    Args:
        norm: The healthy asymmetry in any movement.
        known: Lesions by movement.
        log_probability: (M,) of the movements that `known` guesses at.
        residual: (F,) asymmetry that pose does not explain.
        spread: By what factor healthy faces spread in this view.
        regions: Regions that can be judged.
    """
    odds = known.temper * np.array(
        [
            movement_evidence(norm, known.movements[each], residual, spread, regions)
            for each in known.guess.movements
        ]
    )
    left = np.logaddexp.reduce(log_probability - np.logaddexp(0, -odds))
    right = np.logaddexp.reduce(log_probability - np.logaddexp(0, odds))
    return float(left - right)


def side_evidence(
    norm: Norm,
    prototypes: Points,
    residual: Points,
    spread: float,
    regions: frozenset[Region] = frozenset(Region),
) -> float:
    """Return the log likelihood ratio of a left over a right lesion; mirroring negates it.

    A lesion adds one of a few prototypes (flaccid or synkinetic, at rest or smiling) at one of
    three strengths to a healthy asymmetry. A flaccid eye is wide and a synkinetic one narrow, so no
    single rule can tell the side; the mixture can.

    Args:
        norm: The healthy asymmetry.
        prototypes: (K, F) asymmetry that a left lesion adds.
        residual: (F,) asymmetry that pose does not explain.
        spread: By what factor healthy faces spread in this view.
        regions: Regions that can be judged.
    """
    rows = [i for i, r in enumerate(FEATURES.values()) if r in regions]
    shifts = (_STRENGTHS[:, None, None] * prototypes).reshape(-1, prototypes.shape[1])[:, rows]
    whole = len(rows) == len(residual)
    precision = norm.precision if whole else np.linalg.inv(norm.covariance[np.ix_(rows, rows)])
    weighted = shifts @ precision
    fit = weighted @ residual[rows] / spread**2
    cost = (weighted * shifts).sum(axis=1) / 2 / spread**2
    return float(np.logaddexp.reduce(fit - cost) - np.logaddexp.reduce(-fit - cost))


def closing_evidence(
    norm: Norm,
    prototypes: Points,
    residual: Points,
    spread: float,
    regions: frozenset[Region] = frozenset(Region),
) -> float:
    """Return the log likelihood ratio of a left over a right lesion while the eyes close.

    The eye that stays open is the weak one, and its brow stays up: the prototypes, which are of
    open eyes, say the opposite of both. So the gap between the lids counts, and the mouth as ever.
    Arguments as `side_evidence`.
    """
    mouth = regions & {Region.MOUTH}
    ratio = side_evidence(norm, prototypes, residual, spread, mouth) if mouth else 0.0
    if Region.EYE not in regions:
        return ratio
    row = list(FEATURES).index("fissure")
    return ratio + float(residual[row] / np.sqrt(norm.covariance[row, row]) / spread)

"""Which side is weak: the evidence for left over right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.measures.symmetry import FEATURES

if TYPE_CHECKING:
    from facialis.measures.norms import Norm

Points = NDArray[np.float64]

_STRENGTHS: Final = np.array([0.5, 1.0, 2.0])


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

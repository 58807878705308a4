"""Small words for chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def happens(rng: np.random.Generator, share: float) -> bool:
    """Return whether something that happens in a share of cases happens now."""
    return bool(rng.random() < share)


def either(rng: np.random.Generator) -> float:
    """Return −1 or 1, alike."""
    return 1.0 if happens(rng, 0.5) else -1.0


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a number from an interval, all alike."""
    return float(rng.uniform(low, high))


def wave(rng: np.random.Generator, length: int, knots: int) -> NDArray[np.float64]:
    """Return a line (length,) that wanders between −1 and 1, turning at some knots."""
    values = rng.uniform(-1, 1, knots)
    return np.asarray(np.interp(np.linspace(0, knots - 1, length), np.arange(knots), values))

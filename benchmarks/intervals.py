"""Averages over people, with the interval that other people of the same kind would give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

DRAWS = 4000


def mean_of_people(values: NDArray[np.float64]) -> dict[str, Any]:
    """Return the mean of one value a person and its bootstrap 95 % interval over people."""
    draws = np.random.default_rng(0).choice(values, (DRAWS, len(values))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return {
        "people": len(values),
        "mean": round(float(values.mean()), 4),
        "low": round(float(low), 4),
        "high": round(float(high), 4),
    }


def shown(interval: dict[str, Any], digits: int = 2, sign: str = "") -> str:
    """Return a mean with its interval as text; of one person without."""
    mean, low, high = (f"{interval[k]:{sign}.{digits}f}" for k in ("mean", "low", "high"))
    return mean if interval["people"] == 1 else f"{mean} ({low} to {high})"


def percent(rate: dict[str, Any]) -> str:
    """Return a share with its interval as text."""
    share, low, high = (100 * rate[k] for k in ("share", "low", "high"))
    return f"{rate['called']} of {rate['of']} ({share:.1f} %; {low:.1f} to {high:.1f})"

"""How often a norm calls healthy people that it was not fitted to, by sex, age and ethnic group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.measures.norms_calibration import FOLDS, REPEATED_WITHIN, HeldOut, limit
from facialis.measures.norms_faces import Subject

if TYPE_CHECKING:
    from facialis.measures.norms_fit import Material

Points = NDArray[np.float64]
Group = Callable[[Subject], str]


def _age_band(person: Subject) -> str:
    if person.age is None:
        return "not given"
    decade = person.age // 10 * 10
    return f"{decade}-{decade + 9}"


_BANDS: Final = (0, 20, 40, 60, 80)

GROUPS: Final[Mapping[str, Group]] = {
    "sex": lambda person: person.sex or "not given",
    "age": _age_band,
    "ethnic_group": lambda person: person.ethnic_group or "not given",
}


def false_alarms(
    apart: HeldOut, material: Material, people: Mapping[str, Subject]
) -> dict[str, Any]:
    """Return what share of healthy readings is called palsy, each person apart from the norm.

    Args:
        apart: Distances of people from norms fitted to other people.
        material: The readings.
        people: Who they are.
    """
    called = apart.healthy > limit(apart.healthy)
    photographs = material.where(lambda r: not r.rendered)
    turned = material.where(lambda r: r.rendered and abs(r.asked_yaw) <= REPEATED_WITHIN)
    return {
        "protocol": f"each person against a norm fitted to the other people ({FOLDS} folds)",
        "simulated_lesions": _simulated(apart, material),
        "photographs": rate(called[photographs]),
        "turned_within_20_degrees": rate(called[turned]),
        "median_distance": {
            kind: {
                value: _median(apart.healthy[photographs & rows])
                for value, rows in _members(material, people, group).items()
            }
            for kind, group in GROUPS.items()
        },
        "turned_by_group": {
            kind: {
                value: rate(called[turned & rows])
                for value, rows in _members(material, people, group).items()
            }
            for kind, group in GROUPS.items()
        },
    }


def _simulated(apart: HeldOut, material: Material) -> dict[str, Any]:
    """How lesions simulated on photographs of people apart from the norm are seen."""
    called = apart.weak > limit(apart.healthy)
    right = apart.side_evidence * material.weak_sides > 0
    healthy, weak = np.sort(apart.healthy), apart.weak
    loss = np.array([r.lesion.loss for r in material.weak])
    bands = {f"{low}-{low + 20}": (loss >= low / 100) & (loss < low / 100 + 0.2) for low in _BANDS}
    return {
        "auc": round(float(np.searchsorted(healthy, weak).mean() / len(healthy)), 4),
        "side_of_those_called": rate(right[called]),
        "called_by_loss_of_function": {name: rate(called[band]) for name, band in bands.items()},
        "side_by_loss_of_function": {name: rate(right[band]) for name, band in bands.items()},
    }


def _members(
    material: Material, people: Mapping[str, Subject], group: Group
) -> dict[str, NDArray[np.bool_]]:
    values = np.array([group(people[r.subject]) for r in material.healthy])
    return {str(value): values == value for value in np.unique(values)}


def _median(distances: Points) -> dict[str, float]:
    """Median with a bootstrap 95 % interval."""
    draws = np.random.default_rng(0).choice(distances, (2000, len(distances)))
    low, high = np.percentile(np.median(draws, axis=1), [2.5, 97.5])
    return {
        "photographs": len(distances),
        "median": round(float(np.median(distances)), 2),
        "low": round(float(low), 2),
        "high": round(float(high), 2),
    }


def rate(called: NDArray[np.bool_]) -> dict[str, float]:
    """Return count and share with Wilson's 95 % interval; of nothing it is the whole range."""
    n, k, z = len(called), int(called.sum()), 1.96
    share = k / n if n else 0.0
    centre = (k + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * float(np.sqrt(n * share * (1 - share) + z * z / 4))
    return {
        "called": k,
        "of": n,
        "share": round(share, 4),
        "low": round(max(0.0, centre - half), 4),
        "high": round(min(1.0, centre + half), 4),
    }

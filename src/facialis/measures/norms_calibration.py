"""Limits, severity and the honesty of the side, on people whom a norm was not fitted to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.measures.norms import pose_terms
from facialis.measures.norms_fit import Material, fit_norm, lesion_prototypes, regressed
from facialis.measures.side import side_evidence
from facialis.measures.static import DEFINITIONS

Points = NDArray[np.float64]

NATURAL_PHOTOGRAPHS_FACTOR: Final = 1.35
"""How much farther natural photographs of healthy people lie out than turned studio photographs.

The limit that 95 % of healthy people in the wild stay under was 1.4 times the 98th percentile of
frontal studio photographs in the design's prototype (DESIGN, decision 5); with pose and landmark
noise taken out it is set a little lower.
"""

FOLDS: Final = 10
REPEATED_WITHIN: Final = 20.0
_SEVERITY_BINS: Final = 14
_ABOUT_HALF: Final = (0.4, 0.6)
_STRONG_AT_LEAST: Final = 1.3


@dataclass(frozen=True)
class HeldOut:
    """Distances of people from norms fitted to other people; NaN where a reading was not used.

    Attributes:
        healthy: (N,) of the healthy readings.
        weak: (M,) of the simulated lesions.
        regions: The same for each region alone.
        side_evidence: (M,) log likelihood ratio of left over right of each lesion.
    """

    healthy: Points
    weak: Points
    regions: Mapping[Region, tuple[Points, Points]]
    side_evidence: Points


def held_out(material: Material, kinds: Collection[str]) -> HeldOut:
    """Measure every person against a norm fitted to the other people.

    Args:
        material: Readings.
        kinds: Conditions of the readings that count.
    """
    people = material.people
    healthy, weak = np.full(len(material.healthy), np.nan), np.full(len(material.weak), np.nan)
    evidence = weak.copy()
    regions = {region: (healthy.copy(), weak.copy()) for region in Region}
    prototypes = lesion_prototypes(material)
    for fold in range(min(FOLDS, len(people))):
        away = set(people[fold::FOLDS])
        norm = fit_norm(material, kinds, set(people) - away)
        rows, weak_rows = material.chosen(kinds, away)
        views = [v for v, used in zip(material.views, rows, strict=True) if used]
        weak_views = [v for v, used in zip(material.weak_views, weak_rows, strict=True) if used]
        a, b = material.asymmetry[rows], material.weak_asymmetry[weak_rows]
        healthy[rows], weak[weak_rows] = norm.distances(a, views), norm.distances(b, weak_views)
        for region, (well, ill) in regions.items():
            only = frozenset({region})
            well[rows] = norm.distances(a, views, only)
            ill[weak_rows] = norm.distances(b, weak_views, only)
        evidence[weak_rows] = [
            side_evidence(norm, prototypes, norm.residual(x, v), norm.spread_at(v))
            for x, v in zip(b, weak_views, strict=True)
        ]
    return HeldOut(healthy, weak, regions, evidence)


def limit(distances: Points) -> float:
    """Return the distance that healthy people are meant to stay under in 95 of 100 photographs.

    Args:
        distances: Of turned studio photographs from norms of other people; NaN is left out.
    """
    return NATURAL_PHOTOGRAPHS_FACTOR * float(np.nanpercentile(distances, 95))


def calibrate(apart: Mapping[str, HeldOut], material: Material) -> dict[str, Any]:
    """Return what grading needs beside the norms, as JSON.

    Args:
        apart: For each condition the distances from norms of other people.
        material: The readings.
    """
    pooled = apart["any"]
    return {
        "threshold": {c: round(limit(h.healthy), 3) for c, h in apart.items()},
        "median": {c: round(float(np.nanmedian(h.healthy)), 3) for c, h in apart.items()},
        "regions": {region.value: _region_limits(pooled, region, material) for region in Region},
        "severity": _severity(pooled, material),
        "prototypes": lesion_prototypes(material).round(8).tolist(),
        "side_temper": _side_temper(pooled.side_evidence * material.weak_sides),
    }


def _region_limits(apart: HeldOut, region: Region, material: Material) -> dict[str, float]:
    healthy, weak = apart.regions[region]
    weakness = np.array([getattr(r.lesion, region.value) for r in material.weak])
    slight = limit(healthy)
    half = (weakness > _ABOUT_HALF[0]) & (weakness < _ABOUT_HALF[1])
    strong = max(_STRONG_AT_LEAST * slight, float(np.nanmedian(weak[half])))
    return {"slight": round(slight, 3), "strong": round(strong, 3)}


def _severity(apart: HeldOut, material: Material) -> dict[str, list[float]]:
    """Loss of function by distance: 10th, 50th and 90th percentile, half of the faces healthy."""
    loss = np.array([100 * r.lesion.loss for r in material.weak])
    chosen = np.random.default_rng(0).choice(len(apart.healthy), len(loss))
    distance = np.concatenate((apart.healthy[chosen], apart.weak))
    loss = np.concatenate((np.zeros(len(chosen)), loss))
    bins = np.array_split(np.argsort(distance), _SEVERITY_BINS)
    columns = np.array([np.percentile(loss[b], [10, 50, 90]) for b in bins])
    low, value, high = np.maximum.accumulate(columns, axis=0).T.round(1).tolist()
    middle = [round(float(np.median(distance[b])), 3) for b in bins]
    return {"distance": middle, "low": low, "value": value, "high": high}


def _side_temper(towards_truth: Points) -> float:
    """Return the factor on the evidence that makes the side's probability honest on lesions.

    Args:
        towards_truth: (M,) evidence for the side that is affected.
    """
    factors = np.linspace(0.05, 1.5, 59)
    losses = [float(np.logaddexp(0, -factor * towards_truth).mean()) for factor in factors]
    return round(float(factors[int(np.argmin(losses))]), 3)


def repeatability(material: Material) -> dict[str, list[float]]:
    """Return for each clinical measure how repeated readings of a photograph spread.

    Returns:
        By name the standard deviation of one side and of the difference, interocular units (their
        square for areas) or degrees, over renders turned by up to 20°.
    """
    near = material.where(lambda r: abs(r.asked_yaw) <= REPEATED_WITHIN)
    _, photograph = np.unique(
        [f"{r.subject}/{r.condition}" for r in material.healthy], return_inverse=True
    )
    terms = pose_terms(material.views)
    spread = {}
    for d in DEFINITIONS:
        right = np.array([s[d.name].right for s in material.sides])
        left = np.array([s[d.name].left for s in material.sides])
        _, gap = regressed(terms, (left - right)[:, None])
        side = (_within(right, photograph, near) + _within(left, photograph, near)) / 2
        difference = _within(gap[:, 0], photograph, near)
        spread[d.name] = [round(side**0.5, 5), round(difference**0.5, 5)]
    return spread


def _within(values: Points, group: NDArray[np.intp], used: NDArray[np.bool_]) -> float:
    """Return the mean variance of values within groups."""
    return float(np.mean([values[used & (group == g)].var() for g in np.unique(group)]))

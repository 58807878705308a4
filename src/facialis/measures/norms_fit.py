"""Fit the asymmetry of healthy faces: pose regression, covariance, spread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.measures.norms import Norm, View, pose_terms, spread_terms
from facialis.measures.norms_faces import LesionReading, Reading
from facialis.measures.static import DEFINITIONS, Sides, measure_sides
from facialis.measures.symmetry import asymmetry

Points = NDArray[np.float64]
Mask = NDArray[np.bool_]

_SHRINKAGE: Final = 0.2
_NOISE_FLOOR: Final = 0.003
_LESION_RIDGE: Final = 0.1
_LESION_WEIGHT: Final = 0.5
_FRONTAL_WITHIN: Final = 8.0


@dataclass(frozen=True)
class Material:
    """Healthy readings and simulated lesions, with what is computed from them.

    Attributes:
        healthy: Readings of photographs and turned renders.
        weak: Readings of simulated lesions.
        asymmetry: (N, F) of the healthy readings.
        weak_asymmetry: (M, F) of the lesions.
        sides: Clinical measures of the healthy readings.
    """

    healthy: Sequence[Reading]
    weak: Sequence[LesionReading]
    asymmetry: Points
    weak_asymmetry: Points
    sides: Sequence[Mapping[str, Sides]]

    @property
    def views(self) -> list[View]:
        """Circumstances of the healthy readings."""
        return [r.view for r in self.healthy]

    @property
    def weak_views(self) -> list[View]:
        """Circumstances of the lesions."""
        return [r.view for r in self.weak]

    @property
    def weak_sides(self) -> Points:
        """For each lesion 1 if it is on the left and -1 if on the right (M,)."""
        return np.array([1.0 if r.side is Side.LEFT else -1.0 for r in self.weak])

    def where(self, test: Callable[[Reading], bool]) -> Mask:
        """Return which healthy readings pass a test."""
        return np.array([test(r) for r in self.healthy])

    def chosen(self, kinds: Collection[str], people: Collection[str]) -> tuple[Mask, Mask]:
        """Return which healthy readings and which lesions are of these kinds and people."""
        healthy = [r.condition in kinds and r.subject in people for r in self.healthy]
        weak = [r.condition in kinds and r.subject in people for r in self.weak]
        return np.array(healthy), np.array(weak)

    @property
    def people(self) -> list[str]:
        """The people, in order."""
        return sorted({r.subject for r in self.healthy})


def gather(healthy: Sequence[Reading], weak: Sequence[LesionReading]) -> Material:
    """Compute asymmetry and clinical measures of readings."""
    return Material(
        healthy,
        weak,
        asymmetry(np.array([r.face for r in healthy])),
        asymmetry(np.array([r.face for r in weak])),
        [measure_sides(r.face) for r in healthy],
    )


def fit_norm(material: Material, kinds: Collection[str], people: Collection[str]) -> Norm:
    """Fit the norm of one condition.

    Args:
        material: Readings.
        kinds: Conditions of the readings that count.
        people: Whose readings count.
    """
    rows, weak = material.chosen(kinds, people)
    terms = pose_terms([v for v, used in zip(material.views, rows, strict=True) if used])
    pose, residual = regressed(terms, material.asymmetry[rows])
    covariance = _regularised(residual.T @ residual / len(residual))
    measure_pose, measure_sd = {}, {}
    for name, difference in _differences(material).items():
        fit, rest = regressed(terms, difference[rows, None])
        measure_pose[name], measure_sd[name] = fit[:, 0], float(np.sqrt((rest**2).mean()))
    norm = Norm(
        pose=pose,
        covariance=covariance,
        lesions=lesion_covariance(material, weak, covariance),
        spread=np.zeros(spread_terms([View(0.0, 0.0, 0.0)]).shape[1]),
        frontal_spread=0.0,
        measure_pose=measure_pose,
        measure_sd=measure_sd,
    )
    return _with_spread(norm, material, rows)


def _regularised(covariance: Points) -> Points:
    """Shrink towards uncorrelated features and add the landmarks' own noise (about 0.3 mm).

    Without it the distance would trust correlations that a few dozen people cannot establish.
    """
    apart = np.diag(np.diag(covariance))
    noise = _NOISE_FLOOR**2 * np.eye(len(covariance))
    return np.asarray((1 - _SHRINKAGE) * covariance + _SHRINKAGE * apart + noise)


def _with_spread(norm: Norm, material: Material, rows: Mask) -> Norm:
    views = [v for v, used in zip(material.views, rows, strict=True) if used]
    distances = norm.distances(material.asymmetry[rows], views)
    terms = spread_terms(views)
    spread = np.linalg.lstsq(terms, np.log(np.maximum(distances, 1e-6)), rcond=None)[0]
    frontal = [abs(v.yaw) < _FRONTAL_WITHIN and abs(v.pitch) < _FRONTAL_WITHIN for v in views]
    reference = float((terms @ spread)[frontal].mean()) if any(frontal) else 0.0
    return replace(norm, spread=spread, frontal_spread=reference)


def regressed(terms: Points, values: Points) -> tuple[Points, Points]:
    """Regress values (N, K), which mirroring negates as it does the terms; return fit and rest."""
    fit = np.linalg.lstsq(terms, values, rcond=None)[0]
    return fit, values - terms @ fit


def _differences(material: Material) -> dict[str, Points]:
    return {
        d.name: np.array([s[d.name].left - s[d.name].right for s in material.sides])
        for d in DEFINITIONS
    }


def _added_by_lesions(material: Material) -> Points:
    """Asymmetry (M, F) of each lesion less that of its healthy photograph as taken."""
    own = {
        (r.subject, r.condition): a
        for r, a in zip(material.healthy, material.asymmetry, strict=True)
        if not r.rendered
    }
    before = np.array([own[r.subject, r.condition] for r in material.weak])
    return np.asarray(material.weak_asymmetry - before)


def lesion_covariance(material: Material, weak: Mask, healthy: Points) -> Points:
    """Return the covariance (F, F) that lesions add, ridged by the healthy variances.

    Both sides are alike: the mean is zero.

    Args:
        material: Readings.
        weak: Which lesions count.
        healthy: (F, F) covariance of healthy faces.
    """
    added = _added_by_lesions(material)[weak]
    ridge = _LESION_RIDGE * np.diag(np.diag(healthy))
    return np.asarray(_LESION_WEIGHT * (added.T @ added / len(added) + ridge))


def lesion_prototypes(material: Material) -> Points:
    """Mean asymmetry (4, F) of left lesions: flaccid and synkinetic, each at rest and smiling."""
    added = _added_by_lesions(material) * material.weak_sides[:, None]
    synkinetic = np.array([r.lesion.synkinetic for r in material.weak])
    smiling = np.array([r.condition == "smile" for r in material.weak])
    groups = [(synkinetic == s) & (smiling == m) for s in (False, True) for m in (False, True)]
    return np.array([added[g].mean(axis=0) for g in groups])

"""Fit what lesions add to the asymmetry of a face in each movement, and how sure of a side that is.

The directions come from simulated lesions, the spread that they are weighed by mostly from the
healthy people of the norms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.measures.norms import NormTable, default_norms
from facialis.measures.side import LESIONS_FORMAT, MovementLesions, movement_evidence
from facialis.measures.symmetry import FEATURES
from facialis.training.conformal import FOLDS, share
from facialis.training.healthy_distance import evidence_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from facialis.datasets.manifest import Manifest
    from facialis.grading.cuts import Measured

Floats = NDArray[np.float64]

LEAST: Final = 2 * len(FEATURES)
"""Pictures that the lesions of a movement are told from at least."""
_TEMPERS: Final = np.linspace(0.05, 1.5, 146)


@dataclass(frozen=True, slots=True, eq=False)
class Lesioned:
    """Pictures of palsies whose side and movement are known.

    Attributes:
        residual: (n, F) asymmetry that pose does not explain, in parts of the healthy spread.
        towards: (n,) 1 if the lesion is on the left, -1 on the right.
        called: (n,) whether the comparison with healthy faces calls the picture a palsy.
        movement: (n,)
        people: (n,)
    """

    residual: Floats
    towards: Floats
    called: NDArray[np.bool_]
    movement: NDArray[np.str_]
    people: NDArray[np.str_]

    def part(self, rows: NDArray[np.intp]) -> Lesioned:
        """Return some of the pictures."""
        return Lesioned(*(getattr(self, name)[rows] for name in Lesioned.__slots__))

    def lesions(self) -> dict[Movement, MovementLesions]:
        """Return the lesions of each movement that enough pictures show."""
        found = {}
        for name in sorted(set(self.movement.tolist())):
            rows = self.movement == name
            if rows.sum() >= LEAST:
                left = self.residual[rows] * self.towards[rows, None]
                found[Movement(name)] = MovementLesions(left.mean(axis=0), np.cov(left.T))
        return found


def lesioned(manifest: Manifest, progress: Callable[[int, int], None] | None = None) -> Lesioned:
    """Read the palsies of a framed cohort.

    Args:
        manifest: Data with side and movement.
        progress: Called with pictures done and in all.

    Raises:
        InputError: There are too few, or too few people.
    """
    norms = default_norms()
    threshold = norms.calibration["threshold"]
    rows = [row for row in manifest.rows if row.side is not None and row.movement is not None]
    if len({row.subject for row in rows}) < FOLDS:
        raise InputError(
            manifest.title,
            f"shows palsies of known side and movement of fewer than {FOLDS} people",
            "give a cohort of 'facialis simulate cohort' that 'facialis data frame' framed",
        )
    residual, called = [], []
    for number, row in enumerate(rows, start=1):
        read = evidence_of(row, manifest)
        norm, condition = norms.for_movement(read.movement)
        residual.append(norm.residual(read.asymmetry, read.view) / norm.spread_at(read.view))
        distance = norm.distance(read.asymmetry, read.view)
        called.append(distance >= float(threshold[condition or "any"]))
        if progress is not None:
            progress(number, len(rows))
    return Lesioned(
        residual=np.array(residual),
        towards=np.array([1.0 if row.side is Side.LEFT else -1.0 for row in rows]),
        called=np.array(called),
        movement=np.array([str(row.movement) for row in rows]),
        people=np.array([row.subject for row in rows]),
    )


def evidence(
    pictures: Lesioned, lesions: Mapping[Movement, MovementLesions], norms: NormTable
) -> Floats:
    """Return the evidence (n,) for left over right of each picture; 0 if there is none."""
    found = np.zeros(len(pictures.towards))
    for number, (name, residual) in enumerate(
        zip(pictures.movement.tolist(), pictures.residual, strict=True)
    ):
        movement = Movement(name)
        if movement in lesions:
            norm, _ = norms.for_movement(movement)
            found[number] = movement_evidence(norm, lesions[movement], residual, 1.0)
    return found


def unseen_evidence(pictures: Lesioned) -> Floats:
    """Return the evidence (n,) from lesions of other people."""
    found = np.empty(len(pictures.towards))
    norms = default_norms()
    for train, test in GroupKFold(FOLDS).split(pictures.residual, groups=pictures.people):
        found[test] = evidence(pictures.part(test), pictures.part(train).lesions(), norms)
    return found


def honest_temper(towards_truth: Floats) -> float:
    """Return the factor that makes log odds of evidence (n,) for the side that is affected."""
    losses = [float(np.logaddexp(0, -factor * towards_truth).mean()) for factor in _TEMPERS]
    return round(float(_TEMPERS[int(np.argmin(losses))]), 3)


def fitted(pictures: Lesioned, title: str) -> tuple[dict[str, Any], dict[str, Measured]]:
    """Return the lesions as the JSON object that is written, and how often the side is right.

    Args:
        pictures: Palsies.
        title: Of the data.

    Raises:
        InputError: No movement is shown often enough, or no palsy is called.
    """
    if not pictures.called.any():
        raise InputError(
            title,
            "shows no palsy that the comparison with healthy faces calls",
            "give stronger lesions",
        )
    towards_truth = unseen_evidence(pictures) * pictures.towards
    told = towards_truth != 0
    called = pictures.called & told
    people = len(set(pictures.people.tolist()))
    lesions = pictures.lesions()
    if not lesions:
        raise InputError(
            title,
            f"shows fewer than {LEAST} palsies in every movement",
            "give more people, or more pictures of each",
        )
    table = {
        "format": LESIONS_FORMAT,
        "note": f"{title}: {len(told):,} pictures of {people} people with a lesion.",
        "features": list(FEATURES),
        "temper": honest_temper(towards_truth[called]),
        "movements": {
            name.value: {"mean": _rounded(each.mean), "covariance": _rounded(each.covariance)}
            for name, each in lesions.items()
        },
    }
    right = towards_truth > 0
    return table, {
        "side right, of palsies that are called": share(right[called], pictures.people[called]),
        "side right, of all palsies": share(right[told], pictures.people[told]),
    }


def _rounded(values: Floats) -> Any:
    return np.vectorize(lambda v: float(f"{v:.5g}"))(values).tolist()

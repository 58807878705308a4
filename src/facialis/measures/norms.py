"""Deviations from healthy faces, as z-scores that know the head's pose.

A norm is a model of the signed asymmetry of healthy faces: a regression on yaw and pitch (the
landmarker's own pose-dependent error is in it, because it was learned on turned photographs), the
covariance of what is left, and by how much that grows with the turn of the head and the misfit of
its rigid points. The distance of a face from it is counted along directions in which
palsy moves faces:

    distance² = rᵀ (S⁻¹ - (S + L)⁻¹) r / g²

where r is the residual asymmetry, S its healthy covariance, L the covariance that lesions add and
g the expected spread at this pose: twice the logarithm of the likelihood ratio between a face with
a lesion and a healthy one, up to a constant.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Region
from facialis.errors import WeightsError
from facialis.measures.static import Repeatability
from facialis.measures.symmetry import FEATURES

if TYPE_CHECKING:
    from pathlib import Path

Points = NDArray[np.float64]

FORMAT: Final = 1
DEFAULT_NORMS: Final = "data/norms-london-mediapipe-0.10.21.json"

_YAW_UNIT, _PITCH_UNIT = 20.0, 20.0
_USUAL_DISAGREEMENT, _MISFIT_UNIT = 0.013, 0.025
_LARGEST_YAW, _LARGEST_PITCH = 30.0, 22.0
_LARGEST_MISFIT = 0.06
_LEAST_SPREAD: Final = 0.8
_NOISE_RANGE: Final = (0.7, 3.0)

_CONDITIONS: Final = {None: "any", Movement.REST: "rest", Movement.SMILE: "smile"}


@dataclass(frozen=True, slots=True)
class NormComparison:
    """How one face compares with healthy faces.

    Attributes:
        name: Name of the norm table.
        sha256: Digest of the norm table.
        people: How many people it rests on.
        condition: The norm used: ``rest``, ``smile`` or ``any``; None if the movement has none.
        z: z-score of the signed asymmetry of each measure, positive when the patient's left side is
            the larger (or higher) one; empty if there is no norm for the movement.
        age_in_range: Whether the stated age lies within the norm's ages; None if no age was given.
        age_range: Youngest and oldest person in the norm, years.
        note: On whom and how the norm was made, in one sentence.
    """

    name: str
    sha256: str
    people: int
    condition: str | None
    z: dict[str, float]
    age_in_range: bool | None
    age_range: tuple[int, int]
    note: str


@dataclass(frozen=True, slots=True)
class View:
    """The circumstances of a reading that a norm allows for.

    Attributes:
        yaw: Degrees, positive to the patient's left.
        pitch: Degrees, positive chin up.
        misfit: Of the rigid points from the mean face, in interocular distances.
    """

    yaw: float
    pitch: float
    misfit: float


def pose_terms(views: Sequence[View]) -> Points:
    """Return the terms (N, 4) that asymmetry is regressed on; odd in yaw, so mirroring negates."""
    yaw, pitch, _ = _clipped(views)
    return np.column_stack((yaw, yaw * pitch, yaw**3, yaw * pitch**2))


def spread_terms(views: Sequence[View]) -> Points:
    """Return the terms (N, 6) that the logarithm of the healthy distance is regressed on."""
    yaw, pitch, misfit = _clipped(views)
    return np.column_stack((np.ones_like(yaw), np.abs(yaw), yaw**2, pitch, pitch**2, misfit))


def _clipped(views: Sequence[View]) -> tuple[Points, Points, Points]:
    raw = np.array([(v.yaw, v.pitch, v.misfit) for v in views])
    return (
        np.clip(raw[:, 0], -_LARGEST_YAW, _LARGEST_YAW) / _YAW_UNIT,
        np.clip(raw[:, 1], -_LARGEST_PITCH, _LARGEST_PITCH) / _PITCH_UNIT,
        np.clip(raw[:, 2], 0, _LARGEST_MISFIT) / _MISFIT_UNIT,
    )


@dataclass(frozen=True)
class Norm:
    """The asymmetry of healthy faces in one condition.

    Attributes:
        pose: (4, F) regression of asymmetry on `pose_terms`.
        covariance: (F, F) of the residual.
        lesions: (F, F) covariance that lesions add.
        spread: (6,) regression of the log distance on `spread_terms`.
        frontal_spread: Its mean on frontal photographs; the spread is 1 there.
        measure_pose: For each clinical measure the (4,) regression of left less right.
        measure_sd: For each clinical measure the standard deviation of the residual.
    """

    pose: Points
    covariance: Points
    lesions: Points
    spread: Points
    frontal_spread: float
    measure_pose: Mapping[str, Points]
    measure_sd: Mapping[str, float]

    def residual(self, asymmetry: Points, view: View) -> Points:
        """Return the asymmetry (F,) that pose does not explain."""
        return np.asarray(asymmetry - pose_terms([view])[0] @ self.pose)

    def spread_at(self, view: View) -> float:
        """Return by what factor healthy faces spread more than in a frontal photograph."""
        log = float(spread_terms([view])[0] @ self.spread) - self.frontal_spread
        return max(_LEAST_SPREAD, float(np.exp(log)))

    @cached_property
    def _whole(self) -> Points:
        return evidence_matrix(self.covariance, self.lesions)

    @cached_property
    def precision(self) -> Points:
        """Inverse (F, F) of the healthy covariance."""
        return np.linalg.inv(self.covariance)

    @cached_property
    def _by_regions(self) -> dict[frozenset[Region], Points]:
        return {}

    def evidence(self, regions: frozenset[Region]) -> Points:
        """Return the matrix (F, F) of the squared distance, counting only some regions."""
        if regions == frozenset(Region):
            return self._whole
        known = self._by_regions.get(regions)
        if known is None:
            rows = [i for i, r in enumerate(FEATURES.values()) if r in regions]
            part = np.ix_(rows, rows)
            known = np.zeros_like(self.covariance)
            known[part] = evidence_matrix(self.covariance[part], self.lesions[part])
            self._by_regions[regions] = known
        return known

    def distance(
        self, asymmetry: Points, view: View, regions: frozenset[Region] = frozenset(Region)
    ) -> float:
        """Return how far a face is from healthy ones, in regions that can be judged."""
        return float(self.distances(asymmetry[None], [view], regions)[0])

    def distances(
        self,
        asymmetry: Points,
        views: Sequence[View],
        regions: frozenset[Region] = frozenset(Region),
    ) -> Points:
        """Return the distance (N,) of each of many faces (N, F)."""
        residual = asymmetry - pose_terms(views) @ self.pose
        squared = np.einsum("ni,ij,nj->n", residual, self.evidence(regions), residual)
        log = spread_terms(views) @ self.spread - self.frontal_spread
        spread = np.maximum(_LEAST_SPREAD, np.exp(log))
        return np.asarray(np.sqrt(np.maximum(0.0, squared)) / spread)

    def z_scores(self, differences: Mapping[str, float], view: View) -> dict[str, float]:
        """Return the z-score of each clinical measure's left less right."""
        terms, spread = pose_terms([view])[0], self.spread_at(view)
        return {
            name: (value - float(terms @ self.measure_pose[name])) / self.measure_sd[name] / spread
            for name, value in differences.items()
            if name in self.measure_pose
        }


def evidence_matrix(healthy: Points, lesions: Points) -> Points:
    """Return S⁻¹ - (S + L)⁻¹."""
    return np.asarray(np.linalg.inv(healthy) - np.linalg.inv(healthy + lesions))


@dataclass(frozen=True)
class NormTable:
    """A norm table as read from its file.

    Attributes:
        name: Name of the table.
        sha256: Digest of the file.
        version: Version of the table.
        licence: SPDX identifier of the photographs behind it.
        backend: The landmarker that it belongs to.
        people: How many people.
        age_range: Youngest and oldest, years.
        note: On whom and how, in one sentence.
        norms: By condition: ``rest``, ``smile``, ``any``.
        repeatability: Of each clinical measure.
        prototypes: (4, F) asymmetry that a left lesion adds: flaccid and synkinetic, each at rest
            and smiling.
        calibration: What else grading needs; see `facialis.grading.photograph`.
    """

    name: str
    sha256: str
    version: str
    licence: str
    backend: str
    people: int
    age_range: tuple[int, int]
    note: str
    norms: Mapping[str, Norm]
    repeatability: Mapping[str, Repeatability]
    prototypes: Points
    calibration: Mapping[str, Any]

    def for_movement(self, movement: Movement | None) -> tuple[Norm, str | None]:
        """Return the norm to compare with, and its condition, None if the movement has none."""
        condition = _CONDITIONS.get(movement)
        return self.norms[condition or "any"], condition

    def noise(self, disagreement: float) -> float:
        """Return how much less sure landmarks are than those behind `repeatability`.

        Args:
            disagreement: Of the two orientations' landmarks, in interocular distances.
        """
        return float(np.clip(disagreement / _USUAL_DISAGREEMENT, *_NOISE_RANGE))

    def compare(
        self,
        differences: Mapping[str, float],
        view: View,
        *,
        movement: Movement | None,
        age: int | None,
    ) -> NormComparison:
        """Compare the clinical measures of one face with healthy faces.

        Args:
            differences: Left less right of each measure, interocular units or degrees.
            view: Circumstances of the reading.
            movement: What the patient was asked to do; None stands for any expression.
            age: Years, if known.
        """
        norm, condition = self.for_movement(movement)
        youngest, oldest = self.age_range
        return NormComparison(
            name=self.name,
            sha256=self.sha256,
            people=self.people,
            condition=condition,
            z=norm.z_scores(differences, view) if condition else {},
            age_in_range=None if age is None else youngest <= age <= oldest,
            age_range=self.age_range,
            note=self.note,
        )


def read_norms(path: Path) -> NormTable:
    """Read a norm table.

    Raises:
        WeightsError: The file is missing or is not a norm table of this version.
    """
    try:
        return _parsed(path.read_bytes(), str(path))
    except OSError as error:
        raise WeightsError(
            f"{path}: the norm table cannot be read ({error.strerror}); name a table that "
            "'facialis norms build' wrote."
        ) from error


@lru_cache(maxsize=1)
def default_norms() -> NormTable:
    """Return the norm table that is shipped with the package."""
    resource = files("facialis.measures").joinpath(DEFAULT_NORMS)
    return _parsed(resource.read_bytes(), DEFAULT_NORMS)


def _parsed(data: bytes, name: str) -> NormTable:
    try:
        table = json.loads(data)
        if table["format"] != FORMAT or table["features"] != list(FEATURES):
            raise ValueError("made for another version")
        return NormTable(
            name=table["name"],
            sha256=hashlib.sha256(data).hexdigest(),
            version=table["version"],
            licence=table["licence"],
            backend=table["backend"],
            people=table["people"]["count"],
            age_range=(table["people"]["youngest"], table["people"]["oldest"]),
            note=table["note"],
            norms={condition: _norm(norm) for condition, norm in table["conditions"].items()},
            repeatability={k: Repeatability(*v) for k, v in table["repeatability"].items()},
            prototypes=np.array(table["calibration"]["prototypes"]),
            calibration=table["calibration"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{name}: not a norm table of this version ({error}); "
            "build one with: facialis norms build FACES --out FILE."
        ) from error


def _norm(entry: Mapping[str, Any]) -> Norm:
    return Norm(
        pose=np.array(entry["pose"]),
        covariance=np.array(entry["covariance"]),
        lesions=np.array(entry["lesions"]),
        spread=np.array(entry["spread"]),
        frontal_spread=float(entry["frontal_spread"]),
        measure_pose={k: np.array(v) for k, v in entry["measure_pose"].items()},
        measure_sd=dict(entry["measure_sd"]),
    )

"""Assessments with made-up numbers: plausible to look at, and measured on nobody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from facialis.clinical.anatomy import AffectedSide, Intensity, Region
from facialis.face import mesh
from facialis.face.quality import Quality, Reason, ReasonCode
from facialis.grading.photograph import RegionFinding, RegionFindings, Severity, Verdict
from facialis.measures.norms import NormComparison
from facialis.measures.values import Measure, MeasureTable, Scale, SidedValue
from facialis.report.model import (
    Assessment,
    FaceRecord,
    InputRecord,
    Pose,
    Provenance,
    Stated,
    WeightsRecord,
)
from facialis.report.picture import crop_around

INTEROCULAR_MM = 92.0

LENGTHS = (
    ("brow_height", "Brow height", Region.BROW, 24.6, 20.1, -3.4),
    ("mrd1", "Upper lid to iris centre (MRD1)", Region.EYE, 3.4, 4.6, 2.4),
    ("mrd2", "Lower lid to iris centre (MRD2)", Region.EYE, 5.2, 6.9, 2.9),
    ("fissure_height", "Palpebral fissure height", Region.EYE, 8.6, 11.5, 3.1),
    ("commissure_position", "Commissure position", Region.MOUTH, 31.8, 24.0, -5.8),
    ("commissure_height", "Commissure height", Region.MOUTH, 2.4, -4.1, -6.2),
    ("dental_show", "Dental show", Region.MOUTH, 4.8, 1.1, -2.2),
    ("lower_lip_height", "Lower lip height", Region.MOUTH, 33.1, 31.9, -0.7),
)
AREAS = (
    ("eye_area", "Eye area", Region.EYE, 189.0, 251.0, 2.8),
    ("interlabial_area", "Interlabial area", Region.MOUTH, 71.0, 18.0, -2.5),
)
ANGLES = (
    ("smile_angle", "Smile angle", Region.MOUTH, 97.2, 82.9, -5.1),
    ("upper_lip_slope", "Upper lip slope", Region.MOUTH, 4.4, -9.6, -4.4),
)
GAPS = (
    ("commissure_height_deviation", "Commissure height deviation", Region.MOUTH, 6.5),
    ("upper_lip_height_deviation", "Upper lip height deviation", Region.MOUTH, 3.1),
    ("lower_lip_height_deviation", "Lower lip height deviation", Region.MOUTH, 2.7),
)
ORDER = (
    "brow_height",
    "mrd1",
    "mrd2",
    "fissure_height",
    "eye_area",
    "commissure_position",
    "commissure_height",
    "commissure_height_deviation",
    "smile_angle",
    "upper_lip_slope",
    "upper_lip_height_deviation",
    "lower_lip_height_deviation",
    "dental_show",
    "interlabial_area",
    "lower_lip_height",
    "nasolabial_fold_angle",
    "lagophthalmos",
)


def sided(right: float, left: float, sd: float) -> SidedValue:
    """Return both sides with their absolute difference."""
    return SidedValue(right, left, abs(right - left), sd, sd, 1.4 * sd)


def scaled(value: SidedValue, by: float) -> SidedValue:
    """Return the value in another unit."""
    return SidedValue(*(None if v is None else v * by for v in _fields(value)))  # type: ignore[arg-type]


def _fields(value: SidedValue) -> tuple[float | None, ...]:
    return (
        value.right,
        value.left,
        value.difference,
        value.right_sd,
        value.left_sd,
        value.difference_sd,
    )


def _percent(right: float, left: float) -> float | None:
    return None if min(right, left) < 0 else 100 * abs(right - left) / max(right, left)


def measure_items(with_mm: bool) -> tuple[Measure, ...]:
    """Return one made-up row for every measure of the clinical table."""
    unit = 1 / INTEROCULAR_MM
    items = []
    for name, label, region, right, left, _ in LENGTHS:
        mm = sided(right, left, 0.4)
        items.append(
            Measure(
                name,
                label,
                region,
                "length",
                scaled(mm, unit),
                mm if with_mm else None,
                percent=_percent(right, left),
            )
        )
    for name, label, region, right, left, _ in AREAS:
        mm = sided(right, left, 9.0)
        items.append(
            Measure(
                name,
                label,
                region,
                "area",
                scaled(mm, unit**2),
                mm if with_mm else None,
                percent=_percent(right, left),
            )
        )
    for name, label, region, right, left, _ in ANGLES:
        items.append(Measure(name, label, region, "angle", degrees=sided(right, left, 1.2)))
    for name, label, region, gap in GAPS:
        mm = SidedValue(None, None, gap, None, None, 0.5)
        items.append(
            Measure(name, label, region, "length", scaled(mm, unit), mm if with_mm else None)
        )
    items.append(
        Measure(
            "nasolabial_fold_angle",
            "Nasolabial fold angle",
            Region.MOUTH,
            "angle",
            not_measured="the fold cannot be found from landmarks alone",
        )
    )
    items.append(
        Measure(
            "lagophthalmos",
            "Lagophthalmos",
            Region.EYE,
            "length",
            not_measured="measured when the eyes are closed on request",
        )
    )
    return tuple(sorted(items, key=lambda item: ORDER.index(item.name)))


def z_scores() -> dict[str, float]:
    """Return made-up z-scores for the measures that have two sides."""
    return {row[0]: row[5] for row in (*LENGTHS, *AREAS, *ANGLES)}


def verdict(**changes: Any) -> Verdict:
    """Return a made-up verdict of a clear left palsy."""
    weak = AffectedSide.LEFT
    values: dict[str, Any] = {
        "palsy_probability": 0.93,
        "side": weak,
        "side_computed": weak,
        "side_confidence": 0.97,
        "side_stated": None,
        "regions": RegionFindings(
            brow=RegionFinding(Intensity.SLIGHT, 2.1, weak, limits=(1.8, 2.3)),
            eye=RegionFinding(Intensity.NONE, 1.3, AffectedSide.UNCERTAIN, limits=(2.3, 3.0)),
            mouth=RegionFinding(Intensity.STRONG, 6.1, weak, limits=(3.1, 4.0)),
        ),
        "severity": Severity(
            62.0, 45.0, 78.0, "the distance from healthy faces; estimated from one photograph"
        ),
        "distance": 9.7,
        "threshold": 6.0,
        "remarks": (
            "The probability assumes that palsy and health are equally likely beforehand (50 %).",
        ),
    }
    return Verdict(**(values | changes))


def quality(**changes: Any) -> Quality:
    """Return a made-up clean quality record."""
    values: dict[str, Any] = {
        "usable": True,
        "reasons": (),
        "excluded_regions": (),
        "interocular_px": 412.0,
        "sharpness": 0.71,
        "brightness": 131.0,
        "side_light": 0.08,
        "landmark_disagreement": 0.61,
    }
    return Quality(**(values | changes))


def template_landmarks(centre: tuple[float, float], interocular: float) -> NDArray[np.float64]:
    """Return the mean face (478, 3) placed on a photograph, in pixels."""
    points = mesh.TEMPLATE * interocular
    points[:, 0] += centre[0]
    points[:, 1] += centre[1]
    return points


def build(
    *,
    photograph: NDArray[np.uint8] | None = None,
    landmarks: NDArray[np.float64] | None = None,
    name: str = "examination/astronaut.png",
    with_mm: bool = True,
    with_norm: bool = True,
    with_picture: bool = True,
    **changes: Any,
) -> Assessment:
    """Return an assessment of the astronaut portrait with made-up numbers."""
    photograph = skimage.data.astronaut() if photograph is None else photograph
    if landmarks is None:
        landmarks = template_landmarks((222.0, 112.0), 62.0)
    low, high = landmarks.min(0), landmarks.max(0)
    interocular_px = float(np.linalg.norm(landmarks[33] - landmarks[263]))
    scale = Scale(
        mm_per_px=INTEROCULAR_MM / interocular_px if with_mm else None,
        mm_per_px_sd=0.04 * INTEROCULAR_MM / interocular_px if with_mm else None,
        source="iris" if with_mm else "none",
        interocular_px=interocular_px,
        interocular_mm=INTEROCULAR_MM if with_mm else None,
        note="visible iris taken as 11.7 mm" if with_mm else "the irises are hidden",
    )
    values: dict[str, Any] = {
        "input": InputRecord(
            path=name,
            sha256="5e1c" * 16,
            width=photograph.shape[1],
            height=photograph.shape[0],
            mirrored=False,
        ),
        "stated": Stated(),
        "quality": quality(),
        "face": FaceRecord(
            index=0,
            count=1,
            box=(low[0], low[1], high[0], high[1]),
            pose=Pose(yaw=3.2, pitch=-4.1, roll=1.4),
            landmarks=tuple(tuple(map(float, p)) for p in landmarks),
            expressions={"mouthSmileLeft": 0.21, "mouthSmileRight": 0.74},
        ),
        "measures": MeasureTable("frontal", scale, measure_items(with_mm)),
        "norms": NormComparison(
            name="london-test",
            sha256="77aa" * 16,
            people=71,
            condition="any" if with_norm else None,
            z=z_scores() if with_norm else {},
            age_in_range=None,
            age_range=(18, 54),
            note="TEST VALUES: 71 healthy adults at rest and smiling, turned by up to 28 degrees.",
        ),
        "verdict": verdict(),
        "provenance": Provenance(
            backend="mediapipe 0.10.21 face mesh",
            provider="CPUExecutionProvider",
            precision="fp32",
            weights=(
                WeightsRecord(
                    name="expressions", sha256="ab12" * 16, version="1", licence="Apache-2.0"
                ),
            ),
            versions={"facialis": "0.1.0", "mediapipe": "0.10.21", "onnxruntime": "1.31.1"},
            created=datetime(2026, 11, 20, 12, 3, 4, tzinfo=UTC),
        ),
    }
    assessment = Assessment(**(values | changes))
    if not with_picture:
        return assessment
    return assessment.with_picture(crop_around(photograph, assessment.face.box))


def build_unusable(**changes: Any) -> Assessment:
    """Return an assessment of a photograph that cannot be judged."""
    reasons = (
        Reason(
            ReasonCode.HEAD_TURNED, "The head is turned by 34 degrees; the limit is 25 degrees."
        ),
        Reason(ReasonCode.BLURRED, "The face is blurred: sharpness 0.08, at least 0.20 is needed."),
    )
    judged = quality(usable=False, reasons=reasons)
    return build(quality=judged, verdict=None, **changes)


def build_excluded(**changes: Any) -> Assessment:
    """Return an assessment with the brow left out."""
    reason = Reason(
        ReasonCode.OCCLUDED,
        "Something covers the patient's right brow (hair or a hand).",
        Region.BROW,
    )
    why = "covered on the patient's right"
    found = verdict(
        regions=RegionFindings(
            brow=RegionFinding(None, None, AffectedSide.UNCERTAIN, why),
            eye=RegionFinding(Intensity.SLIGHT, 2.2, AffectedSide.LEFT),
            mouth=RegionFinding(Intensity.STRONG, 6.1, AffectedSide.LEFT),
        )
    )
    judged = quality(reasons=(reason,), excluded_regions=(Region.BROW,))
    return build(quality=judged, verdict=found, **changes)


@pytest.fixture(scope="session")
def make() -> Callable[..., Assessment]:
    """Build an assessment with made-up numbers."""
    return build


@pytest.fixture(scope="session")
def make_verdict() -> Callable[..., Verdict]:
    """Build a verdict with made-up numbers."""
    return verdict


@pytest.fixture(scope="session")
def make_quality() -> Callable[..., Quality]:
    """Build a quality record with made-up numbers."""
    return quality


@pytest.fixture(scope="session")
def assessment() -> Assessment:
    """Return a clear left palsy with a picture."""
    return build()


@pytest.fixture(scope="session")
def unusable() -> Assessment:
    """Return a photograph that cannot be judged."""
    return build_unusable()


@pytest.fixture(scope="session")
def excluded() -> Assessment:
    """Return a photograph whose brow is covered."""
    return build_excluded()

"""Mirroring any photograph swaps the sides in every output and changes nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from skimage import data

import facialis
from facialis.clinical.anatomy import Movement
from facialis.face.mesh import MIRROR
from facialis.media.photo import Frame
from facialis.report.model import Assessment

Pixels = NDArray[np.uint8]

OTHER = {"left": "right", "right": "left"}
TOLERANCE = 1e-6
TOLERANCES = {"expression": 1e-4, "confidence": 1e-4, "quality": 3e-4}


def photograph(size: int, crop: int, degrees: float, light: float, noise: int) -> Pixels:
    """The portrait as it might have been taken otherwise."""
    pixels = data.astronaut()[: 420 - crop, 30 + 2 * crop : 430 - crop]
    height, width = pixels.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, size / width)
    turn[:, 2] += np.array([size - width, size * height / width - height]) / 2
    shape = (size, round(size * height / width))
    turned = cv2.warpAffine(pixels, turn, shape, borderMode=cv2.BORDER_REPLICATE)
    grain = np.random.default_rng(noise).normal(0, 3, turned.shape)
    return np.clip(turned * light + grain, 0, 255).astype(np.uint8)


def swapped(value: str) -> str:
    return OTHER.get(value, value)


def outputs(a: Assessment, *, width: float, mirrored: bool) -> dict[str, Any]:
    """Every number of an assessment by name; of a mirrored photograph, told back."""

    def side(name: str) -> str:
        return swapped(name) if mirrored else name

    sign = -1 if mirrored else 1
    points = np.array(a.face.landmarks)
    found: dict[str, Any] = {
        "yaw": sign * a.face.pose.yaw,
        "pitch": a.face.pose.pitch,
        "roll": sign * a.face.pose.roll,
        "landmarks": (points * [-1, 1, 1] + [width, 0, 0])[MIRROR] if mirrored else points,
        "quality": [a.quality.sharpness, a.quality.brightness, a.quality.side_light],
        "steadiness": [a.quality.interocular_px, a.quality.landmark_disagreement],
        "reasons": sorted((r.code, r.region, r.blocks) for r in a.quality.reasons),
        "scale": [a.measures.scale.mm_per_px or 0, a.measures.scale.mm_per_px_sd or 0],
    }
    for name, score in a.face.expressions.items():
        other = name.replace("Left", "#").replace("Right", "Left").replace("#", "Right")
        found[f"expression {other if mirrored else name}"] = score
    for row in a.measures.items:
        found[f"{row.name} percent"] = row.percent
        for unit in ("interocular", "mm", "degrees"):
            value = getattr(row, unit)
            if value is not None:
                found[f"{row.name} {unit} difference"] = [value.difference, value.difference_sd]
                for which in ("right", "left"):
                    sd = getattr(value, f"{which}_sd")
                    found[f"{row.name} {unit} {side(which)}"] = [getattr(value, which), sd]
    found |= {f"z of {name}": sign * z for name, z in a.norms.z.items()}
    if a.verdict is None:
        return found
    verdict = a.verdict
    found["verdict"] = [verdict.palsy_probability, verdict.distance]
    found["confidence"] = verdict.side_confidence
    found["severity"] = [verdict.severity.value, verdict.severity.low, verdict.severity.high]
    found["sides"] = [side(verdict.side), side(verdict.side_computed)]
    for region in ("brow", "eye", "mouth"):
        finding = getattr(verdict.regions, region)
        found[region] = [finding.intensity, side(finding.weaker_side)]
        found[f"{region} deviation"] = finding.deviation
    return found


def assert_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one.keys() == other.keys()
    for name, value in one.items():
        flat = np.ravel(np.array(value, dtype=object))
        expected = np.ravel(np.array(other[name], dtype=object))
        numbers = [isinstance(v, float) for v in flat]
        tolerance = TOLERANCES.get(name.split(" ")[0], TOLERANCE)
        np.testing.assert_allclose(
            flat[numbers].astype(float),
            expected[numbers].astype(float),
            rtol=tolerance,
            atol=tolerance,
            err_msg=name,
        )
        others = np.logical_not(numbers)
        assert flat[others].tolist() == expected[others].tolist(), name


def check(pixels: Pixels, **options: Any) -> Assessment:
    frames = [Frame.from_array(np.ascontiguousarray(p)) for p in (pixels, pixels[:, ::-1])]
    one, other = (facialis.assess(f, **options) for f in frames)
    width = pixels.shape[1]
    assert_same(
        outputs(one, width=width, mirrored=False), outputs(other, width=width, mirrored=True)
    )
    return one


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    size=st.integers(260, 2100),
    crop=st.integers(0, 40),
    degrees=st.one_of(st.floats(-25, 25), st.floats(-180, 180)),
    light=st.floats(0.5, 1.2),
    noise=st.integers(0, 99),
    movement=st.sampled_from([None, *Movement]),
    frame=st.sampled_from(["frontal", "emotrics"]),
)
@example(size=1301, crop=3, degrees=0, light=1, noise=0, movement="smile", frame="frontal")
@example(size=600, crop=0, degrees=185, light=1, noise=0, movement=None, frame="frontal")
@example(size=584, crop=9, degrees=-1.5, light=0.58328, noise=30, movement=None, frame="frontal")
@example(
    size=1533, crop=37, degrees=-1.4364, light=0.78538, noise=19, movement=None, frame="frontal"
)
def test_any_photograph_mirrors(
    size: int,
    crop: int,
    degrees: float,
    light: float,
    noise: int,
    movement: Movement | None,
    frame: str,
) -> None:
    picture = photograph(size, crop, degrees, light, noise)
    try:
        check(picture, movement=movement, frame=frame)
    except facialis.errors.NoFaceError:
        with pytest.raises(facialis.errors.NoFaceError):
            facialis.assess(Frame.from_array(np.ascontiguousarray(picture[:, ::-1])))


def test_a_selfie_file_that_is_said_to_be_mirrored_is_the_photograph(tmp_path: Path) -> None:
    picture = photograph(500, 0, 4, 1, 0)
    plain, selfie = tmp_path / "plain.png", tmp_path / "selfie.png"
    Image.fromarray(picture).save(plain)
    Image.fromarray(np.ascontiguousarray(picture[:, ::-1])).save(selfie)
    one = facialis.assess(plain, movement="smile")
    other = facialis.assess(selfie, movement="smile", mirrored=True)
    assert other.input.mirrored
    assert not one.input.mirrored
    for part in ("face", "quality", "measures", "norms", "verdict"):
        assert getattr(other, part) == getattr(one, part), part


def test_real_photographs_mirror(shared_data: Path) -> None:
    photographs = sorted((shared_data / "faces" / "london").glob("*.jpg"))[::13]
    assert len(photographs) >= 10
    for path in photographs:
        check(np.asarray(Image.open(path).convert("RGB")))


def test_few_healthy_people_are_called_or_refused(shared_data: Path) -> None:
    photographs = sorted((shared_data / "faces" / "london").glob("*.jpg"))[::5]
    assert len(photographs) >= 25
    found = [facialis.assess(path) for path in photographs]
    verdicts = [a.verdict for a in found if a.verdict is not None]
    assert len(verdicts) >= 0.9 * len(found)
    assert sum(v.palsy_probability > 0.5 for v in verdicts) <= 1


def test_canthi_are_as_far_apart_as_in_people(shared_data: Path) -> None:
    photographs = sorted((shared_data / "faces" / "london").glob("*_neutral.jpg"))[::7]
    widths = [facialis.assess(path).measures.scale.interocular_mm for path in photographs]
    # Anthropometry: outer canthi 87 to 91 mm apart on average in adults.
    assert 80 < float(np.mean([w for w in widths if w is not None])) < 95

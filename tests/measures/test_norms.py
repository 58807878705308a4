"""Comparison with healthy faces: what pose explains, regions, signs, and bad tables."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.spatial.distance import mahalanobis

from facialis.clinical.anatomy import Movement, Region
from facialis.errors import WeightsError
from facialis.measures.norms import (
    DEFAULT_NORMS,
    Norm,
    NormTable,
    View,
    evidence_matrix,
    pose_terms,
    read_norms,
    spread_terms,
)
from facialis.measures.static import DEFINITIONS
from facialis.measures.symmetry import FEATURES

Points = NDArray[np.float64]

FRONTAL = View(0.0, 0.0, 0.02)
COUNT = len(FEATURES)
REGION_OF = list(FEATURES.values())

asymmetries = arrays(np.float64, COUNT, elements=st.floats(-0.2, 0.2))
views = st.builds(View, st.floats(-40, 40), st.floats(-30, 30), st.floats(0, 0.08))


def rows_of(*regions: Region) -> list[int]:
    return [i for i, r in enumerate(REGION_OF) if r in regions]


def mirrored_view(view: View) -> View:
    return View(-view.yaw, view.pitch, view.misfit)


@pytest.mark.parametrize("condition", ["rest", "smile", "any"])
def test_the_shipped_norms_are_proper_covariances(norms: NormTable, condition: str) -> None:
    norm = norms.norms[condition]
    for matrix in (norm.covariance, norm.lesions):
        assert matrix.shape == (COUNT, COUNT)
        np.testing.assert_allclose(matrix, matrix.T, rtol=1e-4, atol=1e-8)
        assert np.linalg.eigvalsh(matrix).min() > 0
    assert norm.pose.shape == (pose_terms([FRONTAL]).shape[1], COUNT)
    assert norm.spread.shape == (spread_terms([FRONTAL]).shape[1],)
    assert set(norm.measure_sd) == set(norm.measure_pose) == {d.name for d in DEFINITIONS}
    assert all(sd > 0 for sd in norm.measure_sd.values())


def test_the_shipped_table_says_on_whom_and_how(norms: NormTable) -> None:
    data = files("facialis.measures").joinpath(DEFAULT_NORMS).read_bytes()
    assert norms.sha256 == hashlib.sha256(data).hexdigest()
    assert norms.people == 71
    assert norms.age_range == (18, 54)
    assert "71 healthy people" in norms.note
    assert norms.backend == "mediapipe-0.10.21-facemesh"
    assert norms.licence == "CC-BY-4.0"
    assert set(norms.repeatability) == {d.name for d in DEFINITIONS}


def test_the_shipped_table_rarely_calls_healthy_people_that_it_was_not_fitted_to() -> None:
    table = json.loads(files("facialis.measures").joinpath(DEFAULT_NORMS).read_text("utf-8"))
    photographs, turned = (
        table["checks"][key] for key in ("photographs", "turned_within_20_degrees")
    )
    assert photographs["of"] == 142
    assert photographs["called"] <= 3
    assert turned["of"] > 1000
    assert turned["share"] <= 0.05


@given(asymmetries, views)
def test_a_mirrored_face_is_as_far_and_has_the_negated_residual(
    norms: NormTable, values: Points, view: View
) -> None:
    norm = norms.norms["any"]
    other = mirrored_view(view)
    np.testing.assert_allclose(norm.residual(-values, other), -norm.residual(values, view))
    assert norm.distance(-values, other) == pytest.approx(norm.distance(values, view))
    assert norm.spread_at(other) == pytest.approx(norm.spread_at(view))


@given(views)
def test_what_pose_explains_has_no_distance(norms: NormTable, view: View) -> None:
    norm = norms.norms["rest"]
    explained = pose_terms([view])[0] @ norm.pose
    assert norm.distance(explained, view) == pytest.approx(0, abs=1e-6)


@given(asymmetries)
def test_the_distance_is_that_of_two_mahalanobis_distances(
    norms: NormTable, values: Points
) -> None:
    norm = norms.norms["smile"]
    residual = norm.residual(values, FRONTAL)
    nought = np.zeros(COUNT)
    healthy = mahalanobis(residual, nought, np.linalg.inv(norm.covariance))
    weak = mahalanobis(residual, nought, np.linalg.inv(norm.covariance + norm.lesions))
    expected = np.sqrt(max(0.0, healthy**2 - weak**2)) / norm.spread_at(FRONTAL)
    assert norm.distance(values, FRONTAL) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_lesions_of_no_size_leave_no_evidence() -> None:
    healthy = np.diag([1.0, 2.0])
    np.testing.assert_allclose(evidence_matrix(healthy, np.zeros((2, 2))), 0, atol=1e-15)
    np.testing.assert_allclose(
        evidence_matrix(healthy, 1e9 * np.eye(2)), np.linalg.inv(healthy), atol=1e-8
    )


@given(asymmetries, st.floats(1.01, 5))
def test_the_distance_grows_with_the_residual(
    norms: NormTable, values: Points, factor: float
) -> None:
    norm = norms.norms["rest"]
    view = View(0.0, 0.0, 0.02)
    assert norm.distance(factor * values, view) >= norm.distance(values, view)


@pytest.mark.parametrize("region", Region)
def test_a_region_left_out_takes_no_part(norms: NormTable, region: Region) -> None:
    norm = norms.norms["rest"]
    values = np.zeros(COUNT)
    values[rows_of(region)] = 0.1
    others = frozenset(set(Region) - {region})
    assert norm.distance(values, FRONTAL, others) == pytest.approx(0, abs=1e-9)
    assert norm.distance(values, FRONTAL, frozenset({region})) > 3
    assert norm.distance(values, FRONTAL) > 3


def test_some_regions_are_judged_by_their_own_part_of_the_covariance(norms: NormTable) -> None:
    norm = norms.norms["any"]
    rows = rows_of(Region.EYE, Region.BROW)
    part = np.ix_(rows, rows)
    values = np.random.default_rng(0).normal(0, 0.02, COUNT)
    residual = norm.residual(values, FRONTAL)[rows]
    expected = residual @ evidence_matrix(norm.covariance[part], norm.lesions[part]) @ residual
    regions = frozenset({Region.EYE, Region.BROW})
    for _ in range(2):
        found = norm.distance(values, FRONTAL, regions) * norm.spread_at(FRONTAL)
        assert found == pytest.approx(np.sqrt(expected))


def test_many_distances_are_the_same_as_one_by_one(norms: NormTable) -> None:
    norm = norms.norms["any"]
    rng = np.random.default_rng(1)
    values = rng.normal(0, 0.03, (5, COUNT))
    seen = [View(*v) for v in rng.uniform((-30, -20, 0), (30, 20, 0.05), (5, 3))]
    together = norm.distances(values, seen)
    alone = [norm.distance(a, v) for a, v in zip(values, seen, strict=True)]
    np.testing.assert_allclose(together, alone)


@pytest.mark.parametrize("condition", ["rest", "smile", "any"])
def test_healthy_faces_spread_more_the_more_the_head_is_turned(
    norms: NormTable, condition: str
) -> None:
    norm = norms.norms[condition]
    spread = [norm.spread_at(View(yaw, 0.0, 0.02)) for yaw in (0, 10, 20)]
    assert spread == sorted(spread)
    assert spread[-1] > 1.2 * spread[0]
    assert min(spread) >= 0.8
    assert norm.spread_at(View(60, 0, 0.02)) == norm.spread_at(View(30, 0, 0.02))


def test_terms_are_odd_or_even_in_yaw() -> None:
    one, other = View(14, 8, 0.03), View(-14, 8, 0.03)
    np.testing.assert_array_equal(pose_terms([other]), -pose_terms([one]))
    np.testing.assert_array_equal(spread_terms([other]), spread_terms([one]))


def test_z_scores_are_positive_where_the_left_is_larger(norms: NormTable) -> None:
    norm = norms.norms["rest"]
    up = norm.z_scores({"brow_height": 0.05, "smile_angle": -8.0, "unknown": 1.0}, FRONTAL)
    assert set(up) == {"brow_height", "smile_angle"}
    assert up["brow_height"] > 0 > up["smile_angle"]
    expected = 0.05 / norm.measure_sd["brow_height"] / norm.spread_at(FRONTAL)
    assert up["brow_height"] == pytest.approx(expected)


@given(views, st.floats(-0.3, 0.3))
def test_z_scores_of_a_mirrored_face_are_negated(
    norms: NormTable, view: View, difference: float
) -> None:
    norm = norms.norms["any"]
    one = norm.z_scores({"eye_area": difference}, view)
    other = norm.z_scores({"eye_area": -difference}, mirrored_view(view))
    assert other["eye_area"] == pytest.approx(-one["eye_area"], abs=1e-9)


@pytest.mark.parametrize("movement", [None, *Movement])
def test_only_rest_smile_and_no_movement_have_a_norm(
    norms: NormTable, movement: Movement | None
) -> None:
    norm, condition = norms.for_movement(movement)
    known = {None: "any", Movement.REST: "rest", Movement.SMILE: "smile"}
    assert condition == known.get(movement)
    assert norm is norms.norms[condition or "any"]
    compared = norms.compare({"brow_height": 0.05}, FRONTAL, movement=movement, age=None)
    assert compared.condition == condition
    assert bool(compared.z) is (condition is not None)
    assert compared.age_in_range is None


@pytest.mark.parametrize(
    ("age", "inside"), [(17, False), (18, True), (54, True), (55, False), (90, False)]
)
def test_an_age_outside_the_norms_is_flagged(norms: NormTable, age: int, inside: bool) -> None:
    compared = norms.compare({}, FRONTAL, movement=None, age=age)
    assert compared.age_in_range is inside
    assert compared.age_range == (18, 54)
    assert (compared.name, compared.sha256, compared.people) == (
        norms.name,
        norms.sha256,
        norms.people,
    )


def test_noise_is_relative_to_usual_landmarks_and_bounded(norms: NormTable) -> None:
    assert norms.noise(0.013) == pytest.approx(1)
    assert norms.noise(0.026) == pytest.approx(2)
    assert norms.noise(0.0) == pytest.approx(0.7)
    assert norms.noise(1.0) == pytest.approx(3)


def without(key: str) -> Callable[[dict[str, Any]], None]:
    return lambda table: table.pop(key)


def reordered(table: dict[str, Any]) -> None:
    table["features"] = table["features"][::-1]


def of_another_format(table: dict[str, Any]) -> None:
    table["format"] = 99


def not_a_number(table: dict[str, Any]) -> None:
    table["conditions"]["rest"]["frontal_spread"] = "wide"


@pytest.mark.parametrize(
    "damage",
    [
        without("format"),
        without("conditions"),
        without("people"),
        without("calibration"),
        reordered,
        of_another_format,
        not_a_number,
    ],
)
def test_a_damaged_table_is_named_with_what_to_do(
    tmp_path: Path, damage: Callable[[dict[str, Any]], None]
) -> None:
    table = json.loads(files("facialis.measures").joinpath(DEFAULT_NORMS).read_text("utf-8"))
    damage(table)
    path = tmp_path / "norms.json"
    path.write_text(json.dumps(table), "utf-8")
    with pytest.raises(WeightsError, match=r"norms\.json: .*facialis norms build") as error:
        read_norms(path)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("content", [b"", b"not json", b"[]", b"null", b"{}", b"\xff\xfe\x00"])
def test_what_is_no_table_at_all_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "norms.json"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="not a norm table"):
        read_norms(path)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.json: .*cannot be read"):
        read_norms(tmp_path / "nowhere.json")


def test_the_shipped_table_reads_the_same_from_a_path(norms: NormTable, tmp_path: Path) -> None:
    data = files("facialis.measures").joinpath(DEFAULT_NORMS).read_bytes()
    path = tmp_path / "copy.json"
    path.write_bytes(data)
    again = read_norms(path)
    assert again.sha256 == norms.sha256
    rest: Norm = again.norms["rest"]
    np.testing.assert_array_equal(rest.covariance, norms.norms["rest"].covariance)

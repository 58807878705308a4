"""Signed asymmetry, the side that it speaks for, and simulated lesions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from facialis.clinical.anatomy import Movement, Region, Side
from facialis.errors import WeightsError
from facialis.face import mesh
from facialis.face.mesh import TEMPLATE
from facialis.measures.frames import mirrored_face
from facialis.measures.lesions import Lesion, drawn_lesion, with_lesion
from facialis.measures.norms import NormTable
from facialis.measures.side import (
    LESIONS_SHARE,
    default_lesions,
    guessed_evidence,
    lesion_table,
    movement_evidence,
    side_evidence,
)
from facialis.measures.static import measure_sides
from facialis.measures.symmetry import FEATURES, asymmetry

Points = NDArray[np.float64]

ROW = {name: i for i, name in enumerate(FEATURES)}
SMILE = np.zeros_like(TEMPLATE)
SMILE[:, 0] = (
    0.15 * np.sign(TEMPLATE[:, 0]) * (np.abs(TEMPLATE[:, 0]) > 0.1) * (TEMPLATE[:, 1] > 0.5)
)
SMILE[:, 1] = -0.08 * (np.abs(TEMPLATE[:, 0]) > 0.1) * (TEMPLATE[:, 1] > 0.5)


def crooked(seed: int, size: float = 0.01) -> Points:
    return TEMPLATE + np.random.default_rng(seed).normal(0, size, TEMPLATE.shape)


def test_a_symmetric_face_has_no_asymmetry() -> None:
    np.testing.assert_allclose(asymmetry(TEMPLATE), 0, atol=1e-12)


@given(st.integers(0, 2**32 - 1))
def test_a_mirrored_face_has_the_negated_asymmetry(seed: int) -> None:
    face = crooked(seed)
    np.testing.assert_array_equal(asymmetry(mirrored_face(face)), -asymmetry(face))


@given(st.integers(0, 2**32 - 1))
def test_many_faces_are_the_same_as_one_by_one(seed: int) -> None:
    faces = np.stack([crooked(seed), crooked(seed + 1), TEMPLATE])
    np.testing.assert_allclose(asymmetry(faces), [asymmetry(f) for f in faces], atol=1e-12)


def test_every_region_has_features() -> None:
    assert set(FEATURES.values()) == set(Region)


@pytest.mark.parametrize(
    ("points", "shift", "changes"),
    [
        (mesh.LEFT_BROW_UPPER + mesh.LEFT_BROW_LOWER, (0, -0.03), {"brow_whole": 0.03}),
        ((385, 386, 387), (0, -0.01), {"upper_lid": 0.01, "fissure": 0.01}),
        ((380, 374, 373), (0, 0.01), {"lower_lid": -0.01, "fissure": 0.01}),
        ((291, 308), (0, 0.02), {"commissure_height": -0.02}),
        ((291, 308), (0.02, 0), {"commissure_reach": 0.02}),
        ((0, 13, 14, 17), (0.02, 0), {"lips_shift": 0.04}),
        ((1, 4), (-0.01, 0), {"nose_tip_shift": -0.02}),
        ((263,), (0, -0.02), {"canthal_tilt": -0.02, "brow_middle": -0.01}),
        ((311, 310), (0, -0.01), {"lip_gap": 0.01, "upper_lip_inner": 0.01}),
    ],
)
def test_features_are_left_less_right_in_interocular_units(
    points: tuple[int, ...], shift: tuple[float, float], changes: dict[str, float]
) -> None:
    face = TEMPLATE.copy()
    face[list(points), :2] += shift
    values = asymmetry(face)
    for name, change in changes.items():
        assert values[ROW[name]] == pytest.approx(change), name


def test_eye_area_and_lip_distances_agree_with_the_clinical_table() -> None:
    face = crooked(3)
    values, sides = asymmetry(face), measure_sides(face)
    area = sides["eye_area"]
    assert values[ROW["eye_area"]] == pytest.approx(3 * (area.left - area.right))
    left = np.linalg.norm((face[291] - face[17])[:2])
    right = np.linalg.norm((face[61] - face[17])[:2])
    assert values[ROW["commissure_to_lower_lip"]] == pytest.approx(left - right)


LESIONS = [
    Lesion(0.9, 0.9, 0.9),
    Lesion(0.9, 0.9, 0.9, synkinetic=True),
    Lesion(0.0, 0.0, 0.9),
    Lesion(0.9, 0.0, 0.0),
]


@pytest.mark.parametrize("lesion", LESIONS)
@pytest.mark.parametrize("smile", [None, SMILE], ids=["rest", "smile"])
@pytest.mark.parametrize("side", Side)
def test_a_lesion_on_one_side_is_the_mirror_image_of_one_on_the_other(
    lesion: Lesion, smile: Points | None, side: Side
) -> None:
    one = with_lesion(TEMPLATE, lesion, side, smile=smile, rng=np.random.default_rng(1))
    other = with_lesion(TEMPLATE, lesion, side.opposite, smile=smile, rng=np.random.default_rng(1))
    np.testing.assert_allclose(mirrored_face(one), other, atol=1e-12)


def test_no_weakness_moves_nothing() -> None:
    for synkinetic in (False, True):
        none = Lesion(0, 0, 0, synkinetic)
        face = with_lesion(TEMPLATE, none, Side.LEFT, smile=SMILE, rng=np.random.default_rng(0))
        np.testing.assert_array_equal(face, TEMPLATE)
        assert none.loss == 0


def test_a_flaccid_left_side_hangs_and_the_mouth_is_drawn_to_the_right() -> None:
    face = with_lesion(
        TEMPLATE, Lesion(1, 1, 1), Side.LEFT, smile=None, rng=np.random.default_rng(0)
    )
    values = dict(zip(FEATURES, asymmetry(face), strict=True))
    assert values["brow_whole"] < -0.01
    assert values["fissure"] > 0.005
    assert values["commissure_height"] < -0.02
    assert values["commissure_reach"] < -0.02
    assert values["lips_shift"] < -0.02


def test_synkinesis_narrows_the_eye() -> None:
    face = with_lesion(
        TEMPLATE, Lesion(1, 1, 1, True), Side.LEFT, smile=SMILE, rng=np.random.default_rng(0)
    )
    assert asymmetry(face)[ROW["fissure"]] < -0.02


def test_a_weak_smile_stays_behind() -> None:
    rng = np.random.default_rng(0)
    weak = with_lesion(TEMPLATE + SMILE, Lesion(0, 0, 1), Side.LEFT, smile=SMILE, rng=rng)
    full = TEMPLATE + SMILE
    assert full[291, 0] - weak[291, 0] > 0.1
    assert abs(full[61, 0] - weak[61, 0]) < 0.06


def test_drawn_lesions_span_severities_and_kinds() -> None:
    rng = np.random.default_rng(0)
    drawn = [drawn_lesion(rng) for _ in range(400)]
    losses = np.array([d.loss for d in drawn])
    assert losses.min() < 0.2
    assert losses.max() > 0.8
    assert 0.2 < np.mean([d.synkinetic for d in drawn]) < 0.5
    for d in drawn:
        assert all(0 <= w <= 1 for w in (d.brow, d.eye, d.mouth))
        assert d.loss == pytest.approx((d.brow + d.eye + d.mouth) / 3)


@given(st.integers(0, 2**32 - 1), st.sets(st.sampled_from(Region), min_size=1))
def test_mirroring_negates_the_evidence_for_a_side(
    norms: NormTable, seed: int, regions: set[Region]
) -> None:
    norm = norms.norms["any"]
    prototypes = np.array(norms.calibration["prototypes"])
    residual = asymmetry(crooked(seed))
    judged = frozenset(regions)
    one = side_evidence(norm, prototypes, residual, 1.2, judged)
    other = side_evidence(norm, prototypes, -residual, 1.2, judged)
    assert other == pytest.approx(-one, abs=1e-9)


def test_evidence_is_the_log_ratio_of_two_mixtures(norms: NormTable) -> None:
    norm = norms.norms["rest"]
    prototypes = np.array(norms.calibration["prototypes"])
    residual, spread = asymmetry(crooked(5, 0.004)), 1.3
    precision = np.linalg.inv(norm.covariance) / spread**2

    def likelihood(sign: int) -> float:
        gaps = [residual - sign * s * p for s in (0.5, 1.0, 2.0) for p in prototypes]
        return float(np.logaddexp.reduce([-g @ precision @ g / 2 for g in gaps]))

    expected = likelihood(1) - likelihood(-1)
    assert side_evidence(norm, prototypes, residual, spread) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("lesion", LESIONS[:3])
@pytest.mark.parametrize("side", Side)
def test_a_strong_lesion_speaks_for_its_own_side(
    norms: NormTable, lesion: Lesion, side: Side
) -> None:
    prototypes = np.array(norms.calibration["prototypes"])
    face = with_lesion(TEMPLATE, lesion, side, smile=None, rng=np.random.default_rng(2))
    evidence = side_evidence(norms.norms["rest"], prototypes, asymmetry(face), 1.0)
    assert (evidence > 0) is (side is Side.LEFT)
    assert abs(evidence) > 2


@pytest.mark.parametrize("movement", Movement)
@given(seed=st.integers(0, 2**32 - 1), regions=st.sets(st.sampled_from(Region), min_size=1))
def test_mirroring_negates_the_evidence_of_a_movement(
    norms: NormTable, movement: Movement, seed: int, regions: set[Region]
) -> None:
    norm, _ = norms.for_movement(movement)
    lesions = default_lesions().movements[movement]
    residual, judged = asymmetry(crooked(seed)), frozenset(regions)
    one = movement_evidence(norm, lesions, residual, 1.2, judged)
    assert movement_evidence(norm, lesions, -residual, 1.2, judged) == pytest.approx(-one, abs=1e-9)


def test_evidence_of_a_movement_is_the_log_ratio_of_two_normal_distributions(
    norms: NormTable,
) -> None:
    norm, lesions = norms.norms["smile"], default_lesions().movements[Movement.SMILE]
    residual, spread = asymmetry(crooked(5, 0.004)), 1.3
    wide = (1 - LESIONS_SHARE) * norm.covariance + LESIONS_SHARE * lesions.covariance
    left, right = (
        multivariate_normal(sign * lesions.mean, wide, allow_singular=True) for sign in (1, -1)
    )
    expected = left.logpdf(residual / spread) - right.logpdf(residual / spread)
    found = movement_evidence(norm, lesions, residual, spread)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("movement", Movement)
def test_what_lesions_do_on_average_is_named(norms: NormTable, movement: Movement) -> None:
    known = default_lesions()
    norm, _ = norms.for_movement(movement)
    lesions = known.movements[movement]
    odds = np.exp(known.temper * movement_evidence(norm, lesions, lesions.mean, 1.0))
    assert odds / (1 + odds) > 0.65


@pytest.mark.parametrize("movement", Movement)
@given(seed=st.integers(0, 2**32 - 1), regions=st.sets(st.sampled_from(Region), min_size=1))
def test_evidence_of_a_surely_guessed_movement_is_that_of_the_movement(
    norms: NormTable, movement: Movement, seed: int, regions: set[Region]
) -> None:
    known, norm = default_lesions(), norms.norms["any"]
    sure = np.where([each is movement for each in known.guess.movements], 0.0, -np.inf)
    even = np.full(len(sure), -np.log(len(sure)))
    residual, judged = asymmetry(crooked(seed)), frozenset(regions)
    alone = movement_evidence(norm, known.movements[movement], residual, 1.2, judged)
    found = guessed_evidence(norm, known, sure, residual, 1.2, regions=judged)
    assert found == pytest.approx(known.temper * alone, rel=1e-9, abs=1e-9)
    unsure = [
        guessed_evidence(norm, known, even, sign * residual, 1.2, regions=judged)
        for sign in (1, -1)
    ]
    assert unsure[0] == pytest.approx(-unsure[1], abs=1e-9)


def test_lesions_of_other_measures_are_refused() -> None:
    with pytest.raises(WeightsError, match="another version"):
        lesion_table(b'{"format": 2, "features": ["brow"]}')


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format": 1'])
def test_a_damaged_table_of_lesions_is_refused(data: bytes) -> None:
    with pytest.raises(WeightsError, match="install Facialis again"):
        lesion_table(data)

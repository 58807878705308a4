"""The verdict of one photograph: probability, side, regions, severity, remarks."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facialis.clinical.anatomy import AffectedSide, Intensity, Movement, Region, Side
from facialis.face import mesh
from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.face.mesh import TEMPLATE
from facialis.grading.photograph import Evidence, Verdict, verdict
from facialis.measures.lesions import Lesion, with_lesion
from facialis.measures.norms import NormTable, View, default_norms
from facialis.measures.side import LESIONS_SHARE, default_lesions
from facialis.measures.symmetry import FEATURES, asymmetry

Points = NDArray[np.float64]

FRONTAL = View(0.0, 0.0, 0.02)
COUNT = len(FEATURES)
NEUTRAL = np.zeros(len(EXPRESSION_NAMES))
SWAPPED = {AffectedSide.LEFT: AffectedSide.RIGHT, AffectedSide.RIGHT: AffectedSide.LEFT}


@pytest.fixture(scope="module")
def norms() -> NormTable:
    return default_norms()


def judged(values: Points, norms: NormTable, **changes: Any) -> Verdict:
    evidence = Evidence(
        asymmetry=values,
        view=FRONTAL,
        excluded={},
        movement=Movement.REST,
        stated_side=None,
        age_in_range=None,
        expressions=NEUTRAL,
    )
    return verdict(replace(evidence, **changes), norms)


def weak(amount: float, side: Side = Side.LEFT, *, kind: str = "whole") -> Points:
    """Asymmetry of the mean face with a flaccid lesion."""
    parts = {"whole": (1, 1, 1), "mouth": (0, 0, 1), "brow": (1, 0, 0)}[kind]
    lesion = Lesion(*(amount * p for p in parts))
    face = with_lesion(TEMPLATE, lesion, side, smile=None, rng=np.random.default_rng(7))
    return asymmetry(face)


def along(distance: float, norms: NormTable, condition: str = "rest") -> Points:
    """An asymmetry that lies at a given distance from healthy faces."""
    norm = norms.norms[condition]
    explained = norm.residual(np.zeros(COUNT), FRONTAL)
    step = weak(0.5)
    return -explained + step * distance / norm.distance(step - explained, FRONTAL)


def test_a_symmetric_face_is_healthy(norms: NormTable) -> None:
    found = judged(np.zeros(COUNT), norms)
    assert found.palsy_probability < 0.1
    assert found.side is found.side_computed is AffectedSide.NONE
    for region in Region:
        finding = getattr(found.regions, region)
        assert finding.intensity is Intensity.NONE
        assert finding.weaker_side is AffectedSide.NONE
    assert found.severity.value < 10


@pytest.mark.parametrize("movement", [Movement.REST, Movement.SMILE, None, Movement.PUCKER])
def test_the_probability_is_a_half_at_the_threshold_and_a_twentieth_at_the_median(
    norms: NormTable, movement: Movement | None
) -> None:
    condition = {Movement.REST: "rest", Movement.SMILE: "smile"}.get(movement, "any")
    for key, expected in (("threshold", 0.5), ("median", 0.05)):
        distance = norms.calibration[key][condition]
        found = judged(along(distance, norms, condition), norms, movement=movement)
        assert found.distance == pytest.approx(distance, rel=1e-6)
        assert found.palsy_probability == pytest.approx(expected, abs=1e-6)
    assert found.threshold == norms.calibration["threshold"][condition]


@given(st.floats(0, 60), st.floats(0, 60))
def test_probability_and_severity_rise_with_the_distance(
    norms: NormTable, one: float, other: float
) -> None:
    near, far = sorted((one, other))
    a, b = judged(along(near, norms), norms), judged(along(far, norms), norms)
    assert a.palsy_probability <= b.palsy_probability + 1e-12
    for bound in ("low", "value", "high"):
        assert getattr(a.severity, bound) <= getattr(b.severity, bound) + 1e-9


@pytest.mark.parametrize("size", [0.0, 1e3, 1e6])
def test_the_verdict_stays_within_its_ranges(norms: NormTable, size: float) -> None:
    found = judged(size * weak(1.0), norms)
    assert 0 <= found.palsy_probability <= 1
    assert 0.5 <= found.side_confidence <= 1
    severity = found.severity
    assert 0 <= severity.low <= severity.value <= severity.high <= 100
    assert math.isfinite(found.distance)


def test_growing_lesions_are_more_probable_and_more_severe(norms: NormTable) -> None:
    found = [judged(weak(a), norms) for a in (0.0, 0.25, 0.5, 0.75, 1.0)]
    probabilities = [f.palsy_probability for f in found]
    assert probabilities == sorted(probabilities)
    assert probabilities[0] < 0.1
    assert probabilities[-1] > 0.9
    severities = [f.severity.value for f in found]
    assert severities == sorted(severities)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("kind", ["whole", "mouth"])
def test_the_affected_side_is_the_side_of_the_lesion(
    norms: NormTable, side: Side, kind: str
) -> None:
    found = judged(weak(1.0, side, kind=kind), norms)
    assert found.palsy_probability > 0.5
    assert found.side.value == side.value
    assert found.side_computed.value == side.value
    assert found.regions.mouth.weaker_side.value == side.value
    assert found.regions.mouth.intensity in (Intensity.SLIGHT, Intensity.STRONG)


def test_a_lesion_of_one_region_shows_there_and_spares_the_others(norms: NormTable) -> None:
    found = judged(weak(1.0, kind="brow"), norms)
    assert found.regions.brow.deviation is not None
    assert found.regions.mouth.deviation is not None
    assert found.regions.brow.deviation > 3 * found.regions.mouth.deviation
    assert found.regions.mouth.intensity is Intensity.NONE


@given(st.integers(0, 2**32 - 1), st.floats(0.001, 0.03), st.floats(-25, 25), st.floats(-15, 15))
def test_a_mirrored_face_swaps_the_sides_and_changes_nothing_else(
    norms: NormTable, seed: int, size: float, yaw: float, pitch: float
) -> None:
    face = TEMPLATE + np.random.default_rng(seed).normal(0, size, TEMPLATE.shape)
    values = asymmetry(face)
    one = judged(values, norms, view=View(yaw, pitch, 0.02), movement=None)
    other = judged(-values, norms, view=View(-yaw, pitch, 0.02), movement=None)
    assert other.palsy_probability == pytest.approx(one.palsy_probability)
    assert other.distance == pytest.approx(one.distance)
    assert other.severity.value == pytest.approx(one.severity.value)
    assert other.side_confidence == pytest.approx(one.side_confidence)
    if one.side_confidence > 0.500001:
        assert other.side is SWAPPED.get(one.side, one.side)
    for region in Region:
        a, b = getattr(one.regions, region), getattr(other.regions, region)
        assert b.intensity is a.intensity
        assert b.deviation == pytest.approx(a.deviation)
        assert b.weaker_side is SWAPPED.get(a.weaker_side, a.weaker_side)


@pytest.mark.parametrize("stated", [AffectedSide.RIGHT, AffectedSide.BOTH, AffectedSide.NONE])
def test_the_stated_side_is_used_and_the_computed_one_still_shown(
    norms: NormTable, stated: AffectedSide
) -> None:
    plain = judged(weak(1.0), norms)
    found = judged(weak(1.0), norms, stated_side=stated)
    assert found.side is found.side_stated is stated
    assert found.side_computed is plain.side_computed is AffectedSide.LEFT
    assert found.palsy_probability == plain.palsy_probability


def test_both_sides_are_only_ever_stated_and_then_explained(norms: NormTable) -> None:
    found = judged(weak(1.0), norms, stated_side=AffectedSide.BOTH)
    assert found.side is AffectedSide.BOTH
    assert any("alike on both sides is invisible" in remark for remark in found.remarks)


def test_a_stated_side_on_a_symmetric_face_is_remarked_upon(norms: NormTable) -> None:
    found = judged(np.zeros(COUNT), norms, stated_side=AffectedSide.LEFT)
    assert found.side is AffectedSide.LEFT
    assert found.side_computed is AffectedSide.NONE
    assert "The asymmetry is within the range of healthy faces." in found.remarks


@pytest.mark.parametrize("side", Side)
def test_the_narrow_eye_of_a_synkinetic_palsy_is_the_affected_one(
    norms: NormTable, side: Side
) -> None:
    lesion = Lesion(1, 1, 1, synkinetic=True)
    face = with_lesion(TEMPLATE, lesion, side, smile=None, rng=np.random.default_rng(0))
    found = judged(asymmetry(face), norms, movement=None)
    assert found.regions.eye.weaker_side.value == side.value


@pytest.mark.parametrize("sign", [1, -1])
def test_a_side_that_every_region_contradicts_is_uncertain(norms: NormTable, sign: int) -> None:
    seen = {
        "brow_middle": 0.061,
        "brow_inner": 0.044,
        "brow_outer": 0.046,
        "brow_whole": 0.056,
        "upper_lid": -0.008,
        "commissure_reach": -0.029,
        "ala_reach": -0.005,
        "cheek_reach": -0.007,
        "lips_shift": -0.031,
        "nose_tip_shift": -0.005,
        "fissure": -0.007,
        "commissure_to_lower_lip": 0.005,
    }
    brow, other = 1.0, 1.5
    values = [
        (brow if name.startswith("brow") else other) * seen.get(name, 0.0) for name in FEATURES
    ]
    found = judged(sign * np.array(values), norms, movement=None)
    assert found.palsy_probability > 0.5
    brow_lower = AffectedSide.RIGHT if sign > 0 else AffectedSide.LEFT
    assert found.regions.brow.weaker_side is brow_lower
    assert {found.regions.eye.weaker_side, found.regions.mouth.weaker_side} == {AffectedSide.NONE}
    assert (found.side, found.side_confidence) == (AffectedSide.UNCERTAIN, 0.5)


def test_what_speaks_for_neither_side_leaves_the_side_uncertain(norms: NormTable) -> None:
    # The one direction of asymmetry that no prototype of a lesion has a share in.
    norm = norms.norms["any"]
    prototypes = np.array(norms.calibration["prototypes"])
    _, _, rows = np.linalg.svd(prototypes @ norm.precision)
    values = 5.0 * rows[-1]
    found = judged(values, norms, movement=None)
    assert found.palsy_probability > 0.5
    assert found.side is AffectedSide.UNCERTAIN
    assert found.side_confidence < 0.65


@pytest.mark.parametrize("movement", Movement)
def test_what_lesions_do_not_do_in_a_movement_leaves_the_side_uncertain(
    norms: NormTable, movement: Movement
) -> None:
    norm, _ = norms.for_movement(movement)
    lesions = default_lesions().movements[movement]
    wide = (1 - LESIONS_SHARE) * norm.covariance + LESIONS_SHARE * lesions.covariance
    telling = np.linalg.solve(wide, lesions.mean)
    values = np.random.default_rng(0).normal(0, 0.05, COUNT)
    values -= telling * (telling @ values) / (telling @ telling)
    found = judged(values - norm.residual(np.zeros(COUNT), FRONTAL), norms, movement=movement)
    assert found.palsy_probability > 0.5
    assert found.side is AffectedSide.UNCERTAIN


def test_an_excluded_region_takes_no_part_and_is_reported(norms: NormTable) -> None:
    values = weak(1.0, kind="mouth")
    why = "Something covers the mouth."
    found = judged(values, norms, excluded={Region.MOUTH: why})
    finding = found.regions.mouth
    assert (finding.intensity, finding.deviation) == (None, None)
    assert finding.weaker_side is AffectedSide.UNCERTAIN
    assert finding.not_judged == why
    assert found.palsy_probability < judged(values, norms).palsy_probability
    assert "The mouth could not be judged and took no part." in found.remarks


@pytest.mark.parametrize("movement", [m for m in Movement if m not in ("rest", "smile")])
def test_a_movement_without_a_norm_is_remarked_upon(norms: NormTable, movement: Movement) -> None:
    found = judged(weak(0.5), norms, movement=movement)
    assert any("no norm for this movement" in r for r in found.remarks)
    assert found.threshold == norms.calibration["threshold"]["any"]
    for known in (Movement.REST, Movement.SMILE, None):
        remarks = judged(weak(0.5), norms, movement=known).remarks
        assert not any("no norm" in r for r in remarks)


def test_where_only_the_whole_face_is_beyond_healthy_faces_the_verdict_says_so(
    norms: NormTable,
) -> None:
    words = "No region by itself lies beyond healthy faces"
    limit = norms.calibration["threshold"]["rest"]

    def said(distance: float, norms: NormTable) -> bool:
        return any(words in remark for remark in judged(along(distance, norms), norms).remarks)

    assert not said(2 * limit, norms), "a region stands out by itself"
    far = {region.value: {"slight": 99.0, "strong": 99.0} for region in Region}
    patient = replace(norms, calibration={**norms.calibration, "regions": far})
    assert said(2 * limit, patient)
    assert not said(0.9 * limit, patient), "nothing is called"
    values = along(9 * limit, patient)
    for excluded, words in (
        ({Region.BROW: "covered"}, "No region that could be judged by itself lies beyond"),
        ({Region.BROW: "covered", Region.EYE: "covered"}, None),
    ):
        told = judged(values, patient, excluded=excluded)
        assert told.palsy_probability > 0.5
        assert any("by itself" in remark for remark in told.remarks) == bool(words)
        assert words is None or any(words in remark for remark in told.remarks)


def test_an_age_outside_the_norms_widens_the_bounds_and_says_so(norms: NormTable) -> None:
    inside = judged(weak(0.6), norms, age_in_range=True)
    outside = judged(weak(0.6), norms, age_in_range=False)
    assert outside.severity.value == inside.severity.value
    assert outside.severity.low < inside.severity.low
    assert outside.severity.high > inside.severity.high
    assert any("outside the ages" in r for r in outside.remarks)
    assert not any("outside the ages" in r for r in inside.remarks)


def test_the_assumed_prevalence_is_always_stated(norms: NormTable) -> None:
    assert "half of the people" in judged(np.zeros(COUNT), norms).remarks[0]


def test_no_remark_speaks_of_a_grade_or_a_diagnosis(norms: NormTable) -> None:
    words = " ".join(judged(weak(1.0), norms).remarks).lower()
    assert not [w for w in ("house", "grade", "diagnos", "bell") if w in words]


@pytest.mark.parametrize("side", list(Side))
def test_the_eye_that_stays_open_while_they_close_is_the_weak_one(
    norms: NormTable, side: Side
) -> None:
    face = TEMPLATE.copy()
    for shut, by in ((side.opposite, 1.0), (side, 0.2)):
        lids = {
            Side.LEFT: (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID),
            Side.RIGHT: (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID),
        }[shut]
        upper, lower = (list(lid[1:-1]) for lid in lids)
        face[upper] += by * (face[lower] - face[upper])
    found = judged(asymmetry(face), norms, movement=Movement.EYE_CLOSE_GENTLE, closing=True)
    assert found.side_computed == AffectedSide(side)
    assert found.regions.eye.weaker_side == AffectedSide(side)
    assert found.regions.brow.weaker_side in (AffectedSide.NONE, AffectedSide.UNCERTAIN)
    unjudged = judged(
        asymmetry(face),
        norms,
        movement=Movement.EYE_CLOSE_GENTLE,
        closing=True,
        excluded={Region.EYE: "covered"},
    )
    assert unjudged.side_computed is AffectedSide.NONE


@pytest.mark.parametrize("movement", Movement)
@pytest.mark.parametrize("sign", [1, -1])
def test_a_stated_movement_tells_the_side_by_what_lesions_do_in_it(
    norms: NormTable, movement: Movement, sign: int
) -> None:
    norm, _ = norms.for_movement(movement)
    explained = norm.residual(np.zeros(COUNT), FRONTAL)
    lesion = 6 * default_lesions().movements[movement].mean
    found = judged(sign * lesion - explained, norms, movement=movement)
    assert found.palsy_probability > 0.5
    assert found.side_computed is (AffectedSide.LEFT if sign > 0 else AffectedSide.RIGHT)
    assert found.side_confidence > 0.9


def test_no_more_confidence_in_a_side_is_claimed_than_was_measured(norms: NormTable) -> None:
    movement = Movement.SMILE
    norm, _ = norms.for_movement(movement)
    lesion = 50 * default_lesions().movements[movement].mean
    lesion = lesion - norm.residual(np.zeros(COUNT), FRONTAL)
    stated, not_stated = (judged(lesion, norms, movement=said) for said in (movement, None))
    assert (stated.side_computed, stated.side_confidence) == (AffectedSide.LEFT, 0.99)
    assert (not_stated.side_computed, not_stated.side_confidence) == (AffectedSide.LEFT, 0.97)


def test_without_a_movement_a_called_side_comes_with_the_advice_to_state_it(
    norms: NormTable,
) -> None:
    def advised(amount: float, **changes: Any) -> bool:
        remarks = judged(weak(amount), norms, **changes).remarks
        return any("No movement was stated" in each for each in remarks)

    assert advised(1.0, movement=None)
    assert not advised(1.0, movement=Movement.REST)
    assert not advised(1.0, movement=None, stated_side=AffectedSide.LEFT)
    assert advised(1.0, movement=None, stated_side=AffectedSide.RIGHT)
    assert not advised(0.0, movement=None)


RAISED = ("browInnerUp", "browOuterUpLeft", "browOuterUpRight")
BROWS_UP = np.array([0.9 * (name in RAISED) for name in EXPRESSION_NAMES])


def test_the_movement_that_a_face_seems_to_show_decides_the_side_and_is_told(
    norms: NormTable,
) -> None:
    known = default_lesions()
    guessed = known.guess.log_probability(BROWS_UP)
    best = known.guess.movements[int(guessed.argmax())]
    assert best is Movement.BROW_RAISE
    explained = norms.norms["any"].residual(np.zeros(COUNT), FRONTAL)
    values = 6 * known.movements[best].mean - explained
    found = judged(values, norms, movement=None, expressions=BROWS_UP)
    assert found.side_computed is AffectedSide.LEFT
    told = [each for each in found.remarks if "raise the eyebrows" in each]
    assert "% likely" in told[0]
    unclear = judged(values, norms, movement=None, expressions=NEUTRAL)
    assert not [each for each in unclear.remarks if "as if it had been" in each]


def test_a_mirrored_expression_is_guessed_alike() -> None:
    guess = default_lesions().guess
    scores = np.random.default_rng(4).random(len(EXPRESSION_NAMES))
    mirrored = scores[MIRRORED_EXPRESSIONS]
    np.testing.assert_allclose(guess.log_probability(scores), guess.log_probability(mirrored))
    assert np.exp(guess.log_probability(scores)).sum() == pytest.approx(1)


def test_beside_a_cover_a_side_may_read_too_even(norms: NormTable) -> None:
    for is_covered in (True, False):
        found = judged(weak(1.0), norms, excluded={Region.EYE: "why"}, is_covered=is_covered)
        assert any("may read too even" in each for each in found.remarks) is is_covered


def test_a_shut_eye_without_a_movement_is_said_to_look_like_a_wink(norms: NormTable) -> None:
    def warned(amount: float, **changes: Any) -> bool:
        remarks = judged(weak(amount), norms, **changes).remarks
        return any("a wink looks like this" in each for each in remarks)

    assert warned(1.0, movement=None, closing=True)
    assert not warned(1.0, movement=None)
    assert not warned(1.0, movement=Movement.EYE_CLOSE_GENTLE, closing=True)
    assert not warned(0.0, movement=None, closing=True)

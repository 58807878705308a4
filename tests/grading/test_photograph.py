"""The verdict on one photograph, against lesions of known side and size."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facialis.clinical.anatomy import AffectedSide, Intensity, Movement, Region, Side
from facialis.face.mesh import TEMPLATE
from facialis.grading.photograph import Evidence, Verdict, verdict
from facialis.measures.lesions import Lesion, with_lesion
from facialis.measures.norms import View, default_norms
from facialis.measures.symmetry import FEATURES, asymmetry

FRONTAL = View(0.0, 0.0, 0.02)
NORMS = default_norms()


def evidence(
    size: float = 0.0, side: Side = Side.LEFT, *, synkinetic: bool = False, **more: object
) -> Evidence:
    """Evidence of a symmetric face with a lesion of some size, 1 being a total one."""
    lesion = Lesion(size, size, size, synkinetic)
    face = with_lesion(TEMPLATE, lesion, side, smile=None, rng=np.random.default_rng(0))
    plain = Evidence(asymmetry(face), FRONTAL, {}, None, None, None)
    return replace(plain, **more)


def judged(size: float = 0.0, side: Side = Side.LEFT, **more: object) -> Verdict:
    return verdict(evidence(size, side, **more), NORMS)


def test_a_symmetric_face_is_healthy() -> None:
    found = judged()
    assert found.palsy_probability < 0.05
    assert found.side is AffectedSide.NONE
    assert {f.intensity for f in (found.regions.brow, found.regions.eye, found.regions.mouth)} == {
        Intensity.NONE
    }
    assert found.severity.value == 0


@pytest.mark.parametrize("side", list(Side))
def test_a_total_palsy_is_called_on_its_side(side: Side) -> None:
    found = judged(1.0, side)
    assert found.palsy_probability > 0.99
    assert found.side == found.side_computed == side
    assert found.side_confidence > 0.95
    assert found.regions.mouth.intensity is Intensity.STRONG
    assert found.regions.mouth.weaker_side == side
    assert found.severity.low < found.severity.value <= found.severity.high
    assert found.severity.value > 50


@pytest.mark.parametrize("side", list(Side))
def test_the_narrow_eye_of_a_synkinetic_palsy_is_the_affected_one(side: Side) -> None:
    found = judged(1.0, side, synkinetic=True)
    assert found.regions.eye.weaker_side == side


def test_more_weakness_never_lowers_probability_or_severity() -> None:
    steps = [judged(size) for size in np.linspace(0, 1, 15)]
    for less, more in pairwise(steps):
        assert more.palsy_probability >= less.palsy_probability
        assert more.severity.value >= less.severity.value


def test_the_probability_is_one_half_at_the_limit_and_one_in_twenty_at_the_healthy_median() -> None:
    whole = evidence(1.0)
    distance = verdict(whole, NORMS).distance
    for wanted, probability in ((NORMS.calibration["threshold"]["any"], 0.5),
                                (NORMS.calibration["median"]["any"], 0.05)):  # fmt: skip
        part = replace(whole, asymmetry=whole.asymmetry * wanted / distance)
        found = verdict(part, NORMS)
        assert found.distance == pytest.approx(wanted)
        assert found.palsy_probability == pytest.approx(probability)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(-0.1, 0.1), min_size=len(FEATURES), max_size=len(FEATURES)),
    st.floats(-25, 25),
    st.floats(-15, 15),
)
def test_mirroring_swaps_the_sides_and_changes_nothing_else(
    values: list[float], yaw: float, pitch: float
) -> None:
    one = verdict(Evidence(np.array(values), View(yaw, pitch, 0.02), {}, None, None, None), NORMS)
    other = verdict(
        Evidence(-np.array(values), View(-yaw, pitch, 0.02), {}, None, None, None), NORMS
    )
    swap = {"left": "right", "right": "left"}
    assert other.palsy_probability == pytest.approx(one.palsy_probability)
    assert other.severity.value == pytest.approx(one.severity.value)
    if one.side_confidence > 0.5 + 1e-9:
        assert other.side_computed == swap.get(one.side_computed, one.side_computed)
    for region in Region:
        a, b = getattr(one.regions, region), getattr(other.regions, region)
        assert b.intensity is a.intensity
        assert b.deviation == pytest.approx(a.deviation)


def test_the_stated_side_is_used_and_the_computed_one_still_shown() -> None:
    found = judged(1.0, Side.LEFT, stated_side=AffectedSide.RIGHT)
    assert found.side is AffectedSide.RIGHT
    assert found.side_stated is AffectedSide.RIGHT
    assert found.side_computed is AffectedSide.LEFT


def test_both_sides_are_only_ever_stated_and_then_explained() -> None:
    found = judged(0.0, stated_side=AffectedSide.BOTH)
    assert found.side is AffectedSide.BOTH
    assert found.side_computed is AffectedSide.NONE
    assert any("alike on both sides is invisible" in remark for remark in found.remarks)


def test_an_asymmetry_that_speaks_for_no_side_leaves_it_uncertain() -> None:
    norm = NORMS.norms["any"]
    prototypes = np.array(NORMS.calibration["prototypes"]) @ norm.precision
    blind = np.linalg.svd(prototypes)[2][-1]
    far = blind * 50 / norm.distance(blind, FRONTAL)
    found = verdict(Evidence(far, FRONTAL, {}, None, None, None), NORMS)
    assert found.palsy_probability > 0.5
    assert found.side is AffectedSide.UNCERTAIN
    assert found.side_confidence < 0.65


def test_a_region_that_cannot_be_judged_takes_no_part() -> None:
    whole, without = judged(1.0), judged(1.0, excluded={Region.MOUTH: "Something covers it."})
    assert without.regions.mouth.intensity is None
    assert without.regions.mouth.not_judged == "Something covers it."
    assert without.distance < whole.distance
    assert without.side_computed is AffectedSide.LEFT
    assert any("mouth could not be judged" in remark for remark in without.remarks)
    hidden = evidence(0.0, excluded={Region.MOUTH: "x"})
    mouth = np.array([1.0 if r is Region.MOUTH else 0.0 for r in FEATURES.values()])
    assert verdict(replace(hidden, asymmetry=mouth), NORMS).distance == 0


def test_a_movement_without_a_norm_rests_on_any_expression_and_says_so() -> None:
    puckered, unnamed = judged(1.0, movement=Movement.PUCKER), judged(1.0)
    assert puckered.distance == unnamed.distance
    assert any("no norm for this movement" in remark for remark in puckered.remarks)
    assert not any("no norm for this movement" in remark for remark in unnamed.remarks)


@pytest.mark.parametrize("movement", [Movement.REST, Movement.SMILE])
def test_rest_and_smile_have_limits_of_their_own(movement: Movement) -> None:
    assert judged(0.5, movement=movement).threshold == NORMS.calibration["threshold"][movement]


def test_an_age_outside_the_norms_widens_the_bounds() -> None:
    usual, old = judged(0.6, age_in_range=True), judged(0.6, age_in_range=False)
    assert old.severity.value == usual.severity.value
    assert old.severity.low < usual.severity.low
    assert old.severity.high > usual.severity.high
    assert any("outside the ages of the norms" in remark for remark in old.remarks)


def test_no_verdict_speaks_of_a_grade_or_a_diagnosis() -> None:
    words = " ".join(judged(1.0).remarks).lower()
    for word in ("house", "grade", "diagnos", "bell"):
        assert word not in words

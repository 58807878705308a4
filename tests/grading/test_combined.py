"""What the methods say beside the norms, and together."""

from __future__ import annotations

import math

import numpy as np
import pytest

from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.grading.combined import (
    METHODS,
    Cuts,
    MethodAnswer,
    Rule,
    answers,
    combine,
    log_distance,
    log_odds,
    shipped_rule,
)

FUSION = "multimodal_fusion-light"


def face(droop=0.0):
    """The mean face, whose left corner of the mouth hangs and is drawn to the right."""
    points = TEMPLATE * 100 + np.array([300.0, 300.0, 0.0])
    for index in (291, 308, 409, 375, 306, 292, 324, 318, 402, 321, 405):
        points[index] += [-droop, droop, 0]
    return points


def cuts(**changed):
    given = {
        "palsy_from": 0.3,
        "healthy_to": 0.6,
        "level_from": {"I": 0.2, "II": 0.3, "III": 0.1},
    }
    return Cuts(**(given | changed))


def rule(**changed):
    given = {
        "data": "simulated palsy",
        "people": 2,
        "pictures": 4,
        "coverage": 0.9,
        "intercept": -0.5,
        "fusion_weight": 0.5,
        "distance_weight": 2.0,
        "photograph": cuts(),
        "examination": cuts(),
        "measured": {},
    }
    return Rule(**(given | changed))


class Verdict:
    palsy_probability = 0.2
    distance = 1.0
    threshold = 2.0


def test_the_probability_is_logistic_in_both_readings():
    odds = -0.5 + 0.5 * math.log(0.8 / 0.2) + 2 * math.log(1.5)
    assert rule().probability(0.8, 1.5) == pytest.approx(1 / (1 + math.exp(-odds)))


def test_neither_reading_can_outweigh_everything():
    assert math.isfinite(log_odds(0.0))
    assert log_odds(1.0) == pytest.approx(-log_odds(0.0))
    assert log_distance(0.0) == pytest.approx(-math.log(20))
    assert log_distance(1e9) == pytest.approx(math.log(20))


@pytest.mark.parametrize(
    ("probability", "conclusion"),
    [(0.1, "no palsy"), (0.3, "uncertain"), (0.6, "uncertain"), (0.61, "palsy")],
)
def test_what_cannot_be_ruled_out_is_left_open(probability, conclusion):
    assert cuts().conclusion(probability) == conclusion


def test_where_both_are_ruled_out_nothing_is_concluded():
    apart = cuts(palsy_from=0.7, healthy_to=0.4)
    assert [apart.conclusion(p) for p in (0.3, 0.5, 0.8)] == ["no palsy", "uncertain", "palsy"]


def test_levels_are_kept_by_their_own_cut_and_one_always_is():
    assert cuts().levels({"I": 0.25, "II": 0.25, "III": 0.5}) == ("I", "III")
    strict = cuts(level_from=dict.fromkeys(("I", "II", "III"), 0.9))
    assert strict.levels({"I": 0.3, "II": 0.4, "III": 0.3}) == ("II",)


def test_a_drooping_mouth_is_answered_with_palsy_and_the_reason():
    before, after = (answers(face(d), METHODS)[FUSION] for d in (0, 14))
    assert before.palsy_probability < 0.5 < after.palsy_probability
    assert sum(after.level_probability.values()) == pytest.approx(1, abs=1e-5)
    assert after.levels
    strongest = next(iter(after.reasons))
    assert after.reasons[strongest] > 0
    assert "lip" in strongest or "commissure" in strongest or "mouth" in strongest.lower()


def test_the_side_does_not_change_the_answer():
    points = face(14)
    other = points[MIRROR] * [-1, 1, 1] + [600, 0, 0]
    here, there = (answers(each, METHODS)[FUSION] for each in (points, other))
    assert here.palsy_probability == pytest.approx(there.palsy_probability, abs=1e-4)
    strongest = next(iter(here.reasons))
    assert here.reasons[strongest] == pytest.approx(there.reasons[strongest], abs=1e-2)


def test_a_face_that_cannot_be_judged_is_answered_with_why():
    (said,) = answers(face(), METHODS, left_out="the mouth cannot be judged").values()
    assert said.palsy_probability is None
    assert said.not_answered == "the mouth cannot be judged"
    assert combine(Verdict, {FUSION: said}) is None


def test_without_methods_there_is_nothing_to_combine():
    assert answers(face(), ()) == {}
    assert combine(Verdict, {}) is None


@pytest.mark.parametrize(("fusion", "agree"), [(0.4, True), (0.9, False)])
def test_disagreement_is_told(fusion, agree):
    found = combine(Verdict, {FUSION: MethodAnswer("fusion", palsy_probability=fusion)})
    assert found.agree is agree
    assert found.palsy_probability == pytest.approx(shipped_rule().probability(fusion, 0.5))
    assert found.coverage == shipped_rule().coverage
    assert "Not validated on patients" in found.rule


def test_the_shipped_rule_rises_with_both_readings_and_says_what_it_was_fitted_on():
    found = shipped_rule()
    assert found.fusion_weight > 0
    assert found.distance_weight > 0
    assert "imulated" in found.data
    low, high = found.measured["AUC, combined"][1:]
    assert low < found.measured["AUC, combined"][0] < high

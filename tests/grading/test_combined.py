"""What the methods say beside the norms, and together."""

from __future__ import annotations

import math

import pytest

from facialis.grading.combined import (
    FUSION,
    Rule,
    combine,
    log_distance,
    log_odds,
    shipped_rule,
)
from facialis.grading.cuts import Cuts
from facialis.grading.method_answers import MethodAnswer


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
        "palsy_share": 0.6,
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


def test_without_an_answer_of_the_fusion_there_is_nothing_to_combine():
    silent = MethodAnswer("fusion", not_answered="the mouth cannot be judged")
    assert combine(Verdict, {FUSION: silent}) is None
    assert combine(Verdict, {}) is None


@pytest.mark.parametrize(
    ("fusion", "grader", "agree"),
    [(0.4, 0.3, True), (0.9, 0.3, False), (0.4, 0.9, False), (0.4, None, True)],
)
def test_disagreement_is_told(fusion, grader, agree):
    said = {
        FUSION: MethodAnswer("fusion", palsy_probability=fusion),
        "grader": MethodAnswer("grader", palsy_probability=grader),
    }
    found = combine(Verdict, said)
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

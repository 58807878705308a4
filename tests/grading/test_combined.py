"""What the methods say beside the norms, and together."""

from __future__ import annotations

import math

import pytest

from facialis.grading.combined import (
    FUSION,
    GRADER,
    Rule,
    combine,
    is_own,
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
        "least": {"I": 0.2, "II": 0.3, "III": 0.1},
    }
    return Cuts(**(given | changed))


def rule(**changed):
    given = {
        "methods": (FUSION,),
        "data": "simulated palsy",
        "people": 2,
        "pictures": 4,
        "coverage": 0.9,
        "palsy_share": 0.6,
        "lesion_share": 0.7,
        "intercept": -0.5,
        "weight": 0.5,
        "photograph": cuts(),
        "measured": {},
    }
    return Rule(**(given | changed))


class Verdict:
    palsy_probability = 0.2
    distance = 1.0
    threshold = 2.0


def test_the_probability_is_logistic_in_all_readings():
    odds = -0.5 + 0.5 * (math.log(0.8 / 0.2) + math.log(0.6 / 0.4) + math.log(1.5))
    assert rule().probability((0.8, 0.6), 1.5) == pytest.approx(1 / (1 + math.exp(-odds)))


def test_neither_reading_can_outweigh_everything():
    assert math.isfinite(log_odds(0.0))
    assert log_odds(1.0) == pytest.approx(-log_odds(0.0))
    assert log_distance(0.0) == pytest.approx(-math.log(20))
    assert log_distance(1e9) == pytest.approx(math.log(20))


def test_without_an_answer_of_the_fusion_there_is_nothing_to_combine():
    silent = MethodAnswer("fusion", not_answered="the mouth cannot be judged")
    assert combine(Verdict, {FUSION: silent}, stated=True) is None
    assert combine(Verdict, {}, stated=True) is None


def answer(palsy):
    return MethodAnswer("a method", palsy_probability=palsy)


@pytest.mark.parametrize(
    ("fusion", "other", "agree"),
    [(0.4, 0.3, True), (0.9, 0.3, False), (0.4, 0.9, False), (0.4, None, True)],
)
def test_disagreement_is_told(fusion, other, agree):
    silent = MethodAnswer("a method", not_answered="nothing")
    said = {FUSION: answer(fusion), "another": silent if other is None else answer(other)}
    found = combine(Verdict, said, stated=True)
    assert found.agree is agree
    assert found.methods == (FUSION,)
    assert found.palsy_probability == pytest.approx(
        shipped_rule(stated=True).probability((fusion,), 0.5)
    )
    assert found.coverage == shipped_rule(stated=True).coverage
    assert "Not validated on patients" in found.rule


def test_networks_of_the_users_own_are_not_joined_by_rules_of_others(monkeypatch, tmp_path):
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    said = {GRADER: answer(0.9), FUSION: answer(0.7)}
    (tmp_path / f"{GRADER}.onnx").write_bytes(b"mine")
    assert combine(Verdict, said, stated=False).methods == (FUSION,)
    (tmp_path / f"{FUSION}.onnx").write_bytes(b"mine")
    assert combine(Verdict, said, stated=False) is None


def test_a_fusion_of_landmarks_that_the_users_own_network_refines_is_one_of_the_users_own(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    (tmp_path / "landmark_refinement.onnx").write_bytes(b"mine")
    assert is_own(FUSION)
    assert is_own("phcnn_lstm-light")
    assert not is_own(GRADER)
    both = {GRADER: answer(0.9), FUSION: answer(0.7)}
    assert combine(Verdict, both, stated=False) is None


@pytest.mark.parametrize("stated", [True, False])
def test_the_grader_joins_where_it_answers(stated):
    found = combine(Verdict, {GRADER: answer(0.9), FUSION: answer(0.7)}, stated=stated)
    rule = shipped_rule((FUSION, GRADER), stated=stated)
    assert found.methods == rule.methods == (FUSION, GRADER)
    assert found.palsy_probability == pytest.approx(rule.probability((0.7, 0.9), 0.5))
    assert found.conclusion == rule.photograph.conclusion(found.palsy_probability)
    assert f"{FUSION}, {GRADER} and the distance" in found.rule
    assert combine(Verdict, {GRADER: answer(0.9)}, stated=stated) is None


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("methods", [(FUSION,), (FUSION, GRADER)])
def test_a_shipped_rule_rises_with_what_was_read_and_says_what_it_was_fitted_on(methods, stated):
    found = shipped_rule(methods, stated=stated)
    assert found.methods == methods
    assert found.weight > 0
    assert "imulated" in found.data
    low, high = found.measured["AUC, combined"][1:]
    assert low < found.measured["AUC, combined"][0] < high

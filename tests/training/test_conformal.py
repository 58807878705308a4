"""Cut-offs are scored on people that they were not fitted on."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="calibration needs the extra 'train'")

from facialis.evaluation import resampling
from facialis.training import conformal, rule_fit

PEOPLE, EACH = 7, 6


def test_all_rows_of_a_person_are_fitted_on_or_scored_and_never_both(monkeypatch):
    """The cut-offs of the n-th fit let n classes through, so each row tells which scored it."""
    rows = PEOPLE * EACH
    people = np.array([f"s/{number % PEOPLE}" for number in range(rows)])
    probability = np.repeat(np.arange(rows)[:, None] / rows, conformal.FOLDS, axis=1)
    truth = np.arange(rows) % conformal.FOLDS
    fitted_on = []

    def recorded(given, classes):
        fitted_on.append((given[:, 0] * rows).round().astype(int))
        np.testing.assert_array_equal(classes, truth[fitted_on[-1]])
        return np.where(np.arange(conformal.FOLDS) < len(fitted_on), 0.0, 2.0)

    monkeypatch.setattr(conformal, "class_cuts", recorded)
    monkeypatch.setattr(conformal, "share", lambda each, of: each)
    kept, scored_by = conformal.class_coverage(probability, truth, people)
    np.testing.assert_array_equal(kept, truth < scored_by)
    assert len(fitted_on) == conformal.FOLDS
    for number, fitted in enumerate(fitted_on, 1):
        scored = np.flatnonzero(scored_by == number)
        assert len(scored)
        assert not set(people[fitted]) & set(people[scored])
        assert sorted([*fitted, *scored]) == list(range(rows))


def test_a_person_unlike_all_others_is_not_covered():
    """By hand: the others' cut-off is 0.9 without this person and 0.1 with, so four of five are."""
    people = np.random.default_rng(0).permutation(np.repeat(["a", "b", "c", "d", "e"], 20))
    well = np.where(people == "d", 0.1, 0.9)
    probability = np.column_stack((well, 1 - well))
    (covered, *_), (size, *_) = conformal.class_coverage(
        probability, np.zeros(100, np.int64), people
    )
    assert covered == pytest.approx(0.8)
    assert size == pytest.approx(0.8 * 2 + 0.2 * 1)


def test_a_rule_does_not_cover_a_person_unlike_all_others(monkeypatch):
    """By hand: without this person the cut-offs lie beyond this person's palsies and health."""
    monkeypatch.setattr(resampling.drawn, "__defaults__", (20,))
    people = np.repeat(["a", "b", "c", "d", "e"], 20)
    palsy = np.arange(100) % 2
    strength = np.where(people == "d", -0.6, np.linspace(-0.5, 2, 10)[np.arange(100) % 20 // 2])
    odds = np.where(palsy, strength, -strength)
    order = np.random.default_rng(0).permutation(100)
    told = rule_fit.Answered(
        names=np.array([f"p{number}" for number in range(100)]),
        read=np.column_stack((odds, np.zeros(100)))[order],
        fusion=1 / (1 + np.exp(-odds[order])),
        levels=np.eye(3)[palsy[order]],
        grades=np.eye(6)[palsy[order]],
        palsy=palsy[order],
        level=palsy[order],
        grade=palsy[order],
        people=people[order],
    )
    rule = rule_fit.fitted(told, rule_fit.Shares(0.5, 0.5), "five people")
    for name in ("palsy", "healthy"):
        assert rule.measured[f"coverage, {name}"][0] == pytest.approx(0.8), name


def test_the_odds_of_a_rule_are_fitted_on_others_than_those_whom_they_are_told_of(monkeypatch):
    people = np.repeat(["a", "b", "c", "d", "e"], 20)
    palsy = np.arange(100) % 2
    random = np.random.default_rng(0)
    told = rule_fit.Answered(
        names=np.arange(100).astype(str),
        read=(palsy + random.normal(0, 1, 100))[:, None],
        fusion=random.random(100),
        levels=np.eye(3)[palsy],
        grades=np.eye(6)[palsy],
        palsy=palsy,
        level=palsy,
        grade=palsy,
        people=people,
    )
    fitted_on = []
    odds = rule_fit._odds

    def recorded(each):
        fitted_on.append(set(each.people.tolist()))
        return odds(each)

    monkeypatch.setattr(rule_fit, "_odds", recorded)
    _, found = rule_fit._out_of_fold(told)
    left_out = [set(people.tolist()) - each for each in fitted_on]
    assert sorted(map(sorted, left_out)) == [["a"], ["b"], ["c"], ["d"], ["e"]]
    for (person,) in map(tuple, left_out):
        others = rule_fit._part(told, np.flatnonzero(people != person))
        here = np.flatnonzero(people == person)
        np.testing.assert_allclose(
            found[here], odds(others).probability(rule_fit._part(told, here))
        )

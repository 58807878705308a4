"""What whole examinations leave open, by how many movements they have."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="calibration needs the extra 'train'")

from facialis.errors import InputError
from facialis.evaluation import resampling
from facialis.evaluation.predictions import Predictions
from facialis.grading.cuts import even_odds
from facialis.training import conformal, examination_fit
from facialis.training.conformal import COVERAGE
from facialis.training.examination_fit import examination_cuts

PEOPLE, EACH, DRAWS = 30, 6, 22
SHARE = 0.75


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(resampling.drawn, "__defaults__", (20,))


def answered(seed=0, people=PEOPLE, counts=12):
    """Answers that know the grade the better the more movements they are of."""
    random = np.random.default_rng(seed)
    grade = np.tile(np.arange(6), people * EACH // 6)
    some = np.empty((len(grade), 12, DRAWS, 6), np.float32)
    for k in range(12):
        noise = random.dirichlet((1,) * 6, (len(grade), DRAWS))
        mixed = noise + 0.1 * (k + 1) * np.eye(6)[grade][:, None]
        some[:, k] = mixed / mixed.sum(axis=-1, keepdims=True)
    return Predictions(
        names=tuple(f"p{i}" for i in range(len(grade))),
        subjects=tuple(f"s/{i // EACH}" for i in range(len(grade))),
        sources=("s",) * len(grade),
        truth={"grade": grade},
        answers={
            "grade_probability": some[:, -1, 0],
            "grade_probability_of_some": some,
            "movements": np.full(len(grade), counts),
            "has_rest": np.ones(len(grade), np.int64),
        },
        split="fold 1",
    )


def test_each_number_of_movements_has_cut_offs_of_its_own():
    said = answered()
    found = examination_cuts([said], SHARE, "Simulated")
    assert (found.people, found.examinations, found.data) == (PEOPLE, PEOPLE * EACH, "Simulated")
    assert (found.palsy_share, found.coverage) == (SHARE, COVERAGE)
    assert (len(found.with_rest), len(found.without_rest)) == (12, 11)
    even = even_odds(said.answers["grade_probability_of_some"], SHARE)
    grade = said.truth["grade"]
    for number, has_rest in ((1, True), (5, True), (12, True), (1, False), (7, False)):
        cuts = found.of(number, has_rest=has_rest)
        told = even[:, number - 1, slice(0, 11) if has_rest else slice(11, 22)]
        ill = 1 - told[..., 0]
        assert cuts.palsy_from == pytest.approx(nearly_all(ill[grade > 0]), abs=1e-4)
        assert cuts.healthy_to == pytest.approx(1 - nearly_all(1 - ill[grade == 0]), abs=1e-4)
        third = nearly_all(told[grade == 2][..., 2])
        assert cuts.least["III"] == pytest.approx(third, abs=1e-4)


def nearly_all(scores):
    """The cut-off by hand: the draws of one examination count as one."""
    rank = int((len(scores) + 1) * 0.1 + 1e-9)
    return np.sort(scores.ravel())[rank * scores.shape[1] - 1]


def test_draws_that_are_all_alike_count_once():
    scores = np.arange(1, 20)[:, None].repeat(11, axis=1) / 20
    assert examination_fit._least(scores) == pytest.approx(conformal.least(scores[:, 0]))
    assert examination_fit._least(scores[:8]) == 0


def test_what_was_measured_gets_better_with_more_movements_and_covers_what_it_says():
    measured = examination_cuts([answered()], SHARE, "Simulated").measured
    for name in ("AUC", "level right", "grade right", "quadratic kappa of grades"):
        assert measured[f"{name}, 12 with rest"][0] > measured[f"{name}, 1 with rest"][0], name
    kept = [measured[f"grades that are kept, {number} with rest"] for number in (12, 1)]
    assert kept[0] < kept[1]
    for name in ("palsy", "healthy", "grades"):
        for number, rest in ((1, "with rest"), (3, "with rest"), (3, "without rest")):
            value, _, _ = measured[f"coverage, {name}, {number} {rest}"]
            assert value == pytest.approx(COVERAGE, abs=0.05), (name, number)
        # Of answers that are all but sure the likeliest one stays even below its cut-off.
        assert measured[f"coverage, {name}, 12 with rest"][0] > COVERAGE - 0.05


def test_scores_are_those_of_each_draw_by_hand():
    said = answered()
    measured = examination_cuts([said], SHARE, "Simulated").measured
    even = even_odds(said.answers["grade_probability_of_some"][:, 2, 11:], SHARE)
    grade = said.truth["grade"][:, None]
    assert measured["grade right, 3 without rest"][0] == pytest.approx(
        float((even.argmax(-1) == grade).mean()), abs=1e-4
    )
    near = np.abs(even.argmax(-1) - grade) <= 1
    assert measured["within one grade, 3 without rest"][0] == pytest.approx(
        float(near.mean()), abs=1e-4
    )


def test_a_person_unlike_all_others_is_not_covered():
    said = answered()
    some = said.answers["grade_probability_of_some"].copy()
    truth = said.truth["grade"]
    some[:] = np.where(np.eye(6)[truth][:, None, None] > 0, 0.75, 0.05)
    odd = np.array(said.subjects) == "s/4"
    some[odd] = np.roll(some[odd], 1, axis=-1)
    changed = Predictions(
        names=said.names, subjects=said.subjects, sources=said.sources, truth=said.truth,
        answers=said.answers | {"grade_probability_of_some": some}, split="fold 1",
    )  # fmt: skip
    measured = examination_cuts([changed], 0.5, "Simulated").measured
    assert measured["coverage, grades, 12 with rest"][0] == pytest.approx(1 - 1 / PEOPLE, abs=1e-4)
    assert measured["grade right, 12 with rest"][0] == pytest.approx(1 - 1 / PEOPLE, abs=1e-4)


def test_examinations_that_lack_a_movement_or_a_grade_are_not_fitted_on():
    said = answered()
    count, grade = said.answers["movements"].copy(), said.truth["grade"].copy()
    rest = said.answers["has_rest"].copy()
    count[:6] = 11
    rest[7] = 0
    grade[6] = -1
    changed = Predictions(
        names=said.names, subjects=said.subjects, sources=said.sources, truth={"grade": grade},
        answers=said.answers | {"movements": count, "has_rest": rest}, split="fold 1",
    )  # fmt: skip
    found = examination_cuts([changed], SHARE, "Simulated")
    assert (found.people, found.examinations) == (PEOPLE - 1, PEOPLE * EACH - 8)


def test_shorter_examinations_have_fewer_cut_offs():
    found = examination_cuts([answered(counts=9)], SHARE, "Simulated")
    assert (len(found.with_rest), len(found.without_rest)) == (9, 8)
    assert found.of(12, has_rest=True) == found.of(9, has_rest=True)
    assert not any("12 with rest" in name for name in found.measured)


def test_too_few_people_are_refused():
    with pytest.raises(InputError, match="whole examinations with rest of 4 people"):
        examination_cuts([answered(people=4)], SHARE, "Simulated")

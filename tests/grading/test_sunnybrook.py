"""The Sunnybrook form: items, scores, what is missing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.grading.conftest import examined_face

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import SUNNYBROOK_MOVEMENTS
from facialis.grading.rules import read_rules
from facialis.grading.signs import Estimate, Moved, RestSigns, Signs
from facialis.grading.sunnybrook import sunnybrook
from facialis.grading.synkinesis import synkinesis_matrix
from facialis.measures.excursions import Millimetres

RULES = read_rules()
BALANCED = RestSigns(eye=1.0, corner=0.0, cheek=0.0, brow=0.0)
QUIET = synkinesis_matrix(examined_face(None), Side.LEFT, RULES, is_healthy=False)


def signs(function: float, rest: RestSigns | None = BALANCED, *, doubt: float = 0.0) -> Signs:
    share = Estimate(function, function - 0.1, function + 0.1)
    return Signs(
        affected=Side.LEFT,
        is_healthy=False,
        rest=rest,
        moved={m: Moved(m, function, share, 0.04, 0.05) for m in SUNNYBROOK_MOVEMENTS},
        why_not={m: f"{m} is missing" for m in Movement if m not in SUNNYBROOK_MOVEMENTS},
        missing=frozenset(Movement) - set(SUNNYBROOK_MOVEMENTS) - {Movement.REST},
        forehead=share,
        eye=share,
        mouth=share,
        mm=Millimetres(88.0, 3.0),
        doubt=doubt,
    )


def test_a_balanced_face_that_moves_completely_has_full_marks() -> None:
    form = sunnybrook(signs(1.0), QUIET, RULES)
    assert (form.composite, form.resting, form.voluntary, form.synkinesis) == (100, 0, 100, 0)
    assert len(form.items) == 13
    assert form.missing == ()


@pytest.mark.parametrize(
    ("function", "value"), [(0.0, 1), (0.2, 2), (0.5, 3), (0.8, 4), (0.95, 5), (1.2, 5), (-0.1, 1)]
)
def test_voluntary_movement_goes_by_its_share(function: float, value: int) -> None:
    form = sunnybrook(signs(function), QUIET, RULES)
    assert form.voluntary == 4 * 5 * value
    item = next(i for i in form.items if i.name == "voluntary_smile")
    assert item.value == value
    assert item.inputs["smile_affected_way_mm"] == pytest.approx(88 * 0.04)
    assert item.inputs["smile_function_percent"] == pytest.approx(100 * function)
    assert "from 40 % mild excursion" in item.rule
    assert item.rule.startswith("function of the movement: ")


@pytest.mark.parametrize(
    ("rest", "values"),
    [
        (BALANCED, (0, 0, 0)),
        (RestSigns(1.15, 0.0, 0.0, 0.0), (1, 0, 0)),
        (RestSigns(0.85, 0.0, 0.0, 0.0), (1, 0, 0)),
        (RestSigns(1.0, -0.05, 0.0, 0.0), (0, 0, 1)),
        (RestSigns(1.0, 0.05, 0.0, 0.0), (0, 0, 1)),
        (RestSigns(1.0, 0.0, -0.07, 0.0), (0, 1, 0)),
        (RestSigns(1.0, 0.0, -0.2, 0.0), (0, 2, 0)),
        (RestSigns(1.0, 0.0, 0.2, 0.0), (0, 1, 0)),
    ],
)
def test_rest_is_scored_by_what_is_out_of_balance(
    rest: RestSigns, values: tuple[int, int, int]
) -> None:
    form = sunnybrook(signs(1.0, rest), QUIET, RULES)
    assert tuple(i.value for i in form.items[:3]) == values
    assert form.resting == 5 * sum(values)


def test_rest_is_judged_more_widely_while_a_palsy_is_in_doubt() -> None:
    slight = RestSigns(1.1, 0.03, 0.05, 0.0)
    assert sunnybrook(signs(1.0, slight), QUIET, RULES).resting == 15
    assert sunnybrook(signs(1.0, slight, doubt=1.0), QUIET, RULES).resting == 0


def test_the_cheek_is_never_sure_because_the_fold_is_not_seen() -> None:
    cheek = sunnybrook(signs(1.0), QUIET, RULES).items[1]
    assert cheek.interval == (0, 1)
    assert "not seen" in cheek.rule


def test_the_interval_holds_the_composite_and_grows_with_the_doubt() -> None:
    sure = sunnybrook(signs(1.5), QUIET, RULES)
    unsure = sunnybrook(signs(0.7), QUIET, RULES)
    for form in (sure, unsure):
        assert form.composite is not None
        assert form.interval is not None
        assert form.interval[0] <= form.composite <= form.interval[1]
    assert unsure.interval is not None
    assert sure.interval is not None
    assert unsure.interval[1] - unsure.interval[0] > sure.interval[1] - sure.interval[0]


@pytest.mark.parametrize("movement", SUNNYBROOK_MOVEMENTS)
def test_a_missing_movement_leaves_the_composite_open(movement: Movement) -> None:
    whole = signs(1.0)
    moved = {m: each for m, each in whole.moved.items() if m is not movement}
    less = replace(
        whole,
        moved=moved,
        why_not={**whole.why_not, movement: f"{movement} is missing"},
        missing=whole.missing | {movement},
    )
    moments = {m: each for m, each in examined_face(None).items() if m is not movement}
    along = synkinesis_matrix(moments, Side.LEFT, RULES, is_healthy=False)
    form = sunnybrook(less, along, RULES)
    assert form.composite is None
    assert form.interval is None
    assert form.voluntary is None
    assert form.synkinesis is None
    assert form.resting == 0
    assert form.missing == (movement,)
    blank = [i for i in form.items if i.not_measured]
    assert [i.name for i in blank] == [f"voluntary_{movement}", f"synkinesis_{movement}"]


def test_without_rest_nothing_at_rest_is_scored() -> None:
    form = sunnybrook(signs(1.0, None), QUIET, RULES)
    assert form.resting is None
    assert form.composite is None
    assert form.missing == (Movement.REST,)


def test_a_movement_that_was_not_compared_has_no_synkinesis() -> None:
    form = sunnybrook(signs(1.0), (), RULES)
    assert form.synkinesis is None
    assert {i.not_measured for i in form.items[8:]} == {"it was not compared"}


def test_without_a_scale_lengths_are_in_interocular_distances() -> None:
    form = sunnybrook(replace(signs(0.5, RestSigns(1, 0.05, 0, 0)), mm=None), QUIET, RULES)
    assert form.items[2].inputs == {"displacement_interocular": 0.05}
    assert form.items[5].inputs["smile_affected_way_interocular"] == 0.04

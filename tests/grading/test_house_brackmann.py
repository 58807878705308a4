"""House-Brackmann by the table and by the points."""

from __future__ import annotations

from dataclasses import replace

import pytest

from facialis.clinical.anatomy import Movement, Region, Side
from facialis.clinical.scales import HOUSE_BRACKMANN
from facialis.grading.examined import Synkinesis
from facialis.grading.house_brackmann import (
    grade_between,
    grade_of_function,
    grade_of_points,
    house_brackmann,
)
from facialis.grading.rules import read_rules
from facialis.grading.signs import Estimate, Moved, RestSigns, Signs

RULES = read_rules()
BALANCED = RestSigns(eye=1.0, corner=0.0, cheek=0.0, brow=0.0)


def sure(value: float) -> Estimate:
    return Estimate(value, value, value)


def signs(
    forehead: float | None, eye: float | None, mouth: float | None, *, healthy: bool = False
) -> Signs:
    """Signs with a share of function for each region, and the movements behind them."""
    by_movement = {
        Movement.BROW_RAISE: forehead,
        Movement.EYE_CLOSE_GENTLE: eye,
        Movement.EYE_CLOSE_TIGHT: eye,
        Movement.SMILE: mouth,
    }
    return Signs(
        affected=Side.LEFT,
        is_healthy=healthy,
        rest=BALANCED,
        moved={
            m: Moved(m, share, sure(share), 0.05 * share, 0.05)
            for m, share in by_movement.items()
            if share is not None
        },
        why_not={m: f"{m} is missing" for m in Movement if by_movement.get(m) is None},
        missing=frozenset(m for m in Movement if by_movement.get(m) is None),
        forehead=None if forehead is None else sure(forehead),
        eye=None if eye is None else sure(eye),
        mouth=None if mouth is None else sure(mouth),
        mm=None,
        doubt=0.0,
    )


def along(*degrees: int) -> list[Synkinesis]:
    return [Synkinesis(Movement.SMILE, Region.EYE, 0.01, None, 0.005, d) for d in degrees]


@pytest.mark.parametrize(
    ("points", "grade"), [(8, 1), (7, 2), (6, 3), (5, 3), (4, 4), (3, 4), (2, 5), (1, 5), (0, 6)]
)
def test_points_are_graded_by_the_table(points: int, grade: int) -> None:
    assert grade_of_points(points) == grade


@pytest.mark.parametrize("row", HOUSE_BRACKMANN)
def test_the_middle_of_a_band_of_function_is_its_grade(row: object) -> None:
    least, most = row.function  # type: ignore[attr-defined]
    assert grade_of_function((least + most) / 200, RULES) == row.grade  # type: ignore[attr-defined]
    assert grade_between((least + most) / 200) == pytest.approx(row.grade)  # type: ignore[attr-defined]


class TestTheGrossGrade:
    @pytest.mark.parametrize(
        ("forehead", "eye", "mouth", "grade"),
        [
            (0.85, 0.8, 0.85, 2),
            (0.5, 0.6, 0.6, 3),
            (0.0, 0.45, 0.4, 4),
            (0.0, 0.1, 0.15, 5),
            (0.0, 0.0, 0.0, 6),
        ],
    )
    def test_follows_the_function_left(
        self, forehead: float, eye: float, mouth: float, grade: int
    ) -> None:
        assert house_brackmann(signs(forehead, eye, mouth), [], RULES).grade == grade

    def test_is_told_with_the_function_that_it_goes_by_and_all_that_moves_it(self) -> None:
        found = house_brackmann(signs(0.0, 0.45, 0.4), [], RULES)
        assert found.function_percent == pytest.approx(100 * 0.85 / 3)
        assert found.rule.startswith("above 90 % I, above 75 % II, above 45 % III, above 20 % IV, ")
        assert "above 4.5 % V, else VI" in found.rule
        for each in ("between III and IV", "synkinesis", "at least II", "at most II"):
            assert each in found.rule
        assert house_brackmann(signs(None, 0.5, 0.5), [], RULES).function_percent is None

    def test_is_iii_if_the_eye_closes_and_the_forehead_moves(self) -> None:
        found = house_brackmann(signs(0.25, 0.55, 0.3), [], RULES)
        assert grade_of_function((0.25 + 0.55 + 0.3) / 3, RULES) == 4
        assert found.grade == 3

    def test_is_iv_if_neither_does(self) -> None:
        found = house_brackmann(signs(0.1, 0.45, 0.95), [], RULES)
        assert grade_of_function(0.5, RULES) == 3
        assert found.grade == 4

    def test_keeps_to_the_function_if_they_disagree(self) -> None:
        assert house_brackmann(signs(0.0, 0.6, 0.3), [], RULES).grade == 4
        assert house_brackmann(signs(0.9, 0.3, 0.6), [], RULES).grade == 3

    @pytest.mark.parametrize(("degree", "grade"), [(0, 2), (1, 2), (2, 3), (3, 4)])
    def test_is_raised_by_synkinesis(self, degree: int, grade: int) -> None:
        found = house_brackmann(signs(0.85, 0.85, 0.85), along(degree, degree, 0), RULES)
        assert found.grade == grade

    def test_of_an_affected_side_is_ii_at_least(self) -> None:
        assert house_brackmann(signs(1.0, 1.0, 1.0), [], RULES).grade == 2

    def test_without_an_affected_side_is_ii_at_most(self) -> None:
        assert house_brackmann(signs(1.0, 1.0, 1.0, healthy=True), [], RULES).grade == 1
        found = house_brackmann(signs(0.5, 0.5, 0.6, healthy=True), [], RULES)
        assert found.grade == 2
        assert (found.points, found.measured, found.interval) == (4, 2, (2, 2))


class TestTheMeasuredMethod:
    @pytest.mark.parametrize(
        ("forehead", "mouth", "points"),
        [(1.0, 1.0, 8), (0.5, 0.5, 4), (0.0, 1.0, 4), (0.1, 0.1, 0), (1.0, 0.76, 7)],
    )
    def test_gives_four_points_a_site(self, forehead: float, mouth: float, points: int) -> None:
        found = house_brackmann(signs(forehead, 1.0, mouth), [], RULES)
        assert found.points == points
        assert found.measured == grade_of_points(points)

    def test_takes_the_closed_smile_if_there_is_no_open_one(self) -> None:
        base = signs(1.0, 1.0, None)
        closed = Moved(Movement.SMILE_CLOSED, 0.5, sure(0.5), 0.02, 0.04)
        found = replace(base, moved={**base.moved, Movement.SMILE_CLOSED: closed})
        assert house_brackmann(found, [], RULES).points == 6

    def test_widens_the_interval_where_it_disagrees(self) -> None:
        found = house_brackmann(signs(0.0, 1.0, 0.6), [], RULES)
        assert found.measured == 5
        assert found.interval is not None
        assert found.interval[0] <= (found.gross or 0)
        assert found.interval[1] == 5

    def test_needs_brow_and_smile(self) -> None:
        found = house_brackmann(signs(None, 1.0, 1.0), [], RULES)
        assert found.points is None
        assert found.measured is None


class TestWhatIsMissing:
    @pytest.mark.parametrize(
        ("shares", "item", "movement"),
        [
            ((None, 0.5, 0.5), "forehead", Movement.BROW_RAISE),
            ((0.5, None, 0.5), "eye", Movement.EYE_CLOSE_GENTLE),
            ((0.5, 0.5, None), "mouth", Movement.SMILE),
        ],
    )
    def test_leaves_the_grade_open_and_is_named(
        self, shares: tuple[float | None, ...], item: str, movement: Movement
    ) -> None:
        found = house_brackmann(signs(*shares), [], RULES)
        assert found.grade is None
        assert found.interval is None
        assert found.coverage is None
        assert movement in found.missing
        blank = next(i for i in found.items if i.name == item)
        assert blank.value is None
        assert f"{movement} is missing" in (blank.not_measured or "")


class TestItems:
    def test_name_their_cut_offs(self) -> None:
        found = house_brackmann(signs(0.5, 0.6, 0.6), [], RULES)
        forehead = found.items[0]
        assert "from 15 % slight to moderate" in forehead.rule
        assert forehead.choices[int(forehead.value or 0)] == "slight to moderate"
        assert forehead.inputs["function_percent"] == pytest.approx(50)

    def test_say_by_which_function_and_from_what_movement_it_is_full(self) -> None:
        for healthy in (False, True):
            found = house_brackmann(signs(0.5, 0.6, 0.6, healthy=healthy), [], RULES)
            for item in found.items[:3]:
                assert item.rule.startswith("function of the ")
                assert ("75 % of the other side's movement is full" in item.rule) is healthy
                functions = [v for k, v in item.inputs.items() if k.endswith("_function_percent")]
                assert functions

    @pytest.mark.parametrize(
        ("eye", "word"),
        [
            (0.3, "incomplete"),
            (0.6, "complete with effort"),
            (0.8, "complete, minimal effort"),
        ],
    )
    def test_of_the_eye_is_how_it_closes(self, eye: float, word: str) -> None:
        item = house_brackmann(signs(1.0, eye, 1.0), [], RULES).items[1]
        assert item.choices[int(item.value or 0)] == word

    @pytest.mark.parametrize(
        ("rest", "value", "interval"),
        [
            (BALANCED, 0, (0, 0)),
            (RestSigns(1.2, 0.0, 0.0, 0.0), 0, (0, 1)),
            (RestSigns(1.2, -0.08, 0.0, 0.0), 1, (0, 1)),
            (RestSigns(1.2, -0.08, -0.2, 0.0), 1, (1, 1)),
        ],
    )
    def test_of_rest_counts_signs(
        self, rest: RestSigns, value: float, interval: tuple[float, float]
    ) -> None:
        item = house_brackmann(replace(signs(0.2, 0.2, 0.2), rest=rest), [], RULES).items[3]
        assert item.value == value
        assert item.interval == interval

    def test_of_synkinesis_needs_a_comparison(self) -> None:
        item = house_brackmann(signs(0.5, 0.5, 0.5), [], RULES).items[4]
        assert item.value is None
        assert item.not_measured is not None

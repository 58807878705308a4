"""eFACE-like items and auto-eFACE."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from tests.grading.conftest import ALL, Moments, examined_face

from facialis.clinical.anatomy import Movement, Side
from facialis.face import mesh
from facialis.grading.eface import eface
from facialis.grading.examined import Eface, Item
from facialis.grading.rules import read_rules
from facialis.grading.signs import signs_of
from facialis.measures.moment import POINTS_OF_SITE, Site
from facialis.measures.static import measure_sides
from facialis.simulation.lesion import Form, Lesion, standard_lesion

RULES = read_rules()


def scored(moments: Moments, side: Side = Side.LEFT) -> Eface:
    return eface(moments, signs_of(moments, side, RULES, is_healthy=False), RULES)


def items_of(lesion: Lesion | None, movements: tuple[Movement, ...] = ALL) -> dict[str, Item]:
    found = scored(examined_face(lesion, movements))
    return {item.name: item for item in (*found.items, *found.auto_items)}


def test_a_symmetric_face_is_balanced_and_complete() -> None:
    found = scored(examined_face(None))
    assert found.static == pytest.approx(100)
    assert found.dynamic == pytest.approx(100)
    assert found.synkinesis == pytest.approx(100)
    assert found.missing == ()


@pytest.mark.parametrize(
    "name",
    [
        "static_fold",
        "dynamic_fold_depth",
        "dynamic_fold_orientation",
        "synkinesis_mentalis",
        "synkinesis_platysmal",
    ],
)
def test_what_landmarks_do_not_see_is_not_measured(name: str) -> None:
    item = items_of(standard_lesion(5, Side.LEFT))[name]
    assert item.value is None
    assert item.not_measured


def test_the_printed_function_of_a_movement_gives_its_item() -> None:
    for name, item in items_of(standard_lesion(4, Side.LEFT)).items():
        if name.startswith("dynamic_") and item.value is not None:
            (function,) = (v for k, v in item.inputs.items() if k.endswith("_function_percent"))
            assert item.value == pytest.approx(min(100, max(0, function)))
            assert item.rule.startswith("function of the movement")


@pytest.mark.parametrize(
    ("left_out", "group"),
    [
        (Movement.LOWER_TEETH, "dynamic"),
        (Movement.EYE_CLOSE_TIGHT, "dynamic"),
        (Movement.REST, "static"),
    ],
)
def test_the_mean_of_a_group_needs_all_its_items(left_out: Movement, group: str) -> None:
    shown = tuple(m for m in ALL if m is not left_out)
    assert getattr(scored(examined_face(None, shown)), group) is None


def test_items_of_a_smile_alone_give_no_mean() -> None:
    found = scored(examined_face(None, (Movement.REST, Movement.SMILE)))
    assert [i.value for i in found.items if i.name == "dynamic_smile"] == [pytest.approx(100)]
    assert (found.dynamic, found.synkinesis) == (None, None)


class TestStaticItems:
    def test_of_a_slack_face_fall_below_balance(self) -> None:
        items = items_of(standard_lesion(6, Side.LEFT))
        for name in ("static_brow", "static_fissure", "static_commissure"):
            value = items[name].value
            assert value is not None
            assert value < 95, name

    def test_of_a_shortened_face_rise_above_it(self) -> None:
        items = items_of(standard_lesion(6, Side.LEFT, Form.SYNKINETIC))
        for name in ("static_fissure", "static_commissure"):
            value = items[name].value
            assert value is not None
            assert value > 105, name

    def test_stay_on_their_scale(self) -> None:
        moments = examined_face(None, (Movement.REST,))
        rest = moments[Movement.REST]
        face = rest.face.copy()
        face[list(POINTS_OF_SITE[Side.LEFT][Site.COMMISSURE]), :2] += [-0.3, 0.4]
        found = scored({Movement.REST: dataclasses.replace(rest, face=face)})
        commissure = next(i for i in found.items if i.name == "static_commissure")
        assert commissure.value == 0
        assert commissure.interval is not None
        assert commissure.interval[0] == 0


class TestDynamicItems:
    def test_fall_with_the_grade(self) -> None:
        means = [scored(examined_face(standard_lesion(g, Side.LEFT))).dynamic for g in range(1, 7)]
        assert all(a is not None and b is not None and b < a for a, b in itertools.pairwise(means))

    def test_of_a_total_palsy_are_nothing(self) -> None:
        assert items_of(standard_lesion(6, Side.LEFT))["dynamic_brow"].value == pytest.approx(0)

    def test_of_a_missing_movement_are_not_measured(self) -> None:
        movements = tuple(m for m in Movement if m is not Movement.BROW_RAISE)
        item = items_of(None, movements)["dynamic_brow"]
        assert item.value is None
        assert item.not_measured == "brow_raise is missing"


class TestSynkinesisItems:
    def test_fall_with_a_regrown_nerve(self) -> None:
        items = items_of(standard_lesion(4, Side.LEFT, Form.SYNKINETIC))
        for name in ("synkinesis_ocular", "synkinesis_midfacial"):
            item = items[name]
            assert item.value is not None
            assert item.value < 90
            assert item.interval is not None
            assert item.interval[0] <= item.value <= item.interval[1]

    def test_of_a_slack_face_are_full(self) -> None:
        items = items_of(standard_lesion(4, Side.LEFT))
        assert items["synkinesis_ocular"].value == 100

    @pytest.mark.parametrize(
        ("movements", "why"),
        [
            ((Movement.REST, Movement.BROW_RAISE), "smile is missing"),
            ((Movement.SMILE,), "rest is missing"),
        ],
    )
    def test_need_rest_and_a_movement_of_the_mouth(
        self, movements: tuple[Movement, ...], why: str
    ) -> None:
        assert items_of(None, movements)["synkinesis_ocular"].not_measured == why


class TestAutoEface:
    def test_is_the_mean_of_nine_items(self) -> None:
        found = scored(examined_face(standard_lesion(4, Side.LEFT)))
        values = [i.value for i in found.auto_items]
        assert len(values) == 9
        assert found.auto == pytest.approx(np.mean([v for v in values if v is not None]))

    def test_falls_with_the_grade(self) -> None:
        scores = [scored(examined_face(standard_lesion(g, Side.LEFT))).auto for g in range(1, 7)]
        assert all(a is not None and b is not None and b < a for a, b in itertools.pairwise(scores))

    def test_is_left_open_while_an_item_is_missing(self) -> None:
        movements = tuple(m for m in Movement if m is not Movement.PUCKER)
        found = scored(examined_face(None, movements))
        assert found.auto is None
        assert found.missing == (Movement.PUCKER,)
        assert found.auto_items[-1].not_measured == "pucker is missing"

    def test_at_rest_is_the_published_formula(self) -> None:
        moments = examined_face(standard_lesion(6, Side.LEFT), (Movement.REST,))
        sides = measure_sides(moments[Movement.REST].face)
        fissure, brow = sides["fissure_height"], sides["brow_height"]
        items = {i.name: i.value for i in scored(moments).auto_items}
        wide = 100 * fissure.right / fissure.left
        low = 100 * brow.left / brow.right
        assert items["auto_rest_fissure"] == pytest.approx(100 - abs(100 - wide))
        assert items["auto_rest_brow"] == pytest.approx(100 - abs(100 - low))

    def test_counts_less_than_a_millimetre_as_closed(self) -> None:
        moments = examined_face(None, (Movement.REST,))
        rest = moments[Movement.REST]
        upper = list(POINTS_OF_SITE[Side.LEFT][Site.UPPER_LID])
        lower = list(mesh.LEFT_LOWER_LID[3:6])
        for gap, value in ((0.9 / 88, 100.0), (1.8 / 88, None)):
            face = rest.face.copy()
            face[upper, 1] = face[lower, 1] - gap
            closed = dataclasses.replace(rest, movement=Movement.EYE_CLOSE_TIGHT, face=face)
            found = scored({Movement.REST: rest, Movement.EYE_CLOSE_TIGHT: closed})
            item = next(i for i in found.auto_items if i.name.endswith("eye_close_tight"))
            assert item.value is not None
            if value is None:
                assert 60 < item.value < 95
            else:
                assert item.value == value

    def test_is_not_measured_where_the_healthy_side_does_not_move(self) -> None:
        moments = examined_face(None, (Movement.REST,))
        still = dataclasses.replace(moments[Movement.REST], movement=Movement.BROW_RAISE)
        found = scored({**moments, Movement.BROW_RAISE: still})
        item = next(i for i in found.auto_items if i.name == "auto_dynamic_brow")
        assert item.not_measured == "the other side does not move above the noise"

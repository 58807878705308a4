"""A whole examination: side, scales, missing movements, what is stated, mirror images."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.grading.conftest import (
    ALL,
    SWAPPED,
    examined_face,
    mirrored_moments,
    moment,
    verdicts_of,
)

from facialis import assess
from facialis.clinical.anatomy import AffectedSide, Branch, Movement, Region, Side
from facialis.face.mesh import MIRROR
from facialis.face.pose import head_pose
from facialis.grading.examination import BOTH_AFFECTED, excursions, graded, lagophthalmos
from facialis.grading.examined import Grades, Item
from facialis.grading.overall import overall
from facialis.grading.rules import read_rules
from facialis.grading.signs import signs_of
from facialis.measures.dynamic import Curve, Dynamics, Segment, SideDynamics
from facialis.measures.excursions import lid_gaps
from facialis.measures.moment import Moment, Site
from facialis.measures.norms import View
from facialis.simulation.lesion import Form, Lesion, standard_lesion
from facialis.simulation.one_off import sat
from facialis.simulation.performance import Performance, performed

RULES = read_rules()


def grades_of(
    lesion: Lesion | None, movements: tuple[Movement, ...] = ALL, **more: object
) -> Grades:
    moments = examined_face(lesion, movements)
    return graded(moments, verdicts_of(moments), rules=RULES, **more)  # type: ignore[arg-type]


def items_of(grades: Grades) -> Iterator[Item]:
    yield from grades.house_brackmann.items
    yield from grades.sunnybrook.items
    yield from grades.eface.items
    yield from grades.eface.auto_items


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("grade", [3, 4, 5, 6])
class TestALesion:
    def test_is_found_on_its_side(self, grade: int, side: Side) -> None:
        grades = grades_of(standard_lesion(grade, side))
        assert grades.side == side.value
        assert grades.palsy_probability > 0.5
        assert grades.side_confidence > 0.8

    def test_gets_a_grade_near_its_own(self, grade: int, side: Side) -> None:
        found = grades_of(standard_lesion(grade, side)).house_brackmann
        assert found.grade is not None
        assert abs(found.grade - grade) <= 1
        assert found.interval is not None
        assert found.interval[0] <= found.grade <= found.interval[1]
        assert found.grade in found.conformal


def test_a_worse_lesion_never_scores_better() -> None:
    found = [grades_of(standard_lesion(g, Side.LEFT)) for g in range(1, 7)]
    composites = [g.sunnybrook.composite for g in found]
    assert all(b < a for a, b in itertools.pairwise(composites))  # type: ignore[operator]
    assert [g.house_brackmann.grade for g in found] == sorted(
        g.house_brackmann.grade or 0 for g in found
    )


def test_a_healthy_face_has_no_side_and_full_marks() -> None:
    grades = grades_of(None)
    assert grades.side is AffectedSide.NONE
    assert grades.palsy_probability < 0.1
    assert grades.house_brackmann.grade == 1
    assert grades.sunnybrook.composite == 100
    assert grades.eface.dynamic == pytest.approx(100)
    assert all(s.degree == 0 for s in grades.synkinesis)
    assert any("differ no more than in healthy people" in o for o in grades.observations)


def test_a_healthy_face_that_moves_one_side_less_stays_healthy() -> None:
    moments = examined_face(None, efforts={Side.RIGHT: 1.0, Side.LEFT: 0.9})
    grades = graded(moments, verdicts_of(moments), rules=RULES)
    assert grades.side is AffectedSide.NONE
    assert grades.house_brackmann.grade in (1, 2)
    assert grades.sunnybrook.composite is not None
    assert grades.sunnybrook.composite >= 80


@pytest.mark.parametrize("form", list(Form))
def test_the_mirror_image_has_the_other_side_and_the_same_scores(form: Form) -> None:
    moments = examined_face(standard_lesion(4, Side.RIGHT, form))
    other = mirrored_moments(moments)
    one, two = (graded(m, verdicts_of(m), rules=RULES) for m in (moments, other))
    assert two.side is SWAPPED[one.side]
    assert two.palsy_probability == pytest.approx(one.palsy_probability)
    assert two.house_brackmann.grade == one.house_brackmann.grade
    assert two.sunnybrook.composite == one.sunnybrook.composite
    assert two.eface.auto == pytest.approx(one.eface.auto)
    assert [e.right for e in two.excursions] == pytest.approx([e.left for e in one.excursions])
    assert [s.amount for s in two.synkinesis] == pytest.approx([s.amount for s in one.synkinesis])


class TestAWeakBranchAlone:
    def test_of_the_forehead_is_found(self) -> None:
        lesion = Lesion(Side.LEFT, {Branch.TEMPORAL: 1.0})
        assert grades_of(lesion).side is AffectedSide.LEFT

    def test_of_the_lower_lip_keeps_the_other_items_complete(self) -> None:
        grades = grades_of(Lesion(Side.LEFT, {Branch.MARGINAL_MANDIBULAR: 1.0}))
        by_name = {item.name: item.value for item in grades.sunnybrook.items}
        assert by_name["voluntary_brow_raise"] == 5
        assert by_name["voluntary_eye_close_gentle"] == 5

    def test_a_spared_forehead_is_noted_without_a_cause(self) -> None:
        grades = grades_of(standard_lesion(5, Side.RIGHT, central=True))
        noted = " ".join(grades.observations)
        assert "forehead moves on the right side" in noted
        assert "central" not in noted
        assert "stroke" not in noted


class TestWhatIsMissing:
    @pytest.mark.parametrize("left_out", list(Movement))
    def test_any_one_movement_may_be(self, left_out: Movement) -> None:
        movements = tuple(m for m in Movement if m is not left_out)
        grades = grades_of(standard_lesion(5, Side.LEFT), movements)
        assert grades.side is AffectedSide.LEFT
        for item in items_of(grades):
            assert (item.value is None) == (item.not_measured is not None), item.name

    def test_without_rest_nothing_is_measured_but_the_side_is(self) -> None:
        movements = tuple(m for m in Movement if m is not Movement.REST)
        grades = grades_of(standard_lesion(6, Side.LEFT), movements)
        assert grades.side is AffectedSide.LEFT
        assert grades.house_brackmann.grade is None
        assert grades.house_brackmann.interval is None
        assert grades.house_brackmann.conformal == ()
        assert Movement.REST in grades.house_brackmann.missing
        assert grades.sunnybrook.composite is None
        assert grades.eface.auto is None
        assert all(e.right is None and e.not_measured for e in grades.excursions)
        assert all(s.degree is None and s.not_measured for s in grades.synkinesis)
        assert any("no photograph at rest" in o for o in grades.observations)

    def test_rest_alone_gives_rest_items_and_no_grade(self) -> None:
        grades = grades_of(standard_lesion(6, Side.LEFT), (Movement.REST,))
        assert grades.house_brackmann.grade is None
        assert grades.sunnybrook.resting is not None
        assert grades.sunnybrook.composite is None
        assert grades.excursions == ()
        assert grades.lagophthalmos_mm is None

    def test_a_grade_needs_forehead_eye_and_mouth_only(self) -> None:
        needed = (Movement.REST, Movement.BROW_RAISE, Movement.EYE_CLOSE_TIGHT, Movement.SMILE)
        found = grades_of(standard_lesion(5, Side.LEFT), needed).house_brackmann
        assert found.grade is not None
        assert found.missing == (Movement.EYE_CLOSE_GENTLE,)

    def test_nothing_at_all_is_no_error(self) -> None:
        grades = graded({}, {}, rules=RULES)
        assert grades.side is AffectedSide.NONE
        assert grades.house_brackmann.grade is None

    def test_a_scale_may_be(self) -> None:
        moments = examined_face(standard_lesion(5, Side.LEFT, Form.SYNKINETIC), mm=None)
        grades = graded(moments, verdicts_of(moments), rules=RULES)
        assert grades.lagophthalmos_mm is None
        assert all(e.right_mm is None for e in grades.excursions)
        assert all(s.amount_mm is None for s in grades.synkinesis)
        assert not any("_mm" in name for item in items_of(grades) for name in item.inputs)
        assert not any(" mm" in sentence for sentence in grades.observations)

    def test_no_number_is_infinite(self) -> None:
        for grade in (1, 6):
            for item in items_of(grades_of(standard_lesion(grade, Side.LEFT))):
                assert all(math.isfinite(v) for v in item.inputs.values()), item.name


class TestOneSmileWithClosedLips:
    def test_fills_the_place_of_an_open_one_on_the_forms(self) -> None:
        moments = examined_face(standard_lesion(4, Side.LEFT, Form.SYNKINETIC))
        del moments[Movement.SMILE]
        grades = graded(moments, verdicts_of(moments), rules=RULES)
        voluntary = {i.name: i.value for i in grades.sunnybrook.items}
        assert voluntary["voluntary_smile"] is not None
        assert voluntary["synkinesis_smile"] is not None
        assert grades.sunnybrook.composite is not None
        dynamic = {i.name: i.value for i in grades.eface.items}
        assert dynamic["dynamic_smile"] is not None
        assert Movement.SMILE not in grades.house_brackmann.missing

    def test_counts_once(self) -> None:
        moments = examined_face(standard_lesion(4, Side.LEFT, Form.SYNKINETIC))
        shown = {Movement.REST, Movement.BROW_RAISE, Movement.EYE_CLOSE_TIGHT}
        moments = {m: moments[m] for m in (*shown, Movement.SMILE_CLOSED)}
        grades = graded(moments, {}, rules=RULES)
        assert {s.movement for s in grades.synkinesis if s.degree is not None} <= set(moments)
        assert not [e for e in grades.excursions if e.movement is Movement.SMILE]
        (mouth,) = [i for i in grades.house_brackmann.items if i.name == "mouth"]
        assert not [name for name in mouth.inputs if name.startswith("smile_ratio")]
        (along,) = [i for i in grades.eface.items if i.name == "synkinesis_ocular"]
        assert len(along.inputs) == 1


@pytest.mark.parametrize("grade", [2, 3, 4])
def test_squeezing_alone_tells_no_more_than_closing_with_effort(grade: int) -> None:
    moments = examined_face(standard_lesion(grade, Side.LEFT))
    del moments[Movement.EYE_CLOSE_GENTLE]
    item = next(
        i
        for i in graded(moments, verdicts_of(moments), rules=RULES).house_brackmann.items
        if i.name == "eye"
    )
    assert item.value is not None
    assert item.value <= 1
    assert item.interval is not None
    assert item.interval[1] == 2
    assert "squeezed only" in item.rule


def test_an_eye_that_stays_open_when_squeezed_does_not_close_with_less_effort() -> None:
    moments = examined_face(standard_lesion(6, Side.LEFT))
    del moments[Movement.EYE_CLOSE_GENTLE]
    scale = graded(moments, verdicts_of(moments), rules=RULES).house_brackmann
    (eye,) = [i for i in scale.items if i.name == "eye"]
    assert (eye.value, eye.interval) == (0, (0, 0))


class TestWhatIsStated:
    def test_a_side_comes_before_the_computed_one(self) -> None:
        grades = grades_of(standard_lesion(5, Side.LEFT), stated_side=AffectedSide.RIGHT)
        assert grades.side is AffectedSide.RIGHT
        assert grades.side_computed is AffectedSide.LEFT
        assert any("the movements point to the left side" in o for o in grades.observations)

    def test_a_side_on_a_healthy_face_is_graded_and_remarked(self) -> None:
        grades = grades_of(None, stated_side=AffectedSide.RIGHT)
        assert grades.side is AffectedSide.RIGHT
        assert grades.house_brackmann.grade == 2
        assert any("differ no more" in o for o in grades.observations)

    def test_no_side_on_a_palsy_is_remarked(self) -> None:
        grades = grades_of(standard_lesion(5, Side.LEFT), stated_side=AffectedSide.NONE)
        assert grades.side is AffectedSide.NONE
        assert not any("no more than in healthy people" in o for o in grades.observations)
        assert grades.observations[0] == (
            "No side was stated to be affected, but the two sides differ beyond healthy people "
            "(probability of a palsy above 0.99); the scales are filled in for the left side, the "
            "weaker one, and count its weakness in full."
        )

    @pytest.mark.parametrize("grade", [4, 6])
    def test_no_side_does_not_make_a_palsy_mild(self, grade: int) -> None:
        lesion = standard_lesion(grade, Side.LEFT)
        stated, computed = grades_of(lesion, stated_side=AffectedSide.NONE), grades_of(lesion)
        assert (computed.house_brackmann.grade or 0) > 2
        assert stated.house_brackmann == computed.house_brackmann
        assert stated.sunnybrook == computed.sunnybrook
        assert stated.eface == computed.eface

    def test_both_sides_give_excursions_and_no_comparison(self) -> None:
        grades = grades_of(standard_lesion(5, Side.LEFT), stated_side=AffectedSide.BOTH)
        assert grades.side is AffectedSide.BOTH
        assert grades.house_brackmann.grade is None
        assert grades.house_brackmann.measured is None
        assert grades.sunnybrook.composite is None
        assert grades.eface.auto is None
        assert grades.house_brackmann.function_percent is None
        assert {i.not_measured for i in items_of(grades)} == {BOTH_AFFECTED}
        assert {s.not_measured for s in grades.synkinesis} == {BOTH_AFFECTED}
        assert all(e.right is not None and e.ratio is None for e in grades.excursions)
        assert grades.lagophthalmos_mm is not None

    def test_an_uncertain_side_is_said_to_be(self) -> None:
        side = RULES.side.model_copy(update={"side_certain_from": 1.0})
        moments = examined_face(standard_lesion(3, Side.LEFT))
        grades = graded(
            moments, verdicts_of(moments), rules=RULES.model_copy(update={"side": side})
        )
        assert grades.side is AffectedSide.UNCERTAIN
        assert any("uncertain" in o for o in grades.observations)


class TestExcursions:
    def test_are_listed_for_every_site_of_a_movement(self) -> None:
        moments = examined_face(None, (Movement.REST, Movement.SMILE))
        found = excursions(moments, None, RULES)
        assert [e.site for e in found] == [Site.COMMISSURE, Site.UPPER_LIP]
        assert all(e.ratio is None for e in found)

    def test_in_mm_are_the_lengths_times_the_scale(self) -> None:
        for each in excursions(examined_face(standard_lesion(4, Side.LEFT)), Side.LEFT, RULES):
            assert each.right is not None
            assert each.right_mm == pytest.approx(88 * each.right)

    def test_compare_the_affected_with_the_healthy_side(self) -> None:
        found = excursions(examined_face(standard_lesion(6, Side.LEFT)), Side.LEFT, RULES)
        brow = next(e for e in found if e.movement is Movement.BROW_RAISE)
        assert brow.ratio == pytest.approx(0, abs=0.05)

    def test_of_closing_eyes_compare_the_sides_as_the_scales_do(self) -> None:
        moments = examined_face(standard_lesion(4, Side.LEFT))
        signs = signs_of(moments, Side.LEFT, RULES, is_healthy=False)
        shut = [e for e in excursions(moments, Side.LEFT, RULES) if e.site is Site.UPPER_LID]
        closures = {e.movement: e.ratio for e in shut if e.movement.closes_the_eyes}
        assert set(closures) == {Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT}
        for movement, ratio in closures.items():
            assert ratio == pytest.approx(signs.moved[movement].ratio)

    def test_give_no_share_of_a_closure_that_the_scales_do_not_read(self) -> None:
        moments = examined_face(standard_lesion(4, Side.LEFT))
        rest, gentle = moments[Movement.REST], Movement.EYE_CLOSE_GENTLE
        hardly = rest.face + 0.3 * (moments[gentle].face - rest.face)
        moments[gentle] = dataclasses.replace(moments[gentle], face=hardly)
        assert gentle not in signs_of(moments, Side.LEFT, RULES, is_healthy=False).moved
        lids = [e for e in excursions(moments, Side.LEFT, RULES) if e.movement is gentle]
        assert [e.ratio for e in lids] == [None]

    def test_keep_the_scale_of_rest_when_the_closed_eye_has_none(self) -> None:
        moments = examined_face(standard_lesion(5, Side.LEFT))
        tight = Movement.EYE_CLOSE_TIGHT
        moments[tight] = dataclasses.replace(moments[tight], mm=None, mm_sd=None)
        _, (right, left) = lagophthalmos(moments, RULES) or (None, (0, 0))
        assert left > 3 > right

    @pytest.mark.parametrize("shown", [(0, 1), (0,), (1,)])
    def test_give_both_lid_gaps_of_one_closure_the_tight_one_first(
        self, shown: tuple[int, ...]
    ) -> None:
        closures = [(Movement.EYE_CLOSE_TIGHT, Movement.EYE_CLOSE_GENTLE)[n] for n in shown]
        moments = examined_face(standard_lesion(5, Side.LEFT), (Movement.REST, *closures))
        if len(closures) == 2:  # gently the right eye closes less, the left one more
            mixed = moments[closures[1]].face[MIRROR] * [-1.0, 1.0, 1.0]
            moments[closures[1]] = dataclasses.replace(moments[closures[1]], face=mixed)
        movement, gaps = lagophthalmos(moments, RULES) or (None, (0, 0))
        assert movement is closures[0]
        assert gaps == pytest.approx([88 * gap for gap in lid_gaps(moments[movement].face)])

    def test_give_the_gaps_of_the_gentle_closure_where_no_eye_closes_tightly(self) -> None:
        moments = examined_face(standard_lesion(5, Side.LEFT))
        tight, gentle = Movement.EYE_CLOSE_TIGHT, Movement.EYE_CLOSE_GENTLE
        moments[tight] = dataclasses.replace(moments[Movement.REST], movement=tight)
        assert (lagophthalmos(moments, RULES) or (None,))[0] is gentle

    def test_give_no_lid_gap_where_no_eye_closes_unless_both_are_affected(self) -> None:
        moments = examined_face(standard_lesion(5, Side.LEFT), (Movement.REST, Movement.SMILE))
        for movement in (Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT):
            moments[movement] = dataclasses.replace(moments[Movement.REST], movement=movement)
        assert lagophthalmos(moments, RULES) is None
        assert lagophthalmos(moments, RULES, AffectedSide.LEFT) is None
        assert lagophthalmos(moments, RULES, AffectedSide.BOTH) is not None


COVERED = "something covers the eye"
EYES = {Region.EYE: COVERED, Region.BROW: "something covers the brow"}


def hidden(moments: dict[Movement, Moment], *movements: Movement) -> dict[Movement, Moment]:
    """Return moments of which some have both eyes covered."""
    return {
        m: dataclasses.replace(each, hidden=EYES) if m in movements else each
        for m, each in moments.items()
    }


class TestCoveredEyes:
    def test_at_rest_leave_eyes_and_brows_unjudged_in_every_movement(self) -> None:
        moments = hidden(examined_face(standard_lesion(5, Side.LEFT)), Movement.REST)
        grades = graded(moments, verdicts_of(moments), rules=RULES)
        eyes = {Movement.BROW_RAISE, Movement.FROWN, Movement.EYE_CLOSE_GENTLE}
        eyes |= {Movement.EYE_CLOSE_TIGHT}
        for each in grades.excursions:
            assert (each.right is None) is (each.movement in eyes)
            assert each.not_measured in (EYES.values() if each.movement in eyes else (None,))
        for each in grades.synkinesis:
            if each.movement in eyes or each.region is not Region.MOUTH:
                assert each.degree is None
                assert each.not_measured in EYES.values()
        assert (grades.house_brackmann.grade, grades.sunnybrook.composite) == (None, None)
        assert (grades.eface.auto, grades.lagophthalmos_mm) == (None, None)
        mouth = {"mouth", "resting_mouth", "resting_cheek", "static_commissure"}
        mouth |= {"auto_rest_commissure", "dynamic_smile", "auto_dynamic_smile"}
        values = {i.name: i.value for i in items_of(grades)}
        assert all(values[name] is not None for name in mouth)
        whys = {i.name: i.not_measured for i in items_of(grades) if i.value is None}
        for name in ("resting_eye", "static_fissure", "auto_rest_fissure", "synkinesis_ocular"):
            assert whys[name] == COVERED
        for name in ("forehead", "voluntary_brow_raise", "auto_dynamic_brow", "static_brow"):
            assert whys[name] == "something covers the brow"
        assert not any("eye" in each or "forehead" in each for each in grades.observations)

    def test_say_nothing_is_missing_that_was_shown(self) -> None:
        moments = hidden(examined_face(standard_lesion(5, Side.LEFT)), Movement.REST)
        grades = graded(moments, verdicts_of(moments), rules=RULES)
        assert grades.house_brackmann.missing == ()
        assert grades.sunnybrook.missing == ()
        assert grades.eface.missing == ()

    def test_in_a_smile_leave_the_smile_and_hide_what_moves_along(self) -> None:
        face = examined_face(standard_lesion(4, Side.LEFT, Form.SYNKINETIC))
        moments = hidden(face, Movement.SMILE)
        grades = graded(moments, verdicts_of(moments), rules=RULES)
        whole = graded(face, verdicts_of(face), rules=RULES)
        assert grades.house_brackmann.grade == whole.house_brackmann.grade
        along = {(s.movement, s.region): s for s in grades.synkinesis}
        assert along[Movement.SMILE, Region.EYE].not_measured == COVERED
        assert along[Movement.SNARL, Region.EYE].degree is not None
        assert (
            "smile_percent"
            not in next(i for i in grades.eface.items if i.name == "synkinesis_ocular").inputs
        )

    def test_in_a_closure_leave_the_other_closure(self) -> None:
        moments = hidden(examined_face(standard_lesion(5, Side.LEFT)), Movement.EYE_CLOSE_TIGHT)
        grades = graded(moments, verdicts_of(moments), rules=RULES)
        assert grades.house_brackmann.grade is not None
        assert grades.lagophthalmos_mm is not None
        assert grades.house_brackmann.missing == ()


def test_synkinesis_is_told_in_words_with_its_side() -> None:
    grades = grades_of(standard_lesion(4, Side.LEFT, Form.SYNKINETIC))
    noted = [o for o in grades.observations if "eye narrows" in o]
    assert noted
    assert all("the left eye narrows" in o for o in noted)


def test_an_eye_that_stays_open_is_told_in_mm() -> None:
    grades = grades_of(standard_lesion(6, Side.RIGHT))
    assert any("right eye does not close" in o and "mm stay open" in o for o in grades.observations)
    assert any("forehead does not move on the right" in o for o in grades.observations)
    assert any("sunk inwards" in o for o in grades.observations)


@pytest.mark.parametrize("grade", range(2, 7))
def test_the_corner_at_rest_is_told_when_the_form_calls_it_displaced(grade: int) -> None:
    grades = grades_of(standard_lesion(grade, Side.RIGHT))
    item = next(i for i in grades.sunnybrook.items if i.name == "resting_mouth")
    told = any("corner of the mouth is sunk inwards" in o for o in grades.observations)
    assert told == (item.value == 1)


def test_contracture_is_told_as_a_corner_drawn_up() -> None:
    lesion = dataclasses.replace(standard_lesion(6, Side.RIGHT, Form.SYNKINETIC), contracture=1.0)
    assert any("drawn up" in o for o in grades_of(lesion).observations)


@pytest.mark.parametrize(
    ("lag", "later"), [(0.2, "left"), (-0.2, "right"), (0.02, None), (None, None)]
)
def test_a_late_side_is_noted(lag: float | None, later: str | None) -> None:
    side = SideDynamics(0.05, 4.4, 0.1, 0.3, 0.3, 26.0, 1.0, 0.4)
    course = Dynamics(
        segment=Segment(Movement.SMILE, 1.0, 2.0, 3.0),
        site=Site.COMMISSURE,
        right=side,
        left=side,
        lag=lag,
        noise=0.002,
        curve=Curve(Site.COMMISSURE, (), (), ()),
    )
    noted = grades_of(standard_lesion(4, Side.LEFT), dynamics=(course,)).observations
    begins = [o for o in noted if "begins" in o]
    assert len(begins) == (later is not None)
    assert all(f"the {later} side begins 0.20 s later" in o for o in begins)


class TestTheEvidence:
    def test_of_an_eye_that_stays_open_points_to_its_side(self) -> None:
        eye = Lesion(Side.LEFT, {Branch.ZYGOMATIC: 1.0})
        moments = examined_face(eye, (Movement.REST, Movement.EYE_CLOSE_GENTLE))
        parts = overall(moments, {}, RULES).parts
        assert parts[Movement.EYE_CLOSE_GENTLE] > 5

    def test_of_closures_in_which_no_eye_closes_is_left_out(self) -> None:
        rest = examined_face(None, (Movement.REST,))[Movement.REST]
        moments = {
            Movement.REST: rest,
            Movement.EYE_CLOSE_TIGHT: dataclasses.replace(rest, movement=Movement.EYE_CLOSE_TIGHT),
        }
        assert overall(moments, {}, RULES).parts == {}

    def test_of_synkinesis_points_to_the_eye_that_narrows(self) -> None:
        weakness = dict.fromkeys(Branch, 0.0)
        couplings = standard_lesion(4, Side.RIGHT, Form.SYNKINETIC).couplings
        lesion = Lesion(Side.RIGHT, weakness, couplings=couplings)
        moments = examined_face(
            lesion, (Movement.REST, Movement.SMILE_CLOSED, Movement.SNARL, Movement.PUCKER)
        )
        assert overall(moments, {}, RULES).parts["narrowing"] < -1

    def test_of_one_narrowed_eye_alone_is_left_out(self) -> None:
        lesion = standard_lesion(4, Side.RIGHT, Form.SYNKINETIC)
        moments = examined_face(lesion, (Movement.REST, Movement.PUCKER))
        assert "narrowing" not in overall(moments, {}, RULES).parts

    def test_of_single_pictures_serves_without_rest(self) -> None:
        moments = examined_face(standard_lesion(6, Side.LEFT), (Movement.SMILE,))
        found = overall(moments, verdicts_of(moments), RULES)
        assert set(found.parts) == {"pictures"}
        assert found.likelier is Side.LEFT

    def test_grows_with_the_number_of_movements_that_agree(self) -> None:
        lesion = standard_lesion(3, Side.LEFT)
        few = overall(examined_face(lesion, (Movement.REST, Movement.SMILE_CLOSED)), {}, RULES)
        many = overall(examined_face(lesion), {}, RULES)
        assert many.evidence > few.evidence > 0


def test_pictures_of_a_simulated_palsy_are_graded_from_end_to_end(portrait: Path) -> None:
    sitter, _ = sat(portrait, None, 320)
    movements = (
        Movement.REST,
        Movement.BROW_RAISE,
        Movement.EYE_CLOSE_GENTLE,
        Movement.EYE_CLOSE_TIGHT,
        Movement.SMILE_CLOSED,
        Movement.SNARL,
        Movement.PUCKER,
    )
    found = {}
    for grade in (1, 5):
        lesion = None if grade == 1 else standard_lesion(grade, Side.LEFT)
        moments, verdicts = {}, {}
        for m in movements:
            picture = performed(sitter, Performance(movement=m, lesion=lesion)).pixels
            seen = assess(picture, movement=m)
            points = np.array(seen.face.landmarks)
            pose = head_pose(points)
            moments[m] = dataclasses.replace(
                moment(m, pose.to_frontal(points) / pose.scale),
                view=View(pose.yaw, pose.pitch, pose.misfit),
            )
            if seen.verdict is not None:
                verdicts[m] = seen.verdict
        found[grade] = graded(moments, verdicts, rules=RULES)
    assert found[1].side is AffectedSide.NONE
    assert found[1].house_brackmann.grade in (1, 2, None)
    assert found[5].side is AffectedSide.LEFT
    assert found[5].house_brackmann.grade in (4, 5, 6)


def test_a_moment_at_rest_is_not_taken_for_a_movement() -> None:
    rest: Moment = examined_face(None, (Movement.REST,))[Movement.REST]
    assert excursions({Movement.REST: rest}, None, RULES) == ()
    assert {s.region for s in grades_of(None).synkinesis} == set(Region)

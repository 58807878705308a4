"""What is said of the side: only what can be told, and of the scales only if there are any."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.grading.observations import (
    _about_gentle_closure,
    _about_the_side,
    _of_a_healthy_face,
)

NONE, UNCERTAIN, RIGHT = AffectedSide.NONE, AffectedSide.UNCERTAIN, AffectedSide.RIGHT


def told(side, computed, *, rest=True):
    signs = SimpleNamespace(affected=Side.RIGHT, rest=object() if rest else None)
    grades = SimpleNamespace(side=side, side_computed=computed)
    said = SimpleNamespace(palsy_probability=0.97, likelier=Side.RIGHT)
    (sentence,) = _about_the_side(grades, said, signs)
    return sentence


def test_where_none_is_stated_the_weaker_side_is_named_only_if_it_is_known():
    assert "the right side, the weaker one, and count its weakness" in told(NONE, RIGHT)
    unsure = told(NONE, UNCERTAIN)
    assert "weaker" not in unsure
    assert "the right side, though it is uncertain which is affected, and count" in unsure


@pytest.mark.parametrize(("side", "computed"), [(NONE, RIGHT), (UNCERTAIN, UNCERTAIN)])
def test_without_rest_no_scale_is_said_to_be_filled_in(side, computed):
    assert "filled in" in told(side, computed)
    assert "filled in" not in told(side, computed, rest=False)
    assert told(side, computed, rest=False).endswith(
        ("(probability of a palsy 0.97).", "uncertain.")
    )


def test_of_a_healthy_face_without_rest_no_scale_is_said_to_be_filled_in():
    sentence = _of_a_healthy_face(SimpleNamespace(affected=Side.LEFT, rest=None), None)
    assert "filled in" not in sentence
    assert "differ no more than in healthy people. Weakness of both" in sentence
    filled = _of_a_healthy_face(SimpleNamespace(affected=Side.LEFT, rest=object()), 1)
    assert "filled in for the left side, which moves a little less." in filled
    assert "House-Brackmann" not in filled
    graded = _of_a_healthy_face(SimpleNamespace(affected=Side.LEFT, rest=object()), 2)
    assert "House-Brackmann II is the most that is given without an affected side" in graded
    assert "no finding of a palsy" in graded


def gaps(own, other, *, tight, value=1.0, closure=Movement.EYE_CLOSE_TIGHT):
    """Return what is said of an eye that gentle closure leaves open by so many millimetres."""
    moved = {Movement.EYE_CLOSE_GENTLE: SimpleNamespace(affected=own, healthy=other)}
    if tight:
        moved[Movement.EYE_CLOSE_TIGHT] = object()
    signs = SimpleNamespace(affected=Side.LEFT, moved=moved, in_mm=lambda length: length)
    grades = SimpleNamespace(
        house_brackmann=SimpleNamespace(items=(SimpleNamespace(name="eye", value=value),)),
        lagophthalmos_in=closure,
    )
    return list(_about_gentle_closure(grades, signs))


def test_the_gap_of_gentle_closure_is_told_beside_that_of_a_squeeze():
    (sentence,) = gaps(4.8, 1.2, tight=True)
    assert sentence == "Closed gently, the left eye stays open by 4.8 mm, the other one by 1.2 mm."
    (sentence,) = gaps(3.9, 2.1, tight=False, closure=Movement.EYE_CLOSE_GENTLE)
    assert sentence == (
        "The left eye stays open more than the other one when closed gently; how it closes with "
        "effort was not shown, and is inferred."
    )
    assert not gaps(3.9, 2.1, tight=True, closure=Movement.EYE_CLOSE_GENTLE)
    assert not gaps(2.0, 1.2, tight=True), "within the noise of lids"
    assert not gaps(4.8, 1.2, tight=False, value=0.0, closure=Movement.EYE_CLOSE_GENTLE)
    assert gaps(4.8, 1.2, tight=True, value=0.0)

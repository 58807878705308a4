"""What is said of the side: only what can be told, and of the scales only if there are any."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from facialis.clinical.anatomy import AffectedSide, Side
from facialis.grading.observations import _about_the_side, _of_a_healthy_face

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
    sentence = _of_a_healthy_face(SimpleNamespace(affected=Side.LEFT, rest=None))
    assert "filled in" not in sentence
    assert "differ no more than in healthy people. Weakness of both" in sentence
    filled = _of_a_healthy_face(SimpleNamespace(affected=Side.LEFT, rest=object()))
    assert "filled in for the left side, which moves a little less." in filled

"""The vocabulary: sides, regions, movements."""

from __future__ import annotations

import pytest

from facialis.clinical.anatomy import AffectedSide, Intensity, Movement, Region, Side


@pytest.mark.parametrize("side", Side)
def test_the_opposite_of_the_opposite_is_the_side_itself(side: Side) -> None:
    assert side.opposite is not side
    assert side.opposite.opposite is side


def test_the_opposite_of_right_is_left() -> None:
    assert Side.RIGHT.opposite is Side.LEFT


def test_the_movements_are_those_of_the_clinical_protocols_in_their_order() -> None:
    assert [m.value for m in Movement] == [
        "rest",
        "brow_raise",
        "frown",
        "eye_close_gentle",
        "eye_close_tight",
        "smile_closed",
        "smile",
        "snarl",
        "pucker",
        "mouth_open",
        "cheek_puff",
        "lower_teeth",
    ]


def test_every_movement_has_an_instruction_of_its_own() -> None:
    instructions = {m.instruction for m in Movement}
    assert len(instructions) == len(Movement)
    assert all(instructions)


def test_only_the_two_closures_ask_for_closed_eyes() -> None:
    assert {m for m in Movement if m.closes_the_eyes} == {
        Movement.EYE_CLOSE_GENTLE,
        Movement.EYE_CLOSE_TIGHT,
    }


def test_values_read_as_plain_words() -> None:
    assert f"{AffectedSide.LEFT}" == "left"
    assert {s.value for s in Side} < {s.value for s in AffectedSide}
    assert [r.value for r in Region] == ["brow", "eye", "mouth"]
    assert [i.value for i in Intensity] == ["none", "slight", "strong"]

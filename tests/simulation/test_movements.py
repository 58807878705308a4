"""The twelve movements use the muscles that the examination asks for."""

from __future__ import annotations

import pytest

from facialis.clinical.anatomy import Branch, Movement
from facialis.simulation.movements import MOVEMENTS
from facialis.simulation.muscles import ACTIONS, MUSCLES


def test_every_movement_of_the_examination_is_there() -> None:
    assert set(MOVEMENTS) == set(Movement)
    assert not MOVEMENTS[Movement.REST]


@pytest.mark.parametrize("movement", list(Movement))
def test_contractions_name_known_muscles_and_are_shares(movement: Movement) -> None:
    assert set(MOVEMENTS[movement]) <= set(MUSCLES) | set(ACTIONS)
    assert all(0 < c <= 1 for c in MOVEMENTS[movement].values())


@pytest.mark.parametrize(
    ("movement", "branch"),
    [
        (Movement.BROW_RAISE, Branch.TEMPORAL),
        (Movement.FROWN, Branch.TEMPORAL),
        (Movement.EYE_CLOSE_GENTLE, Branch.ZYGOMATIC),
        (Movement.EYE_CLOSE_TIGHT, Branch.ZYGOMATIC),
        (Movement.SMILE, Branch.BUCCAL),
        (Movement.SMILE_CLOSED, Branch.BUCCAL),
        (Movement.SNARL, Branch.BUCCAL),
        (Movement.LOWER_TEETH, Branch.MARGINAL_MANDIBULAR),
    ],
)
def test_the_branch_that_drives_a_movement_does_most_of_it(movement, branch) -> None:
    ways = dict.fromkeys(Branch, 0.0)
    for name, contraction in MOVEMENTS[movement].items():
        if name in MUSCLES:
            ways[MUSCLES[name].branch] += contraction * MUSCLES[name].excursion
    assert max(ways, key=ways.__getitem__) is branch


def test_the_mouth_opens_by_the_jaw_alone() -> None:
    weak = {m: c for m, c in MOVEMENTS[Movement.MOUTH_OPEN].items() if m in MUSCLES}
    assert MOVEMENTS[Movement.MOUTH_OPEN]["jaw"] > 0.5
    assert max(weak.values()) < 0.5

"""Pictures of one examination belong together."""

from __future__ import annotations

from facialis.clinical.anatomy import Movement
from facialis.datasets.manifest import Row
from facialis.datasets.whole_cases import whole_cases


def row(name, movement, subject="s/1", video="case0", source="s"):
    return Row(
        name=name,
        path=f"{name}.png",
        sha256="0" * 64,
        subject=subject,
        source=source,
        movement=movement,
        video=video,
    )


def test_a_case_is_the_first_picture_of_each_movement_in_the_order_of_the_movements():
    rows = [
        row("smile", Movement.SMILE),
        row("rest", Movement.REST),
        row("smile again", Movement.SMILE),
        row("other case", Movement.REST, video="case1"),
        row("other person", Movement.REST, subject="s/0"),
        row("other collection", Movement.REST, source="r"),
        row("of no movement", None),
    ]
    found = [[each.name for each in case] for case in whole_cases(rows)]
    assert found == [["other collection"], ["other person"], ["rest", "smile"], ["other case"]]


def test_pictures_without_movements_are_no_examination():
    assert whole_cases([row("a", None), row("b", None)]) == []

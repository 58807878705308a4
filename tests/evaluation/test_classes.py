"""The class of a row: stated, or by a map that is defined, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from facialis.clinical.scales import Scale
from facialis.datasets.sample import Label
from facialis.errors import InputError
from facialis.evaluation.classes import Class, Target, class_of


def eyes(value: str) -> Label:
    return Label(Scale.INTENSITY, value, "eyes")


def mouth(value: str) -> Label:
    return Label(Scale.INTENSITY, value, "mouth")


GRADE_4 = Label(Scale.HOUSE_BRACKMANN, 4)


@pytest.mark.parametrize(
    ("labels", "scale", "expected"),
    [
        ((GRADE_4,), Scale.HOUSE_BRACKMANN, 4),
        ((GRADE_4,), Scale.LEVEL, 2),
        ((GRADE_4,), Scale.PALSY, 1),
        ((GRADE_4,), Scale.EFACE_WORD, None),
        ((Label(Scale.HOUSE_BRACKMANN, 5.0),), Scale.LEVEL, 3),
        ((Label(Scale.EFACE_WORD, 1),), Scale.PALSY, 0),
        ((Label(Scale.LEVEL, 3),), Scale.HOUSE_BRACKMANN, None),
        ((Label(Scale.LEVEL, 1), GRADE_4), Scale.LEVEL, 1),
        ((eyes("none"), mouth("strong")), Scale.PALSY, 1),
        ((eyes("none"), mouth("slight")), Scale.PALSY, 0),
        ((eyes("strong"),), Scale.PALSY, 1),
        ((eyes("slight"),), Scale.PALSY, None),
        ((eyes("none"), mouth("none"), GRADE_4), Scale.PALSY, 0),
        ((eyes("strong"),), Scale.LEVEL, None),
        ((Label(Scale.WORD, "Severe"),), Scale.WORD, "Severe"),
        ((Label(Scale.WORD, "Severe"),), Scale.LEVEL, None),
        ((), Scale.PALSY, None),
        ((replace(GRADE_4, zone="mouth"),), Scale.PALSY, None),
    ],
)
def test_the_class_of_labels(
    labels: tuple[Label, ...], scale: Scale, expected: Class | None, make_row: Any
) -> None:
    assert class_of(make_row("a", "1", labels=labels), Target(scale)) == expected


def test_a_zone_has_a_class_of_its_own(make_row: Any) -> None:
    row = make_row("a", "1", labels=(eyes("slight"), mouth("strong")))
    assert class_of(row, Target(Scale.INTENSITY, "mouth")) == "strong"
    assert class_of(row, Target(Scale.INTENSITY)) is None


@pytest.mark.parametrize("value", [7, 0, 2.5, "IV"])
def test_a_label_off_its_scale_is_refused_with_the_row(value: Any, make_row: Any) -> None:
    row = make_row("frame-9", "1", labels=(Label(Scale.HOUSE_BRACKMANN, value),))
    with pytest.raises(InputError, match="frame-9"):
        class_of(row, Target(Scale.HOUSE_BRACKMANN))


def test_a_score_is_no_class() -> None:
    with pytest.raises(InputError, match="has no classes"):
        Target(Scale.SUNNYBROOK)

"""The class of a row: stated, or by a map that is defined, or none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Row
from facialis.datasets.sample import Label
from facialis.datasets.targets import Class, Target, class_of
from facialis.errors import InputError


def eyes(value: str) -> Label:
    return Label(Scale.INTENSITY, value, "eyes")


def mouth(value: str) -> Label:
    return Label(Scale.INTENSITY, value, "mouth")


def row_with(name: str, labels: tuple[Label, ...]) -> Row:
    return Row(name=name, path=f"{name}.png", sha256="0", subject="1", source="toy", labels=labels)


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
    labels: tuple[Label, ...], scale: Scale, expected: Class | None
) -> None:
    assert class_of(row_with("a", labels=labels), Target(scale)) == expected


def test_a_zone_has_a_class_of_its_own() -> None:
    row = row_with("a", labels=(eyes("slight"), mouth("strong")))
    assert class_of(row, Target(Scale.INTENSITY, "mouth")) == "strong"
    assert class_of(row, Target(Scale.INTENSITY)) is None


@pytest.mark.parametrize("value", [7, 0, 2.5, "IV"])
def test_a_label_off_its_scale_is_refused_with_the_row(value: Any) -> None:
    row = row_with("frame-9", labels=(Label(Scale.HOUSE_BRACKMANN, value),))
    with pytest.raises(InputError, match="frame-9"):
        class_of(row, Target(Scale.HOUSE_BRACKMANN))


def test_a_score_is_no_class() -> None:
    with pytest.raises(InputError, match="has no classes"):
        Target(Scale.SUNNYBROOK)

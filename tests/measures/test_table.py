"""Units, percentages, uncertainty and gaps of the table that is reported."""

from __future__ import annotations

import math

import numpy as np
import pytest

from facialis.face.mesh import TEMPLATE
from facialis.measures.static import (
    DEFINITIONS,
    Repeatability,
    Sides,
    measure_sides,
    measure_table,
)
from facialis.measures.values import Measure, MeasureTable, Scale

SCALE = Scale(0.5, 0.02, "iris", 180.0, 90.0, "made up")
NO_SCALE = Scale(None, None, "none", 180.0, None, "irises hidden")
ALL_SIDES = {d.name: Sides(10.0, 8.0) for d in DEFINITIONS}
OPEN = (True, True)


def table(
    sides: dict[str, Sides] = ALL_SIDES,
    scale: Scale = SCALE,
    *,
    iris_visible: tuple[bool, bool] = OPEN,
    not_closed: str | None = None,
    spread: Repeatability | None = None,
    noise: float = 1.0,
) -> dict[str, Measure]:
    rows = measure_table(
        sides,
        scale,
        interocular=90.0,
        iris_visible=iris_visible,
        not_closed=not_closed,
        repeatability={d.name: spread for d in DEFINITIONS} if spread else {},
        noise=noise,
    )
    assert [r.name for r in rows] == [d.name for d in DEFINITIONS]
    return {r.name: r for r in rows}


def test_a_length_is_given_in_interocular_units_and_millimetres() -> None:
    row = table()["brow_height"]
    assert row.interocular is not None
    assert (row.interocular.right, row.interocular.left) == pytest.approx((10 / 90, 8 / 90))
    assert row.interocular.difference == pytest.approx(2 / 90)
    assert row.mm is not None
    # The frame of 90 px shows a face that is 180 px, 90 mm, wide in the original.
    assert (row.mm.right, row.mm.left, row.mm.difference) == pytest.approx((10, 8, 2))
    assert row.degrees is None


def test_an_area_is_given_in_squares() -> None:
    row = table(scale=Scale(0.5, 0.02, "iris", 90.0, 45.0, ""))["eye_area"]
    assert row.interocular is not None
    assert row.interocular.right == pytest.approx(10 / 90**2)
    assert row.mm is not None
    assert row.mm.right == pytest.approx(10 / 4)


def test_an_angle_is_given_in_degrees_only() -> None:
    row = table()["smile_angle"]
    assert row.degrees is not None
    assert (row.degrees.right, row.degrees.left, row.degrees.difference) == (10, 8, 2)
    assert row.interocular is None
    assert row.mm is None


def test_percent_is_of_the_larger_side() -> None:
    assert table()["brow_height"].percent == pytest.approx(20)
    swapped = dict.fromkeys(ALL_SIDES, Sides(8.0, 10.0))
    assert table(swapped)["brow_height"].percent == pytest.approx(20)
    assert table(dict.fromkeys(ALL_SIDES, Sides(0.0, 0.0)))["dental_show"].percent is None


def test_signed_rows_and_gaps_have_no_percent() -> None:
    without = {n for n, row in table().items() if row.percent is None}
    assert without == {
        "commissure_height",
        "smile_angle",
        "upper_lip_slope",
        "commissure_height_deviation",
        "upper_lip_height_deviation",
        "lower_lip_height_deviation",
    }


def test_a_gap_has_no_sides_of_its_own() -> None:
    value = table()["commissure_height_deviation"].interocular
    assert value is not None
    assert (value.right, value.left, value.right_sd, value.left_sd) == (None, None, None, None)
    assert value.difference == pytest.approx(2 / 90)


def test_without_a_scale_there_are_no_millimetres() -> None:
    rows = table(scale=NO_SCALE)
    assert all(r.mm is None for r in rows.values())
    assert rows["brow_height"].interocular is not None


def test_uncertainty_joins_repeatability_and_the_scale() -> None:
    row = table(spread=Repeatability(0.01, 0.02), noise=1.5)["brow_height"]
    assert row.interocular is not None
    assert row.interocular.right_sd == pytest.approx(0.015)
    assert row.interocular.difference_sd == pytest.approx(0.03)
    assert row.mm is not None
    assert row.mm.right_sd == pytest.approx(math.hypot(0.015 * 90, 10 * 0.02 / 0.5))
    assert row.mm.difference_sd == pytest.approx(math.hypot(0.03 * 90, 2 * 0.02 / 0.5))
    area = table(spread=Repeatability(0.01, 0.02))["eye_area"]
    assert area.mm is not None
    assert area.mm.right_sd == pytest.approx(math.hypot(0.01 * 90**2, 2 * 0.04 * 10), rel=1e-6)


@pytest.mark.parametrize("kind", ["interocular", "mm", "degrees"])
def test_uncertainty_grows_with_noise(kind: str) -> None:
    spread = Repeatability(0.01, 0.02)
    for name, quiet in table(spread=spread).items():
        loud = getattr(table(spread=spread, noise=2.0)[name], kind)
        calm = getattr(quiet, kind)
        if calm is not None:
            assert loud.difference_sd > calm.difference_sd, name
            assert loud.difference == calm.difference, name


def test_hidden_irises_leave_out_what_starts_at_them() -> None:
    for visible in ((True, False), (False, True), (False, False)):
        rows = table(iris_visible=visible)
        missing = {n for n, r in rows.items() if r.not_measured}
        assert missing == {"brow_height", "mrd1", "mrd2"}
        assert rows["mrd1"].not_measured == "an iris is hidden"
        assert rows["mrd1"].interocular is None


def test_lagophthalmos_is_measured_only_when_closure_was_asked_for() -> None:
    open_eyes = table(not_closed="neither eye closes")
    assert open_eyes["lagophthalmos"].not_measured == "neither eye closes"
    assert table()["lagophthalmos"].not_measured is None


def test_a_real_shape_gives_finite_numbers_throughout() -> None:
    for row in table(measure_sides(90 * TEMPLATE), spread=Repeatability(0.01, 0.02)).values():
        for value in (row.interocular, row.mm, row.degrees):
            if value is not None:
                assert np.isfinite(value.difference)
                assert value.difference == pytest.approx(0, abs=1e-9)


def test_rows_are_found_by_name() -> None:
    rows = tuple(table().values())
    whole = MeasureTable("frontal", SCALE, rows)
    assert whole["eye_area"] is rows[4]
    with pytest.raises(KeyError, match="nose_length"):
        whole["nose_length"]

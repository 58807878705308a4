"""How much of an asymmetry the landmarks show is a slope through no change at all."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.asymmetry_shown import SHOWN, summary, tables


@pytest.fixture
def rows():
    """Pairs of four people; the landmarks show half of every change, and one face is not found."""
    rng = np.random.default_rng(0)
    made = []
    for person in range(4):
        for _ in range(6):
            put = dict(zip(SHOWN, rng.normal(0, 0.02, len(SHOWN)).tolist(), strict=True))
            found = {name: value / 2 for name, value in put.items()}
            made.append({"person": str(person), "put": put, "found": found})
    made.append({"person": "4", "put": made[0]["put"], "found": None})
    return made


def test_half_is_found_where_half_is_shown(rows):
    found = summary(rows)
    assert (found["people"], found["pairs"], found["found"]) == (4, 25, 24)
    for part in found["parts"].values():
        assert part["share"] == pytest.approx([0.5, 0.5, 0.5])
        assert part["r"] == pytest.approx(1)


def test_the_other_way_round_is_less_than_nothing(rows):
    name = next(iter(SHOWN))
    for row in rows[:-1]:
        row["found"][name] = -row["put"][name]
    part = summary(rows)["parts"][name]
    assert part["share"] == pytest.approx([-1, -1, -1])
    assert part["r"] == pytest.approx(-1)


def test_the_table_has_a_row_for_each_asymmetry(rows):
    both = summary(rows)
    text = tables({"photographs": both, "rendered heads": both})
    for title in SHOWN.values():
        assert f"| {title} | 0.50 (0.50 to 0.50); 1.00;" in text

"""Who goes where, and which pictures are drawn."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.datasets.prepare_parts import balanced_parts, counted_parts, drawn_evenly
from facialis.datasets.sample import Sample

SHARES = {"train": 0.7, "test": 0.15, "validation": 0.15}


def rng(seed=0):
    return np.random.default_rng(seed)


def pictures(**counts):
    return [
        Sample(path=Path(f"{who}/{n}.png"), subject=who, source="own")
        for who, count in counts.items()
        for n in range(count)
    ]


def test_parts_have_the_people_that_were_asked_for():
    people = [f"p{n}" for n in range(22)]
    parts = counted_parts(people * 3, {"train": 15, "test": 7}, rng())
    assert Counter(parts.values()) == {"train": 15, "test": 7}
    assert set(parts) == set(people)


def test_a_draw_depends_on_names_and_seed_not_on_their_order():
    people = [f"p{n}" for n in range(22)]
    counts = {"train": 15, "test": 7}
    first = counted_parts(people, counts, rng())
    assert first == counted_parts(reversed(people), counts, rng())
    assert first != counted_parts(people, counts, rng(1))


@pytest.mark.parametrize("people", [3, 4, 10, 37])
def test_every_class_with_three_people_is_in_every_part(people):
    classes = {f"{c}{n}": [c] for c in "abc" for n in range(people)}
    parts = balanced_parts(classes, SHARES, rng())
    for name in "abc":
        found = Counter(part for who, part in parts.items() if who[0] == name)
        assert set(found) == set(SHARES)
        assert abs(found["train"] - 0.7 * people) <= 1.5


def test_two_people_of_a_class_go_to_training_and_test():
    parts = balanced_parts({"a": [1], "b": [1]}, SHARES, rng())
    assert sorted(parts.values()) == ["test", "train"]


def test_people_of_several_classes_stand_in_one_part():
    classes = {f"p{n}": [1, 2, 3, 4, 5, 6] for n in range(20)}
    assert Counter(balanced_parts(classes, SHARES, rng()).values()) == {
        "train": 14,
        "test": 3,
        "validation": 3,
    }


@given(
    st.dictionaries(st.text(max_size=3), st.sets(st.integers(1, 6), min_size=1), max_size=20),
    st.integers(0, 2**32),
)
def test_everyone_gets_exactly_one_part(classes, seed):
    parts = balanced_parts(classes, SHARES, rng(seed))
    assert set(parts) == set(classes)
    assert set(parts.values()) <= set(SHARES)


def test_pictures_are_drawn_from_everyone_alike():
    drawn = drawn_evenly(pictures(a=100, b=5, c=3), 12, rng(), lambda _: True)
    counts = Counter(each.subject for each in drawn)
    assert counts["c"] == 3
    assert sorted((counts["a"], counts["b"])) in ([4, 5],)
    assert len(set(drawn_paths := [each.path for each in drawn])) == len(drawn_paths) == 12


def test_what_cannot_be_used_is_replaced():
    drawn = drawn_evenly(pictures(a=9), 4, rng(), lambda each: int(each.path.stem) > 4)
    assert sorted(int(each.path.stem) for each in drawn) == [5, 6, 7, 8]


def test_no_more_is_drawn_than_there_is():
    assert len(drawn_evenly(pictures(a=2, b=1), 9, rng(), lambda _: True)) == 3
    assert drawn_evenly([], 9, rng(), lambda _: True) == []

"""Dealing people: sizes, classes, determinism, for any people."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.evaluation.dealing import People, apportioned, dealt, held_out, one_held_out

ONE_CLASS_EACH = st.lists(st.integers(1, 6), min_size=1, max_size=40).map(
    lambda grades: {f"p{i:02d}": frozenset({g}) for i, g in enumerate(grades)}
)
SEVERAL_CLASSES = st.lists(st.frozensets(st.integers(0, 3)), min_size=1, max_size=30).map(
    lambda sets: {f"p{i:02d}": classes for i, classes in enumerate(sets)}
)
SEEDS = st.integers(0, 2**32 - 1)


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@given(ONE_CLASS_EACH, st.integers(2, 6), SEEDS)
def test_a_class_with_people_enough_is_in_every_part(people: People, parts: int, seed: int) -> None:
    hands = dealt(people, parts, rng(seed))
    sizes = Counter(each for classes in people.values() for each in classes)
    for grade, size in sizes.items():
        held = [sum(grade in people[p] for p in hand) for hand in hands]
        assert max(held) - min(held) <= 1
        assert min(held) == size // parts
    assert max(map(len, hands)) - min(map(len, hands)) <= 1


@given(SEVERAL_CLASSES, st.integers(1, 6), SEEDS)
def test_everybody_is_dealt_once(people: People, parts: int, seed: int) -> None:
    hands = dealt(people, parts, rng(seed))
    assert sorted(person for hand in hands for person in hand) == sorted(people)
    assert hands == dealt(dict(reversed(people.items())), parts, rng(seed))


@given(SEVERAL_CLASSES, SEEDS)
def test_nobody_held_out_takes_the_last_of_a_class_along(people: People, seed: int) -> None:
    chosen = held_out(people, 0.15, rng(seed))
    assert len(set(chosen)) == len(chosen)
    assert len(chosen) < len(people)
    sizes = Counter(each for classes in people.values() for each in classes or {""})
    left = Counter(each for p in people.keys() - chosen for each in people[p] or {""})
    if len(chosen) > 1:
        assert set(left) == set(sizes)
    if len(people) > 1:
        assert chosen


@given(ONE_CLASS_EACH, SEEDS)
def test_every_class_of_two_people_is_validated_on(people: People, seed: int) -> None:
    chosen = held_out(people, 0.15, rng(seed))
    sizes = Counter(each for classes in people.values() for each in classes)
    validated = {each for p in chosen for each in people[p]}
    assert {each for each, size in sizes.items() if size > 1} <= validated


@given(SEVERAL_CLASSES, SEEDS)
def test_one_is_held_out_unless_it_is_the_only_one(people: People, seed: int) -> None:
    assert len(one_held_out(people, rng(seed))) == (len(people) > 1)


@given(ONE_CLASS_EACH, SEEDS)
def test_fractions_give_exact_sizes_and_even_classes(people: People, seed: int) -> None:
    fractions = (2 / 3, 1 / 6, 1 / 6)
    parts = apportioned(people, fractions, rng(seed))
    count = len(people)
    assert [len(part) for part in parts[:2]] == [count * 4 // 6, count // 6]
    assert sorted(person for part in parts for person in part) == sorted(people)
    sizes = Counter(each for classes in people.values() for each in classes)
    for grade, size in sizes.items():
        for part in parts:
            share = len(part) / count
            assert abs(sum(grade in people[p] for p in part) - share * size) < 2


@pytest.mark.parametrize("count", [1, 2, 7, 12])
def test_thirds_are_not_lost_to_rounding(count: int) -> None:
    people = {str(i): frozenset({0}) for i in range(3 * count)}
    parts = apportioned(people, (1 / 3, 1 / 3, 1 / 3), rng(0))
    assert [len(part) for part in parts] == [count] * 3

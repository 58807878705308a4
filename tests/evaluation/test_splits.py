"""Splits as values: digests, records, caveats."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from facialis.errors import InputError
from facialis.evaluation.splits import Caveat, Protocol, Split, Splits, split_of

SPLIT = Split("fixed", Protocol.FIXED, ("a", "b"), ("c",), ("d", "e"))


def test_a_split_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        SPLIT.train = ()  # type: ignore[misc]


def test_the_digest_is_of_who_is_where() -> None:
    assert replace(SPLIT, name="renamed", train=("b", "a")).digest == SPLIT.digest
    assert replace(SPLIT, train=("a",), test=("b", "d", "e")).digest != SPLIT.digest
    assert replace(SPLIT, protocol=Protocol.LEAKY).digest != SPLIT.digest
    assert Splits(Protocol.FIXED, (SPLIT,)).digest != SPLIT.digest


def test_a_record_gives_the_same_split_back() -> None:
    record = json.loads(json.dumps(SPLIT.record))
    assert split_of(record, "split.json") == SPLIT


@pytest.mark.parametrize(
    "change",
    [
        {"train": ["a"]},
        {"train": "ab"},
        {"train": [1, 2]},
        {"protocol": "lucky"},
        {"digest": ""},
        {"test": None},
    ],
)
def test_a_record_that_was_changed_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"split\.json"):
        split_of(SPLIT.record | change, "split.json")
    with pytest.raises(InputError, match="no record of a split"):
        split_of({}, "split.json")


def test_a_caveat_counts_all_names_and_shows_the_first() -> None:
    caveat = Caveat("rows without a part", tuple("abcdefg"))
    assert caveat.count == 7
    assert caveat.sentence == "rows without a part: 7 (a, b, c, d, e, ...)."

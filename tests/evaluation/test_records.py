"""A number says what it was measured on, and a leaky one says that it is leaky."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from facialis.clinical.scales import Scale
from facialis.datasets.targets import Target
from facialis.errors import InputError
from facialis.evaluation.intervals import Interval
from facialis.evaluation.leaks import LeakError
from facialis.evaluation.protocols import cross, fixed, kfold, leaky, lopo
from facialis.evaluation.records import measured
from facialis.evaluation.splits import Protocol, Splits

Maker = Callable[..., Any]
GRADE = Target(Scale.HOUSE_BRACKMANN)


@pytest.fixture
def manifest(make_manifest: Maker) -> Any:
    return make_manifest({f"s{i:02d}": 1 + i % 6 for i in range(12)}, 3)


def test_a_record_quotes_number_data_people_and_protocol(manifest: Any) -> None:
    splits = kfold(manifest, GRADE, seed=0)
    record = measured("macro F1", 0.7234, manifest, splits, interval=Interval(0.61, 0.815))
    assert record.people == 12
    assert record.rows == 36
    assert record.manifest == manifest.digest
    assert record.sentence == (
        "macro F1 0.723 (95% interval 0.610 to 0.815), 36 samples of 12 people of toy "
        f"(manifest {manifest.digest[:12]}, splits {splits.digest[:12]}); folds of patients."
    )
    assert record.caveats == tuple(each.sentence for each in splits.caveats)
    assert record.caveats


def test_a_leaky_number_says_so_and_must_be_asked_for(manifest: Any) -> None:
    splits = leaky(manifest, GRADE, seed=0)
    with pytest.raises(LeakError):
        measured("accuracy", 0.99, manifest, splits)
    record = measured("accuracy", 0.99, manifest, splits, leaky=True)
    assert record.is_leaky
    assert "LEAKY" in record.sentence
    assert "comparison only" in record.sentence


@pytest.mark.parametrize("make", [lopo, kfold], ids=lambda make: make.__name__)
def test_an_honest_number_is_not_called_leaky(make: Callable[..., Splits], manifest: Any) -> None:
    record = measured("accuracy", 0.5, manifest, make(manifest, seed=0), undefined=2)
    assert not record.is_leaky
    assert "LEAKY" not in record.sentence
    assert "2 undefined counted as 0" in record.sentence


def test_a_leaky_split_under_another_name_makes_no_record(manifest: Any) -> None:
    random_frames = leaky(manifest, seed=0)
    renamed = Splits(
        Protocol.FIXED,
        tuple(replace(split, protocol=Protocol.FIXED) for split in random_frames.splits),
    )
    with pytest.raises(LeakError):
        measured("accuracy", 0.99, manifest, renamed)
    with pytest.raises(InputError, match="not of the leaky one"):
        measured("accuracy", 0.99, manifest, renamed, leaky=True)


def test_every_protocol_has_words_of_its_own(make_row: Maker) -> None:
    from facialis.datasets.manifest import Manifest

    rows = tuple(
        make_row(f"{s}{i}", f"{s}{i}", source=s, part="train" if s == "x" else "test")
        for s in "xy"
        for i in range(4)
    )
    manifest = Manifest("two", rows)
    made = [
        lopo(manifest, seed=0),
        kfold(manifest, seed=0, folds=2),
        fixed(manifest),
        cross(manifest, train=["x"], test=["y"], seed=0),
        leaky(manifest, seed=0),
    ]
    words = {
        measured("F1", 0.5, manifest, each, leaky=each.protocol is Protocol.LEAKY).sentence.rsplit(
            ";", 1
        )[1]
        for each in made
    }
    assert len(words) == len(Protocol)

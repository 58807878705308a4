"""Protocols divide people, never samples, and say what they lack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from facialis.clinical.scales import Scale, level_of_grade
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.sample import Label
from facialis.datasets.targets import Target
from facialis.errors import InputError
from facialis.evaluation.leaks import assert_no_leak
from facialis.evaluation.protocols import (
    cross,
    fixed,
    kfold,
    leaky,
    lopo,
    subject_fractions,
)
from facialis.evaluation.splits import Protocol, Split, Splits

GRADE = Target(Scale.HOUSE_BRACKMANN)
LEVEL = Target(Scale.LEVEL)
PALSY = Target(Scale.PALSY)

Maker = Callable[..., Any]


def people_of(manifest: Manifest, names: tuple[str, ...]) -> set[str]:
    subjects = {row.name: row.subject for row in manifest.rows}
    return {subjects[name] for name in names}


def grades_of(manifest: Manifest, names: tuple[str, ...]) -> list[Any]:
    labels = {row.name: row.labels[0].value for row in manifest.rows if row.labels}
    return [labels[name] for name in names]


def about(splits: Splits, words: str) -> tuple[str, ...]:
    return next((each.names for each in splits.caveats if words in each.problem), ())


def random_manifest(rng: np.random.Generator, row: Maker) -> Manifest:
    """People with 1 to 6 frames, several classes a person, copies, sources, lacking labels."""
    rows: list[Row] = []
    for person in range(rng.integers(6, 26)):
        source = ("meei", "yfp")[rng.integers(2)]
        for frame in range(rng.integers(1, 7)):
            name = f"s{person}-{frame}"
            grade = int(rng.integers(7)) or None
            rows.append(row(name, f"s{person}", grade, source=source))
            if rng.random() < 0.2:
                rows.append(row(f"{name}-flipped", f"s{person}", grade, parent=name, source=source))
    rows.append(row("yfp-first", "yfp-person", 1, source="yfp"))
    rows.append(row("meei-first", "meei-person", 2, source="meei"))
    return Manifest("random", tuple(rows[i] for i in rng.permutation(len(rows))))


def all_protocols(manifest: Manifest, seed: int) -> Iterator[Splits]:
    yield lopo(manifest, PALSY, seed=seed)
    yield kfold(manifest, LEVEL, seed=seed, folds=2 + seed % 5)
    yield subject_fractions(manifest, GRADE, seed=seed)
    yield cross(manifest, train=["yfp"], test=["meei"], seed=seed)


def test_nobody_is_in_two_parts_of_a_thousand_random_manifests(make_row: Maker) -> None:
    rng = np.random.default_rng(1)
    for seed in range(1000):
        manifest = random_manifest(rng, make_row)
        for splits in (
            kfold(manifest, LEVEL, seed=seed, folds=2 + seed % 5),
            subject_fractions(manifest, GRADE, seed=seed),
            cross(manifest, train=["yfp"], test=["meei"], seed=seed),
        ):
            for split in splits.splits:
                parts = [people_of(manifest, names) for names in split.parts.values()]
                assert sum(map(len, parts)) == len(set().union(*parts))
                assert parts[0]
                assert parts[2]


def test_the_leak_check_passes_on_every_protocol_that_divides_people(make_row: Maker) -> None:
    rng = np.random.default_rng(2)
    for seed in range(10):
        manifest = random_manifest(rng, make_row)
        for splits in all_protocols(manifest, seed):
            for split in splits.splits:
                assert_no_leak(manifest, split)


def test_every_row_is_used_or_named_by_a_caveat(make_row: Maker) -> None:
    rng = np.random.default_rng(3)
    for seed in range(20):
        manifest = random_manifest(rng, make_row)
        for splits in all_protocols(manifest, seed):
            skipped = {name for each in splits.caveats for name in each.names}
            for split in splits.splits:
                used = {name for names in split.parts.values() for name in names}
                assert {row.name for row in manifest.rows} - used <= skipped


def test_each_person_is_tested_once_and_the_folds_cover_all(make_row: Maker) -> None:
    rng = np.random.default_rng(4)
    for seed in range(100):
        manifest = random_manifest(rng, make_row)
        splits = kfold(manifest, LEVEL, seed=seed).splits
        tested = Counter(name for split in splits for name in split.test)
        assert tested == Counter(row.name for row in manifest.rows if not row.parent)
        people = Counter(p for split in splits for p in people_of(manifest, split.test))
        assert set(people.values()) == {1}


@pytest.mark.parametrize("seed", range(20))
def test_folds_of_paper_003_s_people_have_every_level(seed: int, make_manifest: Maker) -> None:
    grades = [1] * 9 + [3] * 2 + [4] * 7 + [5] * 15 + [6] * 2
    manifest = make_manifest({f"s{i:02d}": grade for i, grade in enumerate(grades)})
    splits = kfold(manifest, LEVEL, seed=seed)
    assert len(splits.splits) == 5
    for split in splits.splits:
        assert len(people_of(manifest, split.test)) == 7
        for names in split.parts.values():
            assert {level_of_grade(g) for g in grades_of(manifest, names)} == {1, 2, 3}
    assert not about(splits, "parts without a class")


def test_a_class_with_fewer_people_than_folds_is_reported_where_it_lacks(
    make_manifest: Maker,
) -> None:
    manifest = make_manifest({f"s{i:02d}": 3 if i < 2 else 5 for i in range(20)})
    splits = kfold(manifest, LEVEL, seed=0)
    lacking = [name for name in about(splits, "parts without a class") if " test " in name]
    assert len(lacking) == 3
    assert all(name.endswith("test lacks 2") for name in lacking)
    assert about(splits, "classes of level without a row") == ("1",)


def test_leave_one_patient_out_tests_21_patients_in_21_splits(make_manifest: Maker) -> None:
    manifest = make_manifest({f"p{i:02d}": 1 + i % 6 for i in range(21)})
    splits = lopo(manifest, GRADE, seed=3)
    assert len(splits.splits) == 21
    for split in splits.splits:
        (tested,) = people_of(manifest, split.test)
        (validated,) = people_of(manifest, split.validation)
        assert split.name == f"lopo {tested}"
        assert tested != validated
        assert people_of(manifest, split.train) == {r.subject for r in manifest.rows} - {
            tested,
            validated,
        }
    assert {n for s in splits.splits for n in s.test} == {row.name for row in manifest.rows}
    assert splits.caveats == ()


def test_leaving_out_the_only_patient_of_a_grade_is_reported(make_manifest: Maker) -> None:
    manifest = make_manifest({"a": 1, "b": 5, "c": 5, "d": 5})
    splits = lopo(manifest, GRADE, seed=0)
    assert about(splits, "parts without a class") == ("lopo a train lacks 1",)
    assert about(splits, "without a row") == ("2", "3", "4", "6")


@pytest.mark.parametrize("seed", range(5))
def test_500_people_split_into_333_83_and_84(seed: int, make_manifest: Maker) -> None:
    manifest = make_manifest({f"s{i:03d}": 1 + i % 6 for i in range(500)}, 1)
    (split,) = subject_fractions(manifest, GRADE, seed=seed).splits
    assert [len(names) for names in split.parts.values()] == [333, 83, 84]
    for names in (split.validation, split.test):
        assert all(12 <= count <= 16 for count in Counter(grades_of(manifest, names)).values())


def test_paper_002_s_table_comes_out_of_1100_frames_a_class(make_row: Maker) -> None:
    rows = [make_row(f"{g}-{i}", f"s{i % 40}", g) for g in range(1, 7) for i in range(1100)]
    manifest = Manifest("six classes", tuple(rows))
    splits = leaky(manifest, GRADE, seed=0)
    (split,) = splits.splits
    assert splits.protocol is Protocol.LEAKY
    assert split.is_leaky
    assert [len(names) for names in split.parts.values()] == [4620, 990, 990]
    for names, count in zip(split.parts.values(), (770, 165, 165), strict=True):
        assert set(Counter(grades_of(manifest, names)).values()) == {count}
    assert people_of(manifest, split.test) == people_of(manifest, split.train)


@pytest.mark.parametrize(
    "make", [lopo, kfold, subject_fractions, leaky], ids=lambda make: make.__name__
)
def test_a_seed_gives_the_same_splits_whatever_the_order_of_the_rows(
    make: Callable[..., Splits], make_manifest: Maker
) -> None:
    manifest = make_manifest({f"s{i:02d}": 1 + i % 6 for i in range(30)})
    turned = replace(manifest, rows=manifest.rows[::-1])
    first, second, other = (
        make(manifest, GRADE, seed=1),
        make(manifest, GRADE, seed=1),
        make(manifest, GRADE, seed=2),
    )
    assert first == second
    assert first.digest == make(turned, GRADE, seed=1).digest
    assert first.digest != other.digest


def test_the_parts_of_a_preparation_are_taken_as_they_are(make_row: Maker) -> None:
    rows = [
        make_row("a", "1", 1, part="train"),
        make_row("b", "2", 2, part="test"),
        make_row("c", "3", 1, part="validation"),
        make_row("d", "4", 1),
    ]
    splits = fixed(Manifest("prepared", tuple(rows)), GRADE)
    assert splits.splits == (Split("fixed", Protocol.FIXED, ("a",), ("c",), ("b",)),)
    assert about(splits, "rows without a part") == ("d",)
    assert "fixed train lacks 2" in about(splits, "parts without a class")


@pytest.mark.parametrize("part", ["train", "test"])
def test_a_manifest_that_fixes_only_one_part_is_refused(part: str, make_row: Maker) -> None:
    with pytest.raises(InputError, match="fixes no row for"):
        fixed(Manifest("half", (make_row("a", "1", part=part),)))


def test_cross_collection_splits_test_all_of_the_other_collection(make_row: Maker) -> None:
    rows = [
        *(make_row(f"y{i}", f"yfp/{i}", 5, source="yfp") for i in range(8)),
        make_row("y-both", "shared", 5, source="yfp"),
        make_row("m-both", "shared", 5, source="meei"),
        *(make_row(f"m{i}", f"meei/{i}", 1, source="meei") for i in range(3)),
        make_row("c", "ckplus/1", 1, source="ckplus"),
    ]
    manifest = Manifest("three collections", tuple(rows))
    splits = cross(manifest, PALSY, train=["yfp"], test=["meei"], seed=0)
    (split,) = splits.splits
    assert split.name == "cross yfp to meei"
    assert set(split.test) == {"m-both", "m0", "m1", "m2"}
    assert len(split.train) == 7
    assert len(split.validation) == 1
    assert about(splits, "tested only") == ("shared",)
    assert about(splits, "not named") == ("c",)
    assert about(splits, "more than one source") == ("shared",)
    assert_no_leak(manifest, split)


@pytest.mark.parametrize(
    ("train", "test", "words"),
    [
        (["yfp"], ["yfp"], "training and test"),
        (["yfp"], ["lfw"], "lfw: not in the manifest"),
        ([], ["yfp"], "were not named; .*--train-on"),
        (["ckplus"], ["yfp"], "nobody who is not tested"),
    ],
)
def test_collections_that_cannot_be_crossed_are_refused(
    train: list[str], test: list[str], words: str, make_row: Maker
) -> None:
    rows = (make_row("a", "1", 1, source="yfp"), make_row("b", "1", 1, source="ckplus"))
    with pytest.raises(InputError, match=words):
        cross(Manifest("two", rows), train=train, test=test, seed=0)


def test_copies_are_learned_from_and_never_tested_on(make_row: Maker) -> None:
    rows = []
    for i in range(10):
        rows += [
            make_row(f"s{i}", f"p{i}", 1 + i % 2),
            make_row(f"s{i}-r", f"p{i}", parent=f"s{i}"),
        ]
    manifest = Manifest("copies", tuple(rows))
    splits = kfold(manifest, PALSY, seed=0)
    copies = {row.name for row in rows if row.parent}
    for split in splits.splits:
        assert not copies & {*split.validation, *split.test}
        assert copies & set(split.train)
    assert about(splits, "some split leaves out") == tuple(sorted(copies))
    assert set(about(splits, "rows without a palsy")) == copies
    random_frames = leaky(manifest, seed=0)
    assert about(random_frames, "tested on")
    assert not about(random_frames, "some split leaves out")


def test_two_people_leave_nobody_to_validate_on_and_that_is_said(make_manifest: Maker) -> None:
    manifest = make_manifest({"a": 1, "b": 2})
    for splits in (lopo(manifest, seed=0), kfold(manifest, seed=0, folds=2)):
        names = [split.name for split in splits.splits]
        assert about(splits, "parts without a row") == tuple(f"{n} validation" for n in names)


def test_small_folds_keep_somebody_to_learn_from(make_manifest: Maker) -> None:
    manifest = make_manifest({"a": 1, "b": 2, "c": 3})
    for split in kfold(manifest, GRADE, seed=0, folds=3).splits:
        assert [len(people_of(manifest, names)) for names in split.parts.values()] == [1, 1, 1]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda m: lopo(m, seed=0), "has 1 people"),
        (lambda m: kfold(m, seed=0), "needs 5"),
        (lambda m: kfold(m, seed=0, folds=1), "nobody to learn from"),
        (lambda m: subject_fractions(m, seed=0), "has 1 people"),
        (lambda m: subject_fractions(m, seed=0, fractions=(0.5, 0.5, 0.5)), "sum to 1"),
        (lambda m: leaky(m, seed=0, fractions=(1.2, -0.4, 0.2)), "sum to 1"),
        (lambda m: leaky(m, seed=0, fractions=(1.0, 0.0, 0.0)), "too few rows"),
    ],
)
def test_what_cannot_be_divided_is_refused(
    make: Callable[[Manifest], Splits], words: str, make_manifest: Maker
) -> None:
    with pytest.raises(InputError, match=words):
        make(make_manifest({"only": 1}))


def test_fractions_that_leave_a_part_empty_are_refused(make_manifest: Maker) -> None:
    with pytest.raises(InputError, match="too few for these fractions"):
        subject_fractions(make_manifest({"a": 1, "b": 1}), seed=0, fractions=(1.0, 0.0, 0.0))


def test_a_row_without_a_person_is_refused(make_row: Maker) -> None:
    manifest = Manifest("nobody", (make_row("a", ""), make_row("b", "1")))
    for make in (lopo, kfold, subject_fractions, leaky):
        with pytest.raises(InputError, match="names no subject"):
            make(manifest, seed=0)


def test_palsy_by_regions_stratifies_frames_of_yfp(make_row: Maker) -> None:
    def frame(name: str, person: str, eyes: str, mouth: str) -> Row:
        labels = (Label(Scale.INTENSITY, eyes, "eyes"), Label(Scale.INTENSITY, mouth, "mouth"))
        return replace(make_row(name, person), labels=labels)

    rows = [frame(f"n{i}", f"n{i}", "none", "slight") for i in range(5)]
    rows += [frame(f"p{i}", f"p{i}", "slight", "slight") for i in range(5)]
    splits = kfold(Manifest("yfp", tuple(rows)), PALSY, seed=0)
    for split in splits.splits:
        assert {name[0] for name in split.test} == {"n", "p"}
    assert not about(splits, "class")

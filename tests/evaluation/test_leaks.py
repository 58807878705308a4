"""The leak check sees every way in which a tested person can be learned from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from facialis.datasets.fingerprints import fingerprint
from facialis.datasets.manifest import Manifest, Row
from facialis.errors import FacialisError, InputError
from facialis.evaluation.leaks import LeakError, LeakKind, assert_no_leak, leaks_of
from facialis.evaluation.protocols import kfold, leaky
from facialis.evaluation.splits import Protocol, Split

Maker = Callable[..., Any]


def split_of_parts(train: str, validation: str, test: str) -> Split:
    parts = (tuple(names.split()) for names in (train, validation, test))
    return Split("by hand", Protocol.FIXED, *parts)


def kinds(manifest: Manifest, split: Split) -> list[LeakKind]:
    return [leak.kind for leak in leaks_of(manifest, split)]


@pytest.fixture
def four(make_row: Maker) -> list[Row]:
    return [make_row(name, f"person {name}", 1) for name in "abcd"]


def changed(rows: list[Row], **changes: dict[str, Any]) -> Manifest:
    return Manifest("toy", tuple(replace(row, **changes.get(row.name, {})) for row in rows))


CLEAN = split_of_parts("a b", "c", "d")


def test_four_people_in_parts_of_their_own_pass(four: list[Row]) -> None:
    assert_no_leak(changed(four), CLEAN)
    assert leaks_of(changed(four), CLEAN) == ()


@pytest.mark.parametrize(("one", "other"), [("a", "d"), ("a", "c"), ("c", "d")])
def test_a_person_in_two_parts_is_a_leak(one: str, other: str, four: list[Row]) -> None:
    manifest = changed(four, **{name: {"subject": "shared"} for name in (one, other)})
    with pytest.raises(
        LeakError, match=rf"1 people in more than one part \(such as {one}, {other}"
    ):
        assert_no_leak(manifest, CLEAN)


@pytest.mark.parametrize("source", ["simulated", "clinic"])
def test_an_invented_person_is_everybody_they_are_made_of(source: str, four: list[Row]) -> None:
    tested = {"subject": "f/d"}
    crossed = {"subject": "f/b+f/d", "source": source}
    found = kinds(changed(four, b=crossed, d=tested), CLEAN)
    assert found == ([LeakKind.SUBJECT] if source == "simulated" else [])
    assert kinds(changed(four, b=crossed | {"subject": "f/b+f/a"}, d=tested), CLEAN) == []


def test_a_sign_in_a_name_makes_nobody_two_people(four: list[Row]) -> None:
    subjects = {name: {"subject": f"my+faces/x+{name}", "source": "simulated"} for name in "abcd"}
    assert kinds(changed(four, **subjects), CLEAN) == []
    crossed = subjects["a"] | {"subject": "my+faces/1+my+faces/x+d"}
    assert kinds(changed(four, **subjects | {"a": crossed}), CLEAN) == [LeakKind.SUBJECT]


def test_two_frames_of_a_person_in_one_part_are_none(four: list[Row]) -> None:
    assert_no_leak(changed(four, a={"subject": "p"}, b={"subject": "p"}), CLEAN)


def test_a_row_in_two_parts_is_a_leak(four: list[Row]) -> None:
    (leak,) = leaks_of(changed(four), split_of_parts("a b", "", "b d"))
    assert (leak.kind, leak.rows) == (LeakKind.ROW, ("b",))


def test_an_altered_copy_whose_original_is_in_another_part_is_a_leak(four: list[Row]) -> None:
    assert kinds(changed(four, d={"parent": "a"}), CLEAN) == [LeakKind.COPY]


def test_copies_of_copies_and_of_one_original_are_seen(four: list[Row], make_row: Maker) -> None:
    rows = [*four, make_row("x", "x")]
    chain = changed(rows, x={"parent": "a"}, d={"parent": "x"})
    assert kinds(chain, CLEAN) == [LeakKind.COPY]
    siblings = changed(rows, a={"parent": "x"}, d={"parent": "x"})
    assert kinds(siblings, CLEAN) == [LeakKind.COPY]
    assert kinds(changed(four, a={"parent": "gone"}, d={"parent": "gone"}), CLEAN) == [
        LeakKind.COPY
    ]


def test_rows_that_are_copies_of_each_other_are_refused(four: list[Row]) -> None:
    with pytest.raises(InputError, match="altered copy of itself"):
        leaks_of(changed(four, a={"parent": "b"}, b={"parent": "a"}), CLEAN)


def test_files_with_the_same_bytes_are_a_leak_and_named(four: list[Row]) -> None:
    manifest = changed(four, b={"sha256": "f" * 64}, d={"sha256": "f" * 64})
    with pytest.raises(LeakError) as caught:
        assert_no_leak(manifest, CLEAN)
    (leak,) = caught.value.leaks
    assert (leak.kind, leak.rows) == (LeakKind.DUPLICATE, ("b", "d"))
    assert "b, d" in str(caught.value)


def test_a_sequence_cut_apart_is_a_leak(make_row: Maker) -> None:
    rows = [make_row(n, "p", 1, sequence="run 1") for n in "ab"]
    rows += [make_row(n, "q", 1, sequence="run 1") for n in "cd"]
    manifest = Manifest("runs", tuple(rows))
    assert kinds(manifest, split_of_parts("a b", "", "c d")) == []
    assert LeakKind.SEQUENCE in kinds(manifest, split_of_parts("a c", "", "b d"))


@pytest.fixture(scope="module")
def prints(portrait: Any) -> dict[str, str]:
    """Fingerprints of a face, of what copies make of it, and of other pictures."""
    face = cv2.cvtColor(cv2.imread(str(portrait)), cv2.COLOR_BGR2RGB)
    rng = np.random.default_rng(0)
    _, octets = cv2.imencode(".jpg", face, [cv2.IMWRITE_JPEG_QUALITY, 60])
    pictures = {
        "face": face,
        "compressed": cv2.imdecode(octets, cv2.IMREAD_COLOR),
        "mirrored": np.ascontiguousarray(face[:, ::-1]),
        "smaller": cv2.resize(face, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        "other": cv2.resize(rng.integers(0, 255, (9, 9, 3)).astype(np.uint8), (200, 200)),
    }
    return {name: fingerprint(pixels) for name, pixels in pictures.items()}


@pytest.mark.parametrize("copy", ["face", "compressed", "mirrored", "smaller"])
def test_a_near_duplicate_in_another_part_is_a_leak(
    copy: str, prints: dict[str, str], four: list[Row]
) -> None:
    manifest = changed(four, a={"fingerprint": prints["face"]}, d={"fingerprint": prints[copy]})
    (leak,) = leaks_of(manifest, CLEAN)
    assert (leak.kind, set(leak.rows)) == (LeakKind.NEAR_DUPLICATE, {"a", "d"})


def test_near_duplicates_in_one_part_and_other_pictures_are_none(
    prints: dict[str, str], four: list[Row]
) -> None:
    manifest = changed(
        four,
        a={"fingerprint": prints["face"]},
        b={"fingerprint": prints["smaller"]},
        d={"fingerprint": prints["other"]},
    )
    assert_no_leak(manifest, CLEAN)


def test_a_near_duplicate_that_is_in_no_part_is_none(
    prints: dict[str, str], four: list[Row], make_row: Maker
) -> None:
    rows = [*four, make_row("unused", "somebody", fingerprint=prints["smaller"])]
    assert_no_leak(changed(rows, a={"fingerprint": prints["face"]}), CLEAN)


def test_frames_of_one_person_that_look_alike_are_one_leak_of_the_person(
    prints: dict[str, str], four: list[Row]
) -> None:
    alike = {"subject": "p", "fingerprint": prints["face"]}
    assert kinds(changed(four, a=alike, d=alike), CLEAN) == [LeakKind.SUBJECT]


def test_only_asking_for_leaky_turns_the_check_off_and_only_for_a_leaky_split(
    make_manifest: Maker,
) -> None:
    manifest = make_manifest({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}, 10)
    (random_frames,) = leaky(manifest, seed=0).splits
    with pytest.raises(LeakError, match="5 people in more than one part"):
        assert_no_leak(manifest, random_frames)
    assert_no_leak(manifest, random_frames, leaky=True)
    with pytest.raises(InputError, match="not of the leaky one"):
        assert_no_leak(manifest, kfold(manifest, seed=0).splits[0], leaky=True)
    renamed = replace(random_frames, protocol=Protocol.KFOLD)
    with pytest.raises(LeakError):
        assert_no_leak(manifest, renamed)


@pytest.mark.parametrize("leaky_asked", [False, True])
def test_a_split_of_another_manifest_is_refused(leaky_asked: bool, four: list[Row]) -> None:
    split = replace(split_of_parts("a z", "y", "d"), protocol=Protocol.LEAKY)
    with pytest.raises(InputError, match=r"2 rows that the manifest lacks \(y, z\)"):
        assert_no_leak(changed(four), split, leaky=leaky_asked)


def test_a_person_without_a_name_is_refused(four: list[Row]) -> None:
    with pytest.raises(InputError, match="names no subject"):
        assert_no_leak(changed(four, b={"subject": ""}), CLEAN)


def test_the_error_counts_every_kind_and_stays_one_line(make_manifest: Maker) -> None:
    manifest = make_manifest({"a": 1, "b\n": 2}, 6)
    split = Split(
        "odd and even",
        Protocol.FIXED,
        tuple(row.name for row in manifest.rows[::2]),
        (),
        tuple(row.name for row in manifest.rows[1::2]),
    )
    with pytest.raises(FacialisError) as caught:
        assert_no_leak(manifest, split)
    assert "2 people in more than one part (such as a-0, a-1, a-2, ...)" in str(caught.value)
    assert "\n" not in str(caught.value)

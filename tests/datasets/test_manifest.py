"""Manifests: lines, digest, files on disk, and what is refused."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import Scale
from facialis.datasets import manifest_files
from facialis.datasets.manifest import COLUMNS, Manifest, Row, csv_bytes, rows_of
from facialis.datasets.manifest_files import (
    counts,
    file_digest,
    read_manifest,
    verify,
    write_manifest,
)
from facialis.datasets.sample import Label
from facialis.errors import InputError, OutputError


def row(name: str, **changes: object) -> Row:
    usual: dict[str, object] = {
        "path": f"{name}.png",
        "sha256": hashlib.sha256(name.encode()).hexdigest(),
        "subject": f"yfp/{name}",
        "source": "yfp",
    }
    return Row(name=name, **(usual | changes))  # type: ignore[arg-type]


FULL = row(
    "b",
    fingerprint="0f",
    labels=(Label(Scale.HOUSE_BRACKMANN, 4), Label(Scale.INTENSITY, "slight", zone="eyes")),
    video='film, "two"',
    frame=7,
    rate=29.97,
    movement=Movement.SMILE,
    side=Side.LEFT,
    part="train",
    parent="a",
    sequence="yfp/b/1",
    annotations={"mask": "masks/b.png", "depth": "depth/b;1.npy"},
)


@pytest.fixture
def pictures(tmp_path):
    """Two files and the manifest that lists them."""
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(name.encode())
    return Manifest("two", (row("a"), row("b", part="test")), {"seed": 3})


def test_rows_come_back_from_their_lines_exactly():
    rows = (row("a"), FULL)
    assert rows_of(csv_bytes(rows), "lines") == rows


def test_the_digest_is_that_of_the_file(tmp_path, pictures):
    write_manifest(pictures, tmp_path)
    written = (tmp_path / "manifest.csv").read_bytes()
    assert hashlib.sha256(written).hexdigest() == pictures.digest == read_manifest(tmp_path).digest
    assert json.loads((tmp_path / "manifest.json").read_text())["digest"] == pictures.digest


def test_the_digest_depends_on_rows_and_their_order_only(pictures):
    elsewhere = Manifest("other words", pictures.rows, {"seed": 9}, root=Path("/elsewhere"))
    assert elsewhere.digest == pictures.digest
    assert replace(pictures, rows=pictures.rows[::-1]).digest != pictures.digest


def test_a_manifest_is_read_from_its_folder_or_its_file(tmp_path, pictures):
    write_manifest(pictures, tmp_path)
    for place in (tmp_path, tmp_path / "manifest.csv", str(tmp_path)):
        assert read_manifest(place) == pictures
        assert read_manifest(place).root == tmp_path


def test_the_root_is_kept_relative_so_that_both_can_move_together(tmp_path, pictures):
    there = tmp_path / "one"
    write_manifest(replace(pictures, root=there), there / "lists" / "first")
    there.rename(tmp_path / "two")
    found = read_manifest(tmp_path / "two" / "lists" / "first")
    assert found.root == tmp_path / "two"


def test_what_a_manifest_holds_is_counted(tmp_path, pictures):
    told = counts(Manifest("m", (*pictures.rows, replace(FULL, name="c"))))
    assert told["rows"] == 3
    assert told["subjects"] == 2
    assert told["parts"] == {"test": 1, "train": 1}
    assert told["labels"] == {"house_brackmann=4": 1, "intensity[eyes]=slight": 1}


def test_the_same_manifest_may_be_written_again(tmp_path, pictures):
    write_manifest(pictures, tmp_path)
    before = (tmp_path / "manifest.json").read_bytes()
    write_manifest(replace(pictures, made={"seed": 4}), tmp_path)
    assert (tmp_path / "manifest.json").read_bytes() == before


def test_another_manifest_is_never_written_over_one(tmp_path, pictures):
    write_manifest(pictures, tmp_path)
    with pytest.raises(OutputError, match="a manifest is never changed"):
        write_manifest(replace(pictures, rows=pictures.rows[:1]), tmp_path)
    assert read_manifest(tmp_path) == pictures


def test_a_manifest_whose_writing_was_interrupted_is_none_and_can_be_written(
    tmp_path, pictures, monkeypatch
):
    written = manifest_files.replace_file

    def interrupted(path, data):
        if path.name == "manifest.json":
            raise KeyboardInterrupt
        written(path, data)

    monkeypatch.setattr(manifest_files, "replace_file", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_manifest(pictures, tmp_path)
    with pytest.raises(InputError, match="no such file"):
        read_manifest(tmp_path)
    monkeypatch.undo()
    write_manifest(replace(pictures, rows=pictures.rows[:1]), tmp_path)
    assert len(read_manifest(tmp_path).rows) == 1


def test_a_manifest_that_was_edited_is_refused(tmp_path, pictures):
    write_manifest(pictures, tmp_path)
    file = tmp_path / "manifest.csv"
    file.write_bytes(file.read_bytes().replace(b"test", b"train"))
    with pytest.raises(InputError, match="was changed after it was made"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("edit", "problem"),
    [
        (lambda text: text.replace('"format": 1', '"format": 2'), "has the format 2"),
        (lambda text: text[:-9], "is no description of a manifest"),
        (lambda _: "[]", "is no description of a manifest"),
        (lambda text: text.replace('"digest"', '"hash"'), "is no description of a manifest"),
    ],
)
def test_a_strange_description_is_refused(tmp_path, pictures, edit, problem):
    write_manifest(pictures, tmp_path)
    file = tmp_path / "manifest.json"
    file.write_text(edit(file.read_text()))
    with pytest.raises(InputError, match=problem):
        read_manifest(tmp_path)


def test_a_folder_in_place_of_the_file_is_named(tmp_path, pictures):
    (tmp_path / "manifest.csv").mkdir()
    with pytest.raises(InputError, match="cannot be read"):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": ""}, "has no name"),
        ({"name": "b"}, "occurs twice"),
        ({"subject": ""}, "names no subject"),
        ({"sha256": ""}, "has no digest"),
        ({"part": "trial"}, "part that is none of train, validation, test"),
        ({"path": "../a.png"}, "leads out of the root"),
        ({"path": "/a.png"}, "leads out of the root"),
        ({"path": ""}, "leads out of the root"),
        ({"annotations": {"mask": "../m.png"}}, "leads out of the root"),
        ({"video": "one\ntwo"}, "line break"),
    ],
)
def test_rows_that_cannot_stand_together_are_refused_on_both_ways(tmp_path, changes, problem):
    rows = (row("b"), replace(row("a"), **changes))
    with pytest.raises(InputError, match=problem):
        write_manifest(Manifest("m", rows), tmp_path / "out")
    assert not (tmp_path / "out").exists()
    with pytest.raises(InputError, match=problem):
        rows_of(csv_bytes(rows), "lines")


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (b"", "the columns differ"),
        (",".join([*COLUMNS, "age"]).encode(), "the columns differ from a manifest's: age"),
        (",".join(COLUMNS[:-1]).encode(), "the columns differ from a manifest's: annotations"),
        (",".join(COLUMNS[::-1]).encode(), "their order"),
        (b"\xff\xfe", "is no CSV table in UTF-8"),
        (b'"name', "is no CSV table in UTF-8"),
        (csv_bytes([FULL]).replace(b",smile,", b",frolic,"), "line 2 cannot be read"),
        (csv_bytes([FULL]).replace(b",7,", b",seven,"), "line 2 cannot be read"),
        (csv_bytes([FULL]) + b"too,few\n", "line 3 cannot be read"),
    ],
)
def test_lines_that_are_no_manifest_are_refused(lines, problem):
    with pytest.raises(InputError, match=problem):
        rows_of(lines, "lines")


def test_missing_and_changed_files_are_found(tmp_path, pictures):
    steps = []
    whole = replace(
        pictures,
        rows=tuple(
            replace(each, sha256=file_digest(tmp_path / each.path)) for each in pictures.rows
        ),
    )
    assert verify(whole, tmp_path, lambda *step: steps.append(step)).changed == ()
    assert steps == [(1, 2), (2, 2)]
    (tmp_path / "a.png").write_bytes(b"other")
    (tmp_path / "b.png").unlink()
    masked = replace(
        whole, rows=(*whole.rows[:1], replace(whole.rows[1], annotations={"mask": "m"}))
    )
    faults = verify(masked, tmp_path)
    assert faults.changed == ("a.png",)
    assert faults.missing == ("m", "b.png")


def test_files_of_a_manifest_without_a_root_cannot_be_looked_for(pictures):
    with pytest.raises(InputError, match="was never written to disk"):
        verify(pictures)


def test_a_file_without_bytes_to_read_is_named(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        file_digest(tmp_path)

"""What the collection of a picture gives away."""

from __future__ import annotations

import zlib

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from facialis.cli.data import app
from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import write_manifest
from facialis.datasets.sample import Label
from facialis.datasets.targets import Target
from facialis.errors import InputError
from facialis.evaluation.control import collection_control

PALSY = Target(Scale.PALSY)


def row(source: str, person: int, frame: int, palsy: int | None) -> Row:
    labels = () if palsy is None else (Label(Scale.PALSY, palsy),)
    name = f"{source}-{person}-{frame}"
    return Row(
        name=name, path=f"{name}.png", sha256="0" * 64, fingerprint=f"{person:016x}",
        source=source, subject=f"{source}/{person}", labels=labels,
    )  # fmt: skip


def collections(palsy_of, people: int = 10, frames: int = 3) -> list[Row]:
    """Two collections; `palsy_of` gives the label of source and person."""
    return [
        row(source, person, frame, palsy_of(source, person))
        for source in ("clinic", "studio")
        for person in range(people)
        for frame in range(frames)
    ]


def picture(brightness: dict[str, int]):
    """Pictures whose brightness is that of their collection, with a person's own pattern."""

    def read(of: Row) -> np.ndarray:
        rng = np.random.default_rng(zlib.crc32(of.subject.encode()))
        pattern = rng.integers(0, 60, (40, 40, 3))
        return np.asarray(pattern + brightness[of.source], np.uint8)

    return read


def test_a_camera_of_its_own_gives_the_collection_and_its_label_away():
    rows = collections(lambda source, _: int(source == "clinic"))
    found = collection_control(rows, picture({"clinic": 20, "studio": 120}), PALSY)
    assert found.collections == {"clinic": 10, "studio": 10}
    assert (found.pictures, found.labelled) == (60, 60)
    assert found.collection.right == found.label.right == 1
    assert (found.collection.interval.low, found.collection.interval.high) == (1, 1)
    assert found.collection.commonest == found.label.commonest == 0.5


def test_alike_collections_with_mixed_labels_give_nothing_away():
    rows = collections(lambda _, person: person % 2, people=60, frames=1)
    found = collection_control(rows, picture({"clinic": 60, "studio": 60}), PALSY)
    assert found.collection.interval.low < 0.5 < found.collection.interval.high
    assert found.label.right < 0.7


def test_the_same_pictures_of_one_person_do_not_help():
    """Every person is a pattern; were it learned from itself, its collection would be known."""
    rows = collections(lambda _, person: person % 2, people=40, frames=4)
    found = collection_control(rows, picture({"clinic": 60, "studio": 60}), PALSY, seed=3)
    assert found.collection.right < 0.8


def test_rows_without_a_label_are_counted_out():
    rows = collections(lambda source, person: None if person else int(source == "clinic"))
    found = collection_control(rows, picture({"clinic": 20, "studio": 120}), PALSY)
    assert (found.pictures, found.labelled) == (60, 6)
    none = collection_control(
        collections(lambda *_: 1), picture({"clinic": 20, "studio": 120}), PALSY
    )
    assert none.label is None


def test_one_collection_or_one_person_is_refused():
    with pytest.raises(InputError, match="holds one collection"):
        collection_control([row("a", n, 0, 1) for n in range(4)], picture({"a": 9}), PALSY)
    rows = [row("a", 0, 0, 1), row("b", 0, 0, 1), row("b", 1, 0, 1)]
    with pytest.raises(InputError, match="has one person in a"):
        collection_control(rows, picture({"a": 9, "b": 9}), PALSY)


def test_s2_19_the_command_prints_the_control(tmp_path):
    rows = collections(lambda source, _: int(source == "clinic"), people=4, frames=1)
    read = picture({"clinic": 20, "studio": 120})
    for each in rows:
        cv2.imwrite(str(tmp_path / each.path), read(each))
    write_manifest(Manifest("two collections", tuple(rows)), tmp_path)
    result = CliRunner().invoke(app, ["control", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert "8 pictures; people: clinic 4, studio 4" in result.output
    assert "collection told from 16 x 16 pixels  1.000" in result.output
    assert "palsy told from the collection alone  1.000" in result.output
    (tmp_path / rows[2].path).unlink()
    broken = CliRunner().invoke(app, ["control", str(tmp_path)])
    assert rows[2].path in str(broken.exception)
    cv2.imwrite(str(tmp_path / rows[2].path), read(rows[2]))
    level = CliRunner().invoke(app, ["control", str(tmp_path), "--scale", "house_brackmann"])
    assert "fewer than two classes" in level.output


def test_s2_19_the_command_keeps_collection_and_label_apart(tmp_path):
    rows = collections(lambda _, person: person % 2, people=6, frames=1)
    read = picture({"clinic": 20, "studio": 120})
    for each in rows:
        cv2.imwrite(str(tmp_path / each.path), read(each))
    write_manifest(Manifest("two collections", tuple(rows)), tmp_path)
    lines = CliRunner().invoke(app, ["control", str(tmp_path)]).output.splitlines()
    (collection,) = [line for line in lines if "collection told from 16 x 16 pixels" in line]
    (label,) = [line for line in lines if "palsy told from the collection alone" in line]
    assert " 1.000 (95 % interval over people 1.000 to 1.000)" in collection
    assert " 1.000 (" not in label
    assert "always the commonest: 0.500" in label

from __future__ import annotations

import json

import jsonschema
import numpy as np
import pytest

from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import InputError, OutputError
from facialis.report.examination import Examination
from facialis.report.examination_content import examination_content
from facialis.report.examination_pictures import movement_pictures
from facialis.report.examination_schema import examination_schema
from facialis.report.examination_write import FILE_NAMES, write_examination

NAMES = ("filmed", "healthy", "sparse", "hindered", "unjudged")


def test_all_files_are_written_under_their_names(sparse, tmp_path):
    written = sparse.report(tmp_path / "a" / "b")
    assert {name: path.name for name, path in written.items()} == FILE_NAMES
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == sorted(FILE_NAMES.values())
    assert written["pdf"].read_bytes().startswith(b"%PDF-")
    assert "<!DOCTYPE html>" in written["html"].read_text("utf-8")


@pytest.mark.parametrize("formats", [(), ("json",), ("html",), ("pdf", "json")])
def test_only_the_formats_asked_for_are_written(formats, unjudged, tmp_path):
    written = write_examination(unjudged, tmp_path, formats)
    assert set(written) == set(formats)
    assert {p.name for p in tmp_path.iterdir()} == {FILE_NAMES[f] for f in formats}


def test_an_unknown_format_is_refused_before_anything_is_written(unjudged, tmp_path):
    with pytest.raises(InputError, match=r"docx: not a format .* choose from json, html, pdf"):
        unjudged.report(tmp_path / "out", ("json", "docx"))
    assert not (tmp_path / "out").exists()


def test_a_directory_that_cannot_be_made_is_an_output_error(unjudged, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written"):
        unjudged.report(tmp_path / "file" / "out", ("json",))


@pytest.mark.parametrize("name", NAMES)
def test_every_record_follows_the_published_schema(name, request):
    record = json.loads(request.getfixturevalue(name).to_json())
    jsonschema.validate(record, examination_schema())


@pytest.mark.parametrize("name", NAMES)
def test_a_record_survives_a_round_trip(name, request):
    examination = request.getfixturevalue(name)
    again = Examination.from_json(examination.to_json())
    assert again.to_json() == examination.to_json()


def test_a_record_of_another_version_is_refused(unjudged):
    text = unjudged.to_json().replace('"schema_version": "1.3.0"', '"schema_version": "9.0.0"', 1)
    with pytest.raises(InputError, match=r"not an examination of schema version 1\.3\.0"):
        Examination.from_json(text)


def test_a_record_read_back_is_reported_without_its_photographs(sparse, tmp_path):
    again = Examination.from_json(sparse.to_json())
    written = again.report(tmp_path)
    assert "Open-mouth smile" in written["html"].read_text("utf-8")


def test_the_committed_schema_is_current(root):
    committed = (root / "docs" / "examination.schema.json").read_text("utf-8")
    expected = json.dumps(examination_schema(), indent=2, ensure_ascii=False) + "\n"
    assert committed == expected, (
        "run: facialis schema --examination > docs/examination.schema.json"
    )


def test_the_schema_describes_the_dataclasses_field_by_field():
    definitions = examination_schema()["$defs"]
    assert definitions["Excursion"]["properties"]["noise"]["description"] == (
        "Standard uncertainty of a way, interocular units."
    )
    assert "Attributes:" not in json.dumps(definitions)


def edges(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean colours of the left and the right edge of a picture."""
    return pixels[100:300, :8].mean(axis=(0, 1)), pixels[100:300, -8:].mean(axis=(0, 1))


@pytest.mark.parametrize(
    ("side", "marked"),
    [
        (AffectedSide.RIGHT, (True, False)),
        (AffectedSide.LEFT, (False, True)),
        (AffectedSide.BOTH, (True, True)),
        (AffectedSide.NONE, (False, False)),
        (AffectedSide.UNCERTAIN, (False, False)),
    ],
)
def test_small_pictures_mark_the_affected_side_at_its_edge(side, marked, sparse):
    verdict = sparse.verdict.model_copy(update={"side": side, "side_computed": side})
    pictures = movement_pictures(sparse.model_copy(update={"verdict": verdict}))
    small = pictures[Movement.SMILE].small
    red = np.array((158, 22, 60))
    found = tuple(bool(np.abs(edge - red).max() < 12) for edge in edges(small.pixels))
    assert found == marked
    assert ("is marked as weaker" in small.alt) == any(marked)


def test_a_side_that_was_stated_against_what_was_computed_is_not_called_weaker(sparse):
    verdict = sparse.verdict.model_copy(
        update={"side": AffectedSide.RIGHT, "side_computed": AffectedSide.LEFT}
    )
    told = sparse.model_copy(update={"verdict": verdict})
    small = movement_pictures(told)[Movement.SMILE].small
    assert "the right side is marked as stated" in small.alt
    assert "weaker" not in small.alt
    assert "“stated”" in examination_content(told).strip_caption
    assert "“weaker”" not in examination_content(told).strip_caption


def test_pictures_are_small_enough_to_send(filmed):
    for pictures in movement_pictures(filmed).values():
        assert max(pictures.large.size) == 900
        assert max(pictures.small.size) <= 361
        assert len(pictures.small.jpeg) < 60_000

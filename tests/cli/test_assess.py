"""`facialis assess`, from a call to its files and its exit status."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from importlib.resources import files

import jsonschema
import pytest
from PIL import Image

from facialis.clinical.anatomy import Movement
from facialis.measures.norms import DEFAULT_NORMS

FILES = {"assessment.json", "report.html", "report.pdf", "overlay.png"}


def record(folder) -> dict:
    return json.loads((folder / "assessment.json").read_text("utf-8"))


def without_time(folder) -> dict:
    found = record(folder)
    del found["provenance"]["created"]
    return found


def test_a_photograph_gives_a_record_reports_and_summaries(assessed):
    assert (assessed / "status").read_text() == "0"
    assert {path.name for path in (assessed / "out" / "anna").iterdir()} == FILES
    assert {path.name for path in (assessed / "out").iterdir()} == {
        "anna",
        "summary.csv",
        "summary.xlsx",
        "summary.parquet",
    }


def test_a_call_that_works_says_so_in_one_line_and_nothing_on_stderr(assessed):
    assert (assessed / "stdout").read_text().startswith("Assessed 1 face in 1 photograph")
    assert (assessed / "stderr").read_text() == ""


def test_the_record_follows_the_schema_that_the_command_prints(assessed, call):
    result = call("schema")
    assert (result.status, result.err) == (0, "")
    schema = json.loads(result.out)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(record(assessed / "out" / "anna"), schema)


def test_the_record_names_the_input_as_given_and_what_was_stated(assessed):
    found = record(assessed / "out" / "anna")
    assert found["input"]["path"] == "anna.jpg"
    digest = hashlib.sha256((assessed / "anna.jpg").read_bytes()).hexdigest()
    assert found["input"]["sha256"] == digest
    assert (found["stated"]["movement"], found["stated"]["age"]) == ("smile", 41)


def test_the_summary_has_one_row_a_face_and_begins_with_the_promised_columns(assessed, summary):
    (row,) = summary(assessed / "out")
    promised = (
        "input, face, usable, reasons, palsy_probability, side, brow, eye, mouth, severity, "
        "severity_low, severity_high, error"
    )
    assert list(row)[:13] == promised.split(", ")
    assert (row["input"], row["face"], row["usable"], row["error"]) == ("anna.jpg", "0", "true", "")
    assert row["side"] in {"left", "right", "none", "uncertain", "both"}
    assert 0 <= float(row["palsy_probability"]) <= 1


def test_only_what_was_asked_for_is_written(call, photographs, tmp_path):
    (photo,) = photographs("anna.png")
    out = tmp_path / "out"
    assert call("assess", photo, "--out", out, "--format", "json").status == 0
    assert [path.name for path in (out / "anna").iterdir()] == ["assessment.json"]
    assert (out / "summary.csv").exists()


def test_a_new_assessment_removes_the_reports_of_the_old_one(call, photographs, tmp_path):
    (photo,) = photographs("anna.png")
    out = tmp_path / "out"
    call("assess", photo, "--out", out, "--format", "html,pdf")
    (out / "anna" / "notes.txt").write_text("the clinician's own")
    call("assess", photo, "--out", out, "--format", "html", "--mirrored")
    names = {path.name for path in (out / "anna").iterdir()}
    assert names == {"assessment.json", "report.html", "overlay.png", "notes.txt"}


def test_all_faces_get_folders_and_rows_of_their_own(call, two_faces, tmp_path, summary):
    out = tmp_path / "out"
    result = call("assess", two_faces, "--out", out, "--face", "all", "--format", "json")
    assert result.status == 0, result.err
    assert [row["face"] for row in summary(out)] == ["0", "1"]
    assert record(out / "two")["face"]["index"] == 0
    assert record(out / "two-face1")["face"]["index"] == 1
    widths = [record(out / name)["face"]["box"] for name in ("two", "two-face1")]
    assert widths[0][2] - widths[0][0] > widths[1][2] - widths[1][0]


def test_one_face_of_several_gets_the_photograph_s_own_folder(call, two_faces, tmp_path):
    out = tmp_path / "out"
    call("assess", two_faces, "--out", out, "--face", "1", "--format", "json")
    assert record(out / "two")["face"]["index"] == 1


def test_a_face_beside_the_one_that_was_assessed_is_told_of(call, two_faces, tmp_path, summary):
    words = ("assess", two_faces, "--format", "json", "--out")
    alone = call(*words, tmp_path / "one")
    assert alone.status == 0
    assert "1 photograph with more faces than were assessed" in alone.err
    (row,) = summary(tmp_path / "one")
    assert (row["faces"], row["mirrored"]) == ("2", "false")
    both = call(*words, tmp_path / "all", "--face", "all", "--mirrored")
    assert "more faces" not in both.err
    assert {row["mirrored"] for row in summary(tmp_path / "all")} == {"true"}


def test_a_face_that_is_not_there_fails_by_name(call, two_faces, tmp_path, summary):
    result = call("assess", two_faces, "--out", tmp_path / "out", "--face", "7")
    assert result.status == 2
    assert len(result.sentences) == 1
    assert "two.png" in result.sentences[0]
    assert summary(tmp_path / "out")[0]["error"] in result.sentences[0]


def test_results_depend_neither_on_the_order_nor_on_the_number_of_processes(
    call, photographs, tmp_path, summary
):
    photos = photographs("a/anna.png", "b/ANNA.png", "ben.png")
    words = ["--format", "json", "--movement", "smile"]
    assert call("assess", *photos, "--out", tmp_path / "1", *words).status == 0
    assert call("assess", *photos[::-1], "--out", tmp_path / "2", *words, "--jobs", 2).status == 0
    folders = {path.name for path in (tmp_path / "1").iterdir() if path.is_dir()}
    assert folders == {path.name for path in (tmp_path / "2").iterdir() if path.is_dir()}
    assert {name.rpartition("-")[0] or name for name in folders} == {"anna", "ANNA", "ben"}
    for name in folders:
        assert without_time(tmp_path / "1" / name) == without_time(tmp_path / "2" / name)
    assert [row["input"] for row in summary(tmp_path / "1")] == [str(each) for each in photos]


def test_a_folder_is_searched_but_not_for_earlier_results(call, photographs, tmp_path, summary):
    photographs("anna.png", "visit/ben.png")
    out = tmp_path / "in" / "results"
    for _ in range(2):
        assert call("assess", tmp_path / "in", "--out", out, "--format", "html").status == 0
    found = [row["input"] for row in summary(out)]
    assert found == [str(tmp_path / "in" / name) for name in ("anna.png", "visit/ben.png")]


def test_what_is_finished_is_not_done_again_but_listed(call, photographs, tmp_path, summary):
    photos = photographs("anna.png", "ben.png")
    words = ["--out", tmp_path / "out", "--format", "json,html"]
    call("assess", photos[0], *words)
    first = record(tmp_path / "out" / "anna")
    result = call("assess", *photos, *words, "--resume")
    assert result.status == 0
    assert "Assessed 2 faces in 2 photographs; 1 photograph by an earlier call." in result.out
    assert record(tmp_path / "out" / "anna") == first
    assert [row["input"] for row in summary(tmp_path / "out")] == [str(each) for each in photos]


def test_what_a_killed_call_left_behind_is_cleared_once_nobody_uses_it(call, photographs, tmp_path):
    out = tmp_path / "out"
    for name, hours in ((".partial-old", 2), (".partial-young", 0)):
        (out / name / "anna").mkdir(parents=True)
        os.utime(out / name, (time.time() - 3600 * hours,) * 2)
    call("assess", *photographs("anna.png"), "--out", out, "--format", "json")
    assert [each.name for each in out.glob(".partial-*")] == [".partial-young"]


@pytest.mark.parametrize(
    "change",
    [
        ["--movement", "smile"],
        ["--age", "30"],
        ["--mirrored"],
        ["--affected-side", "left"],
        ["--mm-per-px", "1.5"],
        ["--frame", "emotrics"],
        ["--format", "json,html"],
        ["--face", "all"],
    ],
)
def test_a_changed_option_is_done_again(call, photographs, tmp_path, change):
    photos = photographs("anna.png")
    words = ["--out", tmp_path / "out"]
    call("assess", *photos, *words, "--format", "json")
    first = record(tmp_path / "out" / "anna")
    call("assess", *photos, *words, "--format", "json", *change, "--resume")
    assert record(tmp_path / "out" / "anna")["provenance"] != first["provenance"]


def test_another_table_of_healthy_faces_is_used_and_done_again(call, photographs, tmp_path):
    table = tmp_path / "own.json"
    shipped = files("facialis.measures").joinpath(DEFAULT_NORMS)
    table.write_text(json.dumps(json.loads(shipped.read_text()) | {"name": "own"}))
    photos = photographs("anna.png")
    words = ["--out", tmp_path / "out", "--format", "json", "--resume"]
    call("assess", *photos, *words)
    first = record(tmp_path / "out" / "anna")
    assert call("assess", *photos, *words, "--norms", table).status == 0
    found = record(tmp_path / "out" / "anna")
    assert found["norms"]["name"] == "own"
    assert found["norms"]["sha256"] == hashlib.sha256(table.read_bytes()).hexdigest()
    assert found["norms"]["z"] == first["norms"]["z"]


@pytest.mark.parametrize("damage", ["photograph", "half", "missing"])
def test_a_changed_photograph_or_a_damaged_result_is_done_again(
    call, photographs, tmp_path, damage
):
    (photo,) = photographs("anna.png")
    words = ["--out", tmp_path / "out", "--format", "html"]
    call("assess", photo, *words)
    kept = tmp_path / "out" / "anna" / "assessment.json"
    first = kept.read_text()
    if damage == "photograph":
        Image.open(photo).resize((600, 600)).save(photo)
    elif damage == "half":
        kept.write_text(first[: len(first) // 2])
    else:
        (kept.parent / "report.html").unlink()
    assert call("assess", photo, *words, "--resume").status == 0
    assert record(kept.parent)["provenance"] != json.loads(first)["provenance"]
    assert (kept.parent / "report.html").exists()


def test_faces_finished_earlier_are_all_listed(call, two_faces, tmp_path, summary):
    words = ["assess", two_faces, "--out", tmp_path / "out", "--face", "all", "--format", "json"]
    call(*words)
    first = record(tmp_path / "out" / "two-face1")
    call(*words, "--resume")
    assert [row["face"] for row in summary(tmp_path / "out")] == ["0", "1"]
    assert record(tmp_path / "out" / "two-face1") == first
    shutil.rmtree(tmp_path / "out" / "two-face1")
    call(*words, "--resume")
    assert (tmp_path / "out" / "two-face1" / "assessment.json").exists()


def test_a_photograph_that_cannot_be_judged_counts_as_assessed(call, tmp_path, portrait, summary):
    turned = Image.open(portrait).convert("RGB").crop((70, 0, 390, 330)).resize((44, 46))
    photo = tmp_path / "small.png"
    turned.resize((352, 368), Image.Resampling.BICUBIC).save(photo)
    result = call("assess", photo, "--out", tmp_path / "out", "--format", "html")
    assert result.status == 0, result.err
    (row,) = summary(tmp_path / "out")
    assert row["usable"] == "false"
    assert row["reasons"]
    assert row["palsy_probability"] == ""
    assert record(tmp_path / "out" / "small")["verdict"] is None
    assert "cannot be judged" in result.out


@pytest.mark.parametrize("movement", [Movement.REST, Movement.SNARL])
def test_every_kind_of_movement_is_assessed(call, photographs, tmp_path, movement):
    (photo,) = photographs("anna.png")
    words = ["--movement", movement, "--format", "html"]
    assert call("assess", photo, "--out", tmp_path / "out", *words).status == 0
    assert record(tmp_path / "out" / "anna")["stated"]["movement"] == movement

"""`facialis assess` with what it cannot work with: one sentence each, and nothing spoilt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from facialis.clinical.anatomy import Movement

GOOD_NAME = "anna.png"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--mm-per-px", "nan"], "--mm-per-px nan"),
        (["--mm-per-px", "inf"], "--mm-per-px inf"),
        (["--mm-per-px", "-1"], "--mm-per-px -1"),
        (["--mm-per-px", "0"], "--mm-per-px 0"),
        (["--age", "131"], "--age 131"),
        (["--age", "-1"], "--age -1"),
        (["--format", "docx"], "--format docx"),
        (["--movement", "wave"], "--movement wave"),
        (["--affected-side", "middle"], "--affected-side middle"),
        (["--face", "-3"], "--face -3"),
        (["--frame", "square"], "--frame square"),
        (["--jobs", "0"], "--jobs 0"),
        (["--colour"], "--colour"),
        (["--methods", "none,all"], "all and none stand alone"),
        (["--methods", "cascaded_encoder"], "cascaded_encoder: comes without weights"),
        (["--rules", "mine.toml"], "--rules"),
        (["--examination", "--movement", "smile"], "--movement"),
    ],
)
def test_a_bad_option_is_named_in_one_sentence_and_nothing_is_written(
    call, photographs, tmp_path, words, named
):
    result = call("assess", *photographs(GOOD_NAME), "--out", tmp_path / "out", *words)
    assert result.status == 2
    assert len(result.sentences) == 1
    assert named in result.sentences[0]
    assert result.out == ""
    assert not (tmp_path / "out").exists()


def test_an_unknown_movement_is_answered_with_the_movements_there_are(call, photographs, tmp_path):
    words = ["--out", tmp_path / "out", "--movement", "wave"]
    result = call("assess", *photographs(GOOD_NAME), *words)
    assert all(movement in result.err for movement in Movement)


def test_a_method_of_videos_that_is_asked_of_a_photograph_is_said_to_be_left_out(
    call, photographs, tmp_path
):
    words = ["--methods", "multimodal_fusion-light,phcnn_lstm-light", "--format", "json"]
    told = call("assess", *photographs(GOOD_NAME), "--out", tmp_path / "out", *words)
    assert told.status == 0
    assert "phcnn_lstm-light answers for no single photograph; left out. Give" in told.err
    assert "left out" not in call(
        "assess", *photographs(GOOD_NAME), "--out", tmp_path / "all", "--format", "json"
    ).err  # fmt: skip


def test_methods_of_which_none_answers_for_a_photograph_are_refused_once(
    call, photographs, tmp_path
):
    many = photographs("a.png", "b.png")
    told = call("assess", *many, "--out", tmp_path / "out", "--methods", "phcnn_lstm-light")
    assert (told.status, told.out, len(told.sentences)) == (2, "", 1)
    assert "phcnn_lstm-light" in told.err


def test_a_scale_by_which_eyes_lie_impossibly_far_apart_names_the_photograph(
    call, photographs, tmp_path
):
    told = call("assess", *photographs(GOOD_NAME), "--out", tmp_path / "out", "--mm-per-px", "50")
    assert told.status == 2
    assert GOOD_NAME in told.err
    assert "mm apart at 50 mm per pixel" in told.err


@pytest.mark.parametrize("verb", ["assess", "measure"])
def test_a_table_of_healthy_faces_that_is_none_is_named(call, photographs, tmp_path, verb):
    (tmp_path / "norms.json").write_text('{"format": 0}')
    for name in ("norms.json", "gone.json"):
        words = [verb, *photographs(GOOD_NAME), "--norms", tmp_path / name]
        words += ["--out", tmp_path / "out"] if verb == "assess" else []
        result = call(*words)
        assert (result.status, result.out, len(result.sentences)) == (2, "", 1)
        assert name in result.err


@pytest.mark.parametrize("words", [["assess"], ["assess", "a.jpg"], ["assess", "--out", "o"], []])
def test_a_call_that_lacks_something_says_what(call, words):
    result = call(*words)
    assert result.status == 2
    assert len(result.sentences) == 1
    assert "Missing" in result.err


def bad_inputs(folder: Path) -> dict[str, Path]:
    folder.mkdir()
    (folder / "empty").mkdir()
    (folder / "zero.jpg").touch()
    (folder / "text.jpg").write_text("this is no picture")
    (folder / "page.jpg").write_text("<!doctype html><p>no picture</p>")
    return {
        "missing": folder / "gone.jpg",
        "folder without photographs": folder / "empty",
        "zero bytes": folder / "zero.jpg",
        "text": folder / "text.jpg",
        "web page": folder / "page.jpg",
    }


@pytest.mark.parametrize(
    "kind", ["missing", "folder without photographs", "zero bytes", "text", "web page"]
)
def test_one_unusable_input_is_named_in_one_sentence(call, tmp_path, summary, kind):
    path = bad_inputs(tmp_path / "bad")[kind]
    result = call("assess", path, "--out", tmp_path / "out")
    assert result.status == 2
    assert len(result.sentences) == 1
    assert path.name in result.sentences[0]
    assert "Traceback" not in result.err
    (row,) = summary(tmp_path / "out")
    assert row["input"] == str(path)
    assert row["error"] in result.sentences[0]
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["summary.csv"]


@pytest.mark.parametrize("jobs", [1, 2])
def test_inputs_that_fail_leave_the_others_assessed(call, photographs, tmp_path, summary, jobs):
    bad = bad_inputs(tmp_path / "bad")
    (photo,) = photographs(GOOD_NAME)
    words = ["--out", tmp_path / "out", "--format", "json", "--jobs", jobs]
    result = call("assess", *bad.values(), photo, *words)
    assert result.status == 1
    assert len(result.sentences) == len(bad)
    rows = {row["input"]: row["error"] for row in summary(tmp_path / "out")}
    assert rows.pop(str(photo)) == ""
    assert set(rows) == {str(path) for path in bad.values()}
    assert all(rows.values())
    assert (tmp_path / "out" / "anna" / "assessment.json").exists()


@pytest.mark.parametrize("name", ["two\nlines.png", "caf\udce9.png", "\x1b[31mred.png"])
def test_a_strange_name_breaks_neither_table_nor_terminal(
    call, photographs, tmp_path, summary, name
):
    (photo,) = photographs("plain.png")
    strange = photo.with_name(name)
    try:
        photo.rename(strange)
    except OSError:
        pytest.skip("this file system refuses such a name")
    broken = photo.with_name(f"broken-{name}")
    Path(broken).touch()
    words = ["--out", tmp_path / "out", "--format", "html"]
    result = call("assess", strange, broken, *words)
    assert result.status == 1
    assert len(result.sentences) == 1
    assert result.err.removesuffix("\n").isprintable()
    good, bad = summary(tmp_path / "out")
    assert (good["error"], bool(bad["error"])) == ("", True)
    assert good["input"].isprintable()
    folders = [path.name for path in (tmp_path / "out").iterdir() if path.is_dir()]
    assert len(folders) == 1
    assert folders[0].isprintable()


def test_an_output_that_is_a_file_is_left_alone(call, photographs, tmp_path):
    file = tmp_path / "out"
    file.write_text("mine")
    result = call("assess", *photographs(GOOD_NAME), "--out", file)
    assert result.status == 2
    assert len(result.sentences) == 1
    assert "a file stands in its way" in result.err
    assert file.read_text() == "mine"


def test_a_result_folder_that_cannot_be_made_fails_its_photograph_only(
    call, photographs, tmp_path, summary
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "anna").write_text("a file where the folder should be")
    photos = photographs(GOOD_NAME, "ben.png")
    result = call("assess", *photos, "--out", out, "--format", "json")
    assert result.status == 1
    assert len(result.sentences) == 1
    assert "anna" in result.err
    assert [bool(row["error"]) for row in summary(out)] == [True, False]
    assert (out / "anna").read_text() == "a file where the folder should be"


def test_a_photograph_that_no_longer_opens_leaves_its_old_report(call, photographs, tmp_path):
    (photo,) = photographs(GOOD_NAME)
    words = ["--out", tmp_path / "out", "--format", "html"]
    call("assess", photo, *words)
    kept = {path.name: path.read_bytes() for path in (tmp_path / "out" / "anna").iterdir()}
    photo.write_bytes(photo.read_bytes()[:2000])
    assert call("assess", photo, *words).status == 2
    assert {p.name: p.read_bytes() for p in (tmp_path / "out" / "anna").iterdir()} == kept


def test_a_summary_that_cannot_be_written_is_named(call, photographs, tmp_path):
    out = tmp_path / "out"
    (out / "summary.csv").mkdir(parents=True)
    result = call("assess", *photographs(GOOD_NAME), "--out", out, "--format", "json")
    assert result.status == 2
    assert len(result.sentences) == 1
    assert "summary.csv" in result.err


def test_a_photograph_that_may_not_be_read_is_named(call, photographs, tmp_path):
    (photo,) = photographs(GOOD_NAME)
    photo.chmod(0)
    if os.access(photo, os.R_OK):
        pytest.skip("this user may read everything")
    result = call("assess", photo, "--out", tmp_path / "out")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert GOOD_NAME in result.err

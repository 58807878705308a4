"""`facialis measure`: the numbers on stdout."""

from __future__ import annotations

import json

import pytest


def test_the_numbers_are_one_clean_json_array(call, portrait, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call("measure", portrait)
    assert (result.status, result.err) == (0, "")
    (row,) = json.loads(result.out)
    assert row["input"] == str(portrait)
    names = {item["name"] for item in row["measures"]["items"]}
    assert {"brow_height", "fissure_height", "commissure_position"} <= names
    assert set(row["pose"]) == {"yaw", "pitch", "roll"}
    assert "verdict" not in row
    assert list(tmp_path.iterdir()) == []


def test_a_scale_that_is_given_is_used(call, portrait):
    rows = [json.loads(call("measure", portrait, "--mm-per-px", x).out)[0] for x in ("1", "2")]
    scales = [row["measures"]["scale"] for row in rows]
    assert [each["source"] for each in scales] == ["given", "given"]
    assert scales[1]["interocular_mm"] == pytest.approx(2 * scales[0]["interocular_mm"])


def test_every_face_has_its_row(call, two_faces):
    rows = json.loads(call("measure", two_faces, "--face", "all").out)
    assert [row["face"] for row in rows] == [0, 1]


def test_an_input_that_fails_has_a_row_with_the_error(call, portrait, tmp_path):
    gone = tmp_path / "gone.jpg"
    result = call("measure", gone, portrait)
    assert result.status == 1
    assert len(result.sentences) == 1
    rows = json.loads(result.out)
    assert [row for row in rows if "error" in row] == [
        {"input": str(gone), "error": result.sentences[0].removeprefix("facialis: ")}
    ]
    assert len(rows) == 2


def test_nothing_usable_is_status_2_and_still_json(call, tmp_path):
    (tmp_path / "zero.jpg").touch()
    result = call("measure", tmp_path / "zero.jpg")
    assert result.status == 2
    assert "zero.jpg" in json.loads(result.out)[0]["error"]


@pytest.mark.parametrize("words", [["--mm-per-px", "nan"], ["--face", "x"], ["--movement", "y"]])
def test_a_bad_option_prints_nothing_on_stdout(call, portrait, words):
    result = call("measure", portrait, *words)
    assert (result.status, result.out, len(result.sentences)) == (2, "", 1)


def test_an_unexpected_error_is_one_sentence_without_a_traceback(start, photographs, tmp_path):
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults" / "sitecustomize.py").write_text(
        "import facialis.media.photo as photo\n"
        "def read_photo(*_, **__): raise ZeroDivisionError\n"
        "photo.read_photo = read_photo\n"
    )
    process = start("measure", *photographs("a.png"), pythonpath=tmp_path / "faults")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert len(err.splitlines()) == 1
    assert "ZeroDivisionError" in json.loads(out)[0]["error"]

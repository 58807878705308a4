"""`facialis norms build`: what it refuses before it reads a face."""

from __future__ import annotations


def test_a_folder_with_too_few_people_is_refused(call, tmp_path, photographs):
    photographs("001_neutral.png", "001_smile.png")
    result = call("norms", "build", tmp_path / "in", "--out", tmp_path / "norms.json")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert str(tmp_path / "in") in result.err
    assert not (tmp_path / "norms.json").exists()


def test_a_folder_that_is_not_there_is_named(call, tmp_path):
    result = call("norms", "build", tmp_path / "gone", "--out", tmp_path / "norms.json")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "gone" in result.err


def test_a_folder_in_place_of_the_table_is_refused(call, tmp_path):
    result = call("norms", "build", tmp_path, "--out", tmp_path)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "is a folder" in result.err


def test_a_file_in_place_of_the_table_s_folder_is_refused(call, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    result = call("norms", "build", tmp_path, "--out", tmp_path / "notes.txt" / "norms.json")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_the_table_is_required(call, tmp_path):
    result = call("norms", "build", tmp_path)
    assert result.status == 2
    assert "--out" in result.err

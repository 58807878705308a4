from __future__ import annotations

import json
import resource

import cv2
import numpy as np
import pytest

from facialis.errors import InputError, OutputError
from facialis.report.files import make_directory, replace_file
from facialis.report.overlay import draw_landmarks
from facialis.report.write import FILE_NAMES, write_reports


def test_all_files_are_written_under_their_names(assessment, tmp_path):
    written = write_reports(assessment, tmp_path / "a" / "b")
    assert {name: path.name for name, path in written.items()} == FILE_NAMES
    assert sorted(p.name for p in (tmp_path / "a" / "b").iterdir()) == sorted(FILE_NAMES.values())
    assert json.loads(written["json"].read_text("utf-8"))["schema_version"] == "1.2.0"
    assert written["pdf"].read_bytes().startswith(b"%PDF-")
    assert "<!DOCTYPE html>" in written["html"].read_text("utf-8")


def test_the_overlay_is_the_picture_with_landmarks(assessment, tmp_path):
    path = write_reports(assessment, tmp_path, formats=())["overlay"]
    read = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
    assert np.array_equal(read, draw_landmarks(assessment))


def test_only_the_formats_asked_for_are_written(assessment, tmp_path):
    written = write_reports(assessment, tmp_path, formats=("html",))
    assert set(written) == {"html", "overlay"}
    assert not (tmp_path / "report.pdf").exists()


def test_an_unknown_format_is_refused_before_anything_is_written(assessment, tmp_path):
    with pytest.raises(InputError, match=r"docx: not a format .* choose from json, html, pdf"):
        write_reports(assessment, tmp_path / "out", formats=("json", "docx"))
    assert not (tmp_path / "out").exists()


def test_a_report_can_be_written_again_over_itself(unusable, tmp_path):
    first = write_reports(unusable, tmp_path)["html"].read_bytes()
    assert write_reports(unusable, tmp_path)["html"].read_bytes() == first
    assert len(list(tmp_path.iterdir())) == 4


def test_a_directory_that_cannot_be_made_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="cannot be written") as caught:
        make_directory(tmp_path / "file" / "out")
    assert str(caught.value).count("\n") == 0


def test_a_target_that_is_a_folder_is_refused_and_nothing_is_left_behind(tmp_path):
    (tmp_path / "report.html").mkdir()
    with pytest.raises(OutputError, match="cannot be written"):
        replace_file(tmp_path / "report.html", b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_write_that_runs_out_of_room_keeps_the_old_file(tmp_path):
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            replace_file(path, b"new" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_a_name_with_stray_bytes_is_printed_on_one_line(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError) as caught:
        replace_file(tmp_path / "file" / "a\nb\udc93.html", b"new")
    assert "a\\nb\\x93.html" in str(caught.value)

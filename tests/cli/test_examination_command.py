"""`facialis assess` with examinations and videos."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from facialis.cli import examination
from facialis.clinical.anatomy import Movement, Side
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.simulation.compose import Sitter
from facialis.simulation.lesion import standard_lesion
from facialis.simulation.performance import Performance, performed
from facialis.simulation.portrait import Portrait
from facialis.simulation.recording import Script, recorded, write_video

RECORD, TABLE = "assessment.json", "examinations.csv"
LESION = standard_lesion(5, Side.LEFT)
EXAMINED = (Movement.BROW_RAISE, Movement.EYE_CLOSE_TIGHT, Movement.SMILE)


@pytest.fixture(scope="module")
def sitter(portrait):
    frame = read_photo(portrait)
    return Sitter(Portrait.of(frame.pixels, find_faces(frame)[0].points).cropped(300))


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sitter):
    made = tmp_path_factory.mktemp("visit") / "visit 1"
    made.mkdir()
    for movement in EXAMINED:
        pixels = performed(sitter, Performance(movement=movement, lesion=LESION)).pixels
        Image.fromarray(pixels).save(made / f"{movement}.png")
    Image.fromarray(
        performed(sitter, Performance(movement=Movement.REST, lesion=LESION)).pixels
    ).save(made / "rest.png")
    return made


@pytest.fixture(scope="module")
def clip(tmp_path_factory, sitter):
    path = tmp_path_factory.mktemp("clip") / "clip.mp4"
    script = Script((Movement.BROW_RAISE,), 2, 10, LESION, 5)
    write_video(path, (recorded(sitter, s).pixels for s in script.scenes("a")), script.rate)
    return path


def rows(out):
    with (out / TABLE).open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.DictReader(lines))


def test_a_folder_is_one_examination(call, tmp_path, folder):
    result = call("assess", folder, "--examination", "--out", tmp_path, "--format", "html,pdf")
    assert result.status == 0, result.err
    assert "affected side left" in result.out
    made = tmp_path / "visit 1"
    assert {p.name for p in made.iterdir()} == {RECORD, "report.html", "report.pdf"}
    record = json.loads((made / RECORD).read_text(encoding="utf-8"))
    assert record["verdict"]["side"] == "left"
    assert record["examination"]["house_brackmann"]["grade"] in (4, 5, 6)
    (row,) = rows(tmp_path)
    assert (row["side"], row["error"]) == ("left", "")


def test_no_side_stated_against_a_palsy_is_told_on_the_terminal(call, tmp_path, folder):
    result = call("assess", folder, "--examination", "--out", tmp_path, "--affected-side", "none")
    assert result.status == 0, result.err
    assert "No side is stated to be affected; the examination itself shows LEFT" in result.err
    record = json.loads((tmp_path / "visit 1" / RECORD).read_text(encoding="utf-8"))
    assert record["examination"]["house_brackmann"]["grade"] in (4, 5, 6)


def test_a_video_is_an_examination_without_being_told(call, tmp_path, clip):
    result = call("assess", clip, "--out", tmp_path, "--format", "json")
    assert result.status == 0, result.err
    record = json.loads((tmp_path / "clip" / RECORD).read_text(encoding="utf-8"))
    assert record["sources"][0]["kind"] == "video"
    assert {p.name for p in (tmp_path / "clip").iterdir()} == {RECORD}


def test_photographs_and_a_video_may_be_given_together(call, tmp_path, folder, clip):
    result = call("assess", folder / "smile.png", clip, "--out", tmp_path, "--format", "json")
    assert result.status == 0, result.err
    assert (tmp_path / "smile" / RECORD).exists()
    assert (tmp_path / "clip" / RECORD).exists()
    assert (tmp_path / "summary.csv").exists()
    assert len(rows(tmp_path)) == 1


def test_one_examination_that_fails_does_not_stop_another(call, tmp_path, folder):
    (tmp_path / "empty").mkdir()
    words = ("--examination", "--out", tmp_path / "out", "--format", "json")
    result = call("assess", folder, tmp_path / "empty", *words)
    assert result.status == 1
    assert "empty" in result.err
    assert [bool(row["error"]) for row in rows(tmp_path / "out")] == [False, True]


def test_the_traceback_of_an_unexpected_error_is_kept_beside_the_results(
    call, tmp_path, folder, monkeypatch
):
    def mistaken(*_more):
        raise RuntimeError("a mistake in the program")

    monkeypatch.setattr(examination, "_examined", mistaken)
    result = call("assess", folder, "--examination", "--out", tmp_path)
    assert result.status == 1
    assert "an unexpected error (RuntimeError)" in result.err
    kept = (tmp_path / "facialis.log").read_text(encoding="utf-8")
    assert "Traceback" in kept
    assert "a mistake in the program" in kept


def test_an_examination_that_cannot_be_used_is_one_sentence(call, tmp_path):
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    result = call("assess", tmp_path / "broken.mp4", "--out", tmp_path / "out")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "broken.mp4" in result.err


def test_the_rules_may_be_one_s_own(call, tmp_path, folder):
    (tmp_path / "rules.toml").write_text("colour = 3", encoding="utf-8")
    words = ("--examination", "--rules", tmp_path / "rules.toml", "--out", tmp_path / "out")
    result = call("assess", folder, *words)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "rules.toml" in result.err


def test_what_is_stated_is_used(call, tmp_path, folder):
    words = ("--affected-side", "right", "--age", "61", "--format", "json")
    result = call("assess", folder, "--examination", "--out", tmp_path, *words)
    assert result.status == 0, result.err
    record = json.loads((tmp_path / "visit 1" / RECORD).read_text(encoding="utf-8"))
    assert record["verdict"]["side"] == "right"
    assert record["verdict"]["side_computed"] == "left"
    assert record["stated"]["age"] == 61


@pytest.mark.parametrize("words", [("--face", "1"), ("--frame", "emotrics"), ("--resume",)])
def test_options_of_single_photographs_are_refused(call, tmp_path, folder, words):
    result = call("assess", folder, "--examination", "--out", tmp_path, *words)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert words[0] in result.err


def test_an_interruption_keeps_what_is_finished_and_says_what_is_left(
    call, tmp_path, folder, monkeypatch
):
    other = tmp_path / "visit 2"
    other.symlink_to(folder)
    assessed = examination._examined

    def interrupted(path, *more):
        if path.endswith("2"):
            raise KeyboardInterrupt
        return assessed(path, *more)

    monkeypatch.setattr(examination, "_examined", interrupted)
    out = tmp_path / "out"
    words = ("--examination", "--out", out, "--format", "json")
    result = call("assess", folder, other, *words)
    assert result.status == 130
    assert "interrupted; 1 of 2 are finished" in result.err
    assert "visit 2 first" in result.err
    assert [row["error"] for row in rows(out)] == [""]


def test_a_selfie_is_turned_back(call, tmp_path, folder):
    mirrored = tmp_path / "selfies"
    mirrored.mkdir()
    for path in folder.iterdir():
        with Image.open(path) as picture:
            Image.fromarray(np.asarray(picture)[:, ::-1].copy()).save(mirrored / path.name)
    words = ("--examination", "--mirrored", "--out", tmp_path / "out", "--format", "json")
    assert call("assess", mirrored, *words).status == 0
    record = json.loads((tmp_path / "out" / "selfies" / RECORD).read_text(encoding="utf-8"))
    assert record["verdict"]["side"] == "left"

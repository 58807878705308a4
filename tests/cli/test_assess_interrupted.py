"""Ctrl-C, workers that die, and errors that nobody expected, in processes of their own."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

FAULTS = """
import os, signal
import facialis.media.photo as photo

good = photo.read_photo

def read_photo(path, **options):
    if "deadly" in str(path):
        os.kill(os.getpid(), signal.SIGKILL)
    if "broken" in str(path):
        raise ZeroDivisionError("a mistake in the program")
    return good(path, **options)

photo.read_photo = read_photo
"""


@pytest.fixture
def faults(tmp_path):
    """A folder that makes the program fail on photographs of certain names."""
    folder = tmp_path / "faults"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(FAULTS)
    return folder


def finished(out) -> set[str]:
    return {path.parent.name for path in out.glob("*/assessment.json")}


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_interruption_keeps_what_is_finished_and_resume_does_the_rest(
    start, call, photographs, tmp_path, summary, jobs
):
    photos = photographs(*(f"visit{number:02}.png" for number in range(40)))
    out = tmp_path / "out"
    words = ["assess", *photos, "--out", out, "--jobs", jobs]
    process = start(*words)
    while len(finished(out)) < 2 and process.poll() is None:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert len(err.splitlines()) == 1
    assert "--resume" in err
    listed = [row["input"] for row in summary(out)]
    assert {Path(each).stem for each in listed} == finished(out)
    assert 2 <= len(listed) < 40
    assert {path.name for path in out.iterdir()} == {*finished(out), "summary.csv"}
    few = photos[: len(listed) + 1]
    assert call("assess", *few, "--out", out, "--resume").status == 0
    assert [row["input"] for row in summary(out)] == [str(photo) for photo in few]


def test_a_process_that_is_killed_fails_its_photograph_only(
    start, photographs, tmp_path, summary, faults
):
    photos = photographs("anna.png", "deadly.png", "ben.png", "carl.png")
    out = tmp_path / "out"
    process = start(
        "assess", *photos, "--out", out, "--jobs", 2, "--format", "json", pythonpath=faults
    )
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert len(err.splitlines()) == 1
    assert "deadly.png" in err
    assert "killed" in err
    errors = {Path(row["input"]).name: bool(row["error"]) for row in summary(out)}
    assert errors == {"anna.png": False, "deadly.png": True, "ben.png": False, "carl.png": False}
    assert {path.name for path in out.iterdir()} == {"anna", "ben", "carl", "summary.csv"}


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_unexpected_error_is_one_sentence_and_its_traceback_is_kept(
    start, photographs, tmp_path, summary, faults, jobs
):
    out = tmp_path / "out"
    photos = photographs("anna.png", "broken.png")
    words = ["--out", out, "--format", "json", "--jobs", jobs]
    process = start("assess", *photos, *words, pythonpath=faults)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    assert len(err.splitlines()) == 1
    assert "broken.png" in err
    assert "Traceback" in (out / "facialis.log").read_text()
    assert "a mistake in the program" in (out / "facialis.log").read_text()
    assert [bool(row["error"]) for row in summary(out)] == [False, True]


def test_an_unexpected_error_with_debug_shows_its_traceback(start, photographs, tmp_path, faults):
    photos = photographs("broken.png")
    words = ["--debug", "assess", *photos, "--out", tmp_path / "out"]
    _, err = (process := start(*words, pythonpath=faults)).communicate(timeout=120)
    assert process.returncode == 1
    assert "ZeroDivisionError: a mistake in the program" in err

"""`facialis data prepare`."""

from __future__ import annotations

import hashlib
import json

import cv2
import numpy as np
import pytest

from facialis.datasets import prepare_merge


@pytest.fixture
def yfp(tmp_path):
    """YFP with three people of eight frames, and their grades."""
    rng = np.random.default_rng(0)
    for person in (1, 2, 3):
        folder = tmp_path / "yfp" / "Image" / str(person)
        folder.mkdir(parents=True)
        for frame in range(8):
            coarse = rng.integers(0, 256, (8, 8, 3)).astype(np.uint8)
            cv2.imwrite(str(folder / f"{5 * frame + 1}.bmp"), cv2.resize(coarse, (48, 48)))
    (tmp_path / "grades.csv").write_text("subject,grade\n1,IV\n2,6\n")
    return tmp_path / "yfp"


def test_a_manifest_is_written_and_summed_up(call, yfp, tmp_path):
    words = ["--from", yfp, "--grades", tmp_path / "grades.csv", "--out", tmp_path / "out"]
    result = call("data", "prepare", "paper003", *words)
    assert result.status == 0
    assert "16 pictures of 2 people" in result.out
    digest = hashlib.sha256((tmp_path / "out" / "manifest.csv").read_bytes()).hexdigest()
    assert digest in result.out
    assert "8 frames of people without a House-Brackmann grade: yfp/Image/3/1.bmp" in result.out
    made = json.loads((tmp_path / "out" / "manifest.json").read_text())["made"]
    assert made["augment"] == ["yfp/1", "yfp/2"]


def test_a_collection_may_be_named_by_its_kind(call, yfp, tmp_path, monkeypatch):
    monkeypatch.setattr(prepare_merge, "PER_PART", {"train": 14, "test": 3, "validation": 3})
    monkeypatch.setattr(prepare_merge, "PER_CLASS", 20)
    words = ["--from", f"yfp={yfp}", "--grades", tmp_path / "grades.csv", "--seed", 3]
    result = call("data", "prepare", "paper002", "--leaky", *words, "--out", tmp_path / "out")
    assert result.status == 0
    assert "protocol  leaky" in result.out
    assert "note      LEAKY" in result.out


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["paper009", "--from", "yfp"], "is no preparation"),
        (["paper003", "--from", "nowhere"], "no such file or folder"),
        (["paper003", "--from", "ktp=yfp"], "is no kind of collection"),
        (["paper003", "--from", "yfp"], "no four graded frames"),
        (["paper004", "--leaky", "--from", "yfp"], "has no leaky form"),
        (["paper003", "--from", "folder=yfp", "--grades", "grades.csv"], "--grades: is for YFP"),
        (["paper003"], "--from"),
    ],
)
def test_what_cannot_be_prepared_is_one_sentence(call, yfp, tmp_path, monkeypatch, words, problem):
    monkeypatch.chdir(tmp_path)
    result = call("data", "prepare", *words, "--out", "out")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert problem in result.err
    assert not (tmp_path / "out" / "manifest.csv").exists()


def test_pictures_that_look_alike_in_different_parts_are_told(call, tmp_path):
    (tmp_path / "own").mkdir()
    lines = ["path,subject,label,grade"]
    for n in range(6):
        cv2.imwrite(
            str(tmp_path / "own" / f"{n}.png"), np.tile(np.arange(64, dtype=np.uint8), (64, 1))
        )
        lines.append(f"{n}.png,p{n},x,3")
    (tmp_path / "own" / "t.csv").write_text("\n".join(lines))
    words = ["--from", tmp_path / "own" / "t.csv", "--out", tmp_path / "out"]
    assert "look alike in different parts  9: " in call("data", "prepare", "paper001", *words).out

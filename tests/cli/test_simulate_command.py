"""`facialis simulate`: one photograph, one video, a cohort, and what is refused."""

from __future__ import annotations

import csv
import json
import shutil

import av
import numpy as np
import pytest
from PIL import Image

from facialis.datasets.collections import open_collection
from facialis.datasets.truth import read_truth


@pytest.fixture(scope="module")
def neutral(tmp_path_factory, portrait):
    """The astronaut, small."""
    path = tmp_path_factory.mktemp("simulate") / "a_neutral.png"
    with Image.open(portrait) as picture:
        picture.convert("RGB").crop((96, 0, 352, 256)).save(path)
    return path


def pixels(path):
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def test_a_photograph_and_its_truth_lie_side_by_side(call, tmp_path, neutral):
    out = tmp_path / "new" / "x.png"
    words = ("--side", "right", "--grade", 5, "--movement", "rest")
    result = call("simulate", "photo", neutral, *words, "-o", out)
    assert result.status == 0, result.err
    assert str(out) in result.out
    truth = read_truth(out.with_suffix(".json"))
    assert (truth.grade, truth.lesion.side, truth.movement) == (5, "right", "rest")
    assert truth.simulated
    with Image.open(out) as picture:
        assert "Simulated" in picture.info["Comment"]
        assert picture.size == (256, 256)
    changed = np.abs(pixels(out) - pixels(neutral)).sum(axis=(0, 2))
    assert changed[:128].sum() > 1.5 * changed[128:].sum(), "the patient's right is on the left"


def test_grade_one_is_a_healthy_person(call, tmp_path, neutral):
    out = tmp_path / "x.png"
    assert call("simulate", "photo", neutral, "--grade", 1, "-o", out).status == 0
    truth = read_truth(out.with_suffix(".json"))
    assert truth.lesion is None
    assert truth.sunnybrook is None


def test_the_grade_in_the_truth_is_the_one_that_a_central_lesion_has(call, tmp_path, neutral):
    out = tmp_path / "x.png"
    words = ("--grade", 6, "--central", "--movement", "brow_raise")
    assert call("simulate", "photo", neutral, *words, "-o", out).status == 0
    truth = read_truth(out.with_suffix(".json"))
    assert truth.lesion.central
    assert truth.grade < 6


def test_a_second_photograph_is_where_a_smile_comes_from(call, tmp_path, neutral):
    out = tmp_path / "x.png"
    result = call("simulate", "photo", neutral, neutral, "--grade", 1, "-o", out, "--size", 128)
    assert result.status == 0, result.err
    with Image.open(out) as picture:
        assert picture.size == (128, 128)
    assert set(read_truth(out.with_suffix(".json")).made_from) == {neutral.name}


def test_what_is_already_there_is_kept_unless_told(call, tmp_path, neutral):
    out = tmp_path / "x.png"
    out.write_bytes(b"mine")
    result = call("simulate", "photo", neutral, "-o", out)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "--overwrite" in result.err
    assert out.read_bytes() == b"mine"
    assert call("simulate", "photo", neutral, "-o", out, "--overwrite").status == 0
    assert out.read_bytes() != b"mine"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--side", "west"), "right, left"),
        (("--grade", "7"), "1 to 6"),
        (("--grade", "iv"), "1 to 6"),
        (("--movement", "wink"), "brow_raise"),
        (("--form", "spastic"), "flaccid"),
        (("--effort", "2"), "0 to 1"),
        (("--effort", "nan"), "0 to 1"),
        (("--size", "8"), "64"),
        (("-o", "x.jpg"), ".png"),
    ],
)
def test_words_that_mean_nothing_are_named_with_those_that_do(call, tmp_path, neutral, words, told):
    given = words if words[0] == "-o" else ("-o", tmp_path / "x.png", *words)
    result = call("simulate", "photo", neutral, *given)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert told in result.err
    assert list(tmp_path.iterdir()) == []


def test_the_photograph_itself_is_never_overwritten(call, neutral):
    before = neutral.read_bytes()
    result = call("simulate", "photo", neutral, "-o", neutral, "--overwrite")
    assert result.status == 2
    assert "is an input" in result.err
    assert neutral.read_bytes() == before


def test_a_picture_without_a_face_is_refused(call, tmp_path):
    Image.new("RGB", (200, 200), (90, 120, 90)).save(tmp_path / "wall.png")
    result = call("simulate", "photo", tmp_path / "wall.png", "-o", tmp_path / "x.png")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "no face" in result.err
    assert not (tmp_path / "x.png").exists()


def test_a_video_has_a_line_of_truth_for_each_frame(call, tmp_path, neutral):
    out = tmp_path / "v.mp4"
    words = ("--movements", "brow_raise,smile", "--seconds", 1.5, "--rate", 6, "--size", 160)
    result = call("simulate", "video", neutral, "--side", "left", *words, "-o", out)
    assert result.status == 0, result.err
    with av.open(str(out)) as container:
        frames = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
        assert container.streams.video[0].average_rate == 6
    with out.with_suffix(".csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(frames) == 18
    assert frames[0].shape == (160, 160, 3)
    assert {row["movement"] for row in rows} == {"brow_raise", "smile"}
    assert {"rest", "onset", "hold"} <= {row["phase"] for row in rows}
    raising = [r for r in rows if r["movement"] == "brow_raise"]
    right = [float(r["right_brow_y"]) for r in raising]
    left = [float(r["left_brow_y"]) for r in raising]
    assert np.ptp(right) > 3 * np.ptp(left), "grade IV: the weak forehead does not move"
    assert json.loads(out.with_suffix(".json").read_text())["simulated"] is True
    assert {p.name for p in tmp_path.iterdir()} == {"v.mp4", "v.csv", "v.json"}


def test_the_same_seed_films_the_same_and_another_does_not(call, tmp_path, neutral):
    tables = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        out = tmp_path / f"{name}.mp4"
        words = ("--seconds", 1, "--rate", 5, "--size", 96, "--seed", seed)
        assert call("simulate", "video", neutral, *words, "-o", out).status == 0
        tables.append(out.with_suffix(".csv").read_text())
    assert tables[0] == tables[1] != tables[2]


def test_all_movements_make_the_whole_examination(call, tmp_path, neutral):
    out = tmp_path / "v.mp4"
    words = ("--movements", "all", "--seconds", 1, "--rate", 5, "--size", 64)
    result = call("simulate", "video", neutral, *words, "-o", out)
    assert result.status == 0, result.err
    assert "60 frames" in result.out


def test_a_video_that_cannot_be_made_leaves_nothing(call, tmp_path, neutral):
    result = call(
        "simulate", "video", neutral, "--movements", "smile,wink", "-o", tmp_path / "v.mp4"
    )
    assert result.status == 2
    assert "wink" in result.err
    assert list(tmp_path.iterdir()) == []


def test_a_cohort_can_be_read_back(call, tmp_path, neutral):
    out = tmp_path / "cohort"
    words = ("--per-subject", 3, "--size", 64, "--seed", 4, "--jobs", 1)
    result = call("simulate", "cohort", "--faces", neutral.parent, "--out", out, *words)
    assert result.status == 0, result.err
    assert "3 pictures of 1 people" in result.out
    samples = list(open_collection(out).samples())
    assert len(samples) == 3
    assert all(s.source == "simulated" for s in samples)
    again = call("simulate", "cohort", "--faces", neutral.parent, "--out", out, *words)
    assert again.status == 0
    assert again.out == result.out


def test_people_can_be_invented_from_two(call, tmp_path, neutral):
    faces, out = tmp_path / "faces", tmp_path / "cohort"
    faces.mkdir()
    for name in "ab":
        shutil.copy(neutral, faces / f"{name}_neutral.png")
    words = ("--per-subject", 1, "--size", 64, "--jobs", 1, "--crosses", 1)
    result = call("simulate", "cohort", "--faces", faces, "--out", out, *words)
    assert result.status == 0, result.err
    assert "2 pictures of 2 invented people" in result.out
    people = {sample.subject for sample in open_collection(out).samples()}
    assert people == {"faces/a+faces/b", "faces/b+faces/a"}


def test_nobody_is_invented_from_one(call, tmp_path, neutral):
    words = ("--faces", neutral.parent, "--crosses", 1, "--out", tmp_path / "c")
    result = call("simulate", "cohort", *words)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "has no two people of the same sex" in result.err
    assert not (tmp_path / "c").exists()


def test_a_cohort_never_goes_where_something_else_lies(call, tmp_path, neutral):
    (tmp_path / "mine.txt").write_text("mine")
    result = call("simulate", "cohort", "--faces", neutral.parent, "--out", tmp_path)
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "empty" in result.err
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_a_folder_without_faces_is_refused(call, tmp_path):
    result = call("simulate", "cohort", "--faces", tmp_path, "--out", tmp_path / "c")
    assert (result.status, len(result.sentences)) == (2, 1)
    assert "neutral" in result.err
    assert not (tmp_path / "c").exists()

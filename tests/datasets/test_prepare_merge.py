"""Paper 002's merge: counts, classes, rates, and the two forms of the split."""

from __future__ import annotations

from collections import Counter, defaultdict

import cv2
import numpy as np
import pytest
from PIL import Image

from facialis.clinical.anatomy import Side
from facialis.clinical.scales import Scale, word_of_grade
from facialis.datasets import prepare_merge
from facialis.datasets.collections import open_collection
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import file_digest, verify, write_manifest
from facialis.datasets.prepare import prepare
from facialis.datasets.sample import Label
from facialis.datasets.targets import Target, class_of
from facialis.errors import InputError
from facialis.evaluation.leaks import LeakError, assert_no_leak
from facialis.evaluation.protocols import fixed

WORDS = ("normal", "near normal", "mild", "moderate", "severe", "complete")


@pytest.fixture
def tenth(monkeypatch):
    """A fiftieth of the paper's numbers: 14 / 3 / 3 of a class, 7 pictures of CK+."""
    monkeypatch.setattr(prepare_merge, "PER_PART", {"train": 14, "test": 3, "validation": 3})
    monkeypatch.setattr(prepare_merge, "PER_CLASS", 20)
    monkeypatch.setattr(prepare_merge, "NORMAL_PICTURES", 7)


@pytest.fixture
def film(tmp_path):
    """Write a recording of two seconds at 30 frames a second."""

    def write(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (64, 48))
        coarse = np.random.default_rng(len(path.name)).integers(0, 256, (6, 8, 3))
        still = cv2.resize(coarse.astype(np.uint8), (64, 48), interpolation=cv2.INTER_CUBIC)
        for number in range(60):
            writer.write(np.roll(still, number, axis=1))
        writer.release()
        return path

    return write


@pytest.fixture
def yfp(tmp_path, picture, text):
    """YFP with three people of each of the grades II to VI, six frames each."""
    grades = ["subject,grade"]
    for person in range(1, 16):
        for frame in range(6):
            picture(
                tmp_path / "yfp" / "Image" / str(person) / f"{5 * frame + 1}.bmp",
                99 * person + frame,
            )
        grades.append(f"{person},{2 + person % 5}")
    picture(tmp_path / "yfp" / "Image" / "16" / "1.bmp", 5)
    table = text(tmp_path / "grades.csv", "\n".join(grades))
    return open_collection(tmp_path / "yfp", "yfp", grades=table)


@pytest.fixture
def ckplus(tmp_path, picture):
    """CK+ with four people of four frames."""
    root = tmp_path / "ck"
    for person in ("S010", "S011", "S012", "S022"):
        for frame in range(1, 5):
            name = f"{person}_001_{frame:08d}.png"
            picture(
                root / "cohn-kanade-images" / person / "001" / name, int(person[1:]) + 40 * frame
            )
    return open_collection(root, "ckplus")


@pytest.fixture
def meei(tmp_path, picture, film):
    """MEEI with a recording and a photograph each of three people with mild palsy."""
    root = tmp_path / "meei"
    for n in range(1, 4):
        place = root / "MEEI_Standard_Set" / "Flaccid" / "MildFlaccid" / f"MildFlaccid{n}"
        picture(place / f"MildFlaccid{n}_1.jpg", 700 + n)
        film(place / ("x" * n + ".mp4"))
    return open_collection(root, "meei")


@pytest.fixture
def simulated(tmp_path, picture):
    """A cohort of two people filmed at 30 frames a second, grade IV."""
    root = tmp_path / "cohort"
    rows = []
    for person in (1, 2):
        for frame in range(12):
            path = picture(root / f"{person}-{frame}.png", 50 * person + frame)
            rows.append(
                Row(
                    name=path.stem,
                    path=path.name,
                    sha256=file_digest(path),
                    subject=f"sim/{person}",
                    source="simulated",
                    labels=(Label(Scale.HOUSE_BRACKMANN, 4),),
                    video="smile",
                    frame=frame,
                    rate=30,
                    side=Side.LEFT,
                )
            )
    write_manifest(Manifest("cohort", tuple(rows)), root)
    return open_collection(root)


def table(manifest):
    """Pictures of each word and part."""
    return Counter((word_of_grade(row.labels[0].value), row.part) for row in manifest.rows)


def test_the_paper_s_numbers_are_those_of_its_table():
    assert prepare_merge.PER_PART == {"train": 770, "test": 165, "validation": 165}
    assert prepare_merge.PER_CLASS == 1100
    assert prepare_merge.NORMAL_PICTURES == 350


@pytest.fixture(scope="module")
def eleven_hundred(tmp_path_factory):
    """A table of 1,100 small pictures of 100 people, all of one grade."""
    root = tmp_path_factory.mktemp("own")
    lines = ["path,subject,label,grade"]
    rng = np.random.default_rng(0)
    for n in range(1100):
        Image.fromarray(rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)).save(root / f"{n}.png")
        lines.append(f"{n}.png,p{n % 100},palsy,5")
    (root / "table.csv").write_text("\n".join(lines))
    return open_collection(root / "table.csv", "csv")


def test_eleven_hundred_pictures_are_split_as_in_table_2(eleven_hundred, tmp_path):
    found = prepare("paper002", [eleven_hundred], tmp_path / "out", leaky=True)
    assert table(found) == {
        ("severe", "train"): 770,
        ("severe", "validation"): 165,
        ("severe", "test"): 165,
    }
    assert not [row for row in found.rows if row.parent]
    assert len({row.path for row in found.rows}) == 1100


def test_the_honest_form_keeps_people_apart_and_fills_only_training(
    tenth, yfp, ckplus, meei, tmp_path
):
    found = prepare("paper002", [yfp, ckplus, meei], tmp_path / "out")
    parts = defaultdict(set)
    for row in found.rows:
        parts[row.subject].add(row.part)
    assert all(len(mine) == 1 for mine in parts.values())
    copies = [row for row in found.rows if row.parent]
    by_name = {row.name: row for row in found.rows}
    assert copies
    assert {row.part for row in copies} == {"train"}
    assert {by_name[row.parent].subject == row.subject for row in copies} == {True}
    counted = table(found)
    assert {counted[word, "train"] for word in WORDS} == {14}
    assert {counted[word, "test"] for word in WORDS[1:]} == {3}
    assert 1 <= counted["normal", "test"] <= 3
    assert found.made["protocol"] == "by subject"
    assert_no_leak(found, fixed(found).splits[0])
    assert verify(found).missing == verify(found).changed == ()


def test_the_leaky_form_splits_pictures_and_says_so(tenth, yfp, ckplus, meei, tmp_path):
    found = prepare("paper002", [yfp, ckplus, meei], tmp_path / "out", leaky=True)
    counted = table(found)
    for word in WORDS:
        assert [counted[word, part] for part in ("train", "validation", "test")] == [14, 3, 3]
    parts = defaultdict(set)
    for row in found.rows:
        parts[row.subject].add(row.part)
    assert max(map(len, parts.values())) == 3
    with pytest.raises(LeakError):
        assert_no_leak(found, fixed(found).splits[0])
    assert "LEAKY" in found.title
    assert found.made["protocol"] == "leaky"
    assert any(note.startswith("LEAKY") for note in found.made["notes"])


def test_classes_come_from_the_collections_own_scales(tenth, yfp, ckplus, meei, tmp_path):
    found = prepare("paper002", [yfp, ckplus, meei], tmp_path / "out")
    for row in found.rows:
        severity, *given = row.labels
        assert (severity.scale, severity.rater) == (Scale.SEVERITY, "paper 002")
        grade = {each.scale: each.value for each in given}
        if row.source == "yfp":
            assert severity.value == grade[Scale.HOUSE_BRACKMANN]
        elif row.source == "meei":
            assert (severity.value, grade) == (3, {Scale.EFACE_WORD: 3})
        else:
            assert severity.value == 1
            assert Scale.HOUSE_BRACKMANN not in grade


@pytest.mark.parametrize("leaky", [False, True])
def test_every_picture_has_a_class_that_the_networks_learn(
    tenth, yfp, ckplus, meei, tmp_path, leaky
):
    pytest.importorskip("torch")
    from facialis.methods.fp_vggface.light_recipe import GRADE

    found = prepare("paper002", [yfp, ckplus, meei], tmp_path / "out", leaky=leaky)
    classes = {
        source: {class_of(row, Target(GRADE.scale)) for row in found.rows if row.source == source}
        for source in ("yfp", "ckplus", "meei")
    }
    assert None not in set.union(*classes.values())
    assert (classes["ckplus"], classes["meei"]) == ({1}, {3})


def test_recordings_of_meei_give_three_frames_a_second(tenth, meei, tmp_path):
    found = prepare("paper002", [meei], tmp_path / "out", leaky=True)
    frames = [row for row in found.rows if not row.parent]
    assert sorted({row.frame for row in frames}) == [0, 10, 20, 30, 40, 50]
    assert len(frames) == 18
    assert {row.rate for row in frames} == {30.0}
    assert found.made["left_out"]["photographs of a collection that has recordings"]["count"] == 3
    with Image.open(found.root / frames[0].path) as frame:
        assert frame.size == (64, 48)


def test_photographs_of_meei_are_taken_where_there_are_no_recordings(tenth, meei, tmp_path):
    for path in (tmp_path / "meei").rglob("*.mp4"):
        path.unlink()
    found = prepare("paper002", [meei], tmp_path / "out", leaky=True)
    assert {row.path.rpartition("/")[2] for row in found.rows if not row.parent} == {
        f"MildFlaccid{n}_1.jpg" for n in (1, 2, 3)
    }


def test_what_is_left_out_is_counted_with_names(tenth, yfp, ckplus, meei, tmp_path, text):
    text(
        tmp_path
        / "meei"
        / "MEEI_Standard_Set"
        / "Flaccid"
        / "MildFlaccid"
        / "MildFlaccid4"
        / "y.mp4",
        "no film",
    )
    text(tmp_path / "yfp" / "Image" / "1" / "96.bmp", "no picture")
    told = prepare("paper002", [yfp, ckplus, meei], tmp_path / "out").made["left_out"]
    assert told["files without a grade"] == {"count": 1, "examples": ["yfp/Image/16/1.bmp"]}
    assert told["recordings that cannot be decoded"]["count"] == 1
    assert told["pictures that cannot be read"]["examples"] == ["yfp/Image/1/96.bmp"]
    assert told["pictures of CK+ beyond 7"]["count"] == 9


def test_a_class_without_people_is_told(tenth, yfp, tmp_path):
    notes = prepare("paper002", [yfp], tmp_path / "out").made["notes"]
    assert "normal has 0 of 14 pictures in train." in notes


def test_a_part_without_people_of_a_class_is_told(tenth, tmp_path, picture, text):
    picture(tmp_path / "own" / "a.png", 1)
    listed = text(tmp_path / "own" / "t.csv", "path,subject,label,grade\na.png,p1,x,3")
    notes = prepare("paper002", [open_collection(listed, "csv")], tmp_path / "out").made["notes"]
    assert "There is nobody with 'mild' in test." in notes
    assert "mild has 0 of 3 pictures in test." in notes


def test_collections_without_grades_are_refused(tenth, tmp_path, picture):
    for n in range(3):
        picture(tmp_path / "yfp" / "Image" / "1" / f"{n}.bmp", n)
    with pytest.raises(InputError, match="no picture has a grade"):
        prepare("paper002", [open_collection(tmp_path / "yfp", "yfp")], tmp_path / "out")


def test_frames_faster_than_the_paper_s_are_thinned_out(tenth, simulated, tmp_path):
    found = prepare("paper002", [simulated], tmp_path / "out", leaky=True)
    kept = sorted(row.frame for row in found.rows if not row.parent and row.subject == "sim/1")
    assert kept == [0, 5, 10]
    assert found.made["left_out"]["frames beyond the paper's rate"]["count"] == 2 * 9

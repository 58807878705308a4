"""`facialis data inspect`: what it tells of a collection, and when it refuses."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

XML = (
    "<annotation><object><name>SlightPalsy_Eyes</name><pose>Left</pose></object>"
    "<object><name>StrongPalsy_Mouth</name><pose>Left</pose></object>{end}"
)


@pytest.fixture
def yfp(tmp_path):
    """Three frames of two folders; one label file is damaged."""
    rng = np.random.default_rng(0)
    for folder, frame in (("1", 1), ("1", 6), ("2", 1)):
        path = tmp_path / "YFP" / "Image" / folder / f"{frame}.bmp"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (48, 48, 3), np.uint8)).save(path)
    labels = tmp_path / "YFP" / "Image_large_XML" / "1"
    labels.mkdir(parents=True)
    (labels / "1.xml").write_text(XML.format(end="</annotation>"))
    (labels / "6.xml").write_text(XML.format(end=""))
    return tmp_path / "YFP"


def test_a_collection_is_told_in_lines(call, yfp):
    result = call("data", "inspect", yfp)
    assert (result.status, result.err) == (0, "")
    lines = [" ".join(line.split()) for line in result.out.splitlines()]
    assert lines[0] == f"{yfp}: YouTube Facial Palsy (yfp)"
    assert "images 3" in lines
    assert "people 2, 1 to 2 files each" in lines
    assert "label intensity [eyes]: slight (2)" in lines
    assert "augmented 0 copies" in lines
    assert any("could still be read: 1 (Image_large_XML/1/6.xml)" in line for line in lines)


def test_yfp_stands_beside_the_five_descriptions(call, yfp):
    out = call("data", "inspect", yfp).out
    rows = [line.split() for line in out.partition("SOURCE")[2].splitlines()[1:]]
    numbers = {" ".join(row[:2]): row[2:4] for row in rows[:-1]}
    assert numbers["paper 000"] == ["32", "22"]
    assert numbers["paper 004"] == ["31", "21"]
    assert numbers["its authors"] == ["32", "21"]
    assert len(rows) == 6
    assert rows[-1] == ["here", "2", "2", "3", "images"]


def test_json_has_the_same_and_the_names(call, yfp):
    record = json.loads(call("data", "inspect", yfp, "--json").out)
    assert (record["kind"], record["images"], record["subjects"]) == ("yfp", 3, 2)
    assert record["labels"]["intensity [mouth]"] == {"strong": 2}
    recovered = next(each for each in record["findings"] if each["kind"] == "recovered")
    assert (recovered["count"], recovered["examples"]) == (1, ["Image_large_XML/1/6.xml"])
    assert len(record["described"]) == 5


def test_tables_of_subjects_and_grades_are_used(call, yfp, tmp_path):
    (tmp_path / "who.csv").write_text("folder,subject\n1,anna\n2,anna\n")
    (tmp_path / "grades.csv").write_text("subject,grade\nanna,V\n")
    tables = ["--subjects", tmp_path / "who.csv", "--grades", tmp_path / "grades.csv"]
    record = json.loads(call("data", "inspect", yfp, "--json", *tables).out)
    assert record["subjects"] == 1
    assert record["labels"]["house_brackmann"] == {"5": 3}


def test_another_kind_may_be_named(call, yfp):
    result = call("data", "inspect", yfp / "Image", "--kind", "folder")
    assert result.status == 0
    assert "person unknown" in result.out
    assert "folders by label (folder)" in result.out
    assert "SOURCE" not in result.out


def test_a_clean_collection_has_no_findings(call, tmp_path):
    folder = tmp_path / "mine" / "mild"
    folder.mkdir(parents=True)
    Image.new("RGB", (40, 40), (90, 20, 20)).save(folder / "anna_1.png")
    result = call("data", "inspect", tmp_path / "mine")
    assert "Findings: none." in result.out
    assert "1 files each" in result.out


def test_what_is_on_disk_besides_people_is_told(call, tmp_path):
    film = tmp_path / "mine" / "film.mp4"
    film.parent.mkdir()
    film.write_bytes(b"recording")
    (tmp_path / "mine" / "list.csv").write_text(
        "path,subject,label,side,movement\nfilm.mp4,anna,,left,smile\n"
    )
    out = [" ".join(line.split()) for line in call("data", "inspect", film.parent).out.splitlines()]
    assert {"recordings 1", "labels none", "movements smile (1)", "affected side left (1)"} <= set(
        out
    )


def test_faces_are_counted_where_a_picture_shows_several(call, tmp_path):
    from facialis.datasets.aflw import POINTS

    Image.new("RGB", (40, 40)).save(tmp_path / "a.png")
    columns = [f"{point}_{axis}" for point in POINTS for axis in "xy"]
    line = "a.png" + "," * len(columns)
    (tmp_path / "aflw.csv").write_text(f"path,{','.join(columns)}\n{line}\n{line}\n")
    out = [" ".join(each.split()) for each in call("data", "inspect", tmp_path).out.splitlines()]
    assert {"images 1", "faces 2", "person unknown 2"} <= set(out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "looks like no collection"),
        (["gone"], "no such file or folder"),
        (["nothing", "--kind", "imagenet"], "is no kind of collection"),
        (["nothing", "--kind", "yfp"], "holds no frames"),
        (["nothing", "--kind", "folder"], "holds nothing that reads as folder"),
        (["nothing", "--kind", "lfw", "--grades", "g.csv"], "takes no grades"),
    ],
)
def test_what_cannot_be_read_is_one_sentence_and_status_2(call, tmp_path, words, said):
    (tmp_path / "nothing").mkdir()
    result = call("data", "inspect", tmp_path / words[0], *words[1:])
    assert (result.status, len(result.sentences), result.out) == (2, 1, "")
    assert said in result.err

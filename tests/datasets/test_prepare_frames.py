"""Papers 003 and 004: runs of four frames, and the palsy of a frame."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from facialis.clinical.scales import Scale
from facialis.datasets.collections import open_collection
from facialis.datasets.prepare import prepare
from facialis.errors import InputError

LEVEL_OF_GRADE = {1: 1, 2: 2, 3: 2, 4: 2, 5: 3, 6: 3}
XML = """<annotation><filename>1.bmp</filename>{}</annotation>"""
OBJECT = """<object><name>{}_{}</name><pose>Left</pose><bndbox><xmin>1</xmin><ymin>1</ymin>
<xmax>9</xmax><ymax>9</ymax></bndbox></object>"""


@pytest.fixture
def yfp(tmp_path, picture, text):
    """YFP: graded people 1 to 6, of whom the first has 64 frames and the second a gap; one more."""

    def write(name="yfp"):
        root = tmp_path / name
        stems = {1: range(1, 321, 5), 2: [1, 6, 11, 41, 46, 51, 56, 61]}
        for person in range(1, 8):
            for stem in stems.get(person, range(1, 22, 5)):
                picture(root / "Image" / str(person) / f"{stem}.bmp", 1000 * person + stem)
        grades = "\n".join(["subject,grade", *(f"{n},{n}" for n in range(1, 7))])
        return open_collection(root, "yfp", grades=text(tmp_path / "grades.csv", grades))

    return write()


@pytest.fixture
def ckplus(tmp_path, picture):
    root = tmp_path / "ck"
    for person in ("S022", "S130", "S010"):
        for frame in range(1, 10):
            name = f"{person}_002_{frame:08d}.png"
            picture(
                root / "cohn-kanade-images" / person / "002" / name, int(person[1:]) + 9 * frame
            )
    return open_collection(root, "ckplus")


def runs_of(manifest):
    runs = defaultdict(list)
    for row in manifest.rows:
        runs[row.sequence].append(row)
    return runs


def test_rows_are_runs_of_four_frames_of_one_recording(yfp, ckplus, tmp_path):
    runs = runs_of(prepare("paper003", [yfp, ckplus], tmp_path / "out"))
    for rows in runs.values():
        assert len(rows) == 4
        assert len({(row.subject, row.video) for row in rows}) == 1
        steps = {b.frame - a.frame for a, b in pairwise(rows)}
        assert steps == ({1} if rows[0].source == "ckplus" else {5})


def test_no_run_crosses_a_gap(yfp, tmp_path):
    runs = runs_of(prepare("paper003", [yfp], tmp_path / "out"))
    second = [[row.frame for row in rows] for rows in runs.values() if rows[0].subject == "yfp/2"]
    assert second == [[41, 46, 51, 56]]


def test_levels_follow_the_grade_of_the_person(yfp, ckplus, tmp_path):
    for row in prepare("paper003", [yfp, ckplus], tmp_path / "out").rows:
        level = row.labels[0]
        assert (level.scale, level.rater) == (Scale.LEVEL, "paper 003")
        grades = [each.value for each in row.labels if each.scale is Scale.HOUSE_BRACKMANN]
        assert grades == ([] if row.source == "ckplus" else [int(row.subject[4:])])
        assert level.value == (LEVEL_OF_GRADE[grades[0]] if grades else 1)


def test_only_the_paper_s_people_of_ckplus_are_normal_faces(ckplus, tmp_path):
    found = prepare("paper003", [ckplus], tmp_path / "out")
    assert Counter(row.subject for row in found.rows) == {"ckplus/S022": 8, "ckplus/S130": 8}
    left = found.made["left_out"]
    assert left["pictures of people of CK+ that paper 003 does not use"]["count"] == 9
    assert left["frames that no run of four takes in"]["count"] == 2


def test_fewer_than_sixteen_sequences_call_for_augmentation_and_sixteen_do_not(yfp, tmp_path):
    made = prepare("paper003", [yfp], tmp_path / "out").made
    assert made["sequences"]["yfp/1"] == 16
    assert "yfp/1" not in made["augment"]
    assert made["augment"] == [f"yfp/{n}" for n in range(2, 7)]


def test_people_without_a_grade_are_left_out_and_counted(yfp, tmp_path):
    found = prepare("paper003", [yfp], tmp_path / "out")
    assert "yfp/7" not in {row.subject for row in found.rows}
    left = found.made["left_out"]["frames of people without a House-Brackmann grade"]
    assert left["count"] == 5
    assert left["examples"][0] == "yfp/Image/7/1.bmp"


def test_an_unreadable_frame_breaks_the_run_it_was_in(yfp, tmp_path, text):
    text(tmp_path / "yfp" / "Image" / "3" / "6.bmp", "no picture")
    found = prepare("paper003", [yfp], tmp_path / "out")
    assert "yfp/3" not in {row.subject for row in found.rows}
    assert found.made["left_out"]["pictures that cannot be read"]["count"] == 1


def test_frames_without_grades_make_no_sequences(tmp_path, picture):
    picture(tmp_path / "yfp" / "Image" / "1" / "1.bmp")
    with pytest.raises(InputError, match=r"yfp: has no four graded frames .* --frames"):
        prepare("paper003", [open_collection(tmp_path / "yfp", "yfp")], tmp_path / "out")


@pytest.fixture
def regions(tmp_path, picture, text):
    """YFP with a frame for every pair of intensities, None where a region is not labelled."""
    words = {"none": "Normal", "slight": "SlightPalsy", "strong": "StrongPalsy"}

    def write(pairs):
        root = tmp_path / "yfp"
        for n, pair in enumerate(pairs, start=1):
            picture(root / "Image" / "1" / f"{n}.bmp", n)
            objects = [
                OBJECT.format(words[word], zone)
                for word, zone in zip(pair, ("Eyes", "Mouth"), strict=True)
                if word
            ]
            if objects:
                text(root / "Image_large_XML" / "1" / f"{n}.xml", XML.format("".join(objects)))
        return open_collection(root, "yfp")

    return write


def palsy_of_frames(manifest):
    return {row.frame: row.labels[0].value for row in manifest.rows}


def test_palsy_follows_the_nine_rows_of_the_paper_s_table(regions, tmp_path):
    words = ("none", "slight", "strong")
    pairs = [(eyes, mouth) for eyes in words for mouth in words]
    found = prepare("paper004", [regions(pairs)], tmp_path / "out")
    palsy = palsy_of_frames(found)
    assert [palsy[n] for n in range(1, 10)] == [0, 0, 1, 0, 1, 1, 1, 1, 1]
    assert found.made["palsy"] == {"0": 3, "1": 6}
    assert {row.labels[0].scale for row in found.rows} == {Scale.PALSY}


def test_a_frame_that_lacks_a_region_is_left_out_unless_the_other_decides(regions, tmp_path):
    pairs = [("strong", None), (None, "strong"), ("slight", None), (None, "none"), (None, None)]
    found = prepare("paper004", [regions(pairs)], tmp_path / "out")
    assert palsy_of_frames(found) == {1: 1, 2: 1}
    left = {reason: told["count"] for reason, told in found.made["left_out"].items()}
    assert left == {
        "frames without an intensity of mouth": 1,
        "frames without an intensity of eyes": 1,
        "frames without an intensity of eyes and mouth": 1,
    }


def test_a_collection_without_intensities_is_refused(yfp, tmp_path):
    with pytest.raises(InputError, match="no frame has an intensity"):
        prepare("paper004", [yfp], tmp_path / "out")

"""Papers 000 and 001: masks in their classes, people kept apart."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from PIL import Image

from facialis.clinical.scales import Scale
from facialis.datasets.collections import open_collection
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import file_digest, verify, write_manifest
from facialis.datasets.prepare import prepare
from facialis.datasets.prepare_parsing import thirds_and_sixths
from facialis.datasets.sample import Label
from facialis.errors import InputError
from facialis.regions.classes import Attribute, Part


def save_mask(path, numbers):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.kron(np.array(numbers, np.uint8), np.ones((8, 8), np.uint8))).save(path)
    return path


def mask_of(manifest, row, kind="mask"):
    return np.asarray(Image.open(manifest.root / row.annotations[kind]))[::8, ::8]


@pytest.fixture
def cohort(tmp_path, picture):
    """A simulated cohort of 22 people, two pictures each, masks in both lists of classes."""
    root = tmp_path / "cohort"
    rows = []
    for n in range(44):
        path = picture(root / "images" / f"{n}.png", n)
        save_mask(root / "masks" / f"{n}.png", [[Part.FPP, n % 7]])
        save_mask(root / "attributes" / f"{n}.png", [[Attribute.LOWER_LIP, n % 11]])
        rows.append(
            Row(
                name=f"n{n}",
                path=f"images/{n}.png",
                sha256=file_digest(path),
                subject=f"sim/{n % 22}",
                source="simulated",
                labels=(Label(Scale.HOUSE_BRACKMANN, 1 + n % 6),),
                annotations={"mask": f"masks/{n}.png", "attributes": f"attributes/{n}.png"},
            )
        )
    write_manifest(Manifest("cohort", tuple(rows)), root)
    return open_collection(root)


@pytest.fixture
def lapa(tmp_path, picture):
    """LaPa with four pictures, one of them without labels."""
    root = tmp_path / "lapa"
    for n in range(4):
        picture(root / "train" / "images" / f"{n}.jpg", 80 + n)
        if n < 3:
            save_mask(root / "train" / "labels" / f"{n}.png", [[3, 6, 2], [7, 8, 9], [10, 1, 0]])
    (root / "train" / "landmarks").mkdir()
    return open_collection(root, "lapa")


def parts_of(manifest):
    parts = defaultdict(set)
    for row in manifest.rows:
        parts[row.subject].add(row.part)
    return parts


def test_twenty_two_patients_are_split_fifteen_to_seven(cohort, tmp_path):
    parts = parts_of(prepare("paper000", [cohort], tmp_path / "out"))
    assert all(len(each) == 1 for each in parts.values())
    assert Counter(min(each) for each in parts.values()) == {"train": 15, "test": 7}


@pytest.mark.parametrize(
    ("people", "split"), [(500, (333, 83, 84)), (22, (14, 3, 5)), (6, (4, 1, 1)), (3, (2, 0, 1))]
)
def test_rounding_goes_to_test(people, split):
    counts = thirds_and_sixths(people)
    assert (counts["train"], counts["validation"], counts["test"]) == split


def test_two_thirds_train_and_a_sixth_each_validate_and_test(cohort, tmp_path):
    parts = parts_of(prepare("paper001", [cohort], tmp_path / "out"))
    counted = Counter(min(each) for each in parts.values())
    assert counted == {"train": 14, "validation": 3, "test": 5}


@pytest.mark.parametrize("name", ["paper000", "paper001"])
def test_masks_that_have_the_classes_already_stay_where_they_are(cohort, tmp_path, name):
    found = prepare(name, [cohort], tmp_path / "out")
    for row in found.rows:
        number = row.path.rpartition("/")[2]
        assert row.annotations == {
            "mask": f"masks/{number}",
            "attributes": f"attributes/{number}",
        }
    assert found.root == tmp_path / "cohort"
    assert sorted(each.name for each in (tmp_path / "out").iterdir()) == [
        "manifest.csv",
        "manifest.json",
    ]


def test_masks_of_other_classes_are_mapped_to_paper_000_s(lapa, tmp_path):
    found = prepare("paper000", [lapa], tmp_path / "out")
    skin, hair, brow, mouth = Part.SKIN, Part.HAIR, Part.EYEBROW, Part.MOUTH
    for row in found.rows:
        assert mask_of(found, row).tolist() == [
            [brow, skin, brow],
            [mouth, mouth, mouth],
            [hair, skin, Part.BACKGROUND],
        ]
    assert verify(found).missing == ()


def test_masks_of_other_classes_are_mapped_to_paper_001_s(lapa, tmp_path):
    found = prepare("paper001", [lapa], tmp_path / "out")
    assert mask_of(found, found.rows[0], "attributes").tolist() == [
        [Attribute.RIGHT_BROW, Attribute.NOSE, Attribute.LEFT_BROW],
        [Attribute.UPPER_LIP, Attribute.INNER_MOUTH, Attribute.LOWER_LIP],
        [Attribute.HAIR, Attribute.SKIN, Attribute.BACKGROUND],
    ]


def test_pictures_without_a_mask_are_left_out_and_named(lapa, tmp_path):
    told = prepare("paper000", [lapa], tmp_path / "out").made["left_out"]
    assert told == {
        "pictures whose mask cannot be used: has no mask": {
            "count": 1,
            "examples": ["lapa/train/images/3.jpg"],
        }
    }


def test_pictures_that_name_nobody_count_as_one_person_each(lapa, tmp_path):
    found = prepare("paper000", [lapa], tmp_path / "out")
    assert {row.subject for row in found.rows} == {f"lapa/train/images/{n}" for n in range(3)}


def test_a_damaged_mask_leaves_its_picture_out(lapa, tmp_path, text):
    text(tmp_path / "lapa" / "train" / "labels" / "0.png", "no picture")
    found = prepare("paper000", [lapa], tmp_path / "out")
    assert len(found.rows) == 2
    assert sum(each["count"] for each in found.made["left_out"].values()) == 2


def test_a_grade_without_a_mask_serves_the_second_stage(lapa, tmp_path, picture, text):
    for n in range(3):
        picture(tmp_path / "own" / f"{n}.png", n)
    lines = "path,subject,label,grade\n0.png,a,x,IV\n1.png,b,x,2\n2.png,c,x,"
    own = open_collection(text(tmp_path / "own" / "t.csv", lines), "csv")
    found = prepare("paper001", [lapa, own], tmp_path / "out")
    graded = {row.subject: row for row in found.rows if row.source == "own"}
    assert set(graded) == {"own/a", "own/b"}
    assert all(row.annotations == {} for row in graded.values())
    reason = "pictures without mask and House-Brackmann grade"
    assert found.made["left_out"][reason]["count"] == 2


@pytest.mark.parametrize("name", ["paper000", "paper001"])
def test_one_person_cannot_be_split(tmp_path, picture, name):
    root = tmp_path / "lapa" / "train"
    picture(root / "images" / "1.jpg")
    save_mask(root / "labels" / "1.png", [[1, 0]])
    with pytest.raises(InputError, match="show 1 people"):
        prepare(name, [open_collection(tmp_path / "lapa", "lapa")], tmp_path / "out")


def test_too_few_people_for_validation_are_told(lapa, tmp_path):
    found = prepare("paper001", [lapa], tmp_path / "out")
    assert found.made["notes"] == ["There are too few people for validation."]

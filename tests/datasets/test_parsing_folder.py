"""CelebAMask-HQ, LaPa and HELEN, and their masks as the classes of the papers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facialis.datasets.classes import MASKS, label_map
from facialis.datasets.findings import Trouble
from facialis.datasets.parsing_folder import (
    CelebAMaskHq,
    Helen,
    LaPa,
    recognises_celebamask_hq,
    recognises_helen,
    recognises_lapa,
)
from facialis.datasets.sample import Sample
from facialis.errors import InputError
from facialis.regions.classes import PART_OF, UNKNOWN, Attribute, Part

FACE = np.zeros((12, 12), np.uint8)
FACE[1:11, 1:11] = 1
FACE[0] = 10
FACE[2, 2:4], FACE[2, 8:10] = 2, 3  # the viewer's left brow is called left here
FACE[4, 2:4], FACE[4, 8:10] = 4, 5
FACE[5:7, 5:7] = 6
FACE[8, 4:8], FACE[9, 4:8], FACE[10, 4:8] = 7, 8, 9
"""A face as LaPa and HELEN number it; its brows and eyes are named after the viewer's sides."""

PARTS = {1: 1, 2: 3, 3: 3, 4: 4, 5: 4, 6: 1, 7: 5, 8: 5, 9: 5, 10: 2}
"""LaPa's numbers and the classes of paper 000 (METHODS 1.1, D0-1)."""

CELEBA = dict(zip(range(1, 11), (
    "skin", "l_brow", "r_brow", "l_eye", "r_eye", "nose", "u_lip", "mouth", "l_lip", "hair",
), strict=True))  # fmt: skip


def mask(path: Path, pixels: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)
    return path


def as_papers_number(face: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The face as paper 000 and as paper 001 number it, by hand."""
    parts, attributes = np.zeros_like(face), face.copy()
    for number, part in PARTS.items():
        parts[face == number] = part
    for viewers_left, viewers_right in ((2, 3), (4, 5)):
        attributes[face == viewers_left] = viewers_right
        attributes[face == viewers_right] = viewers_left
    return parts, attributes


@pytest.fixture
def celeba(tmp_path, picture):
    """Picture 2001 is masked whole, 7 not at all."""
    root = tmp_path / "CelebAMask-HQ"
    picture(root / "CelebA-HQ-img" / "2001.jpg", 1)
    picture(root / "CelebA-HQ-img" / "7.jpg", 2)
    for number, part in CELEBA.items():
        drawn = (number == FACE) | (part == "skin") & (FACE > 0) & (FACE < 10)
        mask(root / "CelebAMask-HQ-mask-anno" / "1" / f"02001_{part}.png", drawn * 255)
    return tmp_path


@pytest.fixture
def lapa(tmp_path, picture, text):
    root = tmp_path / "LaPa"
    for place, name in (("train", "a"), ("val", "b")):
        picture(root / place / "images" / f"{name}.jpg", ord(name))
        mask(root / place / "labels" / f"{name}.png", FACE)
        text(root / place / "landmarks" / f"{name}.txt", "106\n")
    return tmp_path


@pytest.fixture
def helen(tmp_path, picture, text):
    root = tmp_path / "SmithCVPR2013_dataset_resized"
    picture(root / "images" / "100_1.jpg", 1)
    for number in range(11):
        values = np.where(number == FACE, 200, 30)
        mask(root / "labels" / "100_1" / f"100_1_lbl{number:02d}.png", values)
    text(root / "exemplars.txt", "1 , 200_1\n")
    text(root / "testing.txt", "1 , 100_1\n")
    return tmp_path


@pytest.mark.parametrize(
    ("fixture", "opens"), [("celeba", CelebAMaskHq), ("lapa", LaPa), ("helen", Helen)]
)
def test_the_three_give_the_same_classes_for_the_same_face(fixture, opens, request, read):
    sample = next(e for e in read(opens(request.getfixturevalue(fixture))).samples if e.annotations)
    parts, attributes = as_papers_number(FACE)
    assert np.array_equal(label_map(sample, Part), parts)
    assert np.array_equal(label_map(sample, Attribute), attributes)
    assert label_map(sample, Part).dtype == np.uint8


def test_the_patients_right_is_on_the_viewers_left_whatever_the_names_say(tmp_path):
    mirrored = FACE.copy()
    mirrored[FACE == 2], mirrored[FACE == 3] = 3, 2
    found = [
        label_map(sample_of(mask(tmp_path / f"{number}.png", face), "lapa"), Attribute)
        for number, face in enumerate((FACE, mirrored))
    ]
    assert np.array_equal(*found)
    columns = np.nonzero(found[0] == Attribute.RIGHT_BROW)[1]
    assert columns.max() < 6


@pytest.mark.parametrize(
    ("hidden", "left", "named"),
    [
        (3, 2, Attribute.RIGHT_BROW),
        (2, 3, Attribute.LEFT_BROW),
    ],
)
def test_a_brow_whose_fellow_is_hidden_takes_its_side_from_the_nose(tmp_path, hidden, left, named):
    face = np.where(hidden == FACE, 1, FACE)
    found = label_map(sample_of(mask(tmp_path / "a.png", face), "lapa"), Attribute)
    assert set(found[left == FACE]) == {named}


def test_a_part_alone_in_the_picture_has_no_side(tmp_path):
    face = np.where(FACE == 4, FACE, 0)
    sample = sample_of(mask(tmp_path / "a.png", face), "lapa")
    assert set(np.unique(label_map(sample, Attribute))) == {0, UNKNOWN}
    assert set(np.unique(label_map(sample, Part))) == {0, UNKNOWN}


def test_behind_glasses_nothing_is_known_but_an_eye_that_was_drawn_is(celeba, read):
    glasses = np.zeros_like(FACE)
    glasses[4] = 255
    mask(celeba / "CelebAMask-HQ/CelebAMask-HQ-mask-anno/1/02001_eye_g.png", glasses)
    parts = label_map(read(CelebAMaskHq(celeba)).sample("2001.jpg"), Part)
    assert parts[4, 2:4].tolist() == [Part.EYE, Part.EYE]
    assert parts[4, 5] == UNKNOWN


def test_numbers_beyond_the_list_and_pixels_without_a_value_are_unknown(tmp_path):
    face = FACE.copy()
    face[11, 11] = 17
    assert label_map(sample_of(mask(tmp_path / "a.png", face), "lapa"), Part)[11, 11] == UNKNOWN
    masks = {
        f"mask:{number}": mask(tmp_path / f"{number}.png", np.where(int(number) == FACE, 9, 0))
        for number in MASKS["helen"]
        if number != "10"
    }
    sample = Sample(path=tmp_path / "x", subject="", source="helen", annotations=masks)
    assert set(label_map(sample, Part)[0]) == {UNKNOWN}


def test_the_classes_are_those_of_the_papers():
    assert [each.name.lower() for each in Part] == [
        "background", "skin", "hair", "eyebrow", "eye", "mouth", "fpp"
    ]  # fmt: skip
    assert [each.name.lower().replace("_", " ") for each in Attribute] == [
        "background", "skin", "left brow", "right brow", "left eye", "right eye", "nose",
        "upper lip", "inner mouth", "lower lip", "hair",
    ]  # fmt: skip
    assert set(PART_OF) == set(Attribute)
    assert Part.FPP not in PART_OF.values()


def test_a_simulated_picture_has_a_mask_of_each_list_as_drawn(tmp_path):
    drawn = np.full((4, 4), 6, np.uint8)
    drawn[0] = 99
    sample = sample_of(mask(tmp_path / "m.png", drawn), "simulated")
    assert label_map(sample, Part)[:, 0].tolist() == [UNKNOWN, 6, 6, 6]
    with pytest.raises(InputError, match="no mask of the 11 classes"):
        label_map(sample, Attribute)
    finer = {"attributes": mask(tmp_path / "a.png", np.full((4, 4), 10))}
    both = replace(sample, annotations={**sample.annotations, **finer})
    assert set(np.unique(label_map(both, Attribute))) == {Attribute.HAIR}


def test_what_is_no_mask_is_refused(tmp_path, text):
    with pytest.raises(InputError, match="has no mask"):
        label_map(Sample(path=tmp_path / "x.jpg", subject="", source="lapa"), Part)
    coloured = mask(tmp_path / "rgb.png", np.zeros((4, 4, 3)))
    with pytest.raises(InputError, match="RGB picture"):
        label_map(sample_of(coloured, "lapa"), Part)
    with pytest.raises(InputError, match="no readable mask"):
        label_map(sample_of(text(tmp_path / "bad.png", "no picture"), "lapa"), Part)


def test_parts_of_different_sizes_are_refused(celeba, read):
    nose = celeba / "CelebAMask-HQ/CelebAMask-HQ-mask-anno/1/02001_nose.png"
    mask(nose, np.zeros((5, 5)))
    with pytest.raises(InputError, match=r"02001_nose\.png: has the size"):
        label_map(read(CelebAMaskHq(celeba)).sample("2001.jpg"), Part)


def test_a_mask_of_no_known_part_is_refused(tmp_path):
    masks = {"mask:tail": mask(tmp_path / "a.png", FACE)}
    sample = Sample(path=tmp_path / "x", subject="", source="celebamask_hq", annotations=masks)
    with pytest.raises(InputError, match="no part of CelebAMask-HQ"):
        label_map(sample, Part)


def test_celeba_without_masks_and_masks_without_pictures_are_named(celeba, text, read):
    anno = celeba / "CelebAMask-HQ" / "CelebAMask-HQ-mask-anno"
    mask(anno / "0" / "00009_skin.png", FACE)
    mask(anno / "0" / "00009_tail.png", FACE)
    reading = read(CelebAMaskHq(celeba))
    assert reading.examples(Trouble.IMAGES_WITHOUT_LABELS) == ("CelebAMask-HQ/CelebA-HQ-img/7.jpg",)
    assert reading.findings[Trouble.LABELS_WITHOUT_IMAGES].count == 1
    assert reading.findings[Trouble.UNKNOWN_FILES].count == 1
    assert {each.subject for each in reading.samples} == {""}


def test_lapa_keeps_the_authors_split_and_its_landmarks(lapa, picture, text, read):
    picture(lapa / "LaPa" / "val" / "images" / "c.jpg", 9)
    text(lapa / "LaPa" / "train" / "landmarks" / "z.txt", "106\n")
    text(lapa / "LaPa" / "train" / "labels" / "z.md", "")
    (lapa / "LaPa" / "test").mkdir()
    reading = read(LaPa(lapa))
    assert reading.sample("a.jpg").written == {"part": "train"}
    assert reading.sample("b.jpg").written == {"part": "validation"}
    assert reading.sample("a.jpg").annotations["landmarks"].name == "a.txt"
    assert reading.examples(Trouble.IMAGES_WITHOUT_LABELS) == ("LaPa/val/images/c.jpg",)
    assert reading.examples(Trouble.LABELS_WITHOUT_IMAGES) == ("LaPa/train/landmarks/z.txt",)
    assert reading.examples(Trouble.UNKNOWN_FILES) == ("LaPa/train/labels/z.md",)
    assert reading.examples(Trouble.EMPTY_CLASSES) == ("LaPa/test",)


def test_helen_tells_missing_maps_pictures_and_the_authors_split(helen, picture, text, read):
    root = helen / "SmithCVPR2013_dataset_resized"
    picture(root / "images" / "300_1.jpg", 2)
    picture(root / "images" / "400_1.jpg", 3)
    mask(root / "labels" / "400_1" / "400_1_lbl01.png", FACE)
    mask(root / "labels" / "500_1" / "500_1_lbl01.png", FACE)
    text(root / "labels" / "500_1" / "x.txt", "")
    reading = read(Helen(helen))
    assert reading.sample("100_1.jpg").written == {"part": "test"}
    assert reading.sample("300_1.jpg").written == {}
    assert reading.examples(Trouble.IMAGES_WITHOUT_LABELS) == (
        "SmithCVPR2013_dataset_resized/images/300_1.jpg",
    )
    assert set(reading.examples(Trouble.MISSING_IMAGES)) == {
        "SmithCVPR2013_dataset_resized/images/400_1.jpg",
        "200_1",
    }
    assert reading.findings[Trouble.LABELS_WITHOUT_IMAGES].count == 1
    assert reading.findings[Trouble.UNKNOWN_FILES].count == 1


def test_the_layouts_are_told_apart(celeba, tmp_path_factory, picture):
    assert recognises_celebamask_hq(celeba)
    assert not recognises_helen(celeba)
    other = tmp_path_factory.mktemp("other")
    picture(other / "train" / "images" / "a.jpg")
    assert not recognises_lapa(other)
    (other / "train" / "labels").mkdir()
    assert recognises_lapa(other)
    assert not recognises_celebamask_hq(other)


def test_helen_is_recognised(helen):
    assert recognises_helen(helen)
    assert recognises_helen(helen / "SmithCVPR2013_dataset_resized")


def sample_of(path: Path, source: str) -> Sample:
    return Sample(path=path, subject="", source=source, annotations={"mask": path})

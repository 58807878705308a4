"""Faces with hand-placed points: what is drawn, and what nobody drew."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.draw import polygon2mask

from facialis.clinical.anatomy import Movement
from facialis.datasets.classes import label_map
from facialis.datasets.collections import kind_of, open_collection
from facialis.datasets.findings import Trouble
from facialis.datasets.hand_drawn import drawn_attributes
from facialis.datasets.prepare import prepare
from facialis.errors import InputError
from facialis.face.mesh import TEMPLATE
from facialis.regions import hand_points
from facialis.regions.classes import Attribute, Part
from facialis.simulation.usual_outlines import usual_outlines

SIZE = (300, 300)


@pytest.fixture
def points():
    """The mean hand-placed points, in a picture of `SIZE`."""
    placed = usual_outlines().at(TEMPLATE)
    low, high = placed.min(axis=0), placed.max(axis=0)
    return 10 + (placed - low) / (high - low).max() * 280


@pytest.fixture
def faces(tmp_path, picture, text, points):
    """Three people with points at rest, one of whom smiles without, and points of nobody."""
    lines = "\n".join(["189", *(f"{x}\t{y}" for x, y in points), "0"])
    for person in ("001", "002", "003"):
        picture(tmp_path / "london" / f"{person}_neutral.jpg", int(person), SIZE)
        text(tmp_path / "london" / f"{person}_neutral.tem", lines)
    picture(tmp_path / "london" / "001_smile.jpg", 9, SIZE)
    text(tmp_path / "london" / "004_neutral.tem", lines)
    text(tmp_path / "london" / "subjects.csv", "subject,age,sex,ethnic_group\n001,24,female,white")
    return tmp_path / "london"


def test_the_layout_is_recognised_and_people_are_called_as_in_a_cohort(faces):
    assert kind_of(faces) == "hand_drawn"
    collection = open_collection(faces)
    samples = list(collection.samples())
    assert [each.subject for each in samples] == [
        "london/001", "london/001", "london/002", "london/003",
    ]  # fmt: skip
    assert all(each.source == "hand_drawn" and each.labels == () for each in samples)
    assert [each.movement for each in samples] == [Movement.REST, None, *[Movement.REST] * 2]
    found = {each.kind: each.examples for each in collection.findings}
    assert found[Trouble.IMAGES_WITHOUT_LABELS] == ("001_smile.jpg",)
    assert found[Trouble.LABELS_WITHOUT_IMAGES] == ("004_neutral.tem",)


def test_outlines_are_filled_as_scikit_image_fills_them(faces, points):
    drawn = drawn_attributes(faces / "001_neutral.tem", SIZE)
    for attribute, outline in (
        (Attribute.RIGHT_EYE, hand_points.RIGHT_EYE),
        (Attribute.LEFT_BROW, hand_points.LEFT_BROW),
        (Attribute.NOSE, hand_points.NOSE),
    ):
        expected = polygon2mask(SIZE, points[list(outline)][:, ::-1] - 0.5)
        found = drawn == attribute
        assert (expected ^ found).sum() <= 0.03 * expected.sum() + 2


def test_sides_are_the_patients_and_lips_lie_in_order(faces):
    drawn = drawn_attributes(faces / "001_neutral.tem", SIZE)
    mean = {a: np.argwhere(drawn == a).mean(axis=0) for a in Attribute if (drawn == a).any()}
    assert mean[Attribute.RIGHT_EYE][1] < mean[Attribute.LEFT_EYE][1]
    assert mean[Attribute.RIGHT_BROW][1] < mean[Attribute.LEFT_BROW][1]
    assert mean[Attribute.UPPER_LIP][0] < mean[Attribute.LOWER_LIP][0]


def test_what_nobody_drew_is_unlabelled_and_the_neck_is_background(faces, points):
    drawn = drawn_attributes(faces / "001_neutral.tem", SIZE)
    assert drawn[0, 0] == 255
    assert (drawn == Attribute.HAIR).sum() == 0
    neck, face = (
        polygon2mask(SIZE, points[list(outline)][:, ::-1] - 0.5)
        for outline in (hand_points.NECK, hand_points.FACE)
    )
    below = neck & ~face
    assert below.sum() > 50
    assert (drawn[below] == Attribute.BACKGROUND).mean() > 0.9


def test_one_preparation_gives_masks_of_both_lists(faces, tmp_path):
    found = prepare("paper001", [open_collection(faces)], tmp_path / "out")
    assert len(found.rows) == 3
    for row in found.rows:
        assert {"mask", "attributes"} == set(row.annotations)
    sample = next(iter(open_collection(faces).samples()))
    parts = label_map(sample, Part)
    assert set(np.unique(parts)) == {0, Part.SKIN, Part.EYEBROW, Part.EYE, Part.MOUTH, 255}


def test_points_that_are_damaged_leave_the_picture_out(faces, tmp_path, text):
    text(faces / "001_neutral.tem", "189\n1\t2")
    with pytest.raises(InputError, match="fewer points"):
        drawn_attributes(faces / "001_neutral.tem", SIZE)
    found = prepare("paper000", [open_collection(faces)], tmp_path / "out")
    assert {row.subject for row in found.rows} == {"london/002", "london/003"}

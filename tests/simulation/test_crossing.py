"""Invented people: the skin of one, the shape of another, and nobody taken for somebody else."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from facialis.errors import InputError, NoFaceError
from facialis.face.mesh import MIRROR
from facialis.simulation import crossing
from facialis.simulation.crossing import Cross, cross_studio, drawn_crosses
from facialis.simulation.people import Person, find_people, sighted


@pytest.fixture(scope="module")
def two(tmp_path_factory, portrait) -> list[Person]:
    """A person who smiles, and one with a longer face who is lit otherwise and smiles too."""
    folder = tmp_path_factory.mktemp("two")
    with Image.open(portrait) as picture:
        width, height = picture.size
        longer = ImageOps.mirror(picture.convert("RGB")).resize((width, round(height * 1.12)))
    for name in ("neutral", "smile"):
        shutil.copy(portrait, folder / f"a_{name}.jpg")
        longer.point(lambda v: round(v * 0.7)).save(folder / f"b_{name}.jpg", quality=95)
    return find_people(folder)


@pytest.fixture(scope="module")
def seen(two):
    return tuple(sighted(person) for person in two)


def known(name: str, sex: str | None) -> Person:
    return Person(name=name, neutral=Path(f"{name}_neutral.jpg"), sex=sex)


def test_everybody_gets_the_shapes_of_others_of_the_same_sex():
    people = [known(f"w{k}", "female") for k in range(5)] + [known(f"m{k}", "male") for k in (1, 2)]
    found = drawn_crosses(people, 3, seed=1)
    pairs = [(each.skin.name, each.shape.name) for each in found]
    assert len(set(pairs)) == len(pairs) == 5 * 3 + 2 * 1
    assert all(skin != shape and skin[0] == shape[0] for skin, shape in pairs)
    assert {skin for skin, _ in pairs} == {person.name for person in people}
    assert drawn_crosses(people, 3, seed=1) == found
    assert drawn_crosses(people, 3, seed=2) != found


@pytest.mark.parametrize(
    ("people", "problem"),
    [
        ([known("a", "male"), known("b", "female")], "no two people of the same sex"),
        ([known("a+b", None), known("c", None)], r"'\+' in the person's name"),
    ],
)
def test_people_who_cannot_be_crossed_are_refused(people, problem):
    with pytest.raises(InputError, match=problem):
        drawn_crosses(people, 1, seed=0)


def test_a_cross_has_the_shape_of_one_and_the_skin_of_the_other(two, seen):
    a, b = two
    studio = cross_studio(Cross(a, b), seen, 128, None)
    for portrait, shape in (
        (studio.sitter.neutral, seen[1].face),
        (studio.sitter.expressive, seen[1].smiling),
    ):
        assert portrait.pixels.shape == (160, 160, 3)
        to_shape = np.linalg.norm(portrait.face[:468, :2] - shape[:468, :2], axis=1).mean()
        to_skin = np.linalg.norm(portrait.face[:468, :2] - seen[0].face[:468, :2], axis=1).mean()
        assert to_shape < 0.02
        assert to_skin > 2 * to_shape
    swapped = cross_studio(Cross(b, a), seen[::-1], 128, None)
    light, dark = (each.sitter.neutral.pixels[60:110, 50:110].mean() for each in (studio, swapped))
    assert dark < 0.8 * light
    assert set(studio.made_from) == {"a_neutral.jpg", "a_smile.jpg"}


def test_a_cross_is_as_uneven_as_the_one_whose_shape_it_has(two, seen):
    crossed = cross_studio(Cross(*two), seen, 128, None).sitter.neutral.face
    skin, shape, found = (
        (face - face[list(MIRROR)] * (-1, 1, 1))[:468, 0]
        for face in (seen[0].face, seen[1].face, crossed)
    )
    assert np.corrcoef(skin, shape)[0, 1] < -0.6  # one is the other's mirror image
    assert np.corrcoef(found, shape)[0, 1] > 0.5


def test_a_cross_of_one_who_does_not_smile_does_not_smile(two, seen):
    still = Person(name="c", neutral=two[1].neutral)
    cross = Cross(two[0], still)
    assert (cross.smile, cross.name) == (None, "a+c")
    assert cross_studio(cross, (seen[0], sighted(still)), 64, None).sitter.expressive is None


def test_what_is_known_of_a_cross_is_known_of_the_skin(two):
    skin = Person(name="c", neutral=two[0].neutral, age=30, sex="male", ethnic_group="black")
    cross = Cross(skin, two[1])
    assert (cross.age, cross.sex, cross.ethnic_group) == (30, "male", "black")


def test_an_invented_face_that_is_not_found_keeps_the_landmarks_it_was_given(
    two, seen, monkeypatch
):
    def nothing(frame):
        raise NoFaceError(frame.name, "shows no face", "show one")

    monkeypatch.setattr(crossing, "find_faces", nothing)
    studio = cross_studio(Cross(*two), seen, 128, None)
    gap = studio.sitter.neutral.face[:468, :2] - seen[1].face[:468, :2]
    assert np.abs(gap).max() < 0.03

"""The people of a folder: whose photographs lie in it, what is known of them, their studio."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from facialis.errors import InputError, NoFaceError
from facialis.simulation.people import find_people, sighted, studio_of


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).write_bytes(b"")


@pytest.fixture(scope="module")
def person(tmp_path_factory, portrait):
    folder = tmp_path_factory.mktemp("one")
    shutil.copy(portrait, folder / "a_neutral.jpg")
    shutil.copy(portrait, folder / "a_smile.jpg")
    return find_people(folder)[0]


def test_photographs_are_told_by_their_names(tmp_path):
    touch(
        tmp_path,
        "b_neutral.jpg",
        "b_smile.png",
        "b_neutral.tem",
        "a_b_rest.PNG",
        "c_smile.jpg",
        "d_neutral.txt",
        "notes.jpg",
        "e_neutral_2.jpg",
    )
    people = find_people(tmp_path)
    assert [p.name for p in people] == ["a_b", "b"]
    first, second = people
    assert first.neutral.name == "a_b_rest.PNG"
    assert first.smile is None
    assert first.hand_points is None
    assert second.smile.name == "b_smile.png"
    assert second.hand_points.name == "b_neutral.tem"


def test_what_is_known_of_people_is_read_from_their_table(tmp_path):
    touch(tmp_path, "1_neutral.jpg", "2_neutral.jpg", "3_neutral.jpg")
    (tmp_path / "subjects.csv").write_text(
        "subject,age,sex,ethnic_group\n1,34,female,white\n2,,male,\n", encoding="utf-8"
    )
    one, two, three = find_people(tmp_path)
    assert (one.age, one.sex, one.ethnic_group) == (34, "female", "white")
    assert (two.age, two.sex, two.ethnic_group) == (None, "male", None)
    assert (three.age, three.sex, three.ethnic_group) == (None, None, None)


@pytest.mark.parametrize("make", ["nothing", "empty", "others", "smiles"])
def test_a_folder_without_a_face_at_rest_is_refused(tmp_path, make):
    folder = tmp_path / "faces"
    if make != "nothing":
        folder.mkdir()
    if make == "others":
        touch(folder, "holiday.jpg", "a.jpg")
    if make == "smiles":
        touch(folder, "a_smile.jpg")
    with pytest.raises(InputError, match="holds no photograph of a face at rest"):
        find_people(folder)


def test_the_faces_of_a_person_are_found(person, photographed):
    seen = sighted(person)
    np.testing.assert_allclose(seen.neutral, photographed.points)
    np.testing.assert_allclose(seen.smile, photographed.points)
    np.testing.assert_allclose(seen.face, photographed.face)


def test_a_person_without_a_smile_is_seen_at_rest_only(tmp_path, portrait):
    shutil.copy(portrait, tmp_path / "a_neutral.jpg")
    (person,) = find_people(tmp_path)
    seen = sighted(person)
    assert seen.smile is None
    studio = studio_of(person, seen, 64, None)
    assert studio.sitter.expressive is None
    assert set(studio.made_from) == {"a_neutral.jpg"}


@pytest.mark.parametrize("which", ["neutral", "smile"])
def test_a_photograph_that_cannot_be_read_or_shows_no_face_is_named(tmp_path, portrait, which):
    for name in ("neutral", "smile"):
        shutil.copy(portrait, tmp_path / f"a_{name}.jpg")
    bad = tmp_path / f"a_{which}.jpg"
    bad.write_bytes(b"no photograph")
    with pytest.raises(InputError, match=f"a_{which}"):
        sighted(find_people(tmp_path)[0])
    Image.new("RGB", (300, 300), (90, 120, 90)).save(bad)
    with pytest.raises(NoFaceError):
        sighted(find_people(tmp_path)[0])


def test_a_studio_holds_the_photographs_at_working_size(person):
    seen = sighted(person)
    studio = studio_of(person, seen, 96, None)
    assert studio.side == 96
    for portrait in (studio.sitter.neutral, studio.sitter.expressive):
        assert portrait.pixels.shape == (120, 120, 3)
        np.testing.assert_allclose(portrait.face, seen.face, atol=1e-9)
    digest = hashlib.sha256(person.neutral.read_bytes()).hexdigest()
    assert dict(studio.made_from) == {"a_neutral.jpg": digest, "a_smile.jpg": digest}
    assert studio.outlines is None


def test_bad_hand_points_are_refused_by_name(tmp_path, portrait):
    shutil.copy(portrait, tmp_path / "a_neutral.jpg")
    (tmp_path / "a_neutral.tem").write_text("3\n1\t2\n", encoding="ascii")
    (person,) = find_people(tmp_path)
    with pytest.raises(InputError, match=r"a_neutral\.tem"):
        studio_of(person, sighted(person), 64, None)


def test_hand_points_of_this_person_outline_the_parts(tmp_path, portrait, photographed):
    from facialis.simulation.usual_outlines import usual_outlines

    shutil.copy(portrait, tmp_path / "a_neutral.jpg")
    placed = usual_outlines().at(photographed.points)
    lines = [str(len(placed)), *(f"{x:.3f}\t{y:.3f}" for x, y in placed)]
    (tmp_path / "a_neutral.tem").write_text("\n".join(lines), encoding="ascii")
    (person,) = find_people(tmp_path)
    studio = studio_of(person, sighted(person), 64, None)
    assert studio.outlines is not None
    gap = studio.outlines.at(photographed.points) - placed
    assert np.abs(gap).max() < 0.02 * photographed.pose.scale


@pytest.mark.slow
def test_real_people_have_two_photographs_hand_points_and_an_age(shared_data):
    people = find_people(shared_data / "faces" / "london")
    assert len(people) == 71
    assert all(p.smile is not None and p.hand_points is not None for p in people)
    assert sum(p.age is not None for p in people) > 60

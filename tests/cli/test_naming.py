"""Names of the result folders."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.cli.naming import face_folder, folder_names

A, B, C = "a" * 64, "b" * 64, "c" * 64


def test_a_stem_that_one_photograph_has_is_its_name():
    assert folder_names({"x/anna.jpg": A, "y/ben.jpg": B}) == {
        "x/anna.jpg": "anna",
        "y/ben.jpg": "ben",
    }


@pytest.mark.parametrize("other", ["y/anna.jpg", "y/ANNA.png", "y/Anna.JPG"])
def test_all_photographs_of_one_stem_carry_their_content(other):
    names = folder_names({"x/anna.jpg": A, other: B})
    assert names["x/anna.jpg"] == "anna-aaaaaaaa"
    assert names[other] == f"{Path(other).stem}-bbbbbbbb"


def test_two_unicode_forms_of_one_name_are_told_apart():
    names = folder_names({"x/Zo\u00eb.jpg": A, "y/Zoe\u0308.jpg": B})
    assert {name[-8:] for name in names.values()} == {A[:8], B[:8]}


def test_copies_of_one_file_are_numbered_in_the_order_of_their_paths():
    names = folder_names({"z/anna.jpg": A, "x/anna.jpg": A, "y/anna.jpg": A})
    assert [names[f"{folder}/anna.jpg"] for folder in "xyz"] == [
        "anna-aaaaaaaa",
        "anna-aaaaaaaa-2",
        "anna-aaaaaaaa-3",
    ]


def test_a_stem_that_looks_like_a_further_face_of_another_is_told_apart():
    names = folder_names({"anna.jpg": A, "anna-face1.jpg": B, "ben-face1.jpg": C})
    assert names["anna-face1.jpg"] == "anna-face1-bbbbbbbb"
    assert names["ben-face1.jpg"] == "ben-face1"
    assert face_folder(names["anna.jpg"], 1, of_all=True) == "anna-face1"


def test_a_generated_name_never_meets_a_photograph_of_that_name():
    names = folder_names({"x/anna.jpg": A, "y/anna.jpg": B, "anna-aaaaaaaa.jpg": C})
    assert len({name.casefold() for name in names.values()}) == 3
    assert names["anna-aaaaaaaa.jpg"] == "anna-aaaaaaaa"


@pytest.mark.parametrize("name", ["summary.csv.jpg", "facialis.log.png", "Summary.CSV.jpg"])
def test_a_photograph_is_never_named_as_the_summary_is(name):
    assert folder_names({name: A})[name] == f"{Path(name).stem}-aaaaaaaa"


@pytest.mark.parametrize(
    "name",
    ["...jpg", "..", "a\nb.jpg", "caf\udce9.jpg", "a:b*c?.jpg", "\x1b[31m.jpg", " .jpg", "x" * 250],
)
def test_a_strange_name_becomes_a_plain_folder_inside_the_results(name):
    folder = folder_names({f"in/{name}": A})[f"in/{name}"]
    assert folder.isprintable()
    assert folder not in {"", ".", ".."}
    assert not set(folder) & set('<>:"/\\|?*')
    assert len(folder.encode()) <= 200
    assert folder.endswith(("-aaaaaaaa", "photograph"))


def test_the_largest_face_has_the_photograph_s_own_folder():
    assert face_folder("anna", 0, of_all=True) == "anna"
    assert face_folder("anna", 2, of_all=True) == "anna-face2"
    assert face_folder("anna", 2, of_all=False) == "anna"


PATHS = st.builds(
    "{}/{}.jpg".format,
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from(["x", "X", "x-face1", "x-aaaaaaaa", "y", "\u00e9", "e\u0301", ".", "y\n"]),
)


@given(st.dictionaries(PATHS, st.sampled_from([A, B, C])), st.randoms())
def test_names_are_unique_and_do_not_depend_on_the_order(photographs, randomness: random.Random):
    names = folder_names(photographs)
    assert len({name.casefold() for name in names.values()}) == len(photographs)
    shuffled = list(photographs.items())
    randomness.shuffle(shuffled)
    assert folder_names(dict(shuffled)) == names

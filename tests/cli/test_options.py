"""What the words of a call mean, and which mean nothing."""

from __future__ import annotations

import pytest

from facialis.cli import options
from facialis.cli.options import CallError, Format, Settings
from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import OutputError


def test_a_call_without_words_states_nothing_and_takes_the_largest_face():
    assert options.settings() == Settings()


def test_every_word_reaches_its_setting():
    assert options.settings(
        movement="smile",
        mirrored=True,
        affected_side="Left",
        age="40",
        mm_per_px="0.125",
        face="all",
        frame="emotrics",
    ) == Settings(Movement.SMILE, True, AffectedSide.LEFT, 40, 0.125, None, "emotrics")


def test_methods_are_named_once_each_or_all_or_none():
    from facialis.grading.method_answers import METHODS

    assert options.settings(methods="all").methods == METHODS
    assert options.settings(methods="none").methods == ()
    twice = f" {METHODS[0]},{METHODS[0]}"
    assert options.settings(methods=twice).methods == METHODS[:1]


def test_a_method_that_has_no_weights_is_answered_with_those_that_have():
    with pytest.raises(CallError, match=r"--methods.*multimodal_fusion-light"):
        options.settings(methods="asymmetric_parsing,nonsense")
    with pytest.raises(CallError, match="--methods: names no method"):
        options.settings(methods=" , ")


@pytest.mark.parametrize("word", ["nan", "inf", "-inf", "-0.1", "0", "0.0", "abc", ""])
def test_a_length_of_a_pixel_that_is_none_is_refused_by_name(word):
    with pytest.raises(CallError, match=r"--mm-per-px.*give a number above 0"):
        options.settings(mm_per_px=word)


@pytest.mark.parametrize("word", ["-1", "131", "4.5", "old", "nan"])
def test_an_age_that_nobody_has_is_refused(word):
    with pytest.raises(CallError, match=r"--age.*0 to 130"):
        options.settings(age=word)


@pytest.mark.parametrize("word", ["0", "130"])
def test_the_youngest_and_oldest_ages_are_accepted(word):
    assert options.settings(age=word).age == int(word)


@pytest.mark.parametrize("word", ["-1", "1.5", "every", ""])
def test_a_face_that_cannot_be_numbered_is_refused(word):
    with pytest.raises(CallError, match="--face"):
        options.settings(face=word)


def test_an_unknown_movement_is_answered_with_those_that_exist():
    with pytest.raises(CallError) as caught:
        options.settings(movement="wave\n")
    assert all(movement in str(caught.value) for movement in Movement)
    assert "\n" not in str(caught.value)


def test_a_side_can_be_stated_but_not_stated_as_uncertain():
    with pytest.raises(CallError, match="right, left, both, none"):
        options.settings(affected_side="uncertain")


def test_formats_are_a_list_with_commas():
    assert options.formats(" json,PDF ,csv,") == {Format.JSON, Format.PDF, Format.CSV}


@pytest.mark.parametrize("words", ["docx", "json,docx"])
def test_an_unknown_format_is_answered_with_those_that_exist(words):
    with pytest.raises(CallError, match=r"docx.*json, html, pdf, csv, xlsx, parquet"):
        options.formats(words)


def test_a_call_without_a_format_is_refused():
    with pytest.raises(CallError, match="names no format"):
        options.formats(" , ")


@pytest.mark.parametrize("word", ["0", "-2", "many", "1.5"])
def test_a_number_of_processes_below_one_is_refused(word):
    with pytest.raises(CallError, match="--jobs"):
        options.jobs(word)


def test_a_folder_for_results_is_made_with_its_parents(tmp_path):
    folder = options.writable_folder(str(tmp_path / "a" / "b"))
    assert folder.is_dir()
    assert list(folder.iterdir()) == []


def test_a_file_in_place_of_the_results_is_left_alone(tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("mine")
    for place in (file, file / "below"):
        with pytest.raises(OutputError, match=r"notes\.txt.*a file stands in its way.*--out"):
            options.writable_folder(str(place))
    assert file.read_text() == "mine"


@pytest.mark.parametrize("words", ["", "  "])
def test_a_folder_without_a_name_is_refused(words):
    with pytest.raises(OutputError, match="names no folder"):
        options.writable_folder(words)


@pytest.mark.parametrize("words", ["/proc/facialis", "a\0b"])
def test_a_folder_that_cannot_be_made_is_refused(words):
    with pytest.raises(OutputError, match="cannot be written"):
        options.writable_folder(words)

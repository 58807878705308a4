"""Collections of a user's own, and LFW."""

from __future__ import annotations

import csv

import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.folder import (
    LabelledFolders,
    Table,
    recognises,
    recognises_table,
    table_in,
)
from facialis.datasets.lfw import Lfw
from facialis.datasets.lfw import recognises as recognises_lfw
from facialis.datasets.sample import Label
from facialis.errors import InputError


@pytest.fixture
def own(tmp_path, picture):
    root = tmp_path / "clinic"
    picture(root / "mild" / "anna_rest.jpg", 1)
    picture(root / "mild" / "ben_smile.png", 2)
    picture(root / "severe" / "anna_2.jpg", 3)
    (root / "complete").mkdir()
    return root


def test_the_folder_is_the_label_and_the_name_begins_with_the_person(own, read):
    photo = read(LabelledFolders(own)).sample("anna_rest.jpg")
    assert photo.labels == (Label(Scale.WORD, "mild"),)
    assert (photo.subject, photo.source) == ("clinic/anna", "clinic")


def test_another_name_may_be_given(own, read):
    assert read(LabelledFolders(own, name="unit7")).samples[0].subject == "unit7/anna"


def test_a_person_under_two_labels_and_an_empty_label_are_reported(own, read):
    reading = read(LabelledFolders(own))
    assert reading.examples(Trouble.SUBJECT_IN_TWO_FOLDERS) == ("anna: mild, severe",)
    assert reading.examples(Trouble.EMPTY_CLASSES) == ("complete",)


def test_names_without_a_person_and_files_out_of_place_are_reported(own, picture, text, read):
    picture(own / "mild" / "portrait.jpg", 4)
    text(own / "notes.txt", "")
    picture(own / "mild" / "more" / "carl_1.jpg", 5)
    reading = read(LabelledFolders(own))
    assert reading.sample("portrait.jpg").subject == ""
    assert reading.examples(Trouble.UNKNOWN_SUBJECT) == ("mild/portrait.jpg",)
    assert set(reading.examples(Trouble.UNKNOWN_FILES)) == {"notes.txt", "mild/more"}


def test_hidden_files_are_passed_over(own, text, read):
    text(own / ".DS_Store", "")
    text(own / "mild" / "._anna_rest.jpg", "")
    assert Trouble.UNKNOWN_FILES not in read(LabelledFolders(own)).findings


def test_only_folders_with_photographs_are_recognised(own, tmp_path, picture):
    assert recognises(own)
    picture(tmp_path / "loose" / "anna_1.jpg")
    assert not recognises(tmp_path / "loose")


@pytest.fixture
def table(tmp_path, picture, text):
    root = tmp_path / "study"
    for number, name in enumerate(("a.jpg", "b.jpg", "c.jpg", "in/d.png", "unlisted.jpg")):
        picture(root / name, number)
    lines = [
        "path,subject,label,side,movement,grade",
        "a.jpg,anna,post-op,LEFT,smile,III",
        "b.jpg,anna,,,,2",
        "c.jpg,,pre-op,up,grin,9",
        "in/d.png,ben,,,,",
        "gone.jpg,ben,x,,,",
        "in/../a.jpg,carl,x,,,",
    ]
    return text(root / "list.csv", "\n".join(lines) + "\n")


def test_a_line_gives_label_grade_side_and_movement(table, read):
    first = read(Table(table)).sample("a.jpg")
    assert first.labels == (Label(Scale.WORD, "post-op"), Label(Scale.HOUSE_BRACKMANN, 3))
    assert (first.side, first.movement) == (Side.LEFT, Movement.SMILE)
    assert (first.subject, first.source) == ("study/anna", "study")


def test_an_empty_cell_stays_unknown(table, read):
    reading = read(Table(table))
    assert reading.sample("b.jpg").labels == (Label(Scale.HOUSE_BRACKMANN, 2),)
    assert (reading.sample("b.jpg").side, reading.sample("b.jpg").movement) == (None, None)
    assert reading.sample("d.png").labels == ()
    assert reading.findings[Trouble.IMAGES_WITHOUT_LABELS].count == 1


def test_values_that_mean_nothing_are_reported_and_left_out(table, read):
    reading = read(Table(table))
    odd = reading.sample("c.jpg")
    assert (odd.side, odd.movement, odd.subject) == (None, None, "")
    assert odd.labels == (Label(Scale.WORD, "pre-op"),)
    assert reading.findings[Trouble.UNKNOWN_LABELS].count == 3
    assert reading.findings[Trouble.UNKNOWN_SUBJECT].count == 1


def test_missing_repeated_and_unlisted_files_are_named(table, read):
    reading = read(Table(table))
    assert len(reading.samples) == 4
    assert reading.examples(Trouble.MISSING_IMAGES) == ("list.csv line 6: gone.jpg",)
    assert reading.examples(Trouble.REPEATED_LINES) == ("list.csv line 7: in/../a.jpg",)
    assert reading.examples(Trouble.UNKNOWN_FILES) == ("unlisted.jpg",)


def test_a_byte_order_mark_and_capital_names_are_accepted(tmp_path, picture, read):
    picture(tmp_path / "a.jpg")
    table = tmp_path / "list.csv"
    table.write_bytes("\ufeffPath, Subject ,LABEL\r\na.jpg,anna,x\r\n".encode())
    assert read(Table(table)).samples[0].labels == (Label(Scale.WORD, "x"),)


def test_the_only_table_of_a_folder_is_found(table):
    assert recognises_table(table.parent)
    assert table_in(table.parent) == table
    (table.parent / "other.csv").write_text("a,b\n")
    assert table_in(table.parent) == table


def test_no_table_or_two_are_refused(table, tmp_path):
    with pytest.raises(InputError, match="holds no table"):
        table_in(tmp_path)
    (table.parent / "second.csv").write_text("path,subject,label\n")
    assert not recognises_table(table.parent)
    with pytest.raises(InputError, match=r"several tables \(list.csv, second.csv\)"):
        table_in(table.parent)


def test_the_london_faces_are_read_from_a_table(shared_data, tmp_path, read):
    photographs = sorted((shared_data / "faces" / "london").glob("*.jpg"))
    with (tmp_path / "london.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["path", "subject", "label", "movement"])
        for path in photographs:
            subject, _, shown = path.stem.partition("_")
            movement = {"neutral": "rest"}.get(shown, shown)
            writer.writerow([path, subject, "healthy", movement])
    reading = read(Table(tmp_path / "london.csv", name="london"))
    assert len(reading.samples) == len(photographs) == 142
    assert len({each.subject for each in reading.samples}) == 71
    assert {each.movement for each in reading.samples} == {Movement.REST, Movement.SMILE}
    assert reading.findings == {}


@pytest.fixture
def lfw(tmp_path, picture):
    for number, name in enumerate(("Ann_Lee/Ann_Lee_0001", "Ann_Lee/Ann_Lee_0002", "Bo/Bo_0001")):
        picture(tmp_path / "lfw" / f"{name}.jpg", number)
    return tmp_path


def test_lfw_says_who_is_shown_and_nothing_else(lfw, read):
    reading = read(Lfw(lfw))
    assert [each.subject for each in reading.samples] == ["lfw/Ann_Lee", "lfw/Ann_Lee", "lfw/Bo"]
    assert all(each.labels == () for each in reading.samples)
    assert recognises_lfw(lfw)
    assert recognises_lfw(lfw / "lfw")


def test_strangers_in_lfw_are_reported(lfw, picture, text, read):
    picture(lfw / "lfw" / "Bo" / "Cy_0001.jpg", 9)
    text(lfw / "lfw" / "pairs.txt", "")
    (lfw / "lfw" / "Di").mkdir()
    reading = read(Lfw(lfw))
    assert reading.sample("Cy_0001.jpg").subject == ""
    assert reading.examples(Trouble.UNKNOWN_SUBJECT) == ("lfw/Bo/Cy_0001.jpg",)
    assert reading.examples(Trouble.UNKNOWN_FILES) == ("lfw/pairs.txt",)
    assert reading.examples(Trouble.EMPTY_CLASSES) == ("lfw/Di",)

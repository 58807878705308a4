"""The MEEI standard set: names in both orders, photographs, recordings and records."""

from __future__ import annotations

import json

import pytest
from openpyxl import Workbook

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import WORDS, Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.meei import Meei, recognises
from facialis.datasets.meei_records import SEVERITIES, Person, person_named, read_eface
from facialis.datasets.sample import Label
from facialis.errors import InputError


@pytest.fixture
def meei(tmp_path, picture):
    """One person of each category; the synkinetic one is named in the other order."""
    root = tmp_path / "MEEI_Standard_Set"
    flaccid = root / "Flaccid" / "NearNormalFlaccid" / "NearNormalFlaccid3"
    for k in range(1, 9):
        picture(flaccid / f"NearNormalFlaccid3_{k}.jpg", k)
    (flaccid / "NearNormalFlaccid3.mp4").write_bytes(b"recording")
    synkinetic = root / "Synkinetic" / "Synkinetic_Mild" / "Synkinetic_Mild4"
    picture(synkinetic / "Synkinetic_Mild4_5.JPG", 20)
    picture(root / "Normals" / "Normal2" / "Normal2_1.JPG", 30)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("MildFlaccid3", Person(3, "Flaccid", 3)),
        ("Synkinetic_Mild4", Person(3, "Synkinetic", 4)),
        ("Flaccid_Near_Normal12", Person(2, "Flaccid", 12)),
        ("CompleteSynkinetic1_8", Person(6, "Synkinetic", 1)),
        ("Normal10", Person(1, "", 10)),
        ("Normals_7", Person(1, "", 7)),
        ("Mild", None),
        ("holiday_3", None),
    ],
)
def test_names_are_read_in_both_orders(name, person):
    assert person_named(name) == person


def test_severities_are_numbered_as_the_words_of_paper_002():
    spaced = [word.replace("NearNormal", "near normal").lower() for word in SEVERITIES]
    assert tuple(spaced) == tuple(WORDS["002"])


def test_a_photograph_has_its_severity_and_its_movement(meei, read):
    photo = read(Meei(meei)).sample("NearNormalFlaccid3_5.jpg")
    assert photo.labels == (Label(Scale.EFACE_WORD, 2),)
    assert (photo.subject, photo.source) == ("meei/NearNormalFlaccid3", "meei")
    assert photo.movement is Movement.SMILE_CLOSED
    assert (photo.side, photo.written["category"]) == (None, "Flaccid")


def test_the_eight_movements_come_in_the_order_of_the_set(meei, read):
    shown = {e.path.stem: e.movement for e in read(Meei(meei)).samples if e.movement}
    assert [shown[f"NearNormalFlaccid3_{k}"] for k in range(1, 9)] == [
        "rest",
        "brow_raise",
        "eye_close_gentle",
        "eye_close_tight",
        "smile_closed",
        "smile",
        "pucker",
        "lower_teeth",
    ]


def test_capital_suffixes_other_orders_and_healthy_people_are_read(meei, read):
    reading = read(Meei(meei))
    assert reading.sample("Synkinetic_Mild4_5.JPG").subject == "meei/MildSynkinetic4"
    assert reading.sample("Normal2_1.JPG").labels == (Label(Scale.EFACE_WORD, 1),)


def test_a_recording_is_a_sample_without_a_movement(meei, read):
    recording = read(Meei(meei)).sample(".mp4")
    assert (recording.video, recording.movement) == ("NearNormalFlaccid3", None)
    assert recording.labels == (Label(Scale.EFACE_WORD, 2),)
    assert recording.rate is None


def test_missing_photographs_and_empty_classes_are_named(meei, read):
    reading = read(Meei(meei))
    assert reading.findings[Trouble.MISSING_IMAGES].count == 14
    assert "Normal2_2.jpg" in reading.examples(Trouble.MISSING_IMAGES)
    assert reading.findings[Trouble.EMPTY_CLASSES].count == 11 - 3
    assert "MildFlaccid" in reading.examples(Trouble.EMPTY_CLASSES)


def test_strange_files_numbers_and_people_are_told(meei, picture, text, read):
    text(meei / "MEEI_Standard_Set" / "readme.txt", "")
    picture(meei / "holiday.jpg", 40)
    flaccid = meei / "MEEI_Standard_Set" / "Flaccid" / "NearNormalFlaccid" / "NearNormalFlaccid3"
    picture(flaccid / "NearNormalFlaccid3_9.jpg", 41)
    picture(flaccid / "MildFlaccid1_1.jpg", 42)
    reading = read(Meei(meei))
    assert reading.examples(Trouble.UNKNOWN_FILES) == ("MEEI_Standard_Set/readme.txt",)
    assert "_9.jpg" in reading.examples(Trouble.UNKNOWN_LABELS)[0]
    assert set(reading.examples(Trouble.UNKNOWN_SUBJECT)) == {
        "holiday.jpg",
        (flaccid / "MildFlaccid1_1.jpg").relative_to(meei).as_posix(),
    }
    assert reading.findings[Trouble.CONTRADICTIONS].count == 1
    assert reading.sample("holiday.jpg").labels == ()
    assert reading.sample("MildFlaccid1_1.jpg").labels == ()


def test_one_person_in_two_folders_is_reported(meei, picture, read):
    picture(meei / "copy" / "Flaccid_NearNormal3" / "a_1.jpg", 50)
    reading = read(Meei(meei))
    assert reading.findings[Trouble.SUBJECT_IN_TWO_FOLDERS].count == 1
    assert reading.sample("a_1.jpg").subject == "meei/NearNormalFlaccid3"


def patients(path, rows):
    book = Workbook()
    book.active.append(["MEEI patients"])
    book.active.append(["Category", "Sub-category", "#", "Side", "Gender", "Age"])
    for row in rows:
        book.active.append(row)
    book.save(path)


def test_the_table_of_patients_gives_side_and_age_where_it_has_them(meei, read):
    patients(
        meei / "pat_info.xlsx",
        [
            ["Flaccid", "Near Normal", 3, "Left", "F", 41],
            ["Synkinetic", "Mild", 4.0, "bilateral", None, None],
            ["Flaccid", "Severe", 1, "Right", "M", 30],
            ["somebody", None, 5, "Right", None, None],
        ],
    )
    reading = read(Meei(meei))
    photo = reading.sample("NearNormalFlaccid3_1.jpg")
    assert photo.side is Side.LEFT
    assert (photo.written["side"], photo.written["age"]) == ("Left", "41")
    other = reading.sample("Synkinetic_Mild4_5.JPG")
    assert (other.side, other.written["side"]) == (None, "bilateral")
    assert "age" not in other.written
    assert reading.examples(Trouble.LABELS_WITHOUT_IMAGES) == ("SevereFlaccid1",)
    assert reading.examples(Trouble.UNKNOWN_LABELS) == ("pat_info.xlsx: line 6",)


@pytest.mark.parametrize("content", [b"no table", b""])
def test_a_damaged_table_of_patients_is_reported(meei, read, content):
    (meei / "pat_info.xlsx").write_bytes(content)
    assert read(Meei(meei)).examples(Trouble.UNREADABLE_LABELS) == ("pat_info.xlsx",)


def test_a_table_without_the_column_category_is_reported(meei, read):
    book = Workbook()
    book.active.append(["Name", "Side"])
    book.save(meei / "pat_info.xlsx")
    assert read(Meei(meei)).examples(Trouble.UNREADABLE_LABELS) == ("pat_info.xlsx",)


RECORD = {
    "Record ID": "Flaccid_NearNormal3",
    "Facial Expressions": {"Smile": [31, 33], "Pucker": [44.5, 40]},
    "Scores": {"Static": 88.5, "Dynamic": 70, "Synkinesis": 100, "Composite": 82},
}


def test_reversed_intervals_are_turned_round_and_counted(meei, text, read):
    path = text(meei / "eface" / "3.json", json.dumps(RECORD))
    reading = read(Meei(meei))
    recording = reading.sample(".mp4")
    assert recording.annotations == {"eface": path}
    assert recording.written["seconds_Smile"] == "31 33"
    assert recording.written["seconds_Pucker"] == "40 44.5"
    assert recording.written["eface_static"] == "88.5"
    assert reading.examples(Trouble.REVERSED_INTERVALS) == ("eface/3.json: Pucker",)


def test_several_records_may_share_a_file_and_strangers_are_named(meei, text, read):
    records = [RECORD, RECORD, {**RECORD, "Record ID": "SevereFlaccid9"}, {"Record ID": "x"}]
    text(meei / "all.json", json.dumps(records))
    reading = read(Meei(meei))
    assert set(reading.examples(Trouble.LABELS_WITHOUT_IMAGES)) == {"SevereFlaccid9", "x"}
    assert reading.findings[Trouble.REPEATED_LINES].count == 1


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[1]",
        '{"Scores": {}}',
        '{"Record ID": "Normal1", "Facial Expressions": {"Smile": [1]}}',
        '{"Record ID": "Normal1", "Scores": {"Static": "good"}}',
    ],
)
def test_a_damaged_record_is_reported(meei, text, read, content):
    path = text(meei / "bad.json", content)
    assert read(Meei(meei)).examples(Trouble.UNREADABLE_LABELS) == ("bad.json",)
    with pytest.raises(InputError, match="no eFACE record"):
        read_eface(path)


def test_the_layout_is_recognised_from_any_of_its_folders(meei, tmp_path, picture):
    assert recognises(meei)
    assert recognises(meei / "MEEI_Standard_Set")
    assert recognises(meei / "MEEI_Standard_Set" / "Normals")
    picture(tmp_path / "mine" / "mild" / "anna_1.jpg")
    assert not recognises(tmp_path / "mine")

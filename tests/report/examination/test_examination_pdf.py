from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from facialis.report.examination_content import examination_content
from facialis.report.examination_methods import MethodsSection
from facialis.report.examination_pdf import render_examination_pdf
from facialis.report.examination_pdf_methods import methods_fit, put_methods
from facialis.report.examination_pictures import movement_pictures
from facialis.report.sheet import Sheet


def document(examination) -> bytes:
    """Return the PDF of an examination."""
    return render_examination_pdf(
        examination_content(examination),
        movement_pictures(examination),
        examination.provenance.created,
    )


def page_count(pdf: bytes) -> int:
    """Return the number of pages by the page tree's own count."""
    return int(re.search(rb"/Count (\d+)", pdf)[1])


def text_of(pdf: bytes, tmp_path, first: int = 1, last: int = 99) -> str:
    """Return the text as another program reads it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext to read the PDF back")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-layout", "-f", str(first), "-l", str(last), str(path), "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.fixture(scope="module")
def pdf(filmed) -> bytes:
    return document(filmed)


def test_equal_examinations_give_equal_bytes(sparse):
    assert document(sparse) == document(sparse)


def test_the_document_has_language_fonts_and_a_text_for_each_picture(pdf, filmed):
    assert b"/Lang (en-GB)" in pdf
    assert pdf.count(b"/FontFile2") >= 3
    assert pdf.count(b"/Alt ") == 2 * len(filmed.examination.movements)


@pytest.mark.parametrize(
    ("name", "pages"), [("filmed", 9), ("healthy", 8), ("sparse", 6), ("unjudged", 2)]
)
def test_the_report_takes_few_pages(name, pages, request):
    assert page_count(document(request.getfixturevalue(name))) <= pages


def test_the_first_page_says_what_matters(pdf, tmp_path):
    text = text_of(pdf, tmp_path, last=1)
    for expected in (
        "Asymmetry beyond healthy faces",
        "LEFT (the patient’s left), as stated",
        "Probability of palsy",
        "0.97",
        "IV moderately severe",
        "31 of 100",
        "interval 22 to 39",
        "The forehead does not move on the left.",
        "the face was lost from 33.2 to 33.5 s",
        "call the emergency services at once",
        "lid weight, left, 2026",
    ):
        assert expected in text


def test_the_forms_follow_on_the_next_pages(pdf, tmp_path):
    text = text_of(pdf, tmp_path, first=2, last=3)
    for expected in (
        "House-Brackmann",
        "Measured method: 2 of 8 points: grade V",
        "Voluntary 48 − resting 10 − synkinesis 7 = composite 31 (22 to 39)",
        "eFACE items and auto-eFACE",
        "Mean, auto-eFACE: 58",
        "may move",
        "2.1 mm",
    ):
        assert expected in text


def test_movements_show_ways_times_and_remarks(pdf, tmp_path):
    text = text_of(pdf, tmp_path, first=4)
    for expected in (
        "Left (affected)",
        "36 % of the healthy side",
        "Commissure over time, mm",
        "22 mm/s",
        "The left side begins 0.24 s later.",
        "The face was lost from 33.2 to 33.5 s.",
        "What each item rests on",
        "Rule: affected over healthy way",
        "mediapipe",
    ):
        assert expected in text


def test_what_could_not_be_used_says_why_in_its_place(hindered, tmp_path):
    text = text_of(document(hindered), tmp_path)
    assert "Not measured: brow_raise <b>1</b>.png: shows no face" in text
    assert "not measured: hair covers it" in text
    assert "The stated side and the computed side differ" in text
    assert "no picture" in text


def test_a_total_that_is_missing_says_what_it_needs(sparse, tmp_path):
    text = text_of(document(sparse), tmp_path, last=1)
    assert "not measured: needs brow raise" in text


def test_without_verdict_there_are_no_forms(unjudged, tmp_path):
    text = text_of(document(unjudged), tmp_path)
    assert "This examination cannot be judged" in text
    assert "Not measured: smile.png: shows no face" in text
    for hidden in ("Probability of palsy", "Voluntary movement", "What each item rests on"):
        assert hidden not in text


def test_the_disclaimers_stay_on_the_first_page_under_many_observations(sparse, tmp_path):
    many = tuple(f"Observation {n}. " + "The eye narrows while smiling. " * 5 for n in range(40))
    record = sparse.examination.model_copy(update={"observations": many})
    pdf = document(sparse.model_copy(update={"examination": record}))
    assert "call the emergency services" in text_of(pdf, tmp_path, last=1)
    assert "Observation 39." in text_of(pdf, tmp_path)


def test_a_table_of_items_longer_than_a_page_repeats_its_head(sparse, tmp_path):
    eface = sparse.examination.eface
    long = tuple(
        replace(i, name=f"{i.name}_{n}", rule=f"{i.name} {n} " * 20)
        for n in range(3)
        for i in eface.items
    )
    record = sparse.examination.model_copy(update={"eface": replace(eface, items=long)})
    pdf = document(sparse.model_copy(update={"examination": record}))
    assert text_of(pdf, tmp_path).count("Value (interval)") > 2


@pytest.mark.parametrize("name", ["Пациент/Ёлкин.mp4", "照片.mp4", "w" * 400, "a b " * 90])
def test_no_file_name_breaks_the_document(name, unjudged, sparse):
    source = sparse.sources[0].model_copy(update={"path": name})
    movements = tuple(m.model_copy(update={"source": name}) for m in unjudged.examination.movements)
    record = unjudged.examination.model_copy(update={"movements": movements})
    renamed = unjudged.model_copy(update={"sources": (source,), "examination": record})
    assert page_count(document(renamed)) == 2


@pytest.mark.parametrize(("room", "fits"), [(120, True), (20, False)])
def test_what_methods_say_goes_where_it_fits(filmed, room, fits):
    said = MethodsSection((("norms", "palsy 0.5"), ("toy", "palsy 0.7")), ("A note.",), ())
    with Sheet("t", "s", datetime(2026, 1, 1, tzinfo=UTC)) as sheet:
        sheet.add_page()
        sheet.y = sheet.h - sheet.b_margin - room
        assert methods_fit(sheet, said) is fits
        put_methods(sheet, said)
        assert (sheet.page_no() == 1) is fits

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from facialis.clinical.anatomy import AffectedSide
from facialis.face.quality import Reason, ReasonCode
from facialis.grading.combined import Combined
from facialis.grading.method_answers import MethodAnswer
from facialis.report import fonts
from facialis.report.content import content_of
from facialis.report.pdf import put_views, render_pdf
from facialis.report.pictures import draw_pictures, encoded
from facialis.report.sheet import Sheet


def document(assessment) -> bytes:
    """Return the PDF of an assessment."""
    created = assessment.provenance.created
    return render_pdf(content_of(assessment), draw_pictures(assessment), created)


def page_count(pdf: bytes) -> int:
    """Return the number of pages by the page tree's own count."""
    return int(
        re.search(rb"/Type /Pages.*?/Count (\d+)|/Count (\d+)", pdf, re.DOTALL)[0].split()[-1]
    )


def text_of(pdf: bytes, tmp_path, first: int = 1, last: int = 99) -> str:
    """Return the text as another program reads it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("there is no pdftotext to read the PDF back")
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf)
    command = ["pdftotext", "-layout", "-f", str(first), "-l", str(last), str(path), "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


def test_equal_assessments_give_equal_bytes(assessment):
    assert document(assessment) == document(assessment)


def test_the_document_is_three_pages_with_language_and_alternative_texts(assessment):
    pdf = document(assessment)
    assert pdf.startswith(b"%PDF-")
    assert page_count(pdf) == 3
    assert b"/Lang (en-GB)" in pdf
    assert pdf.count(b"/Alt ") == 2
    assert pdf.count(b"/FontFile2") >= 3


def test_a_photograph_that_cannot_be_judged_takes_one_page(unusable):
    pdf = document(unusable)
    assert page_count(pdf) == 1
    assert pdf.count(b"/Alt ") == 1


def test_the_first_page_says_what_matters(assessment, tmp_path):
    text = text_of(document(assessment), tmp_path, last=1)
    for expected in (
        "Asymmetry beyond healthy faces",
        "LEFT (the patient’s left)",
        "Probability of palsy",
        "0.93",
        "62 of 100 (45 to 78)",
        "No House-Brackmann grade",
        "call the emergency services at once",
        "Page 1 of 3",
    ):
        assert expected in text


def test_the_other_pages_hold_measures_norms_and_provenance(assessment, tmp_path):
    text = text_of(document(assessment), tmp_path, first=2)
    for expected in ("Brow height", "24.6", "−3.4", "Quality and norms", "mediapipe 0.10.21"):
        assert expected in text
    assert assessment.input.sha256 in text


def test_the_methods_are_set_side_by_side_where_any_was_asked(make, assessment, tmp_path):
    method = MethodAnswer("fusion", 0.8, {"I": 0.2, "II": 0.5, "III": 0.3}, ("II",))
    joined = Combined(
        0.9, "palsy", agree=True, coverage=0.9, methods=("fusion-light",), rule="The rule."
    )
    asked = text_of(document(make(methods={"fusion-light": method}, combined=joined)), tmp_path)
    assert "Methods side by side" in asked
    assert "palsy 0.80; level II (I 0.20, II 0.50, III 0.30)" in asked
    assert "The rule. About 10 in 100" in asked
    assert "Methods side by side" not in text_of(document(assessment), tmp_path)


def test_an_unusable_photograph_has_reasons_and_no_numbers(unusable, tmp_path):
    text = text_of(document(unusable), tmp_path)
    assert "This photograph cannot be judged" in text
    assert "Ask the patient to face the camera" in text
    assert "Brow height" not in text
    assert "Severity" not in text


@pytest.mark.parametrize(
    "name",
    ["Пациент Ёлкин.jpg", "照片.jpg", "صورة.jpg", "😀.png", "\\x93\\n.jpg", "w" * 400, "a b " * 90],
)
def test_no_file_name_breaks_the_document(make, name):
    assert page_count(document(make(name=name))) == 3


def test_characters_that_no_font_has_are_written_as_escapes(make, tmp_path):
    text = text_of(document(make(name="Пациент 照.jpg")), tmp_path, last=1)
    assert "Пациент \\u7167.jpg" in text


def test_without_the_wide_font_everything_else_is_escaped(make, monkeypatch, tmp_path):
    monkeypatch.setattr(fonts, "find_spec", lambda name: None)
    assert fonts.wide_coverage() is None
    with Sheet("title", "subject", make().provenance.created) as sheet:
        assert sheet.legible("ärztin и") == "ärztin \\u0438"


def test_the_disclaimers_stay_on_the_first_page_under_many_cautions(make, make_quality, tmp_path):
    reasons = tuple(Reason(code, f"Caution {code}. " * 6, None, False) for code in ReasonCode)
    crowded = make(quality=make_quality(reasons=reasons))
    pdf = document(crowded)
    assert "Not a diagnosis" in text_of(pdf, tmp_path, last=1)
    assert "Caution landmarks_unstable" in text_of(pdf, tmp_path)


def test_a_table_longer_than_a_page_repeats_its_head(assessment, make, tmp_path):
    table = assessment.measures
    noted = tuple(replace(m, note="a long remark " * 12) for m in table.items * 3)
    pdf = document(make(measures=replace(table, items=noted)))
    assert page_count(pdf) > 3
    text = text_of(pdf, tmp_path)
    assert text.count("Measure Right Left Difference") > 1


def test_long_text_is_shortened_in_its_middle(assessment):
    with Sheet("title", "subject", assessment.provenance.created) as sheet:
        text = sheet.shortened("first " + "x" * 300 + " last", 60)
        assert text.startswith("first")
        assert text.endswith("last")
        assert sheet.width_of(text) <= 60
        assert sheet.shortened("short", 60) == "short"


def test_a_stated_side_that_differs_is_framed_on_the_first_page(make, make_verdict, tmp_path):
    right = AffectedSide.RIGHT
    pdf = document(make(verdict=make_verdict(side=right, side_stated=right)))
    text = text_of(pdf, tmp_path, last=1)
    assert "The stated side and the computed side differ" in text


@pytest.mark.parametrize("room", [60, 71, 75, 80, 85, 95])
def test_what_the_methods_saw_stays_together_on_a_page(room):
    title = "cascaded_encoder-light: parts of the face (brows and eyes are often missed)"
    seen = encoded(np.zeros((454, 320, 3), np.uint8), title)
    with Sheet("t", "s", datetime(2026, 1, 1, tzinfo=UTC)) as sheet:
        sheet.add_page()
        sheet.y = sheet.h - sheet.b_margin - room
        put_views(sheet, (seen, seen, seen))
        assert sheet.page_no() == (1 if room > 90 else 2)

from __future__ import annotations

import csv

import pytest
from openpyxl import load_workbook
from pyarrow import parquet

from facialis.grading.over_movements import ExaminationAnswer
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.report.examination_table import (
    EXAMINATION_COLUMNS,
    examination_row,
    write_examination_tables,
)
from facialis.report.table import Failure


def test_a_row_holds_the_totals_and_every_item(filmed):
    row = filmed.summary_row()
    assert list(row) == list(EXAMINATION_COLUMNS)
    assert row["side"] == "left"
    assert row["movements"].startswith("rest; brow_raise; ")
    assert (row["hb_grade"], row["hb_low"], row["hb_high"]) == (4, 4, 5)
    assert row["hb_mouth"] == "asymmetric at maximum effort"
    assert (row["sunnybrook"], row["sunnybrook_low"]) == (31, 22)
    voluntary = [v for k, v in row.items() if k.startswith("sunnybrook_voluntary_")]
    synkinesis = [v for k, v in row.items() if k.startswith("sunnybrook_synkinesis_")]
    resting = [row[f"sunnybrook_resting_{part}"] for part in ("eye", "cheek", "mouth")]
    assert row["sunnybrook"] == 4 * sum(voluntary) - 5 * sum(resting) - sum(synkinesis)
    assert row["lagophthalmos_left_mm"] == 3.4
    assert row["lagophthalmos_in"] == "eye_close_gentle"
    assert row["onset"] == "2026-03-02"
    assert row["blinks"] == 7


@pytest.mark.parametrize("name", ["filmed", "healthy", "sparse", "hindered", "unjudged"])
def test_every_value_has_the_type_of_its_column(name, request):
    for column, value in examination_row(request.getfixturevalue(name)).items():
        assert value is None or type(value) is EXAMINATION_COLUMNS[column], column


def test_what_is_missing_is_empty_and_named(sparse):
    row = examination_row(sparse)
    assert row["hb_grade"] is None
    assert row["sunnybrook_voluntary_snarl"] is None
    assert row["lagophthalmos_right_mm"] is None
    assert row["missing"] == "brow_raise; eye_close_tight; eye_close_gentle; snarl; pucker"


def test_movements_without_a_usable_picture_are_named(hindered):
    row = examination_row(hindered)
    assert row["unusable"] == "brow_raise"
    assert row["side_stated"] == "right"
    assert row["side_computed"] == "left"


def test_without_verdict_there_is_no_side(unjudged):
    row = examination_row(unjudged)
    assert row["side"] is None
    assert row["palsy_probability"] is None
    assert row["input"] is None


def test_the_fusion_over_the_movements_has_its_columns(filmed):
    assert examination_row(filmed)["fusion_probability"] is None
    said = ExaminationAnswer(
        title="fusion",
        movements=8,
        palsy_probability=0.83,
        level_probability={"I": 0.1, "II": 0.6, "III": 0.3},
        conclusion="palsy",
        levels=("II", "III"),
        grades=("III", "IV"),
        coverage=0.9,
    )
    row = examination_row(filmed.model_copy(update={"methods": {TOGETHER: said}}))
    names = ("probability", "conclusion", "levels", "grades")
    found = tuple(row[f"fusion_{name}"] for name in names)
    assert found == (0.83, "palsy", "II; III", "III; IV")


def test_a_failure_is_a_row_with_its_sentence(tmp_path):
    row = examination_row(Failure("a\nb", "cannot be read"))
    assert (row["input"], row["error"]) == ("a\\nb", "cannot be read")
    assert row["hb_grade"] is None


def test_the_tables_asked_for_agree(filmed, unjudged, tmp_path):
    rows = [examination_row(filmed), examination_row(unjudged)]
    written = write_examination_tables(rows, tmp_path, {"csv", "xlsx", "parquet", "html"})
    assert {p.name for p in tmp_path.iterdir()} == {
        "examinations.csv",
        "examinations.xlsx",
        "examinations.parquet",
    }
    with written["csv"].open(encoding="utf-8", newline="") as file:
        (first, second) = csv.DictReader(file)
    assert (first["hb_grade"], second["hb_grade"]) == ("4", "")
    table = parquet.read_table(written["parquet"]).to_pylist()
    assert table == rows
    sheet = load_workbook(written["xlsx"]).active
    assert [cell.value for cell in sheet[1]] == list(EXAMINATION_COLUMNS)
    assert sheet.cell(2, list(EXAMINATION_COLUMNS).index("sunnybrook") + 1).value == 31

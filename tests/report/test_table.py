from __future__ import annotations

import csv
import io

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facialis.errors import OutputError
from facialis.grading.combined import Combined
from facialis.report.table import (
    COLUMNS,
    WRITERS,
    Failure,
    summary_row,
    write_csv,
    write_parquet,
    write_xlsx,
)

CONTRACT = [
    "input",
    "face",
    "usable",
    "reasons",
    "palsy_probability",
    "side",
    "brow",
    "eye",
    "mouth",
    "severity",
    "severity_low",
    "severity_high",
    "error",
]


@pytest.fixture
def rows(assessment, unusable, excluded):
    """Return a row of every kind."""
    return [
        summary_row(assessment),
        summary_row(unusable),
        summary_row(excluded),
        summary_row(Failure("broken.jpg", "broken.jpg: cut short; copy it again.")),
    ]


def read_csv(path) -> list[dict[str, str]]:
    """Return what another reader finds in a CSV file."""
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))


def test_the_columns_of_the_contract_come_first():
    assert list(COLUMNS)[: len(CONTRACT)] == CONTRACT


def test_every_row_has_every_column_in_order(rows):
    assert all(list(row) == list(COLUMNS) for row in rows)


def test_a_judged_face_carries_its_verdict(assessment):
    row = summary_row(assessment)
    assert row["input"] == "examination/astronaut.png"
    assert (row["usable"], row["reasons"], row["error"]) == (True, None, None)
    assert (row["palsy_probability"], row["side"]) == (0.93, "left")
    assert (row["brow"], row["eye"], row["mouth"]) == ("slight", "none", "strong")
    assert (row["severity"], row["severity_low"], row["severity_high"]) == (62.0, 45.0, 78.0)
    assert type(row["side"]) is str


def test_what_the_methods_say_together_has_its_columns(make, assessment):
    joined = Combined(
        0.9, "palsy", agree=True, coverage=0.9, methods=("fusion-light",), rule="A rule."
    )
    row = summary_row(make(combined=joined))
    assert (row["combined_probability"], row["combined_conclusion"]) == (0.9, "palsy")
    assert summary_row(assessment)["combined_probability"] is None


def test_an_unusable_photograph_has_reasons_and_no_verdict(unusable):
    row = summary_row(unusable)
    assert row["usable"] is False
    assert row["reasons"] == "head_turned; blurred"
    assert row["palsy_probability"] is row["side"] is row["severity"] is None


def test_a_region_that_was_left_out_is_empty_and_named(excluded):
    row = summary_row(excluded)
    assert row["brow"] is None
    assert row["reasons"] == "occluded:brow"
    assert row["mouth"] == "strong"


def test_a_failure_carries_its_sentence_on_one_line():
    row = summary_row(Failure("a\nb.jpg", "a\nb.jpg: no face.", face=2))
    assert row["input"] == "a\\nb.jpg"
    assert row["face"] == 2
    assert "\n" not in row["error"]
    assert row["usable"] is None


def test_csv_writes_absent_values_as_empty_fields(rows, tmp_path):
    write_csv(rows, tmp_path / "summary.csv")
    text = (tmp_path / "summary.csv").read_text("utf-8")
    read = read_csv(tmp_path / "summary.csv")
    assert "None" not in text
    assert list(read[0]) == list(COLUMNS)
    assert float(read[0]["palsy_probability"]) == 0.93
    assert [r["usable"] for r in read] == ["true", "false", "true", ""]
    assert read[3]["error"] == "broken.jpg: cut short; copy it again."


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_a_name_cannot_become_a_formula(make, tmp_path, start):
    name = f'{start}HYPERLINK("x","y").jpg'
    row = summary_row(make(name=name, with_picture=False))
    write_csv([row], tmp_path / "summary.csv")
    write_xlsx([row], tmp_path / "summary.xlsx")
    write_parquet([row], tmp_path / "summary.parquet")
    cell = openpyxl.load_workbook(tmp_path / "summary.xlsx").active["A2"]
    assert read_csv(tmp_path / "summary.csv")[0]["input"] == f"'{name}"
    assert (cell.value, cell.data_type) == (f"'{name}", "s")
    assert pq.read_table(tmp_path / "summary.parquet")["input"][0].as_py() == name


def test_negative_numbers_stay_numbers(assessment, tmp_path):
    write_csv([summary_row(assessment)], tmp_path / "summary.csv")
    assert read_csv(tmp_path / "summary.csv")[0]["pitch"] == "-4.1"


def test_xlsx_cells_are_typed_and_absent_ones_empty(rows, tmp_path):
    write_xlsx(rows, tmp_path / "summary.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "summary.xlsx").active
    header = [cell.value for cell in sheet[1]]
    first = dict(zip(header, (cell.value for cell in sheet[2]), strict=True))
    failed = dict(zip(header, (cell.value for cell in sheet[5]), strict=True))
    assert header == list(COLUMNS)
    assert (first["face"], first["usable"], first["palsy_probability"]) == (0, True, 0.93)
    assert failed["palsy_probability"] is None
    assert failed["input"] == "broken.jpg"


def test_parquet_columns_are_typed_even_when_empty(rows, tmp_path):
    write_parquet(rows[3:], tmp_path / "summary.parquet")
    table = pq.read_table(tmp_path / "summary.parquet")
    assert table.schema.field("palsy_probability").type == pa.float64()
    assert table.schema.field("face").type == pa.int64()
    assert table.schema.field("usable").type == pa.bool_()
    assert table["severity"].null_count == 1


@pytest.mark.parametrize("name", list(WRITERS))
def test_a_summary_of_nothing_has_its_columns(name, tmp_path):
    WRITERS[name]([], tmp_path / f"summary.{name}")
    assert (tmp_path / f"summary.{name}").stat().st_size > 100


@pytest.mark.parametrize("name", list(WRITERS))
def test_an_unwritable_place_is_one_sentence(name, rows, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match="cannot be written"):
        WRITERS[name](rows, tmp_path / "file" / f"summary.{name}")

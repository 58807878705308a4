"""Batches as tables: one row a face, or an examination, as CSV, XLSX or Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from facialis.clinical.anatomy import Region
from facialis.errors import printable
from facialis.report.files import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from facialis.report.model import Assessment

Value = str | int | float | bool | None
SummaryRow = dict[str, Value]
Columns = Mapping[str, type]

COLUMNS: Final[Columns] = {
    "input": str,
    "face": int,
    "usable": bool,
    "reasons": str,
    "palsy_probability": float,
    "side": str,
    "brow": str,
    "eye": str,
    "mouth": str,
    "severity": float,
    "severity_low": float,
    "severity_high": float,
    "error": str,
    "side_computed": str,
    "side_confidence": float,
    "side_stated": str,
    "cautions": str,
    "brow_deviation": float,
    "eye_deviation": float,
    "mouth_deviation": float,
    "movement": str,
    "age": int,
    "yaw": float,
    "pitch": float,
    "roll": float,
    "interocular_px": float,
    "mm_per_px": float,
    "norm": str,
    "combined_probability": float,
    "combined_conclusion": str,
    "faces": int,
    "mirrored": bool,
    "sha256": str,
    "created": str,
}
"""The columns of a summary, in order, with what they hold."""

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_SHEET_NAME: Final = "Facialis"


@dataclass(frozen=True, slots=True)
class Failure:
    """An input, or one face of it, that could not be assessed.

    Attributes:
        input: The path as given or found.
        error: The sentence that says why.
        face: Number of the face, if it came to that.
    """

    input: str
    error: str
    face: int | None = None


def summary_row(outcome: Assessment | Failure) -> SummaryRow:
    """Return the row of a summary for one face, or for an input that failed."""
    row: SummaryRow = dict.fromkeys(COLUMNS)
    if isinstance(outcome, Failure):
        row |= {"input": printable(outcome.input), "face": outcome.face}
        return row | {"error": printable(outcome.error)}
    quality, face, made = outcome.quality, outcome.face, outcome.provenance
    row |= {
        "input": outcome.input.path,
        "face": face.index,
        "usable": quality.usable,
        "reasons": _codes(outcome, blocking=True),
        "cautions": _codes(outcome, blocking=False),
        "movement": outcome.stated.movement,
        "age": outcome.stated.age,
        "side_stated": outcome.stated.affected_side,
        "yaw": face.pose.yaw,
        "pitch": face.pose.pitch,
        "roll": face.pose.roll,
        "interocular_px": quality.interocular_px,
        "mm_per_px": outcome.measures.scale.mm_per_px,
        "norm": outcome.norms.condition,
        "faces": face.count,
        "mirrored": outcome.input.mirrored,
        "sha256": outcome.input.sha256,
        "created": made.created.isoformat(),
    }
    if outcome.combined is not None:
        row |= {
            "combined_probability": outcome.combined.palsy_probability,
            "combined_conclusion": outcome.combined.conclusion,
        }
    return {name: _plain(value) for name, value in (row | _verdict_columns(outcome)).items()}


def _verdict_columns(assessment: Assessment) -> SummaryRow:
    verdict = assessment.verdict
    if verdict is None or not assessment.quality.usable:
        return {}
    columns: SummaryRow = {
        "palsy_probability": verdict.palsy_probability,
        "side": verdict.side,
        "side_computed": verdict.side_computed,
        "side_confidence": verdict.side_confidence,
        "severity": verdict.severity.value,
        "severity_low": verdict.severity.low,
        "severity_high": verdict.severity.high,
    }
    for region in Region:
        finding = getattr(verdict.regions, region.value)
        columns[region.value] = finding.intensity
        columns[f"{region.value}_deviation"] = finding.deviation
    return columns


def _codes(assessment: Assessment, *, blocking: bool) -> str | None:
    codes = [
        f"{reason.code}:{reason.region}" if reason.region else reason.code.value
        for reason in assessment.quality.reasons
        if reason.blocks is blocking
    ]
    return "; ".join(codes) or None


def _plain(value: Value) -> Value:
    return str(value) if isinstance(value, str) else value


def write_csv(rows: Sequence[SummaryRow], path: Path, columns: Columns = COLUMNS) -> None:
    """Write rows as CSV (UTF-8); an absent value is an empty field.

    Raises:
        OutputError: The file cannot be written.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _csv_field(row[name]) for name in columns})
    replace_file(path, text.getvalue().encode())


def write_xlsx(rows: Sequence[SummaryRow], path: Path, columns: Columns = COLUMNS) -> None:
    """Write rows as an Excel workbook with typed cells.

    Raises:
        OutputError: The file cannot be written.
    """
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415
    from openpyxl.utils import get_column_letter  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = _SHEET_NAME
    sheet.append(list(columns))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in rows:
        sheet.append([_guarded(row[name]) for name in columns])
    for number, name in enumerate(columns, start=1):
        longest = max((len(str(row[name])) for row in rows if row[name] is not None), default=0)
        width = min(max(len(name), longest) + 2, 48)
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    data = io.BytesIO()
    book.save(data)
    replace_file(path, data.getvalue())


def write_parquet(rows: Sequence[SummaryRow], path: Path, columns: Columns = COLUMNS) -> None:
    """Write rows as Parquet with typed, nullable columns.

    Raises:
        OutputError: The file cannot be written.
    """
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    types: dict[type, Any] = {
        str: pa.string(),
        int: pa.int64(),
        float: pa.float64(),
        bool: pa.bool_(),
    }
    schema = pa.schema([(name, types[kind]) for name, kind in columns.items()])
    table = pa.Table.from_pylist(list(rows), schema=schema)
    data = io.BytesIO()
    parquet.write_table(table, data)
    replace_file(path, data.getvalue())


WRITERS: Final = {"csv": write_csv, "xlsx": write_xlsx, "parquet": write_parquet}
"""The writer of each format of a summary; the file is ``summary.<format>``."""


def _csv_field(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value)
    return str(_guarded(value))


def _guarded(value: Value) -> Value:
    """Return text so that no spreadsheet takes it for a formula: an apostrophe goes before it."""
    if isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value

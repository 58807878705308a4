"""Examinations as a table: one row each, as CSV, XLSX or Parquet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.clinical.scales import SUNNYBROOK_MOVEMENTS
from facialis.errors import printable
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.report.examination_forms import word_of
from facialis.report.table import WRITERS, Columns, Failure, SummaryRow, Value

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from facialis.report.examination import Examination

_HB_SIGNS: Final = ("forehead", "eye", "mouth", "rest", "synkinesis")
_SUNNYBROOK_ITEMS: Final = (
    *("resting_eye", "resting_cheek", "resting_mouth"),
    *(f"voluntary_{movement}" for movement in SUNNYBROOK_MOVEMENTS),
    *(f"synkinesis_{movement}" for movement in SUNNYBROOK_MOVEMENTS),
)

EXAMINATION_COLUMNS: Final[Columns] = {
    "input": str,
    "movements": str,
    "unusable": str,
    "side": str,
    "palsy_probability": float,
    "hb_grade": int,
    "hb_low": int,
    "hb_high": int,
    "sunnybrook": int,
    "sunnybrook_low": int,
    "sunnybrook_high": int,
    "auto_eface": float,
    "error": str,
    "side_computed": str,
    "side_confidence": float,
    "side_stated": str,
    "hb_gross": int,
    "hb_measured": int,
    "hb_points": int,
    **{f"hb_{sign}": str for sign in _HB_SIGNS},
    "sunnybrook_resting": int,
    "sunnybrook_voluntary": int,
    "sunnybrook_synkinesis": int,
    **{f"sunnybrook_{name}": int for name in _SUNNYBROOK_ITEMS},
    "eface_static": float,
    "eface_dynamic": float,
    "eface_synkinesis": float,
    "lagophthalmos_right_mm": float,
    "lagophthalmos_left_mm": float,
    "lagophthalmos_in": str,
    "blinks": int,
    "fusion_probability": float,
    "fusion_conclusion": str,
    "fusion_levels": str,
    "fusion_grades": str,
    "missing": str,
    "notes": str,
    "age": int,
    "onset": str,
    "mirrored": bool,
    "sha256": str,
    "created": str,
}
"""The columns of a table of examinations, in order, with what they hold."""


def examination_row(outcome: Examination | Failure) -> SummaryRow:
    """Return the row of one examination, or of an input that failed."""
    row: SummaryRow = dict.fromkeys(EXAMINATION_COLUMNS)
    if isinstance(outcome, Failure):
        return row | {"input": printable(outcome.input), "error": printable(outcome.error)}
    sources, stated, record = outcome.sources, outcome.stated, outcome.examination
    used = [m.movement for m in record.movements if m.assessment is not None]
    unused = [m.movement for m in record.movements if m.assessment is None]
    row |= {
        "input": _joined(source.path for source in sources),
        "movements": _joined(used),
        "unusable": _joined(unused),
        "side_stated": stated.affected_side,
        "blinks": None if record.blinks is None else record.blinks.count,
        "notes": _joined(outcome.notes),
        "age": stated.age,
        "onset": None if stated.onset is None else stated.onset.isoformat(),
        "mirrored": any(m.assessment.input.mirrored for m in record.movements if m.assessment),
        "sha256": _joined(source.sha256 for source in sources),
        "created": outcome.provenance.created.isoformat(),
    }
    if record.lagophthalmos_mm is not None:
        right, left = record.lagophthalmos_mm
        row |= {"lagophthalmos_right_mm": right, "lagophthalmos_left_mm": left}
        row["lagophthalmos_in"] = record.lagophthalmos_in
    row |= _verdict_columns(outcome) | _scale_columns(outcome) | _fusion_columns(outcome)
    return {name: str(v) if isinstance(v, str) else v for name, v in row.items()}


def write_examination_tables(
    rows: Sequence[SummaryRow], directory: Path, formats: Collection[str]
) -> dict[str, Path]:
    """Write ``examinations.csv``, ``examinations.xlsx`` and ``examinations.parquet`` as asked for.

    Args:
        rows: Of `examination_row`.
        directory: Where to write; it exists.
        formats: Any of ``csv``, ``xlsx`` and ``parquet``; what is no table is left out.

    Returns:
        The files by format.

    Raises:
        OutputError: A file cannot be written.
    """
    written: dict[str, Path] = {}
    for name, write in WRITERS.items():
        if name in formats:
            written[name] = directory / f"examinations.{name}"
            write(rows, written[name], EXAMINATION_COLUMNS)
    return written


def _verdict_columns(examination: Examination) -> SummaryRow:
    verdict = examination.verdict
    if verdict is None:
        return {}
    return {
        "side": verdict.side,
        "palsy_probability": verdict.palsy_probability,
        "side_computed": verdict.side_computed,
        "side_confidence": verdict.side_confidence,
    }


def _fusion_columns(examination: Examination) -> SummaryRow:
    answer = examination.methods.get(TOGETHER)
    if answer is None:
        return {}
    return {
        "fusion_probability": answer.palsy_probability,
        "fusion_conclusion": answer.conclusion,
        "fusion_levels": _joined(answer.levels),
        "fusion_grades": _joined(answer.grades),
    }


def _scale_columns(examination: Examination) -> SummaryRow:
    record = examination.examination
    hb, form, eface = record.house_brackmann, record.sunnybrook, record.eface
    hb_low, hb_high = hb.interval or (None, None)
    low, high = form.interval or (None, None)
    missing = dict.fromkeys((*hb.missing, *form.missing, *eface.missing))
    return {
        "hb_grade": hb.grade,
        "hb_low": hb_low,
        "hb_high": hb_high,
        "hb_gross": hb.gross,
        "hb_measured": hb.measured,
        "hb_points": hb.points,
        **{f"hb_{item.name}": word_of(item) or None for item in hb.items if item.name in _HB_SIGNS},
        "sunnybrook": form.composite,
        "sunnybrook_low": low,
        "sunnybrook_high": high,
        "sunnybrook_resting": form.resting,
        "sunnybrook_voluntary": form.voluntary,
        "sunnybrook_synkinesis": form.synkinesis,
        **{
            f"sunnybrook_{item.name}": None if item.value is None else round(item.value)
            for item in form.items
            if item.name in _SUNNYBROOK_ITEMS
        },
        "auto_eface": eface.auto,
        "eface_static": eface.static,
        "eface_dynamic": eface.dynamic,
        "eface_synkinesis": eface.synkinesis,
        "missing": _joined(missing),
    }


def _joined(parts: Iterable[str]) -> Value:
    return "; ".join(parts) or None

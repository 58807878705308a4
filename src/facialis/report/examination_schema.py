"""The published form of an examination."""

from __future__ import annotations

from typing import Any

from facialis.report.examination import EXAMINATION_SCHEMA_VERSION, Examination
from facialis.report.schema import published_schema


def examination_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every written examination follows."""
    return published_schema(
        Examination,
        name="examination",
        version=EXAMINATION_SCHEMA_VERSION,
        title="Facialis examination of one patient by photographs or video",
    )

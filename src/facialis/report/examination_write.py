"""Write the reports of an examination."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from facialis.report.examination import Examination


def write_examination(
    examination: Examination, directory: Path, formats: Collection[str]
) -> dict[str, Path]:
    """Write an examination in the formats asked for; see `Examination.report`."""
    raise NotImplementedError

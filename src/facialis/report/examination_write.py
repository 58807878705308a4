"""Writing the reports of one examination, each file whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.errors import InputError
from facialis.report.examination_content import examination_content
from facialis.report.examination_html import render_examination_html
from facialis.report.examination_pdf import render_examination_pdf
from facialis.report.examination_pictures import movement_pictures
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from facialis.report.examination import Examination

FILE_NAMES: Final = {
    "json": "assessment.json",
    "html": "report.html",
    "pdf": "report.pdf",
}


def write_examination(
    examination: Examination, directory: Path, formats: Collection[str] = tuple(FILE_NAMES)
) -> dict[str, Path]:
    """Write the reports of one examination into a directory.

    A file that is already there is replaced only by a whole new one.

    Args:
        examination: What to report.
        directory: Where to write; made if missing.
        formats: Any of ``json``, ``html`` and ``pdf``.

    Returns:
        The files by format.

    Raises:
        InputError: A format is unknown.
        OutputError: The directory or a file cannot be written.
    """
    unknown = sorted(set(formats) - set(FILE_NAMES))
    if unknown:
        raise InputError(
            unknown[0], "not a format of an examination", f"choose from {', '.join(FILE_NAMES)}"
        )
    contents: dict[str, bytes] = {}
    if "json" in formats:
        contents["json"] = examination.to_json().encode()
    if {"html", "pdf"} & set(formats):
        told = examination_content(examination)
        pictures = movement_pictures(examination)
        if "html" in formats:
            contents["html"] = render_examination_html(told, pictures).encode()
        if "pdf" in formats:
            created = examination.provenance.created
            contents["pdf"] = render_examination_pdf(told, pictures, created)
    make_directory(directory)
    written: dict[str, Path] = {}
    for name, data in contents.items():
        written[name] = directory / FILE_NAMES[name]
        replace_file(written[name], data)
    return written

"""Writing the reports of one assessment, each file whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.errors import InputError
from facialis.report.content import content_of
from facialis.report.files import make_directory, replace_file
from facialis.report.html import render_html
from facialis.report.pdf import render_pdf
from facialis.report.pictures import draw_pictures, png

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from facialis.report.model import Assessment

FORMATS: Final = ("json", "html", "pdf")
FILE_NAMES: Final = {
    "json": "assessment.json",
    "html": "report.html",
    "pdf": "report.pdf",
    "overlay": "overlay.png",
}


def write_reports(
    assessment: Assessment, directory: Path, formats: Collection[str] = FORMATS
) -> dict[str, Path]:
    """Write the reports of one assessment, and ``overlay.png``, into a directory.

    A file that is already there is replaced only by a whole new one.

    Args:
        assessment: What to report.
        directory: Where to write; made if missing.
        formats: Any of `FORMATS`.

    Returns:
        The files by format; the picture is under ``overlay``.

    Raises:
        InputError: A format is unknown.
        OutputError: The directory or a file cannot be written.
    """
    unknown = sorted(set(formats) - set(FORMATS))
    if unknown:
        raise InputError(
            unknown[0], "not a format of a single report", f"choose from {', '.join(FORMATS)}"
        )
    told = content_of(assessment)
    pictures = draw_pictures(assessment)
    contents = {"overlay": png(pictures.overlay.pixels)}
    if "json" in formats:
        contents["json"] = assessment.to_json().encode()
    if "html" in formats:
        contents["html"] = render_html(told, pictures).encode()
    if "pdf" in formats:
        contents["pdf"] = render_pdf(told, pictures, assessment.provenance.created)
    make_directory(directory)
    written: dict[str, Path] = {}
    for name in (*FORMATS, "overlay"):
        if name in contents:
            written[name] = directory / FILE_NAMES[name]
            replace_file(written[name], contents[name])
    return written

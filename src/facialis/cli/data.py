"""`facialis data`: collections of faces on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from facialis.cli.control import control
from facialis.cli.environment import load_native_libraries
from facialis.cli.frame import frame
from facialis.cli.prepare import prepare
from facialis.cli.refine import refine
from facialis.errors import InputError, printable
from facialis.progress import progress_bar

if TYPE_CHECKING:
    from facialis.datasets.inspection import Inspection

app = typer.Typer(
    help="Look at collections of faces, prepare them as the papers do, and frame the faces.",
    rich_markup_mode=None,
)

YFP_DESCRIPTIONS: Final = (
    ("paper 000", "32", "22", "18,000 and 840 images"),
    ("paper 002", "32", "21", "not given"),
    ("paper 003", "not given", "26", "5,088 sequences of 4 images"),
    ("paper 004", "31", "21", "not given"),
    ("its authors", "32", "21", "not given"),
)
"""Who describes YFP, and how many recordings, patients and images they count (METHODS 6.1, DX-1).

Paper 001 does not use it. The 26 of paper 003 is no number of people.
"""

Directory = Annotated[str, typer.Argument(metavar="DIR", help="The folder, or a CSV table.")]
KindName = Annotated[
    str | None,
    typer.Option(
        "--kind",
        metavar="KIND",
        help="What it is, if its layout does not tell; a wrong word lists those that can be read.",
    ),
]
Subjects = Annotated[
    str | None,
    typer.Option(
        "--subjects",
        metavar="FILE",
        help="For YFP: CSV table 'folder,subject' of who is shown in which folder.",
    ),
]
Grades = Annotated[
    str | None,
    typer.Option(
        "--grades",
        metavar="FILE",
        help="For YFP: CSV table 'subject,grade' of House-Brackmann grades that you have.",
    ),
]


@app.callback()
def _data() -> None:
    """Keep ``inspect`` a command of its own."""


@app.command()
def inspect(
    *,
    directory: Directory,
    kind: KindName = None,
    subjects: Subjects = None,
    grades: Grades = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print everything as one JSON object.")
    ] = False,
) -> None:
    """Report what a collection holds, what it lacks, and what is in it twice.

    Every picture is opened. Nothing is changed and nothing is written.
    """
    load_native_libraries()

    from facialis.datasets.collections import KINDS, kind_of, open_collection
    from facialis.datasets.inspection import inspect as inspected

    place = Path(directory)
    known = kind_of(place) if kind is None else kind
    tables = {"subjects": subjects, "grades": grades}
    options = {name: Path(file) for name, file in tables.items() if file is not None}
    collection = open_collection(place, known, **options)
    with progress_bar("Opening files") as bar:
        found = inspected(collection, bar.move_to)
    if not found.samples:
        remedy = "name the folder that holds them, or another kind"
        raise InputError(printable(directory), f"holds nothing that reads as {known}", remedy)
    if as_json:
        typer.echo(json.dumps(_record(known, found), indent=2))
        return
    typer.echo(f"{printable(directory)}: {KINDS[known].title} ({known})")
    for line in (*_contents(found), *_findings(found)):
        typer.echo(line)
    if known == "yfp":
        for line in _described(found):
            typer.echo(line)


app.command()(prepare)
app.command()(frame)
app.command()(refine)
app.command()(control)


def _record(kind: str, found: Inspection) -> dict[str, object]:
    findings = [
        {
            "kind": each.kind.name.lower(),
            "count": each.count,
            "examples": each.examples,
            "sentence": each.sentence,
        }
        for each in found.findings
    ]
    record = {"kind": kind, **asdict(found), "findings": findings}
    if kind == "yfp":
        names = ("source", "recordings", "patients", "images")
        record["described"] = [dict(zip(names, row, strict=True)) for row in YFP_DESCRIPTIONS]
    return record


def _contents(found: Inspection) -> Iterator[str]:
    yield f"  images          {found.images:,}"
    if found.recordings:
        yield f"  recordings      {found.recordings:,}"
    if found.samples != found.images + found.recordings:
        yield f"  faces           {found.samples:,}"
    yield f"  people          {found.subjects:,}{_spread(found.images_of_subject)}"
    if found.without_subject:
        yield f"  person unknown  {found.without_subject:,}"
    if found.videos:
        yield f"  taken from      {found.videos:,} recordings"
    for scale, values in found.labels.items():
        yield f"  label           {printable(scale)}: {_counted(values)}"
    if not found.labels:
        yield "  labels          none"
    for title, values in (
        ("movements", found.movements),
        ("affected side", found.sides),
        ("annotations", found.annotations),
    ):
        if values:
            yield f"  {title:<14}  {_counted(values)}"
    yield f"  augmented       {found.augmented:,} copies"
    yield (
        f"  look alike      {found.near_within:,} pairs of one person, "
        f"{found.near_across:,} of different or unknown people"
    )


def _findings(found: Inspection) -> Iterator[str]:
    yield "Findings:" if found.findings else "Findings: none."
    for each in found.findings:
        yield f"  {each.sentence}"


def _described(found: Inspection) -> Iterator[str]:
    yield "YFP as it is described, and as it lies here:"
    rows = [
        ("SOURCE", "RECORDINGS", "PATIENTS", "IMAGES"),
        *YFP_DESCRIPTIONS,
        ("here", f"{found.videos:,}", f"{found.subjects:,}", f"{found.images:,} images"),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  " + "  ".join(cells).rstrip()


def _counted(values: Mapping[str, int]) -> str:
    return ", ".join(f"{printable(value)} ({count:,})" for value, count in values.items())


def _spread(counts: Mapping[str, int]) -> str:
    if not counts:
        return ""
    least, most = min(counts.values()), max(counts.values())
    return f", {least:,} files each" if least == most else f", {least:,} to {most:,} files each"

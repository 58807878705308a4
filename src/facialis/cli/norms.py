"""`facialis norms`: tables of healthy faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facialis.cli import options
from facialis.cli.environment import load_native_libraries
from facialis.cli.options import CallError
from facialis.errors import printable
from facialis.progress import progress_bar

app = typer.Typer(
    help="Build a table of healthy faces to compare with.",
    rich_markup_mode=None,
)


@app.callback()
def _norms() -> None:
    """Keep ``build`` a command of its own, although it is the only one."""


@app.command()
def build(
    *,
    faces: Annotated[
        str,
        typer.Argument(
            metavar="FACES",
            help=(
                "Folder of photographs of healthy people, named <person>_neutral.jpg and "
                "<person>_smile.jpg; subjects.csv beside them may give their ages."
            ),
        ),
    ],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="The table to write.")],
    jobs: Annotated[
        str, typer.Option("--jobs", metavar="N", help="Photographs read at the same time.")
    ] = "2",
) -> None:
    """Build a table of healthy faces to compare with.

    Every photograph is read as it is, and again after the face in it was turned, so that the table
    knows how the landmarks of a healthy face change with the pose of the head.
    """
    processes = options.jobs(jobs)
    table = Path(out)
    if table.is_dir():
        raise CallError(f"{printable(out)}: is a folder; name the file to write with --out.")
    options.writable_folder(str(table.parent))
    load_native_libraries()

    from facialis.measures.norms_build import build_norms

    with progress_bar("Reading faces") as bar:
        norms = build_norms(Path(faces), table, jobs=processes, progress=bar.move_to)
    youngest, oldest = norms.age_range
    typer.echo(f"Wrote {printable(out)}: {norms.people} people, {youngest} to {oldest} years old.")

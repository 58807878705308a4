"""`facialis norms`: tables of healthy faces."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facialis.cli.environment import load_native_libraries
from facialis.errors import printable

app = typer.Typer(
    help="Build a table of healthy faces to compare with.",
    rich_markup_mode=None,
)


@app.callback()
def _norms() -> None:
    """Keep ``build`` a command of its own, although it is the only one."""


@app.command()
def build(
    faces: Annotated[
        str, typer.Argument(metavar="FACES", help="Folder of photographs of healthy people.")
    ],
    out: Annotated[str, typer.Option("--out", metavar="FILE", help="The table to write.")],
) -> None:
    """Build a norm table from photographs of healthy people."""
    load_native_libraries()
    _ = (faces, out)

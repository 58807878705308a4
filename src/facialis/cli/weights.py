"""`facialis weights`: the model files on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facialis.errors import printable
from facialis.weights import store

app = typer.Typer(
    help="List, fetch and verify the model files and tables that Facialis works with.",
    rich_markup_mode=None,
)

_MEGABYTE = 1e6
Name = Annotated[str, typer.Argument(metavar="NAME", help="A name that 'weights list' shows.")]


@app.command(name="list")
def list_() -> None:
    """List every file: its name, whether it is here, version, size, licence and purpose."""
    rows = [("NAME", "HERE", "VERSION", "MB", "LICENCE", "ORIGIN", "PURPOSE")]
    for listing in store.list_weights():
        entry = listing.weights
        size = f"{entry.size / _MEGABYTE:.2f}"
        here = "yes" if listing.present else "no"
        told = (entry.version, size, entry.licence, str(entry.origin))
        if listing.is_own and listing.path is not None:
            size = f"{listing.path.stat().st_size / _MEGABYTE:.2f}"
            told = ("your own", size, "not stated", "your own")
        rows.append((entry.name, here, *told, entry.purpose))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


@app.command()
def get(
    name: Name,
    url: Annotated[
        str | None,
        typer.Option("--url", metavar="URL", help="Download from here instead (a mirror)."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--from", metavar="FILE", help="Copy this file instead of downloading."),
    ] = None,
) -> None:
    """Fetch a file, verify it, and print where it lies."""
    path = store.get(name, url=url, source=None if source is None else Path(source))
    typer.echo(printable(path))


@app.command()
def verify(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A name that 'weights list' shows, or all.")
    ] = "all",
) -> int:
    """Compare files with the sha256 of the catalogue; exit 1 if one that is here is damaged.

    A file that is only downloaded on request may be absent, unless it is named.
    """
    status = 0
    for found in store.verify(name):
        is_optional = name == "all" and found.weights.url is not None
        is_bad = found.state is store.State.DAMAGED or (
            found.state is store.State.ABSENT and not is_optional
        )
        if is_bad:
            status = 1
        typer.echo(f"{found.state:<8}{found.message}", err=is_bad)
    return status


@app.command()
def path(name: Name) -> None:
    """Print where the file lies that is used: one of your own, if there is one."""
    shipped = store.path(name)
    typer.echo(printable(store.own_file(name) or shipped))

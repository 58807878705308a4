"""`facialis compare`: the printed figures of the five papers and ours on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facialis.errors import printable

Results = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[RESULTS]...",
        help="Folders that 'evaluate' wrote, or files; if none, what comes with Facialis.",
    ),
]
Out = Annotated[str, typer.Option("--out", metavar="DIR", help="The folder for the page.")]


Against = Annotated[
    str,
    typer.Option(
        "--against",
        metavar="TITLE",
        help="A result; others of the same rows and splits get their paired difference from it. "
        "Whole methods have theirs without.",
    ),
]


def compare(*, results: Results = None, out: Out, against: Against = "") -> None:
    """Put every printed figure of the five papers beside ours, as Markdown and HTML.

    Each figure has its data and its split. Rows whose data differ say 'not comparable', and
    experiments that nobody ran say 'not run'.
    """
    from facialis.evaluation.compare import write_comparison
    from facialis.evaluation.result import read_results, shipped_results

    found = read_results(results) if results else shipped_results()
    files = write_comparison(Path(out), found, against)
    typer.echo(f"{len(found)} results of ours; the page is in:")
    for file in files:
        typer.echo(printable(file))

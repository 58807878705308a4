"""`facialis data refine`: framed faces with landmarks that a second look put right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from facialis.cli.environment import load_native_libraries
from facialis.errors import printable
from facialis.progress import progress_bar


def refine(
    *,
    source: Annotated[
        str,
        typer.Argument(metavar="MANIFEST", help="The folder of a manifest of framed faces."),
    ],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="The folder to write to.")],
    by: Annotated[
        str,
        typer.Option(
            "--by",
            metavar="DIR",
            help="Networks of 'facialis train landmarks' instead of the one that comes with "
            "Facialis; people of its --folds get the one that has not learned from them.",
        ),
    ] = "",
) -> None:
    """Refine the landmarks of framed faces, for the methods that read them to learn from.

    Called again after an interruption, it goes on where it was.
    """
    load_native_libraries()

    from facialis.datasets.refined import read_refiners, refine_manifest, shipped_refiner

    refiners = read_refiners(Path(by)) if by else shipped_refiner()
    with progress_bar("Refining pictures") as bar:
        manifest = refine_manifest(Path(source), Path(out), refiners, progress=bar.move_to)
    typer.echo(f"Wrote {printable(out)}: {len(manifest.rows):,} pictures.")
    typer.echo(f"  digest    {manifest.digest}")

"""`facialis data frame`: a manifest of framed faces."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facialis.cli.environment import load_native_libraries
from facialis.errors import printable
from facialis.progress import progress_bar

if TYPE_CHECKING:
    from facialis.datasets.manifest import Manifest


def frame(
    *,
    source: Annotated[
        str, typer.Argument(metavar="MANIFEST", help="The folder that holds the manifest.")
    ],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="The folder to write to.")],
    size: Annotated[int, typer.Option("--size", help="Width and height of the pictures.")] = 256,
    quality: Annotated[int, typer.Option("--quality", help="Of the pictures, 1 to 100.")] = 85,
    placed: Annotated[
        bool,
        typer.Option("--placed", help="Keep where a simulation put the landmarks, to learn from."),
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Processes.")] = 2,
) -> None:
    """Cut the face out of each picture of a manifest, as methods see it.

    Labels, masks, depth and landmarks go with it. Pictures in which no face is found are left out
    and counted. Called again after an interruption, it goes on where it was.
    """
    load_native_libraries()

    from facialis.datasets.framed import Framing, frame_manifest

    with progress_bar("Framing people") as bar:
        manifest = frame_manifest(
            Path(source), Path(out), Framing(size, quality, placed), jobs=jobs, progress=bar.move_to
        )
    people = len({row.subject for row in manifest.rows})
    typer.echo(f"Wrote {printable(out)}: {len(manifest.rows):,} pictures of {people:,} people.")
    typer.echo(f"  digest    {manifest.digest}")
    for line in _left_out(manifest):
        typer.echo(line)


def _left_out(manifest: Manifest) -> list[str]:
    made: Any = manifest.made
    return [
        f"  left out  {sum(people.values()):,} {reason}: "
        + ", ".join(f"{printable(name)} ({count:,})" for name, count in people.items())
        for reason, people in made["left_out"].items()
    ]

"""`facialis data control`: what the collection of a picture gives away."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from facialis.cli.environment import load_native_libraries
from facialis.cli.options import chosen
from facialis.clinical.scales import Scale
from facialis.errors import printable
from facialis.progress import progress_bar

if TYPE_CHECKING:
    from facialis.evaluation.control import Told


def control(
    *,
    source: Annotated[
        str, typer.Argument(metavar="MANIFEST", help="The folder that holds the manifest.")
    ],
    scale: Annotated[
        str, typer.Option("--scale", metavar="SCALE", help="Of the label: palsy, level, ...")
    ] = Scale.PALSY.value,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the folds of people.")] = 0,
) -> None:
    """Measure what the collection of a picture gives away.

    Of data that mix collections: how well the nearest of all small pictures of other people tells
    the collection, and how well the collection alone tells the label. Where both are high, an
    accuracy on these data says little of palsy.
    """
    load_native_libraries()

    from facialis.datasets.framed_source import FramedSource
    from facialis.datasets.manifest_files import read_manifest
    from facialis.datasets.targets import CLASSES, Target
    from facialis.evaluation.control import SIDE, collection_control

    target = Target(Scale(chosen("--scale", scale, CLASSES)))
    manifest = read_manifest(source)
    root = Path(source) if manifest.root is None else manifest.root
    with progress_bar("Reading pictures") as bar:
        found = collection_control(
            manifest.rows,
            lambda row: FramedSource(root, row).picture(),
            target,
            name=source,
            seed=seed,
            progress=bar.move_to,
        )
    people = ", ".join(f"{name} {count:,}" for name, count in found.collections.items())
    typer.echo(f"{printable(source)}: {found.pictures:,} pictures; people: {people}")
    typer.echo(f"  collection told from {SIDE} x {SIDE} pixels  {_words(found.collection)}")
    if found.label is None:
        typer.echo(f"  the label '{scale}' has fewer than two classes")
        return
    typer.echo(f"  {scale} told from the collection alone  {_words(found.label)}")


def _words(told: Told) -> str:
    low, high = told.interval.low, told.interval.high
    return (
        f"{told.right:.3f} (95 % interval over people {low:.3f} to {high:.3f}); "
        f"always the commonest: {told.commonest:.3f}"
    )

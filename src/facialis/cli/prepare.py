"""`facialis data prepare`: the data of the five papers, as manifests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from facialis.cli.environment import load_native_libraries
from facialis.cli.options import CallError
from facialis.errors import printable
from facialis.progress import progress_bar

if TYPE_CHECKING:
    from facialis.datasets.manifest import Manifest
    from facialis.datasets.reading import Collection


def prepare(
    *,
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="paper000, paper001, paper002, paper003 or paper004."),
    ],
    sources: Annotated[
        list[str],
        typer.Option(
            "--from",
            metavar="[KIND=]DIR",
            help=(
                "A collection; give it again for each one. KIND says what it is, if its layout "
                "does not tell; a wrong word lists those that can be read."
            ),
        ),
    ],
    out: Annotated[str, typer.Option("--out", metavar="DIR", help="The folder for the manifest.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of every random draw.")] = 0,
    leaky: Annotated[
        bool,
        typer.Option(
            "--leaky",
            help="Split the pictures of paper002 at random, whoever is on them, as the paper did.",
        ),
    ] = False,
    subjects: Annotated[
        str | None,
        typer.Option(
            "--subjects", metavar="FILE", help="For YFP: CSV table 'folder,subject', who is where."
        ),
    ] = None,
    grades: Annotated[
        str | None,
        typer.Option(
            "--grades", metavar="FILE", help="For YFP: CSV table 'subject,grade' (House-Brackmann)."
        ),
    ] = None,
) -> None:
    """Make the manifest of a paper's data from collections on this machine.

    The manifest lists pictures where they lie, with their digests, labels and parts; frames of
    recordings, mapped masks and augmented copies are written beside it. What is left out is
    counted, with the reason. Called again after an interruption, it goes on where it was.
    """
    load_native_libraries()

    from facialis.datasets.prepare import prepare as prepared

    tables = {"subjects": subjects, "grades": grades}
    collections = _opened(sources, {key: Path(file) for key, file in tables.items() if file})
    with progress_bar("Preparing") as bar:
        manifest = prepared(
            name, collections, Path(out), seed=seed, leaky=leaky, progress=bar.move_to
        )
    typer.echo(f"Wrote {printable(out)}: {len(manifest.rows):,} pictures of {_people(manifest)}.")
    for line in _told(manifest):
        typer.echo(line)


def _opened(words: list[str], tables: dict[str, Path]) -> list[Collection]:
    """Open what ``--from`` names; a table goes to every collection that takes it."""
    from facialis.datasets.collections import KINDS, kind_of, open_collection

    collections = []
    unused = set(tables)
    for word in words:
        kind, separator, place = word.partition("=")
        if not separator or Path(word).exists():
            kind, place = kind_of(Path(word)), word
        takes = KINDS[kind].options if kind in KINDS else frozenset()
        mine: dict[str, Any] = {key: file for key, file in tables.items() if key in takes}
        collections.append(open_collection(place, kind, **mine))
        unused -= set(mine)
    if unused:
        raise CallError(
            f"--{min(unused)}: is for YFP, and no collection here is YFP; leave it out."
        )
    return collections


def _people(manifest: Manifest) -> str:
    count = len({row.subject for row in manifest.rows})
    return "1 person" if count == 1 else f"{count:,} people"


def _told(manifest: Manifest) -> Iterator[str]:
    made: Any = manifest.made
    yield f"  digest    {manifest.digest}"
    yield f"  protocol  {made['protocol']}"
    for reason, found in made["left_out"].items():
        yield f"  left out  {found['count']:,} {printable(reason)}: {_names(found)}"
    alike = made["alike_across_parts"]
    if alike["count"]:
        yield f"  look alike in different parts  {alike['count']:,}: {_names(alike)}"
    for note in made["notes"]:
        yield f"  note      {printable(note)}"
    for key, sentences in made["findings"].items():
        for sentence in sentences:
            yield f"  {printable(key)}  {printable(sentence)}"


def _names(found: dict[str, Any]) -> str:
    more = ", ..." if found["count"] > len(found["examples"]) else ""
    return ", ".join(map(printable, found["examples"])) + more

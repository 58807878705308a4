"""`facialis assess`: photographs in, reports and a summary out."""

from __future__ import annotations

from typing import Annotated

import typer

from facialis.cli import options
from facialis.cli.environment import load_native_libraries
from facialis.cli.options import Format


def assess(
    *,
    inputs: options.Inputs,
    out: Annotated[
        str, typer.Option("--out", metavar="DIR", help="Folder for the results; made if missing.")
    ],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="LIST",
            help=(
                f"What to write, with commas: {', '.join(Format)}. The record assessment.json and "
                "summary.csv are always written."
            ),
        ),
    ] = "json,html,pdf,csv",
    movement: options.MovementName = None,
    mirrored: options.Mirrored = False,
    affected_side: options.AffectedSideName = None,
    age: options.Age = None,
    mm_per_px: options.MmPerPx = None,
    face: options.Face = "0",
    frame: options.FrameName = "frontal",
    norms: options.Norms = None,
    jobs: Annotated[
        str, typer.Option("--jobs", metavar="N", help="Photographs assessed at the same time.")
    ] = "1",
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Skip what an earlier call with these options finished."),
    ] = False,
) -> int:
    """Assess photographs and write reports.

    Each photograph gets a folder in DIR named after it, with assessment.json, report.html,
    report.pdf and overlay.png; photographs of the same name get a part of their content's sha256
    appended, further faces of one photograph their number. DIR/summary.csv has one row a face.
    """
    settings = options.settings(
        movement=movement,
        mirrored=mirrored,
        affected_side=affected_side,
        age=age,
        mm_per_px=mm_per_px,
        face=face,
        frame=frame,
        norms=norms,
    )
    formats = options.formats(format_)
    processes = options.jobs(jobs)
    folder = options.writable_folder(out)
    load_native_libraries()

    from facialis.cli.run import run

    return run(inputs, folder, settings, formats, jobs=processes, resume=resume)

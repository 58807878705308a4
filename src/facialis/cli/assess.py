"""`facialis assess`: photographs in, reports and a summary out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from facialis.cli import options
from facialis.cli.environment import load_native_libraries
from facialis.cli.options import CallError, Format
from facialis.cli.outcome import INTERRUPTED, joined


def assess(
    *,
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT",
            help="Photographs, folders that are searched for photographs, or videos.",
        ),
    ],
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
    methods: options.Methods = "all",
    examination: Annotated[
        bool,
        typer.Option(
            "--examination",
            help=(
                "Each folder is one examination: files named <movement>_anything, or an "
                "examination.toml. A video is always one."
            ),
        ),
    ] = False,
    rules: Annotated[
        str | None,
        typer.Option(
            "--rules", metavar="FILE", help="Grade examinations by this table of rules of yours."
        ),
    ] = None,
    jobs: Annotated[
        str, typer.Option("--jobs", metavar="N", help="Photographs assessed at the same time.")
    ] = "1",
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Skip what an earlier call with these options finished."),
    ] = False,
) -> int:
    """Assess photographs, examinations and videos, and write reports.

    Each photograph gets a folder in DIR named after it, with assessment.json, report.html,
    report.pdf and overlay.png; photographs of the same name get a part of their content's sha256
    appended, further faces of one photograph their number. DIR/summary.csv has one row a face.

    An examination, or a video, gets a folder with House-Brackmann, Sunnybrook and eFACE scales and
    a row in DIR/examinations.csv.
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
        methods=methods,
    )
    formats = options.formats(format_)
    processes = options.jobs(jobs)
    from facialis.media.examination import MANIFEST_NAME, is_video

    whole = [i for i in inputs if examination or is_video(Path(i)) or Path(i).name == MANIFEST_NAME]
    single = [i for i in inputs if i not in whole]
    _check_use(whole, single, rules=rules, movement=movement)
    if whole and not single:
        _refuse_of_photographs(
            {"--face": face != "0", "--frame": frame != "frontal", "--resume": resume}
        )
    folder = options.writable_folder(out)
    load_native_libraries()

    from facialis.cli.examination import examine
    from facialis.cli.run import run

    if single and methods.strip().lower() != "all":
        _check_methods(settings.methods)
    states = []
    if whole:
        states.append(examine(whole, folder, settings, formats, rules=rules))
    if (single or not whole) and INTERRUPTED not in states:
        states.append(run(single, folder, settings, formats, jobs=processes, resume=resume))
    return joined(states)


def _check_use(
    whole: Sequence[str], single: Sequence[str], *, rules: str | None, movement: str | None
) -> None:
    """Refuse an option that nothing which is given would use."""
    if rules is not None and not whole:
        raise CallError(
            "--rules: grades examinations and videos only; add --examination, or leave it out."
        )
    if movement is not None and not single:
        raise CallError(
            "--movement: is of single photographs; files of an examination are named after their "
            "movements, and those of a video are found. Leave it out."
        )


def _refuse_of_photographs(given: Mapping[str, bool]) -> None:
    """Refuse options that only single photographs follow."""
    for name in (name for name, is_given in given.items() if is_given):
        raise CallError(
            f"{name}: is of single photographs; of each picture of an examination the largest face "
            "is measured, in the frontal frame, and all are read anew. Leave it out."
        )


def _check_methods(methods: Sequence[str]) -> None:
    """Refuse methods of which none answers for photographs, and say which do not."""
    from facialis.grading.method_answers import FACE_METHODS, chosen_face_methods

    chosen_face_methods(methods)
    left_out = [name for name in methods if name not in FACE_METHODS]
    if left_out and len(left_out) < len(methods):
        for name in left_out:
            typer.echo(
                f"facialis: {name} answers for no single photograph; left out. Give an examination "
                "or a video for it.",
                err=True,
            )

"""A call of `facialis assess` with examinations: folders of movements, and videos."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from facialis.cli.naming import LOG, TABLES, folder_names
from facialis.cli.options import Format, Settings
from facialis.cli.outcome import INTERRUPTED, Done, Failure, Outcome, attempt, logged, status_of
from facialis.clinical.anatomy import Movement
from facialis.errors import printable
from facialis.progress import progress_bar

if TYPE_CHECKING:
    from facialis.report.examination import Examination

_LOG = logging.getLogger(__name__)
_REPORTS = {Format.HTML: "html", Format.PDF: "pdf"}

Progress = Callable[[int, int], None]


def examine(
    inputs: Sequence[str],
    out: Path,
    settings: Settings,
    formats: frozenset[Format],
    *,
    rules: str | None,
) -> int:
    """Assess examinations, write a folder of reports for each, and return the exit status.

    Args:
        inputs: Folders (or their ``examination.toml``), and videos.
        out: Folder for the results, which exists.
        settings: What was asked for and stated.
        formats: What to write; the record and the table are always written.
        rules: File of the table of rules; None for the one that comes with Facialis.
    """
    from facialis.report.examination_table import examination_row, write_examination_tables

    names = folder_names(dict.fromkeys(inputs, ""))
    results: list[Outcome] = []
    paths = list(dict.fromkeys(inputs))
    for path in paths:

        def work(path: str = path, folder: Path = out / names[path]) -> list[dict[str, Any]]:
            with progress_bar(f"Examining {printable(Path(path).name)}") as bar:
                found = _examined(path, settings, rules, bar.move_to)
            found.report(folder, ["json", *(_REPORTS[f] for f in _REPORTS if f in formats)])
            _tell(path, found, settings.methods)
            return [examination_row(found)]

        try:
            outcome = attempt(path, work)
        except KeyboardInterrupt:
            break
        if isinstance(outcome, Failure):
            typer.echo(f"facialis: {outcome.error}", err=True)
            if outcome.trace is not None:
                with logged(out / LOG):
                    _LOG.error("%s\n%s", outcome.error, outcome.trace)
        results.append(outcome)
    rows = [row for each in results for row in _rows(each)]
    wanted = {str(f) for f in TABLES if f in {Format.CSV, *formats}}
    write_examination_tables(rows, out, wanted)
    if len(results) < len(paths):
        typer.echo(
            f"facialis: interrupted; {len(results)} of {len(paths)} are finished and in the table; "
            f"give the call again with the others, {printable(paths[len(results)])} first.",
            err=True,
        )
        return INTERRUPTED
    return status_of(results)


def _rows(outcome: Outcome) -> list[dict[str, Any]]:
    from facialis.report.examination_table import examination_row
    from facialis.report.table import Failure as Failed

    if isinstance(outcome, Done):
        return list(outcome.faces)
    return [examination_row(Failed(outcome.path, outcome.error))]


def _examined(path: str, settings: Settings, rules: str | None, progress: Progress) -> Examination:
    from facialis.assess_examination import assess_examination

    return assess_examination(
        path,
        affected_side=settings.affected_side,
        age=settings.age,
        mm_per_px=settings.mm_per_px,
        mirrored=settings.mirrored,
        norms=settings.norms,
        rules=rules,
        methods=settings.methods,
        progress=progress,
    )


def _tell(path: str, found: Examination, asked: Sequence[str]) -> None:
    for note in found.notes:
        own = f"{printable(Path(path).name)}: "
        typer.echo(f"facialis: {printable(path)}: {note.removeprefix(own)}", err=True)
    if asked and not found.methods:
        typer.echo(
            f"facialis: {printable(path)}: no method answered of {', '.join(asked)}; those that "
            "look at sequences need a video, those that show parts of the face a single "
            "photograph, the others a movement that can be judged.",
            err=True,
        )
    record = found.examination
    words = [f"House-Brackmann {record.house_brackmann.grade or 'not measured'}"]
    composite = record.sunnybrook.composite
    words.append(f"Sunnybrook {'not measured' if composite is None else composite}")
    if found.verdict is not None:
        words.insert(0, f"affected side {found.verdict.side}")
    judged = [
        m
        for m in record.movements
        if m.movement is not Movement.REST and m.assessment and m.assessment.verdict
    ]
    plural = "" if len(judged) == 1 else "s"
    typer.echo(f"{printable(path)}: {len(judged)} movement{plural} judged, {', '.join(words)}.")
    conflict = _conflict(found)
    if conflict:
        typer.echo(f"facialis: {printable(path)}: {conflict}", err=True)
    for each in record.movements:
        if each.problem and not each.is_mirrored:
            typer.echo(f"facialis: {printable(path)}: {each.movement}: {each.problem}", err=True)


def _conflict(found: Examination) -> str:
    """Return a sentence if the stated side is not what the examination shows, or nothing."""
    from facialis.report.sides import side_words

    if found.verdict is None:
        return ""
    said = found.verdict
    return side_words(
        said.side,
        said.side_computed,
        said.side_confidence,
        found.stated.affected_side,
        source="examination",
    ).conflict

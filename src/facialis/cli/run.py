"""A whole call of `facialis assess`, from the inputs to the summary."""

from __future__ import annotations

import logging
import shutil
import signal
import tempfile
import time
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import typer

from facialis.cli.batch import outcomes
from facialis.cli.inputs import find
from facialis.cli.naming import LOG, TABLES, folder_names
from facialis.cli.options import Format, Settings
from facialis.cli.outcome import INTERRUPTED, Done, Failure, Outcome, Row, logged, status_of
from facialis.cli.photograph import Task, finished, norm_table
from facialis.errors import counted, printable
from facialis.progress import Bar, progress_bar
from facialis.report import table

_LOG = logging.getLogger(__name__)
_SCRATCH: Final = ".partial-"
_LEFT_BEHIND_AFTER: Final = 3600.0
"""Seconds without a new file; a call at work makes one with every photograph."""


def run(
    inputs: Sequence[str],
    out: Path,
    settings: Settings,
    formats: frozenset[Format],
    *,
    jobs: int,
    resume: bool,
) -> int:
    """Assess the photographs that the inputs name, write the summary and return the exit status.

    Args:
        inputs: Files and folders.
        out: Folder for the results, which exists.
        settings: What was asked for and stated.
        formats: What to write.
        jobs: Number of processes.
        resume: Whether to skip what an earlier call finished.

    Raises:
        OutputError: The summary cannot be written.
        WeightsError: The table of healthy faces cannot be read.
    """
    norms = norm_table(settings)
    photographs, failures = find(inputs, out=out)
    names = folder_names({each.path: each.sha256 for each in photographs})
    results: dict[str, Outcome] = {}
    interrupted = False
    _clear_leftovers(out)
    with logged(out / LOG), progress_bar("Assessing", len(photographs)) as bar:
        for failure in failures:
            bar.say(failure.error)
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=out) as scratch:
            tasks = [
                Task(each, names[each.path], out, Path(scratch), settings, norms.sha256, formats)
                for each in photographs
            ]
            try:
                for outcome in _resumed(tasks, jobs, resume=resume):
                    results[outcome.path] = outcome
                    bar.move_to(len(results), len(tasks))
                    _note(bar, outcome)
            except KeyboardInterrupt:
                interrupted = True
                results |= _finished_unseen(tasks, results)
    done = [results[each.path] for each in photographs if each.path in results]
    with _uninterrupted():
        _write_summary([*done, *failures], out, formats)
    _report([*done, *failures], out, len(photographs) if interrupted else None)
    if settings.face == 0:
        _tell_of_others([each for each in done if isinstance(each, Done)])
    return INTERRUPTED if interrupted else status_of([*done, *failures])


def _clear_leftovers(out: Path) -> None:
    """Remove what calls that were killed left behind; what is younger may be in use."""
    for folder in out.glob(f"{_SCRATCH}*"):
        with suppress(FileNotFoundError):  # a call that ends meanwhile takes its own away
            if time.time() - folder.stat().st_mtime > _LEFT_BEHIND_AFTER:
                shutil.rmtree(folder, ignore_errors=True)


def _resumed(tasks: Sequence[Task], jobs: int, *, resume: bool) -> Iterator[Outcome]:
    waiting = []
    for task in tasks:
        done = finished(task) if resume else None
        if done is None:
            waiting.append(task)
        else:
            yield replace(done, before=True)
    yield from outcomes(waiting, jobs)


def _note(bar: Bar, outcome: Outcome) -> None:
    if isinstance(outcome, Failure):
        bar.say(outcome.error)
        if outcome.trace is not None:
            _LOG.error("%s\n%s", outcome.error, outcome.trace)


def _finished_unseen(tasks: Sequence[Task], seen: Container[str]) -> dict[str, Outcome]:
    """Return what was finished in the moment of an interruption, or before this call."""
    unseen = [task for task in tasks if task.photograph.path not in seen]
    return {each.path: each for each in map(finished, unseen) if each is not None}


def _report(results: Sequence[Outcome], out: Path, interrupted_of: int | None) -> None:
    done = [each for each in results if isinstance(each, Done)]
    faces = [face for each in done for face in each.faces]
    unjudged = sum(not face["usable"] for face in faces)
    words = f"Assessed {counted(len(faces), 'face')} in {counted(len(done), 'photograph')}"
    if unjudged:
        words += f", of which {unjudged} cannot be judged"
    before = sum(each.before for each in done)
    if before:
        words += f"; {counted(before, 'photograph')} by an earlier call"
    failed = len(results) - len(done)
    if failed:
        words += f"; {counted(failed, 'input')} failed"
    typer.echo(f"{words}. Summary: {printable(out / TABLES[Format.CSV])}")
    if interrupted_of is not None:
        typer.echo(
            f"facialis: interrupted; {len(done)} of {counted(interrupted_of, 'photograph')} are "
            "finished; give the same call with --resume for the others.",
            err=True,
        )


def _tell_of_others(results: Sequence[Done]) -> None:
    """Say that photographs show more faces than the one that was assessed."""
    several = [each.path for each in results if any(face["faces"] > 1 for face in each.faces)]
    if several:
        typer.echo(
            f"facialis: {counted(len(several), 'photograph')} with more faces than were assessed "
            f"({printable(several[0])} for one): see whether it is the patient's; --face all "
            "assesses each.",
            err=True,
        )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let a second Ctrl-C not spoil the summary."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write_summary(results: Sequence[Outcome], out: Path, formats: frozenset[Format]) -> None:
    rows: list[Row] = []
    for result in results:
        if isinstance(result, Done):
            rows += result.faces
        else:
            rows.append(table.summary_row(table.Failure(result.path, result.error)))
    for form, name in TABLES.items():
        if form in {Format.CSV, *formats}:
            table.WRITERS[form](rows, out / name)

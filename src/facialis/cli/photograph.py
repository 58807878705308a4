"""One photograph from file to finished folders; what a worker process does."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import facialis
from facialis.cli.inputs import Photograph
from facialis.cli.naming import OVERLAY, RECORD, REPORTS, face_folder
from facialis.cli.options import Format, Settings
from facialis.cli.outcome import Done, Outcome, Row, attempt
from facialis.errors import FacialisError, OutputError, printable
from facialis.grading.method_answers import FACE_METHODS
from facialis.measures.norms import NormTable, default_norms, read_norms
from facialis.report.model import Assessment
from facialis.report.table import summary_row


@dataclass(frozen=True, slots=True)
class Task:
    """One photograph, what was asked, and where its results go.

    Attributes:
        photograph: The file.
        name: Name of its result folder.
        out: The folder that holds all results.
        scratch: A folder on the same drive, for files that are not whole yet.
        settings: What was asked for and stated.
        norms_sha256: Digest of the table of healthy faces.
        formats: What to write beside the record.
    """

    photograph: Photograph
    name: str
    out: Path
    scratch: Path
    settings: Settings
    norms_sha256: str
    formats: frozenset[Format]


def assess_photograph(task: Task) -> Outcome:
    """Assess a photograph and write its folders; whatever happens comes back as a value."""
    path = task.photograph.path
    return attempt(path, lambda: [_written(task, a) for a in assessments(path, task.settings)])


def _row(task: Task, assessment: Assessment) -> Row:
    return summary_row(assessment) | {"input": printable(task.photograph.path)}


def assessments(path: str, settings: Settings) -> Sequence[Assessment]:
    """Return the assessment of every face asked for.

    Raises:
        FacialisError: The photograph cannot be assessed.
    """
    if settings.face is None:
        return facialis.assess_all(
            path,
            movement=settings.movement,
            mirrored=settings.mirrored,
            affected_side=settings.affected_side,
            age=settings.age,
            mm_per_px=settings.mm_per_px,
            frame=settings.frame,
            norms=settings.norms,
            methods=settings.methods,
        )
    one = facialis.assess(
        path,
        movement=settings.movement,
        mirrored=settings.mirrored,
        affected_side=settings.affected_side,
        age=settings.age,
        mm_per_px=settings.mm_per_px,
        face=settings.face,
        frame=settings.frame,
        norms=settings.norms,
        methods=settings.methods,
    )
    return (one,)


def norm_table(settings: Settings) -> NormTable:
    """Return the table of healthy faces that photographs are compared with.

    Raises:
        WeightsError: It cannot be read.
    """
    return default_norms() if settings.norms is None else read_norms(Path(settings.norms))


def finished(task: Task) -> Done | None:
    """Return what an earlier call finished of a task, or None if any of it has to be done again.

    Finished means: by this version, from the same bytes, with the same settings, every file there.
    """
    wanted = task.settings.face
    first = _finished_face(task, wanted or 0)
    if first is None:
        return None
    others = range(1, first.face.count) if wanted is None else range(0)
    found = [first, *(_finished_face(task, number) for number in others)]
    complete = tuple(each for each in found if each is not None)
    if len(complete) < len(found):
        return None
    return Done(task.photograph.path, tuple(_row(task, each) for each in complete))


def _finished_face(task: Task, number: int) -> Assessment | None:
    folder = _folder(task, number)
    if not all((folder / name).is_file() for name in _file_names(task.formats)):
        return None
    try:
        found = Assessment.from_json((folder / RECORD).read_bytes())
    except (OSError, FacialisError):
        return None
    settings = task.settings
    stated = found.stated
    is_same = (
        found.input.sha256 == task.photograph.sha256
        and found.face.index == number
        and found.face.others_sought == (settings.face != 0)
        and found.input.mirrored == settings.mirrored
        and found.measures.frame == settings.frame
        and found.norms.sha256 == task.norms_sha256
        and tuple(found.methods) == tuple(m for m in settings.methods if m in FACE_METHODS)
        and found.provenance.versions.get("facialis") == facialis.__version__
        and (stated.movement, stated.affected_side, stated.age, stated.mm_per_px)
        == (settings.movement, settings.affected_side, settings.age, settings.mm_per_px)
    )
    return found if is_same else None


def _folder(task: Task, number: int) -> Path:
    return task.out / face_folder(task.name, number, of_all=task.settings.face is None)


def _file_names(formats: frozenset[Format]) -> tuple[str, ...]:
    """Return the files of a finished folder, the record last."""
    reports = tuple(name for form, name in REPORTS.items() if form in formats)
    return (*((OVERLAY,) if reports else ()), *reports, RECORD)


def _written(task: Task, assessment: Assessment) -> Row:
    """Write one face's folder and return its row.

    A reader never sees half a file, nor the files of two assessments beside each other for longer
    than it takes to rename them.
    """
    folder = _folder(task, assessment.face.index)
    *reports, record = _file_names(task.formats)
    try:
        with tempfile.TemporaryDirectory(dir=task.scratch) as partial:
            if reports:
                assessment.report(partial, [form for form in REPORTS if form in task.formats])
            Path(partial, record).write_text(assessment.to_json(), encoding="utf-8")
            folder.mkdir(exist_ok=True)
            for name in {OVERLAY, *REPORTS.values()} - {*reports}:
                (folder / name).unlink(missing_ok=True)
            for name in (*reports, record):
                Path(partial, name).replace(folder / name)
    except OSError as error:
        raise OutputError(
            f"{printable(folder)}: cannot be written ({error.strerror or error}); "
            "make room, or give another --out."
        ) from error
    return _row(task, assessment)

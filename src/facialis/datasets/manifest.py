"""Manifests: fixed lists of samples with the digest of every file.

A manifest is a folder's ``manifest.csv`` (one line a sample, paths relative to a root) and
``manifest.json`` (what it is, how it was made, its counts). Its digest is the SHA-256 of the
lines, so that a result can quote exactly what it was measured on; where the files lie and when the
manifest was made do not change it. A manifest that was written is never changed.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from facialis.clinical.anatomy import Movement, Side
from facialis.datasets.label_text import labels_text, paths_text, read_labels, read_paths
from facialis.datasets.sample import Label
from facialis.errors import InputError

COLUMNS = (
    "name",
    "path",
    "sha256",
    "fingerprint",
    "subject",
    "source",
    "labels",
    "video",
    "frame",
    "rate",
    "movement",
    "side",
    "part",
    "parent",
    "sequence",
    "annotations",
)
"""The columns of ``manifest.csv``, in their order."""

PARTS = ("train", "validation", "test")
"""What `Row.part` may say."""

TOGETHER = "+"
"""Joins the people that a simulated, invented person is made of, in `Row.subject`."""

SIMULATED = "simulated"
"""`Row.source` of simulated pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One sample of a manifest.

    Attributes:
        name: Unique in the manifest.
        path: POSIX path relative to the root of the manifest.
        sha256: Digest of the file's bytes.
        fingerprint: Perceptual fingerprint of the picture (hexadecimal), alike for near-duplicates
            and for mirror images; empty for recordings.
        subject: As in `Sample`; never empty here.
        source: As in `Sample`.
        labels: As in `Sample`.
        video: As in `Sample`.
        frame: As in `Sample`.
        rate: As in `Sample`.
        movement: As in `Sample`.
        side: As in `Sample`.
        part: ``train``, ``validation`` or ``test`` where the preparation fixes it, else empty.
        parent: Name of the row that this is an altered copy of, else empty.
        sequence: Runs of frames that belong together share a name; empty otherwise.
        annotations: Relative POSIX paths of ``mask``, ``depth``, ``landmarks``, ``truth``, and of
            framed faces ``placed`` and ``found`` landmarks (`FramedSource`).
    """

    name: str
    path: str
    sha256: str
    subject: str
    source: str
    fingerprint: str = ""
    labels: tuple[Label, ...] = ()
    video: str = ""
    frame: int | None = None
    rate: float | None = None
    movement: Movement | None = None
    side: Side | None = None
    part: str = ""
    parent: str = ""
    sequence: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose photographs it is made of: the subject, or of an invented one, both."""
        return made_of(self.subject) if self.source == SIMULATED else (self.subject,)


def made_of(subject: str) -> tuple[str, ...]:
    """Return the people whose photographs a simulated person is made of: one, or an invented one's.

    A folder or a name may have the joining sign too; each name of an invented one has the folder.
    """
    folder, slash, names = subject.partition("/")
    place = folder + slash
    return tuple(place + name for name in names.split(TOGETHER + place)) if slash else (subject,)


@dataclass(frozen=True, slots=True)
class Manifest:
    """A fixed list of samples.

    Attributes:
        title: What it is, in a few words.
        rows: The samples, in the order of the file.
        made: How it was made (preparation, options, counts of what was left out and why), as JSON
            values; part of ``manifest.json``, not of the digest.
        root: The folder that the paths of the rows start from; not part of the digest. None in a
            manifest that was never on disk: the folder that it will be written to.
    """

    title: str
    rows: tuple[Row, ...]
    made: Mapping[str, object] = field(default_factory=dict)
    root: Path | None = field(default=None, compare=False)

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the lines of ``manifest.csv``."""
        return hashlib.sha256(csv_bytes(self.rows)).hexdigest()


def csv_bytes(rows: Iterable[Row]) -> bytes:
    """Return ``manifest.csv``: UTF-8, a line feed after each line, the columns of `COLUMNS`."""
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(_cells(row) for row in rows)
    return text.getvalue().encode()


def rows_of(data: bytes, name: object) -> tuple[Row, ...]:
    """Return the rows of a ``manifest.csv``.

    Args:
        data: The bytes of the file.
        name: How errors call it.

    Raises:
        InputError: If it is no such table, a line cannot be read, or the rows contradict one
            another (see `check_rows`).
    """
    try:
        lines = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(name, f"is no CSV table in UTF-8 ({error})", _REMAKE) from error
    header = tuple(lines[0]) if lines else ()
    if header != COLUMNS:
        odd = sorted(set(header) ^ set(COLUMNS)) or ["their order"]
        raise InputError(name, f"the columns differ from a manifest's: {', '.join(odd)}", _REMAKE)
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        try:
            rows.append(_row(dict(zip(COLUMNS, cells, strict=True))))
        except ValueError as error:
            raise InputError(name, f"line {number} cannot be read ({error})", _REMAKE) from error
    check_rows(rows, name)
    return tuple(rows)


def check_rows(rows: Iterable[Row], name: object) -> None:
    """Refuse rows that cannot stand in one manifest.

    Args:
        rows: The rows.
        name: How errors call the manifest.

    Raises:
        InputError: If a name occurs twice, a subject or a digest is missing, a path leads out of
            the root, or a part is none of `PARTS`.
    """
    seen: set[str] = set()
    for row in rows:
        problem = _problem(row, seen)
        if problem:
            raise InputError(name, f"the row {row.name!r} {problem}", _REMAKE)
        seen.add(row.name)


_REMAKE = "make the manifest again with 'facialis data prepare'"


def _problem(row: Row, seen: set[str]) -> str:
    faults = {
        "has no name": not row.name,
        "occurs twice": row.name in seen,
        "names no subject": not row.subject,
        "has no digest": not row.sha256,
        "has a part that is none of " + ", ".join(PARTS): row.part not in ("", *PARTS),
        "has a line break in a name or a path": any(
            set("\r\n\0") & set(getattr(row, each)) for each in _TEXTS
        ),
        "has a path that leads out of the root": not all(
            _stays_inside(path) for path in (row.path, *row.annotations.values())
        ),
    }
    return next((words for words, faulty in faults.items() if faulty), "")


def _stays_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and parts[0] != "/" and ".." not in parts and "\\" not in parts[0]


def _cells(row: Row) -> list[str]:
    values = {each: getattr(row, each) for each in COLUMNS}
    values["labels"] = labels_text(row.labels)
    values["annotations"] = paths_text(row.annotations)
    values["rate"] = "" if row.rate is None else repr(float(row.rate))
    return ["" if value is None else str(value) for value in values.values()]


def _row(cells: Mapping[str, str]) -> Row:
    return Row(
        **{each: cells[each] for each in _TEXTS},
        labels=read_labels(cells["labels"]),
        frame=int(cells["frame"]) if cells["frame"] else None,
        rate=float(cells["rate"]) if cells["rate"] else None,
        movement=Movement(cells["movement"]) if cells["movement"] else None,
        side=Side(cells["side"]) if cells["side"] else None,
        annotations=read_paths(cells["annotations"]),
    )


_TEXTS = (
    "name",
    "path",
    "sha256",
    "fingerprint",
    "subject",
    "source",
    "video",
    "part",
    "parent",
    "sequence",
)

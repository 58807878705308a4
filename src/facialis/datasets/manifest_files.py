"""Manifests on disk: written once, read whole, compared with the files they list."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facialis.datasets.manifest import Manifest, check_rows, csv_bytes, rows_of
from facialis.errors import InputError, OutputError, printable
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from collections.abc import Callable

FORMAT: Final = 1
"""Version of the layout of ``manifest.json`` and ``manifest.csv``."""

CSV_NAME: Final = "manifest.csv"
JSON_NAME: Final = "manifest.json"


@dataclass(frozen=True, slots=True)
class Faults:
    """What a manifest lists and the disk does not hold.

    Attributes:
        missing: Relative paths of files, annotations among them, that are not there.
        changed: Relative paths of files with other bytes than when the manifest was made.
    """

    missing: tuple[str, ...]
    changed: tuple[str, ...]


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write a manifest into a folder, which is made if need be.

    A manifest is never changed: over one with the same rows nothing is written, over another one
    it is an error. ``manifest.json`` is written last, so that a folder without it holds none.

    Args:
        manifest: The manifest; its paths start at its root, or at `folder` if it has none.
        folder: The folder.

    Raises:
        InputError: If the rows cannot stand in one manifest (`check_rows`).
        OutputError: If the folder holds another manifest, or cannot be written.
    """
    check_rows(manifest.rows, folder)
    data = csv_bytes(manifest.rows)
    digest = hashlib.sha256(data).hexdigest()
    if (folder / JSON_NAME).exists():
        if read_manifest(folder).digest == digest:
            return
        raise OutputError(
            f"{printable(folder)}: holds another manifest, and a manifest is never changed; "
            "write this one to another folder."
        )
    make_directory(folder)
    record = {
        "format": FORMAT,
        "title": manifest.title,
        "digest": digest,
        "root": _relative_root(manifest.root or folder, folder),
        "counts": counts(manifest),
        "made": manifest.made,
    }
    replace_file(folder / CSV_NAME, data)
    text = json.dumps(record, indent=1, ensure_ascii=False)
    replace_file(folder / JSON_NAME, (text + "\n").encode())


def read_manifest(path: Path | str) -> Manifest:
    """Read a manifest.

    Args:
        path: The folder that holds it, or its ``manifest.csv``.

    Raises:
        InputError: If there is none, it is damaged, its rows contradict one another, or
            ``manifest.csv`` is not the one that ``manifest.json`` was written for.
    """
    given = Path(path)
    folder = given.parent if given.name in (CSV_NAME, JSON_NAME) else given
    data = _bytes_of(folder / CSV_NAME)
    name = printable(folder / JSON_NAME)
    try:
        record = json.loads(_bytes_of(folder / JSON_NAME))
        version, title, digest = record["format"], str(record["title"]), record["digest"]
        root, made = folder / str(record["root"]), dict(record["made"])
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(name, "is no description of a manifest", _REMAKE) from error
    if version != FORMAT:
        raise InputError(name, f"has the format {version!r}, not {FORMAT}", _REMAKE)
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        raise InputError(
            printable(folder / CSV_NAME),
            f"was changed after it was made (SHA-256 {found[:12]}…, not {str(digest)[:12]}…)",
            _REMAKE,
        )
    rows = rows_of(data, printable(folder / CSV_NAME))
    return Manifest(title=title, rows=rows, made=made, root=Path(os.path.normpath(root)))


def verify(
    manifest: Manifest,
    root: Path | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Faults:
    """Compare a manifest with the files that it lists.

    Args:
        manifest: The manifest.
        root: The folder that its paths start from; the one it was read with if None.
        progress: Called with files read and files in all.

    Raises:
        InputError: If neither the manifest nor the caller names a root.
    """
    start = root or manifest.root
    if start is None:
        raise InputError(manifest.title, "was never written to disk", "name the root of its paths")
    digests = {row.path: row.sha256 for row in manifest.rows}
    missing = [
        path
        for row in manifest.rows
        for path in row.annotations.values()
        if not (start / path).is_file()
    ]
    changed = []
    for done, (path, digest) in enumerate(digests.items(), start=1):
        file = start / path
        if not file.is_file():
            missing.append(path)
        elif file_digest(file) != digest:
            changed.append(path)
        if progress is not None:
            progress(done, len(digests))
    return Faults(tuple(dict.fromkeys(missing)), tuple(changed))


def file_digest(path: Path) -> str:
    """Return the SHA-256 (hexadecimal) of a file's bytes.

    Raises:
        InputError: If it cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "check the name and the drive"
        ) from error


def counts(manifest: Manifest) -> dict[str, object]:
    """Return how many rows, subjects and sequences a manifest has, by source, part and label."""
    rows = manifest.rows
    labels = Counter(
        f"{each.scale.value}{f'[{each.zone}]' if each.zone else ''}={each.value}"
        for row in rows
        for each in row.labels
    )
    return {
        "rows": len(rows),
        "subjects": len({row.subject for row in rows}),
        "sequences": len({row.sequence for row in rows if row.sequence}),
        "sources": dict(sorted(Counter(row.source for row in rows).items())),
        "parts": dict(sorted(Counter(row.part for row in rows if row.part).items())),
        "labels": dict(sorted(labels.items())),
    }


_REMAKE = "make the manifest again with 'facialis data prepare' or 'data frame'"


def _relative_root(root: Path, folder: Path) -> str:
    try:
        relative = os.path.relpath(root.resolve(), folder.resolve())
    except ValueError as error:  # another drive
        raise OutputError(
            f"{printable(folder)}: is on another drive than {printable(root)}; "
            "write the manifest to the drive that holds the files."
        ) from error
    return Path(relative).as_posix()


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(
            path,
            "no such file",
            "name a folder that 'facialis data prepare' or 'data frame' has finished",
        ) from error
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "check the name and the drive"
        ) from error

"""Which photographs a list of files and folders means."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PHOTO_SUFFIXES = frozenset(
    {
        ".avif",
        ".bmp",
        ".dib",
        ".heic",
        ".heif",
        ".hif",
        ".jfif",
        ".jpe",
        ".jpeg",
        ".jpg",
        ".png",
        ".tif",
        ".tiff",
        ".webp",
    }
)
"""Suffixes, in lower case, of the files that are taken from a folder."""


def find_photos(
    inputs: Sequence[str | Path], *, outside: Path | None = None
) -> tuple[tuple[Path, ...], tuple[InputError, ...]]:
    """List the photographs that files and folders mean.

    Folders are searched recursively, each in sorted order, for files whose suffix is in
    `PHOTO_SUFFIXES`; names that begin with a dot are passed over. A file that is named itself is
    kept whatever its suffix. Files are not opened, so one that is listed may still be unreadable.

    Args:
        inputs: Files and folders as the user gave them.
        outside: A folder that is not searched, such as the one that the results go to.

    Returns:
        The photographs in the order of the inputs, each once however often and by whatever path
        it was named, and one error for each input, or folder inside it, that gives nothing.
    """
    found: dict[str, Path] = {}
    problems: list[InputError] = []
    shunned = None if outside is None else os.path.realpath(outside)
    for given in inputs:
        try:
            for photo in _photos(given, shunned, problems):
                found.setdefault(os.path.realpath(photo), photo)
        except InputError as problem:
            problems.append(problem)
    return tuple(found.values()), tuple(problems)


def _photos(given: str | Path, shunned: str | None, problems: list[InputError]) -> Iterator[Path]:
    path = Path(given)
    if not str(given).strip():
        raise InputError(repr(str(given)), "the name is empty", "name a photograph or a folder")
    try:
        path.stat()
        is_folder = path.is_dir()
    except FileNotFoundError as error:
        raise InputError(given, "no such file or folder", "check the name") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the name is not valid"
        raise InputError(
            given, f"cannot be read ({reason})", "check the name and access"
        ) from error
    if not is_folder:
        yield path
        return
    unreadable = len(problems)
    inside = list(_searched(path, shunned, problems))
    if not inside and len(problems) == unreadable:
        raise InputError(
            given,
            "the folder holds no photographs",
            "name a folder with JPEG, PNG or HEIC files; name videos one by one",
        )
    yield from inside


def _searched(folder: Path, shunned: str | None, problems: list[InputError]) -> Iterator[Path]:
    def report(error: OSError) -> None:
        problems.append(
            InputError(
                error.filename, f"the folder cannot be read ({error.strerror})", "check its access"
            )
        )

    found = []
    for place, folders, files in os.walk(folder, onerror=report):
        folders[:] = [
            each
            for each in folders
            if not each.startswith(".") and os.path.realpath(Path(place, each)) != shunned
        ]
        found += [
            Path(place, file)
            for file in files
            if not file.startswith(".") and Path(file).suffix.lower() in PHOTO_SUFFIXES
        ]
    yield from sorted(found)

"""From the words of a call to the photographs it means."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from facialis.cli.naming import OVERLAY, RECORD
from facialis.cli.outcome import Failure
from facialis.errors import InputError
from facialis.media.files import find_photos


@dataclass(frozen=True, slots=True)
class Photograph:
    """A file that can be opened.

    Attributes:
        path: The path as given or found.
        sha256: Digest of the file's bytes.
    """

    path: str
    sha256: str


def find(
    inputs: Sequence[str], *, out: Path | None = None
) -> tuple[list[Photograph], list[Failure]]:
    """Return the photographs that files and folders stand for, and the inputs that fail.

    A photograph that is given or found twice is taken once. Pictures that earlier assessments drew
    are not photographs.

    Args:
        inputs: Paths of files, or of folders to search.
        out: The folder of results, which is not searched.
    """
    paths, problems = find_photos(inputs, outside=out)
    failures = [Failure(problem.name, str(problem)) for problem in problems]
    photographs = []
    for path in paths:
        if path.name == OVERLAY and path.with_name(RECORD).exists():
            continue
        try:
            photographs.append(Photograph(str(path), _digest(path)))
        except InputError as error:
            failures.append(Failure(str(path), str(error)))
    return photographs, failures


def _digest(path: Path) -> str:
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(path, "is not a file", "give a photograph or a folder")
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        problem = f"cannot be read ({error.strerror})"
        raise InputError(path, problem, "check its permissions") from error

"""What every adapter is: a folder, its samples read lazily, and what was found on the way."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final, Protocol

from facialis.datasets.findings import FindingLog, Trouble
from facialis.errors import InputError
from facialis.media.files import PHOTO_SUFFIXES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from facialis.datasets.findings import Finding
    from facialis.datasets.sample import Sample

VIDEO_SUFFIXES: Final = frozenset({".avi", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".webm"})
"""Suffixes, in lower case, of recordings."""


class Collection(Protocol):
    """A collection of faces on disk.

    Attributes:
        name: Which one (``yfp``, ``meei``, ...).
        root: The folder that paths in findings and in `Sample.parent` start from.
    """

    name: str
    root: Path

    def samples(self) -> Iterator[Sample]:
        """Give the samples one by one, in an order that depends only on the names of the files.

        Pictures and recordings are not opened. Findings are counted anew.
        """

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the last reading of `samples` brought to light, complete once it was at its end.

        Recordings and pictures that cannot be opened are found by `inspection.inspect`.
        """


class Folder(ABC):
    """What the adapters share: a root and the log of the last reading."""

    name: str

    def __init__(self, root: Path) -> None:
        """Remember the folder; nothing is read yet."""
        self.root = root
        self._log = FindingLog()

    def samples(self) -> Iterator[Sample]:
        """Give the samples one by one, and count the findings anew."""
        self._log = FindingLog()
        return self._read()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the last reading of `samples` brought to light."""
        return self._log.all()

    @abstractmethod
    def _read(self) -> Iterator[Sample]:
        """Give the samples one by one."""

    def relative(self, path: Path) -> str:
        """Return a path as POSIX text from the root of the collection."""
        return path.relative_to(self.root).as_posix()

    def note(self, kind: Trouble, path: Path) -> None:
        """Count a finding about a file of the collection."""
        self._log.note(kind, self.relative(path))

    def only_photos(self, folder: Path) -> list[Path]:
        """Return the photographs of a folder, in order; what else is in it becomes a finding."""
        photos = []
        for path in entries(folder):
            if path.is_file() and is_photo(path):
                photos.append(path)
            else:
                self.note(Trouble.UNKNOWN_FILES, path)
        return photos


def is_photo(path: Path) -> bool:
    """Return whether a file's name is that of a photograph."""
    return path.suffix.lower() in PHOTO_SUFFIXES


def is_video(path: Path) -> bool:
    """Return whether a file's name is that of a recording."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, without hidden names, numbers in numeric order.

    Raises:
        InputError: If the folder cannot be read.
    """
    try:
        found = [folder / each.name for each in os.scandir(folder) if not each.name.startswith(".")]
    except OSError as error:
        raise InputError(
            folder, f"the folder cannot be read ({error.strerror})", "check the name and access"
        ) from error
    return sorted(found, key=_in_order)


def folders(folder: Path) -> list[Path]:
    """Return the folders in a folder, in order."""
    return [each for each in entries(folder) if each.is_dir()]


def files_below(folder: Path) -> Iterator[Path]:
    """Give every file below a folder, in order."""
    for path in entries(folder):
        if path.is_dir():
            yield from files_below(path)
        else:
            yield path


def named_folders(root: Path, *names: str, depth: int = 2) -> list[Path]:
    """Return the folders of certain names, the root itself or below it, outermost only.

    Args:
        root: Where to look.
        names: The names; case does not matter.
        depth: How many folders deep.
    """
    wanted = {name.casefold() for name in names}
    if root.name.casefold() in wanted:
        return [root]
    found = [each for each in folders(root) if each.name.casefold() in wanted]
    if found or depth <= 1:
        return found
    return [deep for each in folders(root) for deep in named_folders(each, *names, depth=depth - 1)]


def _in_order(path: Path) -> tuple[int, int, str]:
    digits = path.stem.isascii() and path.stem.isdigit()
    return (0, int(path.stem), path.name) if digits else (1, 0, path.name)

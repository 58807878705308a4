"""Digests and fingerprints of many pictures, remembered while a preparation is under way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from facialis.datasets.fingerprints import fingerprint
from facialis.errors import OutputError, printable
from facialis.media.photo import read_photo

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOK: Final = ".digests.jsonl"
"""File of what an unfinished preparation has read so far."""

_EVERY: Final = 64


class Digests:
    """Reads pictures once; after an interruption those that have not changed are not read again.

    Args:
        folder: Where the notebook lies; it must exist.
    """

    def __init__(self, folder: Path) -> None:
        """Take up what an interrupted run left."""
        self._path = folder / NOTEBOOK
        self._known: dict[str, tuple[int, int, str, str]] = {}
        self._pending: list[str] = []
        for path, size, changed, digest, mark in _lines(self._path):
            self._known[path] = (size, changed, digest, mark)

    def of(self, path: Path) -> tuple[str, str]:
        """Return the SHA-256 of a picture's bytes and its fingerprint.

        Raises:
            InputError: If it cannot be read as a picture.
            OutputError: If the notebook cannot be written.
        """
        try:
            state = path.stat()
            size, changed = state.st_size, state.st_mtime_ns
        except OSError:
            size, changed = -1, -1  # `read_photo` says what is wrong
        known = self._known.get(str(path))
        if known is None or known[:2] != (size, changed):
            frame = read_photo(path)
            known = (size, changed, frame.sha256, fingerprint(frame.pixels))
            self._known[str(path)] = known
            self._pending.append(json.dumps([str(path), *known]) + "\n")
            if len(self._pending) >= _EVERY:
                self.save()
        return known[2], known[3]

    def save(self) -> None:
        """Add what was read since the last time to the notebook.

        Raises:
            OutputError: If it cannot be written.
        """
        if not self._pending:
            return
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.writelines(self._pending)
        except OSError as error:
            raise OutputError(
                f"{printable(self._path)}: cannot be written "
                f"({(error.strerror or 'unknown').lower()}); choose a folder that is writable."
            ) from error
        self._pending.clear()

    def discard(self) -> None:
        """Remove the notebook of a finished preparation."""
        self._path.unlink(missing_ok=True)


def _lines(path: Path) -> list[tuple[str, int, int, str, str]]:
    """Return the whole lines of a notebook; the last one may have been cut off."""
    found = []
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return []
    for line in text.splitlines():
        try:
            name, size, changed, digest, mark = json.loads(line)
        except ValueError:
            continue
        found.append((str(name), int(size), int(changed), str(digest), str(mark)))
    return found

"""Labeled Faces in the Wild: ``name/name_0001.jpg``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries, folders, is_photo
from facialis.datasets.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NUMBERED = re.compile(r"(.+)_\d{4}")


class Lfw(Folder):
    """The photographs; LFW says who is shown and nothing else.

    Args:
        root: The folder of the people's folders, or the one above it.
    """

    name = "lfw"

    def _read(self) -> Iterator[Sample]:
        place = _place(self.root)
        for person in entries(place):
            if not person.is_dir():
                self.note(Trouble.UNKNOWN_FILES, person)
                continue
            photos = self.only_photos(person)
            if not photos:
                self.note(Trouble.EMPTY_CLASSES, person)
            for path in photos:
                match = _NUMBERED.fullmatch(path.stem)
                known = match is not None and match[1] == person.name
                if not known:
                    self.note(Trouble.UNKNOWN_SUBJECT, path)
                yield Sample(
                    path=path, subject=f"lfw/{person.name}" if known else "", source=self.name
                )


def recognises(root: Path) -> bool:
    """Return whether a folder looks like LFW: photographs numbered after the folder they are in."""
    return any(
        path.stem == f"{person.name}_0001" and is_photo(path)
        for person in folders(_place(root))
        for path in entries(person)[:1]
    )


def _place(root: Path) -> Path:
    inside = folders(root)
    return inside[0] if len(inside) == 1 and folders(inside[0]) else root

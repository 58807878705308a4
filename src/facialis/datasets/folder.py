"""Collections of a user's own: folders by label, or a table.

``<label>/<subject>_<anything>.jpg``, or a CSV table with the columns
``path,subject,label[,side,movement,grade]`` whose paths start at its own folder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import Scale
from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries, files_below, folders, is_photo, is_video
from facialis.datasets.sample import Label, Sample
from facialis.datasets.tables import house_brackmann, read_table
from facialis.errors import InputError, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_Named = TypeVar("_Named", Movement, Side)

COLUMNS: Final = ("path", "subject", "label")
"""Columns that a table must have."""


class LabelledFolders(Folder):
    """Photographs sorted into folders by a label whose scale nobody states.

    Args:
        root: The folder of the folders.
        name: What to call the collection; the name of the folder if None.
    """

    def __init__(self, root: Path, *, name: str | None = None) -> None:
        """Remember the folder and the name."""
        super().__init__(root)
        self.name = name or root.resolve().name

    def _read(self) -> Iterator[Sample]:
        labels_of: dict[str, set[str]] = {}
        for place in entries(self.root):
            if not place.is_dir():
                self.note(Trouble.UNKNOWN_FILES, place)
                continue
            paths = self.only_photos(place)
            if not paths:
                self.note(Trouble.EMPTY_CLASSES, place)
            for path in paths:
                subject, separator, _ = path.stem.partition("_")
                if not subject or not separator:
                    self.note(Trouble.UNKNOWN_SUBJECT, path)
                    subject = ""
                labels_of.setdefault(subject, set()).add(place.name)
                yield Sample(
                    path=path,
                    subject=f"{self.name}/{subject}" if subject else "",
                    source=self.name,
                    labels=(Label(Scale.WORD, place.name),),
                )
        for subject, names in labels_of.items():
            if subject and len(names) > 1:
                found = f"{subject}: {', '.join(sorted(names))}"
                self._log.note(Trouble.SUBJECT_IN_TWO_FOLDERS, found)


class Table(Folder):
    """Photographs and recordings listed in a CSV table.

    An empty cell is a missing value. ``label`` is a word whose scale nobody states, ``grade`` a
    House-Brackmann grade (1 to 6 or I to VI), ``side`` the affected side, the patient's own.

    Args:
        table: The table.
        name: What to call the collection; the name of the table's folder if None.

    Raises:
        InputError: If the table cannot be read or lacks a column.
    """

    def __init__(self, table: Path, *, name: str | None = None) -> None:
        """Read the table."""
        super().__init__(table.parent)
        self.name = name or table.resolve().parent.name
        self._table = table
        self._lines = read_table(table, COLUMNS)

    def _read(self) -> Iterator[Sample]:
        seen: set[Path] = set()
        for number, line in self._lines:
            path = self.root / line["path"]
            place = f"{self._table.name} line {number}: {line['path']}"
            if not line["path"] or not path.is_file():
                self._log.note(Trouble.MISSING_IMAGES, place)
                continue
            if path.resolve() in seen:
                self._log.note(Trouble.REPEATED_LINES, place)
                continue
            seen.add(path.resolve())
            if not line["subject"]:
                self._log.note(Trouble.UNKNOWN_SUBJECT, place)
            labels = self._labels(line, place)
            if not labels:
                self._log.note(Trouble.IMAGES_WITHOUT_LABELS, place)
            yield Sample(
                path=path,
                subject=f"{self.name}/{line['subject']}" if line["subject"] else "",
                source=self.name,
                labels=labels,
                movement=self._one_of(Movement, line.get("movement", ""), place),
                side=self._one_of(Side, line.get("side", ""), place),
            )
        for path in files_below(self.root):
            if (is_photo(path) or is_video(path)) and path.resolve() not in seen:
                self.note(Trouble.UNKNOWN_FILES, path)

    def _labels(self, line: dict[str, str], place: str) -> tuple[Label, ...]:
        labels = []
        if line["label"]:
            labels.append(Label(Scale.WORD, line["label"]))
        written = line.get("grade", "")
        grade = house_brackmann(written)
        if grade is not None:
            labels.append(Label(Scale.HOUSE_BRACKMANN, grade))
        elif written:
            self._log.note(Trouble.UNKNOWN_LABELS, f"{place}: grade {written}")
        return tuple(labels)

    def _one_of(self, names: type[_Named], word: str, place: str) -> _Named | None:
        if not word:
            return None
        try:
            return names(word.lower())
        except ValueError:
            self._log.note(Trouble.UNKNOWN_LABELS, f"{place}: {names.__name__.lower()} {word}")
            return None


def recognises(root: Path) -> bool:
    """Return whether a folder holds ``<label>/<subject>_<anything>.jpg``."""
    return any(
        is_photo(path) and "_" in path.stem for place in folders(root) for path in entries(place)
    )


def table_in(path: Path) -> Path:
    """Return a table: the file itself, or the only one in a folder that has the columns.

    Raises:
        InputError: If there is none, or more than one.
    """
    if path.is_file():
        return path
    tables = [each for each in entries(path) if _is_table(each)]
    if len(tables) != 1:
        names = ", ".join(printable(each.name) for each in tables)
        problem = f"holds several tables ({names})" if tables else "holds no table"
        remedy = f"name a CSV file with the columns {', '.join(COLUMNS)}"
        raise InputError(path, problem, remedy)
    return tables[0]


def recognises_table(path: Path) -> bool:
    """Return whether a folder holds exactly one such table."""
    return sum(map(_is_table, entries(path))) == 1


def _is_table(path: Path) -> bool:
    if path.suffix.lower() != ".csv":
        return False
    try:
        read_table(path, COLUMNS)
    except InputError:
        return False
    return True

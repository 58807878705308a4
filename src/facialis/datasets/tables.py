"""Small CSV tables that a user writes: who is who, and which grade they have."""

from __future__ import annotations

import csv
import io
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from facialis.clinical.scales import Scale
from facialis.datasets.sample import Label
from facialis.errors import InputError, printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
_HIGHEST: Final = 6


def read_table(path: Path, required: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of a CSV file, each with its number in the file, from column name to cell.

    Spaces at the ends of cells are cut off, and empty lines left out.

    Args:
        path: The file, UTF-8 with or without a byte order mark, with a line of column names; the
            case of those does not matter.
        required: Columns, in lower case, that must be there.

    Raises:
        InputError: If it cannot be read, lacks a column, or a line has more cells than columns.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        lines = csv.reader(io.StringIO(text, newline=""), strict=True)
        header = [name.strip().lower() for name in next(lines, [])]
        cells = [(lines.line_num, line) for line in lines if any(each.strip() for each in line)]
    except OSError as error:
        raise InputError(
            path, f"cannot be read ({error.strerror})", "check the name and access"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        problem = "is no CSV table in UTF-8"
        raise InputError(path, problem, "save it as CSV with commas, in UTF-8") from error
    missing = [name for name in required if name not in header]
    if missing:
        raise InputError(
            path,
            f"has no column {', '.join(missing)}",
            f"begin it with a line that names its columns, among them {', '.join(required)}",
        )
    for number, line in cells:
        if len(line) > len(header):
            problem = f"line {number} has {len(line)} cells, and there are {len(header)} columns"
            raise InputError(path, problem, "put a cell that has a comma in it in quotes")
    return [
        (number, dict(zip_longest(header, (each.strip() for each in line), fillvalue="")))
        for number, line in cells
    ]


def read_subjects(path: Path) -> dict[str, str]:
    """Return the person of each folder, from a table with the columns ``folder,subject``.

    Raises:
        InputError: If it cannot be read, or gives one folder two people.
    """
    people: dict[str, str] = {}
    for _, line in read_table(path, ["folder", "subject"]):
        folder, subject = line["folder"], line["subject"]
        if not folder or not subject:
            problem = f"the line of folder {printable(folder)!r}, subject {printable(subject)!r} "
            raise InputError(path, problem + "has an empty cell", "fill it in or remove the line")
        if people.setdefault(folder, subject) != subject:
            problem = f"folder {printable(folder)} belongs to {people[folder]} and to {subject}"
            raise InputError(path, problem, "give each folder one subject")
    return people


def read_grades(path: Path) -> dict[str, Label]:
    """Return the House-Brackmann grade of each person, from a table ``subject,grade[,rater]``.

    Raises:
        InputError: If it cannot be read, a grade is none, or a person has two.
    """
    grades: dict[str, Label] = {}
    for _, line in read_table(path, ["subject", "grade"]):
        subject, grade = line["subject"], house_brackmann(line["grade"])
        if grade is None or not subject:
            who = printable(subject) or "a subject without a name"
            problem = f"{who} has the grade {printable(line['grade'])!r}"
            raise InputError(path, problem, "write 1 to 6, or I to VI")
        label = Label(Scale.HOUSE_BRACKMANN, grade, rater=line.get("rater", ""))
        if grades.setdefault(subject, label) != label:
            raise InputError(
                path, f"{printable(subject)} has two grades", "keep one line a subject"
            )
    return grades


def house_brackmann(text: str) -> int | None:
    """Return a grade written as 1 to 6 or I to VI, or None if it is neither."""
    tidy = text.strip().upper()
    if tidy in _ROMAN:
        return _ROMAN[tidy]
    is_number = tidy.isascii() and tidy.isdigit()
    return int(tidy) if is_number and 1 <= int(tidy) <= _HIGHEST else None


def for_subject(table: Mapping[str, Label], subject: str) -> Label | None:
    """Return the entry of a person named as in a sample (``yfp/12``) or without the collection."""
    return table.get(subject) or table.get(subject.partition("/")[2])

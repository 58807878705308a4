"""What the MEEI standard set says of a person apart from the photographs.

A person's name joins severity, category and number, in either order: ``MildFlaccid3``,
``Synkinetic_Mild4``, ``Normal2``.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from facialis.clinical.anatomy import Side
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SEVERITIES: Final = ("Normal", "NearNormal", "Mild", "Moderate", "Severe", "Complete")
"""eFACE words, stored as 1 to 6 in this order."""

CATEGORIES: Final = ("Flaccid", "Synkinetic")
"""Kinds of palsy."""

_SEVERITY = r"near[ _-]*normal|mild|moderate|severe|complete"
_CATEGORY = r"flaccid|synkinetic"
_PERSON = re.compile(
    rf"(?:(?P<s1>{_SEVERITY})[ _-]*(?P<c1>{_CATEGORY})|(?P<c2>{_CATEGORY})[ _-]*(?P<s2>{_SEVERITY})"
    r"|normals?(?:[ _-]*normals?)?)[ _-]*(?P<number>\d+)(?!\d)",
    re.IGNORECASE,
)
_SIDES: Final = {"left": Side.LEFT, "l": Side.LEFT, "right": Side.RIGHT, "r": Side.RIGHT}
_NOTHING: Final = ("", "n/a", "-")
_INTERVAL: Final = 2


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the set.

    Attributes:
        severity: 1 (normal) to 6 (complete), an eFACE word.
        category: ``Flaccid`` or ``Synkinetic``; empty for a healthy person.
        number: Counts within severity and category.
    """

    severity: int
    category: str
    number: int

    @property
    def name(self) -> str:
        """The name in one fixed spelling, such as ``NearNormalFlaccid3``."""
        return f"{SEVERITIES[self.severity - 1]}{self.category}{self.number}"


@dataclass(frozen=True, slots=True)
class PatientInfo:
    """A line of ``pat_info.xlsx``.

    Attributes:
        side: The affected side, the patient's own, as the clinic recorded it; None if not written.
        written: Side, gender and age as written, where they are.
    """

    side: Side | None
    written: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class EfaceRecord:
    """An eFACE record of one person.

    Attributes:
        record: The name as written.
        intervals: Seconds of the recording, beginning first, in which each expression is shown.
        scores: ``Static``, ``Dynamic``, ``Synkinesis``, ``Composite``, where they are.
        reversed: Expressions whose interval was written end first.
    """

    record: str
    intervals: Mapping[str, tuple[float, float]]
    scores: Mapping[str, float]
    reversed: tuple[str, ...]


def person_named(text: str) -> Person | None:
    """Return the person whose name a text begins with, or None."""
    match = _PERSON.match(text.strip())
    if match is None:
        return None
    severity = match["s1"] or match["s2"] or "normal"
    category = match["c1"] or match["c2"] or ""
    words = [word.lower() for word in SEVERITIES]
    rank = words.index(re.sub(r"[ _-]", "", severity).lower()) + 1
    return Person(rank, category.capitalize(), int(match["number"]))


def read_patients(path: Path) -> tuple[dict[Person, PatientInfo], list[str]]:
    """Read ``pat_info.xlsx``: Category, Sub-category, #, Side, Gender, Age.

    Returns:
        What is written of each person, and the lines that name nobody.

    Raises:
        InputError: If it cannot be read as such a table.
    """
    rows = _cells(path)
    headers = [[cell.lower() for cell in row] for row in rows]
    start = next((i for i, header in enumerate(headers) if "category" in header), None)
    if start is None:
        raise InputError(path, "has no column Category", "copy it again from the standard set")
    header = headers[start]
    people: dict[Person, PatientInfo] = {}
    strange = []
    for number, row in enumerate(rows[start + 1 :], start=start + 2):
        line = {name: cell for name, cell in zip(header, row, strict=False) if name and cell}
        parts = [line.get(name, "") for name in ("sub-category", "category", "#")]
        person = person_named("_".join(part for part in parts if part.lower() not in _NOTHING))
        if person is not None and person not in people:
            written = {key: cell for key, cell in line.items() if key in ("side", "gender", "age")}
            people[person] = PatientInfo(_SIDES.get(line.get("side", "").lower()), written)
        elif line:
            strange.append(f"line {number}")
    return people, strange


def read_eface(path: Path) -> list[EfaceRecord]:
    """Read a JSON file with one eFACE record or a list of them.

    An interval that ends before it begins is turned round.

    Raises:
        InputError: If it is no such file.
    """
    try:
        content = json.loads(path.read_bytes())
        return [_record(each) for each in (content if isinstance(content, list) else [content])]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(path, "is no eFACE record", "copy it again") from error


def _record(content: Mapping[str, Any]) -> EfaceRecord:
    intervals = {}
    turned = []
    for expression, seconds in content.get("Facial Expressions", {}).items():
        first, last = _interval(seconds)
        if last < first:
            turned.append(str(expression))
        intervals[str(expression)] = (min(first, last), max(first, last))
    scores = {str(name): float(score) for name, score in content.get("Scores", {}).items()}
    return EfaceRecord(str(content["Record ID"]), intervals, scores, tuple(turned))


def _interval(seconds: Sequence[float]) -> tuple[float, float]:
    if len(seconds) != _INTERVAL:
        raise ValueError(f"{seconds!r} is not an interval")
    return float(seconds[0]), float(seconds[1])


def _cells(path: Path) -> list[list[str]]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            return [[_text(cell) for cell in row] for row in book.worksheets[0].values]
        finally:
            book.close()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile, InvalidFileException) as error:
        raise InputError(path, "is no Excel table", "copy it again") from error


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()

"""What reading a collection brings to light: counted, with names, and never passed over."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from facialis.errors import printable

EXAMPLES: Final = 5
"""How many names a finding carries."""


class Trouble(StrEnum):
    """Kinds of findings; the value is what `Finding.sentence` begins with."""

    ASSUMED_SUBJECTS = "Nothing says which recordings show the same person; each counts as one"
    UNKNOWN_SUBJECT = "No person can be told for these files"
    SUBJECT_IN_TWO_FOLDERS = "One person in more than one folder"
    SUBJECT_WITHOUT_GRADE = "People without a grade in the table of grades"
    GRADE_WITHOUT_SUBJECT = "Grades of people who have no files"
    RECOVERED = "Label files that are damaged but could still be read"
    UNREADABLE_LABELS = "Label files that cannot be read"
    UNKNOWN_LABELS = "Values that nothing here knows; left out"
    CONTRADICTIONS = "Labels that contradict one another; left out"
    REVERSED_INTERVALS = "Time intervals that end before they begin; turned round"
    MISSING_IMAGES = "Files that should be there and are not"
    LABELS_WITHOUT_IMAGES = "Labels without an image"
    IMAGES_WITHOUT_LABELS = "Images without a label"
    EMPTY_CLASSES = "Classes without an image"
    REPEATED_LINES = "Lines that name a file again; left out"
    ORPHANED_COPIES = "Augmented copies whose original is missing"
    AUGMENTED_COPIES = "Augmented copies of other images"
    UNKNOWN_FILES = "Files that do not belong to the layout; left out"
    UNREADABLE_IMAGES = "Images that cannot be read"
    EXACT_DUPLICATES = "Files with the same bytes as another"
    SHARED_BY_SUBJECTS = "Files with the same bytes under different people"
    NEAR_DUPLICATES = "Pairs of images of different people that look alike"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a reader of the collection should know.

    Attributes:
        kind: What it is.
        count: How often.
        examples: The first names, at most `EXAMPLES`, as printable lines; files are relative to the
            collection.
    """

    kind: Trouble
    count: int
    examples: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """One sentence for a person."""
        names = ", ".join(self.examples)
        more = ", ..." if self.count > len(self.examples) else ""
        return f"{self.kind}: {self.count} ({names}{more})."


class FindingLog:
    """Counts findings while a collection is read."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: dict[Trouble, int] = {}
        self._examples: dict[Trouble, list[str]] = {}

    def note(self, kind: Trouble, name: object) -> None:
        """Count one more of a kind, about the thing of this name."""
        self._counts[kind] = self._counts.get(kind, 0) + 1
        examples = self._examples.setdefault(kind, [])
        if len(examples) < EXAMPLES:
            examples.append(printable(name))

    def all(self) -> tuple[Finding, ...]:
        """Return what was noted so far, in the order of `Trouble`."""
        return tuple(
            Finding(kind, self._counts[kind], tuple(self._examples[kind]))
            for kind in Trouble
            if kind in self._counts
        )

"""What predictions are of, checked against the splits they are said to be of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from facialis.errors import InputError, printable

if TYPE_CHECKING:
    from pathlib import Path

    from facialis.evaluation.divided import Divided
    from facialis.evaluation.predictions import Predictions


class Tested:
    """Counts people and rows of predictions, given split by split.

    Attributes:
        people: Everybody who was tested.
        sources: Collections of the tested rows.
        rows: How many rows were tested.
    """

    def __init__(self, data: Divided) -> None:
        """Begin with nothing tested."""
        self._people = {row.name: row.subject for row in data.manifest.rows}
        self._left = {each.name: set(each.test) for each in data.splits.splits}
        self.people: set[str] = set()
        self.sources: set[str] = set()
        self.rows = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """A sentence if some splits were not answered."""
        names = [name for name, rows in self._left.items() if rows]
        return (f"splits without an answer: {len(names)}.",) if names else ()

    def add(self, given: Predictions, file: Path) -> None:
        """Count the answers to one split.

        Raises:
            InputError: The split is another or was counted, or does not test these rows.
        """
        if given.split not in self._left:
            problem = f"answers the split {printable(given.split)}, which is none of these or twice"
            raise InputError(file, problem, "name the predictions of these splits, each once")
        tested = self._left.pop(given.split)
        for name, subject in zip(given.names, given.subjects, strict=True):
            if name not in tested or self._people[name] != subject:
                problem = f"answers {printable(name)}, which {given.split} does not test"
                raise InputError(file, problem, "answer the split's test rows only")
        self.people |= set(given.subjects)
        self.sources |= set(given.sources)
        self.rows += len(given.names)

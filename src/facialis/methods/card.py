"""What a method is, in words and numbers, without running it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Array:
    """An input or output of a method.

    Attributes:
        name: As in code.
        shape: Axes in order; words are sizes that vary (``B`` pictures of a batch).
        meaning: What the numbers are, with unit and side.
    """

    name: str
    shape: tuple[int | str, ...]
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A published method, or a form of one under a name of its own.

    Attributes:
        name: What commands call it.
        title: A few words.
        paper: Number of the paper it implements, ``000`` to ``004``; empty for a form of our own,
            which is never scored under the paper's name.
        citation: Authors, title, venue, year.
        task: What it answers, one sentence.
        inputs: What it reads.
        outputs: What it answers with.
        parameters: Trainable numbers by part, exact for the paper's configuration; each part as the
            method's README names it, the whole under ``total``.
        deviations: Where it departs from the paper or decides what the paper leaves open, one
            sentence each, with the number of the decision.
    """

    name: str
    title: str
    paper: str
    citation: str
    task: str
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    parameters: Mapping[str, int]
    deviations: tuple[str, ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """The card as JSON values."""
        return {**asdict(self), "parameters": dict(self.parameters)}

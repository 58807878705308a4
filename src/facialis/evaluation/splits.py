"""Splits of a manifest into training, validation and test, as values with a digest."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN: Final = 5


class Protocol(StrEnum):
    """How the people of a manifest are divided."""

    LOPO = "lopo"
    """Leave one patient out: each is tested once ([004])."""
    KFOLD = "kfold"
    """Groups of patients, each tested once, stratified by class ([003])."""
    FIXED = "fixed"
    """One division that everybody uses ([000], [001])."""
    CROSS = "cross"
    """Trained on some collections, tested on others."""
    LEAKY = "leaky"
    """Random frames, the same people everywhere ([002]); only to be put beside another."""


@dataclass(frozen=True, slots=True)
class Split:
    """Names of rows of a manifest, in three parts.

    Attributes:
        name: What a report calls it (``kfold 2 of 5``).
        protocol: How it was made.
        train: Rows to learn from.
        validation: Rows to choose epochs and settings by; never of a tested person (D3-13, D4-14).
        test: Rows to test on, once.
    """

    name: str
    protocol: Protocol
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]

    @property
    def parts(self) -> Mapping[str, tuple[str, ...]]:
        """The three parts by name."""
        return {"train": self.train, "validation": self.validation, "test": self.test}

    @property
    def is_leaky(self) -> bool:
        """Whether people are in more than one part on purpose."""
        return self.protocol is Protocol.LEAKY

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of protocol and parts, whatever the name and order of rows."""
        parts = {part: sorted(names) for part, names in self.parts.items()}
        return _digest({"protocol": self.protocol.value, **parts})

    @property
    def record(self) -> dict[str, object]:
        """The split as JSON values, so that every stage of a training uses the same (D1-16)."""
        parts = {part: list(names) for part, names in self.parts.items()}
        return {"name": self.name, "protocol": self.protocol.value, **parts, "digest": self.digest}


@dataclass(frozen=True, slots=True)
class Caveat:
    """Something that a reader of a result should know of its split.

    Attributes:
        problem: What it is, as a clause.
        names: All that it is about: rows, people, classes or collections.
    """

    problem: str
    names: tuple[str, ...]

    @property
    def count(self) -> int:
        """How many it is about."""
        return len(self.names)

    @property
    def sentence(self) -> str:
        """One sentence for a person, with the first names."""
        more = ", ..." if self.count > _SHOWN else ""
        return f"{self.problem}: {self.count} ({', '.join(self.names[:_SHOWN])}{more})."


@dataclass(frozen=True, slots=True)
class Splits:
    """All splits that a protocol makes of a manifest.

    Attributes:
        protocol: How they were made.
        splits: In the order of their names.
        caveats: What is missing, doubled or left out; empty if there is nothing to say.
    """

    protocol: Protocol
    splits: tuple[Split, ...]
    caveats: tuple[Caveat, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the digests of the splits."""
        return _digest([split.digest for split in self.splits])


def split_of(record: Mapping[str, object], name: object) -> Split:
    """Return the split of a record that `Split.record` made.

    Args:
        record: JSON values.
        name: How errors call where they come from.

    Raises:
        InputError: It is no such record, or was changed after it was made.
    """
    try:
        names = {part: _names(record[part]) for part in ("train", "validation", "test")}
        split = Split(str(record["name"]), Protocol(str(record["protocol"])), **names)
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(name, f"is no record of a split ({error!r})", _AGAIN) from error
    if record.get("digest") != split.digest:
        raise InputError(name, "holds a split that was changed after it was made", _AGAIN)
    return split


_AGAIN: Final = "make the split again from its manifest"


def _names(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError("a part that is no list of names")
    return tuple(value)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()

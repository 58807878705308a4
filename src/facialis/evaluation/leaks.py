"""The check that nothing of the tested people was learned from.

It runs in every training and every evaluation. Only asking for the leaky protocol turns it off,
and then the split, and every number measured on it, is called leaky (S2-12).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from facialis.datasets.fingerprints import near_across, near_duplicates
from facialis.datasets.manifest import check_rows
from facialis.errors import FacialisError, InputError, counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from facialis.datasets.manifest import Manifest, Row
    from facialis.evaluation.splits import Split

_SHOWN: Final = 3


class LeakKind(StrEnum):
    """How something can be in two parts; the value reads after a count."""

    ROW = "rows in more than one part"
    SUBJECT = "people in more than one part"
    COPY = "pictures with an altered copy in another part"
    SEQUENCE = "sequences cut apart"
    DUPLICATE = "files with the same bytes in more than one part"
    NEAR_DUPLICATE = "pictures of different people that look alike, in more than one part"


@dataclass(frozen=True, slots=True)
class Leak:
    """One thing that is in more than one part of a split.

    Attributes:
        kind: How.
        what: The row, person, original, sequence, digest or fingerprint that the rows share.
        rows: Names of the rows, in the order of the manifest.
    """

    kind: LeakKind
    what: str
    rows: tuple[str, ...]


class LeakError(FacialisError):
    """A split has the same people, or the same pictures, in more than one part.

    Args:
        name: The split.
        leaks: All that was found; the message names the first of each kind.
    """

    def __init__(self, name: str, leaks: tuple[Leak, ...]) -> None:
        """Build the message."""
        self.leaks = leaks
        kinds = [[leak for leak in leaks if leak.kind is kind] for kind in LeakKind]
        found = "; ".join(_told(each) for each in kinds if each)
        super().__init__(
            f"{printable(name)}: the split leaks: {found}. "
            "Split by people, give one person one name in the manifest, and make copies from "
            "training pictures only; or ask for the leaky protocol by its name."
        )


def assert_no_leak(manifest: Manifest, split: Split, *, leaky: bool = False) -> None:
    """Refuse a split that has the same people or pictures in more than one part.

    Args:
        manifest: What the split divides.
        split: The split.
        leaky: Asks for the leaky protocol, and turns the check off for a split of that protocol.

    Raises:
        LeakError: Something is in more than one part.
        InputError: The split names rows that the manifest lacks, the rows of the manifest
            contradict one another, or the leaky protocol was asked for with another split.
    """
    if not leaky:
        leaks = leaks_of(manifest, split)
        if leaks:
            raise LeakError(split.name, leaks)
        return
    _parts_of_rows(manifest, split)
    if not split.is_leaky:
        raise InputError(
            split.name,
            f"is a split of the protocol {split.protocol}, not of the leaky one",
            "leave out the request for the leaky protocol, or make a leaky split",
        )


def strangers(manifest: Manifest, more: Manifest) -> list[Row]:
    """Return the rows of other data that show, and are made of, nobody whom a manifest names."""
    here = {person for row in manifest.rows for person in row.people}
    return [row for row in more.rows if here.isdisjoint(row.people)]


def assert_strangers(manifest: Manifest, more: Manifest) -> None:
    """Refuse data to learn from in which somebody new looks like somebody of the manifest.

    Pictures are compared, and not faces: who is shown in quite another picture is not recognised.

    Args:
        manifest: Of the people who are tested.
        more: What is learned from besides; rows of the manifest's people are not looked at, as
            splits keep those apart.

    Raises:
        InputError: A picture of nobody whom the manifest names looks like one of its own.
    """
    new = strangers(manifest, more)
    near = _near_across(
        tuple(row.fingerprint for row in manifest.rows), tuple(row.fingerprint for row in new)
    )
    if near:
        i, j = near[0]
        own, theirs = manifest.rows[i], new[j]
        raise InputError(
            more.title,
            f"shows {theirs.subject}, whom {manifest.title} does not name, in a picture like its "
            f"own ({theirs.name} is like {own.name} of {own.subject}; {counted(len(near), 'pair')} "
            "in all)",
            "leave these data out, or give one person one name in both",
        )


@lru_cache(maxsize=4)
def _near_across(
    fingerprints: tuple[str, ...], others: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    """Return near pairs; they are kept, because every row of an experiment asks for them again."""
    return near_across(fingerprints, others)


def leaks_of(manifest: Manifest, split: Split) -> tuple[Leak, ...]:
    """Return everything that is in more than one part of a split.

    Args:
        manifest: What the split divides.
        split: The split.

    Raises:
        InputError: The split names rows that the manifest lacks, or the rows of the manifest
            contradict one another or are copies of themselves.
    """
    parts = _parts_of_rows(manifest, split)
    rows = [row for row in manifest.rows if row.name in parts]
    parents = {row.name: row.parent for row in manifest.rows}
    keys = {
        LeakKind.ROW: [(row.name, row.name) for row in rows],
        LeakKind.SUBJECT: [(row.name, person) for row in rows for person in row.people],
        LeakKind.COPY: [(row.name, _original(row.name, parents)) for row in rows],
        LeakKind.SEQUENCE: [(row.name, _sequence(row)) for row in rows],
        LeakKind.DUPLICATE: [(row.name, row.sha256) for row in rows],
    }
    found = [leak for kind, shared in keys.items() for leak in _divided(kind, shared, parts)]
    return (*found, *_near(manifest.rows, parts))


def _parts_of_rows(manifest: Manifest, split: Split) -> dict[str, set[str]]:
    """Return the parts that each row of the split is in."""
    people = {row.name: row.subject for row in manifest.rows}
    if len(people) < len(manifest.rows) or not all(people.values()):
        check_rows(manifest.rows, manifest.title)
    parts: dict[str, set[str]] = defaultdict(set)
    for part, names in split.parts.items():
        for name in names:
            parts[name].add(part)
    strange = sorted(parts.keys() - people.keys())
    if strange:
        raise InputError(
            split.name,
            f"names {len(strange)} rows that the manifest lacks ({', '.join(strange[:_SHOWN])})",
            "use the manifest that the split was made of",
        )
    return dict(parts)


def _divided(
    kind: LeakKind, shared: Iterable[tuple[str, str]], parts: Mapping[str, set[str]]
) -> Iterator[Leak]:
    groups: dict[str, list[str]] = defaultdict(list)
    for name, key in shared:
        if key:
            groups[key].append(name)
    for key, names in groups.items():
        alone = len(names) == 1 and kind is not LeakKind.ROW
        if not alone and len(set().union(*(parts[name] for name in names))) > 1:
            yield Leak(kind, key, tuple(names))


def _near(rows: Iterable[Row], parts: Mapping[str, set[str]]) -> Iterator[Leak]:
    """Yield near-duplicates of different people; those of one person are a leak of the person."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        if row.fingerprint:
            groups[row.fingerprint, row.subject].append(row.name)
    for one, other in _near_pairs(tuple(groups)):
        names = [name for name in (*groups[one], *groups[other]) if name in parts]
        if len(set().union(*(parts[name] for name in names))) > 1:
            yield Leak(LeakKind.NEAR_DUPLICATE, one[0], tuple(names))


@lru_cache(maxsize=4)
def _near_pairs(
    seen: tuple[tuple[str, str], ...],
) -> tuple[tuple[tuple[str, str], tuple[str, str]], ...]:
    """Return near pairs of (fingerprint, person) of different people.

    They are kept, because every fold of a manifest asks for them again.
    """
    prints, people = zip(*seen, strict=True) if seen else ((), ())
    return tuple((seen[i], seen[j]) for i, j in near_duplicates(prints, people))


def _original(name: str, parents: Mapping[str, str]) -> str:
    """Return the row at the end of the chain of parents."""
    seen = {name}
    while parents.get(name):
        name = parents[name]
        if name in seen:
            raise InputError(name, "is an altered copy of itself", "name the original as parent")
        seen.add(name)
    return name


def _sequence(row: Row) -> str:
    """Return a name of the row's sequence that no other person's sequence has."""
    return f"{row.sequence} of {row.subject}" if row.sequence else ""


def _told(leaks: list[Leak]) -> str:
    first = leaks[0]
    names = ", ".join(printable(name) for name in first.rows[:_SHOWN])
    more = ", ..." if len(first.rows) > _SHOWN else ""
    return f"{len(leaks)} {first.kind} (such as {names}{more})"

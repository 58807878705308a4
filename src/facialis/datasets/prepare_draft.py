"""What every preparation needs: where its files go, what it left out, and the rows it makes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facialis.datasets.manifest import Row
from facialis.datasets.prepare_digests import Digests
from facialis.datasets.reading import Collection, is_video
from facialis.datasets.sample import Sample
from facialis.errors import InputError, OutputError, printable
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from facialis.datasets.sample import Label

Progress = Callable[[int, int], None]
"""Called with steps done and steps in all; begins anew with each stage."""

EXAMPLES: Final = 5
"""How many names stand beside a count."""


class LeftOut:
    """Counts what a preparation leaves out, by reason, with the first names."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: dict[str, int] = {}
        self._names: dict[str, list[str]] = {}

    def note(self, reason: str, name: object) -> None:
        """Count one more thing that is left out for a reason."""
        self._counts[reason] = self._counts.get(reason, 0) + 1
        names = self._names.setdefault(reason, [])
        if len(names) < EXAMPLES:
            names.append(printable(name))

    def record(self) -> dict[str, object]:
        """Return reasons, counts and names as JSON values, reasons in alphabetical order."""
        return {
            reason: {"count": self._counts[reason], "examples": self._names[reason]}
            for reason in sorted(self._counts)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A sample that was chosen, and its place in the manifest.

    Attributes:
        sample: The picture, with the labels that the row gets.
        part: As in `Row`.
        sequence: As in `Row`.
        original: The picture that this is an altered copy of.
    """

    sample: Sample
    part: str = ""
    sequence: str = ""
    original: Path | None = None


@dataclass(slots=True, kw_only=True)
class Draft:
    """A preparation under way.

    Attributes:
        collections: Where the samples come from.
        out: The folder of the manifest and of the files that are made.
        seed: Of every random draw.
        leaky: Whether pictures are split at random, whoever is on them.
        progress: Called as work is done.
        is_finished: Whether `out` already holds the manifest of this very preparation.
        left_out: What is left out.
        notes: What else a reader should know, one sentence each.
        record: What else stands in ``made``, as JSON values.
        makes_files: Whether the manifest lists files below `out`.
        unreadable: Pictures that were left out because they cannot be read.
    """

    collections: tuple[Collection, ...]
    out: Path
    seed: int
    leaky: bool = False
    progress: Progress = field(default=lambda _done, _of: None)
    is_finished: bool = False
    left_out: LeftOut = field(default_factory=LeftOut)
    notes: list[str] = field(default_factory=list)
    record: dict[str, object] = field(default_factory=dict)
    makes_files: bool = False
    unreadable: set[Path] = field(default_factory=set)
    _digests: Digests | None = None

    @property
    def digests(self) -> Digests:
        """Digests and fingerprints of pictures; those of an interrupted run are taken up."""
        if self._digests is None:
            make_directory(self.out)
            self._digests = Digests(self.out)
        return self._digests

    @property
    def root(self) -> Path:
        """The folder that paths of the manifest start from: the nearest that holds all files."""
        places = [os.path.abspath(each.root) for each in self.collections]  # noqa: PTH100 - links
        if self.makes_files:
            places.append(os.path.abspath(self.out))  # noqa: PTH100 - links stay links
        try:
            return Path(os.path.commonpath(places))
        except ValueError as error:  # other drives
            raise InputError(
                self.out, "and the collections are on different drives", "put them on one drive"
            ) from error

    def close(self, *, is_done: bool) -> None:
        """Keep for a next run what was read so far, or drop it if none is needed.

        Args:
            is_done: Whether the manifest is written.
        """
        if self._digests is not None:
            self._digests.save()
            if is_done:
                self._digests.discard()

    def samples(self) -> Iterator[Sample]:
        """Give the samples that a preparation may use, collection by collection.

        Altered copies of other pictures are left out, for they would have to stay with their
        originals, and so are samples of unknown people, for nobody could keep them apart
        (DX-1); except that every picture of a collection for face parsing, which names nobody,
        counts as a person of its own.
        """
        for collection in self.collections:
            nameless = collection.name in NAMELESS
            for sample in collection.samples():
                if sample.parent:
                    self.leave_out("altered copies that came with a collection", sample)
                elif sample.subject:
                    yield sample
                elif nameless:
                    place = sample.path.relative_to(collection.root).with_suffix("").as_posix()
                    yield replace(sample, subject=f"{collection.name}/{place}")
                else:
                    self.leave_out("files of unknown people", sample)

    def pictures(self) -> Iterator[Sample]:
        """Give the samples that are pictures; recordings are left out."""
        for sample in self.samples():
            if is_video(sample.path):
                self.leave_out("recordings, where pictures are needed", sample)
            else:
                yield sample

    def is_readable(self, sample: Sample) -> bool:
        """Return whether a picture can be read; one that cannot is left out."""
        try:
            self.digests.of(sample.path)
        except InputError:
            if sample.path not in self.unreadable:
                self.unreadable.add(sample.path)
                self.leave_out("pictures that cannot be read", sample)
            return False
        return True

    def place(self, kind: str, sample: Sample) -> Path:
        """Return where below `out` a file made from a sample goes, without the file's own suffix.

        The suffix of the sample is part of the name (``1-bmp``), so that no two meet.

        Args:
            kind: Of file: the first folder.
            sample: What it is made from.
        """
        inside = self._inside(sample.path)
        return self.out / kind / inside.with_name(inside.name.replace(".", "-"))

    def leave_out(self, reason: str, sample: Sample) -> None:
        """Count a sample that is left out for a reason."""
        self.left_out.note(reason, self._inside(sample.path).as_posix())

    def _inside(self, path: Path) -> Path:
        """Return a collection's name and the path inside it."""
        for key, collection in self.keyed().items():
            if collection.root in path.parents:
                return key / path.relative_to(collection.root)
        if self.out in path.parents:  # a frame that was made here
            return Path(*path.relative_to(self.out).parts[1:])
        return Path(path.name)

    def keyed(self) -> dict[str, Collection]:
        """Return the collections by name, numbered where several have the same one."""
        names = [each.name for each in self.collections]
        return {
            name if names.count(name) == 1 else f"{name}-{number}": each
            for number, (name, each) in enumerate(zip(names, self.collections, strict=True), 1)
        }

    def keep(self, path: Path, data: bytes) -> None:
        """Write a file below `out`, unless it is there already.

        Raises:
            OutputError: If the file cannot be written, or belongs to a finished manifest and has
                other bytes.
        """
        try:
            is_there = path.read_bytes() == data
        except FileNotFoundError:
            is_there = False
        if is_there:
            return
        if self.is_finished and path.exists():
            raise OutputError(
                f"{printable(path)}: is part of a finished manifest and would change; "
                "prepare into another folder."
            )
        make_directory(path.parent)
        replace_file(path, data)

    def rows(self, entries: Iterable[Entry]) -> tuple[Row, ...]:
        """Return the rows of what was chosen; pictures that cannot be read are left out."""
        chosen = list(entries)
        root = self.root
        rows = []
        for done, entry in enumerate(chosen, start=1):
            if self.is_readable(entry.sample):
                rows.append(self._row(entry, root))
            self.progress(done, len(chosen))
        return tuple(rows)

    def _row(self, entry: Entry, root: Path) -> Row:
        sample = entry.sample
        digest, fingerprint = self.digests.of(sample.path)
        name = _relative(sample.path, root)
        return Row(
            name=name,
            path=name,
            sha256=digest,
            fingerprint=fingerprint,
            subject=sample.subject,
            source=sample.source,
            labels=sample.labels,
            video=sample.video,
            frame=sample.frame,
            rate=sample.rate,
            movement=sample.movement,
            side=sample.side,
            part=entry.part,
            parent="" if entry.original is None else _relative(entry.original, root),
            sequence=entry.sequence,
            annotations={
                kind: _relative(path, root) for kind, path in sorted(sample.annotations.items())
            },
        )


NAMELESS: Final = frozenset({"celebamask_hq", "lapa", "helen", "aflw"})
"""Collections that do not say who is on a picture."""

HEALTHY: Final = frozenset({"ckplus", "ckplus48"})
"""Collections of people whom papers 002 and 003 take to be healthy; they do not say so."""


def labelled(sample: Sample, label: Label) -> Sample:
    """Return a sample with one more label, before the others."""
    return replace(sample, labels=(label, *(each for each in sample.labels if each != label)))


def _relative(path: Path, root: Path) -> str:
    return Path(os.path.relpath(os.path.abspath(path), root)).as_posix()  # noqa: PTH100 - links

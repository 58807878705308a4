"""What a reader should know of splits: missing classes, doubled people, rows left out."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from facialis.datasets.targets import CLASSES, Class, Target, class_of
from facialis.evaluation.splits import Caveat, Protocol, Split

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from facialis.datasets.manifest import Manifest


def caveats_of(manifest: Manifest, splits: Sequence[Split], target: Target | None) -> list[Caveat]:
    """Return what is missing, doubled or left out in splits of a manifest.

    Args:
        manifest: The manifest.
        splits: Its splits, all of one protocol.
        target: What is evaluated; None to say nothing of classes.

    Returns:
        Caveats of every kind; those with no names say that all is well.

    Raises:
        InputError: A label is not on its scale.
    """
    found = [
        Caveat("people in more than one source", _people_in_two_sources(manifest)),
        Caveat("parts without a row", tuple(_empty_parts(splits))),
        *_copies(manifest, splits),
    ]
    return found if target is None else [*found, *class_caveats(manifest, splits, target)]


def class_caveats(manifest: Manifest, splits: Sequence[Split], target: Target) -> list[Caveat]:
    """Return what is missing of one target's classes; arguments and errors as `caveats_of`."""
    classes = {row.name: class_of(row, target) for row in manifest.rows}
    there = {each for each in classes.values() if each is not None}
    empty = [each for each in CLASSES[target.scale] or () if each not in there]
    unlabelled = tuple(name for name, each in classes.items() if each is None)
    return [
        Caveat(f"classes of {target.scale} without a row", tuple(map(str, empty))),
        Caveat(f"rows without a {target.scale}", unlabelled),
        Caveat(
            f"parts without a class of {target.scale}",
            tuple(_missing_classes(splits, classes, there)),
        ),
    ]


def _copies(manifest: Manifest, splits: Sequence[Split]) -> Iterator[Caveat]:
    copies = {row.name for row in manifest.rows if row.parent}
    tested: set[str] = set()
    skipped: set[str] = set()
    for split in splits:
        held = copies.intersection((*split.validation, *split.test))
        tested |= held
        skipped |= copies.difference(split.train, held)
    yield Caveat("augmented copies that are tested on", tuple(sorted(tested)))
    yield Caveat("augmented copies that some split leaves out", tuple(sorted(skipped)))


def _people_in_two_sources(manifest: Manifest) -> tuple[str, ...]:
    sources: dict[str, set[str]] = defaultdict(set)
    for row in manifest.rows:
        sources[row.subject].add(row.source)
    return tuple(sorted(name for name, found in sources.items() if len(found) > 1))


def _empty_parts(splits: Sequence[Split]) -> Iterator[str]:
    for split in splits:
        for part, names in split.parts.items():
            if not names:
                yield f"{split.name} {part}"


def _missing_classes(
    splits: Sequence[Split], classes: Mapping[str, Class | None], there: set[Class]
) -> Iterator[str]:
    """Name parts that lack a class; one tested patient has few, and that is no defect of lopo."""
    for split in splits:
        for part, names in split.parts.items():
            if not names or (split.protocol is Protocol.LOPO and part != "train"):
                continue
            for missing in sorted(there - {classes[name] for name in names}, key=str):
                yield f"{split.name} {part} lacks {missing}"

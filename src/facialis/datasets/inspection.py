"""A collection looked at file by file: what it holds, what it lacks, and what is in it twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from facialis.datasets.findings import Finding, FindingLog, Trouble
from facialis.datasets.fingerprints import fingerprint, near_duplicates, near_within
from facialis.datasets.manifest_files import file_digest
from facialis.datasets.reading import is_video
from facialis.datasets.sample import Sample
from facialis.errors import InputError
from facialis.media.photo import read_photo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from facialis.datasets.reading import Collection


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a collection holds.

    Attributes:
        name: Which collection.
        images: Files that are pictures; a picture of several faces counts once.
        recordings: Files that are recordings.
        samples: Samples; as many as files unless a picture shows several faces.
        subjects: People that are told apart.
        without_subject: Samples of which nobody says who is shown.
        videos: Recordings that frames or files come from.
        labels: For each scale, and zone in brackets, how many samples have each value.
        movements: How many samples show each movement.
        sides: How many samples have each affected side.
        annotations: How many samples have each kind of annotation.
        images_of_subject: How many samples each person has.
        augmented: Samples that are altered copies of others.
        near_within: Pairs of near-duplicate pictures of one person, as neighbouring frames are.
        near_across: Pairs of near-duplicate pictures of different or unknown people.
        findings: What a reader of the collection should know.
    """

    name: str
    images: int
    recordings: int
    samples: int
    subjects: int
    without_subject: int
    videos: int
    labels: dict[str, dict[str, int]]
    movements: dict[str, int]
    sides: dict[str, int]
    annotations: dict[str, int]
    images_of_subject: dict[str, int]
    augmented: int
    near_within: int
    near_across: int
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Files:
    """What was found by opening files; one entry a file."""

    digests: list[str] = field(default_factory=list)
    fingerprints: list[str] = field(default_factory=list)
    owners: list[Sample] = field(default_factory=list)


def inspect(
    collection: Collection, progress: Callable[[int, int], None] | None = None
) -> Inspection:
    """Read a collection to its end and open every picture.

    Args:
        collection: The collection.
        progress: Called with files opened and files in all.

    Raises:
        InputError: If a folder of the collection cannot be read.
    """
    samples = list(collection.samples())
    log = FindingLog()
    files = _opened(samples, log, collection, progress)
    _note_exact_duplicates(files, log, collection)
    near_within, near_across = _note_near_duplicates(files, log, collection)
    copies = [each for each in samples if each.parent]
    for each in copies:
        log.note(Trouble.AUGMENTED_COPIES, _name(each.path, collection))
    paths = {each.path for each in samples}
    recordings = sum(is_video(path) for path in paths)
    return Inspection(
        name=collection.name,
        images=len(paths) - recordings,
        recordings=recordings,
        samples=len(samples),
        subjects=len({each.subject for each in samples} - {""}),
        without_subject=sum(not each.subject for each in samples),
        videos=len({(each.subject, each.video) for each in samples if each.video}),
        labels=_label_counts(samples),
        movements=_counts([each.movement for each in samples]),
        sides=_counts([each.side for each in samples]),
        annotations=_counts(
            [kind for each in samples for kind in {k.partition(":")[0] for k in each.annotations}]
        ),
        images_of_subject=_counts([each.subject or None for each in samples]),
        augmented=len(copies),
        near_within=near_within,
        near_across=near_across,
        findings=_in_order((*collection.findings, *log.all())),
    )


def _opened(
    samples: Sequence[Sample],
    log: FindingLog,
    collection: Collection,
    progress: Callable[[int, int], None] | None,
) -> _Files:
    owners = {each.path: each for each in reversed(samples)}
    files = _Files()
    for done, path in enumerate(dict.fromkeys(each.path for each in samples), start=1):
        try:
            digest, mark = _read(path)
        except InputError:
            log.note(Trouble.UNREADABLE_IMAGES, _name(path, collection))
        else:
            files.digests.append(digest)
            files.fingerprints.append(mark)
            files.owners.append(owners[path])
        if progress is not None:
            progress(done, len(owners))
    return files


def _read(path: Path) -> tuple[str, str]:
    if is_video(path):
        return file_digest(path), ""
    frame = read_photo(path)
    return frame.sha256, fingerprint(frame.pixels)


def _note_exact_duplicates(files: _Files, log: FindingLog, collection: Collection) -> None:
    first: dict[str, Sample] = {}
    for digest, sample in zip(files.digests, files.owners, strict=True):
        other = first.setdefault(digest, sample)
        if other is sample:
            continue
        pair = f"{_name(sample.path, collection)} = {_name(other.path, collection)}"
        same = other.subject == sample.subject
        log.note(Trouble.EXACT_DUPLICATES if same else Trouble.SHARED_BY_SUBJECTS, pair)


def _note_near_duplicates(
    files: _Files, log: FindingLog, collection: Collection
) -> tuple[int, int]:
    people = [owner.subject for owner in files.owners]
    same = Counter(zip(people, files.digests, strict=True))
    identical = sum(n * (n - 1) // 2 for (person, _), n in same.items() if person)
    within = near_within(files.fingerprints, people) - identical
    across = 0
    for i, j in near_duplicates(files.fingerprints, people):
        if files.digests[i] == files.digests[j]:
            continue
        one, other = files.owners[i], files.owners[j]
        across += 1
        pair = f"{_name(one.path, collection)} ~ {_name(other.path, collection)}"
        log.note(Trouble.NEAR_DUPLICATES, pair)
    return within, across


def _label_counts(samples: Sequence[Sample]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for sample in samples:
        for label in sample.labels:
            scale = f"{label.scale.value}{f' [{label.zone}]' if label.zone else ''}"
            counts.setdefault(scale, Counter())[str(label.value)] += 1
    return {scale: dict(sorted(counts[scale].items(), key=_by_value)) for scale in sorted(counts)}


def _by_value(count: tuple[str, int]) -> tuple[bool, float, str]:
    try:
        return False, float(count[0]), count[0]
    except ValueError:
        return True, 0.0, count[0]


def _counts(values: Sequence[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(str(each) for each in values if each is not None).items()))


_ORDER: Final = {kind: place for place, kind in enumerate(Trouble)}


def _in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda each: _ORDER[each.kind]))


def _name(path: Path, collection: Collection) -> str:
    try:
        return path.relative_to(collection.root).as_posix()
    except ValueError:
        return str(path)

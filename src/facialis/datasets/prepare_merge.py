"""Paper 002's merge: MEEI, YFP and CK+ as six classes of 1,100 pictures.

[002] section on data: frames of MEEI at 3 and of YFP at 6 frames/s, 350 pictures of CK+ as normal
faces, augmented until each class has 1,100 pictures, split 770 / 165 / 165 ([002] Table 2; the
text calls it 75 / 15 / 15). The paper split pictures, augmented copies among them, at random.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.scales import GRADES, Scale, word_of_grade
from facialis.datasets.prepare_copies import altered_copy
from facialis.datasets.prepare_draft import HEALTHY, Entry, labelled
from facialis.datasets.prepare_parts import TEST, TRAIN, VALIDATION, balanced_parts, drawn_evenly
from facialis.datasets.prepare_video import extracted_frames
from facialis.datasets.reading import is_video
from facialis.datasets.sample import Label, Sample
from facialis.datasets.sequences import resampled
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from facialis.datasets.prepare_draft import Draft

PER_PART: Final = {TRAIN: 770, TEST: 165, VALIDATION: 165}
"""Pictures of each class in each part ([002] Table 2)."""

PER_CLASS: Final = sum(PER_PART.values())

NORMAL_PICTURES: Final = 350
"""Pictures of CK+ ([002] section on data)."""

RATES: Final = {"meei": 3.0}
"""Frames per second of MEEI ([002] section on data); `USUAL_RATE` is that of the others."""

USUAL_RATE: Final = 6.0

RATER: Final = "paper 002"
"""Who says the severity that is the class of a row."""


@dataclass(frozen=True, slots=True)
class _Drawn:
    """Pictures of one class for one part, and how many were wanted."""

    word: str
    part: str
    wanted: int
    samples: list[Sample]


def merged(draft: Draft) -> list[Entry]:
    """Choose the pictures of paper 002, in the honest form or, if the draft is leaky, as printed.

    Honest: people are split first, so that nobody is in two parts; each part draws its share of
    each class, evenly over people; only training is filled up with augmented copies (S2-11), so
    that validation and test may be short of 165, which ``made`` tells.

    Leaky: each class draws 1,100 pictures and is filled up with augmented copies, and the pictures
    are then split at random, whoever is on them and whatever they are copies of.

    The class of a row is its first label, a severity: of its House-Brackmann grade (YFP,
    simulated), of its eFACE word (MEEI), or normal (CK+). What the collection gave stays.
    """
    draft.makes_files = True
    rng = np.random.default_rng(draft.seed)
    pool = [sample for sample in _frames(draft) if _class_of(sample)]
    pool = _few_normals(draft, pool, rng)
    if not pool:
        raise InputError(
            draft.out, "no picture has a grade", "give a table of grades, or another collection"
        )
    entries = _leaky(draft, pool, rng) if draft.leaky else _honest(draft, pool, rng)
    _record(draft, entries)
    return entries


def _frames(draft: Draft) -> Iterator[Sample]:
    """Give the graded pictures, those of recordings among them, with the class as first label."""
    samples = [graded for graded in (_graded(draft, each) for each in draft.samples()) if graded]
    recordings = [each for each in samples if is_video(each.path)]
    filmed = {each.source for each in recordings}
    yield from _extracted(draft, recordings)
    stills = [each for each in samples if not is_video(each.path)]
    for source in sorted({each.source for each in stills}):
        mine = [each for each in stills if each.source == source]
        if source in filmed:
            for each in mine:
                draft.leave_out("photographs of a collection that has recordings", each)
        else:
            yield from _thinned(draft, mine)


def _graded(draft: Draft, sample: Sample) -> Sample | None:
    grade = sample.label(Scale.HOUSE_BRACKMANN) or sample.label(Scale.EFACE_WORD)
    if sample.source in HEALTHY:
        return labelled(sample, Label(Scale.SEVERITY, GRADES[0], rater=RATER))
    if grade is None or not isinstance(grade.value, int):
        draft.leave_out("files without a grade", sample)
        return None
    return labelled(sample, Label(Scale.SEVERITY, grade.value, rater=RATER))


def _extracted(draft: Draft, recordings: Sequence[Sample]) -> Iterator[Sample]:
    for done, sample in enumerate(recordings, start=1):
        folder = draft.place("frames", sample)
        try:
            yield from extracted_frames(sample, folder, RATES.get(sample.source, USUAL_RATE))
        except InputError:
            draft.leave_out("recordings that cannot be decoded", sample)
        draft.progress(done, len(recordings))


def _thinned(draft: Draft, samples: Sequence[Sample]) -> Iterator[Sample]:
    """Give pictures; of recordings that were cut into frames, those at the wanted rate."""
    recordings: dict[tuple[str, str], list[Sample]] = {}
    for each in samples:
        if each.rate is None or each.frame is None or each.source in HEALTHY:
            yield each
        else:
            recordings.setdefault((each.subject, each.video), []).append(each)
    for frames in recordings.values():
        in_order = sorted(frames, key=lambda each: each.frame or 0)
        numbers = [each.frame or 0 for each in in_order]
        rate = RATES.get(frames[0].source, USUAL_RATE)
        kept = set(resampled(numbers, frames[0].rate or rate, rate))
        for position, each in enumerate(in_order):
            if position in kept:
                yield each
            else:
                draft.leave_out("frames beyond the paper's rate", each)


def _few_normals(draft: Draft, pool: Sequence[Sample], rng: np.random.Generator) -> list[Sample]:
    normal = [each for each in pool if each.source in HEALTHY]
    kept = {each.path for each in drawn_evenly(normal, NORMAL_PICTURES, rng, draft.is_readable)}
    for each in normal:
        if each.path not in kept and each.path not in draft.unreadable:
            draft.leave_out(f"pictures of CK+ beyond {NORMAL_PICTURES}", each)
    return [each for each in pool if each.source not in HEALTHY or each.path in kept]


def _honest(draft: Draft, pool: Sequence[Sample], rng: np.random.Generator) -> list[Entry]:
    people: dict[str, set[str]] = {}
    for each in pool:
        people.setdefault(each.subject, set()).add(_class_of(each))
    shares = {part: count / PER_CLASS for part, count in PER_PART.items()}
    parts = balanced_parts(people, shares, rng)
    entries: list[Entry] = []
    for word in _words(pool):
        for part, wanted in PER_PART.items():
            mine = [e for e in pool if _class_of(e) == word and parts[e.subject] == part]
            drawn = _drawn(draft, mine, _Drawn(word, part, wanted, []), rng)
            entries += [Entry(sample=each, part=part) for each in drawn.samples]
            if part == TRAIN:
                entries += _copies(draft, drawn)
    return entries


def _leaky(draft: Draft, pool: Sequence[Sample], rng: np.random.Generator) -> list[Entry]:
    entries: list[Entry] = []
    for word in _words(pool):
        mine = [each for each in pool if _class_of(each) == word]
        drawn = _drawn(draft, mine, _Drawn(word, "", PER_CLASS, []), rng)
        everything = [Entry(sample=each) for each in drawn.samples] + _copies(draft, drawn)
        parts = [part for part, count in PER_PART.items() for _ in range(count)]
        for place, part in zip(rng.permutation(len(everything)), parts, strict=False):
            entry = everything[place]
            entries.append(Entry(sample=entry.sample, part=part, original=entry.original))
    return entries


def _drawn(
    draft: Draft, samples: Sequence[Sample], wish: _Drawn, rng: np.random.Generator
) -> _Drawn:
    drawn = drawn_evenly(samples, wish.wanted, rng, draft.is_readable)
    taken = {each.path for each in drawn}
    for each in samples:
        if each.path not in taken and each.path not in draft.unreadable:
            draft.leave_out(f"pictures beyond the share of {wish.word!r}", each)
    if not drawn:
        where = f" in {wish.part}" if wish.part else ""
        draft.notes.append(f"There is nobody with {wish.word!r}{where}.")
    return _Drawn(wish.word, wish.part, wish.wanted, drawn)


def _copies(draft: Draft, drawn: _Drawn) -> list[Entry]:
    """Return as many altered copies as the drawn pictures fall short, each picture in turn."""
    if not drawn.samples:
        return []
    missing = drawn.wanted - len(drawn.samples)
    copies = []
    for number in range(missing):
        turn, place = divmod(number, len(drawn.samples))
        original = drawn.samples[place]
        copy = altered_copy(draft, original, turn)
        copies.append(Entry(sample=copy, part=drawn.part, original=original.path))
        draft.progress(number + 1, missing)
    return copies


def _record(draft: Draft, entries: Iterable[Entry]) -> None:
    table: dict[str, Counter[str]] = {}
    for entry in entries:
        row = table.setdefault(_class_of(entry.sample), Counter())
        row[entry.part] += 1
        row["copies"] += entry.original is not None
    draft.record["classes"] = {word: dict(sorted(row.items())) for word, row in table.items()}
    for word in (word_of_grade(grade) for grade in GRADES):
        for part, wanted in PER_PART.items():
            found = table.get(word, Counter())[part]
            if found < wanted:
                draft.notes.append(f"{word} has {found} of {wanted} pictures in {part}.")
    if draft.leaky:
        draft.notes.append(
            "LEAKY: pictures are split at random as in paper 002; frames of one person and copies "
            "of one picture are in training and test alike."
        )


def _words(pool: Iterable[Sample]) -> list[str]:
    found = {_class_of(each) for each in pool}
    return [word for word in (word_of_grade(grade) for grade in GRADES) if word in found]


def _class_of(sample: Sample) -> str:
    first = sample.labels[0] if sample.labels else None
    if first is None or first.rater != RATER or not isinstance(first.value, int):
        return ""
    return word_of_grade(first.value)

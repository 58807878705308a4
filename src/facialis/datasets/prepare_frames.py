"""Papers 003 and 004: frames with the level of a person, or the palsy of a frame."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Intensity
from facialis.clinical.scales import Scale, level_of_grade, palsy_of_intensities
from facialis.datasets.prepare_draft import HEALTHY, Entry, labelled
from facialis.datasets.sample import Label
from facialis.datasets.sequences import LENGTH, STRIDE, make_sequences
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from facialis.datasets.prepare_draft import Draft
    from facialis.datasets.sample import Sample

NORMAL_SUBJECTS: Final = frozenset(
    f"ckplus/{each}"
    for each in ("S022", "S037", "S045", "S050", "S077", "S102", "S105", "S124", "S130")
)
"""People of CK+ that stand for normal faces ([003] section on data)."""

FEW_SEQUENCES: Final = 16
"""Who has fewer is to be augmented in training ([003] section on data, S3-14)."""

_ZONES: Final = {"eyes": ("eyes", "eye"), "mouth": ("mouth",)}


def runs_of_four(draft: Draft) -> list[Entry]:
    """Choose paper 003's sequences: runs of four frames that never cross a gap (D3-14).

    The level of a row is its first label: of the House-Brackmann grade of its person ([003]
    Table I), or I for the nine people of CK+. ``made`` names the people with fewer than
    `FEW_SEQUENCES` sequences. No blurred or incoherent frames are taken out, for which the paper
    gives no rule.
    """
    frames = [each for each in (_levelled(draft, s) for s in draft.pictures()) if each is not None]
    readable = []
    for done, each in enumerate(frames, start=1):
        if draft.is_readable(each):
            readable.append(each)
        draft.progress(done, len(frames))
    entries: list[Entry] = []
    sequences: Counter[str] = Counter()
    for run in make_sequences(readable, length=LENGTH, stride=STRIDE):
        first = run[0]
        name = f"{first.source}/{first.subject}/{first.video}/{first.frame}"
        entries += [Entry(sample=each, sequence=name) for each in run]
        sequences[first.subject] += 1
    used = {entry.sample.path for entry in entries}
    for each in readable:
        if each.path not in used:
            draft.leave_out("frames that no run of four takes in", each)
    if not entries:
        raise InputError(
            ", ".join(str(each.root) for each in draft.collections),
            "has no four graded frames that follow one another",
            "use recordings, or a cohort simulated with --frames",
        )
    people = sorted({each.subject for each in frames})
    draft.record["sequences"] = {each: sequences[each] for each in people}
    draft.record["augment"] = [each for each in people if 0 < sequences[each] < FEW_SEQUENCES]
    return entries


def _levelled(draft: Draft, sample: Sample) -> Sample | None:
    if sample.source in HEALTHY:
        if sample.subject not in NORMAL_SUBJECTS:
            draft.leave_out("pictures of people of CK+ that paper 003 does not use", sample)
            return None
        return labelled(sample, Label(Scale.LEVEL, 1, rater="paper 003"))
    grade = sample.label(Scale.HOUSE_BRACKMANN)
    if grade is None or not isinstance(grade.value, int):
        draft.leave_out("frames of people without a House-Brackmann grade", sample)
        return None
    return labelled(sample, Label(Scale.LEVEL, level_of_grade(grade.value), rater="paper 003"))


def palsy_of_regions(draft: Draft) -> list[Entry]:
    """Choose paper 004's frames: those whose eyes and mouth have an intensity.

    Palsy is the first label: one region strong, or both slight ([004] section on data, METHODS
    8.4). A frame that lacks a region is left out, unless the other one is strong, which decides.
    """
    entries = [Entry(sample=each) for each in _decided(draft)]
    if not entries:
        raise InputError(
            draft.out, "no frame has an intensity of eyes and mouth", "give a collection that has"
        )
    draft.record["palsy"] = dict(
        sorted(Counter(str(entry.sample.labels[0].value) for entry in entries).items())
    )
    return entries


def _decided(draft: Draft) -> Iterator[Sample]:
    for sample in draft.pictures():
        eyes, mouth = (_intensity(sample, zone) for zone in _ZONES)
        known = [each for each in (eyes, mouth) if each is not None]
        if eyes is not None and mouth is not None:
            palsy = palsy_of_intensities(eyes, mouth)
        elif Intensity.STRONG in known:
            palsy = 1
        else:
            missing = "eyes and mouth" if not known else "eyes" if eyes is None else "mouth"
            draft.leave_out(f"frames without an intensity of {missing}", sample)
            continue
        yield labelled(sample, Label(Scale.PALSY, palsy, rater="paper 004"))


def _intensity(sample: Sample, zone: str) -> Intensity | None:
    for name in _ZONES[zone]:
        label = sample.label(Scale.INTENSITY, name)
        if label is not None:
            return Intensity(str(label.value))
    return None

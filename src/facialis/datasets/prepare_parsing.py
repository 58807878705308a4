"""Papers 000 and 001: pictures with a mask of face parts, people kept apart."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from facialis.clinical.scales import Scale
from facialis.datasets.classes import MASKS, label_map
from facialis.datasets.prepare_draft import Entry
from facialis.datasets.prepare_parts import TEST, TRAIN, VALIDATION, counted_parts
from facialis.errors import InputError
from facialis.regions.classes import Attribute, Part

if TYPE_CHECKING:
    from pathlib import Path

    from facialis.datasets.prepare_draft import Draft
    from facialis.datasets.sample import Sample

TRAINED_PATIENTS: Final = 15
TESTED_PATIENTS: Final = 7
"""[000] section on data: 15 of YFP's patients train, 7 test; no validation is mentioned."""

ATTRIBUTES: Final = "attributes"
"""Annotation of a mask of the eleven classes of `Attribute`."""

LISTS: Final[dict[str, type[Part] | type[Attribute]]] = {"mask": Part, ATTRIBUTES: Attribute}
"""Annotations of masks, and the classes that they have in a manifest."""


def parsed_in_seven(draft: Draft) -> list[Entry]:
    """Choose pictures with masks of the seven classes of paper 000 (`Part`, D0-1).

    Patients are split 15 to 7 (`TRAINED_PATIENTS`, `TESTED_PATIENTS`), any other number of people
    in the same proportion. Masks of another class list are mapped and written below ``masks``.
    """
    samples = [
        masked for masked in (_masked(draft, each, Part) for each in draft.pictures()) if masked
    ]
    people = {each.subject for each in samples}
    share = TRAINED_PATIENTS / (TRAINED_PATIENTS + TESTED_PATIENTS)
    trained = round(len(people) * share)
    _enough(draft, people, 2)
    counts = {TRAIN: trained, TEST: len(people) - trained}
    return _entries(draft, samples, counts)


def parsed_in_eleven(draft: Draft) -> list[Entry]:
    """Choose pictures with masks of the eleven classes of paper 001 (`Attribute`, D1-2) or a grade.

    A picture with a mask serves the first stage, one with a House-Brackmann grade the second; both
    use the same split by people (D1-16): two thirds, a sixth, a sixth, what rounding leaves goes to
    test (D1-15).
    """
    samples = []
    for each in draft.pictures():
        if _has_mask(each):
            masked = _masked(draft, each, Attribute)
            if masked is not None:
                samples.append(masked)
        elif each.label(Scale.HOUSE_BRACKMANN) is not None:
            samples.append(replace(each, annotations=_others(each)))
        else:
            draft.leave_out("pictures without mask and House-Brackmann grade", each)
    people = {each.subject for each in samples}
    _enough(draft, people, 3)
    return _entries(draft, samples, thirds_and_sixths(len(people)))


def thirds_and_sixths(people: int) -> dict[str, int]:
    """Return how many of a number of people train, validate and test: 333, 83 and 84 of 500.

    [001] section on data, D1-15.
    """
    trained, validated = people * 2 // 3, people // 6
    return {TRAIN: trained, VALIDATION: validated, TEST: people - trained - validated}


def _entries(draft: Draft, samples: list[Sample], counts: dict[str, int]) -> list[Entry]:
    rng = np.random.default_rng(draft.seed)
    parts = counted_parts((each.subject for each in samples), counts, rng)
    draft.record["people"] = counts
    for part, count in counts.items():
        if count == 0:
            draft.notes.append(f"There are too few people for {part}.")
    return [Entry(sample=each, part=parts[each.subject]) for each in samples]


def _enough(draft: Draft, people: set[str], least: int) -> None:
    if len(people) < least:
        raise InputError(
            draft.out,
            f"pictures that can be used show {len(people)} people",
            f"give collections with at least {least} people",
        )


def _has_mask(sample: Sample) -> bool:
    return any(kind.partition(":")[0] in ("mask", ATTRIBUTES) for kind in sample.annotations)


def _others(sample: Sample) -> dict[str, Path]:
    return {
        kind: path
        for kind, path in sample.annotations.items()
        if kind.partition(":")[0] not in ("mask", ATTRIBUTES)
    }


def _masked(draft: Draft, sample: Sample, wanted: type[Part] | type[Attribute]) -> Sample | None:
    """Return a sample with masks of both lists as far as it has them, or None without `wanted`."""
    masks: dict[str, Path] = {}
    for kind, classes in LISTS.items():
        ready = _ready_mask(sample, classes)
        if ready is None:
            try:
                mask = label_map(sample, classes)
            except InputError as error:
                if classes is not wanted:
                    continue
                draft.leave_out(f"pictures whose mask cannot be used: {error.problem}", sample)
                return None
            draft.makes_files = True
            ready = draft.place("masks" if classes is Part else ATTRIBUTES, sample)
            ready = ready.with_suffix(".png")
            draft.keep(ready, _as_png(mask))
        masks[kind] = ready
    return replace(sample, annotations=_others(sample) | masks)


def _ready_mask(sample: Sample, classes: type[Part] | type[Attribute]) -> Path | None:
    """Return the mask of a sample that has the wanted classes as it is."""
    if sample.source in MASKS:
        return None
    return sample.annotations.get("mask" if classes is Part else ATTRIBUTES)


def _as_png(mask: np.typing.NDArray[np.uint8]) -> bytes:
    data = io.BytesIO()
    Image.fromarray(mask).save(data, "PNG")
    return data.getvalue()

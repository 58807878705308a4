"""One picture or recording of a collection, with the labels that the collection gives it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import Scale


@dataclass(frozen=True, slots=True)
class Label:
    """What somebody said of a sample.

    Attributes:
        scale: What the value means.
        value: A number, or a word of the scale.
        zone: The part of the face it is about (``eyes``, ``mouth``, ...); empty for the whole.
        rater: Who said so, if known.
    """

    scale: Scale
    value: int | float | str
    zone: str = ""
    rater: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A picture or a recording; nothing of it has been read yet.

    What a collection does not say stays empty: no label is ever invented.

    Attributes:
        path: The picture, or the recording.
        subject: The person, unique among all collections (``yfp/12``); empty if unknown.
        source: The collection (``yfp``, ``meei``, ``ckplus``, ...).
        labels: What is known of it.
        video: The recording that a frame comes from, unique within the subject.
        frame: Number of the frame in the recording, in the collection's own counting.
        rate: Frames per second that `frame` counts; None if unknown.
        movement: What the person was asked to do.
        side: The affected side, the patient's own, where the collection says whose side it means.
        written: Values kept as the collection writes them (``pose``: ``Left``).
        parent: Path, relative to the collection, of the sample that this is an altered copy of.
        annotations: Files that belong to it: ``mask``, ``depth``, ``landmarks``, ``truth``.
    """

    path: Path
    subject: str
    source: str
    labels: tuple[Label, ...] = ()
    video: str = ""
    frame: int | None = None
    rate: float | None = None
    movement: Movement | None = None
    side: Side | None = None
    written: Mapping[str, str] = field(default_factory=dict)
    parent: str = ""
    annotations: Mapping[str, Path] = field(default_factory=dict)

    def label(self, scale: Scale, zone: str = "") -> Label | None:
        """Return the first label of a scale and zone, or None."""
        return next((e for e in self.labels if e.scale is scale and e.zone == zone), None)

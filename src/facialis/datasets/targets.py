"""The class that a row's labels put it in, on the scale that is evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Intensity
from facialis.clinical.scales import (
    GRADES,
    LEVELS,
    Scale,
    converted,
    has_map,
    palsy_of_intensities,
)
from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facialis.datasets.manifest import Row
    from facialis.datasets.sample import Label

Class = int | str
"""A number or a word of a scale."""

CLASSES: Final[Mapping[Scale, tuple[Class, ...] | None]] = {
    Scale.HOUSE_BRACKMANN: GRADES,
    Scale.EFACE_WORD: GRADES,
    Scale.SEVERITY: GRADES,
    Scale.LEVEL: LEVELS,
    Scale.PALSY: (0, 1),
    Scale.INTENSITY: tuple(each.value for each in Intensity),
    Scale.EMOTION: tuple(range(8)),
    Scale.WORD: None,
}
"""All classes of each scale that has classes; None where the data alone say which there are."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is learned or evaluated.

    Attributes:
        scale: The scale.
        zone: The part of the face, empty for the whole.

    Raises:
        InputError: The scale has no classes.
    """

    scale: Scale
    zone: str = ""

    def __post_init__(self) -> None:
        """Refuse a scale whose values are no classes."""
        if self.scale not in CLASSES:
            raise InputError(self.scale, "has no classes", f"use one of {', '.join(CLASSES)}")


def class_of(row: Row, target: Target) -> Class | None:
    """Return the class of a row on a scale, or None if its labels do not say.

    The label of the scale itself counts first. For the palsy of a face the intensities of eyes and
    mouth come next (METHODS 8.4), then labels of other scales from which a map is defined. If
    several raters gave a label, the first counts.

    Args:
        row: A row of a manifest.
        target: What is learned or evaluated.

    Raises:
        InputError: A label is not on its scale.
    """
    scale, zone = target.scale, target.zone
    found = _stated(row.labels, scale, zone)
    if found is None and scale is Scale.PALSY and not zone:
        found = _palsy(row.labels)
    if found is None:
        found = _mapped(row.labels, scale, zone)
    known = CLASSES[scale]
    if found is not None and known is not None and found not in known:
        raise InputError(
            row.name,
            f"has the {scale} {found!r}, which is not on the scale",
            f"use one of {', '.join(map(str, known))}",
        )
    return found


def _stated(labels: Sequence[Label], scale: Scale, zone: str) -> Class | None:
    for label in labels:
        if label.scale is scale and label.zone == zone:
            value = label.value
            return int(value) if isinstance(value, float) and value.is_integer() else _plain(value)
    return None


def _plain(value: float | str) -> Class:
    return value if isinstance(value, int) else str(value)


def _palsy(labels: Sequence[Label]) -> int | None:
    stated = [_stated(labels, Scale.INTENSITY, zone) for zone in ("eyes", "mouth")]
    known = [_INTENSITIES[each] for each in stated if each in _INTENSITIES]
    if Intensity.STRONG in known:  # whatever the other region is
        return 1
    return palsy_of_intensities(known[0], known[1]) if len(known) > 1 else None


def _mapped(labels: Sequence[Label], scale: Scale, zone: str) -> int | None:
    for label in labels:
        if label.zone != zone or not has_map(label.scale, scale):
            continue
        value = _stated((label,), label.scale, zone)
        if isinstance(value, int):
            return converted(value, label.scale, scale)
    return None


_INTENSITIES: Final[Mapping[object, Intensity]] = {each.value: each for each in Intensity}

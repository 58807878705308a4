"""What methods answer, so that all of them are scored by the same code."""

from __future__ import annotations

from dataclasses import dataclass

from facialis.clinical.scales import Scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Segmentation:
    """A class for each pixel.

    Attributes:
        name: In tables (``parts``).
        classes: Names of the classes, in the order of their numbers; 0 is the background.
        truth: Key of an example's label map (H, W) uint8, 255 where nobody labelled.
        predicted: Key of the predicted label map (H, W) uint8.
        weak: Classes whose labels are weak; they are reported apart and enter no mean.
    """

    name: str
    classes: tuple[str, ...]
    truth: str = "mask"
    predicted: str = "labels"
    weak: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A class for each picture or sequence.

    Attributes:
        name: In tables (``grade``).
        scale: Of the classes.
        classes: Names of the classes, in the order of their numbers.
        truth: Key of an example's class number; -1 where it is unknown.
        predicted: Key of the predicted probabilities (K,) float32.
    """

    name: str
    scale: Scale
    classes: tuple[str, ...]
    truth: str
    predicted: str


Task = Segmentation | Classification
"""Something that a method answers."""

UNKNOWN_CLASS = -1
"""Class number of an example that has no label."""

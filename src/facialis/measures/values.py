"""The value objects that measures are reported in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from facialis.clinical.anatomy import Region

Kind = Literal["length", "area", "angle"]
MeasuringFrame = Literal["frontal", "emotrics"]


@dataclass(frozen=True, slots=True)
class SidedValue:
    """One quantity on both sides of the face.

    Attributes:
        right: The patient's right side; None for what exists only as a gap between the sides.
        left: The patient's left side; likewise.
        difference: Absolute difference of the sides (or the gap itself).
        right_sd: Standard uncertainty of `right`, same unit.
        left_sd: Standard uncertainty of `left`, same unit.
        difference_sd: Standard uncertainty of `difference`, same unit.
    """

    right: float | None
    left: float | None
    difference: float
    right_sd: float | None
    left_sd: float | None
    difference_sd: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A row of the table of facial measures.

    Attributes:
        name: Identifier, such as ``brow_height``.
        label: What a clinician calls it.
        region: Where it belongs.
        kind: Length, area or angle.
        interocular: In units of the interocular distance (outer canthi), its square for an area;
            None for an angle.
        mm: In mm or mm²; None for an angle, or when there is no scale.
        degrees: For an angle only.
        percent: Difference in percent of the larger side; None where no side is larger than zero or
            where a ratio of sides means nothing.
        not_measured: Why there is no value, or None.
        note: What to know about the value, or None.
    """

    name: str
    label: str
    region: Region
    kind: Kind
    interocular: SidedValue | None = None
    mm: SidedValue | None = None
    degrees: SidedValue | None = None
    percent: float | None = None
    not_measured: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """Millimetres in a photograph.

    Attributes:
        mm_per_px: Millimetres in one pixel of the original photograph, or None if unknown.
        mm_per_px_sd: Its standard uncertainty.
        source: ``iris``, ``given``, or ``none``.
        interocular_px: Distance of the outer canthi in the frontal frame, original pixels.
        interocular_mm: The same in mm, or None.
        note: Why there is no scale, or what it assumes.
    """

    mm_per_px: float | None
    mm_per_px_sd: float | None
    source: Literal["iris", "given", "none"]
    interocular_px: float
    interocular_mm: float | None
    note: str


@dataclass(frozen=True, slots=True)
class MeasureTable:
    """All measures of one face.

    Attributes:
        frame: ``frontal`` (3-D landmarks turned to frontal) or ``emotrics`` (in the picture plane).
        scale: Millimetres.
        items: One `Measure` a row, in the order of the clinical table.
    """

    frame: MeasuringFrame
    scale: Scale
    items: tuple[Measure, ...]

    def __getitem__(self, name: str) -> Measure:
        """Return the measure called `name`.

        Raises:
            KeyError: There is none.
        """
        for item in self.items:
            if item.name == name:
                return item
        raise KeyError(name)

"""The value objects that measures are reported in."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
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

    def in_unit(self, unit: float, relative_sd: float) -> SidedValue:
        """Return it in another unit.

        Args:
            unit: What one of the present units is in the other.
            relative_sd: Standard uncertainty of `unit`, as a part of it.
        """

        def scaled(value: float | None) -> float | None:
            return None if value is None else value * unit

        def spread(sd: float | None, value: float | None) -> float | None:
            return None if sd is None else unit * math.hypot(sd, relative_sd * (value or 0.0))

        return SidedValue(
            scaled(self.right),
            scaled(self.left),
            self.difference * unit,
            spread(self.right_sd, self.right),
            spread(self.left_sd, self.left),
            unit * math.hypot(self.difference_sd, relative_sd * self.difference),
        )


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

    def in_scale(self, scale: Scale) -> Measure:
        """Return it with the millimetres of a scale; without, if the scale has none."""
        if self.interocular is None or scale.interocular_mm is None or scale.mm_per_px is None:
            return replace(self, mm=None)
        power = 2 if self.kind == "area" else 1
        relative = power * (scale.mm_per_px_sd or 0.0) / scale.mm_per_px
        return replace(self, mm=self.interocular.in_unit(scale.interocular_mm**power, relative))


@dataclass(frozen=True, slots=True)
class Scale:
    """Millimetres in a photograph.

    Attributes:
        mm_per_px: Millimetres in one pixel of the original photograph, or None if unknown.
        mm_per_px_sd: Its standard uncertainty.
        source: ``iris``, ``given``, ``rest`` (carried over from the face at rest), or ``none``.
        interocular_px: Distance of the outer canthi of the mean face fitted to this one, original
            pixels.
        interocular_mm: The same in mm, or None.
        note: Why there is no scale, or what it assumes.
    """

    mm_per_px: float | None
    mm_per_px_sd: float | None
    source: Literal["iris", "given", "rest", "none"]
    interocular_px: float
    interocular_mm: float | None
    note: str

    def carried_over(self, rest: Scale) -> Scale:
        """Return the scale of another photograph of the same person, taken at rest.

        The outer corners of the eyes are taken to stay as far apart in every movement, while
        closing lids hide the iris. A scale that was given stays.
        """
        if self.source == "given" or rest.interocular_mm is None or rest.mm_per_px is None:
            return self
        mm_per_px = rest.interocular_mm / self.interocular_px
        sd = rest.mm_per_px_sd
        note = f"of the face at rest, {rest.note}"
        return Scale(
            mm_per_px,
            None if sd is None else sd * mm_per_px / rest.mm_per_px,
            "rest",
            self.interocular_px,
            rest.interocular_mm,
            note,
        )


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

    def in_scale(self, scale: Scale) -> MeasureTable:
        """Return the same measures with the millimetres of a scale."""
        return MeasureTable(self.frame, scale, tuple(m.in_scale(scale) for m in self.items))

    def __getitem__(self, name: str) -> Measure:
        """Return the measure called `name`.

        Raises:
            KeyError: There is none.
        """
        for item in self.items:
            if item.name == name:
                return item
        raise KeyError(name)

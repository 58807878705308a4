"""The table of facial measures on one photograph.

Every sided measure is written once, for the patient's left half. The right side is the same
function of the mirrored face, so that mirroring a photograph swaps the sides and changes nothing
else. Names and definitions follow Emotrics (Guarin et al., 2018), whose vocabulary surgeons know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Region
from facialis.face import mesh
from facialis.measures.frames import mirrored_face
from facialis.measures.values import Kind, Measure, Scale, SidedValue

Points = NDArray[np.float64]

_SAMPLES: Final = 48


@dataclass(frozen=True, slots=True)
class Definition:
    """How one row of the table is measured.

    Attributes:
        name: Identifier.
        label: What a clinician calls it.
        region: Where it belongs.
        kind: Length, area or angle.
        of_left_half: Function of the face (478, 3) in a measuring frame.
        gap_only: The row is a gap between the sides and has no value of one side.
        signed: Values may be negative, so that a percentage means nothing.
        needs_iris: It starts at the centre of the iris.
        needs_closure: It is measured only when closed eyes were asked for.
    """

    name: str
    label: str
    region: Region
    kind: Kind
    of_left_half: Callable[[Points], float]
    gap_only: bool = False
    signed: bool = False
    needs_iris: bool = False
    needs_closure: bool = False


def _curve(points: Points, indices: tuple[int, ...], x: float | Points) -> Points:
    """Height y of a curve at x; beyond its ends the end's height."""
    along = points[list(indices)]
    order = np.argsort(along[:, 0], kind="stable")
    return np.asarray(np.interp(x, along[order, 0], along[order, 1]))


def _at(points: Points, indices: tuple[int, ...], x: float) -> float:
    return float(_curve(points, indices, x))


_UPPER_OUTER: Final = mesh.LEFT_UPPER_LIP_OUTER + mesh.RIGHT_UPPER_LIP_OUTER[:-1]
_LOWER_OUTER: Final = mesh.LEFT_LOWER_LIP_OUTER + mesh.RIGHT_LOWER_LIP_OUTER[:-1]
_UPPER_INNER: Final = mesh.LEFT_UPPER_LIP_INNER + mesh.RIGHT_UPPER_LIP_INNER[:-1]
_LOWER_INNER: Final = mesh.LEFT_LOWER_LIP_INNER + mesh.RIGHT_LOWER_LIP_INNER[:-1]


def _brow_height(p: Points) -> float:
    iris = p[mesh.LEFT_IRIS_CENTRE]
    return float(iris[1]) - _at(p, mesh.LEFT_BROW_UPPER, iris[0])


def _mrd1(p: Points) -> float:
    iris = p[mesh.LEFT_IRIS_CENTRE]
    return float(iris[1]) - _at(p, mesh.LEFT_UPPER_LID, iris[0])


def _mrd2(p: Points) -> float:
    iris = p[mesh.LEFT_IRIS_CENTRE]
    return _at(p, mesh.LEFT_LOWER_LID, iris[0]) - float(iris[1])


def _fissure_height(p: Points) -> float:
    middle = float(p[mesh.LEFT_OUTER_CANTHUS, 0] + p[mesh.LEFT_INNER_CANTHUS, 0]) / 2
    return max(0.0, _at(p, mesh.LEFT_LOWER_LID, middle) - _at(p, mesh.LEFT_UPPER_LID, middle))


def _eye_area(p: Points) -> float:
    outline = p[list(mesh.LEFT_UPPER_LID + mesh.LEFT_LOWER_LID[-2:0:-1]), :2]
    after = np.roll(outline, -1, axis=0)
    return abs(float((outline[:, 0] * after[:, 1] - after[:, 0] * outline[:, 1]).sum())) / 2


def _from_midline(p: Points, lip: tuple[int, ...]) -> Points:
    """Vector (2,) to the commissure from where the midline of the face crosses a lip's outline."""
    return np.asarray(p[mesh.LEFT_COMMISSURE, :2] - [0.0, _at(p, lip, 0.0)])


def _commissure_position(p: Points) -> float:
    return float(np.hypot(*_from_midline(p, _LOWER_OUTER)))


def _commissure_height(p: Points) -> float:
    return -float(_from_midline(p, _UPPER_OUTER)[1])


def _commissure_level(p: Points) -> float:
    return -float(p[mesh.LEFT_COMMISSURE, 1])


def _rise_angle(p: Points, lip: tuple[int, ...]) -> float:
    across, down = _from_midline(p, lip)
    return float(np.degrees(np.arctan2(-down, across)))


def _smile_angle(p: Points) -> float:
    return 90.0 + _rise_angle(p, _LOWER_OUTER)


def _upper_lip_slope(p: Points) -> float:
    return _rise_angle(p, _UPPER_OUTER)


def _halfway(p: Points) -> float:
    return float(p[mesh.LEFT_COMMISSURE, 0]) / 2


def _upper_lip_level(p: Points) -> float:
    return -_at(p, _UPPER_OUTER, _halfway(p))


def _lower_lip_level(p: Points) -> float:
    return -_at(p, _LOWER_OUTER, _halfway(p))


def _dental_show(p: Points) -> float:
    x = _halfway(p)
    return max(0.0, _at(p, _LOWER_INNER, x) - _at(p, _UPPER_INNER, x))


def _interlabial_area(p: Points) -> float:
    corner = float(p[mesh.LEFT_LOWER_LIP_INNER[0], 0])
    if corner <= 0:
        return 0.0
    x = np.linspace(0.0, corner, _SAMPLES)
    gap = np.maximum(0.0, _curve(p, _LOWER_INNER, x) - _curve(p, _UPPER_INNER, x))
    return float(((gap[1:] + gap[:-1]) / 2).sum() * (x[1] - x[0]))


def _lower_lip_height(p: Points) -> float:
    x = _halfway(p)
    jaw = mesh.LEFT_JAW + mesh.RIGHT_JAW[:-1]
    return _at(p, jaw, x) - _at(p, _LOWER_INNER, x)


_B, _E, _M = Region.BROW, Region.EYE, Region.MOUTH

DEFINITIONS: Final = (
    Definition("brow_height", "Brow height", _B, "length", _brow_height, needs_iris=True),
    Definition("mrd1", "Upper lid to iris centre (MRD1)", _E, "length", _mrd1, needs_iris=True),
    Definition("mrd2", "Lower lid to iris centre (MRD2)", _E, "length", _mrd2, needs_iris=True),
    Definition("fissure_height", "Palpebral fissure height", _E, "length", _fissure_height),
    Definition("eye_area", "Eye area", _E, "area", _eye_area),
    Definition("commissure_position", "Commissure position", _M, "length", _commissure_position),
    Definition(
        "commissure_height", "Commissure height", _M, "length", _commissure_height, signed=True
    ),
    Definition(
        "commissure_height_deviation",
        "Commissure height deviation",
        _M,
        "length",
        _commissure_level,
        gap_only=True,
    ),
    Definition("smile_angle", "Smile angle", _M, "angle", _smile_angle, signed=True),
    Definition("upper_lip_slope", "Upper lip slope", _M, "angle", _upper_lip_slope, signed=True),
    Definition(
        "upper_lip_height_deviation",
        "Upper lip height deviation",
        _M,
        "length",
        _upper_lip_level,
        gap_only=True,
    ),
    Definition(
        "lower_lip_height_deviation",
        "Lower lip height deviation",
        _M,
        "length",
        _lower_lip_level,
        gap_only=True,
    ),
    Definition("dental_show", "Dental show", _M, "length", _dental_show),
    Definition("interlabial_area", "Interlabial area", _M, "area", _interlabial_area),
    Definition("lower_lip_height", "Lower lip height", _M, "length", _lower_lip_height),
    Definition("lagophthalmos", "Lagophthalmos", _E, "length", _fissure_height, needs_closure=True),
)


@dataclass(frozen=True, slots=True)
class Sides:
    """A quantity on the right and on the left, in the units of the frame."""

    right: float
    left: float

    def scaled(self, factor: float) -> Sides:
        """Return both in another unit."""
        return Sides(self.right * factor, self.left * factor)


def measure_sides(face: Points) -> dict[str, Sides]:
    """Return every row of the table for a face (478, 3) in a measuring frame."""
    other = mirrored_face(face)
    return {d.name: Sides(d.of_left_half(other), d.of_left_half(face)) for d in DEFINITIONS}


@dataclass(frozen=True, slots=True)
class Repeatability:
    """Standard deviation of repeated readings of one person, in interocular units or degrees.

    Attributes:
        side: Of the value of one side.
        difference: Of the difference between the sides.
    """

    side: float
    difference: float

    def scaled(self, factor: float) -> Repeatability:
        """Return both in another unit."""
        return Repeatability(self.side * factor, self.difference * factor)


def measure_table(
    sides: Mapping[str, Sides],
    scale: Scale,
    *,
    interocular: float,
    iris_visible: tuple[bool, bool],
    not_closed: str | None,
    repeatability: Mapping[str, Repeatability],
    noise: float = 1.0,
) -> tuple[Measure, ...]:
    """Return the rows of the table with units and uncertainty.

    Args:
        sides: Values in frame pixels (or degrees), from `measure_sides`.
        scale: Millimetres per pixel of the original photograph.
        interocular: Distance of the outer canthi in frame pixels.
        iris_visible: Whether the right and the left iris show.
        not_closed: Why what is left open of closed eyes is not measured; None if it is.
        repeatability: Spread of repeated readings, by name of the measure.
        noise: By what factor this photograph's landmarks are less sure than those behind
            `repeatability`.
    """
    rows = []
    for definition in DEFINITIONS:
        missing = _why_missing(definition, iris_visible, not_closed)
        if missing:
            rows.append(_row(definition, not_measured=missing))
            continue
        spread = repeatability.get(definition.name, Repeatability(0.0, 0.0)).scaled(noise)
        rows.append(_measured(definition, sides[definition.name], spread, scale, interocular))
    return tuple(rows)


def _why_missing(
    definition: Definition, iris_visible: tuple[bool, bool], not_closed: str | None
) -> str | None:
    if definition.needs_closure and not_closed is not None:
        return not_closed
    if definition.needs_iris and not all(iris_visible):
        return "an iris is hidden"
    return None


def _row(definition: Definition, *, not_measured: str) -> Measure:
    d = definition
    return Measure(d.name, d.label, d.region, d.kind, not_measured=not_measured)


def _measured(
    definition: Definition, sides: Sides, spread: Repeatability, scale: Scale, interocular: float
) -> Measure:
    d = definition
    if d.kind == "angle":
        return Measure(d.name, d.label, d.region, d.kind, degrees=_sided(d, sides, spread))
    power = 2 if d.kind == "area" else 1
    return Measure(
        name=d.name,
        label=d.label,
        region=d.region,
        kind=d.kind,
        interocular=_sided(d, sides.scaled(interocular**-power), spread),
        percent=_percent(d, sides),
    ).in_scale(scale)


def _sided(definition: Definition, sides: Sides, spread: Repeatability) -> SidedValue:
    gap = abs(sides.left - sides.right)
    if definition.gap_only:
        return SidedValue(None, None, gap, None, None, spread.difference)
    return SidedValue(sides.right, sides.left, gap, spread.side, spread.side, spread.difference)


def _percent(definition: Definition, sides: Sides) -> float | None:
    larger = max(sides.right, sides.left)
    if definition.signed or definition.gap_only or larger <= 0:
        return None
    return 100 * abs(sides.left - sides.right) / larger

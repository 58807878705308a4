"""The numbers of a report as text: the rows of the measures table and the left/right bars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Region

if TYPE_CHECKING:
    from facialis.measures.values import Measure, SidedValue
    from facialis.report.model import Assessment

NOTABLE_Z: Final = 2.0
TOLD_FROM_NONE: Final = 2.0
"""Standard uncertainties that the larger side must have for a percentage to mean something."""

NOTHING: Final = "–"

_UNITS: Final = {"length": "mm", "area": "mm²", "angle": "°"}
_DECIMALS_MM: Final = {"length": 1, "area": 0, "angle": 1}
_DECIMALS_INTEROCULAR: Final = {"length": 3, "area": 4}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, its standard uncertainty, and the same in interocular units; empty if absent."""

    value: str = NOTHING
    uncertainty: str = ""
    interocular: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One measure as the table prints it.

    Attributes:
        label: Name and unit.
        unit: Unit of the main numbers; empty for interocular units.
        right: The patient's right.
        left: The patient's left.
        difference: Absolute difference.
        percent: Difference in percent of the larger side, where that side can be told from zero.
        z: Deviation from healthy faces.
        is_notable: Whether the deviation lies beyond `NOTABLE_Z`.
        not_measured: Why there are no numbers, or an empty string.
        note: What to know about the numbers, or an empty string.
    """

    label: str
    unit: str
    right: Cell
    left: Cell
    difference: Cell
    percent: str
    z: str
    is_notable: bool
    not_measured: str
    note: str


@dataclass(frozen=True, slots=True)
class Group:
    """The rows of one region."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One measure as a pair of bars, each in parts of the larger side.

    Attributes:
        label: What was measured, with its unit.
        right: Length of the right bar, 0 to 1.
        left: Length of the left bar, 0 to 1.
        right_text: The right value as text.
        left_text: The left value as text.
        percent: The difference in percent of the larger side, as text.
        is_notable: Whether the measure deviates from healthy faces.
    """

    label: str
    right: float
    left: float
    right_text: str
    left_text: str
    percent: str
    is_notable: bool


def decimals(value: float, places: int) -> str:
    """Return a number with a true minus sign and never as a negative zero."""
    text = f"{value:.{places}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def signed(value: float, places: int) -> str:
    """Return a number with its sign, plus included."""
    text = decimals(value, places)
    return text if text.startswith("−") or float(text) == 0 else f"+{text}"


def measure_groups(assessment: Assessment) -> tuple[Group, ...]:
    """Return the measures by region, in the order of the clinical table.

    A region that cannot be judged has no numbers.
    """
    z, items = assessment.norms.z, _judged(assessment)
    return tuple(
        Group(region.value.capitalize(), rows)
        for region in Region
        if (rows := tuple(_row(m, z.get(m.name)) for m in items if m.region is region))
    )


def bars(assessment: Assessment) -> tuple[Bar, ...]:
    """Return the lengths and areas that have a size on both sides."""
    z = assessment.norms.z
    found = (_bar(measure, z.get(measure.name)) for measure in _judged(assessment))
    return tuple(bar for bar in found if bar is not None)


def bars_note(assessment: Assessment) -> str:
    """Return how to read the bars."""
    marked = (
        f"Dark bars: {decimals(NOTABLE_Z, 0)} or more healthy standard deviations."
        if assessment.norms.z
        else "No bar is marked: there are no healthy faces in this movement to compare it with."
    )
    return (
        "Bars are in parts of the larger side; the figure at the end is the difference in percent "
        f"of it. {marked}"
    )


def _judged(assessment: Assessment) -> list[Measure]:
    left_out = assessment.quality.excluded_regions
    return [
        replace(m, not_measured=m.not_measured or f"the {m.region} cannot be judged")
        if m.region in left_out
        else m
        for m in assessment.measures.items
    ]


def _bar(measure: Measure, z: float | None) -> Bar | None:
    value = measure.mm or measure.interocular
    if measure.kind == "angle" or measure.not_measured or value is None:
        return None
    right, left = value.right, value.left
    if right is None or left is None or min(right, left) < 0 or not _can_be_told(measure):
        return None
    row = _row(measure, z)
    return Bar(
        label=f"{row.label}, {row.unit}" if row.unit else row.label,
        right=right / max(right, left),
        left=left / max(right, left),
        right_text=row.right.value,
        left_text=row.left.value,
        percent=row.percent,
        is_notable=row.is_notable,
    )


def _row(measure: Measure, z: float | None) -> Row:
    main = measure.degrees if measure.kind == "angle" else measure.mm
    percent = NOTHING
    if measure.percent is not None and _can_be_told(measure):
        percent = f"{decimals(measure.percent, 0)} %"
    return Row(
        label=measure.label,
        unit=_UNITS[measure.kind] if main is not None else "",
        right=_cell(measure, main, "right"),
        left=_cell(measure, main, "left"),
        difference=_cell(measure, main, "difference"),
        percent=percent,
        z=NOTHING if z is None else signed(z, 1),
        is_notable=z is not None and abs(z) >= NOTABLE_Z,
        not_measured=measure.not_measured or "",
        note=measure.note or "",
    )


def _can_be_told(measure: Measure) -> bool:
    """Whether the larger side of a measure can be told from nothing."""
    value = measure.mm or measure.interocular
    if value is None or value.right is None or value.left is None:
        return False
    larger, sd = max((value.right, value.right_sd or 0.0), (value.left, value.left_sd or 0.0))
    return larger > TOLD_FROM_NONE * sd


def _cell(measure: Measure, main: SidedValue | None, part: str) -> Cell:
    relative = measure.interocular
    places = _DECIMALS_INTEROCULAR.get(measure.kind, 3)
    value = _part(relative if main is None else main, part)
    if value is None:
        return Cell()
    if main is None:
        return Cell(decimals(value, places), _plus_minus(relative, part, places))
    below = _part(relative, part)
    return Cell(
        decimals(value, _DECIMALS_MM[measure.kind]),
        _plus_minus(main, part, _DECIMALS_MM[measure.kind]),
        "" if below is None else decimals(below, places),
    )


def _plus_minus(value: SidedValue | None, part: str, places: int) -> str:
    spread = _part(value, f"{part}_sd")
    return "" if spread is None else f"± {decimals(spread, places)}"


def _part(value: SidedValue | None, part: str) -> float | None:
    found: float | None = None if value is None else getattr(value, part)
    return found

"""What the report of an examination says of each movement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.measures.excursions import clear_of_noise, numbers_of
from facialis.report.content import EVENED_NOTE
from facialis.report.examination_figures import CurveFigure, curve_figure, lag_text
from facialis.report.examination_words import SITE_NAMES, file_name, number, reason
from facialis.report.rows import Bar, bars, decimals
from facialis.report.words import MOVEMENT_NAMES, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from facialis.grading.examined import Excursion
    from facialis.measures.dynamic import Blinks, Dynamics, SideDynamics
    from facialis.report.examination import Examination, ExaminationRecord, MovementRecord
    from facialis.report.model import Assessment

WAYS_NOTE: Final = (
    "Ways from rest; ± is one standard uncertainty, without that of the scale. Grey: less than "
    f"{clear_of_noise(2)} of them ({decimals(clear_of_noise(1), 0)} for lids), no "
    "movement that can be told from none. Percentages are of each site by itself, by the rule of "
    "the scales: only what goes the healthy side’s way counts, and each eye closes by a share of "
    "its own gap at rest. At rest they are the difference of the sides, of the larger one. "
    "Lid gaps of the scales are means over the middle third of the lids, those on the pictures "
    "are taken at the middle of the eye; brows move against the head, and stand above the iris on "
    "the pictures. " + EVENED_NOTE
)
_AT: Final = re.compile(r" at [0-9.]+ s$")
AT_REST: Final = ("brow_height", "fissure_height", "commissure_position", "lower_lip_height")


@dataclass(frozen=True, slots=True)
class WayBars:
    """One site's way on both sides, as bars in parts of the movement's longest.

    Attributes:
        label: Which site, with the unit.
        right: Length of the right bar, 0 to 1.
        left: Of the left.
        noise: Length up to which a way cannot be told from none.
        right_text: The right way as text.
        left_text: The left way.
        ratio: Affected over healthy side in words, or empty.
        not_measured: Why there is no value, or empty.
    """

    label: str
    right: float
    left: float
    noise: float
    right_text: str
    left_text: str
    ratio: str
    not_measured: str


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One time or speed of a movement on both sides, as text."""

    label: str
    right: str
    left: str


@dataclass(frozen=True, slots=True)
class MovementSection:
    """One movement.

    Attributes:
        movement: Which.
        name: What clinicians call it.
        asked: What the patient was asked to do.
        source: The file, and where in it.
        problem: Why there is no picture, or empty.
        cautions: What the quality gate has to say.
        ways: Excursions from rest.
        rest: At rest, the sides themselves.
        figure: The course, for a video.
        times: Times and speeds, for a video.
        remarks: Sentences on the course.
    """

    movement: Movement
    name: str
    asked: str
    source: str
    problem: str
    cautions: tuple[str, ...]
    ways: tuple[WayBars, ...]
    rest: tuple[Bar, ...]
    figure: CurveFigure | None
    times: tuple[TimeRow, ...]
    remarks: tuple[str, ...]


def movement_sections(examination: Examination) -> tuple[MovementSection, ...]:
    """Return a section for each movement, in the order of the protocol."""
    record = examination.examination
    ordered = sorted(record.movements, key=lambda m: ORDER[m.movement])
    return tuple(_section(m, record) for m in ordered)


def side_name(side: Side, affected: AffectedSide) -> str:
    """Return a side's name, marked if it is the affected one."""
    is_affected = affected in (side.value, AffectedSide.BOTH)
    return f"{side.value.capitalize()}{' (affected)' if is_affected else ''}"


def blinks_text(blinks: Blinks | None) -> str:
    """Return what is known of the blinks, or an empty string."""
    if blinks is None:
        return ""
    if not blinks.count:
        return "none was found"
    found = f"{blinks.count} found"
    if blinks.right is None or blinks.left is None:
        return found
    return (
        f"{found}; closing right {decimals(100 * blinks.right, 0)} %, left "
        f"{decimals(100 * blinks.left, 0)} % of the way (median)"
    )


def _section(movement: MovementRecord, record: ExaminationRecord) -> MovementSection:
    which, found = movement.movement, movement.assessment
    course = next((d for d in record.dynamics if d.segment.movement is which), None)
    return MovementSection(
        movement=which,
        name=MOVEMENT_NAMES[which],
        asked=which.instruction,
        source=_source(movement),
        problem=movement.problem or ("" if found else "It cannot be used."),
        cautions=() if found is None else tuple(r.message for r in found.quality.reasons),
        ways=_ways(e for e in record.excursions if e.movement is which),
        rest=_rest_bars(found) if which is Movement.REST and found is not None else (),
        figure=None if course is None else curve_figure(course),
        times=() if course is None else _times(course),
        remarks=() if course is None else _remarks(course),
    )


def _source(movement: MovementRecord) -> str:
    where = movement.segment
    if where is None:
        return file_name(movement.source)
    file = _AT.sub("", file_name(movement.source))
    found = "as stated" if where.stated else f"found, confidence {decimals(where.confidence, 2)}"
    return (
        f"{file}, {decimals(where.start, 1)} to {decimals(where.end, 1)} s "
        f"({found}); picture at {decimals(where.peak, 2)} s"
    )


def _ways(excursions: Iterable[Excursion]) -> tuple[WayBars, ...]:
    listed = list(excursions)
    longest = max((abs(w) for e in listed for w in (e.right, e.left) if w is not None), default=0)
    return tuple(_way(e, longest) for e in listed)


def _way(excursion: Excursion, longest: float) -> WayBars:
    name, right, left = SITE_NAMES[excursion.site], excursion.right, excursion.left
    if right is None or left is None:
        why = reason(excursion.not_measured)
        return WayBars(name, 0.0, 0.0, 0.0, "", "", "", why)
    has_mm = excursion.right_mm is not None and excursion.left_mm is not None
    texts = (
        (decimals(excursion.right_mm or 0.0, 1), decimals(excursion.left_mm or 0.0, 1))
        if has_mm
        else (decimals(right, 3), decimals(left, 3))
    )
    scale = 1 / longest if longest else 0.0
    ratio = excursion.ratio
    unit, noise, places = (
        ("mm", excursion.noise_mm, 1) if has_mm else ("interocular units", excursion.noise, 3)
    )
    spread = "" if noise is None else f" (each ± {decimals(max(noise, 10**-places), places)})"
    return WayBars(
        label=f"{name}, {unit}{spread}",
        right=max(0.0, right * scale),
        left=max(0.0, left * scale),
        noise=min(1.0, clear_of_noise(numbers_of(excursion.site)) * excursion.noise * scale),
        right_text=texts[0],
        left_text=texts[1],
        ratio="" if ratio is None else f"{decimals(100 * ratio, 0)} % of the healthy side",
        not_measured="",
    )


def _rest_bars(assessment: Assessment) -> tuple[Bar, ...]:
    labels = {m.label for m in assessment.measures.items if m.name in AT_REST}
    return tuple(b for b in bars(assessment) if b.label.removesuffix(", mm") in labels)


def _times(course: Dynamics) -> tuple[TimeRow, ...]:
    sides: Sequence[SideDynamics] = (course.right, course.left)
    rows = [
        TimeRow(label, *(number(getattr(side, name), 2, " s") for side in sides))
        for label, name in (
            ("Onset", "onset"),
            ("Rise", "rise"),
            ("Hold", "hold"),
            ("Return", "release"),
        )
    ]
    if any(side.peak_velocity_mm is None for side in sides):
        speeds = [number(side.peak_velocity, 2) for side in sides]
        rows.append(TimeRow("Peak speed, interocular units/s", *speeds))
    else:
        speeds = [number(side.peak_velocity_mm, 0, " mm/s") for side in sides]
        rows.append(TimeRow("Peak speed", *speeds))
    if course.closure is not None:
        open_still = [f"{decimals(100 * part, 0)} %" for part in course.closure]
        rows.append(TimeRow("Lid gap still open", *open_still))
    return tuple(rows)


def _remarks(course: Dynamics) -> tuple[str, ...]:
    return (f"{lag_text(course)}.", *course.remarks)

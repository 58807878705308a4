"""What an examination shows of one side against the other: the signs that the scales are read from.

Convention: `affected` is the side that is judged, and the other side the one it is judged by. On a
face without an affected side it is the side that moves less.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Movement, Region, Side
from facialis.measures.excursions import (
    Millimetres,
    compared_way,
    lid_gaps,
    millimetres_of,
)
from facialis.measures.symmetry import FEATURES, asymmetry

if TYPE_CHECKING:
    from facialis.grading.rules import RestRules, Rules
    from facialis.measures.moment import Moment

MOUTH_MOVEMENTS: Final = (
    Movement.SMILE,
    Movement.SMILE_CLOSED,
    Movement.SNARL,
    Movement.PUCKER,
)
"""Movements that the function of the mouth is the mean of, beside the lower lip."""

_CORNER: Final = {"commissure_height": 1.0, "commissure_reach": 0.7}
_CHEEK: Final = {
    "cheek_height": 1.0,
    "cheek_reach": 1.0,
    "upper_lip": 1.0,
    "commissure_height": 1.0,
    "commissure_reach": 0.5,
}
_NAMES: Final = list(FEATURES)

NO_REST: Final = "there is no photograph at rest to compare with"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number and what it may be.

    Attributes:
        value: The estimate.
        low: Lower end of its interval.
        high: Upper end.
    """

    value: float
    low: float
    high: float

    @property
    def share(self) -> Estimate:
        """The same within 0 and 1."""
        return Estimate(*(min(1.0, max(0.0, v)) for v in (self.value, self.low, self.high)))


@dataclass(frozen=True, slots=True)
class Moved:
    """How much of a movement the affected side makes.

    Attributes:
        movement: Which movement.
        ratio: Share of the healthy side's way that the affected side goes along with; for the eyes
            the closing of the affected eye over that of the healthy one.
        function: Share of the healthy movement that it stands for; by error below 0 or above 1.
        affected: Way of the affected side, interocular units; for the eyes the lid gap left.
        healthy: Of the healthy side.
    """

    movement: Movement
    ratio: float
    function: Estimate
    affected: float
    healthy: float


@dataclass(frozen=True, slots=True)
class RestSigns:
    """How the affected side rests.

    Attributes:
        eye: Lid gap, affected over healthy.
        corner: How far the corner of the mouth stands higher and further out than the healthy one,
            interocular units; negative if it has sunk to the midline.
        cheek: The same of cheek, upper lip and corner together, in place of the nasolabial fold.
        brow: How far the brow stands higher.
        hidden: Regions that cannot be seen, and why; what is measured there is None.
    """

    eye: float | None
    corner: float | None
    cheek: float | None
    brow: float | None
    hidden: Mapping[Region, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Signs:
    """Everything that the scales are read from.

    Attributes:
        affected: The side that is judged.
        is_healthy: No side is affected; `affected` moves less within what healthy people show.
        rest: At rest, None without a photograph of it.
        moved: By movement, those that could be judged.
        why_not: By movement, why it could not.
        missing: Movements that were not shown.
        forehead: Function of the forehead, 0 to 1.
        eye: Function of the eye.
        mouth: Function of the mouth.
        mm: Scale, None without one.
        doubt: Probability that there is no palsy, 0 to 1.
    """

    affected: Side
    is_healthy: bool
    rest: RestSigns | None
    moved: Mapping[Movement, Moved]
    why_not: Mapping[Movement, str]
    missing: frozenset[Movement]
    forehead: Estimate | None
    eye: Estimate | None
    mouth: Estimate | None
    mm: Millimetres | None
    doubt: float

    def resting(self, rules: Rules) -> RestRules:
        """Return the limits at rest, the wider the less sure it is that there is a palsy."""
        rest, wider = rules.rest, 1 + self.doubt * (rules.general.resting_when_healthy - 1)
        return rest.model_copy(
            update={
                "eye_wide": 1 + wider * (rest.eye_wide - 1),
                "eye_narrow": max(0.0, 1 - wider * (1 - rest.eye_narrow)),
                "corner_displaced": wider * rest.corner_displaced,
                "cheek_changed": wider * rest.cheek_changed,
                "cheek_absent": wider * rest.cheek_absent,
            }
        )

    def in_mm(self, length: float) -> float | None:
        """Return interocular units in mm, None without a scale."""
        return None if self.mm is None else length * self.mm.value


def signs_of(
    moments: Mapping[Movement, Moment],
    affected: Side,
    rules: Rules,
    *,
    is_healthy: bool,
    doubt: float = 0.0,
    unseen: Mapping[Movement, str] | None = None,
) -> Signs:
    """Read the signs of one side.

    Args:
        moments: The face at rest and at the height of each movement; any of them may be missing.
        affected: The side that is judged.
        rules: What ratios stand for.
        is_healthy: Whether differences that healthy people show count as none.
        doubt: Probability that there is no palsy, 0 to 1.
        unseen: Movements that were shown where they cannot be seen, and why; not in `moments`.
    """
    rest, unseen = moments.get(Movement.REST), unseen or {}
    moved: dict[Movement, Moved] = {}
    why_not: dict[Movement, str] = {}
    for movement in Movement:
        if movement is Movement.REST:
            continue
        found = unseen.get(movement) or _judged(
            moments, movement, affected, rules, is_healthy=is_healthy
        )
        if isinstance(found, str):
            why_not[movement] = found
        else:
            moved[movement] = found
    some = next((m for m in moments.values() if m.mm is not None), None)
    return Signs(
        affected=affected,
        is_healthy=is_healthy,
        rest=None if rest is None else rest_signs(rest, affected),
        moved=moved,
        why_not=why_not,
        missing=frozenset(Movement) - set(moments) - set(unseen),
        forehead=_forehead(moved),
        eye=_eye(moved, rules),
        mouth=_mouth(moved, rules),
        mm=None if some is None else millimetres_of(rest, some),
        doubt=doubt,
    )


def rest_signs(rest: Moment, affected: Side) -> RestSigns:
    """Return how the affected side rests against the other."""
    sign = 1.0 if affected is Side.LEFT else -1.0
    uneven = dict(zip(_NAMES, (sign * asymmetry(rest.face)).tolist(), strict=True))
    right, left = lid_gaps(rest.face)
    own, other = (left, right) if affected is Side.LEFT else (right, left)

    def seen(region: Region, value: float) -> float | None:
        return None if region in rest.hidden else value

    return RestSigns(
        eye=seen(Region.EYE, own / max(other, 1e-6)),
        corner=seen(Region.MOUTH, sum(w * uneven[name] for name, w in _CORNER.items())),
        cheek=seen(Region.MOUTH, sum(w * uneven[name] for name, w in _CHEEK.items())),
        brow=seen(Region.BROW, uneven["brow_whole"]),
        hidden=rest.hidden,
    )


def hidden_in(region: Region, *moments: Moment) -> str | None:
    """Return why a region cannot be judged in all of these moments; None if it can."""
    return next((each.hidden[region] for each in moments if region in each.hidden), None)


def closings(rest: Moment, moment: Moment) -> tuple[float, float]:
    """Return by how much of its gap at rest the right and the left eye closes (negative: opens)."""
    right, left = (
        1 - there / max(here, 1e-6)
        for here, there in zip(lid_gaps(rest.face), lid_gaps(moment.face), strict=True)
    )
    return right, left


def closing_ratio(rest: Moment, moment: Moment, affected: Side, rules: Rules) -> float | None:
    """Return the closing of the affected eye over that of the other, each of its own gap at rest.

    None if the other eye is not seen to close either.
    """
    right, left = closings(rest, moment)
    own, other = (right, left) if affected is Side.RIGHT else (left, right)
    return None if other < rules.closure.healthy_closes else own / other


def _judged(
    moments: Mapping[Movement, Moment],
    movement: Movement,
    affected: Side,
    rules: Rules,
    *,
    is_healthy: bool,
) -> Moved | str:
    """Return how much the affected side moves, or why that cannot be said."""
    rest, moment = moments.get(Movement.REST), moments.get(movement)
    if moment is None:
        return f"{movement} is missing"
    if rest is None:
        return NO_REST
    if movement.closes_the_eyes:
        found = _closed(rest, moment, affected, rules)
    else:
        found = _went(rest, moment, affected)
    if isinstance(found, str):
        return found
    ratio, noise, own, other = found
    function = _estimated(ratio, noise, movement, rules, is_healthy=is_healthy)
    return Moved(movement, ratio, function, own, other)


def _closed(
    rest: Moment, moment: Moment, affected: Side, rules: Rules
) -> tuple[float, float, float, float] | str:
    ratio = closing_ratio(rest, moment, affected, rules)
    if ratio is None:
        return "the other eye is not seen to close either"
    gaps = lid_gaps(moment.face)
    own, other = (0, 1) if affected is Side.RIGHT else (1, 0)
    closed = lid_gaps(rest.face)[other] - gaps[other]
    noise = float(np.hypot(rest.noise, moment.noise)) * 2**0.5 / max(closed, 1e-6)
    return ratio, noise * float(np.hypot(1, ratio)), gaps[own], gaps[other]


def _went(rest: Moment, moment: Moment, affected: Side) -> tuple[float, float, float, float] | str:
    way = compared_way(rest, moment)
    ratio = None if way is None else way.share(affected)
    if way is None or ratio is None:
        return "the other side does not move above the noise"
    own, other = way.length(affected), way.length(affected.opposite)
    return ratio, way.share_sd(ratio, affected), own, other


def _estimated(
    ratio: float, noise: float, movement: Movement, rules: Rules, *, is_healthy: bool
) -> Estimate:
    response, general = rules.response[movement], rules.general
    # A side that does not move does not vary either.
    spread = float(np.hypot(noise, response.natural * min(1.0, max(0.0, ratio))))
    low, high = (ratio + sign * general.interval_sd * spread for sign in (-1, 1))
    function = Estimate(*(response.function_of(r) for r in (ratio, low, high)))
    if is_healthy and ratio >= general.complete_when_healthy:
        return Estimate(1.0, min(1.0, function.low), max(1.0, function.high))
    return function


def _mean(moved: Mapping[Movement, Moved], movements: tuple[Movement, ...]) -> Estimate | None:
    found = [moved[m].function for m in movements if m in moved]
    if not found:
        return None
    value = float(np.mean([f.value for f in found]))
    # Errors of several movements are partly the same, so the mean is surer by less than their root.
    tighter = len(found) ** -0.25
    low = value - tighter * float(np.mean([f.value - f.low for f in found]))
    high = value + tighter * float(np.mean([f.high - f.value for f in found]))
    return Estimate(value, low, high)


def _forehead(moved: Mapping[Movement, Moved]) -> Estimate | None:
    raised = _mean(moved, (Movement.BROW_RAISE,))
    return None if raised is None else raised.share


def _eye(moved: Mapping[Movement, Moved], rules: Rules) -> Estimate | None:
    """Gentle closure shows the function of an eye; what squeezing leaves open shows little of it.

    Squeezing closes a half weak eye like a healthy one, so it says only whether half is there.
    """
    gentle = _mean(moved, (Movement.EYE_CLOSE_GENTLE,))
    tight = _mean(moved, (Movement.EYE_CLOSE_TIGHT,))
    if gentle is None or tight is None:
        only = gentle or tight
        return None if only is None else only.share
    half = rules.closure.with_effort
    if tight.value < half and gentle.value < rules.closure.minimal_effort:
        joined = _mean(moved, (Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT))
        return None if joined is None else joined.share
    return Estimate(max(gentle.value, half), gentle.low, max(gentle.high, half)).share


def _mouth(moved: Mapping[Movement, Moved], rules: Rules) -> Estimate | None:
    upper = _mean(moved, MOUTH_MOVEMENTS)
    lower = _mean(moved, (Movement.LOWER_TEETH,))
    if upper is None:
        return None
    if lower is None:
        return upper.share
    part = rules.house_brackmann.lower_lip_weight
    pairs = ((upper.value, lower.value), (upper.low, lower.low), (upper.high, lower.high))
    return Estimate(*((1 - part) * u + part * w for u, w in pairs)).share

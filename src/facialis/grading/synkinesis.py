"""Synkinesis: what moves along on the affected side when it should be quiet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Movement, Region, Side
from facialis.grading.examined import Synkinesis
from facialis.grading.signs import NO_REST, hidden_in
from facialis.measures.excursions import lid_gaps, millimetres_of, way_at
from facialis.measures.moment import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from facialis.grading.rules import Rules
    from facialis.measures.moment import Moment

QUIET: Final[Mapping[Movement, tuple[Region, ...]]] = {
    Movement.BROW_RAISE: (Region.EYE, Region.MOUTH),
    Movement.FROWN: (Region.MOUTH,),
    Movement.EYE_CLOSE_GENTLE: (Region.MOUTH,),
    Movement.EYE_CLOSE_TIGHT: (Region.MOUTH,),
    Movement.SMILE_CLOSED: (Region.EYE, Region.BROW),
    Movement.SMILE: (Region.EYE, Region.BROW),
    Movement.SNARL: (Region.EYE,),
    Movement.PUCKER: (Region.EYE, Region.BROW),
    Movement.MOUTH_OPEN: (Region.EYE, Region.BROW),
    Movement.CHEEK_PUFF: (Region.EYE, Region.BROW),
    Movement.LOWER_TEETH: (Region.EYE, Region.BROW),
}
"""Regions that should not move more on one side than on the other, by movement.

A snarl moves the brow too, and closing the eyes lowers both brows.
"""

DEGREES: Final = ("none", "mild", "moderate", "severe")
"""The words of the Sunnybrook form."""

_MILD_WITHOUT_SIDE: Final = 1


def synkinesis_matrix(
    moments: Mapping[Movement, Moment],
    affected: Side,
    rules: Rules,
    unseen: Mapping[Movement, str] | None = None,
    *,
    is_healthy: bool,
) -> tuple[Synkinesis, ...]:
    """Return what moves along, by movement and region.

    Args:
        moments: The face at rest and at the height of each movement; any of them may be missing.
        affected: The side that is judged.
        rules: From where on it is mild, moderate, severe.
        unseen: Movements that were shown where they cannot be seen, and why; not in `moments`.
        is_healthy: No side is affected: what one side moves along more than the other is mild at
            most, since synkinesis follows a palsy.
    """
    rest = moments.get(Movement.REST)
    found = []
    for movement, regions in QUIET.items():
        for region in regions:
            moment = moments.get(movement)
            if rest is None or moment is None:
                missing = (unseen or {}).get(movement, f"{movement} is missing")
                why = missing if moment is None else NO_REST
                found.append(Synkinesis(movement, region, None, None, 0.0, None, why))
            elif hidden := hidden_in(region, rest, moment):
                found.append(Synkinesis(movement, region, None, None, 0.0, None, hidden))
            else:
                found.append(
                    _compared(rest, moment, region, affected, rules, is_healthy=is_healthy)
                )
    return tuple(found)


def degree_of(movement: Movement, matrix: Iterable[Synkinesis]) -> int | None:
    """Return the strongest degree that a movement shows; None if none of it could be measured."""
    degrees = [s.degree for s in matrix if s.movement is movement and s.degree is not None]
    return max(degrees, default=None)


def whole_degree(matrix: Iterable[Synkinesis]) -> int | None:
    """Return the degree of the face as a whole: the second strongest that was found.

    One movement alone can be misread; synkinesis shows in more than one.
    """
    degrees = sorted((s.degree for s in matrix if s.degree is not None), reverse=True)
    return degrees[min(1, len(degrees) - 1)] if degrees else None


def amount_and_limits(
    rest: Moment, moment: Moment, region: Region, affected: Side, rules: Rules
) -> tuple[float, tuple[float, float, float]]:
    """Return how much a region moves along on the affected side, and from where it counts.

    It is what that side does more than the other one, and no more than what it does itself: a
    healthy eye that opens as its brow goes up leaves no synkinesis on the other side.

    Returns:
        The amount and the limits of mild, moderate and severe, interocular units.
    """
    if region is Region.EYE:
        return _narrowing(rest, moment, affected, rules)
    site = Site.BROW if region is Region.BROW else Site.COMMISSURE
    way = way_at(rest, moment, site)
    amount = _alone(way.of(affected)[1], way.of(affected.opposite)[1])
    return amount, rules.synkinesis.brow if region is Region.BROW else rules.synkinesis.mouth


def _narrowing(
    rest: Moment, moment: Moment, affected: Side, rules: Rules
) -> tuple[float, tuple[float, float, float]]:
    gap = float(np.mean(lid_gaps(rest.face)))
    way = way_at(rest, moment, Site.UPPER_LID)
    mild, moderate, severe = rules.synkinesis.eye
    amount = _alone(way.of(affected)[0], way.of(affected.opposite)[0])
    return amount, (mild * gap, moderate * gap, severe * gap)


def _alone(own: float, other: float) -> float:
    return min(own - other, own)


def _compared(
    rest: Moment,
    moment: Moment,
    region: Region,
    affected: Side,
    rules: Rules,
    *,
    is_healthy: bool,
) -> Synkinesis:
    amount, limits = amount_and_limits(rest, moment, region, affected, rules)
    noise = float(np.hypot(rest.noise, moment.noise))
    limit = max(limits[0], rules.synkinesis.above_noise * noise)
    degree = 0 if amount < limit else sum(amount >= cut for cut in limits)
    if is_healthy:
        degree = min(degree, _MILD_WITHOUT_SIDE)
    mm = millimetres_of(rest, moment)
    return Synkinesis(
        movement=moment.movement,
        region=region,
        amount=amount,
        amount_mm=None if mm is None else amount * mm.value,
        limit=limit,
        degree=degree,
    )

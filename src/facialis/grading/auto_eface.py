"""auto-eFACE, the published automated version of eFACE.

It compares measures of the two sides: at rest affected over healthy (for the fissure healthy over
affected), in movement the change of the affected side over that of the healthy one, and for
synkinesis the lower of the fissure ratios in smile and pucker. Normals score 93.8 as published,
and clinicians give them 100; flaccid faces score 60, and clinicians give them 52.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Movement, Region, Side
from facialis.grading.examined import Item
from facialis.grading.signs import closings, hidden_in
from facialis.measures.excursions import lid_gaps
from facialis.measures.static import measure_sides

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.grading.rules import Rules
    from facialis.grading.signs import Signs
    from facialis.measures.moment import Moment

BALANCED: Final = 100.0
MOST: Final = 100.0


def not_measured(name: str, label: str, why: str) -> Item:
    """Return an item of a number without its number."""
    return Item(name, label, None, None, (), {}, "none", why)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What an item compares: the change of a measure, or the measure at rest."""

    name: str
    label: str
    measure: str
    region: Region


def auto_eface_items(
    moments: Mapping[Movement, Moment], signs: Signs, rules: Rules
) -> tuple[Item, ...]:
    """Return the nine items of auto-eFACE.

    Args:
        moments: The face at rest and at the height of each movement; any of them may be missing.
        signs: Of the affected side.
        rules: From where on an eye counts as closed.
    """
    rest = moments.get(Movement.REST)
    own = signs.affected
    commissure, mouth = "commissure_position", Region.MOUTH
    brow = _Compared("auto_dynamic_brow", "Brow elevation", "brow_height", Region.BROW)
    smile = _Compared("auto_dynamic_smile", "Commissure with smile", commissure, mouth)
    lower_lip = _Compared("auto_dynamic_lower_lip", "Lower lip with 'eee'", "dental_show", mouth)
    brow_at_rest = _Compared("auto_rest_brow", "Brow at rest", "brow_height", Region.BROW)
    fissure = _Compared(
        "auto_rest_fissure", "Palpebral fissure at rest", "fissure_height", Region.EYE
    )
    corner = _Compared("auto_rest_commissure", "Commissure at rest", commissure, mouth)
    return (
        _at_rest(brow_at_rest, rest, own),
        _at_rest(fissure, rest, own.opposite),
        _at_rest(corner, rest, own),
        _changed(brow, moments, Movement.BROW_RAISE, signs),
        _closed(moments, Movement.EYE_CLOSE_GENTLE, "Gentle eye closure", signs, rules),
        _closed(moments, Movement.EYE_CLOSE_TIGHT, "Full eye closure", signs, rules),
        _changed(smile, moments, Movement.SMILE, signs),
        _changed(lower_lip, moments, Movement.LOWER_TEETH, signs),
        _narrowed(moments, signs),
    )


def _sides(moment: Moment, measure: str) -> dict[Side, float]:
    both = measure_sides(moment.face)[measure]
    return {Side.RIGHT: both.right, Side.LEFT: both.left}


def _at_rest(compared: _Compared, rest: Moment | None, above: Side) -> Item:
    name, label, measure = compared.name, compared.label, compared.measure
    if rest is None:
        return not_measured(name, label, "rest is missing")
    if why := hidden_in(compared.region, rest):
        return not_measured(name, label, why)
    sides = _sides(rest, measure)
    ratio = sides[above] / max(sides[above.opposite], 1e-6)
    value = float(np.clip(MOST - abs(BALANCED - MOST * ratio), 0, MOST))
    rule = "100 - |100 - x|, x the ratio of the sides in %"
    return Item(name, label, value, None, (), {f"{measure}_ratio_percent": MOST * ratio}, rule)


def _changed(
    compared: _Compared, moments: Mapping[Movement, Moment], movement: Movement, signs: Signs
) -> Item:
    name, label, measure = compared.name, compared.label, compared.measure
    rest, moment, own = moments.get(Movement.REST), moments.get(movement), signs.affected
    if rest is None or moment is None:
        return not_measured(name, label, _lacks(movement, rest, signs))
    before, after = _sides(rest, measure), _sides(moment, measure)
    changed = {side: after[side] - before[side] for side in Side}
    if changed[own.opposite] <= float(np.hypot(rest.noise, moment.noise)):
        return not_measured(name, label, "the other side does not move above the noise")
    ratio = changed[own] / changed[own.opposite]
    value = float(np.clip(MOST * ratio, 0, MOST))
    rule = "change of the affected over that of the healthy side in %, 0 to 100"
    return Item(name, label, value, None, (), {f"{measure}_ratio_percent": MOST * ratio}, rule)


def _closed(
    moments: Mapping[Movement, Moment], movement: Movement, label: str, signs: Signs, rules: Rules
) -> Item:
    name = f"auto_dynamic_{movement}"
    rest, moment = moments.get(Movement.REST), moments.get(movement)
    if rest is None or moment is None:
        return not_measured(name, label, _lacks(movement, rest, signs))
    at = 0 if signs.affected is Side.RIGHT else 1
    gap, closed = lid_gaps(moment.face)[at], closings(rest, moment)[at]
    in_mm = signs.in_mm(gap)
    below = rules.closure.closed_below_mm
    if in_mm is not None and in_mm < below:
        closed = 1.0
    value = float(np.clip(MOST * closed, 0, MOST))
    inputs = {"lid_gap_interocular": gap} if in_mm is None else {"lid_gap_mm": in_mm}
    rule = f"1 - fissure over fissure at rest in %; below {below:g} mm counts as closed"
    return Item(name, label, value, None, (), inputs, rule)


def _lacks(movement: Movement, rest: Moment | None, signs: Signs) -> str:
    """Return why a movement that is not among the moments cannot be measured."""
    return f"{Movement.REST} is missing" if rest is None else signs.why_not[movement]


def _narrowed(moments: Mapping[Movement, Moment], signs: Signs) -> Item:
    name, label, own = "auto_synkinesis", "Synkinesis", signs.affected
    ratios = {}
    for movement in (Movement.SMILE, Movement.PUCKER):
        if movement not in moments:
            return not_measured(name, label, signs.why_not[movement])
        if why := hidden_in(Region.EYE, moments[movement]):
            return not_measured(name, label, why)
        gaps = _sides(moments[movement], "fissure_height")
        ratios[f"{movement}_fissure_ratio_percent"] = (
            MOST * gaps[own] / max(gaps[own.opposite], 1e-6)
        )
    value = float(np.clip(min(ratios.values()), 0, MOST))
    rule = "the lower of the affected over healthy fissure in smile and pucker, in %, 0 to 100"
    return Item(name, label, value, None, (), ratios, rule)

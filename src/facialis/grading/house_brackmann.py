"""House-Brackmann, by the table of signs (the gross grade) and by the eight points."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Movement, Region
from facialis.clinical.scales import GRADES, HOUSE_BRACKMANN, ROMAN
from facialis.grading.examined import HouseBrackmann, Item
from facialis.grading.signs import MOUTH_MOVEMENTS, Estimate, Moved, Signs
from facialis.grading.synkinesis import whole_degree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from facialis.grading.examined import Synkinesis
    from facialis.grading.rules import Rules

FOREHEAD: Final = ("none", "slight to moderate", "moderate to good", "normal")
EYE: Final = ("incomplete", "complete with effort", "complete, minimal effort")
MOUTH: Final = (
    "none",
    "slight movement",
    "asymmetric at maximum effort",
    "slightly weak at maximum effort",
    "slight asymmetry",
    "normal",
)
REST: Final = ("normal", "asymmetric")
SYNKINESIS: Final = ("none", "slight", "noticeable", "severe")
POINTS: Final = 4
"""Points that each of the two sites can have."""

_MODERATE, _MODERATELY_SEVERE = 3, 4
_CLOSES_WITH_EFFORT: Final = 1
_NOT_NORMAL: Final = 2


def house_brackmann(signs: Signs, synkinesis: Iterable[Synkinesis], rules: Rules) -> HouseBrackmann:
    """Grade by House and Brackmann.

    The gross grade is the one whose share of function holds the mean of forehead, eye and mouth.
    Between III and IV the eye and the forehead decide, as in the table. Synkinesis makes at least
    II (slight), III (noticeable) or IV (severe). By the table an affected side has at least II; a
    face without one has at most II, by the points and in the interval too.

    Args:
        signs: Of the affected side.
        synkinesis: What moves along.
        rules: Cut-offs.

    Returns:
        Without grade if forehead, eye or mouth could not be judged.
    """
    degree = whole_degree(synkinesis)
    items = (
        forehead_item(signs, rules),
        eye_item(signs, rules),
        mouth_item(signs, rules),
        rest_item(signs, rules),
        synkinesis_item(degree),
    )
    gross, low, high = _gross(signs, items, degree or 0, rules)
    function = function_of(signs)
    points = _points(signs)
    by_points = [_at_most(grade_of_points(p), signs) for p in points or ()]
    interval: tuple[int, int] | None = None
    conformal: tuple[int, ...] = ()
    if gross is not None:
        grades = (gross, low, high, *by_points)
        interval = (min(grades), max(grades))
        conformal = _conformal(signs, gross, rules)
    return HouseBrackmann(
        grade=gross,
        interval=interval,
        gross=gross,
        function_percent=None if function is None else 100 * function.value,
        rule=_rule(rules),
        measured=by_points[1] if by_points else None,
        points=None if points is None else points[1],
        conformal=conformal,
        coverage=rules.house_brackmann.coverage if conformal else None,
        items=items,
        missing=_missing(signs),
    )


def grade_of_points(points: int) -> int:
    """Return the grade of 0 to 8 points."""
    return next(g.grade for g in HOUSE_BRACKMANN if g.points[0] <= points <= g.points[1])


def grade_of_function(share: float, rules: Rules) -> int:
    """Return the grade whose band holds a share, 0 to 1, of function."""
    above = rules.house_brackmann.function_above
    return next((g for g, least in zip(GRADES, above, strict=False) if share > least), GRADES[-1])


def forehead_item(signs: Signs, rules: Rules) -> Item:
    """Return how the forehead moves."""
    cuts = rules.house_brackmann.forehead_from
    rule = (
        f"function of the brow raise: from {_percent(cuts[0])} slight to moderate, "
        f"from {_percent(cuts[1])} moderate to good, from {_percent(cuts[2])} normal"
        f"{tolerance(signs, rules)}"
    )
    blank = Item("forehead", "Forehead", None, None, FOREHEAD, {}, rule)
    return _filled(blank, signs, (Movement.BROW_RAISE,), signs.forehead, cuts)


def eye_item(signs: Signs, rules: Rules) -> Item:
    """Return how the eye closes."""
    closure = rules.closure
    half, minimal = _percent(closure.with_effort), _percent(closure.minimal_effort)
    rule = (
        f"function of the eye in gentle closure: from {half} complete with effort, from {minimal} "
        "complete with minimal effort; where both closures were shown and gentle closure is below "
        f"{minimal}, tight closure from {half} makes it {half} at least, and below that their mean "
        f"counts{tolerance(signs, rules)}"
    )
    cuts = (closure.with_effort, closure.minimal_effort)
    closures = (Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT)
    blank = Item("eye", "Eye", None, None, EYE, {}, rule)
    item = _filled(blank, signs, closures, signs.eye, cuts)
    if item.value is None or Movement.EYE_CLOSE_GENTLE in signs.moved or signs.is_healthy:
        return item
    low, high = item.interval or (item.value, item.value)
    # What squeezing closes may need less effort; what it leaves open needs more than there is.
    most = float(len(EYE) - 1) if high >= _CLOSES_WITH_EFFORT else high
    return replace(
        item,
        value=min(item.value, float(_CLOSES_WITH_EFFORT)),
        interval=(min(low, float(_CLOSES_WITH_EFFORT)), most),
        rule=f"{rule}; squeezed only, no more than complete with effort can be told",
    )


def mouth_item(signs: Signs, rules: Rules) -> Item:
    """Return how the mouth moves."""
    cuts = rules.house_brackmann.mouth_from
    steps = ", ".join(
        f"from {_percent(cut)} {word}" for cut, word in zip(cuts, MOUTH[1:], strict=True)
    )
    lip = _percent(rules.house_brackmann.lower_lip_weight)
    rule = (
        "function of the mouth: the mean of smiles, snarl and pucker, and with a weight of "
        f"{lip} the lower lip; {steps}{tolerance(signs, rules)}"
    )
    movements = (*MOUTH_MOVEMENTS, Movement.LOWER_TEETH)
    blank = Item("mouth", "Mouth", None, None, MOUTH, {}, rule)
    return _filled(blank, signs, movements, signs.mouth, cuts)


def rest_item(signs: Signs, rules: Rules) -> Item:
    """Return whether the face rests symmetric."""
    limits = signs.resting(rules)
    rule = (
        f"asymmetric if {limits.asymmetric_signs} or more of these are out of balance: lid gap "
        f"(below {limits.eye_narrow:.3g} or above {limits.eye_wide:.3g} of the other), corner of "
        f"the mouth (by {limits.corner_displaced:.3g} interocular distances), soft parts beside "
        f"the fold (by {limits.cheek_changed:.3g})"
    )
    if signs.rest is None:
        return Item("rest", "At rest", None, None, REST, {}, rule, "rest is missing")
    eye, corner, cheek = signs.rest.eye, signs.rest.corner, signs.rest.cheek
    if eye is None or corner is None or cheek is None:
        hidden = signs.rest.hidden
        why = hidden[Region.EYE if eye is None else Region.MOUTH]
        return Item("rest", "At rest", None, None, REST, {}, rule, why)
    seen = [
        not limits.eye_narrow <= eye <= limits.eye_wide,
        abs(corner) >= limits.corner_displaced,
        abs(cheek) >= limits.cheek_changed,
    ]
    inputs = {
        "lid_gap_ratio": eye,
        "corner_interocular": corner,
        "cheek_interocular": cheek,
    }
    count = sum(seen)
    value = float(count >= limits.asymmetric_signs)
    borderline = abs(count - limits.asymmetric_signs + 0.5) < 1
    interval = (0.0, 1.0) if borderline else (value, value)
    return Item("rest", "At rest", value, interval, REST, inputs, rule)


def synkinesis_item(degree: int | None) -> Item:
    """Return how much moves along, the second strongest of what was found."""
    rule = "the second strongest degree of all movements and regions"
    name, label = "synkinesis", "Synkinesis"
    if degree is None:
        why = "no movement could be compared with rest"
        return Item(name, label, None, None, SYNKINESIS, {}, rule, why)
    interval = (float(max(0, degree - 1)), float(min(len(SYNKINESIS) - 1, degree + 1)))
    return Item(name, label, float(degree), interval, SYNKINESIS, {"degree": float(degree)}, rule)


def function_of(signs: Signs) -> Estimate | None:
    """Return the mean function of forehead, eye and mouth; None if one of them is missing."""
    if signs.forehead is None or signs.eye is None or signs.mouth is None:
        return None
    regions = (signs.forehead, signs.eye, signs.mouth)
    value = float(np.mean([r.value for r in regions]))
    low = value - float(np.hypot.reduce([r.value - r.low for r in regions])) / len(regions)
    high = value + float(np.hypot.reduce([r.high - r.value for r in regions])) / len(regions)
    return Estimate(value, max(0.0, low), min(1.0, high))


def _filled(
    blank: Item,
    signs: Signs,
    movements: tuple[Movement, ...],
    function: Estimate | None,
    cuts: Sequence[float],
) -> Item:
    if function is None:
        why = "; ".join(dict.fromkeys(signs.why_not[m] for m in movements if m in signs.why_not))
        return replace(blank, not_measured=why)
    inputs: dict[str, float] = {}
    for movement in movements:
        if movement in signs.moved:
            inputs |= inputs_of(signs, signs.moved[movement])
    inputs["function_percent"] = 100 * function.value
    value, low, high = (
        float(sum(f >= cut for cut in cuts)) for f in (function.value, function.low, function.high)
    )
    return replace(blank, value=value, interval=(low, high), inputs=inputs)


def tolerance(signs: Signs, rules: Rules) -> str:
    """Return from which movement on function is full on a face without an affected side."""
    if not signs.is_healthy:
        return ""
    least = _percent(rules.general.complete_when_healthy)
    return f"; without an affected side {least} of the other side's movement is full function"


def inputs_of(signs: Signs, moved: Moved) -> dict[str, float]:
    """Return the measures behind a movement, by name with their unit."""
    name = moved.movement.value
    what = "lid_gap" if moved.movement.closes_the_eyes else "way"
    inputs = {
        f"{name}_ratio_percent": 100 * moved.ratio,
        f"{name}_function_percent": 100 * moved.function.value,
    }
    for whose, length in (("affected", moved.affected), ("healthy", moved.healthy)):
        in_mm = signs.in_mm(length)
        if in_mm is None:
            inputs[f"{name}_{whose}_{what}_interocular"] = length
        else:
            inputs[f"{name}_{whose}_{what}_mm"] = in_mm
    return inputs


def _rule(rules: Rules) -> str:
    steps = ", ".join(
        f"above {100 * least:g} % {grade}"
        for least, grade in zip(rules.house_brackmann.function_above, ROMAN, strict=False)
    )
    return (
        f"{steps}, else {ROMAN[-1]}; between III and IV eye and forehead decide where they agree, "
        "synkinesis makes at least II, III or IV by its degree, an affected side has at least II, "
        "and a face without one at most II"
    )


def _gross(
    signs: Signs, items: tuple[Item, ...], degree: int, rules: Rules
) -> tuple[int | None, int, int]:
    """Return the gross grade, and the lowest and highest that the uncertainty allows."""
    function = function_of(signs)
    if function is None:
        return None, 0, 0
    low, gross, high = (
        _with_signs(grade_of_function(share, rules), signs, items, degree)
        for share in (function.high, function.value, function.low)
    )
    return gross, low, high


def _with_signs(grade: int, signs: Signs, items: tuple[Item, ...], degree: int) -> int:
    if grade in (_MODERATE, _MODERATELY_SEVERE):
        grade = _between(grade, items)
    return _within(max(grade, 1 + degree), signs)


def _between(grade: int, items: tuple[Item, ...]) -> int:
    """Decide between III and IV: III closes the eye and moves the forehead, IV does neither."""
    forehead, eye = items[0].value, items[1].value
    if forehead is None or eye is None:
        return grade
    closes, moves = eye >= _CLOSES_WITH_EFFORT, forehead > 0
    if closes == moves:
        return _MODERATE if closes else _MODERATELY_SEVERE
    return grade


def _within(grade: int, signs: Signs) -> int:
    return _at_most(grade, signs) if signs.is_healthy else max(grade, _NOT_NORMAL)


def _at_most(grade: int, signs: Signs) -> int:
    return min(grade, _NOT_NORMAL) if signs.is_healthy else grade


def _points(signs: Signs) -> tuple[int, int, int] | None:
    """Return the fewest, the measured and the most points; None if a site is missing."""
    smile = signs.moved.get(Movement.SMILE) or signs.moved.get(Movement.SMILE_CLOSED)
    if smile is None or signs.forehead is None:
        return None
    sites = (signs.forehead, smile.function.share)
    fewest, points, most = (
        sum(round(POINTS * share) for share in shares)
        for shares in zip(*((s.low, s.value, s.high) for s in sites), strict=True)
    )
    return fewest, points, most


def _conformal(signs: Signs, gross: int, rules: Rules) -> tuple[int, ...]:
    """Return the grades that lie as near the share of function as true grades mostly did."""
    function = function_of(signs)
    if function is None:
        return ()
    at, within = grade_between(function.value), rules.house_brackmann.conformal_within
    return tuple(g for g in GRADES if abs(g - at) <= within or g == gross)


def grade_between(share: float) -> float:
    """Return a share of function as a grade with decimals, from the middle of each grade's band."""
    middles = [sum(g.function) / 200 for g in HOUSE_BRACKMANN]
    return float(np.interp(share, middles[::-1], [float(g) for g in reversed(GRADES)]))


def _missing(signs: Signs) -> tuple[Movement, ...]:
    wanted = (
        Movement.BROW_RAISE,
        Movement.EYE_CLOSE_GENTLE,
        Movement.EYE_CLOSE_TIGHT,
        Movement.SMILE,
    )
    missing = [m for m in wanted if m in signs.missing]
    if Movement.SMILE_CLOSED not in signs.missing and Movement.SMILE in missing:
        missing.remove(Movement.SMILE)
    return tuple(([Movement.REST] if signs.rest is None else []) + missing)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"

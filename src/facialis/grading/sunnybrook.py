"""The Sunnybrook form: resting symmetry, voluntary movement, synkinesis, composite."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Movement, Region
from facialis.clinical.scales import SUNNYBROOK_MOVEMENTS, Sunnybrook
from facialis.grading.examined import Item, SunnybrookScore
from facialis.grading.house_brackmann import inputs_of, tolerance
from facialis.grading.synkinesis import DEGREES, degree_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.grading.examined import Synkinesis
    from facialis.grading.rules import Rules
    from facialis.grading.signs import Signs

EYE: Final = ("normal", "narrow or wide")
CHEEK: Final = ("normal", "less or more pronounced", "absent")
MOUTH: Final = ("normal", "corner dropped, or pulled up and out")
VOLUNTARY: Final = (
    "no movement",
    "slight movement",
    "mild excursion",
    "almost complete",
    "complete",
)

_LABELS: Final = {
    Movement.BROW_RAISE: "Brow raise",
    Movement.EYE_CLOSE_GENTLE: "Gentle eye closure",
    Movement.SMILE: "Open-mouth smile",
    Movement.SNARL: "Snarl",
    Movement.PUCKER: "Lip pucker",
}
_FOLD_UNSEEN: Final = (
    "the fold itself is in the skin and is not seen; it is read from how cheek, upper lip and "
    "corner lie beside it"
)
_LOWEST_VOLUNTARY: Final = 1
_RESTING_WEIGHT, _VOLUNTARY_WEIGHT = 5, 4


def sunnybrook(signs: Signs, synkinesis: Sequence[Synkinesis], rules: Rules) -> SunnybrookScore:
    """Fill in the Sunnybrook form of the affected side.

    Args:
        signs: Of the affected side.
        synkinesis: What moves along.
        rules: Cut-offs.

    Returns:
        All thirteen items; a score is None while one of its items is.
    """
    resting = (eye_item(signs, rules), cheek_item(signs, rules), mouth_item(signs, rules))
    voluntary = tuple(voluntary_item(m, signs, rules) for m in SUNNYBROOK_MOVEMENTS)
    moving_along = tuple(synkinesis_item(m, synkinesis) for m in SUNNYBROOK_MOVEMENTS)
    scores = (
        _score(resting, _RESTING_WEIGHT),
        _score(voluntary, _VOLUNTARY_WEIGHT),
        _score(moving_along, 1),
    )
    form = _form(resting, voluntary, moving_along)
    missing: list[Movement] = [m for m in SUNNYBROOK_MOVEMENTS if m in signs.missing]
    if signs.rest is None:
        missing.insert(0, Movement.REST)
    return SunnybrookScore(
        composite=None if form is None else form.composite,
        interval=None if form is None else _interval(resting, voluntary, moving_along),
        resting=scores[0],
        voluntary=scores[1],
        synkinesis=scores[2],
        items=(*resting, *voluntary, *moving_along),
        missing=tuple(missing),
    )


def eye_item(signs: Signs, rules: Rules) -> Item:
    """Return how the eye rests."""
    limits = signs.resting(rules)
    rule = (
        f"narrow below {limits.eye_narrow:.3g} and wide above {limits.eye_wide:.3g} of the other "
        "eye's lid gap"
    )
    name, label = "resting_eye", "Eye at rest"
    if signs.rest is None:
        return Item(name, label, None, None, EYE, {}, rule, "rest is missing")
    ratio = signs.rest.eye
    if ratio is None:
        return Item(name, label, None, None, EYE, {}, rule, signs.rest.hidden[Region.EYE])
    limit = limits.eye_wide - 1 if ratio > 1 else 1 - limits.eye_narrow
    value, interval = _stepped(abs(ratio - 1), (limit,), limits.uncertainty * limit)
    return Item(name, label, value, interval, EYE, {"lid_gap_ratio": ratio}, rule)


def cheek_item(signs: Signs, rules: Rules) -> Item:
    """Return how the soft parts beside the nasolabial fold rest, in place of the fold."""
    limits = signs.resting(rules)
    rule = (
        f"changed from {limits.cheek_changed:.3g} and absent, if sunk, from "
        f"{limits.cheek_absent:.3g} interocular distances of displacement; {_FOLD_UNSEEN}"
    )
    name, label = "resting_cheek", "Cheek (nasolabial fold) at rest"
    if signs.rest is None:
        return Item(name, label, None, None, CHEEK, {}, rule, "rest is missing")
    at = signs.rest.cheek
    if at is None:
        return Item(name, label, None, None, CHEEK, {}, rule, signs.rest.hidden[Region.MOUTH])
    cuts = (limits.cheek_changed, limits.cheek_absent)[: 2 if at < 0 else 1]
    value, (low, high) = _stepped(abs(at), cuts, limits.uncertainty * limits.cheek_changed)
    # What is beside the fold says little of it: a step to either side is always possible.
    interval = (min(low, max(0.0, value - 1)), max(high, min(float(len(cuts)), value + 1)))
    return Item(name, label, value, interval, CHEEK, {"displacement_interocular": at}, rule)


def mouth_item(signs: Signs, rules: Rules) -> Item:
    """Return how the corner of the mouth rests."""
    limits = signs.resting(rules)
    rule = (
        f"displaced from {limits.corner_displaced:.3g} interocular distances on: dropped to the "
        "midline, or pulled up and out"
    )
    name, label = "resting_mouth", "Mouth at rest"
    if signs.rest is None:
        return Item(name, label, None, None, MOUTH, {}, rule, "rest is missing")
    at, limit = signs.rest.corner, limits.corner_displaced
    if at is None:
        return Item(name, label, None, None, MOUTH, {}, rule, signs.rest.hidden[Region.MOUTH])
    value, interval = _stepped(abs(at), (limit,), limits.uncertainty * limit)
    inputs = {"displacement_interocular": at}
    in_mm = signs.in_mm(at)
    if in_mm is not None:
        inputs["displacement_mm"] = in_mm
    return Item(name, label, value, interval, MOUTH, inputs, rule)


def voluntary_item(movement: Movement, signs: Signs, rules: Rules) -> Item:
    """Return how much of a movement the affected side makes."""
    cuts = rules.sunnybrook.voluntary_from
    steps = ", ".join(
        f"from {100 * cut:.0f} % {word}" for cut, word in zip(cuts, VOLUNTARY[1:], strict=True)
    )
    rule = f"function of the movement: {steps}{tolerance(signs, rules)}"
    name, label = f"voluntary_{movement}", _LABELS[movement]
    moved = signs.moved.get(movement)
    if moved is None:
        return Item(name, label, None, None, VOLUNTARY, {}, rule, signs.why_not[movement])
    function = moved.function
    value, low, high = (
        float(_LOWEST_VOLUNTARY + sum(f >= cut for cut in cuts))
        for f in (function.value, function.low, function.high)
    )
    return Item(name, label, value, (low, high), VOLUNTARY, inputs_of(signs, moved), rule)


def synkinesis_item(movement: Movement, synkinesis: Sequence[Synkinesis]) -> Item:
    """Return how much moves along in a movement."""
    rule = "the strongest degree of the regions that should be quiet in this movement"
    name, label = f"synkinesis_{movement}", f"Synkinesis: {_LABELS[movement].lower()}"
    own = [s for s in synkinesis if s.movement is movement]
    degree = degree_of(movement, own)
    if degree is None:
        why = next((s.not_measured for s in own if s.not_measured), "it was not compared")
        return Item(name, label, None, None, DEGREES, {}, rule, why)
    inputs = {
        f"{s.region}_amount_{'interocular' if s.amount_mm is None else 'mm'}": (
            s.amount if s.amount_mm is None else s.amount_mm
        )
        for s in own
        if s.amount is not None
    }
    interval = (float(max(0, degree - 1)), float(min(len(DEGREES) - 1, degree + 1)))
    return Item(name, label, float(degree), interval, DEGREES, inputs, rule)


def _stepped(
    amount: float, cuts: Sequence[float], uncertainty: float
) -> tuple[float, tuple[float, float]]:
    value, low, high = (
        float(sum(a >= cut for cut in cuts))
        for a in (amount, amount - uncertainty, amount + uncertainty)
    )
    return value, (low, high)


def _score(items: Sequence[Item], weight: int) -> int | None:
    values = [item.value for item in items if item.value is not None]
    return weight * round(sum(values)) if len(values) == len(items) else None


def _form(
    resting: Sequence[Item], voluntary: Sequence[Item], moving_along: Sequence[Item]
) -> Sunnybrook | None:
    values = [item.value for item in (*resting, *voluntary, *moving_along)]
    numbers = [round(v) for v in values if v is not None]
    if len(numbers) < len(values):
        return None
    movements = len(SUNNYBROOK_MOVEMENTS)
    return Sunnybrook(
        eye=numbers[0],
        cheek=numbers[1],
        mouth=numbers[2],
        voluntary=dict(zip(SUNNYBROOK_MOVEMENTS, numbers[3 : 3 + movements], strict=True)),
        synkinesis=dict(zip(SUNNYBROOK_MOVEMENTS, numbers[3 + movements :], strict=True)),
    )


def _interval(
    resting: Sequence[Item], voluntary: Sequence[Item], moving_along: Sequence[Item]
) -> tuple[int, int]:
    """Return what the composite may be, errors of the items taken as independent."""
    weighted = (
        *((item, _VOLUNTARY_WEIGHT, 1) for item in voluntary),
        *((item, _RESTING_WEIGHT, -1) for item in resting),
        *((item, 1, -1) for item in moving_along),
    )
    value, below, above = 0.0, 0.0, 0.0
    for item, weight, sign in weighted:
        if item.value is None or item.interval is None:
            continue
        value += sign * weight * item.value
        down, up = item.value - item.interval[0], item.interval[1] - item.value
        if sign < 0:
            down, up = up, down
        below += (weight * down) ** 2
        above += (weight * up) ** 2
    low, high = value - below**0.5, value + above**0.5
    return round(low), min(100, round(high))

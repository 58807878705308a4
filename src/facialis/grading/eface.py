"""Items in the manner of eFACE, those that landmarks can give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Movement, Region
from facialis.grading.auto_eface import BALANCED, MOST, auto_eface_items, not_measured
from facialis.grading.examined import Eface, Item
from facialis.grading.house_brackmann import tolerance
from facialis.grading.signs import hidden_in
from facialis.grading.synkinesis import amount_and_limits
from facialis.measures.excursions import lid_gaps

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facialis.grading.rules import Rules
    from facialis.grading.signs import Signs
    from facialis.measures.moment import Moment

STATIC_MOST: Final = 200.0

_IN_THE_SKIN: Final = "it shows in the skin, which landmarks do not see"
_BEYOND_LANDMARKS: Final = "no landmark lies there"
_NEEDED: Final = (
    Movement.REST,
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.EYE_CLOSE_TIGHT,
    Movement.SMILE,
    Movement.PUCKER,
    Movement.LOWER_TEETH,
)


def eface(moments: Mapping[Movement, Moment], signs: Signs, rules: Rules) -> Eface:
    """Return the items of eFACE that landmarks can give, and auto-eFACE.

    Args:
        moments: The face at rest and at the height of each movement; any of them may be missing.
        signs: Of the affected side.
        rules: Ranges.
    """
    static = _static(signs, rules)
    dynamic = _dynamic(signs, rules)
    synkinesis = _synkinesis(moments, signs, rules)
    auto_items = auto_eface_items(moments, signs, rules)
    auto = [item.value for item in auto_items if item.value is not None]
    imbalances = [
        i if i.value is None else replace(i, value=MOST - abs(BALANCED - i.value)) for i in static
    ]
    return Eface(
        items=(*static, *dynamic, *synkinesis),
        static=_mean(imbalances),
        dynamic=_mean(dynamic),
        synkinesis=_mean(synkinesis),
        auto=float(np.mean(auto)) if len(auto) == len(auto_items) else None,
        auto_items=auto_items,
        missing=tuple(m for m in _NEEDED if m in signs.missing),
    )


def _mean(items: Sequence[Item]) -> float | None:
    """Return the mean of the items that landmarks can give; None if one of them is missing."""
    given = [i.value for i in items if i.not_measured not in (_IN_THE_SKIN, _BEYOND_LANDMARKS)]
    values = [value for value in given if value is not None]
    return float(np.mean(values)) if len(values) == len(given) else None


def _static(signs: Signs, rules: Rules) -> tuple[Item, ...]:
    names = {
        "static_brow": "Brow at rest",
        "static_fissure": "Palpebral fissure at rest",
        "static_fold": "Nasolabial fold depth at rest",
        "static_commissure": "Oral commissure at rest",
    }
    fold = not_measured("static_fold", names["static_fold"], _IN_THE_SKIN)
    rest = signs.rest
    if rest is None:
        return tuple(
            fold if name == "static_fold" else not_measured(name, label, "rest is missing")
            for name, label in names.items()
        )
    span = rules.eface.static_range
    error = rules.rest.uncertainty * rules.rest.corner_displaced / span * MOST
    levels: dict[str, tuple[float, float, str, float]] = {}
    if rest.brow is not None:
        levels["static_brow"] = (rest.brow / span * MOST, error, "brow_interocular", rest.brow)
    if rest.corner is not None:
        off = rest.corner / span * MOST
        levels["static_commissure"] = (off, error, "corner_interocular", rest.corner)
    if rest.eye is not None:
        gap_error = MOST * rules.rest.uncertainty * (rules.rest.eye_wide - 1)
        off = MOST / max(rest.eye, 0.5) - MOST
        levels["static_fissure"] = (off, gap_error, "lid_gap_ratio", rest.eye)
    regions = {
        "static_brow": Region.BROW,
        "static_commissure": Region.MOUTH,
        "static_fissure": Region.EYE,
    }
    rule = {
        "static_fissure": "healthy over affected lid gap: below 100 wide, above 100 narrow",
        "static_brow": (
            f"100 is level, {span:.3g} interocular distances lower is 0 and higher is 200"
        ),
        "static_commissure": (
            f"100 is balanced, {span:.3g} interocular distances sunk inwards is 0, drawn up 200"
        ),
    }
    items = []
    for name, label in names.items():
        if name == "static_fold":
            items.append(fold)
        elif name in levels:
            items.append(_level(name, label, levels[name], rule[name]))
        else:
            items.append(not_measured(name, label, rest.hidden[regions[name]]))
    return tuple(items)


def _level(name: str, label: str, level: tuple[float, float, str, float], rule: str) -> Item:
    off, error, measure, value = level
    at, low, high = (
        float(np.clip(BALANCED + o, 0, STATIC_MOST)) for o in (off, off - error, off + error)
    )
    return Item(name, label, at, (low, high), (), {measure: value}, rule)


def _dynamic(signs: Signs, rules: Rules) -> tuple[Item, ...]:
    measured = {
        Movement.BROW_RAISE: ("dynamic_brow", "Brow elevation"),
        Movement.EYE_CLOSE_GENTLE: ("dynamic_closure_gentle", "Gentle eye closure"),
        Movement.EYE_CLOSE_TIGHT: ("dynamic_closure_full", "Full eye closure"),
        Movement.SMILE: ("dynamic_smile", "Oral commissure with smile"),
        Movement.LOWER_TEETH: ("dynamic_lower_lip", "Lower lip with 'eee'"),
    }
    items = []
    for movement, (name, label) in measured.items():
        moved = signs.moved.get(movement)
        if moved is None:
            items.append(not_measured(name, label, signs.why_not[movement]))
            continue
        share = moved.function.share
        items.append(
            Item(
                name,
                label,
                MOST * share.value,
                (MOST * share.low, MOST * share.high),
                (),
                {
                    f"{movement}_ratio_percent": MOST * moved.ratio,
                    f"{movement}_function_percent": MOST * moved.function.value,
                },
                f"function of the movement in %, 0 to 100{tolerance(signs, rules)}",
            )
        )
    return (
        *items,
        not_measured("dynamic_fold_depth", "Nasolabial fold depth with smile", _IN_THE_SKIN),
        not_measured(
            "dynamic_fold_orientation", "Nasolabial fold orientation with smile", _IN_THE_SKIN
        ),
    )


def _synkinesis(moments: Mapping[Movement, Moment], signs: Signs, rules: Rules) -> tuple[Item, ...]:
    ocular = Item("synkinesis_ocular", "Ocular synkinesis", None, None, (), {}, "none")
    midfacial = Item("synkinesis_midfacial", "Midfacial synkinesis", None, None, (), {}, "none")
    closures = (Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT)
    mouth = (Movement.SMILE, Movement.PUCKER, Movement.SMILE_CLOSED, Movement.SNARL)
    return (
        _along(ocular, moments, mouth, signs, rules),
        _along(midfacial, moments, closures, signs, rules),
        not_measured("synkinesis_mentalis", "Mentalis synkinesis", _IN_THE_SKIN),
        not_measured("synkinesis_platysmal", "Platysmal synkinesis", _BEYOND_LANDMARKS),
    )


def _along(
    blank: Item,
    moments: Mapping[Movement, Moment],
    movements: Sequence[Movement],
    signs: Signs,
    rules: Rules,
) -> Item:
    rest = moments.get(Movement.REST)
    shown = [m for m in movements if m in moments]
    if rest is None or not shown:
        why = signs.why_not[movements[0]] if rest else f"{Movement.REST} is missing"
        return replace(blank, not_measured=why)
    region, whole, what = _range(rest, movements[0], rules)
    seen = [m for m in shown if hidden_in(region, rest, moments[m]) is None]
    if not seen:
        why = hidden_in(region, rest, *(moments[m] for m in shown)) or ""
        return replace(blank, not_measured=why)
    shown = seen
    found = [amount_and_limits(rest, moments[m], region, signs.affected, rules) for m in shown]
    shares = {
        f"{m}_percent": MOST * amount / whole for m, (amount, _) in zip(shown, found, strict=True)
    }
    floor = MOST * found[0][1][0] / whole
    mean = float(np.mean(list(shares.values())))
    # What healthy people move along counts for nothing.
    value = MOST if mean < floor else max(0.0, MOST - mean)
    low, high = (float(np.clip(MOST - mean + e, 0, MOST)) for e in (-floor, floor))
    return replace(
        blank,
        value=value,
        interval=(min(low, value), max(high, value)),
        inputs=shares,
        rule=f"100 less by how much more than on the other side {what}; below {floor:.0f} % none",
    )


def _range(rest: Moment, movement: Movement, rules: Rules) -> tuple[Region, float, str]:
    """Return the region that should be quiet, what would be the whole of it, and that in words."""
    if movement.closes_the_eyes:
        whole = rules.eface.midfacial_range
        return Region.MOUTH, whole, f"the corner rises, in % of {whole:.3g} interocular distances"
    gap = max(1e-6, float(np.mean(lid_gaps(rest.face))))
    return Region.EYE, gap, "the eye narrows, in % of its gap at rest"

"""What the report of an examination calls things."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from facialis.clinical.anatomy import Movement, Region
from facialis.clinical.scales import ROMAN
from facialis.measures.moment import Site
from facialis.report.rows import NOTHING, decimals
from facialis.report.words import MOVEMENT_NAMES, ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TITLE: Final = "Facial nerve examination"
NO_VERDICT: Final = (
    "No verdict is drawn, because no movement of this examination can be judged, or none was large "
    "enough to be measured. Give the face at rest and at least one movement at its height."
)
BAND_NOTE: Final = "One in two of those examined assumed to have a palsy"
SIDE_LETTERS: Final = "R and L are the patient’s right and left."
WEAKER: Final = "A bar with the word “weaker” stands on the affected side."
STATED: Final = "A bar with the word “stated” stands on the side that was stated to be affected."
NO_INTERVAL: Final = "no interval"

SITE_NAMES: Final = {
    Site.BROW: "Brow",
    Site.UPPER_LID: "Closing of the lid gap",
    Site.LOWER_LID: "Lower lid",
    Site.ALA: "Ala of the nose",
    Site.UPPER_LIP: "Upper lip",
    Site.COMMISSURE: "Commissure",
    Site.LOWER_LIP: "Lower lip",
}
REGION_NAMES: Final = {region: region.value.capitalize() for region in Region}
DEGREES: Final = ("none", "mild", "moderate", "severe")

PROBABILITY_BANDS: Final = (
    (0.2, "low, below 0.2"),
    (0.5, "below the limit, 0.2 to 0.5"),
    (0.8, "above the limit, 0.5 to 0.8"),
    (1.01, "high, 0.8 or more"),
)


_CODES: Final = re.compile(
    rf"(?<![a-z])(?:{'|'.join(sorted(Movement, key=len, reverse=True))})(?![a-z])"
)
_CLOSURES: Final = {m for m in Movement if m.closes_the_eyes}
ANY_CLOSURE: Final = "an eye closure (gentle or tight)"
MISSING: Final = " is missing"
_UNITS: Final = {"_percent": " %", "_mm": " mm", "_interocular": " interocular units"}
_SHARE: Final = ("ratio", " %")
_LARGE: Final = 10


def band(probability: float) -> str:
    """Return the band that a probability lies in, in words."""
    return next(words for end, words in PROBABILITY_BANDS if probability < end)


def roman(grade: int) -> str:
    """Return a House-Brackmann grade as clinicians write it."""
    return ROMAN[grade - 1]


def span(low: float, high: float) -> str:
    """Return an interval of whole numbers in words."""
    ends = decimals(low, 0), decimals(high, 0)
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def roman_span(low: int, high: int) -> str:
    """Return an interval of grades in words."""
    return roman(low) if low == high else f"{roman(low)} to {roman(high)}"


def names(movements: Iterable[Movement]) -> str:
    """Return movements by name, within a sentence."""
    found = (MOVEMENT_NAMES[m] for m in sorted(movements, key=ORDER.__getitem__))
    return ", ".join(f"{name[:1].lower()}{name[1:]}" for name in found)


def names_for_a_grade(missing: Iterable[Movement]) -> str:
    """Return what House-Brackmann needs of movements that are missing: any one closure will do."""
    lacking = set(missing)
    closures = {m for m in lacking if m.closes_the_eyes}
    parts = [names(lacking - closures)] if lacking - closures else []
    if closures == _CLOSURES:
        parts.append(ANY_CLOSURE)
    return ", ".join(parts)


def file_name(path: str) -> str:
    """Return the last part of a path."""
    return PurePosixPath(path).name or path


def number(value: float | None, places: int, unit: str = "") -> str:
    """Return a number with its unit, or a dash."""
    if value is None:
        return NOTHING
    return f"{decimals(value, places)}{unit}"


def reason(why: str | None) -> str:
    """Return why something was not measured, movements by name instead of by code."""
    if not why:
        return "no value"
    parts = why.split("; ")
    lacking = [part.removesuffix(MISSING) for part in parts if part.endswith(MISSING)]
    if set(lacking) >= _CLOSURES:
        lacking = [each for each in lacking if each not in _CLOSURES]
        lacking.append(ANY_CLOSURE)
    lacking, others = (
        [_CODES.sub(lambda found: names([Movement(found[0])]), part) for part in each]
        for each in (lacking, [part for part in parts if not part.endswith(MISSING)])
    )
    return "; ".join([*([f"needs {', '.join(lacking)}"] if lacking else []), *others])


def measures(inputs: Mapping[str, float]) -> str:
    """Return the measures that an item rests on, those of a movement under its name."""
    grouped: dict[str, list[str]] = {}
    for identifier, value in inputs.items():
        found = _CODES.match(identifier)
        movement = f"{names([Movement(found[0])])}: " if found else ""
        rest = identifier[found.end() :] if found else identifier
        grouped.setdefault(movement, []).append(_measure(rest, value))
    return "; ".join(f"{movement}{', '.join(texts)}" for movement, texts in grouped.items())


def _measure(identifier: str, value: float) -> str:
    stem, unit = identifier, ""
    for suffix, text in _UNITS.items():
        if identifier.endswith(suffix):
            stem, unit = identifier.removesuffix(suffix), text
    places = 0 if abs(value) >= _LARGE or value == round(value) else 1 if abs(value) >= 1 else 2
    if unit == _UNITS["_interocular"]:
        places = 4
    name, text = stem.replace("_", " ").strip(), f"{decimals(value, places)}{unit}"
    if (name, unit) == _SHARE:
        return f"movement {text} of the other side's"
    return f"{name} {text}"

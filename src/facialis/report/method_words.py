"""What a report says of the methods beside the comparison with healthy faces."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from facialis.clinical.scales import ROMAN
from facialis.grading.photograph import probability_text
from facialis.report.rows import decimals, signed
from facialis.report.sides import PROBABILITY_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from facialis.grading.combined import Combined
    from facialis.grading.cuts import Conclusion
    from facialis.grading.method_answers import MethodAnswer
    from facialis.grading.photograph import Verdict
    from facialis.report.model import Assessment

_APART: Final = "multimodal_fusion-light tells palsy and grade apart from one another."
LEVELS_NOTE: Final = f"Level I is healthy, II House-Brackmann II to IV, III V and VI; {_APART}"
GRADES_NOTE: Final = (
    "These grades are what one photograph looks like; a House-Brackmann grade needs an "
    f"examination. {_APART}"
)
_FEWEST_OF_A_RANGE: Final = 3
ALONE: Final = (
    "The methods learned from simulated palsy and are not validated on patients. Grades and levels "
    "joined by “or” or “to” are those that cannot be ruled out in nine of ten simulated faces."
)
CONCLUSIONS: Final[Mapping[Conclusion, str]] = MappingProxyType(
    {
        "palsy": "palsy",
        "no palsy": "no palsy, or a slight one",
        "uncertain": "uncertain: neither palsy nor its absence can be ruled out",
    }
)


def methods_of(assessment: Assessment) -> tuple[tuple[str, str], ...]:
    """Return what the norms and each method say, as pairs of name and text."""
    verdict = assessment.verdict
    if verdict is None or not assessment.methods:
        return ()
    norms = f"palsy {probability_text(verdict.palsy_probability)}: distance from healthy faces"
    return (
        ("norms", norms),
        *((name, _said(each)) for name, each in assessment.methods.items()),
    )


def _said(method: MethodAnswer) -> str:
    if method.palsy_probability is None or method.level_probability is None:
        return f"no answer: {method.not_answered}"
    scale, kept, probability = "level", method.levels, method.level_probability
    if method.grade_probability is not None:
        scale, kept, probability = "grade", method.grades, method.grade_probability
    chances = ", ".join(f"{name} {probability_text(p)}" for name, p in probability.items())
    told = f"{scale} {either(kept)}" if kept else f"{scale}s, no cut-offs for this network"
    words = f"palsy {probability_text(method.palsy_probability)}; {told} ({chances})"
    if method.reasons:
        reasons = ", ".join(
            f"{spoken(name)} {signed(change, 1)}" for name, change in method.reasons.items()
        )
        words += f". It rests on: {reasons}"
    return words


def either(names: Sequence[str]) -> str:
    """Return grades or levels as a choice, three and more that follow one another as a range."""
    runs: list[list[int]] = []
    for place in sorted(ROMAN.index(name) for name in names):
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    parts: list[str] = []
    for run in runs:
        if len(run) >= _FEWEST_OF_A_RANGE:
            parts.append(f"{ROMAN[run[0]]} to {ROMAN[run[-1]]}")
        else:
            parts += [ROMAN[place] for place in run]
    *first, last = parts
    return f"{', '.join(first)} or {last}" if first else last


_SPOKEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "brow_middle": "height of the middle of the brow",
        "brow_inner": "height of the inner brow",
        "brow_outer": "height of the outer brow",
        "brow_whole": "height of the brow",
        "upper_lid": "height of the upper lid",
        "lower_lid": "height of the lower lid",
        "cheekbone": "height of the skin on the cheekbone",
        "commissure_height": "height of the corner of the mouth",
        "upper_lip": "height of the upper lip",
        "lower_lip": "height of the lower lip",
        "upper_lip_inner": "height of the inner upper lip",
        "lower_lip_inner": "height of the inner lower lip",
        "ala_height": "height of the wing of the nose",
        "cheek_height": "height of the cheek",
        "jaw_height": "height of the jaw",
        "commissure_reach": "distance of the corner of the mouth from the midline",
        "ala_reach": "distance of the wing of the nose from the midline",
        "cheek_reach": "distance of the cheek from the midline",
        "jaw_reach": "distance of the jaw from the midline",
        "lips_shift": "lips off the midline",
        "philtrum_shift": "philtrum off the midline",
        "chin_shift": "chin off the midline",
        "nose_tip_shift": "tip of the nose off the midline",
        "canthal_tilt": "tilt of the eye",
        "fissure": "height of the palpebral fissure",
        "eye_area": "area of the eye",
        "commissure_to_lower_lip": "corner of the mouth to the lower lip",
        "commissure_to_upper_lip": "corner of the mouth to the upper lip",
        "lip_gap": "gap between the lips",
    }
)
"""Differences between the sides, as a clinician would say them."""


def spoken(name: str) -> str:
    """Return the name of a measure or score in words."""
    if name in _SPOKEN:
        return _SPOKEN[name]
    apart = "".join(f" {c.lower()}" if c.isupper() else c for c in name)
    return apart.replace("_", " ").strip()


def together_of(assessment: Assessment) -> tuple[str, ...]:
    """Return what they say together, as sentences."""
    combined = assessment.combined
    if combined is None:
        told = any(each.palsy_probability is not None for each in assessment.methods.values())
        return (f"{ALONE} {GRADES_NOTE}",) if told and assessment.verdict is not None else ()
    conclusion = CONCLUSIONS[combined.conclusion]
    return (
        f"Together: probability of palsy {probability_text(combined.palsy_probability)}; "
        f"conclusion: {conclusion}.{_agreement(combined)}",
        f"{combined.rule} About {decimals(100 * (1 - combined.coverage), 0)} in 100 simulated "
        f"faces lie outside what is left open. {GRADES_NOTE} Signed figures: change of the log "
        "odds of palsy by this difference of the sides.",
    )


def _agreement(combined: Combined) -> str:
    if not combined.agree:
        return " The methods disagree: look again."
    return "" if combined.conclusion == "uncertain" else " The methods agree."


def doubt_of(verdict: Verdict, assessment: Assessment) -> str:
    """Return a sentence if the methods together doubt a verdict, or nothing."""
    combined = assessment.combined
    if combined is None:
        return ""
    return doubting(
        verdict.palsy_probability,
        combined.conclusion,
        f"The methods together (palsy {probability_text(combined.palsy_probability)})",
    )


def doubting(probability: float, conclusion: Conclusion | None, who: str) -> str:
    """Return a sentence if a conclusion doubts a verdict, or nothing.

    Args:
        probability: Of palsy, of the verdict.
        conclusion: Of others.
        who: Concludes it, with its own probability.
    """
    is_palsy = probability >= PROBABILITY_LIMIT
    if conclusion == "palsy" and not is_palsy:
        return f"{who} conclude: palsy. They disagree with this headline: look again."
    if conclusion == "no palsy" and is_palsy:
        return (
            f"{who} conclude: {CONCLUSIONS[conclusion]}. They disagree with this headline: look "
            "again."
        )
    if conclusion == "uncertain" and not is_palsy:
        return f"{who} do not rule out a palsy."
    return ""

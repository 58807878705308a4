"""What one photograph can say: probability, side, regional intensity, severity. Never a grade."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import AffectedSide, Intensity, Movement, Region
from facialis.measures.norms import Norm, NormTable, View
from facialis.measures.side import (
    ANY_MOVEMENT_SHARE,
    LesionTable,
    closing_evidence,
    default_lesions,
    guessed_evidence,
    movement_evidence,
    side_evidence,
)

SURE_AT_MOST: Final = 0.99
"""How often the side of unseen people is right where the evidence for it is strongest
(benchmarks/side_confidence.py): more is never claimed."""
_EXTREME: Final = 0.005


def probability_text(value: float) -> str:
    """Return a probability as text, without ever calling it certain."""
    if value < _EXTREME:
        return "below 0.01"
    return "above 0.99" if value > 1 - _EXTREME else f"{value:.2f}"


@dataclass(frozen=True, slots=True)
class RegionFinding:
    """How far one region departs from healthy faces.

    Attributes:
        intensity: None, slight or strong; None (null) if the region was left out.
        deviation: Distance from healthy faces in healthy standard deviations.
        weaker_side: The side on which the region looks weaker, as computed.
        not_judged: Why the region was left out, or None.
        limits: Deviations from which this region departs slightly, and strongly; those of other
            regions differ. None if it was left out.
    """

    intensity: Intensity | None
    deviation: float | None
    weaker_side: AffectedSide
    not_judged: str | None = None
    limits: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class RegionFindings:
    """The findings of the three regions."""

    brow: RegionFinding
    eye: RegionFinding
    mouth: RegionFinding


@dataclass(frozen=True, slots=True)
class Severity:
    """Estimated loss of function, 0 (none) to 100 (total), with bounds.

    Attributes:
        value: The estimate.
        low: Lower bound.
        high: Upper bound.
        basis: What the estimate rests on, in words.
    """

    value: float
    low: float
    high: float
    basis: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the photograph says.

    Attributes:
        palsy_probability: 0 to 1; 0.5 is the limit that 95 % of healthy faces stay under.
        side: The affected side: as stated by the clinician if stated, otherwise as computed.
        side_computed: The side as computed, also when another was stated.
        side_confidence: Probability that `side_computed` is right if there is a palsy, 0.5 to 0.99;
            0.5 to 0.97 where no movement is stated.
        side_stated: The side the clinician gave, or None.
        regions: Brow, eye and mouth.
        severity: Estimated loss of function.
        distance: Distance from healthy faces.
        threshold: The distance at which the probability is 0.5.
        remarks: Sentences that belong beside the numbers.
    """

    palsy_probability: float
    side: AffectedSide
    side_computed: AffectedSide
    side_confidence: float
    side_stated: AffectedSide | None
    regions: RegionFindings
    severity: Severity
    distance: float
    threshold: float
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the verdict is drawn from.

    Attributes:
        asymmetry: (F,) signed asymmetry of the face in interocular units.
        view: Circumstances of the reading.
        excluded: Regions that cannot be judged, each with the reason.
        movement: What the patient was asked to do, or None.
        stated_side: The side the clinician gave, or None.
        age_in_range: Whether the stated age is one that the norms cover; None if not stated.
        expressions: (52,) scores in the order of `EXPRESSION_NAMES`.
        closing: Whether the eyes close: the movement asks for it, or one of them is shut.
        is_covered: Whether something lies on a part of the face.
    """

    asymmetry: NDArray[np.float64]
    view: View
    excluded: Mapping[Region, str]
    movement: Movement | None
    stated_side: AffectedSide | None
    age_in_range: bool | None
    expressions: NDArray[np.float64]
    closing: bool = False
    is_covered: bool = False


def verdict(evidence: Evidence, norms: NormTable, lesions: LesionTable | None = None) -> Verdict:
    """Say what one photograph can say.

    The probability is a monotone map of the distance from healthy faces: one half at the limit that
    healthy people stay under in 95 of 100 natural photographs, one twentieth at their median. Until
    it is calibrated on patients, it assumes that half of the people photographed have a palsy.

    Args:
        evidence: The asymmetry of the face and what is known of it.
        norms: The norms of the landmarker that read it.
        lesions: By movement; those that come with the package if not given.
    """
    known = default_lesions() if lesions is None else lesions
    norm, condition = norms.for_movement(evidence.movement)
    calibration = norms.calibration
    judged = frozenset(set(Region) - set(evidence.excluded))
    distance = norm.distance(evidence.asymmetry, evidence.view, judged)
    threshold = float(calibration["threshold"][condition or "any"])
    probability = _probability(
        distance, threshold, float(calibration["median"][condition or "any"])
    )
    computed, confidence = _side(evidence, norm, norms, known, judged)
    regions = RegionFindings(**{r.value: _finding(r, evidence, norm, norms, known) for r in Region})
    if _contradicts(computed, regions):
        confidence = _CHANCE
    if probability < _CALLED_FROM:
        computed = AffectedSide.NONE
    elif confidence < _SIDE_CERTAIN_FROM:
        computed = AffectedSide.UNCERTAIN
    return Verdict(
        palsy_probability=probability,
        side=evidence.stated_side or computed,
        side_computed=computed,
        side_confidence=confidence,
        side_stated=evidence.stated_side,
        regions=regions,
        severity=_severity(distance, calibration["severity"], evidence),
        distance=distance,
        threshold=threshold,
        remarks=(
            *_remarks(evidence, condition, probability, computed, known),
            *_of_the_whole(probability, regions),
        ),
    )


_CALLED_FROM: Final = 0.5
_SIDE_CERTAIN_FROM: Final = 0.65
_CHANCE: Final = 0.5
_CLEARLY_GUESSED: Final = 0.7
_SURE_AT_MOST_WITHOUT_MOVEMENT: Final = 0.97
"""`SURE_AT_MOST` where no movement is stated."""
_PROBABILITY_AT_MEDIAN: Final = 0.05
_WIDER_OUTSIDE_AGES: Final = 1.5
_TOGETHER: Final = 2


def _probability(distance: float, threshold: float, median: float) -> float:
    slope = math.log(1 / _PROBABILITY_AT_MEDIAN - 1) / (threshold - median)
    return 1 / (1 + math.exp(min(700.0, -slope * (distance - threshold))))


def _side(
    evidence: Evidence,
    norm: Norm,
    norms: NormTable,
    known: LesionTable,
    judged: frozenset[Region],
) -> tuple[AffectedSide, float]:
    residual = norm.residual(evidence.asymmetry, evidence.view)
    spread = norm.spread_at(evidence.view)
    lesions = None if evidence.movement is None else known.movements.get(evidence.movement)
    if lesions is not None:
        tempered = known.temper * movement_evidence(norm, lesions, residual, spread, judged)
        most = SURE_AT_MOST
    else:
        guessed = known.guess.log_probability(evidence.expressions)
        ratio = guessed_evidence(norm, known, guessed, residual, spread, regions=judged)
        weigh = closing_evidence if evidence.closing else side_evidence
        ratio += ANY_MOVEMENT_SHARE * weigh(norm, norms.prototypes, residual, spread, judged)
        tempered = known.temper_guessed * ratio
        most = _SURE_AT_MOST_WITHOUT_MOVEMENT
    side = AffectedSide.LEFT if tempered > 0 else AffectedSide.RIGHT
    return side, min(most, 1 / (1 + math.exp(-min(700.0, abs(tempered)))))


def _contradicts(side: AffectedSide, regions: RegionFindings) -> bool:
    """Return whether every region that looks weaker on a side looks so on the other one."""
    told = {each.weaker_side for each in (regions.brow, regions.eye, regions.mouth)}
    told &= {AffectedSide.LEFT, AffectedSide.RIGHT}
    return bool(told) and side not in told


def _finding(
    region: Region, evidence: Evidence, norm: Norm, norms: NormTable, known: LesionTable
) -> RegionFinding:
    if region in evidence.excluded:
        return RegionFinding(None, None, AffectedSide.UNCERTAIN, evidence.excluded[region])
    only = frozenset({region})
    distance = norm.distance(evidence.asymmetry, evidence.view, only)
    of_region = norms.calibration["regions"][region.value]
    limits = of_region["slight"], of_region["strong"]
    if distance < limits[0]:
        return RegionFinding(Intensity.NONE, distance, AffectedSide.NONE, limits=limits)
    side, confidence = _side(evidence, norm, norms, known, only)
    intensity = Intensity.STRONG if distance >= limits[1] else Intensity.SLIGHT
    weaker = side if confidence >= _SIDE_CERTAIN_FROM else AffectedSide.UNCERTAIN
    return RegionFinding(intensity, distance, weaker, limits=limits)


def _severity(distance: float, table: Mapping[str, list[float]], evidence: Evidence) -> Severity:
    low, value, high = (
        float(np.interp(distance, table["distance"], table[k])) for k in ("low", "value", "high")
    )
    if evidence.age_in_range is False:
        low = max(0.0, value - _WIDER_OUTSIDE_AGES * (value - low))
        high = min(100.0, value + _WIDER_OUTSIDE_AGES * (high - value))
    return Severity(value, low, high, _SEVERITY_BASIS)


_SEVERITY_BASIS: Final = (
    "an estimate: the loss of function of simulated lesions at the same distance from healthy "
    "faces, half of the faces taken to be healthy; bounds hold 80 % of them"
)


def _taken_for(evidence: Evidence, known: LesionTable) -> str:
    """Return what the face seems to have been asked for, if it is clear."""
    likely = known.guess.log_probability(evidence.expressions)
    best = int(likely.argmax())
    if likely[best] < math.log(_CLEARLY_GUESSED):
        return ""
    asked = known.guess.movements[best].instruction
    return f"; the side is told as if it had been: {asked} ({math.exp(likely[best]):.0%} likely)"


def _remarks(
    evidence: Evidence,
    condition: str | None,
    probability: float,
    computed: AffectedSide,
    known: LesionTable,
) -> tuple[str, ...]:
    remarks = [
        "The probability is 0.5 at the limit that 95 % of healthy faces are meant to stay under; "
        "it assumes that half of the people photographed have a palsy."
    ]
    if condition is None:
        remarks.append(
            "There is no norm for this movement: the sides are compared without z-scores, and the "
            "probability rests on the norm for any expression."
        )
    stated = evidence.stated_side
    in_doubt = stated is None or stated is not computed
    if evidence.movement is None and probability >= _CALLED_FROM and in_doubt:
        remarks.append(
            f"No movement was stated{_taken_for(evidence, known)}. Lesions look different in each "
            "movement: state it, and the side is told better."
        )
    if evidence.movement is None and evidence.closing and probability >= _CALLED_FROM:
        remarks.append(
            "An eye is shut, and no movement was stated: a wink looks like this. If the eyes were "
            "to close, state it."
        )
    if stated is AffectedSide.BOTH:
        remarks.append(
            "Both sides were stated to be affected; what is alike on both sides is invisible to "
            "measures of asymmetry, so probability and severity may be too low."
        )
    if evidence.age_in_range is False:
        remarks.append("The stated age is outside the ages of the norms; the bounds are widened.")
    if evidence.excluded:
        names = " and ".join(r.value for r in evidence.excluded)
        remarks.append(f"The {names} could not be judged and took no part.")
    if evidence.is_covered:
        remarks.append(
            "Beside what is covered the landmarks are guesses, and the rest of that side may read "
            "too even."
        )
    if probability < _CALLED_FROM and stated not in (None, AffectedSide.NONE):
        remarks.append("The asymmetry is within the range of healthy faces.")
    return tuple(remarks)


def _of_the_whole(probability: float, regions: RegionFindings) -> tuple[str, ...]:
    all_three = (regions.brow, regions.eye, regions.mouth)
    told = [each.intensity for each in all_three if each.intensity is not None]
    if probability < _CALLED_FROM or len(told) < _TOGETHER or set(told) != {Intensity.NONE}:
        return ()
    which = "No region" if len(told) == len(all_three) else "No region that could be judged"
    return (
        f"{which} by itself lies beyond healthy faces; together they do, by a pattern that is rare "
        "in health.",
    )

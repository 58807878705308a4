"""What one photograph can say: probability, side, regional intensity, severity. Never a grade."""

from __future__ import annotations

from dataclasses import dataclass

from facialis.clinical.anatomy import AffectedSide, Intensity


@dataclass(frozen=True, slots=True)
class RegionFinding:
    """How far one region departs from healthy faces.

    Attributes:
        intensity: None, slight or strong; None (null) if the region was left out.
        deviation: Distance from healthy faces in healthy standard deviations.
        weaker_side: The side on which the region looks weaker, as computed.
        not_judged: Why the region was left out, or None.
    """

    intensity: Intensity | None
    deviation: float | None
    weaker_side: AffectedSide
    not_judged: str | None = None


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
        side_confidence: Probability that `side_computed` is right if there is a palsy, 0.5 to 1.
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

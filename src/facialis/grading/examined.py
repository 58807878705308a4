"""What an examination gives: excursions, synkinesis, and the three scales with their inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from facialis.clinical.anatomy import AffectedSide, Movement, Region
from facialis.measures.moment import Site


@dataclass(frozen=True, slots=True)
class Excursion:
    """How far a site moves from rest in a movement, on both sides.

    Attributes:
        movement: Which movement.
        site: Which site.
        right: Way on the patient's right, interocular units.
        left: On the left.
        right_mm: The same in mm, None without a scale.
        left_mm: On the left.
        ratio: Affected over healthy side, 0 to 1 and above, of this site by itself: of what goes
            the healthy side's way, and of closing eyes each as a share of its own gap at rest. None
            if no side is affected, or if the healthy side does not move above the noise (an eye:
            does not close).
        noise: Standard uncertainty of a way, interocular units.
        not_measured: Why there is no value, or None.
        noise_mm: The standard uncertainty in mm, that of the scale left out; None without a scale.
    """

    movement: Movement
    site: Site
    right: float | None
    left: float | None
    right_mm: float | None
    left_mm: float | None
    ratio: float | None
    noise: float
    not_measured: str | None = None
    noise_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Synkinesis:
    """Whether a region that should be quiet moves along on the affected side.

    Attributes:
        movement: What the patient was asked to do.
        region: What should be quiet.
        amount: How much more it moves than on the healthy side, interocular units.
        amount_mm: The same in mm.
        limit: The noise floor that it has to pass.
        degree: 0 none, 1 mild, 2 moderate, 3 severe, as on the Sunnybrook form; None if it cannot
            be measured.
        not_measured: Why not, or None.
    """

    movement: Movement
    region: Region
    amount: float | None
    amount_mm: float | None
    limit: float
    degree: int | None
    not_measured: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a scale, as on the form.

    Attributes:
        name: Identifier, such as ``voluntary_smile``.
        label: What the form calls it.
        value: The value on the form; None if it was not measured.
        interval: Values that the measures allow, lowest and highest.
        choices: What the form offers, as words from the lowest to the highest value; empty for a
            number.
        inputs: The measures that it rests on, by name, with their units in the name.
        rule: The rule that was applied, in words with its cut-offs.
        not_measured: Why there is no value, or None.
    """

    name: str
    label: str
    value: float | None
    interval: tuple[float, float] | None
    choices: tuple[str, ...]
    inputs: Mapping[str, float]
    rule: str
    not_measured: str | None = None


@dataclass(frozen=True, slots=True)
class HouseBrackmann:
    """House-Brackmann in both ways.

    Attributes:
        grade: 1 to 6, the gross grade by the table; None if too much is missing.
        interval: Lowest and highest grade that the measures, and the two ways together, allow.
        gross: The grade by the table of signs.
        function_percent: Mean function of forehead, eye and mouth, by which the gross grade goes;
            None without one.
        rule: How it goes by it, in words with its cut-offs.
        measured: The grade by the eight points of brow and commissure; II at most on a face
            without an affected side.
        points: Those points, 0 to 8.
        conformal: Grades that cannot be excluded at the stated coverage; empty without calibration.
        coverage: That coverage, such as 0.9; None without calibration.
        items: Forehead, eye, mouth, rest, synkinesis.
        missing: Movements that a surer grade would need.
    """

    grade: int | None
    interval: tuple[int, int] | None
    gross: int | None
    function_percent: float | None
    rule: str
    measured: int | None
    points: int | None
    conformal: tuple[int, ...]
    coverage: float | None
    items: tuple[Item, ...]
    missing: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class SunnybrookScore:
    """The Sunnybrook form.

    Attributes:
        composite: Voluntary less resting less synkinesis score; None if an item is missing.
        interval: Lowest and highest composite that the items' intervals allow.
        resting: Score 0 to 20, None if an item is missing.
        voluntary: Score 20 to 100.
        synkinesis: Score 0 to 15.
        items: All thirteen.
        missing: Movements that it would need.
    """

    composite: int | None
    interval: tuple[int, int] | None
    resting: int | None
    voluntary: int | None
    synkinesis: int | None
    items: tuple[Item, ...]
    missing: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Eface:
    """Items in the manner of eFACE, and the published automated version.

    Attributes:
        items: Static 0 to 200 (100 balanced), dynamic and synkinesis 0 to 100.
        static: Mean of the static items that landmarks can give, as deviation from balance 0 to
            100; None if one of them is missing.
        dynamic: Mean of the dynamic items, likewise.
        synkinesis: Mean of the synkinesis items, likewise.
        auto: auto-eFACE: mean of its rest, dynamic and synkinesis items; None if one is missing.
        auto_items: The items of auto-eFACE.
        missing: Movements that it would need.
    """

    items: tuple[Item, ...]
    static: float | None
    dynamic: float | None
    synkinesis: float | None
    auto: float | None
    auto_items: tuple[Item, ...]
    missing: tuple[Movement, ...]


@dataclass(frozen=True, slots=True)
class Grades:
    """Everything that an examination gives.

    Attributes:
        side: The affected side: as stated if stated, otherwise as computed.
        side_computed: As computed from all movements together.
        side_confidence: Probability that it is right if there is a palsy, 0.5 to 0.99.
        palsy_probability: 0 to 1, from all movements together, prevalence one half.
        is_told: Whether anything speaks for side and probability (`Overall.is_told`).
        excursions: Of every site that a movement is judged by.
        synkinesis: Movement by region.
        lagophthalmos_mm: Lid gap, right and left, in one closure; None without closure or scale.
        lagophthalmos_in: That closure: the tight one, or the gentle one where no eye closes in
            the tight one or it was not shown.
        house_brackmann: Both ways.
        sunnybrook: The form.
        eface: The items.
        observations: Sentences a clinician would note (the forehead moves, the eye does not close).
    """

    side: AffectedSide
    side_computed: AffectedSide
    side_confidence: float
    palsy_probability: float
    is_told: bool
    excursions: tuple[Excursion, ...]
    synkinesis: tuple[Synkinesis, ...]
    lagophthalmos_mm: tuple[float, float] | None
    lagophthalmos_in: Movement | None
    house_brackmann: HouseBrackmann
    sunnybrook: SunnybrookScore
    eface: Eface
    observations: tuple[str, ...]

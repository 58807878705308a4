"""Examinations whose pictures are simulated and whose grades are made up: measured on nobody."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from facialis.assess import assess
from facialis.cli.environment import load_native_libraries
from facialis.clinical import scales
from facialis.clinical.anatomy import AffectedSide, Movement, Region, Side
from facialis.grading.examined import (
    Eface,
    Excursion,
    HouseBrackmann,
    Item,
    SunnybrookScore,
    Synkinesis,
)
from facialis.measures.dynamic import Blinks, Curve, Dynamics, Segment, SideDynamics
from facialis.measures.moment import Site
from facialis.media.frame import Frame
from facialis.report.examination import (
    Examination,
    ExaminationRecord,
    ExaminationStated,
    MovementRecord,
    OverallVerdict,
    SourceRecord,
)
from facialis.report.model import Assessment
from facialis.simulation.lesion import Form, standard_lesion
from facialis.simulation.one_off import photograph, sat

MM = 92.0
FIVE = (
    Movement.BROW_RAISE,
    Movement.EYE_CLOSE_GENTLE,
    Movement.SMILE,
    Movement.SNARL,
    Movement.PUCKER,
)
ASKED = (Movement.REST, *FIVE, Movement.EYE_CLOSE_TIGHT, Movement.LOWER_TEETH)
WAYS: Mapping[Movement, tuple[tuple[Site, float, float], ...]] = {
    Movement.BROW_RAISE: ((Site.BROW, 8.4, 0.4),),
    Movement.EYE_CLOSE_GENTLE: ((Site.UPPER_LID, 8.9, 5.1), (Site.LOWER_LID, 1.1, 0.3)),
    Movement.EYE_CLOSE_TIGHT: ((Site.UPPER_LID, 9.2, 6.3), (Site.LOWER_LID, 2.2, 0.5)),
    Movement.SMILE: ((Site.COMMISSURE, 11.7, 4.2), (Site.UPPER_LIP, 5.0, 1.9)),
    Movement.SNARL: ((Site.ALA, 4.1, 1.6), (Site.UPPER_LIP, 5.7, 2.4)),
    Movement.PUCKER: ((Site.COMMISSURE, 6.4, 3.1),),
    Movement.LOWER_TEETH: ((Site.LOWER_LIP, 5.2, 2.0),),
}
"""Site, right and left in mm, of a grade IV palsy on the left."""

DEGREES = ("none", "mild", "moderate", "severe")
STRENGTHS = ("no movement", "slight", "mild excursion", "almost complete", "complete")


@pytest.fixture(scope="session")
def palsy_pictures(portrait: Path) -> dict[Movement, Assessment]:
    """Return the movements of a synkinetic grade IV palsy on the left, simulated and assessed."""
    load_native_libraries()
    sitter, made_from = sat(portrait, None, 512)
    lesion = standard_lesion(4, Side.LEFT, Form.SYNKINETIC)
    found = {}
    for movement in ASKED:
        picture, _ = photograph(
            sitter,
            lesion=lesion,
            grade=4,
            movement=movement,
            effort=0.0 if movement is Movement.REST else 1.0,
            subject="astronaut",
            made_from=made_from,
        )
        frame = Frame.from_array(picture.pixels[:330, 60:410], name=f"{movement}.png")
        # The astronaut smiles at rest, which a photograph that is said to be at rest may not.
        said = None if movement is Movement.REST else movement
        found[movement] = assess(frame, movement=said)
    return found


def excursions(scale: float | None = MM, weak: float = 1.0) -> tuple[Excursion, ...]:
    """Return the ways of `WAYS`; with `weak` 0 the left side moves like the right."""
    made = []
    for movement, sites in WAYS.items():
        for site, right, weaker in sites:
            left = weaker + (1 - weak) * (0.97 * right - weaker)
            made.append(
                Excursion(
                    movement=movement,
                    site=site,
                    right=right / MM,
                    left=left / MM,
                    right_mm=right if scale else None,
                    left_mm=left if scale else None,
                    ratio=left / right if weak else None,
                    noise=0.35 / MM,
                )
            )
    return tuple(made)


def matrix(weak: bool = True) -> tuple[Synkinesis, ...]:
    """Return movement by region."""
    amounts = {
        (Movement.SMILE, Region.EYE): (2.1, 2),
        (Movement.PUCKER, Region.EYE): (1.2, 1),
        (Movement.EYE_CLOSE_GENTLE, Region.MOUTH): (3.4, 3),
        (Movement.BROW_RAISE, Region.MOUTH): (0.9, 1),
    }
    own = {
        Movement.BROW_RAISE: (Region.BROW, Region.EYE),
        Movement.EYE_CLOSE_GENTLE: (Region.EYE, Region.BROW),
    }
    made = []
    for movement in FIVE:
        for region in Region:
            if region in own.get(movement, (Region.MOUTH,)):
                continue
            amount, degree = amounts.get((movement, region), (0.2, 0)) if weak else (0.1, 0)
            why = None
            if movement is Movement.SNARL and region is Region.BROW:
                why = "hair covers the brow"
            made.append(
                Synkinesis(
                    movement=movement,
                    region=region,
                    amount=None if why else amount / MM,
                    amount_mm=None if why else amount,
                    limit=0.7 / MM,
                    degree=None if why else degree,
                    not_measured=why,
                )
            )
    return tuple(made)


def item(
    name: str,
    label: str,
    value: float | None,
    spread: float = 0.0,
    *,
    choices: tuple[str, ...] = (),
    why: str | None = None,
    **inputs: float,
) -> Item:
    """Return an item with an interval around its value."""
    low, high = (0, 200) if name.startswith("static") else (0, 100)
    if choices:
        low = 1 if name.startswith("voluntary") else 0
        high = low + len(choices) - 1
    interval = None if value is None else (max(low, value - spread), min(high, value + spread))
    return Item(
        name=name,
        label=label,
        value=value,
        interval=interval,
        choices=choices,
        inputs=inputs,
        rule="affected over healthy way: below 0.10 none, below 0.35 slight, below 0.65 mild",
        not_measured=why,
    )


SIGNS = {
    "forehead": ("Forehead", ("none", "slight to moderate", "moderate to good", "normal")),
    "eye": ("Eye", ("incomplete", "complete with effort", "complete, minimal effort")),
    "mouth": (
        "Mouth",
        (
            "none",
            "slight movement",
            "asymmetric at maximum effort",
            "slightly weak at maximum effort",
            "slight asymmetry",
            "normal",
        ),
    ),
    "rest": ("At rest", ("normal", "asymmetric")),
    "synkinesis": ("Synkinesis", ("none", "slight", "noticeable", "severe")),
}


def house_brackmann(
    grade: int | None, signs: Mapping[str, int | None], points: int | None
) -> HouseBrackmann:
    """Return a grade with its five signs, each by its place among the choices."""
    items = tuple(
        item(
            name,
            SIGNS[name][0],
            place,
            choices=SIGNS[name][1],
            why=None if place is not None else "brow_raise is missing",
            smile_ratio_percent=38.2,
            smile_affected_way_mm=4.21,
        )
        for name, place in signs.items()
    )
    measured = (
        None
        if points is None
        else next(row.grade for row in scales.HOUSE_BRACKMANN if row.points[0] <= points)
    )
    ends = [g for g in (grade, measured) if g is not None]
    return HouseBrackmann(
        grade=grade,
        interval=None if grade is None else (min(ends), max(ends)),
        gross=grade,
        function_percent=None if grade is None else 31.3,
        rule="above 90 % I, above 75 % II, above 45 % III, above 20 % IV, above 4.5 % V, else VI",
        measured=measured,
        points=points,
        conformal=() if grade is None else tuple(range(max(1, grade - 1), grade + 1)),
        coverage=None if grade is None else 0.9,
        items=items,
        missing=() if grade is not None else (Movement.BROW_RAISE, Movement.EYE_CLOSE_TIGHT),
    )


def sunnybrook(
    resting: tuple[int, int, int],
    voluntary: tuple[int | None, ...],
    synkinesis: tuple[int | None, ...],
) -> SunnybrookScore:
    """Return a form; None is an item that was not measured."""
    names = dict(zip(("eye", "cheek", "mouth"), resting, strict=True))
    labels = {
        "eye": ("Eye (choose one)", ("normal", "narrow, wide or lid surgery")),
        "cheek": ("Cheek (nasolabial fold)", ("normal", "less or more pronounced", "absent")),
        "mouth": ("Mouth", ("normal", "corner dropped or pulled up/out")),
    }
    items = [
        item(f"resting_{n}", labels[n][0], v, choices=labels[n][1], ratio=1.2)
        for n, v in names.items()
    ]
    for kind, values, words in (
        ("voluntary", voluntary, STRENGTHS),
        ("synkinesis", synkinesis, DEGREES),
    ):
        items += [
            item(
                f"{kind}_{m}",
                m.replace("_", " "),
                v,
                1 if kind == "voluntary" else 0,
                choices=words,
                why=None if v is not None else f"{m} is missing",
                **({} if v is None else {f"{m}_ratio_percent": 36.4, f"{m}_affected_way_mm": 4.21}),
            )
            for m, v in zip(FIVE, values, strict=True)
        ]
    moved = None if None in voluntary else 4 * sum(v or 0 for v in voluntary)
    along = None if None in synkinesis else sum(v or 0 for v in synkinesis)
    still = 5 * sum(resting)
    total = None if moved is None or along is None else moved - still - along
    lacking = tuple(m for m, v in zip(FIVE, voluntary, strict=True) if v is None)
    return SunnybrookScore(
        composite=total,
        interval=None if total is None else (max(0, total - 9), min(100, total + 8)),
        resting=still,
        voluntary=moved,
        synkinesis=along,
        items=tuple(items),
        missing=lacking,
    )


EFACE = (
    ("static_brow", "Resting brow", 88.0),
    ("static_fissure", "Resting palpebral fissure", 124.0),
    ("static_fold", "Nasolabial fold depth at rest", None),
    ("static_commissure", "Oral commissure at rest", 79.0),
    ("dynamic_brow", "Brow elevation", 5.0),
    ("dynamic_gentle_closure", "Gentle eye closure", 57.0),
    ("dynamic_full_closure", "Full eye closure", 68.0),
    ("dynamic_smile", "Oral commissure with smile", 36.0),
    ("dynamic_fold_depth", "Nasolabial fold depth with smile", None),
    ("dynamic_lower_lip", "Lower lip, “eee”", 38.0),
    ("synkinesis_ocular", "Ocular", 52.0),
    ("synkinesis_midfacial", "Midfacial", 41.0),
    ("synkinesis_mentalis", "Mentalis", None),
    ("synkinesis_platysmal", "Platysmal", None),
)


def eface(balance: float = 0.0, *, complete: bool = True) -> Eface:
    """Return items moved towards balance by a share; incomplete ones lack everything dynamic."""

    def value(name: str, given: float | None) -> float | None:
        if given is None or (not complete and not name.startswith("static")):
            return None
        return given + balance * (100 - given)

    items = tuple(
        item(
            name,
            label,
            value(name, given),
            6.0,
            why=None if value(name, given) is not None else "needs texture, not only landmarks",
            **({} if given is None else {"affected_over_healthy": given / 100}),
        )
        for name, label, given in EFACE
    )
    auto = tuple(
        item(f"auto_{i.name}", i.label, 100 - abs(100 - i.value), 0.0)
        for i in items
        if i.value is not None and i.name != "static_fold"
    )
    return Eface(
        items=items,
        static=100 - 18.0 * (1 - balance),
        dynamic=41.0 + balance * 57 if complete else None,
        synkinesis=46.0 + balance * 52 if complete else None,
        auto=58.4 + balance * 38 if complete else None,
        auto_items=auto if complete else (),
        missing=() if complete else FIVE[:2],
    )


def segment(movement: Movement) -> Segment:
    """Return where a movement lies in a video of movements of six seconds each."""
    start = 3.0 + 6.0 * ASKED.index(movement)
    return Segment(movement, start, start + 1.6, start + 4.6, confidence=0.93)


def dynamics(movement: Movement) -> Dynamics:
    """Return the course of a movement: up, held, back; the left side later and less."""
    site, right, left = WAYS[movement][0]
    where = segment(movement)
    times = tuple(where.start - 1 + 0.04 * i for i in range(165))

    def course(way: float, delay: float, rise: float) -> tuple[float, ...]:
        def at(t: float) -> float:
            up = 1 / (1 + math.exp(-10 * (t - where.start - delay - rise / 2) / rise))
            down = 1 / (1 + math.exp(-8 * (t - where.start - 3.4 - delay / 2)))
            return way / MM * (up - down) + 0.0009 * math.sin(37 * t + way)

        return tuple(at(t) for t in times)

    def side(way: float, delay: float, rise: float) -> SideDynamics:
        moves = way > 0.7
        return SideDynamics(
            excursion=way / MM,
            excursion_mm=way,
            onset=delay + 0.3 * rise if moves else None,
            rise=0.44 * rise if moves else None,
            peak_velocity=2.2 * way / MM / rise,
            peak_velocity_mm=2.2 * way / rise,
            hold=2.1 if moves else None,
            release=0.55 if moves else None,
        )

    return Dynamics(
        segment=where,
        site=site,
        right=side(right, 0.2, 0.9),
        left=side(left, 0.34, 1.25),
        lag=0.245 if left > 0.7 else None,
        noise=0.35 / MM,
        curve=Curve(site, times, course(right, 0.2, 0.9), course(left, 0.34, 1.25)),
        closure=(0.03, 0.41) if movement.closes_the_eyes else None,
        remarks=("The face was lost from 33.2 to 33.5 s.",) if movement is Movement.PUCKER else (),
    )


def record(**changes: Any) -> ExaminationRecord:
    """Return the record of a grade IV palsy on the left without pictures."""
    values: dict[str, Any] = {
        "movements": (),
        "excursions": excursions(),
        "synkinesis": matrix(),
        "dynamics": (),
        "blinks": None,
        "lagophthalmos_mm": (0.0, 3.4),
        "lagophthalmos_in": Movement.EYE_CLOSE_GENTLE,
        "house_brackmann": house_brackmann(
            4, {"forehead": 0, "eye": 0, "mouth": 2, "rest": 0, "synkinesis": 3}, 2
        ),
        "sunnybrook": sunnybrook((1, 1, 0), (1, 3, 2, 3, 3), (1, 3, 2, 0, 1)),
        "eface": eface(),
        "observations": (
            "The forehead does not move on the left.",
            "The left eye does not close: 3.4 mm stay open.",
        ),
    }
    return ExaminationRecord(**(values | changes))


def examination(
    movements: tuple[MovementRecord, ...], made: Assessment, **changes: Any
) -> Examination:
    """Return an examination of movements; what made it is taken from one of the photographs."""
    fields = {k: changes.pop(k) for k in tuple(changes) if k in ExaminationRecord.model_fields}
    names = dict.fromkeys(m.source for m in movements if m.assessment is not None)
    values: dict[str, Any] = {
        "sources": tuple(
            SourceRecord(path=n, sha256="5e1c" * 16, kind="photograph", width=512, height=512)
            for n in names
        ),
        "stated": ExaminationStated(),
        "verdict": OverallVerdict(
            side=AffectedSide.LEFT,
            side_computed=AffectedSide.LEFT,
            side_confidence=0.98,
            palsy_probability=0.97,
        ),
        "examination": record(movements=movements, **fields),
        "notes": (),
        "provenance": made.provenance.model_copy(
            update={"created": datetime(2026, 11, 20, 12, 3, 4, tzinfo=UTC)}
        ),
    }
    return Examination(**(values | changes))


def photographed(
    pictures: Mapping[Movement, Assessment], movements: tuple[Movement, ...] = ASKED
) -> tuple[MovementRecord, ...]:
    """Return movements that were photographed."""
    return tuple(
        MovementRecord(movement=m, source=f"{m}.png", segment=None, assessment=pictures[m])
        for m in movements
    )


@pytest.fixture(scope="session")
def filmed(palsy_pictures: dict[Movement, Assessment]) -> Examination:
    """Return a grade IV palsy on the left, from one video, everything stated."""
    movements = tuple(
        MovementRecord(
            movement=m,
            source="clips/anna.mp4",
            segment=None if m is Movement.REST else segment(m),
            assessment=palsy_pictures[m],
        )
        for m in ASKED
    )
    return examination(
        movements,
        palsy_pictures[Movement.SMILE],
        sources=(
            SourceRecord(
                path="clips/anna.mp4",
                sha256="5e1c" * 16,
                kind="video",
                width=1280,
                height=720,
                seconds=52.4,
                rate=29.97,
            ),
        ),
        stated=ExaminationStated(
            affected_side=AffectedSide.LEFT,
            age=47,
            onset=date(2026, 3, 2),
            earlier_surgery="lid weight, left, 2026",
            botulinum_toxin=date(2026, 9, 14),
        ),
        dynamics=tuple(dynamics(m) for m in ASKED if m is not Movement.REST),
        blinks=Blinks(7, 0.98, 0.55),
        notes=("clips/anna.mp4: the face was lost from 33.2 to 33.5 s.",),
    )


@pytest.fixture(scope="session")
def healthy(palsy_pictures: dict[Movement, Assessment]) -> Examination:
    """Return a healthy examination, photographed."""
    return examination(
        photographed(palsy_pictures),
        palsy_pictures[Movement.SMILE],
        verdict=OverallVerdict(
            side=AffectedSide.NONE,
            side_computed=AffectedSide.NONE,
            side_confidence=0.55,
            palsy_probability=0.04,
        ),
        excursions=excursions(weak=0.0),
        synkinesis=matrix(weak=False),
        lagophthalmos_mm=(0.0, 0.0),
        house_brackmann=house_brackmann(
            1, {"forehead": 3, "eye": 2, "mouth": 5, "rest": 0, "synkinesis": 0}, 8
        ),
        sunnybrook=sunnybrook((0, 0, 0), (5, 5, 5, 5, 5), (0, 0, 0, 0, 0)),
        eface=eface(0.96),
        observations=(),
    )


@pytest.fixture(scope="session")
def sparse(palsy_pictures: dict[Movement, Assessment]) -> Examination:
    """Return two photographs, rest and smile, without a scale."""
    smile = tuple(e for e in excursions(None) if e.movement is Movement.SMILE)
    along = tuple(s for s in matrix() if s.movement is Movement.SMILE)
    return examination(
        photographed(palsy_pictures, (Movement.REST, Movement.SMILE)),
        palsy_pictures[Movement.SMILE],
        excursions=smile,
        synkinesis=along,
        lagophthalmos_mm=None,
        house_brackmann=house_brackmann(
            None,
            {"forehead": None, "eye": None, "mouth": 2, "rest": 0, "synkinesis": None},
            None,
        ),
        sunnybrook=sunnybrook((1, 1, 0), (None, None, 2, None, None), (None, None, 2, None, None)),
        eface=eface(complete=False),
        observations=(),
    )


@pytest.fixture(scope="session")
def hindered(palsy_pictures: dict[Movement, Assessment]) -> Examination:
    """Return an examination with photographs that cannot be used and ways without a value."""
    movements = [
        *photographed(palsy_pictures, (Movement.REST, Movement.SMILE)),
        MovementRecord(
            movement=Movement.BROW_RAISE,
            source="brow_raise <b>1</b>.png",
            segment=None,
            assessment=None,
            problem="brow_raise <b>1</b>.png: shows no face; take the whole face from the front.",
        ),
    ]
    ways = tuple(
        Excursion(e.movement, e.site, None, None, None, None, None, e.noise, "hair covers it")
        if e.site is Site.UPPER_LIP
        else e
        for e in excursions()
        if e.movement is Movement.SMILE
    )
    return examination(
        tuple(movements),
        palsy_pictures[Movement.SMILE],
        stated=ExaminationStated(affected_side=AffectedSide.RIGHT),
        verdict=OverallVerdict(
            side=AffectedSide.RIGHT,
            side_computed=AffectedSide.LEFT,
            side_confidence=0.9,
            palsy_probability=0.88,
        ),
        excursions=ways,
        notes=("holiday.png: the name says no movement; it was left out.",),
    )


@pytest.fixture(scope="session")
def unjudged(palsy_pictures: dict[Movement, Assessment]) -> Examination:
    """Return an examination of which nothing can be judged."""
    nothing = Movement.SMILE
    return examination(
        (
            MovementRecord(
                movement=nothing,
                source="smile.png",
                segment=None,
                assessment=None,
                problem="smile.png: shows no face; take the whole face from the front.",
            ),
        ),
        palsy_pictures[nothing],
        verdict=None,
        excursions=(),
        synkinesis=(),
        lagophthalmos_mm=None,
        house_brackmann=house_brackmann(None, dict.fromkeys(SIGNS), None),
        sunnybrook=sunnybrook((0, 0, 0), (None,) * 5, (None,) * 5),
        eface=eface(complete=False),
        observations=(),
        notes=("There is no photograph at rest; nothing can be compared with it.",),
    )


@pytest.fixture(scope="session")
def build() -> Callable[..., Examination]:
    """Build an examination from movements."""
    return examination

"""Truth from a lesion, against the scales' text and published gradings."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facialis.clinical.anatomy import Branch, Intensity, Movement, Region, Side
from facialis.simulation.palsy import Coupling, Form, Lesion, drawn_lesion, standard_lesion
from facialis.simulation.scoring import (
    asymmetric_at_rest,
    closes_with_effort,
    function,
    house_brackmann,
    intensities,
    moved,
    sunnybrook,
    synkinesis_of,
)

# Inter-quartile ranges of the composite per grade in 5,397 gradings (Kanerva 2011).
KANERVA = {1: (100, 100), 2: (71, 90), 3: (43, 62), 4: (26, 43), 5: (13, 25), 6: (5, 14)}


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("form", list(Form))
@pytest.mark.parametrize("grade", range(1, 7))
def test_a_standard_lesion_has_its_grade_and_a_composite_in_the_published_range(
    grade: int, form: Form, side: Side
) -> None:
    lesion = standard_lesion(grade, side, form)
    low, high = KANERVA[grade]
    assert house_brackmann(lesion) == grade
    assert low <= sunnybrook(lesion).composite <= high


@pytest.mark.parametrize("grade", range(1, 7))
def test_drawn_lesions_have_their_grade_and_a_median_near_the_published_range(grade: int) -> None:
    rng = np.random.default_rng(grade)
    drawn = [drawn_lesion(rng, grade=grade) for _ in range(150)]
    assert {house_brackmann(d) for d in drawn} == {grade}
    low, high = KANERVA[grade]
    composites = [sunnybrook(d).composite for d in drawn]
    assert low - 5 <= np.median(composites) <= high + 5
    assert np.mean([low - 15 <= c <= high + 15 for c in composites]) > 0.9


@pytest.mark.parametrize("form", list(Form))
def test_rest_forehead_and_eye_are_as_the_house_brackmann_table_says(form: Form) -> None:
    for grade in range(1, 7):
        lesion = standard_lesion(grade, Side.LEFT, form)
        assert asymmetric_at_rest(lesion) == (grade >= 5)
        assert closes_with_effort(lesion) == (grade <= 3)
        assert (function(lesion)[Region.BROW] == 0) == (grade >= 4)
        assert (function(lesion)[Region.MOUTH] == 0) == (grade == 6)


def test_between_three_and_four_the_eye_decides() -> None:
    closes = Lesion(Side.LEFT, {Branch.TEMPORAL: 0.6, Branch.ZYGOMATIC: 0.45, Branch.BUCCAL: 0.6})
    stays_open = replace(closes, weakness={**closes.weakness, Branch.ZYGOMATIC: 0.55})
    assert house_brackmann(closes) == 3
    assert house_brackmann(stays_open) == 4


@pytest.mark.parametrize(("strength", "grade"), [(0.05, 1), (0.2, 2), (0.5, 3), (0.8, 4)])
def test_synkinesis_alone_gives_the_grade_that_its_word_stands_for(strength, grade) -> None:
    coupling = Coupling(Region.MOUTH, "orbicularis_oculi_palpebral", strength)
    assert house_brackmann(Lesion(Side.LEFT, {}, couplings=(coupling,))) == grade


def test_the_slightest_sign_is_grade_two_and_any_movement_is_not_total() -> None:
    assert house_brackmann(Lesion(Side.LEFT, {Branch.TEMPORAL: 0.1})) == 2
    assert house_brackmann(Lesion(Side.LEFT, {Branch.BUCCAL: 1.0}, tone_loss=0.5)) >= 2
    nearly = Lesion(Side.LEFT, {**dict.fromkeys(Branch, 1.0), Branch.BUCCAL: 0.85})
    assert house_brackmann(nearly) == 5


def test_a_grade_never_falls_as_weakness_grows() -> None:
    grades = [
        house_brackmann(Lesion(Side.LEFT, dict.fromkeys(Branch, float(w)), tone_loss=float(w)))
        for w in np.linspace(0, 1, 101)
    ]
    assert grades[0] == 1
    assert grades[-1] == 6
    assert (np.diff(grades) >= 0).all()


def test_the_sunnybrook_items_are_those_of_the_lesion() -> None:
    brow_only = sunnybrook(Lesion(Side.LEFT, {Branch.TEMPORAL: 1.0}))
    assert brow_only.voluntary[Movement.BROW_RAISE] == 1
    assert brow_only.voluntary[Movement.SMILE] == 5
    assert brow_only.resting_score == 0
    slack = sunnybrook(Lesion(Side.LEFT, dict.fromkeys(Branch, 1.0), tone_loss=1.0))
    assert (slack.eye, slack.cheek, slack.mouth) == (1, 2, 1)
    assert slack.composite == 0
    ocular = Lesion(
        Side.LEFT, {}, couplings=(Coupling(Region.MOUTH, "orbicularis_oculi_palpebral", 0.5),)
    )
    synkinesis = sunnybrook(ocular).synkinesis
    assert synkinesis[Movement.SMILE] == synkinesis[Movement.PUCKER] == 2
    assert synkinesis[Movement.BROW_RAISE] == 0
    assert synkinesis_of(ocular, Movement.EYE_CLOSE_GENTLE) == 0


def test_regions_show_what_they_fail_to_do_in_that_movement() -> None:
    mouth = Lesion(Side.LEFT, {Branch.BUCCAL: 0.8, Branch.MARGINAL_MANDIBULAR: 0.8})
    smiling = intensities(mouth, Movement.SMILE)
    assert smiling[Region.MOUTH] is Intensity.STRONG
    assert smiling[Region.EYE] is smiling[Region.BROW] is Intensity.NONE
    assert intensities(mouth, Movement.BROW_RAISE)[Region.MOUTH] is Intensity.NONE
    assert intensities(mouth, Movement.REST)[Region.MOUTH] is Intensity.NONE
    slack = replace(mouth, tone_loss=0.4)
    assert intensities(slack, Movement.REST)[Region.MOUTH] is Intensity.SLIGHT
    eye = Lesion(Side.LEFT, {Branch.ZYGOMATIC: 0.3})
    assert intensities(eye, Movement.EYE_CLOSE_GENTLE)[Region.EYE] is Intensity.SLIGHT


def test_an_eye_that_closes_while_smiling_is_seen_at_the_eye() -> None:
    coupling = Coupling(Region.MOUTH, "orbicularis_oculi_palpebral", 0.9)
    lesion = Lesion(Side.LEFT, {}, couplings=(coupling,))
    assert intensities(lesion, Movement.SMILE)[Region.EYE] is Intensity.STRONG
    assert intensities(lesion, Movement.REST)[Region.EYE] is Intensity.NONE


@pytest.mark.parametrize("movement", list(Movement))
def test_intensity_never_falls_as_weakness_grows(movement: Movement) -> None:
    order = list(Intensity)
    for region in Region:
        ranks = [
            order.index(
                intensities(
                    Lesion(Side.LEFT, dict.fromkeys(Branch, float(w)), tone_loss=0.6), movement
                )[region]
            )
            for w in np.linspace(0, 1, 21)
        ]
        assert ranks[0] == 0
        assert (np.diff(ranks) >= 0).all()


def test_rest_asks_for_nothing_and_so_nothing_is_missing() -> None:
    assert moved(Lesion(Side.LEFT, dict.fromkeys(Branch, 1.0)), Movement.REST) == 1

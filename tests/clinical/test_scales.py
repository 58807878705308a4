"""Scales and the maps between them, against METHODS 8 and the Sunnybrook form."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from facialis.clinical.anatomy import Intensity, Movement
from facialis.clinical.scales import (
    GRADES,
    HOUSE_BRACKMANN,
    LEVELS,
    SUNNYBROOK_MOVEMENTS,
    WORDS,
    Scale,
    Sunnybrook,
    converted,
    has_map,
    level_of_grade,
    level_of_word,
    levels_of_grades,
    palsy_of_grade,
    palsy_of_grades,
    palsy_of_intensities,
    palsy_of_level,
    word_of_grade,
)
from facialis.errors import InputError

FULL = dict.fromkeys(SUNNYBROOK_MOVEMENTS, 5)
NONE = dict.fromkeys(SUNNYBROOK_MOVEMENTS, 0)


def test_levels_hold_the_grades_of_paper_003() -> None:
    assert {level: [g for g in GRADES if level_of_grade(g) == level] for level in LEVELS} == {
        1: [1],
        2: [2, 3, 4],
        3: [5, 6],
    }


def test_words_of_paper_002_are_those_of_the_grades_in_order() -> None:
    assert [word_of_grade(g) for g in GRADES] == [
        "normal",
        "near normal",
        "mild",
        "moderate",
        "severe",
        "complete",
    ]


def test_the_papers_disagree_about_the_word_of_a_grade() -> None:
    assert word_of_grade(3, "002") == "mild"
    assert word_of_grade(3, "001") == word_of_grade(3, "003") == "moderate dysfunction"
    assert level_of_word("moderate dysfunction", "003") == 2
    assert all(len(set(words)) == len(GRADES) for words in WORDS.values())


def test_a_word_has_the_level_of_its_grade() -> None:
    levels = {word: level_of_word(word) for word in WORDS["002"]}
    assert levels == {
        "normal": 1,
        "near normal": 2,
        "mild": 2,
        "moderate": 2,
        "severe": 3,
        "complete": 3,
    }
    assert level_of_word("Near Normal") == 2


def test_palsy_begins_at_grade_two_and_level_two() -> None:
    assert [palsy_of_grade(g) for g in GRADES] == [0, 1, 1, 1, 1, 1]
    assert [palsy_of_level(level) for level in LEVELS] == [0, 1, 1]


def test_palsy_of_the_nine_pairs_of_intensities_is_the_table_of_paper_004() -> None:
    none, slight, strong = Intensity.NONE, Intensity.SLIGHT, Intensity.STRONG
    positive = {pair for pair in product(Intensity, repeat=2) if palsy_of_intensities(*pair) == 1}
    assert positive == {
        (none, strong),
        (strong, none),
        (slight, slight),
        (slight, strong),
        (strong, slight),
        (strong, strong),
    }
    assert len(set(product(Intensity, repeat=2)) - positive) == 3


@pytest.mark.parametrize("grade", [0, 7, -1, 2.5, 3.0, "3", None])
def test_a_grade_off_the_scale_is_refused(grade: Any) -> None:
    for function in (level_of_grade, word_of_grade, palsy_of_grade):
        with pytest.raises(InputError, match="whole number 1 to 6"):
            function(grade)


def test_a_numpy_integer_is_a_grade() -> None:
    assert level_of_grade(np.int64(5)) == 3


def test_an_unknown_word_is_refused_with_the_words_there_are() -> None:
    with pytest.raises(InputError, match="near normal, mild"):
        level_of_word("slight dysfunction")


DEFINED = {
    (Scale.HOUSE_BRACKMANN, Scale.LEVEL),
    (Scale.HOUSE_BRACKMANN, Scale.PALSY),
    (Scale.EFACE_WORD, Scale.LEVEL),
    (Scale.EFACE_WORD, Scale.PALSY),
    (Scale.HOUSE_BRACKMANN, Scale.SEVERITY),
    (Scale.EFACE_WORD, Scale.SEVERITY),
    (Scale.SEVERITY, Scale.LEVEL),
    (Scale.SEVERITY, Scale.PALSY),
    (Scale.LEVEL, Scale.PALSY),
}


@pytest.mark.parametrize(("start", "end"), sorted(DEFINED))
def test_defined_maps_convert(start: Scale, end: Scale) -> None:
    assert converted(1, start, end) == int(end is not Scale.PALSY)
    assert converted(3, start, end) == {Scale.SEVERITY: 3, Scale.LEVEL: 2, Scale.PALSY: 1}[end]


@pytest.mark.parametrize(
    ("start", "end"),
    [p for p in product(Scale, repeat=2) if p not in DEFINED and p[0] is not p[1]],
)
def test_every_other_map_raises_and_the_inverse_ones_with_it(start: Scale, end: Scale) -> None:
    with pytest.raises(InputError, match=f"no map leads from {start} to {end}"):
        converted(1, start, end)


def test_the_maps_there_are_are_those_that_convert() -> None:
    assert {pair for pair in product(Scale, repeat=2) if has_map(*pair)} == DEFINED


def test_a_scale_converts_to_itself() -> None:
    assert converted(4, Scale.HOUSE_BRACKMANN, Scale.HOUSE_BRACKMANN) == 4


def test_one_intensity_is_sent_to_the_rule_for_two() -> None:
    with pytest.raises(InputError, match="palsy_of_intensities"):
        converted(1, Scale.INTENSITY, Scale.PALSY)


def test_levels_of_probabilities_are_sums_and_not_the_level_of_the_likeliest_grade() -> None:
    grades = np.array([0.3, 0.05, 0.05, 0.1, 0.25, 0.25])
    levels = levels_of_grades(grades)
    np.testing.assert_allclose(levels, [0.3, 0.2, 0.5])
    assert LEVELS[levels.argmax()] == 3
    assert level_of_grade(GRADES[grades.argmax()]) == 1
    assert palsy_of_grades(grades) == pytest.approx(0.7)


def test_sums_of_probabilities_keep_the_other_axes_and_the_total() -> None:
    grades = np.random.default_rng(0).dirichlet(np.ones(6), size=(4, 2))
    levels = levels_of_grades(grades)
    assert levels.shape == (4, 2, 3)
    np.testing.assert_allclose(levels.sum(axis=-1), 1)
    np.testing.assert_allclose(palsy_of_grades(grades), 1 - grades[..., 0])


@pytest.mark.parametrize("shape", [(), (3,), (6, 2)])
def test_probabilities_that_are_not_of_six_grades_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="six grades"):
        levels_of_grades(np.ones(shape))


def test_ranges_of_function_cover_every_percent_once() -> None:
    percents = [p for row in HOUSE_BRACKMANN for p in range(row.function[0], row.function[1] + 1)]
    assert sorted(percents) == list(range(101))
    points = [p for row in HOUSE_BRACKMANN for p in range(row.points[0], row.points[1] + 1)]
    assert sorted(points) == list(range(9))
    assert [row.grade for row in HOUSE_BRACKMANN] == list(GRADES)
    assert all(row.function[0] <= row.estimate <= row.function[1] for row in HOUSE_BRACKMANN)


def test_a_healthy_face_has_sunnybrook_100_and_one_without_tone_0() -> None:
    healthy = Sunnybrook(eye=0, cheek=0, mouth=0, voluntary=FULL, synkinesis=NONE)
    complete = Sunnybrook(
        eye=1,
        cheek=2,
        mouth=1,
        voluntary=dict.fromkeys(SUNNYBROOK_MOVEMENTS, 1),
        synkinesis=NONE,
    )
    assert healthy.composite == 100
    assert complete.composite == 0


def test_the_composite_weighs_the_three_parts_as_the_form_does() -> None:
    form = Sunnybrook(
        eye=1,
        cheek=1,
        mouth=0,
        voluntary=dict(zip(SUNNYBROOK_MOVEMENTS, (3, 4, 3, 2, 5), strict=True)),
        synkinesis=dict(zip(SUNNYBROOK_MOVEMENTS, (0, 1, 2, 0, 3), strict=True)),
    )
    assert (form.resting_score, form.movement_score, form.synkinesis_score) == (10, 68, 6)
    assert form.composite == 52


@pytest.mark.parametrize(
    "change",
    [
        {"eye": 2},
        {"cheek": 3},
        {"mouth": -1},
        {"voluntary": FULL | {Movement.SMILE: 0}},
        {"voluntary": {}},
        {"voluntary": FULL | {Movement.CHEEK_PUFF: 5}},
        {"synkinesis": NONE | {Movement.SNARL: 4}},
        {"synkinesis": NONE | {Movement.SNARL: 0.5}},
    ],
)
def test_a_form_with_a_missing_or_impossible_item_is_refused(change: dict[str, Any]) -> None:
    items: dict[str, Any] = {"eye": 0, "cheek": 0, "mouth": 0}
    with pytest.raises(InputError, match="Sunnybrook"):
        Sunnybrook(**(items | {"voluntary": FULL, "synkinesis": NONE} | change))

"""What a method says of all movements together, and over a video."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.grading.combined import FUSION, shipped_rule
from facialis.grading.cuts import even_odds, shipped_examination_cuts
from facialis.grading.method_answers import MethodAnswer
from facialis.grading.over_movements import (
    MOST_STEPS,
    all_together,
    level_course,
    over_movements,
)
from facialis.methods.multimodal_fusion.examination_answer import NAME as TOGETHER
from facialis.regions.refinement import NAME as REFINEMENT
from facialis.weights import store

NAME = FUSION
LOWER_LEFT = (291, 308, 409, 375, 306, 292, 324, 318, 402, 321, 405)


def answer(palsy, level=1):
    levels = {name: 0.8 if place == level else 0.1 for place, name in enumerate(("I", "II", "III"))}
    return MethodAnswer("fusion", palsy_probability=palsy, level_probability=levels)


def test_the_answer_is_the_mean_over_the_movements_that_were_answered():
    silent = MethodAnswer("fusion", not_answered="the mouth is hidden")
    given = [answer(0.9, 2)] * 3 + [answer(0.5, 1)] * 3 + [silent]
    found = over_movements(NAME, dict(zip(Movement, given, strict=False)))
    assert Movement.REST in list(Movement)[:6]
    assert found.movements == 5
    assert found.palsy_probability == pytest.approx(0.7)
    assert found.level_probability == pytest.approx({"I": 0.1, "II": 0.45, "III": 0.45})


def test_means_conclude_nothing():
    for name in (NAME, "fp_vggface-light"):
        found = over_movements(name, dict.fromkeys(Movement, answer(0.99)))
        assert (found.movements, found.palsy_probability) == (11, pytest.approx(0.99))
        assert (found.conclusion, found.levels, found.grades, found.coverage) == (
            None,
            (),
            (),
            None,
        )
        assert found.grade_probability is None


def drooping(droop):
    """Landmarks, pixels, of a face whose left corner of the mouth is lower by so much."""
    face = TEMPLATE.copy()
    face[list(LOWER_LEFT), 1] += droop
    return face * 100 + [300.0, 300.0, 0.0]


def examined(droop, *movements):
    return {movement: drooping(droop) for movement in movements}


SHOWN = (Movement.REST, Movement.SMILE, Movement.BROW_RAISE)


def test_all_movements_together_tell_a_droop_from_a_healthy_face():
    healthy = all_together(examined(0.0, *Movement))
    ill = all_together(examined(0.15, *Movement))
    assert (healthy.conclusion, ill.conclusion) == ("no palsy", "palsy")
    assert healthy.palsy_probability < 0.2
    assert ill.palsy_probability > 0.8
    assert (healthy.movements, ill.movements) == (11, 11)
    assert "I" in healthy.grades
    assert "I" not in ill.grades
    assert "I" not in ill.levels


def test_grades_levels_and_palsy_are_one_answer():
    found = all_together(examined(0.08, *SHOWN))
    grades = list(found.grade_probability.values())
    assert sum(grades) == pytest.approx(1, abs=1e-5)
    assert found.palsy_probability == pytest.approx(1 - grades[0], abs=1e-6)
    levels = [grades[0], sum(grades[1:4]), sum(grades[4:])]
    assert list(found.level_probability.values()) == pytest.approx(levels, abs=1e-6)
    assert list(found.grade_probability) == ["I", "II", "III", "IV", "V", "VI"]


def test_the_cut_offs_are_those_of_as_many_movements():
    fitted = shipped_examination_cuts(TOGETHER)
    for movements in (SHOWN[1:2], SHOWN, SHOWN[1:], tuple(Movement)):
        found = all_together(examined(0.08, *movements))
        cuts = fitted.of(len(movements), has_rest=Movement.REST in movements)
        assert found.conclusion == cuts.conclusion(found.palsy_probability)
        level = {"I": "I", "II": "II", "III": "II", "IV": "II", "V": "III", "VI": "III"}
        assert found.levels == tuple(dict.fromkeys(level[grade] for grade in found.grades))
        likely = {g for g, p in found.grade_probability.items() if p >= cuts.least[g]}
        best = max(found.grade_probability, key=found.grade_probability.get)
        assert set(found.grades) == (likely or {best})
        assert found.coverage == fitted.coverage


def test_a_mirrored_rolled_or_moved_examination_gets_the_same_answer():
    faces = examined(0.1, *SHOWN)
    mirrored = {m: p[MIRROR] * [-1, 1, 1] + [700, 0, 0] for m, p in faces.items()}
    cos, sin = np.cos(0.4), np.sin(0.4)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    rolled = {m: (p @ turn) * 2 + [90, 40, 0] for m, p in faces.items()}
    wanted = list(all_together(faces).grade_probability.values())
    for other in (mirrored, rolled):
        found = list(all_together(other).grade_probability.values())
        assert found == pytest.approx(wanted, abs=2e-3)


@pytest.mark.parametrize("name", [TOGETHER, REFINEMENT])
def test_a_network_of_the_users_own_has_no_cut_offs(tmp_path, monkeypatch, name):
    shutil.copy(store.require(name), tmp_path / f"{name}.onnx")
    shipped = all_together(examined(0.1, *SHOWN))
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    found = all_together(examined(0.1, *SHOWN))
    assert (found.conclusion, found.levels, found.grades, found.coverage) == (None, (), (), None)
    own = np.array(list(found.grade_probability.values()))
    share = shipped_examination_cuts(TOGETHER).palsy_share
    assert list(shipped.grade_probability.values()) == pytest.approx(
        even_odds(own, share), abs=1e-6
    )


def test_without_a_movement_nothing_is_told_of_all_together():
    assert all_together({}) is None
    assert all_together(examined(0.1, Movement.REST)) is None


def test_without_an_answer_there_is_none():
    assert (
        over_movements(NAME, {Movement.SMILE: MethodAnswer("fusion", not_answered="blurred")})
        is None
    )
    assert over_movements(NAME, {}) is None


def levels(*healthy):
    """As many lesions as the network learned from, half of the rest of level II."""
    return np.array([[each, (1 - each) / 2, (1 - each) / 2] for each in healthy])


def test_frames_of_a_fifth_of_a_second_share_a_level():
    seconds = np.arange(20) / 10
    found = level_course("clip.mp4", seconds, levels(*[0.9] * 10, *[0.2] * 10))
    assert (found.source, found.step) == ("clip.mp4", 0.2)
    assert found.seconds == pytest.approx(np.arange(10) * 0.2 + 0.1)
    healthy = found.level_probability["I"]
    assert min(healthy[:5]) > max(healthy[5:])
    even = even_odds(levels(0.9), shipped_rule(stated=False).lesion_share)[0]
    assert [column[0] for column in found.level_probability.values()] == pytest.approx(even)


def test_frames_that_were_not_answered_leave_a_gap():
    seconds = np.array([0.0, 0.1, 0.2, 0.3, 1.6, 1.7, 1.8, 1.9])
    found = level_course("clip.mp4", seconds, levels(*[0.5] * 8))
    assert found.seconds == pytest.approx([0.1, 0.3, 1.7, 1.9])


def test_a_long_video_has_longer_steps():
    found = level_course("clip.mp4", np.arange(40) * 100.0, levels(*[0.5] * 40))
    assert len(found.seconds) <= MOST_STEPS
    assert found.step == pytest.approx(3900 / MOST_STEPS)

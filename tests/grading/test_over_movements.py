"""What a method says of all movements together, and over a video."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.expressions import EXPRESSION_NAMES, expression_scores
from facialis.face.mesh import TEMPLATE
from facialis.grading.combined import FUSION, shipped_rule
from facialis.grading.method_answers import MethodAnswer
from facialis.grading.over_movements import (
    FEWEST_MOVEMENTS,
    MOST_STEPS,
    level_course,
    over_movements,
)
from facialis.measures.series import Series
from facialis.measures.symmetry import FEATURES, asymmetry

NAME = FUSION
LOWER_LEFT = (291, 308, 409, 375, 306, 292, 324, 318, 402, 321, 405)


def answer(palsy, level=1):
    levels = {name: 0.8 if place == level else 0.1 for place, name in enumerate(("I", "II", "III"))}
    return MethodAnswer("fusion", palsy_probability=palsy, level_probability=levels)


def series(droops, rate=25.0, usable=None):
    """A face turned to the front, its left corner of the mouth lower by so much in each frame."""
    rows, scores = [], []
    for droop in droops:
        face = TEMPLATE.copy()
        face[list(LOWER_LEFT), 1] += droop
        rows.append(asymmetry(face))
        scores.append(list(expression_scores(face * 100).values()))
    count = len(droops)
    lots = np.zeros(count, np.float32)
    return Series(
        seconds=np.arange(count) / rate,
        places=np.zeros((count, 7, 2, 2), np.float32),
        openings=np.zeros((count, 2), np.float32),
        expressions=np.array(scores, np.float32).reshape(count, len(EXPRESSION_NAMES)),
        asymmetry=np.array(rows, np.float32).reshape(count, len(FEATURES)),
        yaw=lots,
        pitch=lots,
        usable=np.ones(count, bool) if usable is None else usable,
        cuts=(),
        mm=None,
        mm_sd=None,
        rate=rate,
    )


def test_the_answer_is_the_mean_over_the_movements_that_were_answered():
    silent = MethodAnswer("fusion", not_answered="the mouth is hidden")
    given = [answer(0.9, 2)] * 3 + [answer(0.5, 1)] * 3 + [silent]
    found = over_movements(NAME, given)
    assert found.movements == FEWEST_MOVEMENTS
    assert found.palsy_probability == pytest.approx(0.7)
    assert found.level_probability == pytest.approx({"I": 0.1, "II": 0.45, "III": 0.45})
    cuts = shipped_rule().examination
    assert found.conclusion == cuts.conclusion(0.7)
    assert found.levels == cuts.levels(found.level_probability)
    assert found.coverage == shipped_rule().coverage


def test_from_few_movements_nothing_is_concluded():
    found = over_movements(NAME, [answer(0.99)] * (FEWEST_MOVEMENTS - 1))
    assert found.palsy_probability == pytest.approx(0.99)
    assert (found.conclusion, found.levels, found.coverage) == (None, (), None)


def test_a_grader_gives_means_and_no_conclusion():
    found = over_movements("fp_vggface-light", [answer(0.9)] * 12)
    assert found.palsy_probability == pytest.approx(0.9)
    assert (found.movements, found.conclusion, found.levels) == (12, None, ())


def test_without_an_answer_there_is_none():
    assert over_movements(NAME, [MethodAnswer("fusion", not_answered="blurred")]) is None
    assert over_movements(NAME, []) is None


def test_the_level_rises_when_the_mouth_begins_to_droop():
    found = level_course("clip.mp4", series([0.0] * 25 + [0.15] * 25))
    assert (found.source, found.step) == ("clip.mp4", 0.2)
    assert found.seconds == pytest.approx(np.arange(10) * 0.2 + 0.1)
    healthy = found.level_probability["I"]
    assert min(healthy[:5]) > max(healthy[5:])
    sums = np.sum(list(found.level_probability.values()), axis=0)
    assert sums == pytest.approx(np.ones(10), abs=1e-5)


def test_frames_that_cannot_be_measured_leave_a_gap():
    usable = np.ones(50, bool)
    usable[10:40] = False
    found = level_course("clip.mp4", series([0.0] * 50, usable=usable))
    assert found.seconds == pytest.approx([0.1, 0.3, 1.7, 1.9])
    assert level_course("clip.mp4", series([0.0] * 5, usable=np.zeros(5, bool))) is None


def test_a_long_video_has_longer_steps():
    found = level_course("clip.mp4", series([0.0] * 40, rate=0.01))
    assert len(found.seconds) <= MOST_STEPS
    assert found.step == pytest.approx(3900 / MOST_STEPS)

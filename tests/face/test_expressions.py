"""The expression scores: who is who, what they do not depend on, and what they agree with."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facialis.errors import FacialisError
from facialis.face import expressions
from facialis.face.expressions import (
    EXPRESSION_NAMES,
    EXPRESSION_POINTS,
    LARGEST_ROLL_DEG,
    MIRRORED_EXPRESSIONS,
    expression_scores,
    expression_session,
)
from facialis.face.mesh import (
    LEFT_UPPER_LID,
    MIRROR,
    RIGHT_BROW_LOWER,
    RIGHT_BROW_UPPER,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    TEMPLATE,
)

FACE = TEMPLATE * 180 + [320, 240, 0]
faces = st.integers(0, 2**32 - 1).map(
    lambda seed: FACE + np.random.default_rng(seed).normal(scale=4, size=FACE.shape)
)


def as_array(scores):
    return np.array([scores[name] for name in EXPRESSION_NAMES])


def turned(points, degrees):
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (points[:, :2] - [320, 240]) @ rotation + [320, 240]


def test_there_are_fifty_two_scores_between_zero_and_one_in_a_fixed_order():
    scores = expression_scores(FACE)
    assert tuple(scores) == EXPRESSION_NAMES
    assert len(EXPRESSION_NAMES) == 52
    assert all(0 <= s <= 1 for s in scores.values())


def test_the_points_and_names_come_in_mirrored_pairs():
    assert len(set(EXPRESSION_POINTS)) == 146
    assert {int(MIRROR[i]) for i in EXPRESSION_POINTS} == set(EXPRESSION_POINTS)
    pairs = {
        n: EXPRESSION_NAMES[i] for n, i in zip(EXPRESSION_NAMES, MIRRORED_EXPRESSIONS, strict=True)
    }
    assert pairs["mouthLeft"] == "mouthRight"
    assert pairs["eyeLookInRight"] == "eyeLookInLeft"
    assert pairs["browInnerUp"] == "browInnerUp"
    assert all(pairs[pairs[n]] == n for n in EXPRESSION_NAMES)


@settings(max_examples=40, deadline=None)
@given(faces)
def test_mirroring_the_face_swaps_the_sides_and_changes_nothing_else(face):
    mirrored = (face * [-1, 1, 1] + [640, 0, 0])[MIRROR]
    one, other = as_array(expression_scores(face)), as_array(expression_scores(mirrored))
    np.testing.assert_allclose(other[MIRRORED_EXPRESSIONS], one, rtol=1e-4, atol=5e-5)


@settings(max_examples=40, deadline=None)
@given(faces, st.floats(0.2, 8), st.floats(-4000, 4000), st.floats(-4000, 4000))
def test_position_and_size_do_not_matter(face, scale, x, y):
    moved = face[:, :2] * scale + [x, y]
    found = as_array(expression_scores(moved))
    np.testing.assert_allclose(found, as_array(expression_scores(face)), atol=1e-3)


def test_depth_is_not_read():
    assert expression_scores(FACE) == expression_scores(FACE[:, :2])


@pytest.mark.parametrize("degrees", [90, -90, 135, 179, -179, 60])
def test_a_face_that_lies_on_its_side_is_levelled_first(degrees):
    limit = np.copysign(LARGEST_ROLL_DEG, degrees)
    found = as_array(expression_scores(turned(FACE, degrees)))
    np.testing.assert_allclose(found, as_array(expression_scores(turned(FACE, limit))), atol=1e-3)


def test_a_little_roll_changes_little():
    level, tilted = (as_array(expression_scores(turned(FACE, d))) for d in (0, 10))
    assert np.abs(level - tilted).max() < 0.1


def closed(face, upper, lower):
    shut = face.copy()
    shut[list(upper)] = 0.1 * face[list(upper)] + 0.9 * face[list(lower)]
    return shut


def test_a_closed_right_eye_is_a_blink_of_the_right_eye():
    scores = expression_scores(closed(FACE, RIGHT_UPPER_LID[1:-1], RIGHT_LOWER_LID[1:-1]))
    assert scores["eyeBlinkRight"] > 0.4
    assert scores["eyeBlinkRight"] > scores["eyeBlinkLeft"] + 0.2
    assert set(RIGHT_UPPER_LID).isdisjoint(LEFT_UPPER_LID)


def test_a_raised_right_brow_raises_the_scores_of_the_right_brow():
    raised = FACE.copy()
    raised[list(RIGHT_BROW_UPPER + RIGHT_BROW_LOWER), 1] -= 22
    rest, scores = expression_scores(FACE), expression_scores(raised)
    gain = {n: scores[n] - rest[n] for n in ("browOuterUpRight", "browOuterUpLeft")}
    assert gain["browOuterUpRight"] > 0.15
    assert gain["browOuterUpRight"] > gain["browOuterUpLeft"] + 0.1


def test_a_corner_of_the_mouth_drawn_up_and_out_is_a_smile_of_that_side():
    smiling = FACE.copy()
    weight = np.exp(-(((FACE[:, :2] - FACE[61, :2]) / 30) ** 2).sum(axis=1))
    smiling[:, 0] -= 22 * weight
    smiling[:, 1] -= 16 * weight
    rest, scores = expression_scores(FACE), expression_scores(smiling)
    assert scores["mouthSmileRight"] > rest["mouthSmileRight"] + 0.2
    assert scores["mouthSmileRight"] > scores["mouthSmileLeft"]


@pytest.mark.parametrize("shape", [(468, 3), (478,), (478, 4), (1, 478, 3)])
def test_landmarks_of_another_shape_are_refused(shape):
    with pytest.raises(FacialisError, match=r"need landmarks of shape \(478, 2\)"):
        expression_scores(np.zeros(shape))


@pytest.mark.parametrize("value", [np.nan, np.inf, 0.0])
def test_landmarks_that_are_no_face_are_refused(value):
    with pytest.raises(FacialisError, match="finite landmarks that do not all lie in one place"):
        expression_scores(np.full((478, 3), value))


def test_the_network_is_opened_once_on_one_thread_in_fp32():
    session = expression_session()
    assert session is expression_session()
    assert (session.name, session.precision, session.threads) == ("expressions", "fp32", 1)
    assert session.provider == "CPUExecutionProvider"


def test_whole_numbers_and_single_precision_are_accepted():
    exact = as_array(expression_scores(FACE))
    found = as_array(expression_scores(FACE.astype(np.float32)))
    np.testing.assert_allclose(found, exact, atol=1e-3)
    assert expression_scores(FACE.round().astype(int)).keys() == set(EXPRESSION_NAMES)


def test_scores_follow_the_teacher_on_people_not_trained_on(shared_data):
    pytest.importorskip("ai_edge_litert", reason="training needs the extra 'train'")
    from facialis.face.landmarks import default_landmarker
    from facialis.media.photo import read_photo
    from facialis.training.agreement import PALSY_SCORES, agreement
    from facialis.training.teacher import ExpressionTeacher

    teacher = ExpressionTeacher(shared_data / "models" / "face_landmarker.task")
    held_out = ("006", "009", "013", "026", "032", "037", "062", "086", "087", "119", "123")
    points = []
    for person in held_out:
        for expression in ("neutral", "smile"):
            file = shared_data / "faces" / "london" / f"{person}_{expression}.jpg"
            found, _ = default_landmarker().in_both_orientations(read_photo(file).pixels)
            points.append(found[0])
    scores = np.array([as_array(expression_scores(p)) for p in points])
    wanted = teacher(np.stack(points)[:, list(EXPRESSION_POINTS), :2])
    result = agreement("held out", scores, wanted)
    assert result.error.mean() < 0.03
    for name in PALSY_SCORES:
        if not name.startswith("noseSneer"):
            assert result.rank[EXPRESSION_NAMES.index(name)] > 0.9, name
    assert expressions.WEIGHTS_NAME == "expressions"

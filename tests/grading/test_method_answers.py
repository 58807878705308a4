"""What each method says of a face, on the common scales."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.errors import InputError
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.grading.combined import FUSION, GRADER
from facialis.grading.method_answers import FACE_METHODS as METHODS
from facialis.grading.method_answers import (
    GRADES,
    answers,
    chosen_face_methods,
    chosen_methods,
    levelled,
)
from facialis.methods.answers import Face
from facialis.methods.multimodal_fusion import answer as fusion
from facialis.regions.classes import Attribute, Part
from facialis.weights import store

PARSER = "asymmetric_parsing"
SIDE = 600


def face(droop=0.0):
    """The mean face, 600 pixels; the left corner of the mouth hangs and is drawn to the right."""
    points = TEMPLATE * 100 + np.array([300.0, 300.0, 0.0])
    for index in (291, 308, 409, 375, 306, 292, 324, 318, 402, 321, 405):
        points[index] += [-droop, droop, 0]
    return points


def picture(seed=0):
    """Smooth colours (600, 600, 3): the networks answer anything."""
    coarse = np.random.default_rng(seed).integers(0, 256, (12, 12, 3), dtype=np.uint8)
    return cv2.resize(coarse, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)


def asked(points, methods=METHODS, pixels=None, **more):
    return answers(picture() if pixels is None else pixels, points, methods, **more)


def test_every_method_answers_on_every_scale():
    said = asked(face()).answers
    assert tuple(said) == METHODS
    parser = said.pop(PARSER)
    assert parser.palsy_probability is parser.level_probability is None
    assert "parts of the face" in parser.not_answered
    for name, each in said.items():
        assert 0 <= each.palsy_probability <= 1
        assert sum(each.level_probability.values()) == pytest.approx(1, abs=1e-5)
        assert tuple(each.grade_probability) == GRADES
        assert sum(each.grade_probability.values()) == pytest.approx(1, abs=1e-5)
        if name == FUSION:
            assert each.levels, "it tells palsy apart from the grade"
        else:
            assert each.palsy_probability == pytest.approx(1 - each.grade_probability["I"])
        assert each.level_probability["I"] == pytest.approx(each.grade_probability["I"])
        assert each.level_probability["III"] == pytest.approx(
            each.grade_probability["V"] + each.grade_probability["VI"]
        )
        assert set(each.grades) <= set(GRADES)
        assert each.grades


@pytest.mark.parametrize("name", [FUSION, GRADER])
def test_a_network_of_the_users_own_leaves_nothing_open_at_a_coverage(monkeypatch, tmp_path, name):
    (before,) = asked(face(), (name,)).answers.values()
    (tmp_path / f"{name}.onnx").write_bytes(store.path(name).read_bytes())
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    (after,) = asked(face(), (name,)).answers.values()
    assert before.levels or before.grades
    assert after.levels == after.grades == ()
    assert after.palsy_probability != before.palsy_probability


def test_a_drooping_mouth_is_answered_with_palsy_and_the_reason(monkeypatch):
    # The picture shows no face, so that refined landmarks would lie anywhere.
    monkeypatch.setattr(fusion, "refined_both_ways", lambda _, points: points)
    before, after = (asked(face(d)).answers[FUSION] for d in (0, 14))
    assert before.palsy_probability < 0.5 < after.palsy_probability
    assert sum(after.level_probability.values()) == pytest.approx(1, abs=1e-5)
    assert after.levels
    strongest = next(iter(after.reasons))
    assert after.reasons[strongest] > 0
    assert "lip" in strongest or "commissure" in strongest or "mouth" in strongest.lower()


def test_the_fusion_alone_reads_the_movement_that_was_stated():
    without, smiling, at_rest = (
        asked(face(14), movement=movement).answers
        for movement in (None, Movement.SMILE, Movement.REST)
    )
    for name in METHODS:
        same = {each[name].palsy_probability for each in (without, smiling, at_rest)}
        assert len(same) == (3 if name == FUSION else 1)


def test_the_side_does_not_change_the_answer():
    points = face(14)
    other = points[MIRROR] * [-1, 1, 1] + [600, 0, 0]
    pixels = picture()
    mine = asked(points, pixels=pixels).answers
    theirs = asked(other, pixels=np.ascontiguousarray(pixels[:, ::-1])).answers
    for name, each in mine.items():
        if name == PARSER:
            continue
        assert each.palsy_probability == pytest.approx(theirs[name].palsy_probability, abs=2e-3)
    here, there = mine[FUSION], theirs[FUSION]
    strongest = next(iter(here.reasons))
    assert here.reasons[strongest] == pytest.approx(there.reasons[strongest], abs=1e-2)


def test_what_was_seen_covers_the_face_and_names_known_parts():
    said = asked(face())
    assert {name: seen.classes for name, seen in said.seen.items()} == {
        "cascaded_encoder-light": Attribute, PARSER: Part,
    }  # fmt: skip
    for seen in said.seen.values():
        assert seen.labels.max() < len(seen.classes)
        assert seen.attention is None or seen.attention.min() >= 0
        assert seen.square.side >= np.ptp(face()[:, :2], axis=0).max()
    assert Part.FPP not in said.seen[PARSER].labels
    right, left = (said.seen[PARSER].paralysed[side] for side in Side)
    assert right.shape == left.shape == said.seen[PARSER].labels.shape
    assert not (right & left).any()
    assert said.seen[PARSER].attention is None
    seen = said.seen["cascaded_encoder-light"]
    assert seen.square.left >= 0
    assert seen.square.left + seen.square.side <= said.picture.shape[1]


def test_a_face_that_cannot_be_judged_is_answered_with_why():
    said = asked(face(), left_out="the mouth cannot be judged")
    assert tuple(said.answers) == METHODS
    for each in said.answers.values():
        assert each.palsy_probability is None
        assert each.not_answered == "the mouth cannot be judged"
    assert said.seen == {}


def test_only_who_is_asked_answers():
    assert asked(face(), ()).answers == {}
    assert tuple(asked(face(), (FUSION,)).answers) == (FUSION,)


def test_a_rolled_face_is_turned_level_with_its_landmarks():
    points, pixels = face(), np.zeros((SIDE, SIDE, 3), np.uint8)
    eyes = points[[33, 263], :2].round().astype(int)
    for x, y in eyes:
        pixels[y - 2 : y + 3, x - 2 : x + 3] = 255
    angle = np.radians(20)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    rolled = points.copy()
    rolled[:, :2] = (points[:, :2] - 300) @ turn.T + 300
    matrix = cv2.getRotationMatrix2D((299.5, 299.5), -20, 1.0)
    level, placed, _ = levelled(Face(cv2.warpAffine(pixels, matrix, (SIDE, SIDE)), rolled))
    across = placed[263, :2] - placed[33, :2]
    assert across[1] == pytest.approx(0, abs=1e-6)
    assert across[0] == pytest.approx(points[263, 0] - points[33, 0])
    ys, xs = np.nonzero(level[..., 0] > 128)
    right = xs < xs.mean()
    centre = np.array([xs[right].mean() + 0.5, ys[right].mean() + 0.5])
    assert np.abs(centre - placed[33, :2]).max() < 1


def test_a_level_face_is_cut_out_and_not_turned():
    pixels, points = picture(), face()
    cut, placed, shown = levelled(Face(pixels, points, Movement.SMILE))
    assert shown is Movement.SMILE
    left, top = np.round(points[0, :2] - placed[0, :2]).astype(int)
    height, width = cut.shape[:2]
    assert np.array_equal(cut, pixels[top : top + height, left : left + width])
    assert placed == pytest.approx(points - [left, top, 0])
    assert width < SIDE


def test_a_method_without_weights_is_refused_by_name():
    assert chosen_methods([METHODS[1], METHODS[0], METHODS[1]]) == METHODS[:2]
    with pytest.raises(InputError, match="phcnn_lstm'"):
        chosen_methods(["phcnn_lstm"])


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("phcnn_lstm-light", "answers for videos only"),
        ("multimodal_fusion-examination", "answers for examinations only"),
    ],
)
def test_some_methods_answer_for_no_single_face(name, told):
    assert chosen_methods([name]) == (name,)
    assert chosen_face_methods([name, METHODS[0]]) == METHODS[:1]
    assert chosen_face_methods([]) == ()
    with pytest.raises(InputError, match=told):
        chosen_face_methods([name])

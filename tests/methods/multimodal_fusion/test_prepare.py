"""What paper 004's networks read."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.clinical.anatomy import Intensity
from facialis.clinical.scales import palsy_of_intensities
from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_NAMES, expression_scores
from facialis.face.mesh import MIRROR
from facialis.measures.features import expressions
from facialis.methods.multimodal_fusion import prepare
from facialis.regions.line_drawing import line_drawing
from facialis.regions.points125 import POINTS_125


def test_s4_10_the_landmarks_are_125_different_ones_of_478():
    assert len(POINTS_125) == len(set(POINTS_125)) == 125
    assert min(POINTS_125) >= 0
    assert max(POINTS_125) < 478


def test_s4_10_the_landmarks_are_the_same_in_the_mirror():
    assert {int(MIRROR[i]) for i in POINTS_125} == set(POINTS_125)


def test_s4_10_the_landmarks_are_mediapipes_named_sets_and_point_8():
    from mediapipe.python.solutions import face_mesh_connections as sets

    named = [
        sets.FACEMESH_LIPS, sets.FACEMESH_LEFT_EYE, sets.FACEMESH_RIGHT_EYE, sets.FACEMESH_NOSE,
        sets.FACEMESH_LEFT_EYEBROW, sets.FACEMESH_RIGHT_EYEBROW, sets.FACEMESH_LEFT_IRIS,
        sets.FACEMESH_RIGHT_IRIS,
    ]  # fmt: skip
    assert set(POINTS_125) == {i for each in named for edge in each for i in edge} | {8}


def test_coordinates_are_x_and_y_in_turn_of_0_to_1(face):
    found = prepare.coordinates(face, 200, 400)
    assert found.shape == (250,)
    assert found.dtype == np.float32
    first, last = POINTS_125[0], POINTS_125[-1]
    assert found[:2] == pytest.approx(face[first, :2] / [200, 400])
    assert found[-2:] == pytest.approx(face[last, :2] / [200, 400])


@pytest.mark.parametrize("eye_frame", [False, True])
def test_coordinates_keep_the_order_of_the_landmarks(face, eye_frame):
    found = prepare.coordinates(face, 200, 400, eye_frame=eye_frame).reshape(125, 2)
    if eye_frame:  # the outer corners of the mean face's eyes lie level, 60 pixels apart
        expected = [(face[i, :2] - (100, 90)) / 60 for i in POINTS_125]
    else:
        expected = [face[i, :2] / (200, 400) for i in POINTS_125]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_d4_2_coordinates_from_the_eyes_do_not_depend_on_place_and_size(face):
    here = prepare.coordinates(face, 200, 200, eye_frame=True)
    there = prepare.coordinates(face * 3 + 17, 900, 900, eye_frame=True)
    assert np.allclose(here, there, atol=1e-5)
    with pytest.raises(InputError, match="eyes"):
        prepare.coordinates(np.ones((478, 2)), 200, 200, eye_frame=True)


def test_s4_11_expressions_are_52_numbers_of_0_to_1_in_order(face):
    found = expressions(face)
    assert found.shape == (52,)
    assert ((found >= 0) & (found <= 1)).all()
    scores = expression_scores(face)
    assert found == pytest.approx([scores[name] for name in EXPRESSION_NAMES])


def test_s4_12_a_drawing_is_black_and_white_and_not_empty(face):
    found = line_drawing(face, 224)
    assert found.shape == (224, 224)
    assert set(np.unique(found)) == {0, 255}
    assert 200 < int((found > 0).sum()) < 0.1 * found.size


def test_s4_12_a_drawing_follows_the_landmarks(face):
    here, there = line_drawing(face, 224), line_drawing(face + np.array([7, 5, 0]), 224)
    assert np.array_equal(here[:-5, :-7], there[5:, 7:])


def test_s4_12_a_drawing_passes_through_its_landmarks(face):
    found = line_drawing(face, 224)
    for index in (10, 152, 33, 133, 263, 362, 70, 300, 61, 291, 13, 14):
        x, y = face[index, :2] - 0.5
        column, row = round(x), round(y)
        assert found[row - 1 : row + 2, column - 1 : column + 2].any(), index


def test_sx_17_d4_4_lips_are_drawn_unless_told_otherwise(face):
    with_lips, without = line_drawing(face, 224), line_drawing(face, 224, draw_lips=False)
    more = np.argwhere((with_lips > 0) & (without == 0))[:, ::-1] + 0.5
    mouth = face[[61, 291, 0, 17], :2]
    assert len(more) > 50
    assert (more >= mouth.min(axis=0) - 2).all()
    assert (more <= mouth.max(axis=0) + 2).all()
    assert not (without > with_lips).any()
    assert np.array_equal(
        prepare.line_image(face, 96), prepare.line_image(face, 96, draw_lips=True)
    )


@pytest.mark.parametrize("points", [np.zeros((68, 2)), np.full((478, 2), np.nan)])
def test_a_drawing_of_no_face_is_refused(points):
    with pytest.raises(InputError, match="478"):
        line_drawing(points)


def test_d4_5_drawing_and_picture_are_cut_with_a_margin_of_20_percent(face, picture):
    lines = prepare.line_image(face, 140)
    assert lines.shape == (3, 140, 140)
    rows, columns = np.nonzero(lines[0])
    assert max(np.ptp(rows), np.ptp(columns)) == pytest.approx(140 / 1.4, abs=3)
    cut = prepare.rgb_image(picture().picture(), face, 140)
    assert cut.shape == (3, 140, 140)
    whole = prepare.rgb_image(picture().picture(), face, 200, whole=True)
    assert np.array_equal(whole, picture().picture().transpose(2, 0, 1))
    drawn = prepare.line_image(face, 200, whole=(200, 200))
    assert np.array_equal(drawn[0], line_drawing(face, 200))


@pytest.mark.parametrize(
    ("eyes", "mouth", "expected"),
    [(e, m, int(e + m >= 2)) for e in range(3) for m in range(3)],
)
def test_s4_13_the_rule_of_the_label(eyes, mouth, expected):
    ranks = (Intensity.NONE, Intensity.SLIGHT, Intensity.STRONG)
    assert palsy_of_intensities(ranks[eyes], ranks[mouth]) == expected


def test_units_become_probabilities():
    found = prepare.probabilities(np.array([[0.2, 0.9], [0.0, 0.0]]))
    assert np.allclose(found, [[2 / 11, 9 / 11], [0.5, 0.5]])
    with pytest.raises(InputError, match="0 to 1"):
        prepare.probabilities(np.array([-0.1, 1.0]))


def test_reasons_are_named_and_drawn(face, picture):
    scores = np.zeros(52)
    scores[[3, 9]] = (0.5, -0.9)
    assert prepare.strongest_expressions(scores, 2) == (
        ("eyeBlinkLeft", -0.9),
        ("browInnerUp", 0.5),
    )
    blank = np.zeros((200, 200, 3), np.uint8)
    moved = np.zeros(125)
    moved[POINTS_125.index(61)] = 1
    drawn = prepare.landmark_overlay(blank, face, moved)
    x, y = (face[61, :2] - 0.5).round().astype(int)
    assert tuple(drawn[y, x]) == prepare.TOWARDS
    assert not blank.any()
    heat = np.zeros((4, 4))
    heat[0, 0] = 2
    red = prepare.pixel_overlay(blank, heat)
    assert red[0, 0].sum() > red[100, 100].sum() == 0
    assert np.array_equal(prepare.pixel_overlay(blank, np.zeros((4, 4))), blank)


def test_reasons_of_another_shape_are_refused(face):
    blank = np.zeros((20, 20, 3), np.uint8)
    with pytest.raises(InputError, match="52"):
        prepare.strongest_expressions(np.zeros(51))
    with pytest.raises(InputError, match="125"):
        prepare.landmark_overlay(blank, face, np.zeros(478))
    with pytest.raises(InputError, match="heat"):
        prepare.pixel_overlay(blank, -np.ones((4, 4)))

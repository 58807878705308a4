"""The clinical table: every row against geometry worked out by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from facialis.face import mesh
from facialis.face.mesh import TEMPLATE
from facialis.face.pose import head_pose, rotation_from
from facialis.measures.frames import emotrics_frame, frontal_frame, mirrored_face
from facialis.measures.static import DEFINITIONS, Sides, measure_sides

Points = NDArray[np.float64]
Draw = Callable[[Any, Any], Points]

NAMES = [
    "brow_height",
    "mrd1",
    "mrd2",
    "fissure_height",
    "eye_area",
    "commissure_position",
    "commissure_height",
    "commissure_height_deviation",
    "smile_angle",
    "upper_lip_slope",
    "upper_lip_height_deviation",
    "lower_lip_height_deviation",
    "dental_show",
    "interlabial_area",
    "lower_lip_height",
    "lagophthalmos",
]


def crooked(seed: int) -> Points:
    """A face that is like no other on either side, in interocular units."""
    return TEMPLATE + np.random.default_rng(seed).normal(0, 0.01, TEMPLATE.shape)


def test_the_table_has_the_rows_of_the_clinical_reference() -> None:
    assert [d.name for d in DEFINITIONS] == NAMES
    assert len({d.label for d in DEFINITIONS}) == len(NAMES)


def expected_of_half(half: Any) -> dict[str, float]:
    """What each row of a hand-drawn half is, by straight lines and triangles."""
    x, y = half.commissure
    lids, step = half.upper_lid + half.lower_lid, 30 / 8
    inner = x - 4
    halfway = x / 2
    upper_inner = 46 + (y - 46) * halfway / inner
    lower_inner = 58 + (y - 58) * halfway / inner
    return {
        "brow_height": half.brow,
        "mrd1": half.upper_lid,
        "mrd2": half.lower_lid,
        "fissure_height": lids,
        "eye_area": 6 * step * lids + 2 * step * lids / 2,
        "commissure_position": math.hypot(x, 70 - y),
        "commissure_height": 40 - y,
        "smile_angle": 90 + math.degrees(math.atan2(70 - y, x)),
        "upper_lip_slope": math.degrees(math.atan2(40 - y, x)),
        "dental_show": lower_inner - upper_inner,
        "interlabial_area": inner * (58 - 46) / 2,
        "lower_lip_height": 110 - 30 * halfway / 100 - lower_inner,
        "lagophthalmos": lids,
    }


def test_every_row_of_a_hand_drawn_face_is_what_geometry_says(draw: Draw, half: Any) -> None:
    right = half(brow=25, upper_lid=8, lower_lid=6, commissure=(40, 50))
    left = half(brow=21, upper_lid=10, lower_lid=7, commissure=(34, 55))
    sides = measure_sides(draw(right, left))
    for name, value in expected_of_half(right).items():
        assert sides[name].right == pytest.approx(value), name
    for name, value in expected_of_half(left).items():
        assert sides[name].left == pytest.approx(value), name


def test_gaps_between_the_sides_are_what_geometry_says(draw: Draw, half: Any) -> None:
    sides = measure_sides(draw(half(commissure=(40, 50)), half(commissure=(34, 55))))

    def gap(name: str) -> float:
        return sides[name].left - sides[name].right

    assert gap("commissure_height_deviation") == pytest.approx(50 - 55)
    assert gap("upper_lip_height_deviation") == pytest.approx(-((40 + 55) / 2 - (40 + 50) / 2))
    assert gap("lower_lip_height_deviation") == pytest.approx(-((70 + 55) / 2 - (70 + 50) / 2))


LID = list(mesh.LEFT_UPPER_LID[1:-1])
BELOW = list(mesh.LEFT_LOWER_LID[1:-1])
EYE_ROWS = {"fissure_height": 1, "lagophthalmos": 1, "eye_area": 26.25}


@pytest.mark.parametrize(
    ("points", "shift", "changes"),
    [
        (list(mesh.LEFT_BROW_UPPER), (0, -1), {"brow_height": 1}),
        (list(mesh.LEFT_BROW_LOWER), (0, -1), {}),
        ([mesh.LEFT_IRIS_CENTRE], (0, 1), {"brow_height": 1, "mrd1": 1, "mrd2": -1}),
        (LID, (0, -1), {"mrd1": 1, **EYE_ROWS}),
        (BELOW, (0, 1), {"mrd2": 1, **EYE_ROWS}),
        ([mesh.NOSE_TIP], (5, 5), {}),
        (list(mesh.LEFT_JAW[:-1]), (0, 2), {"lower_lip_height": 2}),
    ],
)
def test_a_moved_part_changes_its_own_rows_on_its_own_side_only(
    draw: Draw, half: Any, points: list[int], shift: tuple[float, float], changes: dict[str, float]
) -> None:
    face = draw(half(), half())
    moved = face.copy()
    moved[points, :2] += shift
    before, after = measure_sides(face), measure_sides(moved)
    for name in NAMES:
        assert after[name].right == pytest.approx(before[name].right), name
        if name != "lower_lip_height" or not changes:
            change = after[name].left - before[name].left
            assert change == pytest.approx(changes.get(name, 0), abs=1e-9), name
    if "lower_lip_height" in changes:
        change = after["lower_lip_height"].left - before["lower_lip_height"].left
        assert 0 < change <= changes["lower_lip_height"] + 1e-9


def test_a_dropped_commissure_is_lower_and_its_smile_angle_smaller(draw: Draw, half: Any) -> None:
    sides = measure_sides(draw(half(), half(commissure=(40, 56))))
    assert sides["commissure_height"].left < sides["commissure_height"].right
    assert sides["smile_angle"].left < sides["smile_angle"].right
    assert sides["upper_lip_slope"].left < sides["upper_lip_slope"].right


def test_a_commissure_above_the_lower_lip_has_a_smile_angle_beyond_90(
    draw: Draw, half: Any
) -> None:
    assert measure_sides(draw(half(), half(commissure=(40, 69))))["smile_angle"].left > 90
    assert measure_sides(draw(half(), half(commissure=(40, 71))))["smile_angle"].left < 90


def test_philtrum_and_lips_drawn_to_one_side_do_not_move_the_midline(draw: Draw, half: Any) -> None:
    face = draw(half(), half())
    drawn_over = face.copy()
    drawn_over[[0, 13, 14, 17], 0] += 4
    before, after = measure_sides(face), measure_sides(drawn_over)
    for name in ("commissure_height_deviation", "brow_height"):
        assert after[name] == before[name]
    # The outline now crosses the midline a little below (above) its middle point.
    right_of_middle = 40 + (50 - 40) / 5
    crossing = np.interp(0, [-8, 4], [right_of_middle, 40])
    assert after["commissure_height"].left == pytest.approx(crossing - 50)


def test_closed_lips_and_lids_measure_zero_and_never_less(draw: Draw, half: Any) -> None:
    face = draw(half(upper_lid=-3, lower_lid=1), half(upper_lid=0, lower_lid=0))
    swapped = face.copy()
    for upper, lower in (
        (mesh.LEFT_UPPER_LIP_INNER, mesh.LEFT_LOWER_LIP_INNER),
        (mesh.RIGHT_UPPER_LIP_INNER, mesh.RIGHT_LOWER_LIP_INNER),
    ):
        swapped[list(upper)], swapped[list(lower)] = face[list(lower)], face[list(upper)]
    sides = measure_sides(swapped)
    for name in ("fissure_height", "lagophthalmos", "dental_show", "interlabial_area"):
        assert sides[name] == Sides(0.0, 0.0), name


def test_a_mouth_drawn_wholly_to_one_side_has_no_lips_on_the_other(draw: Draw, half: Any) -> None:
    face = draw(half(), half())
    lips = sorted({i for n in dir(mesh) if "_LIP_" in n and n.isupper()
                   for i in np.atleast_1d(getattr(mesh, n)).tolist()})  # fmt: skip
    face[lips, 0] += 50
    assert measure_sides(face)["interlabial_area"].right == 0


@given(st.integers(0, 2**32 - 1))
def test_a_mirrored_face_swaps_right_and_left_exactly(seed: int) -> None:
    face = 100 * crooked(seed)
    one, other = measure_sides(face), measure_sides(mirrored_face(face))
    for name in NAMES:
        assert other[name] == Sides(one[name].left, one[name].right)


@given(
    st.integers(0, 2**32 - 1),
    st.floats(20, 3000),
    st.tuples(st.floats(-45, 45), st.floats(-40, 40), st.floats(-180, 180)),
    st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(-500, 500)),
)
def test_size_attitude_and_place_do_not_change_measures_in_interocular_units(
    seed: int,
    size: float,
    attitude: tuple[float, float, float],
    place: tuple[float, float, float],
) -> None:
    face = crooked(seed)
    points = size * face @ rotation_from(*attitude).T + place
    pose, straight = head_pose(points), head_pose(face)
    measured = measure_sides(frontal_frame(points, pose) / pose.scale)
    expected = measure_sides(frontal_frame(face, straight) / straight.scale)
    for name in NAMES:
        assert measured[name].right == pytest.approx(expected[name].right, abs=1e-6), name
        assert measured[name].left == pytest.approx(expected[name].left, abs=1e-6), name


@given(st.integers(0, 2**32 - 1), st.floats(-60, 60), st.floats(-500, 500))
def test_the_emotrics_frame_is_a_turn_about_the_middle_of_the_irises(
    seed: int, roll: float, shift: float
) -> None:
    points = 100 * crooked(seed) @ rotation_from(0, 0, roll).T + [shift, -shift, 0]
    frame = emotrics_frame(points)
    right, left = points[468, :2], points[473, :2]
    middle = (right + left) / 2
    angle = math.atan2(*(left - right)[::-1])
    turned = (points[:, 0] + 1j * points[:, 1] - complex(*middle)) * np.exp(-1j * angle)
    np.testing.assert_allclose(frame[:, 0], turned.real, atol=1e-9)
    np.testing.assert_allclose(frame[:, 1], turned.imag, atol=1e-9)
    np.testing.assert_allclose(frame[[468, 473], 1], 0, atol=1e-9)
    assert frame[473, 0] > 0


@given(st.integers(0, 2**32 - 1))
def test_both_frames_mirror(seed: int) -> None:
    points = 100 * crooked(seed) + [300, 200, 0]
    other = mirrored_face(points) + np.array([640, 0, 0])
    np.testing.assert_allclose(
        emotrics_frame(other), mirrored_face(emotrics_frame(points)), atol=1e-9
    )
    np.testing.assert_allclose(
        frontal_frame(other, head_pose(other)),
        mirrored_face(frontal_frame(points, head_pose(points))),
        atol=1e-6,
    )


def test_the_mean_face_is_the_same_on_both_sides() -> None:
    for name, sides in measure_sides(TEMPLATE).items():
        assert sides.left == pytest.approx(sides.right, abs=1e-9), name

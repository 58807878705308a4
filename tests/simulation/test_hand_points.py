"""Hand-placed points: what is read, and where they go when the face moves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from facialis.errors import InputError
from facialis.face.mesh import (
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    MIRROR,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
    TEMPLATE,
    UPPER_LIP_TOP,
)
from facialis.face.pose import rotation_from
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.regions.hand_points import (
    FACE,
    HAND_POINT_COUNT,
    LEFT_BROW,
    LEFT_EAR,
    LEFT_EYE,
    MOUTH,
    NOSE,
    RIGHT_BROW,
    RIGHT_EAR,
    RIGHT_EYE,
    attached,
    read_hand_points,
)
from facialis.simulation import usual_outlines as usual
from facialis.simulation.usual_outlines import mean_hand_points, usual_outlines

PICTURE = 100 * TEMPLATE + [200, 180, 0]


@pytest.fixture
def hand():
    """Somebody's hand points, unlike the usual ones."""
    rng = np.random.default_rng(4)
    return usual_outlines().at(PICTURE) + rng.normal(0, 1.5, (HAND_POINT_COUNT, 2))


def written(folder: Path, text: str) -> Path:
    file = folder / "face.tem"
    file.write_text(text, encoding="utf-8")
    return file


def test_points_are_read_and_the_lines_that_join_them_are_not(tmp_path):
    rows = "".join(f"{i}.25\t{2 * i}\n" for i in range(HAND_POINT_COUNT))
    points = read_hand_points(written(tmp_path, f"189\n{rows}2\n0\n2\n0 1\n"))
    assert points.shape == (HAND_POINT_COUNT, 2)
    np.testing.assert_array_equal(points[7], [7.25, 14])


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "cannot be read"),
        ("face\n1\t2\n", "cannot be read"),
        ("189\n" + "1\tx\n" * 189, "cannot be read"),
        ("189\n" + "é\t2\n" * 189, "cannot be read"),
        ("68\n" + "1\t2\n" * 68, "has 68 points instead of 189"),
        ("189\n" + "1\t2\n" * 100, "fewer points"),
        ("189\n" + "1\t2\t3\n" * 189, "not two numbers"),
        ("189\n" + "1\tnan\n" * 189, "not finite"),
    ],
)
def test_malformed_points_are_refused_with_what_is_wrong(tmp_path, text, problem):
    with pytest.raises(InputError, match=problem):
        read_hand_points(written(tmp_path, text))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"none\.tem: cannot be read"):
        read_hand_points(tmp_path / "none.tem")


def test_on_their_own_photograph_the_points_lie_where_they_were_placed(hand):
    np.testing.assert_allclose(attached(hand, PICTURE).at(PICTURE), hand, atol=1e-6)


def test_a_resized_and_rolled_picture_carries_the_points_along(hand):
    turn = rotation_from(0, 0, 20)
    moved = 0.4 * (PICTURE - PICTURE[0]) @ turn.T + [60, 70, 0]
    flat = np.column_stack((hand, np.zeros(len(hand))))
    expected = 0.4 * (flat - [*PICTURE[0, :2], 0]) @ turn.T + [60, 70, 0]
    np.testing.assert_allclose(attached(hand, PICTURE).at(moved), expected[:, :2], atol=1e-6)


def test_a_point_within_the_mesh_moves_with_the_triangle_that_holds_it(hand):
    raised = PICTURE.copy()
    lip = usual_outlines().at(PICTURE)
    lip[90] = PICTURE[UPPER_LIP_TOP, :2]
    raised[UPPER_LIP_TOP, 1] -= 6
    moved = attached(lip, PICTURE).at(raised)
    np.testing.assert_allclose(moved[90], PICTURE[UPPER_LIP_TOP, :2] - [0, 6], atol=1e-6)
    np.testing.assert_allclose(moved[list(RIGHT_BROW)], lip[list(RIGHT_BROW)], atol=1e-6)


@pytest.mark.parametrize(
    ("eye", "upper", "lower"),
    [
        (RIGHT_EYE, RIGHT_UPPER_LID, RIGHT_LOWER_LID),
        (LEFT_EYE, LEFT_UPPER_LID, LEFT_LOWER_LID),
    ],
)
def test_lids_meet_where_the_landmarks_of_a_closed_eye_meet(hand, eye, upper, lower):
    closed = PICTURE.copy()
    closed[list(upper)] = closed[list(lower)]
    outline = attached(hand, PICTURE).at(closed)[list(eye)]
    x, y = outline.T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    opened = hand[list(eye)]
    x, y = opened.T
    before = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    assert area < 0.12 * before


def test_halfway_closed_lids_keep_half_of_what_the_hand_added_to_them(hand):
    half = PICTURE.copy()
    upper, lower = list(RIGHT_UPPER_LID), list(RIGHT_LOWER_LID)
    half[upper] = (half[upper] + half[lower]) / 2
    people = attached(hand, PICTURE)
    first = people.lids[0][0]
    added = people.at(half)[list(first.points)]
    curve = half[list(first.lid), :2]
    along = first.along[:, None]
    on_lid = (1 - along) * curve[first.segment] + along * curve[first.segment + 1]
    np.testing.assert_allclose(added - on_lid, 0.5 * 100 * first.offset[:, :2], atol=0.05)


def test_points_far_beyond_the_head_still_have_a_place(hand):
    hand[145] = [0.0, 500.0]
    placed = attached(hand, PICTURE)
    np.testing.assert_allclose(placed.at(PICTURE)[145], [0, 500], atol=1e-6)
    assert np.isfinite(placed.at(PICTURE + np.array([3, 4, 0]))).all()


@pytest.mark.parametrize(
    ("right", "left"),
    [(RIGHT_EYE, LEFT_EYE), (RIGHT_BROW, LEFT_BROW), (RIGHT_EAR, LEFT_EAR)],
)
def test_usual_outlines_of_a_mirrored_face_are_the_mirrored_outlines(right, left):
    rng = np.random.default_rng(2)
    face = TEMPLATE + rng.normal(0, 0.01, TEMPLATE.shape)
    mirrored = (face * [-1, 1, 1])[MIRROR]
    here, there = usual_outlines().at(face), usual_outlines().at(mirrored)
    np.testing.assert_allclose(there[list(left)], here[list(right)] * [-1, 1], atol=2e-3)


def test_the_mean_of_a_person_and_their_mirror_image_is_symmetric(hand):
    mirror = np.arange(HAND_POINT_COUNT)
    for right, left in ((RIGHT_EYE, LEFT_EYE), (RIGHT_BROW, LEFT_BROW)):
        mirror[list(right)], mirror[list(left)] = left, right
    mean = mean_hand_points([attached(hand, PICTURE)], mirror)
    np.testing.assert_allclose(mean[list(RIGHT_BROW)], mean[list(LEFT_BROW)] * [-1, 1], atol=1e-9)
    own = attached(hand, PICTURE).at(TEMPLATE)
    np.testing.assert_allclose(
        mean[list(LEFT_EYE)],
        (own[list(LEFT_EYE)] + own[list(RIGHT_EYE)] * [-1, 1]) / 2,
        atol=1e-9,
    )


def test_the_table_of_usual_outlines_is_made_from_photographs_and_their_points(
    tmp_path, monkeypatch, portrait
):
    photograph = tmp_path / "a.jpg"
    photograph.write_bytes(portrait.read_bytes())
    points = find_faces(read_photo(photograph))[0].points
    placed = usual_outlines().at(points)
    rows = "".join(f"{x:.6f}\t{y:.6f}\n" for x, y in placed)
    (tmp_path / "a.tem").write_text(f"189\n{rows}0\n", encoding="utf-8")
    template = tmp_path / "template.json"
    template.write_text('{"sym": [' + ",".join(map(str, range(189))) + "]}", encoding="utf-8")
    out = tmp_path / "mean.csv"
    usual.main([str(tmp_path), str(template), "--out", str(out)])
    lines = [e for e in out.read_text("utf-8").splitlines() if e[0].isdigit()]
    assert len(lines) == HAND_POINT_COUNT
    found = np.array([[float(v) for v in e.split(",")[1:]] for e in lines])
    # Every point is paired with itself here, so that only the height is left of it.
    np.testing.assert_allclose(found[:, 0], 0, atol=1e-4)
    expected = usual_outlines().at(TEMPLATE)[list(MOUTH), 1]
    np.testing.assert_allclose(found[list(MOUTH), 1], expected, atol=0.015)


def test_usual_outlines_follow_the_order_of_a_face():
    placed = usual_outlines().at(TEMPLATE)
    assert placed[list(RIGHT_EYE), 0].max() < 0 < placed[list(LEFT_EYE), 0].min()
    assert placed[list(RIGHT_BROW), 1].max() < placed[list(RIGHT_EYE), 1].mean()
    assert placed[list(NOSE), 1].max() < placed[list(MOUTH), 1].min()
    assert placed[list(FACE), 1].min() < TEMPLATE[:, 1].min()


def test_outlines_of_real_people_carried_to_their_smile_stay_near_the_mesh(shared_data):
    folder = shared_data / "faces" / "london"
    for file in sorted(folder.glob("*.tem"))[::24]:
        neutral = find_faces(read_photo(file.with_suffix(".jpg")))[0].points
        smile = find_faces(read_photo(Path(str(file).replace("neutral.tem", "smile.jpg"))))[0]
        hand = read_hand_points(file)
        person = attached(hand, neutral)
        np.testing.assert_allclose(person.at(neutral), hand, atol=1e-6)
        corners = person.at(smile.points)[[87, 93]]
        gap = np.linalg.norm(corners - smile.points[[61, 291], :2], axis=1) / smile.interocular
        assert gap.max() < 0.06

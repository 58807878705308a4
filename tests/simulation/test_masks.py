"""Parsing masks: classes, sides, what covers what, and the midline of a turned head."""

from __future__ import annotations

import numpy as np
import pytest
from skimage.draw import polygon2mask

from facialis.clinical.anatomy import Side
from facialis.face.mesh import (
    LEFT_LOWER_LID,
    LEFT_LOWER_LIP_INNER,
    LEFT_UPPER_LID,
    MIRROR,
    RIGHT_LOWER_LIP_INNER,
    TEMPLATE,
)
from facialis.face.pose import head_pose, rotation_from
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.regions.classes import Attribute, Part
from facialis.regions.hand_points import attached, read_hand_points
from facialis.regions.outlines import filled
from facialis.simulation.masks import (
    Palsied,
    attribute_map,
    beyond_midline,
    outlines_of,
    part_map,
)

SIZE = (256, 256)
UNIT = 90
PICTURE = UNIT * TEMPLATE + [128, 110, 0]
FACE_PARTS = (Part.SKIN, Part.EYEBROW, Part.EYE, Part.MOUTH)


def f1(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


def turned(yaw: float = 0, pitch: float = 0, roll: float = 0):
    pose = head_pose(PICTURE)
    return pose.to_frontal(PICTURE) @ rotation_from(yaw, pitch, roll).T + pose.origin


def mouth_open(points):
    opened = points.copy()
    below = opened[:, 1] > points[[*RIGHT_LOWER_LIP_INNER[2:], *LEFT_LOWER_LIP_INNER[2:]], 1].min()
    low = [*RIGHT_LOWER_LIP_INNER[1:], *LEFT_LOWER_LIP_INNER[1:-1]]
    opened[below, 1] += 15
    opened[low, 1] = points[low, 1] + 15
    return opened


def test_a_polygon_is_filled_as_scikit_image_fills_it():
    rng = np.random.default_rng(1)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 15))
    outline = np.stack((60 + 40 * np.cos(angles), 50 + 30 * np.sin(angles)), axis=1)
    reference = polygon2mask((100, 120), outline[:, ::-1] - 0.5)
    found = filled(outline, (100, 120))
    assert f1(found, reference) > 0.999


@pytest.mark.parametrize("side", [1.0, 3.0, 8.0])
def test_a_filled_square_has_its_area(side):
    low = 10.3
    square = np.array([[low, low], [low + side, low], [low + side, low + side], [low, low + side]])
    assert filled(square, (40, 40)).sum() == side**2


def test_an_outline_that_folds_over_itself_has_no_hole():
    folded = np.array(
        [[5.0, 5], [30, 5], [30, 30], [10, 30], [10, 10], [20, 10], [20, 20], [5, 20]]
    )
    mask = filled(folded, (40, 40))
    assert mask[15, 15]
    assert mask[25, 25]
    assert not mask[25, 7]


def test_what_lies_beyond_the_picture_is_cut_off():
    square = np.array([[-20.0, -20], [5, -20], [5, 5], [-20, 5]])
    assert filled(square, (40, 40)).sum() == 25
    assert filled(square - 100, (40, 40)).sum() == 0


def test_a_face_has_its_parts_in_their_order():
    parts = part_map(PICTURE, SIZE)
    assert parts.dtype == np.uint8
    assert set(np.unique(parts)) == {Part.BACKGROUND, *FACE_PARTS}
    rows = {part: np.nonzero(parts == part)[0].mean() for part in FACE_PARTS}
    assert rows[Part.EYEBROW] < rows[Part.EYE] < rows[Part.SKIN] < rows[Part.MOUTH]
    assert parts[0, 0] == Part.BACKGROUND


@pytest.mark.parametrize("yaw", [0.0, 20.0, -28.0])
def test_a_mirrored_face_has_the_mirrored_parts_and_fpp_on_the_other_side(yaw):
    points = turned(yaw) + np.random.default_rng(3).normal(0, 0.4, PICTURE.shape)
    mirrored = (points * [-1, 1, 1] + [SIZE[1], 0, 0])[MIRROR]
    here = part_map(points, SIZE, palsy=Palsied(Side.LEFT, eye=True, mouth=True))
    there = part_map(mirrored, SIZE, palsy=Palsied(Side.RIGHT, eye=True, mouth=True))[:, ::-1]
    for part in (*FACE_PARTS, Part.FPP):
        assert f1(here == part, there == part) > 0.96


@pytest.mark.parametrize("side", list(Side))
def test_fpp_takes_the_eye_and_half_of_the_mouth_of_the_affected_side_and_nothing_else(side):
    healthy = part_map(PICTURE, SIZE)
    sick = part_map(PICTURE, SIZE, palsy=Palsied(side, eye=True, mouth=True))
    fpp = sick == Part.FPP
    assert np.isin(healthy[fpp], (Part.EYE, Part.MOUTH)).all()
    np.testing.assert_array_equal(healthy[~fpp], sick[~fpp])
    columns = np.nonzero(fpp)[1]
    assert (columns >= 128).all() if side is Side.LEFT else (columns < 128).all()
    assert f1(fpp, (healthy == Part.EYE) | (healthy == Part.MOUTH)) == pytest.approx(
        2 / 3, abs=0.02
    )


def test_eye_and_mouth_become_fpp_each_for_itself():
    healthy = part_map(PICTURE, SIZE)
    eye = part_map(PICTURE, SIZE, palsy=Palsied(Side.RIGHT, eye=True, mouth=False)) == Part.FPP
    mouth = part_map(PICTURE, SIZE, palsy=Palsied(Side.RIGHT, eye=False, mouth=True)) == Part.FPP
    neither = part_map(PICTURE, SIZE, palsy=Palsied(Side.RIGHT, eye=False, mouth=False))
    assert set(healthy[eye]) == {Part.EYE}
    assert set(healthy[mouth]) == {Part.MOUTH}
    np.testing.assert_array_equal(neither, healthy)


def test_a_mouth_drawn_to_the_healthy_side_is_parted_at_the_midline_of_the_head():
    drawn = PICTURE.copy()
    lips = (TEMPLATE[:, 1] > 0.55) & (TEMPLATE[:, 1] < 1.0) & (np.abs(TEMPLATE[:, 0]) < 0.4)
    drawn[lips, 0] -= 0.08 * UNIT
    parts = part_map(drawn, SIZE, palsy=Palsied(Side.LEFT, eye=False, mouth=True))
    weak, healthy = (parts == Part.FPP).sum(), (parts == Part.MOUTH).sum()
    assert weak < 0.75 * healthy
    assert np.nonzero(parts == Part.FPP)[1].min() >= 127


@pytest.mark.parametrize(("yaw", "roll"), [(25, 0), (-25, 0), (0, 30), (20, -20)])
def test_the_midline_turns_with_the_head(yaw, roll):
    points = turned(yaw, 0, roll)
    left = beyond_midline(points, SIZE, Side.LEFT)
    np.testing.assert_array_equal(left, ~beyond_midline(points, SIZE, Side.RIGHT))
    for right_point, left_point in ((61, 291), (40, 270), (91, 321)):
        for point, expected in ((right_point, False), (left_point, True)):
            x, y = points[point, :2].astype(int)
            assert left[y, x] == expected


def test_hair_covers_skin_and_spares_brows_eyes_and_mouth():
    everywhere = np.ones(SIZE, np.bool_)
    plain, covered = part_map(PICTURE, SIZE), part_map(PICTURE, SIZE, hair=everywhere)
    for part in (Part.EYEBROW, Part.EYE, Part.MOUTH):
        np.testing.assert_array_equal(plain == part, covered == part)
    assert not np.isin(covered, (Part.SKIN, Part.BACKGROUND)).any()


def test_a_narrow_gap_between_forehead_and_hair_is_forehead_and_beside_the_cheek_it_is_not():
    plain = part_map(PICTURE, SIZE)
    top = np.nonzero(plain[:, 128])[0].min()
    hair = np.zeros(SIZE, np.bool_)
    hair[: top - 3] = True
    cheek = np.nonzero(plain[170])[0].min()
    hair[150:190, : cheek - 3] = True
    parts = part_map(PICTURE, SIZE, hair=hair)
    assert (parts[top - 3 : top, 128] == Part.SKIN).all()
    assert (parts[170, cheek - 3 : cheek] == Part.BACKGROUND).all()


def test_no_hair_leaves_the_parts_as_they_are():
    bald = part_map(PICTURE, SIZE, hair=np.zeros(SIZE, np.bool_))
    np.testing.assert_array_equal(bald, part_map(PICTURE, SIZE))


def test_a_closed_eye_has_hardly_a_pixel_and_the_other_keeps_its_own():
    closed = PICTURE.copy()
    closed[list(LEFT_UPPER_LID)] = closed[list(LEFT_LOWER_LID)]
    before, after = attribute_map(PICTURE, SIZE), attribute_map(closed, SIZE)
    shut, opened = (after == Attribute.LEFT_EYE).sum(), (before == Attribute.LEFT_EYE).sum()
    assert shut < 0.1 * opened
    np.testing.assert_array_equal(after == Attribute.RIGHT_EYE, before == Attribute.RIGHT_EYE)


def test_the_eleven_attributes_are_on_their_own_sides_and_join_to_the_seven_parts():
    hair = np.zeros(SIZE, np.bool_)
    hair[:30] = True
    parts, attributes = part_map(PICTURE, SIZE, hair=hair), attribute_map(PICTURE, SIZE, hair=hair)
    join = {
        Part.BACKGROUND: (Attribute.BACKGROUND,),
        Part.SKIN: (Attribute.SKIN, Attribute.NOSE),
        Part.HAIR: (Attribute.HAIR,),
        Part.EYEBROW: (Attribute.LEFT_BROW, Attribute.RIGHT_BROW),
        Part.EYE: (Attribute.LEFT_EYE, Attribute.RIGHT_EYE),
        Part.MOUTH: (Attribute.UPPER_LIP, Attribute.INNER_MOUTH, Attribute.LOWER_LIP),
    }
    for part, of_part in join.items():
        np.testing.assert_array_equal(parts == part, np.isin(attributes, of_part))
    for left, right in (
        (Attribute.LEFT_BROW, Attribute.RIGHT_BROW),
        (Attribute.LEFT_EYE, Attribute.RIGHT_EYE),
    ):
        assert np.nonzero(attributes == left)[1].min() > 128
        assert np.nonzero(attributes == right)[1].max() < 128


def test_an_open_mouth_shows_its_inside_between_the_lips():
    attributes = attribute_map(mouth_open(PICTURE), SIZE)
    rows = {
        a: np.nonzero(attributes == a)[0].mean()
        for a in (Attribute.UPPER_LIP, Attribute.INNER_MOUTH, Attribute.LOWER_LIP)
    }
    assert rows[Attribute.UPPER_LIP] < rows[Attribute.INNER_MOUTH] < rows[Attribute.LOWER_LIP]
    closed = attribute_map(PICTURE, SIZE)
    inside = (attributes == Attribute.INNER_MOUTH).sum()
    assert inside > 300 + (closed == Attribute.INNER_MOUTH).sum()


@pytest.mark.parametrize("yaw", [-28.0, 28.0])
def test_the_far_side_of_a_turned_head_keeps_brow_and_eye_on_the_face(yaw):
    points = turned(yaw)
    silhouette = part_map(points, SIZE) > 0
    for x, y in points[[70, 300, 33, 263, 105, 334], :2]:
        row, column = int(y), int(x)
        assert silhouette[max(0, row - 2) : row + 3, max(0, column - 2) : column + 3].any()
    assert silhouette.sum() > 0.7 * (part_map(PICTURE, SIZE) > 0).sum()


def test_the_mean_outlines_agree_with_hand_placed_points_of_real_people(shared_data):
    scores = []
    for file in sorted((shared_data / "faces" / "london").glob("*.tem"))[::18]:
        points = find_faces(read_photo(file.with_suffix(".jpg")))[0].points
        hand = attached(read_hand_points(file), points)
        size = (1024, 1024)
        usual, own = part_map(points, size), part_map(points, size, outlines=hand)
        scores.append([f1(usual == part, own == part) for part in FACE_PARTS])
    skin, brow, eye, mouth = np.mean(scores, axis=0)
    assert skin > 0.95
    assert brow > 0.75
    assert eye > 0.88
    assert mouth > 0.92


def test_hand_placed_points_are_what_the_mask_of_their_own_photograph_shows(shared_data):
    file = min((shared_data / "faces" / "london").glob("*.tem"))
    points = find_faces(read_photo(file.with_suffix(".jpg")))[0].points
    hand = read_hand_points(file)
    outline = outlines_of(points, attached(hand, points))
    reference = polygon2mask((1024, 1024), outline.mouth[:, ::-1] - 0.5)
    parts = part_map(points, (1024, 1024), outlines=attached(hand, points))
    assert f1(parts == Part.MOUTH, reference) > 0.98
    right_eye = [18, 19, 20, 21, 22, 30, 29, 28]
    np.testing.assert_allclose(
        np.sort(outline.eyes[Side.RIGHT], axis=0), np.sort(hand[right_eye], axis=0), atol=1e-6
    )

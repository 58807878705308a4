"""The mouth: teeth that stay with the skull, drawn ones where a photograph has none, the tongue."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facialis.clinical.anatomy import Movement, Side
from facialis.face import mesh
from facialis.face.mesh import TEMPLATE
from facialis.face.pose import rotation_from
from facialis.simulation import mouth
from facialis.simulation.compose import Sitter, composed
from facialis.simulation.muscles import contracted
from facialis.simulation.palsy import acted
from facialis.simulation.portrait import Portrait

UNIT, CENTRE, SIZE = 160.0, np.array([150.0, 110.0, 0.0]), (360, 300)
SKIN, DARK = (205, 160, 140), (42, 16, 16)
RIM = (
    *mesh.RIGHT_UPPER_LIP_INNER,
    *mesh.LEFT_UPPER_LIP_INNER[-2::-1],
    *mesh.LEFT_LOWER_LIP_INNER[1:],
    *mesh.RIGHT_LOWER_LIP_INNER[-2:0:-1],
)
UPPER = [*mesh.RIGHT_UPPER_LIP_INNER[1:], *mesh.LEFT_UPPER_LIP_INNER[1:-1]]
LOWER = [*mesh.RIGHT_LOWER_LIP_INNER[1:], *mesh.LEFT_LOWER_LIP_INNER[1:-1]]
STRIPE = 6


def parted(by: float):
    """The mean face with a gap between the lips, interocular units."""
    face = TEMPLATE.copy()
    face[UPPER] = face[LOWER] = (TEMPLATE[UPPER] + TEMPLATE[LOWER]) / 2
    bow = np.sin(np.linspace(0, np.pi / 2, 6))[1:]
    for indices, sign in ((UPPER, -0.5), (LOWER, 0.5)):
        face[indices, 1] += sign * by * np.concatenate((bow, bow[:-1]))
    return face


def photograph(face, pixels=None) -> Portrait:
    skin = np.full((*SIZE, 3), SKIN, np.uint8) if pixels is None else pixels
    return Portrait.of(skin, UNIT * face + CENTRE)


def rim_of(points) -> np.ndarray:
    """What lies between the lips, drawn independently of the mouth."""
    fine = np.zeros((SIZE[0] * 8, SIZE[1] * 8), np.uint8)
    cv2.fillPoly(fine, [np.round(8 * points[list(RIM), :2]).astype(np.int32)], 255)
    return cv2.resize(fine, SIZE[::-1], interpolation=cv2.INTER_AREA) / 255


def striped(face) -> Portrait:
    """A face whose open mouth shows stripes of light and dark teeth."""
    points = UNIT * face + CENTRE
    between = rim_of(points)[..., None]
    light = np.where(np.arange(SIZE[1]) // STRIPE % 2, 235, 90)
    teeth = np.broadcast_to(light[None, :, None], (*SIZE, 3))
    pixels = between * teeth + (1 - between) * np.array(SKIN)
    return photograph(face, np.round(pixels).astype(np.uint8))


def is_enamel(pixels) -> np.ndarray:
    return pixels.min(axis=-1) > 105


@pytest.fixture(scope="module")
def toothy() -> Portrait:
    return striped(parted(0.09))


@pytest.fixture(scope="module")
def closed() -> Portrait:
    return photograph(parted(0.0))


@settings(max_examples=30, deadline=None)
@given(by=st.floats(0, 0.4), unit=st.floats(30, 400), roll=st.floats(-30, 30))
def test_the_gap_between_the_lips_does_not_depend_on_size_and_roll(by, unit, roll):
    points = unit * parted(by) @ rotation_from(0, 0, roll).T + [40, 50, 6]
    portrait = Portrait.of(np.zeros((8, 8, 3), np.uint8), points)
    assert mouth.gap(portrait) == pytest.approx(by, abs=1e-6)
    if abs(by - 0.03) > 1e-6:
        assert mouth.shows_teeth(portrait) == (by > 0.03)


def test_a_real_smile_shows_teeth_and_closed_lips_do_not(smiling, resting):
    assert mouth.shows_teeth(smiling)
    assert not mouth.shows_teeth(resting)


def test_the_rim_covers_the_polygon_between_the_lips():
    points = UNIT * parted(0.2) + CENTRE
    x, y = points[list(RIM), :2].T
    area = abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2
    mask = mouth.rim_mask(points, SIZE)
    assert mask.min() == 0
    assert mask.max() == 1
    assert mask.sum() == pytest.approx(area, rel=0.02)
    assert np.abs(mask - rim_of(points)).mean() < 1e-3


@pytest.mark.parametrize("shift", [(-900, 0), (0, 900), (5000, -5000)])
def test_a_mouth_beyond_the_picture_covers_nothing(shift):
    assert not mouth.rim_mask(UNIT * parted(0.2) + CENTRE + [*shift, 0], SIZE).any()


def test_a_mouth_cut_by_the_border_is_what_the_whole_one_is_there():
    points = UNIT * parted(0.2) + CENTRE
    whole = mouth.rim_mask(points, SIZE)
    cut = mouth.rim_mask(points - [150, 0, 0], (SIZE[0], 150))
    np.testing.assert_allclose(cut, whole[:, 150:], atol=1 / 16)


def test_the_plate_is_the_photograph_between_the_lips_and_dark_far_from_them(toothy):
    plate = mouth.plate(toothy)
    between = rim_of(toothy.points)
    np.testing.assert_array_equal(plate[between == 1], toothy.pixels[between == 1])
    away = cv2.distanceTransform((between < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    assert np.abs(plate[away > 60].astype(int) - DARK).max() <= 1
    # Nothing of the skin around the lips is carried into the mouth.
    reddish = plate[..., 0].astype(int) - plate[..., 2]
    assert reddish.max() < 40


def test_a_mouth_beyond_the_picture_leaves_a_dark_plate():
    portrait = photograph(parted(0.2))
    away = Portrait.of(portrait.pixels, portrait.points + np.array([4000, 0, 0]))
    assert not is_enamel(mouth.plate(away)).any()


def test_where_a_photograph_shows_no_teeth_an_upper_row_is_drawn_above_the_line():
    portrait = photograph(parted(0.0))
    teeth = is_enamel(mouth.plate(portrait))
    line = CENTRE[1] + UNIT * mouth.lip_line(portrait)[1]
    rows, columns = np.nonzero(teeth)
    assert len(rows) > 500
    assert rows.max() < line + 0.02 * UNIT
    assert rows.min() > line - 0.13 * UNIT
    # As broad as the mouth, and the same on both sides.
    assert 0.4 * UNIT < np.ptp(columns) < 0.75 * UNIT
    assert (teeth != teeth[:, ::-1]).sum() <= 4


def test_closed_lips_meet_between_the_inner_points():
    line = mouth.lip_line(photograph(parted(0.1)))
    np.testing.assert_allclose(line, parted(0.0)[mesh.UPPER_LIP_INNER], atol=1e-9)


def drawn(*, upper: bool, lowered: float = 0.0) -> np.ndarray:
    portrait = photograph(parted(0.0))
    dark = np.full((*SIZE, 3), DARK, float)
    found = mouth.drawn_teeth(
        dark, mouth.lip_line(portrait), portrait.pose, upper=upper, lowered=lowered
    )
    np.testing.assert_array_equal(dark, np.full((*SIZE, 3), DARK, float))
    return found


@pytest.mark.parametrize("lowered", [0.05, 0.1, 0.2])
def test_the_lower_row_follows_the_jaw_and_the_upper_row_does_not(lowered):
    np.testing.assert_array_equal(drawn(upper=True, lowered=lowered), drawn(upper=True))
    pixels = round(UNIT * lowered)
    moved, still = drawn(upper=False, lowered=lowered), drawn(upper=False)
    np.testing.assert_allclose(moved[pixels:], still[:-pixels], atol=0.5)


def test_upper_teeth_end_where_lower_ones_begin():
    upper, lower = is_enamel(drawn(upper=True)), is_enamel(drawn(upper=False))
    assert not (upper & lower).any()
    middle = np.s_[:, 145:155]
    assert (
        np.flatnonzero(upper[middle].any(axis=1)).max()
        < np.flatnonzero(lower[middle].any(axis=1)).min()
    )


def test_teeth_beyond_the_picture_are_not_drawn():
    portrait = photograph(parted(0.0))
    away = Portrait.of(portrait.pixels, portrait.points + np.array([2000, 0, 0]))
    dark = np.full((*SIZE, 3), DARK, float)
    found = mouth.drawn_teeth(dark, mouth.lip_line(away), away.pose, upper=True)
    np.testing.assert_array_equal(found, dark)


def test_a_tongue_shows_only_when_the_mouth_is_wide_open():
    dark = np.full((*SIZE, 3), DARK, float)
    shown = []
    for by in (0.0, 0.05, 0.12, 0.2, 0.3):
        points = UNIT * parted(by) + CENTRE
        found = mouth.with_tongue(dark, points)
        shown.append(float(np.abs(found - dark).sum()))
        if shown[-1]:
            y, x = np.nonzero(np.abs(found - dark).sum(axis=2) > 20)
            assert abs(x.mean() - CENTRE[0]) < 1
            upper, lower = points[[mesh.UPPER_LIP_INNER, mesh.LOWER_LIP_INNER], 1]
            assert np.median(y) > (upper + lower) / 2
    assert shown[0] == shown[1] == 0
    assert 0 < shown[3] < shown[4]


@settings(max_examples=30, deadline=None)
@given(
    unit=st.floats(50, 300),
    roll=st.floats(-25, 25),
    yaw=st.floats(-15, 15),
    x=st.floats(-50, 50),
    z=st.floats(-0.3, 0.3),
)
def test_what_stays_with_the_skull_is_carried_back_to_the_photograph(unit, roll, yaw, x, z):
    there = photograph(TEMPLATE)
    finished = Portrait.of(
        there.pixels, unit * TEMPLATE @ rotation_from(yaw, 0, roll).T + [100 + x, 90, 3]
    )
    onto = mouth.to_photograph(finished, there, z)
    tooth = np.array([[0.05, 0.6, z], [-0.2, 0.7, z], [0.1, 0.5, z]])
    seen = finished.pose.to_picture(tooth * finished.pose.scale)[:, :2]
    expected = there.pose.to_picture(tooth * there.pose.scale)[:, :2]
    np.testing.assert_allclose(seen @ onto[:, :2].T + onto[:, 2], expected, atol=1e-6)


def stretched(face, by: float):
    """Draw both corners of the mouth outwards."""
    moved = face.copy()
    mouthful = [*RIM, *mesh.RIGHT_UPPER_LIP_OUTER, *mesh.LEFT_UPPER_LIP_OUTER]
    mouthful += [*mesh.RIGHT_LOWER_LIP_OUTER, *mesh.LEFT_LOWER_LIP_OUTER]
    each = list(dict.fromkeys(mouthful))
    moved[each, 0] *= 1 + by
    return moved


@pytest.mark.parametrize("by", [-0.15, 0.0, 0.1, 0.25])
def test_teeth_keep_their_width_when_the_lips_are_drawn_apart(toothy, by):
    made = composed(Sitter(toothy), stretched(toothy.face, by))
    both = (rim_of(made.points) == 1) & (rim_of(toothy.points) == 1)
    assert both.sum() > 500
    gap = np.abs(made.pixels[both].astype(int) - toothy.pixels[both])
    assert gap.mean() < 2
    assert np.percentile(gap, 99) < 12


def test_a_smile_over_teeth_uncovers_dark_not_stretched_teeth(toothy):
    made = composed(Sitter(toothy), stretched(toothy.face, 0.3))
    corner = (rim_of(made.points) == 1) & (rim_of(toothy.points) == 0)
    x = np.nonzero(corner)[1]
    far = np.zeros_like(corner)
    reach = np.abs(toothy.points[[78, 308], 0] - CENTRE[0]).max()
    far[np.nonzero(corner)[0], x] = np.abs(x + 0.5 - CENTRE[0]) > reach + 0.03 * UNIT
    assert far.sum() >= 10
    assert made.pixels[far].mean() < 90


@pytest.mark.parametrize("gap", [0.0, 0.005, 0.02])
def test_closed_lips_stay_closed_whatever_gap_the_landmarks_see(gap):
    portrait = photograph(parted(gap))
    for movement in (Movement.REST, Movement.BROW_RAISE, Movement.EYE_CLOSE_GENTLE):
        target = contracted(portrait.face, acted(movement, 1.0, None))
        pixels = composed(Sitter(portrait), target).pixels
        around = cv2.dilate((rim_of(portrait.points) > 0).astype(np.uint8), np.ones((9, 9))) > 0
        assert np.abs(pixels[around].astype(int) - SKIN).max() <= 1


def test_teeth_are_drawn_only_between_lips_that_part(closed):
    made = composed(Sitter(closed), parted(0.15))
    changed = np.abs(made.pixels.astype(int) - SKIN).max(axis=2) > 4
    changed[: round(CENTRE[1] + 0.3 * UNIT)] = False
    between = rim_of(made.points)
    assert not changed[cv2.dilate((between > 0).astype(np.uint8), np.ones((3, 3))) == 0].any()
    assert changed[between == 1].mean() > 0.99
    assert is_enamel(made.pixels)[between == 1].mean() > 0.2


def test_lips_part_over_teeth_gradually(closed):
    seen = [composed(Sitter(closed), parted(by)).pixels for by in (0.0, 0.01, 0.02, 0.04, 0.08)]
    below = np.s_[round(CENTRE[1] + 0.3 * UNIT) :]
    changed = [np.abs(p[below].astype(int) - SKIN).sum() for p in seen]
    assert changed[0] == 0
    assert changed == sorted(changed)
    assert changed[-1] > 10 * changed[1]


def test_a_lip_that_one_side_parts_uncovers_teeth_on_that_side(closed):
    target = contracted(closed.face, acted(Movement.SMILE, {Side.LEFT: 1.0, Side.RIGHT: 0.0}, None))
    made = composed(Sitter(closed), target)
    changed = np.abs(made.pixels.astype(int) - SKIN).max(axis=2) > 30
    mouth_part = cv2.dilate((rim_of(made.points) > 0).astype(np.uint8), np.ones((3, 3))) > 0
    x = np.nonzero(changed & mouth_part)[1]
    assert len(x)
    assert (x > CENTRE[0]).mean() > 0.7


def test_the_mouth_opened_wide_shows_the_dark_above_the_lower_row(closed):
    target = contracted(closed.face, acted(Movement.MOUTH_OPEN, 1.0, None))
    made = composed(Sitter(closed), target)
    middle = made.pixels[:, 146:154].mean(axis=1)
    between = np.flatnonzero(rim_of(made.points)[:, 150] == 1)
    assert len(between) > 25
    enamel = middle[between].min(axis=1) > 105
    assert enamel[-8:].all()
    assert (middle[between][3:15].max(axis=1) < 60).all()


@pytest.mark.slow
def test_closed_lips_of_real_faces_stay_as_photographed(real_sitters):
    for sitter in real_sitters:
        own = sitter.neutral
        for who in (Sitter(own), sitter):
            pixels = composed(who, own.face).pixels
            gap = np.abs(pixels.astype(int) - own.pixels)
            between = mouth.rim_mask(own.points, own.pixels.shape[:2]) > 0
            assert gap[between].mean() < 2
            assert gap[between].max() < 25

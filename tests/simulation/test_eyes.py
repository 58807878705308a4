"""Lids slide over an eyeball that stays: nothing smears, nothing gapes, nothing folds over."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from facialis.clinical.anatomy import Movement, Side
from facialis.face import mesh
from facialis.face.mesh import TEMPLATE
from facialis.simulation import eyes
from facialis.simulation.compose import Sitter, composed
from facialis.simulation.muscles import contracted
from facialis.simulation.palsy import acted
from facialis.simulation.portrait import Portrait

UNIT, CENTRE, SIZE = 220.0, np.array([180.0, 170.0, 0.0]), (480, 360)
MIDDLE = 180
SKIN, BALL, IRIS = (205, 160, 140), (10, 40, 255), (10, 255, 40)
LIDS = {
    Side.RIGHT: (mesh.RIGHT_UPPER_LID, mesh.RIGHT_LOWER_LID),
    Side.LEFT: (mesh.LEFT_UPPER_LID, mesh.LEFT_LOWER_LID),
}
IRISES = {
    Side.RIGHT: (mesh.RIGHT_IRIS_CENTRE, mesh.RIGHT_IRIS),
    Side.LEFT: (mesh.LEFT_IRIS_CENTRE, mesh.LEFT_IRIS),
}
MOST_OPEN, SHUT = 1.6, 0.0
QUICK = settings(max_examples=30, deadline=None)
SHARES, PHOTOGRAPHED = st.floats(SHUT, MOST_OPEN), st.floats(0.4, 1.3)
SIDES = st.sampled_from(Side)


def ring(side: Side) -> list[int]:
    upper, lower = LIDS[side]
    return [*upper, *lower[-2:0:-1]]


def opened(face, share: float, sides=tuple(Side)):
    """Move both lids towards their middle, so that a share of the opening is left."""
    moved = face.copy()
    for side in sides:
        upper, lower = (list(lid[1:-1]) for lid in LIDS[side])
        middle = (face[upper] + face[lower]) / 2
        moved[upper] = middle + share * (face[upper] - middle)
        moved[lower] = middle + share * (face[lower] - middle)
    return moved


def shut_over(face, side: Side):
    """Let the upper lid fall onto the lower one."""
    moved = face.copy()
    upper, lower = (list(lid[1:-1]) for lid in LIDS[side])
    moved[upper] = moved[lower]
    return moved


def marked(points, size=SIZE) -> np.ndarray:
    """Skin with blue eyeballs and, where the lids leave it open, a green iris."""
    fine = 4
    pixels = np.full((size[0] * fine, size[1] * fine, 3), SKIN, np.uint8)
    for side in Side:
        hole = np.zeros(pixels.shape[:2], np.uint8)
        at = np.round(fine * points[ring(side), :2]).astype(np.int32)
        cv2.fillPoly(hole, [at], 1)
        pixels[hole > 0] = BALL
        centre, rim = IRISES[side]
        radius = np.linalg.norm(points[list(rim), :2] - points[centre, :2], axis=1).mean()
        disc = np.zeros_like(hole)
        middle = np.round(fine * points[centre, :2]).astype(int).tolist()
        cv2.circle(disc, middle, round(fine * radius), 1, -1)
        pixels[(disc > 0) & (hole > 0)] = IRIS
    return cv2.resize(pixels, size[::-1], interpolation=cv2.INTER_AREA)


def seen_as(pixels, colour) -> np.ndarray:
    """Pixels whose hue is that of a marker, in light or shade."""
    own = int(np.argmax(colour))
    others = np.delete(pixels.astype(int), own, axis=-1).max(axis=-1)
    return pixels[..., own] > 1.25 * others + 8


def ball_away_from_canthi(pixels, points) -> np.ndarray:
    seen = seen_as(pixels, BALL)
    for i in (33, 133, 263, 362):
        x, y = np.floor(points[i, :2]).astype(int)
        seen[y - 4 : y + 5, x - 4 : x + 5] = False
    return seen


@pytest.fixture(scope="module")
def marker() -> Portrait:
    points = UNIT * TEMPLATE + CENTRE
    return Portrait.of(marked(points), points)


def test_the_fissure_is_the_gap_between_the_lids_in_widths_of_the_eye():
    points = TEMPLATE.copy()
    for side in Side:
        upper, lower = LIDS[side]
        start, end = points[upper[0]].copy(), points[upper[-1]].copy()
        for lid, height in ((upper, -0.1), (lower, 0.2)):
            for i, t in zip(lid[1:-1], np.linspace(0.15, 0.85, 7), strict=True):
                points[i] = start + t * (end - start)
                across = np.array([-(end - start)[1], (end - start)[0], 0])
                sign = 1 if side is Side.RIGHT else -1
                points[i] += sign * height * across
        assert eyes.fissure(points, side) == pytest.approx(0.3, abs=1e-9)


@QUICK
@given(
    share=st.floats(0, 1.5),
    degrees=st.floats(-40, 40),
    unit=st.floats(20, 500),
    side=SIDES,
)
def test_the_fissure_does_not_depend_on_size_and_roll(share, degrees, unit, side):
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    face = opened(TEMPLATE, share)
    rolled = unit * face @ np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]]) + [70, -30, 2]
    assert eyes.fissure(rolled, side) == pytest.approx(eyes.fissure(face, side), abs=1e-9)
    wide = eyes.fissure(TEMPLATE, side)
    assert eyes.fissure(face, side) == pytest.approx(share * wide, abs=0.02 * wide)


def test_lids_held_open_are_those_of_the_photograph_and_all_else_is_the_target():
    photographed = UNIT * opened(TEMPLATE, 1.3) + CENTRE
    target = 60 * opened(TEMPLATE, 0.2) + [90, 80, 5]
    held = eyes.held_open(target, dict.fromkeys(Side, photographed))
    others = np.setdiff1d(np.arange(478), eyes.HELD)
    np.testing.assert_array_equal(held[others], target[others])
    for side in Side:
        assert eyes.fissure(held, side) == pytest.approx(eyes.fissure(photographed, side))


def test_each_side_can_be_held_by_another_photograph():
    target = UNIT * TEMPLATE + CENTRE
    wide, narrow = (UNIT * opened(TEMPLATE, share) + CENTRE for share in (1.2, 0.5))
    held = eyes.held_open(target, {Side.RIGHT: wide, Side.LEFT: narrow})
    assert eyes.fissure(held, Side.RIGHT) == pytest.approx(eyes.fissure(wide, Side.RIGHT))
    assert eyes.fissure(held, Side.LEFT) == pytest.approx(eyes.fissure(narrow, Side.LEFT))


def an_opening(share: float, side: Side, photographed: float = 1.0):
    target = UNIT * opened(TEMPLATE, share) + CENTRE
    shown = UNIT * opened(TEMPLATE, photographed) + CENTRE
    held = eyes.held_open(target, dict.fromkeys(Side, shown))
    return eyes.opening(side, target, held, shown, SIZE), target, held, shown


def widths(points, side: Side):
    upper, _ = LIDS[side]
    return float(np.linalg.norm(points[upper[0], :2] - points[upper[-1], :2]))


@QUICK
@given(share=SHARES, photographed=PHOTOGRAPHED, side=SIDES)
def test_no_skin_beside_the_opening_folds_over_or_tears(share, photographed, side):
    part, *_ = an_opening(share, side, photographed)
    down = np.diff(part.skin[..., 1], axis=0)
    middle = (part.open[1:] == 0) & (part.open[:-1] == 0)
    assert down[middle].min() > 0
    # Away from the lids the skin stays; the mapping ends without a jump above and below.
    y = np.arange(part.rows.start, part.rows.stop) + 0.5
    np.testing.assert_allclose(part.skin[0, :, 1], y[0], atol=1e-9)
    np.testing.assert_allclose(part.skin[-1, :, 1], y[-1], atol=1e-9)


@QUICK
@given(share=SHARES, side=SIDES)
def test_where_skin_slides_to_is_where_it_comes_from(share, side):
    """The ring of the mesh around a lid is carried one way, the pixels the other."""
    part, target, held, _ = an_opening(share, side)
    carried = eyes.with_plates(target, held)
    right = [i for i in eyes.HELD if i not in ring(Side.RIGHT) + ring(Side.LEFT)]
    plates = [i for i in right if (TEMPLATE[i, 0] > 0) == (side is Side.LEFT)]
    u_of = (carried[plates, 0] - part.columns.start - 0.5).astype(np.float32)
    v_of = (carried[plates, 1] - part.rows.start - 0.5).astype(np.float32)
    skin = part.skin.astype(np.float32)
    back = cv2.remap(skin, u_of[:, None], v_of[:, None], cv2.INTER_LINEAR)[:, 0]
    # A closing lid leaves out its edge, so that no eyeball is carried along.
    trimmed = 0.06 * widths(target, side) if share < 1 else 0.0
    assert np.abs(back - held[plates, :2]).max() < trimmed + 0.6


@QUICK
@given(share=st.floats(0.2, MOST_OPEN), side=SIDES)
def test_the_lid_margin_of_the_photograph_comes_to_lie_on_the_asked_margin(share, side):
    part, target, _, shown = an_opening(share, side)
    upper = list(LIDS[side][0][2:-2])
    x = np.floor(target[upper, 0]).astype(int) - part.columns.start
    above = [np.flatnonzero(part.open[:, c] > 0)[0] - 1 for c in x]
    trimmed = 0.06 * widths(target, side) if share < 1 else 0.0
    lid = np.interp(
        x + part.columns.start + 0.5, *shown[sorted(LIDS[side][0], key=lambda i: shown[i, 0]), :2].T
    )
    off = lid - part.skin[above, x, 1]
    assert off.min() > -0.8
    assert off.max() < trimmed + 2.5


@QUICK
@given(share=st.floats(0.1, MOST_OPEN), side=SIDES)
def test_what_is_open_is_the_polygon_between_the_lids(share, side):
    part, target, *_ = an_opening(share, side)
    fine = 8
    hole = np.zeros((SIZE[0] * fine, SIZE[1] * fine), np.uint8)
    cv2.fillPoly(hole, [np.round(fine * target[ring(side), :2]).astype(np.int32)], 255)
    expected = cv2.resize(hole, SIZE[::-1], interpolation=cv2.INTER_AREA) / 255
    expected = expected[part.rows, part.columns]
    assert part.open.sum() == pytest.approx(expected.sum(), rel=0.08, abs=25)
    assert np.abs(part.open - expected).mean() < 0.01


@QUICK
@given(share=SHARES, photographed=PHOTOGRAPHED, side=SIDES)
def test_the_eyeball_shown_is_never_skin_of_the_photograph(share, photographed, side):
    part, _, _, shown = an_opening(share, side, photographed)
    ball = part.eyeball[part.open > 0.5]
    if not len(ball):
        return
    for lid, sign in zip(LIDS[side], (1, -1), strict=True):
        order = sorted(lid, key=lambda i: shown[i, 0])
        margin = np.interp(ball[:, 0], *shown[order, :2].T)
        assert (sign * (ball[:, 1] - margin)).min() > -1.0


def test_an_opened_eye_shows_the_eyeball_where_the_photograph_has_it():
    part, *_ = an_opening(0.6, Side.LEFT)
    y, x = np.mgrid[part.rows, part.columns] + 0.5
    inside = part.open == 1
    np.testing.assert_allclose(part.eyeball[inside], np.stack((x, y), -1)[inside], atol=1.2)
    core = inside & (np.abs(y - CENTRE[1] - UNIT * TEMPLATE[473, 1]) < 2)
    np.testing.assert_allclose(part.eyeball[core], np.stack((x, y), -1)[core], atol=1e-6)


@pytest.mark.parametrize("movement", [Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT])
def test_closed_eyes_show_neither_iris_nor_white(marker, movement):
    assert seen_as(marker.pixels, IRIS).sum() > 200
    assert seen_as(marker.pixels, BALL).sum() > 200
    picture = composed(Sitter(marker), contracted(marker.face, acted(movement, 1.0, None))).pixels
    assert not seen_as(picture, IRIS).any()
    assert not ball_away_from_canthi(picture, marker.points).any()


@pytest.mark.parametrize("side", Side)
def test_an_eye_that_closes_alone_leaves_the_other_as_it_is(marker, side):
    effort = {side: 1.0, side.opposite: 0.0}
    target = contracted(marker.face, acted(Movement.EYE_CLOSE_GENTLE, effort, None))
    picture = composed(Sitter(marker), target).pixels
    half = np.s_[:, :MIDDLE] if side is Side.RIGHT else np.s_[:, MIDDLE:]
    other = np.s_[:, MIDDLE:] if side is Side.RIGHT else np.s_[:, :MIDDLE]
    assert not seen_as(picture, IRIS)[half].any()
    assert not ball_away_from_canthi(picture, marker.points)[half].any()
    still = composed(Sitter(marker), marker.face).pixels
    np.testing.assert_array_equal(picture[other], still[other])


def test_closed_lids_have_a_dark_line_of_lashes_and_open_ones_none(marker):
    rows = {}
    for share in (SHUT, 1.0):
        picture = composed(Sitter(marker), opened(marker.face, share)).pixels
        column = picture[:, round(CENTRE[0] + UNIT * TEMPLATE[159, 0])].astype(float).mean(axis=1)
        rows[share] = column[130:210].min()
    skin = np.mean(SKIN)
    assert rows[SHUT] < 0.8 * skin


@pytest.mark.parametrize("share", [0.45, 0.7])
def test_a_half_closed_eye_shows_its_iris_round_and_where_it_was(marker, share):
    picture = composed(Sitter(marker), opened(marker.face, share)).pixels
    iris, before = seen_as(picture, IRIS), seen_as(marker.pixels, IRIS)
    assert iris.sum() > 100
    # Nothing but what was iris is iris now, and what is left of each row is as wide as it was.
    assert not (iris & ~cv2.dilate(before.astype(np.uint8), np.ones((3, 3))).astype(bool)).any()
    green = np.s_[..., 1]
    for half in (np.s_[:, :MIDDLE], np.s_[:, MIDDLE:]):
        rows = np.flatnonzero(iris[half].any(axis=1))
        inner = rows[3:-3]
        assert len(inner) >= 3
        assert (
            np.abs(
                iris[half][inner].sum(axis=1).astype(int) - before[half][inner].sum(axis=1)
            ).max()
            <= 1
        )
        still = inner[2 * len(inner) // 3 :][:2]  # clear of the shade of the lid
        shown = iris[half][still] & before[half][still]
        gap = (
            picture[half][still][shown][green].astype(int)
            - marker.pixels[half][still][shown][green]
        )
        assert np.abs(gap).max() <= 35


@pytest.mark.parametrize("share", [1.2, 1.5])
def test_a_widened_eye_shows_no_gap_between_eyeball_and_lid(marker, share):
    picture = composed(Sitter(marker), opened(marker.face, share)).pixels
    target = UNIT * opened(TEMPLATE, share) + CENTRE
    eye = np.zeros(SIZE, np.uint8)
    for side in Side:
        cv2.fillPoly(eye, [np.round(target[ring(side), :2] - 0.5).astype(np.int32)], 1)
    inside = cv2.erode(eye, np.ones((3, 3), np.uint8)).astype(bool)
    filled = seen_as(picture, BALL) | seen_as(picture, IRIS)
    assert filled[inside].mean() > 0.99
    assert filled.sum() > 1.1 * (seen_as(marker.pixels, BALL) | seen_as(marker.pixels, IRIS)).sum()


def test_a_falling_lid_shades_the_eyeball_and_a_rising_one_does_not():
    fallen, *_ = an_opening(0.6, Side.RIGHT)
    risen, *_ = an_opening(1.2, Side.RIGHT)
    assert fallen.shade[fallen.open > 0.9].min() < 0.85
    np.testing.assert_allclose(risen.shade, 1)
    assert (fallen.shade <= 1).all()


@pytest.mark.parametrize(
    "centre", [(10, 170), (350, 170), (180, 4), (180, 476), (-80, -90), (900, 1000)]
)
@pytest.mark.parametrize("share", [SHUT, 1.0, 1.4])
def test_eyes_at_and_beyond_the_border_are_cut_off_there(centre, share):
    points = UNIT * TEMPLATE + [*centre, 0]
    target = UNIT * opened(TEMPLATE, share) + [*centre, 0]
    held = eyes.held_open(target, dict.fromkeys(Side, points))
    for side in Side:
        part = eyes.opening(side, target, held, points, SIZE)
        assert 0 <= part.rows.start < part.rows.stop <= SIZE[0]
        assert 0 <= part.columns.start < part.columns.stop <= SIZE[1]
        shape = (part.rows.stop - part.rows.start, part.columns.stop - part.columns.start)
        assert part.open.shape == part.shade.shape == part.lashes.shape == shape
        assert part.skin.shape == part.eyeball.shape == (*shape, 2)
        assert np.isfinite(part.skin).all()
        assert np.isfinite(part.eyeball).all()


def test_an_eye_cut_by_the_border_closes_as_one_in_the_middle(marker):
    shifted = marker.points - [100, 0, 0]
    cut = Portrait.of(np.ascontiguousarray(marker.pixels[:, 100:]), shifted)
    whole = composed(Sitter(marker), opened(marker.face, 0.3)).pixels[:, 100:]
    found = composed(Sitter(cut), opened(cut.face, 0.3)).pixels
    eye = np.s_[140:200, :250]
    assert np.abs(found[eye].astype(int) - whole[eye]).mean() < 2


@QUICK
@given(share=SHARES, degrees=st.floats(-30, 30), side=SIDES)
def test_points_of_the_eyeball_are_carried_with_the_canthi_alone(share, degrees, side):
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = np.array([[cos, sin, 0], [-sin, cos, 0], [0, 0, 1]])
    shown = UNIT * TEMPLATE + CENTRE
    target = 70 * opened(TEMPLATE, share) @ turn + [33, 44, 0]
    iris = list(IRISES[side][1])
    expected = (70 * TEMPLATE @ turn + [33, 44, 0])[iris, :2]
    np.testing.assert_allclose(eyes.carried(shown[iris], shown, target, side), expected, atol=1e-9)


@pytest.mark.slow
def test_closed_eyes_of_real_faces_hide_the_dark_of_the_pupil(real_sitters):
    for sitter in real_sitters:
        face = sitter.neutral.face
        for side in Side:
            closed = composed(Sitter(sitter.neutral), shut_over(face, side))
            x, y = sitter.neutral.points[IRISES[side][0], :2].astype(int)
            around = np.s_[y - 2 : y + 3, x - 2 : x + 3]
            before = sitter.neutral.pixels[around].mean()
            assert closed.pixels[around].mean() > 1.3 * before

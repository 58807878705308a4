"""Close-ups of eyes and mouth, and landmarks in them."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.regions.close_ups import (
    EYE_POINTS,
    EYE_SIDE,
    MOUTH_MIRROR,
    MOUTH_POINTS,
    MOUTH_SIDE,
    ONLY_IN_HEIGHT,
    CloseUp,
    Sights,
    mirrored,
)

WIDTH, HEIGHT = 260, 300


@pytest.fixture
def points():
    """The mean face, 100 pixels between the outer canthi, tilted a little."""
    turn = np.array([[np.cos(0.1), -np.sin(0.1)], [np.sin(0.1), np.cos(0.1)]])
    placed = TEMPLATE.copy()
    placed[:, :2] = 100 * placed[:, :2] @ turn.T + [125, 150]
    return placed


def test_a_close_up_shows_points_where_it_says(points):
    sights = Sights(points, WIDTH)
    x, y = points[EYE_POINTS[4], :2]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    spot = 255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 8)
    seen = sights.of(np.repeat(spot[..., None], 3, axis=2).astype(np.uint8), points)
    light = seen.eyes[0, ..., 0].astype(float)
    rows, columns = np.mgrid[:EYE_SIDE, :EYE_SIDE] + 0.5
    middle = np.array([(columns * light).sum(), (rows * light).sum()]) / light.sum()
    assert middle == pytest.approx(seen.eye_points[0, 4], abs=0.1)
    assert not seen.eyes[1].any()


def test_eyes_are_level_and_the_right_one_is_shown_as_a_left_one(points):
    seen = Sights(points, WIDTH).of(np.zeros((HEIGHT, WIDTH, 3), np.uint8), points)
    inner, outer = (EYE_POINTS.index(i) for i in (362, 263))
    for eye in seen.eye_points:
        assert eye[inner, 0] < eye[outer, 0]
        assert eye[inner, 1] == pytest.approx(eye[outer, 1], abs=4)
        assert ((eye > 0) & (eye < EYE_SIDE)).all()
    assert ((seen.mouth_points > 0) & (seen.mouth_points < MOUTH_SIDE)).all()


def test_a_mirrored_face_has_the_same_close_ups_in_the_other_order(points):
    picture = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    here = Sights(points, WIDTH).of(picture, points)
    turned = points.copy()
    turned[:, :2] = mirrored(points[:, :2], WIDTH)
    there = Sights(turned, WIDTH).of(np.ascontiguousarray(picture[:, ::-1]), turned)
    for name in ("eyes", "mouths"):
        assert (getattr(here, name) == getattr(there, name)[::-1]).all()
    for name in ("eye_points", "mouth_points"):
        assert getattr(here, name) == pytest.approx(getattr(there, name)[::-1], abs=1e-3)


def test_landmarks_moved_by_what_is_missing_lie_where_they_belong(points):
    chance = np.random.default_rng(2)
    true = points.copy()
    moving = [*EYE_POINTS, *MIRROR[list(EYE_POINTS)], *MOUTH_POINTS]
    lips = MOUTH_POINTS[: ONLY_IN_HEIGHT[0]]
    free = [*EYE_POINTS, *MIRROR[list(EYE_POINTS)], *lips]
    true[free, :2] += chance.normal(0, 2, (len(free), 2))
    down = np.array([-np.sin(0.1), np.cos(0.1)])
    true[[MOUTH_POINTS[i] for i in ONLY_IN_HEIGHT], :2] += 3 * down
    sights = Sights(points, WIDTH)
    eyes = sights.eye_points(true) - sights.eye_points(points)
    mouths = sights.mouth_points(true) - sights.mouth_points(points)
    moved = sights.moved(points, eyes, mouths)
    assert moved == pytest.approx(true, abs=1e-3)
    still = np.setdiff1d(np.arange(len(points)), moving)
    assert (moved[still] == points[still]).all()


def test_nose_cheeks_and_chin_move_up_and_down_alone(points):
    sights = Sights(points, WIDTH)
    offsets = np.full((2, len(MOUTH_POINTS), 2), 4.0)
    moved = sights.moved(points, np.zeros((2, len(EYE_POINTS), 2)), offsets) - points
    along = np.array([np.cos(0.1), np.sin(0.1)])
    chosen = [MOUTH_POINTS[i] for i in ONLY_IN_HEIGHT]
    assert {1, 152, 205, 425, 129, 358} <= set(chosen)
    assert moved[chosen, :2] @ along == pytest.approx(0, abs=1e-9)
    assert np.hypot(*moved[chosen, :2].T) == pytest.approx(4 * 1.2 * 100 / 112, rel=0.02)


def test_the_mouth_mirrors_onto_itself():
    assert len(set(MOUTH_POINTS)) == len(MOUTH_POINTS)
    assert [MOUTH_MIRROR[i] for i in MOUTH_MIRROR] == list(range(len(MOUTH_POINTS)))


def test_offsets_keep_their_length_in_the_picture():
    close_up = CloseUp(np.array([[0.0, -2, 10], [2, 0, 20]]), side=8)
    assert close_up.moves(np.array([[3.0, 4.0]])) == pytest.approx(np.array([[-8.0, 6.0]]))
    seen = close_up.seen(np.array([[10.0, 20.0]]))
    assert seen == pytest.approx(np.zeros((1, 2)))

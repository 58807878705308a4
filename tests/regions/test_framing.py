"""The square that frames a face."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from facialis.regions.framing import Square, square_around

CORNERS = np.array([[100.0, 50.0, 3.0], [200.0, 130.0, -3.0]])


def test_the_longer_side_of_the_box_and_the_margin_make_the_square():
    assert square_around(CORNERS, 0.3) == Square(70.0, 10.0, 160.0)


def test_points_and_pixels_move_alike():
    picture = np.zeros((300, 300), np.uint8)
    picture[90:94, 150:154] = 255
    square = square_around(CORNERS)
    for size in (64, 160, 320):
        cut = square.cut(picture, size).astype(float)
        rows, columns = np.indices(cut.shape)
        centre = [(cut * (columns + 0.5)).sum() / cut.sum(), (cut * (rows + 0.5)).sum() / cut.sum()]
        moved = square.moved(np.array([[152.0, 92.0, 4.0]]), size)[0]
        np.testing.assert_allclose(centre, moved[:2], atol=0.1)
        assert moved[2] == 4.0 * size / 160


def test_labels_are_never_mixed_and_beyond_the_picture_they_are_unknown():
    labels = np.random.default_rng(0).choice([1, 9], (100, 100)).astype(np.uint8)
    cut = Square(-20.0, -20.0, 150.0).cut(labels, 64, blend=False, beyond=255)
    assert set(np.unique(cut)) == {1, 9, 255}
    assert cut[0, 0] == cut[-1, -1] == 255


@given(st.integers(-50, 50), st.integers(-50, 50), st.floats(0, 0.99))
def test_a_square_lies_at_whole_pixels_and_follows_the_face(x, y, part):
    there = square_around(CORNERS + np.array([x + part, y + part, 0]))
    assert there.left.is_integer()
    assert there.top.is_integer()
    assert abs(there.left - 70 - x - part) <= 0.5
    assert there.side == 160

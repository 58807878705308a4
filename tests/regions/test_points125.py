"""The order of paper 004's landmarks, which trained networks rely on."""

from __future__ import annotations

import hashlib

from facialis.regions import points125


def test_s4_10_the_landmarks_are_in_the_order_that_trained_networks_know():
    """Another order is another input: networks of coordinates must be trained anew."""
    listed = ",".join(map(str, points125.POINTS_125)).encode()
    expected = "1e66209191ccf6beb78316a641e1bf63d0c4bc7c58a9ae0b95bb291502496b7d"
    assert hashlib.sha256(listed).hexdigest() == expected


def test_s4_10_the_parts_have_mediapipes_sizes_and_follow_one_another():
    parts = (
        points125.LIPS, points125.LEFT_EYE, points125.RIGHT_EYE, points125.LEFT_BROW,
        points125.RIGHT_BROW, points125.LEFT_IRIS, points125.RIGHT_IRIS, points125.NOSE,
    )  # fmt: skip
    assert [len(part) for part in parts] == [40, 16, 16, 10, 10, 4, 4, 24]
    assert all(list(part) == sorted(part) for part in parts)
    assert list(points125.POINTS_125) == [i for part in (*parts, (8,)) for i in part]

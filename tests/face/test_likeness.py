"""Whether pictures show one person the same way round, on patterns and on the astronaut."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facialis.face.likeness import SkinPattern, skin_pattern, strangers, turned_over
from facialis.face.patch import face_patch
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.media.photo import read_photo

_LENGTH = 2000


def drawn(rng, like: SkinPattern | None = None, noise: float = 1.0) -> SkinPattern:
    def unit(values):
        return values / np.linalg.norm(values)

    fresh = [unit(rng.normal(size=_LENGTH)) for _ in range(2)]
    if like is None:
        return SkinPattern(*fresh)
    return SkinPattern(
        unit(like.even + noise * fresh[0]),
        unit(like.odd + noise * fresh[1]),
    )


def mirrored(pattern: SkinPattern) -> SkinPattern:
    return SkinPattern(pattern.even, -pattern.odd)


@pytest.fixture
def patient():
    rng = np.random.default_rng(1)
    face = drawn(rng)
    return [drawn(rng, face) for _ in range(5)]


def test_pictures_the_same_way_round_are_let_be(patient):
    assert turned_over(patient) == (frozenset(), frozenset(range(5)))
    assert not strangers(patient)


@pytest.mark.parametrize("which", [(0,), (4,), (1, 3)])
def test_the_fewer_are_those_that_are_mirrored(patient, which):
    pictures = [mirrored(p) if i in which else p for i, p in enumerate(patient)]
    assert turned_over(pictures)[0] == set(which)
    assert not strangers(pictures)


def test_more_mirrored_pictures_than_others_leave_the_others(patient):
    pictures = [mirrored(p) if i > 1 else p for i, p in enumerate(patient)]
    assert turned_over(pictures)[0] == {0, 1}


def test_a_tie_is_told_as_two_groups_of_one_size(patient):
    against, others = turned_over([patient[0], mirrored(patient[1])])
    assert len(against) == len(others) == 1


def test_a_stranger_is_not_called_mirrored(patient):
    stranger = drawn(np.random.default_rng(9))
    pictures = [*patient, stranger]
    assert strangers(pictures) == {5}
    assert not turned_over(pictures)[0]


def test_two_that_differ_are_both_strange(patient):
    assert strangers([patient[0], drawn(np.random.default_rng(9))]) == {0, 1}


def test_one_picture_alone_tells_nothing(patient):
    assert turned_over(patient[:1])[0] == strangers(patient[:1]) == frozenset()
    assert turned_over([]) == (frozenset(), frozenset())


def test_a_mirrored_photograph_has_the_opposite_pattern(portrait):
    pixels = read_photo(portrait).pixels
    found = []
    for picture in (pixels, np.asarray(cv2.flip(pixels, 1))):
        frame = Frame.from_array(picture)
        found.append(skin_pattern(face_patch(frame.pixels, find_faces(frame)[0].points)))
    straight, turned = found
    assert np.linalg.norm(straight.odd) == pytest.approx(1)
    assert straight.turning(straight) == pytest.approx(1)
    assert straight.turning(turned) < -0.95
    assert straight.likeness(turned) > 1.9


def test_a_smaller_copy_keeps_the_pattern(portrait):
    pixels = read_photo(portrait).pixels
    face = find_faces(Frame.from_array(pixels))[0]
    zoom = 60 / face.interocular
    small = cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    whole = skin_pattern(face_patch(pixels, face.points))
    again = skin_pattern(face_patch(small, face.points * zoom))
    assert whole.turning(again) > 0.9

"""Whether pictures show one person the same way round, on patterns and on the astronaut."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facialis.face.likeness import SkinPattern, skin_pattern, strangers, ways_round
from facialis.face.patch import face_patch
from facialis.face.search import find_faces
from facialis.media.frame import Frame
from facialis.media.photo import read_photo

_LENGTH = 2000
PARTS = ("even", "odd", "tone")


def unit(values):
    return values / np.linalg.norm(values)


def drawn(rng, like: SkinPattern | None = None, **noise: float) -> SkinPattern:
    """A face, or another picture of one; noise of each part, in parts of its length."""
    fresh = {name: unit(rng.normal(size=_LENGTH)) for name in PARTS}
    if like is None:
        return SkinPattern(**fresh)
    return SkinPattern(**{n: unit(getattr(like, n) + noise.get(n, 1.0) * fresh[n]) for n in PARTS})


def mirrored(pattern: SkinPattern) -> SkinPattern:
    return SkinPattern(pattern.even, -pattern.odd, -pattern.tone)


def alone(*patterns: SkinPattern) -> list[list[SkinPattern]]:
    return [[each] for each in patterns]


@pytest.fixture
def patient():
    rng = np.random.default_rng(1)
    face = drawn(rng)
    return [drawn(rng, face) for _ in range(6)]


def test_pictures_the_same_way_round_are_let_be(patient):
    assert ways_round(alone(*patient)) == (1,) * 6
    assert not strangers(alone(*patient))


@pytest.mark.parametrize("which", [(0,), (5,), (1, 3)])
def test_the_fewer_are_those_that_are_mirrored(patient, which):
    pictures = [mirrored(p) if i in which else p for i, p in enumerate(patient)]
    assert ways_round(alone(*pictures)) == tuple(-1 if i in which else 1 for i in range(6))
    assert not strangers(alone(*pictures))


def test_of_more_mirrored_pictures_than_others_the_others_are_told(patient):
    pictures = [mirrored(p) if i > 1 else p for i, p in enumerate(patient)]
    assert ways_round(alone(*pictures)) == (-1, -1, 1, 1, 1, 1)


def test_a_tie_is_told_as_two_groups_of_one_size(patient):
    pictures = [mirrored(p) if i % 2 else p for i, p in enumerate(patient)]
    assert sorted(ways_round(alone(*pictures))) == [-1, -1, -1, 1, 1, 1]


def test_what_hardly_tells_its_way_belongs_to_neither_group(patient):
    faint = drawn(np.random.default_rng(5), patient[0], odd=40.0, tone=40.0)
    pictures = [*patient[:4], mirrored(patient[4]), faint]
    assert ways_round(alone(*pictures)) == (1, 1, 1, 1, -1, 0)


def test_light_from_the_other_side_is_no_mirror(patient):
    """Shadows turn what is bright over; redness stays."""
    turned = SkinPattern(patient[0].even, -patient[0].odd, patient[0].tone)
    assert turned.turning(patient[1]) == 0
    assert ways_round(alone(turned, *patient[1:])) == (1,) * 6


def test_a_video_is_one_source_however_many_frames_it_gives(patient):
    video = [mirrored(each) for each in patient[2:]]
    assert sorted(ways_round([[patient[0]], [patient[1]], video])) == [-1, 1, 1]


def test_a_stranger_is_not_called_mirrored(patient):
    stranger = drawn(np.random.default_rng(9))
    pictures = alone(*patient, stranger)
    assert strangers(pictures) == {6}
    assert ways_round(pictures) == (1,) * 7


def test_a_stranger_whose_halves_differ_the_other_way_is_none_either(patient):
    rng = np.random.default_rng(2)
    stranger = SkinPattern(unit(rng.normal(size=_LENGTH)), *(
        unit(-getattr(patient[0], name) + 3 * unit(rng.normal(size=_LENGTH)))
        for name in ("odd", "tone")
    ))  # fmt: skip
    assert stranger.turning(patient[0]) < -0.1
    pictures = alone(*patient, stranger)
    assert strangers(pictures) == {6}
    assert ways_round(pictures) == (1,) * 7


def test_two_that_differ_are_both_strange(patient):
    assert strangers(alone(patient[0], drawn(np.random.default_rng(9)))) == {0, 1}


def test_one_picture_alone_tells_nothing(patient):
    assert ways_round(alone(patient[0])) == (1,)
    assert ways_round([]) == ()
    assert strangers(alone(patient[0])) == strangers([]) == frozenset()


def pattern_of(pixels) -> SkinPattern:
    frame = Frame.from_array(np.ascontiguousarray(pixels))
    return skin_pattern(face_patch(frame.pixels, find_faces(frame)[0].points))


def test_a_mirrored_photograph_has_the_opposite_pattern(portrait):
    pixels = read_photo(portrait).pixels
    straight, turned = pattern_of(pixels), pattern_of(pixels[:, ::-1])
    assert np.linalg.norm(straight.odd) == pytest.approx(1)
    assert np.linalg.norm(straight.tone) == pytest.approx(1)
    assert straight.turning(straight) == pytest.approx(1)
    assert straight.turning(turned) < -0.95
    assert straight.likeness(turned) > 2.85
    assert ways_round(alone(straight, turned)) in ((1, -1), (-1, 1))


def test_a_smaller_copy_keeps_the_pattern(portrait):
    pixels = read_photo(portrait).pixels
    face = find_faces(Frame.from_array(pixels))[0]
    zoom = 60 / face.interocular
    small = cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    whole = skin_pattern(face_patch(pixels, face.points))
    again = skin_pattern(face_patch(small, face.points * zoom))
    assert whole.turning(again) > 0.85


def test_a_photograph_without_colours_tells_no_way(portrait):
    pixels = read_photo(portrait).pixels
    grey = np.repeat(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    pattern = pattern_of(grey)
    assert not pattern.tone.any()
    assert ways_round(alone(pattern, mirrored(pattern))) == (1, 1)
    assert not strangers(alone(pattern, pattern_of(pixels)))

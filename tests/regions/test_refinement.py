"""Landmarks put right by a second look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from facialis.errors import InputError
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.regions import refinement
from facialis.regions.close_ups import EYE_POINTS, MOUTH_POINTS
from facialis.regions.refinement import FARTHEST, refined, refined_both_ways, refined_framed

EYES = [*EYE_POINTS, *MIRROR[list(EYE_POINTS)]]


@dataclass
class Network:
    """Moves every landmark alike, or by how bright its close-up is."""

    by: float = 0.0
    by_light: float = 0.0

    def run(self, feeds: dict[str, Any]) -> tuple[Any, ...]:
        assert list(feeds) == ["eyes", "eye_points", "mouths", "mouth_points"]
        return tuple(
            np.float32(self.by + self.by_light * feeds[seen].mean(axis=(1, 2, 3)))[:, None, None]
            * np.ones_like(feeds[points])
            for seen, points in (("eyes", "eye_points"), ("mouths", "mouth_points"))
        )


@pytest.fixture
def face():
    """A picture of noise and the mean face in it, 200 pixels between the outer canthi."""
    picture = np.random.default_rng(3).integers(0, 255, (500, 450, 3)).astype(np.uint8)
    points = TEMPLATE.copy()
    points[:, :2] = 200 * points[:, :2] + [230, 240]
    return picture, points


def test_a_network_that_moves_nothing_leaves_landmarks_where_they_are(face):
    assert refined(*face, Network()) == pytest.approx(face[1], abs=1e-6)


def test_only_eyes_brows_and_the_lower_face_move_and_not_farther_than_allowed(face):
    near, far = (refined(*face, Network(by=by)) - face[1] for by in (2.0, 200.0))
    moving = [*EYES, *MOUTH_POINTS]
    still = np.setdiff1d(np.arange(len(TEMPLATE)), moving)
    for moved in (near, far):
        assert moved[still] == pytest.approx(0, abs=1e-6)
        assert moved[:, 2] == pytest.approx(0, abs=1e-6)
    assert near[EYES, 1] == pytest.approx(2 * 0.62 * 200 / 80, rel=0.02)
    assert near[[*MOUTH_POINTS], 1] == pytest.approx(2 * 1.2 * 200 / 112, rel=0.02)
    assert far[EYES] == pytest.approx(near[EYES] * FARTHEST * 80 / 2, rel=1e-3)
    assert far[[*MOUTH_POINTS]] == pytest.approx(
        near[[*MOUTH_POINTS]] * FARTHEST * 112 / 2, rel=1e-3, abs=1e-6
    )


def test_a_mirrored_face_gets_exactly_the_mirrored_landmarks(face, monkeypatch):
    monkeypatch.setattr(refinement.session, "loaded", lambda _: Network(by_light=0.02))
    picture, points = face
    here = refined_both_ways(picture, points)
    there = refined_both_ways(
        np.ascontiguousarray(picture[:, ::-1]), points[MIRROR] * [-1, 1, 1] + [450, 0, 0]
    )
    assert there[MIRROR] * [-1, 1, 1] + [450, 0, 0] == pytest.approx(here, abs=1e-6)
    assert np.abs(here - points)[EYES].max() > 1


def test_the_network_that_comes_with_facialis_moves_real_landmarks_a_little(portrait):
    photograph = read_photo(portrait)
    (face,) = find_faces(photograph)
    moved = (refined_both_ways(photograph.pixels, face.points) - face.points)[:, :2]
    gaps = np.hypot(*moved.T) / face.interocular
    assert 0.001 < gaps[[*EYES, *MOUTH_POINTS]].mean() < 0.03
    assert gaps.max() < 0.1


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda p: p[:468], "are not those of a face"),
        (lambda p: p[:, :2], "are not those of a face"),
        (lambda p: p * np.nan, "are not those of a face"),
        (lambda p: p * 0 + 5, "have both eyes in one place"),
    ],
)
def test_what_are_no_landmarks_of_a_face_are_refused(face, spoil, told):
    with pytest.raises(InputError, match=told):
        refined_framed(face[0], spoil(face[1]), Network())

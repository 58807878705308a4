"""What moves along: regions, degrees, noise, missing movements."""

from __future__ import annotations

import dataclasses

import pytest
from tests.grading.conftest import Moments, examined_face

from facialis.clinical.anatomy import Movement, Region, Side
from facialis.grading.examined import Synkinesis
from facialis.grading.rules import read_rules
from facialis.grading.synkinesis import QUIET, degree_of, synkinesis_matrix, whole_degree
from facialis.measures.excursions import lid_gaps
from facialis.measures.moment import POINTS_OF_SITE, Site
from facialis.simulation.lesion import Form, standard_lesion

RULES = read_rules()


def matrix(moments: Moments, side: Side = Side.LEFT, *, healthy: bool = False) -> list[Synkinesis]:
    return list(synkinesis_matrix(moments, side, RULES, is_healthy=healthy))


def narrowed(share: float, movement: Movement = Movement.PUCKER) -> Moments:
    """Rest, and a movement in which only the left eye narrows, by a share of its gap."""
    moments = examined_face(None, (Movement.REST,))
    face = moments[Movement.REST].face.copy()
    gap = lid_gaps(face)[1]
    face[list(POINTS_OF_SITE[Side.LEFT][Site.UPPER_LID]), 1] += share * gap
    return moments | {
        movement: dataclasses.replace(moments[Movement.REST], movement=movement, face=face)
    }


def risen(height: float) -> Moments:
    """Rest, and a gentle closure in which only the left corner of the mouth rises."""
    moments = examined_face(None, (Movement.REST,))
    face = moments[Movement.REST].face.copy()
    face[list(POINTS_OF_SITE[Side.LEFT][Site.COMMISSURE]), 1] -= height
    closed = Movement.EYE_CLOSE_GENTLE
    return moments | {
        closed: dataclasses.replace(moments[Movement.REST], movement=closed, face=face)
    }


def of(found: list[Synkinesis], movement: Movement, region: Region) -> Synkinesis:
    return next(s for s in found if (s.movement, s.region) == (movement, region))


@pytest.mark.parametrize(("share", "degree"), [(0.0, 0), (0.06, 0), (0.1, 1), (0.15, 2), (0.3, 3)])
def test_an_eye_that_narrows_has_the_degree_of_its_share(share: float, degree: int) -> None:
    found = of(matrix(narrowed(share)), Movement.PUCKER, Region.EYE)
    assert found.degree == degree
    assert found.amount == pytest.approx(share * lid_gaps(narrowed(0)[Movement.REST].face)[1])


@pytest.mark.parametrize(
    ("height", "degree"), [(0.0, 0), (0.006, 0), (0.009, 1), (0.013, 2), (0.02, 3)]
)
def test_a_corner_that_rises_has_the_degree_of_its_height(height: float, degree: int) -> None:
    found = of(matrix(risen(height)), Movement.EYE_CLOSE_GENTLE, Region.MOUTH)
    assert found.degree == degree
    assert found.amount_mm == pytest.approx(88 * height)


def test_what_the_healthy_side_does_more_is_none() -> None:
    found = of(matrix(narrowed(0.3), Side.RIGHT), Movement.PUCKER, Region.EYE)
    assert found.degree == 0
    assert found.amount is not None
    assert found.amount < 0


def test_what_only_the_healthy_side_does_is_none() -> None:
    moments = narrowed(0.15)
    rest = moments[Movement.REST]
    moments[Movement.REST] = dataclasses.replace(moments[Movement.PUCKER], movement=Movement.REST)
    moments[Movement.PUCKER] = dataclasses.replace(rest, movement=Movement.PUCKER)
    found = of(matrix(moments, Side.RIGHT), Movement.PUCKER, Region.EYE)
    assert (found.degree, found.amount) == (0, pytest.approx(0))


def test_a_healthy_corner_that_settles_leaves_none() -> None:
    found = of(matrix(risen(-0.02), Side.RIGHT), Movement.EYE_CLOSE_GENTLE, Region.MOUTH)
    assert (found.degree, found.amount) == (0, pytest.approx(0))


def test_what_lies_within_the_noise_is_none() -> None:
    moments = narrowed(0.15)
    noisy = {m: dataclasses.replace(each, noise=0.05) for m, each in moments.items()}
    found = of(matrix(noisy), Movement.PUCKER, Region.EYE)
    assert found.degree == 0
    assert found.amount is not None
    assert found.limit > found.amount > 0


def test_without_an_affected_side_it_is_mild_at_most() -> None:
    found = of(matrix(narrowed(0.4), healthy=True), Movement.PUCKER, Region.EYE)
    assert found.degree == 1


def test_every_movement_and_region_is_listed_also_when_missing() -> None:
    found = matrix({})
    assert [(s.movement, s.region) for s in found] == [
        (m, r) for m, regions in QUIET.items() for r in regions
    ]
    assert {s.not_measured for s in found} == {f"{m} is missing" for m in QUIET}
    assert whole_degree(found) is None
    assert degree_of(Movement.SMILE, found) is None


def test_a_movement_without_rest_is_not_compared() -> None:
    moments = examined_face(None, (Movement.SMILE,))
    found = of(matrix(moments), Movement.SMILE, Region.EYE)
    assert found.not_measured == "there is no photograph at rest to compare with"


def test_one_movement_alone_does_not_make_the_whole_face_synkinetic() -> None:
    found = matrix(narrowed(0.3))
    assert degree_of(Movement.PUCKER, found) == 3
    assert whole_degree(found) == 0


@pytest.mark.parametrize("side", list(Side))
def test_a_regrown_nerve_shows_it_in_eye_and_mouth(side: Side) -> None:
    found = matrix(examined_face(standard_lesion(4, side, Form.SYNKINETIC)), side)
    assert (whole_degree(found) or 0) >= 2
    assert (of(found, Movement.PUCKER, Region.EYE).degree or 0) >= 2
    assert (of(found, Movement.EYE_CLOSE_GENTLE, Region.MOUTH).degree or 0) >= 2


@pytest.mark.parametrize("grade", [2, 3, 4, 5, 6])
def test_a_slack_face_has_none(grade: int) -> None:
    found = matrix(examined_face(standard_lesion(grade, Side.LEFT)))
    assert whole_degree(found) == 0

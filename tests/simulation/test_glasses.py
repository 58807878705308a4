"""Glasses."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.face.mesh import LEFT_IRIS_CENTRE, NOSE_BRIDGE, RIGHT_IRIS_CENTRE, TEMPLATE
from facialis.face.pose import rotation_from
from facialis.simulation.chart import FaceChart, sampled
from facialis.simulation.glasses import Glasses, Outline, Rim, drawn_glasses, worn

CLEAR = Glasses(tint=(0.0, 0.0, 0.0), thickness=0.03)


def put_on(points, glasses: Glasses, hair=None, pixels=None) -> np.ndarray:
    """How much darker each place became (H, W), on plain skin unless a picture is given."""
    picture = np.full((256, 256, 3), 180, np.float32) if pixels is None else pixels
    after = worn(picture, FaceChart(points), glasses, np.random.default_rng(1), hair)
    return (picture - after).mean(axis=2)


@pytest.mark.parametrize("outline", list(Outline))
def test_a_rim_goes_round_each_eye_and_leaves_it_free(painted_face, outline: Outline) -> None:
    darker = put_on(painted_face.points, Glasses(outline=outline, tint=(0.0, 0.0, 0.0)))
    for centre in (RIGHT_IRIS_CENTRE, LEFT_IRIS_CENTRE):
        x, y = painted_face.points[centre, :2].astype(int)
        assert darker[y - 4 : y + 5, x - 6 : x + 7].max() < 40, "only the rim's shadow"
        assert darker[y + 1 : y + 6, x - 6 : x + 7].max() < 8
        for line in (darker[y, x:], darker[y, x::-1], darker[y:, x], darker[y::-1, x]):
            assert line[:40].max() > 80


def test_it_sits_alike_on_both_sides(painted_face) -> None:
    darker = put_on(painted_face.points, CLEAR)
    assert np.abs(darker - darker[:, ::-1]).mean() < 0.02 * darker.max()


def test_a_bridge_joins_the_lenses_and_arms_reach_back(painted_face) -> None:
    darker = put_on(painted_face.points, CLEAR)
    x, y = painted_face.points[NOSE_BRIDGE, :2].astype(int)
    assert darker[y - 12 : y + 12, x].max() > 80
    beside = painted_face.box((0.72, 0.8), (-0.2, 0.1))
    assert darker[beside].max() > 80


def test_hair_covers_the_arms(painted_face) -> None:
    hair = np.zeros((256, 256), bool)
    hair[:, painted_face.at(0.7, 0)[1] :] = True
    covered = put_on(painted_face.points, CLEAR, hair=hair)
    assert covered[painted_face.box((0.74, 0.82), (-0.2, 0.1))].max() < 40
    assert covered[painted_face.box((-0.82, -0.74), (-0.2, 0.1))].max() > 80


def test_a_turned_head_shows_one_arm_and_hides_the_other() -> None:
    turned = 80 * TEMPLATE @ rotation_from(30.0, 0.0).T + [128.0, 120.0, 0.0]
    chart = FaceChart(turned)
    darker = put_on(turned, CLEAR)
    for side, seen in ((-1, True), (1, False)):
        arm = chart.in_picture(
            np.array([[side * 0.79, y, 0.45] for y in np.linspace(-0.07, 0.05, 40)])
        )
        assert bool(sampled(darker.astype(np.float32), arm).max() > 80) is seen


def test_a_thicker_frame_covers_more_and_rimless_glasses_least(painted_face) -> None:
    def area(glasses: Glasses) -> int:
        return int((put_on(painted_face.points, glasses) > 60).sum())

    thin = Glasses(thickness=0.014)
    assert area(Glasses(thickness=0.04)) > 1.4 * area(thin)
    assert area(Glasses(thickness=0.03, rim=Rim.UPPER)) < area(Glasses(thickness=0.03))
    assert area(Glasses(thickness=0.014, rim=Rim.NONE)) < area(thin)


def test_glasses_that_slip_sit_lower(painted_face) -> None:
    rows = [
        np.average(
            np.arange(256), weights=np.maximum(0, put_on(painted_face.points, g)).sum(axis=1)
        )
        for g in (CLEAR, Glasses(tint=(0.0, 0.0, 0.0), slip=0.08))
    ]
    assert rows[1] - rows[0] == pytest.approx(0.08 * painted_face.unit, rel=0.4)


def test_tinted_lenses_keep_their_share_of_light(painted_face) -> None:
    darker = put_on(painted_face.points, Glasses(tint=(0.2, 0.2, 0.2)))
    x, y = painted_face.points[LEFT_IRIS_CENTRE, :2].astype(int)
    assert darker[y + 4, x] == pytest.approx(0.2 * 180, rel=0.05)


def test_reflections_brighten_the_lenses_only(painted_face) -> None:
    plain, shining = (
        put_on(painted_face.points, Glasses(tint=(0.0, 0.0, 0.0), reflection=r)) for r in (0.0, 0.5)
    )
    brighter = plain - shining
    assert brighter.max() > 5
    assert brighter.min() > -1
    assert not brighter[painted_face.at(0, 0.4)[0] :].any()


def test_tortoiseshell_is_uneven(painted_face) -> None:
    shell = Glasses(colour=(120, 70, 40), gloss=0.0, thickness=0.044)
    even = put_on(painted_face.points, shell)
    mottled = put_on(painted_face.points, Glasses(**{**vars_of(shell), "mottling": 0.8}))
    frame = even > 70
    assert mottled[frame].std() > 1.5 * even[frame].std()


def vars_of(glasses: Glasses) -> dict[str, object]:
    return {name: getattr(glasses, name) for name in glasses.__slots__}


def test_a_face_outside_the_picture_stays(painted_face) -> None:
    picture = np.full((64, 64, 3), 150, np.float32)
    away = FaceChart(painted_face.points + np.array([900.0, 0, 0]))
    assert worn(picture, away, CLEAR, np.random.default_rng(0), None) is picture


def test_all_sorts_of_glasses_are_drawn() -> None:
    rng = np.random.default_rng(8)
    drawn = [drawn_glasses(rng) for _ in range(500)]
    assert {g.outline for g in drawn} == set(Outline)
    assert {g.rim for g in drawn} == set(Rim)
    assert all(0.01 <= g.thickness <= 0.045 and g.slip >= 0 for g in drawn)
    assert np.mean([g.reflection > 0 for g in drawn]) == pytest.approx(0.5, abs=0.07)
    assert all(0 <= share < 0.3 for g in drawn for share in g.tint)

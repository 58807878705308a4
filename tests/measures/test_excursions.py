"""Ways of the sites from rest: lengths, shares, the lids, the scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.clinical.anatomy import Movement, Side
from facialis.face import mesh
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.measures.excursions import (
    COMPARED_AT,
    JUDGED_BY,
    Way,
    compared_way,
    lid_gaps,
    midline_shift,
    millimetres_of,
    way_at,
    ways_of,
)
from facialis.measures.moment import POINTS_OF_SITE, Moment, Site
from facialis.measures.norms import View


def at(face: np.ndarray, movement: Movement = Movement.REST, **changes: object) -> Moment:
    made = Moment(movement, face, 90.0, 4.0, View(0, 0, 0.02), {}, 0.003, f"{movement}.jpg")
    return replace(made, **changes)  # type: ignore[arg-type]


def shifted(site: Site, side: Side, outwards: float, upwards: float) -> np.ndarray:
    """The mean face with one site moved."""
    face = TEMPLATE.copy()
    sign = 1 if side is Side.LEFT else -1
    face[list(POINTS_OF_SITE[side][site]), :2] += [sign * outwards, -upwards]
    return face


REST = at(TEMPLATE)


class TestTheWayOfASite:
    def test_is_the_straight_line_from_rest(self) -> None:
        moved = at(shifted(Site.COMMISSURE, Side.LEFT, 0.03, 0.04), Movement.SMILE)
        way = way_at(REST, moved, Site.COMMISSURE)
        assert way.length(Side.LEFT) == pytest.approx(0.05)
        assert way.length(Side.RIGHT) == pytest.approx(0.0, abs=1e-12)

    def test_tells_outwards_and_upwards_alike_on_both_sides(self) -> None:
        for side in Side:
            moved = at(shifted(Site.COMMISSURE, side, 0.03, 0.04), Movement.SMILE)
            assert way_at(REST, moved, Site.COMMISSURE).of(side) == pytest.approx((0.03, 0.04))

    def test_has_the_noise_of_both_readings(self) -> None:
        moved = at(TEMPLATE, Movement.SMILE, noise=0.004)
        assert way_at(REST, moved, Site.BROW).noise == pytest.approx(0.005)

    def test_of_the_lids_is_the_closing_of_the_gap(self) -> None:
        face = TEMPLATE.copy()
        gap = lid_gaps(TEMPLATE)[0]
        face[list(POINTS_OF_SITE[Side.RIGHT][Site.UPPER_LID]), 1] += gap / 2
        way = way_at(REST, at(face, Movement.EYE_CLOSE_GENTLE), Site.UPPER_LID)
        assert way.length(Side.RIGHT) == pytest.approx(gap / 2)
        assert way.length(Side.LEFT) == pytest.approx(0.0, abs=1e-12)
        assert way.noise == pytest.approx(0.003 * 2)

    def test_of_the_lids_is_negative_when_the_eye_opens_wider(self) -> None:
        face = shifted(Site.UPPER_LID, Side.RIGHT, 0.0, 0.02)
        way = way_at(REST, at(face, Movement.EYE_CLOSE_GENTLE), Site.UPPER_LID)
        assert way.length(Side.RIGHT) == pytest.approx(-0.02)
        assert not way.is_measurable(Side.RIGHT)


class TestTheShareOfTheHealthySide:
    def way(self, right: tuple[float, float], left: tuple[float, float]) -> Way:
        return Way(Movement.SMILE, (Site.COMMISSURE,), right, left, 0.001)

    def test_is_the_ratio_of_the_lengths_when_both_go_the_same_way(self) -> None:
        assert self.way((0.03, 0.06), (0.01, 0.02)).share(Side.LEFT) == pytest.approx(1 / 3)

    def test_is_nothing_for_a_corner_that_is_dragged_across(self) -> None:
        dragged = self.way((0.05, 0.02), (-0.02, 0.05))
        assert dragged.length(Side.LEFT) > 0.05
        assert dragged.share(Side.LEFT) == pytest.approx(0.0)

    def test_is_negative_for_a_corner_that_goes_against(self) -> None:
        share = self.way((0.05, 0.0), (-0.02, 0.0)).share(Side.LEFT)
        assert share is not None
        assert share < 0

    def test_is_unknown_when_the_healthy_side_hardly_moves(self) -> None:
        assert self.way((0.001, 0.001), (0.03, 0.0)).share(Side.LEFT) is None

    def test_is_less_sure_the_shorter_the_healthy_way(self) -> None:
        far, near = self.way((0.1, 0.0), (0.05, 0.0)), self.way((0.02, 0.0), (0.01, 0.0))
        assert near.share_sd(0.5, Side.LEFT) == pytest.approx(5 * far.share_sd(0.5, Side.LEFT))


class TestTheImbalance:
    @given(st.floats(0.01, 0.2), st.floats(0.0, 1.0))
    def test_follows_the_ratio_of_parallel_ways(self, length: float, ratio: float) -> None:
        way = Way(Movement.SMILE, (Site.COMMISSURE,), (length, 0.0), (ratio * length, 0.0), 1e-4)
        assert way.imbalance() == pytest.approx((1 - ratio) / (1 + ratio))

    def test_changes_sign_when_the_sides_are_swapped(self) -> None:
        way = Way(Movement.SMILE, (Site.COMMISSURE,), (0.05, 0.02), (0.01, -0.01), 1e-3)
        other = replace(way, right=way.left, left=way.right)
        assert way.imbalance() == pytest.approx(-(other.imbalance() or 0))

    def test_is_unknown_when_nothing_moves(self) -> None:
        way = Way(Movement.SMILE, (Site.COMMISSURE,), (0.004, 0.0), (0.003, 0.0), 0.003)
        assert way.imbalance() is None


class TestWhatAMovementIsKnownBy:
    @pytest.mark.parametrize("movement", [m for m in Movement if m is not Movement.REST])
    def test_every_movement_has_sites(self, movement: Movement) -> None:
        assert JUDGED_BY[movement]
        assert set(COMPARED_AT[movement]) <= set(JUDGED_BY[movement])

    def test_rest_has_none(self) -> None:
        assert ways_of(REST, REST) == ()
        assert compared_way(REST, REST) is None

    def test_ways_are_listed_by_site(self) -> None:
        ways = ways_of(REST, at(TEMPLATE, Movement.SNARL))
        assert [w.sites[0] for w in ways] == [Site.UPPER_LIP, Site.COMMISSURE, Site.ALA]

    def test_sites_are_compared_together(self) -> None:
        way = compared_way(REST, at(TEMPLATE, Movement.LOWER_TEETH))
        assert way is not None
        assert way.sites == (Site.LOWER_LIP, Site.COMMISSURE)
        assert len(way.right) == 4

    def test_mirroring_the_face_swaps_the_sides(self) -> None:
        face = shifted(Site.BROW, Side.RIGHT, 0.01, 0.05)
        other = face[MIRROR] * [-1.0, 1.0, 1.0]
        way = way_at(REST, at(face, Movement.BROW_RAISE), Site.BROW)
        back = way_at(REST, at(other, Movement.BROW_RAISE), Site.BROW)
        assert way.right == pytest.approx(back.left)
        assert way.left == pytest.approx(back.right)


class TestTheScale:
    def test_is_carried_over_from_rest(self) -> None:
        scale = millimetres_of(REST, at(TEMPLATE, Movement.EYE_CLOSE_TIGHT, mm=None, mm_sd=None))
        assert scale is not None
        assert (scale.value, scale.sd) == (90.0, 4.0)

    def test_of_rest_comes_before_that_of_the_movement(self) -> None:
        scale = millimetres_of(REST, at(TEMPLATE, Movement.SMILE, mm=70.0))
        assert scale is not None
        assert scale.value == 90.0

    def test_of_the_movement_serves_when_rest_has_none(self) -> None:
        hidden = at(TEMPLATE, mm=None, mm_sd=None)
        scale = millimetres_of(hidden, at(TEMPLATE, Movement.SMILE, mm=70.0, mm_sd=None))
        assert scale is not None
        assert (scale.value, scale.sd) == (70.0, 0.0)

    def test_may_be_missing(self) -> None:
        assert millimetres_of(None, at(TEMPLATE, Movement.SMILE, mm=None)) is None


def test_lid_gaps_are_those_of_the_mean_face() -> None:
    upper = TEMPLATE[list(mesh.RIGHT_UPPER_LID[3:6]), 1].mean()
    lower = TEMPLATE[list(mesh.RIGHT_LOWER_LID[3:6]), 1].mean()
    assert lid_gaps(TEMPLATE) == pytest.approx((lower - upper, lower - upper))


def test_the_midline_shift_is_positive_to_the_patients_left() -> None:
    face = TEMPLATE.copy()
    face[:, 0] += 0.03
    assert midline_shift(face) == pytest.approx(0.03)

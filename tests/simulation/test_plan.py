"""The plan of a cohort: chance that depends on nothing but the seed, the person and the picture."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement, Side
from facialis.simulation import plan as planning
from facialis.simulation.course import Phase
from facialis.simulation.plan import GRADES, MOVEMENTS_OF_A_CASE, Plan
from facialis.simulation.scoring import house_brackmann

CASE = len(MOVEMENTS_OF_A_CASE)


@pytest.fixture(scope="module")
def many():
    """Five cases of forty people."""
    plan = Plan(per_subject=5 * CASE)
    return [scene for person in range(40) for scene in plan.scenes(f"{person:03d}")]


def test_a_longer_plan_begins_with_the_shorter_one():
    longer = list(Plan(per_subject=40, seed=3).scenes("a"))
    assert list(Plan(per_subject=7, seed=3).scenes("a")) == longer[:7]


def test_other_people_and_the_order_of_work_change_nothing():
    plan = Plan(per_subject=5, seed=3)
    alone = {name: list(plan.scenes(name)) for name in ("b", "a")}
    together = [plan.scenes("a"), plan.scenes("b")]
    for first, second in zip(*together, strict=True):
        assert first == alone["a"].pop(0)
        assert second == alone["b"].pop(0)


def test_another_seed_or_another_person_is_another_draw():
    one = list(Plan(per_subject=6, seed=0).scenes("a"))
    seed = list(Plan(per_subject=6, seed=1).scenes("a"))
    person = list(Plan(per_subject=6, seed=0).scenes("b"))
    for other in (seed, person):
        assert all(a.yaw != b.yaw for a, b in zip(one, other, strict=True))
        assert one[0].habit_seed != other[0].habit_seed


def test_the_cases_of_a_person_are_other_draws():
    scenes = list(Plan(per_subject=2 * CASE, seed=0).scenes("a"))
    for one, other in zip(scenes[:CASE], scenes[CASE:], strict=True):
        assert one.movement is other.movement
        assert one.yaw != other.yaw
        assert one.habit_seed != other.habit_seed
        assert one.appearance.seed != other.appearance.seed


def test_every_movement_is_attempted_once_in_each_case():
    scenes = list(Plan(per_subject=3 * CASE).scenes("a"))
    for case in range(3):
        own = [s for s in scenes if s.case == case]
        assert sorted(s.movement for s in own) == sorted(Movement)
        assert len({(s.grade, s.lesion, s.habit_seed) for s in map(_hashable, own)}) == 1


def _hashable(scene):
    return replace(scene, lesion=repr(scene.lesion))


def test_grades_cycle_from_where_the_person_starts():
    starts = set()
    for person in ("a", "b", "c", "d", "e", "f", "g", "h"):
        scenes = list(Plan(per_subject=9 * CASE).scenes(person))
        grades = [scenes[i * CASE].grade for i in range(9)]
        first = next(i for i in range(7) if tuple(GRADES[i:] + GRADES[:i]) == tuple(grades[:7]))
        assert grades[7:] == grades[:2]
        starts.add(first)
    assert len(starts) > 2


def test_the_grade_is_that_of_the_lesion(many):
    for scene in many[::CASE]:
        if scene.grade == 1:
            assert scene.lesion is None
        else:
            assert house_brackmann(scene.lesion) == scene.grade
    sides = Counter(s.lesion.side for s in many[::CASE] if s.lesion)
    assert min(sides.values()) > 0.35 * sum(sides.values())


def _without_lesion(scene):
    return replace(scene, lesion=None, grade=0)


@pytest.mark.parametrize("grade", [2, 4, 6])
def test_no_draw_sees_the_lesion(monkeypatch, grade):
    """The same person drawn with another grade is otherwise the same in every picture."""
    plan = Plan(per_subject=2 * CASE, seed=5)
    drawn = {}
    for forced in (1, grade):
        monkeypatch.setattr(planning, "GRADES", (forced,) * 7)
        drawn[forced] = list(plan.scenes("a"))
    assert all(s.lesion is None for s in drawn[1])
    assert all(s.lesion is not None for s in drawn[grade])
    for healthy, palsied in zip(drawn[1], drawn[grade], strict=True):
        assert _without_lesion(healthy) == _without_lesion(palsied)


@pytest.mark.parametrize("grade", [3, 6])
def test_in_a_recording_only_the_weak_side_shows_the_lesion(monkeypatch, grade):
    plan = Plan(per_subject=CASE, seed=5, frames=4)
    drawn = {}
    for forced in (1, grade):
        monkeypatch.setattr(planning, "GRADES", (forced,) * 7)
        drawn[forced] = list(plan.scenes("a"))
    for healthy, palsied in zip(drawn[1], drawn[grade], strict=True):
        assert _without_lesion(replace(healthy, effort={})) == _without_lesion(
            replace(palsied, effort={})
        )
        well = palsied.lesion.side.opposite
        assert palsied.effort[well] == healthy.effort[well]


def test_healthy_and_palsied_people_look_alike(many):
    """Appearance, pose and quirks of both classes come from the same distribution."""
    classes = [s for s in many if s.lesion is None], [s for s in many if s.lesion is not None]
    assert min(len(c) for c in classes) > 500

    def shares(scenes):
        kinds = {
            "quirk": [s.quirk is not None for s in scenes],
            "fringe": [s.appearance.fringe is not None for s in scenes],
            "light": [s.appearance.light is not None for s in scenes],
            "camera": [s.appearance.camera is not None for s in scenes],
            "underway": [s.phase is Phase.ONSET for s in scenes],
            "turned": [abs(s.yaw) > 4 for s in scenes],
        }
        return {kind: np.mean(seen) for kind, seen in kinds.items()}

    healthy, palsied = map(shares, classes)
    for kind, share in healthy.items():
        assert 0.02 < share < 0.98
        assert share == pytest.approx(palsied[kind], abs=0.07), kind


def test_poses_and_efforts_stay_within_bounds(many):
    assert max(abs(s.yaw) for s in many) <= 10
    assert max(abs(s.pitch) for s in many) <= 7
    assert max(abs(s.placement.roll) for s in many) <= 8
    assert all(0.92 <= s.placement.zoom <= 1.08 for s in many)
    assert all(0 <= e <= 1 for s in many for e in s.effort.values())
    whole = [s for s in many if s.phase is Phase.HOLD]
    assert min(np.mean([*s.effort.values()]) for s in whole) > 0.55
    closing = [s for s in whole if s.movement.closes_the_eyes]
    assert min(np.mean([*s.effort.values()]) for s in closing) > 0.85
    underway = [s for s in many if s.phase is Phase.ONSET]
    assert 0.08 < len(underway) / len(many) < 0.22
    assert max(np.mean([*s.effort.values()]) for s in underway) < 0.85
    resting = [s for s in many if s.movement is Movement.REST]
    assert all(s.phase is Phase.REST for s in resting)


def test_what_a_person_wears_stays_for_a_case_and_the_light_does_not(many):
    for case in range(5):
        own = [s for s in many if s.subject == "003" and s.case == case]
        for trait in ("glasses", "beard", "lines"):
            assert len({repr(getattr(s.appearance, trait)) for s in own}) == 1
        assert len({s.appearance.seed for s in own}) == len(own)


def test_who_grows_no_beard_has_none():
    plan = Plan(per_subject=3 * CASE)
    people = [f"{i:02d}" for i in range(12)]
    with_ = [s for p in people for s in plan.scenes(p)]
    without = [s for p in people for s in plan.scenes(p, grows_beard=False)]
    assert any(s.appearance.beard for s in with_)
    assert not any(s.appearance.beard for s in without)


def test_names_are_unique_and_tell_person_number_and_movement(many):
    assert len({s.name for s in many}) == len(many)
    assert many[13].name == f"000_013_{many[13].movement}"
    assert all(s.name.startswith(f"{s.subject}_") for s in many)
    assert not any(s.sequence or s.frame is not None or s.seconds is not None for s in many)


@pytest.mark.parametrize("rate", [4.0, 6.0, 25.0])
def test_the_frames_of_a_run_share_all_but_the_moment(rate):
    plan = Plan(per_subject=CASE, seed=2, frames=5, rate=rate)
    scenes = list(plan.scenes("a"))
    assert len(scenes) == 5 * CASE
    assert len({s.name for s in scenes}) == len(scenes)
    for start in range(0, len(scenes), 5):
        run = scenes[start : start + 5]
        assert [s.frame for s in run] == [0, 1, 2, 3, 4]
        assert len({s.sequence for s in run}) == 1
        assert run[0].sequence
        assert len({repr((s.appearance, s.placement, s.lesion, s.quirk)) for s in run}) == 1
        assert len({s.movement for s in run}) == 1
        for before, after in pairwise(run):
            assert after.seconds - before.seconds == pytest.approx(1 / rate, abs=2e-4)
            assert abs(after.yaw - before.yaw) < 3
        assert all(0 <= e <= 1 for s in run for e in s.effort.values())
        assert run[0].seconds >= 0


def test_runs_show_the_onset_of_their_movement():
    plan = Plan(per_subject=CASE, seed=2, frames=8)
    scenes = list(plan.scenes("a"))
    for start in range(0, len(scenes), 8):
        run = scenes[start : start + 8]
        peak = max(max(s.effort.values()) for s in run)
        if run[0].movement is Movement.REST:
            assert peak == 0
            assert {s.phase for s in run} == {Phase.REST}
        else:
            assert peak > 0.9
            assert max(run[0].effort.values()) < 0.5
            assert Phase.ONSET in {s.phase for s in run}


def test_sides_of_healthy_people_move_together_in_a_recording(monkeypatch):
    monkeypatch.setattr(planning, "GRADES", (1,) * 7)
    for scene in Plan(per_subject=4, frames=4).scenes("a"):
        assert scene.effort[Side.LEFT] == scene.effort[Side.RIGHT]

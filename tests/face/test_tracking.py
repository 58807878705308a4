"""A face followed through frames that were made of one portrait."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.face import lookout
from facialis.face.expressions import EXPRESSION_NAMES, expression_scores
from facialis.face.landmarks import FaceLandmarks, interocular
from facialis.face.search import find_faces
from facialis.face.tracking import Flaw, Sighting, tracked
from facialis.face.warp import turned
from facialis.media.frame import Frame
from facialis.media.video import TimedFrame, open_video

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]
WALL = (90, 110, 130)
RATE = 25


def timed(pictures: Iterable[Pixels], rate: float = RATE) -> Iterator[TimedFrame]:
    for k, pixels in enumerate(pictures):
        yield TimedFrame(pixels, k / rate)


def seen(pictures: Iterable[Pixels], rate: float = RATE) -> list[Sighting]:
    return list(tracked(timed(pictures, rate)))


def shifted(pixels: Pixels, x: float, y: float = 0.0) -> Pixels:
    matrix = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
    size = pixels.shape[1::-1]
    return np.asarray(
        cv2.warpAffine(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


def on_wall(head: Pixels, size: tuple[int, int], at: tuple[int, int], zoom: float = 1.0) -> Pixels:
    """Put the head of the portrait, zoomed, on a plain wall of some width and height."""
    small = cv2.resize(head, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
    wall = np.full((size[1], size[0], 3), WALL, np.uint8)
    wall[at[1] : at[1] + small.shape[0], at[0] : at[0] + small.shape[1]] = small
    return wall


def gap(one: Points, other: Points) -> float:
    """Median distance of landmarks, in interocular distances."""
    apart = np.linalg.norm((one - other)[:, :2], axis=1)
    return float(np.median(apart)) / interocular(one)


@pytest.fixture(scope="module")
def head(astronaut: Pixels) -> Pixels:
    """(250, 200, 3): the head with a little of what is behind it."""
    return np.ascontiguousarray(astronaut[:250, 120:320])


@pytest.fixture(scope="module")
def resting(astronaut: Pixels) -> list[Sighting]:
    return seen([astronaut] * 6)


def test_a_still_face_is_where_a_photograph_shows_it(
    resting: list[Sighting], astronaut_face: FaceLandmarks
) -> None:
    for sighting in resting:
        assert sighting.points is not None
        assert gap(sighting.points, astronaut_face.points) < 0.02
        assert sighting.usable
        assert (sighting.flaw, sighting.others, sighting.is_cut, sighting.turn) == (
            None,
            0,
            False,
            0,
        )
    assert [s.seconds for s in resting] == pytest.approx(np.arange(6) / RATE)


def test_expressions_are_those_of_the_landmarks(resting: list[Sighting]) -> None:
    last = resting[-1]
    assert last.points is not None
    assert last.expressions is not None
    expected = expression_scores(last.points)
    assert last.expressions == pytest.approx([expected[n] for n in EXPRESSION_NAMES], abs=1e-6)


def test_a_moving_face_is_followed(astronaut: Pixels, resting: list[Sighting]) -> None:
    ways = [8 * np.sin(k / 4) for k in range(30)]
    sightings = seen(shifted(astronaut, x, x / 2) for x in ways)
    at_rest = resting[-1].points
    for sighting, x in zip(sightings, ways, strict=True):
        assert sighting.points is not None
        assert gap(sighting.points - [x, x / 2, 0], at_rest) < 0.02
        assert sighting.usable
        assert not sighting.is_cut


def test_tracking_the_same_frames_again_gives_the_same(astronaut: Pixels) -> None:
    frames = [shifted(astronaut, k) for k in range(8)]
    for one, other in zip(seen(frames), seen(frames), strict=True):
        np.testing.assert_array_equal(one.points, other.points)
        np.testing.assert_array_equal(one.expressions, other.expressions)


def test_a_covered_face_is_lost_and_found_again_without_a_cut(astronaut: Pixels) -> None:
    def covered(rows: int) -> Pixels:
        pixels = astronaut.copy()
        pixels[200 - rows : 200, 170:280] = WALL
        return pixels

    hand = [covered(rows) for rows in range(0, 141, 20)]
    sightings = seen([astronaut] * 5 + hand + [covered(140)] * 17 + hand[::-1] + [astronaut] * 10)
    assert all(s.usable for s in sightings[:5])
    assert {s.flaw for s in sightings[13:30]} == {Flaw.NO_FACE}
    assert sightings[20].points is sightings[20].pose is sightings[20].expressions is None
    assert all(s.usable for s in sightings[-10:])
    assert not any(s.is_cut for s in sightings)


def test_no_face_at_all_is_no_error() -> None:
    wall = np.full((120, 160, 3), WALL, np.uint8)
    assert {s.flaw for s in seen([wall] * 3)} == {Flaw.NO_FACE}
    assert seen([]) == []


def test_a_second_person_is_noticed_and_the_larger_one_followed(head: Pixels) -> None:
    alone = on_wall(head, (640, 400), (30, 60))
    both = alone.copy()
    both[100:300, 400:560] = cv2.resize(head, (160, 200), interpolation=cv2.INTER_AREA)
    sightings = seen([alone] * 5 + [both] * 10 + [alone] * 10, rate=10)
    assert [s.others for s in sightings[:5]] == [0] * 5
    assert [s.others for s in sightings[10:15]] == [1] * 5
    assert [s.others for s in sightings[-4:]] == [0] * 4
    for sighting in sightings:
        assert sighting.points is not None
        assert sighting.points[:, 0].mean() < 260
        assert sighting.usable


def test_the_face_that_was_followed_is_kept_when_a_larger_one_joins(head: Pixels) -> None:
    small = cv2.resize(head, (160, 200), interpolation=cv2.INTER_AREA)
    alone = on_wall(small, (640, 400), (30, 60))
    both = alone.copy()
    both[100:350, 400:600] = head
    sightings = seen([alone] * 5 + [both] * 10, rate=10)
    for sighting in sightings:
        assert sighting.points is not None
        assert sighting.points[:, 0].mean() < 260
    assert sightings[-1].others == 1


def test_another_shot_is_a_cut_and_begins_afresh(astronaut: Pixels, head: Pixels) -> None:
    scene = on_wall(head, (512, 512), (20, 200), 1.2)
    scene[:150] = (20, 30, 20)
    sightings = seen([astronaut] * 8 + [scene] * 8)
    assert [s.seconds for s in sightings if s.is_cut] == [8 / RATE]
    first = seen([scene] * 8)
    for after, alone in zip(sightings[8:], first, strict=True):
        np.testing.assert_array_equal(after.points, alone.points)
        assert after.usable


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_face_that_lies_on_its_side_is_turned(
    astronaut: Pixels, resting: list[Sighting], degrees: int
) -> None:
    code = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
    lying = np.asarray(cv2.rotate(astronaut, code[degrees]), np.uint8)
    sightings = seen([lying] * 6)
    upright = resting[-1]
    assert upright.points is not None
    cos, sin = round(np.cos(np.radians(degrees))), round(np.sin(np.radians(degrees)))
    rotation = np.array([[cos, -sin], [sin, cos]])
    expected = (upright.points[:, :2] - 256) @ rotation.T + 256
    for sighting in sightings:
        assert sighting.turn == 360 - degrees
        assert sighting.usable
        assert sighting.points is not None
        assert gap(sighting.points, np.column_stack((expected, upright.points[:, 2]))) < 0.02
    last = sightings[-1]
    assert last.pose is not None
    assert upright.pose is not None
    assert last.pose.yaw == pytest.approx(upright.pose.yaw, abs=1)
    assert last.expressions == pytest.approx(upright.expressions, abs=0.05)


def test_a_small_face_is_looked_at_closely(head: Pixels) -> None:
    zoom = 0.7
    frames = [on_wall(head, (1280, 720), (900 - 6 * k, 300), zoom) for k in range(40)]
    sightings = seen(frames)
    assert all(s.usable for s in sightings)
    assert not any(s.is_cut for s in sightings)
    for k in (0, 20, 39):
        alone = find_faces(Frame.from_array(frames[k]))[0].points
        points = sightings[k].points
        assert points is not None
        assert gap(points, alone) < 0.03


def test_somebody_else_beside_a_small_face_is_noticed(head: Pixels) -> None:
    both = on_wall(head, (1280, 720), (900, 300))
    both[250:500, 100:300] = head
    sightings = seen([both] * 4)
    assert [s.others for s in sightings] == [1] * 4


def flaws(sightings: list[Sighting]) -> set[Flaw | None]:
    return {s.flaw for s in sightings[2:]}


def test_a_face_that_is_too_small_is_found_but_not_measured(head: Pixels) -> None:
    tiny = on_wall(head, (640, 480), (200, 200), 0.45)
    sightings = seen([tiny] * 5)
    assert flaws(sightings) == {Flaw.SMALL}
    assert sightings[-1].points is not None


def test_a_head_that_is_turned_away_is_not_measured(
    large_astronaut: Pixels, large_face: FaceLandmarks
) -> None:
    aside = turned(large_astronaut, large_face.points, yaw=48, pitch=0)
    slightly = turned(large_astronaut, large_face.points, yaw=15, pitch=0)
    assert flaws(seen([aside] * 5)) == {Flaw.TURNED}
    assert flaws(seen([slightly] * 5)) == {None}


def test_a_face_cut_off_by_the_edge_is_not_measured(astronaut: Pixels) -> None:
    without_mouth = np.ascontiguousarray(astronaut[:145])
    assert flaws(seen([without_mouth] * 5)) == {Flaw.CUT_OFF}


def test_a_face_that_leaps_is_not_measured_in_that_frame(astronaut: Pixels) -> None:
    frames = [astronaut] * 6 + [shifted(astronaut, 25)] * 6
    sightings = seen(frames)
    assert [k for k, s in enumerate(sightings) if s.flaw is Flaw.UNSTEADY] == [6]
    assert not any(s.is_cut for s in sightings)


def test_a_face_that_moves_as_far_between_the_frames_of_a_slow_recording_is_measured(
    astronaut: Pixels,
) -> None:
    frames = [shifted(astronaut, 25 * (k % 2)) for k in range(8)]
    sightings = seen(frames, rate=5)
    assert all(s.usable for s in sightings)
    assert not any(s.is_cut for s in sightings)


def test_changing_light_is_no_cut(astronaut: Pixels) -> None:
    dim = (astronaut * 0.55).astype(np.uint8)
    sightings = seen([astronaut, dim] * 4)
    assert not any(s.is_cut for s in sightings)


def test_frames_are_not_kept(astronaut: Pixels) -> None:
    alive: list[weakref.ref[Pixels]] = []

    def frames() -> Iterator[TimedFrame]:
        for k in range(12):
            pixels = shifted(astronaut, k)
            alive.append(weakref.ref(pixels))
            yield TimedFrame(pixels, k / RATE)
            del pixels

    for _ in tracked(frames()):
        assert sum(ref() is not None for ref in alive) <= 2


def test_nothing_is_written_to_the_terminal(
    astronaut: Pixels, capfd: pytest.CaptureFixture[str]
) -> None:
    other = np.ascontiguousarray(astronaut[::-1])
    seen([astronaut] * 3 + [other] * 3 + [astronaut] * 3)
    assert capfd.readouterr() == ("", "")


def test_real_clips_are_followed_and_cuts_between_people_found(shared_data: Path) -> None:
    clips = [open_video(path) for path in sorted((shared_data / "video").glob("*.mpg"))]

    def joined() -> Iterator[TimedFrame]:
        for number, clip in enumerate(clips):
            for frame in clip.frames(end=1.0):
                yield TimedFrame(frame.pixels, 1.04 * number + frame.seconds)

    sightings = list(tracked(joined()))
    assert all(s.usable for s in sightings)
    assert not any(s.others for s in sightings)
    assert [s.seconds for s in sightings if s.is_cut] == pytest.approx([1.04, 2.08, 3.12, 4.16])


def test_somebody_else_who_comes_after_a_face_was_lost_is_told_from_the_same_person(
    shared_data: Path,
) -> None:
    clips = [open_video(path) for path in sorted((shared_data / "video").glob("*.mpg"))]
    people = [[frame.pixels for frame in clip.frames()] for clip in clips]
    covered = people[0][0].copy()
    covered[60:280, 90:270] = WALL

    def comes_back(after: list[Pixels]) -> list[float]:
        pictures = people[0][:20] + [covered] * 70 + after[30:60]
        return [round(s.seconds, 2) for s in seen(pictures) if s.is_cut]

    assert comes_back(people[0]) == []
    assert comes_back(people[1]) == pytest.approx([3.6], abs=0.5)


def test_a_face_taken_for_one_upside_down_is_put_right(
    astronaut: Pixels, resting: list[Sighting], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lookout.find_faces
    upside_down = np.ascontiguousarray(astronaut[::-1, ::-1])

    def deceived(frame: Frame) -> tuple[FaceLandmarks, ...]:
        monkeypatch.setattr(lookout, "find_faces", found)
        return found(Frame.from_array(upside_down))

    monkeypatch.setattr(lookout, "find_faces", deceived)
    sightings = seen([astronaut] * 30, rate=10)
    assert sightings[0].turn == 180
    assert {s.turn for s in sightings[-10:]} == {0}
    assert sightings[-1].points is not None
    assert gap(sightings[-1].points, resting[-1].points) < 0.02

"""Recordings without pictures: landmarks that muscles move, and sites on given courses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Side
from facialis.face.expressions import (
    EXPRESSION_NAMES,
    EXPRESSION_POINTS,
    MIRRORED_EXPRESSIONS,
    expression_session,
)
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.face.pose import head_pose, rotation_from
from facialis.measures.moment import Site, places
from facialis.measures.series import Series
from facialis.measures.units import eye_openings
from facialis.simulation.lesion import Lesion
from facialis.simulation.muscles import contracted
from facialis.simulation.nature import together
from facialis.simulation.palsy import acted, slackened
from facialis.simulation.plan import Scene
from facialis.simulation.recording import Script

Floats = NDArray[np.float64]

MM = 88.0


@dataclass(frozen=True)
class Act:
    """What a simulated movement does: when it begins, is up, comes down and rests again.

    Of the healthy side, if one is weak; `still` is when both rest.
    """

    movement: Movement
    begins: float
    up: float
    down: float
    rests: float
    still: float


@dataclass(frozen=True)
class Film:
    """A simulated recording and its truth: the courses of the healthy (or of both) sides."""

    series: Series
    acts: tuple[Act, ...]
    efforts: Floats


def scores_of(points: Sequence[Floats]) -> Floats:
    """Expression scores (T, 52) of many faces at once."""
    chosen = list(EXPRESSION_POINTS)
    feed = np.stack([(p - p.mean(axis=0))[chosen, :2] for p in points]).astype(np.float32)
    flipped = np.stack(
        [((p - p.mean(axis=0))[MIRROR] * [-1, 1, 1])[chosen, :2] for p in points]
    ).astype(np.float32)
    (logits,) = expression_session().run({"points": feed})
    (mirrored,) = expression_session().run({"points": flipped})
    both = (logits + mirrored[:, MIRRORED_EXPRESSIONS]) / 2
    return np.asarray(1 / (1 + np.exp(-both.astype(np.float64))))


def series_from(
    points: Sequence[Floats],
    seconds: Floats,
    *,
    lost: Sequence[tuple[float, float]] = (),
    cuts: tuple[float, ...] = (),
) -> Series:
    """A series as it is measured from landmarks (478, 3) in pixels."""
    poses = [head_pose(p) for p in points]
    frontal = [h.to_frontal(p) / h.scale for h, p in zip(poses, points, strict=True)]
    usable = np.array([not any(a <= t < b for a, b in lost) for t in seconds])
    table = {
        "places": np.stack([places(f) for f in frontal]),
        "openings": np.array([eye_openings(p) for p in points]),
        "expressions": scores_of(points),
        "yaw": np.array([h.yaw for h in poses]),
        "pitch": np.array([h.pitch for h in poses]),
    }
    for values in table.values():
        values[~usable] = np.nan
    return Series(
        seconds=np.asarray(seconds, np.float64),
        **{name: values.astype(np.float32) for name, values in table.items()},
        usable=usable,
        cuts=cuts,
        mm=MM,
        mm_sd=3.0,
        rate=float(1 / np.median(np.diff(seconds))),
    )


def landmarks(scene: Scene) -> Floats:
    """The mean face (478, 3) in a scene, 150 pixels between the outer corners of the eyes."""
    face = TEMPLATE if scene.lesion is None else slackened(TEMPLATE, scene.lesion)
    drive = together(acted(scene.movement, scene.effort, scene.lesion), scene.quirk)
    turned = contracted(face, drive) @ rotation_from(scene.yaw, scene.pitch).T
    return np.asarray(150 * turned + [300, 300, 0])


@pytest.fixture(scope="session")
def film() -> Callable[..., Film]:
    """Film one movement after another; see `Script`. Efforts can be scaled by `effort`."""

    def filmed(
        movements: Sequence[Movement],
        *,
        lesion: Lesion | None = None,
        seconds: float = 2.5,
        rate: float = 25.0,
        noise: float = 0.003,
        seed: int = 1,
        effort: Sequence[float] | float = 1.0,
        dropped: float = 0.0,
        lost: Sequence[tuple[float, float]] = (),
        cuts: tuple[float, ...] = (),
    ) -> Film:
        rng = np.random.default_rng([seed, 1])
        scenes = list(Script(movements, seconds, rate, lesion, seed=seed).scenes("person"))
        each = round(seconds * rate)
        much = np.broadcast_to(np.asarray(effort, np.float64), len(movements))
        leading = Side.RIGHT if lesion is None else lesion.side.opposite
        acts = []
        for number, movement in enumerate(movements):
            part = scenes[number * each : (number + 1) * each]
            times = np.array([s.seconds for s in part])
            efforts = np.array([s.effort[leading] for s in part])
            if efforts.max() > 0:
                active, full = times[efforts > 0], times[efforts > 0.999 * efforts.max()]
                still = max(s.seconds for s in part if max(s.effort.values()) > 0)
                acts.append(Act(movement, active[0], full[0], full[-1], active[-1], still))
        scenes = [
            replace(s, effort={k: v * much[i // each] for k, v in s.effort.items()})
            for i, s in enumerate(scenes)
        ]
        scenes = [s for s in scenes if rng.random() >= dropped]
        points = [landmarks(s) + rng.normal(0, 150 * noise, (478, 3)) for s in scenes]
        return Film(
            series_from(points, np.array([s.seconds for s in scenes]), lost=lost, cuts=cuts),
            tuple(acts),
            np.array([s.effort[leading] for s in scenes]),
        )

    return filmed


AT_REST = places(TEMPLATE)
OPENINGS_AT_REST = np.array(eye_openings(TEMPLATE))


@pytest.fixture(scope="session")
def plotted() -> Callable[..., Series]:
    """Build a series from ways (T, 2, 2) of sites: right and left side, outward and down.

    Lids follow `shut` (T, 2), how far the right and the left eye are closed.
    """

    def series(
        seconds: Floats,
        ways: Mapping[Site, Floats],
        *,
        shut: Floats | None = None,
        noise: float = 0.0,
        scores: Mapping[str, Floats] | None = None,
        usable: NDArray[np.bool_] | None = None,
        mm: float | None = MM,
        cuts: tuple[float, ...] = (),
    ) -> Series:
        count = len(seconds)
        at = np.repeat(AT_REST[None], count, axis=0)
        closed = np.zeros((count, 2)) if shut is None else shut
        upper, lower = list(Site).index(Site.UPPER_LID), list(Site).index(Site.LOWER_LID)
        at[:, upper] += closed[..., None] * (AT_REST[lower] - AT_REST[upper])
        for site, way in ways.items():
            at[:, list(Site).index(site)] += way * [[-1, 1], [1, 1]]
        at += np.random.default_rng(3).normal(0, noise, at.shape)
        table = np.zeros((count, len(EXPRESSION_NAMES)))
        for name, course in (scores or {}).items():
            table[:, EXPRESSION_NAMES.index(name)] = course
        seen = np.ones(count, bool) if usable is None else usable
        at[~seen] = np.nan
        return Series(
            seconds=seconds,
            places=at.astype(np.float32),
            openings=(OPENINGS_AT_REST * (1 - closed)).astype(np.float32),
            expressions=table.astype(np.float32),
            yaw=np.zeros(count, np.float32),
            pitch=np.zeros(count, np.float32),
            usable=seen,
            cuts=cuts,
            mm=mm,
            mm_sd=None if mm is None else 3.0,
            rate=float(1 / np.median(np.diff(seconds))),
        )

    return series


@pytest.fixture(scope="session")
def mirror_image() -> Callable[[Series], Series]:
    """The recording of the mirrored face."""

    def mirrored(series: Series) -> Series:
        return replace(
            series,
            places=series.places[:, :, ::-1] * np.array([-1, 1], np.float32),
            openings=series.openings[:, ::-1],
            expressions=series.expressions[:, MIRRORED_EXPRESSIONS],
            yaw=-series.yaw,
        )

    return mirrored


@pytest.fixture(scope="session")
def eased() -> Callable[..., Floats]:
    """Rise and fall of minimum jerk, worked out here once more: 0, up, 1, down, 0."""

    def course(
        t: Floats, begins: float, rise: float, hold: float, release: float, height: float = 1.0
    ) -> Floats:
        def step(share: Floats) -> Floats:
            s = np.clip(share, 0, 1)
            return np.asarray(10 * s**3 - 15 * s**4 + 6 * s**5)

        down = begins + rise + hold
        return np.asarray(height * (step((t - begins) / rise) - step((t - down) / release)))

    return course

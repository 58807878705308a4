"""One attempt at a movement, from what the person's muscles do to the finished picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Side
from facialis.face import mesh
from facialis.simulation.compose import Composite, Sitter, composed
from facialis.simulation.lesion import Lesion
from facialis.simulation.muscles import Contractions, Crease, contracted, creases, lip_strip
from facialis.simulation.nature import together
from facialis.simulation.palsy import acted, crease_tone, remaining, slackened
from facialis.simulation.skin import half

if TYPE_CHECKING:
    from facialis.simulation.folds import Depths

Floats = NDArray[np.float64]

_SIDES_BLEND: Final = 0.1
_STRIP_FOLLOWS: Final = 0.55


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """What a person attempts, and what becomes of it.

    Attributes:
        movement: What the person is asked to do.
        effort: Of each side, 0 to 1, as if healthy.
        lesion: None for a healthy person.
        habit: Displacement (478, 3) of the resting face, frontal frame, interocular units: an
            asymmetry that is this person's own.
        quirk: Contractions that nobody asked for (a wink, a smirk).
        yaw: Turn of the head towards the patient's left, degrees.
        pitch: Chin up, degrees.
        surroundings: Which photograph shows the hair and whatever is behind a smiling face; the
            neutral one shows them in every other movement.
    """

    movement: Movement
    effort: Mapping[Side, float] = field(default_factory=lambda: dict.fromkeys(Side, 1.0))
    lesion: Lesion | None = None
    habit: Floats | None = None
    quirk: Contractions | None = None
    yaw: float = 0.0
    pitch: float = 0.0
    surroundings: Literal["smile", "neutral"] = "smile"


def performed(sitter: Sitter, performance: Performance) -> Composite:
    """Return the picture of a person's attempt at a movement.

    A smile is composed of the person's neutral and smiling photographs if there are both; every
    other movement is made by the muscles from the neutral one.
    """
    composes = performance.movement is Movement.SMILE and sitter.expressive is not None
    target, share, depths = (_smiled if composes else _moved)(sitter, performance)
    return composed(
        sitter,
        target,
        share,
        depths=depths,
        surroundings=performance.surroundings,
        yaw=performance.yaw,
        pitch=performance.pitch,
    )


def _moved(sitter: Sitter, performance: Performance) -> tuple[Floats, None, Depths]:
    lesion = performance.lesion
    contractions = together(
        acted(performance.movement, performance.effort, lesion), performance.quirk
    )
    target = contracted(_at_rest(sitter.neutral.face, performance), contractions)
    return target, None, _depths(contractions, lesion)


def _smiled(sitter: Sitter, performance: Performance) -> tuple[Floats, Floats, Depths]:
    if sitter.expressive is None:
        return sitter.neutral.face, np.zeros(mesh.POINT_COUNT), {}
    lesion, effort = performance.lesion, performance.effort
    share = remaining(lesion) * sum(effort[s] * half(s, _SIDES_BLEND) for s in Side)
    neutral = sitter.neutral.face
    smile = sitter.expressive.face - neutral
    unopposed = _sideways(smile * share[:, None]) - float(share.mean()) * _sideways(smile)
    way = smile * share[:, None]
    way[:, 0] += _STRIP_FOLLOWS * unopposed * lip_strip()
    extra = together(_coupled(performance), performance.quirk)
    target = contracted(_at_rest(neutral, performance) + way, extra)
    return target, share, _depths(extra, lesion)


def _at_rest(face: Floats, performance: Performance) -> Floats:
    own = face if performance.habit is None else face + performance.habit
    return own if performance.lesion is None else slackened(own, performance.lesion)


def _sideways(way: Floats) -> float:
    """How far both commissures together are drawn to the patient's left."""
    return float(way[[mesh.RIGHT_COMMISSURE, mesh.LEFT_COMMISSURE], 0].sum())


def _coupled(performance: Performance) -> Contractions:
    """Return the contractions that synkinesis alone adds."""
    lesion = performance.lesion
    if lesion is None:
        return {}
    with_couplings = acted(performance.movement, performance.effort, lesion)[lesion.side]
    without = acted(performance.movement, performance.effort, replace(lesion, couplings=()))
    meant = without[lesion.side]
    return {lesion.side: {m: c for m, c in with_couplings.items() if c > meant.get(m, 0.0)}}


def _depths(contractions: Contractions, lesion: Lesion | None) -> Depths:
    depths: dict[tuple[Side, Crease], float] = dict(creases(contractions))
    for key, tone in ({} if lesion is None else crease_tone(lesion)).items():
        depths[key] = float(np.clip(depths.get(key, 0.0) + tone, -1, 1))
    return depths

"""Examinations whose faces are known by construction: the mean face moved by simulated muscles."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from facialis.clinical.anatomy import AffectedSide, Movement, Side
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.grading.photograph import Evidence, Verdict, verdict
from facialis.measures.moment import Moment
from facialis.measures.norms import View, default_norms
from facialis.measures.symmetry import asymmetry
from facialis.simulation.lesion import Lesion
from facialis.simulation.muscles import contracted
from facialis.simulation.palsy import acted, slackened

Moments = dict[Movement, Moment]
Examine = Callable[..., Moments]

ALL = tuple(Movement)


def moment(movement: Movement, face: np.ndarray, *, mm: float | None = 88.0) -> Moment:
    return Moment(
        movement=movement,
        face=face,
        mm=mm,
        mm_sd=None if mm is None else 3.0,
        view=View(0.0, 0.0, 0.02),
        expressions={},
        noise=0.003,
        source=f"{movement}.jpg",
    )


def examined_face(
    lesion: Lesion | None,
    movements: Iterable[Movement] = ALL,
    *,
    efforts: Mapping[Side, float] | None = None,
    mm: float | None = 88.0,
) -> Moments:
    rest = TEMPLATE if lesion is None else slackened(TEMPLATE, lesion)
    efforts = efforts or dict.fromkeys(Side, 1.0)
    return {m: moment(m, contracted(rest, acted(m, efforts, lesion)), mm=mm) for m in movements}


def mirrored_moments(moments: Moments) -> Moments:
    return {
        m: replace(each, face=each.face[MIRROR] * [-1.0, 1.0, 1.0]) for m, each in moments.items()
    }


def verdicts_of(moments: Moments) -> dict[Movement, Verdict]:
    norms = default_norms()
    return {
        m: verdict(
            Evidence(
                asymmetry=asymmetry(each.face),
                view=each.view,
                excluded={},
                movement=m,
                stated_side=None,
                age_in_range=None,
                expressions=np.zeros(len(EXPRESSION_NAMES)),
                closing=m.closes_the_eyes,
            ),
            norms,
        )
        for m, each in moments.items()
    }


SWAPPED = {AffectedSide.LEFT: AffectedSide.RIGHT, AffectedSide.RIGHT: AffectedSide.LEFT}


@pytest.fixture(scope="session")
def examine() -> Examine:
    """Moments of the mean face with a lesion, in all movements or some."""
    return examined_face

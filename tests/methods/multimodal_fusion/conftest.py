"""A source of pictures as the bench gives them, without files."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale
from facialis.face.mesh import TEMPLATE


def mean_face():
    """The mean face in a picture of 200 x 200 pixels, (478, 3)."""
    return TEMPLATE * 60 + np.array([100.0, 90.0, 0.0])


@dataclass
class Picture:
    """A framed picture of noise with the mean face's landmarks."""

    palsy: int | None = 1
    points: np.ndarray | None = field(default_factory=mean_face)
    name: str = "p1"
    side: None = None
    movement: Movement | None = None
    grade: int | None = None

    def picture(self):
        return np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)

    def parts(self):
        return None

    def attributes(self):
        return None

    def depth(self):
        return None

    def landmarks(self):
        return self.points

    def label(self, scale):
        return {Scale.PALSY: self.palsy, Scale.HOUSE_BRACKMANN: self.grade}.get(scale)


@pytest.fixture
def picture():
    return Picture


@pytest.fixture
def face():
    return mean_face()

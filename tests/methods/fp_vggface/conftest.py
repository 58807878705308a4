"""A source of pictures as the bench gives them, without files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from facialis.clinical.scales import Scale


@dataclass
class Picture:
    """A framed picture of noise with a grade."""

    grade: int | None = 2
    name: str = "p1"
    side: None = None

    def picture(self):
        return np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)

    def parts(self):
        return None

    def attributes(self):
        return None

    def depth(self):
        return None

    def landmarks(self):
        return None

    def label(self, scale):
        return self.grade if scale is Scale.SEVERITY else None


@pytest.fixture
def picture():
    return Picture

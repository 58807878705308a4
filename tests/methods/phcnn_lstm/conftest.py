"""Made-up frames and people for the tests of paper 003."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from facialis.face.mesh import TEMPLATE

SIZE = 256


def mesh() -> np.ndarray:
    """The mean face, 90 pixels from eye to eye, in the middle of the picture."""
    return TEMPLATE * 90 + np.array([SIZE / 2, SIZE / 2 - 20, 0])


@dataclass
class Frame:
    """A made-up `Source`."""

    seed: int = 0
    level: int | None = 1
    has_landmarks: bool = True
    subject: str = "london/001"
    side: None = None

    @property
    def name(self) -> str:
        return f"frame {self.seed}"

    def picture(self) -> np.ndarray:
        random = np.random.default_rng(self.seed)
        return random.integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8)

    def landmarks(self) -> np.ndarray | None:
        return mesh() if self.has_landmarks else None

    def label(self, scale: object) -> int | None:
        del scale
        return self.level

    def parts(self) -> None:
        return None

    def attributes(self) -> None:
        return None

    def depth(self) -> None:
        return None


@pytest.fixture
def frame() -> type[Frame]:
    return Frame

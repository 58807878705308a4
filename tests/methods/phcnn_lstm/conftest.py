"""Made-up frames and people for the tests of paper 003."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from torch import nn

from facialis.face.mesh import TEMPLATE
from facialis.methods.phcnn_lstm.learning import LevelLearner
from facialis.methods.phcnn_lstm.network import LevelNetwork, RegionsEncoder
from facialis.methods.phcnn_lstm.recipe import Settings

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


@pytest.fixture
def small() -> Callable[..., LevelLearner]:
    """The published learner with branches of a few weights."""

    def built(**settings: object) -> LevelLearner:
        given = Settings(**settings)
        face, eyes, mouth = (
            nn.Sequential(nn.AvgPool2d(8), nn.Flatten(), nn.Linear(numbers, 8))
            for numbers in (3 * 16 * 16, 3 * 5 * 15, 3 * 5 * 15)
        )
        encoder = RegionsEncoder(
            face=face, eyes=eyes, mouth=mouth, sizes=(8, 8, 8), fusion=given.fusion
        )
        return LevelLearner(LevelNetwork(encoder, hidden=4 if given.lstm else None), given)

    return built

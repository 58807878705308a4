"""A small form of paper 003's network, our own: ``phcnn_lstm-light``.

Three small branches on face, eyes with brows, and mouth see every frame and its mirror image. They
first learn to read faces (`facialis.networks.face_reading`). The LSTM gets the sum of the branches'
vectors and, beside it, a vector of what the landmarks measure of the frame; or, without measures,
what the branches read of it. A sequence and its mirror image get one answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.methods.phcnn_lstm.network import FrameEncoder, Fusion, fused
from facialis.networks.face_reading import (
    JOINED,
    FaceReading,
    Measured,
    Read,
    both_ways,
    mirrored_maps,
    summary,
)
from facialis.regions.rois import FACE_SIZE, STRIP

if TYPE_CHECKING:
    from collections.abc import Sequence

FEATURES: Final = 128
"""Length of each region's vector."""
HIDDEN: Final = 64
"""Length of the LSTM's state."""
STEM: Final = 16
FACE_STAGES: Final = ((32, 1), (96, 2), (160, 2))
"""Channels after each halving of the face (32, 16 and 8 pixels a side), and blocks to follow."""
STRIP_STAGES: Final = ((32, 1), (96, 2))
"""The same of a strip (10 x 30 and 5 x 15 pixels)."""
NARROW: Final = 32
"""Channels of the maps that are read and compared."""
DROPOUT: Final = 0.2
MEASURES_DROPOUT: Final = 0.3
UNSEEN: Final = 0.5
"""Share of the training frames whose pictures are kept from what grades, so that it learns to rest
on the measures: a few dozen people show more measures than looks."""


class Separable(nn.Module):
    """A depthwise 3 x 3 and a pointwise convolution, with a shortcut where the shape stays."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        """Build it."""
        super().__init__()
        self.is_shortcut = stride == 1 and inputs == outputs
        self.steps = nn.Sequential(
            nn.Conv2d(inputs, inputs, 3, stride, padding=1, groups=inputs, bias=False),
            nn.BatchNorm2d(inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, maps: Tensor) -> Tensor:
        """Return maps (N, outputs, H / stride, W / stride)."""
        found = self.steps(maps)
        return torch.relu(maps + found if self.is_shortcut else found)


class LightBranch(nn.Module):
    """A small network for one region.

    Attributes:
        encoder: From frames to maps (N, 32, h, w).
        compare: Joins the maps of a frame and of its mirror image.
        layer: From their means and greatest values to a vector.
        numbers: In the maps of a frame.
    """

    def __init__(self, shape: tuple[int, int], stages: Sequence[tuple[int, int]]) -> None:
        """Build it.

        Args:
            shape: Height and width of the region, pixels.
            stages: Channels after each halving that follows the first, and blocks that follow it.
        """
        super().__init__()
        steps: list[nn.Module] = [_joined(3, STEM, kernel=3, stride=2)]
        inputs = STEM
        for width, repeated in stages:
            steps.append(Separable(inputs, width, 2))
            steps += [Separable(width, width, 1) for _ in range(repeated)]
            inputs = width
        self.encoder = nn.Sequential(*steps, _joined(inputs, NARROW))
        self.compare = _joined(2 * NARROW, NARROW)
        self.layer = nn.Sequential(
            nn.Linear(2 * NARROW, FEATURES, bias=False),
            nn.BatchNorm1d(FEATURES),
            nn.ReLU(),
            nn.Dropout(DROPOUT),
        )
        shrunk = 2 ** (1 + len(stages))
        self.numbers = NARROW * (shape[0] // shrunk) * (shape[1] // shrunk)

    def forward(self, frames: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return maps of frames (N, 3, H, W) and of their mirror images, and vectors (N, 128)."""
        here, there = mirrored_maps(self.encoder, frames)
        seen = summary(self.compare(both_ways(here, there)))
        return here, there, torch.as_tensor(self.layer(seen))


class LightEncoder(FrameEncoder):
    """Three small branches that share nothing, what they read of a face, and what is measured.

    Attributes:
        face: N1.
        eyes: N2.
        mouth: N3.
        reading: Reads asymmetry, expression scores and landmarks from the maps of all three.
        measures: From a frame's measures to a vector; None goes by what is read.
    """

    def __init__(self, fusion: Fusion, *, measures: bool = True) -> None:
        """Build it from random weights; `fusion` is of the branches' vectors."""
        super().__init__()
        self.face = LightBranch((FACE_SIZE, FACE_SIZE), FACE_STAGES)
        self.eyes = LightBranch(STRIP, STRIP_STAGES)
        self.mouth = LightBranch(STRIP, STRIP_STAGES)
        self.reading = FaceReading(sum(each.numbers for each in self.branches))
        self.measures = _perceptron() if measures else None
        self.fusion: Fusion = fusion
        self.size = FEATURES * (len(self.branches) if fusion == "concat" else 1)
        self.size += FEATURES if measures else JOINED

    @property
    def branches(self) -> tuple[LightBranch, LightBranch, LightBranch]:
        """N1, N2 and N3."""
        return self.face, self.eyes, self.mouth

    def seen(
        self, face: Tensor, eyes: Tensor, mouth: Tensor, measured: Measured | None = None
    ) -> tuple[Tensor, Read]:
        """Return vectors (N, size) of frames, and what is read of them.

        Args:
            face: (N, 3, 128, 128), 0 to 1.
            eyes: (N, 3, 40, 120), 0 to 1.
            mouth: (N, 3, 40, 120), 0 to 1.
            measured: What the landmarks say; with `measures`, and only then.

        Raises:
            ValueError: It is missing, or is of no use.
        """
        if (measured is None) != (self.measures is None):
            raise ValueError("give what was measured to a network with measures, and to no other")
        pairs = zip(self.branches, (face, eyes, mouth), strict=True)
        here, there, vectors = zip(*(branch(frames) for branch, frames in pairs), strict=True)
        read: Read = self.reading(*(_side_by_side(maps) for maps in (here, there)))
        looks = fused(vectors, self.fusion)
        if self.measures is None or measured is None:
            return torch.cat((looks, self.reading.joined(read)), dim=1), read
        kept = functional.dropout(torch.ones_like(looks[:, :1]), UNSEEN, self.training)
        numbers = self.measures(self.reading.joined(measured))
        return torch.cat((looks * kept, numbers), dim=1), read

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return vectors (N, size) of frames (N, 3, H, W), 0 to 1, without measures."""
        return self.seen(face, eyes, mouth)[0]


def _perceptron() -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(JOINED, FEATURES),
        nn.ReLU(),
        nn.Dropout(MEASURES_DROPOUT),
        nn.Linear(FEATURES, FEATURES),
        nn.ReLU(),
    )


def _side_by_side(maps: Sequence[Tensor]) -> Tensor:
    return torch.cat([each.flatten(1) for each in maps], dim=1)


def _joined(inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )

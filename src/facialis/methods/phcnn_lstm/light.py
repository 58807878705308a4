"""A small form of paper 003's three branches, our own: ``phcnn_lstm-light``.

The published branches hold most of their weights in the layer that follows the last map. Here each
map is averaged over a coarse grid instead, which still tells left from right, and the convolutions
are depthwise separable with shortcuts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from facialis.methods.phcnn_lstm.network import Fusion, RegionsEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

FEATURES: Final = 128
"""Length of each region's vector."""
STEM: Final = 16
FACE_WIDTHS: Final = (32, 64, 128)
"""Channels after each halving of the face: 64, 32, 16 and 8 pixels a side."""
STRIP_WIDTHS: Final = (32, 96)
"""Channels after each halving of a strip: 20 x 60, 10 x 30 and 5 x 15 pixels."""
FACE_CELL: Final = (2, 2)
"""Pixels of the last map that are averaged: a grid of 4 x 4."""
STRIP_CELL: Final = (5, 3)
"""Pixels of the last map that are averaged: a grid of 1 x 5, its third cell on the midline."""
DROPOUT: Final = 0.2


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


def light_branch(widths: Sequence[int], cell: tuple[int, int], cells: int) -> nn.Sequential:
    """Return a branch from frames (N, 3, H, W), 0 to 1, to (N, 128).

    Args:
        widths: Channels after each halving that follows the first.
        cell: Height and width of a cell of the last map, pixels.
        cells: How many there are.
    """
    steps: list[nn.Module] = [
        nn.Conv2d(3, STEM, 3, 2, padding=1, bias=False), nn.BatchNorm2d(STEM), nn.ReLU(),
    ]  # fmt: skip
    inputs = STEM
    for width in widths:
        steps += [Separable(inputs, width, 2), Separable(width, width, 1)]
        inputs = width
    return nn.Sequential(
        *steps,
        nn.AvgPool2d(cell),
        nn.Flatten(),
        nn.Linear(inputs * cells, FEATURES, bias=False),
        nn.BatchNorm1d(FEATURES),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
    )


def light_phcnn(fusion: Fusion) -> RegionsEncoder:
    """Return the three small branches."""
    return RegionsEncoder(
        face=light_branch(FACE_WIDTHS, FACE_CELL, 16),
        eyes=light_branch(STRIP_WIDTHS, STRIP_CELL, 5),
        mouth=light_branch(STRIP_WIDTHS, STRIP_CELL, 5),
        sizes=(FEATURES,) * 3,
        fusion=fusion,
    )

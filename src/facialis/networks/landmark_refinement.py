"""The network that moves landmarks of lids, brows and lips to where close-ups show them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.regions.close_ups import EYE_POINTS, MOUTH_POINTS, SIDE

_CHANNELS = (16, 32, 64, 96)
_HIDDEN = 192
_DROPOUT = 0.2
_SPREAD = 5.0
"""Pixels by which landmarks of a close-up usually differ from their mean."""


class CloseUpNetwork(nn.Module):
    """Says how far landmarks are off, from a close-up and from where they were found in it.

    Args:
        points: How many.

    Attributes:
        mean: (points, 2) where they usually are, pixels of the close-up.
    """

    mean: Tensor

    def __init__(self, points: int) -> None:
        """Build it from random weights; untrained it moves nothing."""
        super().__init__()
        layers: list[nn.Module] = []
        given = 3
        for depth, channels in enumerate(_CHANNELS):
            layers += _block(given, channels, stride=2)
            if depth:
                layers += _block(channels, channels, stride=1)
            given = channels
        self.maps = nn.Sequential(*layers)
        left = SIDE // 2 ** len(_CHANNELS)
        self.hidden = nn.Linear(given * left * left + 2 * points, _HIDDEN)
        self.offsets = nn.Linear(_HIDDEN, 2 * points)
        self.dropout = nn.Dropout(_DROPOUT)
        nn.init.zeros_(self.offsets.weight)
        nn.init.zeros_(self.offsets.bias)
        self.register_buffer("mean", torch.zeros(points, 2))

    def forward(self, close_ups: Tensor, found: Tensor) -> Tensor:
        """Return offsets (B, points, 2), pixels of the close-up.

        Args:
            close_ups: (B, 3, `SIDE`, `SIDE`), 0 to 1.
            found: (B, points, 2) landmarks, pixels of the close-up.
        """
        seen = self.maps(close_ups).flatten(1)
        placed = ((found - self.mean) / _SPREAD).flatten(1)
        hidden = functional.relu(self.hidden(torch.cat((seen, placed), dim=1)))
        moves: Tensor = self.offsets(self.dropout(hidden))
        return moves.unflatten(1, (-1, 2))


class LandmarkRefinement(nn.Module):
    """One network for both eyes, the right one mirrored, and one for the mouth."""

    def __init__(self) -> None:
        """Build both from random weights."""
        super().__init__()
        self.eye = CloseUpNetwork(len(EYE_POINTS))
        self.mouth = CloseUpNetwork(len(MOUTH_POINTS))

    def forward(
        self, eyes: Tensor, eye_points: Tensor, mouths: Tensor, mouth_points: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return offsets of landmarks in close-ups, pixels: as `CloseUps` has them all."""
        return self.eye(_scaled(eyes), eye_points), self.mouth(_scaled(mouths), mouth_points)


def _scaled(close_ups: Tensor) -> Tensor:
    return close_ups.permute(0, 3, 1, 2).float() / 255


def _block(given: int, channels: int, *, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(given, channels, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    ]

"""The network that moves landmarks of eyes, brows and the lower face to where close-ups show them.

It reads its maps where the landmarks are (as supervised descent does with hand-made features:
Xiong and De la Torre 2013, doi:10.1109/CVPR.2013.75), moves them, and reads again where they are
then.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.regions.close_ups import EYE_POINTS, EYE_SIDE, MOUTH_POINTS, MOUTH_SIDE

_CHANNELS = (24, 40, 64, 96)
"""Of the maps, each half as wide as the one before; the first is half as wide as the close-up."""
_READ_AT_LANDMARKS = 3
"""Of these maps; the last is read as a whole."""
_LOOKS = 2
_OF_LANDMARK, _OF_WHOLE, _HIDDEN = 16, 64, 192
_DROPOUT = 0.2
_SPREAD = 5.0
"""Pixels by which landmarks of a close-up usually differ from their mean."""


class Look(nn.Module):
    """Reads the maps where landmarks are, and says how far the landmarks are off.

    Args:
        points: How many.
    """

    def __init__(self, points: int) -> None:
        """Build it from random weights; untrained it moves nothing."""
        super().__init__()
        read = sum(_CHANNELS[:_READ_AT_LANDMARKS])
        self.weight = nn.Parameter(torch.randn(points, read, _OF_LANDMARK) * (2 / read) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(points, _OF_LANDMARK))
        self.hidden = nn.Linear(points * (_OF_LANDMARK + 2) + _OF_WHOLE, _HIDDEN)
        self.offsets = nn.Linear(_HIDDEN, 2 * points)
        self.dropout = nn.Dropout(_DROPOUT)
        nn.init.zeros_(self.offsets.weight)
        nn.init.zeros_(self.offsets.bias)

    def forward(self, maps: list[Tensor], whole: Tensor, at: Tensor, placed: Tensor) -> Tensor:
        """Return offsets (B, points, 2), pixels of the close-up.

        Args:
            maps: Each (B, C, H, W).
            whole: (B, C) read of the whole close-up.
            at: (B, points, 2) landmarks, from -1 to 1 over the close-up.
            placed: (B, points, 2) how they lie about their usual places.
        """
        read = torch.cat([_read(each, at) for each in maps], dim=1)
        each_by_its_own = (read.permute(2, 0, 1) @ self.weight).transpose(0, 1) + self.bias
        seen = self.dropout(functional.relu(each_by_its_own).flatten(1))
        hidden = functional.relu(self.hidden(torch.cat((seen, placed.flatten(1), whole), dim=1)))
        moves: Tensor = self.offsets(self.dropout(hidden))
        return moves.unflatten(1, (-1, 2)).float()


class CloseUpNetwork(nn.Module):
    """Says how far landmarks are off, from a close-up and from where they were found in it.

    Args:
        points: How many.
        side: Width and height of the close-up, pixels.

    Attributes:
        mean: (points, 2) where they usually are, pixels of the close-up.
    """

    mean: Tensor

    def __init__(self, points: int, side: int) -> None:
        """Build it from random weights; untrained it moves nothing."""
        super().__init__()
        self.side = side
        self.maps = nn.ModuleList()
        given = 3
        for depth, channels in enumerate(_CHANNELS):
            layers = _block(given, channels, stride=2)
            if depth:
                layers += _block(channels, channels, stride=1)
            self.maps.append(nn.Sequential(*layers))
            given = channels
        left = side // 2 ** len(_CHANNELS)
        self.whole = nn.Linear(given * left * left, _OF_WHOLE)
        self.looks = nn.ModuleList(Look(points) for _ in range(_LOOKS))
        self.dropout = nn.Dropout(_DROPOUT)
        self.register_buffer("mean", torch.zeros(points, 2))

    def after_each(self, close_ups: Tensor, found: Tensor) -> list[Tensor]:
        """Return the offsets (B, points, 2) after each look, pixels of the close-up.

        Args:
            close_ups: (B, 3, `side`, `side`), 0 to 1.
            found: (B, points, 2) landmarks, pixels of the close-up.
        """
        maps, last = [], close_ups
        for each in self.maps:
            last = each(last)
            maps.append(last.float())
        whole = functional.relu(self.whole(self.dropout(last.flatten(1))))
        offsets = [torch.zeros_like(found)]
        for look in self.looks:
            before = offsets[-1].detach()
            at = found + before
            in_map, placed = at * (2 / self.side) - 1, (at - self.mean) / _SPREAD
            moves = look(maps[:_READ_AT_LANDMARKS], whole, in_map, placed)
            offsets.append(before + moves)
        return offsets[1:]

    def forward(self, close_ups: Tensor, found: Tensor) -> Tensor:
        """Return the offsets (B, points, 2) after the last look; arguments as `after_each`."""
        return self.after_each(close_ups, found)[-1]


class LandmarkRefinement(nn.Module):
    """One network for both eyes, the right one mirrored, and one for the mouth."""

    def __init__(self) -> None:
        """Build both from random weights."""
        super().__init__()
        self.eye = CloseUpNetwork(len(EYE_POINTS), EYE_SIDE)
        self.mouth = CloseUpNetwork(len(MOUTH_POINTS), MOUTH_SIDE)

    def forward(
        self, eyes: Tensor, eye_points: Tensor, mouths: Tensor, mouth_points: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return offsets of landmarks in close-ups, pixels: as `CloseUps` has them all."""
        return self.eye(_scaled(eyes), eye_points), self.mouth(_scaled(mouths), mouth_points)


def _scaled(close_ups: Tensor) -> Tensor:
    return close_ups.permute(0, 3, 1, 2).float() / 255


def _read(of: Tensor, at: Tensor) -> Tensor:
    """Return a map's values (B, C, points) where landmarks are."""
    found = functional.grid_sample(of, at[:, None], padding_mode="border", align_corners=False)
    return found[:, :, 0]


def _block(given: int, channels: int, *, stride: int) -> list[nn.Module]:
    return [
        nn.Conv2d(given, channels, 3, stride=stride, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(inplace=True),
    ]

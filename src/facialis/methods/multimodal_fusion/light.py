"""Ours, beyond the paper: small nets of asymmetry and expression scores, blind to sides.

The paper's net of coordinates must find out by itself that a face is to be compared with its
mirror image. Here that is built in, in two ways whose answers are averaged. One net reads sizes
alone, and bears faces unlike those that it has met. The other reads signs too: in palsy brow, lid
and mouth are low on one side, while what is uneven by nature lies on either.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.measures.symmetry import FEATURES
from facialis.methods.multimodal_fusion.network import BatchNorm

ASYMMETRIES: Final = len(FEATURES)
LEVELS: Final = 3
PALSY: Final = 2
_WIDE: Final = 128
_NARROW: Final = 64
_DROPOUT: Final = 0.3
_FARTHEST: Final = 6.0
"""Standard deviations beyond which a number is read as this far."""
_LEAST_DEVIATION: Final = 0.005
"""So that scores that are all but zero on every face, and their rounding, are not blown up."""
_MIRRORED: Final = MIRRORED_EXPRESSIONS.tolist()
_LEFT: Final = [i for i, j in enumerate(_MIRRORED) if i < j]
_RIGHT: Final = [_MIRRORED[i] for i in _LEFT]
_OF_NO_SIDE: Final = [i for i, j in enumerate(_MIRRORED) if i == j]

Logits = tuple[Tensor, Tensor]
"""Of no palsy and palsy (B, 2), and of the three levels (B, 3)."""


class Fusion(nn.Module):
    """A perceptron over numbers of a face.

    Attributes:
        mean: Of each number over the training pictures.
        deviation: Standard deviation of each.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self, numbers: int) -> None:
        """Prepare to read so many numbers."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(numbers))
        self.register_buffer("deviation", torch.ones(numbers))
        self.palsy = nn.Linear(_NARROW, PALSY)
        self.level = nn.Linear(_NARROW, LEVELS)

    def read(self, asymmetry: Tensor, expressions: Tensor) -> Tensor:
        """Return what the net reads, a row of numbers for each face or for each of its views.

        Args:
            asymmetry: (B, 29), signed, left less right, interocular distances.
            expressions: (B, 52), 0 to 1.
        """
        raise NotImplementedError

    def meet(self, asymmetry: Tensor, expressions: Tensor) -> None:
        """Set `mean` and `deviation` by the training pictures (n, 29), (n, 52)."""
        read = self.read(asymmetry, expressions)
        self.mean.copy_(read.mean(dim=0))
        self.deviation.copy_(read.std(dim=0, correction=0).clamp(min=_LEAST_DEVIATION))

    def scaled(self, asymmetry: Tensor, expressions: Tensor) -> Tensor:
        """Return `read` in standard deviations from the mean."""
        read = (self.read(asymmetry, expressions) - self.mean) / self.deviation
        return read.clamp(-_FARTHEST, _FARTHEST)


class SizeFusion(Fusion):
    """Reads the size of asymmetries, and the mean and difference of paired scores."""

    def __init__(self) -> None:
        """Build it from random weights."""
        numbers = ASYMMETRIES + 2 * len(_LEFT) + len(_OF_NO_SIDE)
        super().__init__(numbers)
        self.layers = nn.Sequential(*_layer(numbers, _WIDE), *_layer(_WIDE, _NARROW))

    def read(self, asymmetry: Tensor, expressions: Tensor) -> Tensor:
        """Return numbers (B, 81) that are the same for a face and its mirror image."""
        left, right = expressions[:, _LEFT], expressions[:, _RIGHT]
        paired = ((left + right) / 2, (left - right).abs())
        return torch.cat((asymmetry.abs(), *paired, expressions[:, _OF_NO_SIDE]), dim=1)

    def forward(self, asymmetry: Tensor, expressions: Tensor) -> Logits:
        """Return logits of faces (B, 29), (B, 52)."""
        found = self.layers(self.scaled(asymmetry, expressions))
        return self.palsy(found), self.level(found)


class SignFusion(Fusion):
    """Reads a face and its mirror image, and goes on with the larger of each number of the two."""

    def __init__(self) -> None:
        """Build it from random weights."""
        numbers = ASYMMETRIES + len(EXPRESSION_NAMES)
        super().__init__(numbers)
        self.layers = nn.Sequential(*_layer(numbers, _WIDE), *_layer(_WIDE, _WIDE))
        self.head = nn.Sequential(*_layer(_WIDE, _NARROW))

    def read(self, asymmetry: Tensor, expressions: Tensor) -> Tensor:
        """Return the numbers of faces, then those of their mirror images (2B, 81)."""
        here = torch.cat((asymmetry, expressions), dim=1)
        there = torch.cat((-asymmetry, expressions[:, _MIRRORED]), dim=1)
        return torch.cat((here, there))

    def forward(self, asymmetry: Tensor, expressions: Tensor) -> Logits:
        """Return logits of faces (B, 29), (B, 52)."""
        count = asymmetry.shape[0]
        seen = self.layers(self.scaled(asymmetry, expressions))
        found = self.head(torch.maximum(seen[:count], seen[count:]))
        return self.palsy(found), self.level(found)


class LightFusion(nn.Module):
    """The mean of what a net of sizes and one of signs answer, each of which learns by itself."""

    def __init__(self) -> None:
        """Build both from random weights."""
        super().__init__()
        self.sizes = SizeFusion()
        self.signs = SignFusion()

    def meet(self, asymmetry: Tensor, expressions: Tensor) -> None:
        """Tell both how the numbers of the training pictures (n, 29), (n, 52) are spread."""
        self.sizes.meet(asymmetry, expressions)
        self.signs.meet(asymmetry, expressions)

    def each(self, asymmetry: Tensor, expressions: Tensor) -> tuple[Logits, Logits]:
        """Return what each of the two answers."""
        return self.sizes(asymmetry, expressions), self.signs(asymmetry, expressions)

    def forward(self, asymmetry: Tensor, expressions: Tensor) -> Logits:
        """Return logits of no palsy and palsy (B, 2) and of the three levels (B, 3).

        Args:
            asymmetry: (B, 29), signed, left less right, interocular distances.
            expressions: (B, 52), 0 to 1.
        """
        (palsy, level), (signed_palsy, signed_level) = self.each(asymmetry, expressions)
        return (palsy + signed_palsy) / 2, (level + signed_level) / 2


def _layer(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Linear(inputs, outputs), BatchNorm(outputs), nn.GELU(), nn.Dropout(_DROPOUT)

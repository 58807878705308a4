"""Ours, beyond the paper: small nets of asymmetry and expression scores, blind to sides.

The paper's net of coordinates must find out by itself that a face is to be compared with its
mirror image. Here that is built in, in two ways whose answers are averaged. One net reads sizes
alone, and bears faces unlike those that it has met. The other reads signs too: in palsy brow, lid
and mouth are low on one side, while what is uneven by nature lies on either.
"""

from __future__ import annotations

from typing import Final

from torch import Tensor, nn

from facialis.methods.multimodal_fusion.network import BatchNorm
from facialis.methods.multimodal_fusion.reading import SIGNS, SIZES, Standardised, both_ways, sizes

LEVELS: Final = 3
PALSY: Final = 2
_WIDE: Final = 128
_NARROW: Final = 64
_DROPOUT: Final = 0.3

Logits = tuple[Tensor, Tensor]
"""Of no palsy and palsy (B, 2), and of the three levels (B, 3)."""


class Fusion(Standardised):
    """A perceptron over numbers of a face."""

    def __init__(self, numbers: int) -> None:
        """Prepare to read so many numbers."""
        super().__init__(numbers)
        self.palsy = nn.Linear(_NARROW, PALSY)
        self.level = nn.Linear(_NARROW, LEVELS)


class SizeFusion(Fusion):
    """Reads the size of asymmetries, and the mean and difference of paired scores."""

    def __init__(self) -> None:
        """Build it from random weights."""
        super().__init__(SIZES)
        self.layers = nn.Sequential(*_layer(SIZES, _WIDE), *_layer(_WIDE, _NARROW))

    def forward(self, asymmetry: Tensor, expressions: Tensor) -> Logits:
        """Return logits of faces (B, 29), (B, 52)."""
        found = self.layers(self.standardised(sizes(asymmetry, expressions)))
        return self.palsy(found), self.level(found)


class SignFusion(Fusion):
    """Reads a face and its mirror image, and goes on with the larger of each number of the two."""

    def __init__(self) -> None:
        """Build it from random weights."""
        super().__init__(SIGNS)
        self.layers = nn.Sequential(*_layer(SIGNS, _WIDE), *_layer(_WIDE, _WIDE))
        self.head = nn.Sequential(*_layer(_WIDE, _NARROW))

    def forward(self, asymmetry: Tensor, expressions: Tensor) -> Logits:
        """Return logits of faces (B, 29), (B, 52)."""
        read = self.standardised(both_ways(asymmetry, expressions))
        seen = self.layers(read.flatten(0, 1)).unflatten(0, (2, -1))
        found = self.head(seen.amax(dim=0))
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
        self.sizes.take(sizes(asymmetry, expressions))
        self.signs.take(both_ways(asymmetry, expressions))

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

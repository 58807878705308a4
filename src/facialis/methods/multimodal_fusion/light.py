"""Ours, beyond the paper: small nets of asymmetry and expression scores, blind to sides.

The paper's net of coordinates must find out by itself that a face is to be compared with its
mirror image. Here that is built in, in two ways whose answers are averaged. One net reads sizes
alone, and bears faces unlike those that it has met. The other reads signs too: in palsy brow, lid
and mouth are low on one side, while what is uneven by nature lies on either.

Where it is known which movement a picture shows, another pair of nets answers, which read it as
well: what moves in a smile says little of one who was asked to close the eyes.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.clinical.anatomy import Movement
from facialis.methods.multimodal_fusion.network import BatchNorm
from facialis.methods.multimodal_fusion.reading import SIGNS, SIZES, Standardised, both_ways, sizes

PALSY: Final = 2
GRADES: Final = 6
MOVEMENTS: Final = len(Movement)
OF_LEVELS: Final = (slice(0, 1), slice(1, 4), slice(4, 6))
"""The grades of each level of paper 003: I, II to IV, V and VI."""
_WIDE: Final = 128
_NARROW: Final = 64
_DROPOUT: Final = 0.3

Logits = tuple[Tensor, Tensor]
"""Of no palsy and palsy (B, 2), and of the six grades (B, 6)."""


class Fusion(Standardised):
    """A perceptron over numbers of a face."""

    def __init__(self, numbers: int) -> None:
        """Prepare to read so many numbers."""
        super().__init__(numbers)
        self.palsy = nn.Linear(_NARROW, PALSY)
        self.grade = nn.Linear(_NARROW, GRADES)


class SizeFusion(Fusion):
    """Reads the size of asymmetries, the mean and difference of paired scores, and what is told."""

    def __init__(self, told: int) -> None:
        """Build it from random weights; it is told so many numbers."""
        super().__init__(SIZES)
        self.layers = nn.Sequential(*_layer(SIZES + told, _WIDE), *_layer(_WIDE, _NARROW))

    def forward(self, asymmetry: Tensor, expressions: Tensor, told: Tensor) -> Logits:
        """Return logits of faces (B, 29), (B, 52) of which numbers are told (B, n)."""
        read = self.standardised(sizes(asymmetry, expressions))
        found = self.layers(torch.cat((read, told), dim=-1))
        return self.palsy(found), self.grade(found)


class SignFusion(Fusion):
    """Reads a face and its mirror image, and goes on with the larger of each number of the two."""

    def __init__(self, told: int) -> None:
        """Build it from random weights; it is told so many numbers."""
        super().__init__(SIGNS)
        self.layers = nn.Sequential(*_layer(SIGNS + told, _WIDE), *_layer(_WIDE, _WIDE))
        self.head = nn.Sequential(*_layer(_WIDE, _NARROW))

    def forward(self, asymmetry: Tensor, expressions: Tensor, told: Tensor) -> Logits:
        """Return logits of faces (B, 29), (B, 52) of which numbers are told (B, n)."""
        read = self.standardised(both_ways(asymmetry, expressions))
        known = torch.cat((read, told.expand(2, *told.shape)), dim=-1)
        seen = self.layers(known.flatten(0, 1)).unflatten(0, (2, -1))
        found = self.head(seen.amax(dim=0))
        return self.palsy(found), self.grade(found)


class FusionPair(nn.Module):
    """The mean of what a net of sizes and one of signs answer, each of which learns by itself."""

    def __init__(self, told: int) -> None:
        """Build both from random weights; they are told so many numbers."""
        super().__init__()
        self.sizes = SizeFusion(told)
        self.signs = SignFusion(told)

    def meet(self, asymmetry: Tensor, expressions: Tensor) -> None:
        """Tell both how the numbers of the training pictures (n, 29), (n, 52) are spread."""
        self.sizes.take(sizes(asymmetry, expressions))
        self.signs.take(both_ways(asymmetry, expressions))

    def each(self, asymmetry: Tensor, expressions: Tensor, told: Tensor) -> tuple[Logits, Logits]:
        """Return what each of the two answers."""
        read = (asymmetry, expressions, told)
        return self.sizes(*read), self.signs(*read)

    def forward(self, asymmetry: Tensor, expressions: Tensor, told: Tensor) -> Logits:
        """Return the mean of both."""
        (palsy, grade), (signed_palsy, signed_grade) = self.each(asymmetry, expressions, told)
        return (palsy + signed_palsy) / 2, (grade + signed_grade) / 2


class LightFusion(nn.Module):
    """Two nets for pictures whose movement is stated, and two for others.

    Args:
        movement: Whether it is ever told; else the two for others answer whatever is stated.
    """

    reads_movement: Tensor

    def __init__(self, *, movement: bool = True) -> None:
        """Build all from random weights."""
        super().__init__()
        self.register_buffer("reads_movement", torch.tensor(float(movement)), persistent=False)
        self.stated = FusionPair(MOVEMENTS)
        self.unstated = FusionPair(0)

    def meet(self, asymmetry: Tensor, expressions: Tensor) -> None:
        """Tell all how the numbers of the training pictures (n, 29), (n, 52) are spread."""
        for pair in (self.stated, self.unstated):
            pair.meet(asymmetry, expressions)

    def each(
        self, asymmetry: Tensor, expressions: Tensor, movement: Tensor
    ) -> tuple[Logits, Logits, Logits, Logits]:
        """Return what each of the four answers; those for pictures of no movement are not told."""
        stated = self.stated.each(asymmetry, expressions, movement)
        return *stated, *self.unstated.each(asymmetry, expressions, movement[:, :0])

    def forward(self, asymmetry: Tensor, expressions: Tensor, movement: Tensor) -> Logits:
        """Return logits of no palsy and palsy (B, 2) and of the six grades (B, 6).

        Args:
            asymmetry: (B, 29), signed, left less right, interocular distances.
            expressions: (B, 52), 0 to 1.
            movement: (B, 12), 1 at the one that is shown, in the order of `Movement`; all 0 if it
                is not known.
        """
        known = movement.sum(dim=1, keepdim=True) * self.reads_movement > 0
        palsy, grade = self.stated(asymmetry, expressions, movement)
        other_palsy, other_grade = self.unstated(asymmetry, expressions, movement[:, :0])
        return torch.where(known, palsy, other_palsy), torch.where(known, grade, other_grade)


def levels_of(grades: Tensor) -> Tensor:
    """Return probabilities (..., 3) of the levels, the sums of those (..., 6) of their grades."""
    return torch.stack([grades[..., of].sum(dim=-1) for of in OF_LEVELS], dim=-1)


def _layer(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Linear(inputs, outputs), BatchNorm(outputs), nn.GELU(), nn.Dropout(_DROPOUT)

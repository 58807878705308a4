"""Ours, beyond the paper: a small net of asymmetry and expression scores, blind to sides.

The paper's net of coordinates must find out by itself that a face is to be compared with its
mirror image. Here that is built in: the net reads both, and goes on with what is the same for them.
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
READ: Final = ASYMMETRIES + len(EXPRESSION_NAMES)
_WIDE: Final = 128
_NARROW: Final = 64
_DROPOUT: Final = 0.3
_FARTHEST: Final = 6.0
"""Standard deviations beyond which a number is read as this far."""
_LEAST_DEVIATION: Final = 0.005
"""So that scores that are all but zero on every face, and their rounding, are not blown up."""
_MIRRORED: Final = MIRRORED_EXPRESSIONS.tolist()


class LightFusion(nn.Module):
    """A perceptron over signed asymmetries and scores of a face and of its mirror image.

    Signs stay in what is read: in palsy brow, lid and mouth are low on one side, while what is
    uneven by nature lies on either.

    Attributes:
        mean: Of each number over the training pictures and their mirror images (``READ``,).
        deviation: Standard deviation of each.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        """Build it from random weights."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(READ))
        self.register_buffer("deviation", torch.ones(READ))
        self.layers = nn.Sequential(*_layer(READ, _WIDE), *_layer(_WIDE, _WIDE))
        self.head = nn.Sequential(*_layer(_WIDE, _NARROW))
        self.palsy = nn.Linear(_NARROW, PALSY)
        self.level = nn.Linear(_NARROW, LEVELS)

    @staticmethod
    def both(asymmetry: Tensor, expressions: Tensor) -> Tensor:
        """Return what the net reads of faces, then of their mirror images (2B, ``READ``).

        Args:
            asymmetry: (B, 29), signed, left less right.
            expressions: (B, 52), 0 to 1.
        """
        here = torch.cat((asymmetry, expressions), dim=1)
        there = torch.cat((-asymmetry, expressions[:, _MIRRORED]), dim=1)
        return torch.cat((here, there))

    def meet(self, asymmetry: Tensor, expressions: Tensor) -> None:
        """Set `mean` and `deviation` by the training pictures (n, 29), (n, 52)."""
        read = self.both(asymmetry, expressions)
        self.mean.copy_(read.mean(dim=0))
        self.deviation.copy_(read.std(dim=0, correction=0).clamp(min=_LEAST_DEVIATION))

    def forward(self, asymmetry: Tensor, expressions: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of no palsy and palsy (B, 2) and of the three levels (B, 3).

        Args:
            asymmetry: (B, 29), signed, left less right, interocular distances.
            expressions: (B, 52), 0 to 1.
        """
        count = asymmetry.shape[0]
        read = (self.both(asymmetry, expressions) - self.mean) / self.deviation
        seen = self.layers(read.clamp(-_FARTHEST, _FARTHEST))
        found = self.head(torch.maximum(seen[:count], seen[count:]))
        return self.palsy(found), self.level(found)


def _layer(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Linear(inputs, outputs), BatchNorm(outputs), nn.GELU(), nn.Dropout(_DROPOUT)

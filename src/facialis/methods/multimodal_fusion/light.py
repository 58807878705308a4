"""Ours, beyond the paper: a small net of asymmetry and expression scores, blind to sides.

The paper's net of coordinates must find out by itself that a face is to be compared with its
mirror image. Here that is built in: what the net reads is the same for both.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.face.expressions import MIRRORED_EXPRESSIONS
from facialis.measures.symmetry import FEATURES
from facialis.methods.multimodal_fusion.network import BatchNorm

ASYMMETRIES: Final = len(FEATURES)
LEVELS: Final = 3
PALSY: Final = 2
_HIDDEN: Final = (128, 64)
_DROPOUT: Final = 0.3
_FARTHEST: Final = 6.0
"""Standard deviations beyond which a number is read as this far."""
_LEAST_DEVIATION: Final = 0.005
"""So that scores that are all but zero on every face, and their rounding, are not blown up."""
_LEFT: Final = [i for i, j in enumerate(MIRRORED_EXPRESSIONS) if i < j]
_RIGHT: Final = [int(MIRRORED_EXPRESSIONS[i]) for i in _LEFT]
_OF_NO_SIDE: Final = [i for i, j in enumerate(MIRRORED_EXPRESSIONS) if i == j]
READ: Final = ASYMMETRIES + 2 * len(_LEFT) + len(_OF_NO_SIDE)


class LightFusion(nn.Module):
    """A perceptron over the size of asymmetries, and the mean and difference of paired scores.

    Attributes:
        mean: Of each number over the training pictures (``READ``,).
        deviation: Standard deviation of each.
    """

    mean: Tensor
    deviation: Tensor

    def __init__(self) -> None:
        """Build it from random weights."""
        super().__init__()
        self.register_buffer("mean", torch.zeros(READ))
        self.register_buffer("deviation", torch.ones(READ))
        first, second = _HIDDEN
        self.layers = nn.Sequential(
            nn.Linear(READ, first), BatchNorm(first), nn.GELU(), nn.Dropout(_DROPOUT),
            nn.Linear(first, second), BatchNorm(second), nn.GELU(), nn.Dropout(_DROPOUT),
        )  # fmt: skip
        self.palsy = nn.Linear(second, PALSY)
        self.level = nn.Linear(second, LEVELS)

    @staticmethod
    def joined(asymmetry: Tensor, expressions: Tensor) -> Tensor:
        """Return what the net reads (B, ``READ``), the same for a face and its mirror image.

        Args:
            asymmetry: (B, 29), signed, left less right.
            expressions: (B, 52), 0 to 1.
        """
        left, right = expressions[:, _LEFT], expressions[:, _RIGHT]
        paired = ((left + right) / 2, (left - right).abs())
        return torch.cat((asymmetry.abs(), *paired, expressions[:, _OF_NO_SIDE]), dim=1)

    def meet(self, asymmetry: Tensor, expressions: Tensor) -> None:
        """Set `mean` and `deviation` by the training pictures (n, 29), (n, 52)."""
        read = self.joined(asymmetry, expressions)
        self.mean.copy_(read.mean(dim=0))
        self.deviation.copy_(read.std(dim=0, correction=0).clamp(min=_LEAST_DEVIATION))

    def forward(self, asymmetry: Tensor, expressions: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits of no palsy and palsy (B, 2) and of the three levels (B, 3).

        Args:
            asymmetry: (B, 29), signed, left less right, interocular distances.
            expressions: (B, 52), 0 to 1.
        """
        read = (self.joined(asymmetry, expressions) - self.mean) / self.deviation
        found = self.layers(read.clamp(-_FARTHEST, _FARTHEST))
        return self.palsy(found), self.level(found)

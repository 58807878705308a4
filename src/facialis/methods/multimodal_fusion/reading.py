"""How our light nets read numbers of a face: blind to sides, and in standard deviations."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.measures.symmetry import FEATURES

ASYMMETRIES: Final = len(FEATURES)
_FARTHEST: Final = 6.0
"""Standard deviations beyond which a number is read as this far."""
_LEAST_DEVIATION: Final = 0.005
"""So that scores that are all but zero on every face, and their rounding, are not blown up."""
_MIRRORED: Final = MIRRORED_EXPRESSIONS.tolist()
_LEFT: Final = [i for i, j in enumerate(_MIRRORED) if i < j]
_RIGHT: Final = [_MIRRORED[i] for i in _LEFT]
_OF_NO_SIDE: Final = [i for i, j in enumerate(_MIRRORED) if i == j]
SIZES: Final = ASYMMETRIES + 2 * len(_LEFT) + len(_OF_NO_SIDE)
"""Numbers of `sizes`."""
SIGNS: Final = ASYMMETRIES + len(EXPRESSION_NAMES)
"""Numbers of each of `both_ways`."""


def sizes(asymmetry: Tensor, expressions: Tensor) -> Tensor:
    """Return sizes of asymmetries, and mean and difference of paired scores (..., 81).

    They are the same for a face and its mirror image.

    Args:
        asymmetry: (..., 29), signed, left less right, interocular distances.
        expressions: (..., 52), 0 to 1.
    """
    left, right = expressions[..., _LEFT], expressions[..., _RIGHT]
    paired = ((left + right) / 2, (left - right).abs())
    return torch.cat((asymmetry.abs(), *paired, expressions[..., _OF_NO_SIDE]), dim=-1)


def both_ways(asymmetry: Tensor, expressions: Tensor) -> Tensor:
    """Return the numbers of faces and those of their mirror images (2, ..., 81).

    Args:
        asymmetry: (..., 29), signed, left less right, interocular distances.
        expressions: (..., 52), 0 to 1.
    """
    here = torch.cat((asymmetry, expressions), dim=-1)
    there = torch.cat((-asymmetry, expressions[..., _MIRRORED]), dim=-1)
    return torch.stack((here, there))


class Standardised(nn.Module):
    """A net that reads numbers in standard deviations from the mean.

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

    def take(self, read: Tensor) -> None:
        """Set `mean` and `deviation` by what was read of the training pictures (..., numbers)."""
        rows = read.flatten(0, -2)
        self.mean.copy_(rows.mean(dim=0))
        self.deviation.copy_(rows.std(dim=0, correction=0).clamp(min=_LEAST_DEVIATION))

    def standardised(self, read: Tensor) -> Tensor:
        """Return what was read (..., numbers) in standard deviations from the mean."""
        return ((read - self.mean) / self.deviation).clamp(-_FARTHEST, _FARTHEST)

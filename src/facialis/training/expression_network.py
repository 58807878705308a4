"""The network of the expression scores."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.face.expressions import EXPRESSION_NAMES, EXPRESSION_POINTS

COORDINATES: Final = 2 * len(EXPRESSION_POINTS)
_WHITENING_FLOOR: Final = 1e-3


class ExpressionNetwork(nn.Module):
    """A perceptron with residual layers from 146 points to 52 logits.

    Position and size of the face are taken out first, as the teacher does: the mean point becomes
    the origin and the mean distance from it the unit. The coordinates are then decorrelated by a
    fixed linear map, found on the training faces, that `folded` merges into the first layer.
    """

    def __init__(self, *, width: int = 256, depth: int = 2) -> None:
        """Make an untrained network.

        Args:
            width: Units of a layer.
            depth: Residual layers.
        """
        super().__init__()
        self.width, self.depth = width, depth
        scores = len(EXPRESSION_NAMES)
        self.register_buffer("mean", torch.zeros(COORDINATES))
        self.register_buffer("whitening", torch.eye(COORDINATES))
        self.register_buffer("logit_mean", torch.zeros(scores))
        self.register_buffer("logit_scale", torch.ones(scores))
        self.first = nn.Linear(COORDINATES, width)
        self.residual = nn.ModuleList(nn.Linear(width, width) for _ in range(depth))
        self.last = nn.Linear(width, scores)

    def adapt(self, points: Tensor, logits: Tensor) -> None:
        """Fix the linear maps of input and output from training faces.

        Args:
            points: (n, 146, 2).
            logits: (n, 52) of the teacher.
        """
        coordinates = standardised(points)
        variance, directions = torch.linalg.eigh(torch.cov(coordinates.T).double())
        spread = torch.sqrt(variance.clamp_min(0) + _WHITENING_FLOOR**2)
        self.mean.copy_(coordinates.mean(dim=0))
        self.whitening.copy_((directions / spread).float())
        self.logit_mean.copy_(logits.mean(dim=0))
        self.logit_scale.copy_(logits.std(dim=0).clamp_min(_WHITENING_FLOOR))

    def forward(self, points: Tensor) -> Tensor:
        """Return logits (n, 52) for points (n, 146, 2) in pixels."""
        hidden = nn.functional.silu(self.first((standardised(points) - self.mean) @ self.whitening))
        for layer in self.residual:
            hidden = hidden + nn.functional.silu(layer(hidden))
        return self.last(hidden) * self.logit_scale + self.logit_mean

    def folded(self) -> FoldedNetwork:
        """Return the same function with the fixed linear maps merged into the layers."""
        return FoldedNetwork(self)


class FoldedNetwork(nn.Module):
    """What is shipped: `ExpressionNetwork` with its fixed linear maps merged into its layers.

    The mean is still taken off on its own: merged as well, it would cost digits.
    """

    def __init__(self, trained: ExpressionNetwork) -> None:
        """Merge the maps of a trained network in double precision."""
        super().__init__()
        self.register_buffer("mean", trained.mean.clone())
        self.first = nn.Linear(COORDINATES, trained.width)
        self.residual = nn.ModuleList(
            nn.Linear(trained.width, trained.width) for _ in range(trained.depth)
        )
        self.last = nn.Linear(trained.width, len(EXPRESSION_NAMES))
        self.residual.load_state_dict(trained.residual.state_dict())
        with torch.no_grad():
            self.first.weight.copy_(trained.first.weight.double() @ trained.whitening.double().T)
            self.first.bias.copy_(trained.first.bias)
            self.last.weight.copy_(trained.last.weight * trained.logit_scale[:, None])
            self.last.bias.copy_(trained.last.bias * trained.logit_scale + trained.logit_mean)

    def forward(self, points: Tensor) -> Tensor:
        """Return logits (n, 52) for points (n, 146, 2) in pixels."""
        hidden = nn.functional.silu(self.first(standardised(points) - self.mean))
        for layer in self.residual:
            hidden = hidden + nn.functional.silu(layer(hidden))
        logits: Tensor = self.last(hidden)
        return logits


def standardised(points: Tensor) -> Tensor:
    """Return coordinates (n, 292) of points (n, 146, 2) about their mean, in mean distances."""
    centred = points - points.mean(dim=1, keepdim=True)
    distance = torch.sqrt((centred * centred).sum(dim=2)).mean(dim=1)
    return (centred / distance[:, None, None]).flatten(1)

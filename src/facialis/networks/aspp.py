"""Atrous spatial pyramid pooling: one map seen at several reaches at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence


def convolution(
    inputs: int, outputs: int, kernel: int, *, stride: int = 1, dilation: int = 1
) -> nn.Sequential:
    """Return a convolution without bias that keeps the size, batch norm and ReLU.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        kernel: Width of the kernel, odd.
        stride: Pixels between two places of the kernel.
        dilation: Pixels between two of the kernel's weights.
    """
    return nn.Sequential(
        nn.Conv2d(
            inputs, outputs, kernel, stride=stride, padding=dilation * (kernel // 2),
            dilation=dilation, bias=False,
        ),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )  # fmt: skip


class PooledNorm(nn.BatchNorm2d):
    """Batch norm of pooled maps (B, C, 1, 1) that can stand a batch of one.

    A single number has no variance; its running mean and variance are used instead.
    """

    def forward(self, pooled: Tensor) -> Tensor:
        """Return the normed vectors (B, C, 1, 1)."""
        if self.training and pooled.shape[0] * pooled.shape[2] * pooled.shape[3] == 1:
            return functional.batch_norm(
                pooled, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        return super().forward(pooled)


class Aspp(nn.Module):
    """A 1×1 convolution, one 3×3 convolution for each rate and the pooled map, side by side.

    Args:
        inputs: Channels in.
        outputs: Channels out, and of each branch.
        rates: Dilations of the 3×3 convolutions.
    """

    def __init__(self, inputs: int, outputs: int, rates: Sequence[int] = (6, 12, 18)) -> None:
        """Build the branches."""
        super().__init__()
        self.branches = nn.ModuleList(
            [
                convolution(inputs, outputs, 1),
                *(convolution(inputs, outputs, 3, dilation=rate) for rate in rates),
            ]
        )
        self.pooled = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(inputs, outputs, 1, bias=False),
            PooledNorm(outputs),
            nn.ReLU(),
        )
        self.joined = convolution(outputs * (len(self.branches) + 1), outputs, 1)

    def forward(self, given: Tensor) -> Tensor:
        """Return the map (B, outputs, H, W) of a map (B, inputs, H, W)."""
        seen = [branch(given) for branch in self.branches]
        everywhere = self.pooled(given).expand(-1, -1, *given.shape[2:])
        return self.joined(torch.cat((*seen, everywhere), dim=1))

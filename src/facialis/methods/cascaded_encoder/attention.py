"""Where and in which channels the segmentation looks ([001] §III-B, eq. 1 to 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ConvNormRelu(nn.Sequential):
    """A convolution without bias that keeps the size of its map, batch norm and ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int, *, dilation: int = 1) -> None:
        """Build the three layers.

        Args:
            inputs: Channels in.
            outputs: Channels out.
            kernel: Width and height, odd.
            dilation: Of the convolution.
        """
        reach = (kernel - 1) // 2 * dilation
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, padding=reach, dilation=dilation, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
        )


class SpatialAttention(nn.Module):
    """Attention between the places of a map, at one scale ([001] eq. 1 and 2, D1-6).

    Attributes:
        scale: λ, how much of the attention is added; 0 at the start.
    """

    def __init__(self, channels: int, kernel: int) -> None:
        """Build query, key and value.

        Args:
            channels: C of the map and of all three.
            kernel: 3, 5 or 7.
        """
        super().__init__()
        self.query = ConvNormRelu(channels, channels, kernel)
        self.key = ConvNormRelu(channels, channels, kernel)
        self.value = ConvNormRelu(channels, channels, kernel)
        self.scale = nn.Parameter(torch.zeros(1))

    def weights(self, features: Tensor) -> Tensor:
        """Return s (B, D, D) of maps (B, C, H, W), D = H·W: row j is where place j looks."""
        query, key = self.query(features).flatten(2), self.key(features).flatten(2)
        return _normalised(key.mT, query)

    def forward(self, features: Tensor) -> Tensor:
        """Return A (B, C, H, W) of maps (B, C, H, W)."""
        value = self.value(features).flatten(2)
        weights = self.weights(features)
        return self.scale * (value @ weights.mT.to(value.dtype)).view_as(features)


class ChannelAttention(nn.Module):
    """Attention between the channels of a map, without any convolution ([001] eq. 3 and 4).

    Attributes:
        scale: λ, how much of the attention is added; 0 at the start.
    """

    def __init__(self) -> None:
        """Build the only parameter."""
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(1))

    def weights(self, features: Tensor) -> Tensor:
        """Return c (B, C, C) of maps (B, C, H, W): row j is where channel j looks."""
        flat = features.flatten(2)
        return _normalised(flat, flat.mT)

    def forward(self, features: Tensor) -> Tensor:
        """Return A (B, C, H, W) of maps (B, C, H, W)."""
        weights = self.weights(features)
        return self.scale * (weights.to(features.dtype) @ features.flatten(2)).view_as(features)


def received(weights: Tensor, height: int, width: int) -> Tensor:
    """Return how much each place is looked at (B, H, W), on average over the places that look.

    Args:
        weights: s (B, D, D), rows sum to 1.
        height: H of the map.
        width: W of the map, D = H·W.
    """
    return weights.mean(dim=1).view(-1, height, width)


def _normalised(rows: Tensor, columns: Tensor) -> Tensor:
    """Return the softmax over each row of a product, in float32 wherever it is computed.

    The products are not scaled down ([001] eq. 1), so that half precision would blur them.
    """
    device = rows.device.type
    if not (torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device)):
        return torch.softmax(rows.float() @ columns.float(), dim=-1)
    with torch.autocast(device, enabled=False):
        return torch.softmax(rows.float() @ columns.float(), dim=-1)

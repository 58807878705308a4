"""Foreground attention: each category looks only where it was last found.

Convention: queries are (B, K, d), one a category; maps (B, d, h, w); masks (B, K, h·w).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class ForegroundAttention(nn.Module):
    """Cross-attention of categories to a map, confined to their foreground ([000] eq. 4, 5).

    Before the layer norm: I' = softmax(F + Q·Kᵀ/√d)·V + I, where F is 0 on a category's foreground
    and -∞ elsewhere. A category without foreground looks everywhere (D0-10). K and V are
    linear in the places, which are many: their weights are applied to the few queries instead.

    Args:
        width: d.
    """

    def __init__(self, width: int) -> None:
        """Build the three projections."""
        super().__init__()
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(
        self, queries: Tensor, feature: Tensor, foreground: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the queries after attention (B, K, d) and the weights (B, K, h·w).

        Args:
            queries: (B, K, d).
            feature: (B, d, h, w).
            foreground: (B, K, h·w) bool; None looks everywhere (the ablation).
        """
        places = feature.flatten(2).transpose(1, 2)
        asked = self.query(queries)
        scores = (asked @ self.key.weight) @ places.transpose(1, 2) + asked @ self.key.bias[:, None]
        scores = scores.float() / math.sqrt(queries.shape[-1])
        if foreground is not None:
            seen = foreground | ~foreground.any(dim=-1, keepdim=True)
            scores = scores.masked_fill(~seen, -math.inf)
        weights = scores.softmax(dim=-1)
        return queries + self.value(weights.to(places.dtype) @ places), weights


class CategoryAttention(nn.Module):
    """Self-attention between the categories, with its residual.

    Args:
        width: d.
        heads: How many.
    """

    def __init__(self, width: int, heads: int) -> None:
        """Build the projections."""
        super().__init__()
        self.heads = heads
        self.into = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, queries: Tensor) -> Tensor:
        """Return the queries (B, K, d) after attention."""
        batch, count, width = queries.shape
        into = self.into(queries).reshape(batch, count, 3, self.heads, width // self.heads)
        query, key, value = into.permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(query, key, value)
        return queries + self.out(seen.transpose(1, 2).reshape(batch, count, width))


class AttentionLayer(nn.Module):
    """Foreground attention, self-attention and a feed-forward net, a layer norm after each (D0-6).

    Args:
        width: d.
        heads: Of the self-attention.
        hidden: Width of the feed-forward net.
    """

    def __init__(self, width: int, heads: int = 4, hidden: int = 512) -> None:
        """Build the three steps."""
        super().__init__()
        self.foreground = ForegroundAttention(width)
        self.categories = CategoryAttention(width, heads)
        self.forward_net = nn.Sequential(
            nn.Linear(width, hidden), nn.ReLU(), nn.Linear(hidden, width)
        )
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))

    def forward(
        self, queries: Tensor, feature: Tensor, logits: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Return the queries (B, K, d) and where they looked (B, K, h, w), rows of sum 1.

        Args:
            queries: (B, K, d).
            feature: (B, d, h, w).
            logits: Last mask prediction (B, K, H, W); None looks everywhere.
        """
        seen = (
            None if logits is None else foreground_of(logits, (feature.shape[2], feature.shape[3]))
        )
        found, weights = self.foreground(queries, feature, seen)
        found = self.norms[0](found)
        found = self.norms[1](self.categories(found))
        found = self.norms[2](found + self.forward_net(found))
        return found, weights.unflatten(-1, feature.shape[2:])


def foreground_of(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """Return the binary masks (B, K, h·w) of mask logits, sigmoid above 0.5, without gradient.

    Args:
        logits: (B, K, H, W).
        size: (h, w) of the map that will be looked at.
    """
    with torch.no_grad():
        resized = functional.interpolate(logits.detach().float(), size, mode="bilinear")
        return (resized > 0).flatten(2)

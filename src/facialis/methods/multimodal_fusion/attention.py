"""Ours, beyond the paper: one question attends to the modalities and weighs them by picture.

The paper found that joining vectors was no better than the best single one and asks for attention
([004] §V).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from facialis.methods.multimodal_fusion.network import CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDTH: Final = 64
_HEADS: Final = 4


class CrossAttention(nn.Module):
    """A learned question that looks at one vector of each modality.

    Args:
        widths: Length of each modality's vector.
    """

    def __init__(self, widths: Mapping[str, int]) -> None:
        """Build it from random weights."""
        super().__init__()
        self.project = nn.ModuleDict(
            {
                name: nn.Sequential(nn.Linear(width, _WIDTH), nn.LayerNorm(_WIDTH))
                for name, width in widths.items()
            }
        )
        self.question = nn.Parameter(torch.randn(_HEADS, 1, _WIDTH // _HEADS))
        self.keys = nn.Linear(_WIDTH, _WIDTH)
        self.values = nn.Linear(_WIDTH, _WIDTH)
        self.answer = nn.Sequential(
            nn.LayerNorm(_WIDTH), nn.Linear(_WIDTH, _WIDTH), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(_WIDTH, CLASSES),
        )  # fmt: skip

    def forward(self, vectors: Mapping[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Return logits (B, 2) and the weight of each modality (B, M), which sum to 1.

        Args:
            vectors: (B, width) of each modality.
        """
        seen = torch.stack([self.project[name](vectors[name]) for name in self.project], dim=1)
        keys, values = self._heads(self.keys(seen)), self._heads(self.values(seen))
        fit = (self.question * keys).sum(dim=-1) / keys.shape[-1] ** 0.5
        weights = torch.softmax(fit.float(), dim=-1)
        found = (weights[..., None] * values).sum(dim=2).flatten(1)
        return self.answer(found), weights.mean(dim=1)

    def _heads(self, seen: Tensor) -> Tensor:
        """Return tokens (B, M, 64) by head (B, 4, M, 16)."""
        return seen.unflatten(-1, (_HEADS, _WIDTH // _HEADS)).transpose(1, 2)


class AttentionFusion(nn.Module):
    """Trained branches and the cross-attention over what they give.

    Args:
        branches: Networks with `embed` and `width` by modality, in order.
    """

    def __init__(self, branches: Mapping[str, nn.Module]) -> None:
        """Build the attention from random weights."""
        super().__init__()
        self.branches = nn.ModuleDict(branches)
        self.fusion = CrossAttention({name: each.width for name, each in branches.items()})

    def weighed(self, *given: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits (B, 2) and the weight of each modality (B, M)."""
        named = zip(self.branches.items(), given, strict=True)
        found: tuple[Tensor, Tensor] = self.fusion(
            {name: branch.embed(each) for (name, branch), each in named}
        )
        return found

    def forward(self, *given: Tensor) -> Tensor:
        """Return logits (B, 2) of the modalities' inputs, in the order of the branches."""
        return self.weighed(*given)[0]

"""The networks of paper 004, one modality each, and those that join them ([004] §5, METHODS 5.2).

All answer with logits of two sigmoid units: no palsy, palsy (D4-10). `embed` gives the vector that
fusion reads (D4-9).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.networks.backbones import (
    Normalised,
    mobilenet_v3_small_features,
    resnet50_features,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Backbone = Literal["resnet50", "small"]
"""The paper's, or MobileNetV3-Small with a head of 128 units."""

COORDINATES: Final = 250
EXPRESSIONS: Final = 52
CLASSES: Final = 2
SIZES: Final[Mapping[str, tuple[int, int, int]]] = {
    "coordinates": (128, 64, 32),
    "expressions": (64, 32, 10),
}
"""Units of the first three layers ([004] §III)."""
FUSION_SIZES: Final = (256, 64, 32)
"""D4-9."""
_INPUTS: Final = {"coordinates": COORDINATES, "expressions": EXPRESSIONS}
_CHANNELS: Final = {"resnet50": 2048, "small": 576}
_HIDDEN: Final = {"resnet50": 512, "small": 128}


class BatchNorm(nn.BatchNorm1d):
    """Batch norm of vectors that can stand a batch of one.

    A single vector has no variance; the running mean and variance are used instead.
    """

    def forward(self, given: Tensor) -> Tensor:
        """Return the normed vectors (B, C)."""
        if self.training and given.shape[0] == 1:
            return functional.batch_norm(
                given, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
            )
        return super().forward(given)


class FeedForward(nn.Module):
    """Four layers over coordinates or expression scores; dropout in the first, norm in the second.

    Args:
        modality: ``coordinates`` or ``expressions``.
    """

    def __init__(self, modality: str) -> None:
        """Build it from random weights."""
        super().__init__()
        first, second, third = SIZES[modality]
        self.width = second
        self.layers = nn.Sequential(
            nn.Linear(_INPUTS[modality], first),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(first, second),
            BatchNorm(second),
            nn.ReLU(),
            nn.Linear(second, third),
            nn.ReLU(),
            nn.Linear(third, CLASSES),
        )

    def embed(self, given: Tensor) -> Tensor:
        """Return what the second layer gives (B, 64 or 32)."""
        found: Tensor = self.layers[:6](given)
        return found

    def forward(self, given: Tensor) -> Tensor:
        """Return logits (B, 2) of vectors (B, 250 or 52)."""
        logits: Tensor = self.layers[6:](self.embed(given))
        return logits


class Head(nn.Module):
    """What replaces the last layer of ResNet50: dropout comes before the norm, as printed (D4-7).

    Args:
        inputs: Numbers in.
        hidden: Units.
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        """Build it from random weights."""
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(inputs, hidden),
            nn.ReLU(),
            nn.Dropout(0.5),
            BatchNorm(hidden),
            nn.Linear(hidden, CLASSES),
        )

    def embed(self, pooled: Tensor) -> Tensor:
        """Return the hidden units (B, hidden) before dropout."""
        found: Tensor = self.layers[:2](pooled)
        return found

    def forward(self, pooled: Tensor) -> Tensor:
        """Return logits (B, 2)."""
        logits: Tensor = self.layers[2:](self.embed(pooled))
        return logits


class ImageBranch(nn.Module):
    """A backbone fine-tuned on pictures or line drawings.

    Args:
        backbone: Which.
    """

    def __init__(self, backbone: Backbone = "resnet50") -> None:
        """Build it from random weights."""
        super().__init__()
        self.normalise = Normalised()
        self.features = _features(backbone)
        self.width = _HIDDEN[backbone]
        self.head = Head(_CHANNELS[backbone], self.width)

    def pool(self, images: Tensor) -> Tensor:
        """Return the averaged map (B, C) of pictures (B, 3, H, W), uint8 or 0 to 1."""
        found: Tensor = self.features(self.normalise(images)).mean(dim=(2, 3))
        return found

    def embed(self, images: Tensor) -> Tensor:
        """Return the head's hidden units (B, 512; 128 for ``small``)."""
        return self.head.embed(self.pool(images))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, 2) of pictures (B, 3, H, W), uint8 or 0 to 1."""
        logits: Tensor = self.head(self.pool(images))
        return logits


class TwoStream(nn.Module):
    """A backbone for the line drawing and one for the picture, joined before the head (D4-8).

    Args:
        backbone: Of both.
    """

    def __init__(self, backbone: Backbone = "resnet50") -> None:
        """Build it from random weights."""
        super().__init__()
        self.normalise = Normalised()
        self.lines = _features(backbone)
        self.rgb = _features(backbone)
        self.head = Head(2 * _CHANNELS[backbone], _HIDDEN[backbone])

    def forward(self, lines: Tensor, rgb: Tensor) -> Tensor:
        """Return logits (B, 2) of line drawings and pictures (B, 3, H, W), uint8 or 0 to 1."""
        streams = (self.lines(self.normalise(lines)), self.rgb(self.normalise(rgb)))
        pooled = torch.cat([each.mean(dim=(2, 3)) for each in streams], dim=1)
        logits: Tensor = self.head(pooled)
        return logits


class FusionHead(nn.Module):
    """Four layers over joined vectors; dropout in the first, second and fourth, norm in the third.

    Dropout "on layer 4" is applied to what that layer reads (D4-9).

    Args:
        inputs: Numbers in.
    """

    def __init__(self, inputs: int) -> None:
        """Build it from random weights."""
        super().__init__()
        first, second, third = FUSION_SIZES
        self.layers = nn.Sequential(
            nn.Linear(inputs, first),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(first, second),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(second, third),
            BatchNorm(third),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(third, CLASSES),
        )

    def forward(self, joined: Tensor) -> Tensor:
        """Return logits (B, 2) of vectors (B, inputs)."""
        logits: Tensor = self.layers(joined)
        return logits


class EarlyFusion(nn.Module):
    """Vectors of the trained branches of the line drawing and of the expression scores, joined.

    Args:
        lines: Its branch.
        expressions: Its branch.
    """

    def __init__(self, lines: ImageBranch, expressions: FeedForward) -> None:
        """Build the net that joins them from random weights."""
        super().__init__()
        self.branches = nn.ModuleDict({"lines": lines, "expressions": expressions})
        self.fusion = FusionHead(lines.width + expressions.width)

    def forward(self, lines: Tensor, expressions: Tensor) -> Tensor:
        """Return logits (B, 2) of drawings (B, 3, H, W) and scores (B, 52)."""
        vectors = (self.branches.lines.embed(lines), self.branches.expressions.embed(expressions))
        logits: Tensor = self.fusion(torch.cat(vectors, dim=1))
        return logits


class LateFusion(nn.Module):
    """The mean of what the trained branches answer; nothing of it is learned.

    Args:
        lines: Branch of the line drawing.
        expressions: Branch of the expression scores.
    """

    def __init__(self, lines: ImageBranch, expressions: FeedForward) -> None:
        """Keep the branches."""
        super().__init__()
        self.branches = nn.ModuleDict({"lines": lines, "expressions": expressions})

    def forward(self, lines: Tensor, expressions: Tensor) -> Tensor:
        """Return the mean units (B, 2), 0 to 1, of drawings (B, 3, H, W) and scores (B, 52)."""
        return mean_units(
            [
                torch.sigmoid(self.branches.lines(lines).float()),
                torch.sigmoid(self.branches.expressions(expressions).float()),
            ]
        )


def mean_units(units: Sequence[Tensor]) -> Tensor:
    """Return the mean (B, 2) of several models' sigmoid units (METHODS 5.2.5)."""
    return torch.stack(tuple(units)).mean(dim=0)


def probabilities(units: Tensor) -> Tensor:
    """Return two sigmoid units (B, 2) divided by their sum; the larger stays the larger (D4-10)."""
    kept = units.clamp(min=torch.finfo(units.dtype).tiny)
    return kept / kept.sum(dim=1, keepdim=True)


def _features(backbone: Backbone) -> nn.Sequential:
    return resnet50_features() if backbone == "resnet50" else mobilenet_v3_small_features()

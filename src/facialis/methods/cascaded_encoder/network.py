"""The published network: E1 segments, its map z and the picture go through E2 and are graded."""

from __future__ import annotations

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.methods.cascaded_encoder.attention import (
    ChannelAttention,
    ConvNormRelu,
    SpatialAttention,
    received,
)
from facialis.networks.backbones import Normalised, resnet101_features, vgg16_features
from facialis.regions.classes import Attribute

CLASSES: Final = len(Attribute)
"""Of pixels, D1-2."""
GRADES: Final = 6
"""House-Brackmann I to VI, D1-1."""
KERNELS: Final = (3, 5, 7)
"""Scales of the spatial attention ([001] §III-B)."""
CONDITION_CHANNELS: Final = 32
"""Of z where it joins the picture, D1-9."""
FUSED_AT_FIRST: Final = 0.1
"""What the fused attention is while every λ is 0: at 0 the ReLU would let none of them learn."""
_DEEPEST = 2048
_VGG_OUTPUT = (512, 7, 7)


class Answers(NamedTuple):
    """What a network says of pictures.

    Attributes:
        parts: Logits (B, 11, H, W) of the classes of pixels.
        grade: Logits (B, 6) of the grades.
        attention: (B, h, w), how much each place is looked at; sums to 1.
    """

    parts: Tensor
    grade: Tensor
    attention: Tensor


class Encoder1(nn.Sequential):
    """E1: dilated ResNet-101 and a projection to z ([001] §III-A, D1-4, D1-5)."""

    def __init__(self, channels: int) -> None:
        """Build it from random weights.

        Args:
            channels: C of z.
        """
        super().__init__()
        self.add_module("backbone", resnet101_features(output_stride=8))
        self.add_module("project", ConvNormRelu(_DEEPEST, channels, 3))


class AttentionHead(nn.Module):
    """Multi-scale attention and the classifier of pixels ([001] §III-B, D1-6, D1-7)."""

    def __init__(self, channels: int) -> None:
        """Build it.

        Args:
            channels: C of z.
        """
        super().__init__()
        self.spatial = nn.ModuleList(SpatialAttention(channels, kernel) for kernel in KERNELS)
        self.channel = ChannelAttention()
        self.fuse = ConvNormRelu(len(KERNELS) * channels, channels, 3, dilation=2)
        nn.init.constant_(self.fuse[1].bias, FUSED_AT_FIRST)
        self.classify = nn.Conv2d(channels, CLASSES, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Return logits (B, 11, h, w) of maps z (B, C, h, w)."""
        looked = torch.cat([each(z) for each in self.spatial], dim=1)
        logits: Tensor = self.classify(self.fuse(looked) + self.channel(z) + z)
        return logits

    def attention(self, z: Tensor) -> Tensor:
        """Return how much each place is looked at (B, h, w), averaged over the scales."""
        height, width = z.shape[-2:]
        maps = [received(each.weights(z), height, width) for each in self.spatial]
        return torch.stack(maps).mean(dim=0)


class PlainHead(nn.Module):
    """The classifier of pixels without attention: z straight to it ([001] Table 2)."""

    def __init__(self, channels: int) -> None:
        """Build it.

        Args:
            channels: C of z.
        """
        super().__init__()
        self.classify = nn.Conv2d(channels, CLASSES, 1)

    def forward(self, z: Tensor) -> Tensor:
        """Return logits (B, 11, h, w) of maps z (B, C, h, w)."""
        logits: Tensor = self.classify(z)
        return logits

    def attention(self, z: Tensor) -> Tensor:
        """Return the same for every place (B, h, w): nothing is looked at more than the rest."""
        batch, _, height, width = z.shape
        return z.new_full((batch, height, width), 1 / (height * width))


class Encoder2(nn.Module):
    """E2 and the classifier of grades ([001] §III-C, D1-9, D1-10).

    The first convolution has 35 inputs and is built as two that are added: the picture's, as in
    VGG16, and the condition's, which is zero at the start.
    """

    def __init__(self, channels: int, hidden: int, *, condition: bool) -> None:
        """Build it from random weights.

        Args:
            channels: C of z.
            hidden: Units of both hidden layers of the classifier, 4096.
            condition: Whether z is used; without it this is a plain VGG16.
        """
        super().__init__()
        self.features = vgg16_features()
        self.condition: nn.Module | None = None
        self.condition_input: nn.Module | None = None
        if condition:
            self.condition = nn.Conv2d(channels, CONDITION_CHANNELS, 1)
            self.condition_input = nn.Conv2d(
                CONDITION_CHANNELS, self.features[0].out_channels, 3, padding=1, bias=False
            )
            nn.init.zeros_(self.condition_input.weight)
        depth, height, width = _VGG_OUTPUT
        self.pool = nn.AdaptiveAvgPool2d((height, width))
        self.classifier = nn.Sequential(
            nn.Linear(depth * height * width, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(hidden, hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.5),
            nn.Linear(hidden, GRADES),
        )

    def forward(self, images: Tensor, z: Tensor | None) -> Tensor:
        """Return logits (B, 6).

        Args:
            images: (B, 3, H, W), standardised.
            z: (B, C, h, w), not used by a plain VGG16.
        """
        first = self.features[0](images)
        if self.condition is not None and self.condition_input is not None:
            condition = resized(self.condition(z), images)
            first = first + self.condition_input(condition)
        maps = self.features[1:](first)
        logits: Tensor = self.classifier(self.pool(maps).flatten(1))
        return logits


class CascadedEncoder(nn.Module):
    """The whole network ([001] Fig. 1)."""

    def __init__(
        self,
        *,
        channels: int = 512,
        hidden: int = 4096,
        attention: bool = True,
        condition: bool = True,
    ) -> None:
        """Build it from random weights.

        Args:
            channels: C of z, D1-5.
            hidden: Units of the classifier of grades, D1-10.
            attention: Whether the pixels are classified with attention.
            condition: Whether E2 sees z.
        """
        super().__init__()
        self.normalise = Normalised()
        self.e1 = Encoder1(channels)
        self.head = AttentionHead(channels) if attention else PlainHead(channels)
        self.e2 = Encoder2(channels, hidden, condition=condition)
        self.uses_condition = condition

    @property
    def first_stage(self) -> tuple[nn.Module, ...]:
        """What the segmentation trains and grading keeps as it is, D1-8."""
        return (self.e1, self.head)

    @property
    def second_stage(self) -> tuple[nn.Module, ...]:
        """What grading trains."""
        return (self.e2,)

    def segment(self, images: Tensor) -> Tensor:
        """Return logits (B, 11, H, W) of pictures (B, 3, H, W), uint8 or 0 to 1."""
        return resized(self.head(self.e1(self.normalise(images))), images)

    def grade(self, images: Tensor) -> Tensor:
        """Return logits (B, 6) of pictures (B, 3, H, W), uint8 or 0 to 1."""
        standard = self.normalise(images)
        logits: Tensor = self.e2(standard, self.e1(standard) if self.uses_condition else None)
        return logits

    def forward(self, images: Tensor) -> Answers:
        """Return all answers to pictures (B, 3, H, W), uint8 or 0 to 1."""
        standard = self.normalise(images)
        z = self.e1(standard)
        parts = resized(self.head(z), images)
        return Answers(parts, self.e2(standard, z), self.head.attention(z))


def resized(maps: Tensor, like: Tensor) -> Tensor:
    """Return maps (B, C, h, w) at the height and width of others, bilinear."""
    return functional.interpolate(maps, size=like.shape[-2:], mode="bilinear", align_corners=False)

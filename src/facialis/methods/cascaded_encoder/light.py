"""Our light form: one mobile encoder that segments, and whose maps are graded as well.

The paper asks for encoders that share weights and for a form that runs on telephones ([001] §V).
Here E2 is E1: z and a deeper map of the same encoder are joined and graded. A face that is framed
upright is nearly symmetric about the middle of the picture, so the joined map is graded together
with its difference from its own mirror image.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.methods.cascaded_encoder.attention import ConvNormRelu
from facialis.methods.cascaded_encoder.network import (
    GRADES,
    Answers,
    AttentionHead,
    PlainHead,
    resized,
)
from facialis.networks.backbones import Normalised, mobilenet_v3_large_features
from facialis.networks.face_reading import JOINED, FaceReading, Read, both_ways, summary

_SHARED_LAYERS: Final = 13
_SHARED_CHANNELS: Final = 112
_DEEPER_LAYERS: Final = 14
_DEEPER_CHANNELS: Final = 80
_JOINED: Final = 64
_WIDE: Final = 128
_READ: Final = 64
_READ_STRIDE: Final = 16
_HIDDEN: Final = 96


class MobileEncoder(nn.Module):
    """E1 as MobileNetV3-Large with an output stride of 8, and a projection to z."""

    def __init__(self, channels: int) -> None:
        """Build it from random weights.

        Args:
            channels: C of z.
        """
        super().__init__()
        self.backbone = mobilenet_v3_large_features(8)[:_SHARED_LAYERS]
        self.project = ConvNormRelu(_SHARED_CHANNELS, channels, 3)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return maps (B, 112, H/8, W/8) of standardised pictures and z (B, C, H/8, W/8)."""
        maps = self.backbone(images)
        return maps, self.project(maps)


class SharedGrader(nn.Module):
    """Grade from E1's maps."""

    def __init__(self, channels: int, *, condition: bool) -> None:
        """Build it from random weights.

        Args:
            channels: C of z.
            condition: Whether z is used, or the deeper map alone.
        """
        super().__init__()
        tail = mobilenet_v3_large_features(32, reduced_tail=True)
        self.deeper = tail[_SHARED_LAYERS:_DEEPER_LAYERS]
        self.condition: nn.Module | None = None
        if condition:
            self.condition = nn.Sequential(
                nn.AvgPool2d(2, ceil_mode=True), ConvNormRelu(channels, _JOINED, 1)
            )
        joined = _DEEPER_CHANNELS + (_JOINED if condition else 0)
        self.join = ConvNormRelu(joined, _WIDE, 1)
        self.compare = ConvNormRelu(2 * _WIDE, _WIDE, 3)
        self.classifier = nn.Sequential(
            nn.Dropout(0.2), nn.Linear(2 * _WIDE, _WIDE), nn.ReLU(), nn.Linear(_WIDE, GRADES)
        )

    def forward(self, maps: Tensor, z: Tensor) -> Tensor:
        """Return logits (B, 6).

        Args:
            maps: (B, 112, h, w) of E1.
            z: (B, C, h, w).
        """
        found = self.deeper(maps)
        if self.condition is not None:
            found = torch.cat((found, self.condition(z)), dim=1)
        found = self.join(found)
        found = self.compare(torch.cat((found, (found - found.flip(-1)).abs()), dim=1))
        logits: Tensor = self.classifier(summary(found))
        return logits


class ReadingGrader(nn.Module):
    """Grade from E1's maps of a picture and of its mirror image, and from the face read in them.

    Both pictures get the same answer.
    """

    def __init__(self, channels: int, size: int) -> None:
        """Build it from random weights.

        Args:
            channels: C of z.
            size: Width and height of the picture, pixels.
        """
        super().__init__()
        tail = mobilenet_v3_large_features(32, reduced_tail=True)
        self.deeper = tail[_SHARED_LAYERS:_DEEPER_LAYERS]
        self.condition = nn.Sequential(
            nn.AvgPool2d(2, ceil_mode=True), ConvNormRelu(channels, _JOINED, 1)
        )
        self.join = ConvNormRelu(_DEEPER_CHANNELS + _JOINED, _READ, 1)
        self.reading = FaceReading(_READ * (-(-size // _READ_STRIDE)) ** 2)
        self.compare = ConvNormRelu(2 * _READ, _READ, 1)
        self.classifier = nn.Sequential(
            nn.Linear(2 * _READ + JOINED, _HIDDEN),
            nn.BatchNorm1d(_HIDDEN),
            nn.GELU(),
            nn.Dropout(0.3),
            nn.Linear(_HIDDEN, GRADES),
        )

    def forward(self, maps: Tensor, z: Tensor) -> tuple[Tensor, Read]:
        """Return logits (B, 6) and what is read of the faces.

        Args:
            maps: (2 B, 112, h, w) of E1, of pictures and then of their mirror images.
            z: (2 B, C, h, w), likewise.
        """
        found = self.join(torch.cat((self.deeper(maps), self.condition(z)), dim=1))
        count = found.shape[0] // 2
        here, there = found[:count], found[count:]
        read: Read = self.reading(here, there)
        seen = summary(self.compare(both_ways(here, there)))
        logits: Tensor = self.classifier(torch.cat((seen, self.reading.joined(read)), dim=1))
        return logits, read


class LightCascadedEncoder(nn.Module):
    """The light form, used like `network.CascadedEncoder`."""

    def __init__(
        self,
        *,
        channels: int = 64,
        attention: bool = True,
        condition: bool = True,
        reads: int | None = None,
    ) -> None:
        """Build it from random weights.

        Args:
            channels: C of z.
            attention: Whether the pixels are classified with attention.
            condition: Whether the grade sees z.
            reads: Width of the pictures if the face is read as well, else None.
        """
        super().__init__()
        self.normalise = Normalised()
        self.e1 = MobileEncoder(channels)
        self.head = AttentionHead(channels) if attention else PlainHead(channels)
        self.e2: nn.Module
        if reads is None:
            self.e2 = SharedGrader(channels, condition=condition)
        else:
            self.e2 = ReadingGrader(channels, reads)

    @property
    def first_stage(self) -> tuple[nn.Module, ...]:
        """What the segmentation trains."""
        return (self.e1, self.head)

    @property
    def second_stage(self) -> tuple[nn.Module, ...]:
        """What only grading trains."""
        return (self.e2,)

    def segment(self, images: Tensor) -> Tensor:
        """Return logits (B, 11, H, W) of pictures (B, 3, H, W), uint8 or 0 to 1."""
        _, z = self.e1(self.normalise(images))
        return resized(self.head(z), images)

    def grade(self, images: Tensor) -> Tensor:
        """Return logits (B, 6) of pictures (B, 3, H, W), uint8 or 0 to 1."""
        if isinstance(self.e2, ReadingGrader):
            return self.answered(images)[0].grade
        logits: Tensor = self.e2(*self.e1(self.normalise(images)))
        return logits

    def forward(self, images: Tensor) -> Answers:
        """Return all answers to pictures (B, 3, H, W), uint8 or 0 to 1."""
        if isinstance(self.e2, ReadingGrader):
            return self.answered(images)[0]
        maps, z = self.e1(self.normalise(images))
        parts = resized(self.head(z), images)
        return Answers(parts, self.e2(maps, z), self.head.attention(z))

    def answered(self, images: Tensor) -> tuple[Answers, Read]:
        """Return all answers to pictures (B, 3, H, W), and what is read of their faces."""
        both = torch.cat((images, images.flip(-1)))
        maps, z = self.e1(self.normalise(both))
        logits, read = self.e2(maps, z)
        here = z[: images.shape[0]]
        parts = resized(self.head(here), images)
        return Answers(parts, logits, self.head.attention(here)), read

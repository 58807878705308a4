"""Our light form: a small network that compares the face with its mirror image.

Paper 002 starts from a network that has learned to tell people apart. This one has learned to read
a face's asymmetry, expression and landmarks (`facialis.networks.face_reading`).
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.methods.fp_vggface.network import GRADES
from facialis.networks.backbones import Normalised, mobilenet_v3_small_features
from facialis.networks.face_reading import (
    JOINED,
    FaceReading,
    Read,
    both_ways,
    mirrored_maps,
    summary,
)

STRIDE: Final = 16
"""Pixels of the picture in one of the map."""
_DEEP: Final = 576
_WIDE: Final = 64
_HIDDEN: Final = 96


class LightGrader(nn.Module):
    """MobileNetV3-Small with an output stride of 16, and a head that sees asymmetry.

    The maps of a picture and of its mirror image are joined so that both get the same answer: their
    mean and the size of their difference, beside what is read of the face.

    Args:
        size: Width and height of the picture, a multiple of 32.
        dropout: Before the last layer.
    """

    def __init__(self, *, size: int, dropout: float = 0.3) -> None:
        """Build it from random weights."""
        super().__init__()
        self.features = mobilenet_v3_small_features(STRIDE)
        self.join = nn.Sequential(
            nn.Conv2d(_DEEP, _WIDE, 1, bias=False), nn.BatchNorm2d(_WIDE), nn.ReLU()
        )
        self.encoder = nn.Sequential(Normalised(), self.features, self.join)
        self.reading = FaceReading(_WIDE * (size // STRIDE) ** 2)
        self.compare = nn.Sequential(
            nn.Conv2d(2 * _WIDE, _WIDE, 1, bias=False), nn.BatchNorm2d(_WIDE), nn.ReLU()
        )
        self.classifier = nn.Sequential(
            nn.Linear(2 * _WIDE + JOINED, _HIDDEN),
            nn.BatchNorm1d(_HIDDEN),
            nn.GELU(),
            nn.Dropout(dropout),
            nn.Linear(_HIDDEN, GRADES),
        )

    def maps(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return maps (B, 64, S/16, S/16) of pictures (B, 3, S, S), and of their mirror images."""
        return mirrored_maps(self.encoder, images)

    def read(self, images: Tensor) -> Read:
        """Return what is read of the faces in pictures (B, 3, S, S), RGB uint8 or 0 to 1."""
        read: Read = self.reading(*self.maps(images))
        return read

    def forward(self, images: Tensor) -> tuple[Tensor, Read]:
        """Return logits (B, 6) of pictures (B, 3, S, S), RGB uint8 or 0 to 1, and what is read."""
        here, there = self.maps(images)
        read: Read = self.reading(here, there)
        seen = summary(self.compare(both_ways(here, there)))
        logits: Tensor = self.classifier(torch.cat((seen, self.reading.joined(read)), dim=1))
        return logits, read

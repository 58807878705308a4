"""What sees a frame in the networks that paper 003 compares itself with ([003] section IV-C).

With `LevelNetwork` they are LSTM-FACE-N1, LSTM-VGG16, LSTM and SENet; PHCNN is the paper's own
encoder without an LSTM. All see the face alone.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torchvision import models
from torchvision.ops import SqueezeExcitation

from facialis.methods.phcnn_lstm.network import FrameEncoder, NormPlace, face_branch
from facialis.networks.backbones import Normalised, vgg16_features
from facialis.regions.rois import FACE_SIZE

VGG_SIZE: Final = 512
RESIDUAL_SIZE: Final = 2048
SQUEEZE: Final = 16
"""Channels to one unit of a squeeze-and-excitation (Hu et al., 2018)."""


class FaceEncoder(FrameEncoder):
    """N1 alone."""

    def __init__(self, norm: NormPlace = "after") -> None:
        """Build it."""
        super().__init__()
        self.face = face_branch(norm)
        self.size = self.face.size

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return vectors (N, 1024) of faces (N, 3, 128, 128), 0 to 1."""
        del eyes, mouth
        return torch.as_tensor(self.face(face))


class VggEncoder(FrameEncoder):
    """VGG16's convolutions and an average over the face (D3-8)."""

    size = VGG_SIZE

    def __init__(self) -> None:
        """Build it, from random weights."""
        super().__init__()
        self.normalised = Normalised()
        self.features = vgg16_features()

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return vectors (N, 512) of faces (N, 3, 128, 128), 0 to 1."""
        del eyes, mouth
        return torch.as_tensor(self.features(self.normalised(face)).mean(dim=(2, 3)))


class PixelEncoder(FrameEncoder):
    """The face's pixels as they are."""

    size = 3 * FACE_SIZE**2

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return vectors (N, 49152) of faces (N, 3, 128, 128), 0 to 1."""
        del eyes, mouth
        return face.flatten(1)


class SqueezeEncoder(FrameEncoder):
    """SE-ResNet-50 (Hu et al., 2018; D3-9): a squeeze-and-excitation ends each residual block."""

    size = RESIDUAL_SIZE

    def __init__(self) -> None:
        """Build it, from random weights."""
        super().__init__()
        self.normalised = Normalised()
        self.features = models.resnet50(weights=None)
        self.features.fc = nn.Identity()
        for block in self.features.modules():
            if isinstance(block, models.resnet.Bottleneck):
                width = block.conv3.out_channels
                block.bn3 = nn.Sequential(block.bn3, SqueezeExcitation(width, width // SQUEEZE))

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return vectors (N, 2048) of faces (N, 3, 128, 128), 0 to 1."""
        del eyes, mouth
        return torch.as_tensor(self.features(self.normalised(face)))

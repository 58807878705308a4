"""Our light form: a small network that compares the face with its mirror image."""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn

from facialis.methods.fp_vggface.network import GRADES
from facialis.networks.backbones import Normalised, mobilenet_v3_small_features

_DEEP: Final = 576
_WIDE: Final = 128


class LightGrader(nn.Module):
    """MobileNetV3-Small with an output stride of 16, and a head that sees asymmetry.

    A face that is framed upright is nearly symmetric about the middle of the picture: its map is
    graded together with its difference from its own mirror image.

    Args:
        dropout: Before the last layer.
    """

    def __init__(self, *, dropout: float = 0.2) -> None:
        """Build it from random weights."""
        super().__init__()
        self.normalise = Normalised()
        self.features = mobilenet_v3_small_features(16)
        self.join = nn.Sequential(nn.Conv2d(_DEEP, _WIDE, 1, bias=False), nn.BatchNorm2d(_WIDE))
        self.compare = nn.Sequential(
            nn.Conv2d(2 * _WIDE, _WIDE, 3, padding=1, bias=False), nn.BatchNorm2d(_WIDE), nn.ReLU()
        )
        self.classifier = nn.Sequential(nn.Dropout(dropout), nn.Linear(2 * _WIDE, GRADES))

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, 6) of pictures (B, 3, H, W), RGB uint8 or 0 to 1."""
        found = torch.relu(self.join(self.features(self.normalise(images))))
        found = self.compare(torch.cat((found, (found - found.flip(-1)).abs()), dim=1))
        summary = torch.cat((found.mean(dim=(2, 3)), found.amax(dim=(2, 3))), dim=1)
        logits: Tensor = self.classifier(summary)
        return logits

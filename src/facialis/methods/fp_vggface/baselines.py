"""The paper's two benchmarks: VGG16 and ResNet50 with new heads (D2-5, D2-6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch import Tensor, nn

from facialis.methods.fp_vggface.network import BLOCKS, GRADES, Blocks, Entry, Scaled, Scaling
from facialis.networks.backbones import resnet50_features

if TYPE_CHECKING:
    from collections.abc import Sequence

_HIDDEN: Final = 512
_DEEP: Final = 2048


class Vgg16Benchmark(nn.Module):
    """VGG16's convolutions and a head of 512 units (D2-5).

    Args:
        scaling: Of pixels.
        dropout: Before the last layer.
        blocks: Channels of the convolutions.
        size: Width and height of the pictures, pixels.
    """

    def __init__(
        self,
        *,
        scaling: Scaling = "255",
        dropout: float = 0.6,
        blocks: Sequence[Sequence[int]] = BLOCKS,
        size: int = 224,
    ) -> None:
        """Build it from random weights."""
        super().__init__()
        self.scaled = Scaled(scaling)
        self.base = Blocks(blocks)
        self.hidden = nn.Linear(self.base.channels * (size // 2 ** len(blocks)) ** 2, _HIDDEN)
        self.dropout = nn.Dropout(dropout)
        self.grades = nn.Linear(_HIDDEN, GRADES)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The 23 entries."""
        head = (("hidden", self.hidden), ("dropout", None), ("grades", self.grades))
        return (*self.base.entries, ("flatten", None), *head)

    @property
    def pretrained(self) -> nn.Module:
        """What VGGFace's weights fill, by their names."""
        return self.base

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, 6) of pictures (B, 3, size, size), RGB uint8 or 0 to 1."""
        found = torch.relu(self.hidden(self.base(self.scaled(images)).flatten(1)))
        logits: Tensor = self.grades(self.dropout(found))
        return logits


class ResNet50Benchmark(nn.Module):
    """ResNet-50 and a layer of six grades (D2-6).

    Args:
        scaling: Of pixels.
        dropout: Before the last layer.
    """

    def __init__(self, *, scaling: Scaling = "255", dropout: float = 0.5) -> None:
        """Build it from random weights."""
        super().__init__()
        self.scaled = Scaled(scaling)
        self.base = resnet50_features()
        self.dropout = nn.Dropout(dropout)
        self.grades = nn.Linear(_DEEP, GRADES)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The 177 entries: stem 5, first blocks of stages 12 each, others 10, pooling, head 3."""
        found: list[Entry] = [
            ("input", None),
            ("conv1", self.base.conv1),
            ("bn1", self.base.bn1),
            ("relu", None),
            ("maxpool", None),
        ]
        for stage in ("layer1", "layer2", "layer3", "layer4"):
            for number, block in enumerate(self.base.get_submodule(stage).children()):
                found += [(f"{stage}.{number}.{name}", part) for name, part in _block(block)]
        head = (("flatten", None), ("dropout", None), ("grades", self.grades))
        return (*found, ("avg_pool", None), *head)

    @property
    def pretrained(self) -> nn.Module:
        """What ImageNet's weights fill, by torchvision's names."""
        return self.base

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, 6) of pictures (B, 3, H, W), RGB uint8 or 0 to 1."""
        pooled = self.base(self.scaled(images)).mean(dim=(2, 3))
        logits: Tensor = self.grades(self.dropout(pooled))
        return logits


def _block(block: nn.Module) -> list[Entry]:
    """Return the entries of a bottleneck: three convolutions, a shortcut if any, sum, ReLU."""
    layers: list[Entry] = []
    for number in (1, 2, 3):
        layers += [(f"{kind}{number}", block.get_submodule(f"{kind}{number}"))
                   for kind in ("conv", "bn")]  # fmt: skip
        layers += [(f"relu{number}", None)] if number != 3 else []  # noqa: PLR2004
    if block.downsample is not None:
        layers += [("shortcut", block.downsample[0]), ("shortcut_bn", block.downsample[1])]
    return [*layers, ("sum", None), ("relu", None)]

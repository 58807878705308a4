"""VGGFace with a new last layer ([002] §3.2, D2-3, D2-4).

A network here also lists its `entries`, as Keras counts layers: the input, every pooling, and those
activations that are layers of their own. "The last ten layers" means the last ten entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import torch
from torch import Tensor, nn

from facialis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

Scaling = Literal["255", "225", "vggface_mean"]
"""What pixels are turned into, D2-1."""
Entry = tuple[str, nn.Module | None]
"""Name of a Keras layer and the module that holds its numbers, if it has any."""

GRADES: Final = 6
VGGFACE_MEAN: Final = (129.1863, 104.7624, 93.5940)
"""Of red, green and blue, 0 to 255, of the pictures VGGFace learned from, D2-1."""
BLOCKS: Final = ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512))
"""Channels of the convolutions of each block; a block ends by halving the map."""
_POOLED_SIDE: Final = 7


class Scaled(nn.Module):
    """Turn pictures into what the network reads, D2-1.

    Args:
        scaling: ``255`` gives 0 to 1; ``225``, as [002] Table 1 prints, 0 to 1.1333;
            ``vggface_mean`` takes the mean colour of VGGFace's pictures off 0 to 255.
    """

    mean: Tensor

    def __init__(self, scaling: Scaling = "255") -> None:
        """Keep the mean where the module goes; it is no part of the weights."""
        super().__init__()
        self.divisor = 1.0 if scaling == "vggface_mean" else float(scaling)
        mean = VGGFACE_MEAN if scaling == "vggface_mean" else (0.0, 0.0, 0.0)
        self.register_buffer("mean", torch.tensor(mean).reshape(1, 3, 1, 1), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return pictures (B, 3, H, W), RGB uint8 of 0 to 255 or floats of 0 to 1, scaled."""
        whole = images.float() if images.dtype == torch.uint8 else images * 255
        return (whole - self.mean) / self.divisor


class Blocks(nn.Module):
    """The 13 convolutions of VGG16, by VGGFace's names.

    Args:
        blocks: Channels of the convolutions of each block.
    """

    def __init__(self, blocks: Sequence[Sequence[int]] = BLOCKS) -> None:
        """Build them from random weights."""
        super().__init__()
        self.names: list[list[str]] = []
        width = 3
        for number, channels in enumerate(blocks, start=1):
            self.names.append([f"conv{number}_{i}" for i in range(1, len(channels) + 1)])
            for name, wide in zip(self.names[-1], channels, strict=True):
                convolution = nn.Conv2d(width, wide, 3, padding=1)
                nn.init.kaiming_normal_(convolution.weight, nonlinearity="relu")
                nn.init.zeros_(convolution.bias)
                self.add_module(name, convolution)
                width = wide
        self.channels = width

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The input, 13 convolutions and 5 poolings: 19 entries."""
        found: list[Entry] = [("input", None)]
        for number, names in enumerate(self.names, start=1):
            found += [(name, self.get_submodule(name)) for name in names]
            found.append((f"pool{number}", None))
        return tuple(found)

    def maps(self, scaled: Tensor) -> list[Tensor]:
        """Return the map of each block before its pooling (B, C, h, w), and the last one pooled."""
        found = []
        for names in self.names:
            for name in names:
                scaled = torch.relu(self.get_submodule(name)(scaled))
            found.append(scaled)
            scaled = torch.max_pool2d(scaled, 2)
        return [*found, scaled]

    def forward(self, scaled: Tensor) -> Tensor:
        """Return the last block's pooled map (B, 512, H/32, W/32)."""
        return self.maps(scaled)[-1]


class FpVggFace(nn.Module):
    """VGGFace whose last layer names six grades instead of 2 622 people.

    Args:
        classes: Outputs of fc8.
        scaling: Of pixels.
        dropout: Before fc8; the paper has none ([002] Table 3).
        blocks: Channels of the convolutions.
        hidden: Units of fc6 and of fc7.
        size: Width and height of the pictures, pixels.
    """

    def __init__(
        self,
        *,
        classes: int = GRADES,
        scaling: Scaling = "255",
        dropout: float = 0.0,
        blocks: Sequence[Sequence[int]] = BLOCKS,
        hidden: int = 4096,
        size: int = 32 * _POOLED_SIDE,
    ) -> None:
        """Build it from random weights."""
        super().__init__()
        self.scaled = Scaled(scaling)
        self.base = Blocks(blocks)
        self.fc6 = nn.Linear(self.base.channels * (size // 2 ** len(blocks)) ** 2, hidden)
        self.fc7 = nn.Linear(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.fc8 = nn.Linear(hidden, classes)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The 26 entries of the package's list; dropout, where it is set, is not counted."""
        return (
            *self.base.entries,
            ("flatten", None),
            ("fc6", self.fc6),
            ("fc6/relu", None),
            ("fc7", self.fc7),
            ("fc7/relu", None),
            ("fc8", self.fc8),
            ("fc8/softmax", None),
        )

    @property
    def pretrained(self) -> nn.ModuleDict:
        """What VGGFace's weights fill, by their names."""
        layers = {name: module for name, module in self.entries if module is not None}
        layers.pop("fc8")
        return nn.ModuleDict(layers)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (B, classes) of pictures (B, 3, size, size), RGB uint8 or 0 to 1."""
        found = self.base(self.scaled(images)).flatten(1)
        found = torch.relu(self.fc6(found))
        found = torch.relu(self.fc7(found))
        logits: Tensor = self.fc8(self.dropout(found))
        return logits


def frozen_by(entries: Sequence[Entry], trainable: int) -> tuple[nn.Module, ...]:
    """Return the modules that stay as they are when the last entries of a list are trained.

    Args:
        entries: All of a network.
        trainable: How many of the last ones are trained, D2-4.

    Raises:
        InputError: The list has fewer entries, or none would be trained.
    """
    if not 0 < trainable <= len(entries):
        raise InputError(
            f"trainable {trainable}",
            f"does not fit a network of {len(entries)} entries",
            f"give 1 to {len(entries)}",
        )
    kept = entries[: len(entries) - trainable]
    return tuple(module for _, module in kept if module is not None)

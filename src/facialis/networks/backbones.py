"""Feature extractors as torchvision builds them, from random weights (see `pretrained`)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision import models
from torchvision.models import vgg

IMAGENET_MEAN: Final = (0.485, 0.456, 0.406)
"""Of red, green and blue, 0 to 1; what torchvision's weights were trained with."""
IMAGENET_STD: Final = (0.229, 0.224, 0.225)
"""Of red, green and blue, 0 to 1."""

_RESIDUAL_STAGES = ("conv1", "bn1", "relu", "maxpool", "layer1", "layer2", "layer3", "layer4")
_DILATED_STAGES: Final = {
    8: (False, True, True),
    16: (False, False, True),
    32: (False, False, False),
}


NORM_MOMENTUM: Final = 0.1
"""Share of a new batch in the statistics of batch norm; torch's usual one."""


class Normalised(nn.Module):
    """Turn pictures into what ImageNet weights expect."""

    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        """Keep mean and deviation where the module goes; neither is part of its weights."""
        super().__init__()
        shape = (1, 3, 1, 1)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).reshape(shape), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).reshape(shape), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Return pictures (B, 3, H, W), RGB uint8 of 0 to 255 or floats of 0 to 1, standardised."""
        scaled = images / 255 if images.dtype == torch.uint8 else images
        return (scaled - self.mean) / self.std


class DilatedDepthwise(nn.Conv2d):
    """A dilated convolution of each channel by itself, which learns faster on CPUs.

    oneDNN has no fast gradient for these weights. A map dilated by d is d² maps of every d-th
    pixel, convolved without dilation: the same sums in another order.
    """

    @classmethod
    def of(cls, layer: nn.Conv2d) -> DilatedDepthwise:
        """Return a layer of stride 1 that keeps the size of maps, with its weights and name."""
        with torch.device("meta"):  # draws no random numbers
            made = cls(
                layer.in_channels,
                layer.out_channels,
                (layer.kernel_size[0], layer.kernel_size[1]),
                padding=layer.padding,
                dilation=(layer.dilation[0], layer.dilation[1]),
                groups=layer.groups,
                bias=layer.bias is not None,
            )
        made.weight, made.bias = layer.weight, layer.bias
        return made

    def forward(self, input: Tensor) -> Tensor:
        """Return maps (B, C, H, W) of maps (B, C, H, W)."""
        if not self.training:
            return super().forward(input)
        apart, (height, width) = self.dilation[0], input.shape[-2:]
        even = functional.pad(input, (0, -width % apart, 0, -height % apart))
        reach = self.kernel_size[0] // 2
        seen = functional.conv2d(
            _every_nth(even, apart), self.weight, self.bias, padding=reach, groups=self.groups
        )
        return _joined_again(seen, apart)[..., :height, :width]


def _every_nth(maps: Tensor, n: int) -> Tensor:
    """Return maps (B, C, nH, nW) as (Bn², C, H, W), each of every n-th pixel."""
    count, channels, height, width = maps.shape
    cells = maps.permute(0, 2, 3, 1).reshape(count, height // n, n, width // n, n, channels)
    apart = cells.permute(0, 2, 4, 1, 3, 5).reshape(-1, height // n, width // n, channels)
    return apart.permute(0, 3, 1, 2)


def _joined_again(maps: Tensor, n: int) -> Tensor:
    """Return maps (Bn², C, H, W) as (B, C, nH, nW): what `_every_nth` took apart."""
    count, channels, height, width = maps.shape
    cells = maps.permute(0, 2, 3, 1).reshape(-1, n, n, height, width, channels)
    whole = cells.permute(0, 3, 1, 4, 2, 5).reshape(count // n**2, n * height, n * width, channels)
    return whole.permute(0, 3, 1, 2)


def resnet50_features() -> nn.Sequential:
    """Return ResNet-50 without its classifier: pictures to (B, 2048, H/32, W/32)."""
    return _without_classifier(models.resnet50(weights=None))


def resnet101_features(output_stride: Literal[8, 16, 32] = 8) -> nn.Sequential:
    """Return ResNet-101 without its classifier: pictures to (B, 2048, H/stride, W/stride).

    Args:
        output_stride: 8 replaces the strides of the last two stages by dilations 2 and 4 ([001]
            §III-A, D1-4), 16 that of the last one by 2, 32 none.
    """
    dilated = list(_DILATED_STAGES[output_stride])
    return _without_classifier(models.resnet101(weights=None, replace_stride_with_dilation=dilated))


def vgg16_features() -> nn.Sequential:
    """Return VGG16's 13 convolutions with ReLUs and pools: pictures to (B, 512, H/32, W/32)."""
    features: nn.Sequential = vgg.make_layers(vgg.cfgs["D"])
    for layer in features:
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")
            nn.init.zeros_(layer.bias)
    return features


def mobilenet_v3_large_features(
    output_stride: Literal[8, 16, 32] = 32, *, reduced_tail: bool = False
) -> nn.Sequential:
    """Return MobileNetV3-Large without its classifier: pictures to (B, 960, H/stride, W/stride).

    Args:
        output_stride: Strides beyond it are replaced by dilations.
        reduced_tail: Halve the channels after the thirteenth layer (480 come out), for which
            torchvision publishes no weights.
    """
    network = models.mobilenet_v3_large(weights=None, reduced_tail=reduced_tail)
    return _dilated(_forgetful(network.features), output_stride)


def mobilenet_v3_small_features(output_stride: Literal[8, 16, 32] = 32) -> nn.Sequential:
    """Return MobileNetV3-Small without its classifier: pictures to (B, 576, H/stride, W/stride).

    Args:
        output_stride: Strides beyond it are replaced by dilations.
    """
    features = models.mobilenet_v3_small(weights=None).features
    return _dilated(_forgetful(features), output_stride)


def _forgetful(features: nn.Sequential) -> nn.Sequential:
    """Let batch norm follow a short training, in place.

    torchvision's MobileNetV3 remembers a hundred batches, after the hundreds of thousands of
    ImageNet; in a course of some hundred batches it then answers with statistics of long ago.
    """
    for layer in features.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.momentum = NORM_MOMENTUM
    return features


def _without_classifier(network: nn.Module) -> nn.Sequential:
    return nn.Sequential(OrderedDict((name, getattr(network, name)) for name in _RESIDUAL_STAGES))


def _dilated(features: nn.Sequential, output_stride: int) -> nn.Sequential:
    """Dilate all convolutions from the first one that would go beyond a stride, in place."""
    stride, dilation = 1, 1
    for layer in features.modules():
        if not isinstance(layer, nn.Conv2d):
            continue
        halves = layer.stride == (2, 2)
        if halves and stride >= output_stride:
            layer.stride = (1, 1)
            dilation *= 2
        elif halves:
            stride *= 2
        reach = layer.kernel_size[0] // 2
        layer.dilation, layer.padding = (dilation, dilation), (reach * dilation, reach * dilation)
    for block in [*features.modules()]:
        for name, layer in block.named_children():
            if isinstance(layer, nn.Conv2d) and layer.dilation[0] > 1 and layer.groups > 1:
                setattr(block, name, DilatedDepthwise.of(layer))
    return features

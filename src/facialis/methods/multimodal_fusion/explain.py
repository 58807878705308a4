"""What moved an answer: landmarks, expression scores, pixels. Arrays out; `prepare` draws them.

Everything is about the difference of the two units' logits, palsy minus no palsy: above 0 speaks
for palsy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from captum.attr import IntegratedGradients, LayerAttribution, LayerGradCam
from torch import Tensor, nn

if TYPE_CHECKING:
    from facialis.methods.multimodal_fusion.network import ImageBranch

_STEPS: Final = 64
_PLANE: Final = 2


def vector_attribution(network: nn.Module, given: Tensor, usual: Tensor) -> Tensor:
    """Return how much each number moved the answer away from that of a usual face.

    Integrated gradients: the numbers of a picture sum to the difference between its answer and the
    usual face's, up to the error of the integral.

    Args:
        network: `FeedForward`, answering.
        given: (B, N) coordinates or expression scores.
        usual: (N,) to compare with, such as the mean of healthy training pictures.

    Returns:
        (B, N).
    """
    explained = IntegratedGradients(_Leaning(network.eval()))
    found: Tensor = explained.attribute(
        given, usual.expand_as(given), n_steps=_STEPS, method="gausslegendre"
    )
    return found.detach()


def landmark_attribution(coordinates: Tensor) -> Tensor:
    """Return the attribution of landmarks (B, 125): that of x and of y together, of (B, 250)."""
    return coordinates.unflatten(-1, (-1, _PLANE)).sum(dim=-1)


def pixel_attribution(network: ImageBranch, images: Tensor) -> Tensor:
    """Return how much places of a picture or drawing speak for palsy (B, H, W), 0 or more.

    Grad-CAM at the end of the backbone, enlarged to the picture.

    Args:
        network: Answering.
        images: (B, 3, H, W), uint8 or 0 to 1.
    """
    network.eval()
    whole = images / 255 if images.dtype == torch.uint8 else images
    explained = LayerGradCam(_Leaning(network), network.features)
    coarse = explained.attribute(whole.requires_grad_(), relu_attributions=True)
    size = (int(images.shape[-2]), int(images.shape[-1]))
    found: Tensor = LayerAttribution.interpolate(coarse, size, interpolate_mode="bilinear")
    return found[:, 0].detach()


class _Leaning(nn.Module):
    """How far a network leans towards palsy."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, given: Tensor) -> Tensor:
        logits: Tensor = self.network(given)
        return logits[:, 1] - logits[:, 0]

"""The losses of paper 000 (METHODS 1.3): HIST, boundaries, pixels, edges, depth, and their total.

Labels are (B, H, W) uint8, 255 where nobody labelled; such pixels count nowhere, and a batch
without labels has losses of zero. All losses are float32.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

UNLABELLED: Final = 255
TEMPERATURE: Final = 32.0
"""τ of the allocation loss (D0-13)."""
SPREAD: Final = 0.9
"""α of the hypergraph's incidence (D0-13)."""
CUE_WEIGHT: Final = 0.5
"""β_d and β_f: how much a border cue raises a contour pixel's loss (D0-18)."""


class Hist(nn.Module):
    """Hypergraph-induced semantic tuplet loss of categories ([000] eq. 6, D0-13, D0-14).

    A node is a category that a picture's labels show; its embedding is the mean of a feature map
    over that category's pixels. It trains the network and is no part of it.

    Args:
        categories: K.
        width: Channels of the feature map.
    """

    def __init__(self, categories: int, width: int) -> None:
        """Build the categories' distributions and the hypergraph's net."""
        super().__init__()
        self.means = nn.Parameter(functional.normalize(torch.randn(categories, width), dim=-1))
        self.spreads = nn.Parameter(torch.empty(categories, width))
        nn.init.kaiming_normal_(self.spreads, mode="fan_out")
        self.first, self.second = nn.Linear(width, width), nn.Linear(width, categories)
        self.norm = nn.BatchNorm1d(width)

    def forward(
        self, feature: Tensor, labels: Tensor, shown: tuple[Tensor, Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Return L_CE, the nodes' classification, and L_D, their allocation.

        Args:
            feature: (B, C, h, w).
            labels: (B, h, w).
            shown: `shown_in` of the labels.
        """
        nodes, categories = nodes_of(feature, labels, shown, len(self.means)), shown[1]
        if len(nodes) < 2:  # noqa: PLR2004 - one node is in no relation to another
            nothing = feature.float().sum() * 0
            return nothing, nothing
        distances = self.distances(nodes)
        allocation = functional.cross_entropy(-TEMPERATURE * distances, categories)
        graph = propagation(incidence(distances, categories))
        hidden = functional.leaky_relu(self.norm(graph @ self.first(nodes)), 0.1)
        return functional.cross_entropy(graph @ self.second(hidden), categories), allocation

    def distances(self, nodes: Tensor) -> Tensor:
        """Return squared Mahalanobis distances (n, K) of unit vectors (n, C) to the categories."""
        means = functional.normalize(self.means.float(), dim=-1)
        precise = torch.exp(-functional.relu6(self.spreads.float()))
        apart = nodes[:, None, :] - means[None]
        return (apart.square() * precise[None]).sum(dim=-1)


def shown_in(labels: Tensor, categories: int) -> tuple[Tensor, Tensor]:
    """Return pictures (n,) and categories (n,) of the nodes: what each picture shows (D0-14).

    How many they are is known only after waiting for a GPU; asked before the network runs, that
    wait is short.

    Args:
        labels: (B, h, w).
        categories: K.
    """
    pictures, found = torch.nonzero(one_hot(labels, categories).amax(dim=(2, 3)), as_tuple=True)
    return pictures, found


def nodes_of(
    feature: Tensor, labels: Tensor, shown: tuple[Tensor, Tensor], categories: int
) -> Tensor:
    """Return the unit embeddings (n, C) of the categories that pictures show.

    Args:
        feature: (B, C, h, w).
        labels: (B, h, w).
        shown: `shown_in` of the labels.
        categories: K.
    """
    masks = one_hot(labels, categories)
    areas = masks.sum(dim=(2, 3))
    sums = torch.einsum("bkhw,bchw->bkc", masks, feature.float())
    means = sums[shown] / areas[shown][:, None]
    return functional.normalize(means, dim=-1)


def incidence(distances: Tensor, categories: Tensor) -> Tensor:
    """Return H (n, k) of nodes in the hyperedges of the k categories present (D0-13).

    A node is in its own category's hyperedge with 1, in another's with exp(-α d).
    """
    own = functional.one_hot(categories, distances.shape[1]).bool()
    whole = torch.exp(-SPREAD * distances).masked_fill(own, 1.0)
    return whole * own.any(dim=0)


def propagation(edges: Tensor) -> Tensor:
    """Return G = D_v^(-1/2) H D_e^(-1) Hᵀ D_v^(-1/2) (n, n) of an incidence H (n, k)."""
    nodes = edges.sum(dim=1, keepdim=True).rsqrt()
    sizes = edges.sum(dim=0).clamp(min=torch.finfo(edges.dtype).tiny)
    return (nodes * edges / sizes) @ (nodes * edges).T


def labels_at(labels: Tensor, size: tuple[int, int]) -> Tensor:
    """Return label maps (B, h, w) uint8 in another size, by their nearest pixels."""
    if tuple(labels.shape[1:]) == size:
        return labels
    return functional.interpolate(labels[:, None].float(), size, mode="nearest-exact")[:, 0].to(
        torch.uint8
    )


def one_hot(labels: Tensor, categories: int) -> Tensor:
    """Return (B, K, H, W) float32, 1 where a pixel has the label; all 0 where unlabelled."""
    numbers = torch.arange(categories, device=labels.device, dtype=labels.dtype)
    return (labels[:, None] == numbers[:, None, None]).float()


def contours(labels: Tensor, categories: int) -> Tensor:
    """Return each category's border (B, K, H, W) float32 0 or 1, a band of 3 pixels (D0-15).

    It is what lies in the 3×3 neighbourhood of the category's pixels that have another label in
    their own; unlabelled pixels are no other label and in no border.
    """
    own = one_hot(labels, categories)
    labelled = (labels != UNLABELLED).float()[:, None]
    border = own * _widened(labelled - own)
    return _widened(border) * labelled


def boundary_loss(
    logits: Tensor, labels: Tensor, *, cues: Tensor | None = None, fpp_weight: float = 1.0
) -> Tensor:
    """Return the boundary-enhanced semantic loss, each border weighing alike ([000] eq. 7, D0-15).

    Args:
        logits: (B, K, H, W).
        labels: (B, H, W).
        cues: What is added to the factor 1 of each pixel (B, H, W), not negative; None is 0.
        fpp_weight: w of the last category, FPP.
    """
    pixels = functional.cross_entropy(
        logits.float(), labels.long(), ignore_index=UNLABELLED, reduction="none"
    )
    if cues is not None:
        pixels = pixels * (1 + cues)
    bands = contours(labels, logits.shape[1])
    sums = torch.einsum("bkhw,bhw->bk", bands, pixels)
    weighed = sums / bands.sum(dim=(2, 3)).clamp(min=1)
    return torch.cat((weighed[:, :-1], fpp_weight * weighed[:, -1:]), dim=1).mean()


def border_cues(depth: Tensor | None, logits: Tensor, size: tuple[int, int]) -> Tensor:
    """Return what raises the loss of border pixels (B, H, W), without gradient (D0-18).

    Args:
        depth: Composite depth (B, h, w); None without depth.
        logits: Last mask prediction (B, K, h, w), whose sigmoid above 0.5 is foreground.
        size: (H, W).
    """
    with torch.no_grad():
        masks = (logits > 0).float()
        found = (_widened(masks) * _widened(1 - masks)).amax(dim=1)
        if depth is not None:
            found = found + _steepness(depth.float())
        cues = functional.interpolate(CUE_WEIGHT * found[:, None], size, mode="bilinear")
        return cues[:, 0]


def pixel_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of labelled pixels plus the mean Dice loss of classes (D0-16).

    Args:
        logits: (B, K, H, W).
        labels: (B, H, W).
    """
    given = logits.float()
    labelled = (labels != UNLABELLED).float()
    entropy = functional.cross_entropy(
        given, labels.long(), ignore_index=UNLABELLED, reduction="sum"
    ) / labelled.sum().clamp(min=1)
    chances = given.softmax(dim=1) * labelled[:, None]
    truth = one_hot(labels, logits.shape[1])
    both = (chances * truth).sum(dim=(0, 2, 3))
    either = chances.sum(dim=(0, 2, 3)) + truth.sum(dim=(0, 2, 3))
    return entropy + (1 - (2 * both + 1) / (either + 1)).mean()


def edge_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the mean binary cross-entropy of contour logits (B, K, H, W) on labelled pixels."""
    labelled = (labels != UNLABELLED).float()[:, None].expand_as(logits)
    entropy = functional.binary_cross_entropy_with_logits(
        logits.float(), contours(labels, logits.shape[1]), weight=labelled, reduction="sum"
    )
    return entropy / labelled.sum().clamp(min=1)


def depth_loss(depth: Tensor, truth: Tensor) -> Tensor:
    """Return the mean L1 distance of normalised depths where the truth is known (D0-9).

    Args:
        depth: Composite over m_max (B, h, w).
        truth: (B, h', w') larger is nearer, in any unit; 0 where unknown. Each picture's known
            depths are stretched to 0 to 1.
    """
    given = functional.interpolate(
        truth[:, None].float(), (depth.shape[1], depth.shape[2]), mode="nearest-exact"
    )[:, 0]
    known = given != 0
    low = given.masked_fill(~known, torch.inf).amin(dim=(1, 2), keepdim=True)
    high = given.masked_fill(~known, -torch.inf).amax(dim=(1, 2), keepdim=True)
    wanted = ((given - low) / (high - low).clamp(min=1e-6)).masked_fill(~known, 0.0)
    return ((depth.float() - wanted).abs() * known).sum() / known.sum().clamp(min=1)


def _widened(masks: Tensor) -> Tensor:
    """Return masks (B, K, H, W), not negative, dilated by a square of 3 × 3."""
    padded = functional.pad(masks, (1, 1, 1, 1))
    tall = torch.maximum(torch.maximum(padded[:, :, :-2], padded[:, :, 1:-1]), padded[:, :, 2:])
    return torch.maximum(torch.maximum(tall[..., :-2], tall[..., 1:-1]), tall[..., 2:])


def _steepness(depth: Tensor) -> Tensor:
    """Return the size of the gradient of maps (B, h, w), 0 to 1 in each."""
    down, across = torch.gradient(depth, dim=(1, 2))
    size = torch.hypot(down, across)
    return size / size.amax(dim=(1, 2), keepdim=True).clamp(min=1e-6)

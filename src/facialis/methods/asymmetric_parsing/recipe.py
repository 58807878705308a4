"""How the parser of paper 000 is trained and what it is asked (METHODS 1.3, 1.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import torch
from torch import Tensor
from torch.nn import functional

from facialis.errors import InputError
from facialis.methods.asymmetric_parsing import losses
from facialis.methods.asymmetric_parsing.baselines import (
    Baseline,
    DeepLab,
    MaskRcnn,
    Parsing,
)
from facialis.methods.asymmetric_parsing.network import (
    CATEGORIES,
    DEEPEST,
    WIDTH,
    DepthMode,
    Network,
    Parsed,
    full_size,
    scaled,
)

if TYPE_CHECKING:
    from facialis.networks.learner import Batch, Learner

EDGE_WEIGHT: Final = 0.1
"""Of the contours' cross-entropy (D0-16)."""
DEPTH_WEIGHT: Final = 0.1
"""Of the depth's L1 where it is supervised (D0-9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Recipe and parts; the defaults are the paper's or of a decision.

    Attributes:
        network: The paper's, or one of two rivals of its tables, trained alike.
        size: Width and height of pictures, pixels.
        epochs: Passes over the training pictures.
        batch: Pictures of a step.
        rate: Learning rate at the start (D0-11).
        momentum: Of stochastic gradient descent.
        weight_decay: L2 (D0-11).
        power: Of the polynomial schedule (D0-11).
        degrees: Pictures are turned by at most so much either way.
        scales: Least and most that pictures are enlarged.
        esc: ESC blocks.
        foreground_attention: Attention confined to the foreground; else full.
        depth: Depth of each category.
        edges: Contours of each category.
        border_cues: Depth and contours refine the masks and weigh the boundary loss (D0-18).
        boundary_loss: L_best.
        hist: L_CE and L_D.
        loss_total: How L_CE and L_best are joined ([000] eq. 8).
        depth_supervision: Learn depth where examples have it (D0-9).
        depth_mode: ``centred`` is eq. 3, ``offset`` eq. 2 (D0-7).
        deepest: m_max (D0-8).
        hist_weight: Of L_CE and L_D together (D0-13).
        node_weight: λ_s of L_CE (D0-13).
        fpp_weight: w_FPP of the boundary loss (D0-15).
        mirrored: Answer by the mean of what is seen in a picture and in its mirror image (ours), so
            that both get the same answer, in twice the time; training is the same.
    """

    network: Literal["published", "deeplabv3plus", "mask_rcnn"] = "published"
    size: int = 250
    epochs: int = 300
    batch: int = 32
    rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 5e-4
    power: float = 0.9
    degrees: float = 10.0
    scales: tuple[float, float] = (0.75, 1.25)
    esc: bool = True
    foreground_attention: bool = True
    depth: bool = True
    edges: bool = True
    border_cues: bool = True
    boundary_loss: bool = True
    hist: bool = True
    loss_total: Literal["sum", "product_as_printed"] = "sum"
    depth_supervision: bool = False
    depth_mode: DepthMode = "centred"
    deepest: float = DEEPEST
    hist_weight: float = 1.0
    node_weight: float = 1.0
    fpp_weight: float = 1.0
    mirrored: bool = False


def learner(name: str, settings: Settings) -> Learner:
    """Return the method with all that is needed to train it.

    Args:
        name: ``asymmetric_parsing``.
        settings: See there.

    Raises:
        InputError: There is no such method, or settings exclude each other.
    """
    if name != "asymmetric_parsing":
        raise InputError(name, "is not of this package", "use asymmetric_parsing")
    if settings.mirrored and settings.network != "published":
        raise InputError(
            "mirrored", f"is not for {settings.network}", "use it with network = published"
        )
    if settings.network == "deeplabv3plus":
        return Baseline(settings, DeepLab())
    if settings.network == "mask_rcnn":
        return Baseline(settings, MaskRcnn(settings.size))
    return AsymmetricParsing(settings)


class AsymmetricParsing(Parsing):
    """The parser of paper 000.

    Besides what its tasks name, `predict` gives ``depth`` (B, h, w) float32, the composite depth at
    half size, and ``attention`` (B, 7, h', w') float32, where each part looked in the last layer,
    the greatest of 4 × 4 places, greatest 1.

    Args:
        settings: Which parts there are.

    Raises:
        InputError: The product of two losses is asked for without both, or depth is to be learned
            without depth.
    """

    only_train = ("hist.",)

    def __init__(self, settings: Settings) -> None:
        """Build the network and its auxiliary."""
        super().__init__(settings)
        _check(settings)
        self.settings = settings
        self.network = Network(
            esc=settings.esc,
            foreground_attention=settings.foreground_attention,
            depth=settings.depth,
            edges=settings.edges,
            border_cues=settings.border_cues,
            depth_mode=settings.depth_mode,
            deepest=settings.deepest,
        )
        self.hist = losses.Hist(CATEGORIES, WIDTH) if settings.hist else None

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return ``total`` and its parts, unweighted: see METHODS 1.3.4, D0-16."""
        labels = batch["mask"]
        small = losses.labels_at(labels, (-(-labels.shape[1] // 2), -(-labels.shape[2] // 2)))
        shown = losses.shown_in(small, CATEGORIES)
        seen = self.network(scaled(batch["image"]))
        whole = full_size(seen.logits[-1], batch["image"])
        early = [losses.pixel_loss(each, small) for each in seen.logits[:-1]]
        parts = {"pixels": torch.stack([*early, losses.pixel_loss(whole, labels)]).mean()}
        if self.hist is not None:
            parts["nodes"], parts["allocation"] = self.hist(seen.feature, small, shown)
        if self.settings.boundary_loss:
            parts["boundary"] = self._boundary(seen, whole, labels)
        if seen.edges is not None:
            parts["edges"] = losses.edge_loss(seen.edges, small)
        if self.settings.depth_supervision and seen.depth is not None:
            parts["depth"] = losses.depth_loss(seen.depth / self.settings.deepest, batch["depth"])
        return {"total": total(parts, self.settings), **parts}

    def _boundary(self, seen: Parsed, whole: Tensor, labels: Tensor) -> Tensor:
        cues = None
        if self.settings.border_cues:
            size = (labels.shape[1], labels.shape[2])
            cues = losses.border_cues(seen.depth, seen.logits[-2], size)
        return losses.boundary_loss(whole, labels, cues=cues, fpp_weight=self.settings.fpp_weight)

    def seen(self, images: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Return logits or probabilities in full size, and depth and attention."""
        found = self.network(scaled(images))
        pictures = {"attention": _peaks(found.attention)}
        if found.depth is not None:
            pictures["depth"] = found.depth
        scores = full_size(found.logits[-1], images)
        if self.settings.mirrored:
            there = self.network(scaled(images.flip(-1))).logits[-1]
            there = full_size(there, images).softmax(dim=1).flip(-1)
            scores = (scores.softmax(dim=1) + there) / 2
        return scores, pictures


def total(parts: dict[str, Tensor], settings: Settings) -> Tensor:
    """Return the loss that is minimised, of its parts ([000] eq. 8).

    As meant: w (L_D + λ_s L_CE) + L_best + L_pix + 0.1 L_edge (+ 0.1 L_depth), w 1 by default; as
    printed, L_CE and L_best are multiplied instead.
    """
    weights = {
        "nodes": settings.hist_weight * settings.node_weight,
        "allocation": settings.hist_weight,
        "edges": EDGE_WEIGHT,
        "depth": DEPTH_WEIGHT,
    }
    weighed: dict[str, Any] = {key: weights.get(key, 1.0) * part for key, part in parts.items()}
    if settings.loss_total == "product_as_printed":
        weighed["nodes"] = weighed["nodes"] * weighed.pop("boundary")
    return torch.stack(list(weighed.values())).sum()


def _peaks(attention: Tensor) -> Tensor:
    """Return weights (B, K, h, w) at a quarter of the size, the greatest of each category 1."""
    height, width = attention.shape[2:]
    small = functional.max_pool2d(attention, (min(4, height), min(4, width)))
    return small / small.amax(dim=(2, 3), keepdim=True).clamp(min=1e-12)


def _check(settings: Settings) -> None:
    product = settings.loss_total == "product_as_printed"
    if product and not (settings.hist and settings.boundary_loss):
        raise InputError(
            "loss_total = product_as_printed",
            "multiplies two losses, one of which is switched off",
            "leave hist and boundary_loss on, or use loss_total = sum",
        )
    if settings.depth_supervision and not settings.depth:
        raise InputError(
            "depth_supervision", "has no depth to learn", "leave depth on, or switch it off"
        )

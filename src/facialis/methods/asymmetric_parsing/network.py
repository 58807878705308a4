"""The face parser of paper 000, top to bottom (METHODS 1.2.2, decision D0-6).

Sizes below are of a picture of 250 × 250; any size works, halves are rounded up. Categories are
those of `facialis.regions.classes.Part`, background included; FPP lies on the patient's drooping
side, whichever that is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.methods.asymmetric_parsing.attention import AttentionLayer
from facialis.networks.aspp import Aspp, convolution

CATEGORIES: Final = 7
WIDTH: Final = 128
"""Channels of the pyramid and of the queries."""
EMBEDDING: Final = 16
"""Channels of the depth embedding, s2 in [000] eq. 1; a kernel has two numbers more (s1)."""
DEEPEST: Final = 80.0
"""m_max as printed, [000] eq. 2; depth is a cue here, so its unit has no meaning (D0-8)."""

DepthMode = Literal["centred", "offset"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """What the network says of pictures.

    Attributes:
        logits: Mask predictions (B, 7, h, w) at half size: of the learned queries, after each of
            the three attention layers, and refined; five.
        feature: P1 (B, 128, h, w), whose class means are HIST's nodes.
        depths: Depth of every category (B, 7, h, w), 0 to `DEEPEST` and somewhat beyond; None
            without depth.
        depth: Depth of the predicted category (B, h, w); None without depth.
        edges: Logits of each category's contour (B, 7, h, w); None without edges.
        attention: Where each category looked in the last layer (B, 7, h, w), sum 1 each.
    """

    logits: tuple[Tensor, ...]
    feature: Tensor
    depths: Tensor | None
    depth: Tensor | None
    edges: Tensor | None
    attention: Tensor


class EnhanceStroke(nn.Module):
    """ESC block: a 1×1 convolution gated by what three linear layers make of its mean (D0-4, D0-5).

    Upsampling a single place is repeating it, so the gate is broadcast: the gradient is then a
    sum, where that of an interpolation is a race of all places for one number on a GPU.

    Args:
        channels: In and out.
    """

    def __init__(self, channels: int) -> None:
        """Build the convolution and the gate."""
        super().__init__()
        hidden = max(channels // 4, 8)
        self.mapped = convolution(channels, channels, 1)
        self.gate = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(channels, hidden),
            nn.ReLU(),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, channels),
            nn.Sigmoid(),
        )

    def forward(self, given: Tensor) -> Tensor:
        """Return the gated map (B, C, H, W) of a map (B, C, H, W)."""
        mapped = self.mapped(given)
        return mapped * self.gate(mapped)[:, :, None, None]


class Encoder(nn.Module):
    """Four convolution blocks, each followed by an ESC block ([000] §III).

    Args:
        esc: Whether there are ESC blocks.
    """

    def __init__(self, *, esc: bool) -> None:
        """Build the blocks."""
        super().__init__()
        plan = ((3, 32, 2, 1), (32, 64, 2, 1), (64, 128, 2, 1), (128, 256, 1, 2))
        self.blocks = nn.ModuleList(
            nn.Sequential(
                convolution(i, o, 3, stride=stride, dilation=dilation),
                convolution(o, o, 3, dilation=dilation),
            )
            for i, o, stride, dilation in plan
        )
        self.escs = nn.ModuleList(
            EnhanceStroke(o) if esc else nn.Identity() for _i, o, _s, _d in plan
        )

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return four maps of scaled pictures (B, 3, 250, 250).

        They are (B, 32, 125, 125), (B, 64, 63, 63), (B, 128, 32, 32) and (B, 256, 32, 32).
        """
        found = []
        for block, esc in zip(self.blocks, self.escs, strict=True):
            images = esc(block(images))
            found.append(images)
        return found


class Decoder(nn.Module):
    """Brings P3 up to the sizes of the first two blocks, with their detail."""

    def __init__(self) -> None:
        """Build the convolutions."""
        super().__init__()
        self.detail2, self.joined2 = convolution(64, 48, 1), convolution(WIDTH + 48, WIDTH, 3)
        self.detail1, self.joined1 = convolution(32, 24, 1), convolution(WIDTH + 24, WIDTH, 3)

    def forward(self, deep: Tensor, second: Tensor, first: Tensor) -> tuple[Tensor, Tensor]:
        """Return P2 (B, 128, 63, 63) and P1 (B, 128, 125, 125) of P3 and of B2 and B1."""
        p2 = self.joined2(torch.cat((_resized(deep, second), self.detail2(second)), dim=1))
        p1 = self.joined1(torch.cat((_resized(p2, first), self.detail1(first)), dim=1))
        return p2, p1


class DepthHead(nn.Module):
    """Depth of each category, by kernels that its query gives ([000] eq. 1 to 3, D0-7, D0-8).

    Args:
        mode: ``centred`` is eq. 3, whose shift is the category's middle depth; ``offset`` is eq. 2.
        deepest: m_max.
    """

    def __init__(self, *, mode: DepthMode = "centred", deepest: float = DEEPEST) -> None:
        """Build the embedding and the kernels."""
        super().__init__()
        self.mode, self.deepest = mode, deepest
        self.embedding = nn.Conv2d(WIDTH, EMBEDDING, 3, padding=1)
        self.kernels = nn.Linear(WIDTH, EMBEDDING + 2)

    def forward(self, queries: Tensor, feature: Tensor) -> Tensor:
        """Return depths (B, K, h, w) of queries (B, K, 128) over P1 (B, 128, h, w)."""
        relative, spread, shift = self.parts(queries, feature)
        middle = 0.5 if self.mode == "centred" else 0.0
        return self.deepest * ((relative - middle) * spread + shift)

    def parts(self, queries: Tensor, feature: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return M* (B, K, h, w), m^r (B, K, 1, 1) and m^s (B, K, 1, 1), all from 0 to 1."""
        kernels = self.kernels(queries).float()
        embedding = self.embedding(feature).float()
        relative = torch.einsum("bks,bshw->bkhw", kernels[..., :EMBEDDING], embedding).sigmoid()
        spread, shift = kernels[..., EMBEDDING:, None].sigmoid().unbind(dim=-2)
        return relative, spread[..., None], shift[..., None]


class Network(nn.Module):
    """The parser of [000]; without a part, it and its weights are absent.

    Args:
        esc: ESC blocks.
        foreground_attention: Whether attention is confined to the foreground; else it is full.
        depth: Depth of each category.
        edges: Contours of each category.
        border_cues: Whether depth and contours refine the masks (D0-18).
        depth_mode: See `DepthHead`.
        deepest: m_max.
    """

    def __init__(
        self,
        *,
        esc: bool = True,
        foreground_attention: bool = True,
        depth: bool = True,
        edges: bool = True,
        border_cues: bool = True,
        depth_mode: DepthMode = "centred",
        deepest: float = DEEPEST,
    ) -> None:
        """Build all parts."""
        super().__init__()
        self.foreground_attention, self.border_cues = foreground_attention, border_cues
        self.encoder = Encoder(esc=esc)
        self.aspp = Aspp(256, WIDTH)
        self.decoder = Decoder()
        self.queries = nn.Parameter(torch.randn(CATEGORIES, WIDTH))
        self.layers = nn.ModuleList(AttentionLayer(WIDTH) for _ in range(3))
        self.mask_head = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH))
        self.depth_head = DepthHead(mode=depth_mode, deepest=deepest) if depth else None
        self.edge_head = (
            nn.Sequential(convolution(WIDTH, 64, 3), nn.Conv2d(64, CATEGORIES, 1))
            if edges
            else None
        )
        cues = border_cues * (depth + edges)
        self.refine_head = nn.Sequential(
            convolution(CATEGORIES * (1 + cues), 32, 3), nn.Conv2d(32, CATEGORIES, 1)
        )

    def forward(self, images: Tensor) -> Parsed:
        """Return what is seen in pictures (B, 3, H, W) as `scaled` gives them."""
        first, second, _third, fourth = self.encoder(images)
        p3 = self.aspp(fourth)
        p2, p1 = self.decoder(p3, second, first)
        queries = self.queries.expand(images.shape[0], -1, -1)
        asked = [queries]
        for layer, feature in zip(self.layers, (p3, p2, p1), strict=True):
            queries, attention = layer(queries, feature, self._foreground(queries, p1))
            asked.append(queries)
        masks = self._masks(torch.cat(asked, dim=1), p1)  # at once: one gradient of the large map
        logits = list(masks.split(CATEGORIES, dim=1))
        depths = None if self.depth_head is None else self.depth_head(queries, p1)
        edges = None if self.edge_head is None else self.edge_head(p1)
        logits.append(self._refined(logits[-1], depths, edges))
        return Parsed(
            logits=tuple(logits),
            feature=p1,
            depths=depths,
            depth=None if depths is None else composite(depths, logits[-1]),
            edges=edges,
            attention=attention,
        )

    def _foreground(self, queries: Tensor, feature: Tensor) -> Tensor | None:
        """Return the masks that attention is confined to, which learn nothing from it."""
        if not self.foreground_attention:
            return None
        with torch.no_grad():
            return self._masks(queries, feature)

    def _masks(self, queries: Tensor, feature: Tensor) -> Tensor:
        return torch.einsum("bkd,bdhw->bkhw", self.mask_head(queries), feature)

    def _refined(self, logits: Tensor, depths: Tensor | None, edges: Tensor | None) -> Tensor:
        given = [logits]
        if self.border_cues and self.depth_head is not None and depths is not None:
            given.append((depths / self.depth_head.deepest).to(logits.dtype))
        if self.border_cues and edges is not None:
            given.append(edges)
        return logits + self.refine_head(torch.cat(given, dim=1))


def scaled(images: Tensor) -> Tensor:
    """Return pictures (B, 3, H, W) of 0 to 255 as float32 from -1 to 1."""
    return images.float() / 127.5 - 1


def full_size(logits: Tensor, images: Tensor) -> Tensor:
    """Return logits (B, K, h, w) as float32 in the size of pictures (B, 3, H, W)."""
    return _resized(logits.float(), images)


def composite(depths: Tensor, logits: Tensor) -> Tensor:
    """Return the depth (B, h, w) of the category that is predicted at each pixel ([000] §III).

    Args:
        depths: Of each category (B, K, h, w).
        logits: Of each category (B, K, h, w).
    """
    return depths.gather(1, logits.argmax(dim=1, keepdim=True))[:, 0]


def _resized(given: Tensor, like: Tensor) -> Tensor:
    return functional.interpolate(given, like.shape[2:], mode="bilinear")

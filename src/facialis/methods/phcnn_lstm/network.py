"""The parallel hierarchical network with a recurrent end of paper 003, from pixels to a level.

Axes: B sequences of T frames, N = B·T frames, M = 3 levels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import torch
from torch import Tensor, nn

from facialis.regions.rois import FACE_SIZE, STRIP

if TYPE_CHECKING:
    from collections.abc import Sequence

FEATURES: Final = 1024
"""Length of each region's vector ([003] section III-C, D3-4)."""
HIDDEN: Final = 256
"""Length of the LSTM's state (D3-7)."""
DROPOUT: Final = 0.5
"""[003] section III-C."""
LEVEL_COUNT: Final = 3

FACE_WIDTHS: Final = (16, 32, 64)
REGION_WIDTHS: Final = (8, 32, 128)
FACE_LAYERS: Final = (FEATURES,)
REGION_LAYERS: Final = (FEATURES, FEATURES, FEATURES)

Fusion = Literal["sum", "concat"]
"""How a frame's three vectors become one ([003] eq. 1, D3-6)."""
NormPlace = Literal["after", "before"]
"""Batch norm after a layer's linear operation, or on its input (D3-5)."""


class Branch(nn.Module):
    """A shallow network for one region ([003] section III-C, fig. 3).

    Attributes:
        convolutions: Pairs of 3 x 3 convolutions, each pair followed by a 2 x 2 pool.
        layers: Fully connected layers.
        size: Length of the vector that comes out.
    """

    def __init__(
        self,
        *,
        shape: tuple[int, int],
        widths: Sequence[int],
        layers: Sequence[int],
        norm: NormPlace = "after",
    ) -> None:
        """Build it.

        Args:
            shape: Height and width of the region, pixels.
            widths: Channels of each pair of convolutions.
            layers: Units of each fully connected layer.
            norm: Where batch norm stands.
        """
        super().__init__()
        steps: list[nn.Module] = []
        inputs = 3
        for width in widths:
            steps += [_convolution(inputs, width, norm), _convolution(width, width, norm)]
            steps.append(nn.MaxPool2d(2))
            inputs = width
        self.convolutions = nn.Sequential(*steps)
        shrunk = 2 ** len(widths)
        inputs *= (shape[0] // shrunk) * (shape[1] // shrunk)
        connected = []
        for units in layers:
            connected.append(_fully_connected(inputs, units, norm))
            inputs = units
        self.layers = nn.Sequential(*connected)
        self.size = inputs

    def forward(self, frames: Tensor) -> Tensor:
        """Return vectors (N, size) of frames (N, 3, H, W), 0 to 1."""
        return torch.as_tensor(self.layers(self.convolutions(frames).flatten(1)))


def face_branch(norm: NormPlace = "after") -> Branch:
    """Return N1: a face (N, 3, 128, 128) to (N, 1024)."""
    return Branch(shape=(FACE_SIZE, FACE_SIZE), widths=FACE_WIDTHS, layers=FACE_LAYERS, norm=norm)


def region_branch(norm: NormPlace = "after") -> Branch:
    """Return N2 or N3: a strip (N, 3, 40, 120) to (N, 1024)."""
    return Branch(shape=STRIP, widths=REGION_WIDTHS, layers=REGION_LAYERS, norm=norm)


def fused(vectors: Sequence[Tensor], fusion: Fusion) -> Tensor:
    """Return one vector of each frame from those of its regions, each (N, size) ([003] eq. 1).

    Raises:
        ValueError: Vectors of unequal lengths are to be added.
    """
    if fusion == "concat":
        return torch.cat(list(vectors), dim=-1)
    sizes = {vector.shape[-1] for vector in vectors}
    if len(sizes) > 1:
        raise ValueError(f"vectors of lengths {sorted(sizes)} cannot be added; use concat")
    return torch.stack(list(vectors)).sum(dim=0)


class FrameEncoder(nn.Module):
    """Turns single frames into vectors.

    Attributes:
        size: Length of a vector.
    """

    size: int

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return vectors (N, size) of frames (N, 3, H, W), 0 to 1."""
        raise NotImplementedError


class RegionsEncoder(FrameEncoder):
    """Three branches that share nothing, on face, eyes with brows, and mouth: PHCNN.

    Attributes:
        face: N1.
        eyes: N2.
        mouth: N3.
    """

    def __init__(self, *, face: nn.Module, eyes: nn.Module, mouth: nn.Module, sizes: Sequence[int],
                 fusion: Fusion) -> None:  # fmt: skip
        """Join branches; `sizes` are the lengths of their vectors, in the order of the arguments.

        Raises:
            ValueError: Vectors of unequal lengths are to be added.
        """
        super().__init__()
        self.face, self.eyes, self.mouth = face, eyes, mouth
        self.fusion: Fusion = fusion
        self.size = fused([torch.empty(1, n, device="meta") for n in sizes], fusion).shape[-1]

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return vectors (N, size) of frames (N, 3, H, W), 0 to 1."""
        return fused([self.face(face), self.eyes(eyes), self.mouth(mouth)], self.fusion)


def phcnn(*, fusion: Fusion = "sum", norm: NormPlace = "after") -> RegionsEncoder:
    """Return the three branches as published; 41 121 632 parameters."""
    face, eyes, mouth = face_branch(norm), region_branch(norm), region_branch(norm)
    sizes = (face.size, eyes.size, mouth.size)
    return RegionsEncoder(face=face, eyes=eyes, mouth=mouth, sizes=sizes, fusion=fusion)


class LevelNetwork(nn.Module):
    """Grades a sequence of frames, in their order or each for itself.

    Attributes:
        encoder: What sees a frame.
        lstm: What sees their order; None grades each frame for itself (D3-10).
        classifier: From the last state, or from each frame's vector, to the levels.
    """

    def __init__(self, encoder: FrameEncoder, *, hidden: int | None = HIDDEN) -> None:
        """Put an end to an encoder; `hidden` is the length of the LSTM's state, None without."""
        super().__init__()
        self.encoder = encoder
        self.lstm = None if hidden is None else nn.LSTM(encoder.size, hidden, batch_first=True)
        self.classifier = nn.Linear(hidden or encoder.size, LEVEL_COUNT)

    def forward(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return scores of the levels (B, K, M): K = 1 with an LSTM, else one a frame, K = T.

        Args:
            face: (B, T, 3, 128, 128) uint8.
            eyes: (B, T, 3, 40, 120) uint8.
            mouth: (B, T, 3, 40, 120) uint8.
        """
        return self.scores(self.vectors(face, eyes, mouth))

    def scores(self, vectors: Tensor) -> Tensor:
        """Return scores (B, K, M) of the frames' vectors (B, T, size)."""
        if self.lstm is not None:
            vectors = self.lstm(vectors)[0][:, -1:]
        return torch.as_tensor(self.classifier(vectors))

    def vectors(self, face: Tensor, eyes: Tensor, mouth: Tensor) -> Tensor:
        """Return the frames' vectors (B, T, size); arguments as for `forward`."""
        return self.encoder(*single_frames(face, eyes, mouth)).unflatten(0, (-1, face.shape[1]))


def single_frames(*crops: Tensor) -> tuple[Tensor, ...]:
    """Return frames (N, 3, H, W), 0 to 1, of crops (B, T, 3, H, W) uint8."""
    return tuple(crop.flatten(0, 1) / 255 for crop in crops)


def probabilities(scores: Tensor) -> Tensor:
    """Return probabilities (B, M) from scores (B, K, M), float32.

    The softmax runs over the M levels ([003] eq. 3, whose sum starts at 0 in print); single frames'
    probabilities are averaged (D3-10).
    """
    return scores.float().softmax(dim=-1).mean(dim=1)


def _convolution(inputs: int, outputs: int, norm: NormPlace) -> nn.Sequential:
    layer = nn.Conv2d(inputs, outputs, 3, padding=1)
    if norm == "before":
        return nn.Sequential(nn.BatchNorm2d(inputs), layer, nn.ReLU())
    return nn.Sequential(layer, nn.BatchNorm2d(outputs), nn.ReLU())


def _fully_connected(inputs: int, outputs: int, norm: NormPlace) -> nn.Sequential:
    layer, drop = nn.Linear(inputs, outputs), nn.Dropout(DROPOUT)
    if norm == "before":
        return nn.Sequential(nn.BatchNorm1d(inputs), layer, nn.ReLU(), drop)
    return nn.Sequential(layer, nn.BatchNorm1d(outputs), nn.ReLU(), drop)

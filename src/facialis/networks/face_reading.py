"""What a network learns of any face before it grades: its asymmetry, expression and shape.

Two thousand pictures are too few to learn from grades alone how a face is built. Landmarks need no
grader, so every picture teaches them. A picture and its mirror image are read by the same weights,
and asymmetry is the difference of the two readings: a face like its mirror image has none, whatever
was learned. Convention: left less right, the patient's own sides.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.face.expressions import EXPRESSION_NAMES, MIRRORED_EXPRESSIONS
from facialis.face.mesh import POINT_COUNT
from facialis.measures.features import asymmetries, expressions
from facialis.measures.symmetry import FEATURES
from facialis.networks.augmentation import moved_points

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from facialis.networks.learner import Batch

ASYMMETRIES: Final = len(FEATURES)
SCORES: Final = len(EXPRESSION_NAMES)
_LEFT: Final = [i for i, j in enumerate(MIRRORED_EXPRESSIONS) if i < j]
_RIGHT: Final = [int(MIRRORED_EXPRESSIONS[i]) for i in _LEFT]
_OF_NO_SIDE: Final = [i for i, j in enumerate(MIRRORED_EXPRESSIONS) if i == j]
JOINED: Final = ASYMMETRIES + 2 * len(_LEFT) + len(_OF_NO_SIDE)
"""How many numbers `FaceReading.joined` gives."""
_LEAST_DEVIATION: Final = 0.01
_FARTHEST: Final = 6.0
"""Standard deviations beyond which a number is taught as this far."""
_SHAPE_UNIT: Final = 10.0
"""Landmarks are taught in tenths of half the picture."""
_SCORES_WEIGH: Final = 0.5
_TAUGHT: Final = ("asymmetry", "scores", "shape")
LESSONS: Final = (*_TAUGHT, "seen")
"""Arrays of an example that a network learns reading from."""


class Read(NamedTuple):
    """What was read of faces.

    Attributes:
        asymmetry: (B, 29) in standard deviations of the training pictures.
        scores: (B, 52) expression scores, standardised likewise.
        shape: (B, 478, 2) landmarks less the mean face, in tenths of half the picture.
    """

    asymmetry: Tensor
    scores: Tensor
    shape: Tensor


class Measured(NamedTuple):
    """What landmarks say of faces, as `Read` has it.

    Attributes:
        asymmetry: (B, 29) in standard deviations of the training pictures.
        scores: (B, 52) expression scores, standardised likewise.
    """

    asymmetry: Tensor
    scores: Tensor


def face_lesson(points: NDArray[np.float64] | None) -> dict[str, NDArray[np.generic]]:
    """Return what a picture teaches of its face.

    Args:
        points: (478, 3) landmarks, pixels of the picture; None if no face was found.

    Returns:
        ``asymmetry`` (29,) interocular distances, ``scores`` (52,) of 0 to 1, and ``seen``, 1 or 0
        without landmarks.
    """
    if points is None or len(points) != POINT_COUNT:
        return {
            "asymmetry": np.zeros(ASYMMETRIES, np.float32),
            "scores": np.zeros(SCORES, np.float32),
            "seen": np.array(0, np.float32),
        }
    return {
        "asymmetry": asymmetries(points),
        "scores": expressions(points),
        "seen": np.array(1, np.float32),
    }


def shape_lesson(points: NDArray[np.float64] | None, size: int) -> NDArray[np.float32]:
    """Return landmarks (478, 2) of a square picture, -1 to 1 across it; zeros without any.

    Args:
        points: (478, 2 or 3), pixels of the picture.
        size: Its width and height, pixels.
    """
    if points is None or len(points) != POINT_COUNT:
        return np.zeros((POINT_COUNT, 2), np.float32)
    return np.asarray(points[:, :2] / size * 2 - 1, np.float32)


class FaceReading(nn.Module):
    """Reads asymmetry, scores and landmarks from maps of a picture and of its mirror image.

    Args:
        features: Numbers in one map.

    Attributes:
        deviation: (29,) of each asymmetry over the training pictures.
        scores_mean: (52,) of the scores, the same for both sides.
        scores_deviation: (52,) likewise.
        mean_shape: (478, 2).
    """

    deviation: Tensor
    scores_mean: Tensor
    scores_deviation: Tensor
    mean_shape: Tensor

    def __init__(self, features: int) -> None:
        """Build it from random weights."""
        super().__init__()
        self.register_buffer("deviation", torch.ones(ASYMMETRIES))
        self.register_buffer("scores_mean", torch.zeros(SCORES))
        self.register_buffer("scores_deviation", torch.ones(SCORES))
        self.register_buffer("mean_shape", torch.zeros(POINT_COUNT, 2))
        self.asymmetry = nn.Linear(features, ASYMMETRIES, bias=False)
        self.scores = nn.Linear(features, SCORES)
        self.shape = nn.Linear(features, 2 * POINT_COUNT)

    def meet(self, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Measure the training pictures' ``asymmetry``, ``scores``, ``shape`` where ``seen``."""
        seen = np.asarray(arrays["seen"]) == 1
        found = {n: torch.as_tensor(np.asarray(arrays[n])[seen]) for n in _TAUGHT}
        self.deviation.copy_(found["asymmetry"].square().mean(dim=0).sqrt())
        both = torch.cat((found["scores"], found["scores"][:, MIRRORED_EXPRESSIONS]))
        self.scores_mean.copy_(both.mean(dim=0))
        self.scores_deviation.copy_(both.std(dim=0))
        self.deviation.clamp_(min=_LEAST_DEVIATION / 10)
        self.scores_deviation.clamp_(min=_LEAST_DEVIATION)
        self.mean_shape.copy_(found["shape"].mean(dim=0))

    def forward(self, maps: Tensor, mirrored: Tensor) -> Read:
        """Return what is read.

        Args:
            maps: (B, C, h, w) of pictures.
            mirrored: (B, C, h, w) of their mirror images.
        """
        here, there = maps.flatten(1), mirrored.flatten(1)
        return Read(
            self.asymmetry(here) - self.asymmetry(there),
            (self.scores(here) + self.scores(there)[:, MIRRORED_EXPRESSIONS]) / 2,
            self.shape(here).unflatten(1, (POINT_COUNT, 2)),
        )

    def loss(self, read: Read, batch: Batch) -> dict[str, Tensor]:
        """Return what is wrong about ``asymmetry``, ``scores`` and ``shape``, and ``face``."""
        seen, measured = batch["seen"], self.standardised(batch["asymmetry"], batch["scores"])
        taught = {
            "asymmetry": measured.asymmetry,
            "scores": measured.scores,
            "shape": (batch["shape"] - self.mean_shape) * _SHAPE_UNIT,
        }
        losses = {
            name: (
                functional.smooth_l1_loss(getattr(read, name).float(), target, reduction="none")
                .flatten(1)
                .mean(dim=1)
                * seen
            ).sum()
            / seen.sum().clamp(min=1)
            for name, target in taught.items()
        }
        face = losses["asymmetry"] + _SCORES_WEIGH * losses["scores"] + losses["shape"]
        return {**losses, "face": face}

    def standardised(self, asymmetry: Tensor, scores: Tensor) -> Measured:
        """Return measures (B, 29) and scores (B, 52) of `face_lesson` as they are to be read."""
        return Measured(
            (asymmetry / self.deviation).clamp(-_FARTHEST, _FARTHEST),
            ((scores - self.scores_mean) / self.scores_deviation).clamp(-_FARTHEST, _FARTHEST),
        )

    @staticmethod
    def joined(read: Read | Measured) -> Tensor:
        """Return (B, `JOINED`) numbers that are the same for a face and its mirror image."""
        left, right = read.scores[:, _LEFT], read.scores[:, _RIGHT]
        paired = ((left + right) / 2, (left - right).abs())
        return torch.cat((read.asymmetry.abs(), *paired, read.scores[:, _OF_NO_SIDE]), dim=1)


def mirrored_maps(encoder: nn.Module, images: Tensor) -> tuple[Tensor, Tensor]:
    """Return what an encoder makes of pictures (B, 3, H, W), and of their mirror images."""
    count = images.shape[0]
    maps = encoder(torch.cat((images, images.flip(-1))))
    return maps[:count], maps[count:]


def both_ways(here: Tensor, there: Tensor) -> Tensor:
    """Return maps (B, 2C, h, w) that are the same for a picture and its mirror image, mirrored.

    Args:
        here: (B, C, h, w) of pictures.
        there: (B, C, h, w) of their mirror images.

    Returns:
        The mean of both and the size of their difference, place by place.
    """
    back = there.flip(-1)
    return torch.cat(((here + back) / 2, (here - back).abs()), dim=1)


def summary(maps: Tensor) -> Tensor:
    """Return the mean and the greatest value (B, 2C) of maps (B, C, h, w), wherever they are."""
    return torch.cat((maps.mean(dim=(2, 3)), maps.amax(dim=(2, 3))), dim=1)


def altered_lesson(batch: Batch, maps: Tensor) -> Batch:
    """Return a batch whose ``shape`` is that of pictures seen through `affine` maps (B, 2, 3).

    The other lessons do not depend on where the face lies in the picture, or how large it is. The
    maps must not mirror.
    """
    return batch | {"shape": moved_points(batch["shape"], maps)}

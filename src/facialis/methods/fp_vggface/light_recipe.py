"""How our light form is trained: first to read faces, then to grade them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from facialis.clinical.scales import Scale
from facialis.methods.fp_vggface.light import LightGrader
from facialis.methods.fp_vggface.prepare import CLASSES, close_cut
from facialis.methods.tasks import UNKNOWN_CLASS, Classification
from facialis.networks.augmentation import affine, drawn, lighting, moved_images, relit
from facialis.networks.face_reading import altered_lesson, face_lesson, shape_lesson
from facialis.networks.learner import Batch, Learner, Stage
from facialis.networks.pretrained import RANDOM, load_pretrained

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.source import Source

READING: Final = "reading"
GRADING: Final = "grading"
GRADE: Final = Classification(
    name="grade",
    scale=Scale.SEVERITY,
    classes=CLASSES,
    truth="grade",
    predicted="grade_probability",
)
_FARTHEST_SHIFT: Final = 0.08
"""Of a picture either way, in halves of its width."""
_GRADE_WEIGHS: Final = 0.5
"""Weight of the grade beside what is read of the face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alterations:
    """How much pictures are altered while they are learned from.

    Attributes:
        degrees: Largest rotation either way.
        zoom: Largest change of scale either way.
        light: Largest change of brightness and contrast.
    """

    degrees: float
    zoom: float
    light: float


class LightGradeLearner(Learner):
    """Learns asymmetry, expression and landmarks of faces, then House-Brackmann grades as well.

    Args:
        size: Width and height of the picture, a multiple of 32.
        reading_epochs: Passes in which only faces are read; 0 leaves the stage out.
        epochs: Passes of grading.
        batch: Pictures of a step.
        reading_rate: Learning rate at the start of reading, which falls evenly to nothing.
        rate: Of grading, likewise.
        weight_decay: L2.
        dropout: Before the last layer.
        altered: How much pictures are altered.
        pretrained: Start from ImageNet's weights if they are on this machine.

    Attributes:
        starts_from: What its weights are before training.
    """

    tasks = (GRADE,)

    def __init__(
        self,
        *,
        size: int,
        reading_epochs: int,
        epochs: int,
        batch: int,
        reading_rate: float,
        rate: float,
        weight_decay: float,
        dropout: float,
        altered: Alterations,
        pretrained: bool,
    ) -> None:
        """Build the network and load what it starts from."""
        super().__init__()
        self.size, self.altered = size, altered
        self.network = LightGrader(size=size, dropout=dropout)
        start = RANDOM
        if pretrained:
            start = load_pretrained(
                self.network.features, "imagenet_mobilenet_v3_small", part="features."
            )
        self.starts_from = str(start)
        self.stages = tuple(
            Stage(
                name=name,
                epochs=passes,
                batch=batch,
                optimiser="adam",
                rate=first_rate,
                weight_decay=weight_decay,
                power=1.0,
                keep="last",
            )
            for name, passes, first_rate in (
                (READING, reading_epochs, reading_rate),
                (GRADING, epochs, rate),
            )
        )
        self.stage = self.stages[0]

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return ``image`` (3, S, S), ``grade``, and what the picture teaches of its face."""
        source = sources[0]
        label = source.label(Scale.SEVERITY)
        points = source.landmarks()
        image, placed = close_cut(source.picture(), points, self.size)
        return {
            "image": image,
            "grade": np.array(UNKNOWN_CLASS if label is None else label, dtype=np.int64),
            "shape": shape_lesson(placed, self.size),
            **face_lesson(points),
        }

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples show a face, and to grade, have a grade."""
        seen = np.asarray(arrays["seen"]) == 1
        graded = np.asarray(arrays["grade"]) != UNKNOWN_CLASS
        return np.asarray(seen if stage.name == READING else seen & graded)

    def begin(self, stage: Stage) -> None:
        """Train everything that the stage has a loss for."""
        super().begin(stage)
        if stage.name == READING:
            self.freeze(self.network.compare, self.network.classifier)

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Measure how the lessons of the training pictures are spread, once."""
        if stage is next(each for each in self.stages if each.epochs):
            self.network.reading.meet(arrays)

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Return a batch of turned, scaled, shifted and relit pictures."""
        count, most = len(batch["image"]), self.altered
        maps = affine(
            degrees=drawn(-most.degrees, most.degrees, count, random),
            scale=drawn(1 - most.zoom, 1 + most.zoom, count, random),
            shift=drawn(-_FARTHEST_SHIFT, _FARTHEST_SHIFT, 2 * count, random).reshape(-1, 2),
        )
        light = lighting(most.light, count, random)
        image = relit(moved_images(batch["image"], maps), light)
        return altered_lesson(batch, maps) | {"image": image}

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return what is wrong about the face and the grade, and ``total``."""
        if self.stage.name == READING:
            losses = self.network.reading.loss(self.network.read(batch["image"]), batch)
            return {"total": losses["face"], **losses}
        logits, read = self.network(batch["image"])
        losses = self.network.reading.loss(read, batch)
        known = (batch["grade"] != UNKNOWN_CLASS).sum().clamp(min=1)
        grade = functional.cross_entropy(
            logits.float(), batch["grade"], ignore_index=UNKNOWN_CLASS, reduction="sum"
        )
        losses["grade"] = grade / known
        return {"total": losses["face"] + _GRADE_WEIGHS * losses["grade"], **losses}

    def predict(self, batch: Batch) -> Batch:
        """Return ``grade_probability`` (B, 6), softmax."""
        logits, _ = self.network(batch["image"])
        return {"grade_probability": torch.softmax(logits.float(), dim=-1)}

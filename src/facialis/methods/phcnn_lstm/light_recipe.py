"""How our light form is trained: first to read faces, then to grade sequences of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import numpy as np

from facialis.methods.phcnn_lstm.learning import (
    CROPS,
    LevelLearner,
    arrays_of,
    cut,
    landmarks_of,
    moved_crops,
    relative,
)
from facialis.methods.phcnn_lstm.light import HIDDEN, LightEncoder
from facialis.methods.phcnn_lstm.losses import weighted_cross_entropy
from facialis.methods.phcnn_lstm.network import LevelNetwork, single_frames
from facialis.networks.augmentation import lighting, moved_points, relit
from facialis.networks.face_reading import LESSONS, Read, face_lesson
from facialis.networks.learner import Batch, Stage
from facialis.regions.rois import FACE_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import torch
    from numpy.typing import NDArray
    from torch import Tensor

    from facialis.methods.phcnn_lstm.recipe import Settings
    from facialis.methods.source import Source

READING: Final = "reading"
GRADING: Final = "grading"
_LEVEL_WEIGHS: Final = 0.5
"""Weight of the level beside what is read of the faces."""


class LightLevelLearner(LevelLearner):
    """Learns asymmetry, expression and landmarks of frames, then levels of sequences as well.

    Every sequence is altered in training: all frames and crops of one alike.
    """

    def __init__(self, settings: Settings) -> None:
        """Build the network from random weights."""
        encoder = LightEncoder(settings.fusion, measures=settings.measures)
        hidden = (settings.hidden or HIDDEN) if settings.lstm else None
        super().__init__(LevelNetwork(encoder, hidden=hidden), settings)
        self.stages = (
            Stage(
                name=READING, epochs=settings.reading_epochs, batch=settings.batch,
                optimiser="adam", rate=settings.reading_rate, power=1.0,
                weight_decay=settings.weight_decay, keep="last",
            ),
            Stage(
                name=GRADING, epochs=settings.epochs, batch=settings.batch,
                optimiser=settings.optimiser, rate=settings.rate, momentum=settings.momentum,
                weight_decay=settings.weight_decay, power=settings.power, keep="last",
            ),
        )  # fmt: skip
        self.stage = self.stages[0]

    @property
    def encoder(self) -> LightEncoder:
        """What sees a frame."""
        return cast("LightEncoder", self.network.encoder)

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return also what each frame teaches of its face: `face_reading.LESSONS` (T, ...).

        Raises:
            InputError: A frame has no landmarks.
        """
        meshes = [landmarks_of(each) for each in sources]
        crops = cut(sources, meshes, self.settings.detector)
        lessons = [face_lesson(mesh) for mesh in meshes]
        taught = {name: np.stack([each[name] for each in lessons]) for name in lessons[0]}
        return {**arrays_of(sources, crops), **taught, "shape": crops.points}

    def begin(self, stage: Stage) -> None:
        """Train everything that the stage has a loss for."""
        super().begin(stage)
        if stage.name == READING:
            self.freeze(self.network.classifier)
            for branch in self.encoder.branches:
                self.freeze(branch.compare, branch.layer)
            for each in (self.encoder.measures, self.network.lstm):
                if each is not None:
                    self.freeze(each)

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Weigh the levels, and measure how the lessons of the frames are spread, once."""
        super().meet(stage, arrays)
        if stage is next(each for each in self.stages if each.epochs):
            self.encoder.reading.meet({name: _by_frame(arrays[name]) for name in LESSONS})

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Shift, turn and relight sequences (D3-15), all frames and crops of one alike."""
        count = len(batch["person"])
        maps = self.moves(count, random)
        light = lighting(self.settings.light, count, random)
        changed = dict(batch)
        for name in CROPS:
            moved = moved_crops(batch[name], maps)
            changed[name] = relit(moved.flatten(1, 2), light).unflatten(1, moved.shape[1:3])
        in_face = relative(maps, FACE_SIZE, FACE_SIZE)
        points = moved_points(batch["shape"].flatten(1, 2), in_face)
        changed["shape"] = points.unflatten(1, batch["shape"].shape[1:3])
        return changed

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return what is wrong about the faces and, in grading, the level, and ``total``."""
        vectors, read = self._seen(batch)
        lessons = {name: batch[name].flatten(0, 1) for name in LESSONS}
        losses = self.encoder.reading.loss(read, lessons)
        if self.stage.name == READING:
            return {"total": losses["face"], **losses}
        scores = self._scores_of(vectors)
        losses["level"] = weighted_cross_entropy(scores, batch["level"], self.weights)
        return {"total": losses["face"] + _LEVEL_WEIGHS * losses["level"], **losses}

    def _scores(self, batch: Batch) -> Tensor:
        return self._scores_of(self._seen(batch)[0])

    def _scores_of(self, vectors: Tensor) -> Tensor:
        return self.network.scores(vectors.unflatten(0, (-1, self.frames)))

    def _seen(self, batch: Batch) -> tuple[Tensor, Read]:
        """Return vectors of the frames, one after the other, and what is read of them."""
        measured = None
        if self.encoder.measures is not None:
            given = (batch[name].flatten(0, 1) for name in ("asymmetry", "scores"))
            measured = self.encoder.reading.standardised(*given)
        face, eyes, mouth = single_frames(*(batch[name] for name in CROPS))
        return self.encoder.seen(face, eyes, mouth, measured)


def _by_frame(array: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.asarray(array).reshape(-1, *np.shape(array)[2:])

"""How both forms are trained, with the paper's values and its ablations."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.methods.cascaded_encoder.light import LightCascadedEncoder, ReadingGrader
from facialis.methods.cascaded_encoder.network import CascadedEncoder
from facialis.methods.cascaded_encoder.prepare import network_input, network_mask
from facialis.methods.tasks import UNKNOWN_CLASS, Classification, Segmentation
from facialis.networks.augmentation import (
    UNLABELLED,
    affine,
    drawn,
    lighting,
    moved_images,
    moved_labels,
    relit,
)
from facialis.networks.face_reading import altered_lesson, face_lesson, shape_lesson
from facialis.networks.learner import Batch, Learner, Stage
from facialis.networks.pretrained import RANDOM, Start, load_pretrained
from facialis.regions.classes import MIRRORED_ATTRIBUTES, Attribute
from facialis.regions.framing import CLOSE_MARGIN, Square, square_around

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.cascaded_encoder.network import Answers
    from facialis.methods.source import Source

PUBLISHED: Final = "cascaded_encoder"
LIGHT: Final = "cascaded_encoder-light"
NORMAL: Final = "normal"
PALSY: Final = "palsy"
GRADING: Final = "grading"

SEGMENTATION: Final = Segmentation(
    name="attributes", classes=tuple(each.name.lower() for each in Attribute), weak=("hair",)
)
GRADE: Final = Classification(
    name="grade",
    scale=Scale.HOUSE_BRACKMANN,
    classes=("I", "II", "III", "IV", "V", "VI"),
    truth="grade",
    predicted="grade_probability",
)
_CHANNELS = {PUBLISHED: 512, LIGHT: 64}
_ZOOM: Final = 0.1
"""Largest change of scale where faces are read."""
_SHIFT: Final = 0.08
"""Largest shift where faces are read, in halves of the picture's width."""
_LIGHT: Final = 0.3
"""Largest change of brightness and contrast where faces are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The recipe; defaults are the paper's or its decisions'.

    Attributes:
        size: Width and height of the picture, D1-3.
        channels: C of z, D1-5; None is 512, and 64 in the light form.
        hidden: Units of the published classifier of grades, D1-10.
        attention: False classifies pixels from z alone ([001] Table 2).
        condition: False grades without z: a plain VGG16 (METHODS 2.8).
        end_to_end: Train E1, E2 and classifier together on graded pictures, without a segmentation
            stage ([001] Table 3).
        end_to_end_after_stage_1: As `end_to_end`, but after the segmentation stages (METHODS 2.8).
        freeze_e1: Keep E1 in the grading stage, D1-8; None is True, and False in the light form,
            where the pixels' classes go on being learned beside the grade.
        freeze_e2: Keep what E2 loads from VGG16 in the grading stage, as [001] §III-C literally
            says.
        pretrained: Start the published form from ImageNet weights if they are on this machine.
        resnet101: Another file with E1's weights; empty for the catalogue's.
        vgg16: Another file with E2's weights; empty for the catalogue's.
        normal_epochs: Of segmentation on healthy faces, D1-14.
        palsy_epochs: Of segmentation on palsied faces.
        grading_epochs: D1-11.
        batch: Pictures of a step of segmentation, D1-12.
        grading_batch: Pictures of a step of grading, D1-12.
        rate: Learning rate at the start.
        power: Of the poly schedule, D1-12.
        weight_decay: D1-12.
        degrees: Largest rotation either way, D1-13.
        rotated: Chance that a picture is rotated, D1-13.
        mirrored: Chance that a picture is mirrored, D1-13.
        reads_faces: Of the light form: while it learns to grade, read each face's asymmetry,
            expression and landmarks too, from a closer cut, together with its mirror image.
    """

    size: int = 224
    channels: int | None = None
    hidden: int = 4096
    attention: bool = True
    condition: bool = True
    end_to_end: bool = False
    end_to_end_after_stage_1: bool = False
    freeze_e1: bool | None = None
    freeze_e2: bool = False
    pretrained: bool = True
    resnet101: str = ""
    vgg16: str = ""
    normal_epochs: int = 30
    palsy_epochs: int = 20
    grading_epochs: int = 50
    batch: int = 8
    grading_batch: int = 16
    rate: float = 2e-4
    power: float = 0.9
    weight_decay: float = 0.0
    degrees: float = 10.0
    rotated: float = 0.5
    mirrored: float = 0.5
    reads_faces: bool = False


def learner(name: str, settings: Settings) -> CascadedLearner:
    """Return a form of the method, ready to train.

    Args:
        name: ``cascaded_encoder`` or ``cascaded_encoder-light``.
        settings: How.

    Raises:
        InputError: The name is another method's, or settings contradict each other.
        WeightsError: Published weights are damaged.
    """
    if name not in _CHANNELS:
        raise InputError(name, "is not a form of this method", f"use {PUBLISHED} or {LIGHT}")
    if settings.end_to_end and settings.end_to_end_after_stage_1:
        raise InputError(
            "end_to_end and end_to_end_after_stage_1", "are two experiments", "set one of them"
        )
    if settings.freeze_e2 and name == LIGHT:
        raise InputError("freeze_e2", "loads no VGG16 in the light form", f"use {PUBLISHED}")
    if settings.reads_faces and (name == PUBLISHED or not settings.condition):
        raise InputError(
            "reads_faces", "is of the light form with its condition", f"use {LIGHT} as it is"
        )
    return CascadedLearner(name, settings)


class CascadedLearner(Learner):
    """Segmentation, then grading.

    Attributes:
        network: `CascadedEncoder` or `LightCascadedEncoder`.
        starts_from: What its weights are before training.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        """Build the network and load what it starts from; see `learner`."""
        super().__init__()
        self.settings = settings
        self._light = name == LIGHT
        self.network = _network(name, settings)
        self.starts_from = "random weights" if self._light else _started(self.network, settings)
        self.stages = _stages(settings)
        self.tasks = (GRADE,) if self._grades_only else (SEGMENTATION, GRADE)
        self.also_shown = () if self._grades_only else ("attention",)
        self.stage = self.stages[0]

    @property
    def _grades_only(self) -> bool:
        """Whether no pixels are answered: nothing segments, or E1 moved away from what does."""
        settings = self.settings
        joint = settings.end_to_end or settings.end_to_end_after_stage_1
        return joint or not settings.condition

    @property
    def _keeps_e1(self) -> bool:
        """Whether E1 stays as it is while grading is learned."""
        if self.settings.end_to_end or self.settings.end_to_end_after_stage_1:
            return False
        if self.settings.freeze_e1 is None:
            return not self._light
        return self.settings.freeze_e1

    @property
    def _goes_on_segmenting(self) -> bool:
        """Whether the pixels' classes are learned beside the grade."""
        return not (self._keeps_e1 or self._grades_only)

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return ``image`` (3, S, S), ``mask`` (S, S) of `Attribute` and ``grade`` of one picture.

        The grade is 0 for House-Brackmann I to 5 for VI, -1 if unknown.
        """
        source, size = sources[0], self.settings.size
        mask = source.attributes()
        label = source.label(Scale.HOUSE_BRACKMANN)
        square: Square | None = None
        lessons: dict[str, NDArray[np.generic]] = {}
        if self.settings.reads_faces:
            points = source.landmarks()
            square = None if points is None else square_around(points, CLOSE_MARGIN)
            placed = None if square is None or points is None else square.moved(points, size)
            lessons = {"shape": shape_lesson(placed, size), **face_lesson(points)}
        return {
            "image": network_input(source.picture(), size, square),
            "mask": np.full((size, size), UNLABELLED, np.uint8)
            if mask is None
            else network_mask(mask, size, square),
            "grade": np.array(UNKNOWN_CLASS if label is None else label, dtype=np.int64),
            **lessons,
        }

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples a stage learns from.

        Segmentation learns from pictures with masks: first from those that nobody calls palsied (of
        grade I or, as in collections of faces at large, of none), then from palsied ones (D1-14);
        grading from all that have a grade.
        """
        grades = np.asarray(arrays["grade"], dtype=np.int64)
        if stage.name == GRADING:
            return np.asarray(grades != UNKNOWN_CLASS)
        labelled = (np.asarray(arrays["mask"]) != UNLABELLED).any(axis=(1, 2))
        return np.asarray(labelled & ((grades > 0) if stage.name == PALSY else (grades <= 0)))

    def begin(self, stage: Stage) -> None:
        """Freeze what a stage does not train ([001] §III-C and §IV, D1-8)."""
        super().begin(stage)
        if stage.name != GRADING:
            self.freeze(*self.network.second_stage)
            return
        if self._keeps_e1:
            self.freeze(*self.network.first_stage)
        elif not self._goes_on_segmenting:
            self.freeze(self.network.head)
        if not self.settings.condition and not self._light:
            self.freeze(*self.network.first_stage)
        if self.settings.freeze_e2:
            self.freeze(self.network.e2.features)

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Measure how what is read of the faces is spread over the pictures that are graded."""
        if stage.name == GRADING and isinstance(self.network.e2, ReadingGrader):
            self.network.e2.reading.meet(arrays)

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Return a batch of which some pictures are rotated and some mirrored, D1-13.

        Where faces are read, they are scaled, shifted and relit as well, and never mirrored.
        """
        count, settings = len(batch["image"]), self.settings
        turned = drawn(0, 1, count, random) < settings.rotated
        degrees = drawn(-settings.degrees, settings.degrees, count, random) * turned
        if settings.reads_faces:
            maps = affine(
                degrees=degrees,
                scale=drawn(1 - _ZOOM, 1 + _ZOOM, count, random),
                shift=drawn(-_SHIFT, _SHIFT, 2 * count, random).reshape(-1, 2),
            )
            return altered_lesson(batch, maps) | {
                "image": relit(moved_images(batch["image"], maps), lighting(_LIGHT, count, random)),
                "mask": moved_labels(batch["mask"], maps),
            }
        maps = affine(degrees=degrees, mirrored=drawn(0, 1, count, random) < settings.mirrored)
        return batch | {
            "image": moved_images(batch["image"], maps),
            "mask": moved_labels(batch["mask"], maps, MIRRORED_ATTRIBUTES),
        }

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return cross-entropy of pixels, of grades, or of both ([001] §III)."""
        if self.stage.name != GRADING:
            parts = _pixels(self.network.segment(batch["image"]), batch["mask"])
            return {"total": parts, "attributes": parts.detach()}
        images = batch["image"]
        answers: Answers | None = None
        lessons: dict[str, Tensor] = {}
        if isinstance(self.network.e2, ReadingGrader):
            answers, read = self.network.answered(images)
            lessons = self.network.e2.reading.loss(read, batch)
        elif self._goes_on_segmenting:
            answers = self.network(images)
        logits = self.network.grade(images) if answers is None else answers.grade
        losses = {"grade": _grades(logits, batch["grade"])}
        if answers is not None and self._goes_on_segmenting:
            losses["attributes"] = _pixels(answers.parts, batch["mask"])
        return {
            "total": sum(losses.values(), lessons.get("face", torch.zeros(()))),
            **{name: each.detach() for name, each in (losses | lessons).items()},
        }

    def predict(self, batch: Batch) -> Batch:
        """Return ``grade_probability`` (B, 6), ``labels`` (B, S, S) and ``attention`` (B, h, w).

        The last two only where the variant learns to segment.
        """
        if self._grades_only:
            logits = self.network.grade(batch["image"])
            return {"grade_probability": torch.softmax(logits.float(), dim=-1)}
        answers = self.network(batch["image"])
        return {
            "labels": answers.parts.argmax(dim=1).to(torch.uint8),
            "grade_probability": torch.softmax(answers.grade.float(), dim=-1),
            "attention": answers.attention.float(),
        }


def _network(name: str, settings: Settings) -> CascadedEncoder | LightCascadedEncoder:
    channels = _CHANNELS[name] if settings.channels is None else settings.channels
    if name == LIGHT:
        return LightCascadedEncoder(
            channels=channels,
            attention=settings.attention,
            condition=settings.condition,
            reads=settings.size if settings.reads_faces else None,
        )
    return CascadedEncoder(
        channels=channels,
        hidden=settings.hidden,
        attention=settings.attention,
        condition=settings.condition,
    )


def _started(network: CascadedEncoder, settings: Settings) -> str:
    e1, e2 = RANDOM, RANDOM
    if settings.pretrained and settings.condition:
        e1 = _loaded(network.e1.backbone, "imagenet_resnet101", settings.resnet101)
    if settings.pretrained:
        e2 = _loaded(network.e2.features, "imagenet_vgg16", settings.vgg16, part="features.")
    if e1 == e2 == RANDOM:
        return str(RANDOM)
    return f"E1: {e1}; E2: {e2}"


def _loaded(module: nn.Module, name: str, given: str, *, part: str = "") -> Start:
    return load_pretrained(module, name, part=part, file=Path(given) if given else None)


def _stages(settings: Settings) -> tuple[Stage, ...]:
    segments = settings.condition and not settings.end_to_end

    def stage(name: str, epochs: int, batch: int) -> Stage:
        return Stage(
            name=name,
            epochs=epochs,
            batch=batch,
            optimiser="adam",
            rate=settings.rate,
            weight_decay=settings.weight_decay,
            power=settings.power,
        )

    first = (
        stage(NORMAL, settings.normal_epochs, settings.batch),
        stage(PALSY, settings.palsy_epochs, settings.batch),
    )
    last = stage(GRADING, settings.grading_epochs, settings.grading_batch)
    return (*first, last) if segments else (last,)


def _pixels(logits: Tensor, mask: Tensor) -> Tensor:
    """Cross-entropy over the pixels that are labelled; 0 if none is."""
    known = (mask != UNLABELLED).sum().clamp(min=1)
    total = functional.cross_entropy(
        logits.float(), mask.long(), ignore_index=UNLABELLED, reduction="sum"
    )
    return total / known


def _grades(logits: Tensor, grade: Tensor) -> Tensor:
    """Cross-entropy over the pictures that have a grade; 0 if none has."""
    known = (grade != UNKNOWN_CLASS).sum().clamp(min=1)
    total = functional.cross_entropy(
        logits.float(), grade, ignore_index=UNKNOWN_CLASS, reduction="sum"
    )
    return total / known

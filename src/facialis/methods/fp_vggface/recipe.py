"""How the networks are trained, with the paper's values for each ([002] Table 3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.methods.fp_vggface.baselines import ResNet50Benchmark, Vgg16Benchmark
from facialis.methods.fp_vggface.light_recipe import GRADE, Alterations, LightGradeLearner
from facialis.methods.fp_vggface.network import FpVggFace, Scaling, frozen_by
from facialis.methods.fp_vggface.prepare import close_cut
from facialis.methods.tasks import UNKNOWN_CLASS
from facialis.networks.augmentation import affine, drawn, moved_images
from facialis.networks.learner import Batch, Learner, Stage
from facialis.networks.pretrained import RANDOM, Start, load_pretrained
from facialis.networks.vggface_weights import load_vggface

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.source import Source

PUBLISHED: Final = "fp_vggface"
LIGHT: Final = "fp_vggface-light"
TRAINING: Final = "grading"

Model = Literal["fp_vggface", "vgg16", "resnet50"]
Optimiser = Literal["adam", "sgd"]

_RESNET_TRAINABLE: Final = 150
_LIGHT_RATE: Final = 1e-3
_LIGHT_DROPOUT: Final = 0.3
_LEAST_SIZE: Final = 64


@dataclass(frozen=True, slots=True)
class Published:
    """A column of [002] Table 3.

    Attributes:
        rate: Learning rate.
        optimiser: Which.
        dropout: Before the last layer; 0 is none.
        trainable: Entries at the end of the list that are trained.
    """

    rate: float
    optimiser: Optimiser
    dropout: float
    trainable: int


TABLE_3: Final[Mapping[str, Published]] = MappingProxyType(
    {
        "fp_vggface": Published(1e-3, "adam", 0.0, 10),
        "vgg16": Published(1e-3, "adam", 0.6, 8),
        "resnet50": Published(1e-4, "sgd", 0.5, _RESNET_TRAINABLE),
    }
)
"""The paper's values by model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The recipe; defaults are the paper's or its decisions'.

    Attributes:
        model: Which of the paper's three; the light form has its own network.
        size: Width and height of the picture, a multiple of 32.
        scaling: What pixels are divided by, 255 or, as printed, 225; or VGGFace's mean taken off
            (D2-1).
        rate: Learning rate; None is [002] Table 3's for the model (0.001 in the light form).
        optimiser: None is Table 3's; the light form has Adam.
        dropout: Before the last layer; None is Table 3's (0.3 in the light form).
        trainable: Entries at the end of Keras' list that are trained, D2-4; None is Table 3's. The
            light form trains everything.
        weights: File of VGGFace weights (see `vggface_weights`), or for ``resnet50`` of
            torchvision's layout; empty starts from ImageNet's, D2-7.
        pretrained: Start from ImageNet's weights if they are on this machine and no file is given.
        epochs: Most passes over the training pictures.
        patience: Epochs without a lower validation loss before training stops, D2-8.
        batch: Pictures of a step, D2-9.
        momentum: Of SGD, D2-9.
        weight_decay: D2-9.
        degrees: Largest rotation either way, D2-12.
        shear: Largest shear either way, radians, D2-11.
        zoom: Largest change of scale either way.
        mirrored: Chance that a picture is mirrored; the light form sees both always.
        reading_epochs: Of the light form: passes in which it learns to read faces, before it
            grades.
        reading_rate: Of the light form: learning rate of these.
        light: Of the light form: largest change of brightness and contrast.
    """

    model: Model = "fp_vggface"
    size: int = 224
    scaling: Scaling = "255"
    rate: float | None = None
    optimiser: Optimiser | None = None
    dropout: float | None = None
    trainable: int | None = None
    weights: str = ""
    pretrained: bool = True
    epochs: int = 25
    patience: int = 5
    batch: int = 32
    momentum: float = 0.9
    weight_decay: float = 0.0
    degrees: float = 20.0
    shear: float = 0.2
    zoom: float = 0.2
    mirrored: float = 0.5
    reading_epochs: int = 12
    reading_rate: float = 3e-3
    light: float = 0.3


def learner(name: str, settings: Settings) -> Learner:
    """Return a form of the method, ready to train.

    Args:
        name: ``fp_vggface`` or ``fp_vggface-light``.
        settings: How.

    Raises:
        InputError: The name is another method's, the size does not fit, a file of weights does
            not hold them, or the light form is given what only the paper's networks have.
        WeightsError: Published weights are damaged.
    """
    if name not in (PUBLISHED, LIGHT):
        raise InputError(name, "is not a form of this method", f"use {PUBLISHED} or {LIGHT}")
    if settings.size % 32 or settings.size < _LEAST_SIZE:
        raise InputError(
            f"size {settings.size}", "does not halve five times", "use a multiple of 32 from 64 on"
        )
    if name == PUBLISHED:
        return GradeLearner(settings)
    if settings.weights or settings.trainable is not None or settings.optimiser == "sgd":
        raise InputError(
            "weights, trainable and sgd",
            "are the published form's",
            f"leave them out, or use {PUBLISHED}",
        )
    return LightGradeLearner(
        size=settings.size,
        reading_epochs=settings.reading_epochs,
        epochs=settings.epochs,
        batch=settings.batch,
        reading_rate=settings.reading_rate,
        rate=_LIGHT_RATE if settings.rate is None else settings.rate,
        weight_decay=settings.weight_decay,
        dropout=_LIGHT_DROPOUT if settings.dropout is None else settings.dropout,
        altered=Alterations(degrees=settings.degrees, zoom=settings.zoom, light=settings.light),
        pretrained=settings.pretrained,
    )


class GradeLearner(Learner):
    """A network of six grades.

    Attributes:
        network: `FpVggFace` or a benchmark.
        starts_from: What its weights are before training.
    """

    def __init__(self, settings: Settings) -> None:
        """Build the network and load what it starts from; see `learner`."""
        super().__init__()
        self.settings = settings
        values = TABLE_3[settings.model]
        dropout = values.dropout if settings.dropout is None else settings.dropout
        self.network = _network(settings, dropout)
        self.starts_from = str(_started(self.network, settings))
        self.tasks = (GRADE,)
        self._trainable = values.trainable if settings.trainable is None else settings.trainable
        self.stages = (
            Stage(
                name=TRAINING,
                epochs=settings.epochs,
                batch=settings.batch,
                optimiser=settings.optimiser or values.optimiser,
                rate=values.rate if settings.rate is None else settings.rate,
                momentum=settings.momentum,
                weight_decay=settings.weight_decay,
                patience=settings.patience,
            ),
        )
        self.stage = self.stages[0]

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return ``image`` (3, S, S) and ``grade`` of a picture, 0 (normal) to 5; -1 if unknown."""
        source = sources[0]
        label = source.label(Scale.SEVERITY)
        return {
            "image": close_cut(source.picture(), source.landmarks(), self.settings.size)[0],
            "grade": np.array(UNKNOWN_CLASS if label is None else label, dtype=np.int64),
        }

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples have a grade."""
        del stage
        return np.asarray(np.asarray(arrays["grade"]) != UNKNOWN_CLASS)

    def begin(self, stage: Stage) -> None:
        """Freeze all but the last entries of the list ([002] §3.2, D2-4 to D2-6)."""
        super().begin(stage)
        self.freeze(*frozen_by(self.network.entries, self._trainable))

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Return a batch of turned, sheared, scaled and mirrored pictures ([002] Table 1)."""
        count, settings = len(batch["image"]), self.settings
        maps = affine(
            degrees=drawn(-settings.degrees, settings.degrees, count, random),
            shear=torch.tan(drawn(-settings.shear, settings.shear, count, random)),
            scale=drawn(1 - settings.zoom, 1 + settings.zoom, count, random),
            mirrored=drawn(0, 1, count, random) < settings.mirrored,
        )
        return batch | {"image": moved_images(batch["image"], maps)}

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return categorical cross-entropy ([002] eq. 1), 0 if no picture has a grade."""
        logits = self.network(batch["image"]).float()
        known = (batch["grade"] != UNKNOWN_CLASS).sum().clamp(min=1)
        total = functional.cross_entropy(
            logits, batch["grade"], ignore_index=UNKNOWN_CLASS, reduction="sum"
        )
        return {"total": total / known}

    def predict(self, batch: Batch) -> Batch:
        """Return ``grade_probability`` (B, 6), softmax ([002] eq. 2)."""
        logits = self.network(batch["image"]).float()
        return {"grade_probability": torch.softmax(logits, dim=-1)}


def _network(settings: Settings, dropout: float) -> nn.Module:
    if settings.model == "resnet50":
        return ResNet50Benchmark(scaling=settings.scaling, dropout=dropout)
    kind = FpVggFace if settings.model == "fp_vggface" else Vgg16Benchmark
    return kind(scaling=settings.scaling, dropout=dropout, size=settings.size)


def _started(network: nn.Module, settings: Settings) -> Start:
    file = Path(settings.weights) if settings.weights else None
    if file is None and not settings.pretrained:
        return RANDOM
    if isinstance(network, ResNet50Benchmark):
        return load_pretrained(network.pretrained, "imagenet_resnet50", file=file)
    if file is None:
        return load_pretrained(_by_torchvision(network, settings), "imagenet_vgg16")
    return load_vggface(network.pretrained, file)


def _by_torchvision(network: nn.Module, settings: Settings) -> nn.ModuleDict:
    """Return the layers that ImageNet's VGG16 shares, by torchvision's names."""
    features, place = {}, 0
    for name, module in network.base.entries[1:]:
        if module is None:
            place += 1
            continue
        features[str(place)] = network.base.get_submodule(name)
        place += 2
    shared = {"features": nn.ModuleDict(features)}
    if isinstance(network, FpVggFace) and settings.size == Settings().size:
        shared["classifier"] = nn.ModuleDict({"0": network.fc6, "3": network.fc7})
    return nn.ModuleDict(shared)

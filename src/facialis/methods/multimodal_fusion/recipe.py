"""How the networks of paper 004 are trained, with the paper's values ([004] §III, METHODS 5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.face.mesh import POINT_COUNT
from facialis.measures.features import expressions
from facialis.methods.multimodal_fusion import prepare
from facialis.methods.multimodal_fusion.attention import AttentionFusion
from facialis.methods.multimodal_fusion.examination_recipe import ExaminationLearner
from facialis.methods.multimodal_fusion.light_recipe import LightLearner
from facialis.methods.multimodal_fusion.network import (
    COORDINATES,
    EXPRESSIONS,
    Backbone,
    EarlyFusion,
    FeedForward,
    ImageBranch,
    LateFusion,
    TwoStream,
    probabilities,
)
from facialis.methods.multimodal_fusion.tasks import PALSY
from facialis.methods.tasks import UNKNOWN_CLASS
from facialis.networks.learner import Batch, Learner, Stage
from facialis.networks.pretrained import RANDOM, load_pretrained

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.source import Source

NAME: Final = "multimodal_fusion"
LIGHT: Final = "multimodal_fusion-light"
EXAMINATION: Final = "multimodal_fusion-examination"
FUSION: Final = "fusion"
_RATE: Final = 0.01
_LIGHT_RATE: Final = 0.002
_EXAMINATION_RATE: Final = 0.001
_OUR_RATES: Final = {LIGHT: _LIGHT_RATE, EXAMINATION: _EXAMINATION_RATE}
TWO_STREAMS: Final = "lines_rgb"

Model = Literal[
    "coordinates",
    "expressions",
    "rgb",
    "lines",
    "lines_rgb",
    "early_fusion",
    "late_fusion",
    "attention_fusion",
]

_READ: Final[Mapping[str, tuple[str, ...]]] = {
    "coordinates": ("coordinates",),
    "expressions": ("expressions",),
    "rgb": ("rgb",),
    "lines": ("lines",),
    "lines_rgb": ("lines", "rgb"),
    "early_fusion": ("lines", "expressions"),
    "late_fusion": ("lines", "expressions"),
    "attention_fusion": ("coordinates", "expressions", "lines"),
}
_IMAGES: Final = ("rgb", "lines")
_CATALOGUE: Final = {
    "resnet50": ("imagenet_resnet50", ""),
    "small": ("imagenet_mobilenet_v3_small", "features."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The recipe; defaults are the paper's or its decisions'.

    Attributes:
        model: A row of the paper's table, or ``attention_fusion``, which is ours.
        size: Width and height of pictures and drawings, D4-5.
        draw_lips: Whether the drawing has a mouth, D4-4.
        eye_frame: Measure coordinates from the eyes instead of across the picture, D4-2.
        whole: Show the whole framed picture instead of the face with a margin of 20 %, D4-5.
        backbone: Of pictures and drawings; ``small`` is ours.
        attention_rgb: Whether attention fusion sees the picture as well.
        finetune_branches: Train the branches on while they are joined; the paper extracts their
            vectors (D4-9).
        pretrained: Start backbones from ImageNet's weights if they are on this machine.
        weights: Another file with the backbone's weights; empty for the catalogue's.
        epochs: Of each branch and of the net that joins them.
        two_stream_epochs: Of ``lines_rgb``.
        fusion_epochs: None is `epochs`.
        rate: Learning rate of the nets of vectors; None is the paper's 0.01, and 0.002 in the light
            form, 0.001 in that of examinations.
        image_rate: Learning rate of backbones.
        fusion_rate: Learning rate of what joins, D4-12.
        batch: Pictures of a step, D4-11.
        momentum: D4-11.
        weight_decay: D4-11.
        movement: Whether the light form is told the movement.
    """

    model: Model = "early_fusion"
    size: int = 224
    draw_lips: bool = True
    eye_frame: bool = False
    whole: bool = False
    backbone: Backbone = "resnet50"
    attention_rgb: bool = False
    finetune_branches: bool = False
    pretrained: bool = True
    weights: str = ""
    epochs: int = 15
    two_stream_epochs: int = 8
    fusion_epochs: int | None = None
    rate: float | None = None
    image_rate: float = 0.001
    fusion_rate: float = 0.01
    batch: int = 32
    momentum: float = 0.9
    weight_decay: float = 0.0
    movement: bool = True


def learner(name: str, settings: Settings) -> PalsyLearner | LightLearner | ExaminationLearner:
    """Return a model, ready to train.

    The light form and that of examinations have networks of their own and take `epochs`, `batch`,
    `rate` and `weight_decay`, the light form `movement` as well.

    Args:
        name: ``multimodal_fusion``, ``multimodal_fusion-light`` or
            ``multimodal_fusion-examination``.
        settings: How.

    Raises:
        InputError: The name is another method's, or a setting is of another model.
        WeightsError: Published weights are damaged.
    """
    forms = (NAME, LIGHT, EXAMINATION)
    if name not in forms:
        raise InputError(name, "is not a form of this method", f"use {' or '.join(forms)}")
    if name != LIGHT and not settings.movement:
        raise InputError("movement", f"is not of the form {name}", f"use {LIGHT}")
    if name != NAME:
        return _ours(name, settings)
    if settings.attention_rgb and settings.model != "attention_fusion":
        raise InputError(
            "attention_rgb", f"is not of the model {settings.model}", "use attention_fusion"
        )
    if settings.finetune_branches and settings.model not in ("early_fusion", "attention_fusion"):
        raise InputError(
            "finetune_branches",
            f"has nothing to join in the model {settings.model}",
            "use early_fusion or attention_fusion",
        )
    return PalsyLearner(settings)


class PalsyLearner(Learner):
    """One modality, or several that are joined.

    Attributes:
        network: Of the model.
        modalities: What it reads, in the order of its arguments.
        starts_from: What its weights are before training.
    """

    def __init__(self, settings: Settings) -> None:
        """Build the network and load what it starts from; see `learner`."""
        super().__init__()
        self.settings = settings
        self.modalities = _read(settings)
        self.network = _network(settings, self.modalities)
        self.starts_from = _started(self.network, settings)
        self.stages = _stages(settings, self.modalities)
        self.tasks = (PALSY,)
        self.stage = self.stages[-1]

    @property
    def _is_joined(self) -> bool:
        """Whether branches are trained before the whole."""
        return hasattr(self.network, "branches")

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return what the model reads of one picture, and ``palsy``: 0, 1, or -1 if unknown.

        A picture without landmarks is of no known class, whatever the model reads, so that all
        models learn from and are tested on the same pictures (D4-6).
        """
        source = sources[0]
        points, label = source.landmarks(), source.label(Scale.PALSY)
        found_face = points is not None and len(points) == POINT_COUNT
        known = found_face and label is not None
        arrays = {
            each: _array(each, source, points, self.settings)
            if points is not None and found_face
            else _nothing(each, self.settings.size)
            for each in self.modalities
        }
        return arrays | {"palsy": np.array(label if known else UNKNOWN_CLASS, dtype=np.int64)}

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples have landmarks and a label."""
        del stage
        return np.asarray(np.asarray(arrays["palsy"]) != UNKNOWN_CLASS)

    def begin(self, stage: Stage) -> None:
        """Train one branch, or what joins them while the branches stay as they are (D4-9)."""
        super().begin(stage)
        if not self._is_joined:
            return
        branches: nn.ModuleDict = self.network.branches
        if stage.name != FUSION:
            self.freeze(*(each for name, each in branches.items() if name != stage.name))
            if hasattr(self.network, "fusion"):
                self.freeze(self.network.fusion)
        elif not self.settings.finetune_branches:
            self.freeze(*branches.values())

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return binary cross-entropy of both units, one-hot (D4-10); 0 if no class is known."""
        palsy = batch["palsy"]
        known = palsy != UNKNOWN_CLASS
        wanted = functional.one_hot(palsy.clamp(min=0), 2).float()
        each = functional.binary_cross_entropy_with_logits(
            self._learning(batch).float(), wanted, reduction="none"
        ).mean(dim=1)
        return {"total": (each * known).sum() / known.sum().clamp(min=1)}

    def predict(self, batch: Batch) -> Batch:
        """Return ``palsy_probability`` (B, 2), the two sigmoid units divided by their sum.

        The likeliest class is that of the larger unit (D4-10). Attention fusion also returns
        ``modality_weight`` (B, M), how much it looked at each modality.
        """
        given = [batch[each] for each in self.modalities]
        if isinstance(self.network, LateFusion):
            return {"palsy_probability": probabilities(self.network(*given))}
        if isinstance(self.network, AttentionFusion):
            logits, weights = self.network.weighed(*given)
            return {"palsy_probability": _answered(logits), "modality_weight": weights.float()}
        return {"palsy_probability": _answered(self.network(*given))}

    def _learning(self, batch: Batch) -> Tensor:
        """Return the logits (B, 2) that the current stage trains."""
        logits: Tensor
        if self._is_joined and self.stage.name != FUSION:
            logits = self.network.branches[self.stage.name](batch[self.stage.name])
        else:
            logits = self.network(*(batch[each] for each in self.modalities))
        return logits


def _ours(name: str, settings: Settings) -> LightLearner | ExaminationLearner:
    _check_ours(settings)
    course: dict[str, Any] = {
        "epochs": settings.epochs,
        "batch": settings.batch,
        "rate": _OUR_RATES[name] if settings.rate is None else settings.rate,
        "weight_decay": settings.weight_decay,
    }
    if name == LIGHT:
        return LightLearner(**course, movement=settings.movement)
    return ExaminationLearner(**course)


def _check_ours(settings: Settings) -> None:
    usual = Settings()
    taken = ("epochs", "batch", "rate", "weight_decay", "pretrained", "movement")
    changed = [
        name
        for name in Settings.__slots__
        if name not in taken and getattr(settings, name) != getattr(usual, name)
    ]
    if changed:
        raise InputError(
            ", ".join(changed), "is the published form's", f"leave it out, or use {NAME}"
        )


def _answered(logits: Tensor) -> Tensor:
    return probabilities(torch.sigmoid(logits.float()))


def _read(settings: Settings) -> tuple[str, ...]:
    return _READ[settings.model] + (("rgb",) if settings.attention_rgb else ())


def _network(settings: Settings, modalities: Sequence[str]) -> nn.Module:
    if settings.model == TWO_STREAMS:
        return TwoStream(settings.backbone)
    branches = {
        each: ImageBranch(settings.backbone) if each in _IMAGES else FeedForward(each)
        for each in modalities
    }
    if settings.model == "attention_fusion":
        return AttentionFusion(branches)
    if settings.model == "early_fusion":
        return EarlyFusion(**branches)
    if settings.model == "late_fusion":
        return LateFusion(**branches)
    (alone,) = branches.values()
    return alone


def _backbones(network: nn.Module) -> dict[str, nn.Module]:
    """Return the backbones of a network by a name for result files."""
    if isinstance(network, TwoStream):
        return {"lines": network.lines, "rgb": network.rgb}
    if isinstance(network, ImageBranch):
        return {"backbone": network.features}
    branches = getattr(network, "branches", {})
    return {name: each.features for name, each in branches.items() if isinstance(each, ImageBranch)}


def _started(network: nn.Module, settings: Settings) -> str:
    backbones = _backbones(network)
    if not backbones or not (settings.pretrained or settings.weights):
        return str(RANDOM)
    name, part = _CATALOGUE[settings.backbone]
    file = Path(settings.weights) if settings.weights else None
    starts = {key: load_pretrained(each, name, part=part, file=file)
              for key, each in backbones.items()}  # fmt: skip
    if all(each == RANDOM for each in starts.values()):
        return str(RANDOM)
    return "; ".join(f"{key}: {each}" for key, each in starts.items())


def _stages(settings: Settings, modalities: Sequence[str]) -> tuple[Stage, ...]:
    def stage(name: str, epochs: int, rate: float) -> Stage:
        return Stage(
            name=name,
            epochs=epochs,
            batch=settings.batch,
            optimiser="sgd",
            rate=rate,
            momentum=settings.momentum,
            weight_decay=settings.weight_decay,
            keep="last",
        )

    if settings.model == TWO_STREAMS:
        return (stage(TWO_STREAMS, settings.two_stream_epochs, settings.image_rate),)
    vectors_rate = _RATE if settings.rate is None else settings.rate
    alone = tuple(
        stage(each, settings.epochs, settings.image_rate if each in _IMAGES else vectors_rate)
        for each in modalities
    )
    if settings.model not in ("early_fusion", "attention_fusion"):
        return alone
    epochs = settings.epochs if settings.fusion_epochs is None else settings.fusion_epochs
    return (*alone, stage(FUSION, epochs, settings.fusion_rate))


def _array(
    modality: str, source: Source, points: NDArray[np.float64], settings: Settings
) -> NDArray[np.generic]:
    if modality == "expressions":
        return expressions(points)
    picture, size = source.picture(), settings.size
    height, width = picture.shape[:2]
    if modality == "coordinates":
        return prepare.coordinates(points, width, height, eye_frame=settings.eye_frame)
    if modality == "rgb":
        return prepare.rgb_image(picture, points, size, whole=settings.whole)
    whole = (width, height) if settings.whole else None
    return prepare.line_image(points, size, draw_lips=settings.draw_lips, whole=whole)


def _nothing(modality: str, size: int) -> NDArray[np.generic]:
    if modality in _IMAGES:
        return np.zeros((3, size, size), np.uint8)
    return np.zeros(COORDINATES if modality == "coordinates" else EXPRESSIONS, np.float32)

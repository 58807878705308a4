"""How our light form is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional

from facialis.clinical.scales import Scale
from facialis.face.expressions import EXPRESSION_NAMES
from facialis.face.mesh import POINT_COUNT
from facialis.measures.features import asymmetries, expressions
from facialis.methods.multimodal_fusion import prepare
from facialis.methods.multimodal_fusion.light import LightFusion
from facialis.methods.multimodal_fusion.reading import ASYMMETRIES
from facialis.methods.tasks import UNKNOWN_CLASS, Classification
from facialis.networks.learner import Batch, Learner, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from facialis.methods.source import Source

TASKS: Final = (
    Classification(
        name="palsy",
        scale=Scale.PALSY,
        classes=prepare.CLASSES,
        truth="palsy",
        predicted="palsy_probability",
    ),
    Classification(
        name="level",
        scale=Scale.LEVEL,
        classes=prepare.LEVELS,
        truth="level",
        predicted="level_probability",
    ),
)
UNSTATED: Final = "_unstated"
"""Ends the keys of answers that were given without the movement."""
_READ: Final = ("asymmetry", "expressions", "movement")


class LightLearner(Learner):
    """Learns palsy and level of a picture from its landmarks and, if it is told, its movement.

    Args:
        epochs: Passes over the training pictures.
        batch: Pictures of a step.
        rate: Learning rate at the start, which falls evenly to nothing.
        weight_decay: L2.
        movement: Whether it is told the movement.
    """

    tasks = TASKS
    also_kept = tuple(task.predicted + UNSTATED for task in TASKS)

    def __init__(
        self, *, epochs: int, batch: int, rate: float, weight_decay: float, movement: bool
    ) -> None:
        """Build the network from random weights."""
        super().__init__()
        self.network = LightFusion(movement=movement)
        self.movement = movement
        self.stages = (
            fusion_stage(epochs=epochs, batch=batch, rate=rate, weight_decay=weight_decay),
        )

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return ``asymmetry`` (29,), ``expressions`` (52,), ``movement`` (12,) and both classes.

        Those are ``palsy`` and ``level``; a picture without landmarks is of none that is known.
        """
        source = sources[0]
        points = source.landmarks()
        movement = prepare.movement_read(source.movement if self.movement else None)
        if points is None or len(points) != POINT_COUNT:
            return {
                "asymmetry": np.zeros(ASYMMETRIES, np.float32),
                "expressions": np.zeros(len(EXPRESSION_NAMES), np.float32),
                "movement": movement,
                "palsy": np.array(UNKNOWN_CLASS, np.int64),
                "level": np.array(UNKNOWN_CLASS, np.int64),
            }
        return {
            "asymmetry": asymmetries(points),
            "expressions": expressions(points),
            "movement": movement,
            "palsy": known_class(source.label(Scale.PALSY)),
            "level": known_class(source.label(Scale.LEVEL)),
        }

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples have landmarks and a label."""
        del stage
        return np.asarray(
            (np.asarray(arrays["palsy"]) != UNKNOWN_CLASS)
            | (np.asarray(arrays["level"]) != UNKNOWN_CLASS)
        )

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Measure how the numbers of the training pictures are spread."""
        del stage
        read = (torch.as_tensor(np.asarray(arrays[n])) for n in ("asymmetry", "expressions"))
        self.network.meet(*read)

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return cross-entropy of palsy and of level, of all nets, and their sum as ``total``.

        What the nets that are told the movement say of a picture of none weighs nothing.
        """
        *stated, one, other = self.network.each(*(batch[name] for name in _READ))
        is_told = batch["movement"].any(dim=1)
        losses = {}
        for k, task in enumerate(TASKS):
            truth = batch[task.truth]
            told = torch.where(is_told, truth, torch.full_like(truth, UNKNOWN_CLASS))
            losses[task.name] = sum(
                (known_entropy(found[k], told) for found in stated),
                known_entropy(one[k], truth) + known_entropy(other[k], truth),
            )
        return {"total": losses["palsy"] + losses["level"], **losses}

    def predict(self, batch: Batch) -> Batch:
        """Return ``palsy_probability`` (B, 2) and ``level_probability`` (B, 3) float32.

        And, with `UNSTATED` at the end of their keys, those without the movement.
        """
        asymmetry, expressions, movement = (batch[name] for name in _READ)
        ways = {"": movement, UNSTATED: torch.zeros_like(movement)}
        return {
            task.predicted + ending: torch.softmax(found.float(), dim=1)
            for ending, shown in ways.items()
            for task, found in zip(TASKS, self.network(asymmetry, expressions, shown), strict=True)
        }


def fusion_stage(*, epochs: int, batch: int, rate: float, weight_decay: float) -> Stage:
    """Return the one course of a net of numbers: Adam, at a rate that falls evenly to nothing."""
    return Stage(
        name="fusion",
        epochs=epochs,
        batch=batch,
        optimiser="adam",
        rate=rate,
        weight_decay=weight_decay,
        power=1.0,
        keep="last",
    )


def known_entropy(logits: Tensor, classes: Tensor) -> Tensor:
    """Return the mean cross-entropy over known classes, 0 if none is known."""
    each = functional.cross_entropy(
        logits.float(), classes, ignore_index=UNKNOWN_CLASS, reduction="sum"
    )
    return each / (classes != UNKNOWN_CLASS).sum().clamp(min=1)


def known_class(label: int | None) -> NDArray[np.int64]:
    """Return the number of a class, or that it is unknown, as examples hold it."""
    return np.array(UNKNOWN_CLASS if label is None else label, np.int64)

"""How our light form is trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from torch.nn import functional

from facialis.face.expressions import EXPRESSION_NAMES
from facialis.face.mesh import POINT_COUNT
from facialis.measures.features import asymmetries, expressions
from facialis.methods.multimodal_fusion import prepare
from facialis.methods.multimodal_fusion.light import OF_LEVELS, LightFusion, levels_of
from facialis.methods.multimodal_fusion.reading import ASYMMETRIES
from facialis.methods.multimodal_fusion.tasks import GRADE, LEVEL, PALSY
from facialis.methods.tasks import UNKNOWN_CLASS
from facialis.networks.learner import Batch, Learner, Stage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from torch import Tensor

    from facialis.methods.source import Source

TASKS: Final = (PALSY, LEVEL, GRADE)
UNSTATED: Final = "_unstated"
"""Ends the keys of answers that were given without the movement."""
_READ: Final = ("asymmetry", "expressions", "movement")


class LightLearner(Learner):
    """Learns palsy and grade of a picture from its landmarks and, if it is told, its movement.

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
        """Return ``asymmetry`` (29,), ``expressions`` (52,), ``movement`` (12,) and the classes.

        Those are ``palsy``, ``level`` and ``grade``; a picture without landmarks is of none that is
        known.
        """
        source = sources[0]
        points = source.landmarks()
        movement = prepare.movement_read(source.movement if self.movement else None)
        if points is None or len(points) != POINT_COUNT:
            return {
                "asymmetry": np.zeros(ASYMMETRIES, np.float32),
                "expressions": np.zeros(len(EXPRESSION_NAMES), np.float32),
                "movement": movement,
                **{task.truth: known_class(None) for task in TASKS},
            }
        return {
            "asymmetry": asymmetries(points),
            "expressions": expressions(points),
            "movement": movement,
            **{task.truth: known_class(source.label(task.scale)) for task in TASKS},
        }

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples have landmarks and a label."""
        del stage
        known = [np.asarray(arrays[task.truth]) != UNKNOWN_CLASS for task in TASKS]
        return np.asarray(np.any(known, axis=0))

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """Measure how the numbers of the training pictures are spread."""
        del stage
        read = (torch.as_tensor(np.asarray(arrays[n])) for n in ("asymmetry", "expressions"))
        self.network.meet(*read)

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return cross-entropy of palsy and of grade, of all nets, and their sum as ``total``.

        Where the level alone is known, that of grade is the cross-entropy of the level. What the
        nets that are told the movement say of a picture of none weighs nothing.
        """
        *stated, one, other = self.network.each(*(batch[name] for name in _READ))
        is_told = batch["movement"].any(dim=1)
        truth = [batch[task.truth] for task in TASKS]
        told = [torch.where(is_told, each, torch.full_like(each, UNKNOWN_CLASS)) for each in truth]
        answers = [(found, told) for found in stated] + [(one, truth), (other, truth)]
        palsy = torch.stack([known_entropy(said[0], known[0]) for said, known in answers]).sum()
        grade = torch.stack([_graded_entropy(said[1], *known[1:]) for said, known in answers]).sum()
        return {"total": palsy + grade, "palsy": palsy, "grade": grade}

    def predict(self, batch: Batch) -> Batch:
        """Return ``palsy_probability`` (B, 2), and those of level (B, 3) and grade (B, 6), float32.

        And, with `UNSTATED` at the end of their keys, those without the movement. Levels are sums
        of grades.
        """
        asymmetry, expressions, movement = (batch[name] for name in _READ)
        found = {}
        for ending, shown in {"": movement, UNSTATED: torch.zeros_like(movement)}.items():
            palsy, grade = (
                torch.softmax(each.float(), dim=1)
                for each in self.network(asymmetry, expressions, shown)
            )
            for task, each in zip(TASKS, (palsy, levels_of(grade), grade), strict=True):
                found[task.predicted + ending] = each
        return found


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


def _graded_entropy(logits: Tensor, levels: Tensor, grades: Tensor) -> Tensor:
    """Return the mean cross-entropy of grades (B, 6), of the level where that alone is known."""
    told = functional.log_softmax(logits.float(), dim=1)
    of_levels = torch.stack([told[:, of].logsumexp(dim=1) for of in OF_LEVELS], dim=1)
    has_grade = grades != UNKNOWN_CLASS
    of_level = torch.where(has_grade, torch.full_like(levels, UNKNOWN_CLASS), levels)
    lost = [
        functional.nll_loss(each, known, ignore_index=UNKNOWN_CLASS, reduction="sum")
        for each, known in ((told, grades), (of_levels, of_level))
    ]
    return (lost[0] + lost[1]) / (has_grade | (levels != UNKNOWN_CLASS)).sum().clamp(min=1)


def known_class(label: int | None) -> NDArray[np.int64]:
    """Return the number of a class, or that it is unknown, as examples hold it."""
    return np.array(UNKNOWN_CLASS if label is None else label, np.int64)

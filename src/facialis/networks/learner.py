"""What the training bench asks of a method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import torch
from torch import Tensor, nn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from facialis.methods.source import Source
    from facialis.methods.tasks import Task

Batch = dict[str, Tensor]
"""Examples of a batch, or answers to them: tensors (B, ...) by name."""

CASE: Final = 0
"""`Learner.frames` of examples that are whole cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One course of training; a method has one or several, each starting from the last one's end.

    Attributes:
        name: Of the folder that it is kept in.
        epochs: Most passes over its examples; 0 leaves the stage out.
        batch: Examples (sequences) of a step.
        optimiser: Which.
        rate: Learning rate at the start.
        momentum: Of stochastic gradient descent.
        weight_decay: L2.
        power: Exponent of the schedule rate · (1 - step / steps)^power over all steps; None keeps
            the rate.
        patience: Stop after so many epochs in a row in which the validation loss did not fall; None
            never stops early.
        keep: Whether the stage ends with the weights of its ``best`` epoch by validation loss, or
            of its ``last`` one. Without validation examples the last ones are kept.
    """

    name: str
    epochs: int
    batch: int
    optimiser: Literal["sgd", "adam"]
    rate: float
    momentum: float = 0.9
    weight_decay: float = 0.0
    power: float | None = None
    patience: int | None = None
    keep: Literal["best", "last"] = "best"


class Learner(nn.Module):
    """A network with all that is needed to train it and to have it answer.

    A method's ``recipe`` module has ``Settings``, a frozen dataclass whose defaults are the
    paper's, and ``learner(name, settings)``, which returns one of these. Images in batches are
    uint8 (B, 3, H, W) as prepared; a learner scales them itself.

    Attributes:
        stages: What is trained in turn.
        tasks: What is answered.
        also_shown: Keys of answers that `tasks` do not name and an exported network gives too.
        also_kept: Keys of answers that `tasks` do not name and an evaluation keeps with the others.
        only_train: Names with which the weights of parts begin that take no part in answers.
        frames: Pictures of one example; 1, the length of a sequence, or `CASE`, the first picture
            of each movement of a person's case or recording.
        stage: The stage that `begin` was last called with.
    """

    stages: tuple[Stage, ...]
    tasks: tuple[Task, ...]
    also_shown: tuple[str, ...] = ()
    also_kept: tuple[str, ...] = ()
    only_train: tuple[str, ...] = ()
    frames: int = 1
    stage: Stage

    def __init__(self) -> None:
        """Begin without anything frozen."""
        super().__init__()
        self._frozen: tuple[nn.Module, ...] = ()

    def example(self, sources: Sequence[Source]) -> dict[str, NDArray[np.generic]]:
        """Return the arrays of one example; the same names, shapes and types for every example.

        Images are (3, H, W) uint8, label maps (H, W) uint8 (all 255 without annotation), classes
        int64 scalars (-1 if unknown).

        Args:
            sources: `frames` pictures of one person, in order of time; of a case in the order of
                the movements.
        """
        raise NotImplementedError

    def learned_from(
        self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]
    ) -> NDArray[np.bool_]:
        """Return which examples (n,) a stage learns from, by their arrays (n, ...)."""
        del stage
        return np.ones(len(next(iter(arrays.values()))), dtype=bool)

    def begin(self, stage: Stage) -> None:
        """Set what trains and what is frozen in a stage; everything trains unless overridden."""
        self.stage = stage
        self.requires_grad_(True)
        self._frozen = ()

    def meet(self, stage: Stage, arrays: Mapping[str, NDArray[np.generic]]) -> None:
        """See all examples (n, ...) that a stage will learn from, once, before it begins."""

    def freeze(self, *modules: nn.Module) -> None:
        """Keep modules as they are, batch-norm statistics included, until the next `begin`."""
        self._frozen = (*self._frozen, *modules)
        for each in modules:
            each.requires_grad_(False)
            each.eval()

    def train(self, mode: bool = True) -> Learner:
        """Switch between training and answering; frozen modules never train."""
        super().train(mode)
        for each in self._frozen:
            each.eval()
        return self

    def augment(self, batch: Batch, random: torch.Generator) -> Batch:
        """Return a training batch altered by chance, on its own device.

        Args:
            batch: As prepared.
            random: Source of chance, on the CPU; the same for the same seed, epoch and batch.
        """
        del random
        return batch

    def loss(self, batch: Batch) -> dict[str, Tensor]:
        """Return the losses of a batch by name: ``total``, which is minimised, and its parts."""
        raise NotImplementedError

    def predict(self, batch: Batch) -> Batch:
        """Return the answers to a batch, with the keys that `tasks` name; may add pictures."""
        raise NotImplementedError

    def settle(self, batches: Iterable[Batch]) -> None:
        """Fix what is not learned by gradients, such as thresholds, on training people's pictures.

        Called once after the last stage, without gradients; what it fixes lies in buffers.
        """

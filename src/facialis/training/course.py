"""A stage of training as Lightning runs it, and the checkpoints that let it go on exactly."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Final

import lightning
import torch
from lightning.pytorch.callbacks import Callback, EarlyStopping
from torch import Tensor

from facialis.errors import InputError
from facialis.methods.tasks import UNKNOWN_CLASS, Classification, Task
from facialis.networks.augmentation import UNLABELLED

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from facialis.networks.learner import Batch, Learner, Stage

MONITORED: Final = "val_total"
"""What the best epoch is chosen by: the loss of validation people, never of the tested ones."""

LOADERS: Final = ("val", "train")
"""Examples that are scored after each epoch: of validation people, and some of the learned ones."""


class DivergedError(InputError):
    """A training whose weights are no numbers any more.

    Args:
        stage: Name of the stage.
        epoch: Counted from 1.

    Attributes:
        epoch: As given.
    """

    def __init__(self, stage: str, epoch: int) -> None:
        """Say what can be done."""
        self.epoch = epoch
        super().__init__(
            f"{stage}, epoch {epoch}",
            "has weights that are no numbers any more: the training diverged",
            "set a smaller rate, and name a new folder",
        )


class Course(lightning.LightningModule):
    """A learner in one of its stages.

    Args:
        learner: What learns; `Learner.begin` was called.
        seed: Of everything drawn by chance.
        steps: Of the whole stage.
    """

    def __init__(self, learner: Learner, seed: int, steps: int) -> None:
        """Keep all three."""
        super().__init__()
        self.learner, self._seed, self._steps = learner, seed, max(1, steps)

    def configure_optimizers(self) -> dict[str, Any]:
        """Return the stage's optimiser and schedule."""
        stage: Stage = self.learner.stage
        learned = [each for each in self.learner.parameters() if each.requires_grad]
        if stage.optimiser == "adam":
            optimiser: Any = torch.optim.Adam(
                learned, lr=stage.rate, weight_decay=stage.weight_decay
            )
        else:
            optimiser = torch.optim.SGD(
                learned, lr=stage.rate, momentum=stage.momentum, weight_decay=stage.weight_decay
            )
        steps, power = self._steps, stage.power or 0.0
        schedule = torch.optim.lr_scheduler.LambdaLR(
            optimiser, lambda step: max(0.0, 1 - step / steps) ** power if power else 1.0
        )
        return {
            "optimizer": optimiser,
            "lr_scheduler": {"scheduler": schedule, "interval": "step"},
        }

    def training_step(self, batch: Batch, number: int) -> Tensor:
        """Return the loss of a batch that chance has altered.

        Everything that is drawn, dropout too, depends on seed, epoch and batch alone, so that a run
        that was stopped goes on exactly.
        """
        drawn_from = (self._seed * 1_000_003 + self.current_epoch) * 100_003 + number
        torch.manual_seed(drawn_from)
        random = torch.Generator().manual_seed(drawn_from)
        losses = self.learner.loss(self.learner.augment(batch, random))
        count = len(next(iter(batch.values())))
        for name, value in losses.items():
            self.log(
                f"train_{name}", value.detach(), on_step=False, on_epoch=True, batch_size=count
            )
        return losses["total"]

    def validation_step(self, batch: Batch, number: int, dataloader_idx: int = 0) -> None:
        """Log loss and accuracy of validation people, and accuracy on some learned examples."""
        del number
        part = LOADERS[dataloader_idx]
        count = len(next(iter(batch.values())))
        found = self.learner.loss(batch) if part == "val" else {}
        answers = self.learner.predict(batch)
        for task in self.learner.tasks:
            right, known = _right(task, batch, answers)
            if known:
                self._logged(f"{part}_accuracy_{task.name}", right / known, known)
        for name, value in found.items():
            self._logged(f"{part}_{name}", value, count)

    def _logged(self, name: str, value: float | Tensor, count: int) -> None:
        self.log(
            name,
            value,
            on_step=False,
            on_epoch=True,
            batch_size=count,
            add_dataloader_idx=False,
            sync_dist=True,
        )


def _right(task: Task, batch: Batch, answers: Batch) -> tuple[int, int]:
    """Return how many samples (pixels) are called right, and how many have a label."""
    truth, found = batch[task.truth], answers[task.predicted]
    if isinstance(task, Classification):
        known, called = truth != UNKNOWN_CLASS, found.argmax(dim=1)
    else:
        known, called = truth != UNLABELLED, found
    return int((called == truth)[known].sum()), int(known.sum())


def read_checkpoint(file: Path) -> dict[str, Any]:
    """Return what a checkpoint holds.

    Raises:
        InputError: It is damaged.
    """
    try:
        found: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=False)
    except (OSError, EOFError, RuntimeError, ValueError, pickle.UnpicklingError) as error:
        raise InputError(
            file, "is damaged", "delete it to begin its stage again, or name a new folder"
        ) from error
    return found


class Keeper(Callback):
    """Keeps the last and the best epoch on disk; what is being written never replaces what is.

    Args:
        folder: Of the stage.
        after_epoch: Called with what was measured after each epoch.

    Attributes:
        lowest: Validation loss of the best epoch; infinite without validation people.
        latest: Of the last epoch; NaN without.
    """

    def __init__(self, folder: Path, after_epoch: Callable[[int, dict[str, float]], None]) -> None:
        """Begin without a best epoch."""
        self.last, self.best = folder / "last.ckpt", folder / "best.ckpt"
        self.lowest = float("inf")
        self.latest = float("nan")
        self._after_epoch = after_epoch

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint must hold of this."""
        return {"lowest": self.lowest, "latest": self.latest}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on from a checkpoint."""
        self.lowest = float(state_dict["lowest"])
        self.latest = float(state_dict["latest"])

    def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:
        """Write the checkpoints of an epoch that is done."""
        measured = {key: float(value) for key, value in trainer.callback_metrics.items()}
        if not all(bool(each.isfinite().all()) for each in pl_module.parameters()):
            raise DivergedError(pl_module.learner.stage.name, trainer.current_epoch + 1)
        self.latest = found = measured.get(MONITORED, float("nan"))
        is_best = found < self.lowest
        self.lowest = min(self.lowest, found) if found == found else self.lowest  # noqa: PLR0124
        self._write(trainer, self.last)
        if is_best:
            self._write(trainer, self.best)
        if trainer.is_global_zero:
            self._after_epoch(trainer.current_epoch + 1, measured)

    @staticmethod
    def _write(trainer: Any, file: Path) -> None:
        partial = file.with_suffix(".unfinished")
        trainer.save_checkpoint(partial)
        if trainer.is_global_zero:
            partial.replace(file)


def stopping(stage: Stage) -> list[Callback]:
    """Return what stops a stage early, if anything does."""
    if stage.patience is None:
        return []
    return [EarlyStopping(MONITORED, patience=stage.patience, mode="min", verbose=False)]

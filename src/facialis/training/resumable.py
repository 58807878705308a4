"""A fit outside Lightning that goes on as if it had never been interrupted, and its log."""

from __future__ import annotations

import csv
from pickle import UnpicklingError
from typing import TYPE_CHECKING

import torch

from facialis.errors import InputError, printable
from facialis.report.files import replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor, nn


_OF_OTHER_CONTENT = (RuntimeError, KeyError, TypeError, ValueError, AttributeError)


class ResumableFit:
    """Everything that a checkpoint must hold for a fit to go on.

    Args:
        network: What learns.
        optimiser: Of its weights.
        schedule: Of the learning rate, a step at a time.
        key: Says of what settings and data it is; a checkpoint of another one is not gone on with.
        file: The checkpoint.
    """

    def __init__(
        self,
        network: nn.Module,
        optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        *,
        key: str,
        file: Path,
    ) -> None:
        """Begin anew; `resume` looks for a checkpoint."""
        self.network, self.optimiser, self.schedule = network, optimiser, schedule
        self.key, self.file = key, file

    def step(self, loss: Tensor) -> float:
        """Learn from the loss of a batch, and return it."""
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        self.optimiser.step()
        self.schedule.step()
        return float(loss.item())

    def save(self, epochs: int) -> None:
        """Write the checkpoint after so many epochs."""
        unfinished = self.file.with_suffix(".unfinished")
        state = {
            "settings": self.key,
            "epochs": epochs,
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "schedule": self.schedule.state_dict(),
            "chance": torch.get_rng_state(),
        }
        torch.save(state, unfinished)
        unfinished.replace(self.file)

    def resume(self) -> int:
        """Load a checkpoint of the same key; return how many epochs it has behind it.

        Raises:
            InputError: It is damaged.
        """
        if not self.file.exists():
            return 0
        try:
            state = torch.load(self.file, weights_only=True)
            if state["settings"] != self.key:
                return 0
            self.network.load_state_dict(state["network"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.schedule.load_state_dict(state["schedule"])
            torch.set_rng_state(state["chance"])
            return int(state["epochs"])
        except (OSError, EOFError, UnpicklingError, *_OF_OTHER_CONTENT) as error:
            raise InputError(
                printable(self.file), "is no readable checkpoint", "delete it to begin anew"
            ) from error


def keep_rows(log: Path, epochs: int) -> None:
    """Keep the rows of so many epochs of an earlier call's log."""
    if log.exists():
        lines = log.read_text(encoding="utf-8").splitlines(keepends=True)
        replace_file(log, "".join(lines[: epochs + 1]).encode())


def record(log: Path, row: dict[str, str]) -> None:
    """Add a row to a log, a CSV whose first line names the columns."""
    is_new = not log.exists() or not log.stat().st_size
    with log.open("a", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, row)
        if is_new:
            writer.writeheader()
        writer.writerow(row)

"""Train a method through all its stages, in a folder that a killed run goes on from."""

from __future__ import annotations

import json
import logging
import math
import signal
import warnings
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import lightning
import numpy as np
import torch
from lightning.fabric.utilities.warnings import PossibleUserWarning
from lightning.pytorch.callbacks import RichProgressBar, Timer
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.utilities.rank_zero import rank_zero_only
from numpy.typing import NDArray

import facialis
from facialis.errors import InputError
from facialis.evaluation.splits import Split
from facialis.networks.learner import Learner
from facialis.report.files import make_directory, replace_file
from facialis.training.batches import loader
from facialis.training.course import Course, Keeper, read_checkpoint, stopping
from facialis.training.examples import Examples
from facialis.training.inputs_sheet import SHOWN, inputs_sheet
from facialis.training.run_folder import FACTS_NAME, claim_run, keep_split, read_record
from facialis.training.settings import Variant
from facialis.training.weights_file import WEIGHTS_NAME, Start, read_weights

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from facialis.networks.learner import Stage

SCORED_TRAINING_EXAMPLES: Final = 256
"""Examples of the training part whose accuracy is measured, unaltered, after each epoch."""

SETTLED_ON: Final = 4096
"""Most training examples that thresholds are settled on, evenly spread over all of them."""

SETTLED_AT_ONCE: Final = 64
"""Examples of a batch that thresholds are settled on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What Lightning's own flags say of where and how to compute.

    Attributes:
        accelerator: ``auto``, ``cpu``, ``gpu``, ...
        devices: How many or which: ``auto``, ``2``, ``0,1``.
        strategy: How several work together (``ddp``, ...).
        precision: ``32-true``, ``16-mixed``, ``bf16-mixed``, ...
    """

    accelerator: str = "auto"
    devices: str = "auto"
    strategy: str = "auto"
    precision: str = "32-true"

    @property
    def device(self) -> str:
        """Where a trained method answers, as torch names it."""
        on_gpu = self.accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available()
        return "cuda" if on_gpu else "cpu"

    def check(self) -> None:
        """Find out whether Lightning takes the flags, before anything is read.

        Raises:
            InputError: It refuses them.
        """
        self.trainer(logger=False, enable_progress_bar=False)

    def trainer(self, **more: Any) -> lightning.Trainer:
        """Return Lightning's trainer, quiet and without habits of its own.

        Raises:
            InputError: Lightning refuses the flags.
        """
        logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
        devices: Any = int(self.devices) if self.devices.isdigit() else self.devices
        try:
            return lightning.Trainer(
                accelerator=self.accelerator,
                devices=devices,
                strategy=self.strategy,
                precision=self.precision,
                enable_model_summary=False,
                enable_checkpointing=False,
                use_distributed_sampler=False,
                num_sanity_val_steps=0,
                log_every_n_steps=1,
                **more,
            )
        except (
            ValueError,
            TypeError,
            RuntimeError,
            lightning.fabric.utilities.exceptions.MisconfigurationException,
        ) as error:
            flags = ", ".join(f"--{key} {value}" for key, value in asdict(self).items())
            raise InputError(
                flags, f"does not work here ({error})", "choose other values"
            ) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Numbers of the examples of a split.

    Attributes:
        train: Learned from.
        validation: Chosen by.
    """

    train: NDArray[np.intp]
    validation: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to train, and on what.

    Attributes:
        variant: Method and settings.
        examples: All examples of the data.
        parts: Which of them are for what.
        data: Digests of manifest and split, so that a folder is not gone on with other data.
        split: The names of their rows, kept in the folder; None keeps none.
        seed: Of initial weights, order, alterations and dropout.
        precision: Lightning's; with another one the numbers are others.
        start: Weights to start from; None starts as the method does.
    """

    variant: Variant
    examples: Examples
    parts: Parts
    data: dict[str, str]
    seed: int
    precision: str = "32-true"
    split: Split | None = None
    start: Start | None = None

    @property
    def record(self) -> dict[str, Any]:
        """What a run's folder says of it."""
        return {
            "method": self.variant.method,
            "settings": asdict(self.variant.settings()),
            "data": self.data,
            "seed": self.seed,
            "precision": self.precision,
            "start": None if self.start is None else self.start.digest,
        }


@dataclass(frozen=True, slots=True)
class Trained:
    """A trained method.

    Attributes:
        learner: With its final weights, ready to answer.
        facts: How it was trained, as JSON values: epochs and seconds of each stage, device,
            precision, what the weights started from.
    """

    learner: Learner
    facts: dict[str, Any]


def fit(
    order: Order,
    folder: Path,
    machine: Machine,
    say: Callable[[str], None],
    *,
    shows_bar: bool = False,
) -> Trained:
    """Train a method, or go on where a killed run of the same order stopped.

    ``split.json`` names the rows that all stages learn from, choose by, and leave (D1-16).
    Every stage has a folder with ``last.ckpt``, ``best.ckpt``, logs for TensorBoard and as CSV.
    ``inputs.png`` shows the first examples. ``facts.json`` says how it went. ``weights.pt`` is
    written last; a folder that holds it is finished, and nothing is trained.

    Args:
        order: What to train, and on what.
        folder: New, or of the same order.
        machine: Where and how to compute.
        say: Called with one sentence an epoch.
        shows_bar: Whether to show Lightning's progress bar.

    Raises:
        InputError: Lightning refuses the flags (see `Machine.check`), the folder holds another
            order's run, a changed split or a damaged file, or there is nothing to learn from.
    """
    claim_run(folder, order)
    keep_split(folder, order.split)
    file = folder / WEIGHTS_NAME
    torch.manual_seed(order.seed)
    learner = order.variant.learner()
    learner.to(memory_format=torch.channels_last)  # a quarter faster on CPUs
    if file.is_file():
        return _finished(learner, file)
    _show_inputs(order, folder)
    if order.start is not None:
        order.start.load(learner)
    begun = getattr(learner, "starts_from", "random weights")
    facts: dict[str, Any] = {
        "stages": {},
        "started_from": str(begun if order.start is None else order.start),
        "precision": machine.precision,
        "torch": str(torch.__version__),
        "device": torch.cuda.get_device_name() if machine.device == "cuda" else "CPU",
    }
    for number, stage in enumerate(learner.stages, start=1):
        if stage.epochs:
            place = folder / f"{number}-{stage.name}"
            course = _Stage(order, stage, place, order.seed * 101 + number)
            facts["stages"][stage.name] = course.run(learner, machine, say, shows_bar=shows_bar)
    _settle(learner, order, machine)
    if is_first_process():
        replace_file(folder / FACTS_NAME, (json.dumps(facts, indent=1) + "\n").encode())
        _write_weights(learner, file, order, facts)
    return Trained(learner, facts)


def _show_inputs(order: Order, folder: Path) -> None:
    first = order.parts.train[:SHOWN]
    sheet = inputs_sheet({name: each[first] for name, each in order.examples.arrays.items()})
    if sheet is not None and is_first_process():
        replace_file(folder / "inputs.png", sheet)


def is_first_process() -> bool:
    """Whether this process writes; of several that train together only the first one does."""
    return int(rank_zero_only.rank) == 0


def _settle(learner: Learner, order: Order, machine: Machine) -> None:
    learner.to(machine.device).eval()
    train = order.parts.train
    spread = np.linspace(0, max(0, len(train) - 1), min(len(train), SETTLED_ON)).round()
    batches = loader(order.examples.arrays, train[spread.astype(np.intp)], SETTLED_AT_ONCE)
    with torch.no_grad():
        learner.settle({k: v.to(machine.device) for k, v in batch.items()} for batch in batches)
    learner.cpu()


class _Stage:
    """One stage of an order in its folder."""

    def __init__(self, order: Order, stage: Stage, folder: Path, seed: int) -> None:
        self._order, self._stage, self._folder, self._seed = order, stage, folder, seed

    def run(
        self, learner: Learner, machine: Machine, say: Callable[[str], None], *, shows_bar: bool
    ) -> dict[str, Any]:
        """Train the stage and leave the learner with the weights that it ends with."""
        done = self._folder / "done.json"
        make_directory(self._folder)
        train = self._chosen(learner, self._order.parts.train)
        validation = self._chosen(learner, self._order.parts.validation)
        if not len(train):
            raise InputError(
                f"stage {self._stage.name}",
                "has no example to learn from",
                "use data with the labels that it needs and the landmarks or masks of 'facialis "
                "data frame', or set its epochs to 0",
            )
        learner.begin(self._stage)
        learner.meet(self._stage, self._arrays_of(train))
        if done.is_file():
            return self._again(learner, done)
        keeper = Keeper(self._folder, lambda epoch, found: say(self._told(epoch, found)))
        if keeper.last.is_file():
            read_checkpoint(keeper.last)
        timer = Timer()
        trainer = machine.trainer(
            max_epochs=self._stage.epochs,
            callbacks=[
                timer,
                *stopping(self._stage if len(validation) else _patient(self._stage)),
                *([RichProgressBar(leave=True)] if shows_bar else []),
                keeper,
            ],
            logger=self._loggers(),
            enable_progress_bar=shows_bar,
        )
        learner.train()
        on_interrupt = signal.getsignal(signal.SIGINT)
        try:
            self._fit(trainer, learner, (train, validation), keeper)
        except (KeyboardInterrupt, SystemExit) as stopped:
            # Lightning ends the process on Ctrl-C, and on SIGTERM with the status of success.
            say(f"{self._stage.name}: interrupted; the same command goes on from its last epoch")
            signal.signal(signal.SIGINT, on_interrupt)
            raise KeyboardInterrupt from stopped
        is_best = self._stage.keep == "best" and keeper.best.is_file()
        _load_course(learner, keeper.best if is_best else keeper.last)
        facts = {
            "epochs": trainer.current_epoch,
            "most_epochs": self._stage.epochs,
            "kept": "best by validation loss" if is_best else "last",
            "validation_loss": _known(keeper.lowest if is_best else keeper.latest),
            "examples": len(train),
            "validation_examples": len(validation),
            "seconds": round(timer.time_elapsed("train"), 1),
        }
        if is_first_process():
            replace_file(done, (json.dumps(facts, indent=1) + "\n").encode())
        return facts

    def _fit(self, trainer: Any, learner: Learner, parts: tuple[Any, Any], keeper: Keeper) -> None:
        train, validation = parts
        arrays, batch = self._order.examples.arrays, self._stage.batch
        batches = loader(arrays, train, batch, self._seed, shared=True)
        scored = np.random.default_rng(self._seed).permutation(train)[:SCORED_TRAINING_EXAMPLES]
        chosen_by = validation if len(validation) else scored[:0]
        checks = [loader(arrays, rows, batch, shared=True) for rows in (chosen_by, np.sort(scored))]
        course = Course(learner, self._seed, self._stage.epochs * len(batches))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PossibleUserWarning)  # advice on what is on purpose
            warnings.filterwarnings("ignore", ".*LeafSpec.*", FutureWarning)
            trainer.fit(
                course,
                batches,
                checks if len(validation) else None,
                ckpt_path=str(keeper.last) if keeper.last.is_file() else None,
                weights_only=False,
            )

    def _chosen(self, learner: Learner, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        if not len(rows):
            return rows
        chosen: NDArray[np.intp] = rows[learner.learned_from(self._stage, self._arrays_of(rows))]
        return chosen

    def _arrays_of(self, rows: NDArray[np.intp]) -> dict[str, NDArray[Any]]:
        return {key: values[rows] for key, values in self._order.examples.arrays.items()}

    def _again(self, learner: Learner, done: Path) -> dict[str, Any]:
        facts = read_record(done)
        best = facts["kept"] != "last"
        _load_course(learner, self._folder / ("best.ckpt" if best else "last.ckpt"))
        return facts

    def _loggers(self) -> list[Any]:
        attempt = sum(1 for each in self._folder.glob("attempt-*") if each.is_dir())
        place = {"save_dir": str(self._folder), "name": "", "version": f"attempt-{attempt}"}
        return [CSVLogger(**place, flush_logs_every_n_steps=1), TensorBoardLogger(**place)]

    def _told(self, epoch: int, found: dict[str, float]) -> str:
        words = [f"{self._stage.name}, epoch {epoch} of {self._stage.epochs}"]
        words += [f"loss {found['train_total']:.4f}"] if "train_total" in found else []
        words += [f"validation {found['val_total']:.4f}"] if "val_total" in found else []
        return ": ".join((words[0], ", ".join(words[1:])))


def _known(loss: float) -> float | None:
    """Return a loss as JSON can hold it: None where there was nobody to measure it on."""
    return loss if math.isfinite(loss) else None


def _patient(stage: Stage) -> Stage:
    """Return a stage without early stopping: there is nothing to judge by."""
    return replace(stage, patience=None)


def _load_course(learner: Learner, file: Path) -> None:
    state = read_checkpoint(file)["state_dict"]
    learner.load_state_dict({key.removeprefix("learner."): value for key, value in state.items()})


def _finished(learner: Learner, file: Path) -> Trained:
    state = read_weights(file)
    learner.load_state_dict(state["weights"])
    learner.eval()
    return Trained(learner, state["facts"])


def _write_weights(learner: Learner, file: Path, order: Order, facts: dict[str, Any]) -> None:
    subjects = sorted(
        {
            order.examples.subjects[i]
            for part in (order.parts.train, order.parts.validation)
            for i in part
        }
    )
    state = {
        **order.record,
        "weights": learner.state_dict(),
        "facts": facts,
        "learned_from": subjects,
        "facialis": facialis.__version__,
    }
    partial = file.with_suffix(".unfinished")
    torch.save(state, partial)
    partial.replace(file)

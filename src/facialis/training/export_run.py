"""Make the network of a finished run one ONNX file that answers without torch."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnx
import torch

import facialis
from facialis.clinical.anatomy import Movement
from facialis.errors import InputError, OutputError, WeightsError, printable
from facialis.face.mesh import TEMPLATE
from facialis.networks.learner import CASE
from facialis.training.examples import read_examples
from facialis.training.export import export
from facialis.training.finished_run import finished_run
from facialis.training.quantise import Parity, parity, quantise
from facialis.weights.session import open_session

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from facialis.clinical.scales import Scale
    from facialis.datasets.manifest import Manifest
    from facialis.networks.learner import Batch, Learner

_SIDE: Final = 256
CALIBRATED_ON: Final = 64
"""Most examples that set the scales of 8-bit numbers."""
COMPARED_IN_8_BITS: Final = 512
"""Most examples of other people whose answers must stay as they are."""
LEAST_SAME: Final = 0.9
"""Least share of answers that stay the same in 8-bit numbers."""
_TREMBLE: Final = 0.01
"""Standard deviation of landmarks about the mean face, interocular distances."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written.

    Attributes:
        method: Name of the method.
        inputs: Names of its inputs, in order.
        outputs: Names of its outputs, in order.
        difference: Largest between torch and onnxruntime in single precision, or with weights in
            half precision, in parts of one plus the value.
        size: Bytes.
        parities: Of 8-bit numbers with single precision on people that the run had not learned
            from; empty without 8-bit numbers.
        people: How many these were.
    """

    method: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    difference: float
    size: int
    parities: tuple[Parity, ...] = ()
    people: int = 0


def export_run(run: Path, file: Path, *, half: bool = False) -> Exported:
    """Write the network of a finished run as ONNX.

    Inputs are what the learner reads of an example, outputs what it answers, by the names of the
    method's card. Torch and onnxruntime are compared on faces of noise.

    Args:
        run: Folder of the run, or its ``weights.pt``.
        file: To write; replaced only by a network that computes the same.
        half: Whether to keep its weights in half precision (`export`).

    Raises:
        InputError: The run is not finished.
        OutputError: The file cannot be written.
        WeightsError: The exported network computes something else.
    """
    _check_name(file)
    with _writing(file):
        return _exported(finished_run(run), file, half=half)


def export_run_in_8_bits(
    run: Path, file: Path, data: Manifest, progress: Callable[[int, int], None] | None = None
) -> Exported:
    """Write the network of a finished run as ONNX that computes in 8-bit whole numbers.

    Pictures of people that the run learned from set the scales; on those of others the answers must
    stay as they are in single precision.

    Args:
        run: Folder of the run, or its ``weights.pt``.
        file: To write; replaced only by a network that passed.
        data: Data set of both, read from its folder.
        progress: Called with examples read and examples in all.

    Raises:
        InputError: The run is not finished, or the data show none of these people.
        OutputError: The file cannot be written.
        WeightsError: More than one in ten answers became another.
    """
    _check_name(file)
    state, learner = finished_run(run)
    examples = read_examples(data, learner, progress)
    is_known = np.isin(examples.subjects, state["learned_from"])
    for rows, whom in ((is_known, "that the run learned from"), (~is_known, "new to the run")):
        if not rows.any():
            raise InputError(data.title, f"shows nobody {whom}", "name the data of the run")
    known = _spread(np.flatnonzero(is_known), CALIBRATED_ON)
    others = _spread(np.flatnonzero(~is_known), COMPARED_IN_8_BITS)
    with _writing(file), TemporaryDirectory() as folder:
        whole, small = Path(folder, "whole.onnx"), Path(folder, "small.onnx")
        found = _exported((state, learner), whole)
        given = {name: examples.arrays[name] for name in found.inputs}
        feeds = ({name: each[[i]] for name, each in given.items()} for i in known)
        quantise(whole, small, feeds)
        kept = parity(
            open_session(whole),
            open_session(small),
            learner.tasks,
            {name: each[others] for name, each in given.items()},
        )
        worst = min(kept, key=lambda each: each.same)
        if worst.same < LEAST_SAME:
            raise WeightsError(
                f"{printable(file)}: in 8-bit numbers {1 - worst.same:.1%} of answers "
                f"({worst.task}) became another; nothing was written. Export it without --int8."
            )
        model = onnx.load(small)
        onnx.helper.set_model_props(model, _described(state) | {"numbers": "int8"})
        unfinished = file.with_suffix(".unfinished.onnx")
        onnx.save(model, unfinished)
        unfinished.replace(file)
    people = len({examples.subjects[i] for i in others})
    return replace(found, size=file.stat().st_size, parities=tuple(kept), people=people)


def _check_name(file: Path) -> None:
    if file.suffix != ".onnx":
        raise InputError(printable(file), "does not end in .onnx", "name the file so")


@contextmanager
def _writing(file: Path) -> Iterator[None]:
    """Make room for a file, and say which it is if it cannot be written."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise OutputError(
            f"{printable(file)}: cannot be written ({error.strerror}); choose another place."
        ) from error


def _exported(read: tuple[dict[str, Any], Learner], file: Path, *, half: bool = False) -> Exported:
    state, learner = read
    batch = _faces_of_noise(learner)
    inputs = _read_by(learner, batch)
    predicted = (task.predicted for task in learner.tasks)
    outputs = tuple(dict.fromkeys((*predicted, *learner.also_shown)))
    difference = export(
        _Answering(learner, inputs, outputs),
        {name: batch[name] for name in inputs},
        outputs,
        file,
        described=_described(state),
        half=half,
    )
    return Exported(state["method"], inputs, outputs, difference, file.stat().st_size)


def _spread(rows: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Return at most so many of the rows, evenly spread."""
    places = np.linspace(0, len(rows) - 1, min(most, len(rows))).round().astype(np.intp)
    return np.asarray(rows[places])


class _Answering(torch.nn.Module):
    """A learner that takes its inputs in order and answers with tensors in order."""

    def __init__(self, learner: Learner, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        super().__init__()
        self.learner = learner
        self.inputs, self.outputs = inputs, outputs

    def forward(self, *given: Tensor) -> tuple[Tensor, ...]:
        found = self.learner.predict(dict(zip(self.inputs, given, strict=True)))
        return tuple(found[name] for name in self.outputs)


class _Noted(dict[str, "Tensor"]):
    """A batch that remembers what was read of it."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(batch)
        self.read: dict[str, None] = {}

    def __getitem__(self, name: str) -> Tensor:
        self.read[name] = None
        return super().__getitem__(name)


@dataclass(frozen=True)
class _Noise:
    """A picture of noise with landmarks near the mean face and no label."""

    random: np.random.Generator
    movement: Movement | None = Movement.REST
    name: str = "noise"
    subject: str = "nobody"
    side: None = None

    def picture(self) -> NDArray[np.uint8]:
        return self.random.integers(0, 256, (_SIDE, _SIDE, 3), dtype=np.uint8)

    def parts(self) -> None:
        return None

    def attributes(self) -> None:
        return None

    def depth(self) -> None:
        return None

    def landmarks(self) -> NDArray[np.float64]:
        face = TEMPLATE + self.random.normal(0, _TREMBLE, TEMPLATE.shape)
        return np.asarray(face * (_SIDE / 3) + [_SIDE / 2, _SIDE / 2, 0])

    def label(self, scale: Scale) -> None:
        del scale


def _faces_of_noise(learner: Learner) -> Batch:
    random = np.random.default_rng(0)
    shown: list[tuple[Movement | None, ...]] = [
        tuple(Movement) if learner.frames == CASE else (each,) * learner.frames
        for each in (Movement.REST, None, Movement.SMILE, None)
    ]
    examples = [learner.example([_Noise(random, each) for each in some]) for some in shown]
    return {
        name: torch.as_tensor(np.stack([each[name] for each in examples])) for name in examples[0]
    }


def _read_by(learner: Learner, batch: Batch) -> tuple[str, ...]:
    """Return the names of what a learner reads of an example to answer it, in order."""
    noted = _Noted(batch)
    with torch.no_grad():
        learner.predict(noted)
    return tuple(noted.read)


def _described(state: dict[str, Any]) -> dict[str, str]:
    return {
        "method": state["method"],
        "settings": json.dumps(state["settings"], sort_keys=True),
        "data": json.dumps(state["data"], sort_keys=True),
        "seed": str(state["seed"]),
        "facialis": facialis.__version__,
    }

"""Make the network of a finished run one ONNX file that answers without torch."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

import facialis
from facialis.errors import OutputError, printable
from facialis.face.mesh import TEMPLATE
from facialis.training.export import export
from facialis.training.fit import WEIGHTS_NAME, read_weights
from facialis.training.settings import Variant

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray
    from torch import Tensor

    from facialis.clinical.scales import Scale
    from facialis.networks.learner import Batch, Learner

_COMPARED_ON: Final = 4
_SIDE: Final = 256
_TREMBLE: Final = 0.01
"""Standard deviation of landmarks about the mean face, interocular distances."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written.

    Attributes:
        method: Name of the method.
        inputs: Names of its inputs, in order.
        outputs: Names of its outputs, in order.
        difference: Largest between torch and onnxruntime, in parts of one plus the value.
        size: Bytes.
    """

    method: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    difference: float
    size: int


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
    state = read_weights(run / WEIGHTS_NAME if run.is_dir() else run)
    learner = _rebuilt(state["method"], state["settings"])
    learner.load_state_dict(state["weights"])
    learner.eval()
    batch = _faces_of_noise(learner)
    inputs = _read_by(learner, batch)
    predicted = (task.predicted for task in learner.tasks)
    outputs = tuple(dict.fromkeys((*predicted, *learner.also_shown)))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        difference = export(
            _Answering(learner, inputs, outputs),
            {name: batch[name] for name in inputs},
            outputs,
            file,
            described=_described(state),
            half=half,
        )
    except OSError as error:
        raise OutputError(
            f"{printable(file)}: cannot be written ({error.strerror}); choose another place."
        ) from error
    return Exported(state["method"], inputs, outputs, difference, file.stat().st_size)


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


def _rebuilt(method: str, settings: dict[str, Any]) -> Learner:
    """Return the untrained learner; what it would start from is not looked for."""
    start = {"pretrained": False, "weights": ""}
    return Variant(
        "", method, settings | {key: start[key] for key in start if key in settings}
    ).learner()


def _faces_of_noise(learner: Learner) -> Batch:
    random = np.random.default_rng(0)
    examples = [
        learner.example([_Noise(random) for _ in range(learner.frames)])
        for _ in range(_COMPARED_ON)
    ]
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

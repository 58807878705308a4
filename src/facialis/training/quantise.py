"""Make a network compute in 8-bit whole numbers, and see whether its answers stay the same."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from facialis.methods.tasks import Classification

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from facialis.methods.tasks import Task
    from facialis.weights.session import Session

Feeds = dict[str, "NDArray[Any]"]

_AT_ONCE: Final = 8


@dataclass(frozen=True, slots=True)
class Parity:
    """How often two networks give the same answer.

    Attributes:
        task: Name of what is answered.
        same: Share of examples with the same class, or of pixels with the same label.
        examples: How many were compared.
    """

    task: str
    same: float
    examples: int


def quantise(network: Path, file: Path, feeds: Iterable[Feeds], *, beside: bool = False) -> None:
    """Write a network whose convolutions and matrix products take 8-bit whole numbers.

    Weights have a scale a channel and seven bits, so that sums of products fit into 16 bits on
    processors without instructions of their own for them. Every map has one scale, set by the least
    and greatest number that the feeds bring about.

    Args:
        network: ONNX in single precision.
        file: To write; replaced if it is there.
        feeds: Inputs by name, one batch each.
        beside: Whether the weights go to a file of their own, as those above 2 GB must.
    """
    talk = logging.getLogger()
    before = talk.level
    talk.setLevel(logging.ERROR)  # the library's advice to its own users
    try:
        with TemporaryDirectory() as folder, np.errstate(invalid="ignore", divide="ignore"):
            prepared = Path(folder, "prepared.onnx")
            quant_pre_process(
                network, prepared, skip_symbolic_shape=True, save_as_external_data=beside
            )
            quantize_static(
                prepared,
                file,
                _Feeds(feeds),
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                use_external_data_format=beside,
            )
    finally:
        talk.setLevel(before)


def parity(one: Session, other: Session, tasks: Sequence[Task], given: Feeds) -> list[Parity]:
    """Return how often two networks answer the same, task by task.

    Args:
        one: A network.
        other: A network with the same inputs and outputs.
        tasks: What both answer.
        given: Inputs by name (n, ...).
    """
    count = len(next(iter(given.values())))
    same: dict[str, list[NDArray[np.bool_]]] = {task.name: [] for task in tasks}
    for start in range(0, count, _AT_ONCE):
        batch = {name: each[start : start + _AT_ONCE] for name, each in given.items()}
        mine, theirs = one.run(batch), other.run(batch)
        for task in tasks:
            place = one.outputs.index(task.predicted)
            a, b = mine[place], theirs[place]
            if isinstance(task, Classification):
                a, b = a.argmax(axis=1), b.argmax(axis=1)
            same[task.name].append(a == b)
    return [Parity(name, float(np.concatenate(each).mean()), count) for name, each in same.items()]


class _Feeds(CalibrationDataReader):
    """Feeds as the library asks for them."""

    def __init__(self, feeds: Iterable[Feeds]) -> None:
        self._feeds: Iterator[Feeds] = iter(feeds)

    def get_next(self) -> Feeds | None:
        return next(self._feeds, None)

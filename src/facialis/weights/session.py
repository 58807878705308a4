"""Run a network of the catalogue: one provider, one precision, the same numbers every time."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime_errors

from facialis.errors import WeightsError, printable
from facialis.weights import store
from facialis.weights.download import digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

_PROVIDER = "CPUExecutionProvider"
_PRECISIONS = {"tensor(float)": "fp32", "tensor(float16)": "fp16", "tensor(double)": "fp64"}
_PICTURES = len("nchw")
_UNREADABLE = (
    runtime_errors.Fail,
    runtime_errors.InvalidArgument,
    runtime_errors.InvalidGraph,
    runtime_errors.InvalidProtobuf,
    runtime_errors.NoSuchFile,
    runtime_errors.NotImplemented,
    runtime_errors.RuntimeException,
)


@dataclass(frozen=True, slots=True)
class Session:
    """A loaded network and what a report says about it.

    Attributes:
        name: Name in the catalogue, or the file's own.
        sha256: Digest of the file that was loaded.
        provider: onnxruntime's execution provider.
        precision: ``fp32``, ``fp16`` or ``fp64``: the type of the network's first input.
        threads: Threads one run may use.
        inputs: Names of the inputs, in order.
        outputs: Names of the outputs, in order.
        shapes: Of each input; None where any length will do.
    """

    name: str
    sha256: str
    provider: str
    precision: str
    threads: int
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    shapes: tuple[tuple[int | None, ...], ...]
    _runtime: Any = field(repr=False, compare=False)

    def side(self, name: str) -> int:
        """Return the width and height of the pictures (n, 3, side, side) that an input takes.

        Raises:
            WeightsError: The network fixes none.
        """
        shape = self.shapes[self.inputs.index(name)]
        if len(shape) != _PICTURES or shape[-1] is None or shape[-1] != shape[-2]:
            raise WeightsError(
                f"{self.name}: does not take square pictures of one size; export it again."
            )
        return shape[-1]

    def run(self, feeds: Mapping[str, NDArray[np.generic]]) -> tuple[NDArray[np.float32], ...]:
        """Return the outputs for the named inputs, in the order of `outputs`."""
        return tuple(self._runtime.run(list(self.outputs), dict(feeds)))


def load(name: str, *, threads: int = 1) -> Session:
    """Return a session for an entry of the catalogue, whose sha256 is checked first.

    A file of that name in the user's own folder of weights comes before it (`store.own_file`).

    Args:
        name: Name in the catalogue.
        threads: Threads one run may use, at least 1.

    Raises:
        WeightsError: The file is absent, damaged, or not a network, or the user's own takes or
            gives something else than the catalogue's.
    """
    shipped = open_session(store.require(name), name=name, threads=threads)
    own = store.own_file(name)
    if own is None:
        return shipped
    found = open_session(own, name=name, threads=threads)
    if (found.inputs, found.outputs) != (shipped.inputs, shipped.outputs):
        raise WeightsError(
            f"{printable(own)}: goes from {', '.join(found.inputs)} to {', '.join(found.outputs)}, "
            f"and {name} from {', '.join(shipped.inputs)} to {', '.join(shipped.outputs)}; export "
            "a run of that method, or take the file away."
        )
    for each, mine, theirs in zip(found.inputs, found.shapes, shipped.shapes, strict=True):
        if _bare(mine) != _bare(theirs):
            raise WeightsError(
                f"{printable(own)}: takes {each} of {_told(mine)}, and {name} of {_told(theirs)}; "
                "export a run with its settings, or take the file away."
            )
    return found


def _bare(shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Return what a network of one's own must have in common: of pictures not their size."""
    return shape[: -len("hw")] if len(shape) == _PICTURES else shape


def _told(shape: tuple[int | None, ...]) -> str:
    return " × ".join("n" if each is None else str(each) for each in shape)


@cache
def loaded(name: str) -> Session:
    """Return the session of this process for an entry of the catalogue, on one thread; see `load`.

    Raises:
        WeightsError: As in `load`.
    """
    return load(name)


def open_session(file: Path, *, name: str | None = None, threads: int = 1) -> Session:
    """Return a session for an ONNX file.

    Args:
        file: The file.
        name: What to call it; its stem if not given.
        threads: Threads one run may use, at least 1.

    Raises:
        WeightsError: The file cannot be read as a network.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 3
    try:
        sha256 = digest(file)
        runtime = onnxruntime.InferenceSession(str(file), options, providers=[_PROVIDER])
    except OSError as error:
        raise WeightsError(
            f"{printable(file)}: cannot be read ({error.strerror}); check the path."
        ) from error
    except _UNREADABLE as error:
        raise WeightsError(
            f"{printable(file)}: is not a network that onnxruntime can run; make or fetch it "
            "again, or take it away."
        ) from error
    return Session(
        name=name or file.stem,
        sha256=sha256,
        provider=runtime.get_providers()[0],
        precision=_PRECISIONS.get(runtime.get_inputs()[0].type, runtime.get_inputs()[0].type),
        threads=threads,
        inputs=tuple(item.name for item in runtime.get_inputs()),
        outputs=tuple(item.name for item in runtime.get_outputs()),
        shapes=tuple(
            tuple(each if isinstance(each, int) else None for each in item.shape)
            for item in runtime.get_inputs()
        ),
        _runtime=runtime,
    )

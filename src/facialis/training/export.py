"""Write a trained network as ONNX, and make sure that it computes the same."""

from __future__ import annotations

import warnings
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnx
import torch

from facialis.errors import WeightsError, printable
from facialis.weights.session import open_session

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_LARGEST_DIFFERENCE: Final = 5e-4
_LARGEST_DIFFERENCE_OF_HALVES: Final = 0.02
_FEWEST_HALVED: Final = 1024
"""Numbers of a tensor from which it is worth halving."""


def export(
    network: torch.nn.Module,
    examples: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    file: Path,
    *,
    described: dict[str, str],
    half: bool = False,
) -> float:
    """Write `network` to `file` as ONNX that takes batches of any size.

    Args:
        network: Takes the examples' tensors in order and returns one tensor, or several.
        examples: Inputs by name to compare torch and onnxruntime on, (n, ...), n at least 2.
        outputs: Names of what it returns.
        file: Replaced only by a network that passed the comparison.
        described: Metadata of the model, such as version and licence.
        half: Whether to keep the weights in half precision, for half the size; what is computed
            with them stays in single precision. Then answers, and the labels of pixels, may differ
            by 1 in 50.

    Returns:
        The largest difference between torch and onnxruntime, in parts of one plus the value.

    Raises:
        WeightsError: The exported network computes something else.
    """
    network.eval()
    unfinished = file.with_suffix(".unfinished.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's words to its own developers
        program = torch.onnx.export(
            network,
            tuple(examples.values()),
            dynamo=True,
            input_names=list(examples),
            output_names=list(outputs),
            dynamic_shapes=_any_number(network, len(examples)),
            external_data=False,
            verbose=False,
        )
    if program is None:
        raise WeightsError(f"{printable(file)}: torch exported nothing; check its version.")
    model = program.model_proto
    _forget_sources(model)
    onnx.helper.set_model_props(model, described)
    if half:
        _halve(model)
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, unfinished)
    difference = _difference(network, examples, unfinished)
    if difference > (_LARGEST_DIFFERENCE_OF_HALVES if half else _LARGEST_DIFFERENCE):
        unfinished.unlink()
        raise WeightsError(
            f"{printable(file)}: the exported network differs from torch by {difference:.1e}; "
            "nothing was written."
        )
    unfinished.replace(file)
    return difference


def _any_number(network: torch.nn.Module, inputs: int) -> tuple[Any, ...]:
    """Return that the first axis of each input is of any length, as torch wants to be told."""
    axes = tuple({0: torch.export.Dim.DYNAMIC} for _ in range(inputs))
    kinds = [each.kind for each in signature(network.forward).parameters.values()]
    return (axes,) if kinds == [Parameter.VAR_POSITIONAL] else axes


def _forget_sources(model: Any) -> None:
    """Remove the source paths and stack traces that the exporter leaves in every part."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        part.ClearField("metadata_props")
    for tensor in graph.initializer:
        tensor.ClearField("metadata_props")
    for part in (model, graph, *graph.node):
        part.ClearField("doc_string")


def _halve(model: Any) -> None:
    """Keep large tensors in half precision, each with a cast that is folded when it is loaded."""
    graph = model.graph
    casts = []
    for tensor in graph.initializer:
        values = onnx.numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < _FEWEST_HALVED:
            continue
        name = f"{tensor.name}_half"
        casts.append(
            onnx.helper.make_node("Cast", [name], [tensor.name], to=onnx.TensorProto.FLOAT)
        )
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), name))
    nodes = [*casts, *graph.node]
    graph.ClearField("node")
    graph.node.extend(nodes)


def _difference(
    network: torch.nn.Module, examples: Mapping[str, torch.Tensor], file: Path
) -> float:
    session = open_session(file)
    largest = 0.0
    with torch.no_grad():
        for count in (1, 2, len(next(iter(examples.values())))):
            batch = {name: each[:count] for name, each in examples.items()}
            found = session.run({name: each.numpy() for name, each in batch.items()})
            expected = network(*batch.values())
            expected = expected if isinstance(expected, tuple) else (expected,)
            for mine, theirs in zip(found, expected, strict=True):
                largest = max(largest, _apart(mine, theirs.numpy()))
    return largest


def _apart(found: NDArray[Any], expected: NDArray[Any]) -> float:
    """Return the largest difference in parts of one plus the value; of labels the share that is."""
    if np.issubdtype(expected.dtype, np.integer):
        return float(np.mean(found != expected))
    return float((np.abs(found - expected) / (1 + np.abs(expected))).max())

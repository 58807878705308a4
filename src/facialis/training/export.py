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

_LARGEST_DIFFERENCE: Final = 5e-4


def export(
    network: torch.nn.Module,
    examples: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    file: Path,
    *,
    described: dict[str, str],
) -> float:
    """Write `network` to `file` as ONNX that takes batches of any size.

    Args:
        network: Takes the examples' tensors in order and returns one tensor, or several.
        examples: Inputs by name to compare torch and onnxruntime on, (n, ...), n at least 2.
        outputs: Names of what it returns.
        file: Replaced only by a network that passed the comparison.
        described: Metadata of the model, such as version and licence.

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
    onnx.checker.check_model(model, full_check=True)
    onnx.save(model, unfinished)
    difference = _difference(network, examples, unfinished)
    if difference > _LARGEST_DIFFERENCE:
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
                relative = np.abs(mine - theirs.numpy()) / (1 + np.abs(theirs.numpy()))
                largest = max(largest, float(relative.max()))
    return largest

"""Write a trained network as ONNX, and make sure that it computes the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnx
import torch

from facialis.errors import WeightsError, printable
from facialis.weights.session import open_session

if TYPE_CHECKING:
    from pathlib import Path

_LARGEST_DIFFERENCE: Final = 5e-4


def export(
    network: torch.nn.Module, example: torch.Tensor, file: Path, *, described: dict[str, str]
) -> float:
    """Write `network` to `file` as fp32 ONNX with input ``points`` and output ``logits``.

    Args:
        network: Takes a batch of any size.
        example: Inputs to compare torch and onnxruntime on, (n, ...), n at least 2.
        file: Replaced only by a network that passed the comparison.
        described: Metadata of the model, such as version and licence.

    Returns:
        The largest difference between torch and onnxruntime, in parts of one plus the value.

    Raises:
        WeightsError: The exported network computes something else.
    """
    network.eval()
    unfinished = file.with_suffix(".unfinished.onnx")
    program = torch.onnx.export(
        network,
        (example,),
        dynamo=True,
        input_names=["points"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim.DYNAMIC},),
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
    difference = _difference(network, example, unfinished)
    if difference > _LARGEST_DIFFERENCE:
        unfinished.unlink()
        raise WeightsError(
            f"{printable(file)}: the exported network differs from torch by {difference:.1e}; "
            "nothing was written."
        )
    unfinished.replace(file)
    return difference


def _forget_sources(model: Any) -> None:
    """Remove the source paths and stack traces that the exporter leaves in every part."""
    graph = model.graph
    for part in (model, graph, *graph.node, *graph.value_info, *graph.input, *graph.output):
        part.ClearField("metadata_props")
    for tensor in graph.initializer:
        tensor.ClearField("metadata_props")
    for part in (model, graph, *graph.node):
        part.ClearField("doc_string")


def _difference(network: torch.nn.Module, example: torch.Tensor, file: Path) -> float:
    session = open_session(file)
    largest = 0.0
    with torch.no_grad():
        for count in (1, 2, len(example)):
            batch = example[:count]
            (found,) = session.run({"points": batch.numpy()})
            expected = network(batch).numpy()
            relative = np.abs(found - expected) / (1 + np.abs(expected))
            largest = max(largest, float(relative.max()))
    return largest

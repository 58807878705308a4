"""The light form as ONNX answers as it does in torch."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from facialis.methods.phcnn_lstm.network import Answering, probabilities
from facialis.methods.phcnn_lstm.recipe import Settings, learner

SHAPES = {"face": (4, 3, 128, 128), "eyes": (4, 3, 40, 120), "mouth": (4, 3, 40, 120)}


def crops(count: int) -> tuple[torch.Tensor, ...]:
    random = torch.Generator().manual_seed(count)
    return tuple(
        torch.randint(0, 256, (count, *shape), generator=random, dtype=torch.uint8)
        for shape in SHAPES.values()
    )


@pytest.mark.slow
def test_the_exported_network_takes_any_batch_and_answers_alike(tmp_path):
    torch.manual_seed(0)
    trained = learner("phcnn_lstm-light", Settings()).train()
    with torch.no_grad():
        trained.network(*crops(2))  # batch norm has seen something
    network = Answering(trained.network).eval()
    file = tmp_path / "light.onnx"
    torch.onnx.export(
        network, crops(2), file, dynamo=True, input_names=list(SHAPES),
        output_names=["level_probability"],
        dynamic_shapes={name: {0: torch.export.Dim.DYNAMIC} for name in SHAPES},
        external_data=False, verbose=False,
    )  # fmt: skip
    assert file.stat().st_size <= 12e6
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    assert [each.shape[1:] for each in session.get_inputs()] == list(map(list, SHAPES.values()))
    for count in (1, 3):
        given = crops(count)
        with torch.no_grad():
            expected = probabilities(trained.eval().network(*given)).numpy()
        fed = {name: each.numpy() for name, each in zip(SHAPES, given, strict=True)}
        (found,) = session.run(None, fed)
        np.testing.assert_allclose(found, expected, atol=1e-4)

"""Running a network, against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from facialis.errors import WeightsError
from facialis.weights import catalogue, session, store

onnx = pytest.importorskip("onnx", reason="the network is made with onnx, of the extra 'train'")
TensorProto, helper, numpy_helper = onnx.TensorProto, onnx.helper, onnx.numpy_helper

MATRIX = np.arange(12, dtype=np.float32).reshape(3, 4) / 7


@pytest.fixture
def network(tmp_path):
    """Write a network that multiplies by MATRIX."""
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "m"], ["y"])],
        "multiply",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4])],
        [numpy_helper.from_array(MATRIX, "m")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    file = tmp_path / "multiply.onnx"
    onnx.save(model, file)
    return file


def test_a_network_computes_what_numpy_computes(network):
    x = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    (y,) = session.open_session(network).run({"x": x})
    np.testing.assert_allclose(y, x @ MATRIX, rtol=1e-6)


def test_a_session_reports_provider_precision_threads_and_digest(network):
    opened = session.open_session(network, threads=2)
    assert (opened.name, opened.provider, opened.precision, opened.threads) == (
        "multiply",
        "CPUExecutionProvider",
        "fp32",
        2,
    )
    assert opened.sha256 == store.digest(network)
    assert (opened.inputs, opened.outputs) == (("x",), ("y",))


def test_runs_repeat_to_the_last_bit(network):
    x = np.random.default_rng(1).normal(size=(64, 3)).astype(np.float32)
    results = [session.open_session(network).run({"x": x})[0] for _ in range(3)]
    assert all((r == results[0]).all() for r in results)


def test_a_network_of_the_users_own_comes_before_the_shipped_one(monkeypatch, tmp_path):
    shipped = session.load("multimodal_fusion-light")
    own = tmp_path / "multimodal_fusion-light.onnx"
    model = onnx.load(store.require("multimodal_fusion-light"))
    helper.set_model_props(model, {"made": "by me"})
    onnx.save(model, own)
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    found = session.load("multimodal_fusion-light")
    assert found.sha256 == store.digest(own) != shipped.sha256
    assert (found.inputs, found.outputs) == (shipped.inputs, shipped.outputs)


def test_an_own_network_of_something_else_is_refused_by_name(monkeypatch, tmp_path, network):
    network.rename(tmp_path / "multimodal_fusion-light.onnx")
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    with pytest.raises(WeightsError, match=r"multimodal_fusion-light\.onnx: goes from x to y"):
        session.load("multimodal_fusion-light")


@pytest.mark.parametrize("shape", [("n", 29, 2), ("n", 30)])
def test_an_own_network_of_other_numbers_is_refused(monkeypatch, tmp_path, shape):
    model = onnx.load(store.require("multimodal_fusion-light"))
    del model.graph.node[:]
    values = [
        helper.make_tensor_value_info(each.name, TensorProto.FLOAT, shape)
        for each in (*model.graph.input, *model.graph.output)
    ]
    nodes = [
        helper.make_node("Identity", [model.graph.input[0].name], [each.name])
        for each in model.graph.output
    ]
    inputs = len(model.graph.input)
    graph = helper.make_graph(nodes, "other", values[:inputs], values[inputs:])
    opset = [helper.make_opsetid("", 18)]
    onnx.save(
        helper.make_model(graph, opset_imports=opset, ir_version=9),
        tmp_path / "multimodal_fusion-light.onnx",
    )
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path))
    told = " × ".join(map(str, shape))
    with pytest.raises(WeightsError, match=f"takes asymmetry of {told}, and .* of n × 29; export"):
        session.load("multimodal_fusion-light")


def test_a_network_says_how_large_its_pictures_are(network):
    assert session.loaded("fp_vggface-light").side("image") == 96
    with pytest.raises(WeightsError, match="does not take square pictures of one size"):
        session.open_session(network).side("x")


def test_a_file_that_is_no_network_is_refused(tmp_path):
    file = tmp_path / "notes.onnx"
    file.write_text("not a network")
    with pytest.raises(WeightsError, match=r"notes\.onnx: is not a network"):
        session.open_session(file)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"gone\.onnx: cannot be read"):
        session.open_session(tmp_path / "gone.onnx")


def test_a_network_of_the_catalogue_is_opened_by_name_after_its_digest_is_checked(
    installed, network, monkeypatch
):
    store.path("installed_sample").write_bytes(network.read_bytes())
    with pytest.raises(WeightsError, match="has sha256"):
        session.load("installed_sample")
    entry = catalogue.find("installed_sample")
    object.__setattr__(entry, "sha256", store.digest(network))
    assert session.load("installed_sample").name == "installed_sample"

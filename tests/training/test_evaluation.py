"""The evaluation, with a network whose logits are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from facialis.face.expressions import EXPRESSION_NAMES, EXPRESSION_POINTS, MIRRORED_EXPRESSIONS
from facialis.face.mesh import MIRROR, TEMPLATE
from facialis.training import evaluate_expressions
from facialis.training.evaluate_expressions import equivariant_scores, network_scores
from facialis.weights.session import open_session

onnx = pytest.importorskip("onnx", reason="the network is made with onnx, of the extra 'train'")

RULE = np.random.default_rng(0).normal(size=(292, 52)).astype(np.float32) / 2000
CHOSEN = list(EXPRESSION_POINTS)


def linear_scores(points):
    centred = points - points.mean(axis=1, keepdims=True)
    return 1 / (1 + np.exp(-centred.reshape(len(points), -1) @ RULE))


@pytest.fixture
def network(tmp_path):
    """Write a network whose logits are linear in the centred points."""
    float_type = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [
            onnx.helper.make_node("Flatten", ["points"], ["flat"]),
            onnx.helper.make_node("MatMul", ["flat", "rule"], ["logits"]),
        ],
        "linear",
        [onnx.helper.make_tensor_value_info("points", float_type, ["n", 146, 2])],
        [onnx.helper.make_tensor_value_info("logits", float_type, ["n", 52])],
        [onnx.numpy_helper.from_array(RULE, "rule")],
    )
    opset = [onnx.helper.make_opsetid("", 18)]
    onnx.save(onnx.helper.make_model(graph, opset_imports=opset, ir_version=9), tmp_path / "n.onnx")
    return tmp_path / "n.onnx"


def test_scores_are_the_logistic_function_of_the_networks_logits(network, pool):
    faces = pool.points[:, 0, :, :2]
    found = network_scores(open_session(network), faces)
    np.testing.assert_allclose(found, linear_scores(faces), atol=1e-5)


def test_equivariant_scores_swap_sides_under_mirroring_and_change_nothing_else(network, pool):
    session = open_session(network)
    whole = np.tile(TEMPLATE, (4, 1, 1)) * 200
    whole += 5 * np.random.default_rng(3).normal(size=whole.shape)
    mirrored = whole[:, MIRROR] * [-1, 1, 1]
    one = equivariant_scores(session, whole[:, CHOSEN])
    other = equivariant_scores(session, mirrored[:, CHOSEN])
    np.testing.assert_allclose(other, one[:, MIRRORED_EXPRESSIONS], rtol=1e-4)
    assert EXPRESSION_NAMES[MIRRORED_EXPRESSIONS[EXPRESSION_NAMES.index("jawLeft")]] == "jawRight"


class StubbornLandmarker:
    """Finds one fixed face in every frame."""

    name = "stubborn"

    def in_both_orientations(self, pixels):
        return [20 * TEMPLATE + pixels.mean()], []


def test_every_frame_of_every_clip_is_landmarked(tmp_path):
    for name, levels in (("a.avi", (50, 90, 130)), ("b.avi", (20,))):
        codec = cv2.VideoWriter_fourcc(*"MJPG")
        clip = cv2.VideoWriter(str(tmp_path / name), codec, 25, (96, 96))
        for level in levels:
            clip.write(np.full((96, 96, 3), level, np.uint8))
        clip.release()
    found = evaluate_expressions._frames(tmp_path, StubbornLandmarker())
    assert found.shape == (4, 146, 3)
    assert found[3, 0, 1] < found[0, 0, 1] < found[2, 0, 1]


def test_the_tables_compare_with_the_teacher_on_every_set(network, pool, head, monkeypatch):
    monkeypatch.setattr(evaluate_expressions, "_whole_pipeline", lambda *_: [])
    monkeypatch.setattr(evaluate_expressions, "INVENTED", 40)
    text = evaluate_expressions.evaluate(
        network, linear_scores, pool, head, seed=0, clips=None, faces=None, bundle=None
    )
    rows = [line for line in text.splitlines() if line.startswith("| mouthPucker |")]
    assert len(rows) == 4
    for cell in rows[0].split(" | ")[1:]:
        error, rank = (float(number) for number in cell.strip(" |").split(" / "))
        assert error < 0.001
        assert rank > 0.99
    assert "held-out people (n = 36)" in text
    assert "invented from held-out people (n = 40)" in text


def test_mediapipes_whole_pipeline_agrees_with_its_own_model(shared_data, network):
    pytest.importorskip("ai_edge_litert", reason="training needs the extra 'train'")
    from facialis.training.face_pool import read_faces
    from facialis.training.teacher import ExpressionTeacher

    bundle = shared_data / "models" / "face_landmarker.task"
    faces = shared_data / "faces"
    held_out = read_faces(faces).of(["london/001", "london/002", "london/004"])
    teacher = ExpressionTeacher(bundle)
    session = open_session(network)
    results = evaluate_expressions._whole_pipeline(session, teacher, held_out, faces, bundle)
    assert [r.faces for r in results] == [6, 6]
    assert results[1].error.mean() < 0.05
    assert results[0].error.mean() > results[1].error.mean()

"""A finished run becomes one file that answers without torch."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest

torch = pytest.importorskip("torch")

from facialis.cli.application import main  # noqa: E402
from facialis.errors import InputError, WeightsError  # noqa: E402
from facialis.face.mesh import TEMPLATE  # noqa: E402
from facialis.methods.answers import Face  # noqa: E402
from facialis.methods.asymmetric_parsing import answer as parser  # noqa: E402
from facialis.methods.cascaded_encoder import answer as cascade  # noqa: E402
from facialis.methods.fp_vggface import answer as grader  # noqa: E402
from facialis.training import export as export_module  # noqa: E402
from facialis.training.export_run import export_run  # noqa: E402
from facialis.weights import session as session_module  # noqa: E402
from facialis.weights.session import open_session  # noqa: E402

SMALL = {
    "multimodal_fusion-light": {},
    "multimodal_fusion-examination": {},
    "fp_vggface-light": {"size": 64, "pretrained": False},
    "cascaded_encoder-light": {"size": 64, "pretrained": False},
    "phcnn_lstm-light": {},
    "asymmetric_parsing": {"size": 64, "mirrored": True},
}


@pytest.fixture
def run(write_run):
    """Write a run of a small network."""
    return lambda folder, method: write_run(folder, method, **SMALL[method])


@pytest.mark.parametrize(
    ("method", "inputs"),
    [
        (
            "multimodal_fusion-light",
            {"asymmetry": (29,), "expressions": (52,), "movement": (12,)},
        ),
        (
            "multimodal_fusion-examination",
            {"asymmetry": (12, 29), "expressions": (12, 52), "shown": (12,)},
        ),
        ("fp_vggface-light", {"image": (3, 64, 64)}),
        ("cascaded_encoder-light", {"image": (3, 64, 64)}),
        ("asymmetric_parsing", {"image": (3, 64, 64)}),
        (
            "phcnn_lstm-light",
            {
                "asymmetry": (4, 29), "scores": (4, 52), "face": (4, 3, 128, 128),
                "eyes": (4, 3, 40, 120), "mouth": (4, 3, 40, 120),
            },
        ),
    ],
)  # fmt: skip
def test_the_file_answers_as_the_run_does(run, method, inputs, tmp_path):
    learner = run(tmp_path / "run", method)
    found = export_run(tmp_path / "run", tmp_path / "made" / "net.onnx")
    assert (found.method, found.inputs) == (method, tuple(inputs))
    assert found.difference < 1e-5
    random = np.random.default_rng(1)
    feeds = {
        name: random.random((3, *shape)).astype(np.float32)
        if len(shape) < 3
        else random.integers(0, 256, (3, *shape), dtype=np.uint8)
        for name, shape in inputs.items()
    }
    session = open_session(tmp_path / "made" / "net.onnx")
    assert (session.inputs, session.outputs) == (found.inputs, found.outputs)
    with torch.no_grad():
        wanted = learner.predict({name: torch.from_numpy(each) for name, each in feeds.items()})
    for name, each in zip(found.outputs, session.run(feeds), strict=True):
        np.testing.assert_allclose(each, wanted[name].numpy(), atol=1e-4)


@pytest.mark.parametrize("answered_by", [parser, cascade, grader])
def test_a_network_of_other_pictures_answers_in_the_place_of_the_shipped_one(
    run, answered_by, tmp_path, monkeypatch
):
    run(tmp_path / "run", answered_by.NAME)
    export_run(tmp_path / "run", tmp_path / "own" / f"{answered_by.NAME}.onnx")
    monkeypatch.setenv("FACIALIS_WEIGHTS", str(tmp_path / "own"))
    monkeypatch.setattr(session_module, "loaded", session_module.load)
    picture = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    face = Face(picture, TEMPLATE * 40 + [100.0, 100.0, 0.0])
    answer = answered_by.answer(face, face.mirror_image())
    if answer.seen is not None:
        assert answer.seen.labels.shape == (64, 64)
    if answered_by is not parser:
        assert answer.grades.sum() == pytest.approx(1, abs=1e-5)


def test_the_file_says_what_it_is_and_not_where_it_was_made(run, tmp_path):
    run(tmp_path / "run", "multimodal_fusion-light")
    file = tmp_path / "net.onnx"
    export_run(tmp_path / "run" / "weights.pt", file)
    told = {each.key: each.value for each in onnx.load(file).metadata_props}
    assert told["method"] == "multimodal_fusion-light"
    assert json.loads(told["data"]) == {"manifest": "m", "split": "s"}
    assert b"/src/" not in file.read_bytes()
    assert str(tmp_path).encode() not in file.read_bytes()


def test_a_network_that_computes_something_else_replaces_nothing(run, tmp_path, monkeypatch):
    run(tmp_path / "run", "multimodal_fusion-light")
    file = tmp_path / "net.onnx"
    file.write_bytes(b"before")
    monkeypatch.setattr(export_module, "_difference", lambda *_: 0.5)
    with pytest.raises(WeightsError, match="differs from torch"):
        export_run(tmp_path / "run", file)
    assert file.read_bytes() == b"before"


def test_a_folder_without_a_finished_run_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"weights\.pt"):
        export_run(tmp_path, tmp_path / "net.onnx")


def test_the_command_tells_what_it_wrote(run, tmp_path, capsys):
    run(tmp_path / "run", "multimodal_fusion-light")
    with pytest.raises(SystemExit) as ended:
        main(["export", str(tmp_path / "run"), "--out", str(tmp_path / "net.onnx")])
    assert ended.value.code == 0
    told = "from asymmetry, expressions, movement to palsy_probability, level_probability, "
    told += "grade_probability;"
    assert told in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["export", str(tmp_path), "--out", str(tmp_path / "other.onnx")])
    assert ended.value.code == 2
    assert not (tmp_path / "other.onnx").exists()


def test_halves_take_half_the_room_and_answer_nearly_alike(run, tmp_path):
    run(tmp_path / "run", "fp_vggface-light")
    whole = export_run(tmp_path / "run", tmp_path / "whole.onnx")
    half = export_run(tmp_path / "run", tmp_path / "half.onnx", half=True)
    assert half.size < 0.6 * whole.size
    assert whole.difference < 1e-5
    assert half.difference < 0.02
    given = {"image": np.random.default_rng(0).integers(0, 256, (3, 3, 64, 64), dtype=np.uint8)}
    (one,), (other,) = (
        open_session(tmp_path / f"{name}.onnx").run(given) for name in ("whole", "half")
    )
    np.testing.assert_allclose(one, other, atol=0.01)


def test_labels_that_differ_are_counted_by_their_share():
    one = np.zeros((2, 10, 10), np.int64)
    other = one.copy()
    other[0, 0, 0] = 3
    assert export_module._apart(other, one) == pytest.approx(1 / 200)
    assert export_module._apart(np.array([1.5]), np.array([1.0])) == pytest.approx(0.25)


def test_only_a_file_named_onnx_is_written(run, tmp_path):
    run(tmp_path / "run", "multimodal_fusion-light")
    with pytest.raises(InputError, match=r"does not end in \.onnx"):
        export_run(tmp_path / "run", tmp_path / "net.txt")
    assert not (tmp_path / "net.txt").exists()

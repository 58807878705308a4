"""A run becomes a network of 8-bit numbers that must answer as the run does."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import onnx
import pytest
import torch

from facialis.cli.application import main
from facialis.clinical.scales import Scale
from facialis.errors import InputError, WeightsError
from facialis.methods.tasks import Classification, Segmentation
from facialis.training import export_run as export_module
from facialis.training.export_run import export_run_in_8_bits
from facialis.training.quantise import parity
from facialis.weights.session import open_session

PEOPLE = ("toy/0", "toy/1")


@pytest.fixture
def run(write_run, tmp_path):
    """A run that is exported fast, of which it is said that it learned from two people."""
    write_run(tmp_path / "run", "multimodal_fusion-light", PEOPLE)
    return tmp_path / "run"


def test_the_network_is_smaller_and_its_answers_were_compared(
    write_run, toy_manifest, tmp_path, monkeypatch
):
    monkeypatch.setattr(export_module, "LEAST_SAME", 0.0)
    learner = write_run(tmp_path / "run", "fp_vggface-light", PEOPLE, size=64, pretrained=False)
    data, read = toy_manifest(people=5, each=3), []
    file = tmp_path / "8.onnx"
    found = export_run_in_8_bits(tmp_path / "run", file, data, lambda *n: read.append(n))
    assert found.size < 2 * sum(each.numel() for each in learner.parameters())
    assert read[-1] == (15, 15)
    assert (found.people, [each.examples for each in found.parities]) == (3, [9])
    assert [each.task for each in found.parities] == ["grade"]
    told = {each.key: each.value for each in onnx.load(file).metadata_props}
    assert (told["method"], told["numbers"]) == ("fp_vggface-light", "int8")
    assert b"QuantizeLinear" in file.read_bytes()
    images = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        wanted = learner.predict({"image": images})["grade_probability"].numpy()
    (answered,) = open_session(file).run({"image": images.numpy()})
    np.testing.assert_allclose(answered, wanted, atol=0.1)


def test_answers_that_change_leave_the_file_as_it_was(run, toy_manifest, tmp_path, monkeypatch):
    monkeypatch.setattr(export_module, "LEAST_SAME", 1.1)
    file = tmp_path / "8.onnx"
    file.write_bytes(b"before")
    with pytest.raises(
        WeightsError, match=r"answers \((palsy|level)\) became another.*without --int8"
    ):
        export_run_in_8_bits(run, file, toy_manifest(people=4, each=2))
    assert file.read_bytes() == b"before"
    assert not list(tmp_path.glob("*.unfinished*"))


@pytest.mark.parametrize(
    ("people", "learned", "problem"),
    [
        (2, ["toy/0", "toy/1"], "shows nobody new to the run"),
        (2, ["others/1"], "shows nobody that the run learned from"),
    ],
)
def test_data_must_show_people_of_the_run_and_others(
    run, toy_manifest, tmp_path, people, learned, problem
):
    state = torch.load(run / "weights.pt", weights_only=True)
    torch.save(state | {"learned_from": learned}, run / "weights.pt")
    with pytest.raises(InputError, match=problem):
        export_run_in_8_bits(run, tmp_path / "8.onnx", toy_manifest(people=people, each=2))
    assert not (tmp_path / "8.onnx").exists()


def test_the_command_says_what_stayed_the_same(run, toy_manifest, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(export_module, "LEAST_SAME", 0.0)
    data = toy_manifest(people=4, each=2)
    given = ["export", str(run), "--out", str(tmp_path / "8.onnx"), "--int8", str(data.root)]
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "at most, before 8 bits" in said
    assert "palsy: " in said
    assert "level: " in said
    assert "(4 examples of 2 people that it did not learn from)" in said
    with pytest.raises(SystemExit) as ended:
        main([*given, "--half"])
    assert ended.value.code == 2
    assert "--half" in capsys.readouterr().err


def test_parity_counts_faces_of_classes_and_pixels_of_labels():
    tasks = (
        Classification(
            name="palsy",
            scale=Scale.PALSY,
            classes=("absent", "present"),
            truth="palsy",
            predicted="palsy_probability",
        ),
        Segmentation(name="parts", classes=("background", "skin")),
    )

    def network(probabilities, labels):
        def answered(feeds):
            rows = feeds["number"]
            return np.asarray(probabilities)[rows], np.asarray(labels)[rows]

        return SimpleNamespace(outputs=("palsy_probability", "labels"), run=answered)

    labels = np.zeros((10, 2, 2), np.uint8)
    changed = labels.copy()
    changed[9, 0, 0] = 1
    one = network([[0.6, 0.4]] * 10, labels)
    other = network([[0.51, 0.49]] * 7 + [[0.4, 0.6]] * 3, changed)
    found = parity(one, other, tasks, {"number": np.arange(10)})
    assert [(each.task, each.examples) for each in found] == [("palsy", 10), ("parts", 10)]
    assert [each.same for each in found] == pytest.approx([0.7, 1 - 1 / 40])

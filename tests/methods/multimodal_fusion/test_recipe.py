"""How paper 004 is trained."""

from __future__ import annotations

import math
from typing import get_args

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from facialis.errors import InputError
from facialis.methods.multimodal_fusion import recipe
from facialis.methods.multimodal_fusion.recipe import Model, Settings, learner
from facialis.networks.pretrained import Start
from facialis.regions.framing import square_around
from facialis.regions.line_drawing import line_drawing
from facialis.regions.points125 import POINTS_125

NAME = "multimodal_fusion"
MODELS = get_args(Model)


def made(model="early_fusion", **values):
    torch.manual_seed(0)
    given = {"size": 64, "backbone": "small", "pretrained": False} | values
    return learner(NAME, Settings(model=model, **given))


def batch(count=2, palsy=None):
    random = torch.Generator().manual_seed(1)
    images = torch.randint(0, 256, (2, count, 3, 64, 64), dtype=torch.uint8, generator=random)
    return {
        "coordinates": torch.rand(count, 250, generator=random),
        "expressions": torch.rand(count, 52, generator=random),
        "lines": images[0],
        "rgb": images[1],
        "palsy": torch.tensor(palsy or [i % 2 for i in range(count)]),
    }


def steps(model, given, count=2):
    optimiser = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], 0.01)
    for _ in range(count):
        optimiser.zero_grad()
        model.loss(given)["total"].backward()
        optimiser.step()


def changed(model, before):
    return {key for key, value in model.state_dict().items() if not torch.equal(value, before[key])}


def value(loss):
    return float(loss["total"].detach())


@pytest.mark.parametrize(
    ("model", "stages"),
    [
        ("coordinates", [("coordinates", 15, 0.01)]),
        ("expressions", [("expressions", 15, 0.01)]),
        ("rgb", [("rgb", 15, 0.001)]),
        ("lines", [("lines", 15, 0.001)]),
        ("lines_rgb", [("lines_rgb", 8, 0.001)]),
        ("late_fusion", [("lines", 15, 0.001), ("expressions", 15, 0.01)]),
        (
            "early_fusion",
            [("lines", 15, 0.001), ("expressions", 15, 0.01), ("fusion", 15, 0.01)],
        ),
    ],
)
def test_s4_16_defaults_of_training(model, stages):
    with torch.device("meta"):
        found = learner(NAME, Settings(model=model, pretrained=False)).stages
    assert [(each.name, each.epochs, each.rate) for each in found] == stages
    for each in found:
        assert (each.optimiser, each.momentum, each.batch) == ("sgd", 0.9, 32)
        assert (each.weight_decay, each.power, each.patience) == (0.0, None, None)


@pytest.mark.parametrize("model", MODELS)
def test_s4_17_a_batch_of_one_trains_through_every_stage(model):
    found = made(model)
    for stage in found.stages:
        found.begin(stage)
        found.train()
        loss = found.loss(batch(1))["total"]
        loss.backward()
        assert math.isfinite(float(loss.detach()))


@pytest.mark.parametrize("model", ["early_fusion", "attention_fusion"])
def test_s4_19_branches_stay_bitwise_the_same_while_they_are_joined(model):
    found = made(model)
    found.begin(found.stages[-1])
    found.train()
    before = {key: each.clone() for key, each in found.state_dict().items()}
    steps(found, batch(4))
    moved = changed(found, before)
    assert moved
    assert all(key.startswith("network.fusion.") for key in moved)


def test_sx_17_d4_9_branches_learn_on_when_they_are_told_to():
    found = made(finetune_branches=True)
    found.begin(found.stages[-1])
    found.train()
    before = {key: each.clone() for key, each in found.state_dict().items()}
    steps(found, batch(4))
    moved = changed(found, before)
    assert any(key.startswith("network.branches.lines.") for key in moved)
    assert any(key.startswith("network.branches.expressions.") for key in moved)


def test_a_branchs_stage_trains_that_branch_alone():
    found = made()
    found.begin(found.stages[1])
    found.train()
    before = {key: each.clone() for key, each in found.state_dict().items()}
    steps(found, batch(4))
    moved = changed(found, before)
    assert moved
    assert all(key.startswith("network.branches.expressions.") for key in moved)


def test_d4_10_loss_is_the_mean_binary_cross_entropy_of_both_units():
    found = made("expressions").eval()
    given = batch(3, palsy=[0, 1, 1])
    with torch.no_grad():
        units = 1 / (1 + np.exp(-found.network(given["expressions"]).double().numpy()))
        loss = value(found.loss(given))
    total = 0.0
    for unit, palsy in zip(units, (0, 1, 1), strict=True):
        for number, p in enumerate(unit):
            total -= math.log(p if number == palsy else 1 - p)
    assert loss == pytest.approx(total / 6, abs=1e-6)


def test_pictures_of_no_known_class_are_ignored():
    found = made("coordinates").eval()
    both = batch(2, palsy=[1, -1])
    one = {key: each[:1] for key, each in both.items()}
    assert value(found.loss(both)) == pytest.approx(value(found.loss(one)), abs=1e-6)
    nothing = found.loss(batch(2, palsy=[-1, -1]))["total"]
    nothing.backward()
    assert float(nothing.detach()) == 0
    chosen = found.learned_from(found.stages[0], {"palsy": np.array([1, -1, 0])})
    assert chosen.tolist() == [True, False, True]


@pytest.mark.parametrize("model", MODELS)
def test_answers_sum_to_one(model):
    found = made(model).eval()
    with torch.no_grad():
        answer = found.predict(batch(3))["palsy_probability"]
    assert answer.shape == (3, 2)
    assert answer.dtype == torch.float32
    assert torch.allclose(answer.sum(dim=1), torch.ones(3), atol=1e-6)


def test_the_likeliest_class_is_that_of_the_larger_unit():
    found = made("expressions").eval()
    given = batch(16)
    with torch.no_grad():
        units = torch.sigmoid(found.network(given["expressions"]))
        answer = found.predict(given)["palsy_probability"]
    assert torch.equal(answer.argmax(dim=1), units.argmax(dim=1))
    assert torch.allclose(answer[:, 1], units[:, 1] / units.sum(dim=1), atol=1e-6)


def test_attention_fusion_says_how_it_weighs_modalities():
    found = made("attention_fusion", attention_rgb=True).eval()
    assert found.modalities == ("coordinates", "expressions", "lines", "rgb")
    with torch.no_grad():
        weights = found.predict(batch(2))["modality_weight"]
    assert weights.shape == (2, 4)
    assert torch.allclose(weights.sum(dim=1), torch.ones(2))


@pytest.mark.parametrize("model", MODELS)
def test_s4_20_every_model_sees_the_same_pictures(model, picture):
    found = made(model)
    examples = [
        found.example([each])
        for each in (picture(), picture(points=None), picture(palsy=None), picture(palsy=0))
    ]
    assert [int(each["palsy"]) for each in examples] == [1, -1, -1, 0]
    shapes = [{key: (each.shape, each.dtype) for key, each in one.items()} for one in examples]
    assert all(each == shapes[0] for each in shapes)


def test_an_example_holds_what_the_model_reads(picture):
    found = made("lines_rgb").example([picture()])
    assert set(found) == {"lines", "rgb", "palsy"}
    assert found["lines"].shape == found["rgb"].shape == (3, 64, 64)
    assert found["lines"].dtype == found["rgb"].dtype == np.uint8


@pytest.mark.parametrize("model", MODELS)
def test_every_modality_of_a_model_moves_its_answer_and_no_other_does(model):
    found = made(model, attention_rgb=model == "attention_fusion")
    given, other = batch(4), {key: each.flip(0) for key, each in batch(4).items()}
    for each in found.modules():  # untrained backbones answer nearly alike before they meet data
        if isinstance(each, nn.BatchNorm1d | nn.BatchNorm2d):
            each.momentum = None
    with torch.no_grad():
        found.train().predict(given)
        answer = found.eval().predict(given)["palsy_probability"]
        for each in ("coordinates", "expressions", "lines", "rgb"):
            moved = found.predict(given | {each: other[each]})["palsy_probability"]
            assert torch.allclose(moved, answer, atol=1e-5) is (each not in found.modalities), each


def test_sx_17_d4_2_coordinates_are_of_the_picture_unless_measured_from_the_eyes(picture, face):
    class Tall(picture):
        def picture(self):
            return np.zeros((400, 200, 3), np.uint8)

    corners = [POINTS_125.index(33), POINTS_125.index(263)]  # the patient's right one is first
    usual, from_eyes = (
        made("coordinates", **given).example([Tall()])["coordinates"].reshape(125, 2)
        for given in ({}, {"eye_frame": True})
    )
    np.testing.assert_allclose(usual[corners], face[[33, 263], :2] / [200, 400], atol=1e-6)
    np.testing.assert_allclose(from_eyes[corners], [[-0.5, 0], [0.5, 0]], atol=1e-6)


def test_sx_17_d4_5_the_face_is_cut_unless_the_whole_picture_is_wanted(picture, face):
    class Tall(picture):
        def picture(self):
            return np.random.default_rng(0).integers(0, 256, (400, 200, 3), dtype=np.uint8)

    whole = made("lines_rgb", whole=True, size=200).example([Tall()])
    resized = cv2.resize(Tall().picture(), (200, 200), interpolation=cv2.INTER_AREA)
    np.testing.assert_array_equal(whole["rgb"].transpose(1, 2, 0), resized)
    np.testing.assert_array_equal(whole["lines"][1], line_drawing(face[:, :2] / [1, 2], 200))
    cut = made("lines_rgb", size=200).example([Tall()])
    square = square_around(face, 0.2)
    np.testing.assert_array_equal(cut["rgb"].transpose(1, 2, 0), square.cut(Tall().picture(), 200))
    np.testing.assert_array_equal(cut["lines"][1], line_drawing(square.moved(face, 200), 200))
    assert Settings().whole is False


@pytest.mark.parametrize(
    ("model", "starts"),
    [
        ("coordinates", {}),
        ("lines", {"backbone": "features"}),
        ("rgb", {"backbone": "features"}),
        ("lines_rgb", {"lines": "lines", "rgb": "rgb"}),
        ("early_fusion", {"lines": "branches.lines.features"}),
        ("late_fusion", {"lines": "branches.lines.features"}),
        ("attention_fusion", {"lines": "branches.lines.features"}),
    ],
)
@pytest.mark.parametrize(
    ("backbone", "weights"),
    [
        ("resnet50", ("imagenet_resnet50", "")),
        ("small", ("imagenet_mobilenet_v3_small", "features.")),
    ],
)
def test_backbones_start_from_imagenet_unless_told_otherwise(
    model, starts, backbone, weights, monkeypatch
):
    loaded = []

    def load(module, name, *, part, file):
        loaded.append((module, name, part, file))
        return Start(name, "ab")

    monkeypatch.setattr(recipe, "load_pretrained", load)
    with torch.device("meta"):
        found = learner(NAME, Settings(model=model, backbone=backbone))
        modules = [found.network.get_submodule(path) for path in starts.values()]
        assert loaded == [(each, *weights, None) for each in modules]
        says = "; ".join(f"{key}: weights {weights[0]} sha256 ab" for key in starts)
        assert found.starts_from == (says or "random weights")
        loaded.clear()
        unlearned = learner(NAME, Settings(model=model, backbone=backbone, pretrained=False))
    assert not loaded
    assert unlearned.starts_from == "random weights"


def test_both_streams_start_from_a_given_file(tmp_path):
    tensors = made("lines").network.features.state_dict()
    path = tmp_path / "w.pth"
    torch.save({f"features.{key}": each for key, each in tensors.items()}, path)
    torch.manual_seed(1)
    given = Settings(model="lines_rgb", backbone="small", pretrained=False, weights=str(path))
    found = learner(NAME, given)
    for stream in (found.network.lines, found.network.rgb):
        for key, each in stream.state_dict().items():
            assert torch.equal(each, tensors[key]), key
    assert found.starts_from.count("weights w.pth sha256") == 2


def test_sx_17_d4_4_the_setting_decides_whether_lips_are_drawn(picture):
    with_lips = made("lines").example([picture()])["lines"]
    without = made("lines", draw_lips=False).example([picture()])["lines"]
    assert int((with_lips > 0).sum()) > int((without > 0).sum())


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("fusion", {}, "form of this method"),
        (NAME, {"model": "lines", "attention_rgb": True}, "attention_fusion"),
        (NAME, {"model": "late_fusion", "finetune_branches": True}, "nothing to join"),
    ],
)
def test_what_does_not_fit_is_refused(name, values, message):
    with pytest.raises(InputError, match=message):
        learner(name, Settings(**values))


def test_a_file_without_the_backbones_weights_is_refused(tmp_path):
    path = tmp_path / "w.pth"
    torch.save({"features.0.0.weight": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="lacks"):
        made("lines", weights=str(path))


def test_s4_20_every_stage_of_every_model_keeps_the_same_frames(picture, face):
    frames = [
        picture(name="palsy"),
        picture(name="no face", points=None),
        picture(name="no irises", points=face[:468]),
        picture(name="no label", palsy=None),
        picture(name="healthy", palsy=0),
    ]
    kept = {}
    for model in MODELS:
        found = made(model)
        examples = [found.example([each]) for each in frames]
        arrays = {key: np.stack([each[key] for each in examples]) for key in examples[0]}
        for stage in found.stages:
            chosen = found.learned_from(stage, arrays)
            kept[model, stage.name] = [
                each.name for each, is_kept in zip(frames, chosen, strict=True) if is_kept
            ]
        assert {task.truth for task in found.tasks} == {"palsy"}
        assert arrays["palsy"].tolist() == [1, -1, -1, -1, 0]
    assert len(kept) == 14
    assert all(each == ["palsy", "healthy"] for each in kept.values()), kept

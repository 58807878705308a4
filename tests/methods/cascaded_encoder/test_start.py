"""What the published form starts from, its ablation without attention, and its joint loss."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import resnet101, vgg16

from facialis.methods.cascaded_encoder import network, recipe
from facialis.methods.cascaded_encoder.recipe import LIGHT, PUBLISHED, Settings, learner
from facialis.networks.pretrained import RANDOM, Start

SMALL = Settings(size=64, channels=8, hidden=16, pretrained=False)


@pytest.fixture
def asked(monkeypatch):
    """What is asked of the loader: name in the catalogue, part of the file, module."""
    found = []

    def load(module, name, *, part="", file=None):
        found.append((name, part, module))
        return Start(name, "abc")

    monkeypatch.setattr(recipe, "load_pretrained", load)
    return found


def test_d1_8_both_encoders_start_from_imagenets_weights_by_torchvisions_names(asked):
    with torch.device("meta"):
        made = learner(PUBLISHED, Settings())
        theirs = {"imagenet_resnet101": resnet101(), "imagenet_vgg16": vgg16()}
    assert [(name, part) for name, part, _ in asked] == [
        ("imagenet_resnet101", ""),
        ("imagenet_vgg16", "features."),
    ]
    for name, part, module in asked:
        shapes = {key: value.shape for key, value in theirs[name].state_dict().items()}
        ours = {part + key: value.shape for key, value in module.state_dict().items()}
        classifier = set(shapes) - set(ours)
        assert ours.items() <= shapes.items()
        assert all(key.startswith(("fc.", "classifier.")) for key in classifier)
    assert made.starts_from == (
        "E1: weights imagenet_resnet101 sha256 abc; E2: weights imagenet_vgg16 sha256 abc"
    )


@pytest.mark.parametrize(
    ("name", "changed", "expected"),
    [
        (PUBLISHED, {"pretrained": False}, []),
        (PUBLISHED, {"condition": False}, ["imagenet_vgg16"]),
        (LIGHT, {}, []),
    ],
)
def test_weights_are_asked_for_only_where_they_are_used(asked, name, changed, expected):
    with torch.device("meta"):
        made = learner(name, Settings(**changed))
    assert [each for each, _, _ in asked] == expected
    assert (made.starts_from == str(RANDOM)) == (not expected)


def test_given_files_fill_both_encoders_and_leave_the_rest(tmp_path, monkeypatch):
    files, tensors = {}, {}
    for name, part in (("resnet101", ""), ("vgg16", "features.")):
        monkeypatch.setattr(
            network, f"{name}_features", lambda **_: nn.Sequential(nn.Conv2d(3, 4, 3, padding=1))
        )
        tensors[name] = torch.randn(4, 3, 3, 3)
        files[name] = str(tmp_path / f"{name}.pth")
        held = {f"{part}0.weight": tensors[name], f"{part}0.bias": torch.ones(4)}
        torch.save(held | {"fc.weight": torch.zeros(2)}, files[name])
    made = learner(PUBLISHED, replace(SMALL, pretrained=True, **files))
    for name, part in (
        ("resnet101", made.network.e1.backbone),
        ("vgg16", made.network.e2.features),
    ):
        assert torch.equal(part[0].weight, tensors[name])
        assert torch.equal(part[0].bias, torch.ones(4))
    assert not made.network.e2.condition_input.weight.any()
    first, second = made.starts_from.split("; ")
    assert first.startswith("E1: weights resnet101.pth sha256 ")
    assert second.startswith("E2: weights vgg16.pth sha256 ")


@pytest.mark.parametrize("name", [PUBLISHED, LIGHT])
def test_s1_11_the_recipe_without_attention_has_a_classifier_of_pixels_and_nothing_else(name):
    with torch.device("meta"):
        plain = learner(name, replace(SMALL, attention=False)).network.head
        whole = learner(name, SMALL).network.head
    assert {key: tuple(value.shape) for key, value in plain.state_dict().items()} == {
        "classify.weight": (11, 8, 1, 1),
        "classify.bias": (11,),
    }
    assert len(list(whole.parameters())) > 2


@pytest.mark.parametrize(("name", "freeze"), [(LIGHT, None), (PUBLISHED, False)])
def test_where_pixels_go_on_being_learned_both_cross_entropies_are_added(name, freeze):
    torch.manual_seed(0)
    made = learner(name, replace(SMALL, freeze_e1=freeze))
    made.begin(made.stages[-1])
    random = torch.Generator().manual_seed(0)
    given = {
        "image": torch.randint(0, 256, (2, 3, 64, 64), generator=random).to(torch.uint8),
        "mask": torch.randint(0, 11, (2, 64, 64), generator=random).to(torch.uint8),
        "grade": torch.tensor([1, 4]),
    }
    made.train().network(given["image"])
    with torch.no_grad():
        losses = made.eval().loss(given)
        grade = functional.cross_entropy(made.network.grade(given["image"]), given["grade"])
        parts = functional.cross_entropy(made.network.segment(given["image"]), given["mask"].long())
    assert float(losses["total"]) == pytest.approx(float(grade + parts), rel=1e-4)
    assert float(losses["grade"]) == pytest.approx(float(grade), rel=1e-4)
    assert float(losses["attributes"]) == pytest.approx(float(parts), rel=1e-4)

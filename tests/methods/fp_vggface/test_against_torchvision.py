"""The networks of paper 002 answer as torchvision's VGG16 does with the same weights."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torchvision.models import VGG, resnet50
from torchvision.models.vgg import make_layers

from facialis.methods.fp_vggface import recipe
from facialis.methods.fp_vggface.baselines import ResNet50Benchmark, Vgg16Benchmark
from facialis.methods.fp_vggface.network import Blocks, FpVggFace
from facialis.methods.fp_vggface.recipe import Settings, learner

NARROW = ((4, 4), (4, 4), (4, 4, 4), (8, 8, 8), (8, 8, 8))
MEAN = (129.1863, 104.7624, 93.5940)


@pytest.fixture
def images() -> torch.Tensor:
    random = torch.Generator().manual_seed(3)
    return torch.randint(0, 256, (3, 3, 64, 64), generator=random).to(torch.uint8)


@pytest.fixture
def theirs() -> VGG:
    """Torchvision's VGG16 with few channels, without its pooling to 7 by 7 and without weights."""
    with torch.device("meta"):
        made = VGG(make_layers([each for block in NARROW for each in (*block, "M")])).eval()
    made.avgpool = nn.Identity()
    return made


def features_of(network: nn.Module) -> dict[str, torch.Tensor]:
    return recipe._by_torchvision(network, Settings(size=64))["features"].state_dict()


@pytest.mark.parametrize("scaling", ["255", "225", "vggface_mean"])
@torch.no_grad()
def test_s2_01_vggface_answers_as_torchvisions_vgg16(theirs, images, scaling):
    torch.manual_seed(0)
    ours = FpVggFace(blocks=NARROW, hidden=16, size=64, scaling=scaling).eval()
    theirs.features.load_state_dict(features_of(ours), assign=True)
    for place, layer in ((0, ours.fc6), (3, ours.fc7), (6, ours.fc8)):
        theirs.classifier[place] = layer
    given = {
        "255": images / 255,
        "225": images / 225,
        "vggface_mean": images - torch.tensor(MEAN)[:, None, None],
    }[scaling]
    expected = theirs(given)
    assert expected.std() > 1e-3
    assert torch.allclose(ours(images), expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_s2_01_each_block_ends_in_the_maximum_of_two_by_two_pixels(theirs, images):
    torch.manual_seed(0)
    ours, maps = Blocks(NARROW), images / 255
    places = [i for i, each in enumerate(theirs.features) if isinstance(each, nn.MaxPool2d)]
    found = ours.maps(maps)
    for names, before, place in zip(ours.names, found, places, strict=False):
        for name in names:
            maps = ours.get_submodule(name)(maps).relu()
        assert torch.allclose(before, maps, atol=1e-5)
        maps = theirs.features[place](maps)
    assert torch.allclose(found[-1], maps, atol=1e-5)


@torch.no_grad()
def test_d2_5_the_vgg16_benchmark_answers_as_torchvisions_with_a_head_of_one_layer(theirs, images):
    torch.manual_seed(0)
    ours = Vgg16Benchmark(blocks=NARROW, size=64).eval()
    theirs.features.load_state_dict(features_of(ours), assign=True)
    _, relu, dropout, *_ = theirs.classifier
    theirs.classifier = nn.Sequential(ours.hidden, relu, dropout, ours.grades)
    expected = theirs(images / 255)
    assert expected.std() > 1e-3
    assert torch.allclose(ours(images), expected, rtol=1e-4, atol=1e-5)


@torch.no_grad()
def test_d2_6_the_resnet50_benchmark_answers_as_torchvisions_with_another_last_layer(images):
    torch.manual_seed(0)
    ours = ResNet50Benchmark(scaling="225")
    ours.train()(images)
    with torch.device("meta"):
        theirs = resnet50().eval()
    theirs.fc = ours.grades
    theirs.load_state_dict(ours.base.state_dict(), strict=False, assign=True)
    expected = theirs(images / 225)
    assert expected.std() > 1e-3
    assert torch.allclose(ours.eval()(images), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("built", "last"),
    [
        (lambda: FpVggFace(blocks=NARROW, hidden=16, size=64), "fc8"),
        (lambda: Vgg16Benchmark(blocks=NARROW, size=64), "grades"),
        (ResNet50Benchmark, "grades"),
    ],
    ids=["fp_vggface", "vgg16", "resnet50"],
)
@torch.no_grad()
def test_s2_15_dropout_of_everything_leaves_the_bias_of_the_last_layer(images, built, last):
    network = built().eval()
    layer = network.get_submodule(last)
    assert not torch.allclose(network(images), layer.bias.expand(3, 6))
    network.dropout = nn.Dropout(1.0)
    assert torch.equal(network(images), layer.bias.expand(3, 6))


@pytest.mark.parametrize("model", ["fp_vggface", "vgg16", "resnet50"])
@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, (1.0, 1.0, 1.0)),
        ({"scaling": "225"}, (1.1333, 1.1333, 1.1333)),
        ({"scaling": "vggface_mean"}, tuple(255 - each for each in MEAN)),
    ],
)
def test_s2_07_the_recipe_scales_a_white_pixel_as_set(monkeypatch, model, changed, expected):
    monkeypatch.setattr(nn.Linear, "reset_parameters", lambda _: None)
    made = learner("fp_vggface", Settings(model=model, size=64, pretrained=False, **changed))
    white = torch.full((1, 3, 1, 1), 255, dtype=torch.uint8)
    assert made.network.scaled(white).flatten().tolist() == pytest.approx(expected, abs=1e-4)

"""Backbones: sizes of their maps, and parameters as torchvision counts them."""

from __future__ import annotations

import pytest
import torch

from facialis.networks import backbones


@pytest.mark.parametrize("stride", [8, 16, 32])
@pytest.mark.parametrize(
    ("build", "channels"),
    [
        (backbones.resnet101_features, 2048),
        (backbones.mobilenet_v3_large_features, 960),
        (backbones.mobilenet_v3_small_features, 576),
    ],
)
def test_maps_have_the_output_stride(build, channels, stride):
    with torch.device("meta"):
        found = build(stride)(torch.empty(2, 3, 64, 64))
    assert found.shape == (2, channels, 64 // stride, 64 // stride)


@pytest.mark.parametrize(
    ("build", "parameters"),
    [
        (backbones.resnet50_features, 25_557_032 - 2_049_000),
        (backbones.resnet101_features, 42_500_160),
        (backbones.vgg16_features, 14_714_688),
    ],
)
def test_parameters_without_classifier(build, parameters):
    with torch.device("meta"):
        assert sum(each.numel() for each in build().parameters()) == parameters


def test_pictures_of_bytes_and_of_fractions_are_standardised_alike():
    picture = torch.randint(0, 256, (1, 3, 4, 4), dtype=torch.uint8)
    normalise = backbones.Normalised()
    assert torch.allclose(normalise(picture), normalise(picture / 255))
    grey = normalise(torch.full((1, 3, 1, 1), 0.5))
    assert grey.flatten().tolist() == pytest.approx(
        [(0.5 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0.5 - 0.406) / 0.225], rel=1e-5
    )


@pytest.mark.parametrize("momentum", [None, 0.01])
def test_a_mobile_backbone_answers_as_it_was_trained_after_a_short_course(momentum):
    torch.manual_seed(0)
    images, features = torch.randn(8, 3, 32, 32), backbones.mobilenet_v3_small_features()[:6]
    if momentum is not None:  # as torchvision has it: the case that went wrong
        for layer in features.modules():
            if isinstance(layer, torch.nn.BatchNorm2d):
                layer.momentum = momentum
    features.train()
    with torch.no_grad():
        for _ in range(120):
            trained = features(images)
        answered = features.eval()(images)
    alike = torch.corrcoef(torch.stack((trained.flatten(), answered.flatten())))[0, 1]
    assert (alike > 0.95) == (momentum is None)


@pytest.mark.parametrize(("apart", "height", "width"), [(2, 6, 6), (2, 7, 9), (4, 10, 5)])
def test_a_dilated_convolution_learns_what_torch_has_it_learn(apart, height, width):
    torch.manual_seed(0)
    plain = torch.nn.Conv2d(12, 12, 5, padding=2 * apart, dilation=apart, groups=12)
    state = torch.get_rng_state()
    quick = backbones.DilatedDepthwise.of(plain)
    assert torch.equal(torch.get_rng_state(), state)
    given = torch.randn(3, 12, height, width)
    seen, gradients = [], []
    for layer in (plain, quick):
        layer.zero_grad()
        maps = given.clone().requires_grad_()
        seen.append(layer(maps))
        seen[-1].square().sum().backward()
        gradients.append((maps.grad, layer.weight.grad.clone(), layer.bias.grad.clone()))
    torch.testing.assert_close(seen[1], seen[0])
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-4, atol=1e-4)
    assert quick.eval()(given).equal(plain(given))


def test_dilated_backbones_use_it_and_keep_their_names():
    with torch.device("meta"):
        dilated, plain = (backbones.mobilenet_v3_small_features(each) for each in (16, 32))
    used = [each for each in dilated.modules() if isinstance(each, backbones.DilatedDepthwise)]
    assert len(used) == 3
    assert dilated.state_dict().keys() == plain.state_dict().keys()

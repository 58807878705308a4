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

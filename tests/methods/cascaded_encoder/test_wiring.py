"""What the published network adds, standardises and joins, against torch and torchvision."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision.models import vgg16
from torchvision.transforms.functional import normalize

from facialis.methods.cascaded_encoder.light import LightCascadedEncoder
from facialis.methods.cascaded_encoder.network import AttentionHead, CascadedEncoder, Encoder2


@pytest.fixture
def maps() -> torch.Tensor:
    return torch.randn(2, 8, 5, 6, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def images() -> torch.Tensor:
    random = torch.Generator().manual_seed(2)
    return torch.randint(0, 256, (2, 3, 64, 64), generator=random).to(torch.uint8)


@pytest.fixture
def looking() -> AttentionHead:
    """A head whose attention is added and whose batch norm has seen pictures."""
    torch.manual_seed(0)
    head = AttentionHead(8)
    for each in (*head.spatial, head.channel):
        nn.init.constant_(each.scale, 0.7)
    head.train()(torch.randn(8, 8, 5, 6))
    return head.eval()


@pytest.fixture(scope="module")
def network() -> CascadedEncoder:
    torch.manual_seed(0)
    made = CascadedEncoder(channels=8, hidden=16)
    nn.init.normal_(made.e2.condition_input.weight)
    made.train()(torch.rand(4, 3, 64, 64))
    return made.eval()


@torch.no_grad()
def test_s1_09_at_the_start_pixels_are_classified_from_z_alone(maps):
    head = AttentionHead(8).eval()
    head.fuse[1].bias.zero_()
    assert torch.allclose(head(maps), head.classify(maps), atol=1e-6)


@torch.no_grad()
def test_d1_7_scales_are_fused_with_dilation_2_and_added_to_channels_and_z(maps, looking):
    convolution, norm, _ = looking.fuse
    scales = torch.cat([each(maps) for each in looking.spatial], dim=1)
    fused = functional.conv2d(scales, convolution.weight, padding=2, dilation=2)
    deviation = (norm.running_var + norm.eps).sqrt()[:, None, None]
    fused = (fused - norm.running_mean[:, None, None]) / deviation + norm.bias[:, None, None]
    summed = fused.clamp(min=0) + looking.channel(maps) + maps
    weight = looking.classify.weight[:, :, 0, 0]
    expected = torch.einsum("kc,bchw->bkhw", weight, summed) + looking.classify.bias[:, None, None]
    assert torch.allclose(looking(maps), expected, atol=1e-5)


@torch.no_grad()
def test_the_attention_shown_is_the_mean_of_all_three_scales(maps, looking):
    alone = [each.weights(maps).mean(dim=1).reshape(2, 5, 6) for each in looking.spatial]
    shown = looking.attention(maps)
    assert torch.allclose(shown, (alone[0] + alone[1] + alone[2]) / 3, atol=1e-6)
    assert all((shown - each).abs().max() > 1e-3 for each in alone)


@torch.no_grad()
def test_d1_3_both_encoders_see_pictures_standardised_as_imagenets(network, images):
    standard = normalize(images / 255, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    z = network.e1(standard)
    parts = functional.interpolate(network.head(z), size=(64, 64), mode="bilinear")
    assert torch.allclose(network.segment(images), parts, atol=1e-4)
    assert torch.allclose(network.grade(images), network.e2(standard, z), atol=1e-4)


@torch.no_grad()
def test_all_answers_at_once_are_those_that_each_stage_learned(network, images):
    answers = network(images)
    assert torch.allclose(answers.parts, network.segment(images), atol=1e-5)
    assert torch.allclose(answers.grade, network.grade(images), atol=1e-5)
    without = network.e2(network.normalise(images), torch.zeros(2, 8, 8, 8))
    assert not torch.allclose(answers.grade, without, atol=1e-3)


@pytest.mark.parametrize("reads", [None, 64])
@torch.no_grad()
def test_all_answers_of_the_light_form_at_once_are_those_of_each_stage(images, reads):
    torch.manual_seed(0)
    light = LightCascadedEncoder(channels=8, reads=reads)
    light.train()(torch.rand(4, 3, 64, 64))
    answers = light.eval()(images)
    assert torch.allclose(answers.parts, light.segment(images), atol=1e-5)
    assert torch.allclose(answers.grade, light.grade(images), atol=1e-5)


def test_d1_10_e2_has_the_layers_of_torchvisions_vgg16_and_six_outputs():
    with torch.device("meta"):
        ours, theirs = Encoder2(8, 4096, condition=False), vgg16(num_classes=6)
    assert repr(ours.features) == repr(theirs.features)
    assert repr(ours.pool) == repr(theirs.avgpool)
    assert repr(ours.classifier) == repr(theirs.classifier)


@torch.no_grad()
def test_without_condition_e2_answers_as_torchvisions_vgg16(images):
    torch.manual_seed(0)
    ours = Encoder2(8, 16, condition=False).eval()
    with torch.device("meta"):
        theirs = vgg16(num_classes=6).eval()
    for place in (0, 3, 6):
        theirs.classifier[place] = ours.classifier[place]
    theirs.features.load_state_dict(ours.features.state_dict(), assign=True)
    given = images / 255
    assert ours(given, None).std() > 1e-3
    assert torch.allclose(ours(given, None), theirs(given), atol=1e-5)

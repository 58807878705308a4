"""The published network against METHODS 2.2 and rows S1-01 to S1-14."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from facialis.methods import cascaded_encoder
from facialis.methods.cascaded_encoder.attention import (
    ChannelAttention,
    SpatialAttention,
    received,
)
from facialis.methods.cascaded_encoder.light import LightCascadedEncoder
from facialis.methods.cascaded_encoder.network import (
    AttentionHead,
    CascadedEncoder,
    Encoder1,
    Encoder2,
    PlainHead,
)

SMALL = 16


def count(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


def on_meta(channels: int = 512, **settings) -> CascadedEncoder:
    with torch.device("meta"):
        return CascadedEncoder(channels=channels, **settings)


@pytest.fixture
def maps() -> torch.Tensor:
    return torch.randn(2, 8, 5, 6, generator=torch.Generator().manual_seed(1))


def test_s1_01_z_has_512_channels_at_an_eighth_of_the_size():
    with torch.device("meta"):
        z = Encoder1(512)(torch.empty(1, 3, 224, 224))
    assert z.shape == (1, 512, 28, 28)


@pytest.mark.parametrize(("stage", "dilation"), [("layer3", 2), ("layer4", 4)])
def test_s1_02_the_last_stages_are_dilated(stage, dilation):
    with torch.device("meta"):
        blocks = getattr(Encoder1(SMALL).backbone, stage)
    assert {block.conv2.dilation for block in blocks[1:]} == {(dilation, dilation)}
    assert {block.conv2.stride for block in blocks} == {(1, 1)}


@pytest.mark.parametrize(
    ("channels", "e1", "stage_1", "branches"),
    [
        (512, 51_938_368, 124_305_999, (7_080_961, 19_663_873, 38_538_241)),
        (256, 47_219_264, 65_315_151, (1_771_009, 4_916_737, 9_635_329)),
    ],
)
def test_s1_03_s1_06_parameters_of_the_first_stage(channels, e1, stage_1, branches):
    network = on_meta(channels)
    assert count(network.e1) == e1
    assert tuple(count(each) for each in network.head.spatial) == branches
    assert sum(count(each) for each in network.first_stage) == stage_1


def test_parameters_of_fusion_and_classifier_of_pixels():
    head = on_meta().head
    assert count(head.fuse) == 7_078_912
    assert count(head.classify) == 5_643
    assert count(head) == 72_367_631


def test_s1_04_rows_of_the_spatial_attention_sum_to_1():
    with torch.no_grad():
        for kernel in (3, 5, 7):
            weights = SpatialAttention(4, kernel).eval().weights(torch.randn(1, 4, 28, 28))
            assert weights.shape == (1, 784, 784)
            assert (weights.sum(-1) - 1).abs().max() < 1e-4


def test_s1_05_three_kernels_keep_the_size(maps):
    head = AttentionHead(8).eval()
    assert [each.query[0].kernel_size for each in head.spatial] == [(3, 3), (5, 5), (7, 7)]
    assert all(each(maps).shape == maps.shape for each in head.spatial)


def test_spatial_attention_is_equations_1_and_2(maps):
    module = SpatialAttention(8, 3).eval()
    with torch.no_grad():
        module.scale.fill_(0.7)
        found = module(maps).flatten(2)
        query, key, value = (
            each(maps).flatten(2) for each in (module.query, module.key, module.value)
        )
    for j in (0, 13, 29):
        scores = torch.tensor([float(query[0, :, i] @ key[0, :, j]) for i in range(30)]).exp()
        expected = 0.7 * sum(scores[i] / scores.sum() * value[0, :, i] for i in range(30))
        assert torch.allclose(found[0, :, j], expected, atol=1e-5)


def test_channel_attention_is_equations_3_and_4(maps):
    module = ChannelAttention()
    with torch.no_grad():
        module.scale.fill_(0.7)
        found = module(maps).flatten(2)
    x = maps.flatten(2)[0]
    for j in range(8):
        scores = torch.stack([x[i] @ x[j] for i in range(8)])
        scores = (scores - scores.max()).exp()
        expected = 0.7 * sum(scores[i] / scores.sum() * x[i] for i in range(8))
        assert torch.allclose(found[0, j], expected, atol=1e-5)


def test_s1_07_every_scale_is_a_parameter_of_0_that_learns(maps):
    head = AttentionHead(8)
    found = head(maps)
    (found * torch.randn_like(found)).sum().backward()
    scales = [*(each.scale for each in head.spatial), head.channel.scale]
    assert len(scales) == 4
    for scale in scales:
        assert isinstance(scale, nn.Parameter)
        assert scale.item() == 0
        assert scale.grad.abs() > 0


def test_s1_08_channel_attention_has_no_convolution():
    module = ChannelAttention()
    assert count(module) == 1
    weights = module.weights(torch.randn(1, 512, 7, 7))
    assert weights.shape == (1, 512, 512)
    assert torch.allclose(weights.sum(-1), torch.ones(1, 512), atol=1e-4)


def test_s1_09_attention_adds_nothing_at_the_start(maps):
    head = AttentionHead(8).eval()
    assert all(each(maps).abs().max() == 0 for each in head.spatial)
    assert head.channel(maps).abs().max() == 0


def test_s1_10_s1_13_shapes_of_the_answers():
    network = on_meta()
    answers = network(torch.empty(1, 3, 224, 224, device="meta"))
    assert answers.parts.shape == (1, 11, 224, 224)
    assert answers.grade.shape == (1, 6)
    assert answers.attention.shape == (1, 28, 28)


def test_s1_11_without_attention_there_are_fewer_parameters(maps):
    assert count(on_meta(attention=False).head) == 5_643
    head = PlainHead(8)
    assert torch.equal(head(maps), head.classify(maps))
    assert torch.allclose(head.attention(maps).sum((1, 2)), torch.ones(2))


def test_s1_12_logits_do_not_depend_on_z_at_the_start():
    e2 = Encoder2(8, 16, condition=True).eval()
    inputs = e2.features[0].in_channels + e2.condition_input.in_channels
    assert inputs == 35
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(e2(images, torch.randn(1, 8, 8, 8)), e2(images, torch.zeros(1, 8, 8, 8)))
        e2.condition_input.weight.fill_(0.1)
        changed = e2(images, torch.randn(1, 8, 8, 8))
        assert not torch.equal(changed, e2(images, torch.zeros(1, 8, 8, 8)))


def test_s1_12_two_added_convolutions_are_one_of_35_inputs():
    torch.manual_seed(0)
    e2 = Encoder2(8, 16, condition=True).double()
    first, extra = e2.features[0], e2.condition_input
    nn.init.normal_(extra.weight)
    whole = nn.Conv2d(35, 64, 3, padding=1).double()
    with torch.no_grad():
        whole.weight.copy_(torch.cat((first.weight, extra.weight), dim=1))
        whole.bias.copy_(first.bias)
        image, condition = (torch.randn(1, n, 9, 9).double() for n in (3, 32))
        expected = whole(torch.cat((image, condition), dim=1))
        assert torch.allclose(first(image) + extra(condition), expected, atol=1e-5)


def test_s1_14_parameters_of_the_second_stage():
    network = on_meta()
    e2 = network.e2
    assert count(e2.condition) == 16_416
    assert count(e2.features) + count(e2.condition_input) == 14_733_120
    assert count(e2.classifier) == 119_570_438
    assert count(e2) == 134_319_974
    assert count(network.e1) + count(e2) == 186_258_342


def test_the_cards_state_the_parameters_of_the_networks():
    published, light = cascaded_encoder.CARDS
    for card, network in ((published, on_meta()), (light, LightCascadedEncoder())):
        parts = {name: count(getattr(network, name)) for name in ("e1", "head", "e2")}
        assert card.parameters.items() >= (parts | {"total": count(network)}).items()
    reading = LightCascadedEncoder(reads=96)
    assert light.parameters["e2 that reads faces"] == count(reading.e2)
    assert light.parameters["total that reads faces"] == count(reading)
    assert 4 * (count(reading) - count(reading.e2.reading.shape)) < 12e6


def test_the_published_card_states_the_parameters_of_every_part():
    network = on_meta()
    head, e2 = network.head, network.e2
    assert cascaded_encoder.CARDS[0].parameters == {
        "e1": count(network.e1),
        "e1, C = 256": count(on_meta(256).e1),
        **{
            f"spatial attention {kernel}": count(each)
            for kernel, each in zip((3, 5, 7), head.spatial, strict=True)
        },
        "channel attention": count(head.channel),
        "fusion": count(head.fuse),
        "pixel classifier": count(head.classify),
        "head": count(head),
        "condition": count(e2.condition),
        "e2 convolutions": count(e2.features) + count(e2.condition_input),
        "grade classifier": count(e2.classifier),
        "e2": count(e2),
        "e1 and e2": count(network.e1) + count(e2),
        "total": count(network),
    }


def test_attention_received_is_the_mean_over_the_places_that_look():
    weights = torch.zeros(1, 6, 6)
    weights[0, :, 4] = 1
    found = received(weights, 2, 3)
    assert torch.equal(found, torch.tensor([[[0.0, 0, 0], [0, 1, 0]]]))

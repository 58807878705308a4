"""Networks of paper 003: sizes, order of frames, fusion."""

from __future__ import annotations

from functools import partial

import pytest
import torch
from torch import nn
from torch.nn import functional
from torchvision import models
from torchvision.ops import SqueezeExcitation

from facialis.methods.phcnn_lstm import CARDS
from facialis.methods.phcnn_lstm.network import (
    FACE_LAYERS,
    FACE_WIDTHS,
    REGION_WIDTHS,
    Branch,
    FrameEncoder,
    LevelNetwork,
    RegionsEncoder,
    face_branch,
    fused,
    phcnn,
    probabilities,
    region_branch,
)
from facialis.methods.phcnn_lstm.recipe import Settings, learner

META = torch.device("meta")


def count(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


def built(name: str = "phcnn_lstm", **settings: object) -> LevelNetwork:
    with META:
        return learner(name, Settings(**settings)).network


def inputs(count: int, device: torch.device, seed: int = 0) -> list[torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    shapes = [(count, 4, 3, 128, 128), (count, 4, 3, 40, 120), (count, 4, 3, 40, 120)]
    return [
        torch.randint(0, 256, shape, generator=random, dtype=torch.uint8).to(device)
        for shape in shapes
    ]


def test_s3_01_the_face_gives_64_maps_of_16_by_16_and_1024_numbers():
    with META:
        branch = face_branch().eval()
        frames = torch.empty(2, 3, 128, 128)
        assert branch.convolutions(frames).shape == (2, 64, 16, 16)
        assert branch(frames).shape == (2, 1024)


def test_s3_02_a_region_gives_128_maps_of_5_by_15_and_1024_numbers():
    with META:
        branch = region_branch().eval()
        frames = torch.empty(2, 3, 40, 120)
        assert branch.convolutions(frames).shape == (2, 128, 5, 15)
        assert branch(frames).shape == (2, 1024)


@pytest.mark.parametrize(
    ("make", "widths", "layers"),
    [(face_branch, [16, 16, 32, 32, 64, 64], 1), (region_branch, [8, 8, 32, 32, 128, 128], 3)],
)
def test_s3_03_and_s3_04_layers_are_the_papers(make, widths, layers):
    with META:
        found = list(make().modules())
    convolutions = [each for each in found if isinstance(each, nn.Conv2d)]
    assert [each.out_channels for each in convolutions] == widths
    assert {each.kernel_size for each in convolutions} == {(3, 3)}
    pools = [each for each in found if isinstance(each, nn.MaxPool2d)]
    assert [each.kernel_size for each in pools] == [2, 2, 2]
    assert sum(isinstance(each, nn.Linear) for each in found) == layers
    assert [each.p for each in found if isinstance(each, nn.Dropout)] == [0.5] * layers


def test_s3_05_branches_have_the_decided_numbers_of_parameters():
    with META:
        face, region = face_branch(), region_branch()
    assert (count(face.convolutions), count(face)) == (72_528, 16_852_816)
    assert (count(region.convolutions), count(region)) == (197_640, 12_134_408)


def test_s3_06_the_three_branches_share_no_tensor():
    encoder = learner("phcnn_lstm-light", Settings()).network.encoder
    places = [each.data_ptr() for each in encoder.parameters()]
    assert len(set(places)) == len(places)
    published = built().encoder
    branches = (published.face, published.eyes, published.mouth)
    tensors = [id(tensor) for branch in branches for tensor in branch.parameters()]
    assert len(set(tensors)) == len(tensors)
    assert sum(count(branch) for branch in branches) == count(published)


def test_s3_07_adding_needs_equal_lengths_and_joining_does_not():
    a, b, c = torch.ones(2, 1024), torch.full((2, 1024), 2.0), torch.full((2, 1024), 4.0)
    assert torch.equal(fused([a, b, c], "sum"), torch.full((2, 1024), 7.0))
    assert fused([a, b, c], "concat").shape == (2, 3072)
    with pytest.raises(ValueError, match="cannot be added"):
        fused([a, torch.ones(2, 512)], "sum")
    assert fused([a, torch.ones(2, 512)], "concat").shape == (2, 1536)


def test_sx_17_other_widths_of_the_regions_last_layer_cannot_be_added_d3_4():
    with META:
        face = Branch(shape=(128, 128), widths=FACE_WIDTHS, layers=FACE_LAYERS)
        strip = Branch(shape=(40, 120), widths=REGION_WIDTHS, layers=(1024, 1024, 512))
    with pytest.raises(ValueError, match="cannot be added"):
        RegionsEncoder(
            face=face, eyes=strip, mouth=strip, sizes=(face.size, strip.size, strip.size),
            fusion="sum",
        )  # fmt: skip


def test_sx_17_the_default_fusion_adds_d3_6():
    assert Settings().fusion == "sum"
    assert built().lstm.input_size == 1024
    assert built(fusion="concat").lstm.input_size == 3072


@pytest.mark.parametrize(
    ("fusion", "hidden", "lstm", "total"),
    [
        ("sum", 128, 590_848, 41_712_867),
        ("sum", 256, 1_312_768, 42_435_171),
        ("sum", 512, 3_149_824, 44_272_995),
        ("concat", 128, 1_639_424, 42_761_443),
        ("concat", 256, 3_409_920, 44_532_323),
        ("concat", 512, 7_344_128, 48_467_299),
    ],
)
def test_s3_09_the_whole_network_has_the_decided_number_of_parameters(fusion, hidden, lstm, total):
    network = built(fusion=fusion, hidden=hidden)
    assert (count(network.lstm), count(network)) == (lstm, total)


def test_s3_08_probabilities_of_two_sequences_sum_to_1():
    network = built().eval()
    assert network(*inputs(2, META)).shape == (2, 1, 3)
    light = learner("phcnn_lstm-light", Settings(measures=False)).eval().network
    with torch.no_grad():
        found = probabilities(light(*inputs(2, torch.device("cpu"))))
    assert found.shape == (2, 3)
    torch.testing.assert_close(found.sum(dim=1), torch.ones(2))


@pytest.mark.parametrize("has_lstm", [True, False])
def test_s3_10_order_matters_to_the_lstm_alone(has_lstm):
    torch.manual_seed(0)
    network = learner("phcnn_lstm-light", Settings(lstm=has_lstm, measures=False)).eval().network
    crops = inputs(1, torch.device("cpu"))
    for crop in crops:  # flat frames of different brightness, so that frames differ clearly
        crop[:] = torch.arange(4, dtype=torch.uint8).reshape(1, 4, 1, 1, 1) * 60
    with torch.no_grad():
        one = probabilities(network(*crops))
        other = probabilities(network(*(crop.flip(1) for crop in crops)))
    assert torch.allclose(one, other, atol=1e-6) is not has_lstm


def test_frame_networks_average_probabilities_and_not_scores():
    """D3-10."""
    scores = torch.tensor([[[4.0, 0, 0], [0, 1, 0], [0, 0, 2], [0, 0, 0]]])
    by_hand = torch.zeros(3)
    for row in scores[0]:
        by_hand += row.exp() / row.exp().sum() / 4
    torch.testing.assert_close(probabilities(scores)[0], by_hand)


@pytest.mark.parametrize("hidden", [2, 3])
def test_the_lstm_follows_the_textbook_gates(hidden):
    """Gates by hand, in torch's order i, f, g, o (METHODS 4.2.2)."""

    class Flat(FrameEncoder):
        size = 3

        def forward(self, face, eyes, mouth):
            return face.mean(dim=(2, 3))

    torch.manual_seed(1)
    network = LevelNetwork(Flat(), hidden=hidden)
    face = torch.randint(0, 256, (2, 4, 3, 2, 2), dtype=torch.uint8)
    lstm = network.lstm
    state, cell = torch.zeros(2, hidden), torch.zeros(2, hidden)
    for step in range(4):
        seen = (face[:, step] / 255).mean(dim=(2, 3))
        gates = seen @ lstm.weight_ih_l0.T + state @ lstm.weight_hh_l0.T
        enter, forget, new, leave = (gates + lstm.bias_ih_l0 + lstm.bias_hh_l0).chunk(4, dim=1)
        cell = forget.sigmoid() * cell + enter.sigmoid() * new.tanh()
        state = leave.sigmoid() * cell.tanh()
    torch.testing.assert_close(network(face, face, face)[:, 0], network.classifier(state))


@pytest.mark.parametrize(
    ("settings", "total"),
    [
        ({"network": "face_n1"}, 18_166_355),
        ({"network": "vgg16"}, 15_503_939),
        ({"network": "pixels"}, 50_596_611),
        ({"network": "senet", "lstm": False}, 26_045_171),
        ({"lstm": False}, 41_124_707),
        ({}, 42_435_171),
    ],
)
def test_s3_22_the_compared_networks_build_and_run(settings, total):
    network = built(**settings).eval()
    assert count(network) == total
    answers = 1 if settings.get("lstm", True) else 4
    assert network(*inputs(2, META)).shape == (2, answers, 3)


@pytest.mark.parametrize("norm", ["after", "before"])
def test_a_branch_is_rectified_convolutions_pools_and_layers_by_hand(norm):
    """METHODS 4.2.1, D3-5."""

    def normed(given, layer):
        return functional.batch_norm(
            given, layer.running_mean, layer.running_var, layer.weight, layer.bias
        )

    def step(given, block, linear):
        if norm == "before":
            return linear(normed(given, block[0]), block[1].weight, block[1].bias).relu()
        return normed(linear(given, block[0].weight, block[0].bias), block[1]).relu()

    torch.manual_seed(0)
    branch = Branch(shape=(8, 12), widths=(3, 5), layers=(7, 4), norm=norm).eval()
    for each in branch.state_dict().values():
        if each.is_floating_point():
            each.uniform_(0.1, 1.0).mul_(1 if each.ndim == 1 else torch.randn_like(each))
    frames = torch.rand(6, 3, 8, 12)
    first, second, _, third, fourth, _ = branch.convolutions
    found = frames
    for pair in ((first, second), (third, fourth)):
        for block in pair:
            found = step(found, block, partial(functional.conv2d, padding=1))
        found = functional.max_pool2d(found, 2)
    torch.testing.assert_close(branch.convolutions(frames), found)
    found = found.flatten(1)
    for block in branch.layers:
        found = step(found, block, functional.linear)
    assert 0 < (found == 0).float().mean() < 1
    torch.testing.assert_close(branch(frames), found)


@pytest.mark.parametrize("network", ["phcnn", "face_n1"])
def test_sx_17_d3_5_the_setting_decides_where_batch_norm_stands(network):
    for norm, place in (("after", 1), ("before", 0)):
        encoder = built(network=network, norm=norm).encoder
        names = ("face", "eyes", "mouth") if network == "phcnn" else ("face",)
        for branch in (getattr(encoder, name) for name in names):
            assert isinstance(branch.convolutions[0][place], nn.BatchNorm2d)
            assert isinstance(branch.layers[0][place], nn.BatchNorm1d)
    assert Settings().norm == "after"


@pytest.mark.parametrize(("fusion", "expected"), [("sum", [321.0]), ("concat", [1.0, 20.0, 300.0])])
def test_eq_1_joins_what_face_eyes_and_mouth_give(fusion, expected):
    class Times(nn.Module):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

        def forward(self, frames):
            return self.factor * frames.mean(dim=(1, 2, 3))[:, None]

    encoder = RegionsEncoder(
        face=Times(1), eyes=Times(10), mouth=Times(100), sizes=(1, 1, 1), fusion=fusion
    )
    face, eyes, mouth = (
        torch.full((1, 3, *shape), value)
        for shape, value in (((128, 128), 1.0), ((40, 120), 2.0), ((40, 120), 3.0))
    )
    assert encoder(face, eyes, mouth).tolist() == [expected]


def test_batch_norm_follows_or_precedes_the_linear_operation():
    """D3-5."""
    with META:
        after, before = face_branch("after"), face_branch("before")
    assert [type(step) for step in after.layers[0]][:2] == [nn.Linear, nn.BatchNorm1d]
    assert [type(step) for step in before.layers[0]][:2] == [nn.BatchNorm1d, nn.Linear]
    with META:
        assert phcnn(norm="before").eval()(
            torch.empty(1, 3, 128, 128), torch.empty(1, 3, 40, 120), torch.empty(1, 3, 40, 120)
        ).shape == (1, 1024)


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.name)
def test_cards_state_the_true_numbers_of_parameters(card):
    network = built(card.name)
    encoder = network.encoder
    ours = [encoder.reading, encoder.measures] if card.name.endswith("light") else []
    parts = (encoder.face, encoder.eyes, encoder.mouth, *ours, network.lstm, network.classifier)
    counts = [count(part) for part in (*parts, network)]
    if not ours:
        counts.append(count(built(fusion="concat")))
    assert list(card.parameters.values()) == counts


@pytest.mark.parametrize("has_lstm", [True, False])
def test_s3_08_s3_10_the_published_network_answers_for_sequences(has_lstm):
    torch.manual_seed(0)
    network = learner("phcnn_lstm", Settings(lstm=has_lstm)).eval().network
    if has_lstm:  # at torch's start the states are so small that order would hardly show
        for each in network.lstm.parameters():
            nn.init.normal_(each)
    crops = inputs(2, torch.device("cpu"))
    other = [crop[:, [2, 0, 3, 1]] for crop in crops]
    with torch.inference_mode():
        here, there = (probabilities(network(*each)) for each in (crops, other))
    assert here.shape == (2, 3)
    torch.testing.assert_close(here.sum(dim=1), torch.ones(2))
    gap = float((here - there).abs().max())
    assert gap > 1e-3 if has_lstm else gap < 1e-6


@pytest.mark.parametrize(
    "settings",
    [
        {"network": "face_n1"},
        {"network": "vgg16"},
        {"network": "pixels"},
        {"network": "senet", "lstm": False},
    ],
    ids=lambda settings: settings["network"],
)
def test_s3_22_the_compared_networks_see_the_face_alone(settings):
    torch.manual_seed(0)
    network = learner("phcnn_lstm", Settings(**settings)).eval().network
    face, eyes, mouth = inputs(1, torch.device("cpu"))
    with torch.inference_mode():
        found = probabilities(network(face, eyes, mouth))
        assert torch.equal(found, probabilities(network(face, 255 - eyes, 255 - mouth)))
        changed = probabilities(network(255 - face, eyes, mouth))
    torch.testing.assert_close(found.sum(dim=1), torch.ones(1))
    assert not torch.equal(found, changed)


def test_d3_8_vgg16_is_averaged_over_the_face():
    torch.manual_seed(0)
    encoder = learner("phcnn_lstm", Settings(network="vgg16")).eval().network.encoder
    face = torch.rand(1, 3, 128, 128)
    with torch.inference_mode():
        maps = encoder.features(encoder.normalised(face))
        assert maps.shape == (1, 512, 4, 4)
        torch.testing.assert_close(encoder(face, face, face), maps.flatten(2).sum(dim=2) / 16)


def test_d3_9_squeeze_and_excitation_ends_each_residual_block():
    encoder = built(network="senet", lstm=False).encoder
    blocks = [each for each in encoder.modules() if isinstance(each, models.resnet.Bottleneck)]
    assert len(blocks) == 16
    for block in blocks:
        norm, squeeze = block.bn3
        assert isinstance(norm, nn.BatchNorm2d)
        assert isinstance(squeeze, SqueezeExcitation)
        assert squeeze.fc1.out_channels == block.conv3.out_channels // 16

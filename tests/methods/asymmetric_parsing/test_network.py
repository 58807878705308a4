"""The parser of paper 000: sizes, counts and what its parts promise."""

from __future__ import annotations

import pytest
import torch

from facialis.methods import asymmetric_parsing
from facialis.methods.asymmetric_parsing.attention import AttentionLayer, ForegroundAttention
from facialis.methods.asymmetric_parsing.losses import Hist
from facialis.methods.asymmetric_parsing.network import (
    DepthHead,
    EnhanceStroke,
    Network,
    composite,
    full_size,
)
from facialis.networks.aspp import Aspp


def counted(module: torch.nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


def published(**parts: bool) -> Network:
    with torch.device("meta"):
        return Network(**parts).eval()


def test_s0_01_and_s0_10_sizes_of_the_logits_of_250_pixels() -> None:
    images = torch.empty(2, 3, 250, 250, device="meta")
    seen = published()(images)
    assert [tuple(each.shape) for each in seen.logits] == [(2, 7, 125, 125)] * 5
    assert full_size(seen.logits[-1], images).shape == (2, 7, 250, 250)
    assert seen.depth is not None
    assert seen.depth.shape == (2, 125, 125)


def test_s0_02_s0_03_encoder_outputs_and_their_esc_blocks() -> None:
    encoder = published().encoder
    maps = encoder(torch.empty(1, 3, 250, 250, device="meta"))
    sizes = [(32, 125, 125), (64, 63, 63), (128, 32, 32), (256, 32, 32)]
    assert [tuple(each.shape[1:]) for each in maps] == sizes
    assert [type(each) for each in encoder.escs] == [EnhanceStroke] * 4


@pytest.mark.parametrize(
    ("channels", "count"), [(32, 1_712), (64, 6_624), (128, 26_048), (256, 103_296)]
)
def test_s0_04_s0_05_esc(channels: int, count: int) -> None:
    torch.manual_seed(0)
    esc = EnhanceStroke(channels).eval()
    assert counted(esc) == count
    assert sum(isinstance(each, torch.nn.Linear) for each in esc.gate) == 3
    given = torch.randn(2, channels, 5, 7)
    gate = esc.gate(esc.mapped(given))
    assert gate.shape == (2, channels)
    assert ((gate > 0) & (gate < 1)).all()
    torch.testing.assert_close(esc(given), esc.mapped(given) * gate[:, :, None, None])


def test_s0_06_aspp() -> None:
    with torch.device("meta"):
        aspp = Aspp(256, 128).eval()
    assert [each[0].dilation[0] for each in aspp.branches] == [1, 6, 12, 18]
    assert aspp.joined[0].in_channels == 5 * 128
    assert aspp(torch.empty(1, 256, 32, 32, device="meta")).shape == (1, 128, 32, 32)


def test_s0_07_s0_08_attention_stays_on_the_foreground_and_stands_an_empty_one() -> None:
    torch.manual_seed(0)
    layer = AttentionLayer(128).eval()
    logits = torch.full((1, 7, 4, 4), -5.0)
    logits[0, :6, 1:3, 1:3] = 5.0
    queries, weights = layer(torch.randn(1, 7, 128), torch.randn(1, 128, 4, 4), logits)
    assert queries.isfinite().all()
    torch.testing.assert_close(weights.sum(dim=(2, 3)), torch.ones(1, 7))
    background = torch.ones(4, 4, dtype=torch.bool)
    background[1:3, 1:3] = False
    assert (weights[0, :6, background] == 0).all()
    assert (weights[0, 6] > 0).all()


def test_s0_09_without_values_attention_returns_its_queries() -> None:
    attention = ForegroundAttention(128)
    torch.nn.init.zeros_(attention.value.weight)
    torch.nn.init.zeros_(attention.value.bias)
    queries = torch.randn(2, 7, 128)
    assert torch.equal(attention(queries, torch.randn(2, 128, 3, 3), None)[0], queries)


def test_sx_17_d0_10_attention_is_the_softmax_of_scaled_products() -> None:
    torch.manual_seed(0)
    attention = ForegroundAttention(16)
    queries, feature = torch.randn(1, 7, 16), torch.randn(1, 16, 3, 3)
    places = feature.flatten(2).transpose(1, 2)
    scores = attention.query(queries) @ attention.key(places).transpose(1, 2) / 4
    seen, weights = attention(queries, feature, None)
    torch.testing.assert_close(weights, scores.softmax(dim=-1))
    wanted = queries + scores.softmax(dim=-1) @ attention.value(places)
    torch.testing.assert_close(seen, wanted)


def test_s0_11_a_depth_kernel_has_two_numbers_more_than_the_embedding() -> None:
    head = DepthHead()
    assert head.kernels.out_features == 18 == head.embedding.out_channels + 2


def test_s0_12_sx_17_d0_7_centred_depth_is_offset_depth_less_half_the_range() -> None:
    torch.manual_seed(0)
    centred, offset = DepthHead(), DepthHead(mode="offset")
    offset.load_state_dict(centred.state_dict())
    queries, feature = torch.randn(2, 7, 128), torch.randn(2, 128, 5, 5)
    relative, spread, _shift = centred.parts(queries, feature)
    assert ((relative > 0) & (relative < 1)).all()
    found = offset(queries, feature) - centred(queries, feature)
    assert (found - 0.5 * 80 * spread).abs().max() < 1e-4
    assert found.abs().min() > 1


def test_s0_13_composite_depth_is_that_of_the_predicted_category() -> None:
    torch.manual_seed(0)
    depths, logits = torch.randn(2, 7, 4, 5), torch.randn(2, 7, 4, 5)
    found = composite(depths, logits)
    for b in range(2):
        for y in range(4):
            for x in range(5):
                assert found[b, y, x] == depths[b, int(logits[b, :, y, x].argmax()), y, x]


def test_s0_19_every_part_has_the_parameters_of_the_card() -> None:
    network = published()
    card = asymmetric_parsing.CARDS[0].parameters
    found = {
        **{f"B{n}": counted(each) for n, each in enumerate(network.encoder.blocks, 1)},
        **{f"ESC{n}": counted(each) for n, each in enumerate(network.encoder.escs, 1)},
        "P3": counted(network.aspp),
        "P2 and P1": counted(network.decoder),
        "queries": network.queries.numel(),
        **{f"foreground attention {n}": counted(e) for n, e in enumerate(network.layers, 1)},
        "mask head": counted(network.mask_head),
        "depth": counted(network.depth_head),
        "edge head": counted(network.edge_head),
        "refine head": counted(network.refine_head),
        "total": counted(network),
        "hist auxiliary": counted(Hist(7, 128)),
    }
    assert found == dict(card)
    assert (card["total"], card["refine head"], card["hist auxiliary"]) == (
        3_606_512,
        6_343,
        19_463,
    )


@pytest.mark.parametrize(
    ("part", "gone"),
    [
        ("esc", 1_712 + 6_624 + 26_048 + 103_296),
        ("depth", 20_770 + 7 * 32 * 9),
        ("edges", 74_311 + 7 * 32 * 9),
        ("border_cues", 14 * 32 * 9),
        ("foreground_attention", 0),
    ],
)
def test_a_part_that_is_off_is_absent(part: str, gone: int) -> None:
    network = published(**{part: False})
    assert counted(network) == 3_606_512 - gone
    seen = network(torch.empty(1, 3, 64, 64, device="meta"))
    assert (seen.depth is None) == (part == "depth")
    assert (seen.edges is None) == (part == "edges")


@pytest.mark.parametrize("cues", [True, False])
def test_s0_24_depth_and_edges_learn_from_the_masks_through_the_refine_head(cues: bool) -> None:
    torch.manual_seed(0)
    network = Network(border_cues=cues).eval()
    seen = network(torch.randn(1, 3, 32, 32))
    wanted = [seen.depths, seen.edges]
    found = torch.autograd.grad(seen.logits[-1].square().sum(), wanted, allow_unused=True)
    assert all((each is not None and bool(each.abs().sum() > 0)) == cues for each in found)

"""How the parts of the parser of paper 000 are joined, against the table of METHODS 1.2.2."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from facialis.methods.asymmetric_parsing.network import Network, scaled


def resized(given: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return functional.interpolate(given, like.shape[2:], mode="bilinear")


def published(**parts: bool) -> Network:
    """A network whose batch norms have seen a batch, so that its masks vary from place to place."""
    torch.manual_seed(0)
    network = Network(**parts)
    for each in network.modules():
        if isinstance(each, torch.nn.modules.batchnorm._BatchNorm):
            each.momentum = 1.0
    with torch.no_grad():
        network.train()(torch.randn(4, 3, 32, 32))
    return network.eval()


def test_s0_03_each_block_reads_what_the_esc_block_before_it_gave() -> None:
    encoder = published().encoder
    given = torch.randn(1, 3, 32, 32)
    for block, esc, found in zip(encoder.blocks, encoder.escs, encoder(given), strict=True):
        mapped = esc.mapped(block(given))
        given = mapped * esc.gate(mapped).reshape(1, -1, 1, 1)
        torch.testing.assert_close(found, given)


def test_d0_6_p2_is_made_of_p3_and_b2_and_p1_of_p2_and_b1() -> None:
    decoder = published().decoder
    first, second = torch.randn(2, 32, 17, 17), torch.randn(2, 64, 9, 9)
    deep = torch.randn(2, 128, 5, 5)
    p2, p1 = decoder(deep, second, first)
    wanted = decoder.joined2(torch.cat((resized(deep, second), decoder.detail2(second)), 1))
    torch.testing.assert_close(p2, wanted)
    wanted = decoder.joined1(torch.cat((resized(wanted, first), decoder.detail1(first)), 1))
    torch.testing.assert_close(p1, wanted)


def test_d0_6_a_layer_is_attention_four_heads_and_a_net_each_with_residual_and_norm() -> None:
    layer = published().layers[0]
    four = torch.nn.MultiheadAttention(128, 4, batch_first=True)
    four.load_state_dict(
        {
            "in_proj_weight": layer.categories.into.weight,
            "in_proj_bias": layer.categories.into.bias,
            "out_proj.weight": layer.categories.out.weight,
            "out_proj.bias": layer.categories.out.bias,
        }
    )
    queries, feature, masks = (
        torch.randn(2, 7, 128),
        torch.randn(2, 128, 4, 5),
        torch.randn(2, 7, 8, 9),
    )
    is_seen = (resized(masks, feature) > 0).flatten(2)
    assert is_seen.any(dim=2).all()
    places = feature.flatten(2).mT
    foreground = layer.foreground
    scores = foreground.query(queries) @ foreground.key(places).mT / 128**0.5
    weights = scores.where(is_seen, -torch.inf).softmax(dim=-1)
    wanted = layer.norms[0](queries + weights @ foreground.value(places))
    wanted = layer.norms[1](wanted + four(wanted, wanted, wanted)[0])
    into, _, out = layer.forward_net
    wanted = layer.norms[2](wanted + out(into(wanted).relu()))
    found, looked = layer(queries, feature, masks)
    torch.testing.assert_close(found, wanted)
    torch.testing.assert_close(looked.flatten(2), weights)


@pytest.mark.parametrize("confined", [True, False])
def test_s0_07_d0_6_masks_depth_and_contours_are_those_put_together_by_hand(
    confined: bool,
) -> None:
    network = published(foreground_attention=confined)
    images = torch.randn(2, 3, 32, 32)
    b1, b2, _, b4 = network.encoder(images)
    p3 = network.aspp(b4)
    p2, p1 = network.decoder(p3, b2, b1)

    def masks_of(queries: torch.Tensor) -> torch.Tensor:
        return (network.mask_head(queries) @ p1.flatten(2)).unflatten(2, p1.shape[2:])

    queries = network.queries.repeat(2, 1, 1)
    masks = [masks_of(queries)]
    for layer, feature in zip(network.layers, (p3, p2, p1), strict=True):
        queries, attention = layer(queries, feature, masks[-1] if confined else None)
        masks.append(masks_of(queries))
    filled = torch.stack(masks[:3]).gt(0).float().mean(dim=(3, 4))
    assert ((filled > 0.1) & (filled < 0.9)).any(dim=2).all()
    depths, edges = network.depth_head(queries, p1), network.edge_head(p1)
    change = network.refine_head(torch.cat((masks[-1], depths / 80, edges), dim=1))
    masks.append(masks[-1] + change)
    depth = sum(depths[:, k] * (masks[-1].argmax(dim=1) == k) for k in range(7))

    seen = network(images)
    for found, wanted in zip(seen.logits, masks, strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(seen.feature, p1)
    torch.testing.assert_close(seen.depths, depths, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(seen.edges, edges)
    torch.testing.assert_close(seen.attention, attention)
    torch.testing.assert_close(seen.depth, depth, rtol=1e-4, atol=1e-4)
    is_elsewhere = masks[0].argmax(dim=1) != masks[-1].argmax(dim=1)
    assert is_elsewhere.float().mean() > 0.1


def test_pictures_of_0_to_255_are_seen_from_minus_1_to_1() -> None:
    images = torch.tensor([0, 51, 204, 255], dtype=torch.uint8).reshape(1, 1, 2, 2)
    found = scaled(images)
    assert found.dtype == torch.float32
    assert found.flatten().tolist() == pytest.approx([-1.0, -0.6, 0.6, 1.0])

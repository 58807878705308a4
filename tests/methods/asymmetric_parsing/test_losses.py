"""The losses of paper 000 against closed forms and loops."""

from __future__ import annotations

import math

import pytest
import torch

from facialis.methods.asymmetric_parsing import losses


def squares() -> torch.Tensor:
    """Label maps (2, 21, 21) that show all seven categories."""
    return (torch.arange(21)[None, :, None] // 3).expand(2, 21, 21).to(torch.uint8)


def test_s0_14_boundary_loss_of_even_logits_is_the_logarithm_of_seven() -> None:
    logits = torch.zeros(2, 7, 21, 21)
    plain = losses.boundary_loss(logits, squares())
    assert float(plain) == pytest.approx(math.log(7), abs=1e-5)
    cues = losses.border_cues(torch.rand(2, 11, 11), torch.randn(2, 7, 11, 11), (21, 21))
    assert float(cues.min()) >= 0
    assert losses.boundary_loss(logits, squares(), cues=cues) > plain


def test_sx_17_d0_15_a_border_is_a_band_of_three_pixels() -> None:
    labels = torch.zeros(1, 9, 9, dtype=torch.uint8)
    labels[:, :, 5:] = 1
    found = losses.contours(labels, 2)[0]
    assert [int(x) for x in found[0, 4]] == [0, 0, 0, 1, 1, 1, 0, 0, 0]
    assert [int(x) for x in found[1, 4]] == [0, 0, 0, 0, 1, 1, 1, 0, 0]
    labels[:, :, 5:] = 255
    assert losses.contours(labels, 2).sum() == 0


def test_sx_17_d0_15_the_weight_of_fpp_counts_for_fpp_alone() -> None:
    logits = torch.zeros(2, 7, 21, 21)
    found = losses.boundary_loss(logits, squares(), fpp_weight=8.0)
    assert float(found) == pytest.approx(2 * math.log(7), abs=1e-5)


def test_s0_16_hist_own_hyperedges_are_1_and_it_is_finite() -> None:
    torch.manual_seed(0)
    hist = losses.Hist(7, 128)
    feature = torch.randn(2, 128, 21, 21)
    shown = losses.shown_in(squares(), 7)
    categories = shown[1]
    nodes = losses.nodes_of(feature, squares(), shown, 7)
    found = losses.incidence(hist.distances(nodes), categories)
    for row, category in zip(found, categories, strict=True):
        assert row[category] == 1
        assert ((row > 0) & (row <= 1)).all()
    assert all(bool(each.isfinite()) for each in hist(feature, squares(), shown))
    assert sum(each.numel() for each in hist.parameters()) == 19_463


def test_nodes_and_distances_are_those_of_a_loop() -> None:
    torch.manual_seed(0)
    hist = losses.Hist(7, 8)
    torch.nn.init.uniform_(hist.spreads, -1, 7)
    feature, labels = torch.randn(2, 8, 21, 21), squares().clone()
    labels[1, :3] = 255
    shown = losses.shown_in(labels, 7)
    categories = shown[1]
    nodes = losses.nodes_of(feature, labels, shown, 7)
    assert len(nodes) == 13
    wanted = [
        torch.nn.functional.normalize(feature[b][:, labels[b] == k].mean(dim=1), dim=0)
        for b in range(2)
        for k in range(7)
        if (labels[b] == k).any()
    ]
    torch.testing.assert_close(nodes, torch.stack(wanted))
    distances = hist.distances(nodes)
    mean = hist.means[3] / hist.means[3].norm()
    variance = hist.spreads[3].clamp(0, 6).exp()
    torch.testing.assert_close(distances[5, 3], ((nodes[5] - mean) ** 2 / variance).sum())
    edges = losses.incidence(distances, categories)
    v, e = torch.diag(edges.sum(1) ** -0.5), torch.diag(1 / edges.sum(0))
    torch.testing.assert_close(losses.propagation(edges), v @ edges @ e @ edges.T @ v)


def test_a_batch_without_labels_has_finite_losses_of_zero() -> None:
    labels = torch.full((1, 8, 8), 255, dtype=torch.uint8)
    logits = torch.randn(1, 7, 8, 8, requires_grad=True)
    found = [
        losses.boundary_loss(logits, labels),
        losses.pixel_loss(logits, labels),
        losses.edge_loss(logits, labels),
        *losses.Hist(7, 8)(torch.randn(1, 8, 8, 8), labels, losses.shown_in(labels, 7)),
        losses.depth_loss(torch.rand(1, 4, 4), torch.zeros(1, 2, 2)),
    ]
    assert [float(each.detach()) for each in found] == pytest.approx([0.0] * 6, abs=1e-6)


def test_sx_17_d0_9_depth_is_compared_stretched_and_only_where_known() -> None:
    truth = torch.tensor([[[0.0, 2.0], [3.0, 4.0]]])
    assert float(losses.depth_loss(torch.tensor([[[9.0, 0.0], [0.5, 1.0]]]), truth)) == 0
    assert float(losses.depth_loss(torch.tensor([[[9.0, 0.3], [0.5, 1.0]]]), truth)) == (
        pytest.approx(0.1)
    )


def test_sx_17_d0_13_both_terms_of_hist_are_those_of_a_loop() -> None:
    torch.manual_seed(1)
    hist = losses.Hist(7, 8).eval()
    torch.nn.init.uniform_(hist.spreads, -1, 2)
    feature = torch.randn(2, 8, 21, 21)
    shown = losses.shown_in(squares(), 7)
    nodes, own = losses.nodes_of(feature, squares(), shown, 7), shown[1].tolist()
    nearness = torch.empty(len(own), 7)
    for n, node in enumerate(nodes):
        for k in range(7):
            mean = hist.means[k] / hist.means[k].norm()
            nearness[n, k] = -((node - mean) ** 2 / hist.spreads[k].clamp(0, 6).exp()).sum()
    by_hand = [
        -math.log(math.exp(32 * row[k]) / sum(math.exp(32 * each) for each in row.tolist()))
        for row, k in zip(nearness.detach(), own, strict=True)
    ]
    edges = (0.9 * nearness).exp()
    for n, k in enumerate(own):
        edges[n, k] = 1
    graph = losses.propagation(edges)
    hidden = torch.nn.functional.leaky_relu(hist.norm(graph @ hist.first(nodes)), 0.1)
    logits = graph @ hist.second(hidden)
    classified, allocated = hist(feature, squares(), shown)
    assert float(allocated.detach()) == pytest.approx(sum(by_hand) / len(by_hand), rel=1e-4)
    entropy = -logits.log_softmax(dim=1)[range(len(own)), own].mean()
    torch.testing.assert_close(classified, entropy)


def test_the_spread_of_hists_categories_is_learned() -> None:
    torch.manual_seed(0)
    hist = losses.Hist(7, 128)
    sum(hist(torch.randn(2, 128, 21, 21), squares(), losses.shown_in(squares(), 7))).backward()
    assert float((hist.spreads.grad != 0).float().mean()) == pytest.approx(0.5, abs=0.1)


def test_sx_17_d0_16_pixels_have_cross_entropy_and_dice() -> None:
    labels = torch.tensor([[[0, 1], [1, 255]]], dtype=torch.uint8)
    logits = torch.tensor([0.8, 0.2]).log()[None, :, None, None].expand(1, 2, 2, 2)
    entropy = -(math.log(0.8) + 2 * math.log(0.2)) / 3
    dice = ((2 * 0.8 + 1) / (3 * 0.8 + 1 + 1), (2 * 2 * 0.2 + 1) / (3 * 0.2 + 2 + 1))
    found = float(losses.pixel_loss(logits, labels))
    assert found == pytest.approx(entropy + 1 - sum(dice) / 2, rel=1e-5)


def test_sx_17_d0_18_steep_depth_and_the_ends_of_masks_count_half_each() -> None:
    nowhere = torch.full((1, 7, 8, 8), -5.0)
    depth = torch.zeros(1, 8, 8)
    depth[:, :, 4:] = 3.0
    cues = losses.border_cues(depth, nowhere, (8, 8))
    assert cues[0, 4].tolist() == [0, 0, 0, 0.5, 0.5, 0, 0, 0]
    found = nowhere.clone()
    found[:, 2, :, :3] = 5.0
    masked = losses.border_cues(None, found, (8, 8))
    assert masked[0, 4].tolist() == [0, 0, 0.5, 0.5, 0, 0, 0, 0]
    assert float(losses.border_cues(depth, found, (8, 8)).max()) == 1.0

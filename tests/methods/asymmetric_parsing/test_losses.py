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


def band_by_hand(labels: list[list[int]], category: int) -> list[tuple[int, int]]:
    """Places of a category's border, as D0-15 words it."""
    size = range(len(labels))
    around = {
        (y, x): [(v, u) for v in size for u in size if max(abs(v - y), abs(u - x)) <= 1]
        for y in size
        for x in size
        if labels[y][x] != 255
    }
    border = {
        (y, x)
        for (y, x), near in around.items()
        if labels[y][x] == category and any(labels[v][u] not in (category, 255) for v, u in near)
    }
    return [place for place, near in around.items() if border.intersection(near)]


def test_sx_17_d0_15_d0_18_the_boundary_loss_is_that_of_a_loop() -> None:
    torch.manual_seed(0)
    labels = torch.zeros(2, 12, 12, dtype=torch.uint8)
    labels[0, 2:6, 1:9] = 1
    labels[0, 8:, 3:6] = 2
    labels[0, :2, 9:] = 255
    labels[1, 5:, :4] = 2
    labels[1, 3:5, 6:10] = 4
    logits, cues = 2 * torch.randn(2, 5, 12, 12), torch.rand(2, 12, 12)
    entropy = -logits.log_softmax(dim=1)

    def by_hand(weight: float, added: torch.Tensor) -> float:
        found = 0.0
        for i in range(2):
            for j in range(5):
                band = band_by_hand(labels[i].tolist(), j)
                factors = [
                    float(entropy[i, int(labels[i, y, x]), y, x] * (1 + added[i, y, x]))
                    for y, x in band
                ]
                found += (weight if j == 4 else 1.0) * sum(factors) / max(len(band), 1)
        return found / (2 * 5)

    assert [bool(band_by_hand(labels[0].tolist(), j)) for j in range(5)] == [True] * 3 + [False] * 2
    plain = float(losses.boundary_loss(logits, labels))
    assert plain == pytest.approx(by_hand(1.0, torch.zeros(2, 12, 12)), rel=1e-5)
    raised = float(losses.boundary_loss(logits, labels, cues=cues, fpp_weight=3.0))
    assert raised == pytest.approx(by_hand(3.0, cues), rel=1e-5)


def test_sx_17_d0_13_hyperedges_are_only_of_the_classes_that_a_batch_shows() -> None:
    torch.manual_seed(0)
    hist = losses.Hist(7, 8).eval()
    labels = squares().clone()
    labels[labels == 2] = 1
    labels[0][labels[0] == 5] = 6
    labels[1, :18] = 0
    shown = losses.shown_in(labels, 7)
    own, present = shown[1].tolist(), [0, 1, 3, 4, 6]
    assert sorted(set(own)) == present
    feature = torch.randn(2, 8, 21, 21)
    nodes = losses.nodes_of(feature, labels, shown, 7)
    edges = (-0.9 * hist.distances(nodes)[:, present]).exp()
    for n, k in enumerate(own):
        edges[n, present.index(k)] = 1
    v, e = torch.diag(edges.sum(1) ** -0.5), torch.diag(1 / edges.sum(0))
    graph = v @ edges @ e @ edges.T @ v
    hidden = torch.nn.functional.leaky_relu(hist.norm(graph @ hist.first(nodes)), 0.1)
    entropy = -(graph @ hist.second(hidden)).log_softmax(dim=1)[range(len(own)), own].mean()
    torch.testing.assert_close(hist(feature, labels, shown)[0], entropy)


def test_sx_17_d0_13_only_the_direction_of_a_class_mean_counts() -> None:
    torch.manual_seed(0)
    hist = losses.Hist(7, 8)
    nodes = torch.nn.functional.normalize(torch.randn(5, 8), dim=1)
    before = hist.distances(nodes).detach()
    with torch.no_grad():
        hist.means.mul_(3)
    torch.testing.assert_close(hist.distances(nodes).detach(), before)


def test_sx_17_d0_16_the_edge_loss_of_equal_logits_counts_the_pixels_of_the_contours() -> None:
    labels = torch.zeros(1, 9, 12, dtype=torch.uint8)
    labels[:, :, 5:] = 1
    labels[:, :, 9:] = 255
    logits = torch.full((1, 2, 9, 12), 2.0)
    wanted = math.log1p(math.exp(2)) - 2 * 3 / 9  # a band is 3 of the 9 columns with labels
    assert float(losses.edge_loss(logits, labels)) == pytest.approx(wanted, rel=1e-5)

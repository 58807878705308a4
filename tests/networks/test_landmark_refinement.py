"""The network that moves landmarks: it reads maps where the landmarks are, and looks twice."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from facialis.networks.landmark_refinement import CloseUpNetwork, _read  # noqa: E402

POINTS = 5
SIDE = 80


@pytest.fixture
def network():
    torch.manual_seed(0)
    return CloseUpNetwork(POINTS, SIDE).eval()


@pytest.fixture
def shown():
    chance = torch.Generator().manual_seed(1)
    close_ups = torch.rand(2, 3, SIDE, SIDE, generator=chance)
    return close_ups, 10 + (SIDE - 20) * torch.rand(2, POINTS, 2, generator=chance)


def test_a_map_is_read_at_the_landmarks():
    across = (torch.arange(20) + 0.5).expand(20, 20)
    values = torch.stack((across, across.T))[None]  # where x and y of each pixel's middle are
    at = torch.tensor([[[3.0, 7.5], [12.25, 4.0], [-9.0, 99.0]]])
    read = _read(values, at / 10 - 1)
    assert read.transpose(1, 2)[0, :2] == pytest.approx(at[0, :2])
    assert read.transpose(1, 2)[0, 2].tolist() == pytest.approx([0.5, 19.5])


def test_untrained_it_moves_nothing(network, shown):
    for offsets in network.after_each(*shown):
        assert offsets.shape == (2, POINTS, 2)
        assert not offsets.any()


def test_the_second_look_is_taken_where_the_first_put_the_landmarks(network, shown):
    close_ups, found = shown
    first, second = network.looks
    with torch.no_grad():
        second.offsets.weight.normal_(0, 0.1)
        as_found = network(close_ups, found)
        first.offsets.bias.copy_(torch.tensor([3.0, -2.0]).repeat(POINTS))
        moved = network(close_ups, found)
        elsewhere = network(close_ups, found + torch.tensor([3.0, -2.0]))
        first.offsets.bias.zero_()
        there = network(close_ups, found + torch.tensor([3.0, -2.0]))
    assert moved == pytest.approx(there + torch.tensor([3.0, -2.0]), abs=1e-5)
    assert not torch.allclose(there, as_found)
    assert not torch.allclose(elsewhere, moved)


def test_the_close_up_is_read_around_the_landmarks_and_as_a_whole(network, shown):
    close_ups, _ = shown
    found = 10 + 10 * torch.rand(2, POINTS, 2, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        for look in network.looks:
            look.offsets.weight.normal_(0, 0.1)
    close_ups.requires_grad_()

    def told_by():
        (slopes,) = torch.autograd.grad(network(close_ups, found).square().sum(), close_ups)
        return slopes.abs().sum(dim=(0, 1))

    far = (slice(70, None), slice(70, None))
    assert told_by()[far].max() > 0
    with torch.no_grad():
        network.whole.weight.zero_()
    around = told_by()
    assert around[10:20, 10:20].min() > 0
    assert around[far].max() == 0

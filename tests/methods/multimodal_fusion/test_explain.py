"""What moved an answer."""

from __future__ import annotations

import torch

from facialis.methods.multimodal_fusion.explain import (
    landmark_attribution,
    pixel_attribution,
    vector_attribution,
)
from facialis.methods.multimodal_fusion.network import FeedForward, ImageBranch


def leaning(network, given):
    with torch.no_grad():
        logits = network(given)
    return logits[:, 1] - logits[:, 0]


def test_attributions_sum_to_the_change_of_the_answer():
    torch.manual_seed(0)
    network = FeedForward("expressions").eval()
    given, usual = torch.rand(3, 52), torch.rand(52)
    found = vector_attribution(network, given, usual)
    change = leaning(network, given) - leaning(network, usual[None])
    assert found.shape == (3, 52)
    assert torch.allclose(found.sum(dim=1), change, atol=2e-3)


def test_a_number_that_the_network_does_not_read_moves_nothing():
    torch.manual_seed(0)
    network = FeedForward("coordinates").eval()
    with torch.no_grad():
        network.layers[0].weight[:, 6:8] = 0
    found = vector_attribution(network, torch.rand(2, 250), torch.zeros(250))
    points = landmark_attribution(found)
    assert points.shape == (2, 125)
    assert torch.equal(points[:, 3], torch.zeros(2))
    assert torch.allclose(points[:, 0], found[:, 0] + found[:, 1])


def test_pixels_are_weighed_at_the_size_of_the_picture():
    torch.manual_seed(0)
    network = ImageBranch("small").eval()
    images = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    found = pixel_attribution(network, images)
    assert found.shape == (2, 64, 64)
    assert (found >= 0).all()
    assert torch.isfinite(found).all()

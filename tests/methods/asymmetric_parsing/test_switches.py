"""The switches of paper 000's recipe, and what each loss is given."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch.nn import functional

from facialis.methods.asymmetric_parsing import losses
from facialis.methods.asymmetric_parsing.network import Parsed, full_size
from facialis.methods.asymmetric_parsing.recipe import AsymmetricParsing, Settings, learner

WEIGHTS = {
    "pixels": 1.0,
    "nodes": 1.0,
    "allocation": 1.0,
    "boundary": 1.0,
    "edges": 0.1,
}


def parser(**changed: object) -> AsymmetricParsing:
    """A learner whose batch norms have seen a batch, so that its masks vary from place to place."""
    torch.manual_seed(0)
    taught = learner("asymmetric_parsing", Settings(size=48, **changed))
    assert isinstance(taught, AsymmetricParsing)
    for each in taught.modules():
        if isinstance(each, torch.nn.modules.batchnorm._BatchNorm):
            each.momentum = 1.0
    with torch.no_grad():
        seen_by(taught.train(), batch_of_blocks())
    return taught.eval()


def batch_of_blocks() -> dict[str, torch.Tensor]:
    """Two pictures (48, 48) of blocks of all seven parts, each in its own colour."""
    random = torch.Generator().manual_seed(0)
    small = torch.randint(0, 7, (2, 6, 6), generator=random)
    small[:, 0] = torch.arange(6) + 1
    colours = torch.randint(0, 256, (7, 3), generator=random, dtype=torch.uint8)
    mask = small.repeat_interleave(8, 1).repeat_interleave(8, 2)
    return {
        "image": colours[mask].permute(0, 3, 1, 2).contiguous(),
        "mask": mask.to(torch.uint8),
        "depth": 3 + 2.0 * torch.randint(0, 2, (2, 12, 12), generator=random),
        "palsy": torch.tensor([0, 1]),
    }


def seen_by(taught: AsymmetricParsing, batch: dict[str, torch.Tensor]) -> Parsed:
    return taught.network(batch["image"].float() / 127.5 - 1)


def test_sx_17_the_defaults_are_those_of_the_paper_and_of_the_decisions() -> None:
    assert dataclasses.asdict(Settings()) == {
        "network": "published",
        "size": 250,
        "epochs": 300,
        "batch": 32,
        "rate": 0.01,
        "momentum": 0.9,
        "weight_decay": 5e-4,
        "power": 0.9,
        "degrees": 10,
        "scales": (0.75, 1.25),
        "esc": True,
        "foreground_attention": True,
        "depth": True,
        "edges": True,
        "border_cues": True,
        "boundary_loss": True,
        "hist": True,
        "loss_total": "sum",
        "depth_supervision": False,
        "depth_mode": "centred",
        "deepest": 80,
        "hist_weight": 1,
        "node_weight": 1,
        "fpp_weight": 1,
        "mirrored": False,
    }


@pytest.mark.parametrize(
    ("switch", "gone"),
    [
        ("mirrored", set()),
        ("esc", set()),
        ("foreground_attention", set()),
        ("depth", set()),
        ("border_cues", set()),
        ("edges", {"edges"}),
        ("boundary_loss", {"boundary"}),
        ("hist", {"nodes", "allocation"}),
    ],
)
def test_a_switch_that_is_off_takes_away_its_own_losses_alone(switch: str, gone: set[str]) -> None:
    found = parser(**{switch: False}).loss(batch_of_blocks())
    assert set(found) == {"total", *WEIGHTS} - gone
    assert all(float(found[key].detach()) > 0 for key in found)
    wanted = sum(WEIGHTS[key] * each for key, each in found.items() if key != "total")
    torch.testing.assert_close(found["total"], wanted)


@pytest.mark.parametrize("switch", ["esc", "foreground_attention"])
def test_without_esc_or_foreground_attention_the_same_weights_see_something_else(
    switch: str,
) -> None:
    whole, bare = parser(), parser(**{switch: False})
    bare.load_state_dict(whole.state_dict(), strict=False)
    batch = batch_of_blocks()
    with torch.no_grad():
        found, other = whole.loss(batch), bare.loss(batch)
        apart = whole.seen(batch["image"])[0] - bare.seen(batch["image"])[0]
    assert abs(float(found["pixels"] - other["pixels"])) > 1e-4
    assert apart.abs().max() > 1e-2


@pytest.mark.parametrize("switch", [True, False])
def test_s0_07_the_attention_shown_is_0_off_the_mask_before_unless_it_is_full(
    switch: bool,
) -> None:
    taught, batch = parser(foreground_attention=switch), batch_of_blocks()
    with torch.no_grad():
        before = seen_by(taught, batch).logits[2]
        shown = taught.predict(batch)["attention"]
    is_mask = functional.max_pool2d((before > 0).float(), 4) > 0
    confined = is_mask.any(dim=3).any(dim=2)[:, :, None, None]
    off = ~is_mask & confined
    assert off.any()
    assert (shown[~off] > 0).all()
    assert ((shown[off] == 0) == switch).all()


@pytest.mark.parametrize("cues", [True, False])
def test_s0_24_the_pixels_teach_depth_and_contours_only_with_border_cues(cues: bool) -> None:
    taught = parser(border_cues=cues)
    taught.loss(batch_of_blocks())["pixels"].backward()
    depth, edges = taught.network.depth_head, taught.network.edge_head
    for each in (depth.kernels.weight, depth.embedding.weight, edges[-1].weight):
        assert (each.grad is not None and bool(each.grad.any())) == cues


@pytest.mark.parametrize("cues", [True, False])
def test_d0_18_borders_weigh_more_by_the_last_mask_and_depth_only_with_cues(cues: bool) -> None:
    taught, batch = parser(border_cues=cues, fpp_weight=3.0), batch_of_blocks()
    with torch.no_grad():
        seen = seen_by(taught, batch)
        found = float(taught.loss(batch)["boundary"])
    whole = full_size(seen.logits[-1], batch["image"])

    def boundary(given: torch.Tensor | None, weight: float = 3.0) -> float:
        return float(losses.boundary_loss(whole, batch["mask"], cues=given, fpp_weight=weight))

    last, first = (losses.border_cues(seen.depth, seen.logits[which], (48, 48)) for which in (3, 0))
    flat = losses.border_cues(None, seen.logits[3], (48, 48))
    assert found == pytest.approx(boundary(last if cues else None), rel=1e-5)
    others = (boundary(None if cues else last), boundary(first), boundary(flat))
    assert all(abs(found - each) > 1e-3 for each in others)
    assert abs(found - boundary(last if cues else None, 1.0)) > 1e-3


def test_sx_17_d0_16_all_five_masks_are_supervised_and_the_contours_at_half_size() -> None:
    taught, batch = parser(), batch_of_blocks()
    with torch.no_grad():
        seen, found = seen_by(taught, batch), taught.loss(batch)
    half = batch["mask"][:, ::2, ::2]
    each = [losses.pixel_loss(logits, half) for logits in seen.logits[:4]]
    each.append(losses.pixel_loss(full_size(seen.logits[4], batch["image"]), batch["mask"]))
    torch.testing.assert_close(found["pixels"], sum(each) / 5)
    torch.testing.assert_close(found["edges"], losses.edge_loss(seen.edges, half))


def test_sx_17_d0_9_supervised_depth_is_compared_as_a_part_of_the_deepest() -> None:
    taught, batch = parser(depth_supervision=True, deepest=8.0), batch_of_blocks()
    with torch.no_grad():
        seen, found = seen_by(taught, batch), taught.loss(batch)
    nearness = ((batch["depth"] - 3) / 2).repeat_interleave(2, 1).repeat_interleave(2, 2)
    torch.testing.assert_close(found["depth"], (seen.depth / 8 - nearness).abs().mean())
    others = sum(WEIGHTS[key] * found[key] for key in WEIGHTS)
    torch.testing.assert_close(found["total"], others + 0.1 * found["depth"])


def test_sx_17_d0_7_offset_depth_is_deeper_by_half_the_range_of_its_category() -> None:
    centred, offset = parser(), parser(depth_mode="offset")
    assert centred.network.depth_head.mode == "centred"
    offset.load_state_dict(centred.state_dict())
    batch = batch_of_blocks()
    with torch.no_grad():
        deeper = seen_by(offset, batch).depths - seen_by(centred, batch).depths
    assert (deeper.amax(dim=(2, 3)) - deeper.amin(dim=(2, 3)) < 1e-3).all()
    assert 0 < deeper.min() < deeper.max() < 40


def test_sx_17_d0_8_the_unit_of_depth_is_only_a_unit() -> None:
    far, near = parser(), parser(deepest=8.0)
    near.load_state_dict(far.state_dict())
    batch = batch_of_blocks()
    with torch.no_grad():
        there, here = seen_by(far, batch), seen_by(near, batch)
    torch.testing.assert_close(here.depth, there.depth / 10)
    torch.testing.assert_close(here.logits[-1], there.logits[-1])
    assert 8 < there.depth.max() < 120

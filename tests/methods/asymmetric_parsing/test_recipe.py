"""The recipe of paper 000: what is learned from, altered, minimised and answered."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from facialis.errors import InputError
from facialis.methods.asymmetric_parsing import baselines, prepare, recipe
from facialis.methods.asymmetric_parsing.recipe import AsymmetricParsing, Settings, learner
from facialis.regions.classes import Part


class Ellipses:
    """A drawn face of 64 × 64 whose left or right eye is FPP."""

    side = None

    def __init__(self, number: int) -> None:
        import cv2

        self.name, self.number = f"{number}", number
        labels = np.zeros((64, 64), np.uint8)
        x, y = 32 + number % 3 - 1, 32 + number // 3 - 1
        cv2.ellipse(labels, (x, y - 3), (26, 29), 0, 0, 360, 2, -1)
        cv2.ellipse(labels, (x, y + 3), (21, 25), 0, 0, 360, 1, -1)
        for way in (-1, 1):
            is_weak = way == (1 if number % 2 else -1)
            cv2.ellipse(labels, (x + 9 * way, y - 8), (6, 2), 0, 0, 360, 3, -1)
            cv2.ellipse(labels, (x + 9 * way, y), (5, 3), 0, 0, 360, 6 if is_weak else 4, -1)
        cv2.ellipse(labels, (x, y + 15), (9, 4), 0, 0, 360, 5, -1)
        self.labels = labels

    def picture(self) -> np.ndarray:
        noise = np.random.default_rng(self.number).normal(0, 8, (64, 64, 3))
        shown = np.array(prepare.COLOURS)[self.labels] + noise
        return np.clip(shown, 0, 255).astype(np.uint8)

    def parts(self) -> np.ndarray | None:
        return self.labels

    def attributes(self) -> None:
        return None

    def depth(self) -> np.ndarray | None:
        return (self.labels > 0).astype(np.float32)

    def landmarks(self) -> None:
        return None

    def label(self, scale: object) -> int | None:
        return 1


class Unlabelled(Ellipses):
    """The same without anything known."""

    def parts(self) -> None:
        return None

    def depth(self) -> None:
        return None

    def label(self, scale: object) -> None:
        return None


def batch_of(taught: baselines.Parsing, sources: list[Ellipses]) -> dict[str, torch.Tensor]:
    made = [taught.example([source]) for source in sources]
    return {key: torch.from_numpy(np.stack([each[key] for each in made])) for key in made[0]}


def test_s0_20_the_recipe_is_the_papers() -> None:
    stage = learner("asymmetric_parsing", Settings()).stages[0]
    assert (stage.optimiser, stage.momentum, stage.batch, stage.epochs) == ("sgd", 0.9, 32, 300)
    assert (stage.rate, stage.power, stage.weight_decay) == (0.01, 0.9, 5e-4)
    assert Settings().size == 250


def test_s0_17_turns_and_scales_stay_in_range(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, torch.Tensor] = {}

    def noted(*, degrees: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
        seen.update(degrees=degrees, scale=scale)
        return torch.eye(2, 3).expand(len(degrees), 2, 3)

    monkeypatch.setattr(baselines, "affine", noted)
    taught = baselines.Parsing(Settings(size=1))
    batch = {
        "image": torch.zeros(10_000, 3, 1, 1, dtype=torch.uint8),
        "mask": torch.zeros(10_000, 1, 1, dtype=torch.uint8),
        "depth": torch.zeros(10_000, 1, 1),
    }
    taught.augment(batch, torch.Generator().manual_seed(0))
    assert -10 <= seen["degrees"].min() < -9.9
    assert 9.9 < seen["degrees"].max() <= 10
    assert 0.75 <= seen["scale"].min() < 0.751
    assert 1.249 < seen["scale"].max() <= 1.25


def test_s0_18_altered_labels_are_classes_or_unlabelled() -> None:
    taught = baselines.Parsing(Settings(size=64))
    batch = batch_of(taught, [Ellipses(i) for i in range(4)])
    altered = taught.augment(batch, torch.Generator().manual_seed(1))
    assert set(altered["mask"].unique().tolist()) <= {0, 1, 2, 3, 4, 5, 6, 255}
    assert not torch.equal(altered["mask"], batch["mask"])
    assert set(altered["depth"].unique().tolist()) == {0, 1}


def planted() -> dict[str, torch.Tensor]:
    """A square of 12 pixels in the upper right of four pictures of 64, in all three maps."""
    image = torch.zeros(4, 3, 64, 64, dtype=torch.uint8)
    mask, depth = torch.zeros(4, 64, 64, dtype=torch.uint8), torch.zeros(4, 16, 16)
    image[:, :, 8:20, 40:52], mask[:, 8:20, 40:52], depth[:, 2:5, 10:13] = 200, 5, 7.0
    return {"image": image, "mask": mask, "depth": depth}


def middles_of(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Where the square's middle is (4, 2), down and across, in pixels of the picture."""
    shown = {
        "image": batch["image"][:, 0].float(),
        "mask": (batch["mask"] == 5).float(),
        "depth": batch["depth"].repeat_interleave(4, 1).repeat_interleave(4, 2),
    }
    places = torch.arange(64) + 0.5
    return {
        name: torch.stack(((each.sum(dim=2) @ places), (each.sum(dim=1) @ places)), dim=1)
        / each.sum(dim=(1, 2))[:, None]
        for name, each in shown.items()
    }


def test_d0_12_a_square_goes_along_in_the_picture_its_mask_and_its_depth() -> None:
    taught = baselines.Parsing(Settings(size=64))
    found = middles_of(taught.augment(planted(), torch.Generator().manual_seed(0)))
    start = torch.tensor([14.0, 46.0])
    assert (found["mask"] - start).norm(dim=1).max() > 5
    assert (found["image"] - found["mask"]).norm(dim=1).max() < 0.5
    assert (found["depth"] - found["mask"]).norm(dim=1).max() < 2.5


def test_d0_12_enlarging_by_a_quarter_moves_a_square_a_quarter_further_out() -> None:
    taught = baselines.Parsing(Settings(size=64, degrees=0.0, scales=(1.25, 1.25)))
    altered = taught.augment(planted(), torch.Generator().manual_seed(0))
    for name, middles in middles_of(altered).items():
        apart = middles - torch.tensor([32 - 1.25 * 18, 32 + 1.25 * 14])
        assert apart.norm(dim=1).max() < (2.5 if name == "depth" else 0.5)
    assert altered["depth"].unique().tolist() == [0, 7]


def test_an_example_without_labels_looks_like_one_with() -> None:
    taught = baselines.Parsing(Settings(size=50))
    given, bare = taught.example([Ellipses(0)]), taught.example([Unlabelled(0)])
    assert {k: (v.shape, v.dtype) for k, v in given.items()} == {
        k: (v.shape, v.dtype) for k, v in bare.items()
    }
    assert given["depth"].shape == (13, 13)
    assert (bare["mask"] == 255).all()
    assert (bare["depth"] == 0).all()
    assert int(bare["palsy"]) == -1


def test_parts_are_learned_from_pictures_with_a_mask_alone() -> None:
    taught = baselines.Parsing(Settings(size=32))
    batch = batch_of(taught, [Ellipses(0), Unlabelled(1), Ellipses(2)])
    arrays = {name: each.numpy() for name, each in batch.items()}
    assert taught.learned_from(taught.stages[0], arrays).tolist() == [True, False, True]


def test_s0_15_the_total_is_a_sum_and_a_product_only_when_asked_for() -> None:
    values = {"pixels": 2.0, "nodes": 3.0, "allocation": 5.0, "boundary": 7.0, "edges": 10.0}
    parts = {key: torch.tensor(value, requires_grad=True) for key, value in values.items()}
    assert float(recipe.total(parts, Settings()).detach()) == 2 + 3 + 5 + 7 + 1
    gentler = recipe.total(parts, Settings(hist_weight=0.5, node_weight=2.0))
    assert float(gentler.detach()) == 2 + 3 + 2.5 + 7 + 1
    taught = parts | {"depth": torch.tensor(20.0)}
    assert float(recipe.total(taught, Settings()).detach()) == 2 + 3 + 5 + 7 + 1 + 2
    assert not Settings().depth_supervision
    product = recipe.total(parts, Settings(loss_total="product_as_printed"))
    assert float(product.detach()) == 2 + 5 + 3 * 7 + 1
    product.backward()
    assert (parts["nodes"].grad, parts["boundary"].grad) == (7, 3)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"loss_total": "product_as_printed"},
        {"depth_supervision": True},
        {"mirrored": True},
        {"depth": False, "edges": False, "hist": False, "boundary_loss": False},
        pytest.param({"network": "deeplabv3plus"}, marks=pytest.mark.slow),
    ],
)
def test_a_step_on_one_picture_and_an_answer(changed: dict[str, object]) -> None:
    torch.manual_seed(0)
    taught = learner("asymmetric_parsing", Settings(size=50, **changed))
    batch = batch_of(taught, [Ellipses(0)])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        losses = taught.train().loss(batch)
        losses["total"].backward()
        with torch.inference_mode():
            found = taught.eval().predict(batch)
    assert losses["total"].dtype == torch.float32
    assert losses["total"].isfinite()
    assert all(p.grad.isfinite().all() for p in taught.parameters() if p.grad is not None)
    assert found["labels"].shape == (1, 50, 50)
    assert found["labels"].dtype == found["plain_labels"].dtype == torch.uint8
    assert found["plain_labels"].max() < Part.FPP
    same = found["labels"] != Part.FPP
    assert torch.equal(found["plain_labels"][same], found["labels"][same])
    torch.testing.assert_close(found["palsy_probability"].sum(dim=1), torch.ones(1))
    if changed.get("network") is None:
        assert found["attention"].shape == (1, 7, 6, 6)
        assert ("depth" in found) == bool(changed.get("depth", True))


@pytest.mark.parametrize("size", [32, 33])
def test_mirrored_answers_are_those_of_the_mirror_image_too(size: int) -> None:
    torch.manual_seed(0)
    taught = learner("asymmetric_parsing", Settings(size=size, mirrored=True)).eval()
    images = torch.randint(0, 256, (2, 3, size, size), dtype=torch.uint8)
    alone = learner("asymmetric_parsing", Settings(size=size)).eval()
    alone.load_state_dict(taught.state_dict())
    assert isinstance(taught, AsymmetricParsing)
    assert isinstance(alone, AsymmetricParsing)
    with torch.inference_mode():
        here, pictures = taught.seen(images)
        there, _ = taught.seen(images.flip(-1))
        plain, kept = alone.seen(images)
    torch.testing.assert_close(here, there.flip(-1))
    torch.testing.assert_close(here.sum(dim=1), torch.ones(2, size, size))
    assert not torch.allclose(here, plain.softmax(dim=1), atol=1e-4)
    for name in ("attention", "depth"):
        torch.testing.assert_close(pictures[name], kept[name])


def test_a_batch_without_labels_has_a_loss_of_zero() -> None:
    taught = learner("asymmetric_parsing", Settings(size=32, depth_supervision=True))
    losses = taught.train().loss(batch_of(taught, [Unlabelled(0), Unlabelled(1)]))
    assert float(losses["total"].detach()) == pytest.approx(0, abs=1e-5)


@pytest.mark.slow
def test_mask_rcnn_learns_from_instances_and_answers_with_labels() -> None:
    torch.manual_seed(0)
    taught = learner("asymmetric_parsing", Settings(size=64, network="mask_rcnn"))
    batch = batch_of(taught, [Ellipses(0), Unlabelled(1)])
    assert taught.train().loss(batch)["total"].isfinite()
    taught.eval()
    with torch.no_grad():
        assert taught.loss(batch)["total"].isfinite()
        assert taught.predict(batch)["labels"].shape == (2, 64, 64)
    assert not any(each.training for each in taught.modules())


def test_instances_are_the_connected_pieces_of_each_part() -> None:
    labels = np.zeros((8, 8), np.uint8)
    labels[1:3, 1:4] = 4
    labels[1:3, 5:7] = 4
    labels[6, 2:7] = 6
    labels[0, 0] = 255
    found = baselines.instances(labels)
    assert found["labels"].tolist() == [4, 4, 6]
    assert found["boxes"].tolist() == [[1, 1, 4, 3], [5, 1, 7, 3], [2, 6, 7, 7]]
    assert found["masks"].sum(dim=(1, 2)).tolist() == [6, 4, 5]
    assert baselines.instances(np.zeros((4, 4), np.uint8))["masks"].shape == (0, 4, 4)


def test_the_threshold_parts_the_classes_best() -> None:
    fractions = np.array([0.0, 0.01, 0.02, 0.05, 0.06, 0.9])
    classes = np.array([0, 0, 0, 1, 1, -1])
    assert baselines.best_threshold(fractions, classes) == pytest.approx(0.035)
    assert baselines.best_threshold(fractions, np.ones(6, np.int64)) is None


def test_settling_puts_the_threshold_at_one_half() -> None:
    class Given(baselines.Parsing):
        def seen(self, images: torch.Tensor) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
            shown = torch.nn.functional.one_hot(images[:, 0].long(), 7)
            return shown.permute(0, 3, 1, 2).float(), {}

    image = torch.ones(2, 3, 4, 4, dtype=torch.uint8)
    image[1, :, 0] = 6
    taught = Given(Settings(size=4))
    taught.settle([{"image": image, "palsy": torch.tensor([0, 1])}])
    assert float(taught.threshold) == pytest.approx(0.125)
    found = taught.predict({"image": image})
    assert found["fpp_fraction"].tolist() == [0, 0.25]
    assert found["palsy_probability"][:, 1].tolist() == pytest.approx([0, 2 / 3])


@pytest.mark.parametrize(
    "changed",
    [
        {"loss_total": "product_as_printed", "hist": False},
        {"depth_supervision": True, "depth": False},
        {"mirrored": True, "network": "mask_rcnn"},
    ],
)
def test_settings_that_exclude_each_other_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(InputError):
        learner("asymmetric_parsing", dataclasses.replace(Settings(), **changed))


def test_another_name_is_refused() -> None:
    with pytest.raises(InputError, match="asymmetric_parsing"):
        learner("phcnn_lstm", Settings())


@pytest.mark.slow
def test_s0_22_eight_drawn_faces_are_learned_by_heart() -> None:
    torch.manual_seed(0)
    taught = learner("asymmetric_parsing", Settings(size=64))
    batch = batch_of(taught, [Ellipses(i) for i in range(8)])
    steps = torch.optim.SGD(taught.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
    for _ in range(45):
        loss = taught.train().loss(batch)["total"]
        steps.zero_grad()
        loss.backward()
        steps.step()
    for each in taught.modules():
        if isinstance(each, torch.nn.modules.batchnorm._BatchNorm):
            each.momentum = 1.0  # running numbers lag behind so short a course
    with torch.no_grad():
        taught.loss(batch)
        labels = taught.eval().predict(batch)["labels"]
    truth = batch["mask"]
    shared = [((labels == k) & (truth == k)).sum() for k in range(7)]
    either = [((labels == k) | (truth == k)).sum() for k in range(7)]
    assert (torch.stack(shared) / torch.stack(either)).mean() > 0.9

"""The recipe and its ablations: rows S1-15 to S1-18, SX-11, SX-17."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.methods.rates import rates_of

from facialis.errors import InputError
from facialis.face.mesh import TEMPLATE
from facialis.methods.cascaded_encoder.light import LightCascadedEncoder
from facialis.methods.cascaded_encoder.recipe import (
    GRADING,
    LIGHT,
    PUBLISHED,
    SEGMENTATION,
    CascadedLearner,
    Settings,
    learner,
)
from facialis.networks.face_reading import face_lesson, shape_lesson

SMALL = Settings(size=64, channels=8, hidden=16, pretrained=False)


class Picture:
    name = "someone"
    side = None

    def __init__(self, grade: int | None, mask: bool) -> None:
        self.grade, self.mask = grade, mask

    def picture(self):
        return np.zeros((80, 80, 3), np.uint8)

    def attributes(self):
        return np.ones((80, 80), np.uint8) if self.mask else None

    def label(self, scale):
        return self.grade


def batch(count: int = 2) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    return {
        "image": torch.randint(0, 256, (count, 3, 64, 64), generator=random).to(torch.uint8),
        "mask": torch.randint(0, 11, (count, 64, 64), generator=random).to(torch.uint8),
        "grade": torch.arange(count) % 6,
    }


def begun(settings: Settings, stage: str = GRADING, name: str = PUBLISHED) -> CascadedLearner:
    torch.manual_seed(0)
    found = learner(name, settings)
    found.begin(next(each for each in found.stages if each.name == stage))
    return found.train()


def stepped(found: CascadedLearner, steps: int = 1) -> set[str]:
    """Return the names of the tensors that change in optimiser steps."""
    before = {key: value.clone() for key, value in found.network.state_dict().items()}
    wanted = [each for each in found.parameters() if each.requires_grad]
    optimiser = torch.optim.Adam(wanted, lr=2e-4)
    for _ in range(steps):
        optimiser.zero_grad()
        found.loss(batch())["total"].backward()
        optimiser.step()
    after = found.network.state_dict()
    return {key for key in before if not torch.equal(before[key], after[key])}


def test_s1_15_grading_changes_e2_and_no_tensor_of_e1():
    changed = stepped(begun(SMALL), 2)
    assert not [key for key in changed if key.startswith(("e1.", "head."))]
    assert {"e2.features.0.weight", "e2.condition_input.weight", "e2.condition.weight"} <= changed


def test_s1_16_freeze_e2_keeps_what_vgg16_loads():
    changed = stepped(begun(replace(SMALL, freeze_e2=True)), 2)
    assert not [key for key in changed if key.startswith(("e1.", "head.", "e2.features."))]
    assert {"e2.condition.weight", "e2.condition_input.weight", "e2.classifier.6.weight"} <= changed


def test_s1_17_end_to_end_trains_e1_e2_and_classifier_without_segmentation():
    found = begun(replace(SMALL, end_to_end=True))
    assert [stage.name for stage in found.stages] == [GRADING]
    torch.nn.init.normal_(found.network.e2.condition_input.weight)
    losses = found.loss(batch())
    assert set(losses) == {"total", "grade"}
    losses["total"].backward()
    for part in (found.network.e1, found.network.e2):
        for name, each in part.named_parameters():
            assert each.grad.abs().sum() > 0, name
    assert SEGMENTATION not in found.tasks


def test_end_to_end_after_stage_1_segments_first():
    found = begun(replace(SMALL, end_to_end_after_stage_1=True))
    assert [stage.name for stage in found.stages] == ["normal", "palsy", GRADING]
    assert all(each.requires_grad for each in found.network.e1.parameters())
    assert SEGMENTATION not in found.tasks


def test_without_condition_only_a_plain_vgg16_is_trained():
    found = begun(replace(SMALL, condition=False))
    assert [stage.name for stage in found.stages] == [GRADING]
    assert sum(p.numel() for p in found.network.e2.features.parameters()) == 14_714_688
    assert not any(each.requires_grad for each in found.network.e1.parameters())
    with torch.inference_mode():
        assert set(found.eval().predict(batch(1))) == {"grade_probability"}


@pytest.mark.parametrize("stage", ["normal", "palsy"])
def test_segmentation_trains_e1_and_head_only(stage):
    found = begun(replace(SMALL, channels=8), stage, LIGHT)
    changed = stepped(found)
    assert [key for key in changed if key.startswith("head.")]
    assert [key for key in changed if key.startswith("e1.")]
    assert not [key for key in changed if key.startswith("e2.")]


@pytest.mark.parametrize(("freeze", "expected"), [(None, True), (False, True), (True, False)])
def test_sx_17_d1_8_decides_whether_grading_moves_e1(freeze, expected):
    changed = stepped(begun(replace(SMALL, freeze_e1=freeze), name=LIGHT))
    assert any(key.startswith("e1.") for key in changed) is expected


def test_sx_17_d1_8_published_e1_is_kept_unless_asked():
    assert not begun(SMALL).network.e1.training
    assert begun(replace(SMALL, freeze_e1=False)).network.e1.training


def test_s1_18_the_published_recipe():
    with torch.device("meta"):
        found = learner(PUBLISHED, Settings(pretrained=False))
    stages = [(each.name, each.epochs, each.batch) for each in found.stages]
    assert stages == [("normal", 30, 8), ("palsy", 20, 8), ("grading", 50, 16)]
    assert {(s.optimiser, s.rate, s.power, s.weight_decay) for s in found.stages} == {
        ("adam", 2e-4, 0.9, 0.0)
    }


def test_sx_11_the_rate_half_way():
    trained = learner(LIGHT, SMALL)
    trained.begin(trained.stages[0])
    assert rates_of(trained, 50)[25] == pytest.approx(1.0718e-4, abs=5e-9)


def test_stages_learn_from_healthy_palsied_and_graded_pictures():
    found = learner(LIGHT, SMALL)
    examples = [
        found.example([Picture(grade, mask)])
        for grade, mask in [(0, True), (3, True), (None, True), (2, False), (0, False)]
    ]
    arrays = {key: np.stack([each[key] for each in examples]) for key in examples[0]}
    chosen = [found.learned_from(stage, arrays).tolist() for stage in found.stages]
    assert chosen == [
        [True, False, True, False, False],
        [False, True, False, False, False],
        [True, True, False, True, True],
    ]


@pytest.mark.parametrize("stage", ["palsy", GRADING])
def test_a_batch_without_labels_has_a_loss_of_0(stage):
    found = begun(SMALL, stage, LIGHT)
    nothing = batch(1)
    nothing["mask"][:] = 255
    nothing["grade"][:] = -1
    loss = found.loss(nothing)["total"]
    loss.backward()
    assert loss.item() == 0


def test_the_loss_of_pixels_is_the_mean_over_labelled_ones():
    found = begun(SMALL, "palsy", LIGHT).eval()
    some = batch(1)
    some["mask"][:, 32:] = 255
    with torch.no_grad():
        logits = found.network.segment(some["image"])[0, :, :32].double()
        truth = some["mask"][0, :32].long()
        expected = -logits.log_softmax(0).gather(0, truth[None]).mean()
        assert found.loss(some)["total"].item() == pytest.approx(expected.item(), rel=1e-4)


def test_d1_13_mirroring_swaps_sides_and_both_are_optional():
    found = learner(LIGHT, replace(SMALL, rotated=0.0, mirrored=1.0))
    given = batch()
    given["mask"][:] = 2
    altered = found.augment(given, torch.Generator().manual_seed(0))
    assert (altered["mask"] == 3).all()
    assert torch.equal(altered["image"], given["image"].flip(-1))
    still = learner(LIGHT, replace(SMALL, rotated=0.0, mirrored=0.0))
    assert torch.equal(still.augment(given, torch.Generator())["image"], given["image"])


@pytest.mark.parametrize("attention", [True, False])
def test_the_light_form_answers_its_tasks(attention):
    found = learner(LIGHT, replace(SMALL, attention=attention)).eval()
    with torch.inference_mode():
        answers = found.predict(batch(3))
    assert {task.predicted for task in found.tasks} <= set(answers)
    assert answers["labels"].shape == (3, 64, 64)
    assert answers["labels"].dtype == torch.uint8
    assert torch.allclose(answers["grade_probability"].sum(-1), torch.ones(3), atol=1e-5)
    assert torch.allclose(answers["attention"].sum((1, 2)), torch.ones(3), atol=1e-4)


def test_the_light_form_trains_in_half_precision():
    found = begun(replace(SMALL, size=32), name=LIGHT)
    small = {key: value[..., ::2, ::2] for key, value in batch().items() if key != "grade"}
    with torch.autocast("cpu", torch.bfloat16):
        losses = found.loss(small | {"grade": batch()["grade"]})
    losses["total"].backward()
    assert losses["total"].dtype == torch.float32
    assert torch.isfinite(losses["total"]).item()


def test_the_light_form_fits_in_12_megabytes():
    numbers = sum(each.numel() for each in LightCascadedEncoder().state_dict().values())
    assert 4 * numbers < 12e6


@pytest.mark.parametrize(
    ("name", "settings", "problem"),
    [
        ("asymmetric_parsing", SMALL, "is not a form"),
        (
            PUBLISHED,
            replace(SMALL, end_to_end=True, end_to_end_after_stage_1=True),
            "two experiments",
        ),
        (LIGHT, replace(SMALL, freeze_e2=True), "no VGG16"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(name, settings, problem):
    with pytest.raises(InputError, match=problem):
        learner(name, settings)


def reading_batch(size):
    rng = np.random.default_rng(0)
    points = 40 * TEMPLATE + [size / 2, size / 2, 0] + rng.normal(0, 0.3, (4, *TEMPLATE.shape))
    lessons = [{"shape": shape_lesson(p, size), **face_lesson(p)} for p in points]
    taught = {n: torch.as_tensor(np.stack([each[n] for each in lessons])) for n in lessons[0]}
    return {
        "image": torch.randint(0, 256, (4, 3, size, size), dtype=torch.uint8),
        "mask": torch.randint(0, 11, (4, size, size), dtype=torch.uint8),
        "grade": torch.tensor([0, 1, 2, 3]),
    } | taught


def test_the_light_form_that_reads_faces_learns_all_of_it():
    torch.manual_seed(0)
    model = learner(LIGHT, Settings(size=64, pretrained=False, reads_faces=True))
    given = reading_batch(64)
    grading = model.stages[-1]
    model.meet(grading, {n: each.numpy() for n, each in given.items()})
    model.begin(grading)
    model.train()
    optimiser = torch.optim.Adam(model.parameters(), 1e-3)
    losses = []
    for _ in range(6):
        found = model.loss(given)
        optimiser.zero_grad()
        found["total"].backward()
        optimiser.step()
        losses.append({name: float(each.detach()) for name, each in found.items()})
    assert {"grade", "attributes", "asymmetry", "scores", "shape"} <= set(losses[0])
    assert losses[-1]["total"] < losses[0]["total"]
    model.eval()
    with torch.no_grad():
        here, there = (
            model.predict(given),
            model.predict(given | {"image": given["image"].flip(-1)}),
        )
    assert torch.allclose(here["grade_probability"], there["grade_probability"], atol=1e-5)
    assert set(here) == {"labels", "attention", "grade_probability"}


def test_end_to_end_the_form_that_reads_faces_learns_no_parts():
    settings = Settings(size=64, pretrained=False, reads_faces=True, end_to_end=True)
    model = learner(LIGHT, settings)
    (grading,) = model.stages
    given = reading_batch(64)
    model.meet(grading, {n: each.numpy() for n, each in given.items()})
    model.begin(grading)
    found = model.train().loss(given)
    assert {"grade", "asymmetry", "scores", "shape"} <= set(found)
    assert "attributes" not in found
    found["total"].backward()
    assert all(each.grad is None for each in model.network.head.parameters())
    assert any(each.grad is not None for each in model.network.e1.parameters())
    assert set(model.eval().predict(given)) == {"grade_probability"}


def test_where_faces_are_read_pictures_are_never_mirrored():
    model = learner(LIGHT, Settings(size=64, pretrained=False, reads_faces=True, mirrored=1.0))
    given = reading_batch(64)
    altered = model.augment(given, torch.Generator().manual_seed(0))
    assert ((altered["shape"] - given["shape"]).abs() < 0.5).all()
    assert torch.equal(altered["asymmetry"], given["asymmetry"])


@pytest.mark.parametrize(
    ("name", "more"),
    [(PUBLISHED, {}), (LIGHT, {"condition": False})],
)
def test_only_the_light_form_reads_faces(name, more):
    with pytest.raises(InputError, match="reads_faces"):
        learner(name, Settings(size=64, pretrained=False, reads_faces=True, **more))


@pytest.mark.parametrize("changed", [{}, {"end_to_end": True}, {"condition": False}])
def test_s1_13_grades_of_the_published_network_are_probabilities(changed):
    found = begun(replace(SMALL, **changed)).eval()
    with torch.inference_mode():
        answer = found.predict(batch(2))["grade_probability"]
        logits = found.network.grade(batch(2)["image"])
    assert logits.shape == answer.shape == (2, 6)
    assert torch.allclose(answer.sum(dim=1), torch.ones(2), atol=1e-6)
    expected = logits.exp() / logits.exp().sum(dim=1, keepdim=True)
    assert torch.allclose(answer, expected, atol=1e-6)

"""Training of paper 003: loss, class weights, augmentation, examples."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import torch
from tests.methods.rates import rates_of

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.methods.phcnn_lstm import prepare
from facialis.methods.phcnn_lstm.learning import CROPS, person_number
from facialis.methods.phcnn_lstm.losses import class_weights, weighted_cross_entropy
from facialis.methods.phcnn_lstm.prepare import crops_of
from facialis.methods.phcnn_lstm.recipe import Settings, learner
from facialis.regions.rois import Box

LIGHT = "phcnn_lstm-light"


def arrays(people: list[int], levels: list[int], faceless: int = 0) -> dict[str, np.ndarray]:
    return {
        "person": np.array(people, np.int64),
        "level": np.array(levels, np.int64),
        "faceless": np.full(len(people), faceless, np.int64),
    }


def batch(people: list[int], levels: list[int], seed: int = 0) -> dict[str, torch.Tensor]:
    random = torch.Generator().manual_seed(seed)
    shapes = {"face": (128, 128), "eyes": (40, 120), "mouth": (40, 120)}
    found = {
        name: torch.randint(
            0, 256, (len(people), 4, 3, *shape), generator=random, dtype=torch.uint8
        )
        for name, shape in shapes.items()
    }
    return found | {"person": torch.tensor(people), "level": torch.tensor(levels)}


def test_s3_15_class_weights_of_the_papers_counts():
    classes = torch.repeat_interleave(torch.arange(3), torch.tensor([332, 1384, 3704]))
    expected = torch.tensor([5420 / (3 * n) for n in (332, 1384, 3704)])
    found = class_weights(classes, 3)
    torch.testing.assert_close(found, expected)
    assert [round(float(each), 4) for each in found] == [5.4418, 1.3054, 0.4878]


def test_class_weights_ignore_unknown_levels_and_absent_ones_weigh_nothing():
    found = class_weights(torch.tensor([-1, 0, 0, 2, -1]), 3)
    torch.testing.assert_close(found, torch.tensor([3 / 6, 0.0, 3 / 3]))
    assert class_weights(torch.tensor([-1]), 3).tolist() == [0, 0, 0]


def test_s3_16_weighted_loss_of_one_uniform_answer_is_not_renormalised():
    weights = torch.tensor([5420 / (3 * n) for n in (332, 1384, 3704)])
    found = weighted_cross_entropy(torch.zeros(1, 1, 3), torch.tensor([0]), weights)
    assert float(found) == pytest.approx(5.978392, abs=1e-5)
    assert float(found) == pytest.approx(5420 / 996 * math.log(3), abs=1e-5)


def test_the_loss_is_the_mean_of_the_labelled_by_a_loop():
    torch.manual_seed(0)
    scores, weights = torch.randn(5, 4, 3), torch.tensor([2.0, 0.5, 1.0])
    classes = [0, -1, 2, 1, 2]
    by_hand = 0.0
    for row, level in zip(scores, classes, strict=True):
        if level >= 0:
            for frame in row:
                shares = [math.exp(each) for each in frame.tolist()]
                by_hand -= float(weights[level]) * math.log(shares[level] / sum(shares)) / 4 / 4
    found = weighted_cross_entropy(scores, torch.tensor(classes), weights)
    assert float(found) == pytest.approx(by_hand, rel=1e-5)


def test_a_batch_without_a_label_has_a_loss_of_0_and_no_gradient(small):
    trained = small()
    found = trained.loss(batch([1], [-1]))["total"]
    found.backward()
    assert found.item() == 0
    assert all(not each.grad.any() for each in trained.parameters() if each.grad is not None)


def test_s3_17_the_optimiser_is_the_papers(small):
    (stage,) = small().stages
    assert dataclasses.asdict(stage) | {"name": "", "keep": ""} == {
        "name": "", "keep": "", "epochs": 50, "batch": 64, "optimiser": "sgd", "rate": 1e-4,
        "momentum": 0.9, "weight_decay": 2e-5, "power": 0.1, "patience": None,
    }  # fmt: skip


def test_sx_11_the_rate_half_way_by_the_stage(small):
    trained = small()
    trained.begin(trained.stages[0])
    rates = rates_of(trained, 50)
    assert rates[25] == pytest.approx(9.3303e-5, rel=1e-5)
    assert rates[49] == pytest.approx(6.76e-5, rel=1e-3)


def test_s3_14_fifteen_sequences_are_augmented_and_sixteen_are_not(small):
    trained = small()
    trained.meet(trained.stages[0], arrays([7] * 15 + [8] * 16, [0] * 31))
    given = batch([7, 8, 7], [0, 0, 0])
    found = trained.augment(given, torch.Generator().manual_seed(3))
    for name in ("face", "eyes", "mouth"):
        assert torch.equal(found[name][1], given[name][1])
        assert not torch.equal(found[name][0], given[name][0])
        assert not torch.equal(found[name][2], given[name][2])
    assert found["face"].dtype == torch.uint8


def test_sx_17_d3_15_shifts_of_six_pixels_and_turns_of_ten_degrees_at_most(small):
    maps = small().moves(2000, torch.Generator().manual_seed(0)).double()
    degrees = torch.rad2deg(torch.atan2(maps[:, 1, 0], maps[:, 0, 0]))
    assert 9.5 < float(degrees.abs().max()) <= 10
    turned_back = torch.linalg.solve(maps[:, :, :2], maps[:, :, 2:])[..., 0]
    assert 5.7 < float(turned_back.abs().max()) <= 6 + 1e-6


def test_s3_14_all_frames_and_crops_of_a_sequence_move_alike(small):
    """A bright square 10 px right of each crop's middle moves by the same pixels everywhere."""
    trained = small()
    trained.meet(trained.stages[0], arrays([7], [0]))
    given = batch([7], [0])
    for name in ("face", "eyes", "mouth"):
        given[name].zero_()
        y, x = given[name].shape[-2] // 2, given[name].shape[-1] // 2 + 10
        given[name][..., y - 3 : y + 3, x - 3 : x + 3] = 255
    found = trained.augment(given, torch.Generator().manual_seed(5))
    places = []
    for name in ("face", "eyes", "mouth"):
        maps = found[name][0, :, 0].double()
        y, x = torch.meshgrid(*map(torch.arange, maps.shape[-2:]), indexing="ij")
        middle = torch.tensor(maps.shape[-2:]) / 2 - 0.5
        for frame in maps:
            weight = frame / frame.sum()
            place = torch.stack(((weight * y).sum(), (weight * x).sum())) - middle
            places.append(place)
    for place in places[1:]:
        torch.testing.assert_close(place, places[0], atol=0.05, rtol=0)
    moved = places[0] - torch.tensor([0.0, 10.0])
    assert 0.1 < moved.abs().max() <= 6 + 10 * math.sin(math.radians(10)) + 0.5


def test_nothing_is_augmented_before_the_training_examples_are_known(small):
    trained, given = small(), batch([7], [0])
    found = trained.augment(given, torch.Generator().manual_seed(3))
    assert all(torch.equal(found[name], given[name]) for name in given)


def test_meeting_the_training_examples_sets_the_weights_of_the_loss(small, caplog):
    trained = small()
    assert trained.weights.tolist() == [1, 1, 1]
    trained.meet(trained.stages[0], arrays([1, 1, 2, 3], [0, 0, 0, 2], faceless=2))
    torch.testing.assert_close(trained.weights, torch.tensor([4 / 9, 0.0, 4 / 3]))
    assert "no face detected in 8 of 16 frames" in caplog.text
    again = small()
    again.load_state_dict(trained.state_dict())
    assert torch.equal(again.weights, trained.weights)


def test_an_example_holds_four_frames_in_three_regions(small, frame):
    found = small().example([frame(seed=n) for n in range(4)])
    assert {name: (each.shape, each.dtype.name) for name, each in found.items()} == {
        "face": ((4, 3, 128, 128), "uint8"),
        "eyes": ((4, 3, 40, 120), "uint8"),
        "mouth": ((4, 3, 40, 120), "uint8"),
        "level": ((), "int64"),
        "person": ((), "int64"),
        "faceless": ((), "int64"),
    }
    assert found["level"] == 1
    assert found["faceless"] == 0


def test_the_parts_of_an_example_are_the_regions_of_their_names(small, frame):
    frames = [frame(seed=n) for n in range(4)]
    cut = crops_of([each.picture() for each in frames], [each.landmarks() for each in frames])
    for made in (small(), learner(LIGHT, Settings())):
        found = made.example(frames)
        for name in CROPS:
            np.testing.assert_array_equal(found[name], getattr(cut, name))


@pytest.mark.parametrize("name", ["phcnn_lstm", LIGHT])
def test_the_setting_decides_what_says_where_the_face_is(name, small, frame, monkeypatch):
    answers = iter([Box(10, 20, 128, 128), None, Box(10, 20, 128, 128), None])
    monkeypatch.setattr(prepare, "viola_jones", lambda _picture: next(answers))
    frames = [frame(seed=n) for n in range(4)]
    made = small if name == "phcnn_lstm" else lambda **given: learner(LIGHT, Settings(**given))
    by_landmarks = made().example(frames)
    found = made(detector="viola_jones").example(frames)
    assert (by_landmarks["faceless"], found["faceless"]) == (0, 2)
    for number in (0, 2):
        cut = frames[number].picture()[20:148, 10:138]
        np.testing.assert_array_equal(found["face"][number].transpose(1, 2, 0), cut)
        assert not np.array_equal(found["face"][number], by_landmarks["face"][number])
    np.testing.assert_array_equal(found["face"][1::2], by_landmarks["face"][1::2])


@pytest.mark.parametrize("name", ["phcnn_lstm", LIGHT])
def test_each_branch_sees_its_own_region_and_eq_1_adds_what_they_give(name, small):
    torch.manual_seed(0)
    made = small() if name == "phcnn_lstm" else learner(LIGHT, Settings(measures=False))
    network, given = made.eval().network, batch([1], [0])
    seen, vectors, fused = {}, {}, []
    for each in CROPS:

        def keep(_, frames, found, each=each):
            seen[each] = frames[0]
            vectors[each] = found if name == "phcnn_lstm" else found[-1]

        getattr(network.encoder, each).register_forward_hook(keep)
    network.lstm.register_forward_pre_hook(lambda _, frames: fused.append(frames[0][0]))
    with torch.no_grad():
        made.predict(given)
    for each in CROPS:
        torch.testing.assert_close(seen[each], given[each][0] / 255)
        assert vectors[each].any()
    by_hand = vectors["face"] + vectors["eyes"] + vectors["mouth"]
    torch.testing.assert_close(fused[0][:, : by_hand.shape[1]], by_hand, rtol=1e-5, atol=1e-8)


def test_an_example_without_a_label_has_the_unknown_class(small, frame):
    found = small().example([frame(level=None)] * 4)
    assert found["level"] == -1


def test_a_frame_without_landmarks_is_refused_with_the_remedy(small, frame):
    frames = [frame(), frame(), frame(seed=2, has_landmarks=False), frame()]
    with pytest.raises(InputError, match=r"frame 2: has no landmarks; run `facialis data frame`"):
        small().example(frames)


def test_one_sequence_can_be_learned_and_answered(small):
    torch.manual_seed(0)
    trained = small()
    given = batch([1], [2])
    optimiser = torch.optim.SGD(trained.parameters(), lr=0.05)
    losses = []
    for _ in range(6):
        optimiser.zero_grad()
        loss = trained.train().loss(given)["total"]
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
    with torch.no_grad():
        answer = trained.eval().predict(given)["level_probability"]
    assert answer.shape == (1, 3)
    assert answer.dtype == torch.float32


def test_the_task_is_the_papers_level(small):
    (task,) = small().tasks
    assert (task.scale, task.classes) == (Scale.LEVEL, ("I", "II", "III"))


def test_wrong_names_and_networks_are_refused():
    with pytest.raises(ValueError, match="none of"):
        learner("phcnn", Settings())
    with pytest.raises(InputError, match="one of its own"):
        learner(LIGHT, Settings(network="vgg16"))


def test_people_have_numbers_of_their_own():
    numbers = {person_number(f"london/{n:03}") for n in range(1000)}
    assert len(numbers) == 1000
    assert all(0 <= each < 2**63 for each in numbers)


@pytest.mark.parametrize("has_lstm", [True, False])
def test_losses_and_answers_stay_in_float32_under_autocast(small, has_lstm):
    trained = small(lstm=has_lstm)
    given = batch([1, 2], [0, 1])
    with torch.autocast("cpu", torch.bfloat16):
        loss = trained.loss(given)["total"]
        answer = trained.eval().predict(given)["level_probability"]
    assert (loss.dtype, answer.dtype) == (torch.float32, torch.float32)
    assert torch.isfinite(loss)

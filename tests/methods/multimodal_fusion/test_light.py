"""Our light form: the same for a face and its mirror image, and able to learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale, levels_of_grades
from facialis.errors import InputError
from facialis.face.expressions import MIRRORED_EXPRESSIONS
from facialis.face.mesh import MIRROR
from facialis.methods import card
from facialis.methods.multimodal_fusion.light import LightFusion, levels_of
from facialis.methods.multimodal_fusion.prepare import movement_read
from facialis.methods.multimodal_fusion.reading import both_ways, sizes
from facialis.methods.multimodal_fusion.recipe import Settings, learner

NAME = "multimodal_fusion-light"


def made(**values):
    torch.manual_seed(0)
    return learner(NAME, Settings(**values))


def batch(count=64, seed=1):
    random = torch.Generator().manual_seed(seed)
    asymmetry = 0.02 * torch.randn(count, 29, generator=random)
    palsy = torch.arange(count) % 2
    asymmetry[palsy == 1, 5] += 0.2
    return {
        "asymmetry": asymmetry,
        "expressions": torch.rand(count, 52, generator=random),
        "movement": torch.eye(12)[torch.randint(0, 12, (count,), generator=random)],
        "palsy": palsy,
        "level": 2 * palsy,
        "grade": 5 * palsy,
    }


def teach(found, given, steps):
    """Train on one batch, and return the first loss."""
    found.meet(found.stages[0], {name: each.numpy() for name, each in given.items()})
    optimiser = torch.optim.Adam(found.parameters(), found.stages[0].rate)
    found.train()
    losses = []
    for _ in range(steps):
        optimiser.zero_grad()
        loss = found.loss(given)["total"]
        loss.backward()
        optimiser.step()
        losses.append(float(loss.detach()))
    found.eval()
    return losses[0]


def test_the_card_counts_the_network():
    network, counted = LightFusion(), card(NAME).parameters
    sizes = {n: sum(p.numel() for p in c.parameters()) for n, c in network.named_children()}
    assert counted == {**sizes, "total": sum(sizes.values())}


def test_a_face_and_its_mirror_image_get_the_same_answer():
    found, given = made().eval(), batch()
    turned = given | {
        "asymmetry": -given["asymmetry"],
        "expressions": given["expressions"][:, MIRRORED_EXPRESSIONS.tolist()],
    }
    there, back = found.predict(given), found.predict(turned)
    for name in ("palsy_probability", "level_probability", "grade_probability"):
        torch.testing.assert_close(there[name], back[name])


def test_the_example_of_a_mirrored_face_is_that_of_the_face_mirrored(picture, face):
    points = face.copy()
    points[61, 1] += 6  # the right corner of the mouth droops
    given = made().example([picture(points=points)])
    other = made().example([picture(points=points[MIRROR] * [-1, 1, 1] + [200, 0, 0])])
    np.testing.assert_allclose(other["asymmetry"], -given["asymmetry"], atol=1e-4)
    np.testing.assert_allclose(
        other["expressions"], given["expressions"][MIRRORED_EXPRESSIONS], atol=1e-4
    )
    assert given["palsy"] == 1
    assert given["level"] == -1


def test_what_it_reads_is_scaled_by_the_training_pictures():
    found, given = made(), batch()
    found.meet(found.stages[0], {name: each.numpy() for name, each in given.items()})
    pair = given["asymmetry"], given["expressions"]
    for network, read, rows in (
        (found.network.stated.sizes, sizes(*pair), 64),
        (found.network.unstated.sizes, sizes(*pair), 64),
        (found.network.stated.signs, both_ways(*pair).flatten(0, 1), 2 * 64),
        (found.network.unstated.signs, both_ways(*pair).flatten(0, 1), 2 * 64),
    ):
        assert read.shape == (rows, 81)
        torch.testing.assert_close(network.mean, read.mean(dim=0))
        torch.testing.assert_close(network.deviation, read.std(dim=0, correction=0))
    assert (
        float(found.network.unstated.signs.mean[:29].abs().max()) < 1e-6
    )  # no side is the usual one


def test_the_answer_is_the_mean_of_two_of_four_nets_that_learn_apart():
    found, given = made().eval(), batch()
    given["movement"][::2] = 0
    each = found.network.each(given["asymmetry"], given["expressions"], given["movement"])
    assert len(each) == 4
    known = given["movement"].any(dim=1, keepdim=True)
    whole = found.network(given["asymmetry"], given["expressions"], given["movement"])
    for k, logits in enumerate(whole):
        told, untold = ((each[n][k] + each[n + 1][k]) / 2 for n in (0, 2))
        torch.testing.assert_close(logits, torch.where(known, told, untold))
    losses = found.loss(given)
    told = given["movement"].any(dim=1)
    expected = sum(
        torch.nn.functional.cross_entropy(answer[k][kept], given[name][kept])
        for answer, kept in zip(each, (told, told, told | True, told | True), strict=True)
        for k, name in enumerate(("palsy", "grade"))
    )
    torch.testing.assert_close(losses["total"], expected)


def test_it_learns_what_sets_palsy_apart():
    found, given = made(), batch()
    before = teach(found, given, 60)
    assert float(found.loss(given)["total"].detach()) < before / 3
    answer = found.predict(given)["palsy_probability"]
    torch.testing.assert_close(answer.sum(dim=1), torch.ones(64))
    assert (answer.argmax(dim=1) == given["palsy"]).all()


def test_it_tells_asymmetries_of_one_side_from_those_of_both():
    found, given = made(), batch(256)
    random = torch.Generator().manual_seed(2)
    side = 1 - 2 * torch.randint(0, 2, (256,), generator=random).float()
    given["asymmetry"][:, 5] = 0.1 * side
    given["asymmetry"][:, 6] = 0.1 * side * (2 * given["palsy"] - 1)  # as large in both classes
    teach(found, given, 80)
    answer = found.predict(given)["palsy_probability"]
    assert (answer.argmax(dim=1) == given["palsy"]).all()


def test_it_learns_what_only_the_movement_tells_apart_and_answers_without_it_too():
    found, given, new = made(), batch(512), batch(512, seed=2)
    for each in (given, new):
        each["asymmetry"][:, 5] = 0.1  # as uneven in both classes
        each["movement"] = torch.eye(12)[5 * each["palsy"]]
    teach(found, given, 100)
    said = found.predict(new)
    told = said["palsy_probability"].argmax(dim=1) == new["palsy"]
    assert float(told.float().mean()) > 0.85
    by_chance = said["palsy_probability_unstated"].argmax(dim=1) == new["palsy"]
    assert 0.4 < float(by_chance.float().mean()) < 0.6
    unknown = new | {"movement": torch.zeros(512, 12)}
    for name in ("palsy_probability", "level_probability"):
        torch.testing.assert_close(found.predict(unknown)[name], said[name + "_unstated"])


def test_it_is_told_the_movement_of_a_picture_unless_it_is_to_do_without(picture, face):
    shown = picture(points=face, movement=Movement.PUCKER)
    place = list(Movement).index(Movement.PUCKER)
    told = made().example([shown])["movement"]
    assert told.tolist() == np.eye(12)[place].tolist()
    assert not made(movement=False).example([shown])["movement"].any()


def test_what_is_never_told_the_movement_answers_alike_whatever_is_stated():
    found, given = made(movement=False).eval(), batch()
    unknown = given | {"movement": torch.zeros(64, 12)}
    for name, each in found.predict(given).items():
        torch.testing.assert_close(each, found.predict(unknown)[name])
    found.loss(unknown)["total"].backward()
    assert not any(p.grad.any() for p in found.network.stated.parameters())
    assert any(p.grad.any() for p in found.network.unstated.parameters())


def test_the_movements_that_the_shipped_network_was_told_keep_their_places():
    assert [str(each) for each in Movement] == [
        "rest", "brow_raise", "frown", "eye_close_gentle", "eye_close_tight", "smile_closed",
        "smile", "snarl", "pucker", "mouth_open", "cheek_puff", "lower_teeth",
    ]  # fmt: skip
    assert movement_read(Movement.SMILE).tolist() == [0] * 6 + [1] + [0] * 5
    assert not movement_read(None).any()


def test_where_the_level_alone_is_known_its_grades_together_are_learned():
    found, given = made().eval(), batch(6)
    given |= {"level": torch.tensor([0, 1, 2, 0, 1, 2]), "grade": torch.full((6,), -1)}
    said = found.network.each(given["asymmetry"], given["expressions"], given["movement"])
    expected = 0
    for _, grades in said:
        level = levels_of(grades.softmax(dim=1))
        expected -= level.gather(1, given["level"][:, None]).log().mean()
    torch.testing.assert_close(found.loss(given)["grade"], expected)
    assert (found.loss(given | {"grade": 2 * given["level"]})["grade"] > expected).all()


def test_levels_are_sums_of_grades():
    said = made().eval().predict(batch(8))
    for ending in ("", "_unstated"):
        wanted = levels_of_grades(said["grade_probability" + ending].detach().numpy())
        found = said["level_probability" + ending].detach().numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_pictures_of_no_known_class_weigh_nothing():
    found, given = made().eval(), batch(4)
    more = {name: torch.cat((each, each)) for name, each in given.items()}
    more["palsy"][4:] = -1
    more["level"][4:] = -1
    more["grade"][4:] = -1
    torch.testing.assert_close(found.loss(more)["total"], found.loss(given)["total"])
    none = given | {name: torch.full((4,), -1) for name in ("palsy", "level", "grade")}
    assert float(found.loss(none)["total"].detach()) == 0


def test_a_picture_without_landmarks_is_of_no_class(picture):
    found = made()
    example = found.example([picture(points=None)])
    assert (example["palsy"], example["level"], example["grade"]) == (-1, -1, -1)
    assert {n: a.shape for n, a in example.items()} == {
        "asymmetry": (29,), "expressions": (52,), "movement": (12,), "palsy": (), "level": (),
        "grade": (),
    }  # fmt: skip
    known = {
        "palsy": np.array([-1, 1, -1, -1]),
        "level": np.array([-1, -1, 2, -1]),
        "grade": np.array([-1, -1, -1, 3]),
    }
    assert found.learned_from(found.stages[0], known).tolist() == [False, True, True, True]


def test_its_tasks_and_its_course():
    found = made(epochs=7, batch=16)
    assert [(t.name, t.scale) for t in found.tasks] == [
        ("palsy", Scale.PALSY),
        ("level", Scale.LEVEL),
        ("grade", Scale.HOUSE_BRACKMANN),
    ]
    (stage,) = found.stages
    assert (stage.epochs, stage.batch, stage.rate, stage.power) == (7, 16, 0.002, 1.0)


def test_settings_of_the_published_form_are_refused():
    with pytest.raises(InputError, match=r"model, size.*published form"):
        made(model="rgb", size=96)
    for name in ("multimodal_fusion", "multimodal_fusion-examination"):
        with pytest.raises(InputError, match="movement: is not of the form"):
            learner(name, Settings(movement=False))

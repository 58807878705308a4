"""Our light form: the same for a face and its mirror image, and able to learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.face.expressions import MIRRORED_EXPRESSIONS
from facialis.face.mesh import MIRROR
from facialis.methods import card
from facialis.methods.multimodal_fusion.light import LightFusion
from facialis.methods.multimodal_fusion.reading import both_ways, sizes
from facialis.methods.multimodal_fusion.recipe import Settings, learner

NAME = "multimodal_fusion-light"


def made(**values):
    torch.manual_seed(0)
    return learner(NAME, Settings(**values))


def batch(count=64):
    random = torch.Generator().manual_seed(1)
    asymmetry = 0.02 * torch.randn(count, 29, generator=random)
    palsy = torch.arange(count) % 2
    asymmetry[palsy == 1, 5] += 0.2
    return {
        "asymmetry": asymmetry,
        "expressions": torch.rand(count, 52, generator=random),
        "palsy": palsy,
        "level": 2 * palsy,
    }


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
    for name in ("palsy_probability", "level_probability"):
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
        (found.network.sizes, sizes(*pair), 64),
        (found.network.signs, both_ways(*pair).flatten(0, 1), 2 * 64),
    ):
        assert read.shape == (rows, 81)
        torch.testing.assert_close(network.mean, read.mean(dim=0))
        torch.testing.assert_close(network.deviation, read.std(dim=0, correction=0))
    assert float(found.network.signs.mean[:29].abs().max()) < 1e-6  # no side is the usual one


def test_the_answer_is_the_mean_of_two_nets_that_learn_apart():
    found, given = made().eval(), batch()
    pair = given["asymmetry"], given["expressions"]
    one, other = found.network.each(*pair)
    for k, whole in enumerate(found.network(*pair)):
        torch.testing.assert_close(whole, (one[k] + other[k]) / 2)
    losses = found.loss(given)
    expected = sum(
        torch.nn.functional.cross_entropy(answer[k], given[name])
        for answer in (one, other)
        for k, name in enumerate(("palsy", "level"))
    )
    torch.testing.assert_close(losses["total"], expected)


def test_it_learns_what_sets_palsy_apart():
    found, given = made(), batch()
    found.meet(found.stages[0], {name: each.numpy() for name, each in given.items()})
    optimiser = torch.optim.Adam(found.parameters(), found.stages[0].rate)
    found.train()
    before = float(found.loss(given)["total"].detach())
    for _ in range(60):
        optimiser.zero_grad()
        found.loss(given)["total"].backward()
        optimiser.step()
    found.eval()
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
    found.meet(found.stages[0], {name: each.numpy() for name, each in given.items()})
    optimiser = torch.optim.Adam(found.parameters(), found.stages[0].rate)
    found.train()
    for _ in range(80):
        optimiser.zero_grad()
        found.loss(given)["total"].backward()
        optimiser.step()
    answer = found.eval().predict(given)["palsy_probability"]
    assert (answer.argmax(dim=1) == given["palsy"]).all()


def test_pictures_of_no_known_class_weigh_nothing():
    found, given = made().eval(), batch(4)
    more = {name: torch.cat((each, each)) for name, each in given.items()}
    more["palsy"][4:] = -1
    more["level"][4:] = -1
    torch.testing.assert_close(found.loss(more)["total"], found.loss(given)["total"])
    none = {**given, "palsy": torch.full((4,), -1), "level": torch.full((4,), -1)}
    assert float(found.loss(none)["total"].detach()) == 0


def test_a_picture_without_landmarks_is_of_no_class(picture):
    found = made()
    example = found.example([picture(points=None)])
    assert (example["palsy"], example["level"]) == (-1, -1)
    assert {n: a.shape for n, a in example.items()} == {
        "asymmetry": (29,), "expressions": (52,), "palsy": (), "level": (),
    }  # fmt: skip
    known = {"palsy": np.array([-1, 1, -1]), "level": np.array([-1, -1, 2])}
    assert found.learned_from(found.stages[0], known).tolist() == [False, True, True]


def test_its_tasks_and_its_course():
    found = made(epochs=7, batch=16)
    assert [(t.name, t.scale) for t in found.tasks] == [
        ("palsy", Scale.PALSY),
        ("level", Scale.LEVEL),
    ]
    (stage,) = found.stages
    assert (stage.epochs, stage.batch, stage.rate, stage.power) == (7, 16, 0.002, 1.0)


def test_settings_of_the_published_form_are_refused():
    with pytest.raises(InputError, match=r"model, size.*published form"):
        made(model="rgb", size=96)

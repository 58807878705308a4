"""The form of whole examinations: any number of movements, blind to sides, and able to learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from facialis.clinical.anatomy import Movement
from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.face.expressions import MIRRORED_EXPRESSIONS
from facialis.measures.features import asymmetries, expressions
from facialis.methods import card
from facialis.methods.multimodal_fusion.examination import ExaminationFusion
from facialis.methods.multimodal_fusion.examination_recipe import (
    COUNT,
    HAS_REST,
    OF_SOME,
    ORDERS,
    WITH_REST,
    WITHOUT_REST,
)
from facialis.methods.multimodal_fusion.recipe import EXAMINATION, Settings, learner
from facialis.networks.learner import CASE

PLACES = list(Movement)
REST, SMILE = PLACES.index(Movement.REST), PLACES.index(Movement.SMILE)


def made(**values):
    torch.manual_seed(0)
    return learner(EXAMINATION, Settings(**values))


def batch(count=8, seed=1):
    random = torch.Generator().manual_seed(seed)
    return {
        "asymmetry": 0.05 * torch.randn(count, 12, 29, generator=random),
        "expressions": torch.rand(count, 12, 52, generator=random),
        "shown": torch.ones(count, 12),
        "grade": torch.arange(count) % 6,
    }


@torch.no_grad()
def told(found, given):
    return found.predict(given)["grade_probability"]


def test_the_card_counts_the_network():
    network, counted = ExaminationFusion(), card(EXAMINATION).parameters
    sizes = {n: sum(p.numel() for p in c.parameters()) for n, c in network.named_children()}
    assert counted == {**sizes, "total": sum(sizes.values())}


def test_an_examination_and_its_mirror_image_get_the_same_answer():
    found, given = made().eval(), batch()
    turned = given | {
        "asymmetry": -given["asymmetry"],
        "expressions": given["expressions"][..., MIRRORED_EXPRESSIONS.tolist()],
    }
    torch.testing.assert_close(told(found, given), told(found, turned))
    one = given | {"asymmetry": given["asymmetry"] * torch.tensor([-1.0] + 11 * [1.0])[:, None]}
    assert not torch.allclose(told(found, given), told(found, one)), "one turned picture is not it"


def test_what_is_not_shown_is_not_read():
    found, given = made().eval(), batch()
    given["shown"][:, 3:] = 0
    other = batch(seed=2)
    changed = {**given}
    for name in ("asymmetry", "expressions"):
        changed[name] = torch.cat((given[name][:, :3], other[name][:, 3:]), dim=1)
    torch.testing.assert_close(told(found, given), told(found, changed))
    changed["shown"] = torch.ones(8, 12)
    assert not torch.allclose(told(found, given), told(found, changed))
    for name in ("asymmetry", "expressions"):
        changed[name][:, 3:] = float("nan")
    changed["shown"] = given["shown"]
    torch.testing.assert_close(told(found, given), told(found, changed))
    assert torch.isfinite(found.predict(changed)[OF_SOME]).all()


def test_it_knows_which_movement_a_picture_shows():
    found, given = made().eval(), batch()
    turned = {name: given[name].roll(1, dims=1) for name in ("asymmetry", "expressions", "shown")}
    assert not torch.allclose(told(found, given), told(found, given | turned))


def test_without_a_picture_the_answer_is_still_a_number():
    found, given = made().eval(), batch()
    given["shown"][:] = 0
    assert torch.isfinite(told(found, given)).all()


def test_the_answer_is_the_mean_of_two_nets_that_learn_apart():
    found, given = made().eval(), batch()
    read = given["asymmetry"], given["expressions"], given["shown"]
    one, other = found.network.each(*read)
    torch.testing.assert_close(found.network(*read), (one + other) / 2)
    expected = sum(torch.nn.functional.cross_entropy(each, given["grade"]) for each in (one, other))
    torch.testing.assert_close(found.loss(given)["total"], expected)
    torch.testing.assert_close(told(found, given), torch.softmax((one + other) / 2, 1).detach())


def test_some_of_the_movements_tell_what_they_would_tell_alone():
    found, given = made().eval(), batch(4)
    given["shown"][1, 5] = 0
    with torch.no_grad():
        answers = found.predict(given)
    assert answers[COUNT].tolist() == [12, 11, 12, 12]
    assert answers[HAS_REST].tolist() == [1, 1, 1, 1]
    some = answers[OF_SOME]
    assert some.shape == (4, 12, 22, 6)
    torch.testing.assert_close(some[:, 11], answers["grade_probability"][:, None].expand(4, 22, 6))
    for number in (1, 4, 9):
        for draw in (0, 5, 11, 17, 21):
            shown = torch.zeros(4, 12)
            shown[:, ORDERS[draw, :number]] = 1
            if 5 in ORDERS[draw, :number]:
                shown[1, ORDERS[draw, number]] = 1  # the next one, for the one that is not there
            alone = told(found, given | {"shown": shown * given["shown"]})
            torch.testing.assert_close(some[:, number - 1, draw], alone)


def test_draws_begin_or_end_with_rest_and_are_fair_to_the_others():
    first, last = ORDERS[WITH_REST], ORDERS[WITHOUT_REST]
    assert (first[:, 0] == REST).all()
    assert (last[:, -1] == REST).all()
    for places in (first[:, 1:], last[:, :-1]):
        assert len(places) == 11
        for order in (*places, *places.T):
            assert sorted(order) == [place for place in range(12) if place != REST]


def test_an_example_holds_each_picture_in_the_place_of_its_movement(picture, face):
    points = face.copy()
    points[61, 1] += 6
    given = made().example(
        [
            picture(points=face, movement=Movement.REST, grade=3),
            picture(points=points, movement=Movement.SMILE, grade=3),
            picture(points=None, movement=Movement.SNARL, grade=3),
        ]
    )
    assert {name: each.shape for name, each in given.items()} == {
        "asymmetry": (12, 29), "expressions": (12, 52), "shown": (12,), "grade": (),
    }  # fmt: skip
    assert np.flatnonzero(given["shown"]).tolist() == [REST, SMILE]
    np.testing.assert_array_equal(given["asymmetry"][SMILE], asymmetries(points))
    np.testing.assert_array_equal(given["expressions"][REST], expressions(face))
    assert given["grade"] == 3


def test_an_example_whose_pictures_differ_or_show_nothing_is_of_no_grade(picture, face):
    found = made()
    rest = picture(points=face, movement=Movement.REST, grade=3)
    smile = picture(points=face, movement=Movement.SMILE, grade=4)
    assert found.example([rest, smile])["grade"] == -1
    assert found.example([replace(rest, points=None)])["grade"] == -1
    assert found.example([replace(rest, movement=None)])["grade"] == -1
    assert found.example([replace(rest, grade=None)])["grade"] == -1
    known = {"grade": np.array([-1, 0, 5])}
    assert found.learned_from(found.stages[0], known).tolist() == [False, True, True]


def test_movements_are_hidden_by_chance_in_training():
    given = batch(2000)
    given["shown"][:, 0] = 0
    shown = made().augment(given, torch.Generator().manual_seed(3))["shown"]
    assert set(shown.unique().tolist()) == {0.0, 1.0}
    assert not shown[:, 0].any(), "what is not there is never shown"
    count = shown.sum(dim=1).int().bincount(minlength=12)
    assert count[0] == 0
    assert float(count[1]) == pytest.approx(500, abs=70), "a quarter has a single one"
    assert int(count[2:11].min()) > 90, "the others any number"
    assert float(shown[:, 1:].mean(dim=0).std()) < 0.03, "no movement is hidden more than others"
    assert given["shown"].sum() == 2000 * 11, "the batch itself is as it was"


def test_what_it_reads_is_scaled_by_the_pictures_that_are_shown():
    found, given = made(), batch(64)
    given["shown"][:, 4:] = 0
    given["asymmetry"][:, 4:] = 9
    found.meet(found.stages[0], {name: each.numpy() for name, each in given.items()})
    read = given["asymmetry"][:, :4].abs().flatten(0, 1)
    torch.testing.assert_close(found.network.sizes.mean[:29], read.mean(dim=0))
    torch.testing.assert_close(found.network.sizes.deviation[:29], read.std(dim=0, correction=0))
    assert float(found.network.signs.mean[:29].abs().max()) < 1e-6


def test_examinations_of_no_known_grade_weigh_nothing():
    found, given = made().eval(), batch(6)
    more = {name: torch.cat((each, each)) for name, each in given.items()}
    more["grade"][6:] = -1
    torch.testing.assert_close(found.loss(more)["total"], found.loss(given)["total"])
    none = {**given, "grade": torch.full((6,), -1)}
    assert float(found.loss(none)["total"].detach()) == 0


def test_it_learns_what_no_picture_tells_by_itself():
    found, given = made(), batch(512)
    random = torch.Generator().manual_seed(2)
    own = 0.1 * torch.randn(512, generator=random)
    ill = torch.arange(512) % 2
    side = 1 - 2 * torch.randint(0, 2, (512,), generator=random).float()
    for name, value in (("asymmetry", 0.0), ("expressions", 0.5)):
        given[name][:] = value
    given["asymmetry"][:, REST, 5] = own
    given["asymmetry"][:, SMILE, 5] = own + 0.1 * ill * side  # as wide as at rest, or nearly so
    given["grade"] = 5 * ill
    given["shown"][:] = 0
    given["shown"][:, [REST, SMILE]] = 1
    found.meet(found.stages[0], {name: each.numpy() for name, each in given.items()})
    optimiser = torch.optim.Adam(found.parameters(), 0.003)
    found.train()
    for _ in range(250):
        optimiser.zero_grad()
        found.loss(given)["total"].backward()
        optimiser.step()
    found.eval()
    both = (told(found, given)[:, 5] > 0.5) == (ill == 1)
    given["shown"][:, REST] = 0
    alone = (told(found, given)[:, 5] > 0.5) == (ill == 1)
    assert float(both.float().mean()) > 0.9
    assert float(alone.float().mean()) < 0.8


def test_its_task_and_its_course():
    found = made(epochs=7, batch=16)
    (task,) = found.tasks
    assert (task.name, task.scale) == ("grade", Scale.HOUSE_BRACKMANN)
    assert task.classes == ("I", "II", "III", "IV", "V", "VI")
    assert found.frames == CASE
    (stage,) = found.stages
    assert (stage.epochs, stage.batch, stage.rate, stage.power) == (7, 16, 0.001, 1.0)
    assert made(rate=0.1).stages[0].rate == 0.1
    with pytest.raises(InputError, match=r"model.*published form"):
        made(model="rgb")


def test_what_has_changed_from_rest_is_read_where_rest_is_shown():
    network, given = ExaminationFusion(), batch(2)
    pair = given["asymmetry"], given["expressions"]
    rest = torch.tensor([1.0, 0.0])[:, None, None]
    read = network.signs.numbers(*pair, rest)
    assert read.shape == (2, 2, 12, 162)
    now, change = read[0].split(81, dim=-1)
    torch.testing.assert_close(now[..., :29], pair[0])
    torch.testing.assert_close(change[0, SMILE, :29], pair[0][0, SMILE] - pair[0][0, REST])
    torch.testing.assert_close(change[0, SMILE, 29:], pair[1][0, SMILE] - pair[1][0, REST])
    assert not change[1].any(), "without a picture at rest there is no change"
    torch.testing.assert_close(read[1, ..., 81:110], -change[..., :29])
    sizes = network.sizes.numbers(*pair, rest)
    torch.testing.assert_close(sizes[..., 81:110], change[..., :29].abs())

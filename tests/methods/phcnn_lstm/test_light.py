"""Our light form: it reads faces and their mirror images, and grades sequences of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from facialis.face.expressions import MIRRORED_EXPRESSIONS
from facialis.face.mesh import MIRROR
from facialis.methods.phcnn_lstm.light import LightEncoder
from facialis.methods.phcnn_lstm.recipe import Settings, learner
from facialis.networks.face_reading import LESSONS

LIGHT = "phcnn_lstm-light"


def light(**settings: object):
    torch.manual_seed(0)
    return learner(LIGHT, Settings(**settings))


@pytest.fixture
def given(frame) -> dict[str, torch.Tensor]:
    """Two sequences, of levels I and III."""
    made = light()
    examples = [
        made.example([frame(seed=4 * n + t, level=2 * n, subject=f"a/{n}") for t in range(4)])
        for n in range(2)
    ]
    return {name: torch.as_tensor(np.stack([e[name] for e in examples])) for name in examples[0]}


def arrays(batch: dict[str, torch.Tensor]) -> dict[str, np.ndarray]:
    return {name: each.numpy() for name, each in batch.items()}


def met(made, batch):
    made.meet(made.stages[0], arrays(batch))
    return made


@pytest.mark.parametrize("measures", [True, False])
def test_a_sequence_and_its_mirror_image_get_one_answer(given, measures):
    made = met(light(measures=measures), given).eval()
    given["asymmetry"] += torch.linspace(-0.1, 0.1, 29)
    given["scores"] += torch.linspace(0, 0.5, 52)
    flipped = {n: v.flip(-1) if n in {"face", "eyes", "mouth"} else v for n, v in given.items()}
    flipped["asymmetry"] = -given["asymmetry"]
    flipped["scores"] = given["scores"][..., MIRRORED_EXPRESSIONS]
    with torch.no_grad():
        answer, other = made.predict(given), made.predict(flipped)
    torch.testing.assert_close(answer["level_probability"], other["level_probability"])
    assert answer["level_probability"].sum(dim=1).tolist() == pytest.approx([1, 1])


def test_asymmetry_read_of_a_mirror_image_is_the_other_way_round(given):
    encoder = light(measures=False).eval().network.encoder
    frames = [given[name][0].float() / 255 for name in ("face", "eyes", "mouth")]
    with torch.no_grad():
        _, read = encoder.seen(*frames)
        _, other = encoder.seen(*(each.flip(-1) for each in frames))
    assert read.asymmetry.abs().max() > 1e-3
    torch.testing.assert_close(read.asymmetry, -other.asymmetry, atol=1e-4, rtol=1e-3)


def test_every_frame_teaches_its_face(given):
    assert {name: tuple(given[name].shape[1:]) for name in LESSONS} == {
        "asymmetry": (4, 29), "scores": (4, 52), "shape": (4, 478, 2), "seen": (4,),
    }  # fmt: skip
    assert (given["seen"] == 1).all()
    assert given["shape"].abs().max() < 1
    mirrored = given["shape"][0, 0][torch.as_tensor(MIRROR.copy())] * torch.tensor([-1, 1])
    torch.testing.assert_close(mirrored, given["shape"][0, 0], atol=0.05, rtol=0)


def test_a_bright_landmark_is_where_the_altered_lesson_says(given):
    made = met(light(light=0.0), given)
    place = given["shape"][0, 0, 1]  # tip of the nose
    x, y = ((place + 1) * 64).tolist()
    ys, xs = torch.meshgrid(torch.arange(128) + 0.5, torch.arange(128) + 0.5, indexing="ij")
    blob = 255 * torch.exp(-((xs - x) ** 2 + (ys - y) ** 2) / 18)
    given["face"][:] = blob.to(torch.uint8)
    found = made.augment(given, torch.Generator().manual_seed(2))
    seen = found["face"][0, 3, 0].double()
    centre = torch.stack(((seen * xs).sum(), (seen * ys).sum())) / seen.sum()
    told = (found["shape"][0, 3, 1] + 1) * 64
    torch.testing.assert_close(told.double(), centre, atol=0.3, rtol=0)
    assert not torch.allclose(found["shape"], given["shape"], atol=0.01)


def test_all_frames_of_a_sequence_are_lit_alike(given):
    made = light(shift=0.0, turn=0.0)
    for name in ("face", "eyes", "mouth"):
        given[name][:] = 100
    found = made.augment(given, torch.Generator().manual_seed(2))
    for sequence in range(2):
        levels = {
            int(each) for n in ("face", "eyes", "mouth") for each in found[n][sequence].unique()
        }
        assert len(levels) == 1
    assert not torch.equal(found["face"][0], found["face"][1])


def test_reading_leaves_what_grades_alone(given):
    made = met(light(), given)
    reading, grading = made.stages
    assert (reading.name, reading.optimiser, grading.name) == ("reading", "adam", "grading")
    made.begin(reading)
    made.train().loss(given)["total"].backward()
    touched = {name for name, each in made.named_parameters() if each.grad is not None}
    assert not [n for n in touched if n.startswith(("network.lstm", "network.classifier"))]
    assert not [n for n in touched if ".compare." in n or ".layer." in n]
    assert any(".reading." in n for n in touched)
    made.begin(grading)
    losses = made.train().loss(given)
    losses["total"].backward()
    assert all(each.grad is not None for each in made.network.lstm.parameters())
    losses = {name: float(each.detach()) for name, each in losses.items()}
    assert losses["total"] == pytest.approx(losses["face"] + 0.5 * losses["level"])


@pytest.mark.parametrize("measures", [True, False])
def test_measures_count_where_they_are_asked_for(given, measures):
    made = met(light(measures=measures), given).eval()
    uneven = {**given, "asymmetry": given["asymmetry"] + 0.05}
    with torch.no_grad():
        answer, other = made.predict(given), made.predict(uneven)
    gap = float((answer["level_probability"] - other["level_probability"]).abs().max())
    assert gap > 1e-4 if measures else gap == 0


@pytest.mark.parametrize("measures", [True, False])
def test_measures_are_given_to_a_network_that_has_them_and_to_no_other(given, measures):
    made = met(light(measures=measures), given).eval()
    wrong = None if measures else _measured(made, given)
    with pytest.raises(ValueError, match="with measures, and to no other"):
        made.network.encoder.seen(*_frames(given), wrong)


def test_pictures_are_kept_from_half_of_what_grades(given):
    made = met(light(), given).train()
    made.stage = made.stages[1]
    made.network.encoder.eval()
    torch.manual_seed(1)
    with torch.no_grad():
        whole, _ = made.network.encoder.seen(*_frames(given), _measured(made, given))
        made.network.encoder.training = True
        halved, _ = made.network.encoder.seen(*_frames(given), _measured(made, given))
    looks = halved[:, :128] / whole[:, :128].where(whole[:, :128] != 0, torch.nan)
    assert set(looks[~looks.isnan()].round(decimals=3).tolist()) == {0.0, 2.0}
    assert (looks.nan_to_num().amax(dim=1) == looks.nan_to_num(2).amin(dim=1)).all()
    torch.testing.assert_close(halved[:, 128:], whole[:, 128:])


def _frames(batch):
    return [batch[name].flatten(0, 1).float() / 255 for name in ("face", "eyes", "mouth")]


def _measured(made, batch):
    given = (batch[name].flatten(0, 1) for name in ("asymmetry", "scores"))
    return made.network.encoder.reading.standardised(*given)


@pytest.mark.parametrize("has_lstm", [True, False])
def test_two_sequences_are_learned_by_heart(given, has_lstm):
    made = met(light(lstm=has_lstm), given)
    made.begin(made.stages[1])
    optimiser = torch.optim.Adam(made.parameters(), lr=0.003)
    losses = []
    for _ in range(12):
        optimiser.zero_grad()
        loss = made.train().loss(given)
        loss["total"].backward()
        optimiser.step()
        losses.append(float(loss["level"].detach()))
    assert losses[-1] < 0.6 * losses[0]


def test_without_reading_the_spread_of_lessons_is_measured_before_grading(given):
    made = light(reading_epochs=0)
    made.meet(made.stages[1], arrays(given))
    assert not torch.equal(made.network.encoder.reading.mean_shape, torch.zeros(478, 2))


@pytest.mark.parametrize(
    ("fusion", "measures", "size"),
    [
        ("sum", True, 128 + 128),
        ("concat", True, 3 * 128 + 128),
        ("sum", False, 128 + 81),
        ("concat", False, 3 * 128 + 81),
    ],
)
def test_fusion_is_of_the_branches_vectors(fusion, measures, size):
    assert LightEncoder(fusion, measures=measures).size == size

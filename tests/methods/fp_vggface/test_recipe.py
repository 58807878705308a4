"""How paper 002 is trained."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.face.mesh import TEMPLATE
from facialis.methods.fp_vggface import recipe
from facialis.methods.fp_vggface.baselines import ResNet50Benchmark, Vgg16Benchmark
from facialis.methods.fp_vggface.network import Blocks, FpVggFace
from facialis.methods.fp_vggface.prepare import grade, network_input, word
from facialis.methods.fp_vggface.recipe import Settings, learner
from facialis.networks.face_reading import face_lesson, shape_lesson
from facialis.networks.pretrained import RANDOM
from facialis.regions.framing import square_around

NARROW = ((4, 4), (4, 4), (4, 4, 4), (8, 8, 8), (8, 8, 8))


@pytest.fixture
def narrow(monkeypatch):
    def built(**options):
        return FpVggFace(blocks=NARROW, hidden=16, **options)

    monkeypatch.setattr(recipe, "_network", lambda settings, dropout: built(
        scaling=settings.scaling, dropout=dropout, size=settings.size
    ))  # fmt: skip
    return learner("fp_vggface", Settings(size=64, pretrained=False))


def batch(count=2, size=64, grades=None):
    torch.manual_seed(1)
    return {
        "image": torch.randint(0, 256, (count, 3, size, size), dtype=torch.uint8),
        "grade": torch.tensor(grades or [i % 6 for i in range(count)]),
    }


def steps(model, given, count=3):
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], 1e-3)
    for _ in range(count):
        optimiser.zero_grad()
        model.loss(given)["total"].backward()
        optimiser.step()


def changed(model, before):
    return {key for key, value in model.state_dict().items() if not torch.equal(value, before[key])}


def test_s2_06_frozen_tensors_stay_bitwise_the_same(narrow):
    narrow.begin(narrow.stages[0])
    narrow.train()
    before = {key: value.clone() for key, value in narrow.state_dict().items()}
    steps(narrow, batch(4))
    layers = {key.rsplit(".", 1)[0].rsplit(".", 1)[-1] for key in changed(narrow, before)}
    assert layers == {"conv5_2", "conv5_3", "fc6", "fc7", "fc8"}


def test_s2_06_frozen_batch_norm_statistics_stay_the_same():
    settings = Settings(model="resnet50", size=64, pretrained=False, dropout=0.0)
    model = learner("fp_vggface", settings)
    model.begin(model.stages[0])
    model.train()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    steps(model, batch(2))
    moved = changed(model, before)
    frozen = (
        "network.base.conv1",
        "network.base.bn1",
        "network.base.layer1.0",
        "network.base.layer1.1",
    )
    assert not [key for key in moved if key.startswith(frozen)]
    assert "network.base.layer1.2.bn1.running_mean" in moved
    assert "network.grades.weight" in moved


def test_s2_08_probabilities_sum_to_one_and_a_uniform_answer_costs_ln_6(narrow):
    given = batch(3)
    with torch.no_grad():
        sums = narrow.eval().predict(given)["grade_probability"].sum(dim=1)
        assert torch.allclose(sums, torch.ones(3))
        narrow.network.fc8.weight.zero_()
        narrow.network.fc8.bias.zero_()
        assert float(narrow.loss(given)["total"]) == pytest.approx(math.log(6), abs=1e-6)


def test_s2_09_alterations_stay_in_the_papers_ranges(narrow, monkeypatch):
    asked = {}

    def keep(**given):
        asked.update(given)
        return torch.eye(2, 3).repeat(len(given["degrees"]), 1, 1)

    monkeypatch.setattr(recipe, "affine", keep)
    count = 2000
    given = {"image": torch.zeros(count, 3, 2, 2, dtype=torch.uint8)}
    narrow.augment(given, torch.Generator().manual_seed(0))
    lean = torch.atan(asked["shear"])
    for values, low, high in (
        (asked["degrees"], -20, 20), (asked["scale"], 0.8, 1.2), (lean, -0.2, 0.2)
    ):  # fmt: skip
        assert low <= float(values.min()) < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < float(values.max()) <= high + 1e-6
    assert float(asked["mirrored"].float().mean()) == pytest.approx(0.5, abs=0.05)


def test_s2_09_altered_pictures_keep_size_type_and_grades(narrow):
    given = batch(2)
    found = narrow.augment(given, torch.Generator().manual_seed(0))
    assert found["image"].shape == given["image"].shape
    assert found["image"].dtype == torch.uint8
    assert torch.equal(found["grade"], given["grade"])


def test_s2_13_at_most_25_epochs_patience_5_and_the_best_weights(narrow):
    (stage,) = narrow.stages
    assert (stage.epochs, stage.patience, stage.keep, stage.batch) == (25, 5, "best", 32)
    assert (stage.momentum, stage.weight_decay, stage.power) == (0.9, 0.0, None)


@pytest.mark.parametrize(
    ("model", "rate", "optimiser", "dropout"),
    [
        ("fp_vggface", 0.001, "adam", 0.0),
        ("vgg16", 0.001, "adam", 0.6),
        ("resnet50", 0.0001, "sgd", 0.5),
    ],
)
def test_s2_15_table_3_holds_for_each_model(model, rate, optimiser, dropout):
    with torch.device("meta"):
        made = learner("fp_vggface", Settings(model=model, pretrained=False))
    (stage,) = made.stages
    assert (stage.rate, stage.optimiser) == (rate, optimiser)
    assert made.network.dropout.p == dropout


def test_pictures_without_a_grade_are_ignored(narrow):
    narrow.eval()
    both, one = batch(2, grades=[3, -1]), batch(2, grades=[3, -1])
    one = {key: value[:1] for key, value in one.items()}
    assert torch.allclose(narrow.loss(both)["total"], narrow.loss(one)["total"], atol=1e-5)
    nothing = narrow.loss(batch(2, grades=[-1, -1]))["total"]
    assert float(nothing.detach()) == 0
    nothing.backward()
    assert narrow.learned_from(narrow.stages[0], {"grade": np.array([3, -1])}).tolist() == [
        True,
        False,
    ]


def test_an_example_holds_picture_and_grade(narrow, picture):
    found = narrow.example([picture(grade=4)])
    assert found["image"].shape == (3, 64, 64)
    assert found["image"].dtype == np.uint8
    assert found["grade"] == 4
    assert narrow.example([picture(grade=None)])["grade"] == -1
    assert narrow.tasks[0].scale is Scale.SEVERITY
    assert narrow.tasks[0].classes == (
        "normal", "near normal", "mild", "moderate", "severe", "complete"
    )  # fmt: skip


def lesson(count, graded=True):
    """Pictures with what they teach of faces that are near the mean face."""
    rng = np.random.default_rng(0)
    points = 40 * TEMPLATE + [32, 32, 0] + rng.normal(0, 0.3, (count, *TEMPLATE.shape))
    lessons = [{"shape": shape_lesson(each, 64), **face_lesson(each)} for each in points]
    taught = {n: torch.as_tensor(np.stack([each[n] for each in lessons])) for n in lessons[0]}
    given = batch(count)
    if not graded:
        given["grade"] = torch.full_like(given["grade"], -1)
    return given | taught


def light(**changed):
    return learner("fp_vggface-light", Settings(size=64, pretrained=False, dropout=0.0, **changed))


def test_the_light_form_learns_to_read_and_then_to_grade():
    torch.manual_seed(0)
    model, given = light(), lesson(4)
    assert [each.name for each in model.stages] == ["reading", "grading"]
    model.meet(model.stages[0], {n: each.numpy() for n, each in given.items()})
    for stage in model.stages:
        model.begin(stage)
        model.train()
        first = float(model.loss(given)["total"].detach())
        steps(model, given, 5)
        assert float(model.loss(given)["total"].detach()) < first
    assert model.starts_from == "random weights"


def test_reading_needs_a_face_and_grading_a_grade_too():
    model = light()
    reading, grading = model.stages
    arrays = {"seen": np.array([1, 1, 0]), "grade": np.array([2, -1, 3])}
    assert model.learned_from(reading, arrays).tolist() == [True, True, False]
    assert model.learned_from(grading, arrays).tolist() == [True, False, False]


def test_reading_trains_nothing_that_only_grades():
    model, given = light(), lesson(2)
    model.begin(model.stages[0])
    model.loss(given)["total"].backward()
    assert all(each.grad is None for each in model.network.classifier.parameters())
    assert model.network.features[0][0].weight.grad.abs().sum() > 0


def test_an_altered_picture_of_the_light_form_keeps_its_landmarks():
    model, given = light(), lesson(3)
    altered = model.augment(given, torch.Generator().manual_seed(0))
    assert altered["image"].dtype == torch.uint8
    moved = (altered["shape"] - given["shape"]).abs().amax(dim=(1, 2))
    assert ((moved > 0.01) & (moved < 0.5)).all()
    assert torch.equal(altered["asymmetry"], given["asymmetry"])


def test_d2_2_the_face_is_cut_ten_percent_beyond_its_landmarks(narrow, picture):
    one = picture()
    one.landmarks = lambda: 20 * TEMPLATE + 48
    box = np.ptp(one.landmarks()[:, :2], axis=0).max()
    found = narrow.example([one])["image"]
    square = square_around(one.landmarks(), 0.1)
    assert square.side == pytest.approx(1.2 * box, abs=1)
    assert np.array_equal(found, square.cut(one.picture(), found.shape[1]).transpose(2, 0, 1))


def test_a_picture_without_a_face_teaches_nothing_of_it(picture):
    found = light().example([picture(grade=2)])
    assert found["image"].shape == (3, 64, 64)
    assert found["seen"] == 0
    assert not found["shape"].any()


def test_softmax_is_taken_of_float32_whatever_the_network_computes_in(narrow):
    narrow.eval()
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert narrow.predict(batch(2))["grade_probability"].dtype == torch.float32


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("phcnn", Settings(), "form of this method"),
        ("fp_vggface", Settings(size=100), "halve"),
        ("fp_vggface-light", Settings(trainable=4), "published form"),
        ("fp_vggface-light", Settings(optimiser="sgd"), "published form"),
    ],
)
def test_what_does_not_fit_is_refused(name, settings, message):
    with pytest.raises(InputError, match=message):
        learner(name, settings)


def test_an_answer_is_read_as_grade_and_word():
    answer = np.array([0, 0.1, 0.6, 0.1, 0.1, 0.1])
    assert (grade(answer), word(answer)) == (3, "mild")
    with pytest.raises(InputError, match="six"):
        grade(answer[:5])


def test_a_picture_is_shrunk_by_averaging():
    chequered = np.tile(np.indices((64, 64)).sum(axis=0)[..., None] % 2 * 255, 3).astype(np.uint8)
    found = network_input(chequered, 32)
    assert found.shape == (3, 32, 32)
    assert set(np.unique(found)) <= {127, 128}


def test_vgg_layers_take_imagenets_by_torchvisions_names():
    from torchvision.models import vgg16

    with torch.device("meta"):
        theirs = {key: value.shape for key, value in vgg16().state_dict().items()}
        network = FpVggFace()
    ours = recipe._by_torchvision(network, Settings()).state_dict()
    assert set(theirs) - set(ours) == {"classifier.6.weight", "classifier.6.bias"}
    assert all(theirs[key] == value.shape for key, value in ours.items())


def test_the_vgg16_benchmark_starts_from_a_file_and_names_it(tmp_path):
    path = tmp_path / "vgg_face_dag.pth"
    theirs = Blocks(NARROW)
    torch.save(theirs.state_dict(), path)
    network = Vgg16Benchmark(blocks=NARROW, size=64).eval()
    start = recipe._started(network, Settings(weights=str(path)))
    assert str(start).startswith("weights vgg_face_dag.pth sha256 ")
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(network.base(images), theirs(images))
        assert network(images).shape == (2, 6)


@pytest.mark.parametrize(
    ("network", "name"),
    [
        (FpVggFace(blocks=NARROW, hidden=16, size=64), "imagenet_vgg16"),
        (ResNet50Benchmark(), "imagenet_resnet50"),
    ],
)
def test_d2_7_without_a_file_imagenets_weights_are_asked_for(monkeypatch, network, name):
    asked = []

    def ask(module, wanted, **options):
        asked.append(wanted)
        return RANDOM

    monkeypatch.setattr(recipe, "load_pretrained", ask)
    assert recipe._started(network, Settings()) is RANDOM
    assert recipe._started(network, Settings(pretrained=False)) is RANDOM
    assert asked == [name]


def test_resnet50_refuses_a_file_of_another_network(tmp_path):
    path = tmp_path / "w.pth"
    torch.save({"conv1_1.weight": torch.zeros(1)}, path)
    with pytest.raises(InputError, match="lacks"):
        recipe._started(ResNet50Benchmark(), Settings(weights=str(path)))

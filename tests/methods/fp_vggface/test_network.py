"""The networks of paper 002: sizes, counts, what is frozen."""

from __future__ import annotations

import pytest
import torch

from facialis.errors import InputError
from facialis.methods import card
from facialis.methods.fp_vggface.baselines import ResNet50Benchmark, Vgg16Benchmark
from facialis.methods.fp_vggface.light import LightGrader
from facialis.methods.fp_vggface.network import Blocks, FpVggFace, Scaled, frozen_by
from facialis.training.settings import Variant

META = torch.device("meta")
NARROW = ((4, 4), (4, 4), (4, 4, 4), (8, 8, 8), (8, 8, 8))


def count(modules):
    return sum(p.numel() for module in modules for p in module.parameters())


def test_s2_01_each_block_halves_the_picture():
    with META:
        maps = Blocks().maps(torch.zeros(1, 3, 224, 224))
    expected = [(64, 224), (128, 112), (256, 56), (512, 28), (512, 14), (512, 7)]
    assert [(each.shape[1], each.shape[2]) for each in maps] == expected
    assert maps[-1].flatten(1).shape == (1, 25_088)


@pytest.mark.parametrize(("classes", "expected"), [(6, 134_285_126), (2622, 145_002_878)])
def test_s2_02_parameters_of_vggface(classes, expected):
    with META:
        assert count([FpVggFace(classes=classes)]) == expected
    assert card("fp_vggface").parameters["total"] == 134_285_126


def test_s2_03_the_last_ten_entries_train_the_last_five_layers():
    with META:
        network = FpVggFace()
    assert len(network.entries) == 26
    frozen = frozen_by(network.entries, 10)
    names = [name for name, module in network.entries if module and module not in frozen]
    assert names == ["conv5_2", "conv5_3", "fc6", "fc7", "fc8"]
    assert count(frozen) == 9_995_072
    assert count([network]) - count(frozen) == 124_290_054


def test_s2_04_the_vgg16_benchmark_trains_block_5_and_its_head():
    with META:
        network = Vgg16Benchmark()
    assert len(network.entries) == 23
    last = [name for name, _ in network.entries[-8:]]
    assert last[:4] == ["conv5_1", "conv5_2", "conv5_3", "pool5"]
    assert last[4:] == ["flatten", "hidden", "dropout", "grades"]
    assert count([network]) == 27_563_334
    assert count([network]) - count(frozen_by(network.entries, 8)) == 19_928_070


def test_s2_05_the_resnet50_benchmark_freezes_27_entries():
    with META:
        network = ResNet50Benchmark()
    assert len(network.entries) == 177
    assert count([network]) == 23_520_326
    frozen = frozen_by(network.entries, 150)
    assert count(frozen) == 154_944
    assert count([network]) - count(frozen) == 23_365_382
    block = network.base.layer1
    assert set(frozen) >= {network.base.conv1, block[0].downsample[0], block[1].bn3}
    assert block[2].conv1 not in frozen


@pytest.mark.parametrize(
    ("model", "trained"),
    [("fp_vggface", 124_290_054), ("vgg16", 19_928_070), ("resnet50", 23_365_382)],
)
def test_s2_03_s2_04_s2_05_the_recipe_freezes_as_table_3_says(model, trained):
    with META:
        learner = Variant("", "fp_vggface", {"model": model, "pretrained": False}).learner()
        learner.begin(learner.stages[0])
    learned = sum(each.numel() for each in learner.network.parameters() if each.requires_grad)
    assert learned == trained


def test_the_card_states_every_count_of_the_paper():
    with META:
        published, vgg16, resnet50 = FpVggFace(), Vgg16Benchmark(), ResNet50Benchmark()
        original = count([FpVggFace(classes=2622)])
    trained = [
        count([each]) - count(frozen_by(each.entries, last))
        for each, last in ((published, 10), (vgg16, 8), (resnet50, 150))
    ]
    assert card("fp_vggface").parameters == {
        "frozen": count([published]) - trained[0],
        "trained": trained[0],
        "with 2622 outputs": original,
        "vgg16": count([vgg16]),
        "vgg16, trained": trained[1],
        "resnet50": count([resnet50]),
        "resnet50, trained": trained[2],
        "total": count([published]),
    }


def test_entries_hold_every_parameter_of_a_network():
    with META:
        for kind in (FpVggFace, Vgg16Benchmark, ResNet50Benchmark):
            network = kind()
            assert count(m for _, m in network.entries if m) == count([network])


def test_more_trained_entries_than_there_are_is_refused():
    with META:
        entries = Vgg16Benchmark().entries
    with pytest.raises(InputError, match="23 entries"):
        frozen_by(entries, 150)


@pytest.mark.parametrize(("scaling", "white"), [("255", 1.0), ("225", 255 / 225)])
def test_s2_07_a_white_pixel_is_scaled_as_set(scaling, white):
    image = torch.full((1, 3, 2, 2), 255, dtype=torch.uint8)
    assert torch.allclose(Scaled(scaling)(image), torch.full((1, 3, 2, 2), white))
    assert torch.allclose(Scaled(scaling)(image / 255), Scaled(scaling)(image))


def test_vggface_mean_is_taken_off_red_green_and_blue():
    image = torch.full((1, 3, 1, 1), 200, dtype=torch.uint8)
    found = Scaled("vggface_mean")(image).flatten()
    assert found.tolist() == pytest.approx([200 - 129.1863, 200 - 104.7624, 200 - 93.594], abs=1e-3)


def test_fp_vggface_answers_for_uint8_and_for_floats_alike():
    network = FpVggFace(blocks=NARROW, hidden=16, size=64).eval()
    image = torch.randint(0, 256, (2, 3, 64, 64), dtype=torch.uint8)
    with torch.no_grad():
        assert torch.allclose(network(image), network(image / 255), atol=1e-5)


def test_the_light_form_is_small_and_its_card_counts_it():
    network = LightGrader(size=96)
    found = card("fp_vggface-light").parameters
    assert found["features"] == count([network.features])
    assert found["reading"] == count([network.reading])
    assert found["total"] == count([network])
    assert 4 * (found["total"] - count([network.reading.shape])) < 12e6


def test_the_light_form_gives_a_picture_and_its_mirror_image_one_answer():
    torch.manual_seed(0)
    network = LightGrader(size=64).eval()
    images = torch.rand(2, 3, 64, 64)
    with torch.no_grad():
        here, read = network(images)
        there, mirrored = network(images.flip(-1))
    assert torch.allclose(here, there, atol=1e-5)
    assert torch.allclose(read.asymmetry, -mirrored.asymmetry, atol=1e-5)
    symmetric = torch.cat((images[..., :32], images[..., :32].flip(-1)), dim=-1)
    with torch.no_grad():
        assert network(symmetric)[1].asymmetry.abs().max() < 1e-5

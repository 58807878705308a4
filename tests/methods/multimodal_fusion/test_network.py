"""The networks of paper 004: sizes, order of layers, counts, export."""

from __future__ import annotations

import io

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from facialis.methods import card
from facialis.methods.multimodal_fusion import recipe
from facialis.methods.multimodal_fusion.attention import AttentionFusion, CrossAttention
from facialis.methods.multimodal_fusion.network import (
    BatchNorm,
    EarlyFusion,
    FeedForward,
    FusionHead,
    Head,
    ImageBranch,
    LateFusion,
    TwoStream,
    mean_units,
    probabilities,
)

META = torch.device("meta")
CARD = card("multimodal_fusion").parameters


def count(module):
    return sum(p.numel() for p in module.parameters())


def widths(module):
    return [each.out_features for each in module.modules() if isinstance(each, nn.Linear)]


def inputs(module):
    return next(each.in_features for each in module.modules() if isinstance(each, nn.Linear))


@pytest.mark.parametrize(
    ("modality", "read", "parameters", "sizes"),
    [("coordinates", 250, 42_658, [128, 64, 32, 2]), ("expressions", 52, 5_888, [64, 32, 10, 2])],
)
def test_s4_01_s4_02_nets_of_vectors(modality, read, parameters, sizes):
    network = FeedForward(modality)
    assert (inputs(network), count(network), widths(network)) == (read, parameters, sizes)
    assert CARD[modality] == parameters
    assert network.eval()(torch.rand(3, read)).shape == (3, 2)
    assert network.embed(torch.rand(3, read)).shape == (3, sizes[1])


@pytest.mark.parametrize("modality", ["coordinates", "expressions"])
def test_s4_03_order_of_the_layers(modality):
    layers = list(FeedForward(modality).layers)
    assert [type(each) for each in layers] == [
        nn.Linear, nn.ReLU, nn.Dropout, nn.Linear, BatchNorm, nn.ReLU, nn.Linear, nn.ReLU,
        nn.Linear,
    ]  # fmt: skip
    assert layers[2].p == 0.5
    learner = recipe.learner("multimodal_fusion", recipe.Settings(model=modality)).eval()
    batch = {modality: torch.randn(3, *learner.network.layers[0].weight.shape[1:])}
    units = torch.sigmoid(learner.network(batch[modality]))
    answered = learner.predict(batch)["palsy_probability"]
    assert torch.allclose(answered, units / units.sum(dim=1, keepdim=True))


def test_s4_04_resnet50_with_its_head():
    with META:
        network = ImageBranch()
        assert network(torch.zeros(2, 3, 224, 224)).shape == (2, 2)
    assert count(network) == CARD["lines"] == CARD["rgb"] == 24_559_170
    assert count(network.head) == CARD["head"] == 1_051_138


def test_s4_05_order_of_the_head():
    layers = list(Head(2048, 512).layers)
    kinds = [nn.Linear, nn.ReLU, nn.Dropout, BatchNorm, nn.Linear]
    assert [type(each) for each in layers] == kinds
    assert widths(Head(2048, 512)) == [512, 2]
    assert layers[2].p == 0.5


def test_s4_06_two_streams():
    with META:
        network = TwoStream()
        images = torch.zeros(2, 3, 64, 64)
        assert network(images, images).shape == (2, 2)
    assert count(network) == CARD["lines_rgb"] == 49_115_778


def test_s4_07_early_fusion():
    with META:
        network = EarlyFusion(ImageBranch(), FeedForward("expressions"))
    fusion = network.fusion
    assert (inputs(fusion), widths(fusion)) == (544, [256, 64, 32, 2])
    assert count(fusion) == CARD["fusion"] == 158_178
    assert count(network) == CARD["total"] == 24_723_236
    kinds = [type(each) for each in fusion.layers]
    assert kinds == [
        nn.Linear, nn.ReLU, nn.Dropout, nn.Linear, nn.ReLU, nn.Dropout, nn.Linear, BatchNorm,
        nn.ReLU, nn.Dropout, nn.Linear,
    ]  # fmt: skip
    assert [each.p for each in fusion.layers if isinstance(each, nn.Dropout)] == [0.5] * 3
    assert count(FusionHead(522)) == 152_546


def imagenets(images):
    """Pictures of 0 to 1 as torchvision's weights expect them (D4-5)."""
    mean, deviation = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
    return torch.stack([(images[:, i] - mean[i]) / deviation[i] for i in range(3)], dim=1)


def test_d4_5_a_backbone_sees_pictures_with_imagenets_mean_and_deviation():
    torch.manual_seed(0)
    network = ImageBranch("small").eval()
    seen = []
    network.features.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    pictures = torch.randint(0, 256, (2, 3, 32, 32), dtype=torch.uint8)
    with torch.no_grad():
        for given in (pictures, pictures / 255):
            network(given)
            torch.testing.assert_close(seen.pop(), imagenets(pictures / 255))


def test_d4_8_one_stream_sees_the_drawing_and_the_other_the_picture():
    torch.manual_seed(0)
    network = TwoStream("small").eval()
    network.lines, network.rgb = nn.Conv2d(3, 576, 3), nn.Conv2d(3, 576, 3)
    lines, rgb = torch.rand(2, 2, 3, 8, 8)
    with torch.no_grad():
        streams = (network.lines(imagenets(lines)), network.rgb(imagenets(rgb)))
        pooled = torch.cat([each.flatten(2).mean(dim=2) for each in streams], dim=1)
        assert pooled.shape == (2, 2 * 576)
        torch.testing.assert_close(network(lines, rgb), network.head(pooled))


def test_s4_07_early_fusion_joins_the_vector_of_the_drawing_and_that_of_the_scores():
    torch.manual_seed(0)
    network = EarlyFusion(ImageBranch("small"), FeedForward("expressions")).eval()
    network.branches.lines.features = nn.Conv2d(3, 576, 3)
    lines, scores = torch.rand(2, 3, 8, 8), torch.rand(2, 52)
    joined = []
    network.fusion.register_forward_pre_hook(lambda _, given: joined.append(given[0]))
    with torch.no_grad():
        network(lines, scores)
        drawn = network.branches.lines.embed(lines)
        scored = network.branches.expressions.embed(scores)
    assert drawn.any()
    assert scored.any()
    assert torch.equal(joined[0][:, :128], drawn)
    assert torch.equal(joined[0][:, 128:], scored)


def test_sx_17_d4_9_fusion_reads_512_units_before_dropout_and_the_second_layer():
    torch.manual_seed(0)
    head, vectors = Head(8, 4).train(), torch.randn(3, 8)
    expected = torch.relu(vectors @ head.layers[0].weight.T + head.layers[0].bias)
    assert torch.allclose(head.embed(vectors), expected, atol=1e-6)
    network, scores = FeedForward("expressions").eval(), torch.rand(3, 52)
    first = torch.relu(network.layers[0](scores))
    norm = network.layers[4]
    second = network.layers[3](first) / (1 + norm.eps) ** 0.5
    assert torch.allclose(network.embed(scores), torch.relu(second), atol=1e-5)


def test_s4_08_late_fusion_takes_the_mean():
    mean = mean_units([torch.tensor([[0.2, 0.9]]), torch.tensor([[0.6, 0.5]])])
    assert torch.allclose(mean, torch.tensor([[0.4, 0.7]]))
    assert int(mean.argmax()) == 1


def test_s4_08_the_whole_answers_with_the_mean_of_its_branches():
    torch.manual_seed(0)
    network = LateFusion(ImageBranch("small"), FeedForward("expressions")).eval()
    lines, scores = torch.rand(2, 3, 64, 64), torch.rand(2, 52)
    with torch.no_grad():
        both = [network.branches.lines(lines), network.branches.expressions(scores)]
        expected = sum(1 / (1 + np.exp(-each.numpy())) for each in both) / 2
        assert np.allclose(network(lines, scores).numpy(), expected, atol=1e-6)


def test_s4_09_late_fusion_learns_nothing_of_its_own():
    lines, scores = ImageBranch("small"), FeedForward("expressions")
    assert (
        count(LateFusion(lines, scores)) - count(lines) - count(scores) == CARD["late_fusion"] == 0
    )


def test_probabilities_sum_to_one_and_keep_the_larger_unit():
    units = torch.tensor([[0.2, 0.9], [0.0, 0.0], [1e-38, 0.0], [1.0, 0.5]])
    found = probabilities(units)
    assert torch.allclose(found.sum(dim=1), torch.ones(4))
    assert found.argmax(dim=1).tolist() == units.argmax(dim=1).tolist()
    assert found[0].tolist() == pytest.approx([2 / 11, 9 / 11])


def test_s4_17_a_single_vector_is_normed_by_the_running_statistics():
    norm = BatchNorm(2).train()
    norm.running_mean.copy_(torch.tensor([1.0, 2.0]))
    norm.running_var.fill_(4)
    found = norm(torch.tensor([[3.0, 2.0]])).detach()
    assert torch.allclose(found, torch.tensor([[1.0, 0.0]]), atol=1e-4)


def test_attention_weighs_modalities_and_its_card_counts_it():
    torch.manual_seed(0)
    fusion = CrossAttention({"coordinates": 64, "expressions": 32, "lines": 512}).eval()
    assert count(fusion) == CARD["attention"]
    given = {"coordinates": torch.rand(2, 64), "expressions": torch.rand(2, 32)}
    logits, weights = fusion(given | {"lines": torch.rand(2, 512)})
    assert logits.shape == (2, 2)
    assert weights.shape == (2, 3)
    assert torch.allclose(weights.sum(dim=1), torch.ones(2))


class Everything(nn.Module):
    """Vector nets and both fusions with one line branch, exported in one go.

    The backbone is a single convolution: exporting MobileNetV3 takes half a minute and is tested
    with paper 002's light form.
    """

    def __init__(self):
        super().__init__()
        self.coordinates, self.expressions = FeedForward("coordinates"), FeedForward("expressions")
        lines = ImageBranch("small")
        lines.features = nn.Conv2d(3, 576, 3, stride=8)
        self.early = EarlyFusion(lines, self.expressions)
        self.attention = AttentionFusion(
            {"coordinates": self.coordinates, "expressions": self.expressions, "lines": lines}
        )

    def forward(self, coordinates, expressions, lines):
        return (
            self.coordinates(coordinates),
            self.expressions(expressions),
            self.early(lines, expressions),
            self.attention(coordinates, expressions, lines),
        )


def test_vector_nets_and_fusions_compute_the_same_as_onnx_for_any_batch():
    torch.manual_seed(0)
    network = Everything().eval()
    given = (torch.rand(3, 250), torch.rand(3, 52), torch.rand(3, 3, 64, 64))
    names = ("coordinates", "expressions", "lines")
    batch = torch.export.Dim.DYNAMIC
    program = torch.onnx.export(
        network, tuple(each[:2] for each in given), dynamo=True, input_names=names,
        dynamic_shapes=({0: batch}, {0: batch}, {0: batch}), verbose=False,
    )  # fmt: skip
    file = io.BytesIO()
    program.save(file)
    session = onnxruntime.InferenceSession(file.getvalue(), providers=["CPUExecutionProvider"])
    for size in (1, 3):
        some = tuple(each[:size] for each in given)
        with torch.no_grad():
            expected = network(*some)
        answers = session.run(None, {k: v.numpy() for k, v in zip(names, some, strict=True)})
        for found, wanted in zip(answers, expected, strict=True):
            assert np.abs(found - wanted.numpy()).max() <= 1e-4

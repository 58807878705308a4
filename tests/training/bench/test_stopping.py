"""When a stage ends, and which of its epochs is kept."""

from __future__ import annotations

import pytest
import torch

from facialis.training.curves import read_curves
from facialis.training.fit import Machine, fit
from facialis.training.settings import Variant

CPU = Machine(accelerator="cpu", devices="1")


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.fixture
def watched(order, monkeypatch):
    """Give validation people losses that were thought out, and note the weights of each epoch."""

    def given(losses: list[float]) -> list[torch.Tensor]:
        kind, weights = type(order().variant.learner()), []
        learned = kind.loss

        def loss(self, batch):
            if self.training:
                return learned(self, batch)
            weights.append(self.head.weight.detach().clone())
            return {"total": torch.tensor(losses[len(weights) - 1])}

        monkeypatch.setattr(kind, "loss", loss)
        return weights

    return given


@pytest.mark.parametrize(
    ("losses", "patience", "best"),
    [
        ([4.0, 3.0, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5], 2, 3),
        ([4.0, 3.0, 3.5, 2.0, 2.5, 2.4, 2.3, 2.2, 2.1], 3, 4),
        ([1.0, 2.0, 3.0, 4.0], 1, 1),
        ([2.0, 1.0, 1.0, 1.0, 1.0, 1.0], 2, 2),
    ],
)
@pytest.mark.parametrize("keep", ["best", "last"])
def test_s2_13_a_stage_ends_its_patience_after_the_lowest_validation_loss(
    order, tmp_path, watched, losses, patience, best, keep
):
    weights = watched(losses)
    asked = order(epochs=len(losses), patience=patience, keep=keep)
    trained = fit(asked, tmp_path / "run", CPU, quiet)
    facts, ended = trained.facts["stages"]["first"], best + patience
    assert facts["epochs"] == ended
    assert len(read_curves(tmp_path / "run" / "1-first")["val_total"]) == ended
    kept = best if keep == "best" else ended
    assert facts["validation_loss"] == pytest.approx(losses[kept - 1])
    same = [torch.equal(each, trained.learner.head.weight) for each in weights]
    assert same == [epoch == kept for epoch in range(1, ended + 1)]


@pytest.mark.parametrize(
    ("method", "settings", "stages", "keep", "patience"),
    [
        ("asymmetric_parsing", {}, 1, "last", None),
        ("asymmetric_parsing", {"network": "deeplabv3plus"}, 1, "last", None),
        ("asymmetric_parsing", {"network": "mask_rcnn"}, 1, "last", None),
        ("cascaded_encoder", {"pretrained": False}, 3, "best", None),
        ("cascaded_encoder-light", {}, 3, "best", None),
        ("fp_vggface", {"pretrained": False}, 1, "best", 5),
        ("fp_vggface", {"pretrained": False, "model": "resnet50"}, 1, "best", 5),
        ("fp_vggface-light", {"pretrained": False}, 2, "last", None),
        ("phcnn_lstm", {}, 1, "best", None),
        ("phcnn_lstm-light", {}, 2, "last", None),
        ("multimodal_fusion", {"pretrained": False}, 3, "last", None),
        ("multimodal_fusion", {"pretrained": False, "model": "lines_rgb"}, 1, "last", None),
        ("multimodal_fusion-light", {}, 1, "last", None),
    ],
)
def test_validation_people_choose_the_epoch_only_where_the_paper_says_so(
    method, settings, stages, keep, patience
):
    """[002] D2-8 stops early and restores the best, [003] D3-13 picks the best of 50 epochs."""
    with torch.device("meta"):
        found = Variant("", method, settings).learner().stages
    assert [(each.keep, each.patience) for each in found] == [(keep, patience)] * stages

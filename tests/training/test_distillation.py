"""A small distillation from end to end, against a teacher whose rule is known."""

from __future__ import annotations

import csv

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the extra 'train'")
onnx = pytest.importorskip("onnx", reason="training needs the extra 'train'")

from facialis.errors import InputError, WeightsError  # noqa: E402
from facialis.training import export as export_module  # noqa: E402
from facialis.training.agreement import agreement  # noqa: E402
from facialis.training.distillation import distil  # noqa: E402
from facialis.training.evaluate_expressions import network_scores  # noqa: E402
from facialis.training.expression_fit import FitSettings, fit  # noqa: E402
from facialis.training.expression_network import ExpressionNetwork  # noqa: E402
from facialis.training.face_sampler import FaceSampler  # noqa: E402
from facialis.weights.session import open_session  # noqa: E402


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def distilled(pool, head, teacher, tmp_path_factory):
    folder = tmp_path_factory.mktemp("distilled")
    torch.set_num_threads(1)
    settings = {"samples": 5000, "epochs": 40, "width": 64}
    out = folder / "net.onnx"
    return out, distil(pool, head, teacher, out=out, folder=folder / "work", **settings)


def test_a_network_learns_the_teachers_rule_and_computes_the_same_in_onnx(
    distilled, pool, head, teacher
):
    out, difference = distilled
    assert difference < 5e-4
    unseen = FaceSampler(pool, head).sample(np.random.default_rng(77), 500)
    result = agreement("unseen", network_scores(open_session(out), unseen), teacher(unseen))
    assert result.error.mean() < 0.03
    assert np.median(result.rank) > 0.9


def test_the_shipped_file_names_no_path_and_no_source_line(distilled):
    out, _ = distilled
    content = out.read_bytes()
    assert str(out.parent).encode() not in content
    assert b".py" not in content
    assert b"site-packages" not in content
    described = {p.key: p.value for p in onnx.load(out).metadata_props}
    assert described["licence"] == "Apache-2.0"


def test_position_and_size_of_the_face_do_not_matter(distilled, pool):
    session = open_session(distilled[0])
    face = pool.points[:, 0]
    np.testing.assert_allclose(
        network_scores(session, face), network_scores(session, 0.3 * face - 700), atol=2e-4
    )


def test_any_number_of_faces_can_be_scored_at_once(distilled, pool):
    session = open_session(distilled[0])
    together = network_scores(session, pool.points[:, 0])
    alone = np.concatenate([network_scores(session, p[None]) for p in pool.points[:, 0]])
    np.testing.assert_allclose(together, alone, atol=2e-4)


def test_a_folder_that_cannot_be_made_is_named(pool, teacher, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match="cannot be made"):
        distil(pool, None, teacher, out=tmp_path / "o.onnx", folder=tmp_path / "file" / "work")


def training_data(pool, teacher):
    points = FaceSampler(pool, None).sample(np.random.default_rng(3), 1500)
    scores = np.clip(teacher(points), 1e-6, 1 - 1e-6)
    return torch.from_numpy(points), torch.from_numpy(np.log(scores / (1 - scores)))


class InterruptionError(Exception):
    pass


def test_an_interrupted_fit_goes_on_and_ends_where_an_uninterrupted_one_does(
    pool, teacher, tmp_path
):
    points, logits = training_data(pool, teacher)
    settings = FitSettings(epochs=4, batch=128, width=16, depth=1)

    def run(name, after_epoch=lambda *_: None):
        files = {"checkpoint": tmp_path / f"{name}.pt", "log": tmp_path / f"{name}.csv"}
        return fit(points, logits, settings, after_epoch=after_epoch, **files)

    def stop_after_two(done, _loss):
        if done == 2:
            raise InterruptionError

    straight = run("straight")
    with pytest.raises(InterruptionError):
        run("broken", stop_after_two)
    epochs = []
    resumed = run("broken", lambda done, _: epochs.append(done))
    assert epochs == [3, 4]
    for name, tensor in straight.state_dict().items():
        torch.testing.assert_close(resumed.state_dict()[name], tensor)
    rows = list(csv.DictReader((tmp_path / "broken.csv").read_text().splitlines()))
    assert [int(r["epoch"]) for r in rows] == [1, 2, 3, 4]
    assert float(rows[-1]["loss"]) < float(rows[0]["loss"])


def test_a_checkpoint_of_other_settings_is_not_gone_on_with(pool, teacher, tmp_path):
    points, logits = training_data(pool, teacher)
    files = {"checkpoint": tmp_path / "c.pt", "log": tmp_path / "l.csv"}
    for seed in (0, 1):
        epochs = []
        settings = FitSettings(epochs=1, batch=128, width=16, seed=seed)
        fit(points, logits, settings, after_epoch=lambda e, _, to=epochs: to.append(e), **files)
        assert epochs == [1]


def test_folding_the_fixed_maps_changes_nothing(pool, teacher):
    points, logits = training_data(pool, teacher)
    network = ExpressionNetwork(width=16)
    network.adapt(points, logits)
    with torch.no_grad():
        torch.testing.assert_close(network.folded()(points), network(points), rtol=1e-3, atol=1e-3)


def test_an_export_that_computes_something_else_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(export_module, "_difference", lambda *_: 0.5)
    out = tmp_path / "net.onnx"
    with pytest.raises(WeightsError, match="differs from torch"):
        export_module.export(
            ExpressionNetwork(width=8).folded(),
            {"points": torch.rand(4, 146, 2)},
            ("logits",),
            out,
            described={},
        )
    assert list(tmp_path.iterdir()) == []

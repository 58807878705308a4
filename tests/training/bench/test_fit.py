"""Training goes through all stages, and a killed run ends as one that was never stopped."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from facialis.errors import InputError
from facialis.evaluation.splits import Protocol, Split, split_of
from facialis.training import fit as fit_module
from facialis.training.curves import read_curves
from facialis.training.fit import Machine, fit
from facialis.training.weights_file import Start, read_weights

CPU = Machine(accelerator="cpu", devices="1")


class PowerCutError(Exception):
    """Ends a run as a power cut would."""


def quiet(_: str) -> None:
    """Say nothing."""


def test_it_learns(order, tmp_path):
    said = []
    trained = fit(order(epochs=8), tmp_path / "run", CPU, said.append)
    batch = {k: torch.from_numpy(v) for k, v in order().examples.arrays.items()}
    with torch.no_grad():
        answers = trained.learner.predict(batch)
    right = (answers["palsy_probability"].argmax(1) == batch["palsy"]).float().mean()
    assert right == 1.0
    assert [line.split(":")[0] for line in said[:2]] == [
        "first, epoch 1 of 8",
        "first, epoch 2 of 8",
    ]
    assert trained.facts["stages"]["first"]["epochs"] == 8
    assert trained.facts["started_from"] == "random weights"


@pytest.mark.parametrize("killed_after", [1, 2, 3])
def test_a_killed_run_ends_as_one_that_was_never_stopped(order, tmp_path, killed_after):
    whole = fit(order(second_epochs=2), tmp_path / "whole", CPU, quiet)
    said = []

    def power_cut(sentence: str) -> None:
        said.append(sentence)
        if len(said) == killed_after:
            raise PowerCutError

    with pytest.raises(PowerCutError):
        fit(order(second_epochs=2), tmp_path / "cut", CPU, power_cut)
    after = []
    resumed = fit(order(second_epochs=2), tmp_path / "cut", CPU, after.append)
    assert len(said) + len(after) == 6
    for name, value in whole.learner.state_dict().items():
        assert torch.equal(value, resumed.learner.state_dict()[name]), name


def test_the_seconds_of_a_stage_are_those_before_it_was_killed_too(order, tmp_path):
    def power_cut(sentence: str) -> None:
        raise PowerCutError(sentence)

    with pytest.raises(PowerCutError):
        fit(order(), tmp_path, CPU, power_cut)
    file = tmp_path / "1-first" / "last.ckpt"
    checkpoint = torch.load(file, weights_only=False)
    (timer,) = (each for name, each in checkpoint["callbacks"].items() if "Timer" in name)
    timer["time_elapsed"]["train"] += 1000
    torch.save(checkpoint, file)
    facts = fit(order(), tmp_path, CPU, quiet).facts
    assert 1000 < facts["stages"]["first"]["seconds"] < 1600


def test_a_run_killed_between_stages_goes_on_with_the_second(order, tmp_path):
    whole = fit(order(second_epochs=2), tmp_path / "whole", CPU, quiet)

    def power_cut(sentence: str) -> None:
        if sentence.startswith("second, epoch 1"):
            raise PowerCutError

    with pytest.raises(PowerCutError):
        fit(order(second_epochs=2), tmp_path / "cut", CPU, power_cut)
    after = []
    resumed = fit(order(second_epochs=2), tmp_path / "cut", CPU, after.append)
    assert [line.split(":")[0] for line in after] == ["second, epoch 2 of 2"]
    for name, value in whole.learner.state_dict().items():
        assert torch.equal(value, resumed.learner.state_dict()[name]), name


@pytest.mark.parametrize("how", [KeyboardInterrupt, SystemExit])
def test_an_interrupted_training_says_so_and_goes_on(order, tmp_path, how):
    """Lightning ends the process itself, after SIGTERM as if all had gone well."""
    said = []

    def stopped(sentence: str) -> None:
        said.append(sentence)
        if len(said) == 2:
            raise how

    with pytest.raises(KeyboardInterrupt):
        fit(order(), tmp_path / "run", CPU, stopped)
    assert said[-1] == "first: interrupted; the same command goes on from its last epoch"
    after = []
    fit(order(), tmp_path / "run", CPU, after.append)
    assert after[0].startswith("first, epoch 3 of 4")


def test_a_training_that_diverges_ends_and_leaves_no_weights(order, tmp_path):
    with pytest.raises(InputError, match=r"first, epoch 1: .* diverged; set a smaller rate"):
        fit(order(rate=1e38), tmp_path / "run", CPU, quiet)
    assert not list(tmp_path.rglob("weights.pt"))
    assert not list(tmp_path.rglob("*.ckpt"))


def test_of_several_processes_only_the_first_writes(order, tmp_path, monkeypatch):
    monkeypatch.setattr(fit_module.rank_zero_only, "rank", 1)
    fit(order(epochs=1), tmp_path / "run", CPU, quiet)
    assert not list(tmp_path.rglob("weights.pt"))
    assert not list(tmp_path.rglob("facts.json"))


def test_another_split_is_told_from_other_data(order, tmp_path):
    fit(order(epochs=1), tmp_path / "run", CPU, quiet)
    given = order(epochs=1)
    for key, told in (("split", "differs in split"), ("manifest", "differs in data")):
        changed = replace(given, data={**given.data, key: "another"})
        with pytest.raises(InputError, match=told):
            fit(changed, tmp_path / "run", CPU, quiet)


def test_a_finished_run_is_read_and_not_trained_again(order, tmp_path):
    first = fit(order(), tmp_path / "run", CPU, quiet)
    said = []
    second = fit(order(), tmp_path / "run", CPU, said.append)
    assert said == []
    assert second.facts == first.facts
    for name, value in first.learner.state_dict().items():
        assert torch.equal(value, second.learner.state_dict()[name]), name


def test_the_same_seed_gives_the_same_weights_and_another_one_others(order, tmp_path):
    runs = [
        fit(order(seed), tmp_path / name, CPU, quiet).learner.head.weight.detach()
        for seed, name in ((5, "a"), (5, "b"), (6, "c"))
    ]
    assert torch.equal(runs[0], runs[1])
    assert not torch.equal(runs[0], runs[2])


def test_what_a_stage_freezes_does_not_change_nor_do_its_batch_statistics(order, tmp_path):
    first = fit(order(second_epochs=0), tmp_path / "one", CPU, quiet).learner
    both = fit(order(second_epochs=2), tmp_path / "two", CPU, quiet).learner
    for name, value in first.state_dict().items():
        is_frozen = name.startswith(("pixels", "norm"))
        is_same = torch.equal(value, both.state_dict()[name])
        assert is_same == (is_frozen or name == "threshold"), name


def test_thresholds_are_settled_on_examples_spread_over_all_where_there_are_very_many(
    order, with_parts, tmp_path, monkeypatch
):
    monkeypatch.setattr(fit_module, "SETTLED_ON", 5)
    asked = with_parts(order(epochs=1), train=np.arange(0, 40))
    trained = fit(asked, tmp_path / "run", CPU, quiet)
    wanted = asked.examples.arrays["image"][[0, 10, 20, 29, 39]].mean()
    assert float(trained.learner.threshold) == pytest.approx(float(wanted), rel=1e-5)


def test_thresholds_are_settled_on_training_people_only(order, with_parts, tmp_path):
    changed = order()
    changed.examples.arrays["image"][40:] = 255
    plain = fit(order(epochs=1), tmp_path / "a", CPU, quiet).learner.threshold
    tested = fit(with_parts(changed), tmp_path / "b", CPU, quiet).learner.threshold
    assert torch.equal(plain, tested)


def test_the_best_epoch_is_kept_where_the_stage_asks_for_it(order, tmp_path):
    trained = fit(order(epochs=6, keep="best", rate=0.5), tmp_path / "run", CPU, quiet)
    facts = trained.facts["stages"]["first"]
    state = torch.load(tmp_path / "run" / "1-first" / "best.ckpt", weights_only=False)
    assert facts["kept"] == "best by validation loss"
    assert torch.equal(state["state_dict"]["learner.head.weight"], trained.learner.head.weight)


def test_s2_13_the_weights_of_the_lowest_validation_loss_are_restored(order, tmp_path):
    """Validation people whose labels are turned round: what is learned makes them worse."""
    asked = order(epochs=6, keep="best", rate=0.5, dropout=0.0)
    asked.examples.arrays["palsy"][32:40] = 1 - asked.examples.arrays["palsy"][32:40]
    trained = fit(asked, tmp_path / "run", CPU, quiet)
    losses = [value for _, value in read_curves(tmp_path / "run" / "1-first")["val_total"]]
    assert len(losses) == 6
    assert min(losses) < losses[-1] - 0.01
    batch = {key: torch.as_tensor(value[32:40]) for key, value in asked.examples.arrays.items()}
    trained.learner.eval()
    with torch.no_grad():
        restored = float(trained.learner.loss(batch)["total"])
    assert restored == pytest.approx(min(losses), abs=1e-4)
    assert trained.facts["stages"]["first"]["validation_loss"] == pytest.approx(min(losses))


def test_s1_19_all_stages_use_the_rows_of_one_split_file(order, tmp_path, monkeypatch):
    asked = order(epochs=1, second_epochs=1)
    names = asked.examples.names
    split = Split("fixed", Protocol.FIXED, names[:32], names[32:40], names[40:])
    asked = replace(asked, split=split, data={"manifest": "m", "split": split.digest})
    learned = {}
    kind = type(asked.variant.learner())
    meet = kind.meet

    def noted(self, stage, arrays):
        learned[stage.name] = arrays["image"]
        meet(self, stage, arrays)

    monkeypatch.setattr(kind, "meet", noted)
    fit(asked, tmp_path / "run", CPU, quiet)
    kept = split_of(json.loads((tmp_path / "run" / "split.json").read_text()), "split.json")
    assert kept == split
    rows = [names.index(name) for name in kept.train]
    assert set(learned) == {"first", "second"}
    for images in learned.values():
        assert np.array_equal(images, asked.examples.arrays["image"][rows])


def test_a_split_file_that_was_changed_is_refused(order, tmp_path):
    names = order().examples.names
    split = Split("fixed", Protocol.FIXED, names[:32], names[32:40], names[40:])
    asked = replace(order(epochs=1), split=split)
    fit(asked, tmp_path / "run", CPU, quiet)
    file = tmp_path / "run" / "split.json"
    other = replace(split, train=names[:31])
    for text, problem in (
        (json.dumps(other.record), "is of another split"),
        (json.dumps(split.record | {"train": []}), "was changed after it was made"),
        ("{", "is damaged"),
    ):
        file.write_text(text)
        with pytest.raises(InputError, match=problem):
            fit(asked, tmp_path / "run", CPU, quiet)


def test_training_stops_early_when_validation_no_longer_improves(order, tmp_path):
    trained = fit(order(epochs=40, patience=1, rate=0.5), tmp_path / "run", CPU, quiet)
    assert trained.facts["stages"]["first"]["epochs"] < 40


def test_without_validation_examples_all_epochs_run_and_the_last_is_kept(
    order, with_parts, tmp_path
):
    alone = with_parts(order(patience=1, keep="best"), validation=np.arange(0))
    facts = fit(alone, tmp_path / "run", CPU, quiet).facts["stages"]["first"]
    assert (facts["epochs"], facts["kept"]) == (4, "last")


def test_a_folder_of_another_run_is_refused(order, tmp_path):
    fit(order(), tmp_path / "run", CPU, quiet)
    with pytest.raises(InputError, match="differs in settings"):
        fit(order(epochs=5), tmp_path / "run", CPU, quiet)
    with pytest.raises(InputError, match="differs in seed"):
        fit(order(6), tmp_path / "run", CPU, quiet)


def test_a_record_that_says_nothing_is_of_another_run(order, tmp_path):
    fit(order(epochs=1), tmp_path / "run", CPU, quiet)
    (tmp_path / "run" / "run.json").write_text("{}")
    with pytest.raises(InputError, match="differs in data, method, seed, settings"):
        fit(order(epochs=1), tmp_path / "run", CPU, quiet)


def test_a_run_of_before_it_told_its_precision_is_gone_on_with(order, tmp_path):
    fit(order(epochs=1), tmp_path / "run", CPU, quiet)
    file = tmp_path / "run" / "run.json"
    record = json.loads(file.read_text())
    del record["precision"]
    file.write_text(json.dumps(record))
    assert fit(order(epochs=1), tmp_path / "run", CPU, quiet).facts["precision"] == "32-true"


def test_a_folder_with_other_things_is_refused(order, tmp_path):
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(InputError, match="holds no run"):
        fit(order(), tmp_path, CPU, quiet)
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_nothing_to_learn_from_is_said(order, with_parts, tmp_path):
    with pytest.raises(InputError, match="has no example to learn from"):
        fit(with_parts(order(), train=np.arange(0)), tmp_path / "run", CPU, quiet)


def test_flags_that_lightning_refuses_are_said(order, tmp_path):
    with pytest.raises(InputError, match="--precision 12-odd"):
        fit(order(), tmp_path / "run", Machine(precision="12-odd", accelerator="cpu"), quiet)


@pytest.mark.parametrize("devices", ["nonsense", "-1"])
def test_flags_that_are_no_devices_are_said(devices):
    with pytest.raises(InputError, match=f"--devices {devices}"):
        Machine(devices=devices, accelerator="cpu").check()


def test_another_precision_makes_another_run(order, tmp_path):
    fit(order(epochs=1), tmp_path / "run", CPU, quiet)
    coarse = replace(order(epochs=1), precision="bf16-mixed")
    with pytest.raises(InputError, match="differs in precision"):
        fit(coarse, tmp_path / "run", replace(CPU, precision="bf16-mixed"), quiet)


@pytest.mark.parametrize("kept", [0, 1000])
def test_a_damaged_checkpoint_is_named_and_the_run_goes_on_without_it(order, tmp_path, kept):
    def power_cut(_: str) -> None:
        raise PowerCutError

    with pytest.raises(PowerCutError):
        fit(order(), tmp_path / "run", CPU, power_cut)
    file = tmp_path / "run" / "1-first" / "last.ckpt"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(InputError, match=r"last\.ckpt: is damaged; delete it to begin its stage"):
        fit(order(), tmp_path / "run", CPU, quiet)
    file.unlink()
    assert fit(order(), tmp_path / "run", CPU, quiet).facts["stages"]["first"]["epochs"] == 4


@pytest.mark.parametrize("name", ["run.json", "1-first/done.json"])
@pytest.mark.parametrize("text", ["{", "[1]"])
def test_a_damaged_record_is_named(order, tmp_path, name, text):
    fit(order(), tmp_path / "run", CPU, quiet)
    (tmp_path / "run" / "weights.pt").unlink()
    (tmp_path / "run" / name).write_text(text)
    with pytest.raises(InputError, match=f"{name}: is damaged"):
        fit(order(), tmp_path / "run", CPU, quiet)


def test_weights_hold_who_was_learned_from_and_no_pickled_code(order, tmp_path):
    fit(order(), tmp_path / "run", CPU, quiet)
    state = read_weights(tmp_path / "run" / "weights.pt")
    assert state["learned_from"] == [f"toy/{i:02d}" for i in range(10)]
    assert state["method"] == "toy"


def test_a_run_starts_from_the_weights_of_another(order, tmp_path):
    fit(order(epochs=2), tmp_path / "first", CPU, quiet)
    start = Start.read(tmp_path / "first")
    untrained = replace(order(epochs=0), start=start)
    found = fit(untrained, tmp_path / "second", CPU, quiet)
    for name, value in found.learner.state_dict().items():
        assert torch.equal(value, start.state["weights"][name]), name
    assert found.facts["started_from"] == f"weights of toy (SHA-256 {start.digest[:12]})"
    with pytest.raises(InputError, match="differs in start"):
        fit(order(epochs=0), tmp_path / "second", CPU, quiet)


def test_weights_of_another_network_are_no_start(order, tmp_path):
    fit(order(epochs=1), tmp_path / "first", CPU, quiet)
    start = Start.read(tmp_path / "first" / "weights.pt")
    del start.state["weights"]["head.weight"]
    with pytest.raises(InputError, match="do not fit this network"):
        fit(replace(order(), start=start), tmp_path / "second", CPU, quiet)


def test_weights_of_parts_that_only_train_may_be_left(order, tmp_path, monkeypatch):
    fit(order(epochs=1), tmp_path / "first", CPU, quiet)
    start = Start.read(tmp_path / "first")
    start.state["weights"]["extra.weight"] = torch.zeros(2)
    untrained = replace(order(epochs=0), start=start)
    with pytest.raises(InputError, match="do not fit this network"):
        fit(untrained, tmp_path / "second", CPU, quiet)
    kind = type(order().variant.learner())
    monkeypatch.setattr(kind, "only_train", ("extra.",))
    found = fit(untrained, tmp_path / "third", CPU, quiet)
    assert torch.equal(found.learner.head.weight, start.state["weights"]["head.weight"])


def test_damaged_weights_are_refused(tmp_path):
    file = tmp_path / "weights.pt"
    file.write_bytes(b"not weights")
    with pytest.raises(InputError, match="holds no weights"):
        read_weights(file)
    with pytest.raises(InputError, match="cannot be read"):
        read_weights(tmp_path / "none.pt")


def test_curves_can_be_drawn_from_what_is_logged(order, tmp_path):
    fit(order(), tmp_path / "run", CPU, quiet)
    folder = tmp_path / "run" / "1-first" / "attempt-0"
    head = (folder / "metrics.csv").read_text().splitlines()[0].split(",")
    assert {"train_total", "val_total", "val_accuracy_palsy", "train_accuracy_palsy"} <= set(head)
    assert list(folder.glob("events.out.tfevents.*"))
    assert json.loads((tmp_path / "run" / "run.json").read_text())["seed"] == 5


def test_the_log_of_finished_epochs_is_on_disk_before_the_run_ends(order, tmp_path):
    seen = []

    def read(sentence: str) -> None:
        seen.append(read_curves(tmp_path / "run" / "1-first"))

    fit(order(), tmp_path / "run", CPU, read)
    assert [epoch for epoch, _ in seen[-1]["train_total"]] == [1, 2, 3]
    assert [epoch for epoch, _ in seen[-1]["val_total"]] == [1, 2, 3, 4]

"""The commands as a user calls them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from facialis.cli import main
from facialis.errors import InputError
from facialis.evaluation import resampling
from facialis.methods import names
from facialis.training import commands, settings


@pytest.fixture
def call(monkeypatch, toy_variant):
    """Call a command of the toy method, which answers to the name of a published one."""
    monkeypatch.setattr(resampling.drawn, "__defaults__", (20,))
    kind = type(toy_variant())
    monkeypatch.setattr(settings, "Variant", kind)
    monkeypatch.setattr(settings, "settings_of", lambda _method, values: kind("", "", values))

    def called(app, *words):
        return CliRunner().invoke(app, list(words), catch_exceptions=True)

    return called


CPU = ("--accelerator", "cpu", "--devices", "1")


def test_every_method_can_be_trained_and_evaluated():
    for app in (commands.app, commands.evaluation):
        known = {each.name for each in app.registered_commands}
        assert set(names()) <= known


def test_train_writes_weights_and_curves_and_says_what_they_started_from(
    call, toy_manifest, tmp_path
):
    data = str(toy_manifest().root)
    result = call(
        commands.app, "asymmetric_parsing", "--data", data, "--out", str(tmp_path / "run"), *CPU
    )
    assert result.exit_code == 0, result.output
    assert "random weights" in result.output
    assert (tmp_path / "run" / "weights.pt").is_file()
    assert (tmp_path / "run" / "curves.png").is_file()


def test_evaluate_writes_tables_and_says_the_scores(call, toy_manifest, tmp_path):
    data = str(toy_manifest().root)
    words = ("asymmetric_parsing", "--data", data, "--out", str(tmp_path / "out"), "--folds", "3")
    result = call(commands.evaluation, *words, *CPU)
    assert result.exit_code == 0, result.output
    assert "palsy: accuracy" in result.output
    record = json.loads((tmp_path / "out" / "result.json").read_text())
    assert record["splits"]["count"] == 3


def test_a_split_that_does_not_exist_is_refused(call, toy_manifest, tmp_path):
    data = str(toy_manifest().root)
    words = ("asymmetric_parsing", "--data", data, "--out", str(tmp_path / "run"), "--split", "4")
    result = call(commands.app, *words)
    assert isinstance(result.exception, InputError)
    assert "--split 4" in str(result.exception)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--set", "epoch=3"), "epoch: is no setting"),
        (("--set", "epochs"), "is no setting"),
        (("--protocol", "random"), "--protocol random"),
        (("--row", "without ESC"), "give --experiment FILE"),
        (("--experiment", "none.toml"), "none.toml: cannot be read"),
        ((), "manifest.csv: no such file"),
    ],
)
def test_a_wrong_call_ends_with_one_sentence_and_status_two(words, problem, tmp_path, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(
            ["evaluate", "asymmetric_parsing", "--data", str(tmp_path), "--out",
             str(tmp_path / "out"), *words]
        )  # fmt: skip
    assert stopped.value.code == 2
    assert problem in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_rows_of_an_experiment_are_chosen_by_name(root):
    file = str(root / "experiments" / "paper000.toml")
    chosen = commands._variants("asymmetric_parsing", file, ["without ESC"], ["epochs=2"])
    (variant,) = chosen
    assert variant.name == "without ESC"
    assert (variant.settings().esc, variant.settings().epochs) == (False, 2)
    with pytest.raises(InputError, match="Mask R-CNN"):
        commands._variants("asymmetric_parsing", file, ["with a hat"], [])
    with pytest.raises(InputError, match="no experiment of fp_vggface"):
        commands._variants("fp_vggface", file, None, [])


def test_the_whole_file_is_meant_where_no_row_is_named(root):
    file = str(root / "experiments" / "paper001.toml")
    chosen = commands._variants("cascaded_encoder", file, None, [])
    assert chosen[0].name == ""
    assert {"without attention", "end to end"} <= {each.name for each in chosen}

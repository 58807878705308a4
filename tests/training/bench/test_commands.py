"""The commands as a user calls them."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from facialis.cli import main
from facialis.datasets.manifest_files import read_manifest, write_manifest
from facialis.errors import InputError
from facialis.evaluation import resampling
from facialis.methods import names
from facialis.training import commands, settings
from facialis.training.search import read_grid
from facialis.training.settings import read_experiment

GRIDS = Path(__file__).parents[3] / "experiments" / "search"


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
    assert (tmp_path / "run" / "inputs.png").read_bytes()[:4] == b"\x89PNG"


def test_more_data_are_learned_from_and_named_in_the_run(call, toy_manifest, tmp_path):
    data, more = toy_manifest(), toy_manifest("more", people=4)
    renamed = tuple(
        replace(row, name=f"more-{row.name}", sha256=f"{number:064x}")
        for number, row in enumerate(more.rows)
    )
    write_manifest(replace(more, rows=renamed, root=more.root), tmp_path / "again")
    words = ("--data", str(data.root), "--more", str(tmp_path / "again"))
    out = tmp_path / "run"
    result = call(commands.app, "asymmetric_parsing", *words, "--out", str(out), *CPU)
    assert result.exit_code == 0, result.output
    record = json.loads((out / "run.json").read_text())
    assert record["data"]["more"] == read_manifest(tmp_path / "again").digest


@pytest.mark.parametrize("app", [commands.app, commands.evaluation])
def test_flags_that_lightning_refuses_are_said_before_anything_is_read(call, tmp_path, app):
    words = ("asymmetric_parsing", "--data", str(tmp_path / "none"), "--out", str(tmp_path / "run"))
    result = call(app, *words, "--accelerator", "cpu", "--devices", "nonsense")
    assert "--devices nonsense" in str(result.exception)
    assert not (tmp_path / "run").exists()


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
    assert variant.name == "without ESC, epochs = 2"
    assert (variant.settings().esc, variant.settings().epochs) == (False, 2)
    with pytest.raises(InputError, match="Mask R-CNN"):
        commands._variants("asymmetric_parsing", file, ["with a hat"], [])
    with pytest.raises(InputError, match="no experiment of fp_vggface"):
        commands._variants("fp_vggface", file, None, [])


def test_what_is_changed_is_no_longer_called_the_method_itself():
    words = ["network=deeplabv3plus", "size=64", "rate=0.01"]
    (variant,) = commands._variants("asymmetric_parsing", None, None, words)
    assert variant.name == "network = deeplabv3plus, size = 64", "0.01 is the paper's own"
    (same,) = commands._variants("asymmetric_parsing", None, None, [])
    assert same.name == ""


def test_two_rows_of_one_name_are_refused(tmp_path):
    file = tmp_path / "double.toml"
    row = "[[rows]]\nname = 'A'\nset = { epochs = 1 }\n"
    file.write_text(f"method = 'fp_vggface-light'\n{row}{row}")
    with pytest.raises(InputError, match="has two rows called 'A'"):
        read_experiment(file)


def test_a_method_is_not_trained_under_the_name_of_another(root):
    file = str(root / "experiments" / "simulated004.toml")
    (variant,) = commands._variants("multimodal_fusion-light", file, ["light"], [])
    assert (variant.name, variant.method) == ("light", "multimodal_fusion-light")
    with pytest.raises(InputError, match=r"several rows .* 'light', 'light, inv"):
        commands._variants("multimodal_fusion-light", file, [""], [])
    with pytest.raises(InputError, match="is of multimodal_fusion;"):
        commands._variants("multimodal_fusion-light", file, ["coordinates from the eyes"], [])
    only = str(root / "experiments" / "paper002.toml")
    assert [each.name for each in commands._variants("fp_vggface-light", only, [""], [])] == [
        "light"
    ]


def test_the_whole_file_is_meant_where_no_row_is_named(root):
    file = str(root / "experiments" / "paper001.toml")
    chosen = commands._variants("cascaded_encoder", file, None, [])
    assert chosen[0].name == ""
    assert {"without attention", "end to end"} <= {each.name for each in chosen}


def grid_file(folder, text):
    file = folder / "grid.toml"
    file.write_text(text)
    return str(file)


GRID = """
title = "a search"
method = "asymmetric_parsing"
[settings]
epochs = 1
[search]
rate = [0.05, 0.0]
keep = ["last", "best"]
"""


@pytest.fixture
def searching(call, monkeypatch):
    """The command with the toy method in the place of the grid's."""
    from facialis.training import search as search_module

    monkeypatch.setattr(search_module, "Variant", settings.Variant)
    app = typer.Typer()
    app.command()(commands.search)
    return lambda *words: call(app, *words)


def test_a_search_ranks_every_combination_by_validation_and_goes_on(
    searching, toy_manifest, tmp_path
):
    data = str(toy_manifest().root)
    words = (grid_file(tmp_path, GRID), "--data", data, "--out", str(tmp_path / "out"))
    result = searching(*words, *CPU)
    assert result.exit_code == 0, result.output
    assert "rate = 0.05" in result.output.splitlines()[-2]
    rows = list(csv.DictReader((tmp_path / "out" / "search.csv").read_text().splitlines()))
    assert len(rows) == len({row["settings"] for row in rows}) == 4
    losses = [float(row["validation_loss"]) for row in rows]
    assert losses == sorted(losses)
    assert {row["settings"].split(", ")[0] for row in rows[:2]} == {"rate = 0.05"}
    before = {each: each.stat().st_mtime_ns for each in tmp_path.glob("out/*/weights.pt")}
    assert len(before) == 4
    assert searching(*words, *CPU).exit_code == 0
    assert before == {each: each.stat().st_mtime_ns for each in before}


def test_a_combination_whose_loss_is_no_number_comes_last(searching, toy_manifest, tmp_path):
    grid = GRID.replace("rate = [0.05, 0.0]", "rate = [1e38, 0.05]").replace('"last", ', "")
    words = (grid_file(tmp_path, grid), "--data", str(toy_manifest().root))
    result = searching(*words, "--out", str(tmp_path / "out"), *CPU)
    assert result.exit_code == 0, result.output
    rows = (tmp_path / "out" / "search.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0].strip('"') for row in rows] == ["rate = 0.05", "rate = 1e+38"]
    assert ",inf," in rows[1]


def test_a_setting_that_is_given_is_not_searched(searching, toy_manifest, tmp_path):
    data = str(toy_manifest().root)
    words = (grid_file(tmp_path, GRID), "--data", data, "--out", str(tmp_path / "out"))
    assert searching(*words, "--set", "keep=best", *CPU).exit_code == 0
    rows = (tmp_path / "out" / "search.csv").read_text().splitlines()[1:]
    assert sorted(row.split(",")[0] for row in rows) == ["rate = 0.0", "rate = 0.05"]


def test_a_folder_of_another_search_is_left_as_it_is(searching, toy_manifest, tmp_path):
    data = str(toy_manifest().root)
    words = (grid_file(tmp_path, GRID), "--data", data, "--out", str(tmp_path / "out"))
    assert searching(*words, *CPU).exit_code == 0
    before = (tmp_path / "out" / "search.csv").read_bytes()
    result = searching(*words, "--set", "keep=best", *CPU)
    assert "holds a search of other values or settings" in str(result.exception)
    assert (tmp_path / "out" / "search.csv").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("method = 'asymmetric_parsing'", "names no method or no search"),
        ("[search]\nrate = [1]", "names no method or no search"),
        ("method = 'x'\nrows = 1\n[search]", "has the key rows"),
        ("method = 'x'\n[search]\nrate = 0.1", "searches rate = 0.1"),
        ("method = 'x'\n[search]\nrate = []", "searches rate"),
        ("method = ", "is no TOML"),
    ],
)
def test_a_file_that_searches_nothing_is_refused(text, problem, tmp_path):
    with pytest.raises(InputError, match=re.escape(problem)):
        read_grid(Path(grid_file(tmp_path, text)))
    with pytest.raises(InputError, match=r"none.toml: cannot be read"):
        read_grid(Path("none.toml"))


@pytest.mark.parametrize("file", sorted(GRIDS.glob("*.toml")), ids=lambda file: file.stem)
def test_the_searches_of_experiments_ask_for_settings_that_there_are(file):
    found = read_grid(file).variants({})
    assert len({str(each.settings()) for each in found}) == len(found)
    expected = 72 if "resnet" in file.stem else 54
    assert len(found) == expected


def test_a_search_needs_people_to_choose_by(searching, toy_manifest, tmp_path, monkeypatch):
    from dataclasses import replace

    from facialis.training.evaluate import Plan

    before = Plan.split
    monkeypatch.setattr(Plan, "split", lambda *args: replace(before(*args), validation=()))
    words = (grid_file(tmp_path, GRID), "--data", str(toy_manifest().root))
    result = searching(*words, "--out", str(tmp_path / "out"), *CPU)
    assert isinstance(result.exception, InputError)
    assert "leaves no people to choose by" in str(result.exception)


def test_sources_are_of_the_cross_protocol_alone():
    with pytest.raises(InputError, match="are of the protocol cross, and not of kfold"):
        commands._division("kfold", 0, 5, ["a"], None)
    found = commands._division("cross", 0, 5, ["a"], ["b"])
    assert (found.train_on, found.test_on) == (("a",), ("b",))

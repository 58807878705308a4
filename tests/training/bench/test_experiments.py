"""The files in experiments/ ask for settings that there are, and for networks that can be built."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from facialis import methods
from facialis.evaluation.beside import stands_beside
from facialis.evaluation.published import published
from facialis.training.settings import read_experiment, recipe

FOLDER = Path(__file__).parents[3] / "experiments"
FILES = sorted(FOLDER.glob("*.toml"))


def rows_of(file):
    return [pytest.param(row, id=f"{file.stem}-{row.folder}") for row in read_experiment(file).rows]


def built_on_meta(row):
    """Return the learner of a row without its numbers, whatever weights this machine has."""
    settings = row.settings()
    if "pretrained" in {each.name for each in fields(settings)}:
        settings = replace(settings, pretrained=False)
    with torch.device("meta"):
        return recipe(row.method).learner(row.method, settings)


def test_there_is_an_experiment_of_each_paper():
    papers = {methods.card(read_experiment(file).method).paper for file in FILES}
    assert {"000", "001", "002", "003", "004"} <= papers


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rows_have_names_and_folders_of_their_own(file):
    rows = read_experiment(file).rows
    assert len(rows) == len({row.name for row in rows}) == len({row.folder for row in rows})


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_row_repeats_the_settings_of_another(file):
    # What --more names is no setting: the name of the row says it.
    asked = [
        (row.method, row.settings(), [part for part in row.name.split(", ") if "besides" in part])
        for row in read_experiment(file).rows
    ]
    assert all(asked.count(each) == 1 for each in asked)


@pytest.mark.parametrize("row", [row for file in FILES for row in rows_of(file)])
def test_the_network_of_each_row_can_be_built(row):
    assert sum(each.numel() for each in built_on_meta(row).parameters()) > 0


@pytest.mark.parametrize("paper", ["003", "004"])
def test_each_network_of_a_printed_table_has_a_row_of_that_name(paper):
    rows = read_experiment(FOLDER / f"paper{paper}.toml").rows
    results = [SimpleNamespace(method=row.method, variant=row.name) for row in rows]
    table = {"003": "Table IV", "004": "results table"}[paper]
    for printed in published(paper, table):
        assert sum(stands_beside(printed, each) for each in results) == 1, printed.method

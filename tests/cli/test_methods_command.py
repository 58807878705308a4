"""`facialis methods` and `facialis compare`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from facialis import methods
from facialis.methods.card import Array, Card

CARD = Card(
    name="toy",
    title="a toy",
    paper="001",
    citation="Nobody, Nothing, Nowhere, 2026",
    task="Answers nothing.",
    inputs=(Array("image", ("B", 3, 8, 8), "RGB, 0 to 1"),),
    outputs=(Array("grade", ("B", 6), "probabilities, I to VI"),),
    parameters={"encoder": 1234567, "total": 1234567},
    deviations=("It is a toy (D0-0).",),
)


@pytest.fixture(autouse=True)
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one method."""
    monkeypatch.setattr(methods, "_CARDS", {"toy": CARD})


def test_methods_are_listed_with_paper_and_parameters(call: Callable[..., Any]) -> None:
    told = call("methods")
    assert told.status == 0
    lines = [line.split() for line in told.out.splitlines()]
    assert lines[0] == ["NAME", "PAPER", "PARAMETERS", "TASK"]
    assert lines[1][:3] == ["toy", "001", "1234567"]


def test_a_method_is_shown_with_shapes_counts_and_deviations(call: Callable[..., Any]) -> None:
    told = call("methods", "show", "toy")
    assert told.status == 0
    for words in ("Nobody, Nothing", "image (B, 3, 8, 8): RGB", "total    1234567", "D0-0"):
        assert words in told.out


def test_a_card_is_json(call: Callable[..., Any]) -> None:
    record = json.loads(call("methods", "show", "toy", "--json").out)
    assert record["parameters"] == {"encoder": 1234567, "total": 1234567}
    assert record["inputs"][0]["shape"] == ["B", 3, 8, 8]


def test_an_unknown_method_lists_those_there_are(call: Callable[..., Any]) -> None:
    told = call("methods", "show", "nothing")
    assert told.status == 2
    assert told.sentences == ["facialis: nothing: is no method; use one of toy."]


def test_compare_writes_the_page_from_what_is_shipped(
    call: Callable[..., Any], tmp_path: Path
) -> None:
    told = call("compare", "--out", tmp_path / "page")
    assert told.status == 0
    assert (tmp_path / "page" / "comparison.md").is_file()
    assert (tmp_path / "page" / "comparison.html").is_file()


def test_compare_names_a_folder_without_results_and_a_damaged_file(
    call: Callable[..., Any], tmp_path: Path
) -> None:
    told = call("compare", tmp_path, "--out", tmp_path / "page")
    assert (told.status, "holds no result" in told.err) == (2, True)
    (tmp_path / "result.json").write_text("{}")
    told = call("compare", tmp_path, "--out", tmp_path / "page")
    assert (told.status, "is no result" in told.err) == (2, True)

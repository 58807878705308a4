"""Settings come from the paper, an experiment file and the command line, and are checked."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Literal

import pytest

from facialis.errors import InputError
from facialis.training import settings as module
from facialis.training.settings import parsed, read_experiment, settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One of each type."""

    epochs: int = 300
    rate: float = 0.01
    esc: bool = True
    total: Literal["sum", "product"] = "sum"
    patience: int | None = 5
    rates: tuple[int, ...] = (6, 12, 18)


@pytest.fixture(autouse=True)
def toy_recipe(monkeypatch):
    monkeypatch.setattr(module, "recipe", lambda _method: SimpleNamespace(Settings=Settings))


def test_words_of_the_command_line_become_values():
    words = ["epochs=3", "rate=1e-4", "esc=false", "total=product", "patience=none", "rates=2,4"]
    assert settings_of("any", parsed(words)) == Settings(
        epochs=3, rate=1e-4, esc=False, total="product", patience=None, rates=(2, 4)
    )


def test_values_of_toml_stay_what_they_are():
    given = {"epochs": 3, "rate": 1, "esc": False, "patience": 2, "rates": [1]}
    assert settings_of("any", given) == Settings(
        epochs=3, rate=1.0, esc=False, patience=2, rates=(1,)
    )


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("epochs=few", "a whole number"),
        ("epochs=2.5", "a whole number"),
        ("epochs=", "a whole number"),
        ("esc=maybe", "true or false"),
        ("total=mean", "sum or product"),
        ("patience=long", "a whole number or none"),
        ("rates=1,x", "numbers"),
        ("epochs=-1", "a whole number from 0 up"),
        ("patience=0", "a whole number from 1 up"),
        ("rate=-1", "a number from 0 up"),
        ("rate=nan", "a finite number"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_with_what_would(word, wanted):
    with pytest.raises(InputError, match=wanted):
        settings_of("any", parsed([word]))


def test_a_whole_number_is_not_taken_from_a_fraction_in_toml_nor_from_true():
    for value in (2.5, True):
        with pytest.raises(InputError):
            settings_of("any", {"epochs": value})


def test_a_strange_setting_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"epoch: is no setting.*epochs, esc"):
        settings_of("any", {"epoch": 3})


def test_a_word_without_equals_is_refused():
    with pytest.raises(InputError, match="key=value"):
        parsed(["epochs"])


def test_an_experiment_has_the_method_itself_first_and_its_rows(tmp_path):
    file = tmp_path / "paper.toml"
    file.write_text(
        'title = "A table"\nmethod = "m"\n[settings]\nepochs = 7\n'
        '[[rows]]\nname = "without ESC"\nset = { esc = false }\n'
        '[[rows]]\nname = "light"\nmethod = "m-light"\n'
    )
    experiment = read_experiment(file)
    assert [(row.name, row.method, dict(row.values)) for row in experiment.rows] == [
        ("", "m", {"epochs": 7}),
        ("without ESC", "m", {"epochs": 7, "esc": False}),
        ("light", "m-light", {}),
    ]
    assert [row.folder for row in experiment.rows] == ["m", "without-esc", "light"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("title = 3 =", "is no TOML"),
        ('title = "no method"', "names no method"),
        ('method = "m"\nextra = 1', "has the key extra"),
        ('method = "m"\n[[rows]]\nset = { esc = false }', "row that cannot be read"),
        ('method = "m"\n[[rows]]\nname = "x"\nset = { esk = false }', "esk"),
        ('method = "m"\n[settings]\nepochs = "many"', "epochs = many"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path, text, problem):
    file = tmp_path / "paper.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=problem):
        read_experiment(file)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_experiment(tmp_path / "none.toml")

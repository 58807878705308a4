"""Errors: one sentence that names the input, the problem and the remedy."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.errors import (
    FacialisError,
    InputError,
    InstallationError,
    NoFaceError,
    OutputError,
    WeightsError,
    printable,
)


def test_an_input_error_is_one_sentence_of_name_problem_and_remedy() -> None:
    error = InputError("a.jpg", "is empty", "export it again")
    assert str(error) == "a.jpg: is empty; export it again."
    assert (error.name, error.problem, error.remedy) == ("a.jpg", "is empty", "export it again")


@pytest.mark.parametrize(
    "kind", [InputError, NoFaceError, OutputError, WeightsError, InstallationError]
)
def test_every_error_can_be_caught_as_one(kind: type[Exception]) -> None:
    assert issubclass(kind, FacialisError)


def test_a_missing_face_is_an_input_error() -> None:
    assert issubclass(NoFaceError, InputError)


def test_a_newline_in_a_name_cannot_forge_a_second_line() -> None:
    error = InputError("a\nb: all is well", "is empty", "export it again")
    assert str(error).startswith(r"a\nb: all is well: is empty")
    assert len(str(error).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Müller – links.jpg", "Müller – links.jpg"),
        ("患者.jpg", "患者.jpg"),
        ("tab\there", r"tab\there"),
        ("bell\x07", r"bell\x07"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        (os.fsdecode(b"caf\xe9.jpg"), r"caf\xe9.jpg"),
        ("lone \ud800 surrogate", r"lone \ud800 surrogate"),
        (7, "7"),
        ("", ""),
    ],
)
def test_names_are_shown_on_one_printable_line(name: object, shown: str) -> None:
    assert printable(name) == shown


@given(st.binary(max_size=40))
def test_any_bytes_give_a_printable_line(raw: bytes) -> None:
    shown = printable(os.fsdecode(raw))
    assert shown.isprintable()
    shown.encode("utf-8")

"""Settings of a method, from the paper's defaults, an experiment file and ``--set key=value``."""

from __future__ import annotations

import dataclasses
import math
import tomllib
import types
import typing
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Literal

from facialis import methods
from facialis.errors import InputError, InstallationError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from facialis.networks.learner import Learner

Values = dict[str, Any]

_WORDS: Final = {"true": True, "false": False, "none": None}


@dataclass(frozen=True, slots=True)
class Variant:
    """A row of an experiment: a method with some settings of its own.

    Attributes:
        name: In tables; empty for the method as it is, or as its experiment has it.
        method: Name of the method.
        values: Settings that differ from the paper's.
    """

    name: str
    method: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """A name for a folder."""
        letters = (c if c.isalnum() else "-" for c in (self.name or self.method).lower())
        return "-".join(part for part in "".join(letters).split("-") if part)

    def settings(self) -> Any:
        """Return the method's settings.

        Raises:
            InputError: There is no such setting, or a value does not fit it.
        """
        return settings_of(self.method, self.values)

    def changed(self, changes: Mapping[str, Any]) -> Variant:
        """Return it with other settings, which its name then tells.

        Args:
            changes: Words as of a command line or values as of TOML.

        Raises:
            InputError: There is no such setting, or a value does not fit it.
        """
        found = Variant(self.name, self.method, {**self.values, **changes})
        before, after = (dataclasses.asdict(each.settings()) for each in (self, found))
        told = (f"{key} = {after[key]}" for key in after if after[key] != before[key])
        return dataclasses.replace(found, name=", ".join(filter(None, (self.name, *told))))

    def learner(self) -> Learner:
        """Return a fresh network with all that is needed to train it."""
        found: Learner = recipe(self.method).learner(self.method, self.settings())
        return found


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment file: the method as published, and the rows of its tables.

    Attributes:
        title: What it reproduces.
        method: Name of the method.
        values: Settings that hold for all rows.
        rows: Its variants, the method itself first.
    """

    title: str
    method: str
    values: Mapping[str, Any]
    rows: tuple[Variant, ...]


def recipe(method: str) -> types.ModuleType:
    """Return the recipe module of a method.

    Raises:
        InputError: There is no such method.
        InstallationError: The extra ``train`` is not installed.
    """
    home = methods.package(method)
    try:
        return import_module(f"{home}.recipe")
    except ModuleNotFoundError as error:
        raise missing_extra(error) from error


def missing_extra(error: ImportError) -> InstallationError:
    """Return what to say where a package of the extra ``train`` is missing."""
    return InstallationError(
        f"Training needs more packages ({error}); pip install 'facialis[train]'."
    )


def settings_of(method: str, values: Mapping[str, Any]) -> Any:
    """Return the settings of a method.

    Args:
        method: Its name.
        values: What differs from the paper; words as of a command line or values as of TOML.

    Raises:
        InputError: There is no such setting, or a value does not fit it.
    """
    kind = recipe(method).Settings
    hints = typing.get_type_hints(kind)
    known = {each.name for each in dataclasses.fields(kind)}
    strange = sorted(set(values) - known)
    if strange:
        raise InputError(
            ", ".join(strange),
            f"is no setting of {method}",
            f"use one of {', '.join(sorted(known))}",
        )
    fitted = {key: _fitted(key, value, hints[key]) for key, value in values.items()}
    return kind(**fitted)


def read_experiment(path: Path) -> Experiment:
    """Read an experiment file.

    It has ``title``, ``method``, a table ``settings``, and ``rows``: tables with ``name``, ``set``
    and, where it is another, ``method``. A row without ``set`` is the method as it is.

    Raises:
        InputError: It cannot be read, or holds something else.
    """
    given = read_toml(path, "name a TOML file of experiments/")
    strange = sorted(set(given) - {"title", "method", "settings", "rows"})
    if strange or not isinstance(given.get("method"), str):
        problem = f"has the key {', '.join(strange)}" if strange else "names no method"
        raise InputError(path, problem, "give title, method, settings and rows")
    shared = given.get("settings", {})
    rows = tuple(_row(path, given["method"], shared, each) for each in given.get("rows", ()))
    base = Variant("", given["method"], shared)
    twice = [name for name, count in Counter(row.name for row in rows).items() if count > 1]
    if twice:
        raise InputError(path, f"has two rows called {twice[0]!r}", "give each a name of its own")
    experiment = Experiment(str(given.get("title", "")), given["method"], shared, (base, *rows))
    for row in experiment.rows:
        try:
            row.settings()
        except InputError as error:
            raise InputError(f"{printable(path)}, {row.name or 'settings'}: {error.name}",
                             error.problem, error.remedy) from error  # fmt: skip
    return experiment


def read_toml(path: Path, remedy: str) -> Values:
    """Return what a TOML file holds.

    Args:
        path: The file.
        remedy: What to do if it cannot be read.

    Raises:
        InputError: It cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror})", remedy) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(path, f"is no TOML ({error})", "mend the file") from error


def parsed(words: Sequence[str]) -> Values:
    """Return the settings that ``--set key=value`` options give.

    Raises:
        InputError: One has no ``=``.
    """
    found: Values = {}
    for each in words:
        key, equals, value = each.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set {each}", "is no setting", "write it as key=value")
        found[key.strip().replace("-", "_")] = value.strip()
    return found


def _row(path: Path, method: str, shared: Mapping[str, Any], row: Any) -> Variant:
    if not isinstance(row, dict) or set(row) - {"name", "set", "method"} or not row.get("name"):
        raise InputError(
            path, f"has a row that cannot be read: {row!r}", "give each row name and set"
        )
    other = row.get("method", method)
    values = {**(shared if other == method else {}), **row.get("set", {})}
    return Variant(str(row["name"]), other, values)


def _fitted(key: str, value: Any, hint: Any) -> Any:
    """Return a value as its setting's type wants it."""
    for kind in _kinds(hint):
        found = _as(kind, value)
        if found is not _NOTHING:
            return _in_range(key, found)
    wanted = " or ".join(_described(kind) for kind in _kinds(hint))
    raise InputError(f"{key} = {value}", "does not fit the setting", f"give {wanted}")


def _in_range(key: str, value: Any) -> Any:
    """Return a value that training can work with."""
    given = value if isinstance(value, tuple) else (value,)
    numbers = [each for each in given if isinstance(each, (int, float))]
    if not all(math.isfinite(each) for each in numbers):
        raise InputError(f"{key} = {value}", "is no finite number", "give a finite number")
    holds, wanted = _RANGES.get(key.rpartition("_")[2], _ANY)
    if not all(holds(each) for each in numbers):
        raise InputError(f"{key} = {value}", "is out of range", f"give {wanted}")
    return value


_ANY: Final[tuple[Callable[[float], bool], str]] = (lambda _: True, "")
_FROM_0: Final[tuple[Callable[[float], bool], str]] = (lambda n: n >= 0, "a number from 0 up")
_FROM_1: Final[tuple[Callable[[float], bool], str]] = (lambda n: n >= 1, "a whole number from 1 up")
_BELOW_1: Final[tuple[Callable[[float], bool], str]] = (
    lambda n: 0 <= n < 1,
    "a number from 0 up and below 1",
)
_RANGES: Final[Mapping[str, tuple[Callable[[float], bool], str]]] = {
    "epochs": (lambda n: n >= 0, "a whole number from 0 up"),
    "batch": _FROM_1,
    "size": _FROM_1,
    "patience": _FROM_1,
    "rate": _FROM_0,
    "decay": _FROM_0,
    "weight": _FROM_0,
    "power": _FROM_0,
    "degrees": _FROM_0,
    "shear": _FROM_0,
    "zoom": _BELOW_1,
    "momentum": _BELOW_1,
    "dropout": _BELOW_1,
}
"""What numbers settings take, by the last word of their names."""


_NOTHING: Final = object()


def _kinds(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)


def _as(kind: Any, value: Any) -> Any:  # noqa: PLR0911 - one line a type
    if typing.get_origin(kind) is Literal:
        return value if value in typing.get_args(kind) else _NOTHING
    if typing.get_origin(kind) is tuple:
        return _tuple_as(typing.get_args(kind), value)
    if kind in (bool, type(None)):
        word = _WORDS.get(value.lower(), _NOTHING) if isinstance(value, str) else value
        is_one = word is None if kind is type(None) else isinstance(word, bool)
        return word if is_one else _NOTHING
    if isinstance(value, bool) or (kind is int and isinstance(value, float)):
        return _NOTHING
    if isinstance(value, str) and kind is not str and not value:
        return _NOTHING
    try:
        return kind(value)
    except (TypeError, ValueError):
        return _NOTHING


def _tuple_as(kinds: tuple[Any, ...], value: Any) -> Any:
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, (list, tuple)):
        return _NOTHING
    wanted = [kinds[0]] * len(given) if kinds[-1] is Ellipsis else list(kinds)
    if len(wanted) != len(given):
        return _NOTHING
    found = [_as(kind, each) for kind, each in zip(wanted, given, strict=True)]
    return _NOTHING if any(each is _NOTHING for each in found) else tuple(found)


def _described(kind: Any) -> str:
    if typing.get_origin(kind) is Literal:
        return " or ".join(map(str, typing.get_args(kind)))
    names = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}
    return names.get(kind, "none" if kind is type(None) else "numbers with commas between them")

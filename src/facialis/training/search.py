"""Try every combination of some settings' values, and choose by people that none learned from.

The people of a split's test are never looked at ([002], D2-10). A folder holds one run for each
combination, and ``search.csv``; a search that was stopped goes on.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from facialis.errors import InputError, printable
from facialis.report.files import replace_file
from facialis.training.course import DivergedError
from facialis.training.evaluate import Plan, order_of
from facialis.training.examples import first_example, read_examples
from facialis.training.fit import fit
from facialis.training.run_folder import claim, claimed_facts, read_record
from facialis.training.settings import Variant, read_toml

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from facialis.networks.learner import Learner
    from facialis.training.examples import Examples
    from facialis.training.fit import Order

TABLE_NAME: Final = "search.csv"
GRID_NAME: Final = "search.json"
_KEYS: Final = frozenset({"title", "method", "settings", "search"})


@dataclass(frozen=True, slots=True)
class Grid:
    """A file of settings to search.

    Attributes:
        title: What for.
        method: Name of the method.
        settings: What all combinations share.
        searched: Values of each setting that is searched.
    """

    title: str
    method: str
    settings: Mapping[str, Any]
    searched: Mapping[str, Sequence[Any]]

    def variants(self, changes: Mapping[str, Any]) -> tuple[Variant, ...]:
        """Return every combination once, in the order of the file.

        Args:
            changes: Settings that come before the file's, and are not searched.

        Raises:
            InputError: There is no such setting, or a value does not fit it.
        """
        searched = {key: each for key, each in self.searched.items() if key not in changes}
        found = []
        for chosen in itertools.product(*searched.values()):
            values = dict(zip(searched, chosen, strict=True))
            name = ", ".join(f"{key} = {value}" for key, value in values.items())
            variant = Variant(name, self.method, {**self.settings, **changes, **values})
            variant.settings()
            found.append(variant)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Tried:
    """A combination that was trained.

    Attributes:
        name: The searched settings, in words.
        folder: Of its run.
        validation_loss: Of the weights that its last stage ended with; None if it was no number.
        epochs: Of the last stage, as far as it went.
    """

    name: str
    folder: str
    validation_loss: float | None
    epochs: int


def read_grid(path: Path) -> Grid:
    """Read a file of settings to search: ``title``, ``method``, ``settings`` and ``search``.

    Raises:
        InputError: It cannot be read, or holds something else.
    """
    given = read_toml(path, "name a TOML file with a table 'search'")
    searched = given.get("search")
    strange = sorted(set(given) - _KEYS)
    if strange or not isinstance(given.get("method"), str) or not isinstance(searched, dict):
        raise InputError(
            path,
            f"has the key {', '.join(strange)}" if strange else "names no method or no search",
            "give title, method, settings and search, a table of lists",
        )
    for key, values in searched.items():
        if not isinstance(values, list) or not values:
            raise InputError(path, f"searches {key} = {values!r}", "give a list of values")
    return Grid(str(given.get("title", "")), given["method"], given.get("settings", {}), searched)


def search(
    plan: Plan,
    variants: Sequence[Variant],
    folder: Path,
    say: Callable[[str], None],
) -> list[Tried]:
    """Train every combination on the first split, and return them, the best first.

    Args:
        plan: Data and division; its variant is not trained.
        variants: The combinations.
        folder: New, or of the same search.
        say: Called with sentences about how it goes.

    Raises:
        InputError: The data do not fit the method, the folder holds another search, or nobody is
            left to choose by.
    """
    claim(folder, TABLE_NAME, GRID_NAME, "001", what="search")
    _claim_grid(folder, variants)
    tried: list[Tried] = []
    examples: Examples | None = None
    for place, variant in enumerate(variants, start=1):
        say(f"{place} of {len(variants)}: {variant.name}")
        here = replace(plan, variant=variant)
        learner = variant.learner()
        split = here.split(learner, 1)
        if not split.validation:
            raise InputError(
                f"--protocol {plan.division.protocol}",
                "leaves no people to choose by",
                "use the protocol 'fixed'",
            )
        if examples is None or not _are_alike(examples, plan, learner):
            examples = read_examples(plan.manifest, learner)
        order = order_of(here, examples, split)
        run = folder / f"{place:03d}"
        tried.append(_tried(here, order, run, say))
        tried.sort(key=_badness)
        _write(tried, folder / TABLE_NAME)
    return tried


def _claim_grid(folder: Path, variants: Sequence[Variant]) -> None:
    """Keep what is searched in the folder, or find that it holds the same search."""
    file = folder / GRID_NAME
    grid = json.loads(json.dumps({each.name: asdict(each.settings()) for each in variants}))
    if not file.is_file():
        replace_file(file, (json.dumps(grid, indent=1) + "\n").encode())
    elif read_record(file) != grid:
        raise InputError(
            printable(folder), "holds a search of other values or settings", "name a new folder"
        )


def _tried(plan: Plan, order: Order, run: Path, say: Callable[[str], None]) -> Tried:
    try:
        facts = claimed_facts(order, run) or fit(order, run, plan.machine, say).facts
    except DivergedError as error:
        say(str(error))
        return Tried(plan.variant.name, run.name, None, error.epoch)
    last = list(facts["stages"].values())[-1]
    return Tried(plan.variant.name, run.name, last["validation_loss"], last["epochs"])


def _are_alike(examples: Examples, plan: Plan, learner: Learner) -> bool:
    """Whether a learner makes the same of the first picture, so that none need be read again."""
    made = first_example(plan.manifest, learner)
    return made.keys() == examples.arrays.keys() and all(
        np.array_equal(made[key], examples.arrays[key][0]) for key in made
    )


def _badness(tried: Tried) -> float:
    return math.inf if tried.validation_loss is None else tried.validation_loss


def _write(tried: Sequence[Tried], file: Path) -> None:
    text = io.StringIO(newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(("settings", "validation_loss", "epochs", "run"))
    table.writerows((e.name, f"{_badness(e):.6g}", e.epochs, e.folder) for e in tried)
    replace_file(file, text.getvalue().encode())

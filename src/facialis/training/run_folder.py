"""The folder of a run: whether it may be written into, and what it says of itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import facialis
from facialis.errors import InputError, printable
from facialis.evaluation.splits import split_of
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from facialis.evaluation.splits import Split
    from facialis.training.fit import Order

RUN_NAME: Final = "run.json"
SPLIT_NAME: Final = "split.json"
FACTS_NAME: Final = "facts.json"
_SINCE: Final = frozenset({"precision"})
"""What older runs do not say of themselves."""


def claim(folder: Path, *marks: str, what: str) -> None:
    """Make a folder, or find that it is empty or holds what is gone on with.

    Args:
        folder: To write into.
        marks: Files and folders of which one is there if it holds that.
        what: The name of it.

    Raises:
        InputError: It holds something else.
    """
    make_directory(folder)
    if any(folder.iterdir()) and not any((folder / mark).exists() for mark in marks):
        raise InputError(
            printable(folder), f"is not empty and holds no {what}", "name a new folder"
        )


def claim_run(folder: Path, order: Order) -> None:
    """Make the folder, or find that it holds a run of the same order."""
    make_directory(folder)
    file = folder / RUN_NAME
    wanted = json.loads(json.dumps(order.record))
    if file.is_file():
        differing = sorted(_apart(wanted, read_record(file)))
        if differing:
            raise InputError(
                printable(folder),
                f"holds a run that differs in {', '.join(differing)}",
                "name a new folder, or give the same options to go on with it",
            )
    else:
        claim(folder, RUN_NAME, what="run")
    replace_file(
        file, (json.dumps({**wanted, "facialis": facialis.__version__}, indent=1) + "\n").encode()
    )


def claimed_facts(order: Order, folder: Path) -> dict[str, Any] | None:
    """Return how a run of an order was trained, from its folder; None if it was not finished.

    Its weights may have been deleted since.

    Raises:
        InputError: The folder holds another order's run.
    """
    file = folder / FACTS_NAME
    if not file.is_file():
        return None
    claim_run(folder, order)
    return read_record(file)


def read_record(file: Path) -> dict[str, Any]:
    """Return what a JSON file of a run holds.

    Raises:
        InputError: It is damaged.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise TypeError("it holds no record")
    except (ValueError, TypeError) as error:
        raise InputError(file, f"is damaged ({error})", "name a new folder") from error
    return found


def keep_split(folder: Path, split: Split | None) -> None:
    """Write the split that all stages use, or find that the folder's is the same."""
    if split is None:
        return
    file = folder / SPLIT_NAME
    if not file.is_file():
        replace_file(file, (json.dumps(split.record, indent=1) + "\n").encode())
        return
    if split_of(read_record(file), printable(file)).digest != split.digest:
        raise InputError(file, "is of another split", "name a new folder")


def _apart(wanted: dict[str, Any], found: dict[str, Any]) -> set[str]:
    """Return what differs; of the data, the split has a name of its own."""
    told = wanted.keys() - {"data"} - (_SINCE - found.keys())
    differing = {key for key in told if found.get(key) != wanted[key]}
    ours, theirs = wanted["data"], found.get("data") or {}
    return differing | {
        "split" if key == "split" else "data"
        for key in ours.keys() | theirs.keys()
        if ours.get(key) != theirs.get(key)
    }

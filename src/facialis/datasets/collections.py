"""The front of the data sets: any collection on disk, opened by what it looks like or by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from facialis.datasets import (
    aflw,
    ckplus,
    folder,
    hand_drawn,
    lfw,
    meei,
    parsing_folder,
    simulated,
    yfp,
    yfp_regions,
)
from facialis.datasets.reading import Collection
from facialis.errors import InputError, printable


@dataclass(frozen=True, slots=True)
class Kind:
    """A layout that can be read.

    Attributes:
        title: What it is called in print.
        opens: Opens a folder as this kind; takes the options as keywords.
        recognises: Whether a folder looks like it.
        options: Keywords that it takes.
    """

    title: str
    opens: Callable[..., Collection]
    recognises: Callable[[Path], bool]
    options: frozenset[str] = frozenset()


_NAMED = frozenset({"name"})

KINDS: Final[dict[str, Kind]] = {
    "simulated": Kind("a manifest", simulated.Simulated, simulated.recognises),
    "yfp": Kind(
        "YouTube Facial Palsy",
        yfp.Yfp,
        yfp.recognises,
        frozenset({"subjects", "grades", "pose_names"}),
    ),
    "yfp_regions": Kind(
        "YouTube Facial Palsy, crops sorted by severity",
        yfp_regions.YfpRegions,
        yfp_regions.recognises,
    ),
    "meei": Kind("MEEI standard set", meei.Meei, meei.recognises),
    "ckplus": Kind("CK+", ckplus.CkPlus, ckplus.recognises),
    "ckplus48": Kind("CK+48", ckplus.CkPlus48, ckplus.recognises_48),
    "aflw": Kind("AFLW", aflw.open_aflw, aflw.recognises),
    "celebamask_hq": Kind(
        "CelebAMask-HQ", parsing_folder.CelebAMaskHq, parsing_folder.recognises_celebamask_hq
    ),
    "lapa": Kind("LaPa", parsing_folder.LaPa, parsing_folder.recognises_lapa),
    "helen": Kind("HELEN", parsing_folder.Helen, parsing_folder.recognises_helen),
    "hand_drawn": Kind(
        "faces with hand-placed points", hand_drawn.HandDrawn, hand_drawn.recognises
    ),
    "lfw": Kind("LFW", lfw.Lfw, lfw.recognises),
    "csv": Kind(
        "a table",
        lambda path, **options: folder.Table(folder.table_in(path), **options),
        folder.recognises_table,
        _NAMED,
    ),
    "folder": Kind("folders by label", folder.LabelledFolders, folder.recognises, _NAMED),
}
"""What can be read, the most particular first: that is the order in which it is recognised."""


def open_collection(path: Path | str, kind: str | None = None, **options: Any) -> Collection:
    """Open a collection; its files are not read yet.

    Args:
        path: The folder, or for a table the CSV file.
        kind: One of `KINDS`; None recognises it by its layout.
        **options: ``subjects``, ``grades`` and ``pose_names`` for YFP (see `yfp.Yfp`), ``name`` for
            folders and tables of your own.

    Raises:
        InputError: If there is no such folder, nothing is recognised, the kind is unknown, or the
            kind does not take an option.
    """
    place = Path(path)
    known = kind if kind is not None else kind_of(place)
    if known not in KINDS:
        raise InputError(
            repr(printable(known)), "is no kind of collection", f"use one of {', '.join(KINDS)}"
        )
    _check_exists(place)
    refused = sorted(set(options) - KINDS[known].options)
    if refused:
        takers = [name for name, each in KINDS.items() if set(refused) <= each.options]
        raise InputError(
            printable(place),
            f"is read as {known}, which takes no {' or '.join(refused)}",
            f"leave it out, or name the kind that it is for ({', '.join(takers) or 'none'})",
        )
    return KINDS[known].opens(place, **options)


def kind_of(path: Path) -> str:
    """Return which of `KINDS` a folder, or a CSV file, looks like.

    Raises:
        InputError: If it looks like none, or cannot be read.
    """
    _check_exists(path)
    if path.is_file():
        return "aflw" if aflw.recognises(path) else "csv"
    for name, kind in KINDS.items():
        if kind.recognises(path):
            return name
    raise InputError(
        printable(path),
        "looks like no collection that can be read",
        f"name its folder, or say with the kind what it is: {', '.join(KINDS)}",
    )


def _check_exists(path: Path) -> None:
    if not path.exists():
        raise InputError(printable(path), "no such file or folder", "check the name")

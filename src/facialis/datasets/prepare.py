"""The named preparations: from collections of faces to the manifest of a paper."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from facialis import __version__
from facialis.datasets.fingerprints import near_duplicates
from facialis.datasets.manifest import Manifest
from facialis.datasets.manifest_files import JSON_NAME, read_manifest, write_manifest
from facialis.datasets.prepare_draft import EXAMPLES, Draft, Entry
from facialis.datasets.prepare_frames import palsy_of_regions, runs_of_four
from facialis.datasets.prepare_merge import merged
from facialis.datasets.prepare_parsing import parsed_in_eleven, parsed_in_seven
from facialis.errors import InputError, OutputError, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from facialis.datasets.manifest import Row
    from facialis.datasets.prepare_draft import Progress
    from facialis.datasets.reading import Collection


@dataclass(frozen=True, slots=True)
class Preparation:
    """A named way from collections to a manifest.

    Attributes:
        title: What the manifest is, in a few words.
        choose: Gives the samples, with their labels, parts and sequences.
    """

    title: str
    choose: Callable[[Draft], list[Entry]]


PREPARATIONS: Final = {
    "paper000": Preparation("Masks in seven classes, people split 15 to 7", parsed_in_seven),
    "paper001": Preparation(
        "Masks in eleven classes and grades, people split 4 to 1 to 1", parsed_in_eleven
    ),
    "paper002": Preparation("Six grades, 1,100 pictures each, 770 / 165 / 165", merged),
    "paper003": Preparation("Runs of four frames in three levels", runs_of_four),
    "paper004": Preparation("Frames with and without palsy, by region", palsy_of_regions),
}
"""What `prepare` makes, by name."""

LEAKY: Final = "paper002"
"""The preparation that has a leaky form."""


def prepare(
    name: str,
    collections: Sequence[Collection],
    out: Path,
    *,
    seed: int = 0,
    leaky: bool = False,
    progress: Progress | None = None,
) -> Manifest:
    """Make a paper's manifest from collections and write it.

    Pictures stay where they are, and the manifest lists them; only frames of recordings, mapped
    masks and augmented copies are written, below `out`. After an interruption a second call takes
    up what the first one read and wrote. Everything that is left out is counted in ``made``.

    Args:
        name: One of `PREPARATIONS`.
        collections: Where samples come from.
        out: The folder for the manifest.
        seed: Of every random draw.
        leaky: Split pictures at random, as paper 002 did.
        progress: Called with steps done and steps in all; begins anew with each stage.

    Returns:
        The manifest.

    Raises:
        InputError: If there is no such preparation, or nothing of the collections can be used.
        OutputError: If `out` holds another manifest, or cannot be written.
    """
    preparation = _known(name, leaky)
    draft = Draft(
        collections=tuple(collections),
        out=out,
        seed=seed,
        leaky=leaky,
        progress=progress or (lambda _done, _of: None),
        is_finished=_is_finished(out, _made_of(name, collections, seed, leaky)),
    )
    _apart(draft)
    try:
        rows = draft.rows(preparation.choose(draft))
    finally:
        draft.close(is_done=False)
    if not rows:
        raise InputError(out, "no picture of the collections can be used", _inspect(collections))
    title = f"{name}: {preparation.title}" + (", LEAKY" if leaky else "")
    made = {
        **_made_of(name, collections, seed, leaky),
        "version": __version__,
        "findings": {
            key: [finding.sentence for finding in each.findings]
            for key, each in draft.keyed().items()
        },
        "left_out": draft.left_out.record(),
        **draft.record,
        "alike_across_parts": _alike_across_parts(rows),
        "notes": draft.notes,
    }
    write_manifest(Manifest(title=title, rows=rows, made=made, root=draft.root), out)
    draft.close(is_done=True)
    return read_manifest(out)


def _inspect(collections: Sequence[Collection]) -> str:
    places = ", ".join(printable(each.root) for each in collections) or "a collection"
    return f"look at them with 'facialis data inspect' ({places})"


def _known(name: str, leaky: bool) -> Preparation:
    if name not in PREPARATIONS:
        raise InputError(name, "is no preparation", f"use one of {', '.join(PREPARATIONS)}")
    if leaky and name != LEAKY:
        raise InputError(name, "has no leaky form", f"only {LEAKY} has one")
    return PREPARATIONS[name]


def _apart(draft: Draft) -> None:
    """Refuse a folder inside a collection, where a second run would take what the first made."""
    out = draft.out.resolve()
    for collection in draft.collections:
        root = collection.root.resolve()
        if out == root or root in out.parents:
            raise InputError(
                draft.out,
                f"lies inside the collection {printable(root)}",
                "name a folder beside it",
            )


def _made_of(
    name: str, collections: Sequence[Collection], seed: int, leaky: bool
) -> dict[str, object]:
    return {
        "preparation": name,
        "protocol": "leaky" if leaky else "by subject",
        "seed": seed,
        "collections": [each.name for each in collections],
    }


def _is_finished(out: Path, wanted: dict[str, object]) -> bool:
    """Return whether a folder holds the manifest of the same preparation; refuse another's."""
    if not (out / JSON_NAME).exists():
        return False
    made = read_manifest(out).made
    if any(made.get(key) != value for key, value in wanted.items()):
        raise OutputError(
            f"{printable(out)}: holds another manifest, and a manifest is never changed; "
            "prepare into another folder."
        )
    return True


def _alike_across_parts(rows: Sequence[Row]) -> dict[str, object]:
    """Count pictures of different people in different parts that look alike."""
    placed = [row for row in rows if row.part and not row.parent]
    pairs = [
        (placed[i], placed[j])
        for i, j in near_duplicates(
            [row.fingerprint for row in placed], [row.subject for row in placed]
        )
        if placed[i].part != placed[j].part
    ]
    names = [f"{one.name} and {other.name}" for one, other in pairs[:EXAMPLES]]
    return {"count": len(pairs), "examples": names}

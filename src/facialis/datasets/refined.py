"""Framed faces whose landmarks were refined, by networks that had not learned from these pictures.

The refined landmarks lie in ``refined/`` and are the ``landmarks`` of a row; those that were found
before are its ``found``.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from facialis.datasets.framed import landmark_bytes, take_folder
from facialis.datasets.framed_source import FramedSource
from facialis.datasets.manifest import Manifest
from facialis.datasets.manifest_files import read_manifest, write_manifest
from facialis.errors import InputError, WeightsError, counted, printable
from facialis.face.mesh import POINT_COUNT
from facialis.regions.refinement import FOLDS_NAME, FRAMED, NAME, refined, refined_framed
from facialis.report.files import make_directory, replace_file
from facialis.weights import session
from facialis.weights.session import Session

if TYPE_CHECKING:
    from facialis.datasets.manifest import Row

Progress = Callable[[int, int], None]
ASKED_NAME: Final = "refining.json"
_WORKERS: Final = 2
_PREPARATION: Final = "framed faces, landmarks refined"


@dataclass(frozen=True, slots=True)
class Refiners:
    """Networks that refine landmarks.

    Attributes:
        networks: The last is for people of whom several have not learned.
        learned: For each the people whose photographs it has learned from.
    """

    networks: tuple[Session, ...]
    learned: tuple[frozenset[str], ...]

    def for_people(self, people: tuple[str, ...]) -> Session:
        """Return the network for a face that is made of these people's photographs.

        A network without the first of them has not learned from an invented face either, but from
        its second person.

        Raises:
            InputError: All have learned from the first of them.
        """
        fit = [
            n
            for n, known in zip(self.networks, self.learned, strict=True)
            if people[0] not in known
        ]
        if not fit:
            raise InputError(
                people[0],
                "is one of whom all these networks have learned",
                "train them with 'facialis train landmarks --folds 3'",
            )
        # Of a fold there is one such network; of strangers all are, and the last has learned most.
        return fit[-1]

    @property
    def digests(self) -> list[str]:
        """SHA-256 of every network."""
        return sorted(each.sha256 for each in self.networks)


def shipped_refiner() -> Refiners:
    """Return the network that comes with Facialis, for everybody.

    Raises:
        WeightsError: It is missing or damaged.
    """
    return Refiners((session.loaded(NAME),), (frozenset(),))


def read_refiners(folder: Path) -> Refiners:
    """Return the networks of a folder that `facialis train landmarks` wrote.

    Raises:
        InputError: It holds none, or lacks some.
        WeightsError: A network is damaged, or of another version.
    """
    try:
        told = json.loads((folder / FOLDS_NAME).read_bytes())["learned"]
        learned = {str(name): frozenset(map(str, people)) for name, people in told.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(
            printable(folder),
            "holds no networks that refine landmarks",
            "give a folder that 'facialis train landmarks' wrote",
        ) from error
    lacking = [name for name in learned if not (folder / f"{name}.onnx").is_file()]
    if lacking:
        raise InputError(
            printable(folder), f"lacks {', '.join(lacking)}", "finish 'facialis train landmarks'"
        )
    networks = tuple(session.open_session(folder / f"{name}.onnx") for name in learned)
    shipped = session.loaded(NAME)
    if any((each.inputs, each.shapes) != (shipped.inputs, shipped.shapes) for each in networks):
        raise WeightsError(
            f"{printable(folder)}: its networks see other close-ups than those of this version; "
            "train them again with 'facialis train landmarks'."
        )
    return Refiners(networks, tuple(learned.values()))


def refine_manifest(
    source: Path, out: Path, refiners: Refiners, *, progress: Progress | None = None
) -> Manifest:
    """Write framed faces again with refined landmarks; all else stays as it is.

    Files that stay are linked where the drive allows it, else copied. What is there from an
    interrupted call is gone on with.

    Args:
        source: Folder of a framed manifest.
        out: A folder that is new, empty, or holds the same unfinished.
        refiners: Networks.
        progress: Called with pictures done and pictures in all.

    Raises:
        InputError: The manifest or a picture cannot be read, or the folder holds something else.
        OutputError: The folder cannot be written.
    """
    parent = read_manifest(source)
    root = parent.root or source
    made = {
        "preparation": _PREPARATION,
        "networks": refiners.digests,
        "parent": parent.digest,
    }
    if not any("landmarks" in row.annotations for row in parent.rows):
        raise InputError(
            printable(source), "has no landmarks", "frame it first with 'facialis data frame'"
        )
    take_folder(out, ASKED_NAME, json.dumps(made, indent=1).encode(), "refinement")
    report = progress or (lambda _done, _of: None)

    def refined_row(row: Row) -> Row:
        return _refined(row, root, out, refiners)

    rows = []
    with ThreadPoolExecutor(_WORKERS, "facialis-refine") as pool:
        for row in pool.map(refined_row, parent.rows):
            rows.append(row)
            report(len(rows), len(parent.rows))
    left_as_found = sum("landmarks" not in row.annotations for row in rows)
    if left_as_found:
        made["without landmarks"] = counted(left_as_found, "picture")
    manifest = Manifest(f"{parent.title}, landmarks refined", tuple(rows), made, out)
    write_manifest(manifest, out)
    return manifest


def is_refined(manifest: Manifest) -> bool:
    """Whether `refine_manifest` made it; ``made["parent"]`` is the digest that it had before."""
    return manifest.made.get("preparation") == _PREPARATION


def _refined(row: Row, root: Path, out: Path, refiners: Refiners) -> Row:
    source = FramedSource(root, row)
    kept = {row.path, *row.annotations.values()}
    for path in kept:
        _link(root / path, out / path)
    points = source.found()
    if points is None:
        return row
    if len(points) != POINT_COUNT:
        raise InputError(row.name, f"has {len(points)} landmarks", f"give {POINT_COUNT}")
    network = refiners.for_people(row.people)
    picture = source.picture()
    refine = refined_framed if picture.shape[:2] == (FRAMED, FRAMED) else refined
    data = landmark_bytes(refine(picture, points, network))
    # The manifest's digest is of names: this one tells these landmarks from other refined ones.
    path = f"refined/{hashlib.sha256(data).hexdigest()[:16]}-{Path(row.path).stem}.npy"
    file = out / path
    if not file.is_file():
        make_directory(file.parent)
        replace_file(file, data)
    found = row.annotations.get("found", row.annotations["landmarks"])
    return replace(row, annotations={**row.annotations, "landmarks": path, "found": found})


def _link(source: Path, target: Path) -> None:
    if target.is_file():
        return
    if not source.is_file():
        raise InputError(source, "is missing", "restore it, or frame the pictures again")
    make_directory(target.parent)
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:
        replace_file(target, source.read_bytes())

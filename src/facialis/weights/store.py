"""Where the weights lie on this machine: find, fetch and verify them."""

from __future__ import annotations

import os
import shutil
import uuid
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from platformdirs import user_cache_path

from facialis.errors import WeightsError, printable
from facialis.weights import catalogue
from facialis.weights.catalogue import Weights
from facialis.weights.download import digest, download

DIRECTORY_VARIABLE = "FACIALIS_WEIGHTS"
OFFLINE_VARIABLE = "FACIALIS_OFFLINE"


class State(StrEnum):
    """What `verify` found."""

    GOOD = "good"
    DAMAGED = "damaged"
    ABSENT = "absent"
    OWN = "own"


@dataclass(frozen=True, slots=True)
class Listing:
    """One entry of the catalogue and where it lies on this machine.

    Attributes:
        weights: The entry.
        path: Where the file lies, or would lie once fetched; None if the package that installs it
            is missing.
        present: Whether the file is there (its content is not read).
        is_own: Whether it is a network of the user's own that takes its place (`own_file`).
    """

    weights: Weights
    path: Path | None
    present: bool
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Verification:
    """Outcome of comparing one file with the catalogue.

    Attributes:
        weights: The entry.
        path: The file that was read, or where it should lie; None if its package is missing.
        state: Good, damaged, absent, or a file of the user's own, which no catalogue knows.
        message: One sentence; for a file that is not good it says what to do.
    """

    weights: Weights
    path: Path | None
    state: State
    message: str


def directory() -> Path:
    """Return the folder that downloads are kept in: ``FACIALIS_WEIGHTS``, or the user's cache."""
    chosen = os.environ.get(DIRECTORY_VARIABLE, "")
    return Path(chosen) if chosen else user_cache_path("facialis", appauthor=False) / "weights"


def own_file(name: str) -> Path | None:
    """Return ``NAME.onnx`` in the folder that ``FACIALIS_WEIGHTS`` names; None without one.

    It is a network of the user's own that takes the place of the shipped one, such as ``facialis
    export`` writes.
    """
    chosen = os.environ.get(DIRECTORY_VARIABLE, "")
    file = Path(chosen) / f"{name}.onnx"
    return file if chosen and _is_file(file) else None


def is_offline() -> bool:
    """Whether ``FACIALIS_OFFLINE`` forbids the network."""
    return os.environ.get(OFFLINE_VARIABLE, "").strip().lower() not in ("", "0", "false", "no")


def list_weights() -> tuple[Listing, ...]:
    """Return every entry of the catalogue with its place on this machine."""
    return tuple(_listing(entry) for entry in catalogue.CATALOGUE)


def path(name: str) -> Path:
    """Return the file of an entry that is already on this machine; fetches nothing.

    Raises:
        WeightsError: The name is unknown, or the file is not here; the message says how to get it.
    """
    listing = _catalogued(catalogue.find(name))
    if listing.path is None or not listing.present:
        raise WeightsError(_absence(listing.weights, listing.path))
    return listing.path


def get(name: str, *, url: str | None = None, source: str | Path | None = None) -> Path:
    """Return the verified file of an entry, fetching it if need be.

    A download goes to a partial file first, is resumed if one was left behind, and takes its final
    name only when its sha256 is right. Several processes may ask at once.

    Args:
        name: Name in the catalogue.
        url: Download from here instead of the catalogue's address (http or https).
        source: Copy this local file instead of downloading.

    Raises:
        WeightsError: The file cannot be had or is not the one the catalogue describes.
    """
    entry = catalogue.find(name)
    target = _place(entry)
    if entry.url is None or target is None:
        return _installed(entry, target, given=url if url is not None else source)
    if _is_file(target) and _problem(entry, target) is None:
        return target
    _make_directory(target.parent)
    if source is not None:
        _copy(entry, Path(source), target)
    elif is_offline():
        raise WeightsError(_absence(entry, target, because=f"{OFFLINE_VARIABLE} is set"))
    else:
        download(url or entry.url, target, sha256=entry.sha256, size=entry.size)
    return target


def verify(name: str = "all") -> tuple[Verification, ...]:
    """Compare files with the catalogue's sha256.

    Args:
        name: One entry, or ``all``.

    Raises:
        WeightsError: The name is unknown.
    """
    entries = catalogue.CATALOGUE if name == "all" else (catalogue.find(name),)
    return tuple(_verification(entry) for entry in entries)


def require(name: str) -> Path:
    """Return the file of an entry that is on this machine and whose sha256 is right.

    Raises:
        WeightsError: It is absent or damaged.
    """
    found = path(name)
    problem = _problem(catalogue.find(name), found)
    if problem is not None:
        raise WeightsError(problem)
    return found


def _place(entry: Weights) -> Path | None:
    return entry.installed_path() if entry.url is None else directory() / entry.file_name


def _is_file(candidate: Path | None) -> bool:
    return candidate is not None and candidate.is_file()


def _listing(entry: Weights) -> Listing:
    own = own_file(entry.name)
    if own is not None:
        return Listing(entry, own, present=True, is_own=True)
    return _catalogued(entry)


def _catalogued(entry: Weights) -> Listing:
    place = _place(entry)
    return Listing(entry, place, _is_file(place))


def _verification(entry: Weights) -> Verification:
    own = own_file(entry.name)
    if own is not None:
        told = f"{printable(own)} is used instead: a network of your own, sha256 {digest(own)}."
        return Verification(entry, own, State.OWN, f"{entry.name}: {told}")
    place = _place(entry)
    if place is None or not _is_file(place):
        return Verification(entry, place, State.ABSENT, _absence(entry, place))
    problem = _problem(entry, place)
    if problem is None:
        return Verification(entry, place, State.GOOD, f"{entry.name}: sha256 is right.")
    return Verification(entry, place, State.DAMAGED, problem)


def _installed(entry: Weights, target: Path | None, *, given: str | Path | None) -> Path:
    if given is not None:
        raise WeightsError(
            f"{entry.name}: is installed with {entry.package} and is not downloaded; "
            "leave out the address or file."
        )
    if target is None or not _is_file(target):
        raise WeightsError(_absence(entry, target))
    problem = _problem(entry, target)
    if problem is not None:
        raise WeightsError(problem)
    return target


def _copy(entry: Weights, origin: Path, target: Path) -> None:
    if not origin.is_file():
        raise WeightsError(
            f"{printable(origin)}: there is no such file; give a copy of {entry.file_name}."
        )
    partial = target.with_name(f"{target.name}.{uuid.uuid4().hex}.copy")
    try:
        shutil.copyfile(origin, partial)
        found = digest(partial)
        if found != entry.sha256:
            raise WeightsError(
                _mismatch(origin, entry.sha256, found, f"give a copy of {entry.file_name}")
            )
        partial.replace(target)
    except OSError as error:
        raise WeightsError(
            f"{printable(origin)}: cannot be copied to {printable(target)} ({error.strerror}); "
            f"check both, or set {DIRECTORY_VARIABLE} to a folder you can write to."
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def _make_directory(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WeightsError(
            f"{printable(folder)}: the weights folder cannot be made ({error.strerror}); "
            f"set {DIRECTORY_VARIABLE} to a folder you can write to."
        ) from error


def _problem(entry: Weights, file: Path) -> str | None:
    try:
        found = digest(file)
    except OSError as error:
        return f"{printable(file)}: cannot be read ({error.strerror}); check its permissions."
    if found == entry.sha256:
        return None
    remedy = (
        f"run 'facialis weights get {entry.name}'"
        if entry.url is not None
        else f"reinstall {entry.package}"
    )
    return _mismatch(file, entry.sha256, found, remedy)


def _mismatch(file: Path, expected: str, found: str, remedy: str) -> str:
    return f"{printable(file)}: has sha256 {found} where {expected} was expected; {remedy}."


def _absence(entry: Weights, place: Path | None, *, because: str = "") -> str:
    if entry.url is None:
        return (
            f"{entry.name}: the file is missing from the installation of {entry.package}; "
            f"reinstall {entry.package}."
        )
    reason = f" and {because}" if because else ""
    return (
        f"{entry.name}: is not on this machine{reason}; run 'facialis weights get {entry.name}' "
        f"where there is a network, or put {entry.url} (sha256 {entry.sha256}) by hand at "
        f"{printable(place)}."
    )

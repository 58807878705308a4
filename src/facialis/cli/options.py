"""Options that several commands take, and what their words mean."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, cast

import typer

from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import FacialisError, OutputError, printable

MeasuringFrame = Literal["frontal", "emotrics"]
_OLDEST = 130


class CallError(FacialisError):
    """The command was called with something it cannot work with."""


class Format(StrEnum):
    """What an assessment can be written as."""

    JSON = "json"
    HTML = "html"
    PDF = "pdf"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for and stated, the same for every photograph of a call.

    Attributes:
        movement: The movement that the photographs show, or None if nobody said.
        mirrored: Whether the photographs are selfie-mirrored.
        affected_side: What the clinician knows of the side.
        age: Years.
        mm_per_px: Millimetres in one pixel.
        face: Number of the face, 0 is the largest; None for all faces.
        frame: The frame that measures are taken in.
        norms: File of the table of healthy faces to compare with; None for the one that comes with
            Facialis.
        methods: Methods that answer beside the norms.
    """

    movement: Movement | None = None
    mirrored: bool = False
    affected_side: AffectedSide | None = None
    age: int | None = None
    mm_per_px: float | None = None
    face: int | None = 0
    frame: MeasuringFrame = "frontal"
    norms: str | None = None
    methods: tuple[str, ...] = ()


Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT", help="Photographs, or folders that are searched for photographs."
    ),
]
MovementName = Annotated[
    str | None,
    typer.Option("--movement", metavar="NAME", help=f"The movement shown: {', '.join(Movement)}."),
]
Mirrored = Annotated[
    bool, typer.Option("--mirrored", help="The photographs are mirrored, as selfies often are.")
]
AffectedSideName = Annotated[
    str | None,
    typer.Option(
        "--affected-side",
        metavar="SIDE",
        help="The patient's weak side, if known: right, left, both or none.",
    ),
]
Age = Annotated[
    str | None, typer.Option("--age", metavar="YEARS", help="The patient's age in years.")
]
MmPerPx = Annotated[
    str | None,
    typer.Option(
        "--mm-per-px",
        metavar="MM",
        help="Millimetres in one pixel, instead of the estimate from the iris.",
    ),
]
Face = Annotated[
    str,
    typer.Option("--face", metavar="N|all", help="Which face, 0 is the largest; or all of them."),
]
FrameName = Annotated[
    str,
    typer.Option(
        "--frame",
        metavar="frontal|emotrics",
        help="Measure in a frontal frame made from rigid points, or in the frame of Emotrics.",
    ),
]

Norms = Annotated[
    str | None,
    typer.Option(
        "--norms",
        metavar="FILE",
        help="Compare with this table of healthy faces, made by 'norms build'.",
    ),
]


Methods = Annotated[
    str,
    typer.Option(
        "--methods",
        metavar="all|none|NAME,...",
        help="Methods that answer beside the norms, of those whose weights come with Facialis.",
    ),
]


def settings(
    *,
    movement: str | None = None,
    mirrored: bool = False,
    affected_side: str | None = None,
    age: str | None = None,
    mm_per_px: str | None = None,
    face: str = "0",
    frame: str = "frontal",
    norms: str | None = None,
    methods: str = "none",
) -> Settings:
    """Return what the words of a call mean.

    Raises:
        CallError: A word means nothing; the message lists those that do.
    """
    sides = [side for side in AffectedSide if side is not AffectedSide.UNCERTAIN]
    frames = ("frontal", "emotrics")
    return Settings(
        movement=None if movement is None else Movement(chosen("--movement", movement, Movement)),
        mirrored=mirrored,
        affected_side=(
            None
            if affected_side is None
            else AffectedSide(chosen("--affected-side", affected_side, sides))
        ),
        age=None if age is None else _age(age),
        mm_per_px=None if mm_per_px is None else _mm_per_px(mm_per_px),
        face=_face(face),
        frame=cast("MeasuringFrame", chosen("--frame", frame, frames)),
        norms=norms,
        methods=_methods(methods),
    )


def _methods(words: str) -> tuple[str, ...]:
    """Return the methods that are named in a list with commas, each once."""
    names = [word.strip() for word in words.split(",") if word.strip()]
    if names == ["none"]:
        return ()
    from facialis import methods
    from facialis.grading.method_answers import METHODS

    if names == ["all"]:
        return METHODS
    if not names:
        raise CallError("--methods: names no method; give all, none or names with commas.")
    if {"all", "none"} & {name.lower() for name in names}:
        raise CallError("--methods: all and none stand alone; give one of them, or names.")
    for name in names:
        if name.lower() in methods.names() and name.lower() not in METHODS:
            raise _refused(
                "--methods", name, "comes without weights", f"choose from {', '.join(METHODS)}"
            )
    given = {chosen("--methods", name, METHODS) for name in names}
    return tuple(name for name in METHODS if name in given)


def formats(words: str) -> frozenset[Format]:
    """Return the formats named in a list with commas.

    Raises:
        CallError: One of them is unknown, or none is named.
    """
    names = [word.strip() for word in words.split(",") if word.strip()]
    if not names:
        raise CallError(f"--format: names no format; choose from {', '.join(Format)}.")
    return frozenset(Format(chosen("--format", name, Format)) for name in names)


def jobs(words: str) -> int:
    """Return the number of processes.

    Raises:
        CallError: It is not a whole number of at least 1.
    """
    number = _whole(words)
    if number is None or number < 1:
        raise _refused("--jobs", words, "is not a number of processes", "give 1 or more")
    return number


def writable_folder(words: str) -> Path:
    """Return the folder for results, which is made if it is missing.

    Raises:
        OutputError: It cannot be written to.
    """
    remedy = "name a folder you can write to with --out"
    if not words.strip():
        raise OutputError(f"--out: names no folder; {remedy}.")
    folder = Path(words)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (FileExistsError, NotADirectoryError) as error:
        raise OutputError(f"{printable(words)}: a file stands in its way; {remedy}.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{printable(words)}: cannot be written ({reason}); {remedy}.") from error
    return folder


def _refused(option: str, word: str, problem: str, remedy: str) -> CallError:
    return CallError(f"{option} {printable(word)}: {problem}; {remedy}.")


def whole_number(option: str, words: str, least: int, most: int) -> int:
    """Return a whole number.

    Raises:
        CallError: It is none, or not from `least` to `most`.
    """
    number = _whole(words)
    if number is None or not least <= number <= most:
        remedy = f"give a whole number from {least} to {most}"
        raise _refused(option, words, "cannot be used", remedy)
    return number


def number(option: str, words: str, least: float, most: float) -> float:
    """Return a number.

    Raises:
        CallError: It is none, or not from `least` to `most`.
    """
    try:
        value = float(words)
    except ValueError:
        value = math.nan
    if not least <= value <= most:
        remedy = f"give a number from {least:g} to {most:g}"
        raise _refused(option, words, "cannot be used", remedy)
    return value


def chosen(option: str, word: str, known: Iterable[str]) -> str:
    """Return a known word, however it is capitalised.

    Raises:
        CallError: It is not known; the message lists those that are.
    """
    names = list(known)
    tidy = word.strip().lower()
    if tidy not in names:
        raise _refused(option, word, "is not known", f"choose one of {', '.join(names)}")
    return tidy


def _whole(word: str) -> int | None:
    try:
        return int(word)
    except ValueError:
        return None


def _age(word: str) -> int:
    years = _whole(word)
    if years is None or not 0 <= years <= _OLDEST:
        remedy = f"give whole years from 0 to {_OLDEST}"
        raise _refused("--age", word, "is not an age", remedy)
    return years


def _mm_per_px(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value > 0):
        remedy = "give a number above 0, such as 0.12"
        raise _refused("--mm-per-px", word, "is not a length of a pixel", remedy)
    return value


def _face(word: str) -> int | None:
    if word.strip().lower() == "all":
        return None
    number = _whole(word)
    if number is None or number < 0:
        remedy = "give 0 for the largest, 1 for the next and so on, or all"
        raise _refused("--face", word, "is not the number of a face", remedy)
    return number

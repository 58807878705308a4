"""The files of an examination: which photograph or which part of a video shows which movement."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
)

from facialis.clinical.anatomy import AffectedSide, Movement
from facialis.errors import InputError, printable
from facialis.media.files import PHOTO_SUFFIXES

MANIFEST_NAME: Final = "examination.toml"
VIDEO_SUFFIXES: Final = frozenset(
    (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".mts", ".m2ts", ".wmv")
)
_SHOWN: Final = 3
_OF_THE_CHECKER: Final = ("[key]",)
_OLDEST: Final = 130


@dataclass(frozen=True, slots=True)
class VideoFile:
    """A video of an examination.

    Attributes:
        path: The file.
        intervals: Where movements lie in it, seconds.
        searched: Whether movements that are not named are looked for.
        mirrored: Whether it is selfie-mirrored; None if all of the examination says so.
    """

    path: Path
    intervals: Mapping[Movement, tuple[float, float]] = field(default_factory=dict)
    searched: bool = True
    mirrored: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExaminationFiles:
    """What an examination consists of.

    Attributes:
        name: As the user named it.
        photographs: The photograph of each movement.
        videos: Videos, of which each shows one movement or several.
        mirrored: Whether all of it is selfie-mirrored, but for what says otherwise itself.
        mirrored_photographs: By movement, whether the photograph is, where that is stated.
        affected_side: As the clinician says.
        age: Years.
        onset: When the palsy began.
        earlier_surgery: Of the lids or the face, in the clinician's words.
        botulinum_toxin: Last injection.
        mm_per_px: Millimetres in one pixel of the photographs.
        notes: What was found odd, a sentence each.
    """

    name: str
    photographs: Mapping[Movement, Path] = field(default_factory=dict)
    videos: tuple[VideoFile, ...] = ()
    mirrored: bool = False
    mirrored_photographs: Mapping[Movement, bool] = field(default_factory=dict)
    affected_side: AffectedSide | None = None
    age: int | None = None
    onset: date | None = None
    earlier_surgery: str | None = None
    botulinum_toxin: date | None = None
    mm_per_px: float | None = None
    notes: tuple[str, ...] = ()

    def photograph_is_mirrored(self, movement: Movement) -> bool:
        """Whether the photograph of a movement is said to be selfie-mirrored."""
        return self.mirrored_photographs.get(movement, self.mirrored)

    def video_is_mirrored(self, video: VideoFile) -> bool:
        """Whether a video is said to be selfie-mirrored."""
        return self.mirrored if video.mirrored is None else video.mirrored


def is_video(path: Path) -> bool:
    """Whether a file is called like a video."""
    return path.suffix.lower() in VIDEO_SUFFIXES


def examination_in(folder: Path) -> ExaminationFiles:
    """Return the examination that lies in a folder.

    ``examination.toml`` says what is what if it is there. Without it, photographs and videos are
    called ``<movement>.<ext>`` or ``<movement>_<anything>.<ext>``; a video of another name may show
    any movements.

    Raises:
        InputError: The folder, or its ``examination.toml``, cannot be used.
    """
    if folder.name == MANIFEST_NAME and folder.is_file():
        return _listed(folder)
    if not folder.is_dir():
        raise InputError(folder, "is no folder of an examination", "give a folder")
    manifest = folder / MANIFEST_NAME
    if manifest.is_file():
        return _listed(manifest)
    return _named(folder)


def _named(folder: Path) -> ExaminationFiles:
    photographs: dict[Movement, Path] = {}
    videos: list[VideoFile] = []
    notes: list[str] = []
    strange: list[str] = []
    for path in _files_in(folder, notes):
        movement = _movement_of(path.stem)
        if is_video(path):
            videos.append(_named_video(path, movement))
        elif path.suffix.lower() not in PHOTO_SUFFIXES:
            continue
        elif movement is None:
            strange.append(path.name)
        elif movement in photographs:
            notes.append(
                f"{printable(path.name)}: there is a photograph of {movement} already "
                f"({printable(photographs[movement].name)}), which is taken; keep one of them."
            )
        else:
            photographs[movement] = path
    if strange:
        notes.append(
            f"{_listing(strange)}: named after no movement and left out; name photographs "
            f"<movement>_<anything>, with one of {', '.join(Movement)}."
        )
    unnamed = [video.path.name for video in videos if not video.intervals]
    if len(unnamed) > 1:
        notes.append(
            f"{_listing(unnamed)}: taken as videos of one examination of one patient; give each "
            "patient a folder."
        )
    if not photographs and not videos:
        inside = sorted(each.name for each in folder.iterdir() if each.is_dir())
        if inside and not strange:
            raise InputError(
                folder,
                "holds folders and no photograph or video of an examination",
                f"give its folders, one a patient ({_listing(inside)})",
            )
        raise InputError(
            folder,
            "holds no photograph or video of an examination"
            + (f" ({_listing(strange)} are named after no movement)" if strange else ""),
            "name the files after the movements, such as rest.jpg and smile.jpg, or add "
            f"{MANIFEST_NAME}",
        )
    return ExaminationFiles(
        name=str(folder), photographs=photographs, videos=tuple(videos), notes=tuple(notes)
    )


def _files_in(folder: Path, notes: list[str]) -> Iterator[Path]:
    """Give the files of a folder by name, and note links that lead nowhere."""
    for path in sorted(folder.iterdir()):
        if path.is_symlink() and not path.exists():
            notes.append(f"{printable(path.name)}: names a file that is not there; left out.")
        if path.is_file() and not path.name.startswith("."):
            yield path


def _named_video(path: Path, movement: Movement | None) -> VideoFile:
    return (
        VideoFile(path) if movement is None else VideoFile(path, {movement: _WHOLE}, searched=False)
    )


_WHOLE: Final = (0.0, float("inf"))


def _movement_of(stem: str) -> Movement | None:
    """Return the movement that a file is named after; the longest name that fits counts."""
    tidy = stem.lower().replace("-", "_").replace(" ", "_")
    fits = [m for m in Movement if tidy == m or tidy.startswith(f"{m}_")]
    return max(fits, key=len, default=None)


def _listing(names: Iterable[str]) -> str:
    told = [printable(name) for name in names]
    more = f" and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
    return ", ".join(told[:_SHOWN]) + more


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Video(_Strict):
    """A video of any movements."""

    file: Annotated[str, Field(min_length=1)]
    mirrored: Annotated[bool, Strict()] | None = None


class _Entry(_Video):
    """A photograph, or a part of a video."""

    start: Annotated[float, Field(alias="from", ge=0, allow_inf_nan=False)] = 0.0
    end: Annotated[float | None, Field(alias="to", gt=0, allow_inf_nan=False)] = None

    @property
    def is_part(self) -> bool:
        """Whether it says where a movement lies."""
        return bool(self.model_fields_set & {"start", "end"})


def _not_ahead(day: date) -> date:
    if day > datetime.now().astimezone().date():
        raise ValueError(f"{day} is in the future")
    return day


def _stateable(side: object) -> object:
    if side == AffectedSide.UNCERTAIN:
        raise ValueError("leave it out where the side is not known")
    stateable = [each.value for each in AffectedSide if each is not AffectedSide.UNCERTAIN]
    if side not in stateable:
        raise ValueError(f"it should be one of {', '.join(stateable)}")
    return side


_Past = Annotated[date, AfterValidator(_not_ahead)]
_StatedSide = Annotated[AffectedSide, BeforeValidator(_stateable)]


def _with_file(entry: object) -> object:
    """A name alone is an entry with nothing but a file."""
    return {"file": entry} if isinstance(entry, str) else entry


_NameOrVideo = Annotated[_Video, BeforeValidator(_with_file)]
_NameOrEntry = Annotated[_Entry, BeforeValidator(_with_file)]


class _Manifest(_Strict):
    """The layout of ``examination.toml``."""

    movements: dict[Movement, _NameOrEntry] = Field(default_factory=dict)
    videos: tuple[_NameOrVideo, ...] = ()
    mirrored: Annotated[bool, Strict()] = False
    affected_side: _StatedSide | None = None
    age: Annotated[int | None, Field(ge=0, le=_OLDEST)] = None
    onset: _Past | None = None
    earlier_surgery: str | None = None
    botulinum_toxin: _Past | None = None
    mm_per_px: Annotated[float | None, Field(gt=0, allow_inf_nan=False)] = None


def _listed(manifest: Path) -> ExaminationFiles:
    given = _parsed(manifest)
    folder = manifest.parent
    photographs: dict[Movement, Path] = {}
    parts: dict[Path, dict[Movement, tuple[float, float]]] = {}
    mirrored: dict[Path, bool] = {}
    searched = set()
    for video in given.videos:
        path = _there(folder, video.file, manifest)
        parts.setdefault(path, {})
        searched.add(path)
        _state(mirrored, path, video, manifest)
    for movement, part in given.movements.items():
        path = _there(folder, part.file, manifest)
        _state(mirrored, path, part, manifest)
        if not is_video(path):
            if part.is_part:
                raise InputError(
                    manifest,
                    f"{movement} has 'from' or 'to', and {printable(part.file)} is a photograph",
                    "leave them out",
                )
            photographs[movement] = path
            continue
        end = float("inf") if part.end is None else part.end
        if end <= part.start:
            raise InputError(
                manifest,
                f"{movement} ends at {end:g} s, before it begins at {part.start:g} s",
                "exchange 'from' and 'to'",
            )
        parts.setdefault(path, {})[movement] = (part.start, end)
    if not photographs and not parts:
        raise InputError(
            manifest, "names no file", "add [movements] with a file for each, such as rest"
        )
    return ExaminationFiles(
        name=str(folder),
        photographs=photographs,
        videos=tuple(
            VideoFile(path, intervals, searched=path in searched, mirrored=mirrored.get(path))
            for path, intervals in parts.items()
        ),
        mirrored=given.mirrored,
        mirrored_photographs={
            movement: mirrored[path] for movement, path in photographs.items() if path in mirrored
        },
        affected_side=given.affected_side,
        age=given.age,
        onset=given.onset,
        earlier_surgery=given.earlier_surgery or None,
        botulinum_toxin=given.botulinum_toxin,
        mm_per_px=given.mm_per_px,
    )


def _state(mirrored: dict[Path, bool], path: Path, entry: _Video, manifest: Path) -> None:
    if entry.mirrored is None:
        return
    if mirrored.setdefault(path, entry.mirrored) is not entry.mirrored:
        said = f"says of {printable(entry.file)} that it is mirrored and that it is not"
        raise InputError(manifest, said, "leave one of them")


def _parsed(manifest: Path) -> _Manifest:
    try:
        return _Manifest.model_validate(tomllib.loads(manifest.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(manifest, "cannot be read", "save it as UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(manifest, f"is no TOML ({error})", "correct that line") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part not in _OF_THE_CHECKER)
        told = first["msg"].removeprefix("Value error, ").lower()
        if first["type"] == "extra_forbidden":
            entries = {"videos": _Video, "movements": _Entry}
            kind = _Manifest if len(first["loc"]) == 1 else entries[str(first["loc"][0])]
            known = [each.alias or name for name, each in kind.model_fields.items()]
            told = f"is no setting; there are {', '.join(known)}"
        raise InputError(
            manifest, f"{where}: {told}", "see the section on examinations in docs/usage.md"
        ) from error


def _there(folder: Path, name: str, manifest: Path) -> Path:
    path = folder / name
    if not path.is_file():
        raise InputError(
            manifest, f"names {printable(name)}, which is not there", "correct the name, or add it"
        )
    return path

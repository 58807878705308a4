"""Manifests whose pictures are framed faces: small, and cut as they are when a method is used.

The folder holds ``images/`` (WebP), ``mask/`` and ``attributes/`` (PNG, 255 beyond the picture),
``depth/`` (8-bit PNG, a quarter of the size), ``landmarks/`` and ``placed/`` (int16), written as
`facialis.datasets.framed_source` reads them. A person's file in ``people/`` is written last: a run
that was stopped goes on with the people that lack one.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import as_completed
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np

from facialis.datasets.fingerprints import fingerprint
from facialis.datasets.framed_source import (
    COARSE_DEPTH_UNIT,
    DEPTH_SHARE,
    LANDMARK_UNIT,
    FramedSource,
    depth_of,
    read_landmarks,
    read_numbers,
)
from facialis.datasets.manifest import Manifest, Row, csv_bytes, rows_of
from facialis.datasets.manifest_files import JSON_NAME, read_manifest, write_manifest
from facialis.datasets.reading import is_video
from facialis.datasets.spawned import attempted, or_raised, workers
from facialis.errors import InputError, NoFaceError, check_within, printable
from facialis.face.landmarks import MediaPipeLandmarker
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.regions.classes import UNKNOWN
from facialis.regions.framing import FACE_MARGIN, square_around
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from facialis.media.frame import Frame
    from facialis.regions.framing import Square

Progress = Callable[[int, int], None]

ASKED_NAME: Final = "framing.json"
_PREPARATION: Final = "framed faces"

_FOLDERS: Final = ("images", "mask", "attributes", "depth", "landmarks", "placed")
_PNG: Final = [cv2.IMWRITE_PNG_COMPRESSION, 9, cv2.IMWRITE_PNG_STRATEGY, 0]
_SMALLEST, _LARGEST = 32, 1000
_MOST_STEPS: Final = 255
_NAMED: Final = re.compile(r"[^A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Framing:
    """How faces are framed.

    Attributes:
        size: Width and height of the pictures, pixels; a multiple of `DEPTH_SHARE`.
        quality: Of the lossy WebP, 1 to 100.
        placed: Whether to keep, as ``placed/``, the landmarks that the manifest has (as a numpy
            file): where a simulation put them, for a picture's own are found.

    Raises:
        InputError: A number is out of range.
    """

    size: int = 256
    quality: int = 85
    placed: bool = False

    def __post_init__(self) -> None:
        """Check the numbers."""
        for name, value, least, most in (
            ("the size", self.size, _SMALLEST, _LARGEST),
            ("the quality", self.quality, 1, 100),
        ):
            check_within(name, value, least, most)
        if self.size % DEPTH_SHARE:
            raise InputError("the size", f"is {self.size}", f"give a multiple of {DEPTH_SHARE}")


def frame_manifest(
    source: Path,
    out: Path,
    framing: Framing | None = None,
    *,
    jobs: int = 2,
    progress: Progress | None = None,
) -> Manifest:
    """Frame the faces of a manifest's pictures into a folder.

    Each picture shows the largest face, or the one nearest to the ``landmarks`` that the manifest
    has (a numpy file). The bytes do not depend on `jobs`.

    Args:
        source: Folder of the manifest.
        out: A folder that is new, empty, or holds the unfinished same framing.
        framing: How; the usual size and quality if None.
        jobs: Processes.
        progress: Called with people done and people in all.

    Raises:
        InputError: The manifest or an annotation cannot be read, or the folder holds something
            else.
        OutputError: The folder cannot be written.
    """
    framing = framing or Framing()
    parent = read_manifest(source)
    root = parent.root or source
    if framing.placed and str(parent.made.get("preparation")).startswith(_PREPARATION):
        raise InputError(
            printable(source), "holds framed faces", "frame the simulated cohort itself"
        )
    made = _made(parent, framing)
    take_folder(out, ASKED_NAME, json.dumps(made, indent=1).encode(), "framing")
    for folder in ("people", *_FOLDERS):
        if folder != "placed" or framing.placed:
            make_directory(out / folder)
    report = progress or (lambda _done, _of: None)
    people = _people(parent.rows)
    files = {person: out / "people" / f"{n:05d}.json" for n, person in enumerate(people)}
    waiting = [person for person in people if not files[person].is_file()]
    report(len(people) - len(waiting), len(people))
    if waiting:
        with workers(min(jobs, len(waiting))) as pool:
            futures = [
                pool.submit(attempted, _frame_person, root, people[p], framing, files[p])
                for p in waiting
            ]
            for done, each in enumerate(as_completed(futures), len(people) - len(waiting) + 1):
                or_raised(each.result())
                report(done, len(people))
    records = {person: json.loads(file.read_bytes()) for person, file in files.items()}
    framed = [
        row for record in records.values() for row in rows_of(record["rows"].encode(), "rows")
    ]
    order = {row.name: place for place, row in enumerate(parent.rows)}
    rows = tuple(sorted(framed, key=lambda row: order[row.name]))
    if not rows:
        raise InputError(printable(source), "shows no face that was found", "check its pictures")
    left_out: dict[str, dict[str, int]] = {}
    for person, record in records.items():
        for reason, count in sorted(record["left_out"].items()):
            left_out.setdefault(reason, {})[person] = count
    manifest = Manifest(f"{parent.title}, framed", rows, made | {"left_out": left_out}, out)
    write_manifest(manifest, out)
    return manifest


def _made(parent: Manifest, framing: Framing) -> dict[str, object]:
    return {
        "preparation": _PREPARATION,
        "size": framing.size,
        "quality": framing.quality,
        "margin": FACE_MARGIN,
        "landmarker": MediaPipeLandmarker.name,
        "parent": parent.digest,
        **({"placed": True} if framing.placed else {}),
    }


def take_folder(out: Path, name: str, asked: bytes, what: str) -> None:
    """Make a folder, or find that it is empty or holds this very work, unfinished.

    Args:
        out: The folder.
        name: Of the file in it that says what was asked for.
        asked: What is asked for.
        what: The work in a word.

    Raises:
        InputError: It holds something else.
        OutputError: It cannot be written.
    """
    file = out / name
    if file.is_file():
        if file.read_bytes() != asked:
            raise InputError(printable(out), f"holds another {what}", "choose a new folder")
        return
    if out.is_dir() and any(out.iterdir()):
        held = "holds a manifest" if (out / JSON_NAME).is_file() else "is not empty"
        raise InputError(printable(out), held, "choose a new or an empty folder")
    make_directory(out)
    replace_file(file, asked)


def _people(rows: Iterable[Row]) -> dict[str, list[tuple[int, Row]]]:
    """Return the numbered rows of each person."""
    people: dict[str, list[tuple[int, Row]]] = {}
    for number, row in enumerate(rows):
        people.setdefault(row.subject, []).append((number, row))
    return people


def _frame_person(root: Path, rows: list[tuple[int, Row]], framing: Framing, file: Path) -> None:
    out = file.parent.parent
    found, left_out = [], Counter[str]()
    for number, row in rows:
        source = FramedSource(root, row)
        if is_video(root / row.path):
            left_out["recordings"] += 1
            continue
        try:
            frame = read_photo(root / row.path)
        except InputError:
            left_out["pictures that cannot be read"] += 1
            continue
        try:
            points = _points(frame, source)
        except NoFaceError:
            left_out["pictures without a face that was found"] += 1
            continue
        stem = f"{number:06d}-{_NAMED.sub('-', row.name)[-80:].strip('-')}"
        found.append(_framed(frame, points, source, framing, out / stem))
    record = {"rows": csv_bytes(found).decode(), "left_out": dict(left_out)}
    replace_file(file, json.dumps(record).encode())


def _points(frame: Frame, source: FramedSource) -> NDArray[np.float64]:
    """Return the landmarks (478, 3) of the face that a picture is about, pixels of the frame."""
    faces = find_faces(frame)
    place = source.row.annotations.get("landmarks", "")
    if len(faces) == 1 or not place.endswith(".npy"):
        return faces[0].points
    middle = read_landmarks(source.root / place)[:, :2].mean(axis=0) * frame.scale
    return min(
        faces, key=lambda f: float(np.linalg.norm(f.points[:, :2].mean(axis=0) - middle))
    ).points


def _framed(
    frame: Frame,
    points: NDArray[np.float64],
    source: FramedSource,
    framing: Framing,
    stem: Path,
) -> Row:
    """Write what belongs to a framed face; `stem` is its name in the folder of it all."""
    row, root = source.row, source.root
    square, size = square_around(points), framing.size
    pixels = np.asarray(square.cut(frame.pixels, size), np.uint8)
    files = {
        "images": (".webp", _webp(pixels, framing.quality)),
        "landmarks": (".npy", landmark_bytes(square.moved(points, size))),
    }
    shape = frame.pixels.shape[:2]
    for kind in ("mask", "attributes"):
        if kind in row.annotations:
            labels = _as_large(read_numbers(root / row.annotations[kind]), shape)
            files[kind] = (".png", _png(square.cut(labels, size, blend=False, beyond=UNKNOWN)))
    if "depth" in row.annotations:
        depth = _as_large(depth_of(read_numbers(root / row.annotations["depth"])), shape)
        files["depth"] = (".png", _png(_steps(square, depth, size // DEPTH_SHARE)))
    if framing.placed and row.annotations.get("landmarks", "").endswith(".npy"):
        placed = read_landmarks(root / row.annotations["landmarks"]) * frame.scale
        files["placed"] = (".npy", landmark_bytes(square.moved(placed, size)))
    paths = {kind: f"{kind}/{stem.name}{suffix}" for kind, (suffix, _) in files.items()}
    for kind, (_, data) in files.items():
        _keep(stem.parent / paths[kind], data)
    return replace(
        row,
        path=paths["images"],
        sha256=hashlib.sha256(files["images"][1]).hexdigest(),
        fingerprint=fingerprint(pixels),
        annotations={kind: path for kind, path in sorted(paths.items()) if kind != "images"},
    )


def _as_large(numbers: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Return a map at the size of its picture; masks of some collections are smaller."""
    if numbers.shape == shape:
        return numbers
    return cv2.resize(numbers, shape[::-1], interpolation=cv2.INTER_NEAREST)


def _steps(square: Square, depth: NDArray[np.float32], size: int) -> NDArray[np.uint8]:
    """Return depth (size, size) in steps; the mean of what a pixel shows of the face."""
    shown = np.asarray(square.cut((depth > 0).astype(np.float32), size), np.float32)
    mean = np.asarray(square.cut(depth, size), np.float32) / np.maximum(shown, 1e-6)
    steps = np.clip(np.round(mean / COARSE_DEPTH_UNIT), 1, _MOST_STEPS)
    return np.where(shown >= 0.5, steps, 0).astype(np.uint8)  # noqa: PLR2004 - at least half


def _keep(path: Path, data: bytes) -> None:
    if not (path.is_file() and path.read_bytes() == data):
        replace_file(path, data)


def _webp(pixels: NDArray[np.uint8], quality: int) -> bytes:
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    return cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, quality])[1].tobytes()


def _png(numbers: NDArray[Any]) -> bytes:
    return cv2.imencode(".png", np.ascontiguousarray(numbers), _PNG)[1].tobytes()


def landmark_bytes(points: NDArray[np.float64]) -> bytes:
    """Return landmarks (n, 3), pixels, as the numpy file that `read_landmarks` reads."""
    file = io.BytesIO()
    np.save(file, np.round(points / LANDMARK_UNIT).astype(np.int16), allow_pickle=False)
    return file.getvalue()

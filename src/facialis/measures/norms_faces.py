"""Read healthy faces for a norm table: each photograph, and turned and degraded renders of it."""

from __future__ import annotations

import csv
import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Side
from facialis.errors import FacialisError, InputError
from facialis.face.landmarks import FaceLandmarks
from facialis.face.pose import head_pose
from facialis.face.search import find_faces
from facialis.face.warp import turned
from facialis.measures.lesions import Lesion, drawn_lesion, with_lesion
from facialis.measures.norms import View
from facialis.media.photo import Frame, read_photo

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

LARGEST_YAW: Final = 28.0
LARGEST_PITCH: Final = 18.0
_RENDER_SIDE: Final = 640
_LESION_YAW, _LESION_PITCH = 15.0, 10.0
_LIT_FROM_ONE_SIDE: Final = 0.35
_HALF: Final = 0.5
_CAMERA_DISTANCES: Final = (np.inf, 14.0, 9.0, 6.5)
_NAME = re.compile(r"(?P<subject>[^_]+)_(?P<movement>neutral|rest|smile)(?:_.*)?$")


@dataclass(frozen=True, slots=True)
class Subject:
    """A person behind a norm; what is unknown is None."""

    name: str
    age: int | None
    sex: str | None
    ethnic_group: str | None


@dataclass(frozen=True, slots=True)
class Reading:
    """One healthy face as read from a photograph or a render of it.

    Attributes:
        subject: Who.
        condition: ``rest`` or ``smile``.
        face: (478, 3) frontal frame, interocular units.
        view: Circumstances of the reading.
        rendered: Whether the photograph was turned or degraded first.
        asked_yaw: By how much the photograph was turned, degrees.
    """

    subject: str
    condition: str
    face: Points
    view: View
    rendered: bool
    asked_yaw: float


def reading_of(face: FaceLandmarks) -> tuple[Points, View]:
    """Return a face in the frontal frame and interocular units, and the circumstances."""
    pose = head_pose(face.points)
    view = View(pose.yaw, pose.pitch, pose.misfit)
    return pose.to_frontal(face.points) / pose.scale, view


def find_subjects(folder: Path) -> tuple[dict[str, Subject], dict[Path, tuple[str, str]]]:
    """Return the people of a folder and its photographs.

    Photographs are called ``<subject>_neutral.jpg`` (or ``_rest``) and ``<subject>_smile.jpg``;
    ``subjects.csv`` beside them may give age, sex and ethnic_group.

    Raises:
        InputError: There are fewer than ten people with both photographs.
    """
    photographs: dict[Path, tuple[str, str]] = {}
    for path in sorted(folder.glob("*")) if folder.is_dir() else ():
        match = _NAME.match(path.stem)
        if match and path.suffix.lower() in (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"):
            condition = "smile" if match["movement"] == "smile" else "rest"
            photographs[path] = (match["subject"], condition)
    both = [s for s in {s for s, _ in photographs.values()}
            if {c for n, c in photographs.values() if n == s} == {"rest", "smile"}]  # fmt: skip
    if len(both) < MINIMUM_PEOPLE:
        raise InputError(
            folder,
            f"a norm needs at least {MINIMUM_PEOPLE} people, and {len(both)} have both photographs",
            "name them <subject>_neutral.jpg and <subject>_smile.jpg",
        )
    photographs = {p: k for p, k in photographs.items() if k[0] in both}
    return described(folder / "subjects.csv", sorted(both)), photographs


MINIMUM_PEOPLE: Final = 10


def described(table: Path, names: Sequence[str]) -> dict[str, Subject]:
    """Return what a table of people (``subject``, ``age``, ``sex``, ``ethnic_group``) says of them.

    A person or a value that it lacks stays unknown, and so does everyone's if there is no table.
    """
    rows: dict[str, dict[str, str]] = {}
    if table.exists():
        with table.open(newline="", encoding="utf-8") as lines:
            rows = {row["subject"]: row for row in csv.DictReader(lines)}
    people = {}
    for name in names:
        row = rows.get(name, {})
        age = row.get("age", "")
        people[name] = Subject(
            name,
            int(age) if age.isdigit() else None,
            row.get("sex") or None,
            row.get("ethnic_group") or None,
        )
    return people


@dataclass(frozen=True, slots=True)
class LesionReading:
    """A simulated lesion as read from a render of a healthy photograph.

    Attributes:
        subject: Whose photograph.
        condition: ``rest`` or ``smile``.
        lesion: What is weak.
        side: The affected side.
        face: (478, 3) frontal frame, interocular units.
        view: Circumstances of the reading.
    """

    subject: str
    condition: str
    lesion: Lesion
    side: Side
    face: Points
    view: View


def read_faces(
    photographs: Mapping[Path, tuple[str, str]],
    *,
    renders: int,
    lesions: int,
    jobs: int,
    seed: int,
    progress: Callable[[int, int], None],
) -> tuple[list[Reading], list[LesionReading]]:
    """Read every photograph, its turned renders and its simulated lesions, in parallel.

    The order and the values do not depend on the number of jobs.
    """
    people: dict[str, dict[str, Path]] = {}
    for path, (subject, condition) in photographs.items():
        people.setdefault(subject, {})[condition] = path
    tasks = [(s, p, renders, lesions, seed + i) for i, (s, p) in enumerate(sorted(people.items()))]
    results: dict[int, tuple[list[Reading], list[LesionReading]]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        waiting = {pool.submit(_read_person, *task): i for i, task in enumerate(tasks)}
        for done in as_completed(waiting):
            results[waiting[done]] = done.result()
            progress(len(results), len(tasks))
    healthy = [reading for i in sorted(results) for reading in results[i][0]]
    weak = [reading for i in sorted(results) for reading in results[i][1]]
    return healthy, weak


@dataclass(frozen=True, slots=True)
class _Photograph:
    subject: str
    condition: str
    pixels: Pixels
    found: FaceLandmarks

    @property
    def face(self) -> Points:
        return reading_of(self.found)[0]


def _read_person(
    subject: str, paths: Mapping[str, Path], renders: int, lesions: int, seed: int
) -> tuple[list[Reading], list[LesionReading]]:
    cv2.setNumThreads(1)
    photographs = {}
    for condition, path in sorted(paths.items()):
        pixels = _sized(read_photo(path).pixels)
        found = find_faces(Frame.from_array(pixels, name=path))[0]
        photographs[condition] = _Photograph(subject, condition, pixels, found)
    smile = photographs["smile"].face - photographs["rest"].face
    rng = np.random.default_rng(seed)
    healthy: list[Reading] = []
    weak: list[LesionReading] = []
    for condition, photograph in photographs.items():
        face, view = reading_of(photograph.found)
        healthy.append(Reading(subject, condition, face, view, rendered=False, asked_yaw=0.0))
        healthy += _turned_readings(photograph, renders, rng)
        weak += _lesion_readings(photograph, smile if condition == "smile" else None, lesions, rng)
    return healthy, weak


def _turned_readings(
    photograph: _Photograph, renders: int, rng: np.random.Generator
) -> Iterator[Reading]:
    for number in range(renders):
        yaw = float(rng.uniform(-LARGEST_YAW, LARGEST_YAW))
        pitch = float(rng.uniform(-LARGEST_PITCH, LARGEST_PITCH))
        seen = _rendered(photograph, yaw, pitch, rng, worse=bool(number % 2))
        if seen is not None:
            yield Reading(
                photograph.subject, photograph.condition, *seen, rendered=True, asked_yaw=yaw
            )


def _lesion_readings(
    photograph: _Photograph, smile: Points | None, lesions: int, rng: np.random.Generator
) -> Iterator[LesionReading]:
    pose = head_pose(photograph.found.points)
    for number in range(lesions):
        lesion = drawn_lesion(rng)
        side = Side.LEFT if rng.random() < _HALF else Side.RIGHT
        face = with_lesion(photograph.face, lesion, side, smile=smile, rng=rng)
        seen = _rendered(
            photograph,
            float(rng.uniform(-_LESION_YAW, _LESION_YAW)),
            float(rng.uniform(-_LESION_PITCH, _LESION_PITCH)),
            rng,
            worse=bool(number % 2),
            reshaped=pose.to_picture(face * pose.scale),
        )
        if seen is not None:
            yield LesionReading(photograph.subject, photograph.condition, lesion, side, *seen)


def _rendered(
    photograph: _Photograph,
    yaw: float,
    pitch: float,
    rng: np.random.Generator,
    *,
    worse: bool,
    reshaped: Points | None = None,
) -> tuple[Points, View] | None:
    points = photograph.found.points
    picture = turned(
        photograph.pixels,
        points,
        yaw=yaw,
        pitch=pitch,
        camera_distance=float(rng.choice(_CAMERA_DISTANCES)),
        reshaped=reshaped,
    )
    if worse:
        picture = degraded(picture, float(points[:, 0].mean()), rng)
    try:
        return reading_of(find_faces(Frame.from_array(picture, name=photograph.subject))[0])
    except FacialisError:
        return None


def _sized(pixels: Pixels) -> Pixels:
    zoom = _RENDER_SIDE / max(pixels.shape[:2])
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    return cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=how).astype(np.uint8)


def degraded(pixels: Pixels, midline: float, rng: np.random.Generator) -> Pixels:
    """Return a photograph as people take them: smaller, lit from one side, compressed.

    Args:
        pixels: (H, W, 3).
        midline: x of the middle of the face, pixels.
        rng: Draws which of it happens, and how strongly.
    """
    if rng.random() < _LIT_FROM_ONE_SIDE:
        across = (np.arange(pixels.shape[1]) - midline) / (pixels.shape[1] / 4)
        light = rng.uniform(0.7, 1.2) * np.exp(0.6 * rng.normal(0, 0.9) * np.tanh(across))
        pixels = np.clip(pixels * light[None, :, None], 0, 255).astype(np.uint8)
    if rng.random() < _HALF:
        zoom = float(rng.uniform(0.25, 0.9))
        small = cv2.resize(pixels, None, fx=zoom, fy=zoom, interpolation=cv2.INTER_AREA)
        pixels = small.astype(np.uint8)
    if rng.random() < _HALF:
        quality = int(rng.uniform(25, 80))
        _, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
        pixels = cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)
    return pixels

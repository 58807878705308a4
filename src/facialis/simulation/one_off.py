"""One simulated photograph or video, and its truth beside it."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from facialis.clinical.anatomy import Movement, Side
from facialis.face.search import find_faces
from facialis.media.photo import read_photo
from facialis.simulation.compose import Composite, Sitter
from facialis.simulation.course import Phase
from facialis.simulation.plan import Scene
from facialis.simulation.portrait import Portrait
from facialis.simulation.recording import Script, recorded, write_video
from facialis.simulation.studio import truth_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from facialis.datasets.truth import Truth
    from facialis.simulation.lesion import Lesion

Pixels = NDArray[np.uint8]
Progress = Callable[[int, int], None]

_NOTICE: Final = "Simulated palsy; no patient was photographed."


def sat(
    neutral: Path | str, expressive: Path | str | None, longest: int
) -> tuple[Sitter, dict[str, str]]:
    """Read a person's photographs.

    Args:
        neutral: At rest.
        expressive: The same person smiling, or None.
        longest: Longest side, pixels; larger photographs are reduced.

    Returns:
        The photographs with their landmarks, and the SHA-256 of each file by name.

    Raises:
        InputError: A photograph cannot be read, or shows no face.
    """
    portraits, digests = [], {}
    for given in (neutral, expressive):
        if given is None:
            continue
        path = Path(given)
        frame = read_photo(path)
        points = find_faces(frame)[0].points
        digests[path.name] = frame.sha256
        zoom = min(1.0, longest / max(frame.pixels.shape[:2]))
        pixels = _resized(frame.pixels, zoom)
        real = np.array([*pixels.shape[1::-1], 0]) / [*frame.pixels.shape[1::-1], 1]
        real[2] = zoom
        portraits.append(Portrait.of(pixels, points * real))
    return Sitter(*portraits), digests


def _resized(pixels: Pixels, zoom: float) -> Pixels:
    """Return pixels reduced by a zoom of at most 1, height and width even, as videos need them."""
    height, width = (2 * max(1, round(side * zoom / 2)) for side in pixels.shape[:2])
    if (height, width) == pixels.shape[:2]:
        return pixels
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def photograph(
    sitter: Sitter,
    *,
    lesion: Lesion | None,
    grade: int,
    movement: Movement,
    effort: float,
    subject: str,
    made_from: Mapping[str, str],
) -> tuple[Composite, Truth]:
    """Return one simulated photograph and its truth.

    Args:
        sitter: The photographs.
        lesion: None for a healthy person.
        grade: House-Brackmann grade of the lesion.
        movement: What is attempted.
        effort: Of both sides as if healthy, 0 to 1.
        subject: Name of the person.
        made_from: SHA-256 of the photographs by name.
    """
    scene = Scene(
        name=subject,
        subject=subject,
        case=0,
        grade=grade,
        lesion=lesion,
        movement=movement,
        phase=Phase.of_photograph(movement),
        effort=dict.fromkeys(Side, effort),
    )
    return recorded(sitter, scene), truth_of(scene, made_from)


def write_picture(path: Path, pixels: Pixels, truth: Truth) -> None:
    """Write a picture as PNG that calls itself simulated, and its truth as JSON beside it."""
    notice = PngInfo()
    notice.add_text("Comment", _NOTICE)
    partial = path.with_name(f"{path.name}.partial")
    Image.fromarray(pixels).save(partial, format="PNG", pnginfo=notice)
    path.with_suffix(".json").write_text(truth.model_dump_json(indent=1), encoding="utf-8")
    partial.replace(path)


def film(
    sitter: Sitter,
    script: Script,
    subject: str,
    path: Path,
    made_from: Mapping[str, str],
    *,
    progress: Progress | None = None,
) -> None:
    """Write a video as MP4, and beside it the truth of each frame (CSV) and of the lesion (JSON).

    Args:
        sitter: The photographs.
        script: What is recorded.
        subject: Name of the person.
        path: The video; the other two have its name.
        made_from: SHA-256 of the photographs by name.
        progress: Called with frames done and frames in all.
    """
    report = progress or (lambda _done, _of: None)
    table = path.with_suffix(".csv")
    partial = table.with_name(f"{table.name}.partial")
    first: list[Scene] = []

    def frames(write: Callable[[list[object]], object]) -> Iterator[Pixels]:
        for scene in script.scenes(subject):
            first[:] = first or [scene]
            composite = recorded(sitter, scene)
            write(_line(scene, composite))
            report((scene.frame or 0) + 1, script.frames)
            yield composite.pixels

    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            write_video(path, frames(writer.writerow), script.rate)
        partial.replace(table)
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    truth = truth_of(first[0], made_from)
    path.with_suffix(".json").write_text(truth.model_dump_json(indent=1), encoding="utf-8")


_POINTS: Final = {"right_commissure": 61, "left_commissure": 291, "right_brow": 105,
                  "left_brow": 334, "right_upper_lid": 159, "right_lower_lid": 145,
                  "left_upper_lid": 386, "left_lower_lid": 374}  # fmt: skip
_COLUMNS: Final = (
    "frame", "seconds", "movement", "phase", "effort_right", "effort_left", "yaw", "pitch",
    *(f"{name}_{axis}" for name in _POINTS for axis in "xy"),
)  # fmt: skip
"""Columns of the truth of a video; places in pixels, x right, y down."""


def _line(scene: Scene, composite: Composite) -> list[object]:
    places = composite.points[list(_POINTS.values()), :2].round(2)
    return [
        scene.frame,
        scene.seconds,
        scene.movement,
        scene.phase,
        round(scene.effort[Side.RIGHT], 4),
        round(scene.effort[Side.LEFT], 4),
        round(scene.yaw, 3),
        round(scene.pitch, 3),
        *places.ravel().tolist(),
    ]

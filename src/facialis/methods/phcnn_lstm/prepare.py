"""Turn frames into the three inputs of paper 003, and its answers into levels over time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from facialis.regions.rois import (
    eye_brow_box,
    face_box,
    face_crop,
    landmarks49,
    mouth_box,
    strip,
)
from facialis.regions.viola_jones import viola_jones

if TYPE_CHECKING:
    from collections.abc import Sequence

LENGTH: Final = 4
"""Frames of a sequence ([003] section IV-A)."""
FRAMES_PER_SECOND: Final = 6.0
"""Rate of the paper's videos ([003] section IV-A); faster ones are thinned out to it."""
LEVELS: Final = ("I", "II", "III")
"""The classes in order ([003] Table I): House-Brackmann I; II to IV; V and VI."""

Detector = Literal["landmarks", "viola_jones"]
"""What says where the face is."""

_LARGEST_STEP: Final = 1.5


@dataclass(frozen=True, slots=True)
class Crops:
    """What the networks see of T frames.

    Attributes:
        face: (T, 3, 128, 128) uint8 RGB.
        eyes: Eyes and brows, (T, 3, 40, 120) uint8 RGB.
        mouth: (T, 3, 40, 120) uint8 RGB.
        faceless: Frames in which the detector found no face; there the landmarks say where it is.
    """

    face: NDArray[np.uint8]
    eyes: NDArray[np.uint8]
    mouth: NDArray[np.uint8]
    faceless: int


@dataclass(frozen=True, slots=True)
class LevelAt:
    """The level of a run of frames.

    Attributes:
        start: Time of its first frame, seconds.
        end: Time of its last frame, seconds.
        level: One of `LEVELS`.
        probabilities: Of `LEVELS`.
    """

    start: float
    end: float
    level: str
    probabilities: tuple[float, ...]


def crops_of(
    pictures: Sequence[NDArray[np.uint8]],
    landmarks: Sequence[NDArray[np.float64]],
    detector: Detector = "landmarks",
) -> Crops:
    """Return the three regions of frames ([003] section III-B, D3-2).

    Args:
        pictures: T frames (H, W, 3), RGB.
        landmarks: Their meshes (478, 2 or 3), pixels.
        detector: Whether the landmarks or Viola and Jones' detector (the paper's) say where the
            face is; the two strips always follow the landmarks.

    Raises:
        ValueError: There are no frames, or not as many meshes, or a mesh has not 478 points.
    """
    if not pictures:
        raise ValueError("no frames to prepare")
    faces, eyes, mouths, faceless = [], [], [], 0
    for picture, mesh in zip(pictures, landmarks, strict=True):
        points = landmarks49(mesh)
        found = viola_jones(picture) if detector == "viola_jones" else face_box(mesh)
        faceless += found is None
        faces.append(face_crop(picture, found or face_box(mesh)))
        eyes.append(strip(picture, eye_brow_box(points)))
        mouths.append(strip(picture, mouth_box(points)))
    return Crops(_channels_first(faces), _channels_first(eyes), _channels_first(mouths), faceless)


def runs_of_four(
    times: NDArray[np.float64], usable: NDArray[np.bool_], *, rate: float = FRAMES_PER_SECOND
) -> NDArray[np.intp]:
    """Return runs (R, 4) of consecutive frames of a video, as indices; they do not overlap.

    Frames that come faster than the rate are thinned out to it. A frame without a face ends a run,
    and so does a gap of more than one and a half steps ([003] section IV-A, D3-14).

    Args:
        times: Of the frames (n,), seconds, ascending.
        usable: Whether a face was found in each (n,).
        rate: Frames per second.

    Raises:
        ValueError: Times do not ascend, or the rate is not above 0.
    """
    if rate <= 0 or (np.diff(times) <= 0).any():
        raise ValueError("times must ascend and the rate must be above 0")
    kept = _thinned(times, rate)
    if len(kept) < LENGTH:
        return np.empty((0, LENGTH), np.intp)
    step = float(np.median(np.diff(times[kept])))
    runs: list[list[int]] = []
    run: list[int] = []
    for index in kept:
        follows = bool(run) and times[index] - times[run[-1]] <= _LARGEST_STEP * step
        run = [*run, int(index)] if follows else [int(index)]
        if not usable[index]:
            run = []
        if len(run) == LENGTH:
            runs.append(run)
            run = []
    return np.array(runs, np.intp).reshape(-1, LENGTH)


def levels_over_time(
    times: NDArray[np.float64], runs: NDArray[np.intp], probabilities: NDArray[np.float32]
) -> tuple[LevelAt, ...]:
    """Return the level of each run of a video.

    Args:
        times: Of all frames (n,), seconds.
        runs: Indices of the frames of each run (R, 4), from `runs_of_four`.
        probabilities: The answers (R, 3).
    """
    return tuple(
        LevelAt(
            start=float(times[run[0]]),
            end=float(times[run[-1]]),
            level=LEVELS[int(answer.argmax())],
            probabilities=tuple(float(each) for each in answer),
        )
        for run, answer in zip(runs, probabilities, strict=True)
    )


def _channels_first(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.stack(crops).transpose(0, 3, 1, 2))


def _thinned(times: NDArray[np.float64], rate: float) -> NDArray[np.intp]:
    """Return the first frame of each step of 1 / rate."""
    if len(times) == 0:
        return np.empty(0, np.intp)
    step = np.floor((times - times[0]) * rate + 1e-6).astype(np.intp)
    kept: NDArray[np.intp] = np.unique(step, return_index=True)[1]
    return kept

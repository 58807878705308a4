"""Turn frames into the three inputs of paper 003, and a video into runs of four."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, Literal, TypeVar

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

_LARGEST_STEP: Final = 1.5 + 1e-6
_ROUNDING: Final = 1e-6

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Crops:
    """What the networks see of T frames.

    Attributes:
        face: (T, 3, 128, 128) uint8 RGB.
        eyes: Eyes and brows, (T, 3, 40, 120) uint8 RGB.
        mouth: (T, 3, 40, 120) uint8 RGB.
        points: Landmarks (T, 478, 2) float32 in the face's picture, -1 to 1 across it.
        faceless: Frames in which the detector found no face; there the landmarks say where it is.
    """

    face: NDArray[np.uint8]
    eyes: NDArray[np.uint8]
    mouth: NDArray[np.uint8]
    points: NDArray[np.float32]
    faceless: int


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
    faces, eyes, mouths, placed, faceless = [], [], [], [], 0
    for picture, mesh in zip(pictures, landmarks, strict=True):
        points = landmarks49(mesh)
        found = viola_jones(picture) if detector == "viola_jones" else face_box(mesh)
        faceless += found is None
        box = found or face_box(mesh)
        faces.append(face_crop(picture, box))
        placed.append((mesh[:, :2] - (box.left, box.top)) / (box.width, box.height) * 2 - 1)
        eyes.append(strip(picture, eye_brow_box(points)))
        mouths.append(strip(picture, mouth_box(points)))
    return Crops(
        face=_channels_first(faces),
        eyes=_channels_first(eyes),
        mouth=_channels_first(mouths),
        points=np.stack(placed).astype(np.float32),
        faceless=faceless,
    )


class Runs(Generic[Item]):
    """Gathers runs of four consecutive frames of a video as they come; runs do not overlap.

    Frames that come faster than the rate are thinned out to it. A frame without a face ends a run,
    and so does a gap of more than one and a half steps ([003] section IV-A, D3-14); a video of
    fewer than 4 frames a second has no run.
    """

    def __init__(self) -> None:
        """Begin a video."""
        self._run: list[tuple[float, Item]] = []
        self._began: float | None = None
        self._step = -1

    def add(self, seconds: float, frame: Item | None) -> tuple[tuple[float, Item], ...] | None:
        """Return the run that a frame completes, with the frames' times, or None.

        Args:
            seconds: When it is shown; later than the frame before.
            frame: What is kept of it; None if it shows no face.
        """
        self._began = seconds if self._began is None else self._began
        step = int((seconds - self._began) * FRAMES_PER_SECOND + _ROUNDING)
        if step == self._step:
            return None
        self._step = step
        if self._run and (seconds - self._run[-1][0]) * FRAMES_PER_SECOND > _LARGEST_STEP:
            self._run = []
        if frame is None:
            self._run = []
            return None
        self._run.append((seconds, frame))
        if len(self._run) < LENGTH:
            return None
        found, self._run = tuple(self._run), []
        return found


def _channels_first(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(np.stack(crops).transpose(0, 3, 1, 2))

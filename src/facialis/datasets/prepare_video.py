"""Frames of recordings, taken at a rate and kept as pictures."""

from __future__ import annotations

import math
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.datasets.reading import is_photo
from facialis.datasets.sequences import time_step
from facialis.errors import InputError, OutputError, printable
from facialis.report.files import make_directory, replace_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from facialis.datasets.sample import Sample

QUALITY: Final = 95
"""JPEG quality of the pictures that a preparation makes."""

_TURNS: Final = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}


def extracted_frames(sample: Sample, folder: Path, rate: float) -> list[Sample]:
    """Write frames of a recording as JPEG and return them as samples.

    The folder appears when all of its frames are there; if it is there already, its frames are
    taken as they are.

    Args:
        sample: The recording.
        folder: Where its frames go, a folder of its own.
        rate: Frames per second to take.

    Returns:
        A sample a frame, numbered as in the recording, in order.

    Raises:
        InputError: If the recording cannot be decoded, or does not say how fast it is.
        OutputError: If a frame cannot be written.
    """
    if not folder.is_dir():
        _extract(sample.path, folder, rate)
    fps = frame_rate(sample.path)
    return [
        replace(sample, path=path, frame=int(path.stem), rate=fps)
        for path in sorted(each for each in folder.iterdir() if is_photo(each))
    ]


def frame_rate(recording: Path) -> float:
    """Return the frames per second that a recording states.

    Raises:
        InputError: If it cannot be opened, or does not say.
    """
    capture = _opened(recording)
    fps = float(capture.get(cv2.CAP_PROP_FPS))
    capture.release()
    if not (math.isfinite(fps) and fps > 0):
        raise InputError(recording, "does not say how fast it is", "convert it to MP4")
    return fps


def as_jpeg(pixels: NDArray[np.uint8]) -> bytes:
    """Return a picture (H, W, 3) uint8 RGB as the bytes of a JPEG file."""
    bgr = cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data.tobytes()


def _extract(recording: Path, folder: Path, rate: float) -> None:
    fps = frame_rate(recording)
    partial = folder.with_name(folder.name + ".partial")
    make_directory(partial)
    count = 0
    for number, pixels in _wanted(recording, fps, rate):
        replace_file(partial / f"{number:06d}.jpg", as_jpeg(pixels))
        count += 1
    try:
        if count == 0:
            shutil.rmtree(partial)
            raise InputError(recording, "has no frames that can be decoded", "convert it to MP4")
        partial.rename(folder)
    except OSError as error:
        raise OutputError(
            f"{printable(folder)}: cannot be written ({error.strerror}); choose another folder."
        ) from error


def _wanted(recording: Path, fps: float, rate: float) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Give the number and RGB pixels of each frame to keep, upright."""
    capture = _opened(recording)
    turn = _TURNS.get(round(capture.get(cv2.CAP_PROP_ORIENTATION_META)) % 360)
    number, last = 0, -1
    while capture.grab():
        step = time_step(number, fps, rate)
        if step > last:
            is_whole, bgr = capture.retrieve()
            if is_whole:
                rgb = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
                yield number, np.asarray(rgb if turn is None else cv2.rotate(rgb, turn), np.uint8)
                last = step
        number += 1
    capture.release()


def _opened(recording: Path) -> cv2.VideoCapture:
    capture = cv2.VideoCapture(str(recording))
    if not capture.isOpened():
        raise InputError(recording, "cannot be decoded as a recording", "convert it to MP4")
    capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0)
    return capture

"""What the fusion says of a video, while it is read; the movement is not known to it.

It learned from photographs. A frame that it answers is therefore landmarked anew as they are, in
both orientations, while a video is followed in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.face.search import read_close_up
from facialis.grading.method_answers import levelled
from facialis.grading.over_movements import LevelCourse, level_course
from facialis.methods.answers import Face
from facialis.methods.multimodal_fusion import answer as fusion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.face.tracking import Sighting

APART: Final = 0.1
"""Least seconds from one frame that is answered to the next."""
_ROUNDING: Final = 1e-6


class VideoFusion:
    """Levels of the frames of a video."""

    def __init__(self) -> None:
        """Begin a video."""
        self._seconds: list[float] = []
        self._levels: list[NDArray[np.float32]] = []

    def see(self, sighting: Sighting) -> None:
        """Take the next frame.

        Raises:
            WeightsError: A network is missing or damaged.
        """
        if not sighting.usable or sighting.points is None:
            return
        if self._seconds and sighting.seconds - self._seconds[-1] < APART - _ROUNDING:
            return
        read = read_close_up(sighting.pixels, sighting.points)
        if read is None:
            return
        self._seconds.append(sighting.seconds)
        self._levels.append(fusion.levels(levelled(Face(sighting.pixels, read.points))))

    def course(self, source: str) -> LevelCourse | None:
        """Return the level over time; None if no frame could be measured.

        Args:
            source: The video's name.
        """
        if not self._seconds:
            return None
        return level_course(source, np.array(self._seconds), np.array(self._levels))

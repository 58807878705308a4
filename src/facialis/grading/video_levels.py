"""What the method that looks at sequences of frames says of a video, while it is read.

It learned from frames that were landmarked in both orientations. The frames of a run are therefore
read anew in this way, while a video is followed in one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from facialis.face.search import read_close_up
from facialis.grading.combined import is_own
from facialis.grading.cuts import even_odds, shipped_cuts
from facialis.grading.method_answers import MethodAnswer, levelled
from facialis.grading.over_movements import LevelCourse
from facialis.methods import card
from facialis.methods.answers import Face
from facialis.methods.multimodal_fusion.prepare import LEVELS
from facialis.methods.phcnn_lstm import answer as sequences
from facialis.methods.phcnn_lstm.prepare import FRAMES_PER_SECOND, LENGTH, Runs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from facialis.face.tracking import Sighting
    from facialis.methods.answers import Floats


class VideoLevels:
    """Levels of the runs of four frames of a video."""

    def __init__(self) -> None:
        """Begin a video."""
        self._cuts = None if is_own(sequences.NAME) else shipped_cuts(sequences.NAME)
        self._runs: Runs[Face] = Runs()
        self._middles: list[float] = []
        self._levels: list[Floats] = []

    def see(self, sighting: Sighting) -> None:
        """Take the next frame, and grade the run that it completes.

        Raises:
            WeightsError: A network is missing or damaged.
        """
        face = None
        if sighting.usable and sighting.points is not None:
            face = Face(sighting.pixels, sighting.points)
        run = self._runs.add(sighting.seconds, face)
        if run is None:
            return
        faces = [face for _, each in run if (face := _read_anew(each)) is not None]
        if len(faces) < len(run):
            return
        levels = sequences.answer([levelled(each) for each in faces])
        self._middles.append((run[0][0] + run[-1][0]) / 2)
        if self._cuts is not None:
            levels = even_odds(levels, self._cuts.palsy_share)
        self._levels.append(levels)

    def course(self, source: str) -> LevelCourse | None:
        """Return the level over time; None if there was no run.

        Args:
            source: The video's name.
        """
        if not self._middles:
            return None
        columns = np.array(self._levels).T.tolist()
        return LevelCourse(
            source=source,
            step=LENGTH / FRAMES_PER_SECOND,
            seconds=tuple(self._middles),
            level_probability={
                name: tuple(column) for name, column in zip(LEVELS, columns, strict=True)
            },
        )

    def within(self, start: float, end: float) -> MethodAnswer | None:
        """Return the mean of the runs whose middle lies in a movement; None if none does.

        Args:
            start: Of the movement, seconds.
            end: Likewise.
        """
        return self._mean(self._inside(start, end))

    def outside(self, spans: Iterable[tuple[float, float]]) -> MethodAnswer | None:
        """Return the mean of the runs that lie in no movement; None if all do.

        Args:
            spans: Start and end of each movement, seconds.
        """
        chosen = np.ones(len(self._middles), np.bool_)
        for span in spans:
            chosen &= ~self._inside(*span)
        return self._mean(chosen)

    def _inside(self, start: float, end: float) -> NDArray[np.bool_]:
        middles = np.array(self._middles)
        return (start <= middles) & (middles <= end)

    def _mean(self, chosen: NDArray[np.bool_]) -> MethodAnswer | None:
        if not chosen.any():
            return None
        mean = np.array(self._levels)[chosen].mean(axis=0)
        levels = dict(zip(LEVELS, mean.tolist(), strict=True))
        return MethodAnswer(
            title=card(sequences.NAME).title,
            palsy_probability=float(1 - mean[0]),
            level_probability=levels,
            levels=() if self._cuts is None else self._cuts.kept(levels),
        )


def _read_anew(face: Face) -> Face | None:
    """Return a face of a video landmarked as photographs are, or None if it is not seen there."""
    read = read_close_up(face.picture, face.points)
    return None if read is None else face._replace(points=read.points)

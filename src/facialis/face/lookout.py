"""Keep faces of a recording in view: where to look, how closely, and which way up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.errors import NoFaceError
from facialis.face.landmarks import default_landmarker, interocular
from facialis.face.search import find_faces
from facialis.face.view import View, middle_of
from facialis.media.frame import Frame

if TYPE_CHECKING:
    from collections.abc import Iterator

    from facialis.face.tracking_landmarker import TrackingLandmarker
    from facialis.media.video import TimedFrame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

_FIRST_SEARCH_AFTER, _LONGEST_PAUSE = 0.2, 8.0
_LOOK_AROUND_EVERY: Final = 1.0
_OTHER_FACE_BEYOND: Final = 1.8
_LEAST_BOX: Final = 0.5
_MOST_DOUBTS: Final = 2
_TURNS_AFTER: Final = 4.0


class Lookout:
    """Finds faces frame by frame, and searches thoroughly where tracking sees none.

    Args:
        landmarker: What follows faces; not shared.
    """

    def __init__(self, landmarker: TrackingLandmarker) -> None:
        """Begin with the whole frame, as it is."""
        self.view = View()
        self._landmarker = landmarker
        self._pause = 0.0
        self._search_at: float | None = None
        self._seen_at: float | None = None
        self._around_at = -np.inf
        self._around, self._doubts = 0, 0

    def start_anew(self) -> None:
        """Forget everything, as at the beginning of another shot."""
        self._landmarker.restart()
        self.view, self._pause, self._search_at = View(), 0.0, None
        self._seen_at = None
        self._around_at, self._around, self._doubts = -np.inf, 0, 0

    def faces(self, frame: TimedFrame) -> list[Points]:
        """Return the faces (478, 3) in view, in pixels of the frame."""
        if self._search_at is None:
            self._search(frame)
        found = self._in_view(frame.pixels)
        if not found and self._search_at is not None and frame.seconds >= self._search_at:
            self._search(frame)
            found = self._in_view(frame.pixels)
        if found:
            self._pause, self._search_at = 0.0, frame.seconds + _FIRST_SEARCH_AFTER
            self._seen_at = frame.seconds
        return found

    def keep_in_view(self, face: Points, pixels: Pixels) -> None:
        """Look at another part of the frame if a face is about to leave the part in view."""
        if not self.view.suits(face):
            height, width = pixels.shape[:2]
            self.view = View.of(face, width, height)
            self._landmarker.restart()

    def others_around(self, face: Points | None, frame: TimedFrame) -> int:
        """Return how many other faces there are in the whole frame, looked for now and then.

        The tracking landmarker overlooks faces that are small in what it sees.
        """
        if face is None:
            return 0
        if frame.seconds >= self._around_at + _LOOK_AROUND_EVERY:
            self._around_at = frame.seconds
            self._look_around(face, frame)
        return self._around

    def _look_around(self, face: Points, frame: TimedFrame) -> None:
        """Count other faces, and search anew if the detector does not see the one that is followed.

        A half-covered face may have been taken for one upside down.
        """
        eyes, middles = interocular(face), [middle_of(face)]
        is_confirmed = False
        for view in _views_around(self.view.turn, *frame.pixels.shape[1::-1]):
            for box in default_landmarker().boxes(view.seen(frame.pixels)):
                middle = _in_frame(box, view, frame.pixels)
                away = min(float(np.linalg.norm(middle - other)) for other in middles)
                is_confirmed |= bool(np.linalg.norm(middle - middles[0]) < eyes)
                if away > _OTHER_FACE_BEYOND * eyes and box[2] - box[0] > _LEAST_BOX * eyes:
                    middles.append(middle)
        self._around = len(middles) - 1
        self._doubts = 0 if is_confirmed else self._doubts + 1
        if self._doubts >= _MOST_DOUBTS:
            self._seen_at, self._doubts = None, 0
            self._search(frame)

    def _in_view(self, pixels: Pixels) -> list[Points]:
        height, width = pixels.shape[:2]
        found = self._landmarker.faces(self.view.seen(pixels))
        return [self.view.to_frame(points, width, height) for points in found]

    def _search(self, frame: TimedFrame) -> None:
        """Search the whole frame, turned every way; after each time in vain wait twice as long."""
        self._pause = min(_LONGEST_PAUSE, max(_FIRST_SEARCH_AFTER, 2 * self._pause))
        self._search_at = frame.seconds + self._pause
        try:
            largest = find_faces(Frame.from_array(frame.pixels))[0]
        except NoFaceError:
            return
        height, width = frame.pixels.shape[:2]
        view = View.of(largest.points, width, height)
        # Within a shot nobody turns upside down; what is left of a covered face may look so.
        is_new = self._seen_at is None or frame.seconds - self._seen_at > _TURNS_AFTER
        if view != self.view and (is_new or view.turn == self.view.turn):
            self.view = view
            self._landmarker.restart()


def _views_around(turn: int, width: int, height: int) -> Iterator[View]:
    """Yield the whole frame, and the squares at its ends, in which faces are larger."""
    side = min(width, height)
    yield View(turn)
    yield View(turn, 0, 0, side)
    yield View(turn, width - side, height - side, side)


def _in_frame(box: Points, view: View, pixels: Pixels) -> Points:
    """Return the middle (2,) of a box (4,) of a view, in pixels of the frame."""
    middle = np.append((box[:2] + box[2:]) / 2, 0.0)[None]
    return view.to_frame(middle, pixels.shape[1], pixels.shape[0])[0, :2]

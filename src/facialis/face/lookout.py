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
    from facialis.face.tracking_landmarker import TrackingLandmarker
    from facialis.media.video import TimedFrame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

_FIRST_SEARCH_AFTER, _LONGEST_PAUSE = 0.2, 8.0
_LOOK_AROUND_EVERY: Final = 1.0
_OTHER_FACE_BEYOND: Final = 2.0


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
        self._around_at = -np.inf
        self._around = 0

    def start_anew(self) -> None:
        """Forget everything, as at the beginning of another shot."""
        self._landmarker.restart()
        self.view, self._pause, self._search_at = View(), 0.0, None
        self._around_at, self._around = -np.inf, 0

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
        return found

    def keep_in_view(self, face: Points, pixels: Pixels) -> None:
        """Look at another part of the frame if a face is about to leave the part in view."""
        if not self.view.suits(face):
            height, width = pixels.shape[:2]
            self.view = View.of(face, width, height)
            self._landmarker.restart()

    def others_around(self, face: Points | None, frame: TimedFrame) -> int:
        """Return how many other faces lie outside the part in view, looked for now and then."""
        if face is None or self.view.side == 0 or self.view.turn:
            return 0
        if frame.seconds >= self._around_at + _LOOK_AROUND_EVERY:
            self._around_at = frame.seconds
            middle, far = middle_of(face), _OTHER_FACE_BEYOND * interocular(face)
            boxes = default_landmarker().boxes(np.ascontiguousarray(frame.pixels))
            self._around = sum(
                1 for b in boxes if np.linalg.norm((b[:2] + b[2:]) / 2 - middle) > far
            )
        return self._around

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
        if view != self.view:
            self.view = view
            self._landmarker.restart()

"""MediaPipe's landmarker in the mode that follows faces from frame to frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import numpy as np
from numpy.typing import NDArray

from facialis.errors import InstallationError
from facialis.face.landmarks import landmarks_in
from facialis.face.quiet import native_stderr_silenced

if TYPE_CHECKING:
    from types import TracebackType

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

MOST_PEOPLE: Final = 2
"""Faces that are followed: the patient's, and another so that a second person is noticed."""

_SETTLING: Final = 3
"""How often the first frame with a face is read again. The first landmarks come from a detection,
1.4 % of the interocular distance from where tracking settles; then they are as steady as later."""

_BLANK: Final = np.zeros((64, 64, 3), np.uint8)


class TrackingLandmarker:
    """MediaPipe 0.10.21 Face Mesh with attention in tracking mode, in one orientation.

    Where a face was seen in one frame it is landmarked in the next, which halves the jitter of
    static landmarks. An object belongs to one thread.
    """

    name = "mediapipe-0.10.21-facemesh-tracking"

    def __init__(self) -> None:
        """Start the graph.

        Raises:
            InstallationError: MediaPipe or a system library that it needs is missing.
        """
        try:
            with native_stderr_silenced():
                # Imported here so that a missing system library becomes a sentence.
                from mediapipe.python.solutions.face_mesh import FaceMesh  # noqa: PLC0415

                self._graph = FaceMesh(
                    static_image_mode=False, max_num_faces=MOST_PEOPLE, refine_landmarks=True
                )
                self._graph.process(_BLANK)
        except ImportError as error:
            raise InstallationError(
                f"The face landmarker cannot start ({error}); install the system libraries it "
                "needs: apt-get install libgl1 libglib2.0-0."
            ) from error
        self._is_fresh = True
        self._has_found_a_face = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the graph."""
        self._graph.close()

    def restart(self) -> None:
        """Forget where faces were, as at the beginning of another shot."""
        if not self._is_fresh:
            with native_stderr_silenced():
                self._graph.reset()
                self._graph.process(_BLANK)
            self._is_fresh, self._has_found_a_face = True, False

    def faces(self, pixels: Pixels) -> list[Points]:
        """Return the faces (478, 3) of the next frame (H, W, 3) RGB, in its pixels."""
        self._is_fresh = False
        if self._has_found_a_face:
            return landmarks_in(self._graph, pixels)
        # The graph writes to the terminal once more when it first finds a face.
        with native_stderr_silenced():
            found = landmarks_in(self._graph, pixels)
        self._has_found_a_face = bool(found)
        for _ in range(_SETTLING if found else 0):
            found = landmarks_in(self._graph, pixels)
        return found

"""The 478 landmarks of a face, and what finds them in a picture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, lru_cache
from threading import Lock
from typing import Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.errors import InstallationError
from facialis.face.mesh import LEFT_OUTER_CANTHUS, RIGHT_OUTER_CANTHUS
from facialis.face.quiet import native_stderr_silenced

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FaceLandmarks:
    """The landmarks of one face.

    Attributes:
        points: (478, 3) x right, y down, z away from the camera, pixels of the frame.
        spread: (478,) distance in pixels between the two orientations' landmarks; zero where only
            one orientation found the face.
        orientations: How many orientations found the face, 1 or 2.
    """

    points: Points
    spread: Points
    orientations: int

    @property
    def interocular(self) -> float:
        """Distance of the outer corners of the eyes in pixels, in three dimensions."""
        return interocular(self.points)

    @property
    def disagreement(self) -> float:
        """Median distance between the orientations, in interocular distances."""
        return float(np.median(self.spread)) / self.interocular


class Landmarker(Protocol):
    """What finds faces in one picture, in the picture's own orientation."""

    name: str

    def in_both_orientations(self, pixels: Pixels) -> tuple[list[Points], list[Points]]:
        """Return the faces (478, 3) of a picture and of its mirror image, each in its pixels."""
        ...

    def boxes(self, pixels: Pixels) -> list[Points]:
        """Return boxes (4,) x0, y0, x1, y1 of faces, small ones among them, that it is sure of."""
        ...


def interocular(points: Points) -> float:
    """Return the distance between the outer corners of the eyes."""
    return float(np.linalg.norm(points[LEFT_OUTER_CANTHUS] - points[RIGHT_OUTER_CANTHUS]))


def in_plane_rotation(points: Points) -> float:
    """Return the angle in degrees by which the line of the eyes is turned clockwise on screen."""
    dx, dy = (points[LEFT_OUTER_CANTHUS] - points[RIGHT_OUTER_CANTHUS])[:2]
    return float(np.degrees(np.arctan2(dy, dx)))


class MediaPipeLandmarker:
    """MediaPipe 0.10.21 Face Mesh with attention, its models taken from the installed package.

    Two graphs run side by side, one for each orientation, each in a thread of its own.
    """

    name = "mediapipe-0.10.21-facemesh"

    def __init__(self, *, most_faces: int = 12) -> None:
        """Start the two graphs.

        Raises:
            InstallationError: MediaPipe or a system library that it needs is missing.
        """
        try:
            with native_stderr_silenced():
                # Imported here so that a missing system library becomes a sentence.
                from mediapipe.python.solutions.face_mesh import FaceMesh  # noqa: PLC0415

                blank = np.zeros((64, 64, 3), np.uint8)
                self._graphs: list[Any] = []
                for _ in range(2):
                    graph = FaceMesh(
                        static_image_mode=True, max_num_faces=most_faces, refine_landmarks=True
                    )
                    graph.process(blank)
                    self._graphs.append(graph)
        except ImportError as error:
            raise InstallationError(
                f"The face landmarker cannot start ({error}); install the system libraries it "
                "needs: apt-get install libgl1 libglib2.0-0."
            ) from error
        self._threads = [ThreadPoolExecutor(1, "facialis-landmarks") for _ in range(2)]
        self._has_found_a_face = False

    def in_both_orientations(self, pixels: Pixels) -> tuple[list[Points], list[Points]]:
        """Return the faces of a picture and of its mirror image."""
        if self._has_found_a_face:
            return self._both(pixels)
        # The graphs write to the terminal once more when they first find a face.
        with native_stderr_silenced():
            found, mirrored = self._both(pixels)
            self._has_found_a_face = bool(found and mirrored)
        return found, mirrored

    def boxes(self, pixels: Pixels) -> list[Points]:
        """Return boxes of faces from MediaPipe's full-range detector, down to 2 % of the width."""
        height, width = pixels.shape[:2]
        with native_stderr_silenced():
            found = self._full_range.process(pixels).detections or []
        boxes = [d.location_data.relative_bounding_box for d in found]
        edges = [(b.xmin, b.ymin, b.xmin + b.width, b.ymin + b.height) for b in boxes]
        size = np.array([width, height, width, height], np.float64)
        return [np.array(e, np.float64) * size for e in edges]

    @cached_property
    def _full_range(self) -> Any:
        from mediapipe.python.solutions.face_detection import FaceDetection  # noqa: PLC0415

        return FaceDetection(model_selection=1, min_detection_confidence=0.5)

    def _both(self, pixels: Pixels) -> tuple[list[Points], list[Points]]:
        seen = [pixels, cv2.flip(pixels, 1).astype(np.uint8, copy=False)]
        waiting = [
            thread.submit(landmarks_in, graph, picture)
            for thread, graph, picture in zip(self._threads, self._graphs, seen, strict=True)
        ]
        found, mirrored = (w.result() for w in waiting)
        return found, mirrored


def landmarks_in(graph: Any, pixels: Pixels) -> list[Points]:
    """Return the faces (478, 3) that a Face Mesh graph finds in a picture, in its pixels."""
    height, width = pixels.shape[:2]
    faces = graph.process(pixels).multi_face_landmarks or []
    return [_coordinates(face) * [width, height, width] for face in faces]


_OCTETS_OF_A_LANDMARK: Final = 17


def _coordinates(face: Any) -> Points:
    """Return the landmarks (478, 3) of a message, from 0 to 1.

    Reading the fields one by one in Python takes ten times as long as reading the message's bytes:
    each landmark is a tag, a length and three fields of a tag and four bytes.
    """
    octets = face.SerializeToString()
    count = len(face.landmark)
    if len(octets) != _OCTETS_OF_A_LANDMARK * count:
        return np.array([(p.x, p.y, p.z) for p in face.landmark])
    fields = np.frombuffer(octets, np.uint8).reshape(count, _OCTETS_OF_A_LANDMARK)[:, 2:]
    values = fields.reshape(count, 3, 5)[:, :, 1:]
    return np.ascontiguousarray(values).view("<f4")[:, :, 0].astype(np.float64)


def default_landmarker() -> MediaPipeLandmarker:
    """Return the landmarker of this process, started at its first use."""
    with _STARTING:
        return _the_landmarker()


_STARTING = Lock()


@lru_cache(maxsize=1)
def _the_landmarker() -> MediaPipeLandmarker:
    return MediaPipeLandmarker()

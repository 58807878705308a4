"""Find faces and their 478 landmarks, each photograph read in both orientations.

The landmarker is not mirror-equivariant: it moves by about 1 % of the interocular distance when
the picture is mirrored. Every face is therefore landmarked in the picture and in its mirror image
and the two are averaged through the mirror map, which makes every result exactly equivariant; their
disagreement is kept as a measure of uncertainty.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.errors import InstallationError, NoFaceError
from facialis.face.mesh import LEFT_OUTER_CANTHUS, MIRROR, RIGHT_OUTER_CANTHUS
from facialis.face.quiet import native_stderr_silenced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

MINIMUM_INTEROCULAR_PX: Final = 24
"""Smallest distance between the outer corners of the eyes, in pixels, that is looked for."""

_WORKING_SIDE: Final = 1280
_SHARP_INTEROCULAR_PX: Final = 100
_LEVEL_WITHIN_DEG: Final = 15.0
_DOUBTFUL_DISAGREEMENT: Final = 0.022
_CROP_IN_INTEROCULARS: Final = 3.4
_SAME_FACE_WITHIN: Final = 0.5
_OTHER_FACE_BEYOND: Final = 1.2
_GREY: Final = (128, 128, 128)


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

    def _both(self, pixels: Pixels) -> tuple[list[Points], list[Points]]:
        seen = [pixels, cv2.flip(pixels, 1).astype(np.uint8, copy=False)]
        waiting = [
            thread.submit(_run, graph, picture)
            for thread, graph, picture in zip(self._threads, self._graphs, seen, strict=True)
        ]
        found, mirrored = (w.result() for w in waiting)
        return found, mirrored


def _run(graph: Any, pixels: Pixels) -> list[Points]:
    height, width = pixels.shape[:2]
    faces = graph.process(pixels).multi_face_landmarks or []
    return [
        np.array([(p.x * width, p.y * height, p.z * width) for p in face.landmark])
        for face in faces
    ]


def default_landmarker() -> MediaPipeLandmarker:
    """Return the landmarker of this process, started at its first use."""
    with _STARTING:
        return _the_landmarker()


_STARTING = Lock()


@lru_cache(maxsize=1)
def _the_landmarker() -> MediaPipeLandmarker:
    return MediaPipeLandmarker()


def find_faces(frame: Frame, landmarker: Landmarker | None = None) -> tuple[FaceLandmarks, ...]:
    """Return every face of a frame, the largest first.

    Where the picture as it is shows no face it is tried again with a border (tight crops), in
    enlarged parts (small faces) and turned by quarter turns; a face that lies tilted is landmarked
    again after levelling.

    Args:
        frame: The picture, unmirrored.
        landmarker: Another landmarker than MediaPipe's.

    Raises:
        NoFaceError: No face was found.
    """
    finder = _Finder(frame.pixels, landmarker or default_landmarker())
    faces = finder.search()
    faces = [f for f in faces if f.interocular >= MINIMUM_INTEROCULAR_PX * min(1.0, frame.scale)]
    if not faces:
        raise NoFaceError(
            frame.name,
            "no face was found",
            "use a photograph that shows the whole face from the front, at least "
            f"{MINIMUM_INTEROCULAR_PX} pixels between the outer corners of the eyes",
        )
    return tuple(sorted(faces, key=lambda f: -f.interocular))


class _Finder:
    """The search for faces in one picture."""

    def __init__(self, pixels: Pixels, landmarker: Landmarker) -> None:
        self.pixels = pixels
        self.landmarker = landmarker
        self.factor = -(-max(pixels.shape[:2]) // _WORKING_SIDE)

    def search(self) -> list[FaceLandmarks]:
        working, back = _shrunk(self.pixels, self.factor)
        faces = self._both(working, back)
        if any(_is_doubtful(f) for f in faces):
            faces += self._turned()
        for retry in (self._bordered, self._enlarged_parts, self._turned):
            if faces:
                break
            faces = retry()
        return [self._refined(f) for f in _distinct(faces)]

    def _both(self, picture: Pixels, to_frame: NDArray[np.float64]) -> list[FaceLandmarks]:
        """Landmark a picture and its mirror image; `to_frame` (2, 3) leads back to the frame."""
        found, mirrored = self.landmarker.in_both_orientations(picture)
        width = picture.shape[1]
        back = [(m * [-1, 1, 1] + [width, 0, 0])[MIRROR] for m in mirrored]
        return [_carried(f, to_frame) for f in _paired(found, back)]

    def _refined(self, face: FaceLandmarks) -> FaceLandmarks:
        """Landmark again, level and close up, a face that is tilted, small or seen only one way."""
        tilted = abs(in_plane_rotation(face.points)) > _LEVEL_WITHIN_DEG
        small = self.factor > 1 and face.interocular < self.factor * _SHARP_INTEROCULAR_PX
        if not (tilted or small or face.orientations == 1):
            return face
        again = self._close_up(face, in_plane_rotation(face.points))
        return again if again is not None else face

    def _close_up(self, face: FaceLandmarks, angle: float) -> FaceLandmarks | None:
        centre = (face.points[:, :2].min(axis=0) + face.points[:, :2].max(axis=0)) / 2
        eyes = face.interocular
        factor = max(1, int(eyes // (2 * _SHARP_INTEROCULAR_PX)))
        side = factor * max(64, round(_CROP_IN_INTEROCULARS * eyes / factor))
        middle = (float(centre[0]), float(centre[1]))
        there = np.asarray(cv2.getRotationMatrix2D(middle, angle, 1.0), np.float64)
        there[:, 2] += side / 2 - centre
        crop = cv2.warpAffine(
            self.pixels,
            _between_pixel_centres(there),
            (side, side),
            flags=cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=_GREY,
        )
        back = np.asarray(cv2.invertAffineTransform(there), np.float64)
        back[:, :2] *= factor
        faces = self._both(_shrunk(crop.astype(np.uint8, copy=False), factor)[0], back)
        near = [f for f in faces if _gap(f.points, face.points) < _SAME_FACE_WITHIN]
        return max(near, key=lambda f: (f.orientations, -f.disagreement), default=None)

    def _bordered(self) -> list[FaceLandmarks]:
        working, back = _shrunk(self.pixels, 2 * self.factor if self.factor > 1 else 1)
        found = []
        for share in (0.35, 1.0):
            edge = round(share * max(working.shape[:2]))
            picture = cv2.copyMakeBorder(
                working, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=_GREY
            )
            shifted = back.copy()
            shifted[:, 2] = -edge * np.diag(back[:, :2])
            found += self._both(picture.astype(np.uint8, copy=False), shifted)
        return found

    def _enlarged_parts(self) -> list[FaceLandmarks]:
        """Look for small faces in overlapping parts of the picture, each brought to one size."""
        height, width = self.pixels.shape[:2]
        found = []
        for parts in (2, 4):
            side = 2 * max(height, width) // (parts + 1)
            for y in _starts(height, side):
                for x in _starts(width, side):
                    part = self.pixels[y : y + side, x : x + side]
                    zoom = 512 / side
                    picture = cv2.resize(
                        part,
                        None,
                        fx=zoom,
                        fy=zoom,
                        interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC,
                    )
                    back = np.array([[1 / zoom, 0, x], [0, 1 / zoom, y]])
                    found += self._both(picture.astype(np.uint8), back)
            if found:
                break
        return found

    def _turned(self) -> list[FaceLandmarks]:
        working, back = _shrunk(self.pixels, self.factor)
        h, w = working.shape[:2]
        turns = {
            cv2.ROTATE_180: [[-1, 0, w], [0, -1, h], [0, 0, 1]],
            cv2.ROTATE_90_CLOCKWISE: [[0, 1, 0], [-1, 0, h], [0, 0, 1]],
            cv2.ROTATE_90_COUNTERCLOCKWISE: [[0, -1, w], [1, 0, 0], [0, 0, 1]],
        }
        found = []
        for turn, to_working in turns.items():
            picture = cv2.rotate(working, turn).astype(np.uint8, copy=False)
            found += self._both(picture, back @ np.array(to_working, np.float64))
        return found


def _shrunk(pixels: Pixels, factor: int) -> tuple[Pixels, NDArray[np.float64]]:
    """Average a picture to about 1 / `factor` of its size, in a way that commutes with mirroring.

    Returns:
        The smaller picture, and the map (2, 3) from its coordinates to those of `pixels`.
    """
    height, width = pixels.shape[:2]
    if factor == 1:
        return pixels, np.eye(2, 3)
    w, h = max(1, round(width / factor)), max(1, round(height / factor))
    small = cv2.resize(pixels, (w, h), interpolation=cv2.INTER_AREA)
    return small.astype(np.uint8, copy=False), np.array([[width / w, 0, 0], [0, height / h, 0]])


def _between_pixel_centres(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn a map between coordinates that count pixel edges into OpenCV's, which count centres."""
    shifted = affine.copy()
    shifted[:, 2] += affine[:, :2].sum(axis=1) / 2 - 0.5
    return shifted


def _starts(length: int, side: int) -> Sequence[int]:
    if side >= length:
        return (0,)
    count = 1 + -(-2 * (length - side) // side)
    return [round(i * (length - side) / (count - 1)) for i in range(count)]


def _carried(face: FaceLandmarks, affine: NDArray[np.float64]) -> FaceLandmarks:
    scale = float(np.sqrt(abs(np.linalg.det(affine[:, :2]))))
    points = np.column_stack(
        (face.points[:, :2] @ affine[:, :2].T + affine[:, 2], face.points[:, 2] * scale)
    )
    return FaceLandmarks(points, face.spread * scale, face.orientations)


def _paired(found: list[Points], back: list[Points]) -> list[FaceLandmarks]:
    """Join the faces of the two orientations; a face that only one of them saw is kept alone."""
    faces, alone = [], list(back)
    for a in found:
        gaps = [_gap(a, b) for b in alone]
        nearest = int(np.argmin(gaps)) if gaps else -1
        if nearest < 0 or gaps[nearest] > _SAME_FACE_WITHIN:
            faces.append(FaceLandmarks(a, np.zeros(len(a)), 1))
            continue
        twin = alone.pop(nearest)
        spread = np.linalg.norm(a[:, :2] - twin[:, :2], axis=1)
        faces.append(FaceLandmarks((a + twin) / 2, spread, 2))
    return faces + [FaceLandmarks(b, np.zeros(len(b)), 1) for b in alone]


def _gap(a: Points, b: Points) -> float:
    """Return the distance of two faces in interocular distances of the larger one."""
    apart = np.linalg.norm(a[:, :2].mean(axis=0) - b[:, :2].mean(axis=0))
    return float(apart) / max(interocular(a), interocular(b))


def _is_doubtful(face: FaceLandmarks) -> bool:
    """Whether the orientations disagree as they do on a face that lies upside down."""
    return face.orientations == 1 or face.disagreement > _DOUBTFUL_DISAGREEMENT


def _distinct(faces: list[FaceLandmarks]) -> list[FaceLandmarks]:
    """Keep the most consistent reading of each face."""
    kept: list[FaceLandmarks] = []
    for face in sorted(faces, key=lambda f: (-f.orientations, f.disagreement)):
        if all(_gap(face.points, other.points) > _OTHER_FACE_BEYOND for other in kept):
            kept.append(face)
    return kept

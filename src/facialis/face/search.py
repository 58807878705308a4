"""Find every face of a picture and landmark it in both orientations.

The landmarker is not mirror-equivariant: it moves by about 1 % of the interocular distance when
the picture is mirrored. Every face is therefore landmarked in the picture and in its mirror image
and the two are averaged through the mirror map, which makes every result exactly equivariant; their
disagreement is kept as a measure of uncertainty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from facialis.errors import NoFaceError
from facialis.face.landmarks import (
    FaceLandmarks,
    Landmarker,
    default_landmarker,
    in_plane_rotation,
    interocular,
)
from facialis.face.mesh import MIRROR
from facialis.face.shrinking import odd_factor, shrunk

if TYPE_CHECKING:
    from facialis.media.photo import Frame

Pixels = NDArray[np.uint8]
Points = NDArray[np.float64]

MINIMUM_INTEROCULAR_PX: Final = 24
"""Smallest distance between the outer corners of the eyes, in pixels, that is looked for."""

_WORKING_SIDE: Final = 1920
_SHARP_INTEROCULAR_PX: Final = 100
_LEVEL_WITHIN_DEG: Final = 15.0
_DOUBTFUL_DISAGREEMENT: Final = 0.022
_PHANTOM_DISAGREEMENT: Final = 0.06
_PORTRAIT_FROM: Final = 0.08
_PART, _SMALLEST_PART, _OVERLAP = 800, 320, 120
_CROP_IN_INTEROCULARS: Final = 3.4
_BOX_IN_INTEROCULARS: Final = 1.6
_SAME_FACE_WITHIN: Final = 0.5
_OTHER_FACE_BEYOND: Final = 1.2
_FURTHER_READINGS: Final = ((-12.0, 1.0), (12.0, 1.0), (0.0, 0.85), (0.0, 1.15))
_SAMPLING: Final = 32
_LEAST_OF_SQUARE: Final = 0.25
_GREY: Final = (128, 128, 128)


def find_faces(
    frame: Frame, landmarker: Landmarker | None = None, *, every: bool = False
) -> tuple[FaceLandmarks, ...]:
    """Return the faces of a frame, the largest first.

    A picture that shows no face as it is, is tried again with a border (tight crops), with a
    detector of small faces, and turned by quarter turns. A face that lies tilted is landmarked
    again after levelling. What neither landmarks steadily nor is confirmed by the detector is not
    taken for a face.

    Args:
        frame: The picture, unmirrored.
        landmarker: Another landmarker than MediaPipe's.
        every: Look for small faces beside a large one, too.

    Raises:
        NoFaceError: No face was found.
    """
    finder = _Finder(frame.pixels, landmarker or default_landmarker())
    smallest = MINIMUM_INTEROCULAR_PX * min(1.0, frame.scale)
    faces = [f for f in finder.search(every=every) if f.interocular >= smallest]
    if not faces:
        raise NoFaceError(
            frame.name,
            "no face was found",
            "use a photograph that shows the whole face from the front, at least "
            f"{MINIMUM_INTEROCULAR_PX} pixels between the outer corners of the eyes",
        )
    return tuple(sorted(faces, key=lambda f: -f.interocular))


def read_again(
    frame: Frame, face: FaceLandmarks, landmarker: Landmarker | None = None
) -> FaceLandmarks:
    """Return the mean of a face's landmarks and of four further readings of it.

    The face is landmarked in squares around it that are turned by 12° either way, and that are
    smaller and larger: what the landmarker adds of its own averages out.

    Args:
        frame: The picture.
        face: The face in it.
        landmarker: Another landmarker than MediaPipe's.
    """
    finder = _Finder(frame.pixels, landmarker or default_landmarker())
    angle = in_plane_rotation(face.points)
    readings = [face]
    for turn, size in _FURTHER_READINGS:
        seen = finder.near(face, finder.close_up(face, angle + turn, size))
        readings += [seen] if seen is not None else []
    return FaceLandmarks(
        np.mean([r.points for r in readings], axis=0),
        np.mean([r.spread for r in readings], axis=0),
        face.orientations,
    )


def read_close_up(
    pixels: Pixels, points: Points, landmarker: Landmarker | None = None
) -> FaceLandmarks | None:
    """Return a face whose place is known as a photograph's is read: level, in both orientations.

    None if it is not seen there.

    Args:
        pixels: The picture (H, W, 3), RGB.
        points: Landmarks (478, 3) of the face, pixels of the picture.
        landmarker: Another landmarker than MediaPipe's.
    """
    finder = _Finder(pixels, landmarker or default_landmarker())
    face = FaceLandmarks(points, np.zeros(len(points)), 1)
    return finder.near(face, finder.close_up(face, in_plane_rotation(points)))


class _Finder:
    """The search for faces in one picture."""

    def __init__(self, pixels: Pixels, landmarker: Landmarker) -> None:
        self.pixels = pixels
        self.landmarker = landmarker
        self.factor = odd_factor(max(pixels.shape[:2]) / _WORKING_SIDE)
        self.working, self.to_frame = shrunk(pixels, self.factor)

    def search(self, *, every: bool) -> list[FaceLandmarks]:
        faces = self._both(self.working, self.to_frame)
        if any(_is_doubtful(f) for f in faces):
            faces += self._turned()
        portrait = _PORTRAIT_FROM * max(self.pixels.shape[:2])
        large = [f for f in faces if f.interocular > portrait]
        if every or not large:
            # A face that is large and steady keeps its reading, whoever else is looked for.
            steady = [f for f in large if not _is_doubtful(f)]
            faces += [f for f in self._small() if _is_another(f, steady)]
        for retry in (self._bordered, self._turned):
            if any(f.interocular >= MINIMUM_INTEROCULAR_PX for f in faces):
                break
            faces += retry()
        read = _distinct([self._refined(f) for f in self._believed(_distinct(faces))])
        read = [f for f in read if f.disagreement < _PHANTOM_DISAGREEMENT] or read
        # What even close up only one orientation sees, beside a face that both see, is no face.
        return [f for f in read if f.orientations > 1] or read

    def _believed(self, faces: list[FaceLandmarks]) -> list[FaceLandmarks]:
        """Leave out what the detector does not confirm, once anything is in doubt."""
        if not any(_is_doubtful(f) for f in faces) and len(faces) == 1:
            return faces
        confirmed = [f for f in faces if self._is_confirmed(f)]
        return confirmed or [f for f in faces if not _is_doubtful(f)]

    def _both(self, picture: Pixels, to_frame: Points) -> list[FaceLandmarks]:
        """Landmark a picture and its mirror image; `to_frame` (2, 3) leads back to the frame."""
        found, mirrored = self.landmarker.in_both_orientations(picture)
        width = picture.shape[1]
        back = [(m * [-1, 1, 1] + [width, 0, 0])[MIRROR] for m in mirrored]
        return [_carried(f, to_frame) for f in _paired(found, back)]

    def _refined(self, face: FaceLandmarks) -> FaceLandmarks:
        """Landmark again, level and close up, a face that is tilted, small or seen only one way."""
        angle = in_plane_rotation(face.points)
        small = self.factor > 1 and face.interocular < self.factor * _SHARP_INTEROCULAR_PX
        if not (abs(angle) > _LEVEL_WITHIN_DEG or small or face.orientations == 1):
            return face
        again = self.near(face, self.close_up(face, angle))
        return again if again is not None else face

    def close_up(self, face: FaceLandmarks, angle: float, size: float = 1.0) -> list[FaceLandmarks]:
        """Landmark a square around a face, turned back by an angle and of some relative size."""
        return self._both(*self._square(_middle(face), size * face.interocular, angle))

    def near(self, face: FaceLandmarks, others: list[FaceLandmarks]) -> FaceLandmarks | None:
        """Return the steadiest of other readings that is of the same face."""
        same = [f for f in others if _gap(f.points, face.points) < _SAME_FACE_WITHIN]
        return max(same, key=lambda f: (f.orientations, -f.disagreement), default=None)

    def _square(self, centre: Points, eyes: float, angle: float) -> tuple[Pixels, Points]:
        """Cut out an upright square around a face.

        OpenCV samples at the nearest thirty-second of a pixel. The places are rounded to that here,
        from the middle of the picture, because its own rounding does not commute with mirroring.

        Returns:
            The square, and the map (2, 3) from its coordinates to those of the frame.
        """
        factor = max(1, int(eyes // (2 * _SHARP_INTEROCULAR_PX)))
        factor -= 1 - factor % 2
        side = factor * max(64, round(_CROP_IN_INTEROCULARS * eyes / factor))
        cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        turn = np.array([[cos, -sin], [sin, cos]])
        along = np.arange(side) + 0.5 - side / 2
        x, y = np.meshgrid(along, along)
        middle = np.array(self.pixels.shape[1::-1]) / 2
        places = [
            np.round(_SAMPLING * (row[0] * x + row[1] * y + (at - half))) / _SAMPLING + half - 0.5
            for row, at, half in zip(turn, centre, middle, strict=True)
        ]
        crop = cv2.remap(
            self.pixels,
            places[0].astype(np.float32),
            places[1].astype(np.float32),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=_GREY,
        )
        picture, inner = shrunk(crop.astype(np.uint8, copy=False), factor)
        to_frame = np.column_stack((turn, centre - turn @ [side / 2, side / 2]))
        return picture, to_frame @ np.vstack((inner, [0, 0, 1]))

    def _bordered(self) -> list[FaceLandmarks]:
        """Look for a face that fills the picture, on a grey border."""
        found = []
        for share in (0.35, 1.0):
            edge = round(share * max(self.working.shape[:2]))
            picture = cv2.copyMakeBorder(
                self.working, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=_GREY
            )
            shifted = self.to_frame.copy()
            shifted[:, 2] -= edge * np.diag(self.to_frame[:, :2])
            found += self._both(picture.astype(np.uint8, copy=False), shifted)
        return found

    def _small(self) -> list[FaceLandmarks]:
        """Look for small faces with the full-range detector, in the whole and in its quarters."""
        found = []
        for box in self._small_boxes():
            centre, size = (box[:2] + box[2:]) / 2, float((box[2:] - box[:2]).max())
            found += self._both(*self._square(centre, size / _BOX_IN_INTEROCULARS, 0.0))
        return found

    def _small_boxes(self) -> list[Points]:
        boxes = self._boxes(self.working, self.to_frame)
        height, width = self.pixels.shape[:2]
        for side in {round(0.6 * max(height, width)), _PART}:
            if not _SMALLEST_PART <= side < max(height, width):
                continue
            for y in _starts(height, side):
                for x in _starts(width, side):
                    part = self.pixels[y : y + side, x : x + side]
                    small, back = shrunk(part, odd_factor(side / _WORKING_SIDE))
                    back[:, 2] += (x, y)
                    boxes += self._boxes(small, back)
        return boxes

    def _boxes(self, picture: Pixels, to_frame: Points) -> list[Points]:
        """Detect in both orientations; what both see is averaged, so that mirroring commutes."""
        width = picture.shape[1]
        seen = self.landmarker.boxes(np.ascontiguousarray(picture))
        mirrored = self.landmarker.boxes(np.asarray(cv2.flip(picture, 1), np.uint8))
        back = [np.array([width - b[2], b[1], width - b[0], b[3]]) for b in mirrored]
        joined = []
        for box in seen:
            twin = next((b for b in back if _overlaps(b, box)), None)
            joined.append(box if twin is None else (box + twin) / 2)
        joined += [b for b in back if not any(_overlaps(b, box) for box in seen)]
        scale, shift = np.diag(to_frame[:, :2]), to_frame[:, 2]
        return [np.concatenate((b[:2] * scale + shift, b[2:] * scale + shift)) for b in joined]

    def _turned(self) -> list[FaceLandmarks]:
        """Look for faces that lie on their side or upside down."""
        h, w = self.working.shape[:2]
        turns = {
            cv2.ROTATE_180: [[-1, 0, w], [0, -1, h], [0, 0, 1]],
            cv2.ROTATE_90_CLOCKWISE: [[0, 1, 0], [-1, 0, h], [0, 0, 1]],
            cv2.ROTATE_90_COUNTERCLOCKWISE: [[0, -1, w], [1, 0, 0], [0, 0, 1]],
        }
        found = []
        for turn, to_working in turns.items():
            picture = cv2.rotate(self.working, turn).astype(np.uint8, copy=False)
            found += self._both(picture, self.to_frame @ np.array(to_working, np.float64))
        return found

    def _is_confirmed(self, face: FaceLandmarks) -> bool:
        """Whether the detector sees a face of that size where the landmarks are doubtful."""
        angle = in_plane_rotation(face.points)
        picture, _ = self._square(_middle(face), face.interocular, angle)
        flipped = np.asarray(cv2.flip(picture, 1), np.uint8)
        middle, side = np.array(picture.shape[1::-1]) / 2, picture.shape[0]
        return any(
            (box[:2] < middle).all()
            and (middle < box[2:]).all()
            and float(np.ptp(box[[0, 2]])) > _LEAST_OF_SQUARE * side
            for box in (*self.landmarker.boxes(picture), *self.landmarker.boxes(flipped))
        )


def _starts(length: int, side: int) -> list[int]:
    """Return where overlapping parts of a length begin, the same from both ends."""
    free = length - side
    if free <= 0:
        return [0]
    steps = -(-free // (side - _OVERLAP))
    first_half = {i * free // steps for i in range(steps // 2 + 1)}
    return sorted(first_half | {free - start for start in first_half})


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


def _middle(face: FaceLandmarks) -> Points:
    flat = face.points[:, :2]
    return np.asarray((flat.min(axis=0) + flat.max(axis=0)) / 2)


def _overlaps(a: Points, b: Points) -> bool:
    """Whether the middle of one box lies in the other."""
    middle = (a[:2] + a[2:]) / 2
    return bool((middle > b[:2]).all() and (middle < b[2:]).all())


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
        if _is_another(face, kept):
            kept.append(face)
    return kept


def _is_another(face: FaceLandmarks, others: list[FaceLandmarks]) -> bool:
    return all(_gap(face.points, other.points) > _OTHER_FACE_BEYOND for other in others)

"""Close-ups of the eyes and the lower face, as the network that refines landmarks sees them.

A close-up is level with the outer canthi and as wide as a share of their distance. The right eye
is shown mirrored, so that one network reads both eyes as left ones; of the mouth there are two, it
and its mirror image. Convention: pictures are RGB, points (n, 2) are pixels, x right, y down, the
middle of the first pixel at 0.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import cv2
import numpy as np

from facialis.face import mesh
from facialis.face.mesh import MIRROR

if TYPE_CHECKING:
    from numpy.typing import NDArray

EYE_SIDE: Final = 80
"""Width and height of the close-up of an eye, pixels."""
MOUTH_SIDE: Final = 112
"""Width and height of the close-up of the mouth, pixels."""
EYE_POINTS: Final = tuple(
    dict.fromkeys(
        mesh.LEFT_UPPER_LID + mesh.LEFT_LOWER_LID + mesh.LEFT_BROW_UPPER + mesh.LEFT_BROW_LOWER
    )
)
"""Of the left eye and brow; the right ones are their counterparts."""
_LIPS: Final = tuple(
    dict.fromkeys(
        mesh.RIGHT_UPPER_LIP_OUTER
        + mesh.RIGHT_UPPER_LIP_INNER
        + mesh.RIGHT_LOWER_LIP_OUTER
        + mesh.RIGHT_LOWER_LIP_INNER
        + mesh.LEFT_UPPER_LIP_OUTER
        + mesh.LEFT_UPPER_LIP_INNER
        + mesh.LEFT_LOWER_LIP_OUTER
        + mesh.LEFT_LOWER_LIP_INNER
    )
)
_RIGHT_OF_NOSE_AND_CHEEK: Final = (129, 98, 205, 206, 207, 216)
_NOSE_AND_CHIN: Final = (1, 4, 2, 164, 199, 152)
MOUTH_POINTS: Final = (
    *_LIPS,
    *_RIGHT_OF_NOSE_AND_CHEEK,
    *mesh.mirrored(_RIGHT_OF_NOSE_AND_CHEEK),
    *_NOSE_AND_CHIN,
)
"""Of the lips, and what is measured of nose, cheeks and chin."""
ONLY_IN_HEIGHT: Final = tuple(range(len(_LIPS), len(MOUTH_POINTS)))
"""Which of `MOUTH_POINTS` are moved up and down alone, those of nose, cheeks and chin.

Where they lie to the sides goes with the turn of the head, which their depth tells as it was found:
moved to the sides they show less of an asymmetry.
"""
MOUTH_MIRROR: Final = tuple(MOUTH_POINTS.index(int(MIRROR[i])) for i in MOUTH_POINTS)
"""For each of `MOUTH_POINTS` the place of its counterpart."""
_EYE_WIDTH: Final = 0.62
_EYE_RAISED: Final = 0.1
"""How far the middle lies above the inner canthus and towards the brow, outer canthal distances."""
_MOUTH_WIDTH: Final = 1.2
_MOUTH_MIDDLE: Final = (
    mesh.RIGHT_COMMISSURE,
    mesh.LEFT_COMMISSURE,
    mesh.SUBNASALE,
    mesh.CHIN,
)


class CloseUp(NamedTuple):
    """A level square of a picture, or of its mirror image.

    Attributes:
        to_picture: (2, 3), from pixels of the close-up to those of the picture.
        side: Its width and height, pixels.
    """

    to_picture: NDArray[np.float64]
    side: int

    def cut(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return what it shows (`side`, `side`, 3) of a picture (H, W, 3)."""
        # OpenCV counts from the middles of pixels.
        matrix = self.to_picture.copy()
        matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
        return np.asarray(
            cv2.warpAffine(
                picture,
                matrix,
                (self.side, self.side),
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )

    def seen(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return points (n, 2) of the picture in the pixels of the close-up."""
        turned = np.linalg.inv(self.to_picture[:, :2])
        return np.asarray((points - self.to_picture[:, 2]) @ turned.T, np.float32)

    def moves(self, offsets: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
        """Return offsets (n, 2) of the close-up in the pixels of the picture."""
        return np.asarray(offsets @ self.to_picture[:, :2].T, np.float64)


class CloseUps(NamedTuple):
    """The close-ups of one face.

    Attributes:
        eyes: (2, `EYE_SIDE`, `EYE_SIDE`, 3) uint8, the left eye, and the right one mirrored.
        eye_points: (2, 26, 2) float32, `EYE_POINTS` there, pixels of the close-ups.
        mouths: (2, `MOUTH_SIDE`, `MOUTH_SIDE`, 3) uint8, the mouth, and its mirror image.
        mouth_points: (2, 58, 2) float32, `MOUTH_POINTS` there.
    """

    eyes: NDArray[np.uint8]
    eye_points: NDArray[np.float32]
    mouths: NDArray[np.uint8]
    mouth_points: NDArray[np.float32]


class Sights:
    """Where the close-ups of a face lie, by its landmarks.

    Args:
        points: (478, 2 or 3) landmarks, pixels of the picture.
        width: Of the picture, pixels.
    """

    def __init__(self, points: NDArray[np.float64], width: int) -> None:
        """Place them."""
        self.width = width
        here, there = points[:, :2], mirrored(points[:, :2], width)
        self._eyes = (_eye(here), _eye(there))
        self._mouths = (_mouth(here), _mouth(there))

    def of(self, picture: NDArray[np.uint8], points: NDArray[np.float64]) -> CloseUps:
        """Return the close-ups, and where landmarks (478, 2 or 3) lie in them."""
        pictures = (picture, np.asarray(cv2.flip(picture, 1), np.uint8))
        return CloseUps(
            np.stack([each.cut(p) for each, p in zip(self._eyes, pictures, strict=True)]),
            self.eye_points(points),
            np.stack([each.cut(p) for each, p in zip(self._mouths, pictures, strict=True)]),
            self.mouth_points(points),
        )

    def eye_points(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return `EYE_POINTS` of landmarks in the close-ups of the eyes (2, 26, 2)."""
        return _seen(self._eyes, EYE_POINTS, points[:, :2], self.width)

    def mouth_points(self, points: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return `MOUTH_POINTS` of landmarks in the close-ups of the mouth (2, 58, 2)."""
        return _seen(self._mouths, MOUTH_POINTS, points[:, :2], self.width)

    def moved(
        self,
        points: NDArray[np.float64],
        eyes: NDArray[np.floating[Any]],
        mouths: NDArray[np.floating[Any]],
    ) -> NDArray[np.float64]:
        """Return landmarks (478, 2 or 3) moved by offsets in the close-ups.

        Those of `ONLY_IN_HEIGHT` do not move along the line between the outer canthi.

        Args:
            points: Before.
            eyes: (2, 26, 2) offsets of `EYE_POINTS`.
            mouths: (2, 58, 2) of `MOUTH_POINTS`; the mouth moves by the mean of both.
        """
        found = points.copy()
        left, right = (each.moves(by) for each, by in zip(self._eyes, eyes, strict=True))
        found[list(EYE_POINTS), :2] += left
        found[MIRROR[list(EYE_POINTS)], :2] += right * [-1, 1]
        kept = mouths.copy()
        kept[:, list(ONLY_IN_HEIGHT), 0] = 0
        here, there = (each.moves(by) for each, by in zip(self._mouths, kept, strict=True))
        found[list(MOUTH_POINTS), :2] += (here + there[list(MOUTH_MIRROR)] * [-1, 1]) / 2
        return found


def mirrored(points: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return landmarks (478, 2) of the mirror image of a picture so many pixels wide."""
    return np.asarray(points[MIRROR] * [-1, 1] + [width, 0], np.float64)


def _seen(
    sights: tuple[CloseUp, CloseUp],
    chosen: tuple[int, ...],
    points: NDArray[np.float64],
    width: int,
) -> NDArray[np.float32]:
    both = (points[list(chosen)], mirrored(points, width)[list(chosen)])
    return np.stack([each.seen(p) for each, p in zip(sights, both, strict=True)])


def _eye(points: NDArray[np.float64]) -> CloseUp:
    canthi = points[[mesh.LEFT_INNER_CANTHUS, mesh.LEFT_OUTER_CANTHUS]]
    along, distance = _level(points)
    middle = canthi.mean(axis=0) - _EYE_RAISED * distance * _across(along)
    return _close_up(middle, along, _EYE_WIDTH * distance, EYE_SIDE)


def _mouth(points: NDArray[np.float64]) -> CloseUp:
    along, distance = _level(points)
    middle = points[list(_MOUTH_MIDDLE)].mean(axis=0)
    return _close_up(middle, along, _MOUTH_WIDTH * distance, MOUTH_SIDE)


def _level(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Return direction (2,) and distance from the right outer canthus to the left one."""
    between = points[mesh.LEFT_OUTER_CANTHUS] - points[mesh.RIGHT_OUTER_CANTHUS]
    distance = float(np.hypot(*between))
    return between / distance, distance


def _across(along: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.array([-along[1], along[0]])


def _close_up(
    middle: NDArray[np.float64], along: NDArray[np.float64], width: float, side: int
) -> CloseUp:
    turn = np.column_stack((along, _across(along))) * (width / side)
    return CloseUp(np.column_stack((turn, middle - turn @ [side / 2, side / 2])), side)

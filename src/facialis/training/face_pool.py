"""Real faces that the expression network learns on: landmarks of open photographs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from facialis.errors import InputError
from facialis.face.expressions import EXPRESSION_POINTS
from facialis.face.landmarks import default_landmarker
from facialis.face.mesh import LEFT_OUTER_CANTHUS, MIRROR, RIGHT_OUTER_CANTHUS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from facialis.face.landmarks import Landmarker

Floats = NDArray[np.float64]

_LOG = logging.getLogger(__name__)
_CHOSEN: Final = np.array(EXPRESSION_POINTS)
_RIGHT: Final = EXPRESSION_POINTS.index(RIGHT_OUTER_CANTHUS)
_LEFT: Final = EXPRESSION_POINTS.index(LEFT_OUTER_CANTHUS)

VIEWS: Final = ("as_is", "mirrored", "averaged")


@dataclass(frozen=True, slots=True)
class FacePool:
    """The 146 points of real faces.

    Attributes:
        points: (P, 3, 146, 3): photographs, views (see `VIEWS`), points; x right, y down, z away,
            in pixels; the view ``mirrored`` is that of the mirrored picture, where the patient's
            right side takes the place of the left.
        photographs: P names such as ``london/001_neutral``.
        people: P names of people, such as ``london/001``.
        smiling: P flags.
    """

    points: Floats
    photographs: tuple[str, ...]
    people: tuple[str, ...]
    smiling: tuple[bool, ...]

    def of(self, people: Sequence[str]) -> FacePool:
        """Return the photographs of some people."""
        rows = [i for i, person in enumerate(self.people) if person in set(people)]
        return FacePool(
            self.points[rows],
            tuple(self.photographs[i] for i in rows),
            tuple(self.people[i] for i in rows),
            tuple(self.smiling[i] for i in rows),
        )

    def split(self, held_out: int, seed: int) -> tuple[FacePool, FacePool]:
        """Return the pool without some people, and these people alone.

        Only people of the folder ``london`` are held out; no person is in both.
        """
        candidates = sorted({p for p in self.people if p.startswith("london/")})
        chosen = np.random.default_rng(seed).permutation(candidates)[:held_out].tolist()
        rest = sorted(set(self.people) - set(chosen))
        return self.of(rest), self.of(chosen)


def read_faces(folder: Path, landmarker: Landmarker | None = None) -> FacePool:
    """Landmark every photograph of a folder in both orientations.

    Args:
        folder: Holds ``<set>/<person>_neutral.jpg`` and ``<set>/<person>_smile.jpg``; any other
            name is a neutral photograph of a person of its own.
        landmarker: Another landmarker than MediaPipe's.

    Raises:
        InputError: The folder holds no photograph with a face.
    """
    landmarker = landmarker or default_landmarker()
    points, names = [], []
    for file in sorted(folder.glob("*/*.jpg")):
        views = _views(file, landmarker)
        if views is None:
            _LOG.warning("%s: no face was found; left out", file)
            continue
        points.append(views)
        names.append(f"{file.parent.name}/{file.stem}")
    if not points:
        raise InputError(folder, "holds no photograph with a face", "give the folder of face sets")
    people = tuple(n.removesuffix("_neutral").removesuffix("_smile") for n in names)
    smiling = tuple(n.endswith("_smile") for n in names)
    return FacePool(np.stack(points), tuple(names), people, smiling)


def normalised(points: Floats) -> Floats:
    """Return faces (n, 146, 3) with the outer canthi level, one unit apart, about the origin."""
    right, left = points[:, _RIGHT], points[:, _LEFT]
    centred = points - ((right + left) / 2)[:, None]
    across = left - right
    roll = np.arctan2(across[:, 1], across[:, 0])
    level = turned(centred, np.zeros_like(roll), np.zeros_like(roll), -roll)
    scaled: Floats = level / np.linalg.norm(across, axis=1)[:, None, None]
    return scaled


def turned(points: Floats, yaw: Floats, pitch: Floats, roll: Floats) -> Floats:
    """Return faces (n, 146, 3) turned about the origin.

    Args:
        points: x right, y down, z away.
        yaw: (n,) radians about y.
        pitch: (n,) radians about x.
        roll: (n,) radians in the picture, clockwise on screen, applied last.
    """
    x, y, z = np.moveaxis(points, 2, 0)
    x, z = _rotated(x, z, yaw)
    y, z = _rotated(y, z, pitch)
    x, y = _rotated(x, y, roll)
    return np.stack([x, y, z], axis=2)


def _rotated(a: Floats, b: Floats, angle: Floats) -> tuple[Floats, Floats]:
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    return cos * a - sin * b, sin * a + cos * b


def _views(file: Path, landmarker: Landmarker) -> Floats | None:
    with Image.open(file) as picture:
        pixels = np.asarray(picture.convert("RGB"))
    found, mirrored = landmarker.in_both_orientations(pixels)
    if not found or not mirrored:
        return None
    back = (mirrored[0] * [-1, 1, 1] + [pixels.shape[1], 0, 0])[MIRROR]
    average = (found[0] + back) / 2
    views: Floats = np.stack([face[_CHOSEN] for face in (found[0], mirrored[0], average)])
    return views

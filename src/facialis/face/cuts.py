"""Where a recording goes on with another shot or another person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from facialis.face.pose import HeadPose

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float32]

OTHER_PERSON_ABOVE: Final = 0.3
"""Difference of two looks at a face above which it is another one. Neutral and smiling photographs
of the same 24 people differ by at most 0.23 (docs/limits.md)."""

_THUMBNAIL: Final = 32
_LOOK: Final = 16
_LOOK_FROM, _LOOK_SPAN = (-0.65, -0.45), 1.3
_FACE_CHANGES: Final = (0.08, 0.5)
_SCENE_CHANGES: Final = (0.025, 0.3)
_OTHER_SCENE: Final = 0.6
_SAME_FACE_WITHIN: Final = 0.04
_WITHOUT_FACE: Final = 0.4
_LONGEST_STEP: Final = 0.25
_FAINT: Final = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What a frame looks like, small.

    Attributes:
        scene: (32, 32) grey.
        face: (16, 16) grey, the middle of the face turned frontal; None without a face.
    """

    scene: Grey
    face: Grey | None

    @classmethod
    def of(cls, pixels: Pixels, pose: HeadPose | None) -> Look:
        """Return the look of a frame.

        Args:
            pixels: (H, W, 3) RGB.
            pose: Of the face in it, pixels of the frame.
        """
        small = cv2.resize(pixels, (_THUMBNAIL, _THUMBNAIL), interpolation=cv2.INTER_AREA)
        scene = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        return cls(scene, None if pose is None else _look_of_face(pixels, pose))


def _look_of_face(pixels: Pixels, pose: HeadPose) -> Grey | None:
    """Sample the face on a grid of the mean face's plane, out of a copy reduced to fit it."""
    reach = pose.scale * _LOOK_SPAN
    low = np.maximum(0, np.floor(pose.origin[:2] - reach)).astype(int)
    high = np.ceil(pose.origin[:2] + reach).astype(int)
    part = pixels[low[1] : high[1], low[0] : high[0]]
    if part.size == 0:
        return None
    zoom = min(1.0, _LOOK / reach)
    size = (max(1, round(part.shape[1] * zoom)), max(1, round(part.shape[0] * zoom)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    to_small = np.array(size) / part.shape[1::-1]
    step = pose.rotation[:2, :2] * (pose.scale * _LOOK_SPAN / _LOOK)
    begin = pose.origin[:2] - low + pose.scale * pose.rotation[:2, :2] @ _LOOK_FROM
    grid = np.column_stack((to_small[:, None] * step, to_small * (begin + step @ [0.5, 0.5]) - 0.5))
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    look = cv2.warpAffine(
        grey,
        grid,
        (_LOOK, _LOOK),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return look.astype(np.float32)


def difference(one: Grey, other: Grey) -> float:
    """Return how much two grey pictures of a size differ: 0 not at all, 1 altogether.

    Brightness does not count, and contrast a little; pictures without contrast do not differ.
    """
    a, b = one - one.mean(), other - other.mean()
    spread = float((a * a).mean() + (b * b).mean()) / 2
    return 1 - (float((a * b).mean()) + _FAINT) / (spread + _FAINT)


def is_cut(before: Look, now: Look, step: float) -> bool:
    """Return whether another shot begins between two frames.

    The whole picture must have changed, and the face, looked at where the landmarks are, more than
    a movement can have changed it.

    Args:
        before: Look of the frame before.
        now: Look of the frame.
        step: Seconds between them.
    """
    step = min(step, _LONGEST_STEP)
    scene = difference(before.scene, now.scene)
    if before.face is None or now.face is None:
        return scene > _WITHOUT_FACE
    face = difference(before.face, now.face)
    if scene > _OTHER_SCENE:
        return face > _SAME_FACE_WITHIN
    return face > _limit(_FACE_CHANGES, step) and scene > _limit(_SCENE_CHANGES, step)


def _limit(rule: tuple[float, float], step: float) -> float:
    least, a_second = rule
    return least + a_second * step

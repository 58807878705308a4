"""Where a recording goes on with another shot or another person."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from facialis.face.pose import HeadPose

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float32]

OTHER_PERSON_ABOVE: Final = 0.22
"""Difference of two looks at a face above which it is another one. Neutral and smiling photographs
of each of 24 people of the London set differ by 0.07, at most by 0.23; photographs of two of them,
taken in the same place and light, by 0.23, in 5 % of the pairs by less than 0.12."""

_THUMBNAIL: Final = 32
_LOOK: Final = 16
_LOOK_FROM, _LOOK_SPAN = (-0.65, -0.45), 1.3
_CHANGED_ABOVE: Final = 0.3
_OF_FACE: Final = (0.35, 0.4)
_OF_SCENE: Final = (0.15, 0.3)
_OTHER_SCENE, _OTHER_FACE = 0.6, 0.2
_WITHOUT_FACE: Final = 0.5
_CLEAR_BY: Final = 0.4
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

    One less their correlation: brightness and contrast do not count. Pictures without any contrast
    do not differ from one another.
    """
    a, b = one - one.mean(), other - other.mean()
    spread = np.sqrt((float((a * a).mean()) + _FAINT) * (float((b * b).mean()) + _FAINT))
    return 1 - float((float((a * b).mean()) + _FAINT) / spread)


def changed(one: Grey, other: Grey) -> float:
    """Return the share of two grey pictures of a size that has changed, whatever the light."""
    a, b = ((each - each.mean()) / np.sqrt(float(each.var()) + _FAINT) for each in (one, other))
    return float((np.abs(a - b) > _CHANGED_ABOVE).mean())


def is_cut(before: Look, now: Look, step: float, *, leaps: bool = False) -> bool:
    """Return whether another shot begins between two frames.

    Much of the picture must have changed, and of the face, looked at where its landmarks are, more
    than a movement changes between two frames; a hand that comes in changes less of both.

    Args:
        before: Look of the frame before.
        now: Look of the frame.
        step: Seconds between them.
        leaps: Whether the face has gone further, or grown more, than one can in that time.
    """
    step = min(step, _LONGEST_STEP)
    scene = changed(before.scene, now.scene)
    if before.face is None or now.face is None:
        return scene > _WITHOUT_FACE
    face = changed(before.face, now.face)
    if scene > _OTHER_SCENE:
        return leaps or face > _OTHER_FACE
    return face > _limit(_OF_FACE, step) and scene > _limit(_OF_SCENE, step)


class Identity:
    """Whether a face that was lost is the one that comes back.

    A hand that goes away uncovers it bit by bit, so the face is compared as it was some time before
    it was lost and as it is some time after it is back.
    """

    def __init__(self) -> None:
        """Know nobody."""
        self._recent: deque[tuple[float, Grey]] = deque()
        self._before: Grey | None = None
        self._back_at = 0.0

    def is_another(self, face: Grey, seconds: float, *, was_lost: bool) -> bool:
        """Return whether it has turned out by now that somebody else came back.

        Args:
            face: (16, 16) look of the face in a frame.
            seconds: When the frame is shown.
            was_lost: Whether the frame before showed no face.
        """
        if was_lost and self._recent:
            self._before = self._recent[0][1] if self._before is None else self._before
            self._recent.clear()
            self._back_at = seconds
        self._recent.append((seconds, face))
        while seconds - self._recent[0][0] > _CLEAR_BY:
            self._recent.popleft()
        if self._before is None or seconds - self._back_at < _CLEAR_BY:
            return False
        before, self._before = self._before, None
        return difference(before, face) > OTHER_PERSON_ABOVE


def _limit(rule: tuple[float, float], step: float) -> float:
    least, a_second = rule
    return least + a_second * step

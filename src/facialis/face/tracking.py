"""Follow one face through a recording: landmarks, pose and expressions of every frame.

Photographs are landmarked in both orientations and averaged; a recording is landmarked as it is,
once a frame, because following a face takes away more jitter than averaging does. What the
landmarker sees differently in a mirror image (about 1 % of the interocular distance) is therefore
in every frame alike, at rest and in movement, and leaves the way between them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.face import mesh
from facialis.face.cuts import Identity, Look, is_cut
from facialis.face.expressions import expression_scores
from facialis.face.landmarks import interocular
from facialis.face.lookout import Lookout
from facialis.face.pose import HeadPose, head_pose
from facialis.face.quality import LARGEST_TURN, SMALLEST_INTEROCULAR_PX
from facialis.face.tracking_landmarker import TrackingLandmarker

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from facialis.media.video import TimedFrame

Points = NDArray[np.float64]

LARGEST_MISFIT: Final = 0.1
"""Landmarks whose rigid points lie further from the mean face are not those of a face."""

_FASTEST: Final = 5.0
_SLACK: Final = 0.1
_GROWS_BY: Final = 1.25
_REACH, _LONGEST_REACH = 0.8, 2.0
_OTHER_FACE_BEYOND: Final = 1.2
_FORGOTTEN_AFTER: Final = 2.0
_OUTLINED: Final = (
    mesh.RIGHT_BROW_UPPER
    + mesh.LEFT_BROW_UPPER
    + mesh.RIGHT_LOWER_LID
    + mesh.LEFT_LOWER_LID
    + mesh.RIGHT_LOWER_LIP_OUTER
    + mesh.LEFT_LOWER_LIP_OUTER
)


class Flaw(StrEnum):
    """Why a frame cannot be measured."""

    NO_FACE = "no face was found"
    TURNED = "the head was turned too far"
    SMALL = "the face was too small"
    CUT_OFF = "the face was cut off by the edge of the picture"
    UNSTEADY = "the landmarks jumped"


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """The followed face in one frame.

    Attributes:
        seconds: When the frame is shown.
        points: (478, 3) landmarks, pixels of the frame; None if the face was not found.
        pose: Its head pose; None likewise.
        expressions: (52,) scores in the order of `EXPRESSION_NAMES`; None likewise.
        flaw: Why the frame cannot be measured; None if it can.
        others: How many other faces are in the frame.
        is_cut: Whether another shot, or another person, begins with this frame.
        turn: Degrees by which the frame had to be turned clockwise for the face to stand upright.
        pixels: The frame, (H, W, 3) uint8 RGB.
    """

    seconds: float
    points: Points | None
    pose: HeadPose | None
    expressions: NDArray[np.float32] | None
    flaw: Flaw | None
    others: int
    is_cut: bool
    turn: int
    pixels: NDArray[np.uint8] = field(repr=False)

    @property
    def usable(self) -> bool:
        """Whether the frame can be measured."""
        return self.flaw is None


def tracked(frames: Iterable[TimedFrame]) -> Iterator[Sighting]:
    """Yield what is seen of one face in every frame; frames are not kept.

    The largest face of the first frame that shows one is followed; after a cut the largest face of
    the next shot. A face that lies on its side is turned upright, and a small one is looked at more
    closely.

    Args:
        frames: In the order of their times.

    Raises:
        InstallationError: The landmarker cannot start.
    """
    with TrackingLandmarker() as landmarker:
        follower = _Follower(Lookout(landmarker))
        for frame in frames:
            yield follower.sighting(frame)


class _Follower:
    """Which face is followed, and what is remembered of it."""

    def __init__(self, lookout: Lookout) -> None:
        self.lookout = lookout
        self.face: Points | None = None
        self.face_at = -np.inf
        self.person = Identity()
        self.look: Look | None = None
        self.at = -np.inf

    def sighting(self, frame: TimedFrame) -> Sighting:
        face, others, look = self._seen(frame)
        leaps = face is not None and self._leaps(face, frame.seconds)
        is_another = self.look is not None and is_cut(
            self.look, look, frame.seconds - self.at, leaps=leaps
        )
        if is_another:
            self.lookout.start_anew()
            self.face, self.person = None, Identity()
            face, others, look = self._seen(frame)
        if look.face is not None:
            was_lost = self.face_at < self.at
            is_another |= self.person.is_another(look.face, frame.seconds, was_lost=was_lost)
        pose = None if face is None else head_pose(face)
        flaw = Flaw.NO_FACE if face is None or pose is None else self._flaw(frame, face, pose)
        self.look, self.at = look, frame.seconds
        turn = self.lookout.view.turn
        expressions = None
        if face is not None:
            self.face, self.face_at = face, frame.seconds
            scores = expression_scores(self.lookout.view.upright(face))
            expressions = np.fromiter(scores.values(), np.float32, len(scores))
            self.lookout.keep_in_view(face, frame.pixels)
        return Sighting(
            frame.seconds, face, pose, expressions, flaw, others, is_another, turn, frame.pixels
        )

    def _seen(self, frame: TimedFrame) -> tuple[Points | None, int, Look]:
        """Return the followed face, how many others there are, and what the frame looks like."""
        faces = self.lookout.faces(frame)
        face = self._chosen(faces, frame.seconds)
        others = sum(1 for f in faces if face is None or _gap(f, face) > _OTHER_FACE_BEYOND)
        others = max(others, self.lookout.others_around(face, frame))
        return face, others, Look.of(frame.pixels, None if face is None else head_pose(face))

    def _chosen(self, faces: list[Points], seconds: float) -> Points | None:
        away = seconds - self.face_at
        if self.face is None or away > _FORGOTTEN_AFTER:
            return max(faces, key=interocular, default=None)
        last, reach = self.face, min(_LONGEST_REACH, _REACH + _FASTEST * away)
        near = [f for f in faces if _gap(f, last) < reach]
        return min(near, key=lambda f: _gap(f, last), default=None)

    def _flaw(self, frame: TimedFrame, face: Points, pose: HeadPose) -> Flaw | None:
        height, width = frame.pixels.shape[:2]
        outline = face[list(_OUTLINED), :2]
        flaws = {
            Flaw.SMALL: interocular(face) < SMALLEST_INTEROCULAR_PX,
            Flaw.CUT_OFF: (outline < 0).any() or (outline > (width, height)).any(),
            Flaw.TURNED: any(
                abs(getattr(pose, axis)) > most for axis, most in LARGEST_TURN.items()
            ),
            Flaw.UNSTEADY: pose.misfit > LARGEST_MISFIT or self._leaps(face, frame.seconds),
        }
        return next((flaw for flaw, is_so in flaws.items() if is_so), None)

    def _leaps(self, face: Points, seconds: float) -> bool:
        """Whether a face has gone further, or grown more, than one can since the frame before."""
        if self.face is None or self.face_at < self.at:
            return False
        growth = interocular(face) / interocular(self.face)
        way = _SLACK + _FASTEST * (seconds - self.face_at)
        return _gap(face, self.face) > way or not 1 / _GROWS_BY < growth < _GROWS_BY


def _gap(one: Points, other: Points) -> float:
    """Return the distance of two faces in interocular distances of the larger one."""
    apart = np.linalg.norm(one[:, :2].mean(axis=0) - other[:, :2].mean(axis=0))
    return float(apart) / max(interocular(one), interocular(other))

"""Whether a photograph can carry numbers at all, and if not, why.

The limits are where the landmarks were seen to fail on photographs that were shrunk, blurred,
darkened, turned and covered on purpose: see docs/quality.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.clinical.anatomy import Movement, Region
from facialis.face import mesh

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from facialis.face.landmarks import FaceLandmarks
    from facialis.face.occlusion import Cover
    from facialis.face.patch import FacePatch
    from facialis.face.pose import HeadPose
    from facialis.media.photo import Frame


class ReasonCode(StrEnum):
    """Why a photograph, or a region of it, cannot be judged or must be read with care."""

    FACE_TOO_SMALL = "face_too_small"
    BLURRED = "blurred"
    UNDEREXPOSED = "underexposed"
    OVEREXPOSED = "overexposed"
    HEAD_TURNED = "head_turned"
    OCCLUDED = "occluded"
    EYES_CLOSED = "eyes_closed"
    EYES_OPEN = "eyes_open"
    NOT_AT_REST = "not_at_rest"
    CUT_OFF = "cut_off"
    LANDMARKS_UNSTABLE = "landmarks_unstable"


@dataclass(frozen=True, slots=True)
class Reason:
    """One finding of the quality gate.

    Attributes:
        code: Which check spoke.
        message: A sentence for the clinician, with the number that was found and the limit.
        region: The region that is left out because of it, or None if it concerns the photograph.
        blocks: Whether it makes the photograph (or the region) unusable; otherwise it is a caution.
    """

    code: ReasonCode
    message: str
    region: Region | None = None
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Quality:
    """The outcome of the quality gate.

    Attributes:
        usable: False if no verdict may be drawn from the photograph.
        reasons: Every finding, blocking ones first.
        excluded_regions: Regions that cannot be judged.
        interocular_px: Distance between the outer corners of the eyes in original pixels.
        sharpness: Sharpness of the face, standard deviation of the Laplacian over that of the
            luminance, at 40 pixels between the eyes.
        brightness: Mean luminance of the face, 0 to 255.
        side_light: Difference of log luminance between the halves of the face, dimensionless.
        landmark_disagreement: Median distance between the landmarks of the two orientations, in
            percent of the interocular distance.
    """

    usable: bool
    reasons: tuple[Reason, ...]
    excluded_regions: tuple[Region, ...]
    interocular_px: float
    sharpness: float
    brightness: float
    side_light: float
    landmark_disagreement: float

    @property
    def shows_the_whole_face(self) -> bool:
        """Whether every region can be judged."""
        return self.usable and not self.excluded_regions


SMALLEST_INTEROCULAR_PX: Final = 30
SMALL_INTEROCULAR_PX: Final = 60
BLURRED_BELOW: Final = 0.14
SOFT_BELOW: Final = 0.25
DARK_BELOW: Final = 22.0
BRIGHT_ABOVE: Final = 240.0
CLIPPED_SHARE: Final = 0.35
SIDE_LIGHT_ABOVE: Final = 0.9
LARGEST_TURN: Final = {"yaw": 35.0, "pitch": 30.0}
CAREFUL_TURN: Final = {"yaw": 20.0, "pitch": 18.0}
UNSTABLE_ABOVE: Final = 0.06
UNSTEADY_ABOVE: Final = 0.03
CLOSED_BELOW: Final = 0.12
OPEN_ABOVE: Final = 0.2
EXPRESSION_ABOVE: Final = 0.5

_SHARPNESS_INTEROCULAR_PX: Final = 40
_WHITE: Final = 252
_RIGHT_REGION_POINTS: Final = {
    Region.BROW: mesh.RIGHT_BROW_UPPER + mesh.RIGHT_BROW_LOWER,
    Region.EYE: mesh.RIGHT_UPPER_LID + mesh.RIGHT_LOWER_LID,
    Region.MOUTH: mesh.RIGHT_UPPER_LIP_OUTER + mesh.RIGHT_LOWER_LIP_OUTER,
}
_REGION_POINTS: Final = {
    region: right + mesh.mirrored(right) for region, right in _RIGHT_REGION_POINTS.items()
}
_REST_SCORES: Final = {
    "smile": ("mouthSmileLeft", "mouthSmileRight"),
    "open mouth": ("jawOpen",),
    "pucker": ("mouthPucker",),
    "raised brows": ("browOuterUpLeft", "browOuterUpRight"),
}
_LIKE_PALSY: Final = frozenset({"pucker"})
"""What a mouth that palsy draws to the healthy side is taken for: never a reason to stop."""


def judge_quality(
    frame: Frame,
    face: FaceLandmarks,
    pose: HeadPose,
    *,
    patch: FacePatch,
    cover: Cover,
    expressions: Mapping[str, float],
    eye_openings: tuple[float, float],
    movement: Movement | None,
) -> Quality:
    """Return whether a face in a photograph can be judged, and every reason against it.

    Args:
        frame: The photograph.
        face: Its landmarks.
        pose: Its head pose.
        patch: A small copy of it.
        cover: What something lies on.
        expressions: The 52 scores.
        eye_openings: Lid gap over eye width, right and left.
        movement: What the patient was asked to do, or None.
    """
    look = _Appearance.of(patch)
    eyes_px = face.interocular / frame.scale
    seen = (*_sharpness(look), *_exposure(look))
    is_seen = not any(reason.blocks for reason in seen)
    reasons = [
        *_size(eyes_px),
        *seen,
        *_turn(pose),
        *_steadiness(face),
        *_cut_off(frame, face),
        *(_covered(cover.regions) if is_seen else ()),
        *(_at_rest(expressions, eye_openings) if movement is Movement.REST else ()),
        *_lids(eye_openings, movement),
    ]
    excluded = tuple(r for r in Region if any(w.region is r and w.blocks for w in reasons))
    blocked = any(w.blocks and w.region is None for w in reasons)
    return Quality(
        usable=not blocked and (len(excluded) <= 1 or Region.MOUTH not in excluded),
        reasons=tuple(sorted(reasons, key=lambda w: not w.blocks)),
        excluded_regions=excluded,
        interocular_px=eyes_px,
        sharpness=look.sharpness,
        brightness=look.brightness,
        side_light=look.side_light,
        landmark_disagreement=100 * face.disagreement,
    )


@dataclass(frozen=True, slots=True)
class _Appearance:
    sharpness: float
    brightness: float
    side_light: float
    clipped: float

    @classmethod
    def of(cls, patch: FacePatch) -> _Appearance:
        if patch.pixels.size == 0:
            return cls(0.0, 0.0, 0.0, 1.0)
        small = patch.reduced(_SHARPNESS_INTEROCULAR_PX).pixels
        luminance = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        detail = cv2.Laplacian(luminance, cv2.CV_32F)
        spread = max(float(luminance.std()), 1e-3)
        return cls(
            sharpness=float(detail.std()) / spread,
            brightness=float(luminance.mean()),
            side_light=_side_light(luminance),
            clipped=float((luminance > _WHITE).mean()),
        )


def _side_light(luminance: NDArray[np.float32]) -> float:
    half = luminance.shape[1] // 2
    right, left = luminance[:, :half].mean(), luminance[:, -half:].mean()
    return abs(float(np.log((left + 1) / (right + 1))))


def _size(eyes_px: float) -> Iterator[Reason]:
    found = f"The face is small: {eyes_px:.0f} pixels between the outer corners of the eyes"
    if eyes_px < SMALLEST_INTEROCULAR_PX:
        yield Reason(
            ReasonCode.FACE_TOO_SMALL,
            f"{found}, at least {SMALLEST_INTEROCULAR_PX} are needed. Go closer.",
        )
    elif eyes_px < SMALL_INTEROCULAR_PX:
        yield Reason(
            ReasonCode.FACE_TOO_SMALL,
            f"{found}; from {SMALL_INTEROCULAR_PX} on, measures are steadier.",
            blocks=False,
        )


def _sharpness(look: _Appearance) -> Iterator[Reason]:
    found = f"sharpness {look.sharpness:.2f}"
    if look.sharpness < BLURRED_BELOW:
        yield Reason(
            ReasonCode.BLURRED,
            f"The face is too blurred to place landmarks ({found}, limit {BLURRED_BELOW}). "
            "Take the photograph again, in focus.",
        )
    elif look.sharpness < SOFT_BELOW:
        yield Reason(ReasonCode.BLURRED, f"The face is out of focus ({found}).", blocks=False)


def _exposure(look: _Appearance) -> Iterator[Reason]:
    found = f"mean luminance {look.brightness:.0f} of 255"
    if look.brightness < DARK_BELOW:
        yield Reason(
            ReasonCode.UNDEREXPOSED,
            f"The face is too dark ({found}, limit {DARK_BELOW:.0f}). Add light.",
        )
    elif look.brightness > BRIGHT_ABOVE or look.clipped > CLIPPED_SHARE:
        yield Reason(
            ReasonCode.OVEREXPOSED,
            f"The face is overexposed ({found}, {look.clipped:.0%} of it white). Take light away.",
        )
    elif look.side_light > SIDE_LIGHT_ABOVE:
        yield Reason(
            ReasonCode.UNDEREXPOSED,
            "Hard light from one side: one half of the face is "
            f"{np.exp(look.side_light):.1f} times as bright as the other.",
            blocks=False,
        )


def _turn(pose: HeadPose) -> Iterator[Reason]:
    for axis, words in (("yaw", "to the side"), ("pitch", "up or down")):
        angle = float(getattr(pose, axis))
        found = f"The head is turned {words} by {abs(angle):.0f}°"
        if abs(angle) > LARGEST_TURN[axis]:
            yield Reason(
                ReasonCode.HEAD_TURNED,
                f"{found}, at most {LARGEST_TURN[axis]:.0f}° can be measured. "
                "Let the patient face the camera.",
            )
        elif abs(angle) > CAREFUL_TURN[axis]:
            yield Reason(
                ReasonCode.HEAD_TURNED, f"{found}; read the measures with care.", blocks=False
            )


def _steadiness(face: FaceLandmarks) -> Iterator[Reason]:
    found = (
        "the landmarks of the photograph and of its mirror image lie "
        f"{face.disagreement:.1%} of the interocular distance apart"
    )
    if face.disagreement > UNSTABLE_ABOVE:
        yield Reason(
            ReasonCode.LANDMARKS_UNSTABLE,
            f"The landmarks are not steady: {found}, limit {UNSTABLE_ABOVE:.0%}. "
            "Look at the overlay, and take another photograph.",
        )
    elif face.disagreement > UNSTEADY_ABOVE:
        yield Reason(
            ReasonCode.LANDMARKS_UNSTABLE,
            f"The landmarks are less steady than usual: {found}.",
            blocks=False,
        )
    elif face.orientations == 1:
        yield Reason(
            ReasonCode.LANDMARKS_UNSTABLE,
            "The face was found only in one orientation of the photograph; check the overlay.",
            blocks=False,
        )


def _cut_off(frame: Frame, face: FaceLandmarks) -> Iterator[Reason]:
    height, width = frame.pixels.shape[:2]
    outside = (
        (face.points[:, 0] < 0)
        | (face.points[:, 1] < 0)
        | (face.points[:, 0] > width)
        | (face.points[:, 1] > height)
    )
    for region, indices in _REGION_POINTS.items():
        if outside[list(indices)].any():
            yield Reason(
                ReasonCode.CUT_OFF,
                f"The {region} is cut off by the edge of the photograph.",
                region,
            )


def _covered(covered: frozenset[Region]) -> Iterator[Reason]:
    for region in sorted(covered):
        yield Reason(
            ReasonCode.OCCLUDED, f"Something covers the {region} on at least one side.", region
        )
    if Region.EYE in covered and Region.BROW not in covered:
        yield Reason(
            ReasonCode.OCCLUDED,
            "The brow is measured from the eye, and something covers an eye.",
            Region.BROW,
        )


def _lids(openings: tuple[float, float], movement: Movement | None) -> Iterator[Reason]:
    if movement is None or movement is Movement.REST:
        return
    if not movement.closes_the_eyes and max(openings) < CLOSED_BELOW:
        yield Reason(
            ReasonCode.EYES_CLOSED,
            "Both eyes are closed, but the photograph is said to show a movement that leaves them "
            "open. What a closing lid shows can be taken for a palsy.",
            blocks=False,
        )
    if movement.closes_the_eyes and min(openings) > OPEN_ABOVE:
        yield Reason(
            ReasonCode.EYES_OPEN,
            "Neither eye closes, but the photograph is said to show a closure. See whether it is "
            "the right one; what is left open is not measured, and the side may be wrong.",
            blocks=False,
        )


def _at_rest(expressions: Mapping[str, float], openings: tuple[float, float]) -> Iterator[Reason]:
    if max(openings) < CLOSED_BELOW:
        yield Reason(
            ReasonCode.EYES_CLOSED,
            "Both eyes are closed, but the photograph is said to be at rest. "
            "Take it again with open eyes, or name the movement.",
        )
    elif max(openings) < OPEN_ABOVE:
        yield Reason(
            ReasonCode.EYES_CLOSED,
            "Both eyes are hardly open, but the photograph is said to be at rest. What a closing "
            "lid shows can be taken for a palsy.",
            blocks=False,
        )
    for words, names in _REST_SCORES.items():
        score = float(np.mean([expressions[n] for n in names]))
        found = f"The face shows an expression ({words}, score {score:.2f})"
        if score <= EXPRESSION_ABOVE:
            continue
        if words in _LIKE_PALSY:
            yield Reason(
                ReasonCode.NOT_AT_REST,
                f"{found}, as a mouth that palsy draws aside can seem to. See whether it is at "
                "rest.",
                blocks=False,
            )
        else:
            yield Reason(
                ReasonCode.NOT_AT_REST,
                f"{found}, but the photograph is said to be at rest. Take it again with a relaxed "
                "face, or name the movement.",
            )

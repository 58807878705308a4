"""Whether a photograph can carry numbers at all, and if not, why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from facialis.clinical.anatomy import Region


class ReasonCode(StrEnum):
    """Why a photograph, or a region of it, cannot be judged or must be read with care."""

    FACE_TOO_SMALL = "face_too_small"
    BLURRED = "blurred"
    UNDEREXPOSED = "underexposed"
    OVEREXPOSED = "overexposed"
    HEAD_TURNED = "head_turned"
    OCCLUDED = "occluded"
    EYES_CLOSED = "eyes_closed"
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
        sharpness: Sharpness of the face, dimensionless; see `facialis.face.quality`.
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

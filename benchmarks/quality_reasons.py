"""What each reason of the quality gate means, with the limits as the package has them."""

from __future__ import annotations

from typing import Final

from benchmarks.record import table
from facialis.face import quality
from facialis.face.quality import ReasonCode

_Row = tuple[ReasonCode, str, str, str, str]

REASONS: Final[tuple[_Row, ...]] = (
    (
        ReasonCode.FACE_TOO_SMALL,
        "too few pixels between the outer corners of the eyes",
        f"below {quality.SMALL_INTEROCULAR_PX} pixels",
        f"below {quality.SMALLEST_INTEROCULAR_PX} pixels",
        "go closer, or send the original instead of a preview",
    ),
    (
        ReasonCode.BLURRED,
        "out of focus or moved: little fine detail in the face for its contrast",
        f"sharpness below {quality.SOFT_BELOW}",
        f"sharpness below {quality.BLURRED_BELOW}",
        "focus on the eyes, hold still, more light",
    ),
    (
        ReasonCode.UNDEREXPOSED,
        "the face is dark, or one half is much darker than the other",
        f"one half {2.718281828**quality.SIDE_LIGHT_ABOVE:.1f} times as bright as the other",
        f"mean luminance below {quality.DARK_BELOW:.0f} of 255",
        "light from the front; no window at one side",
    ),
    (
        ReasonCode.OVEREXPOSED,
        "the face is washed out",
        "–",
        f"mean luminance above {quality.BRIGHT_ABOVE:.0f} of 255, or "
        f"{quality.CLIPPED_SHARE:.0%} of the face white",
        "no flash at arm's length, less light",
    ),
    (
        ReasonCode.HEAD_TURNED,
        "the head is turned to a side, up or down (tilt to a shoulder does not matter)",
        f"yaw above {quality.CAREFUL_TURN['yaw']:.0f}°, pitch above "
        f"{quality.CAREFUL_TURN['pitch']:.0f}°",
        f"yaw above {quality.LARGEST_TURN['yaw']:.0f}°, pitch above "
        f"{quality.LARGEST_TURN['pitch']:.0f}°",
        "face the camera, at the height of the eyes",
    ),
    (
        ReasonCode.LANDMARKS_UNSTABLE,
        "the photograph and its mirror image gave different landmarks",
        f"apart by more than {quality.UNSTEADY_ABOVE:.0%} of the interocular distance, or found in "
        "one orientation only",
        f"apart by more than {quality.UNSTABLE_ABOVE:.0%}",
        "look at the overlay; take another photograph",
    ),
    (
        ReasonCode.CUT_OFF,
        "a region reaches over the edge of the photograph",
        "–",
        "the region is left out",
        "take the whole face",
    ),
    (
        ReasonCode.OCCLUDED,
        "something lies on a region: a mask, dark glasses, a patch, hair over a brow",
        "–",
        "the region is left out",
        "take it off; tie the hair back",
    ),
    (
        ReasonCode.EYES_CLOSED,
        "both eyes are closed where rest was said",
        "–",
        f"lid gap below {quality.CLOSED_BELOW:.0%} of the eye's width",
        "take it again, or name the movement",
    ),
    (
        ReasonCode.EYES_OPEN,
        "neither eye closes where a closure was said",
        f"both lid gaps above {quality.OPEN_ABOVE:.0%} of the eye's width",
        "–",
        "name the movement that is shown; if both eyes are affected, read the gaps off the overlay",
    ),
    (
        ReasonCode.NOT_AT_REST,
        "the face shows an expression where rest was said",
        f"lips like a pucker, as palsy draws them, with a score above {quality.EXPRESSION_ABOVE}",
        f"another expression with a score above {quality.EXPRESSION_ABOVE}",
        "let the face relax, or name the movement",
    ),
)


def reasons_table() -> str:
    """Return the table of reasons; every code that the gate knows stands in it."""
    missing = set(ReasonCode) - {row[0] for row in REASONS}
    assert not missing, missing
    head = ("code", "what it means", "a caution", "not judged", "what to do")
    return table(head, ((f"`{code}`", *words) for code, *words in REASONS), numbers=False)

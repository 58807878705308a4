"""The vocabulary of the examined face. Left and right are always the patient's own."""

from __future__ import annotations

from enum import StrEnum


class Side(StrEnum):
    """A side of the patient's body. The right side stands on the viewer's left in a photograph."""

    RIGHT = "right"
    LEFT = "left"

    @property
    def opposite(self) -> Side:
        """The other side."""
        return Side.LEFT if self is Side.RIGHT else Side.RIGHT


class AffectedSide(StrEnum):
    """What can be said of the weak side. ``both`` is only ever stated by a person."""

    RIGHT = "right"
    LEFT = "left"
    BOTH = "both"
    NONE = "none"
    UNCERTAIN = "uncertain"


class Region(StrEnum):
    """The three regions that palsy is graded in."""

    BROW = "brow"
    EYE = "eye"
    MOUTH = "mouth"


class Branch(StrEnum):
    """The five branches of the facial nerve, from the forehead to the neck."""

    TEMPORAL = "temporal"
    ZYGOMATIC = "zygomatic"
    BUCCAL = "buccal"
    MARGINAL_MANDIBULAR = "marginal_mandibular"
    CERVICAL = "cervical"


class Intensity(StrEnum):
    """How strongly a region is affected."""

    NONE = "none"
    SLIGHT = "slight"
    STRONG = "strong"


class Movement(StrEnum):
    """The standard movements of a facial-nerve examination."""

    REST = "rest"
    BROW_RAISE = "brow_raise"
    FROWN = "frown"
    EYE_CLOSE_GENTLE = "eye_close_gentle"
    EYE_CLOSE_TIGHT = "eye_close_tight"
    SMILE_CLOSED = "smile_closed"
    SMILE = "smile"
    SNARL = "snarl"
    PUCKER = "pucker"
    MOUTH_OPEN = "mouth_open"
    CHEEK_PUFF = "cheek_puff"
    LOWER_TEETH = "lower_teeth"

    @property
    def instruction(self) -> str:
        """What the patient is asked to do."""
        return _INSTRUCTIONS[self]

    @property
    def closes_the_eyes(self) -> bool:
        """Whether closed eyes are what the movement asks for."""
        return self in (Movement.EYE_CLOSE_GENTLE, Movement.EYE_CLOSE_TIGHT)


_INSTRUCTIONS = {
    Movement.REST: "look at the camera and relax",
    Movement.BROW_RAISE: "raise the eyebrows",
    Movement.FROWN: "knit the eyebrows",
    Movement.EYE_CLOSE_GENTLE: "close the eyes gently",
    Movement.EYE_CLOSE_TIGHT: "squeeze the eyes shut",
    Movement.SMILE_CLOSED: "smile with closed lips",
    Movement.SMILE: "smile with the mouth open",
    Movement.SNARL: "wrinkle the nose and show the upper teeth",
    Movement.PUCKER: "pucker the lips",
    Movement.MOUTH_OPEN: "open the mouth",
    Movement.CHEEK_PUFF: "puff the cheeks",
    Movement.LOWER_TEETH: "say 'eee' and show the lower teeth",
}

"""The colours of the reports: one accent, and three steps for colour-blind readers too."""

from __future__ import annotations

from typing import Final

from facialis.clinical.anatomy import Intensity, Side

Colour = tuple[int, int, int]

INK: Final[Colour] = (27, 36, 44)
MUTED: Final[Colour] = (88, 101, 112)
RULE: Final[Colour] = (214, 221, 227)
PAPER: Final[Colour] = (255, 255, 255)
WASH: Final[Colour] = (244, 247, 249)
ACCENT: Final[Colour] = (15, 82, 120)
ACCENT_LIGHT: Final[Colour] = (157, 190, 209)
TRACK: Final[Colour] = (228, 234, 238)
NOTICE: Final[Colour] = (255, 248, 230)
NOTICE_EDGE: Final[Colour] = (201, 138, 18)
NOISE: Final[Colour] = (196, 205, 212)
POSSIBLE: Final[Colour] = (222, 233, 240)

SIDE_COLOURS: Final[dict[Side, Colour]] = {Side.RIGHT: ACCENT, Side.LEFT: (178, 84, 6)}
DEGREE_COLOURS: Final[tuple[Colour, ...]] = (
    PAPER,
    (253, 238, 200),
    (243, 190, 96),
    (158, 22, 60),
)
"""No, mild, moderate and severe synkinesis."""

INTENSITY_LEVELS: Final = {Intensity.NONE: 0, Intensity.SLIGHT: 1, Intensity.STRONG: 2}
INTENSITY_COLOURS: Final[dict[Intensity, Colour]] = {
    Intensity.NONE: (84, 146, 197),
    Intensity.SLIGHT: (240, 193, 75),
    Intensity.STRONG: (158, 22, 60),
}


def css(colour: Colour) -> str:
    """Return a colour as CSS writes it."""
    return f"#{colour[0]:02x}{colour[1]:02x}{colour[2]:02x}"

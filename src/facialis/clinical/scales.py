"""The scales that facial palsy is graded on, and the maps between them."""

from __future__ import annotations

from enum import StrEnum


class Scale(StrEnum):
    """What the value of a label means."""

    HOUSE_BRACKMANN = "house_brackmann"
    """Grade 1 to 6."""
    EFACE_WORD = "eface_word"
    """MEEI's severity words, stored as 1 (normal) to 6 (complete)."""
    LEVEL = "level"
    """Paper 003's three levels, 1 to 3."""
    SUNNYBROOK = "sunnybrook"
    """Composite, 0 to 100."""
    INTENSITY = "intensity"
    """Of one zone: an `Intensity`."""
    PALSY = "palsy"
    """0 absent, 1 present."""
    EMOTION = "emotion"
    """CK+'s number, 0 (neutral) to 7 (surprise)."""
    WORD = "word"
    """A label as written in a folder or table whose scale nobody stated."""

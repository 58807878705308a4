"""What every report calls movements and grades."""

from __future__ import annotations

from typing import Final

from facialis.clinical.anatomy import Movement

MOVEMENT_NAMES: Final = {
    Movement.REST: "Rest",
    Movement.BROW_RAISE: "Brow raise",
    Movement.FROWN: "Frown",
    Movement.EYE_CLOSE_GENTLE: "Gentle eye closure",
    Movement.EYE_CLOSE_TIGHT: "Tight eye closure",
    Movement.SMILE_CLOSED: "Closed-mouth smile",
    Movement.SMILE: "Open-mouth smile",
    Movement.SNARL: "Snarl",
    Movement.PUCKER: "Lip pucker",
    Movement.MOUTH_OPEN: "Mouth opening",
    Movement.CHEEK_PUFF: "Cheek puff",
    Movement.LOWER_TEETH: "Lower teeth (“eee”)",
}
ORDER: Final = {movement: place for place, movement in enumerate(MOVEMENT_NAMES)}
"""Place of each movement in reports."""

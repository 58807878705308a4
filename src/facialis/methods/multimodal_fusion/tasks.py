"""What the networks answer."""

from __future__ import annotations

from typing import Final

from facialis.clinical.scales import Scale
from facialis.methods.multimodal_fusion.prepare import CLASSES, GRADES, LEVELS
from facialis.methods.tasks import Classification

PALSY: Final = Classification(
    name="palsy",
    scale=Scale.PALSY,
    classes=CLASSES,
    truth="palsy",
    predicted="palsy_probability",
)
LEVEL: Final = Classification(
    name="level",
    scale=Scale.LEVEL,
    classes=LEVELS,
    truth="level",
    predicted="level_probability",
)
GRADE: Final = Classification(
    name="grade",
    scale=Scale.HOUSE_BRACKMANN,
    classes=GRADES,
    truth="grade",
    predicted="grade_probability",
)

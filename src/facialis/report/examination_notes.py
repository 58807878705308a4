"""What explains the charts and forms of an examination's report."""

from __future__ import annotations

from typing import Final

GRADE_NOTE: Final = (
    "Framed: the grade. Bar on the left: grades within the interval. Dots: signs that apply."
)
BOXES_NOTE: Final = "Ticked: the value given. Tinted: values that the measures allow."
SCALES_NOTE: Final = "Line: the value. Band: values that the measures allow."
MATRIX_NOTE: Final = (
    "How much more a region that should be quiet moves on the affected side than on the other, "
    "above the noise."
)

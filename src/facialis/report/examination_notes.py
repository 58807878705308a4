"""What explains the charts and forms of an examination's report."""

from __future__ import annotations

from typing import Final

GRADE_NOTE: Final = (
    "Framed: the grade. Bar on the left: grades within the interval. Dots: signs that apply."
)
BOXES_NOTE: Final = "Ticked: the value given. Tinted: values that the measures allow."
SCALES_NOTE: Final = "Line: the value. Band: values that the measures allow."
FUNCTION_NOTE: Final = (
    "Function is the share of a healthy movement that the movement measured stands for, since the "
    "landmarks draw a still side along; by error it can be below 0 or above 100 %."
)
MATRIX_NOTE: Final = (
    "How much more a region that should be quiet moves on the affected side than on the other, "
    "above the noise."
)

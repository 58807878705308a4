"""What methods saw of the face, and where they looked, as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.methods.asymmetric_parsing.prepare import overlay as parts_over
from facialis.methods.cascaded_encoder.prepare import heat_map
from facialis.methods.cascaded_encoder.prepare import overlay as attributes_over
from facialis.regions.classes import Part
from facialis.report.picture import MethodView

if TYPE_CHECKING:
    from facialis.grading.method_answers import Said

_REMARKS: Final = {"cascaded_encoder-light": " (brows and eyes are often missed)"}
_VIEW_SIDE: Final = 320
"""Width and height, pixels."""


def method_views(said: Said) -> tuple[MethodView, ...]:
    """Return the parts that methods saw, and where they looked, over the part that they cut out."""
    views = []
    for name, seen in said.seen.items():
        cut = seen.square.cut(said.picture, _VIEW_SIDE)
        labels = cv2.resize(
            seen.labels, (_VIEW_SIDE, _VIEW_SIDE), interpolation=cv2.INTER_NEAREST_EXACT
        )
        over = parts_over if seen.classes is Part else attributes_over
        title = f"{name}: parts of the face{_REMARKS.get(name, '')}"
        views.append(MethodView(title, over(cut, np.asarray(labels, np.uint8))))
        if seen.attention is not None:
            views.append(MethodView(f"{name}: attention", heat_map(cut, seen.attention)))
    return tuple(views)

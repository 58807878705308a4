"""What methods saw of the face, and where they looked, as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import cv2
import numpy as np

from facialis.methods.cascaded_encoder.prepare import heat_map, overlay
from facialis.report.picture import MethodView

if TYPE_CHECKING:
    from facialis.grading.method_answers import Said

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
        views += [
            MethodView(
                f"{name}: parts of the face (brows and eyes are often missed)",
                overlay(cut, np.asarray(labels, np.uint8)),
            ),
            MethodView(f"{name}: attention", heat_map(cut, seen.attention)),
        ]
    return tuple(views)

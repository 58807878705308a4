"""Find the face as paper 003 does: a boosted cascade of Haar features (Viola and Jones, 2001)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import cv2

from facialis.regions.rois import Box

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CASCADE: Final = "haarcascade_frontalface_default.xml"
"""OpenCV's own; the paper does not say which cascade it used."""
STEP: Final = 1.1
"""Factor between the sizes that are searched."""
NEIGHBOURS: Final = 5
"""Overlapping finds that a face needs."""


def viola_jones(picture: NDArray[np.uint8]) -> Box | None:
    """Return the largest face that the cascade finds in a picture (H, W, 3), RGB; None if none.

    [003] section III-A: AdaBoost detection. The cascade is not mirror-equivariant.
    """
    grey = cv2.equalizeHist(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    found = _cascade().detectMultiScale(grey, scaleFactor=STEP, minNeighbors=NEIGHBOURS)
    if len(found) == 0:
        return None
    left, top, width, height = max(found, key=lambda face: int(face[2]) * int(face[3]))
    return Box(float(left), float(top), float(width), float(height))


@cache
def _cascade() -> cv2.CascadeClassifier:
    return cv2.CascadeClassifier(str(Path(cv2.__file__).parent / "data" / CASCADE))

"""What is measured of a face in every frame of a recording."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One face over time, a row a frame; small enough for hours.

    Attributes:
        seconds: (T,) float64, true times of the frames, rising.
        places: (T, 7, 2, 2) places of the sites as `moment.places` gives them, frontal frame,
            interocular units; NaN where no face was found.
        openings: (T, 2) opening of the right and of the left eye: lid gap over eye width.
        expressions: (T, 52) expression scores in the order of `face.expressions.EXPRESSIONS`.
        yaw: (T,) degrees towards the patient's left.
        pitch: (T,) degrees, chin up.
        usable: (T,) bool: a face was found, steady, and not turned too far to be measured.
        cuts: Times at which another shot or another person begins.
        mm: Median millimetres in one interocular unit over the frames that show an iris, or None.
        mm_sd: Its standard uncertainty.
        rate: Median frames per second.
        notes: Sentences on what was wrong (face lost from 3.0 to 4.2 s, two people, ...).
    """

    seconds: NDArray[np.float64]
    places: Floats
    openings: Floats
    expressions: Floats
    yaw: Floats
    pitch: Floats
    usable: NDArray[np.bool_]
    cuts: tuple[float, ...]
    mm: float | None
    mm_sd: float | None
    rate: float
    notes: tuple[str, ...] = ()

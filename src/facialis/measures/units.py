"""Millimetres from the visible iris, and how sure they are."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.face.mesh import (
    LEFT_IRIS,
    LEFT_LOWER_LID,
    LEFT_UPPER_LID,
    RIGHT_IRIS,
    RIGHT_LOWER_LID,
    RIGHT_UPPER_LID,
)
from facialis.measures.values import Scale

Points = NDArray[np.float64]

IRIS_MM: Final = 11.7
"""Usual horizontal visible diameter of the iris."""

IRIS_OUTLINED: Final = 1.04
"""How much wider the landmarker outlines the iris than people do by hand: 1.034 to 1.047 on the 71
people of the London set (docs/accuracy.md)."""

IRIS_MM_SD: Final = 0.5
"""Its standard deviation between people; adults 12.2 ± 0.6 in one study, children 11.2 ± 0.5."""

_HIDDEN_BELOW: Final = 0.35
_ONE_IRIS_SD: Final = 0.04
_GIVEN_SD: Final = 0.0
_ODD_ABOVE: Final = 1.25
"""A stated scale this many times that of the irises, or less than its part, is doubted."""


def eye_openings(points: Points) -> tuple[float, float]:
    """Return the opening of the right and of the left eye: lid gap over eye width."""
    return (
        _opening(points, RIGHT_UPPER_LID, RIGHT_LOWER_LID),
        _opening(points, LEFT_UPPER_LID, LEFT_LOWER_LID),
    )


def _opening(points: Points, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
    lids = points[list(upper[3:6]), :2] - points[list(lower[3:6]), :2]
    width = np.linalg.norm(points[upper[0], :2] - points[upper[-1], :2])
    return float(np.linalg.norm(lids, axis=1).mean() / max(width, 1e-9))


def millimetres(
    points: Points,
    interocular_px: float,
    *,
    given: float | None = None,
    shrunk: float = 1.0,
    covered: tuple[bool, bool] = (False, False),
) -> Scale:
    """Return how many millimetres one pixel of the original photograph is.

    The iris faces the camera however the head is turned, so its diameter is taken in the plane of
    the picture. Its uncertainty joins the spread of iris size between people with the disagreement
    of the two eyes; an iris hidden behind nearly closed lids or under something is not used.

    Args:
        points: (478, 3) landmarks, pixels of the frame.
        interocular_px: Distance of the outer canthi of the mean face fitted to this one
            (`HeadPose.scale`), frame pixels.
        given: Millimetres per original pixel, if the user knows them.
        shrunk: Frame pixels per pixel of the original photograph.
        covered: Whether something lies on the right and on the left eye.
    """
    eyes_px = interocular_px / shrunk
    diameters = _visible_irises(points, covered)
    if given is not None:
        note = "given by the user"
        by_iris = _by_irises(diameters, shrunk) if diameters else given
        if max(given / by_iris, by_iris / given) > _ODD_ABOVE:
            note += (
                f"; the irises say about {by_iris:.2g}: see whether {given:g} is the millimetres "
                "in one pixel of the photograph as it was taken"
            )
        return Scale(given, _GIVEN_SD, "given", eyes_px, eyes_px * given, note)
    if not diameters:
        note = "no millimetres: both irises are hidden; give --mm-per-px or an eyes-open photograph"
        return Scale(None, None, "none", eyes_px, None, note)
    which, between_eyes = "the one iris that is visible", _ONE_IRIS_SD
    if len(diameters) > 1:
        which = "both irises"
        between_eyes = abs(diameters[0] - diameters[1]) / sum(diameters)
    mm = _by_irises(diameters, shrunk)
    relative = float(np.hypot(IRIS_MM_SD / IRIS_MM, between_eyes))
    note = f"from {which}, taken to be {IRIS_MM} ± {IRIS_MM_SD} mm wide"
    return Scale(mm, mm * relative, "iris", eyes_px, eyes_px * mm, note)


def _by_irises(diameters: list[float], shrunk: float) -> float:
    """Return millimetres in an original pixel, by irises that are so many frame pixels wide."""
    return IRIS_MM * IRIS_OUTLINED * shrunk / float(np.mean(diameters))


def _visible_irises(points: Points, covered: tuple[bool, bool]) -> list[float]:
    found = []
    eyes = (
        (RIGHT_IRIS, RIGHT_UPPER_LID, RIGHT_LOWER_LID),
        (LEFT_IRIS, LEFT_UPPER_LID, LEFT_LOWER_LID),
    )
    for (iris, upper, lower), is_covered in zip(eyes, covered, strict=True):
        outer, inner = points[iris[0], :2], points[iris[2], :2]
        diameter = float(np.linalg.norm(outer - inner))
        lids = points[list(upper[3:6]), :2] - points[list(lower[3:6]), :2]
        gap = float(np.linalg.norm(lids, axis=1).mean())
        if gap > _HIDDEN_BELOW * diameter and not is_covered:
            found.append(diameter)
    return found

"""One face at one moment of an examination, and the sites whose way is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Region, Side
from facialis.face import mesh
from facialis.measures.norms import View

Points = NDArray[np.float64]


class Site(StrEnum):
    """A place of the face that moves, one on each side."""

    BROW = "brow"
    UPPER_LID = "upper_lid"
    LOWER_LID = "lower_lid"
    ALA = "ala"
    UPPER_LIP = "upper_lip"
    COMMISSURE = "commissure"
    LOWER_LIP = "lower_lip"

    @property
    def region(self) -> Region:
        """The region that it belongs to."""
        return _REGIONS[self]


_REGIONS: Final = {
    Site.BROW: Region.BROW,
    Site.UPPER_LID: Region.EYE,
    Site.LOWER_LID: Region.EYE,
    Site.ALA: Region.MOUTH,
    Site.UPPER_LIP: Region.MOUTH,
    Site.COMMISSURE: Region.MOUTH,
    Site.LOWER_LIP: Region.MOUTH,
}

_RIGHT_POINTS: Final[Mapping[Site, tuple[int, ...]]] = {
    Site.BROW: mesh.RIGHT_BROW_UPPER + mesh.RIGHT_BROW_LOWER,
    Site.UPPER_LID: mesh.RIGHT_UPPER_LID[3:6],
    Site.LOWER_LID: mesh.RIGHT_LOWER_LID[3:6],
    Site.ALA: (129, 98),
    Site.UPPER_LIP: (39, 40),
    Site.COMMISSURE: (61, 78),
    Site.LOWER_LIP: (181, 91),
}

POINTS_OF_SITE: Final[Mapping[Side, Mapping[Site, tuple[int, ...]]]] = {
    Side.RIGHT: _RIGHT_POINTS,
    Side.LEFT: {site: mesh.mirrored(points) for site, points in _RIGHT_POINTS.items()},
}
"""Landmarks whose mean is the place of a site."""


def places(face: Points) -> Points:
    """Return where the sites are (7 sites in the order of `Site`, 2 sides right and left, x and y).

    Args:
        face: (478, 3) frontal frame, interocular units.
    """
    return np.array(
        [
            [face[list(POINTS_OF_SITE[side][site]), :2].mean(axis=0) for side in Side]
            for site in Site
        ]
    )


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """A face at one moment: at rest, or at the height of a movement.

    Attributes:
        movement: What the patient was asked to do.
        face: (478, 3) frontal frame, interocular units (`HeadPose.scale`), patient's left positive.
        mm: Millimetres in one interocular unit at this moment; None if unknown.
        mm_sd: Its standard uncertainty.
        view: Circumstances of the reading.
        expressions: 52 scores, 0 to 1.
        noise: Standard deviation of a site's place from reading to reading, interocular units.
        source: The file, as named by the user.
        seconds: Time in the recording; None for a photograph.
        hidden: Regions that cannot be seen, and why.
    """

    movement: Movement
    face: Points
    mm: float | None
    mm_sd: float | None
    view: View
    expressions: Mapping[str, float]
    noise: float
    source: str
    seconds: float | None = None
    hidden: Mapping[Region, str] = field(default_factory=dict)

"""How far the sites of a face move between rest and a movement.

Convention: a way is measured in the frontal frame, in interocular units. Its two numbers are
``outwards`` (away from the midline) and ``upwards``, so that mirror-image ways of the two sides are
equal. The ways of the lids are read as one number, by how much the gap between them closes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from facialis.clinical.anatomy import Movement, Side
from facialis.measures.moment import Site, places

if TYPE_CHECKING:
    from collections.abc import Mapping

    from facialis.measures.moment import Moment

Points = NDArray[np.float64]

JUDGED_BY: Final[Mapping[Movement, tuple[Site, ...]]] = {
    Movement.BROW_RAISE: (Site.BROW,),
    Movement.FROWN: (Site.BROW,),
    Movement.EYE_CLOSE_GENTLE: (Site.UPPER_LID,),
    Movement.EYE_CLOSE_TIGHT: (Site.UPPER_LID,),
    Movement.SMILE_CLOSED: (Site.COMMISSURE, Site.UPPER_LIP),
    Movement.SMILE: (Site.COMMISSURE, Site.UPPER_LIP),
    Movement.SNARL: (Site.UPPER_LIP, Site.COMMISSURE, Site.ALA),
    Movement.PUCKER: (Site.COMMISSURE, Site.UPPER_LIP, Site.LOWER_LIP),
    Movement.MOUTH_OPEN: (Site.LOWER_LIP, Site.COMMISSURE),
    Movement.CHEEK_PUFF: (Site.COMMISSURE, Site.UPPER_LIP),
    Movement.LOWER_TEETH: (Site.LOWER_LIP, Site.COMMISSURE),
}
"""The sites whose ways are listed for a movement, the one that it is known by first.

Closing an eye is listed under the upper lid, as the change of the lid gap.
"""

COMPARED_AT: Final[Mapping[Movement, tuple[Site, ...]]] = {
    **{movement: sites[:1] for movement, sites in JUDGED_BY.items()},
    Movement.SNARL: (Site.UPPER_LIP, Site.COMMISSURE),
    Movement.LOWER_TEETH: (Site.LOWER_LIP, Site.COMMISSURE),
}
"""The sites at which the sides are compared, those that follow the weakness best."""

_CLEAR_OF_NOISE: Final[Mapping[int, float]] = {1: 2.0, 2: 2.75, 4: 3.37}

_SITES: Final = tuple(Site)
_SIDES: Final = tuple(Side)
_OUT_AND_UP: Final = np.array([[-1.0, -1.0], [1.0, -1.0]])
_MIDLINE: Final = (0, 13, 14, 17)


@dataclass(frozen=True, slots=True)
class Millimetres:
    """Length of one interocular unit.

    Attributes:
        value: In mm.
        sd: Its standard uncertainty.
    """

    value: float
    sd: float


def millimetres_of(rest: Moment | None, moment: Moment) -> Millimetres | None:
    """Return the scale of an examination: that of the rest, else of the movement itself.

    A person's eyes stay as far apart in every movement, while closing lids hide the iris that the
    scale is read from: so the scale read at rest is carried over.
    """
    for read in (rest, moment):
        if read is not None and read.mm is not None:
            return Millimetres(read.mm, read.mm_sd or 0.0)
    return None


def lid_gaps(face: Points) -> tuple[float, float]:
    """Return the gap between the lids of the right and of the left eye, interocular units.

    Args:
        face: (478, 3) frontal frame, interocular units.
    """
    at = places(face)
    gap = at[_SITES.index(Site.LOWER_LID), :, 1] - at[_SITES.index(Site.UPPER_LID), :, 1]
    right, left = np.maximum(gap, 0.0).tolist()
    return right, left


def midline_shift(face: Points) -> float:
    """Return how far the middle of the lips lies to the patient's left, interocular units.

    It needs no rest: the mouth of a palsied face is drawn to the healthy side.

    Args:
        face: (478, 3) frontal frame, interocular units.
    """
    return float(face[list(_MIDLINE), 0].mean())


def clear_of_noise(numbers: int) -> float:
    """Return how many standard uncertainties long a way must be to be told from none.

    The length of a way of several numbers is longer by noise alone. Noise passes each of these
    lengths once in 44 times (chi distribution; two standard deviations of one number).

    Args:
        numbers: Of one side of the way: 1 for the lids, 2 for each site elsewhere.
    """
    return _CLEAR_OF_NOISE[numbers]


def numbers_of(site: Site) -> int:
    """Return how many numbers the way of a site has."""
    return 1 if site is Site.UPPER_LID else 2


@dataclass(frozen=True, slots=True)
class Way:
    """What a site does between rest and a movement.

    Attributes:
        movement: Which movement.
        sites: One site, or several that are compared together.
        right: Outwards and upwards of each site on the patient's right, interocular units; for the
            lids the closing of the gap alone.
        left: On the left.
        noise: Standard uncertainty of each of the numbers.
    """

    movement: Movement
    sites: tuple[Site, ...]
    right: tuple[float, ...]
    left: tuple[float, ...]
    noise: float

    def of(self, side: Side) -> tuple[float, ...]:
        """Return the way of one side."""
        return self.right if side is Side.RIGHT else self.left

    def length(self, side: Side) -> float:
        """Return how long the way of one side is, interocular units (negative: the lids open)."""
        way = self.of(side)
        return way[0] if len(way) == 1 else float(np.hypot.reduce(way))

    def is_measurable(self, side: Side) -> bool:
        """Whether a side moves clearly above the noise."""
        return self.length(side) > clear_of_noise(len(self.of(side))) * self.noise

    def share(self, affected: Side) -> float | None:
        """Return the share of the healthy side's way that the affected side goes along with.

        Only what goes the healthy way counts: a paralysed corner of the mouth that is dragged over
        to the healthy side travels far, and moves not at all. Below zero the side goes against.
        None if the healthy side does not move above the noise.
        """
        if not self.is_measurable(affected.opposite):
            return None
        healthy = np.array(self.of(affected.opposite))
        return float(healthy @ np.array(self.of(affected)) / (healthy @ healthy))

    def share_sd(self, share: float, affected: Side) -> float:
        """Return the standard uncertainty of a share by the noise alone."""
        return self.noise / self.length(affected.opposite) * float(np.hypot(1.0, share))

    def imbalance(self) -> float | None:
        """Return how much less the left side moves than the right: 0 alike, 1 the left not at all.

        Mirroring negates it. None if the two sides together do not move above the noise.
        """
        right, left = np.array(self.right), np.array(self.left)
        both = right + left
        if np.hypot.reduce(both) <= 2**0.5 * clear_of_noise(len(both)) * self.noise:
            return None
        return float((right @ right - left @ left) / (both @ both))


def ways_of(rest: Moment, moment: Moment) -> tuple[Way, ...]:
    """Return the way of each site that a movement is known by; none for rest."""
    return tuple(_way(rest, moment, (site,)) for site in JUDGED_BY.get(moment.movement, ()))


def compared_way(rest: Moment, moment: Moment) -> Way | None:
    """Return the way by which the sides are compared in a movement; None for rest."""
    sites = COMPARED_AT.get(moment.movement)
    return None if sites is None else _way(rest, moment, sites)


def way_at(rest: Moment, moment: Moment, site: Site) -> Way:
    """Return the way of one site in any movement."""
    return _way(rest, moment, (site,))


def _way(rest: Moment, moment: Moment, sites: tuple[Site, ...]) -> Way:
    noise = float(np.hypot(rest.noise, moment.noise))
    if sites == (Site.UPPER_LID,):
        right, left = np.subtract(lid_gaps(rest.face), lid_gaps(moment.face)).tolist()
        # The gap is the difference of two places.
        return Way(moment.movement, sites, (right,), (left,), noise * 2**0.5)
    moved = (places(moment.face) - places(rest.face)) * _OUT_AND_UP
    rows = moved[[_SITES.index(site) for site in sites]]
    right, left = (tuple(rows[:, i].ravel().tolist()) for i in range(len(_SIDES)))
    return Way(moment.movement, sites, right, left, noise)

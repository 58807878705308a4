"""Photographs with hand-placed points: parts of real faces that somebody outlined.

The layout is that of the Face Research Lab London Set: ``NNN_neutral.jpg`` with the 189 points of
``NNN_neutral.tem`` (`facialis.regions.hand_points`). ``subjects.csv`` is not read: age and sex are
no labels, and that a person is healthy the set does not say.

Drawn are the face up to the hairline, brows, eyes, lips, opening, nose and neck. Nobody drew hair,
and any other pixel may show some: it is unlabelled. The ears' points are placed where hair covers
the ears, too, so that ears are unlabelled as well. The neck is background, as everywhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from facialis.clinical.anatomy import Movement
from facialis.datasets.findings import Trouble
from facialis.datasets.reading import Folder, entries, is_photo
from facialis.datasets.sample import Sample
from facialis.regions import hand_points
from facialis.regions.classes import UNKNOWN, Attribute
from facialis.regions.hand_points import read_hand_points
from facialis.regions.outlines import filled

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

POINTS: Final = "points"
"""Word of the annotation ``mask:points``: the file of hand-placed points."""

DRAWN: Final = (
    (Attribute.BACKGROUND, hand_points.NECK),
    (Attribute.SKIN, hand_points.FACE),
    (Attribute.NOSE, hand_points.NOSE),
    (Attribute.RIGHT_BROW, hand_points.RIGHT_BROW),
    (Attribute.LEFT_BROW, hand_points.LEFT_BROW),
    (Attribute.RIGHT_EYE, hand_points.RIGHT_EYE),
    (Attribute.LEFT_EYE, hand_points.LEFT_EYE),
    (Attribute.INNER_MOUTH, hand_points.OPENING),
    (Attribute.UPPER_LIP, hand_points.UPPER_LIP),
    (Attribute.LOWER_LIP, hand_points.LOWER_LIP),
)
"""What is drawn, and its outline; a later part covers an earlier one."""

_SUFFIX: Final = ".tem"
_AT_REST: Final = frozenset({"neutral", "rest"})


class HandDrawn(Folder):
    """Photographs ``<person>_<shown>.jpg``, of which some have points ``<person>_<shown>.tem``.

    A person is ``<folder>/<person>``, as in a simulated cohort made from the same folder.
    """

    name = "hand_drawn"

    def _read(self) -> Iterator[Sample]:
        found = entries(self.root)
        points = {each.stem: each for each in found if each.suffix == _SUFFIX}
        for path in found:
            if not is_photo(path):
                continue
            person, _, shown = path.stem.rpartition("_")
            drawn = points.pop(path.stem, None)
            if drawn is None:
                self.note(Trouble.IMAGES_WITHOUT_LABELS, path)
            yield Sample(
                path=path,
                subject=f"{self.root.resolve().name}/{person}" if person else "",
                source=self.name,
                movement=Movement.REST if shown in _AT_REST else None,
                annotations={} if drawn is None else {f"mask:{POINTS}": drawn},
            )
        for left in points.values():
            self.note(Trouble.LABELS_WITHOUT_IMAGES, left)


def drawn_attributes(file: Path, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return what hand-placed points say as `Attribute` numbers (H, W), else `UNKNOWN`.

    Args:
        file: The ``.tem`` file.
        size: Height and width of the photograph, pixels.

    Raises:
        InputError: The file is no such file.
    """
    points = read_hand_points(file)
    parts = np.full(size, UNKNOWN, np.uint8)
    for attribute, outline in DRAWN:
        parts[filled(points[list(outline)], size)] = attribute
    return parts


def recognises(root: Path) -> bool:
    """Return whether a folder holds photographs with hand-placed points beside them."""
    if not root.is_dir():
        return False
    found = entries(root)
    photos = {each.stem for each in found if is_photo(each)}
    return any(each.suffix == _SUFFIX and each.stem in photos for each in found)
